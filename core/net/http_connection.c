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
 * All reading happens in step(), request by request in http_receive.c; how long
 * what may take stands in http_deadline.c. The handler's calls only change state
 * and ask for a turn. */
#include "core/net/http_connection.h"

#include "core/phase.h"
#include "core/trace.h"

#define INPUT_MAX (64 * 1024) /* Bytes kept behind the request that runs. */
#define KEPT_CAPACITY 4096    /* Memory that an idle connection keeps. */
#define STEP_US_MAX 1000      /* Then other connections have their turn. */

static const struct phase phases[] = {
    [READING_HEAD] = {"reading head", TO(HANDLING) | TO(LINGERING) | TO(CLOSED)},
    [HANDLING] = {"handling", TO(READING_HEAD) | TO(DROPPING) | TO(LINGERING) | TO(CLOSED)},
    [DROPPING] = {"dropping", TO(READING_HEAD) | TO(LINGERING) | TO(CLOSED)},
    [LINGERING] = {"lingering", TO(CLOSED)},
    [CLOSED] = {"closed", 0},
};

void http_connection_move(struct http_connection *connection, enum http_phase phase)
{
    phase_move(phases, &connection->phase, phase);
    connection->since_us = http_connection_now_us(connection);
}

/* --- The end --- */

static void free_if_done(struct http_connection *connection)
{
    struct http_server *server = connection->server;
    if (connection->phase != CLOSED || connection->stream || connection->turn_posted ||
        connection->stepping)
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
    http_connection_move(connection, CLOSED);
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
    http_connection_move(connection, CLOSED);
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
            connection->taken_us = http_connection_now_us(connection);
        }
    }
    if (output->capacity > KEPT_CAPACITY)
        buffer_release(output);
    else
        buffer_clear(output);
}

