/* Watches of the far client: a reply that does not end, one event a line.
 *
 * A watch from revision 0 asks for the state first (KEP-3157): objects come as ADDED, then
 * the bookmark that ends them. Bookmarks before that one say nothing and are dropped. */
#include "core/client/remote_private.h"
#include "core/client/request_text.h"
#include "core/kinds/meta.h"
#include "core/kinds/object_build.h"

enum { LINE_SIZE_MAX = 16 * 1024 * 1024 };

struct remote_watch {
    struct client_remote *remote;
    struct list link;
    struct client_watch *owner;  /* NULL: stopped. */
    struct remote_way *way;
    struct http_call *http;
    const struct kind *kind;
    struct buffer input;         /* Since the last whole line. */
    struct arena arena;          /* Of one event. */
    int code;
    bool is_initial;             /* The state's end has not come yet. */
    bool is_telling;
};

/* Leaves the client; its memory goes when nobody is inside it any more. */
static void free_watch(struct remote_watch *watch)
{
    if (watch->way) {
        http_call_close(watch->http);
        remote_leave_way(watch->way);
        list_remove(&watch->link);
        watch->way = NULL;
    }
    if (watch->is_telling)
        return; /* take_lines() calls again. */
    buffer_release(&watch->input);
    arena_release(&watch->arena);
    mem_free(watch);
}

/* The owner's watch is over: told once, last. */
static void give_end(struct remote_watch *watch, const struct status *status)
{
    struct client_watch *owner = watch->owner;
    struct client_event event = {.type = EVENT_ERROR, .status = status};
    watch->owner = NULL;
    owner->client_private = NULL;
    owner->event(owner, &event);
}

static void give_end_text(struct remote_watch *watch, enum status_reason reason, const char *text)
{
    struct status status;
    status_init(&status);
    status_fail(&status, reason, "%s", text);
    give_end(watch, &status);
    status_release(&status);
}

/* --- One event --- */

static void give_object(struct remote_watch *watch, enum client_event_type type, struct json *tree,
                        int64_t revision)
{
    struct object *object = object_build(watch->kind, &watch->arena, tree, revision);
    struct client_event event = {.type = type, .object = object, .revision = revision};
    watch->owner->event(watch->owner, &event);
    object_unref(object);
}

static void give_bookmark(struct remote_watch *watch, const struct json *tree, int64_t revision)
{
    struct client_event event = {.type = EVENT_BOOKMARK, .revision = revision};
    if (meta_annotation(tree, "k8s.io/initial-events-end").size > 0)
        watch->is_initial = false;
    if (!watch->is_initial)
        watch->owner->event(watch->owner, &event);
}

static void give_error(struct remote_watch *watch, const struct json *tree)
{
    struct status status;
    struct buffer text = {0};
    int64_t code = 0;
    status_init(&status);
    json_print(tree, &text);
    if (!json_to_int64(json_get(tree, "code"), &code) || code < 400 || code > 599)
        code = 500;
    reply_read_status((int)code, buffer_slice(&text), &status);
    give_end(watch, &status);
    buffer_release(&text);
    status_release(&status);
}

static bool type_of(struct slice text, enum client_event_type *type)
{
    static const char *const names[] = {
        [EVENT_ADDED] = "ADDED",       [EVENT_MODIFIED] = "MODIFIED", [EVENT_DELETED] = "DELETED",
        [EVENT_BOOKMARK] = "BOOKMARK", [EVENT_ERROR] = "ERROR",
    };
    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        if (slice_is(text, names[i])) {
            *type = (enum client_event_type)i;
            return true;
        }
    return false;
}

static int take_event(struct remote_watch *watch, struct slice line, struct status *status)
{
    enum client_event_type type;
    int64_t revision = 0;
    struct json *event = json_parse(&watch->arena, line, NULL, status);
    struct json *tree = json_get(event, "object");
    if (!event)
        return -1;
    if (!type_of(json_string(json_get(event, "type")), &type) || !json_is(tree, JSON_OBJECT))
        return status_fail(status, STATUS_INTERNAL_ERROR, "this is no event of a watch");
    if (type == EVENT_ERROR) {
        give_error(watch, tree);
        return 0;
    }
    if (meta_revision(tree, &revision, status))
        return -1;
    if (type == EVENT_BOOKMARK)
        give_bookmark(watch, tree, revision);
    else if (meta_name(tree).size == 0)
        return status_fail(status, STATUS_INTERNAL_ERROR, "an event's object has no name");
    else
        give_object(watch, type, tree, revision);
    return 0;
}

