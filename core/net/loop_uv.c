/* The real loop: libuv for sockets and waiting, our own heap for timers, lanes
 * of threads for work. One uv_timer stands for the heap's first timer, one
 * uv_async wakes the loop for what other threads have sent. A message posted
 * from the loop itself needs no system call: an idle handle keeps the loop from
 * sleeping until it is delivered. Without timers and messages nothing wakes. */
#include <signal.h>
#include <uv.h>

#include "core/buffer.h"
#include "core/net/loop_lanes.h"
#include "core/net/loop_private.h"

/* Workers compute for milliseconds; the loop must not wait for its turn behind them. */
#define WORKER_NICENESS 5
#define HOST_THREADS 4 /* A mount that hangs holds up one of them. */

struct signal_watch {
    uv_signal_t handle;
    void (*deliver)(void *context, int number);
    void *context;
    struct list link;
};

struct loop_uv {
    struct loop loop;
    uv_loop_t uv;
    uv_timer_t timer; /* Due when the first timer of the heap is. */
    uv_async_t wake;
    uv_idle_t soon;   /* Runs while the loop itself has posted. */
    uv_prepare_t turn; /* Runs before each wait, to measure the turn that ends. */
    uint64_t turn_began_ns;
    uint64_t waited_ns; /* Ever, when the turn began. */
    uv_thread_t thread;
    int64_t armed_us; /* What timer is set to; INT64_MAX when it is not. */
    uv_mutex_t mutex; /* Of the two lists that follow. */
    struct list messages;
    struct list finished; /* Tasks whose work is done. */
    struct lane workers;
    struct lane commits;
    struct lane host;
    struct list signals;
};

#define LOOP_UV(pointer) CONTAINER_OF(pointer, struct loop_uv, loop)

static void fire_timers(uv_timer_t *timer)
{
    struct loop_uv *self = timer->data;
    int64_t now_us = clock_steady_us(self->loop.clock);
    self->armed_us = INT64_MAX;
    while (loop_fire_due(&self->loop, now_us))
        ;
    self->loop.ops->timers_changed(&self->loop);
}

/* libuv counts in milliseconds: a timer may be up to one late, never early. */
static void timers_changed(struct loop *loop)
{
    struct loop_uv *self = LOOP_UV(loop);
    int64_t due_us;
    if (!loop_next_due_us(loop, &due_us))
        return; /* An armed uv_timer then fires once for nothing: cheaper than stopping it. */
    if (due_us >= self->armed_us)
        return;
    int64_t wait_us = due_us - clock_steady_us(loop->clock);
    uint64_t wait_ms = wait_us > 0 ? (uint64_t)(wait_us + 999) / 1000 : 0;
    self->armed_us = due_us;
    uv_update_time(&self->uv);
    uv_timer_start(&self->timer, fire_timers, wait_ms, 0);
}

static void take_all(struct loop_uv *self, struct list *from, struct list *taken)
{
    uv_mutex_lock(&self->mutex);
    list_insert_after(from, taken); /* A second head in the ring, */
    list_remove(from);              /* and then the only one. */
    uv_mutex_unlock(&self->mutex);
}

/* Delivers what is there now; what is posted meanwhile waits for the next
 * round, so that sockets and timers have their turn in between. */
static void deliver_all(struct loop_uv *self)
{
    struct list finished, messages, *link;
    take_all(self, &self->finished, &finished);
    take_all(self, &self->messages, &messages);
    while ((link = list_pop_front(&finished))) {
        struct task *task = CONTAINER_OF(link, struct task, link);
        loop_step_begin(&self->loop, "task", (uintptr_t)task->done);
        task->done(task);
        loop_step_end(&self->loop);
    }
    while ((link = list_pop_front(&messages))) {
        struct message *message = CONTAINER_OF(link, struct message, link);
        loop_step_begin(&self->loop, "message", (uintptr_t)message->deliver);
        message->deliver(message);
        loop_step_end(&self->loop);
    }
}

static void deliver_from_others(uv_async_t *wake)
{
    deliver_all(wake->data);
}

static void deliver_from_self(uv_idle_t *soon)
{
    uv_idle_stop(soon);
    deliver_all(soon->data);
}

static void queue(struct loop_uv *self, struct list *where, struct list *link)
{
    uv_thread_t thread = uv_thread_self();
    uv_mutex_lock(&self->mutex);
    list_push_back(where, link);
    uv_mutex_unlock(&self->mutex);
    if (uv_thread_equal(&thread, &self->thread))
        uv_idle_start(&self->soon, deliver_from_self);
    else
        uv_async_send(&self->wake);
}

