#include "core/net/splice.h"

struct side {
    struct splice *splice;
    struct stream *stream;
    struct side *other;
    bool has_ended; /* Nothing more comes from it. */
};

struct splice {
    struct list link;
    struct side sides[2];
    struct timer linger;
    struct message over;
    bool is_over;
};

static void free_splice(struct message *message)
{
    mem_free(CONTAINER_OF(message, struct splice, over));
}

/* Callbacks of the streams may be on the stack: the memory goes later. */
static void close_both(struct splice *splice)
{
    struct loop *loop = splice->linger.loop;
    if (splice->is_over)
        return;
    splice->is_over = true;
    list_remove(&splice->link);
    timer_stop(&splice->linger);
    for (int i = 0; i < 2; i++) {
        stream_set_handler(splice->sides[i].stream, NULL, NULL);
        stream_close(splice->sides[i].stream);
    }
    splice->over.deliver = free_splice;
    loop_post(loop, &splice->over);
}

static void on_read(void *context, struct slice data)
{
    struct side *side = context;
    stream_write(side->other->stream, data);
    if (stream_pending(side->other->stream) > SPLICE_PENDING_MAX)
        stream_read_stop(side->stream);
}

static void finish_if_drained(struct splice *splice)
{
    const struct side *a = &splice->sides[0], *b = &splice->sides[1];
    if (a->has_ended && b->has_ended && stream_pending(a->stream) == 0 &&
        stream_pending(b->stream) == 0)
        close_both(splice);
}

static void on_end(void *context)
{
    struct side *side = context;
    side->has_ended = true;
    stream_end(side->other->stream);
    timer_start_us(&side->splice->linger, SPLICE_LINGER_US);
    finish_if_drained(side->splice);
}

static void on_drain(void *context)
{
    struct side *side = context;
    if (!side->other->has_ended)
        stream_read_start(side->other->stream);
    finish_if_drained(side->splice);
}

static void on_error(void *context, const char *why)
{
    (void)why;
    close_both(((struct side *)context)->splice);
}

static void linger_over(struct timer *timer)
{
    close_both(CONTAINER_OF(timer, struct splice, linger));
}

static const struct stream_handler handler = {
    .on_read = on_read, .on_end = on_end, .on_drain = on_drain, .on_error = on_error};

static void begin_side(struct side *side, struct slice early)
{
    if (early.size > 0)
        on_read(side, early);
    if (side->stream->read_ended)
        on_end(side);
    else if (stream_pending(side->other->stream) <= SPLICE_PENDING_MAX)
        stream_read_start(side->stream);
}

void splice_open(struct stream *a, struct slice early_a, struct stream *b, struct slice early_b,
                 struct list *all)
{
    struct splice *splice = mem_alloc(sizeof(*splice));
    struct side *left = &splice->sides[0], *right = &splice->sides[1];
    *left = (struct side){.splice = splice, .stream = a, .other = right};
    *right = (struct side){.splice = splice, .stream = b, .other = left};
    timer_init(&splice->linger, a->loop, linger_over);
    list_push_back(all, &splice->link);
    stream_set_handler(a, &handler, left);
    stream_set_handler(b, &handler, right);
    begin_side(left, early_a);
    if (!splice->is_over)
        begin_side(right, early_b);
}

void splice_close_all(struct list *all)
{
    LIST_EACH(link, all)
        close_both(CONTAINER_OF(link, struct splice, link));
}
