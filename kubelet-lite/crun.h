/* What runtime_crun.c and its parts share: what is known of sandboxes and containers.
 *
 * A part is one verb or a few: crun_sandbox.c, crun_create.c, crun_container.c, crun_exec.c,
 * crun_session.c, crun_log.c. Each verb is an operation of its own that lives until it has called done(). */
#ifndef KUBELET_CRUN_H
#define KUBELET_CRUN_H

#include "core/json.h"
#include "core/list.h"
#include "core/net/pid_watch.h"
#include "core/net/program.h"
#include "kubelet-lite/runtime_crun.h"

#define CRUN_TIMEOUT_US INT64_C(60000000) /* No program of theirs takes so long and is well. */

enum { CRUN_WORDS_MAX = 24 };

struct crun {
    struct runtime runtime;
    struct image_store *images;
    struct pod_network *network;
    const struct cgroups *cgroups;
    char *crun_path, *conmon_path, *unshare_path;
    char *sandboxes_folder, *containers_folder, *exits_folder, *state_folder;
    uint64_t capabilities;     /* Of this process. */
    bool may_lower_oom_score;
    struct list sandboxes, containers;
    size_t pending;            /* Ends that are being read, ports that are being restored. */
    void (*closed)(void *context); /* It is being closed: nobody is told of anything more. */
    void *closed_context;
    struct message close_message;
};

struct crun_sandbox {
    struct list link;
    struct crun *crun;
    char *id, *folder;
    char *pod_uid, *pod_name, *pod_namespace;
    char *cgroup;              /* The pod's; "" when there are no control groups. */
    uint32_t address;          /* 0: the host's network. */
    char address_text[ADDRESS_TEXT_SIZE];
    bool uses_host_network, uses_host_pid, uses_host_ipc, shares_pids;
    struct port_mapping *ports; /* Without addresses: they are kept behind. */
    char (*port_addresses)[ADDRESS_TEXT_SIZE];
    size_t port_count;
    bool is_ready;
    bool has_cgroup;           /* It made the pod's, so it removes it. */
};

struct crun_container {
    struct list link;
    struct crun *crun;
    char *id, *folder, *sandbox_id;
    char *pod_uid, *name, *log_path, *cgroup, *stop_signal;
    int64_t attempt;
    bool falls_back_to_log, has_tty;
    bool shares_pids;          /* Its processes do not end with its first. */
    enum run_state state;
    int64_t created_us, started_us, finished_us, exit_code;
    bool was_killed_for_memory;
    char *message;
    pid_t pid, conmon_pid;
    uint64_t pid_started, conmon_started; /* By them a number names one process. */
    struct pid_watch *process, *conmon;
    struct timer kill_timer;   /* The end of the grace period. */
    struct task ending;        /* What it left behind is read. */
    bool is_ending;
    bool is_starting;          /* Its end, should it come, waits for that. */
    void (*ended)(void *context); /* Who waits for its end, to remove it; NULL: nobody. */
    void *ended_context;
};

/* --- Records (crun_record.c). Files are written in any thread. --- */
MUST_USE int crun_sandbox_save(const struct crun_sandbox *sandbox, struct status *status);
MUST_USE int crun_container_save(const struct crun_container *container, struct status *status);
/* What a folder holds; NULL when it holds no record: it was not finished. */
struct crun_sandbox *crun_sandbox_load(struct crun *crun, const char *id);
struct crun_container *crun_container_load(struct crun *crun, const char *id);
struct crun_sandbox *crun_sandbox_new(struct crun *crun, const char *id);
struct crun_container *crun_container_new(struct crun *crun, const char *id);
void crun_sandbox_free(struct crun_sandbox *sandbox);
void crun_container_free(struct crun_container *container);
struct crun_sandbox *crun_find_sandbox(const struct crun *crun, const char *id);
struct crun_container *crun_find_container(const struct crun *crun, const char *id);
const char *crun_path(struct arena *arena, const char *folder, const char *name);
/* 64 hexadecimal digits. */
#define CRUN_ID_SIZE 65
void crun_make_id(struct crun *crun, char id[CRUN_ID_SIZE]);

/* --- Programs (crun_program.c) --- */
/* Appends to argv the words that run crun, as far as its own options; gives how many there are.
 * argv has CRUN_WORDS_MAX places. */
size_t crun_words(const struct crun *crun, struct arena *arena, const char **argv);
/* "crun VERB [OPTION] ID", its time limited. */
void crun_run(struct crun *crun, struct arena *arena, const char *const *words,
              struct program *program, void (*done)(struct program *program));

/* --- Verbs --- */
void crun_run_sandbox(struct runtime *runtime, const struct sandbox_config *config,
                      struct runtime_call *call);
void crun_stop_sandbox(struct runtime *runtime, const char *id, struct runtime_call *call);
void crun_remove_sandbox(struct runtime *runtime, const char *id, struct runtime_call *call);
void crun_update_sandbox(struct runtime *runtime, const char *id,
                         const struct cgroup_limits *limits, struct runtime_call *call);
void crun_connect(struct runtime *runtime, const char *sandbox_id, uint16_t port,
                  struct runtime_call *call);
void crun_create_container(struct runtime *runtime, const struct container_config *config,
                           struct runtime_call *call);
void crun_start_container(struct runtime *runtime, const char *id, struct runtime_call *call);
void crun_stop_container(struct runtime *runtime, const char *id, int64_t grace_us,
                         struct runtime_call *call);
void crun_remove_container(struct runtime *runtime, const char *id, struct runtime_call *call);
void crun_update_container(struct runtime *runtime, const char *id,
                           const struct cgroup_limits *limits, struct runtime_call *call);
void crun_read_usage(struct runtime *runtime, const char *id, struct runtime_call *call);
void crun_reopen_log(struct runtime *runtime, const char *id, struct runtime_call *call);
void crun_turn_logs(struct runtime *runtime, int64_t size_max, int files_max,
                    struct runtime_call *call);
void crun_exec(struct runtime *runtime, const char *id, const char *const *argv, int64_t timeout_us,
               struct runtime_call *call);
struct session *crun_open_session(struct runtime *runtime, const char *id,
                                  const struct session_config *config,
                                  const struct session_handler *handler, void *context);

void crun_grace_over(struct timer *timer); /* Of kill_timer. */
/* A container with a conmon: its end is awaited from now on. */
void crun_watch_container(struct crun_container *container);
/* Reads what a container whose conmon has gone has left behind, and ends what is left of it.
 * Blocks; for the agent's start, when no loop runs yet. */
void crun_end_container(struct crun_container *container);
/* One pending less: what waits for the last of them goes on. */
void crun_consider_close(struct crun *crun);
void crun_kill_container(struct crun_container *container);
void crun_fill_run(const struct crun_container *container, struct run *run);
/* A line for its conmon: "1 ROWS COLUMNS\n" resizes its terminal, "2 0 0\n" opens its log anew. */
MUST_USE int crun_write_control(const struct crun_container *container, const char *line,
                                struct status *status);
/* The process of a further command, for `crun exec --process`. Any thread; blocks. */
MUST_USE int crun_write_process(const char *container_folder, const char *const *argv, bool has_tty,
                                const char *path, struct arena *arena, struct status *status);
/* Calls done() from the loop. */
void crun_answer(struct crun *crun, struct runtime_call *call);
/* The same with an error. */
void crun_refuse(struct crun *crun, struct runtime_call *call, enum status_reason reason,
                 const char *format, ...) PRINTF_LIKE(4, 5);

#endif
