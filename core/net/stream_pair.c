/* One struct holds both ends. Each end has an inbox, filled by its peer's
 * writes, and one message, posted whenever something may have to be told; the
 * message then tells one thing after the other: break, drain, bytes, end, close. */
#include "core/net/stream_pair.h"

#define CAPACITY (64 * 1024)

struct end {
    struct stream stream;
    struct stream_pair *pair;
    struct end *peer;
    struct buffer inbox;   /* Under way to this end. */
    struct buffer pending; /* Written here, and not yet under way. */
    struct message turn;
    bool turn_posted;
    bool reading;
    bool ended;       /* Writes no more. */
    bool drain_owed;  /* on_drain is to be called when pending is empty. */
    bool closed;
    bool gone;        /* on_close was called. */
    const char *broken; /* Why; NULL while whole. */
    bool break_told;
};

struct stream_pair {
    struct end ends[2];
    size_t capacity;
    size_t chunk_max;
    void (*gone)(void *context); /* May be NULL. */
    void *gone_context;
};

#define END(pointer) CONTAINER_OF(pointer, struct end, stream)

static void want_turn(struct end *end)
{
    if (end->turn_posted || end->gone)
        return;
    end->turn_posted = true;
    loop_post(end->stream.loop, &end->turn);
}

/* Moves pending bytes of an end on their way, as far as there is room. */
static void send_pending(struct end *end)
{
    size_t room = end->pair->capacity - end->peer->inbox.size;
    size_t size = end->pending.size < room ? end->pending.size : room;
    if (size == 0)
        return;
    buffer_append(&end->peer->inbox, end->pending.data, size);
    buffer_consume(&end->pending, size);
    want_turn(end->peer);
    if (end->pending.size == 0)
        want_turn(end); /* For on_drain. */
}

static void write_bytes(struct stream *stream, struct slice data)
{
    struct end *end = END(stream);
    PRE(!end->closed && !end->ended);
    if (data.size == 0 || end->broken)
        return;
    if (end->peer->closed) {
        end->broken = "connection reset by peer";
        want_turn(end);
        return;
    }
    buffer_append_slice(&end->pending, data);
    send_pending(end);
    if (end->pending.size > 0)
        end->drain_owed = true;
}

static size_t pending(const struct stream *stream)
{
    return CONTAINER_OF(stream, const struct end, stream)->pending.size;
}

static void read_start(struct stream *stream)
{
    END(stream)->reading = true;
    want_turn(END(stream));
}

static void read_stop(struct stream *stream)
{
    END(stream)->reading = false;
}

static void end_writing(struct stream *stream)
{
    struct end *end = END(stream);
    end->ended = true;
    want_turn(end->peer);
}

static void close_end(struct stream *stream)
{
    struct end *end = END(stream);
    PRE(!end->closed);
    end->closed = true;
    end->ended = true;
    end->reading = false;
    buffer_release(&end->pending);
    buffer_release(&end->inbox);
    want_turn(end);
    want_turn(end->peer);
}

static void free_pair_if_done(struct stream_pair *pair)
{
    if (!pair->ends[0].gone || !pair->ends[1].gone)
        return;
    if (pair->gone)
        pair->gone(pair->gone_context);
    mem_free(pair);
}

static void tell_close(struct end *end)
{
    const struct stream_handler *handler = end->stream.handler;
    end->gone = true;
    if (handler && handler->on_close)
        handler->on_close(end->stream.context);
    free_pair_if_done(end->pair);
}

static void tell_break(struct end *end)
{
    end->break_told = true;
    end->pending.size = 0;
    end->reading = false;
    if (end->stream.handler->on_error)
        end->stream.handler->on_error(end->stream.context, end->broken);
}

static void tell_drain(struct end *end)
{
    end->drain_owed = false;
    if (end->stream.handler->on_drain)
        end->stream.handler->on_drain(end->stream.context);
}

/* Bytes leave the inbox before they are told, so that the callback may write
 * to either end. */
static void tell_bytes(struct end *end)
{
    size_t size = end->inbox.size, most = end->pair->chunk_max;
    if (most > 0 && size > 1) {
        size_t drawn = 1 + (size_t)random_below(loop_random(end->stream.loop), most);
        size = drawn < size ? drawn : size;
    }
    struct buffer chunk = {0};
    buffer_append(&chunk, end->inbox.data, size);
    buffer_consume(&end->inbox, size);
    send_pending(end->peer);
    want_turn(end);
    end->stream.handler->on_read(end->stream.context, buffer_slice(&chunk));
    buffer_release(&chunk);
}

static void tell_end(struct end *end)
{
    end->stream.read_ended = true;
    if (end->stream.handler->on_end)
        end->stream.handler->on_end(end->stream.context);
}

static void take_turn(struct message *turn)
{
    struct end *end = CONTAINER_OF(turn, struct end, turn);
    end->turn_posted = false;
    if (end->closed)
        tell_close(end);
    else if (end->broken && !end->break_told)
        tell_break(end);
    else if (end->broken)
        return;
    else if (end->drain_owed && end->pending.size == 0) {
        want_turn(end);
        tell_drain(end);
    } else if (end->reading && end->inbox.size > 0)
        tell_bytes(end);
    else if (end->reading && end->peer->ended && end->peer->pending.size == 0 &&
             !end->stream.read_ended)
        tell_end(end);
}

static const struct stream_ops ops = {
    .read_start = read_start,
    .read_stop = read_stop,
    .write = write_bytes,
    .pending = pending,
    .end = end_writing,
    .close = close_end,
};

static void init_end(struct stream_pair *pair, int number, struct loop *loop)
{
    struct end *end = &pair->ends[number];
    end->stream.ops = &ops;
    end->stream.loop = loop;
    memcpy(end->stream.peer.address, "memory", sizeof("memory"));
    end->pair = pair;
    end->peer = &pair->ends[1 - number];
    end->turn.deliver = take_turn;
}

void stream_pair_open(struct loop *loop, const struct stream_pair_options *options,
                      struct stream **a, struct stream **b)
{
    struct stream_pair *pair = mem_alloc(sizeof(*pair));
    pair->capacity = options && options->capacity ? options->capacity : CAPACITY;
    pair->chunk_max = options ? options->chunk_max : 0;
    init_end(pair, 0, loop);
    init_end(pair, 1, loop);
    *a = &pair->ends[0].stream;
    *b = &pair->ends[1].stream;
}

void stream_pair_break(struct stream *stream, const char *why)
{
    struct stream_pair *pair = END(stream)->pair;
    for (int i = 0; i < 2; i++) {
        if (pair->ends[i].broken || pair->ends[i].closed)
            continue;
        pair->ends[i].broken = why;
        want_turn(&pair->ends[i]);
    }
}

void stream_pair_on_gone(struct stream *stream, void (*gone)(void *context), void *context)
{
    struct stream_pair *pair = END(stream)->pair;
    pair->gone = gone;
    pair->gone_context = context;
}
