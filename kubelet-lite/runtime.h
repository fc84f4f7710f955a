/* What runs containers: CRI's verbs, asynchronous, behind one narrow interface.
 *
 * runtime_crun.h runs processes, runtime_virtual.h declared lives without any;
 * everything Linux-specific stands behind it. A sandbox is what the containers of a
 * pod share (network, IPC and UTS namespaces, an address, a cgroup); a container is one
 * run: a restart makes a new one with the next attempt.
 *
 *   run_sandbox -> create_container -> start_container -> (exits, or stop_container)
 *               -> remove_container -> remove_sandbox
 *
 * Every verb may be repeated: stopping what has ended and removing what is not there
 * succeed. What exists outlives the agent: list() tells a new one all of it.
 *
 * Thread: the loop's. A call is inside its owner and alive until done; done() comes on
 * the loop, never from inside the verb. Arguments are borrowed until done. */
#ifndef KUBELET_RUNTIME_H
#define KUBELET_RUNTIME_H

#include <stdbool.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/net/loop.h"
#include "core/status.h"

/* --- What is wanted --- */

struct pod_identity {
    const char *uid;
    const char *name;
    const char *namespace;
};

struct cgroup_limits { /* Absent values are 0, but for quota. */
    int64_t cpu_shares;      /* 2 to 262144. */
    int64_t cpu_quota_us;    /* Per period of 100 ms; 0: not limited. */
    int64_t memory_bytes;    /* 0: not limited. */
    int64_t pids;            /* 0: not limited. */
};

struct port_mapping {
    uint16_t host_port;
    uint16_t container_port;
    char protocol;           /* 'T', 'U', 'S' */
    const char *host_ip;     /* "": all. */
};

struct sandbox_config {
    struct pod_identity pod;
    const char *hostname;
    const char *cgroup_parent;      /* "/kubepods/burstable/podUID" */
    struct cgroup_limits limits;    /* Of the whole pod. */
    bool uses_host_network, uses_host_pid, uses_host_ipc, shares_pids;
    const char *const *sysctls;     /* Pairs name, value, ..., NULL; or NULL. */
    const struct port_mapping *ports;
    size_t port_count;
};

struct mount {
    const char *source;      /* On the host. */
    const char *target;      /* In the container. */
    bool is_read_only;
    const char *propagation; /* "private", "rslave", "rshared" */
};

struct device {
    const char *path;        /* In the container. */
    char type;               /* 'c' or 'b' */
    int64_t major, minor;
    const char *access;      /* "rwm" */
};

struct container_config {
    struct pod_identity pod;
    const char *sandbox_id;
    const char *name;
    int64_t attempt;                /* 0 for the first run. */
    const char *image;              /* As named in the spec. */
    const char *image_id;           /* "sha256:..." of the image store (image_store.h). */
    const char *const *argv;        /* Ends with NULL. */
    const char *const *env;         /* "NAME=value", ends with NULL. */
    const char *directory;          /* "/" */
    int64_t uid, gid;               /* -1: as user says. */
    const char *user;               /* The image's: "", "1000", "nobody:nogroup". */
    const int64_t *groups;
    size_t group_count;
    bool has_own_groups_only;       /* Not those that the image's /etc/group gives the user. */
    const char *const *capabilities; /* "CAP_KILL", ends with NULL. */
    bool is_privileged, has_read_only_root, may_gain_privileges;
    bool has_unmasked_proc;
    const char *seccomp;            /* "default", the path of a profile, or NULL: unconfined. */
    const char *target_id;          /* The container whose processes it sees; NULL: its own. */
    const struct mount *mounts;
    size_t mount_count;
    const struct device *devices;
    size_t device_count;
    struct cgroup_limits limits;
    int64_t oom_score_adj;
    bool has_tty, has_stdin, closes_stdin_once;
    const char *log_path;
    const char *stop_signal;        /* "SIGTERM" */
    const char *termination_path;   /* Where in the container it leaves its last message; or NULL. */
    bool falls_back_to_log;         /* Of a failure without a message, the log's end is it. */
    /* For runtimes without processes: the declared life, annotations of the pod. */
    const char *const *annotations; /* Pairs name, value, ..., NULL; or NULL. */
};

/* --- What is there --- */

enum run_state { RUN_CREATED, RUN_RUNNING, RUN_EXITED };

struct run { /* A container as the runtime knows it. */
    const char *id;
    const char *sandbox_id;
    const char *pod_uid;
    const char *name;
    int64_t attempt;
    enum run_state state;
    int64_t started_us, finished_us; /* Wall clock; 0: not yet. */
    int64_t exit_code;
    bool was_killed_for_memory;
    const char *message;     /* Its termination message; "" when there is none. */
};

struct sandbox {
    const char *id;
    const char *pod_uid, *pod_name, *pod_namespace;
    const char *address;     /* "" on the host's network. */
    bool is_ready;           /* Its namespaces and network are there. */
};

