/* A shape: what filters look at in a pod, parsed once for all pods that share it.
 *
 * Pods of one Job or gang have one shape; a queue of a million pods has few. A
 * shape is found by its hash and verified by its bytes. Thread: the loop's. */
#ifndef SCHEDULER_SHAPE_H
#define SCHEDULER_SHAPE_H

#include "core/arena.h"
#include "core/json.h"
#include "core/kinds/facts_pod.h"
#include "core/map.h"
#include "scheduler/resources.h"

struct shape {
    struct slice key;           /* Requests, ports and placement; owned. */
    struct amounts requests;    /* pods: 1. */
    bool has_unknown_resource;  /* One more than the table has room for: fits nowhere. */
    const struct json *node_selector;
    const struct json *affinity;
    const struct json *tolerations;
    struct slice host_ports;    /* facts_pod_take_port() */
    uint32_t flags;             /* POD_HAS_* */
    size_t users;               /* Pods that hold it. */
    struct arena arena;
};

struct shapes {
    struct map by_key;
    struct resource_table *resources; /* Borrowed. */
};

/* What a pod asks for; has_unknown is set when the table has no room for a name. */
void pod_amounts(struct resource_table *table, const struct facts_pod *facts,
                 struct amounts *amounts, bool *has_unknown);

void shapes_init(struct shapes *shapes, struct resource_table *resources);
void shapes_release(struct shapes *shapes);
struct shape *shape_take(struct shapes *shapes, const struct facts_pod *facts);
void shape_drop(struct shapes *shapes, struct shape *shape); /* Takes NULL. */

#endif
