#include "api/node_proxy.h"

#include "api/api.h"
#include "api/authz.h"
#include "api/node_links.h"
#include "core/client/request_text.h"
#include "core/kinds/meta.h"
#include "core/net/splice.h"

enum { HELD_MAX = 128 * 1024, ERROR_MAX = 64 * 1024, HEADERS_MAX = 16 };

/* One request on its way. It lives until the answer is complete and nobody holds it. */
struct proxied {
    struct node_links_user user;
    struct request *request;      /* NULL once it is answered or gone. */
    struct stream_reply stream;   /* Of a plain answer. */
    struct reply_upgrade upgrade;
    struct http_call *call;       /* NULL: over. */
    struct stream *agent;         /* After an upgrade. */
    struct buffer early;          /* What the agent had sent behind its 101; */
    struct buffer held;           /* of a plain answer: what has come and not been sent. */
    struct node_links *links;
    int code;
    bool is_upgrade;
    bool is_streaming;            /* The reply is under way: stream is the front's. */
    bool is_cut;                  /* The agent's answer broke off. */
    bool is_paused;
};

static void free_proxied(struct proxied *proxied)
{
    list_remove(&proxied->user.link);
    http_call_close(proxied->call);
    if (proxied->agent)
        stream_close(proxied->agent);
    buffer_release(&proxied->early);
    buffer_release(&proxied->held);
    mem_free(proxied);
}

/* --- Failures --- */

static void fail(struct proxied *proxied, enum status_reason reason, const char *format,
                 const char *why)
{
    struct request *request = proxied->request;
    status_fail(&request->status, reason, format, why);
    free_proxied(proxied);
    request_fail(request);
}

/* What the agent refused, in the form of k8s.io/apiserver's GenericHttpResponseChecker. */
static void fail_as_told(struct proxied *proxied)
{
    struct request *request = proxied->request;
    struct slice text = buffer_slice(&proxied->held);
    if (text.size > 0 && text.data[text.size - 1] == '\n')
        text.size--;
    const char *why = arena_copy_slice(&request->arena, text);
    if (text.size > 0 && text.data[0] == '{')
        reply_read_status(proxied->code, text, &request->status);
    else if (proxied->code == 400)
        status_fail(&request->status, STATUS_BAD_REQUEST, "%s", why);
    else if (proxied->code == 404)
        status_fail(&request->status, STATUS_NOT_FOUND, "%s", why);
    else
        status_fail(&request->status, STATUS_INTERNAL_ERROR, "Internal error occurred: %s", why);
    free_proxied(proxied);
    request_fail(request);
}

/* --- Plain answers --- */

static enum stream_state fill(struct stream_reply *stream, struct buffer *bytes)
{
    struct proxied *proxied = CONTAINER_OF(stream, struct proxied, stream);
    buffer_append_slice(bytes, buffer_slice(&proxied->held));
    buffer_clear(&proxied->held);
    if (!proxied->call)
        return proxied->is_cut ? STREAM_BROKEN : STREAM_END;
    if (proxied->is_paused)
        http_call_resume(proxied->call);
    proxied->is_paused = false;
    return STREAM_WAIT;
}

static void close_stream(struct stream_reply *stream)
{
    free_proxied(CONTAINER_OF(stream, struct proxied, stream));
}

static void begin_stream(struct proxied *proxied)
{
    struct request *request = proxied->request;
    proxied->is_streaming = true;
    proxied->request = NULL;
    proxied->stream = (struct stream_reply){.fill = fill, .close = close_stream};
    request->reply.code = 200;
    request->reply.content_type = "text/plain";
    request->reply.stream = &proxied->stream;
    request_reply(request);
}

static void wake(struct proxied *proxied)
{
    if (proxied->stream.ready)
        proxied->stream.ready(proxied->stream.context);
}

/* --- Upgrades --- */

static void take(struct reply_upgrade *upgrade, struct stream *stream, struct slice early)
{
    struct proxied *proxied = CONTAINER_OF(upgrade, struct proxied, upgrade);
    struct stream *agent = proxied->agent;
    proxied->agent = NULL;
    if (stream)
        splice_open(stream, early, agent, buffer_slice(&proxied->early),
                    node_links_splices(proxied->links));
    else
        stream_close(agent);
    free_proxied(proxied);
}

static void hand_over(struct proxied *proxied, const struct http_response *response)
{
    struct request *request = proxied->request;
    for (size_t i = 0; i < response->headers.count; i++) {
        const struct http_header *header = &response->headers.items[i];
        if (!http_name_is(header->name, "Date"))
            request_add_header(request, arena_copy_slice(&request->arena, header->name),
                               arena_copy_slice(&request->arena, header->value));
    }
    proxied->agent = http_call_upgrade(proxied->call, &proxied->early);
    proxied->call = NULL;
    proxied->request = NULL;
    proxied->upgrade.take = take;
    request->reply.code = 101;
    request->reply.upgrade = &proxied->upgrade;
    request_reply(request);
}

