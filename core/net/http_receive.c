/* A request as it comes: its head begins an exchange, its body goes where the
 * handler wants it. */
#include "core/net/http_connection.h"

#define OUTPUT_PENDING_MAX (256 * 1024) /* More, and no further request is taken up. */

bool http_connection_wants_body(const struct http_connection *connection)
{
    return connection->body_state == BODY_COLLECTED ||
           (connection->body_state == BODY_STREAMED && !connection->body_paused);
}

static void reply_bad(struct http_connection *connection)
{
    const struct http_parser *parser = &connection->parser;
    struct buffer *output = &connection->output;
    const char *text = http_code_text(parser->error_code);
    buffer_format(output,
                  "HTTP/1.1 %d %s\r\nContent-Type: text/plain; charset=utf-8\r\n"
                  "Connection: close\r\n\r\n%d %s: %s",
                  parser->error_code, text, parser->error_code, text, parser->error);
    http_connection_linger(connection);
}

static void begin_exchange(struct http_connection *connection)
{
    struct http_exchange *exchange = &connection->exchange;
    http_connection_move(connection, HANDLING);
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
    connection->close_after = !exchange->request.keep_alive || connection->server->closing ||
                              slice_is(exchange->request.method, "CONNECT");
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
        connection->since_us = http_connection_now_us(connection);
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

void http_connection_tell_notice(struct http_connection *connection)
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
        http_connection_move(connection, READING_HEAD);
    else if (connection->phase == HANDLING && connection->body_state != BODY_DONE &&
             connection->body_state != BODY_REFUSED)
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
        http_connection_linger(connection);
    else if (connection->phase == HANDLING && http_connection_wants_body(connection))
        notice(connection, HTTP_BODY_BAD);
}

bool http_connection_has_input(const struct http_connection *connection)
{
    return connection->input_used < connection->input.size;
}

bool http_connection_may_parse(const struct http_connection *connection)
{
    if (!http_connection_has_input(connection))
        return false;
    switch (connection->phase) {
    case READING_HEAD:
        return !connection->server->closing &&
               connection->output.size + stream_pending(connection->stream) < OUTPUT_PENDING_MAX;
    case HANDLING: return http_connection_wants_body(connection) && !connection->gone;
    case DROPPING: return true;
    default: return false;
    }
}

void http_connection_parse(struct http_connection *connection)
{
    struct buffer *buffer = &connection->input;
    struct slice input = slice_sub(buffer_slice(buffer), connection->input_used, buffer->size);
    struct slice body;
    bool was_between = !connection->parser.in_head;
    enum http_event event = http_parser_feed(&connection->parser, &input, &body);
    connection->input_used = buffer->size - input.size;
    if (was_between && connection->parser.in_head) /* A head has begun: its own time starts. */
        connection->since_us = http_connection_now_us(connection);
    take_body(connection, body);
    if (event == HTTP_EVENT_HEAD)
        begin_exchange(connection);
    else if (event == HTTP_EVENT_END)
        message_ended(connection);
    else if (event == HTTP_EVENT_BAD)
        message_bad(connection);
    if (connection->phase == DROPPING && connection->dropped > HTTP_DROPPED_MAX)
        http_connection_linger(connection);
}
