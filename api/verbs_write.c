/* create, update, patch, delete, deletecollection. */
#include "api/api.h"
#include "api/decode.h"
#include "api/drop.h"
#include "api/list_reply.h"
#include "api/negotiate.h"
#include "api/status_print.h"
#include "api/subresource.h"
#include "api/verbs.h"
#include "api/write.h"
#include "core/client/client.h"
#include "core/kinds/apply.h"
#include "core/kinds/meta.h"
#include "core/kinds/object_build.h"
#include "core/kinds/patch.h"
#include "core/kinds/strategy.h"
#include "core/kinds/types.h"
#include "core/kinds/view.h"

/* --- create --- */

static int plan_create(struct request *request, struct plan *plan)
{
    struct write write;
    struct decode_target target;
    decode_target_of(request, &target);
    if (write_init(&write, request, plan, "CreateOptions") ||
        decode_body(request, &target, &write.object))
        return -1;
    request->reply.code = 201;
    int failed = write_plan_create(&write);
    write_release(&write);
    return failed;
}

void verb_create(struct request *request)
{
    write_run(request, plan_create);
}

/* --- update --- */

static int plan_update(struct request *request, struct plan *plan)
{
    struct write write;
    struct decode_target target;
    decode_target_of(request, &target);
    if (write_init(&write, request, plan, "UpdateOptions") ||
        decode_body(request, &target, &write.object) || write_find_old(&write))
        return -1;
    int failed = write_plan_update(&write);
    write_release(&write);
    return failed;
}

void verb_update(struct request *request)
{
    write_run(request, plan_update);
}

/* --- patch --- */

static const char patch_types[] =
    "the body of the request was in an unknown format - accepted media types include: "
    "application/json-patch+json, application/merge-patch+json, "
    "application/strategic-merge-patch+json, application/apply-patch+yaml";

static enum patch_type patch_type_of(struct slice content_type)
{
    struct slice type = media_type(content_type);
    if (slice_is(type, "application/json-patch+json"))
        return PATCH_JSON;
    if (slice_is(type, "application/merge-patch+json"))
        return PATCH_MERGE;
    if (slice_is(type, "application/strategic-merge-patch+json"))
        return PATCH_STRATEGIC;
    if (slice_is(type, "application/apply-patch+yaml"))
        return PATCH_APPLY;
    return PATCH_NONE;
}

static int parse_patch(struct request *request, enum patch_type type, struct json **patch,
                       struct json_duplicate **duplicates)
{
    static const char *const errors[] = {
        [PATCH_JSON] = "error decoding patch: ",
        [PATCH_MERGE] = "error decoding patch: ",
        [PATCH_STRATEGIC] = "",
        [PATCH_APPLY] = "error decoding YAML: ",
    };
    struct arena *arena = &request->arena;
    struct json_options options = {.duplicates = type == PATCH_JSON ? NULL : duplicates};
    *duplicates = NULL;
    *patch = type == PATCH_APPLY ? decode_yaml(arena, request->body, duplicates, &request->status)
                                 : json_parse(arena, request->body, &options, &request->status);
    if (*patch)
        return 0;
    const char *why = arena_copy_text(arena, request->status.message);
    status_clear(&request->status);
    return status_fail(&request->status, STATUS_BAD_REQUEST, "%s%s", errors[type], why);
}

/* The live object as a patch sees it: what the server would answer to a GET. */
static struct json *live_tree(struct write *write)
{
    struct request *request = write->request;
    struct json *tree = json_copy(&request->arena, write->old_tree);
    struct slice managed = object_managed(write->old);
    struct json *fields =
        managed.size > 0 ? json_parse(&request->arena, managed, NULL, &request->status) : NULL;
    if (fields)
        json_set(&request->arena, json_get(tree, "metadata"), "managedFields", fields);
    return tree;
}

