/* One pod on a real node: what is wanted of it, what is there, and the next step.
 *
 *   happy path:   syncing -> terminating -> terminated -> gone
 *   syncing       sandbox, init containers in order, sidecars, the others; restarts with back-off
 *   terminating   deleted, ended by the node, or done: regular containers are stopped, then
 *                 sidecars in reverse order, within the grace period
 *   terminated    nothing runs any more; the last status stands until the pod is deleted
 *   gone          deleted, and nothing of it is left here: the host may free it
 *
 * One step() holds all decisions; everything else stores what it learnt and
 * pokes. Rules: pkg/kubelet/pod_workers.go, kuberuntime_manager.go (computePodActions),
 * KEP-753 for sidecars. How things are done is behind struct pod_host, so that the
 * worker runs under simulated time against a runtime without processes.
 *
 * Thread: the loop's. */
#ifndef KUBELET_POD_WORKER_H
#define KUBELET_POD_WORKER_H

#include "kubelet-lite/container_worker.h"
#include "kubelet-lite/prober.h"

#define EPHEMERAL_MAX 64 /* That can be added to a pod while the agent knows it. */

struct pod_worker;
struct pod_tree;

enum pod_worker_phase { POD_SYNCING, POD_TERMINATING, POD_TERMINATED, POD_CLEANING, POD_GONE };

/* What the sandbox needs is being got together: volumes, cgroup, addresses. */
struct pod_preparation {
    void (*done)(struct pod_preparation *preparation);
    struct pod_worker *worker;
    struct arena arena;
    struct sandbox_config config;
    const char *message;      /* It failed; NULL: all is there. */
    void *host_private;
};

struct pod_host { /* Whoever has pods: kubelet.c, or a test. */
    struct runtime *runtime;
    const char *address;     /* The node's; NULL: not known yet. */
    void *context;
    void (*prepare_pod)(void *context, struct pod_preparation *preparation);
    void (*prepare_container)(void *context, struct preparation *preparation);
    /* Volumes, cgroup and the like of a pod whose containers have gone; then pod_worker_cleaned(). */
    void (*clean_pod)(void *context, struct pod_worker *worker);
    /* container may be NULL. type: "Normal", "Warning". */
    void (*event)(void *context, struct pod_worker *worker, const char *container, const char *type,
                  const char *reason, const char *message);
    void (*changed)(void *context, struct pod_worker *worker); /* Its status, or its phase. */
};

struct pod_worker {
    const struct pod_host *host;
    struct pod_tree *trees;          /* The newest first; old ones while something is under way. */
    const struct json *pod;
    char *uid, *name, *namespace;
    int phase;                       /* enum pod_worker_phase */
    struct container_worker *containers; /* Init, then regular, then ephemeral. */
    size_t count, capacity;
    struct prober prober;
    /* The sandbox. */
    char *sandbox_id;
    char *address;
    bool has_sandbox;                /* It is ready. */
    bool has_old_sandbox;            /* Stopped, to be removed. */
    struct runtime_call call;        /* Of the sandbox's verbs. */
    bool is_calling;
    struct pod_preparation *preparation;
    int64_t retry_us;                /* The sandbox failed: not before. Wall clock. */
    int64_t retry_wait_us;
    /* The end. */
    bool is_deleted;                 /* In the API, or unknown to it. */
    bool is_forgotten;               /* The API has it no longer: there is nobody to tell. */
    int64_t stop_by_us;              /* Wall clock. */
    const char *reason;              /* The node ends it: "DeadlineExceeded"; static text. */
    char *reason_message;
    int64_t accepted_us;
    struct timer timer;              /* The next step that waits for time, */
    int64_t due_us;                  /* which is due then. Wall clock; INT64_MAX: none. */
    struct message poke;
    bool is_poked;
    bool is_cleaning;
    bool is_clean;
    bool is_settled;                 /* What was there before is known. */
    bool is_frozen;                  /* The agent ends: nothing more is begun. */
};

/* pod is JSON; borrowed until return. */
struct pod_worker *pod_worker_create(const struct pod_host *host, struct slice pod,
                                     struct status *status);
void pod_worker_destroy(struct pod_worker *worker); /* When nothing is under way. Takes NULL. */
bool pod_worker_is_busy(const struct pod_worker *worker);

/* Before the first step: what the runtime had when the agent started. */
void pod_worker_adopt_sandbox(struct pod_worker *worker, const struct sandbox *sandbox);
void pod_worker_adopt_run(struct pod_worker *worker, const struct run *run);

/* A newer version of the pod; the same UID. */
void pod_worker_update(struct pod_worker *worker, struct slice pod);
/* The API no longer has it: it ends without anybody being told. */
void pod_worker_forget(struct pod_worker *worker);
/* The node ends it: "Evicted". reason is static. */
void pod_worker_end(struct pod_worker *worker, const char *reason, const char *message);
void pod_worker_exited(struct pod_worker *worker, const struct run *run);
void pod_worker_cleaned(struct pod_worker *worker);
/* The agent ends: nothing more is begun, what is under way ends, what runs goes on. */
void pod_worker_freeze(struct pod_worker *worker);

/* Sees to it that a step follows, at once or, from inside a step, at that time. */
void pod_worker_poke(struct pod_worker *worker);
void pod_worker_wait_until(struct pod_worker *worker, int64_t due_us);
/* The whole status as it should be told now, in arena. */
struct json *pod_worker_status(const struct pod_worker *worker, struct arena *arena);
struct container_worker *pod_worker_container(const struct pod_worker *worker, struct slice name);
int64_t pod_worker_now_us(const struct pod_worker *worker); /* Wall clock. */
/* How long its containers may take to end. */
int64_t pod_worker_grace_us(const struct pod_worker *worker);

#endif
