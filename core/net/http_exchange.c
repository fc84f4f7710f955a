/* Replies, as the handler makes them. Nothing here calls back: what follows
 * from a reply happens in the connection's next step or turn. */
#include "core/net/http_connection.h"

#define OUTPUT_MAX (64 * 1024) /* Gathered bytes that no longer wait for the turn's end. */

static bool is_bodiless(const struct http_exchange *exchange, int code)
{
    return slice_is(exchange->request.method, "HEAD") || code == 204 || code == 304 || code < 200;
}

/* The Date header's value, made once a second. */
static const char *date_of(struct http_server *server)
{
    int64_t wall_us = clock_wall_us(loop_clock(server->loop));
    if (server->date_second != wall_us / 1000000) {
        server->date_second = wall_us / 1000000;
        http_format_date(wall_us, server->date);
    }
    return server->date;
}

static void write_head(struct http_connection *connection, int code,
                       const struct http_header *headers, size_t header_count)
{
    struct buffer *output = &connection->output;
    buffer_append(output, "HTTP/1.1 ", 9);
    buffer_append_int(output, code);
    buffer_append_byte(output, ' ');
    buffer_append_text(output, http_code_text(code));
    buffer_append(output, "\r\nDate: ", 8);
    buffer_append_text(output, date_of(connection->server));
    buffer_append(output, "\r\n", 2);
    http_write_headers(headers, header_count, output);
}

static void write_framing(struct http_connection *connection, int code, int64_t size)
{
    struct buffer *output = &connection->output;
    if (size != HTTP_CHUNKED && code != 204 && code != 304) {
        buffer_append(output, "Content-Length: ", 16);
        buffer_append_int(output, size);
        buffer_append(output, "\r\n", 2);
    }
    if (connection->reply_chunked)
        buffer_append(output, "Transfer-Encoding: chunked\r\n", 28);
    if (connection->close_after)
        buffer_append(output, "Connection: close\r\n", 19);
    buffer_append(output, "\r\n", 2);
}

/* A body that nobody has read stands in the way of the next request. A little
 * is read over; else the connection ends behind the reply. */
static bool body_in_the_way(const struct http_connection *connection)
{
    const struct http_request *request = &connection->exchange.request;
    switch (connection->body_state) {
    case BODY_DONE: return false;
    case BODY_REFUSED: return true;
    case BODY_UNASKED: return request->expects_continue || request->body_size > HTTP_DROPPED_MAX;
    default: return request->body_size > HTTP_DROPPED_MAX;
    }
}

static void begin(struct http_connection *connection, int code, const struct http_header *headers,
                  size_t header_count, int64_t size)
{
    PRE(connection->phase == HANDLING && connection->reply_state == REPLY_NONE);
    connection->reply_state = REPLY_RUNNING;
    connection->reply_bodiless = is_bodiless(&connection->exchange, code);
    connection->reply_chunked = size == HTTP_CHUNKED && !connection->reply_bodiless;
    connection->reply_left = size;
    if (body_in_the_way(connection))
        connection->close_after = true;
    /* HTTP/1.0 knows no chunks: there the end of the bytes is the end. */
    if (connection->reply_chunked && connection->parser.llhttp.http_minor == 0) {
        connection->reply_chunked = false;
        connection->close_after = true;
    }
    write_head(connection, code, headers, header_count);
    write_framing(connection, code, size);
}

static void write_hex(struct buffer *output, size_t size)
{
    char digits[2 * sizeof(size)];
    size_t at = sizeof(digits);
    do {
        digits[--at] = "0123456789abcdef"[size & 15];
        size >>= 4;
    } while (size > 0);
    buffer_append(output, digits + at, sizeof(digits) - at);
}

static void write_piece(struct http_connection *connection, struct slice data)
{
    PRE(connection->phase == HANDLING && connection->reply_state == REPLY_RUNNING);
    if (data.size == 0)
        return;
    if (connection->reply_left != HTTP_CHUNKED) {
        PRE((int64_t)data.size <= connection->reply_left);
        connection->reply_left -= (int64_t)data.size;
    }
    if (connection->reply_bodiless || connection->gone)
        return;
    if (connection->reply_chunked) {
        write_hex(&connection->output, data.size);
        buffer_append(&connection->output, "\r\n", 2);
    }
    buffer_append_slice(&connection->output, data);
    if (connection->reply_chunked)
        buffer_append(&connection->output, "\r\n", 2);
    if (connection->output.size >= OUTPUT_MAX)
        http_connection_flush(connection);
}

/* What was written leaves at the end of this step, or in a turn of its own. */
static void leave_soon(struct http_connection *connection)
{
    if (connection->gone)
        buffer_clear(&connection->output);
    else if (!connection->stepping)
        http_connection_want_turn(connection);
}

