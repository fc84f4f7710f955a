/* What the API is told of this node's pods: each pod's status by patch, its end by deletion.
 *
 * Of one pod one write is under way at a time; what changes meanwhile goes with the next. A
 * write that fails is tried again after 1 s, doubling to a minute, for as long as the pod is
 * there: nothing that ran is forgotten because the server was away. Rules:
 * pkg/kubelet/status/status_manager.go.
 *
 * Thread: the loop's. */
#ifndef KUBELET_STATUS_TELLER_H
#define KUBELET_STATUS_TELLER_H

#include "core/client/client.h"
#include "kubelet-lite/pod_worker.h"

/* One pod's; inside its owner. */
struct status_teller {
    struct client *client;
    struct pod_worker *worker;
    struct call call;
    struct timer timer;      /* The next try. */
    struct buffer body;
    int64_t wait_us;
    bool is_under_way;
    bool is_dirty;           /* There may be something to tell. */
    bool is_deleting;        /* The call under way is the deletion. */
    bool has_ended;          /* It is deleted, as far as is this node's to do. */
    /* A write has ended: the pod as the API has it, borrowed until return; empty: it failed. */
    void (*written)(struct status_teller *teller, struct slice pod);
    /* The API has it no longer, or another of its name. */
    void (*gone)(struct status_teller *teller);
};

void status_teller_init(struct status_teller *teller, struct client *client,
                        struct pod_worker *worker);
/* Not while a write is under way. */
void status_teller_release(struct status_teller *teller);
bool status_teller_is_busy(const struct status_teller *teller);

/* Its status may differ now; or it has gone from this node (POD_GONE) and is to be deleted. */
void status_teller_look(struct status_teller *teller);
void status_teller_stop(struct status_teller *teller); /* Nothing more is told. */
/* The server can be reached again: what waits is tried now. */
void status_teller_hurry(struct status_teller *teller);

#endif
