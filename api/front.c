#include "api/front.h"

#include "api/authn.h"
#include "api/status_print.h"

enum {
    BODY_SIZE_MAX = 3 * 1024 * 1024, /* Upstream's limit of a write. */
    PENDING_MAX = 256 * 1024,        /* No more events are made while this much waits. */
    HEADERS_MAX = 16,
};

struct front {
    struct api *api;
    struct http_server *remote;
    struct http_server *local;
    int open_servers;
    void (*closed)(void *context);
    void *context;
};

struct exchange {
    struct request request;
    struct http_exchange *http;
    struct front *front;
    struct message wake; /* A stream has more. */
    bool is_woken;
    bool is_streaming;
    bool is_done;        /* The reply is there. */
    bool is_gone;        /* The peer left; done() frees. */
};

static void finish(struct exchange *exchange)
{
    request_release(&exchange->request);
    mem_free(exchange);
}

/* --- Replies --- */

static size_t reply_headers(struct exchange *exchange, struct http_header *headers)
{
    const struct reply *reply = &exchange->request.reply;
    size_t count = 0;
    if (reply->content_type)
        headers[count++] = HTTP_HEADER("Content-Type", slice_of(reply->content_type));
    headers[count++] = HTTP_HEADER("Cache-Control", SLICE("no-cache, private"));
    for (const struct reply_header *h = reply->headers; h && count < HEADERS_MAX; h = h->next)
        headers[count++] = (struct http_header){slice_of(h->name), slice_of(h->value)};
    return count;
}

static void end_stream(struct exchange *exchange)
{
    struct http_exchange *http = exchange->http;
    http->on_gone = NULL;
    http->on_drain = NULL;
    http_reply_end(http);
    exchange->http = NULL;
    if (!exchange->is_woken)
        finish(exchange);
}

static void pump(struct exchange *exchange)
{
    struct stream_reply *stream = exchange->request.reply.stream;
    struct buffer *bytes = &exchange->request.reply.body;
    enum stream_state state = STREAM_MORE;
    while (state == STREAM_MORE && http_reply_pending(exchange->http) < PENDING_MAX) {
        buffer_clear(bytes);
        state = stream->fill(stream, bytes);
        if (bytes->size > 0)
            http_reply_write(exchange->http, buffer_slice(bytes));
    }
    if (state == STREAM_END)
        end_stream(exchange);
}

static void deliver_wake(struct message *message)
{
    struct exchange *exchange = CONTAINER_OF(message, struct exchange, wake);
    exchange->is_woken = false;
    if (!exchange->http)
        finish(exchange);
    else
        pump(exchange);
}

static void stream_ready(void *context)
{
    struct exchange *exchange = context;
    if (exchange->is_woken)
        return;
    exchange->is_woken = true;
    exchange->wake.deliver = deliver_wake;
    loop_post(exchange->front->api->loop, &exchange->wake);
}

static void on_drain(struct http_exchange *http)
{
    struct exchange *exchange = http->context;
    if (exchange->is_streaming)
        pump(exchange);
}

static void start_stream(struct exchange *exchange)
{
    struct http_header headers[HEADERS_MAX];
    size_t count = reply_headers(exchange, headers);
    exchange->is_streaming = true;
    exchange->request.reply.stream->ready = stream_ready;
    exchange->request.reply.stream->context = exchange;
    http_reply_begin(exchange->http, exchange->request.reply.code, headers, count, HTTP_CHUNKED);
    pump(exchange);
}

static void request_done(struct request *request)
{
    struct exchange *exchange = CONTAINER_OF(request, struct exchange, request);
    struct http_exchange *http = exchange->http;
    exchange->is_done = true;
    if (exchange->is_gone) {
        http_abort(http);
        finish(exchange);
        return;
    }
    if (request->reply.stream) {
        start_stream(exchange);
        return;
    }
    struct http_header headers[HEADERS_MAX];
    size_t count = reply_headers(exchange, headers);
    http->on_gone = NULL;
    http_reply(http, request->reply.code, headers, count, buffer_slice(&request->reply.body));
    finish(exchange);
}

