/* Handshakes. BearSSL's steps that compute (a signature, a curve's point) are
 * taken by a task on a worker, over whole records that have come; what it wants
 * to send goes down when the task is done. */
#include "core/net/tls_private.h"
#include "core/phase.h"

#define HANDSHAKE_TIMEOUT_US INT64_C(15000000)
#define RECORD_HEAD_SIZE 5

/* Needed until the handshake is done. */
struct tls_handshake {
    struct tls_verifier verifier;
    struct task task;
    struct buffer to_read; /* The task's while it runs: bytes from the peer, */
    size_t read;           /* how many of them it used, */
    struct buffer to_send; /* and bytes for it. */
};

void tls_handshake_release(struct tls_stream *self)
{
    struct tls_handshake *handshake = self->handshake;
    if (!handshake)
        return;
    tls_verifier_release(&handshake->verifier);
    buffer_release(&handshake->to_read);
    buffer_release(&handshake->to_send);
    mem_free(handshake);
    self->handshake = NULL;
}

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
    return received->size >= RECORD_HEAD_SIZE && (bytes[0] < 20 || bytes[0] > 23 || bytes[1] != 3);
}

/* Not TLS. If somebody forgot the s of https, says so in their language, as Go does. */
static void refuse_alien(struct tls_stream *self)
{
    static const char *const methods[] = {"GET /", "HEAD ", "POST ", "PUT /",
                                          "PATCH", "DELET", "OPTIO"};
    for (size_t i = 0; !self->host && i < ARRAY_SIZE(methods); i++) {
        if (slice_starts_with(buffer_slice(&self->received), slice_of(methods[i])))
            stream_write(self->lower, SLICE("HTTP/1.0 400 Bad Request\r\n\r\n"
                                            "Client sent an HTTP request to an HTTPS server.\n"));
    }
    tls_fail(self, "tls: first record does not look like a TLS handshake");
}

/* On a worker, or on the loop where nothing costly can come. */
static void advance(struct tls_stream *self)
{
    struct tls_handshake *handshake = self->handshake;
    br_ssl_engine_context *engine = tls_engine_of(self);
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
    struct tls_handshake *handshake = CONTAINER_OF(task, struct tls_handshake, task);
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
    struct tls_handshake *handshake = self->handshake;
    struct buffer rest = handshake->to_read;
    buffer_consume(&rest, handshake->read);
    buffer_append_slice(&rest, buffer_slice(&self->received));
    buffer_release(&self->received);
    self->received = rest;
    handshake->to_read = (struct buffer){0};
    handshake->read = 0;
}

static void open_stream(struct tls_stream *self)
{
    tls_move(self, OPEN);
    timer_stop(&self->timer);
    tls_handshake_release(self);
    self->stream.peer.tls = &self->peer;
    tls_write_now(self, buffer_slice(&self->early));
    buffer_release(&self->early);
    tls_want_turn(self); /* Bytes may wait already, and drain may be owed. */
}

static const char *failure_text(struct tls_stream *self)
{
    bool verdict = self->host && self->peer.state == TLS_PEER_UNTRUSTED;
    return verdict
               ? self->peer.why
               : tls_error_text(br_ssl_engine_last_error(tls_engine_of(self)), self->failure_text);
}

static void start_task(struct tls_stream *self, size_t size)
{
    struct tls_handshake *handshake = self->handshake;
    buffer_append(&handshake->to_read, self->received.data, size);
    buffer_consume(&self->received, size);
    self->task_runs = true;
    loop_submit(self->stream.loop, LANE_WORKERS, &handshake->task);
}

void tls_handshake_step(struct tls_stream *self)
{
    if (self->task_runs)
        return;
    unsigned state = br_ssl_engine_current_state(tls_engine_of(self));
    size_t whole = whole_records(&self->received);
    if (state & BR_SSL_SENDAPP)
        open_stream(self);
    else if (state == BR_SSL_CLOSED)
        tls_fail(self, failure_text(self));
    else if (is_no_record(&self->received))
        refuse_alien(self);
    else if (whole > 0)
        start_task(self, whole);
    else if (self->lower_ended)
        tls_fail(self, "tls: the peer ended within the handshake");
}

static void work_done(struct task *task)
{
    struct tls_handshake *handshake = CONTAINER_OF(task, struct tls_handshake, task);
    struct tls_stream *self = CONTAINER_OF(handshake->verifier.peer, struct tls_stream, peer);
    self->task_runs = false;
    if (self->phase == CLOSED) {
        tls_free_if_done(self);
        return;
    }
    if (self->phase != HANDSHAKING) /* The time was over, or the lower stream broke. */
        return;
    give_back_unread(self);
    send_handshake(self);
    tls_step(self);
}

static void time_over(struct timer *timer)
{
    struct tls_stream *self = CONTAINER_OF(timer, struct tls_stream, timer);
    tls_fail(self, "tls: handshake timeout");
}

void tls_handshake_begin(struct tls_stream *self)
{
    struct loop *loop = self->stream.loop;
    self->handshake = mem_alloc(sizeof(*self->handshake));
    self->handshake->task = (struct task){.work = work, .done = work_done};
    tls_verifier_init(&self->handshake->verifier, self->config, self->host,
                      clock_wall_us(loop_clock(loop)), &self->arena, &self->peer);
    tls_engine_start(&self->engine, self->config, &self->handshake->verifier, loop_random(loop));
    timer_init(&self->timer, loop, time_over);
    timer_start_us(&self->timer, HANDSHAKE_TIMEOUT_US);
    advance(self);
    send_handshake(self);
}
