/* The scheduler: head's changes in, one commit per decision out.
 *
 * It works on head: its sums and groups change in the step in which head does, and a
 * decision's own commit changes head before it returns, so decisions follow one
 * another without waiting for the disk. All bindings of a group are one commit:
 * whatever crashes when, a gang is bound whole or not at all.
 *
 *   happy path: changed -> QUEUED -> decided -> committed -> Events
 *   refused:    conditions and Events say why; woken when room may have come
 *   a commit that fails: the bindings leave head again, so the pods are back in the
 *               queue by themselves; decisions pause for a moment that doubles
 *
 * Thread: the loop's. The client is borrowed and must be near (snapshot, commit). */
#ifndef SCHEDULER_SCHEDULER_H
#define SCHEDULER_SCHEDULER_H

#include "core/client/client.h"
#include "core/trace.h"

struct scheduler;

struct scheduler_options {
    struct client *client; /* Speaks as system:kube-scheduler. */
    struct trace *trace;   /* May be NULL. */
    const char *name;      /* NULL: "default-scheduler". */
};

struct scheduler_counts {
    int64_t decisions;
    int64_t bound_pods;
    int64_t refused;
    int64_t failed_commits;
};

struct scheduler *scheduler_start(const struct scheduler_options *options);
void scheduler_stop(struct scheduler *scheduler); /* Takes NULL. */
struct scheduler_counts scheduler_counts(const struct scheduler *scheduler);

#endif