/* --- The agent's answer --- */

static void on_response(void *context, struct http_call *call, const struct http_response *response)
{
    struct proxied *proxied = context;
    (void)call;
    proxied->code = response->code;
    if (response->code == 101)
        hand_over(proxied, response);
    else if (response->code == 200 && !proxied->is_upgrade)
        begin_stream(proxied);
}

static void on_data(void *context, struct slice data)
{
    struct proxied *proxied = context;
    if (!proxied->is_streaming) {
        if (proxied->held.size < ERROR_MAX)
            buffer_append_slice(&proxied->held, data);
        return;
    }
    buffer_append_slice(&proxied->held, data);
    if (proxied->held.size > HELD_MAX && !proxied->is_paused) {
        proxied->is_paused = true;
        http_call_pause(proxied->call);
    }
    wake(proxied);
}

static void on_end(void *context)
{
    struct proxied *proxied = context;
    proxied->call = NULL;
    if (proxied->is_streaming)
        wake(proxied);
    else
        fail_as_told(proxied);
}

static void on_error(void *context, const struct status *status)
{
    struct proxied *proxied = context;
    proxied->call = NULL;
    proxied->is_cut = true;
    if (proxied->is_streaming)
        wake(proxied);
    else
        fail(proxied, STATUS_INTERNAL_ERROR, "error dialing backend: %s", status->message);
}

static void links_stopped(struct node_links_user *user)
{
    struct proxied *proxied = CONTAINER_OF(user, struct proxied, user);
    http_call_close(proxied->call);
    proxied->call = NULL;
    proxied->is_cut = true;
    if (proxied->is_streaming)
        wake(proxied);
    else if (proxied->request)
        fail(proxied, STATUS_SERVICE_UNAVAILABLE, "%s", "the server stops");
}

static const struct http_call_handler handler = {
    .on_response = on_response, .on_data = on_data, .on_end = on_end, .on_error = on_error};

/* --- Asking --- */

/* Those that the agent needs to agree to the upgrade. */
static size_t upgrade_headers(const struct request *request, struct http_header *headers)
{
    static const char *const names[] = {"Connection",
                                        "Upgrade",
                                        "Sec-WebSocket-Key",
                                        "Sec-WebSocket-Version",
                                        "Sec-WebSocket-Protocol",
                                        "X-Stream-Protocol-Version"};
    size_t count = 0;
    for (size_t i = 0; i < request->headers.count; i++) {
        for (size_t j = 0; j < ARRAY_SIZE(names) && count < HEADERS_MAX; j++)
            if (http_name_is(request->headers.items[i].name, names[j]))
                headers[count++] = request->headers.items[i];
    }
    return count;
}

static void begin(struct request *request, struct slice node, const char *target, bool is_upgrade)
{
    struct http_client *client = node_links_client(request->api->links, node);
    struct http_header headers[HEADERS_MAX];
    if (!client) {
        status_fail(&request->status, STATUS_INTERNAL_ERROR,
                    "error dialing backend: node \"" SLICE_FORMAT "\" is not connected",
                    SLICE_ARGS(node));
        request_fail(request);
        return;
    }
    struct proxied *proxied = mem_alloc(sizeof(*proxied));
    proxied->request = request;
    proxied->links = request->api->links;
    proxied->is_upgrade = is_upgrade;
    struct http_call_options options = {
        .method = is_upgrade ? arena_copy_slice(&request->arena, request->method) : "GET",
        .target = target,
        .headers = headers,
        .header_count = is_upgrade ? upgrade_headers(request, headers) : 0,
        .timeout_us = INT64_C(30000000),
    };
    proxied->user.stopped = links_stopped;
    node_links_join(proxied->links, &proxied->user);
    request_wait(request);
    proxied->call = http_call_open(client, &options, &handler, proxied);
}

void node_proxy_get(struct request *request, struct slice node, const char *target)
{
    begin(request, node, target, false);
}

/* What runs something is a create, also when it came as a GET, as WebSockets must (1.35's
 * AuthorizePodWebsocketUpgradeCreatePermission). */
static int authorize_create(struct request *request)
{
    const struct request_info *info = &request->info;
    const char *reason = "";
    struct authz_attributes attributes = {
        .user = request->user,
        .verb = "create",
        .is_resource = true,
        .group = info->group,
        .resource = info->resource,
        .subresource = info->subresource,
        .namespace = info->namespace,
        .name = info->name,
    };
    if (!slice_is(request->method, "GET") ||
        authz_decide(request->api, &attributes, &request->arena, &reason))
        return 0;
    return authz_forbid(&request->arena, &attributes, reason, &request->status);
}

