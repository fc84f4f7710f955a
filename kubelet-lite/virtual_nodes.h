/* Nodes without a machine, thousands in one process: they register, renew their Leases
 * and run the pods bound to them by the lives that those declare.
 *
 * Virtual is every Node with the annotation kwok.x-k8s.io/node: fake, whoever made it.
 * Of its own it makes virtual-0 to virtual-(count-1), where they are missing, with the
 * label type: virtual; what a Node made by somebody else lacks (capacity, addresses,
 * conditions, nodeInfo) is filled in, what it has stays. A Node that also has the
 * annotation virtual.coracle.dev/stopped: "true" plays dead: no Lease, no status, and its
 * pods stand still, so that the rest of the cluster sees a node that was lost.
 *
 * One watch of Nodes and one of Pods serve all; a timer for all Leases, one for all pods.
 * What a turn of the loop brings is written in one commit of at most 32 writes, so that no
 * step of the loop takes long; the store joins commits that wait together.
 *
 * Leases are renewed every 10 s as upstream's. Conditions are written when they change; there
 * are no heartbeats in the status beside the Lease's.
 *
 * Thread: the loop's. */
#ifndef KUBELET_VIRTUAL_NODES_H
#define KUBELET_VIRTUAL_NODES_H

#include "core/client/client.h"
#include "core/trace.h"

struct virtual_nodes;

struct virtual_nodes_options {
    struct client *client; /* Near; speaks as system:coracle:virtual-nodes. Borrowed. */
    struct trace *trace;   /* May be NULL. */
    int count;             /* Of its own nodes; 0: only those of others. */
    const char *shape;     /* node_shape.h; NULL: the default. */
    double time_scale;     /* 60: pods live a minute in a second. 0 means 1. */
};

struct virtual_nodes_counts {
    int64_t nodes;      /* Known now. */
    int64_t commits;
    int64_t pod_writes;
    int64_t waiting_pods; /* With something due or under way: what costs memory. */
};

/* NULL and BAD_REQUEST for a bad shape, count or scale. */
MUST_USE struct virtual_nodes *virtual_nodes_start(const struct virtual_nodes_options *options,
                                                   struct status *status);
/* Commits under way are waited for in the background; the client must outlive the loop. */
void virtual_nodes_stop(struct virtual_nodes *nodes); /* Takes NULL. */
/* Whether a node of this name is one of them; and a connection to it, as to a kubelet. */
bool virtual_nodes_has(const struct virtual_nodes *nodes, struct slice name);
struct stream *virtual_nodes_connect(struct virtual_nodes *nodes);
struct virtual_nodes_counts virtual_nodes_counts(const struct virtual_nodes *nodes);

#endif