static int change(struct write *write, enum patch_type type, const struct json *patch)
{
    struct request *request = write->request;
    struct arena *arena = &request->arena;
    write->object = live_tree(write);
    if (type == PATCH_JSON)
        return patch_json(arena, &write->object, patch, &request->status);
    if (type == PATCH_MERGE)
        return patch_merge(arena, write->object, patch, &request->status);
    return patch_strategic(write->kind->schema, arena, write->object, patch, &request->status);
}

/* What upstream shows of a patch that makes no good object: what came of it, or of a strategic one
 * itself. Made anew, since checking has changed the first. */
static const char *shown_patch(struct write *write, enum patch_type type, const struct json *patch)
{
    struct arena *arena = &write->request->arena;
    struct buffer text = {0};
    if (type == PATCH_STRATEGIC)
        return patch_go_text(arena, patch);
    if (change(write, type, patch))
        status_clear(&write->request->status);
    json_print(write->object, &text);
    const char *copy = arena_copy_slice(arena, buffer_slice(&text));
    buffer_release(&text);
    return copy;
}
static int decode_changed(struct write *write, enum patch_type type,
                          const struct decode_target *target, const struct json *patch,
                          const struct json_duplicate *duplicates)
{
    struct request *request = write->request;
    struct field_errors errors;
    const char *why;
    if (decode_fields(request, target, write->object, duplicates, &why) == 0)
        return 0;
    if (!why)
        return -1;
    field_errors_init(&errors, &request->arena);
    field_error_add(&errors, FIELD_INVALID, "patch",
                    field_value_text(&request->arena, slice_of(shown_patch(write, type, patch))),
                    "%s", why);
    return field_errors_status(&errors, "", "", "", &request->status);
}

static const char *api_version_of(struct write *write)
{
    const struct kind *kind = write->kind;
    return kind->group[0]
               ? arena_format(&write->request->arena, "%s/%s", kind->group, kind->version)
               : kind->version;
}
static int apply(struct write *write, const struct decode_target *target, struct json *config)
{
    struct request *request = write->request;
    struct apply_writer writer = {
        .type = write->kind->schema,
        .api_version = api_version_of(write),
        .kind = write->kind->kind,
        .manager = write->manager,
        .subresource = request->subresource ? request->subresource->name : NULL,
        .now_us = request->context.now_us,
    };
    write->is_apply = true;
    strategy_drop_reset(write->kind, &request->context, config);
    struct slice live = write->old ? object_managed(write->old) : (struct slice){0};
    return apply_patch(&writer, query_bool(request->query, "force"), &request->arena,
                       write->old_tree, config, live, &write->object, &write->managed,
                       &request->status) ||
                   decode_tree(request, target, write->object, NULL)
               ? -1
               : 0;
}

static int plan_apply(struct write *write, const struct decode_target *target)
{
    struct request *request = write->request;
    struct json_duplicate *duplicates;
    struct json *config;
    if (parse_patch(request, PATCH_APPLY, &config, &duplicates))
        return -1;
    write->old = plan_get(write->plan, write->key);
    if (write->old && write_find_old(write))
        return -1;
    if (!write->old && request->subresource)
        return write_find_old(write);
    if (apply(write, target, config))
        return -1;
    if (write->old)
        return write_plan_update(write);
    request->reply.code = 201;
    meta_set_text(&request->arena, write->object, "name", request->info.name);
    return write_plan_create(write);
}

static int plan_other_patch(struct write *write, enum patch_type type,
                            const struct decode_target *target)
{
    struct json_duplicate *duplicates;
    struct json *patch;
    if (parse_patch(write->request, type, &patch, &duplicates) || write_find_old(write) ||
        change(write, type, patch) || decode_changed(write, type, target, patch, duplicates))
        return -1;
    return write_plan_update(write);
}