/* A turn is what lies between two waits, less the wait. */
static void measure_turn(uv_prepare_t *turn)
{
    struct loop_uv *self = turn->data;
    uint64_t now_ns = uv_hrtime(), waited_ns = uv_metrics_idle_time(&self->uv);
    uint64_t busy_ns = now_ns - self->turn_began_ns - (waited_ns - self->waited_ns);
    if (self->turn_began_ns > 0 && (int64_t)busy_ns / 1000 > self->loop.longest_turn_us)
        self->loop.longest_turn_us = (int64_t)busy_ns / 1000;
    self->turn_began_ns = now_ns;
    self->waited_ns = waited_ns;
}

static void post(struct loop *loop, struct message *message)
{
    struct loop_uv *self = LOOP_UV(loop);
    queue(self, &self->messages, &message->link);
}

static void task_finished(void *context, struct task *task)
{
    struct loop_uv *self = context;
    queue(self, &self->finished, &task->link);
}

static void submit(struct loop *loop, enum loop_lane lane, struct task *task)
{
    struct loop_uv *self = LOOP_UV(loop);
    lane_submit(lane == LANE_COMMIT ? &self->commits
                : lane == LANE_HOST ? &self->host
                                    : &self->workers,
                task);
}

static void run(struct loop *loop)
{
    struct loop_uv *self = LOOP_UV(loop);
    self->thread = uv_thread_self();
    uv_run(&self->uv, UV_RUN_DEFAULT);
}

static void stop(struct loop *loop)
{
    uv_stop(&LOOP_UV(loop)->uv);
}

static void close_handle(uv_handle_t *handle, void *context)
{
    (void)context;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

static void destroy(struct loop *loop)
{
    struct loop_uv *self = LOOP_UV(loop);
    lane_release(&self->commits);
    lane_release(&self->host);
    lane_release(&self->workers);
    uv_walk(&self->uv, close_handle, NULL);
    uv_run(&self->uv, UV_RUN_DEFAULT);
    PRE(uv_loop_close(&self->uv) == 0);
    LIST_EACH(link, &self->signals)
        mem_free(CONTAINER_OF(link, struct signal_watch, link));
    uv_mutex_destroy(&self->mutex);
    loop_release(loop);
    mem_free(self);
}

static const struct loop_ops ops = {
    .destroy = destroy,
    .run = run,
    .stop = stop,
    .timers_changed = timers_changed,
    .submit = submit,
    .post = post,
};

struct loop *loop_create(unsigned workers)
{
    struct loop_uv *self = mem_alloc(sizeof(*self));
    loop_init(&self->loop, &ops, clock_real(), random_system());
    self->thread = uv_thread_self();
    self->armed_us = INT64_MAX;
    list_init(&self->messages);
    list_init(&self->finished);
    list_init(&self->signals);
    signal(SIGPIPE, SIG_IGN); /* A peer that went away is an error of a write, no signal. */
    PRE(uv_loop_init(&self->uv) == 0);
    PRE(uv_mutex_init(&self->mutex) == 0);
    PRE(uv_timer_init(&self->uv, &self->timer) == 0);
    PRE(uv_idle_init(&self->uv, &self->soon) == 0);
    PRE(uv_prepare_init(&self->uv, &self->turn) == 0);
    PRE(uv_loop_configure(&self->uv, UV_METRICS_IDLE_TIME) == 0);
    PRE(uv_async_init(&self->uv, &self->wake, deliver_from_others) == 0);
    self->timer.data = self->soon.data = self->turn.data = self->wake.data = self;
    PRE(uv_prepare_start(&self->turn, measure_turn) == 0);
    lane_init(&self->workers, workers ? workers : uv_available_parallelism(), WORKER_NICENESS,
              task_finished, self);
    lane_init(&self->commits, 1, 0, task_finished, self);
    lane_init(&self->host, HOST_THREADS, WORKER_NICENESS, task_finished, self);
    return &self->loop;
}

bool loop_is_simulated(const struct loop *loop)
{
    return loop->ops != &ops;
}

struct uv_loop_s *loop_uv(struct loop *loop)
{
    return loop_is_simulated(loop) ? NULL : &LOOP_UV(loop)->uv;
}

static void deliver_signal(uv_signal_t *handle, int number)
{
    struct signal_watch *watch = CONTAINER_OF(handle, struct signal_watch, handle);
    watch->deliver(watch->context, number);
}

void loop_on_signal(struct loop *loop, int number, void (*deliver)(void *context, int number),
                    void *context)
{
    PRE(!loop_is_simulated(loop));
    struct loop_uv *self = LOOP_UV(loop);
    struct signal_watch *watch = mem_alloc(sizeof(*watch));
    watch->deliver = deliver;
    watch->context = context;
    list_push_back(&self->signals, &watch->link);
    PRE(uv_signal_init(&self->uv, &watch->handle) == 0);
    PRE(uv_signal_start(&watch->handle, deliver_signal, number) == 0);
}
