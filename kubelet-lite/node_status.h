/* What a node says about itself: its Node object, the Node's status, its Lease.
 *
 * Upstream: pkg/kubelet/nodestatus/setters.go, kubelet_node_status.go and
 * component-helpers' lease controller; reasons and texts are theirs. Pure: real and
 * virtual nodes fill the same report. */
#ifndef KUBELET_NODE_STATUS_H
#define KUBELET_NODE_STATUS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/json.h"

#define NODE_LEASE_NAMESPACE "kube-node-lease"
#define NODE_LEASE_SECONDS 40
#define NODE_LEASE_PERIOD_US INT64_C(10000000) /* A quarter of it, as upstream. */

struct node_report {
    const char *name;
    const char *hostname;            /* NULL: name. */
    const char *address;             /* InternalIP. */
    const struct json *capacity;     /* A ResourceList. */
    const struct json *allocatable;  /* NULL: capacity. */
    const char *architecture;        /* As Go says it: "amd64". */
    const char *operating_system;    /* "linux" */
    const char *kernel_version;
    const char *os_image;
    const char *runtime_version;     /* "virtual://0.1.0" */
    const char *machine_id, *system_uuid, *boot_id; /* "" when not known. */
    const char *not_ready;           /* Why; NULL: it is ready. */
    bool is_short_of_memory, is_short_of_disk, is_short_of_pids;
    bool only_fills;                 /* What the status has already stays, but conditions. */
};

/* A whole Node; labels and annotations (maps of texts) may be NULL. */
struct json *node_body(struct arena *arena, const struct node_report *report,
                       const struct json *labels, const struct json *annotations, int64_t now_us);
/* A patch of nodes/status, or NULL when the node says it all already. Heartbeats alone are no
 * reason to write: those are the Lease's. */
struct json *node_status_patch(struct arena *arena, const struct json *node,
                               const struct node_report *report, int64_t now_us);

struct json *node_lease_body(struct arena *arena, const char *name, const char *uid,
                             int64_t now_us);
struct json *node_lease_patch(struct arena *arena, const char *name, int64_t now_us);

#endif
