#include "core/client/client_remote.h"

#include "core/client/remote_private.h"
#include "core/client/request_text.h"
#include "core/version.h"

enum { REPLY_SIZE_MAX = 64 * 1024 * 1024 };
#define CALL_TIMEOUT_US INT64_C(30000000)

static const char closed_text[] = "the client is closed";

/* --- Ways to the server --- */

static struct remote_way *open_way(struct client_remote *remote, struct tls_config *tls)
{
    struct remote_way *way = mem_alloc(sizeof(*way));
    struct http_client_options options = {
        .address = remote->address,
        .host = remote->host,
        .tls = tls,
    };
    way->remote = remote;
    way->http = http_client_open(remote->client.loop, &options);
    list_push_back(&remote->ways, &way->link);
    return way;
}

static void close_way(struct remote_way *way)
{
    list_remove(&way->link);
    http_client_close(way->http);
    mem_free(way);
}

struct remote_way *remote_take_way(struct client_remote *remote)
{
    remote->way->uses++;
    return remote->way;
}

void remote_leave_way(struct remote_way *way)
{
    if (--way->uses == 0 && way != way->remote->way)
        close_way(way); /* Not the newest, and nobody is on it any more. */
}

/* --- Headers --- */

size_t remote_headers(const struct client_remote *remote, const char *content_type,
                      struct http_header headers[REMOTE_HEADERS_MAX])
{
    size_t count = 0;
    headers[count++] = HTTP_HEADER("Accept", SLICE("application/json"));
    headers[count++] = HTTP_HEADER("User-Agent", slice_of(remote->user_agent));
    if (content_type)
        headers[count++] = HTTP_HEADER("Content-Type", slice_of(content_type));
    if (remote->authorization)
        headers[count++] = HTTP_HEADER("Authorization", slice_of(remote->authorization));
    return count;
}

/* --- Calls --- */

struct remote_call {
    struct client_remote *remote;
    struct list link;
    struct call *call;
    struct remote_way *way;
    struct http_call *http;
    struct timer timer; /* Of the whole of it. */
    struct buffer body;
    int code;
    bool is_too_large;
    struct message refusal; /* Of a client that has stopped. */
};

/* The last of it: done() may close the client. */
static void finish(struct remote_call *remote)
{
    struct call *call = remote->call;
    if (remote->way)
        remote_leave_way(remote->way);
    list_remove(&remote->link);
    timer_stop(&remote->timer);
    buffer_release(&remote->body);
    mem_free(remote);
    call->done(call);
}

static void fail(struct remote_call *remote, enum status_reason reason, const char *why)
{
    status_fail(&remote->call->status, reason, "%s", why);
    finish(remote);
}

static void on_response(void *context, struct http_call *http, const struct http_response *response)
{
    (void)http;
    ((struct remote_call *)context)->code = response->code;
}

static void on_data(void *context, struct slice data)
{
    struct remote_call *remote = context;
    remote->is_too_large = remote->is_too_large || remote->body.size + data.size > REPLY_SIZE_MAX;
    if (!remote->is_too_large)
        buffer_append_slice(&remote->body, data);
}

static void on_end(void *context)
{
    struct remote_call *remote = context;
    struct call *call = remote->call;
    struct slice body = buffer_slice(&remote->body);
    if (remote->is_too_large)
        status_fail(&call->status, STATUS_REQUEST_ENTITY_TOO_LARGE, "the reply is too large");
    else if (remote->code < 200 || remote->code > 299)
        reply_read_status(remote->code, body, &call->status);
    else
        call->reply = (struct slice){arena_copy_slice(&call->arena, body), body.size};
    finish(remote);
}

static void on_error(void *context, const struct status *status)
{
    fail(context, status->reason, status->message);
}

static const struct http_call_handler call_handler = {
    .on_response = on_response, .on_data = on_data, .on_end = on_end, .on_error = on_error};

static void time_over(struct timer *timer)
{
    struct remote_call *remote = CONTAINER_OF(timer, struct remote_call, timer);
    http_call_close(remote->http);
    fail(remote, STATUS_TIMEOUT, "the server did not answer in time");
}

