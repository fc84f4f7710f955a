/* The namespaces that a pod's containers share, kept alive by files that are mounts of them.
 *
 *   FOLDER/net, ipc, uts   as far as the pod has its own
 *   FOLDER/pid             and FOLDER/pause, the number of the process that keeps it
 *   FOLDER/shm             what /dev/shm is in all of them
 *
 * No process is needed for the first three (runtime-less pause). A shared pid namespace lives as
 * long as its first process: `sleep infinity` that ignores SIGCHLD, so that the kernel
 * collects what ends below it. Thread: any; blocks. */
#ifndef KUBELET_POD_NAMESPACES_H
#define KUBELET_POD_NAMESPACES_H

#include "kubelet-lite/pod_network.h"

struct pod_namespaces {
    const char *folder;
    const char *hostname;
    bool has_network, has_ipc, has_uts, has_pid;
    const char *const *sysctls; /* Pairs name, value, ..., NULL; or NULL. */
    /* With has_network: */
    const struct pod_network *network; /* NULL: only loopback. */
    const char *link;
    uint32_t address;
};

MUST_USE int pod_namespaces_make(const struct pod_namespaces *wanted, struct status *status);
/* Unmounts and ends all that is in the folder; good when nothing is. */
MUST_USE int pod_namespaces_remove(const char *folder, struct status *status);
/* Whether the file is such a mount: after a reboot it is an empty file. */
bool pod_namespaces_has(const char *folder, const char *name);
/* A socket in the network namespace of the folder; -1 and errno. */
int pod_namespaces_socket(const char *folder, int domain, int type);

#endif
