/* What a decision writes: bindings of all, or the reason to all. Pure.
 *
 * Bound: a Binding for each pod that was placed, and the PodGroup's condition.
 * Refused: each pod's PodScheduled condition, unless it says the same already.
 * Texts are upstream's: FitError, and the group's own line for gangs. */
#ifndef SCHEDULER_OUTCOME_H
#define SCHEDULER_OUTCOME_H

#include "core/client/client.h"
#include "scheduler/groups.h"
#include "scheduler/schedule_group.h"

struct outcome_pod {
    const struct object *object; /* A reference. */
    struct slice node;           /* Empty: refused. In arena. */
};

struct outcome {
    struct arena arena;
    struct commit_write *writes;
    size_t write_count;
    struct outcome_pod *pods;    /* Those whose Events are told. */
    size_t count;
    const char *message;         /* Of a refusal; "". */
    const struct object *pod_group; /* A reference, or NULL. */
};

void outcome_make(struct outcome *outcome, struct group *group, const struct decision *decision,
                  int64_t now_us);
void outcome_release(struct outcome *outcome); /* Safe on zeroed memory. */

#endif
