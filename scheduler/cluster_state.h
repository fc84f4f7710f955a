/* What nodes have and what is taken, on head.
 *
 * This is no cache of objects: it is sums over head, changed in the same step in
 * which head changes (client's follow_head), taken back with it when a commit fails. A
 * decision reads it as it is; commit() of a decision changes it before returning, so
 * the next decision sees it without waiting for the disk.
 *
 * Pods count on their node while they are bound and not finished (Succeeded,
 * Failed), with max(spec, allocated, actual) of what they ask for. A pod bound to a
 * node that is not there counts on a node without an object, which no filter passes.
 *
 * Thread: the loop's. Pointers are good until the next change of head. */
#ifndef SCHEDULER_CLUSTER_STATE_H
#define SCHEDULER_CLUSTER_STATE_H

#include "core/kinds/facts_node.h"
#include "core/kinds/facts_pod.h"
#include "core/kinds/object.h"
#include "core/map.h"
#include "scheduler/resources.h"

struct port_use { /* A host port that pods of a node use. */
    uint16_t port;
    char protocol;
    char *ip;
    size_t users;
};

struct node_info {
    struct slice name;             /* Owned. */
    const struct object *object;   /* A reference; NULL: only pods speak of it. */
    struct amounts allocatable;
    struct amounts taken;
    bool is_unschedulable;
    struct slice taints;           /* facts_node_take_taint(); points into object. */
    struct port_use *ports;        /* Host ports in use. */
    size_t port_count;
    size_t port_capacity;
    size_t pod_count;              /* That count here; a node without object ends at 0. */
    size_t place;                  /* In cluster_state.nodes. */
};

struct cluster_state {
    struct resource_table resources;
    char *reasons[RESOURCES_MAX];  /* "Insufficient cpu", for each name. */
    struct map by_name;            /* -> struct node_info */
    struct node_info **nodes;      /* Those with an object, in no stated order. */
    size_t node_count;
    size_t node_capacity;
};

void cluster_state_init(struct cluster_state *state);
void cluster_state_release(struct cluster_state *state);

/* The changes of head: old NULL: created; new NULL: deleted. */
void cluster_state_node_changed(struct cluster_state *state, const struct object *old,
                                const struct object *new);
void cluster_state_pod_changed(struct cluster_state *state, const struct object *old,
                               const struct object *new);
bool node_has_port(const struct node_info *node, const struct facts_port *port);
const struct node_info *cluster_state_node(const struct cluster_state *state, struct slice name);

#endif
