/* Keeps status.hard and status.used of quotas true.
 *
 * Admission adds what writes use (api/admission_resource_quota.c); this counts anew whenever
 * something is given back or a quota is new or changed, and every five minutes. It counts on
 * head, where admission adds, so no write that is under way is missed or counted twice. Keys are
 * prefixes of quotas, "/resourcequotas/NAMESPACE/": all of a namespace are counted in one
 * walk over its pods, by their facts. Rules: k8s.io/kubernetes pkg/controller/resourcequota. */
#include "controllers/controller.h"
#include "core/kinds/quota.h"
#include "core/kinds/view.h"

#define RESYNC_US INT64_C(300000000)
#define QUOTAS "/resourcequotas/"

/* --- When to count --- */

static void append_prefix(const struct object *object, struct buffer *prefix)
{
    key_append_prefix(prefix, "", "resourcequotas", key_namespace(object_key(object)));
}

static bool same_spec(const struct object *a, const struct object *b)
{
    struct arena arena;
    struct status status;
    arena_init(&arena);
    status_init(&status);
    bool same = json_equal(json_get(json_parse(&arena, object_body(a), NULL, &status), "spec"),
                           json_get(json_parse(&arena, object_body(b), NULL, &status), "spec"));
    status_release(&status);
    arena_release(&arena);
    return same;
}

static bool has_ended(const struct facts_pod *pod)
{
    return pod->phase == POD_SUCCEEDED || pod->phase == POD_FAILED;
}

static bool gives_back(const struct facts_pod *before, const struct facts_pod *now)
{
    return (has_ended(now) && !has_ended(before)) ||
           now->request_cpu_millis < before->request_cpu_millis ||
           now->request_memory < before->request_memory ||
           now->limit_cpu_millis < before->limit_cpu_millis ||
           now->limit_memory < before->limit_memory ||
           ((now->flags ^ before->flags) & POD_HAS_DEADLINE);
}

/* A change that leaves what is used as it was, or that admission has counted. */
static bool is_of_no_account(const struct controller_event *event)
{
    struct slice key = object_key(event->object);
    struct facts_pod before, now;
    if (event->type == EVENT_ADDED || !event->old)
        return event->type != EVENT_DELETED && !slice_starts_with(key, SLICE(QUOTAS));
    if (slice_starts_with(key, SLICE(QUOTAS)))
        return same_spec(event->object, event->old);
    if (facts_pod_of(event->object, &now) && facts_pod_of(event->old, &before))
        return !gives_back(&before, &now);
    return !slice_starts_with(key, SLICE("/services/"));
}

static void on_event(struct controller_event *event)
{
    struct slice key = object_key(event->object);
    if (key_namespace(key).size == 0 || slice_starts_with(key, SLICE("/events/")) ||
        is_of_no_account(event))
        return;
    struct buffer prefix = {0};
    append_prefix(event->object, &prefix);
    const struct snapshot *snapshot = controller_event_snapshot(event);
    if (snapshot->operations->count(snapshot, buffer_slice(&prefix)) > 0)
        controller_event_add(event, buffer_slice(&prefix));
    buffer_release(&prefix);
}

/* --- Counting --- */

struct counted_quota {
    const struct object *object;
    struct json *tree;
    struct quota_sum pods;
    struct counted_quota *next;
};

struct counting {
    struct reconcile *reconcile;
    const struct kind *kind; /* Of pods or services, while they are walked. */
    struct slice namespace;
    struct counted_quota *quotas;
    struct quota_sum services;
};

static bool add_quota(void *context, const struct object *object)
{
    struct counting *counting = context;
    struct counted_quota *quota = ARENA_NEW(counting->reconcile->arena, struct counted_quota);
    quota->object = object;
    quota->tree = reconcile_read(counting->reconcile, object_key(object));
    quota->next = counting->quotas;
    counting->quotas = quota;
    return true;
}

static bool count_pod(void *context, const struct object *object)
{
    struct counting *counting = context;
    struct facts_pod facts;
    struct quota_scope scope = {0};
    if (facts_pod_of(object, &facts))
        quota_scope_of(&facts, &scope);
    for (struct counted_quota *quota = counting->quotas; quota; quota = quota->next)
        if (quota_matches(json_get(quota->tree, "spec"), counting->kind, &scope))
            quota_sum_add_pod(&quota->pods, object, counting->reconcile->now_us);
    return true;
}

static bool count_service(void *context, const struct object *object)
{
    struct counting *counting = context;
    const struct json *service = reconcile_read(counting->reconcile, object_key(object));
    quota_sum_add(&counting->services, counting->kind, service, counting->reconcile->now_us);
    return true;
}

