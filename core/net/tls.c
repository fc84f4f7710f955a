/* How a stream goes:
 *   1. HANDSHAKING: bytes from below gather in received; each complete record
 *      is given to BearSSL by a task on a worker, and what it wants to send
 *      goes down when the task is done. The loop does not touch the engine
 *      while a task runs.
 *   2. OPEN: records are opened and sealed on the loop.
 *   3. ENDED: our close_notify is sent; only the peer's is waited for.
 *   4. FAILED: told by on_error; waits for the owner's close.
 *   5. CLOSED: waits for the lower stream's close and the task's end.
 * What goes wrong:
 *   - The handshake fails or takes too long: FAILED.
 *   - The peer ends without close_notify: FAILED, the bytes may be cut short. */
#include "core/net/tls.h"

#include "core/net/tls_private.h"
#include "core/phase.h"

#define RECEIVED_MAX (128 * 1024) /* Of a peer that sends on while we handshake. */

static const struct phase phases[] = {
    [HANDSHAKING] = {"handshaking", TO(OPEN) | TO(FAILED) | TO(CLOSED)},
    [OPEN] = {"open", TO(ENDED) | TO(FAILED) | TO(CLOSED)},
    [ENDED] = {"ended", TO(FAILED) | TO(CLOSED)},
    [FAILED] = {"failed", TO(CLOSED)},
    [CLOSED] = {"closed", 0},
};

void tls_move(struct tls_stream *self, enum tls_phase phase)
{
    phase_move(phases, &self->phase, phase);
}

#define TLS(pointer) CONTAINER_OF(pointer, struct tls_stream, stream)

void tls_want_turn(struct tls_stream *self)
{
    if (self->turn_posted)
        return;
    self->turn_posted = true;
    loop_post(self->stream.loop, &self->turn);
}

void tls_free_if_done(struct tls_stream *self)
{
    const struct stream_handler *handler = self->stream.handler;
    if (self->phase != CLOSED || self->lower || self->task_runs || self->turn_posted ||
        self->delivering)
        return;
    if (handler && handler->on_close)
        handler->on_close(self->stream.context);
    tls_handshake_release(self);
    buffer_release(&self->received);
    buffer_release(&self->early);
    arena_release(&self->arena);
    tls_config_unref(self->config);
    mem_free(self->host);
    tls_engine_release(&self->engine);
    mem_free(self);
}

void tls_fail(struct tls_stream *self, const char *why)
{
    tls_move(self, FAILED);
    timer_stop(&self->timer);
    stream_read_stop(self->lower);
    if (self->stream.handler->on_error)
        self->stream.handler->on_error(self->stream.context, why);
}

/* --- Records --- */

static void send_records(struct tls_stream *self)
{
    br_ssl_engine_context *engine = tls_engine_of(self);
    unsigned char *bytes;
    size_t size;
    while ((bytes = br_ssl_engine_sendrec_buf(engine, &size))) {
        stream_write(self->lower, (struct slice){(const char *)bytes, size});
        br_ssl_engine_sendrec_ack(engine, size);
    }
}

void tls_write_now(struct tls_stream *self, struct slice data)
{
    br_ssl_engine_context *engine = tls_engine_of(self);
    while (data.size > 0) {
        size_t size;
        unsigned char *bytes = br_ssl_engine_sendapp_buf(engine, &size);
        if (!bytes)
            return; /* The peer has closed: told when it is read. */
        size = size < data.size ? size : data.size;
        memcpy(bytes, data.data, size);
        data = slice_sub(data, size, data.size);
        br_ssl_engine_sendapp_ack(engine, size);
        br_ssl_engine_flush(engine, 0);
        send_records(self);
    }
}

static void end_now(struct tls_stream *self)
{
    self->end_wanted = false;
    tls_move(self, ENDED);
    br_ssl_engine_close(tls_engine_of(self));
    send_records(self);
    stream_end(self->lower);
}

