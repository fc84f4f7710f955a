/* Calls: what is asked, and the end of each. */
#include "core/net/http_client_private.h"

void http_call_free(struct http_call *call)
{
    timer_stop(&call->timer);
    buffer_release(&call->request);
    mem_free(call->name);
    mem_free(call);
}

void http_call_fail(struct http_call *call, enum status_reason reason, const char *why)
{
    struct status status;
    status_init(&status);
    status_fail(&status, reason, "%s: %s", call->name, why);
    call->handler->on_error(call->context, &status);
    status_release(&status);
    http_call_free(call);
}

static void time_over(struct timer *timer)
{
    struct http_call *call = CONTAINER_OF(timer, struct http_call, timer);
    http_client_drop(call->connection);
    http_call_fail(call, STATUS_TIMEOUT, "no response in time");
}

static void write_head(struct http_call *call, const struct http_call_options *options)
{
    const struct http_client_options *server = &call->client->options;
    const char *port = server->address[0] == '/' ? NULL : strrchr(server->address, ':');
    bool bracket = strchr(server->host, ':') != NULL;
    struct buffer *request = &call->request;
    buffer_format(request, "%s %s HTTP/1.1\r\nHost: %s%s%s%s\r\n", options->method, options->target,
                  bracket ? "[" : "", server->host, bracket ? "]" : "", port ? port : "");
    http_write_headers(options->headers, options->header_count, request);
    bool takes_body = strcmp(options->method, "GET") != 0 && strcmp(options->method, "HEAD") != 0;
    if (options->streams_body)
        buffer_append_text(request, "Transfer-Encoding: chunked\r\n");
    else if (options->body.size > 0 || takes_body)
        buffer_format(request, "Content-Length: %zu\r\n", options->body.size);
    buffer_append(request, "\r\n", 2);
    buffer_append_slice(request, options->body);
}

static bool is_idempotent(const char *method)
{
    static const char *const methods[] = {"GET", "HEAD", "OPTIONS", "PUT", "DELETE"};
    for (size_t i = 0; i < ARRAY_SIZE(methods); i++) {
        if (strcmp(method, methods[i]) == 0)
            return true;
    }
    return false;
}

struct http_call *http_call_open(struct http_client *client,
                                 const struct http_call_options *options,
                                 const struct http_call_handler *call_handler, void *context)
{
    struct http_call *call = mem_alloc(sizeof(*call));
    struct buffer name = {0};
    buffer_format(&name, "%s %s", options->method, options->target);
    call->client = client;
    call->handler = call_handler;
    call->context = context;
    call->name = buffer_take(&name);
    call->is_head = strcmp(options->method, "HEAD") == 0;
    call->streams = options->streams_body;
    call->repeatable = !options->streams_body && is_idempotent(options->method);
    timer_init(&call->timer, client->loop, time_over);
    write_head(call, options);
    http_client_assign(call);
    if (options->timeout_us > 0)
        timer_start_us(&call->timer, options->timeout_us);
    return call;
}

void http_call_close(struct http_call *call)
{
    if (!call)
        return;
    http_client_drop(call->connection);
    http_call_free(call);
}

static bool is_connected(const struct http_call *call)
{
    return call->connection->phase == BUSY;
}

void http_call_write(struct http_call *call, struct slice data)
{
    struct buffer chunk = {0};
    PRE(call->streams);
    if (data.size == 0)
        return;
    buffer_format(&chunk, "%zx\r\n", data.size);
    buffer_append_slice(&chunk, data);
    buffer_append(&chunk, "\r\n", 2);
    if (is_connected(call))
        stream_write(call->connection->stream, buffer_slice(&chunk));
    else
        buffer_append_slice(&call->request, buffer_slice(&chunk));
    buffer_release(&chunk);
}

size_t http_call_pending(const struct http_call *call)
{
    return is_connected(call) ? stream_pending(call->connection->stream) : call->request.size;
}

void http_call_end(struct http_call *call)
{
    PRE(call->streams);
    call->streams = false;
    if (is_connected(call))
        stream_write(call->connection->stream, SLICE("0\r\n\r\n"));
    else
        buffer_append_text(&call->request, "0\r\n\r\n");
}

void http_call_pause(struct http_call *call)
{
    call->paused = true;
    if (is_connected(call) && !call->connection->reading)
        http_client_follow_reading(call->connection);
}

void http_call_resume(struct http_call *call)
{
    struct client_connection *connection = call->connection;
    call->paused = false;
    if (!is_connected(call) || connection->reading || connection->turn_posted)
        return;
    connection->turn_posted = true;
    loop_post(call->client->loop, &connection->turn);
}

struct stream *http_call_upgrade(struct http_call *call, struct buffer *early)
{
    struct client_connection *connection = call->connection;
    struct stream *stream = connection->stream;
    PRE(call->upgrading);
    stream_read_stop(stream);
    buffer_clear(early);
    buffer_append(early, connection->input.data + connection->input_used,
                  connection->input.size - connection->input_used);
    connection->stream = NULL;
    stream_set_handler(stream, NULL, NULL);
    http_client_drop(connection);
    http_call_free(call);
    return stream;
}

const struct stream_peer *http_call_peer(const struct http_call *call)
{
    return &call->connection->stream->peer;
}
