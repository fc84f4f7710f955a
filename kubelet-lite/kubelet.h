/* The pods of one node: those that the API binds here come in, their statuses go out.
 *
 * Each pod has a worker (pod_worker.h) and a teller (status_teller.h) until nothing of it is left
 * here or in the API. At a start the workers are made of what is on disk (desired_state.h) and of
 * what the runtime still has; the API is not needed for that. What runs and is in neither is an
 * orphan: it becomes a pod that is to end.
 *
 *   happy path:   reading (runtime, disk) -> running -> stopping -> stopped
 *   no server     pods are kept, restarted and told of later
 *   restored      a server that came back older than what runs says so: unknown pods stay until
 *                 somebody lets it go on (see may_remove_unknown)
 *
 * Stopping leaves everything running. Rules: pkg/kubelet/kubelet.go (syncLoop, HandlePodCleanups).
 *
 * Thread: the loop's. */
#ifndef KUBELET_KUBELET_H
#define KUBELET_KUBELET_H

#include "core/client/client.h"
#include "kubelet-lite/pod_worker.h"

struct kubelet;

struct kubelet_options {
    struct client *client;         /* Far; borrowed. */
    struct runtime *runtime;       /* Borrowed; its exited is the kubelet's. */
    const char *node_name;
    const char *address;           /* The node's. */
    const char *directory;         /* DIR/desired is the kubelet's. */
    /* Of struct pod_host: the preparing and cleaning. */
    void *host_context;
    void (*prepare_pod)(void *context, struct pod_preparation *preparation);
    void (*prepare_container)(void *context, struct preparation *preparation);
    void (*clean_pod)(void *context, struct pod_worker *worker);
    /* A pod's volumes may have to follow objects that have changed; may be NULL. */
    void (*refresh_pod)(void *context, struct pod_worker *worker);
    /* Nothing is wanted here any more: all that there is ends, nobody is asked or told, and then
     * all_ended() is called. NULL: an ordinary kubelet. */
    void (*all_ended)(void *context);
};

/* Blocks while it reads the disk. Texts are borrowed for good. */
MUST_USE struct kubelet *kubelet_start(struct loop *loop, const struct kubelet_options *options,
                                       struct status *status);
/* Starts nothing more and ends nothing; stopped() when nothing is under way: the kubelet is gone
 * then. The client must be closed before it or answer. */
void kubelet_stop(struct kubelet *kubelet, void (*stopped)(void *context), void *context);

/* The worker of a pod that the API or the runtime has; NULL: none. The newest of that name. */
struct pod_worker *kubelet_find_pod(struct kubelet *kubelet, struct slice namespace,
                                    struct slice name);
size_t kubelet_pod_count(const struct kubelet *kubelet);
void kubelet_each_pod(struct kubelet *kubelet,
                      void (*each)(void *context, struct pod_worker *worker), void *context);
bool kubelet_is_synced(const struct kubelet *kubelet); /* The API's pods are known. */

/* The server was asked whether what it does not know may go (server_link.h). */
void kubelet_let_unknown_go(struct kubelet *kubelet);
bool kubelet_has_unknown(const struct kubelet *kubelet);

#endif
