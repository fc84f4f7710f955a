/* A host port is given once on a node, per protocol and address. */
#include "scheduler/framework.h"

static bool applies(const struct shape *shape)
{
    return shape->host_ports.size > 0;
}

static bool filter(const struct filter_input *input, struct refusal *refusal)
{
    struct slice rest = input->shape->host_ports;
    struct facts_port port;
    while (facts_pod_take_port(&rest, &port)) {
        if (!node_has_port(input->node, &port))
            continue;
        refuse(refusal, "node(s) didn't have free ports for the requested pod ports");
        return false;
    }
    return true;
}

const struct plugin plugin_node_ports = {.name = "NodePorts", .applies = applies, .filter = filter};
