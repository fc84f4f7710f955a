/* Tests with real containers: one loop, one runtime, verbs that wait for their end.
 *
 * Needs root, crun and conmon; crun_machine_begin() skips the test, saying what is missing, where
 * they are not. The test's process goes into a network namespace of its own, its control groups
 * are below "/coracle-test-PID", and what it leaves behind is a failure. */
#ifndef TESTS_HARNESS_CRUN_MACHINE_H
#define TESTS_HARNESS_CRUN_MACHINE_H

#include "kubelet-lite/runtime_crun.h"
#include "tests/harness/test.h"

struct crun_machine {
    struct loop *loop;
    struct runtime *runtime;
    struct image_store *images;
    struct pod_network *network;
    struct cgroups cgroups;
    const char *folder;
    char cgroup_root[64];
    struct arena arena;
    struct runtime_call call;   /* The last verb's. */
    bool has_call, is_waiting;
    struct timer timer;
    struct run ended[32];       /* As told, in order; texts in arena. */
    size_t ended_count;
    struct buffer mounts_before;
};

void crun_machine_begin(struct crun_machine *machine, bool has_network);
/* The agent dies and comes back: what runs stays. */
void crun_machine_restart(struct crun_machine *machine);
/* Removes everything, and looks whether anything is left. */
void crun_machine_end(struct crun_machine *machine);

/* Each runs the loop until the verb is done; its results are in machine->call. */
const char *crun_machine_sandbox(struct crun_machine *machine, struct sandbox_config *config);
/* A container that runs `sh -c script` in the host's image. */
void crun_machine_fill(struct crun_machine *machine, struct container_config *config,
                       const char *sandbox_id, const char *name, const char *script);
const char *crun_machine_create(struct crun_machine *machine,
                                const struct container_config *config);
void crun_machine_start(struct crun_machine *machine, const char *id);
void crun_machine_stop(struct crun_machine *machine, const char *id, int64_t grace_us);
void crun_machine_remove(struct crun_machine *machine, const char *id);
void crun_machine_stop_sandbox(struct crun_machine *machine, const char *id);
void crun_machine_remove_sandbox(struct crun_machine *machine, const char *id);
void crun_machine_exec(struct crun_machine *machine, const char *id, const char *script,
                       int64_t timeout_us);
void crun_machine_list(struct crun_machine *machine);
/* Until a container has ended, for 15 s at most. */
const struct run *crun_machine_await_end(struct crun_machine *machine, const char *id);
void crun_machine_run_us(struct crun_machine *machine, int64_t time_us);
/* Waits as long until is(context) holds; fails otherwise. */
void crun_machine_until(struct crun_machine *machine, bool (*is)(void *context), void *context);
/* For verbs that have no function here: */
struct runtime_call *crun_machine_call(struct crun_machine *machine);
void crun_machine_wait(struct crun_machine *machine);
const char *crun_machine_text(struct crun_machine *machine, const char *path); /* A file's. */

#endif
