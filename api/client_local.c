/* The near client: a component in this process speaks to the API.
 *
 * It skips the bytes and the proof of identity, never the rules: a call becomes
 * a request with the component's user and goes through api_serve() like any
 * other. Watches read the store's cursors after the same authorization; snapshots
 * are pins. commit() is in client_commit.c. */
#include <stdio.h>

#include "api/client_local.h"
#include "api/list_options.h"
#include "core/client/request_text.h"
#include "core/kinds/registry.h"
#include "store/watch.h"

/* --- Calls --- */

struct local_call {
    struct request request;
    struct message message;
    struct client_local *client;
    struct call *call;
    struct buffer path;
};

/* The reply is handed over from the loop, never from inside client_call(). */
static void deliver(struct message *message)
{
    struct local_call *local = CONTAINER_OF(message, struct local_call, message);
    struct call *call = local->call;
    struct request *request = &local->request;
    status_copy(&call->status, &request->status);
    struct slice body = buffer_slice(&request->reply.body);
    if (status_ok(&call->status))
        call->reply = (struct slice){arena_copy_slice(&call->arena, body), body.size};
    request_release(request);
    buffer_release(&local->path);
    mem_free(local);
    call->done(call);
}

static void request_done(struct request *request)
{
    struct local_call *local = CONTAINER_OF(request, struct local_call, request);
    local->message.deliver = deliver;
    loop_post(local->client->api->loop, &local->message);
}

static void local_call(struct client *client, struct call *call)
{
    struct client_local *own = CONTAINER_OF(client, struct client_local, client);
    struct local_call *local = mem_alloc(sizeof(*local));
    local->client = own;
    local->call = call;
    resource_path_append(&call->path, &local->path);
    struct request *request = &local->request;
    request_init(request);
    request->method = slice_of(request_method_of(call->verb));
    request->path = buffer_slice(&local->path);
    request->query_text = slice_of(call->query);
    request->content_type = slice_of(request_content_type_of(call->patch_type));
    request->body = call->body;
    request->user = own->user;
    request->user_agent = slice_of(own->user->name);
    request->is_local = true;
    request->done = request_done;
    api_serve(own->api, request);
}

/* --- Watches --- */

struct local_watch {
    struct client_local *client;
    struct client_watch *owner;
    struct watch *watch;
    struct list_options options;
    const struct kind *kind;
    struct request request; /* Only for its parsed selectors. */
    struct message message;
    bool is_posted;
    bool is_stopped;
    bool is_started;        /* The watch was opened. */
    struct pin *pin;        /* While the objects of then are given. */
    struct pin_cursor cursor;
    const struct object *next;
};

/* What one step gives: whoever hears of it does something, and others wait. */
enum { GIVEN_PER_STEP = 256 };

static void free_watch(struct local_watch *local)
{
    watch_close(local->watch);
    pin_unref(local->pin);
    request_release(&local->request);
    mem_free(local);
}

static void post(struct local_watch *local)
{
    if (local->is_posted)
        return;
    local->is_posted = true;
    loop_post(local->client->api->loop, &local->message);
}

static void watch_ready(void *context)
{
    post(context);
}

static void give(struct local_watch *local, enum client_event_type type,
                 const struct object *object, const struct object *old, int64_t revision)
{
    struct client_event event = {.type = type, .object = object, .old = old, .revision = revision};
    local->owner->event(local->owner, &event);
}

static void give_error(struct local_watch *local, const struct status *status)
{
    struct client_event event = {.type = EVENT_ERROR, .status = status};
    local->owner->event(local->owner, &event);
}

static void give_change(struct local_watch *local, const struct watch_event *event)
{
    bool before = event->old && list_options_match(&local->options, event->old);
    bool after = !event->is_delete && list_options_match(&local->options, event->new);
    if (after)
        give(local, before ? EVENT_MODIFIED : EVENT_ADDED, event->new, before ? event->old : NULL,
             event->revision);
    else if (before)
        give(local, EVENT_DELETED, event->is_delete ? event->new : event->old, NULL,
             event->revision);
}