/* --- Requests --- */

static void on_gone(struct http_exchange *http)
{
    struct exchange *exchange = http->context;
    if (!exchange->is_done) {
        exchange->is_gone = true;
        return;
    }
    http->on_drain = NULL;
    http_abort(http);
    exchange->http = NULL;
    if (!exchange->is_woken)
        finish(exchange);
}

static void fill_request(struct exchange *exchange, struct slice body)
{
    struct request *request = &exchange->request;
    const struct http_request *http = &exchange->http->request;
    request->method = http->method;
    request->path = http->path;
    request->query_text = http->query;
    request->accept = http_header_get(http->headers, "Accept");
    request->content_type = http_header_get(http->headers, "Content-Type");
    request->user_agent = http_header_get(http->headers, "User-Agent");
    request->authorization = http_header_get(http->headers, "Authorization");
    request->if_none_match = http_header_get(http->headers, "If-None-Match");
    request->headers = http->headers;
    request->body = body;
    request->done = request_done;
}

static void reply_status(struct exchange *exchange, enum status_reason reason, const char *text)
{
    struct request *request = &exchange->request;
    status_fail(&request->status, reason, "%s", text);
    status_print(&request->status, &request->reply.body);
    request->reply.code = request->status.code;
    request->reply.content_type = "application/json";
    request_done(request);
}

static void on_body(struct http_exchange *http, enum http_body result, struct slice body)
{
    struct exchange *exchange = http->context;
    switch (result) {
    case HTTP_BODY_COMPLETE:
        http->on_gone = on_gone;
        http->on_drain = on_drain;
        fill_request(exchange, body);
        api_serve(exchange->front->api, &exchange->request);
        return;
    case HTTP_BODY_TOO_LARGE:
        reply_status(exchange, STATUS_REQUEST_ENTITY_TOO_LARGE,
                     "Request entity too large: limit is 3145728");
        return;
    case HTTP_BODY_BAD:
        reply_status(exchange, STATUS_BAD_REQUEST, "the request's body is malformed");
        return;
    case HTTP_BODY_GONE:
        http_abort(http);
        finish(exchange);
        return;
    }
}

static struct exchange *start(struct front *front, struct http_exchange *http)
{
    struct exchange *exchange = mem_alloc(sizeof(*exchange));
    exchange->front = front;
    exchange->http = http;
    http->context = exchange;
    request_init(&exchange->request);
    return exchange;
}

static void on_remote_request(void *context, struct http_exchange *http)
{
    struct exchange *exchange = start(context, http);
    authn_from_peer(&exchange->request, http->peer);
    http_read_body(http, BODY_SIZE_MAX, on_body);
}

static void on_local_request(void *context, struct http_exchange *http)
{
    struct exchange *exchange = start(context, http);
    exchange->request.user = &user_admin;
    http_read_body(http, BODY_SIZE_MAX, on_body);
}

/* --- Life --- */

struct front *front_create(struct api *api, const struct http_server_options *limits)
{
    struct front *front = mem_alloc(sizeof(*front));
    front->api = api;
    front->remote = http_server_open(api->loop, limits, on_remote_request, front);
    front->local = http_server_open(api->loop, limits, on_local_request, front);
    front->open_servers = 2;
    return front;
}

void front_accept(void *context, struct stream *stream)
{
    struct front *front = context;
    http_server_accept(front->remote, stream);
}

void front_accept_local(void *context, struct stream *stream)
{
    struct front *front = context;
    http_server_accept(front->local, stream);
}

static void server_closed(void *context)
{
    struct front *front = context;
    if (--front->open_servers > 0)
        return;
    void (*closed)(void *) = front->closed;
    void *owner = front->context;
    mem_free(front);
    if (closed)
        closed(owner);
}

void front_close(struct front *front, void (*closed)(void *context), void *context)
{
    front->closed = closed;
    front->context = context;
    http_server_close(front->remote, server_closed, front);
    http_server_close(front->local, server_closed, front);
}