static void deliver(struct tls_stream *self)
{
    br_ssl_engine_context *engine = tls_engine_of(self);
    size_t size;
    unsigned char *bytes = br_ssl_engine_recvapp_buf(engine, &size);
    self->delivering = true;
    self->stream.handler->on_read(self->stream.context, (struct slice){(const char *)bytes, size});
    self->delivering = false;
    br_ssl_engine_recvapp_ack(engine, size);
}

static size_t feed(struct tls_stream *self, struct slice data)
{
    br_ssl_engine_context *engine = tls_engine_of(self);
    size_t size;
    unsigned char *bytes = br_ssl_engine_recvrec_buf(engine, &size);
    size = size < data.size ? size : data.size;
    memcpy(bytes, data.data, size);
    br_ssl_engine_recvrec_ack(engine, size);
    return size;
}

static void peer_closed(struct tls_stream *self)
{
    int error = br_ssl_engine_last_error(tls_engine_of(self));
    if (error) {
        tls_fail(self, tls_error_text(error, self->failure_text));
        return;
    }
    stream_read_stop(self->lower);
    if (self->phase == OPEN) { /* BearSSL has answered with our close_notify. */
        tls_move(self, ENDED);
        stream_end(self->lower);
    }
    if (self->stream.read_ended)
        return;
    self->stream.read_ended = true;
    if (self->stream.handler->on_end)
        self->stream.handler->on_end(self->stream.context);
}

static bool is_running(const struct tls_stream *self)
{
    return self->phase == OPEN || self->phase == ENDED;
}

/* Opens records and delivers, until data is used up or nobody reads. Gives
 * how much it used. */
static size_t open_records(struct tls_stream *self, struct slice data)
{
    size_t used = 0;
    while (is_running(self) && !self->stream.read_ended) {
        unsigned state = br_ssl_engine_current_state(tls_engine_of(self));
        if (state & BR_SSL_SENDREC)
            send_records(self);
        else if (state == BR_SSL_CLOSED)
            peer_closed(self);
        else if ((state & BR_SSL_RECVAPP) && self->reading)
            deliver(self);
        else if ((state & BR_SSL_RECVREC) && used < data.size && self->reading)
            used += feed(self, slice_sub(data, used, data.size));
        else
            break;
        if (self->end_wanted && self->phase == OPEN)
            end_now(self);
    }
    return used;
}

/* The peer's bytes are over, and its close_notify was not among them. */
static void check_truncation(struct tls_stream *self)
{
    if (!self->lower_ended || !self->reading || self->stream.read_ended || !is_running(self) ||
        self->received.size > 0)
        return;
    if (self->phase == OPEN) {
        tls_fail(self, "tls: unexpected end of the stream");
        return;
    }
    self->stream.read_ended = true; /* After our own end it does not matter. */
    if (self->stream.handler->on_end)
        self->stream.handler->on_end(self->stream.context);
}

static void read_on(struct tls_stream *self)
{
    bool wanted = self->phase == HANDSHAKING ? self->received.size < RECEIVED_MAX
                                             : is_running(self) && self->reading;
    if (wanted && !self->lower_ended)
        stream_read_start(self->lower);
    else
        stream_read_stop(self->lower);
}

void tls_step(struct tls_stream *self)
{
    if (self->phase == HANDSHAKING)
        tls_handshake_step(self);
    if (is_running(self)) {
        if (self->end_wanted)
            end_now(self);
        size_t used = open_records(self, buffer_slice(&self->received));
        buffer_consume(&self->received, used);
        if (self->received.size == 0)
            buffer_release(&self->received);
        check_truncation(self);
    }
    if (self->phase != CLOSED && self->phase != FAILED)
        read_on(self);
    tls_free_if_done(self);
}

/* --- What the lower stream tells --- */

static void lower_read(void *context, struct slice data)
{
    struct tls_stream *self = context;
    if (is_running(self) && self->received.size == 0) {
        size_t used = open_records(self, data);
        data = slice_sub(data, used, data.size);
    }
    buffer_append_slice(&self->received, data);
    tls_step(self);
}

