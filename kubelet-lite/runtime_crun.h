/* Real containers: crun runs them, conmon keeps their logs and exit codes.
 *
 *   DIR/sandboxes/ID/   record.json, ns/{net,ipc,uts,pid}: what a pod's containers share
 *   DIR/containers/ID/  record.json, and for crun and conmon: config.json, rootfs, pid, ...
 *   DIR/exits/ID        written by conmon when a container has ended
 *   DIR/crun/           crun's own state
 *
 * Whatever runs outlives the agent: each container has a conmon of its own, and
 * runtime_crun_open() reads back what there is. A container's end is told by its conmon's end,
 * which the kernel tells (pidfd): nothing is polled. Every program has a deadline.
 *
 * Thread: the loop's. Mounts and namespaces are made on LANE_HOST. */
#ifndef KUBELET_RUNTIME_CRUN_H
#define KUBELET_RUNTIME_CRUN_H

#include "kubelet-lite/cgroup.h"
#include "kubelet-lite/image_store.h"
#include "kubelet-lite/pod_network.h"

struct runtime_crun_options {
    const char *directory;
    struct image_store *images;
    struct pod_network *network;  /* NULL: every pod uses the host's. */
    const struct cgroups *cgroups; /* Borrowed for good. */
    const char *crun, *conmon;    /* Programs; NULL: as found in PATH. */
};
/* Blocks while it reads what there is: for the agent's start. */
struct runtime *runtime_crun_open(struct loop *loop, const struct runtime_crun_options *options,
                                  struct status *status);
/* When no verb is under way: tells of nothing more and leaves everything running. closed(), from the
 * loop, is the last of it. */
void runtime_crun_close(struct runtime *runtime, void (*closed)(void *context), void *context);

#endif
