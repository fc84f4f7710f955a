#include "api/write.h"

#include "api/api.h"
#include "core/kinds/apply.h"
#include "core/kinds/meta.h"
#include "core/kinds/object_build.h"
#include "core/kinds/strategy.h"
#include "core/kinds/view.h"

enum { GENERATED_NAME_TRIES = 8 };

/* --- Options --- */

static struct json *options_tree(struct request *request)
{
    struct arena *arena = &request->arena;
    struct json *options = json_new_object(arena);
    for (const struct query_parameter *p = request->query; p; p = p->next) {
        if (slice_is(p->key, "dryRun")) {
            struct json *list = json_get(options, "dryRun");
            if (!list)
                list = json_set(arena, options, "dryRun", json_new_array(arena));
            json_append(list, json_new_string(arena, p->value));
        } else if (slice_is(p->key, "fieldManager") || slice_is(p->key, "fieldValidation")) {
            json_set_slice(arena, options, p->key, json_new_string(arena, p->value));
        } else if (slice_is(p->key, "force")) {
            json_set_bool(arena, options, "force", query_bool(request->query, "force"));
        }
    }
    return options;
}

static const char *manager_of(struct request *request)
{
    struct slice manager = query_get(request->query, "fieldManager");
    if (manager.size == 0) {
        struct slice agent = request->user_agent;
        slice_split(&agent, '/', &manager);
        manager = slice_sub(manager, 0, 128);
    }
    return manager.size > 0 ? arena_copy_slice(&request->arena, manager) : "unknown";
}

int write_init(struct write *write, struct request *request, struct plan *plan,
               const char *options_type)
{
    *write = (struct write){.request = request, .plan = plan, .kind = request->kind};
    struct json *options = options_tree(request);
    bool is_apply = slice_starts_with(request->content_type, SLICE("application/apply-patch+"));
    if (strategy_check_options(options_type, options, is_apply, &request->arena, &request->status))
        return -1;
    write->manager = manager_of(request);
    write->is_dry_run = json_count(json_get(options, "dryRun")) > 0;
    request->is_dry_run = write->is_dry_run;
    request->context.subresource = request->subresource;
    if (request->info.name.size > 0)
        write->key = request_key(request);
    return 0;
}

void write_release(struct write *write)
{
    buffer_release(&write->managed);
}

/* --- The object before --- */

static int tree_of(struct write *write, const struct object *object, struct json **tree)
{
    struct request *request = write->request;
    *tree = json_parse(&request->arena, object_body(object), NULL, &request->status);
    if (!*tree)
        return -1;
    if (!write->kind->from_stored)
        return 0;
    return write->kind->from_stored(&request->context, *tree, &request->status);
}

int write_find_old(struct write *write)
{
    struct request *request = write->request;
    write->old = plan_get(write->plan, write->key);
    if (!write->old)
        return status_not_found(&request->status, write->kind->group, write->kind->resource,
                                arena_copy_slice(&request->arena, request->info.name));
    return tree_of(write, write->old, &write->old_tree);
}

/* --- Admission --- */

static struct admission admission_of(struct write *write, enum admission_operation operation)
{
    const struct json *named = write->object ? write->object : write->old_tree;
    return (struct admission){
        .request = write->request,
        .plan = write->plan,
        .operation = operation,
        .kind = write->kind,
        .subresource = write->request->subresource,
        .namespace = write->request->info.namespace,
        .name = meta_name(named),
        .object = write->object,
        .old = write->old_tree,
        .is_dry_run = write->is_dry_run,
    };
}

int write_admit(struct write *write, struct json *body)
{
    struct status *status = &write->request->status;
    struct admission admission = admission_of(write, ADMIT_CREATE);
    admission.name = write->request->info.name;
    admission.object = body;
    admission.old = NULL;
    return admission_mutate(&admission, status) || admission_validate(&admission, status) ? -1 : 0;
}

/* --- Managed fields --- */

static void append_managed(struct write *write, struct buffer *managed)
{
    struct request *request = write->request;
    if (write->is_apply) {
        buffer_append_slice(managed, buffer_slice(&write->managed));
        return;
    }
    const struct kind *kind = write->kind;
    struct apply_writer writer = {
        .type = kind->schema,
        .api_version = json_text(json_get(write->object, "apiVersion")),
        .kind = kind->kind,
        .manager = write->manager,
        .subresource = request->subresource ? request->subresource->name : NULL,
        .now_us = request->context.now_us,
    };
    struct slice live = write->old ? object_managed(write->old) : (struct slice){0};
    apply_update_managed_fields(&writer, &request->arena, write->old_tree, write->object, live,
                                managed);
}

