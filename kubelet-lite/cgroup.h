/* Control groups as files: made, limited, measured, killed, removed; version 1 and 2.
 *
 * Paths are from the hierarchy's root: "/kubepods/burstable/podUID". On version 1 a group
 * is a folder in each of the hierarchies. Which numbers go in: pod_cgroup.h.
 *
 * Thread: any; blocks for as long as the kernel takes, which is microseconds. */
#ifndef KUBELET_CGROUP_H
#define KUBELET_CGROUP_H

#include "kubelet-lite/runtime.h"

enum cgroup_version { CGROUP_NONE, CGROUP_V1, CGROUP_V2 };

struct cgroups {
    enum cgroup_version version;
    /* Version 1, and a version 2 that has controllers of its own: crun stops at that. */
    bool is_mixed;
    char why[160]; /* Of CGROUP_NONE. */
};

void cgroups_detect(struct cgroups *cgroups);
/* Whether limits of this kind can be set: "cpu", "memory", "pids", "cpuset". */
bool cgroups_has(const struct cgroups *cgroups, const char *controller);

/* Makes it and those above it; good when it is there. Limits may be NULL. */
MUST_USE int cgroup_create(const struct cgroups *cgroups, const char *path,
                           const struct cgroup_limits *limits, struct status *status);
/* Writes what differs and reads it back. A memory limit below what is in use is refused with
 * CONFLICT on both versions: version 2 would kill at once. */
MUST_USE int cgroup_update(const struct cgroups *cgroups, const char *path,
                           const struct cgroup_limits *limits, struct status *status);
MUST_USE int cgroup_read_limits(const struct cgroups *cgroups, const char *path,
                                struct cgroup_limits *limits, struct status *status);
MUST_USE int cgroup_read_usage(const struct cgroups *cgroups, const char *path, struct usage *usage,
                               struct status *status);
/* How often the kernel has killed in this very group for memory; 0 when it is not there. */
int64_t cgroup_count_oom_kills(const struct cgroups *cgroups, const char *path);
/* Signals every process in it and below. */
void cgroup_kill(const struct cgroups *cgroups, const char *path);
bool cgroup_is_empty(const struct cgroups *cgroups, const char *path); /* No process in or below. */
/* With all below it, in every hierarchy; good when it is not there. Fails with CONFLICT while
 * processes are in it. */
MUST_USE int cgroup_remove(const struct cgroups *cgroups, const char *path, struct status *status);

#endif