static void deliver_refusal(struct message *message)
{
    struct remote_call *remote = CONTAINER_OF(message, struct remote_call, refusal);
    fail(remote, STATUS_SERVICE_UNAVAILABLE, closed_text);
}

static void refuse(struct client_remote *own, struct call *call)
{
    struct remote_call *remote = mem_alloc(sizeof(*remote));
    remote->remote = own;
    remote->call = call;
    list_init(&remote->link);
    timer_init(&remote->timer, own->client.loop, time_over);
    remote->refusal.deliver = deliver_refusal;
    loop_post(own->client.loop, &remote->refusal);
}

static void remote_call(struct client *client, struct call *call)
{
    struct client_remote *own = CONTAINER_OF(client, struct client_remote, client);
    struct remote_call *remote = mem_alloc(sizeof(*remote));
    struct http_header headers[REMOTE_HEADERS_MAX];
    struct buffer target = {0};
    if (own->is_closed) {
        refuse(own, call);
        return;
    }
    resource_path_append(&call->path, &target);
    if (call->query && *call->query)
        buffer_format(&target, "?%s", call->query);
    remote->remote = own;
    remote->call = call;
    remote->way = remote_take_way(own);
    list_push_back(&own->calls, &remote->link);
    timer_init(&remote->timer, client->loop, time_over);
    timer_start_us(&remote->timer, CALL_TIMEOUT_US);
    struct http_call_options options = {
        .method = request_method_of(call->verb),
        .target = target.data,
        .headers = headers,
        .header_count = remote_headers(own, request_content_type_of(call->patch_type), headers),
        .body = call->body,
    };
    remote->http = http_call_open(remote->way->http, &options, &call_handler, remote);
    buffer_release(&target);
}

/* --- Life --- */

static const struct client_operations operations = {
    .call = remote_call,
    .watch_start = remote_watch_start,
    .watch_stop = remote_watch_stop,
};

static char *format_text(const char *before, const char *text)
{
    struct buffer buffer = {0};
    buffer_format(&buffer, "%s%s", before, text);
    return buffer_take(&buffer);
}

struct client *client_remote_open(struct loop *loop, const struct client_remote_options *options)
{
    struct client_remote *remote = mem_alloc(sizeof(*remote));
    remote->user = mem_copy_text(options->user);
    remote->client = (struct client){.operations = &operations, .loop = loop, .user = remote->user};
    remote->address = mem_copy_text(options->address);
    remote->host = options->host ? mem_copy_text(options->host) : NULL;
    remote->registry = options->registry;
    remote->user_agent = format_text(options->user, "/" CORACLE_VERSION);
    remote->authorization = options->token ? format_text("Bearer ", options->token) : NULL;
    list_init(&remote->ways);
    list_init(&remote->calls);
    list_init(&remote->watches);
    remote->way = open_way(remote, options->tls);
    return &remote->client;
}

void client_remote_set_tls(struct client *client, struct tls_config *tls)
{
    struct client_remote *remote = CONTAINER_OF(client, struct client_remote, client);
    struct remote_way *old = remote->way;
    remote->way = open_way(remote, tls);
    if (old->uses == 0)
        close_way(old);
}

struct http_client *client_remote_http(struct client *client)
{
    return CONTAINER_OF(client, struct client_remote, client)->way->http;
}

void client_remote_stop(struct client *client)
{
    struct client_remote *remote = CONTAINER_OF(client, struct client_remote, client);
    remote->is_closed = true;
    LIST_EACH(link, &remote->watches)
        remote_watch_drop(link);
    while (!list_is_empty(&remote->calls)) {
        struct remote_call *call = CONTAINER_OF(remote->calls.next, struct remote_call, link);
        http_call_close(call->http);
        fail(call, STATUS_SERVICE_UNAVAILABLE, closed_text);
    }
}

void client_remote_close(struct client *client)
{
    if (!client)
        return;
    struct client_remote *remote = CONTAINER_OF(client, struct client_remote, client);
    client_remote_stop(client);
    LIST_EACH(link, &remote->ways)
        close_way(CONTAINER_OF(link, struct remote_way, link));
    mem_free(remote->user);
    mem_free(remote->address);
    mem_free(remote->host);
    mem_free(remote->user_agent);
    mem_free(remote->authorization);
    mem_free(remote);
}
