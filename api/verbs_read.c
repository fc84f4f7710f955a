/* get and list: answers from memory, never from SQL.
 *
 * A list stands on one pin. A short one is rendered at once, a long one on a
 * worker, so that no step of the loop takes long. */
#include "api/api.h"
#include "api/list_options.h"
#include "api/render.h"
#include "api/verbs.h"
#include "core/kinds/object_build.h"

enum {
    INLINE_OBJECTS_MAX = 64, /* More than these are rendered on a worker. */
    ARENA_RESET_BYTES = 1 << 20,
};

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

/* "Not older than" a revision that is not there yet: upstream waits 3 s and then says so; ours
 * cannot come within this process's own order, so it says so at once. */
static int check_reached(struct request *request, int64_t revision)
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

void request_reply_object(struct request *request, int code, const struct object *object)
{
    request->reply.code = code;
    if (request->wants_object) {
        request->reply_object = object_ref(object);
        request_reply(request);
        return;
    }
    struct render render;
    struct buffer *body = &request->reply.body;
    if (render_init(&render, request) || render_object(&render, object, body, &request->status) ||
        render_finish(&render, body, &request->reply.content_type, &request->status))
        request_fail(request);
    else
        request_reply(request);
}

static int get(struct request *request, const struct object **object)
{
    int64_t revision = 0;
    struct slice text = query_get(request->query, "resourceVersion");
    if (text.size > 0 && !slice_to_int64(text, &revision))
        return status_fail(&request->status, STATUS_BAD_REQUEST,
                           "resourceVersion: Invalid value: %s",
                           field_value_text(&request->arena, text));
    if (check_reached(request, revision))
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

/* --- list --- */

struct list_job {
    struct request *request;
    struct list_options options;
    struct pin *pin;
    struct slice prefix;
    struct slice start;   /* Where a page goes on; empty: at the start. */
    int64_t total;        /* Under prefix. */
};

/* A page that begins behind start: the key, and a byte that sorts after it. */
static struct slice behind(struct arena *arena, struct slice key)
{
    char *next = arena_alloc(arena, key.size + 1);
    if (key.size > 0)
        memcpy(next, key.data, key.size);
    return (struct slice){next, key.size + (key.size > 0)};
}

struct page_walk {
    struct slice last_key;
    int64_t taken;
    bool is_cut;
};

static int render_page(struct list_job *job, struct render *render, struct buffer *items,
                       struct page_walk *walk)
{
    struct pin_cursor cursor;
    struct status *status = &job->request->status;
    const struct object *object = pin_first(job->pin, job->prefix, job->start, &cursor);
    for (; object; object = pin_next(&cursor)) {
        if (!list_options_match(&job->options, object))
            continue;
        if (job->options.limit > 0 && walk->taken == job->options.limit) {
            walk->is_cut = true;
            return 0;
        }
        if (walk->taken++ > 0)
            buffer_append_byte(items, ',');
        if (render_item(render, object, items, status))
            return -1;
        walk->last_key = object_key(object);
        if (render->context.arena->size > ARENA_RESET_BYTES)
            arena_reset(render->context.arena);
    }
    return 0;
}

static int render_list(struct list_job *job, struct buffer *body)
{
    struct request *request = job->request;
    struct render render;
    if (render_init(&render, request))
        return -1;
    struct arena scratch;
    arena_init(&scratch);
    render.context.arena = &scratch;
    struct buffer items = {0};
    struct page_walk walk = {0};
    int failed = render_page(job, &render, &items, &walk);
    if (!failed) {
        struct render_list list = {.revision = pin_revision(job->pin), .remaining = -1};
        if (walk.is_cut) {
            list.next_page = page_token(&request->arena, list.revision, walk.last_key);
            if (!job->options.has_selector && job->start.size == 0)
                list.remaining = job->total - walk.taken;
        }
        render_list_start(&render, &list, body);
        buffer_append_slice(body, buffer_slice(&items));
        render_list_end(&render, body);
        failed = render_finish(&render, body, &request->reply.content_type, &request->status);
    }
    buffer_release(&items);
    arena_release(&scratch);
    return failed;
}

static void unpin(void *pin)
{
    pin_unref(pin);
}

static void list_work(struct task *task)
{
    struct request *request = CONTAINER_OF(task, struct request, task);
    struct list_job *job = request->work;
    request->reply.code = 200;
    if (render_list(job, &request->reply.body))
        POST(!status_ok(&request->status));
}

static const char expired_text[] =
    "The provided continue parameter is too old to display a consistent list result. You must "
    "start a new list without the continue parameter.";

static int pin_page(struct list_job *job)
{
    struct request *request = job->request;
    int64_t revision;
    struct slice last;
    if (page_parse(&request->arena, job->options.next_page, &revision, &last, &request->status))
        return -1;
    if (!slice_starts_with(last, job->prefix))
        return status_fail(&request->status, STATUS_BAD_REQUEST,
                           "continue key is not valid: it belongs to another list");
    job->start = behind(&request->arena, last);
    if (store_pin_at(request->api->store, revision, &job->pin, &request->status) == 0)
        return 0;
    status_clear(&request->status);
    return status_fail(&request->status, STATUS_EXPIRED, "%s", expired_text);
}

static int pin_list(struct list_job *job)
{
    struct request *request = job->request;
    struct store *store = request->api->store;
    const struct list_options *options = &job->options;
    if (options->next_page.size > 0)
        return pin_page(job);
    if (options->match == MATCH_EXACT) {
        if (check_reached(request, options->revision))
            return -1;
        return store_pin_at(store, options->revision, &job->pin, &request->status);
    }
    if (check_reached(request, options->revision))
        return -1;
    job->pin = store_pin(store, COMMITTED);
    return 0;
}

void verb_list(struct request *request)
{
    struct list_job *job = ARENA_NEW(&request->arena, struct list_job);
    job->request = request;
    if (list_options_parse(request, false, &job->options)) {
        request_fail(request);
        return;
    }
    job->prefix = request_prefix(request);
    if (pin_list(job)) {
        request_fail(request);
        return;
    }
    arena_own(&request->arena, job->pin, unpin);
    job->total = pin_count(job->pin, job->prefix);
    request->work = job;
    if (job->total > INLINE_OBJECTS_MAX) {
        request_work(request, list_work);
        return;
    }
    list_work(&request->task);
    if (status_ok(&request->status))
        request_reply(request);
    else
        request_fail(request);
}
