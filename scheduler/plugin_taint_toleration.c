/* Taints NoSchedule and NoExecute keep pods away that do not tolerate them. */
#include "scheduler/framework.h"
#include "core/kinds/toleration.h"

static bool filter(const struct filter_input *input, struct refusal *refusal)
{
    struct slice taints = input->node->taints;
    struct facts_taint taint;
    while (facts_node_take_taint(&taints, &taint)) {
        if (taint.effect == TAINT_PREFER_NO_SCHEDULE ||
            tolerates(input->shape->tolerations, &taint))
            continue;
        refuse(refusal, "node(s) had untolerated taint(s)");
        refusal->is_unresolvable = true;
        return false;
    }
    return true;
}

const struct plugin plugin_taint_toleration = {.name = "TaintToleration", .filter = filter};