void http_reply_begin(struct http_exchange *exchange, int code, const struct http_header *headers,
                      size_t header_count, int64_t size)
{
    begin(CONNECTION(exchange), code, headers, header_count, size);
    leave_soon(CONNECTION(exchange));
}

void http_reply_write(struct http_exchange *exchange, struct slice data)
{
    write_piece(CONNECTION(exchange), data);
    leave_soon(CONNECTION(exchange));
}

size_t http_reply_pending(const struct http_exchange *exchange)
{
    const struct http_connection *connection =
        CONTAINER_OF(exchange, const struct http_connection, exchange);
    return connection->gone ? 0 : connection->output.size + stream_pending(connection->stream);
}

void http_reply_end(struct http_exchange *exchange)
{
    struct http_connection *connection = CONNECTION(exchange);
    PRE(connection->phase == HANDLING && connection->reply_state == REPLY_RUNNING);
    PRE(connection->reply_left <= 0 || connection->reply_bodiless);
    if (connection->reply_chunked)
        buffer_append(&connection->output, "0\r\n\r\n", 5);
    connection->reply_state = REPLY_DONE;
    http_connection_exchange_over(connection);
}

void http_reply(struct http_exchange *exchange, int code, const struct http_header *headers,
                size_t header_count, struct slice body)
{
    begin(CONNECTION(exchange), code, headers, header_count, (int64_t)body.size);
    write_piece(CONNECTION(exchange), body);
    http_reply_end(exchange);
}

void http_abort(struct http_exchange *exchange)
{
    struct http_connection *connection = CONNECTION(exchange);
    PRE(connection->phase == HANDLING);
    http_connection_close(connection);
}

struct stream *http_upgrade(struct http_exchange *exchange, const struct http_header *headers,
                            size_t header_count, struct buffer *early)
{
    struct http_connection *connection = CONNECTION(exchange);
    PRE(connection->phase == HANDLING && connection->reply_state == REPLY_NONE);
    connection->reply_state = REPLY_DONE;
    if (connection->gone || connection->peer_ended) { /* Its new owner would never hear of it. */
        http_connection_close(connection);
        return NULL;
    }
    write_head(connection, 101, headers, header_count);
    buffer_append(&connection->output, "\r\n", 2);
    http_connection_flush(connection);
    return http_connection_leave(connection, early);
}

/* --- The request's body --- */

static void ask(struct http_connection *connection, enum http_body_state state)
{
    PRE(connection->phase == HANDLING && !connection->on_body && !connection->on_end);
    if (connection->body_state == BODY_DONE) {
        connection->body_noticed = true;
        connection->body_notice = HTTP_BODY_COMPLETE;
    } else {
        connection->body_state = state;
        connection->since_us = clock_steady_us(loop_clock(connection->server->loop));
    }
    if (connection->gone) {
        connection->body_noticed = true;
        connection->body_notice = HTTP_BODY_GONE;
    }
    if (!connection->stepping)
        http_connection_want_turn(connection);
}

static void invite(struct http_connection *connection)
{
    if (connection->exchange.request.expects_continue && connection->reply_state == REPLY_NONE)
        buffer_append_text(&connection->output, "HTTP/1.1 100 Continue\r\n\r\n");
}

void http_read_body(struct http_exchange *exchange, size_t limit,
                    void (*on_body)(struct http_exchange *exchange, enum http_body result,
                                    struct slice body))
{
    struct http_connection *connection = CONNECTION(exchange);
    ask(connection, BODY_COLLECTED);
    connection->on_body = on_body;
    connection->body_limit = limit;
    if (exchange->request.body_size <= (int64_t)limit) {
        invite(connection);
        return;
    }
    connection->body_state = BODY_REFUSED;
    connection->body_noticed = true;
    connection->body_notice = HTTP_BODY_TOO_LARGE;
}

void http_stream_body(struct http_exchange *exchange,
                      void (*on_data)(struct http_exchange *exchange, struct slice data),
                      void (*on_end)(struct http_exchange *exchange, enum http_body result))
{
    struct http_connection *connection = CONNECTION(exchange);
    ask(connection, BODY_STREAMED);
    connection->on_data = on_data;
    connection->on_end = on_end;
    invite(connection);
}

void http_body_pause(struct http_exchange *exchange)
{
    CONNECTION(exchange)->body_paused = true;
}

void http_body_resume(struct http_exchange *exchange)
{
    struct http_connection *connection = CONNECTION(exchange);
    connection->body_paused = false;
    connection->since_us = clock_steady_us(loop_clock(connection->server->loop));
    if (!connection->stepping)
        http_connection_want_turn(connection);
}
