/* A program run to its end: given its input, its output gathered, its time limited.
 *
 * Thread: the loop's; not on a simulated loop. Lives inside its owner. done() comes
 * once, never from inside program_run(); the owner may free it there. */
#ifndef CORE_NET_PROGRAM_H
#define CORE_NET_PROGRAM_H

#include "core/net/process.h"

struct program {
    void (*done)(struct program *program);
    /* After done(): OK when it ran to its end, with any code. NOT_FOUND: there is no such
     * program. TIMEOUT: it took too long and was killed. */
    struct status status;
    int code;              /* 128 + signal when one killed it. */
    struct buffer output;  /* What it wrote to stdout, */
    struct buffer errors;  /* and to stderr; the first OUTPUT_MAX bytes of each. */
    /* The rest is its own. */
    struct loop *loop;
    struct process *process;
    struct stream *streams[3];
    struct timer timer;
    struct message failed; /* It could not be started. */
    size_t output_max;
    const char *name;
    unsigned open;         /* What is still awaited: streams' ends, and the exit. */
};

struct program_options {
    const char *const *argv;
    const char *const *environment; /* NULL: ours. */
    const char *directory;          /* NULL: ours. */
    struct slice input;             /* Copied; empty: it reads nothing. */
    int64_t timeout_us;             /* Not 0. */
    size_t output_max;              /* 0: 64 KiB. */
};

/* Appends the path of a program in PATH or in one of the usual sbin folders, which users may not
 * have in it; false when there is none. */
bool program_find(const char *name, struct buffer *path);

/* Borrows options until return, but argv[0] until done(). */
void program_run(struct program *program, struct loop *loop, const struct program_options *options,
                 void (*done)(struct program *program));
/* Kills it and everything it has started; done() is not called. Harmless when it has ended. */
void program_cancel(struct program *program);
void program_release(struct program *program); /* Its results; not while it runs. */
/* Whether it did its work: ran to its end with code 0. If not, status says why, in its own
 * words where it said any. */
MUST_USE int program_check(const struct program *program, struct status *status);

#endif
