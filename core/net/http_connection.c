/* How a connection goes:
 *   1. READING_HEAD until a head is complete; HANDLING until the handler has
 *      ended its exchange; and again, pipelined requests one after the other.
 *   2. When no request may follow: LINGERING. The reply is sent, then our end;
 *      what still comes is read over until the peer ends too. Closing at once
 *      would make the kernel reset a peer that has not read its reply yet.
 * What goes wrong:
 *   - A bad head: a plain reply, then LINGERING. A bad body: the handler is told.
 *   - The reply comes before the request's body has: DROPPING reads over what
 *     is left if it is little, else the connection ends.
 *   - The peer goes, or is too slow: the handler is told, and the connection is
 *     closed when it has ended its exchange.
 *
 * All reading happens in http_connection_step(), all deadlines stand in
 * deadline_us(). The handler's calls only change state and ask for a turn. */
#include "core/net/http_connection.h"

#include "core/phase.h"
#include "core/trace.h"

#define OUTPUT_PENDING_MAX (256 * 1024) /* More, and no further request is taken up. */
#define INPUT_MAX (64 * 1024)           /* Bytes kept behind the request that runs. */
#define KEPT_CAPACITY 4096              /* Memory that an idle connection keeps. */
#define STEP_US_MAX 1000                /* Then other connections have their turn. */
#define LINGER_US INT64_C(2000000)
#define BODY_BYTES_PER_SECOND_MIN 1024  /* Of a collected body, after its first timeout. */

static const struct phase phases[] = {
    [READING_HEAD] = {"reading head", TO(HANDLING) | TO(LINGERING) | TO(CLOSED)},
    [HANDLING] = {"handling", TO(READING_HEAD) | TO(DROPPING) | TO(LINGERING) | TO(CLOSED)},
    [DROPPING] = {"dropping", TO(READING_HEAD) | TO(LINGERING) | TO(CLOSED)},
    [LINGERING] = {"lingering", TO(CLOSED)},
    [CLOSED] = {"closed", 0},
};

static int64_t now_us(const struct http_connection *connection)
{
    return clock_steady_us(loop_clock(connection->server->loop));
}

static void move(struct http_connection *connection, enum http_phase phase)
{
    phase_move(phases, &connection->phase, phase);
    connection->since_us = now_us(connection);
}

/* --- The end --- */

static void free_if_done(struct http_connection *connection)
{
    struct http_server *server = connection->server;
    if (connection->phase != CLOSED || connection->stream || connection->turn_posted
        || connection->stepping)
        return;
    list_remove(&connection->link);
    http_parser_release(&connection->parser);
    buffer_release(&connection->input);
    buffer_release(&connection->body);
    buffer_release(&connection->output);
    mem_free(connection);
    http_server_connection_gone(server);
}

void http_connection_close(struct http_connection *connection)
{
    move(connection, CLOSED);
    timer_stop(&connection->timer);
    stream_close(connection->stream);
}

static void on_close(void *context)
{
    struct http_connection *connection = context;
    connection->stream = NULL;
    free_if_done(connection);
}

struct stream *http_connection_leave(struct http_connection *connection, struct buffer *early)
{
    struct stream *stream = connection->stream;
    stream_read_stop(stream);
    buffer_clear(early);
    buffer_append(early, connection->input.data + connection->input_used,
                  connection->input.size - connection->input_used);
    move(connection, CLOSED);
    timer_stop(&connection->timer);
    connection->stream = NULL;
    http_connection_want_turn(connection); /* Which frees it. */
    return stream;
}

/* --- Writing --- */

void http_connection_flush(struct http_connection *connection)
{
    struct buffer *output = &connection->output;
    if (output->size == 0 || !connection->stream)
        return;
    if (!connection->gone) {
        size_t before = stream_pending(connection->stream);
        stream_write(connection->stream, buffer_slice(output));
        connection->given += output->size;
        if (before == 0) {
            connection->taken = connection->given - stream_pending(connection->stream);
            connection->taken_us = now_us(connection);
        }
    }
    if (output->capacity > KEPT_CAPACITY)
        buffer_release(output);
    else
        buffer_clear(output);
}

static void linger(struct http_connection *connection)
{
    move(connection, LINGERING);
    http_connection_flush(connection);
    connection->input_used = connection->input.size;
    stream_end(connection->stream);
    stream_read_start(connection->stream);
}

/* --- Deadlines --- */

static bool wants_body(const struct http_connection *connection)
{
    return connection->body_state == BODY_COLLECTED
        || (connection->body_state == BODY_STREAMED && !connection->body_paused);
}

