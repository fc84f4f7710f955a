/* Which control groups a pod gets, and which numbers stand in them. Pure.
 *
 * Upstream: pkg/kubelet/cm helpers_linux.go (ResourceConfigForPod, MilliCPUToShares,
 * MilliCPUToQuota), kuberuntime_container_linux.go, pkg/kubelet/qos/policy.go. */
#ifndef KUBELET_POD_CGROUP_H
#define KUBELET_POD_CGROUP_H

#include "core/json.h"
#include "kubelet-lite/runtime.h"

int64_t cpu_shares_of_millis(int64_t millis);
int64_t cpu_quota_of_millis(int64_t millis);   /* Per 100 ms; 0: none. */
int64_t cpu_weight_of_shares(int64_t shares);  /* Version 2: 1 to 10000. */

/* "/kubepods/burstable/podUID"; root is "/kubepods". */
const char *pod_cgroup_path(struct arena *arena, const char *root, const struct json *pod);
const char *pod_cgroup_qos_path(struct arena *arena, const char *root, const char *qos_class);
void pod_cgroup_limits(const struct json *pod, struct cgroup_limits *limits);
void container_cgroup_limits(const struct json *pod, const struct json *container,
                             struct cgroup_limits *limits);
/* Who is killed first when the node runs out of memory: -997 to 1000. */
int64_t container_oom_score_adj(const struct json *pod, const struct json *container,
                                int64_t node_memory_bytes);

#endif
