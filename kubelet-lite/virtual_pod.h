/* One look at a pod of a virtual node: what its status should be now, and when to
 * look again.
 *
 * The pod's own object is the only state. A real node's worker (pod_worker.h)
 * keeps a struct for each pod because processes outlive statuses; a virtual pod
 * has no process, so between two looks nothing of it is kept in memory and a
 * restart of the server changes nothing. That is what makes 150,000 of them
 * affordable. Phases and conditions come from the same pod_status.h.
 *
 *   new -> (start-delay) -> running -> (run-time) -> ended, or back-off -> running
 *   any of them -> (activeDeadlineSeconds) -> failed
 *   any of them -> deleted -> (stop-delay) -> ended, and removed
 *
 * Times in a status are whole seconds; with a time scale that is too coarse, so the
 * caller keeps the moments of the last looks (struct virtual_moments) for as long as
 * it waits for the pod, and may forget them.
 * Pure, but for the address that is asked for when a pod starts. */
#ifndef KUBELET_VIRTUAL_POD_H
#define KUBELET_VIRTUAL_POD_H

#include "core/json.h"

struct virtual_moments {   /* To the microsecond; 0: not known. */
    int64_t accepted_us;
    int64_t stepped_us;    /* When its containers last changed. */
    int64_t deleted_us;    /* When its deletion was first seen. */
};

struct virtual_pod_look {
    struct arena *arena;
    const struct json *pod;
    int64_t now_us;        /* Wall clock. */
    double time_scale;     /* 60: a minute passes in a second. */
    const char *host_ip;
    /* An address for a pod that has none and needs one; the text outlives the look. */
    const char *(*take_address)(void *context);
    void *context;
    struct virtual_moments moments; /* In and out. */

    /* Out: */
    struct json *patch;    /* Of pods/status; NULL: nothing to say. */
    bool removes;          /* After the patch: delete it for good. */
    int64_t due_us;        /* When to look again if nothing happens; INT64_MAX: never. */
};

void virtual_pod_look(struct virtual_pod_look *look);

#endif
