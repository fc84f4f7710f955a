/* The framework: filters and their refusals. A plugin is a row, plugin_<name>.c.
 *
 * A filter answers for one shape and one node, from the node alone: it reads no
 * clock and keeps nothing. When it refuses it says why in upstream's words; the
 * first filter that refuses counts the node for `why`, all reasons of that filter
 * go into the Event's text. Order: scheduler/plugin.order, upstream's order of
 * default filters. Rules: k8s.io/kubernetes pkg/scheduler/framework/plugins. */
#ifndef SCHEDULER_FRAMEWORK_H
#define SCHEDULER_FRAMEWORK_H

#include "scheduler/cluster_state.h"
#include "scheduler/shape.h"

enum { REASONS_MAX = 8 };

struct refusal {
    const char *reasons[REASONS_MAX]; /* Borrowed: constants, or of the resource table. */
    size_t count;
    bool is_unresolvable;             /* No preemption on this node would help. */
};

static inline void refuse(struct refusal *refusal, const char *reason)
{
    if (refusal->count < REASONS_MAX)
        refusal->reasons[refusal->count++] = reason;
}

struct filter_input {
    const struct shape *shape;
    const struct node_info *node;
    const struct amounts *taken;           /* Of the node, as this decision has it so far. */
    const struct cluster_state *state;
};

struct plugin {
    const char *name;                                                      /* Upstream's. */
    bool (*applies)(const struct shape *shape);                            /* NULL: always. */
    bool (*filter)(const struct filter_input *input, struct refusal *refusal); /* True: passes. */
};

extern const struct plugin *const plugins[]; /* In order; ends with NULL. */
enum { PLUGINS_MAX = 32 };

/* Runs all filters; the place of the first that refuses, or -1 when all pass. */
int framework_filter(const struct filter_input *input, struct refusal *refusal);

#endif