/* All objects of today come first, then the bookmark that says so. */
static int pin_first_objects(struct local_watch *local)
{
    struct store *store = local->client->api->store;
    struct slice prefix = local->request.path;
    local->pin = store_pin(store, COMMITTED);
    local->next = pin_first(local->pin, prefix, SLICE(""), &local->cursor);
    return watch_open(store, prefix, pin_revision(local->pin), watch_ready, local, &local->watch,
                      &local->request.status);
}

static void give_first(struct local_watch *local)
{
    for (int i = 0; i < GIVEN_PER_STEP && local->next && !local->is_stopped; i++) {
        const struct object *object = local->next;
        if (list_options_match(&local->options, object))
            give(local, EVENT_ADDED, object, NULL, object->revision);
        local->next = pin_next(&local->cursor);
    }
    if (!local->is_stopped)
        post(local);
    if (local->next || local->is_stopped)
        return;
    give(local, EVENT_BOOKMARK, NULL, NULL, pin_revision(local->pin));
    pin_unref(local->pin);
    local->pin = NULL;
}

static int open_watch(struct local_watch *local)
{
    local->is_started = true;
    if (local->owner->revision == 0)
        return pin_first_objects(local);
    return watch_open(local->client->api->store, local->request.path, local->owner->revision,
                      watch_ready, local, &local->watch, &local->request.status);
}

static int prepare_watch(struct local_watch *local)
{
    struct request *request = &local->request;
    const struct resource_path *path = &local->owner->path;
    request->api = local->client->api;
    request->user = local->client->user;
    request->query = query_parse(&request->arena, slice_of(local->owner->query));
    request->info = (struct request_info){
        .is_resource = true,
        .verb = "watch",
        .group = path->group,
        .version = path->version,
        .resource = path->resource,
        .namespace = path->namespace,
        .path = "",
    };
    local->kind = registry_by_resource(request->api->registry, slice_of(path->group),
                                       slice_of(path->version), slice_of(path->resource));
    if (!local->kind)
        return status_fail(&request->status, STATUS_NOT_FOUND,
                           "the server could not find the requested resource");
    request->kind = local->kind;
    struct buffer prefix = {0};
    key_append_prefix(&prefix, path->group, path->resource, path->namespace);
    request->path =
        (struct slice){arena_copy_slice(&request->arena, buffer_slice(&prefix)), prefix.size};
    buffer_release(&prefix);
    if (authorize(request))
        return -1;
    return list_options_parse(request, true, &local->options);
}

/* Transactions are never cut; between them others may have their turn. */
static void take_events(struct local_watch *local)
{
    struct watch_event event;
    struct status status;
    status_init(&status);
    int taken = 0;
    for (int i = 0; !local->is_stopped; i++) {
        if (i >= GIVEN_PER_STEP && event.ends_txn) {
            post(local);
            break;
        }
        taken = watch_take(local->watch, &event, &status);
        if (taken <= 0)
            break;
        give_change(local, &event);
    }
    if (taken < 0 && !local->is_stopped)
        give_error(local, &status);
    status_release(&status);
}

static void step(struct message *message)
{
    struct local_watch *local = CONTAINER_OF(message, struct local_watch, message);
    local->is_posted = false;
    loop_note_step(local->client->api->loop, slice_of(local->client->user->name));
    if (!local->is_stopped && !local->is_started && (prepare_watch(local) || open_watch(local)) &&
        !local->is_stopped)
        give_error(local, &local->request.status);
    else if (!local->is_stopped && local->pin)
        give_first(local);
    else if (!local->is_stopped && local->watch)
        take_events(local);
    if (local->is_stopped && !local->is_posted) /* A stop from inside an event has posted. */
        free_watch(local);
}

static void local_watch_start(struct client *client, struct client_watch *watch)
{
    struct local_watch *local = mem_alloc(sizeof(*local));
    local->client = CONTAINER_OF(client, struct client_local, client);
    local->owner = watch;
    local->message.deliver = step;
    request_init(&local->request);
    watch->client_private = local;
    post(local);
}

