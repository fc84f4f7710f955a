/* The config.json that crun reads: one container, as the OCI runtime specification says it. Pure. */
#ifndef KUBELET_OCI_CONFIG_H
#define KUBELET_OCI_CONFIG_H

#include "core/json.h"
#include "kubelet-lite/runtime.h"

struct oci_places { /* What the machine gives beside what is wanted. */
    const char *rootfs;
    const char *cgroup_path;   /* "/kubepods/podUID/ID"; NULL: it has none, and no limits. */
    /* Namespaces to join; NULL: the host's, but of pid_namespace: one of its own. */
    const char *network_namespace, *ipc_namespace, *uts_namespace, *pid_namespace;
    bool uses_host_pid;
    const char *shm;           /* What /dev/shm is: the pod's. */
    const char *termination_file; /* Mounted at termination_path; NULL: none. */
    const struct device *host_devices; /* Of a privileged container. */
    size_t host_device_count;
    uint64_t capabilities;     /* Bits that the agent has. */
    bool has_cgroup_view;      /* /sys/fs/cgroup is mounted read-only. */
    const char *seccomp_profile; /* The text of a profile that config->seccomp names by its path. */
};

/* Gives NULL, and BAD_REQUEST, when the profile cannot be read. */
struct json *oci_config(struct arena *arena, const struct container_config *config,
                        const struct oci_places *places, struct status *status);
/* The process of a further command in a container: that of its configuration, other words. */
struct json *oci_exec_process(struct arena *arena, const struct json *config,
                              const char *const *argv, bool has_tty);

#endif