static void lower_end(void *context)
{
    struct tls_stream *self = context;
    self->lower_ended = true;
    tls_step(self);
}

static void lower_drain(void *context)
{
    struct tls_stream *self = context;
    if (!is_running(self))
        return;
    self->drain_owed = false;
    if (self->stream.handler->on_drain)
        self->stream.handler->on_drain(self->stream.context);
}

static void lower_error(void *context, const char *why)
{
    struct tls_stream *self = context;
    if (self->phase == HANDSHAKING || is_running(self))
        tls_fail(self, why);
}

static void lower_close(void *context)
{
    struct tls_stream *self = context;
    self->lower = NULL;
    tls_free_if_done(self);
}

static const struct stream_handler lower_handler = {
    .on_read = lower_read,
    .on_end = lower_end,
    .on_drain = lower_drain,
    .on_error = lower_error,
    .on_close = lower_close,
};

/* --- What the owner asks --- */

static void read_start(struct stream *stream)
{
    struct tls_stream *self = TLS(stream);
    self->reading = true;
    if (!self->delivering)
        tls_want_turn(self);
}

static void read_stop(struct stream *stream)
{
    TLS(stream)->reading = false;
}

static void write_bytes(struct stream *stream, struct slice data)
{
    struct tls_stream *self = TLS(stream);
    PRE(self->phase != CLOSED && !self->end_wanted);
    if (self->phase == HANDSHAKING) {
        buffer_append_slice(&self->early, data);
        self->drain_owed = true;
    } else if (self->phase == OPEN) {
        tls_write_now(self, data);
    }
}

static size_t pending(const struct stream *stream)
{
    const struct tls_stream *self = CONTAINER_OF(stream, const struct tls_stream, stream);
    return self->early.size + (self->lower ? stream_pending(self->lower) : 0);
}

static void end_writing(struct stream *stream)
{
    struct tls_stream *self = TLS(stream);
    if (self->phase != HANDSHAKING && self->phase != OPEN)
        return;
    self->end_wanted = true;
    if (self->phase == OPEN && !self->delivering)
        end_now(self);
}

static void close_stream(struct stream *stream)
{
    struct tls_stream *self = TLS(stream);
    tls_move(self, CLOSED);
    timer_stop(&self->timer);
    stream_close(self->lower);
}

static void take_turn(struct message *turn)
{
    struct tls_stream *self = CONTAINER_OF(turn, struct tls_stream, turn);
    self->turn_posted = false;
    if (self->phase == FAILED)
        return;
    if (self->drain_owed && is_running(self) && stream_pending(self->lower) == 0)
        lower_drain(self);
    tls_step(self);
}

static const struct stream_ops ops = {
    .read_start = read_start,
    .read_stop = read_stop,
    .write = write_bytes,
    .pending = pending,
    .end = end_writing,
    .close = close_stream,
};

static struct stream *open_filter(struct tls_config *config, struct stream *lower, const char *host)
{
    struct tls_stream *self = mem_alloc(sizeof(*self));
    struct loop *loop = lower->loop;
    self->stream.ops = &ops;
    self->stream.loop = loop;
    memcpy(self->stream.peer.address, lower->peer.address, sizeof(lower->peer.address));
    self->lower = lower;
    self->config = tls_config_ref(config);
    self->host = host ? mem_copy_text(host) : NULL;
    self->phase = HANDSHAKING;
    self->turn.deliver = take_turn;
    arena_init(&self->arena);
    stream_set_handler(lower, &lower_handler, self);
    tls_handshake_begin(self);
    stream_read_start(lower);
    return &self->stream;
}

struct stream *tls_open_server(struct tls_config *config, struct stream *lower)
{
    PRE(config->chain_count > 0);
    return open_filter(config, lower, NULL);
}

struct stream *tls_open_client(struct tls_config *config, struct stream *lower, const char *host)
{
    PRE(host);
    return open_filter(config, lower, host);
}
