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

enum { CGROUP_HIERARCHIES_MAX = 16 };

struct cgroup_hierarchy {
    char folder[96];       /* Where it is mounted. */
    char controllers[128]; /* ",cpu,cpuacct," */
};

struct cgroups {
    enum cgroup_version version;
    struct cgroup_hierarchy hierarchies[CGROUP_HIERARCHIES_MAX]; /* Version 2: one. */
    size_t count;
    /* Version 1, and a version 2 that has controllers of its own: crun stops at that. */
    bool is_mixed;
    char why[160]; /* Of CGROUP_NONE. */
};

void cgroups_detect(struct cgroups *cgroups);
/* The same of a text as in /proc/self/mounts, and, of version 2, of its cgroup.controllers. */
void cgroups_parse(struct cgroups *cgroups, struct slice mounts, struct slice controllers);
/* Whether limits of this kind can be set: "cpu", "memory", "pids", "cpuset". */
bool cgroups_has(const struct cgroups *cgroups, const char *controller);

/* Makes it and those above it; good when it is there. Limits may be NULL. */
MUST_USE int cgroup_create(const struct cgroups *cgroups, const char *path,
                           const struct cgroup_limits *limits, struct status *status);
/* At the agent's start: the group of all pods, which shares the machine's processors with what
 * else runs on it, and those of the two lower classes. */
MUST_USE int cgroup_create_root(const struct cgroups *cgroups, const char *root,
                                int64_t node_cpu_millis, struct status *status);
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
/* Version 2: when memory runs out in it, all its processes go and not one of them. */
void cgroup_kill_together(const struct cgroups *cgroups, const char *path);
/* Signals every process in it and below. */
void cgroup_kill(const struct cgroups *cgroups, const char *path);
bool cgroup_is_empty(const struct cgroups *cgroups, const char *path); /* No process in or below. */
/* With all below it, in every hierarchy; good when it is not there. Fails with CONFLICT while
 * processes are in it. */
MUST_USE int cgroup_remove(const struct cgroups *cgroups, const char *path, struct status *status);

#endif
