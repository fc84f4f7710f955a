/* A runtime without processes for tests: every verb is a line of text, containers do what
 * they were told beforehand, and any verb can be made to fail.
 *
 * Verbs take 1 ms each. Lines: "run_sandbox", "create web 0", "start web 0",
 * "stop web 0 (30 s)", "exit web 0 143", "remove web 0", "stop_sandbox", "remove_sandbox",
 * "exec web: true", "session web: cat", "session closed", "resize 24 80", "connect 80". */
#ifndef TESTS_HARNESS_RUNTIME_FAKE_H
#define TESTS_HARNESS_RUNTIME_FAKE_H

#include "core/list.h"
#include "kubelet-lite/runtime.h"

struct fake_script {       /* What a container does; by name. */
    const char *name;
    int64_t runs_us;       /* Ends by itself after it; -1: never. */
    int64_t exit_code;
    int64_t stops_us;      /* From the signal to the end; -1: only the kill ends it. */
    bool is_killed_for_memory;
    const char *fail;      /* "create", "start": this verb fails; NULL: none. */
    int64_t exec_code;     /* Of commands run in it. */
    int64_t exec_us;       /* How long they take. */
};

struct runtime_fake {
    struct runtime runtime;
    struct fake_script *scripts; /* Borrowed; may be changed at any time. */
    size_t script_count;
    const char *fail;            /* "run_sandbox", "stop_sandbox", ...: fails while set. */
    struct buffer lines;
    struct list runs;
    struct list sandboxes;
    int sandboxes_made;          /* Ever. */
    bool has_sandbox;            /* Any. */
    struct arena arena;          /* Of what list() tells. */
};

void runtime_fake_init(struct runtime_fake *fake, struct loop *loop);
void runtime_fake_release(struct runtime_fake *fake);
/* As after a reboot: nothing runs, nothing is known. */
void runtime_fake_lose_all(struct runtime_fake *fake);
/* What list() would give now; for adopting without a call. */
void runtime_fake_list(struct runtime_fake *fake, struct runtime_list *list);

#endif
