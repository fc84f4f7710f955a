/* The simulated loop: one thread, a clock that is wound, a seed that decides.
 *
 * What can happen next is: the oldest message, a task's work, a task's end, or
 * a timer that is due. A step draws one of these. Where the contract promises
 * an order (messages, the commit lane) only the oldest can be drawn; tasks on
 * workers can be drawn in any order. When nothing can happen, time jumps to
 * the next timer. The same seed and the same calls give the same run. */
#include "core/buffer.h"
#include "core/net/loop_private.h"

#define START_WALL_US INT64_C(1767225600000000) /* 2026-01-01T00:00:00Z */

struct loop_simulated {
    struct loop loop;
    struct clock_manual clock;
    struct random_seeded random; /* What the program draws from. */
    struct random_seeded order;  /* What the loop draws from. */
    struct list messages;
    struct list commits;  /* Tasks of LANE_COMMIT, in order. */
    struct list workers;  /* Tasks of LANE_WORKERS: worker_count of them. */
    size_t worker_count;
    struct list finished; /* Tasks whose work is done, in that order. */
    bool stopped;
};

#define SIMULATED(pointer) CONTAINER_OF(pointer, struct loop_simulated, loop)

enum choice { MESSAGE, COMMIT, WORKER, FINISHED, TIMER, CHOICES };

static void begin_work(struct loop_simulated *self, struct task *task)
{
    list_remove(&task->link);
    task->work(task);
    list_push_back(&self->finished, &task->link);
}

static struct task *draw_worker_task(struct loop_simulated *self)
{
    uint64_t n = random_below(&self->order.random, self->worker_count);
    struct list *link = self->workers.next;
    while (n-- > 0)
        link = link->next;
    self->worker_count--;
    return CONTAINER_OF(link, struct task, link);
}

static void take_step(struct loop_simulated *self, enum choice choice)
{
    struct task *task;
    struct message *message;
    switch (choice) {
    case MESSAGE:
        message = CONTAINER_OF(list_pop_front(&self->messages), struct message, link);
        message->deliver(message);
        return;
    case COMMIT: begin_work(self, CONTAINER_OF(self->commits.next, struct task, link)); return;
    case WORKER: begin_work(self, draw_worker_task(self)); return;
    case FINISHED:
        task = CONTAINER_OF(list_pop_front(&self->finished), struct task, link);
        task->done(task);
        return;
    case TIMER: loop_fire_due(&self->loop, self->clock.steady_us); return;
    case CHOICES: break;
    }
    UNREACHABLE("a choice that is none");
}

/* Takes one of the steps that are possible now; false when there is none. */
static bool step(struct loop_simulated *self)
{
    int64_t due_us = 0;
    bool possible[CHOICES] = {
        [MESSAGE] = !list_is_empty(&self->messages),
        [COMMIT] = !list_is_empty(&self->commits),
        [WORKER] = self->worker_count > 0,
        [FINISHED] = !list_is_empty(&self->finished),
        [TIMER] = loop_next_due_us(&self->loop, &due_us) && due_us <= self->clock.steady_us,
    };
    enum choice choices[CHOICES];
    size_t count = 0;
    for (enum choice choice = 0; choice < CHOICES; choice++) {
        if (possible[choice])
            choices[count++] = choice;
    }
    if (count == 0)
        return false;
    take_step(self, choices[count == 1 ? 0 : random_below(&self->order.random, count)]);
    return true;
}

/* Jumps to the next timer, if it is due by end_us. */
static bool jump(struct loop_simulated *self, int64_t end_us)
{
    int64_t due_us;
    if (!loop_next_due_us(&self->loop, &due_us) || due_us > end_us)
        return false;
    clock_manual_advance_us(&self->clock, due_us - self->clock.steady_us);
    return true;
}

static void run(struct loop *loop)
{
    struct loop_simulated *self = SIMULATED(loop);
    while (!self->stopped && (step(self) || jump(self, INT64_MAX)))
        ;
    self->stopped = false;
}

uint64_t loop_run_for_us(struct loop *loop, int64_t time_us)
{
    PRE(loop_is_simulated(loop));
    struct loop_simulated *self = SIMULATED(loop);
    int64_t end_us = self->clock.steady_us + time_us;
    uint64_t steps = 0;
    while (!self->stopped && (step(self) || jump(self, end_us)))
        steps++;
    if (!self->stopped && self->clock.steady_us < end_us)
        clock_manual_advance_us(&self->clock, end_us - self->clock.steady_us);
    self->stopped = false;
    return steps;
}

uint64_t loop_run_steps(struct loop *loop, uint64_t count)
{
    PRE(loop_is_simulated(loop));
    struct loop_simulated *self = SIMULATED(loop);
    uint64_t steps = 0;
    while (steps < count && !self->stopped && (step(self) || jump(self, INT64_MAX)))
        steps++;
    self->stopped = false;
    return steps;
}

static void stop(struct loop *loop)
{
    SIMULATED(loop)->stopped = true;
}

static void timers_changed(struct loop *loop)
{
    (void)loop; /* Every step looks. */
}

static void submit(struct loop *loop, enum loop_lane lane, struct task *task)
{
    struct loop_simulated *self = SIMULATED(loop);
    if (lane == LANE_COMMIT) {
        list_push_back(&self->commits, &task->link);
        return;
    }
    list_push_back(&self->workers, &task->link);
    self->worker_count++;
}

static void post(struct loop *loop, struct message *message)
{
    list_push_back(&SIMULATED(loop)->messages, &message->link);
}

static void destroy(struct loop *loop)
{
    struct loop_simulated *self = SIMULATED(loop);
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

struct loop *loop_create_simulated(uint64_t seed)
{
    struct loop_simulated *self = mem_alloc(sizeof(*self));
    clock_manual_init(&self->clock, START_WALL_US);
    random_seeded_init(&self->random, seed);
    random_seeded_init(&self->order, ~seed);
    loop_init(&self->loop, &ops, &self->clock.clock, &self->random.random);
    list_init(&self->messages);
    list_init(&self->commits);
    list_init(&self->workers);
    list_init(&self->finished);
    return &self->loop;
}