static int64_t body_deadline_us(const struct http_connection *connection)
{
    int64_t earned_us = 0;
    if (connection->body_state != BODY_STREAMED)
        earned_us = connection->body_bytes * 1000000 / BODY_BYTES_PER_SECOND_MIN;
    return connection->since_us + connection->server->options.body_timeout_us + earned_us;
}

static int64_t reading_deadline_us(const struct http_connection *connection)
{
    const struct http_server_options *options = &connection->server->options;
    switch (connection->phase) {
    case READING_HEAD:
        if (connection->parser.in_head) /* Of the first request, or begun. */
            return connection->since_us + options->head_timeout_us;
        return connection->since_us + options->idle_timeout_us;
    case HANDLING:
        return wants_body(connection) ? body_deadline_us(connection) : INT64_MAX;
    case DROPPING:
        return body_deadline_us(connection);
    case LINGERING:
        return stream_pending(connection->stream) > 0 ? INT64_MAX
                                                      : connection->since_us + LINGER_US;
    default:
        return INT64_MAX;
    }
}

static int64_t deadline_us(const struct http_connection *connection)
{
    int64_t reading_us = reading_deadline_us(connection);
    if (connection->gone || stream_pending(connection->stream) == 0)
        return reading_us;
    int64_t writing_us = connection->taken_us + connection->server->options.write_timeout_us;
    return writing_us < reading_us ? writing_us : reading_us;
}

/* The timer may fire too early, never too late: a deadline that moves back
 * costs nothing until then. */
static void arm(struct http_connection *connection)
{
    int64_t due_us = deadline_us(connection);
    if (due_us == INT64_MAX)
        return;
    if (!timer_is_running(&connection->timer) || connection->timer.due_us > due_us)
        timer_start_us(&connection->timer, due_us - now_us(connection));
}

static void note_progress(struct http_connection *connection)
{
    uint64_t taken = connection->given - stream_pending(connection->stream);
    if (taken == connection->taken)
        return;
    connection->taken = taken;
    connection->taken_us = now_us(connection);
}

/* --- The peer is gone --- */

static void tell_gone(struct http_connection *connection)
{
    if (connection->gone_told)
        return;
    connection->gone_told = true;
    if (connection->exchange.on_gone)
        connection->exchange.on_gone(&connection->exchange);
}

/* Nothing can be written or read any more. */
static void lose(struct http_connection *connection)
{
    connection->gone = true;
    if (connection->phase != HANDLING) {
        if (connection->phase != CLOSED)
            http_connection_close(connection);
        return;
    }
    stream_read_stop(connection->stream);
    if (wants_body(connection) || connection->body_state == BODY_STREAMED
        || connection->body_noticed) {
        connection->body_state = BODY_REFUSED;
        connection->body_noticed = true;
        connection->body_notice = HTTP_BODY_GONE;
        http_connection_want_turn(connection);
    } else {
        tell_gone(connection);
    }
}

static void time_over(struct timer *timer)
{
    struct http_connection *connection = CONTAINER_OF(timer, struct http_connection, timer);
    note_progress(connection);
    if (deadline_us(connection) <= now_us(connection))
        lose(connection);
    else
        arm(connection);
}

/* --- Reading --- */

static void reply_bad(struct http_connection *connection)
{
    const struct http_parser *parser = &connection->parser;
    struct buffer *output = &connection->output;
    const char *text = http_code_text(parser->error_code);
    buffer_format(output,
                  "HTTP/1.1 %d %s\r\nContent-Type: text/plain; charset=utf-8\r\n"
                  "Connection: close\r\n\r\n%d %s: %s",
                  parser->error_code, text, parser->error_code, text, parser->error);
    linger(connection);
}

static void begin_exchange(struct http_connection *connection)
{
    struct http_exchange *exchange = &connection->exchange;
    move(connection, HANDLING);
    *exchange = (struct http_exchange){
        .request = connection->parser.request,
        .peer = &connection->stream->peer,
        .loop = connection->server->loop,
    };
    connection->body_state = exchange->request.body_size == 0 ? BODY_DONE : BODY_UNASKED;
    connection->body_paused = false;
    connection->body_noticed = false;
    connection->body_bytes = 0;
    connection->dropped = 0;
    connection->reply_state = REPLY_NONE;
    connection->gone_told = false;
    connection->close_after = !exchange->request.keep_alive || connection->server->closing
                           || slice_is(exchange->request.method, "CONNECT");
    bool expects = http_header_count(exchange->request.headers, "expect") > 0;
    if (expects && !exchange->request.expects_continue) {
        connection->close_after = true; /* Whether the body comes is not known. */
        http_reply(exchange, 417, NULL, 0, SLICE(""));
    } else {
        connection->server->on_request(connection->server->context, exchange);
    }
}

