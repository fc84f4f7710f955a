/* One container of one pod: from waiting to running to ended, again and again.
 *
 *   happy path:  idle -> preparing -> creating -> starting -> running -> ended
 *   a stop:      running -> (preStop) -> stopping -> ended
 *   a failure:   preparing, creating or starting -> idle, with what to tell and when to retry
 *
 * It is told what to do by its pod's worker (pod_worker.h), which knows about order
 * and policy; here is only how one run comes and goes. Whatever changes it says by
 * poking the pod's worker.
 *
 * Thread: the loop's. Lives inside its pod's worker, which waits until nothing is under
 * way (container_worker_is_busy) before it goes. */
#ifndef KUBELET_CONTAINER_WORKER_H
#define KUBELET_CONTAINER_WORKER_H

#include "kubelet-lite/check.h"
#include "kubelet-lite/container_status.h"
#include "kubelet-lite/runtime.h"

enum container_kind { CONTAINER_INIT, CONTAINER_SIDECAR, CONTAINER_REGULAR, CONTAINER_EPHEMERAL };

enum run_phase {
    RUN_IDLE,       /* Not started, or has ended: run tells. */
    RUN_PREPARING,  /* Its image, files and configuration are got together. */
    RUN_CREATING,
    RUN_STARTING,
    RUN_POST_START, /* Its hook runs; the container does too. */
    RUN_UP,
    RUN_PRE_STOP,   /* Its hook runs; the grace period does too. */
    RUN_STOPPING,   /* Told to end; its exit is awaited. */
};

struct run_record { /* What is told of one run; texts are owned. */
    char *id;       /* The runtime's. */
    char *reason;
    char *message;
    int64_t started_us, finished_us;
    int64_t exit_code;
    bool has_ended;
    bool is_removed; /* The runtime has nothing of it any more. */
};

struct pod_worker;

struct container_worker {
    struct pod_worker *pod;
    char *name;
    enum container_kind kind;
    const struct json *spec;    /* In the pod's tree. */
    uint64_t image_hash;        /* Of the run under way: another image needs a new run. */
    int phase;                  /* enum run_phase */
    int64_t attempt;            /* Of the run under way or the last one; -1: none yet. */
    struct run_record run;      /* Under way, or the last. */
    struct run_record before;   /* The one before it. */
    char *failed_id;            /* Created, but could not be started: to be removed. */
    char *image_id;
    char *wait_reason;          /* Why it does not run: "ErrImagePull"; NULL: nothing special. */
    char *wait_message;
    int64_t backoff_us;         /* The last wait; doubles. */
    int64_t backoff_at_us;      /* When it was last counted. Wall clock, as the next. */
    int64_t retry_us;           /* Not to be started before: the last try failed. */
    int64_t stop_by_us;         /* The end of the grace period. */
    bool is_ready, is_started;  /* What the probes say, while it is up. */
    bool has_run;
    bool must_rerun;            /* An init container in a new sandbox. */
    struct runtime_call call;   /* One at a time. */
    bool is_calling;
    struct preparation *preparation;
    struct check hook;
    bool is_hooking;
};

/* Everything that a container needs is being got together, by the pod's host. */
struct preparation {
    void (*done)(struct preparation *preparation);
    struct container_worker *worker;
    struct arena arena;
    struct container_config config; /* Texts live in the arena or outlive the run. */
    const char *image_id;
    const char *reason;             /* It failed: "ErrImagePull"; NULL: all is there. */
    const char *message;
    void *host_private;
};

void container_worker_init(struct container_worker *worker, struct pod_worker *pod,
                           const struct json *spec, enum container_kind kind);
void container_worker_release(struct container_worker *worker); /* Not while it is busy. */
bool container_worker_is_busy(const struct container_worker *worker);

/* It was there before this agent: run is borrowed. Later attempts win. */
void container_worker_adopt(struct container_worker *worker, const struct run *run);
/* The runtime knows nothing of it, but the pod's last status does: what ran then is lost. */
void container_worker_recall(struct container_worker *worker, const struct json *told);
/* A hash of the image that the spec wants now. */
uint64_t container_worker_image(const struct container_worker *worker);

/* Starts the next run, when idle. Of ended runs the last two are kept. */
void container_worker_start(struct container_worker *worker);
/* When the next run may start: 0 for at once. Wall clock. */
int64_t container_worker_due_us(const struct container_worker *worker);
/* It would be started, were it not for that. */
void container_worker_hold_back(struct container_worker *worker);
/* Ends a run that is up. Why is for the Event: "Stopping container web". */
void container_worker_stop(struct container_worker *worker, int64_t grace_us, const char *why);
/* The runtime says that a run has ended. */
void container_worker_exited(struct container_worker *worker, const struct run *run);
/* Removes what the runtime keeps of it, when idle; true when nothing is left to remove. */
bool container_worker_remove(struct container_worker *worker);

bool container_worker_is_up(const struct container_worker *worker); /* A process may run. */
/* Has run and ended, and nothing of a next run is under way. */
bool container_worker_has_ended(const struct container_worker *worker);
void container_worker_status(const struct container_worker *worker, struct arena *arena,
                             struct container_status *status);

#endif
