#include "api/front.h"

#include "api/audit.h"
#include "api/authn.h"
#include "api/status_print.h"

enum {
    BODY_SIZE_MAX = 3 * 1024 * 1024, /* Upstream's limit of a write. */
    PENDING_MAX = 256 * 1024,        /* Nothing more is made while this much waits. */
    SLICE_BYTES = 64 * 1024,         /* What of a large reply is given at once. */
    PUMP_US = 500,                   /* Then others have their turn. */
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
    size_t sent;         /* Of a large reply. */
    bool is_done;        /* The reply is there. */
    bool is_gone;        /* The peer left; freed when nobody is at work on it any more. */
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
    struct http_header *caching = &headers[count++];
    *caching = HTTP_HEADER("Cache-Control", SLICE("no-cache, private"));
    if (exchange->request.audit.id)
        headers[count++] = HTTP_HEADER("Audit-ID", slice_of(exchange->request.audit.id));
    for (const struct reply_header *h = reply->headers; h && count < HEADERS_MAX; h = h->next)
        if (strcmp(h->name, "Cache-Control") == 0)
            caching->value = slice_of(h->value);
        else
            headers[count++] = (struct http_header){slice_of(h->name), slice_of(h->value)};
    return count;
}

/* The reply is over; a wake that is under way finishes what is left. */
static void end_reply(struct exchange *exchange, void (*end)(struct http_exchange *http))
{
    struct http_exchange *http = exchange->http;
    http->on_gone = NULL;
    http->on_drain = NULL;
    end(http);
    exchange->http = NULL;
    if (!exchange->is_woken)
        finish(exchange);
}

static enum stream_state give_stream(struct exchange *exchange)
{
    struct stream_reply *stream = exchange->request.reply.stream;
    struct buffer *bytes = &exchange->request.reply.body;
    buffer_clear(bytes);
    enum stream_state state = stream->fill(stream, bytes);
    exchange->request.sent_bytes += (int64_t)bytes->size;
    if (bytes->size > 0)
        http_reply_write(exchange->http, buffer_slice(bytes));
    return state;
}

static enum stream_state give_slice(struct exchange *exchange)
{
    struct slice body = buffer_slice(&exchange->request.reply.body);
    struct slice next = slice_sub(body, exchange->sent, exchange->sent + SLICE_BYTES);
    exchange->sent += next.size;
    http_reply_write(exchange->http, next);
    return exchange->sent < body.size ? STREAM_MORE : STREAM_END;
}

static void wake_soon(struct exchange *exchange);

/* Gives what the peer takes, for a short while: a fast peer would hold the loop. */
static void pump(struct exchange *exchange)
{
    struct clock *clock = loop_clock(exchange->front->api->loop);
    int64_t end_us = clock_steady_us(clock) + PUMP_US;
    enum stream_state state = STREAM_MORE;
    bool is_late = false;
    while (state == STREAM_MORE && !is_late && http_reply_pending(exchange->http) < PENDING_MAX) {
        state = exchange->request.reply.stream ? give_stream(exchange) : give_slice(exchange);
        is_late = clock_steady_us(clock) > end_us;
    }
    if (state == STREAM_END)
        end_reply(exchange, http_reply_end);
    else if (state == STREAM_BROKEN)
        end_reply(exchange, http_abort);
    else if (state == STREAM_MORE && is_late)
        wake_soon(exchange);
}

static bool is_busy(const struct exchange *exchange)
{
    const struct stream_reply *stream = exchange->request.reply.stream;
    return !exchange->is_done || (stream && stream->is_busy);
}

static void deliver_wake(struct message *message)
{
    struct exchange *exchange = CONTAINER_OF(message, struct exchange, wake);
    exchange->is_woken = false;
    loop_note_step(exchange->front->api->loop, exchange->request.path);
    if (!exchange->http)
        finish(exchange);
    else if (exchange->is_gone)
        end_reply(exchange, http_abort);
    else
        pump(exchange);
}

static void wake_soon(struct exchange *exchange)
{
    if (exchange->is_woken)
        return;
    exchange->is_woken = true;
    exchange->wake.deliver = deliver_wake;
    loop_post(exchange->front->api->loop, &exchange->wake);
}

static void stream_ready(void *context)
{
    wake_soon(context);
}

static void on_drain(struct http_exchange *http)
{
    struct exchange *exchange = http->context;
    if (exchange->is_streaming)
        pump(exchange);
}

static void start_pumping(struct exchange *exchange, int64_t size)
{
    struct request *request = &exchange->request;
    struct http_header headers[HEADERS_MAX];
    size_t count = reply_headers(exchange, headers);
    exchange->is_streaming = true;
    if (request->reply.stream) {
        request->reply.stream->ready = stream_ready;
        request->reply.stream->context = exchange;
    }
    http_reply_begin(exchange->http, request->reply.code, headers, count, size);
    pump(exchange);
}

static void reply_at_once(struct exchange *exchange)
{
    struct request *request = &exchange->request;
    struct http_header headers[HEADERS_MAX];
    size_t count = reply_headers(exchange, headers);
    exchange->http->on_gone = NULL;
    http_reply(exchange->http, request->reply.code, headers, count,
               buffer_slice(&request->reply.body));
    finish(exchange);
}

static void hand_over(struct exchange *exchange)
{
    struct reply_upgrade *upgrade = exchange->request.reply.upgrade;
    struct http_header headers[HEADERS_MAX];
    struct buffer early = {0};
    size_t count = 0;
    for (const struct reply_header *h = exchange->request.reply.headers; h && count < HEADERS_MAX;
         h = h->next)
        headers[count++] = (struct http_header){slice_of(h->name), slice_of(h->value)};
    exchange->http->on_gone = NULL;
    exchange->http->on_drain = NULL;
    exchange->request.reply.upgrade = NULL;
    struct stream *stream = http_upgrade(exchange->http, headers, count, &early);
    upgrade->take(upgrade, stream, buffer_slice(&early));
    buffer_release(&early);
    finish(exchange);
}

static void request_done(struct request *request)
{
    struct exchange *exchange = CONTAINER_OF(request, struct exchange, request);
    exchange->is_done = true;
    if (exchange->is_gone)
        end_reply(exchange, http_abort);
    else if (request->reply.upgrade)
        hand_over(exchange);
    else if (request->reply.stream)
        start_pumping(exchange, HTTP_CHUNKED);
    else if (request->reply.body.size > SLICE_BYTES)
        start_pumping(exchange, (int64_t)request->reply.body.size);
    else
        reply_at_once(exchange);
}

/* --- Requests --- */

static void on_gone(struct http_exchange *http)
{
    struct exchange *exchange = http->context;
    if (is_busy(exchange)) {
        exchange->is_gone = true;
        http->on_drain = NULL;
    } else {
        end_reply(exchange, http_abort);
    }
}

/* "10.0.0.7:43210" -> "10.0.0.7", "[::1]:80" -> "::1"; a local socket has none. */
static struct slice source_of(const struct stream_peer *peer)
{
    PRE(peer != NULL);
    struct slice address = slice_of(peer->address);
    const char *colon = strrchr(peer->address, ':');
    if (!colon)
        return SLICE("");
    address = slice_sub(address, 0, (size_t)(colon - peer->address));
    return address.size > 1 && address.data[0] == '[' ? slice_sub(address, 1, address.size - 1)
                                                      : address;
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
    request->source = source_of(exchange->http->peer);
    request->api = exchange->front->api;
    request->done = request_done;
    audit_name(request);
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
