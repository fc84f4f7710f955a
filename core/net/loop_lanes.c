#include "core/net/loop_lanes.h"

#include <sys/resource.h>

#include "core/buffer.h"

#define STACK_SIZE (1024 * 1024) /* musl's default of 128 KB is too little for SQLite. */

void lane_init(struct lane *lane, unsigned thread_count, int niceness,
               void (*finished)(void *context, struct task *task), void *context)
{
    *lane = (struct lane){.thread_count = thread_count,
                          .niceness = niceness,
                          .finished = finished,
                          .context = context};
    PRE(uv_mutex_init(&lane->mutex) == 0);
    PRE(uv_cond_init(&lane->filled) == 0);
    list_init(&lane->tasks);
}

/* Waits for a task; NULL when the lane closes. */
static struct task *take(struct lane *lane)
{
    struct task *task = NULL;
    uv_mutex_lock(&lane->mutex);
    lane->idle++;
    while (!lane->closing && list_is_empty(&lane->tasks))
        uv_cond_wait(&lane->filled, &lane->mutex);
    lane->idle--;
    if (!lane->closing) {
        task = CONTAINER_OF(list_pop_front(&lane->tasks), struct task, link);
        lane->task_count--;
    }
    uv_mutex_unlock(&lane->mutex);
    return task;
}

static void run(void *context)
{
    struct lane *lane = context;
    struct task *task;
    if (lane->niceness)
        setpriority(PRIO_PROCESS, 0, lane->niceness); /* Of this thread alone, on Linux. */
    while ((task = take(lane))) {
        task->work(task);
        lane->finished(lane->context, task);
    }
}

/* Called with the mutex held. */
static void start_thread(struct lane *lane)
{
    uv_thread_options_t options = {.flags = UV_THREAD_HAS_STACK_SIZE, .stack_size = STACK_SIZE};
    if (!lane->threads)
        lane->threads = mem_alloc(lane->thread_count * sizeof(*lane->threads));
    PRE(uv_thread_create_ex(&lane->threads[lane->started], &options, run, lane) == 0);
    lane->started++;
}

void lane_submit(struct lane *lane, struct task *task)
{
    uv_mutex_lock(&lane->mutex);
    list_push_back(&lane->tasks, &task->link);
    lane->task_count++;
    if (lane->task_count > lane->idle && lane->started < lane->thread_count)
        start_thread(lane);
    uv_cond_signal(&lane->filled);
    uv_mutex_unlock(&lane->mutex);
}

void lane_release(struct lane *lane)
{
    uv_mutex_lock(&lane->mutex);
    lane->closing = true;
    uv_cond_broadcast(&lane->filled);
    uv_mutex_unlock(&lane->mutex);
    for (unsigned i = 0; i < lane->started; i++)
        PRE(uv_thread_join(&lane->threads[i]) == 0);
    mem_free(lane->threads);
    uv_cond_destroy(&lane->filled);
    uv_mutex_destroy(&lane->mutex);
}