/* --- From the tree to the plan --- */

static int to_stored(struct write *write)
{
    struct request *request = write->request;
    if (!write->kind->to_stored)
        return 0;
    struct json *old = NULL;
    if (write->old) {
        old = json_parse(&request->arena, object_body(write->old), NULL, &request->status);
        if (!old)
            return -1;
    }
    return write->kind->to_stored(&request->context, write->object, old, &request->status);
}

static bool is_relaxed(const struct write *write)
{
    const struct kind *stored = write->kind->stored_as ? write->kind->stored_as : write->kind;
    return stored->is_relaxed && stored->is_relaxed(write->request->info.namespace);
}

/* What a dry run answers has the revision of what is there, or none: nothing was written. */
static int64_t revision_of(const struct write *write)
{
    if (!write->is_dry_run)
        return plan_next_revision(write->plan);
    return write->old ? write->old->revision : 0;
}

static struct object *build(struct write *write, struct slice managed)
{
    struct request *request = write->request;
    return object_build_managed(write->kind, &request->arena, write->object, managed,
                                revision_of(write));
}

static void set_result(struct write *write, const struct object *object)
{
    object_unref(write->request->result);
    write->request->result = object_ref(object);
}

static void plan_object(struct write *write, struct object *object, int64_t expected)
{
    set_result(write, object);
    if (write->is_dry_run)
        object_unref(object);
    else
        plan_put(write->plan, object, expected, is_relaxed(write));
}

/* --- Create --- */

static void set_key(struct write *write)
{
    struct request *request = write->request;
    struct buffer key = {0};
    object_build_key(write->kind, request->info.namespace, meta_name(write->object), &key);
    write->key = (struct slice){arena_copy_slice(&request->arena, buffer_slice(&key)), key.size};
    buffer_release(&key);
}

static int refuse_existing(struct write *write, const struct object *existing, bool was_generated)
{
    struct status *status = &write->request->status;
    const char *name = arena_copy_slice(&write->request->arena, meta_name(write->object));
    status_already_exists(status, write->kind->group, write->kind->resource, name);
    struct slice deleted;
    if (view_find(object_view(existing), VIEW_DELETED, &deleted))
        status_wrap(status, "object is being deleted");
    if (was_generated) {
        const char *message = arena_copy_text(&write->request->arena, status->message);
        status_clear(status);
        status_fail(status, STATUS_ALREADY_EXISTS,
                    "%s, the server was not able to generate a unique name for the object",
                    message);
        status_details(status, write->kind->group, write->kind->resource, name, NULL);
        status->retry_after_seconds = 1;
    }
    return -1;
}

/* Takes a free name: a generated one is made again up to 8 times. */
static int take_name(struct write *write)
{
    struct request *request = write->request;
    for (int tries = 0;; tries++) {
        set_key(write);
        const struct object *existing = plan_get(write->plan, write->key);
        if (!existing)
            return 0;
        bool was_generated = tries + 1 >= GENERATED_NAME_TRIES;
        if (was_generated || !strategy_generate_name_again(
                                 &request->context, loop_random(request->api->loop), write->object))
            return refuse_existing(write, existing, was_generated);
    }
}

int write_plan_create(struct write *write)
{
    struct request *request = write->request;
    struct status *status = &request->status;
    strategy_set_defaults(write->kind, &request->context, write->object);
    if (strategy_begin_create(write->kind, &request->context, request->info.namespace,
                              write->object, status))
        return -1;
    struct buffer managed = {0};
    append_managed(write, &managed);
    struct admission admission = admission_of(write, ADMIT_CREATE);
    int failed = admission_mutate(&admission, status) ||
                 strategy_create(write->kind, &request->context, loop_random(request->api->loop),
                                 write->object, status) ||
                 take_name(write);
    if (!failed) {
        admission = admission_of(write, ADMIT_CREATE);
        failed = admission_validate(&admission, status) || to_stored(write);
    }
    if (!failed)
        plan_object(write, build(write, buffer_slice(&managed)), EXPECT_ABSENT);
    buffer_release(&managed);
    return failed ? -1 : 0;
}

/* --- Update --- */

