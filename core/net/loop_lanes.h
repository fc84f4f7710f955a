/* Threads that run tasks for a real loop: one lane of workers, one of commits.
 *
 * A lane is a queue with a fixed number of threads, started on the first task,
 * so that a program that never needs a lane pays nothing for it. With one
 * thread a lane runs its tasks strictly in order. */
#ifndef CORE_NET_LOOP_LANES_H
#define CORE_NET_LOOP_LANES_H

#include <uv.h>

#include "core/net/loop.h"

struct lane {
    uv_mutex_t mutex;
    uv_cond_t filled;
    struct list tasks;    /* Waiting, oldest first. */
    unsigned task_count;  /* Waiting. */
    unsigned idle;        /* Threads that wait for a task. */
    uv_thread_t *threads; /* NULL until the first task. */
    unsigned thread_count;
    int niceness;         /* Of its threads; the loop has 0. */
    unsigned started;
    bool closing;
    void (*finished)(void *context, struct task *task); /* On the lane's thread. */
    void *context;
};

void lane_init(struct lane *lane, unsigned thread_count, int niceness,
               void (*finished)(void *context, struct task *task), void *context);
void lane_submit(struct lane *lane, struct task *task);
/* Waits for tasks that have begun; tasks that have not are dropped, their
 * done() never runs. */
void lane_release(struct lane *lane);

#endif