struct runtime_list { /* In the call's arena. */
    const struct sandbox *sandboxes;
    size_t sandbox_count;
    const struct run *runs;
    size_t run_count;
};

/* --- Verbs --- */

struct usage {
    int64_t cpu_us;          /* Ever. */
    int64_t memory_bytes;    /* The working set: without what the kernel may drop at once. */
};

struct runtime_call { /* One verb under way. */
    void (*done)(struct runtime_call *call);
    struct arena arena;      /* Results live here. */
    struct status status;
    const char *id;          /* Of run_sandbox, create_container. */
    const char *address;     /* Of run_sandbox. */
    int64_t exit_code;       /* Of exec: the command's. */
    struct slice output;     /* Of exec: the first 10 KiB of both streams. */
    struct runtime_list list;
    struct usage usage;      /* Of read_usage. */
    struct stream *stream;   /* Of connect: the caller's. */
    void *runtime_private;
};
void runtime_call_init(struct runtime_call *call, void (*done)(struct runtime_call *call));
void runtime_call_release(struct runtime_call *call);

/* A command that runs in a container, or the container itself, with its streams. */
struct session_config {
    const char *const *argv; /* NULL: the container's own streams (attach). */
    bool has_stdin, has_stdout, has_stderr, has_tty;
};
struct session;
struct session_handler {
    /* descriptor is 1 or 2; data is borrowed until return. */
    void (*output)(void *context, int descriptor, struct slice data);
    void (*drained)(void *context); /* What was written has left. May be NULL. */
    /* Its end: OK and the command's exit code, or why there is none. The session is no more. */
    void (*ended)(void *context, const struct status *status, int64_t exit_code);
};
struct session_operations {
    void (*write)(struct session *session, struct slice data);
    size_t (*pending)(const struct session *session);
    void (*end_input)(struct session *session);
    void (*resize)(struct session *session, uint16_t rows, uint16_t columns);
    void (*pause)(struct session *session);  /* No output until it is resumed. */
    void (*resume)(struct session *session);
    void (*close)(struct session *session);  /* ended() is not called. A command is killed. */
};
struct session {
    const struct session_operations *operations;
};

struct runtime;
struct runtime_operations {
    const char *name;        /* "crun": before "://" in containers' ids. */
    void (*list)(struct runtime *runtime, struct runtime_call *call);
    void (*run_sandbox)(struct runtime *runtime, const struct sandbox_config *config,
                        struct runtime_call *call);
    /* Ends its network; containers must have ended. Its id stays known. */
    void (*stop_sandbox)(struct runtime *runtime, const char *id, struct runtime_call *call);
    void (*remove_sandbox)(struct runtime *runtime, const char *id, struct runtime_call *call);
    void (*create_container)(struct runtime *runtime, const struct container_config *config,
                             struct runtime_call *call);
    void (*start_container)(struct runtime *runtime, const char *id, struct runtime_call *call);
    /* Signals it, and kills it after grace_us; done when it was asked to, its exit is an event. */
    void (*stop_container)(struct runtime *runtime, const char *id, int64_t grace_us,
                           struct runtime_call *call);
    void (*remove_container)(struct runtime *runtime, const char *id, struct runtime_call *call);
    void (*update_container)(struct runtime *runtime, const char *id,
                             const struct cgroup_limits *limits, struct runtime_call *call);
    /* Runs a command in it. TIMEOUT when it took longer; it is dead then. */
    void (*exec)(struct runtime *runtime, const char *id, const char *const *argv,
                 int64_t timeout_us, struct runtime_call *call);
    /* The next may be NULL: a runtime without processes has no such thing. */
    void (*update_sandbox)(struct runtime *runtime, const char *id,
                           const struct cgroup_limits *limits, struct runtime_call *call);
    void (*read_usage)(struct runtime *runtime, const char *id, struct runtime_call *call);
    /* The log was renamed: it goes on in a new file. */
    void (*reopen_log)(struct runtime *runtime, const char *id, struct runtime_call *call);
    /* Logs of running containers that are over size_max are turned over; files_max of each stay.
     * To be asked for now and then: upstream's are 10 MiB and 5. */
    void (*turn_logs)(struct runtime *runtime, int64_t size_max, int files_max,
                      struct runtime_call *call);
    /* A connection to a port on the pod's own 127.0.0.1. */
    void (*connect)(struct runtime *runtime, const char *sandbox_id, uint16_t port,
                    struct runtime_call *call);
    /* Starts a command with streams, or attaches; never NULL: what goes wrong ends it. */
    struct session *(*open_session)(struct runtime *runtime, const char *id,
                                    const struct session_config *config,
                                    const struct session_handler *handler, void *context);
};

struct runtime {
    const struct runtime_operations *operations;
    struct loop *loop;
    /* Whoever runs pods: a container has exited; borrowed until return. */
    void (*exited)(void *context, const struct run *run);
    void *context;
};

#endif