static void local_watch_stop(struct client *client, struct client_watch *watch)
{
    (void)client;
    struct local_watch *local = watch->client_private;
    if (!local)
        return;
    watch->client_private = NULL;
    local->is_stopped = true;
    post(local); /* Freed there: the stop may come from inside an event. */
}

/* --- Snapshots --- */

struct local_snapshot {
    struct snapshot snapshot;
    struct pin *pin;
};

static const struct pin *pin_of(const struct snapshot *snapshot)
{
    return ((const struct local_snapshot *)snapshot)->pin;
}
static int64_t snapshot_revision(const struct snapshot *snapshot)
{
    return pin_revision(pin_of(snapshot));
}
static const struct object *snapshot_get(const struct snapshot *snapshot, struct slice key)
{
    return pin_get(pin_of(snapshot), key);
}
static void snapshot_each(const struct snapshot *snapshot, struct slice prefix,
                          bool (*each)(void *context, const struct object *object), void *context)
{
    struct pin_cursor cursor;
    const struct object *object = pin_first(pin_of(snapshot), prefix, SLICE(""), &cursor);
    while (object && each(context, object))
        object = pin_next(&cursor);
}
static void snapshot_each_owned(const struct snapshot *snapshot, struct slice uid,
                                bool (*each)(void *context, const struct object *object),
                                void *context)
{
    struct pin_cursor cursor;
    const struct object *object = pin_first_owned(pin_of(snapshot), uid, &cursor);
    while (object && each(context, object))
        object = pin_next_owned(&cursor);
}
static int64_t snapshot_count(const struct snapshot *snapshot, struct slice prefix)
{
    return pin_count(pin_of(snapshot), prefix);
}
static void snapshot_release(struct snapshot *snapshot)
{
    pin_unref(((struct local_snapshot *)snapshot)->pin);
    mem_free(snapshot);
}
static const struct snapshot_operations snapshot_operations = {
    snapshot_revision, snapshot_get,     snapshot_each,
    snapshot_count,    snapshot_release, snapshot_each_owned};

static struct snapshot *local_snapshot(struct client *client, enum snapshot_reading reading)
{
    struct client_local *own = CONTAINER_OF(client, struct client_local, client);
    struct local_snapshot *snapshot = mem_alloc(sizeof(*snapshot));
    snapshot->snapshot.operations = &snapshot_operations;
    snapshot->pin = store_pin(own->api->store, reading == SNAPSHOT_HEAD ? HEAD : COMMITTED);
    return &snapshot->snapshot;
}

/* --- Following head --- */

struct local_follower {
    struct store_follower follower;
    struct head_follower *owner;
};

static void head_changed(void *context, const struct object *old, const struct object *new)
{
    struct local_follower *local = context;
    local->owner->change(local->owner, old, new);
}

static void local_follow_head(struct client *client, struct head_follower *follower)
{
    struct client_local *own = CONTAINER_OF(client, struct client_local, client);
    struct local_follower *local = mem_alloc(sizeof(*local));
    local->owner = follower;
    local->follower = (struct store_follower){
        .change = head_changed, .context = local, .prefix = follower->prefix};
    follower->client_private = local;
    store_follow(own->api->store, &local->follower);
}

static void local_unfollow_head(struct client *client, struct head_follower *follower)
{
    struct client_local *own = CONTAINER_OF(client, struct client_local, client);
    struct local_follower *local = follower->client_private;
    if (!local)
        return;
    store_unfollow(own->api->store, &local->follower);
    follower->client_private = NULL;
    mem_free(local);
}

static const struct client_operations operations = {
    .call = local_call,
    .watch_start = local_watch_start,
    .watch_stop = local_watch_stop,
    .snapshot = local_snapshot,
    .commit = client_local_commit,
    .follow_head = local_follow_head,
    .unfollow_head = local_unfollow_head,
};

struct client *api_client_create(struct api *api, const struct user *user)
{
    struct client_local *own = mem_alloc(sizeof(*own));
    own->client = (struct client){.operations = &operations, .loop = api->loop, .user = user->name};
    own->api = api;
    own->user = user;
    return &own->client;
}

void api_client_destroy(struct client *client)
{
    if (client)
        mem_free(CONTAINER_OF(client, struct client_local, client));
}
