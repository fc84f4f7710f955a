/* What both loops share: timers in a heap, and the calls that find the kind of loop. */
#include "core/net/loop_private.h"

#include "core/buffer.h"

static int compare_timers(const struct heap_node *a, const struct heap_node *b, void *context)
{
    const struct timer *x = CONTAINER_OF(a, const struct timer, node);
    const struct timer *y = CONTAINER_OF(b, const struct timer, node);
    (void)context;
    if (x->due_us != y->due_us)
        return x->due_us < y->due_us ? -1 : 1;
    return x->order < y->order ? -1 : 1;
}

void loop_init(struct loop *loop, const struct loop_ops *ops, struct clock *clock,
               struct random *random)
{
    loop->ops = ops;
    loop->clock = clock;
    loop->random = random;
    loop->timer_order = 0;
    loop->network = NULL;
    loop->network_destroy = NULL;
    loop->read_memory = NULL;
    loop->longest_turn_us = 0;
    loop->steps = (struct loop_steps){0};
    heap_init(&loop->timers, compare_timers, NULL);
}

void loop_release(struct loop *loop)
{
    if (loop->network)
        loop->network_destroy(loop->network);
    mem_free(loop->read_memory);
    heap_release(&loop->timers);
}

char *loop_read_memory(struct loop *loop)
{
    if (!loop->read_memory)
        loop->read_memory = mem_alloc(LOOP_READ_SIZE);
    return loop->read_memory;
}

void loop_destroy(struct loop *loop)
{
    if (loop)
        loop->ops->destroy(loop);
}

void loop_run(struct loop *loop)
{
    loop->ops->run(loop);
}

void loop_stop(struct loop *loop)
{
    loop->ops->stop(loop);
}

int64_t loop_take_longest_turn_us(struct loop *loop)
{
    int64_t longest_us = loop->longest_turn_us;
    loop->longest_turn_us = 0;
    return longest_us;
}

struct clock *loop_clock(struct loop *loop)
{
    return loop->clock;
}

struct random *loop_random(struct loop *loop)
{
    return loop->random;
}

void timer_init(struct timer *timer, struct loop *loop, void (*fire)(struct timer *timer))
{
    *timer = (struct timer){.loop = loop, .fire = fire};
}

void timer_start_us(struct timer *timer, int64_t delay_us)
{
    struct loop *loop = timer->loop;
    PRE(timer->fire);
    heap_remove(&loop->timers, &timer->node);
    timer->due_us = clock_steady_us(loop->clock) + (delay_us > 0 ? delay_us : 0);
    timer->order = ++loop->timer_order;
    heap_insert(&loop->timers, &timer->node);
    loop->ops->timers_changed(loop);
}

void timer_stop(struct timer *timer)
{
    if (!timer_is_running(timer))
        return;
    heap_remove(&timer->loop->timers, &timer->node);
    timer->loop->ops->timers_changed(timer->loop);
}

bool timer_is_running(const struct timer *timer)
{
    return heap_contains(&timer->node);
}

bool loop_next_due_us(const struct loop *loop, int64_t *due_us)
{
    struct heap_node *first = heap_first(&loop->timers);
    if (!first)
        return false;
    *due_us = CONTAINER_OF(first, struct timer, node)->due_us;
    return true;
}

bool loop_fire_due(struct loop *loop, int64_t now_us)
{
    int64_t due_us;
    if (!loop_next_due_us(loop, &due_us) || due_us > now_us)
        return false;
    struct timer *timer = CONTAINER_OF(heap_pop(&loop->timers), struct timer, node);
    loop_step_begin(loop, "timer", (uintptr_t)timer->fire);
    timer->fire(timer);
    loop_step_end(loop);
    return true;
}

void loop_submit(struct loop *loop, enum loop_lane lane, struct task *task)
{
    PRE(task->work && task->done);
    task->loop = loop;
    loop->ops->submit(loop, lane, task);
}

void loop_post(struct loop *loop, struct message *message)
{
    PRE(message->deliver);
    loop->ops->post(loop, message);
}