/* The object before, as it is stored: what the request's version made of it cannot be compared. */
static const struct json *stored_old(struct write *write)
{
    struct request *request = write->request;
    if (!write->kind->from_stored)
        return write->old_tree;
    return json_parse(&request->arena, object_body(write->old), NULL, &request->status);
}

/* Equal but for the revision: nothing was changed, nothing is written. Trees are compared, since
 * both are there, and before the new one is printed. */
static bool is_same(struct write *write, struct slice managed)
{
    if (!slice_equal(managed, object_managed(write->old)))
        return false;
    json_remove(json_get(write->object, "metadata"), "managedFields");
    meta_set_revision(&write->request->arena, write->object, write->old->revision);
    return json_equal(write->object, stored_old(write));
}

static void plan_removal(struct write *write, struct slice managed)
{
    struct object *last = build(write, managed);
    set_result(write, last);
    if (write->is_dry_run)
        object_unref(last);
    else
        plan_delete(write->plan, last, write->old->revision, is_relaxed(write));
}

static void plan_change(struct write *write, struct slice managed)
{
    if (is_same(write, managed))
        set_result(write, write->old);
    else
        plan_object(write, build(write, managed), write->old->revision);
}

int write_plan_update(struct write *write)
{
    struct request *request = write->request;
    struct status *status = &request->status;
    struct buffer managed = {0};
    strategy_set_defaults(write->kind, &request->context, write->object);
    if (strategy_begin_update(write->kind, &request->context, request->info.namespace,
                              request->info.name, write->object, status) ||
        strategy_check_update(write->kind, write->object, write->old_tree, status))
        return -1;
    struct admission admission = admission_of(write, ADMIT_UPDATE);
    int failed =
        admission_mutate(&admission, status) ||
        strategy_update(write->kind, &request->context, &write->object, write->old_tree, status);
    if (!failed) {
        append_managed(write, &managed);
        admission = admission_of(write, ADMIT_UPDATE);
        failed = admission_validate(&admission, status);
    }
    bool removes = !failed && strategy_update_deletes(write->object, write->old_tree);
    failed = failed || to_stored(write);
    if (!failed && removes)
        plan_removal(write, buffer_slice(&managed));
    else if (!failed)
        plan_change(write, buffer_slice(&managed));
    buffer_release(&managed);
    return failed ? -1 : 0;
}

int write_plan_object(struct write *write)
{
    if (to_stored(write))
        return -1;
    plan_change(write, object_managed(write->old));
    return 0;
}

/* --- Delete --- */

int write_plan_delete(struct write *write, const struct json *options)
{
    struct request *request = write->request;
    struct admission admission = admission_of(write, ADMIT_DELETE);
    if (admission_mutate(&admission, &request->status) ||
        admission_validate(&admission, &request->status))
        return -1;
    enum strategy_deletion deletion;
    write->object = json_copy(&request->arena, write->old_tree);
    if (strategy_delete(write->kind, &request->context, write->object, options, &deletion,
                        &request->status))
        return -1;
    request->was_removed = deletion == DELETION_REMOVES;
    if (deletion == DELETION_PENDS) {
        set_result(write, write->old);
        return 0;
    }
    if (to_stored(write))
        return -1;
    if (deletion == DELETION_REMOVES)
        plan_removal(write, object_managed(write->old));
    else
        plan_object(write, build(write, object_managed(write->old)), write->old->revision);
    return 0;
}

/* --- Running --- */

static void reply_result(struct request *request)
{
    if (request->reply_result)
        request->reply_result(request);
    else
        request_reply_object(request, request->reply.code ? request->reply.code : 200,
                             request->result);
}

static void stored(struct request *request)
{
    reply_result(request);
}

static void run_again(struct request *request)
{
    write_run(request, request->planner);
}

void write_run(struct request *request, write_plan_fn *planner)
{
    request->planner = planner;
    struct plan plan;
    plan_init(&plan, request->api->store);
    struct txn_write *writes = NULL;
    int failed = planner(request, &plan);
    if (!failed && !request->is_dry_run) {
        request->txn.is_relaxed = plan.count > 0 && plan.is_relaxed;
        size_t count = plan_take(&plan, &writes);
        /* Nothing to write: wait all the same for what is queued before, since the
         * answer may tell of it. */
        failed = request_store(request, writes, count, stored);
    }
    plan_release(&plan);
    if (failed && request->is_early && request_try_later(request, run_again))
        return;
    if (failed)
        request_fail(request);
    else if (request->is_dry_run)
        reply_result(request);
}
