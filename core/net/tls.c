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

#define HANDSHAKE_TIMEOUT_US INT64_C(15000000)
#define RECORD_HEAD_SIZE 5
#define RECEIVED_MAX (128 * 1024) /* Of a peer that sends on while we handshake. */

enum { HANDSHAKING, OPEN, ENDED, FAILED, CLOSED };

static const struct phase phases[] = {
    [HANDSHAKING] = {"handshaking", TO(OPEN) | TO(FAILED) | TO(CLOSED)},
    [OPEN] = {"open", TO(ENDED) | TO(FAILED) | TO(CLOSED)},
    [ENDED] = {"ended", TO(FAILED) | TO(CLOSED)},
    [FAILED] = {"failed", TO(CLOSED)},
    [CLOSED] = {"closed", 0},
};

/* Needed until the handshake is done. */
struct handshake {
    struct tls_verifier verifier;
    struct task task;
    struct buffer to_read; /* The task's while it runs: bytes from the peer, */
    size_t read;           /* how many of them it used, */
    struct buffer to_send; /* and bytes for it. */
};

struct tls_stream {
    struct stream stream;
    struct stream *lower; /* NULL when it is gone. */
    struct tls_config *config;
    char *host;           /* Of a client; NULL: a server. */
    int phase;
    struct handshake *handshake; /* NULL when it is done. */
    bool task_runs;
    struct timer timer;
    struct message turn;
    bool turn_posted;
    bool reading;
    bool delivering;  /* on_read is running. */
    bool end_wanted;  /* stream_end() was called, and has not been done. */
    bool end_told;
    bool lower_ended;
    bool drain_owed;  /* Bytes were written before the handshake was done. */
    char failure_text[64];
    struct buffer received; /* Sealed bytes that the engine has not had. */
    struct buffer early;    /* Bytes written before the handshake was done. */
    struct arena arena;     /* The peer's certificate. */
    struct tls_peer peer;
    struct tls_engine engine;
};

#define TLS(pointer) CONTAINER_OF(pointer, struct tls_stream, stream)

static br_ssl_engine_context *engine_of(struct tls_stream *self)
{
    return &self->engine.context.engine;
}

static void step(struct tls_stream *self);

static void want_turn(struct tls_stream *self)
{
    if (self->turn_posted)
        return;
    self->turn_posted = true;
    loop_post(self->stream.loop, &self->turn);
}

static void free_handshake(struct tls_stream *self)
{
    struct handshake *handshake = self->handshake;
    if (!handshake)
        return;
    tls_verifier_release(&handshake->verifier);
    buffer_release(&handshake->to_read);
    buffer_release(&handshake->to_send);
    mem_free(handshake);
    self->handshake = NULL;
}

static void free_if_done(struct tls_stream *self)
{
    const struct stream_handler *handler = self->stream.handler;
    if (self->phase != CLOSED || self->lower || self->task_runs || self->turn_posted
        || self->delivering)
        return;
    if (handler && handler->on_close)
        handler->on_close(self->stream.context);
    free_handshake(self);
    buffer_release(&self->received);
    buffer_release(&self->early);
    arena_release(&self->arena);
    tls_config_unref(self->config);
    mem_free(self->host);
    tls_engine_release(&self->engine);
    mem_free(self);
}

static void fail(struct tls_stream *self, const char *why)
{
    phase_move(phases, &self->phase, FAILED);
    timer_stop(&self->timer);
    stream_read_stop(self->lower);
    if (self->stream.handler->on_error)
        self->stream.handler->on_error(self->stream.context, why);
}

/* --- The handshake --- */

/* How many bytes make whole records: less would be a worker's trip for nothing. */
static size_t whole_records(const struct buffer *received)
{
    const uint8_t *bytes = (const uint8_t *)received->data;
    size_t whole = 0;
    while (received->size - whole >= RECORD_HEAD_SIZE) {
        size_t size = RECORD_HEAD_SIZE + ((size_t)bytes[whole + 3] << 8 | bytes[whole + 4]);
        if (received->size - whole < size)
            break;
        whole += size;
    }
    return whole;
}

/* Records begin with their type, 20 to 23 (RFC 5246 6.2.1), and version 3.x. */
static bool is_no_record(const struct buffer *received)
{
    const uint8_t *bytes = (const uint8_t *)received->data;
    return received->size >= RECORD_HEAD_SIZE
        && (bytes[0] < 20 || bytes[0] > 23 || bytes[1] != 3);
}

