/* get: answers from memory, never from SQL. */
#include "api/api.h"
#include "api/render.h"
#include "api/verbs.h"
#include "core/kinds/object_build.h"

enum { INLINE_PARSED_MAX = 64 * 1024 }; /* Larger bodies are parsed on a worker. */

/* The key of an object, or the prefix of a collection (name empty). */
static struct slice storage_key(struct request *request, struct slice name)
{
    const struct kind *stored = request->kind->stored_as ? request->kind->stored_as : request->kind;
    struct buffer key = {0};
    if (name.size > 0)
        object_build_key(request->kind, request->info.namespace, name, &key);
    else
        key_append_prefix(&key, stored->group, stored->resource, request->info.namespace);
    struct slice copy = {arena_copy_slice(&request->arena, buffer_slice(&key)), key.size};
    buffer_release(&key);
    return copy;
}

struct slice request_prefix(struct request *request)
{
    return storage_key(request, (struct slice){0});
}

struct slice request_key(struct request *request)
{
    return storage_key(request, request->info.name);
}

int request_check_reached(struct request *request, int64_t revision)
{
    int64_t current = store_revision(request->api->store, COMMITTED);
    if (revision <= current)
        return 0;
    status_fail(&request->status, STATUS_TIMEOUT,
                "Timeout: Too large resource version: %lld, current: %lld", (long long)revision,
                (long long)current);
    status_add_cause(&request->status, "ResourceVersionTooLarge", NULL,
                     "Too large resource version");
    request->status.retry_after_seconds = 1;
    return -1;
}

static int fail_not_found(struct request *request)
{
    return status_not_found(&request->status, request->info.group, request->info.resource,
                            arena_copy_slice(&request->arena, request->info.name));
}

static int render_result(struct request *request, const struct object *object)
{
    struct render render;
    struct buffer *body = &request->reply.body;
    return render_init(&render, request) ||
           render_object(&render, object, body, &request->status) ||
           render_finish(&render, body, &request->reply.content_type, &request->status);
}

static void render_work(struct task *task)
{
    struct request *request = CONTAINER_OF(task, struct request, task);
    if (render_result(request, request->work))
        POST(!status_ok(&request->status));
}

static void unref(void *object)
{
    object_unref(object);
}

static bool is_costly(struct request *request, const struct object *object)
{
    struct render render = {.kind = request->kind, .negotiated = request->negotiated};
    return object_memory(object) > INLINE_PARSED_MAX && !render_is_straight(&render);
}

void request_reply_object(struct request *request, int code, const struct object *object)
{
    request->reply.code = code;
    if (request->wants_object) {
        request->reply_object = object_ref(object);
        request_reply(request);
    } else if (is_costly(request, object)) {
        request->work = object_ref(object);
        arena_own(&request->arena, request->work, unref);
        request_work(request, render_work);
    } else if (render_result(request, object)) {
        request_fail(request);
    } else {
        request_reply(request);
    }
}

static int get(struct request *request, const struct object **object)
{
    int64_t revision = 0;
    struct slice text = query_get(request->query, "resourceVersion");
    if (text.size > 0 && (!slice_to_int64(text, &revision) || revision < 0)) {
        const char *quoted = field_value_text(&request->arena, text);
        status_fail(&request->status, STATUS_INTERNAL_ERROR,
                    "resourceVersion: Invalid value: %s: strconv.ParseUint: parsing %s: invalid "
                    "syntax",
                    quoted, quoted);
        request->status.reason_hidden = true; /* Upstream makes no Status of it. */
        return -1;
    }
    if (request_check_reached(request, revision))
        return -1;
    *object = store_get(request->api->store, COMMITTED, request_key(request));
    return *object ? 0 : fail_not_found(request);
}

void verb_get(struct request *request)
{
    const struct object *object;
    if (get(request, &object))
        request_fail(request);
    else
        request_reply_object(request, 200, object);
}
