#include "core/net/http_connection.h"

#define SECOND INT64_C(1000000)

static void set_default(int64_t *value, int64_t fallback)
{
    if (*value == 0)
        *value = fallback;
}

static void fill_options(struct http_server_options *options)
{
    if (options->head_size_max == 0)
        options->head_size_max = 64 * 1024;
    if (options->header_count_max == 0)
        options->header_count_max = 128;
    set_default(&options->head_timeout_us, 32 * SECOND);
    set_default(&options->idle_timeout_us, 90 * SECOND);
    set_default(&options->body_timeout_us, 60 * SECOND);
    set_default(&options->write_timeout_us, 60 * SECOND);
}

static void finish(struct http_server *server)
{
    if (server->closed)
        server->closed(server->closed_context);
    mem_free(server);
}

static void finish_later(struct message *message)
{
    finish(CONTAINER_OF(message, struct http_server, gone));
}

struct http_server *http_server_open(struct loop *loop, const struct http_server_options *options,
                                     http_request_fn *on_request, void *context)
{
    struct http_server *server = mem_alloc(sizeof(*server));
    server->loop = loop;
    if (options)
        server->options = *options;
    fill_options(&server->options);
    server->on_request = on_request;
    server->context = context;
    server->gone.deliver = finish_later;
    list_init(&server->connections);
    return server;
}

void http_server_accept(struct http_server *server, struct stream *stream)
{
    http_server_accept_early(server, stream, SLICE(""));
}

void http_server_accept_early(struct http_server *server, struct stream *stream, struct slice early)
{
    PRE(!server->closing);
    http_connection_open(server, stream, early);
}

size_t http_server_connections(const struct http_server *server)
{
    return server->connection_count;
}

void http_server_connection_gone(struct http_server *server)
{
    server->connection_count--;
    if (server->closing && server->connection_count == 0)
        finish(server);
}

void http_server_close(struct http_server *server, void (*closed)(void *context), void *context)
{
    if (!server)
        return;
    PRE(!server->closing);
    server->closing = true;
    server->closed = closed;
    server->closed_context = context;
    if (server->connection_count == 0)
        loop_post(server->loop, &server->gone);
    LIST_EACH(link, &server->connections)
        http_connection_wind_up(CONTAINER_OF(link, struct http_connection, link));
}
