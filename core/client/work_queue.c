#include "core/client/work_queue.h"

#include "core/map.h"

enum { BACKOFF_MIN_US = 5000 };
#define BACKOFF_MAX_US INT64_C(1000000000)

struct item {
    struct slice key;       /* Owned. */
    struct heap_node node;  /* In delayed. */
    struct list link;       /* In ready. */
    int64_t due_us;
    int64_t backoff_us;     /* 0: it has not failed. */
    uint64_t order;
    bool is_ready;
    bool is_asked_again;    /* While it is under way. */
};

struct work_queue {
    struct loop *loop;
    work_fn *work;
    void *context;
    struct map items;       /* Key -> item: ready, delayed, under way, or failing. */
    struct list ready;
    struct heap delayed;
    struct timer timer;
    struct message message;
    struct item *under_way;
    uint64_t order;
    bool is_posted;
    bool is_destroyed;
};

static int compare_due(const struct heap_node *left, const struct heap_node *right, void *context)
{
    (void)context;
    const struct item *a = CONTAINER_OF(left, const struct item, node);
    const struct item *b = CONTAINER_OF(right, const struct item, node);
    if (a->due_us != b->due_us)
        return a->due_us < b->due_us ? -1 : 1;
    return a->order < b->order ? -1 : a->order > b->order;
}

static void free_queue(struct work_queue *queue)
{
    size_t cursor = 0;
    struct map_entry entry;
    while (map_next(&queue->items, &cursor, &entry)) {
        struct item *item = entry.value;
        mem_free((char *)(uintptr_t)item->key.data);
        mem_free(item);
    }
    map_release(&queue->items);
    heap_release(&queue->delayed);
    mem_free(queue);
}

static void post(struct work_queue *queue)
{
    if (queue->is_posted || queue->under_way || list_is_empty(&queue->ready))
        return;
    queue->is_posted = true;
    loop_post(queue->loop, &queue->message);
}

static void step(struct message *message)
{
    struct work_queue *queue = CONTAINER_OF(message, struct work_queue, message);
    queue->is_posted = false;
    if (queue->is_destroyed) {
        free_queue(queue);
        return;
    }
    struct list *link = queue->under_way ? NULL : list_pop_front(&queue->ready);
    if (!link)
        return;
    struct item *item = CONTAINER_OF(link, struct item, link);
    item->is_ready = false;
    queue->under_way = item;
    queue->work(queue->context, item->key);
}

static void set_timer(struct work_queue *queue)
{
    struct heap_node *first = heap_first(&queue->delayed);
    if (!first) {
        timer_stop(&queue->timer);
        return;
    }
    int64_t delay =
        CONTAINER_OF(first, struct item, node)->due_us - clock_steady_us(loop_clock(queue->loop));
    timer_start_us(&queue->timer, delay > 0 ? delay : 0);
}

static void make_ready(struct work_queue *queue, struct item *item)
{
    heap_remove(&queue->delayed, &item->node);
    if (item->is_ready)
        return;
    if (item == queue->under_way) {
        item->is_asked_again = true;
        return;
    }
    item->is_ready = true;
    list_push_back(&queue->ready, &item->link);
    post(queue);
}

static void timer_fired(struct timer *timer)
{
    struct work_queue *queue = CONTAINER_OF(timer, struct work_queue, timer);
    int64_t now_us = clock_steady_us(loop_clock(queue->loop));
    struct heap_node *first;
    while ((first = heap_first(&queue->delayed)) != NULL &&
           CONTAINER_OF(first, struct item, node)->due_us <= now_us)
        make_ready(queue, CONTAINER_OF(first, struct item, node));
    set_timer(queue);
}

struct work_queue *work_queue_create(struct loop *loop, work_fn *work, void *context)
{
    struct work_queue *queue = mem_alloc(sizeof(*queue));
    queue->loop = loop;
    queue->work = work;
    queue->context = context;
    queue->message.deliver = step;
    map_init_borrowing(&queue->items);
    list_init(&queue->ready);
    heap_init(&queue->delayed, compare_due, NULL);
    timer_init(&queue->timer, loop, timer_fired);
    return queue;
}

void work_queue_destroy(struct work_queue *queue)
{
    if (!queue)
        return;
    PRE(queue->under_way == NULL);
    timer_stop(&queue->timer);
    queue->is_destroyed = true;
    if (!queue->is_posted)
        free_queue(queue);
}

static struct item *item_of(struct work_queue *queue, struct slice key)
{
    struct item *item = map_get(&queue->items, key);
    if (item)
        return item;
    item = mem_alloc(sizeof(*item));
    list_init(&item->link);
    item->key = (struct slice){mem_copy_slice(key), key.size};
    item->order = queue->order++;
    map_set(&queue->items, item->key, item);
    return item;
}

void work_queue_add(struct work_queue *queue, struct slice key)
{
    make_ready(queue, item_of(queue, key));
}

/* A key that is already due sooner stays so. */
static void delay(struct work_queue *queue, struct item *item, int64_t delay_us)
{
    int64_t due_us = clock_steady_us(loop_clock(queue->loop)) + delay_us;
    if (item->is_ready || (heap_contains(&item->node) && item->due_us <= due_us))
        return;
    heap_remove(&queue->delayed, &item->node);
    item->due_us = due_us;
    heap_insert(&queue->delayed, &item->node);
    set_timer(queue);
}

void work_queue_add_after(struct work_queue *queue, struct slice key, int64_t delay_us)
{
    delay(queue, item_of(queue, key), delay_us);
}

static void forget(struct work_queue *queue, struct item *item)
{
    map_remove(&queue->items, item->key);
    mem_free((char *)(uintptr_t)item->key.data);
    mem_free(item);
}

void work_queue_done(struct work_queue *queue, bool failed)
{
    struct item *item = queue->under_way;
    PRE(item != NULL);
    queue->under_way = NULL;
    bool again = item->is_asked_again;
    item->is_asked_again = false;
    item->backoff_us = !failed ? 0 : item->backoff_us == 0 ? BACKOFF_MIN_US : item->backoff_us * 2;
    if (item->backoff_us > BACKOFF_MAX_US)
        item->backoff_us = BACKOFF_MAX_US;
    if (failed)
        delay(queue, item, item->backoff_us);
    else if (again)
        make_ready(queue, item);
    else if (!heap_contains(&item->node))
        forget(queue, item);
    post(queue);
}

bool work_queue_is_retry(const struct work_queue *queue)
{
    return queue->under_way && queue->under_way->backoff_us > 0;
}

bool work_queue_is_idle(const struct work_queue *queue)
{
    return !queue->under_way && list_is_empty(&queue->ready);
}