static const struct kind *core_kind(const struct counting *counting, const char *resource)
{
    return registry_by_resource(counting->reconcile->registry, SLICE(""), SLICE("v1"),
                                slice_of(resource));
}

static void walk(struct counting *counting, const char *resource,
                 bool (*each)(void *context, const struct object *object))
{
    const struct snapshot *snapshot = counting->reconcile->snapshot;
    struct buffer prefix = {0};
    key_append_prefix(&prefix, "", resource, counting->namespace);
    counting->kind = core_kind(counting, resource);
    snapshot->operations->each(snapshot, buffer_slice(&prefix), each, counting);
    buffer_release(&prefix);
}

static int64_t count_kind(const struct counting *counting, const struct kind *kind)
{
    const struct snapshot *snapshot = counting->reconcile->snapshot;
    struct buffer prefix = {0};
    key_append_prefix(&prefix, kind->group, kind->resource, counting->namespace);
    int64_t count = snapshot->operations->count(snapshot, buffer_slice(&prefix));
    buffer_release(&prefix);
    return count;
}

/* The kind that a resource of a quota counts; NULL when it is not served. */
static const struct kind *kind_of(const struct counting *counting, struct slice resource)
{
    for (size_t i = 0; i < registry_count(counting->reconcile->registry); i++) {
        const struct kind *kind = registry_at(counting->reconcile->registry, i);
        if (kind->namespaced && !kind->stored_as && !kind->is_virtual &&
            quota_counts(kind, resource))
            return kind;
    }
    return NULL;
}

/* What is used of one resource; no kind: nothing. */
static struct quantity used_of(struct counting *counting, const struct counted_quota *quota,
                               const struct kind *kind, struct slice resource,
                               enum quantity_format format)
{
    struct quantity used = quantity_of_int(0, format);
    struct quota_sum plain = {0};
    const struct quota_sum *sum = &plain;
    struct resource_list amounts = {0};
    struct quota_scope none = {0};
    if (!kind ||
        (!quota_is_pod(kind) && !quota_matches(json_get(quota->tree, "spec"), kind, &none)))
        return used;
    if (quota_is_pod(kind))
        sum = &quota->pods;
    else if (kind == core_kind(counting, "services"))
        sum = &counting->services;
    else
        plain.count = count_kind(counting, kind);
    quota_amounts(counting->reconcile->arena, kind, sum, &amounts);
    const struct quantity *found = resource_list_get(&amounts, resource);
    if (found)
        used = *found;
    resource_list_release(&amounts);
    return used;
}

static void write_status(struct counting *counting, struct counted_quota *quota)
{
    struct arena *arena = counting->reconcile->arena;
    const struct json *hard = json_at(quota->tree, "spec.hard");
    struct json *used = json_new_object(arena), *status = json_new_object(arena);
    JSON_EACH(limit, hard) {
        struct quantity amount, limited;
        char text[QUANTITY_TEXT_SIZE];
        bool has_format = quantity_from_json(limit, &limited);
        amount = used_of(counting, quota, kind_of(counting, json_key(limit)), json_key(limit),
                         has_format ? limited.format : QUANTITY_DECIMAL);
        quantity_print(&amount, text);
        json_set_slice(arena, used, json_key(limit), json_new_text(arena, text));
    }
    if (hard) {
        json_set(arena, status, "hard", json_copy(arena, hard));
        json_set(arena, status, "used", used);
    }
    if (json_equal(json_get(quota->tree, "status"), status))
        return;
    json_set(arena, quota->tree, "status", status);
    const struct kind *kind = core_kind(counting, "resourcequotas");
    reconcile_write(counting->reconcile, "update",
                    reconcile_path(kind, object_key(quota->object), "status"), quota->tree);
}

static void reconcile(struct reconcile *reconcile)
{
    const struct snapshot *snapshot = reconcile->snapshot;
    struct slice prefix = reconcile->key;
    struct counting counting = {.reconcile = reconcile};
    counting.namespace = key_name(slice_sub(prefix, 0, prefix.size - 1));
    snapshot->operations->each(snapshot, prefix, add_quota, &counting);
    if (!counting.quotas)
        return;
    walk(&counting, "pods", count_pod);
    walk(&counting, "services", count_service);
    for (struct counted_quota *quota = counting.quotas; quota; quota = quota->next) {
        write_status(&counting, quota);
        quota_sum_release(&quota->pods);
    }
    quota_sum_release(&counting.services);
    reconcile->again_us = RESYNC_US;
}

const struct controller controller_resource_quota = {
    .name = "resourcequota-controller",
    .user = "system:serviceaccount:kube-system:resourcequota-controller",
    .component = "resourcequota-controller",
    .watches_all = true,
    .event = on_event,
    .reconcile = reconcile,
    .reads_head = true,
};
