#include "kubelet-lite/object_set.h"

#include <stdio.h>

#include "core/clock.h"
#include "core/crypto.h"
#include "core/file.h"

#define DAY_US INT64_C(86400000000)

struct wanted_object {
    struct wanted_object *next;
    struct object_set *set;
    const char *resource;       /* "tokens" for one. */
    const char *name;           /* Of a token: the service account. */
    const char *key;            /* Names it among those of its kind, and its file. */
    struct call call;
    struct buffer body;
    const struct json *object;
    bool is_missing;            /* The server says so. */
    bool is_fresh;              /* It came now: to be remembered. */
    struct status status;
};

void object_set_init(struct object_set *set, struct loop *loop, struct client *client,
                     const char *namespace, const char *folder)
{
    *set = (struct object_set){
        .loop = loop, .client = client, .namespace = namespace, .folder = folder};
    arena_init(&set->arena);
}

void object_set_release(struct object_set *set)
{
    for (struct wanted_object *wanted = set->first; wanted; wanted = wanted->next) {
        call_release(&wanted->call);
        buffer_release(&wanted->body);
        status_release(&wanted->status);
    }
    set->first = NULL;
    arena_release(&set->arena);
}

static struct wanted_object *find(const struct object_set *set, const char *resource,
                                  const char *key)
{
    for (struct wanted_object *wanted = set->first; wanted; wanted = wanted->next)
        if (strcmp(wanted->resource, resource) == 0 && strcmp(wanted->key, key) == 0)
            return wanted;
    return NULL;
}

static struct wanted_object *add(struct object_set *set, const char *resource, const char *name,
                                 const char *key)
{
    struct wanted_object *wanted = ARENA_NEW(&set->arena, struct wanted_object);
    *wanted = (struct wanted_object){
        .next = set->first, .set = set, .resource = resource, .name = name, .key = key};
    call_init(&wanted->call);
    status_init(&wanted->status);
    set->first = wanted;
    return wanted;
}

void object_set_want(struct object_set *set, const char *resource, struct slice name)
{
    const char *text = arena_copy_slice(&set->arena, name);
    if (!find(set, resource, text))
        add(set, resource, text, text);
}

static const char *token_key(struct arena *arena, struct slice audience, int64_t seconds)
{
    char hex[SHA256_SIZE * 2 + 1];
    sha256_hex(audience, hex);
    return arena_format(arena, "%.16s-%lld", hex, (long long)seconds);
}

static void print_token_request(const struct json *pod, struct slice audience, int64_t seconds,
                                struct buffer *body)
{
    struct arena arena;
    arena_init(&arena);
    struct json *request = json_new_object(&arena);
    json_set_text(&arena, request, "apiVersion", "authentication.k8s.io/v1");
    json_set_text(&arena, request, "kind", "TokenRequest");
    struct json *spec = json_ensure_object(&arena, request, "spec");
    struct json *audiences = json_new_array(&arena);
    if (audience.size > 0)
        json_append(audiences, json_new_string(&arena, audience));
    json_set(&arena, spec, "audiences", audiences);
    json_set_int(&arena, spec, "expirationSeconds", seconds);
    struct json *bound = json_ensure_object(&arena, spec, "boundObjectRef");
    json_set_text(&arena, bound, "apiVersion", "v1");
    json_set_text(&arena, bound, "kind", "Pod");
    json_set_text(&arena, bound, "name", json_text(json_at(pod, "metadata.name")));
    json_set_text(&arena, bound, "uid", json_text(json_at(pod, "metadata.uid")));
    json_print(request, body);
    arena_release(&arena);
}

void object_set_want_token(struct object_set *set, const struct json *pod, struct slice audience,
                           int64_t seconds)
{
    const char *account = json_text(json_at(pod, "spec.serviceAccountName"));
    const char *key = token_key(&set->arena, audience, seconds);
    if (find(set, "tokens", key))
        return;
    struct wanted_object *wanted =
        add(set, "tokens", arena_copy_text(&set->arena, *account ? account : "default"), key);
    print_token_request(pod, audience, seconds, &wanted->body);
}

/* --- On disk --- */

static const char *path_of(const struct wanted_object *wanted)
{
    return arena_format(&wanted->set->arena, "%s/%s-%s.json", wanted->set->folder, wanted->resource,
                        wanted->key);
}

static const struct json *recall(struct wanted_object *wanted)
{
    struct buffer text = {0};
    struct status ignored;
    const struct json *object = NULL;
    status_init(&ignored);
    if (file_read(path_of(wanted), &text, &ignored) == 0)
        object = json_parse(&wanted->set->arena, buffer_slice(&text), NULL, &ignored);
    buffer_release(&text);
    status_release(&ignored);
    return object;
}

static void remember(struct wanted_object *wanted)
{
    struct status ignored;
    status_init(&ignored);
    if (file_write(path_of(wanted), 0600, wanted->call.reply, &ignored))
        status_clear(&ignored); /* It is only for bad days. */
    status_release(&ignored);
}

