/* create, update, patch, delete, deletecollection. */
#include "api/api.h"
#include "api/decode.h"
#include "api/list_options.h"
#include "api/negotiate.h"
#include "api/render.h"
#include "api/status_print.h"
#include "api/subresource.h"
#include "api/verbs.h"
#include "api/write.h"
#include "core/client/client.h"
#include "core/kinds/apply.h"
#include "core/kinds/meta.h"
#include "core/kinds/object_build.h"
#include "core/kinds/patch.h"
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

static int parse_patch(struct request *request, enum patch_type type, struct json **patch)
{
    struct arena *arena = &request->arena;
    struct json_duplicate *duplicates = NULL;
    *patch = type == PATCH_APPLY ? decode_yaml(arena, request->body, &duplicates, &request->status)
                                 : json_parse(arena, request->body, NULL, &request->status);
    if (*patch)
        return 0;
    const char *why = arena_copy_text(arena, request->status.message);
    status_clear(&request->status);
    return status_fail(&request->status, STATUS_BAD_REQUEST, "error decoding patch: %s", why);
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

static int apply(struct write *write, const struct decode_target *target, struct json *config)
{
    struct request *request = write->request;
    if (decode_tree(request, target, config, NULL))
        return -1;
    struct apply_writer writer = {
        .type = write->kind->schema,
        .api_version = json_text(json_get(config, "apiVersion")),
        .kind = write->kind->kind,
        .manager = write->manager,
        .subresource = request->subresource ? request->subresource->name : NULL,
        .now_us = request->context.now_us,
    };
    write->is_apply = true;
    struct slice live = write->old ? object_managed(write->old) : (struct slice){0};
    return apply_patch(&writer, query_bool(request->query, "force"), &request->arena,
                       write->old_tree, config, live, &write->object, &write->managed,
                       &request->status);
}

static int plan_apply(struct write *write, const struct decode_target *target)
{
    struct request *request = write->request;
    struct json *config;
    if (parse_patch(request, PATCH_APPLY, &config))
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
    struct json *patch;
    if (parse_patch(write->request, type, &patch) || write_find_old(write) ||
        change(write, type, patch) || decode_tree(write->request, target, write->object, NULL))
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

/* --- deletecollection: all that match, in one transaction --- */

static void reply_collection(struct request *request)
{
    struct render render;
    struct render_list list = {.revision = store_revision(request->api->store, COMMITTED),
                               .remaining = -1};
    struct buffer *body = &request->reply.body;
    int failed = render_init(&render, request);
    if (!failed) {
        render_list_start(&render, &list, body);
        for (size_t i = 0; i < request->result_count && !failed; i++) {
            if (i > 0)
                buffer_append_byte(body, ',');
            failed = render_item(&render, request->results[i], body, &request->status);
        }
        render_list_end(&render, body);
        failed =
            failed || render_finish(&render, body, &request->reply.content_type, &request->status);
    }
    request->reply.code = 200;
    if (failed)
        request_fail(request);
    else
        request_reply(request);
}

static int delete_one_of_many(struct request *request, struct plan *plan,
                              const struct json *options, const struct object *object)
{
    struct write write;
    if (write_init(&write, request, plan, "DeleteOptions"))
        return -1;
    struct request_info info = request->info;
    request->info.namespace = key_namespace(object_key(object));
    request->info.name = key_name(object_key(object));
    write.key = object_key(object);
    int failed = write_find_old(&write) || write_plan_delete(&write, options);
    request->info = info;
    write_release(&write);
    return failed;
}

static void unref(void *object)
{
    object_unref(object);
}

static void unpin(void *pin)
{
    pin_unref(pin);
}

static int plan_delete_collection(struct request *request, struct plan *plan)
{
    struct list_options list;
    struct json *options;
    if (list_options_parse(request, false, &list) || delete_options(request, &options))
        return -1;
    struct pin *pin = store_pin(request->api->store, HEAD);
    arena_own(&request->arena, pin, unpin);
    struct slice prefix = request_prefix(request);
    int64_t total = pin_count(pin, prefix);
    request->results = ARENA_ARRAY(&request->arena, const struct object *, (size_t)total + 1);
    struct pin_cursor cursor;
    const struct object *object = pin_first(pin, prefix, SLICE(""), &cursor);
    for (; object; object = pin_next(&cursor)) {
        if (!list_options_match(&list, object))
            continue;
        if (delete_one_of_many(request, plan, options, object))
            return -1;
        request->results[request->result_count++] = object_ref(request->result);
        arena_own(&request->arena, (void *)(uintptr_t)request->result, unref);
    }
    request->reply_result = reply_collection;
    return 0;
}

void verb_delete_collection(struct request *request)
{
    write_run(request, plan_delete_collection);
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