static void notice(struct http_connection *connection, enum http_body result)
{
    connection->body_noticed = true;
    connection->body_notice = result;
    connection->body_state = result == HTTP_BODY_COMPLETE ? BODY_DONE : BODY_REFUSED;
}

static void take_body(struct http_connection *connection, struct slice data)
{
    if (data.size == 0)
        return;
    connection->body_bytes += (int64_t)data.size;
    if (connection->body_state == BODY_STREAMED) {
        connection->since_us = now_us(connection);
        connection->on_data(&connection->exchange, data);
        return;
    }
    if (connection->body_state != BODY_COLLECTED) {
        connection->dropped += data.size;
        return;
    }
    if (data.size > connection->body_limit - connection->body.size) {
        buffer_release(&connection->body);
        notice(connection, HTTP_BODY_TOO_LARGE);
        return;
    }
    buffer_append_slice(&connection->body, data);
}

static void tell_notice(struct http_connection *connection)
{
    struct http_exchange *exchange = &connection->exchange;
    enum http_body result = connection->body_notice;
    connection->body_noticed = false;
    connection->gone_told = result == HTTP_BODY_GONE;
    if (connection->on_end)
        connection->on_end(exchange, result);
    else
        connection->on_body(exchange, result,
                            result == HTTP_BODY_COMPLETE ? buffer_slice(&connection->body)
                                                         : SLICE(""));
}

static void message_ended(struct http_connection *connection)
{
    if (connection->phase == DROPPING)
        move(connection, READING_HEAD);
    else if (connection->phase == HANDLING && connection->body_state != BODY_DONE
             && connection->body_state != BODY_REFUSED)
        notice(connection, HTTP_BODY_COMPLETE);
    else if (connection->phase == HANDLING)
        connection->body_state = BODY_DONE;
}

static void message_bad(struct http_connection *connection)
{
    connection->close_after = true;
    if (connection->phase == READING_HEAD)
        reply_bad(connection);
    else if (connection->phase == DROPPING)
        linger(connection);
    else if (connection->phase == HANDLING && wants_body(connection))
        notice(connection, HTTP_BODY_BAD);
}

static bool has_input(const struct http_connection *connection)
{
    return connection->input_used < connection->input.size;
}

/* Whether bytes that have come may be looked at now. */
static bool may_parse(const struct http_connection *connection)
{
    switch (connection->phase) {
    case READING_HEAD:
        return !connection->server->closing
            && connection->output.size + stream_pending(connection->stream) < OUTPUT_PENDING_MAX;
    case HANDLING:
        return wants_body(connection) && !connection->gone;
    case DROPPING:
        return true;
    default:
        return false;
    }
}

static void parse(struct http_connection *connection)
{
    struct buffer *buffer = &connection->input;
    struct slice input = slice_sub(buffer_slice(buffer), connection->input_used, buffer->size);
    struct slice body;
    bool was_between = !connection->parser.in_head;
    enum http_event event = http_parser_feed(&connection->parser, &input, &body);
    connection->input_used = buffer->size - input.size;
    if (was_between && connection->parser.in_head) /* A head has begun: its own time starts. */
        connection->since_us = now_us(connection);
    take_body(connection, body);
    if (event == HTTP_EVENT_HEAD)
        begin_exchange(connection);
    else if (event == HTTP_EVENT_END)
        message_ended(connection);
    else if (event == HTTP_EVENT_BAD)
        message_bad(connection);
    if (connection->phase == DROPPING && connection->dropped > HTTP_DROPPED_MAX)
        linger(connection);
}

/* Gives back what an idle connection does not need. */
static void tidy_input(struct http_connection *connection)
{
    struct buffer *input = &connection->input;
    if (has_input(connection)) {
        buffer_consume(input, connection->input_used);
        connection->input_used = 0;
        return;
    }
    connection->input_used = 0;
    if (input->capacity > KEPT_CAPACITY)
        buffer_release(input);
    else
        buffer_clear(input);
}

/* Between requests nothing holds a connection whose server or peer is ending. */
static void end_if_over(struct http_connection *connection)
{
    bool between = connection->phase == READING_HEAD
                && !(has_input(connection) && may_parse(connection));
    bool no_more = connection->peer_ended && !has_input(connection);
    if (between && (connection->server->closing || no_more))
        linger(connection);
    else if (connection->phase == DROPPING && no_more)
        linger(connection);
    if (connection->phase == LINGERING && connection->peer_ended
        && stream_pending(connection->stream) == 0)
        http_connection_close(connection);
}

/* A peer that has ended behind its request waits for the reply. One that ends
 * within its body, or while a reply runs (a watch), has gone. */
