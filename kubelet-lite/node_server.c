#include "kubelet-lite/node_server.h"

#include <stdarg.h>

#include "core/net/url.h"

struct node_server {
    struct loop *loop;
    struct node_server_options options;
    struct http_server *http;
    struct list requests;
    void (*closed)(void *context);
    void *context;
};

const struct node_server_options *node_request_options(const struct node_request *request)
{
    return &request->server->options;
}

/* --- Requests --- */

void node_request_free(struct node_request *request)
{
    list_remove(&request->link);
    arena_release(&request->arena);
    mem_free(request);
}

void node_request_fail(struct node_request *request, int code, const char *format, ...)
{
    struct http_header header = HTTP_HEADER("Content-Type", SLICE("text/plain; charset=utf-8"));
    struct buffer text = {0};
    va_list arguments;
    va_start(arguments, format);
    buffer_format_list(&text, format, arguments);
    va_end(arguments);
    request->exchange->on_gone = NULL;
    request->exchange->on_drain = NULL;
    http_reply(request->exchange, code, &header, 1, buffer_slice(&text));
    buffer_release(&text);
    node_request_free(request);
}

struct slice node_request_query(struct node_request *request, const char *key)
{
    struct slice rest = request->exchange->request.query, pair, name, value;
    while (slice_split(&rest, '&', &pair)) {
        value = pair;
        slice_split(&value, '=', &name);
        if (!slice_is(name, key))
            continue;
        struct slice decoded = SLICE("");
        return url_unescape(&request->arena, value, true, &decoded) ? decoded : SLICE("");
    }
    return (struct slice){0};
}

bool node_request_is_on(struct node_request *request, const char *key)
{
    struct slice value = node_request_query(request, key);
    return value.data && !slice_is(value, "0") && !slice_is(value, "false");
}

const char *const *node_request_values(struct node_request *request, const char *key)
{
    struct slice query = request->exchange->request.query, rest = query, pair, name, value;
    size_t count = 0, most = 1;
    for (size_t i = 0; i < query.size; i++)
        most += query.data[i] == '&';
    const char **values = ARENA_ARRAY(&request->arena, const char *, most + 1);
    while (slice_split(&rest, '&', &pair)) {
        struct slice decoded;
        value = pair;
        slice_split(&value, '=', &name);
        if (slice_is(name, key) && url_unescape(&request->arena, value, true, &decoded))
            values[count++] = arena_copy_slice(&request->arena, decoded);
    }
    return values;
}

static bool split_path(struct node_request *request)
{
    struct slice rest = slice_sub(request->exchange->request.path, 1, SIZE_MAX), part;
    while (slice_split(&rest, '/', &part)) {
        if (request->part_count == ARRAY_SIZE(request->parts) ||
            !url_unescape(&request->arena, part, false, &request->parts[request->part_count]))
            return false;
        request->part_count++;
    }
    return true;
}

/* --- Routes --- */

static void serve_health(struct node_request *request)
{
    http_reply(request->exchange, 200, NULL, 0, SLICE("ok"));
    node_request_free(request);
}

static const struct {
    const char *name;
    size_t part_count;
    void (*serve)(struct node_request *request);
} routes[] = {
    {"healthz", 1, serve_health},       {"containerLogs", 4, node_logs_serve},
    {"exec", 5, node_exec_serve},       {"attach", 5, node_attach_serve},
    {"portForward", 4, node_ports_serve},
};

static void on_gone(struct http_exchange *exchange)
{
    struct node_request *request = exchange->context;
    if (request->gone)
        request->gone(request);
}

static void on_drain(struct http_exchange *exchange)
{
    struct node_request *request = exchange->context;
    if (request->drained)
        request->drained(request);
}

static void on_request(void *context, struct http_exchange *exchange)
{
    struct node_server *server = context;
    struct node_request *request = mem_alloc(sizeof(*request));
    request->server = server;
    request->exchange = exchange;
    arena_init(&request->arena);
    list_push_back(&server->requests, &request->link);
    exchange->context = request;
    exchange->on_gone = on_gone;
    exchange->on_drain = on_drain;
    bool is_path = split_path(request);
    for (size_t i = 0; is_path && i < ARRAY_SIZE(routes); i++)
        if (slice_is(request->parts[0], routes[i].name) &&
            request->part_count == routes[i].part_count) {
            routes[i].serve(request);
            return;
        }
    node_request_fail(request, 404, "404 page not found\n");
}

/* --- Life --- */

struct node_server *node_server_open(struct loop *loop, const struct node_server_options *options)
{
    struct node_server *server = mem_alloc(sizeof(*server));
    /* A follower may read nothing for a day: only a broken connection ends it. */
    struct http_server_options limits = {.idle_timeout_us = INT64_C(120000000)};
    server->loop = loop;
    server->options = *options;
    list_init(&server->requests);
    server->http = http_server_open(loop, &limits, on_request, server);
    return server;
}

void node_server_accept(struct node_server *server, struct stream *stream, struct slice early)
{
    http_server_accept_early(server->http, stream, early);
}

static void http_closed(void *context)
{
    struct node_server *server = context;
    void (*closed)(void *) = server->closed;
    void *owner = server->context;
    mem_free(server);
    closed(owner);
}

void node_server_close(struct node_server *server, void (*closed)(void *context), void *context)
{
    server->closed = closed;
    server->context = context;
    http_server_close(server->http, http_closed, server);
}