static void take_line(struct remote_watch *watch, struct slice line)
{
    struct status status;
    status_init(&status);
    if (take_event(watch, line, &status) && watch->owner)
        give_end(watch, &status);
    arena_reset(&watch->arena);
    status_release(&status);
}

static void take_lines(struct remote_watch *watch)
{
    struct buffer *input = &watch->input;
    size_t done = 0;
    watch->is_telling = true;
    while (watch->owner) {
        struct slice rest = slice_sub(buffer_slice(input), done, input->size);
        ptrdiff_t end = slice_find(rest, '\n');
        if (end < 0)
            break;
        take_line(watch, slice_sub(rest, 0, (size_t)end));
        done += (size_t)end + 1;
    }
    buffer_consume(input, done);
    watch->is_telling = false;
    if (watch->owner && input->size > LINE_SIZE_MAX)
        give_end_text(watch, STATUS_REQUEST_ENTITY_TOO_LARGE, "an event is too large");
    if (!watch->owner)
        free_watch(watch);
}

/* --- The reply --- */

static void on_response(void *context, struct http_call *http, const struct http_response *response)
{
    (void)http;
    ((struct remote_watch *)context)->code = response->code;
}

static void on_data(void *context, struct slice data)
{
    struct remote_watch *watch = context;
    if (watch->input.size <= LINE_SIZE_MAX)
        buffer_append_slice(&watch->input, data);
    if (watch->code == 200)
        take_lines(watch);
}

static void on_end(void *context)
{
    struct remote_watch *watch = context;
    struct status status;
    watch->http = NULL;
    status_init(&status);
    if (watch->code == 200)
        status_fail(&status, STATUS_SERVICE_UNAVAILABLE, "the server has ended the watch");
    else
        reply_read_status(watch->code, buffer_slice(&watch->input), &status);
    give_end(watch, &status);
    status_release(&status);
    free_watch(watch);
}

static void on_error(void *context, const struct status *status)
{
    struct remote_watch *watch = context;
    watch->http = NULL;
    give_end(watch, status);
    free_watch(watch);
}

static const struct http_call_handler handler = {
    .on_response = on_response, .on_data = on_data, .on_end = on_end, .on_error = on_error};

/* --- Starting and stopping --- */

static void append_target(const struct client_watch *owner, struct buffer *target)
{
    resource_path_append(&owner->path, target);
    buffer_append_text(target, "?watch=true&allowWatchBookmarks=true");
    if (owner->revision > 0)
        buffer_format(target, "&resourceVersion=%lld", (long long)owner->revision);
    else
        buffer_append_text(target, "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan");
    if (owner->query && *owner->query)
        buffer_format(target, "&%s", owner->query);
}

void remote_watch_start(struct client *client, struct client_watch *owner)
{
    struct client_remote *remote = CONTAINER_OF(client, struct client_remote, client);
    struct remote_watch *watch = mem_alloc(sizeof(*watch));
    struct http_header headers[REMOTE_HEADERS_MAX];
    struct buffer target = {0};
    PRE(remote->registry != NULL && !remote->is_closed);
    watch->kind =
        registry_by_resource(remote->registry, slice_of(owner->path.group),
                             slice_of(owner->path.version), slice_of(owner->path.resource));
    PRE(watch->kind != NULL);
    watch->remote = remote;
    watch->owner = owner;
    watch->way = remote_take_way(remote);
    watch->is_initial = owner->revision == 0;
    arena_init(&watch->arena);
    list_push_back(&remote->watches, &watch->link);
    append_target(owner, &target);
    struct http_call_options options = {
        .method = "GET",
        .target = target.data,
        .headers = headers,
        .header_count = remote_headers(remote, NULL, headers),
        .timeout_us = INT64_C(30000000),
    };
    owner->client_private = watch;
    watch->http = http_call_open(watch->way->http, &options, &handler, watch);
    buffer_release(&target);
}

void remote_watch_stop(struct client *client, struct client_watch *owner)
{
    struct remote_watch *watch = owner->client_private;
    (void)client;
    if (!watch)
        return;
    owner->client_private = NULL;
    watch->owner = NULL;
    free_watch(watch);
}

void remote_watch_drop(struct list *link)
{
    struct remote_watch *watch = CONTAINER_OF(link, struct remote_watch, link);
    if (watch->owner)
        watch->owner->client_private = NULL;
    watch->owner = NULL;
    free_watch(watch);
}