static void remember_all(struct task *task)
{
    struct object_set *set = CONTAINER_OF(task, struct object_set, task);
    struct status ignored;
    status_init(&ignored);
    if (folder_make(set->folder, 0700, &ignored))
        status_clear(&ignored);
    status_release(&ignored);
    for (struct wanted_object *wanted = set->first; wanted; wanted = wanted->next) {
        if (wanted->is_fresh)
            remember(wanted);
        else if (!wanted->object && !wanted->is_missing)
            wanted->object = recall(wanted);
    }
}

static void all_remembered(struct task *task)
{
    struct object_set *set = CONTAINER_OF(task, struct object_set, task);
    set->done(set);
}

/* --- Asking --- */

static void drop_pending(struct object_set *set)
{
    if (--set->pending > 0)
        return;
    set->task = (struct task){.work = remember_all, .done = all_remembered};
    loop_submit(set->loop, LANE_HOST, &set->task);
}

static void answered(struct call *call)
{
    struct wanted_object *wanted = CONTAINER_OF(call, struct wanted_object, call);
    struct object_set *set = wanted->set;
    if (status_ok(&call->status))
        wanted->object = json_parse(&set->arena, call->reply, NULL, &wanted->status);
    else if (call->status.reason == STATUS_NOT_FOUND)
        status_fail(&wanted->status, STATUS_NOT_FOUND, "%.*s \"%s\" not found",
                    (int)strlen(call->path.resource) - 1, call->path.resource, wanted->name);
    else
        status_copy(&wanted->status, &call->status);
    wanted->is_missing =
        call->status.reason == STATUS_NOT_FOUND || call->status.reason == STATUS_FORBIDDEN;
    wanted->is_fresh = wanted->object != NULL;
    drop_pending(set);
}

static bool is_young(const struct json *token, int64_t now_us)
{
    int64_t until_us, seconds = 0;
    if (!time_parse(json_string(json_at(token, "status.expirationTimestamp")), &until_us) ||
        !json_to_int64(json_at(token, "spec.expirationSeconds"), &seconds))
        return false;
    int64_t from_us = until_us - seconds * 1000000;
    int64_t age_us = now_us - from_us;
    return age_us >= 0 && age_us < seconds * 800000 && age_us < DAY_US;
}

static void ask(struct wanted_object *wanted)
{
    struct object_set *set = wanted->set;
    struct call *call = &wanted->call;
    bool is_token = strcmp(wanted->resource, "tokens") == 0;
    if (is_token) {
        const struct json *before = recall(wanted);
        wanted->object = is_young(before, clock_wall_us(loop_clock(set->loop))) ? before : NULL;
    }
    if (wanted->object) {
        drop_pending(set);
        return;
    }
    call->verb = is_token ? "create" : "get";
    call->path = (struct resource_path){
        .group = "",
        .version = "v1",
        .resource = is_token ? "serviceaccounts" : wanted->resource,
        .namespace = slice_of(set->namespace),
        .name = slice_of(wanted->name),
        .subresource = is_token ? "token" : NULL,
    };
    call->body = buffer_slice(&wanted->body);
    call->done = answered;
    client_call(set->client, call);
}

static void fetch_none(struct message *message)
{
    struct object_set *set = CONTAINER_OF(message, struct object_set, message);
    set->done(set);
}

void object_set_fetch(struct object_set *set, void (*done)(struct object_set *set))
{
    set->done = done;
    if (!set->first) {
        set->message.deliver = fetch_none;
        loop_post(set->loop, &set->message);
        return;
    }
    set->pending = 1; /* Until all are asked for. */
    for (struct wanted_object *wanted = set->first; wanted; wanted = wanted->next) {
        set->pending++;
        ask(wanted);
    }
    drop_pending(set);
}

/* --- Results --- */

static const struct json *result(const struct wanted_object *wanted, struct status *status)
{
    if (wanted && wanted->object)
        return wanted->object;
    if (wanted && !status_ok(&wanted->status))
        status_copy(status, &wanted->status);
    else
        status_fail(status, STATUS_INTERNAL_ERROR, "the object was not asked for");
    return NULL;
}

const struct json *object_set_get(const struct object_set *set, const char *resource,
                                  struct slice name, struct status *status)
{
    struct buffer key = {0};
    buffer_append_slice(&key, name);
    const struct wanted_object *wanted = find(set, resource, key.data ? key.data : "");
    buffer_release(&key);
    return result(wanted, status);
}

const char *object_set_token(const struct object_set *set, struct slice audience, int64_t seconds,
                             struct status *status)
{
    struct arena arena;
    arena_init(&arena);
    const struct json *object =
        result(find(set, "tokens", token_key(&arena, audience, seconds)), status);
    arena_release(&arena);
    return object ? json_text(json_at(object, "status.token")) : NULL;
}
