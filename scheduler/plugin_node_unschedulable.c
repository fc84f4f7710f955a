/* A cordoned node takes no pod that does not tolerate that. */
#include "scheduler/framework.h"
#include "core/kinds/toleration.h"

static bool filter(const struct filter_input *input, struct refusal *refusal)
{
    static const struct facts_taint cordoned = {
        .key = {"node.kubernetes.io/unschedulable", sizeof("node.kubernetes.io/unschedulable") - 1},
        .effect = TAINT_NO_SCHEDULE};
    if (!input->node->is_unschedulable || tolerates(input->shape->tolerations, &cordoned))
        return true;
    refuse(refusal, "node(s) were unschedulable");
    refusal->is_unresolvable = true;
    return false;
}

const struct plugin plugin_node_unschedulable = {.name = "NodeUnschedulable", .filter = filter};