void http_connection_linger(struct http_connection *connection)
{
    http_connection_move(connection, LINGERING);
    http_connection_flush(connection);
    connection->input_used = connection->input.size;
    stream_end(connection->stream);
    stream_read_start(connection->stream);
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

void http_connection_lose(struct http_connection *connection)
{
    connection->gone = true;
    if (connection->phase != HANDLING) {
        if (connection->phase != CLOSED)
            http_connection_close(connection);
        return;
    }
    stream_read_stop(connection->stream);
    if (http_connection_wants_body(connection) || connection->body_state == BODY_STREAMED ||
        connection->body_noticed) {
        connection->body_state = BODY_REFUSED;
        connection->body_noticed = true;
        connection->body_notice = HTTP_BODY_GONE;
        http_connection_want_turn(connection);
    } else {
        tell_gone(connection);
    }
}

/* Gives back what an idle connection does not need. */
static void tidy_input(struct http_connection *connection)
{
    struct buffer *input = &connection->input;
    if (http_connection_has_input(connection)) {
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
    bool between = connection->phase == READING_HEAD && !http_connection_may_parse(connection);
    bool no_more = connection->peer_ended && !http_connection_has_input(connection);
    if (between && (connection->server->closing || no_more))
        http_connection_linger(connection);
    else if (connection->phase == DROPPING && no_more)
        http_connection_linger(connection);
    if (connection->phase == LINGERING && connection->peer_ended &&
        stream_pending(connection->stream) == 0)
        http_connection_close(connection);
}

/* A peer that has ended behind its request waits for the reply. One that ends
 * within its body, or while a reply runs (a watch), has gone. */
static void tell_if_gone(struct http_connection *connection)
{
    if (connection->phase != HANDLING || connection->gone_told || connection->body_noticed)
        return;
    bool in_body = http_connection_wants_body(connection);
    if (connection->peer_ended && (in_body || connection->reply_state == REPLY_RUNNING))
        http_connection_lose(connection);
    else if (connection->server->closing && !in_body)
        tell_gone(connection);
}

static void follow_reading(struct http_connection *connection)
{
    if (connection->input.size < INPUT_MAX || http_connection_may_parse(connection))
        stream_read_start(connection->stream);
    else
        stream_read_stop(connection->stream);
}

/* Bytes that the stream took at once have left too: a writer that stopped for
 * them is told here, for the stream itself then tells nothing. */
static void flush_and_tell(struct http_connection *connection)
{
    bool wrote = connection->output.size > 0;
    http_connection_flush(connection);
    if (!wrote || connection->gone || connection->phase != HANDLING ||
        connection->reply_state != REPLY_RUNNING || !connection->exchange.on_drain ||
        stream_pending(connection->stream) > 0)
        return;
    connection->exchange.on_drain(&connection->exchange);
    if (connection->output.size > 0)
        http_connection_want_turn(connection);
}

/* What follows from the state after a step: writing, reading on or not, waiting. */
static void settle(struct http_connection *connection)
{
    if (connection->phase != CLOSED)
        flush_and_tell(connection);
    if (connection->phase != CLOSED)
        end_if_over(connection);
    tell_if_gone(connection);
    if (connection->phase == CLOSED)
        return;
    follow_reading(connection);
    http_connection_arm(connection);
}

static void step(struct http_connection *connection)
{
    int64_t begin_us = 0;
    connection->stepping = true;
    for (;;) {
        if (connection->phase == HANDLING && connection->body_noticed) {
            http_connection_tell_notice(connection);
        } else if (http_connection_may_parse(connection)) {
            if (begin_us == 0)
                begin_us = http_connection_now_us(connection);
            else if (http_connection_now_us(connection) - begin_us > STEP_US_MAX)
                break;
            http_connection_parse(connection);
        } else {
            break;
        }
    }
    tidy_input(connection);
    settle(connection);
    connection->stepping = false;
    if (connection->phase != CLOSED && http_connection_may_parse(connection))
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
        http_connection_linger(connection);
    else
        http_connection_move(connection, body_done ? READING_HEAD : DROPPING);
    if (connection->stepping || connection->phase == CLOSED)
        return;
    http_connection_flush(connection);
    if (http_connection_has_input(connection) || connection->phase == LINGERING ||
        connection->peer_ended)
        http_connection_want_turn(connection);
    else
        http_connection_arm(connection);
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
    http_connection_note_progress(connection);
    if (connection->phase == LINGERING)
        connection->since_us = http_connection_now_us(connection);
    if (connection->phase == HANDLING && connection->exchange.on_drain)
        connection->exchange.on_drain(&connection->exchange);
    if (connection->phase != CLOSED)
        step(connection);
}

static void on_error(void *context, const char *why)
{
    struct http_connection *connection = context;
    log_line(LOG_DEBUG, "connection broke", "peer=%s why=\"%s\"", connection->stream->peer.address,
             why);
    http_connection_lose(connection);
}

static const struct stream_handler handler = {
    .on_read = on_read,
    .on_end = on_end,
    .on_drain = on_drain,
    .on_error = on_error,
    .on_close = on_close,
};

void http_connection_open(struct http_server *server, struct stream *stream, struct slice early)
{
    struct http_connection *connection = mem_alloc(sizeof(*connection));
    connection->server = server;
    connection->stream = stream;
    connection->phase = READING_HEAD;
    connection->turn.deliver = take_turn;
    connection->since_us = http_connection_now_us(connection);
    timer_init(&connection->timer, server->loop, http_connection_time_over);
    http_parser_init(&connection->parser, true, server->options.head_size_max,
                     server->options.header_count_max);
    list_push_back(&server->connections, &connection->link);
    server->connection_count++;
    stream_set_handler(stream, &handler, connection);
    stream_read_start(stream);
    http_connection_arm(connection);
    buffer_append_slice(&connection->input, early);
    if (early.size > 0)
        http_connection_want_turn(connection);
}

void http_connection_wind_up(struct http_connection *connection)
{
    connection->close_after = true;
    http_connection_want_turn(connection);
}