/* Not TLS. If somebody forgot the s of https, says so in their language, as Go does. */
static void refuse_alien(struct tls_stream *self)
{
    static const char *const methods[] = {"GET /", "HEAD ", "POST ", "PUT /", "PATCH", "DELET",
                                          "OPTIO"};
    for (size_t i = 0; !self->host && i < ARRAY_SIZE(methods); i++) {
        if (slice_starts_with(buffer_slice(&self->received), slice_of(methods[i])))
            stream_write(self->lower,
                         SLICE("HTTP/1.0 400 Bad Request\r\n\r\n"
                               "Client sent an HTTP request to an HTTPS server.\n"));
    }
    fail(self, "tls: first record does not look like a TLS handshake");
}

/* On a worker, or on the loop where nothing costly can come. */
static void advance(struct tls_stream *self)
{
    struct handshake *handshake = self->handshake;
    br_ssl_engine_context *engine = engine_of(self);
    for (;;) {
        unsigned state = br_ssl_engine_current_state(engine);
        size_t size, rest = handshake->to_read.size - handshake->read;
        if (state & BR_SSL_SENDREC) {
            unsigned char *bytes = br_ssl_engine_sendrec_buf(engine, &size);
            buffer_append(&handshake->to_send, bytes, size);
            br_ssl_engine_sendrec_ack(engine, size);
        } else if ((state & BR_SSL_RECVREC) && !(state & BR_SSL_SENDAPP) && rest > 0) {
            unsigned char *bytes = br_ssl_engine_recvrec_buf(engine, &size);
            size = size < rest ? size : rest;
            memcpy(bytes, handshake->to_read.data + handshake->read, size);
            handshake->read += size;
            br_ssl_engine_recvrec_ack(engine, size);
        } else {
            return;
        }
    }
}

static void work(struct task *task)
{
    struct handshake *handshake = CONTAINER_OF(task, struct handshake, task);
    struct tls_stream *self = CONTAINER_OF(handshake->verifier.peer, struct tls_stream, peer);
    advance(self);
}

static void send_handshake(struct tls_stream *self)
{
    stream_write(self->lower, buffer_slice(&self->handshake->to_send));
    buffer_clear(&self->handshake->to_send);
}

/* What the engine has not used comes before what has come meanwhile. */
static void give_back_unread(struct tls_stream *self)
{
    struct handshake *handshake = self->handshake;
    struct buffer rest = handshake->to_read;
    buffer_consume(&rest, handshake->read);
    buffer_append_slice(&rest, buffer_slice(&self->received));
    buffer_release(&self->received);
    self->received = rest;
    handshake->to_read = (struct buffer){0};
    handshake->read = 0;
}

static void write_now(struct tls_stream *self, struct slice data);

static void open_stream(struct tls_stream *self)
{
    phase_move(phases, &self->phase, OPEN);
    timer_stop(&self->timer);
    free_handshake(self);
    self->stream.peer.tls = &self->peer;
    write_now(self, buffer_slice(&self->early));
    buffer_release(&self->early);
    want_turn(self); /* Bytes may wait already, and drain may be owed. */
}

static const char *failure_text(struct tls_stream *self)
{
    bool verdict = self->host && self->peer.state == TLS_PEER_UNTRUSTED;
    return verdict ? self->peer.why
                   : tls_error_text(br_ssl_engine_last_error(engine_of(self)),
                                    self->failure_text);
}

static void start_task(struct tls_stream *self, size_t size)
{
    struct handshake *handshake = self->handshake;
    buffer_append(&handshake->to_read, self->received.data, size);
    buffer_consume(&self->received, size);
    self->task_runs = true;
    loop_submit(self->stream.loop, LANE_WORKERS, &handshake->task);
}

static void step_handshake(struct tls_stream *self)
{
    if (self->task_runs)
        return;
    unsigned state = br_ssl_engine_current_state(engine_of(self));
    size_t whole = whole_records(&self->received);
    if (state & BR_SSL_SENDAPP)
        open_stream(self);
    else if (state == BR_SSL_CLOSED)
        fail(self, failure_text(self));
    else if (is_no_record(&self->received))
        refuse_alien(self);
    else if (whole > 0)
        start_task(self, whole);
    else if (self->lower_ended)
        fail(self, "tls: the peer ended within the handshake");
}

