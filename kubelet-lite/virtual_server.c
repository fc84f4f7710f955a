#include "kubelet-lite/virtual_server.h"

#include "core/json.h"
#include "core/kinds/meta.h"
#include "core/net/http_server.h"
#include "core/net/stream_pair.h"
#include "core/net/url.h"
#include "kubelet-lite/virtual_lifecycle.h"

enum { PARTS_MAX = 5 };

struct virtual_server {
    struct client *client;
    struct http_server *http;
};

static void reply(struct http_exchange *exchange, int code, struct slice text)
{
    struct http_header header = HTTP_HEADER("Content-Type", SLICE("text/plain; charset=utf-8"));
    http_reply(exchange, code, &header, 1, text);
}

static const struct json *read_pod(const struct snapshot *snapshot, struct arena *arena,
                                   const struct slice *parts)
{
    struct buffer key = {0};
    struct status status;
    status_init(&status);
    key_append(&key, "", "pods", parts[1], parts[2]);
    const struct object *object = snapshot->operations->get(snapshot, buffer_slice(&key));
    const struct json *pod = object ? json_parse(arena, object_body(object), NULL, &status) : NULL;
    buffer_release(&key);
    status_release(&status);
    return pod;
}

static const struct json *find_status(const struct json *pod, struct slice container)
{
    static const char *const lists[] = {"status.containerStatuses", "status.initContainerStatuses"};
    for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
        JSON_EACH(status, json_at(pod, lists[i]))
            if (slice_equal(json_string(json_get(status, "name")), container))
                return status;
    }
    return NULL;
}

static void serve_log(struct http_exchange *exchange, struct arena *arena, const struct json *pod,
                      struct slice container)
{
    struct slice log = meta_annotation(pod, VIRTUAL_ANNOTATION "log");
    struct slice name = meta_name(pod);
    const struct json *waiting = json_at(find_status(pod, container), "state.waiting");
    if (waiting)
        reply(exchange, 400,
              slice_of(arena_format(arena,
                                    "container \"" SLICE_FORMAT "\" in pod \"" SLICE_FORMAT
                                    "\" is waiting to start: " SLICE_FORMAT,
                                    SLICE_ARGS(container), SLICE_ARGS(name),
                                    SLICE_ARGS(json_string(json_get(waiting, "reason"))))));
    else if (log.size > 0)
        reply(exchange, 200, log);
    else
        reply(exchange, 404,
              slice_of(arena_format(arena,
                                    "no logs found for container \"" SLICE_FORMAT
                                    "\" in pod \"" SLICE_FORMAT "\": its node is virtual, "
                                    "and no annotation " VIRTUAL_ANNOTATION "log declares one",
                                    SLICE_ARGS(container), SLICE_ARGS(name))));
}

static size_t split(struct arena *arena, struct slice path, struct slice parts[PARTS_MAX])
{
    struct slice rest = slice_sub(path, 1, path.size), part;
    size_t count = 0;
    while (count < PARTS_MAX && slice_split(&rest, '/', &part)) {
        if (!url_unescape(arena, part, false, &parts[count]))
            return 0;
        count++;
    }
    return count;
}

static void on_request(void *context, struct http_exchange *exchange)
{
    struct virtual_server *server = context;
    struct slice parts[PARTS_MAX];
    struct arena arena;
    arena_init(&arena);
    size_t count = split(&arena, exchange->request.path, parts);
    if (count == 4 && slice_is(parts[0], "containerLogs")) {
        struct snapshot *snapshot =
            server->client->operations->snapshot(server->client, SNAPSHOT_COMMITTED);
        const struct json *pod = read_pod(snapshot, &arena, parts);
        if (pod)
            serve_log(exchange, &arena, pod, parts[3]);
        else
            reply(exchange, 404, SLICE("the pod does not exist"));
        snapshot->operations->release(snapshot);
    } else {
        reply(exchange, 501, SLICE("its node is virtual: no process runs there"));
    }
    arena_release(&arena);
}

struct virtual_server *virtual_server_open(struct client *client)
{
    struct virtual_server *server = mem_alloc(sizeof(*server));
    server->client = client;
    server->http = http_server_open(client->loop, NULL, on_request, server);
    return server;
}

void virtual_server_close(struct virtual_server *server)
{
    if (!server)
        return;
    http_server_close(server->http, NULL, NULL);
    mem_free(server);
}

struct stream *virtual_server_connect(struct virtual_server *server)
{
    struct stream *near, *far;
    stream_pair_open(server->client->loop, NULL, &near, &far);
    http_server_accept(server->http, far);
    return near;
}
