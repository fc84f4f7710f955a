/* What a pod asks for must be free on the node. */
#include "scheduler/framework.h"

static bool filter(const struct filter_input *input, struct refusal *refusal)
{
    const struct amounts *wanted = &input->shape->requests;
    const struct amounts *allocatable = &input->node->allocatable;
    if (input->shape->has_unknown_resource)
        refuse(refusal, "Insufficient resources of an unknown name");
    /* Pods first, then by place: upstream's order of checks. */
    if (input->taken->at[RESOURCE_PODS] + 1 > allocatable->at[RESOURCE_PODS])
        refuse(refusal, "Too many pods");
    for (int i = 0; i < input->state->resources.count; i++)
        if (i != RESOURCE_PODS && wanted->at[i] > 0 &&
            wanted->at[i] > allocatable->at[i] - input->taken->at[i])
            refuse(refusal, input->state->reasons[i]);
    return refusal->count == 0;
}

const struct plugin plugin_node_resources_fit = {.name = "NodeResourcesFit", .filter = filter};