static int check_upgrade(struct request *request)
{
    if (http_header_has(request->headers, "Connection", "Upgrade") &&
        http_header_get(request->headers, "Upgrade").size > 0)
        return 0;
    return status_fail(&request->status, STATUS_BAD_REQUEST, "Upgrade request required");
}

void node_proxy_upgrade(struct request *request, struct slice node, const char *target)
{
    if (authorize_create(request) || check_upgrade(request))
        request_fail(request);
    else
        begin(request, node, target, true);
}

/* --- Pods --- */

const struct json *node_proxy_pod(struct request *request)
{
    const struct object *object = store_get(request->api->store, COMMITTED, request_key(request));
    if (object)
        return json_parse(&request->arena, object_body(object), NULL, &request->status);
    status_not_found(&request->status, "", "pods",
                     arena_copy_slice(&request->arena, request->info.name));
    return NULL;
}

static const char *names_of(struct arena *arena, const struct json *containers)
{
    struct buffer text = {0};
    JSON_EACH(container, containers)
        buffer_format(&text, "%s%s", text.size ? " " : "", json_text(json_get(container, "name")));
    const char *names = arena_copy_slice(arena, buffer_slice(&text));
    buffer_release(&text);
    return names;
}

static bool has_container(const struct json *spec, struct slice name)
{
    static const char *const lists[] = {"containers", "initContainers", "ephemeralContainers"};
    for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
        JSON_EACH(container, json_get(spec, lists[i]))
            if (slice_equal(json_string(json_get(container, "name")), name))
                return true;
    }
    return false;
}

int node_proxy_container(struct request *request, const struct json *pod, struct slice *container)
{
    struct arena *arena = &request->arena;
    const struct json *spec = json_get(pod, "spec"), *all = json_get(spec, "containers");
    const char *init = names_of(arena, json_get(spec, "initContainers"));
    const char *name = arena_copy_slice(arena, meta_name(pod));
    *container = query_get(request->query, "container");
    if (container->size > 0)
        return has_container(spec, *container)
                   ? 0
                   : status_fail(&request->status, STATUS_BAD_REQUEST,
                                 "container " SLICE_FORMAT " is not valid for pod %s",
                                 SLICE_ARGS(*container), name);
    *container = json_string(json_get(json_first(all), "name"));
    if (json_count(all) == 1)
        return 0;
    return status_fail(&request->status, STATUS_BAD_REQUEST,
                       "a container name must be specified for pod %s, choose one of: [%s]%s%s%s",
                       name, names_of(arena, all), *init ? " or one of the init containers: [" : "",
                       init, *init ? "]" : "");
}

/* --- Streams --- */

static void append_streams(const struct request *request, struct buffer *target)
{
    static const char *const pairs[][2] = {
        {"stdin", "input"}, {"stdout", "output"}, {"stderr", "error"}, {"tty", "tty"}};
    char separator = '?';
    for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
        if (!query_bool(request->query, pairs[i][0]))
            continue;
        buffer_format(target, "%c%s=1", separator, pairs[i][1]);
        separator = '&';
    }
    for (const struct query_parameter *q = request->query; q; q = q->next) {
        if (!slice_is(q->key, "command"))
            continue;
        buffer_format(target, "%ccommand=", separator);
        url_escape(q->value, target);
        separator = '&';
    }
}

static int find_target(struct request *request, const char *what, struct slice *node,
                       const char **target)
{
    struct slice container;
    struct buffer text = {0};
    const struct json *pod = node_proxy_pod(request);
    if (!pod || node_proxy_container(request, pod, &container))
        return -1;
    *node = json_string(json_at(pod, "spec.nodeName"));
    if (node->size == 0)
        return status_fail(&request->status, STATUS_BAD_REQUEST,
                           "pod " SLICE_FORMAT " does not have a host assigned",
                           SLICE_ARGS(meta_name(pod)));
    buffer_format(&text, "/%s/" SLICE_FORMAT "/" SLICE_FORMAT "/" SLICE_FORMAT "/" SLICE_FORMAT,
                  what, SLICE_ARGS(meta_namespace(pod)), SLICE_ARGS(meta_name(pod)),
                  SLICE_ARGS(meta_uid(pod)), SLICE_ARGS(container));
    append_streams(request, &text);
    *target = arena_copy_slice(&request->arena, buffer_slice(&text));
    buffer_release(&text);
    return 0;
}

void node_proxy_streams(struct request *request, const char *what)
{
    struct slice node;
    const char *target;
    if (find_target(request, what, &node, &target))
        request_fail(request);
    else
        node_proxy_upgrade(request, node, target);
}
