/* What pods on this machine need before their containers can be made, and who cleans up.
 *
 * Three of the functions of struct pod_host (pod_worker.h): volumes, control group and
 * addresses for a pod; image, environment, mounts and rights for a container; and all of it
 * taken down again. The kubelet puts them into its pod_host; their context is the pod_setup.
 *
 * Thread: the loop's. */
#ifndef KUBELET_POD_SETUP_H
#define KUBELET_POD_SETUP_H

#include "core/client/client.h"
#include "kubelet-lite/image_store.h"
#include "kubelet-lite/pod_worker.h"
#include "kubelet-lite/volumes.h"

struct pod_setup;

struct pod_setup_options {
    const char *directory;         /* DIR/pods and DIR/logs are its. */
    struct client *client;         /* ConfigMaps and Secrets for environments. */
    struct image_store *images;
    struct volumes *volumes;
    const char *node_name;
    const char *const *node_addresses; /* For status.hostIPs; ends with NULL. */
    int64_t node_cpu_millis, node_memory_bytes;
    const char *cgroup_root;       /* "/kubepods" */
    int64_t pod_pids_max;          /* 0: not limited. */
    const char *cluster_domain;    /* "cluster.local" */
    const char *cluster_dns;       /* The address that pods ask; NULL: the node's own resolv.conf. */
    const char *resolv_conf;       /* The node's: "/etc/resolv.conf" */
    /* Where pods find the API: KUBERNETES_SERVICE_HOST, _PORT; NULL: not told. */
    const char *api_host, *api_port;
};

struct pod_setup *pod_setup_open(struct loop *loop, const struct pod_setup_options *options);
void pod_setup_close(struct pod_setup *setup); /* Nothing under way. */

/* For struct pod_host. context is the pod_setup. */
void pod_setup_prepare_pod(void *context, struct pod_preparation *preparation);
void pod_setup_prepare_container(void *context, struct preparation *preparation);
void pod_setup_clean_pod(void *context, struct pod_worker *worker);

/* DIR/logs/pods/NAMESPACE_NAME_UID/CONTAINER/ATTEMPT.log */
const char *pod_setup_log_path(const struct pod_setup *setup, struct arena *arena,
                               const struct pod_identity *pod, const char *container,
                               int64_t attempt);

#endif