static void work_done(struct task *task)
{
    struct handshake *handshake = CONTAINER_OF(task, struct handshake, task);
    struct tls_stream *self = CONTAINER_OF(handshake->verifier.peer, struct tls_stream, peer);
    self->task_runs = false;
    if (self->phase == CLOSED) {
        free_if_done(self);
        return;
    }
    if (self->phase != HANDSHAKING) /* The time was over, or the lower stream broke. */
        return;
    give_back_unread(self);
    send_handshake(self);
    step(self);
}

static void time_over(struct timer *timer)
{
    struct tls_stream *self = CONTAINER_OF(timer, struct tls_stream, timer);
    fail(self, "tls: handshake timeout");
}

/* --- Records --- */

static void send_records(struct tls_stream *self)
{
    br_ssl_engine_context *engine = engine_of(self);
    unsigned char *bytes;
    size_t size;
    while ((bytes = br_ssl_engine_sendrec_buf(engine, &size))) {
        stream_write(self->lower, (struct slice){(const char *)bytes, size});
        br_ssl_engine_sendrec_ack(engine, size);
    }
}

static void write_now(struct tls_stream *self, struct slice data)
{
    br_ssl_engine_context *engine = engine_of(self);
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
    phase_move(phases, &self->phase, ENDED);
    br_ssl_engine_close(engine_of(self));
    send_records(self);
    stream_end(self->lower);
}

static void deliver(struct tls_stream *self)
{
    br_ssl_engine_context *engine = engine_of(self);
    size_t size;
    unsigned char *bytes = br_ssl_engine_recvapp_buf(engine, &size);
    self->delivering = true;
    self->stream.handler->on_read(self->stream.context,
                                  (struct slice){(const char *)bytes, size});
    self->delivering = false;
    br_ssl_engine_recvapp_ack(engine, size);
}

static size_t feed(struct tls_stream *self, struct slice data)
{
    br_ssl_engine_context *engine = engine_of(self);
    size_t size;
    unsigned char *bytes = br_ssl_engine_recvrec_buf(engine, &size);
    size = size < data.size ? size : data.size;
    memcpy(bytes, data.data, size);
    br_ssl_engine_recvrec_ack(engine, size);
    return size;
}

static void peer_closed(struct tls_stream *self)
{
    int error = br_ssl_engine_last_error(engine_of(self));
    if (error) {
        fail(self, tls_error_text(error, self->failure_text));
        return;
    }
    stream_read_stop(self->lower);
    if (self->phase == OPEN) { /* BearSSL has answered with our close_notify. */
        phase_move(phases, &self->phase, ENDED);
        stream_end(self->lower);
    }
    if (self->end_told)
        return;
    self->end_told = true;
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
    while (is_running(self) && !self->end_told) {
        unsigned state = br_ssl_engine_current_state(engine_of(self));
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
    if (!self->lower_ended || !self->reading || self->end_told || !is_running(self)
        || self->received.size > 0)
        return;
    if (self->phase == OPEN) {
        fail(self, "tls: unexpected end of the stream");
        return;
    }
    self->end_told = true; /* After our own end it does not matter. */
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

static void step(struct tls_stream *self)
{
    if (self->phase == HANDSHAKING)
        step_handshake(self);
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
    free_if_done(self);
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
    step(self);
}

static void lower_end(void *context)
{
    struct tls_stream *self = context;
    self->lower_ended = true;
    step(self);
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
        fail(self, why);
}

static void lower_close(void *context)
{
    struct tls_stream *self = context;
    self->lower = NULL;
    free_if_done(self);
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
        want_turn(self);
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
        write_now(self, data);
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
    phase_move(phases, &self->phase, CLOSED);
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
    step(self);
}

static const struct stream_ops ops = {
    .read_start = read_start,
    .read_stop = read_stop,
    .write = write_bytes,
    .pending = pending,
    .end = end_writing,
    .close = close_stream,
};

static struct stream *open_filter(struct tls_config *config, struct stream *lower,
                                  const char *host)
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
    self->handshake = mem_alloc(sizeof(*self->handshake));
    self->handshake->task = (struct task){.work = work, .done = work_done};
    tls_verifier_init(&self->handshake->verifier, config, self->host,
                      clock_wall_us(loop_clock(loop)), &self->arena, &self->peer);
    tls_engine_start(&self->engine, config, &self->handshake->verifier, loop_random(loop));
    timer_init(&self->timer, loop, time_over);
    timer_start_us(&self->timer, HANDSHAKE_TIMEOUT_US);
    stream_set_handler(lower, &lower_handler, self);
    advance(self);
    send_handshake(self);
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
