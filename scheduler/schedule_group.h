/* A decision: where the pods of a group go, all that must or none.
 *
 * Pure: the same group on the same state gives the same decision. A pod alone is a
 * group of one.
 *
 * Identical pods (one shape) are decided by counting: a node that passes the
 * filters has min over resources of floor(free / request) slots, and the group fits if
 * and only if the slots suffice. So a refusal of identical pods is a proof. Pods of
 * several shapes are placed one after the other, the most demanding first, each
 * on the best node left; that is a heuristic, and the decision says so
 * (is_proven false) when it refuses. */
#ifndef SCHEDULER_SCHEDULE_GROUP_H
#define SCHEDULER_SCHEDULE_GROUP_H

#include "core/arena.h"
#include "scheduler/framework.h"

struct group_request {
    const struct shape *const *shapes; /* One for each pod that is not placed yet. */
    size_t count;
    size_t needed;                     /* At least so many must be placed now; 1..count. */
    bool packs;                        /* Few nodes, filled up; else spread (least allocated). */
};

struct reason_count {
    const char *reason;
    size_t nodes;
};

struct decision {
    const struct node_info **nodes; /* For each pod its node, or NULL. In the arena. */
    size_t placed;                  /* >= needed, or 0 when the group is refused. */
    size_t possible;                /* When refused: how many would have found room. */
    bool is_proven;                 /* When refused: no placement exists. */
    size_t node_count;              /* In the state. */
    size_t first_refused[PLUGINS_MAX]; /* Nodes by the first filter that refused; they and
                                        * passed_nodes sum to node_count. */
    size_t passed_nodes;
    struct reason_count *reasons;   /* Upstream's texts: a node may count in several. */
    size_t reason_count;
};

void schedule_group(const struct group_request *request, const struct cluster_state *state,
                    struct arena *arena, struct decision *decision);

/* Upstream's FitError: "0/3 nodes are available: 1 Insufficient cpu, 2 ...." */
const char *decision_fit_error(const struct decision *decision, struct arena *arena);

#endif