static int plan_patch(struct request *request, struct plan *plan)
{
    enum patch_type type = patch_type_of(request->content_type);
    if (type == PATCH_NONE)
        return status_fail(&request->status, STATUS_UNSUPPORTED_MEDIA_TYPE, "%s", patch_types);
    struct write write;
    struct decode_target target;
    decode_target_of(request, &target);
    if (write_init(&write, request, plan, "PatchOptions"))
        return -1;
    int failed =
        type == PATCH_APPLY ? plan_apply(&write, &target) : plan_other_patch(&write, type, &target);
    write_release(&write);
    return failed;
}

void verb_patch(struct request *request)
{
    write_run(request, plan_patch);
}

/* --- delete --- */

/* DeleteOptions of the body, else of the query; NULL when there are none. */
static int delete_options(struct request *request, struct json **options)
{
    struct arena *arena = &request->arena;
    *options = NULL;
    if (request->body.size > 0) {
        struct decode_target target = {"", "v1", "DeleteOptions", &type_delete_options};
        /* Clients of any group send their own group's version of the same options. */
        return decode_options(request, &target, options);
    }
    struct json *tree = json_new_object(arena);
    for (const struct query_parameter *p = request->query; p; p = p->next) {
        int64_t number;
        if (slice_is(p->key, "gracePeriodSeconds") && slice_to_int64(p->value, &number))
            json_set_int(arena, tree, "gracePeriodSeconds", number);
        else if (slice_is(p->key, "propagationPolicy"))
            json_set(arena, tree, "propagationPolicy", json_new_string(arena, p->value));
        else if (slice_is(p->key, "orphanDependents"))
            json_set_bool(arena, tree, "orphanDependents", slice_is(p->value, "true"));
    }
    *options = tree;
    return 0;
}

/* Pods answer with the object, as what waits; others with a Status once they are gone. */
static void reply_deleted(struct request *request)
{
    if (!request->was_removed || request->kind->grace_seconds || request->wants_object) {
        request_reply_object(request, 200, request->result);
        return;
    }
    struct slice uid = view_uid(request->result);
    status_details(&request->status, request->kind->group, request->kind->resource,
                   arena_copy_slice(&request->arena, request->info.name),
                   arena_copy_slice(&request->arena, uid));
    status_print(&request->status, &request->reply.body);
    request->reply.code = 200;
    request->reply.content_type = "application/json";
    request_reply(request);
}

static int plan_delete_one(struct request *request, struct plan *plan)
{
    struct write write;
    struct json *options;
    if (write_init(&write, request, plan, "DeleteOptions") || delete_options(request, &options) ||
        write_find_old(&write))
        return -1;
    if (json_count(json_get(options, "dryRun")) > 0)
        write.is_dry_run = request->is_dry_run = true;
    request->reply_result = reply_deleted;
    int failed = write_plan_delete(&write, options);
    write_release(&write);
    return failed;
}

void verb_delete(struct request *request)
{
    write_run(request, plan_delete_one);
}

/* --- deletecollection --- */

/* As upstream's it is not one transaction: objects that match are deleted a few at a time, so
 * that no step of the loop is long; what has gone meanwhile is passed over; an error ends it, and
 * what was deleted before stays deleted. */
enum { DELETED_AT_ONCE = 32, LOOKED_AT_ONCE = 1024, DROPPED_AT_ONCE = 256 };

struct collection {
    struct arena held; /* Has the pin and what was deleted. */
    struct list_options list;
    struct json *options;
    struct pin *pin;
    struct pin_cursor cursor;
    const struct object *next;
    size_t total;
    struct loop *loop;
    bool is_dry_run;
};

static void reply_collection(struct request *request)
{
    struct list_source source = {
        .objects = request->results,
        .object_count = request->result_count,
        .revision = store_revision(request->api->store, COMMITTED),
        .total = (int64_t)request->result_count,
    };
    list_reply_start(request, &source);
}

static void unref(void *object)
{
    object_unref(object);
}

static void unpin(void *pin)
{
    pin_unref(pin);
}

