/* A program that runs beside us: started, fed, listened to, waited for.
 *
 * It runs in a session of its own, so that a signal from the terminal does not
 * reach it and so that it can be killed with what it has started. Its file
 * descriptors are streams or /dev/null; it inherits nothing else. Programs that
 * only run to their end and are then judged: program.h.
 *
 * Thread: the loop's; not on a simulated loop. No callback runs from inside a call. */
#ifndef CORE_NET_PROCESS_H
#define CORE_NET_PROCESS_H

#include <sys/types.h>

#include "core/net/stream.h"
#include "core/status.h"

struct process;

#define PROCESS_STREAMS_MAX 6

struct process_options {
    const char *const *argv;        /* Ends with NULL; argv[0] is looked for in PATH. */
    const char *const *environment; /* "NAME=value", ends with NULL; NULL: ours. */
    const char *directory;          /* NULL: ours. */
    unsigned streams;               /* Bit n: its descriptor n is a stream; 0 to 2 else /dev/null. */
    /* It has ended: by exit(code), or code is 128 + signal. The process is gone then. */
    void (*exited)(void *context, int code);
    void *context;
};

/* Fails with NOT_FOUND when there is no such program, or INTERNAL_ERROR. */
MUST_USE int process_open(struct loop *loop, const struct process_options *options,
                          struct process **process, struct status *status);
/* The stream at its descriptor: the caller's, who closes it. Once each; those that are
 * not taken are closed with the process. */
struct stream *process_take_stream(struct process *process, unsigned descriptor);
pid_t process_pid(const struct process *process);
void process_kill(struct process *process, int signal); /* It, and what it has started. */
/* Kills it and forgets it: exited() is not called. Its memory goes when the loop, which must
 * run for that, hears of its end. Takes NULL. */
void process_close(struct process *process);

#endif