static void tell_if_gone(struct http_connection *connection)
{
    if (connection->phase != HANDLING || connection->gone_told || connection->body_noticed)
        return;
    bool waits = !wants_body(connection) && connection->reply_state != REPLY_RUNNING;
    if (connection->peer_ended && !waits)
        lose(connection);
    else if (connection->server->closing)
        tell_gone(connection);
}

static void follow_reading(struct http_connection *connection)
{
    if (connection->input.size < INPUT_MAX || may_parse(connection))
        stream_read_start(connection->stream);
    else
        stream_read_stop(connection->stream);
}

/* What follows from the state after a step: writing, reading on or not, waiting. */
static void settle(struct http_connection *connection)
{
    if (connection->phase != CLOSED) {
        http_connection_flush(connection);
        end_if_over(connection);
    }
    tell_if_gone(connection);
    if (connection->phase == CLOSED)
        return;
    follow_reading(connection);
    arm(connection);
}

static void step(struct http_connection *connection)
{
    int64_t begin_us = 0;
    connection->stepping = true;
    for (;;) {
        if (connection->phase == HANDLING && connection->body_noticed) {
            tell_notice(connection);
        } else if (has_input(connection) && may_parse(connection)) {
            if (begin_us == 0)
                begin_us = now_us(connection);
            else if (now_us(connection) - begin_us > STEP_US_MAX)
                break;
            parse(connection);
        } else {
            break;
        }
    }
    tidy_input(connection);
    settle(connection);
    connection->stepping = false;
    if (connection->phase != CLOSED && has_input(connection) && may_parse(connection))
        http_connection_want_turn(connection);
    free_if_done(connection);
}

static void take_turn(struct message *turn)
{
    struct http_connection *connection = CONTAINER_OF(turn, struct http_connection, turn);
    connection->turn_posted = false;
    if (connection->phase == CLOSED)
        free_if_done(connection);
    else
        step(connection);
}

void http_connection_want_turn(struct http_connection *connection)
{
    if (connection->turn_posted)
        return;
    connection->turn_posted = true;
    loop_post(connection->server->loop, &connection->turn);
}

void http_connection_exchange_over(struct http_connection *connection)
{
    bool body_done = connection->body_state == BODY_DONE;
    connection->on_body = NULL;
    connection->on_data = NULL;
    connection->on_end = NULL;
    connection->body_state = BODY_REFUSED;
    buffer_release(&connection->body);
    if (connection->gone)
        http_connection_close(connection);
    else if (connection->close_after)
        linger(connection);
    else
        move(connection, body_done ? READING_HEAD : DROPPING);
    if (connection->stepping || connection->phase == CLOSED)
        return;
    http_connection_flush(connection);
    if (has_input(connection) || connection->phase == LINGERING || connection->peer_ended)
        http_connection_want_turn(connection);
    else
        arm(connection);
}

/* --- What the stream tells --- */

static void on_read(void *context, struct slice data)
{
    struct http_connection *connection = context;
    if (connection->phase == LINGERING)
        return;
    buffer_append_slice(&connection->input, data);
    step(connection);
}

static void on_end(void *context)
{
    struct http_connection *connection = context;
    connection->peer_ended = true;
    step(connection);
}

static void on_drain(void *context)
{
    struct http_connection *connection = context;
    note_progress(connection);
    if (connection->phase == LINGERING)
        connection->since_us = now_us(connection);
    if (connection->phase == HANDLING && connection->exchange.on_drain)
        connection->exchange.on_drain(&connection->exchange);
    if (connection->phase != CLOSED)
        step(connection);
}

static void on_error(void *context, const char *why)
{
    struct http_connection *connection = context;
    log_line(LOG_DEBUG, "connection broke", "peer=%s why=\"%s\"",
             connection->stream->peer.address, why);
    lose(connection);
}

static const struct stream_handler handler = {
    .on_read = on_read,
    .on_end = on_end,
    .on_drain = on_drain,
    .on_error = on_error,
    .on_close = on_close,
};

void http_connection_open(struct http_server *server, struct stream *stream)
{
    struct http_connection *connection = mem_alloc(sizeof(*connection));
    connection->server = server;
    connection->stream = stream;
    connection->phase = READING_HEAD;
    connection->turn.deliver = take_turn;
    connection->since_us = now_us(connection);
    timer_init(&connection->timer, server->loop, time_over);
    http_parser_init(&connection->parser, true, server->options.head_size_max,
                     server->options.header_count_max);
    list_push_back(&server->connections, &connection->link);
    server->connection_count++;
    stream_set_handler(stream, &handler, connection);
    stream_read_start(stream);
    arm(connection);
}

void http_connection_wind_up(struct http_connection *connection)
{
    connection->close_after = true;
    http_connection_want_turn(connection);
}