static int delete_one_of_many(struct request *request, struct plan *plan,
                              struct collection *collection, const struct object *object)
{
    struct write write;
    if (write_init(&write, request, plan, "DeleteOptions"))
        return -1;
    write.is_dry_run = request->is_dry_run = collection->is_dry_run;
    struct request_info info = request->info;
    request->info.namespace = key_namespace(object_key(object));
    request->info.name = key_name(object_key(object));
    write.key = object_key(object);
    bool is_there = plan_get(plan, write.key) != NULL;
    int failed =
        is_there && (write_find_old(&write) || write_plan_delete(&write, collection->options));
    request->info = info;
    write_release(&write);
    if (failed || !is_there)
        return failed;
    request->results[request->result_count++] = object_ref(request->result);
    arena_own(&collection->held, (void *)(uintptr_t)request->result, unref);
    return 0;
}

static int plan_some(struct request *request, struct plan *plan)
{
    struct collection *collection = request->work;
    size_t deleted = request->result_count;
    for (int i = 0; collection->next && i < LOOKED_AT_ONCE; i++) {
        const struct object *object = collection->next;
        if (request->result_count - deleted == DELETED_AT_ONCE)
            return 0;
        if (list_options_match(&collection->list, object) &&
            delete_one_of_many(request, plan, collection, object))
            return -1;
        collection->next = pin_next(&collection->cursor);
    }
    return 0;
}

static void delete_some(struct request *request)
{
    struct collection *collection = request->work;
    struct plan plan;
    if (!collection->next) {
        reply_collection(request);
        return;
    }
    plan_init(&plan, request->api->store);
    struct txn_write *writes = NULL;
    int failed = plan_some(request, &plan);
    if (!failed) {
        request->txn.is_relaxed = plan.count > 0 && plan.is_relaxed;
        size_t count = plan_take(&plan, &writes);
        failed = request_store(request, writes, count, delete_some);
    }
    plan_release(&plan);
    if (failed)
        request_fail(request);
}

static int begin_collection(struct request *request, struct collection *collection)
{
    if (list_options_parse(request, false, &collection->list) ||
        delete_options(request, &collection->options))
        return -1;
    collection->is_dry_run = query_get(request->query, "dryRun").size > 0 ||
                             json_count(json_get(collection->options, "dryRun")) > 0;
    collection->pin = store_pin(request->api->store, HEAD);
    arena_own(&collection->held, collection->pin, unpin);
    struct slice prefix = request_prefix(request);
    size_t total = collection->total = (size_t)pin_count(collection->pin, prefix);
    request->results = ARENA_ARRAY(&collection->held, const struct object *, total + 1);
    collection->next = pin_first(collection->pin, prefix, SLICE(""), &collection->cursor);
    return 0;
}

/* What was deleted may be gone with it, and so may much of the state that the pin has kept. */
static void release_collection(void *memory)
{
    struct collection *collection = memory;
    if (collection->total > DROPPED_AT_ONCE)
        drop_arena(collection->loop, &collection->held);
    arena_release(&collection->held);
}

void verb_delete_collection(struct request *request)
{
    struct collection *collection = ARENA_NEW(&request->arena, struct collection);
    arena_init(&collection->held);
    collection->loop = request->api->loop;
    request->work = collection;
    arena_own(&request->arena, collection, release_collection);
    if (begin_collection(request, request->work))
        request_fail(request);
    else
        delete_some(request);
}

/* --- Which planner a request has --- */

write_plan_fn *write_planner(const struct request *request)
{
    if (request->subresource) {
        const struct subresource *own = subresource_find(request->kind, request->subresource->name);
        if (own)
            return own->plan;
    }
    if (strcmp(request->info.verb, "create") == 0)
        return plan_create;
    if (strcmp(request->info.verb, "update") == 0)
        return plan_update;
    if (strcmp(request->info.verb, "patch") == 0)
        return plan_patch;
    if (strcmp(request->info.verb, "delete") == 0)
        return plan_delete_one;
    return NULL;
}
