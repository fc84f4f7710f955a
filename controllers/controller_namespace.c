/* A namespace that is deleted is emptied, then let go.
 *
 * Each time: what is in it and not yet deleting is deleted, a bounded number in one
 * commit; when nothing is left, "kubernetes" is taken off spec.finalizers by /finalize,
 * which removes the namespace. While something stays, the conditions say what. Rules:
 * k8s.io/kubernetes pkg/controller/namespace/deletion. */
#include "controllers/controller.h"
#include "core/kinds/view.h"

enum { DELETIONS_MAX = 500 };
#define LOOK_AGAIN_US INT64_C(1000000)

static void namespace_key(const struct object *object, struct buffer *key)
{
    struct slice deleted;
    if (view_find(object_view(object), VIEW_DELETED, &deleted))
        buffer_append_slice(key, object_key(object));
}

/* --- What is left --- */

struct emptying {
    struct reconcile *reconcile;
    const struct kind *kind;
    struct slice namespace;
    int64_t left;        /* Of this kind. */
    int64_t waiting;     /* Of all kinds: with finalizers of their own. */
    struct buffer kinds; /* "pods. has 3 resource instances, ..." */
};

static bool delete_one(void *context, const struct object *object)
{
    struct emptying *emptying = context;
    struct reconcile *reconcile = emptying->reconcile;
    struct slice value;
    emptying->left++;
    if (view_find(object_view(object), VIEW_FINALIZER, &value))
        emptying->waiting++;
    if (view_find(object_view(object), VIEW_DELETED, &value) || reconcile->count >= DELETIONS_MAX)
        return true;
    struct resource_path path = {
        .group = emptying->kind->group,
        .version = emptying->kind->version,
        .resource = emptying->kind->resource,
        .namespace = emptying->namespace,
        .name = key_name(object_key(object)),
    };
    reconcile_write(reconcile, "delete", path, NULL);
    return true;
}

static bool holds_objects(const struct kind *kind)
{
    uint32_t verbs = kind->verbs ? kind->verbs : (uint32_t)VERBS_ALL;
    return kind->namespaced && !kind->stored_as && !kind->is_virtual && (verbs & VERB_DELETE);
}

static void empty_kind(struct emptying *emptying)
{
    struct buffer prefix = {0};
    const struct snapshot *snapshot = emptying->reconcile->snapshot;
    key_append_prefix(&prefix, emptying->kind->group, emptying->kind->resource,
                      emptying->namespace);
    emptying->left = 0;
    snapshot->operations->each(snapshot, buffer_slice(&prefix), delete_one, emptying);
    buffer_release(&prefix);
    if (emptying->left > 0)
        buffer_format(&emptying->kinds, "%s%s.%s has %lld resource instances",
                      emptying->kinds.size ? ", " : "", emptying->kind->resource,
                      emptying->kind->group, (long long)emptying->left);
}

/* --- Saying so --- */

static struct json *condition(struct reconcile *reconcile, const char *type, bool is_true,
                              const char *reason, const char *message)
{
    struct arena *arena = reconcile->arena;
    struct json *condition = json_new_object(arena);
    char now[TIME_TEXT_SIZE];
    time_format(reconcile->now_us, now);
    json_set_text(arena, condition, "type", type);
    json_set_text(arena, condition, "status", is_true ? "True" : "False");
    json_set_text(arena, condition, "reason", reason);
    json_set_text(arena, condition, "message", message);
    json_set_text(arena, condition, "lastTransitionTime", now);
    return condition;
}

static struct resource_path namespace_path(struct slice name, const char *subresource)
{
    return (struct resource_path){.group = "",
                                  .version = "v1",
                                  .resource = "namespaces",
                                  .name = name,
                                  .subresource = subresource};
}

static bool says_already(const struct json *namespace, const char *message)
{
    JSON_EACH(one, json_at(namespace, "status.conditions"))
        if (strcmp(json_text(json_get(one, "type")), "NamespaceContentRemaining") == 0)
            return strcmp(json_text(json_get(one, "message")), message) == 0;
    return false;
}

static void tell_remaining(struct emptying *emptying, const struct json *namespace)
{
    struct reconcile *reconcile = emptying->reconcile;
    struct arena *arena = reconcile->arena;
    const char *message = arena_format(arena, "Some resources are remaining: " SLICE_FORMAT,
                                       SLICE_ARGS(buffer_slice(&emptying->kinds)));
    if (says_already(namespace, message))
        return;
    struct json *patch = json_new_object(arena);
    struct json *status = json_ensure_object(arena, patch, "status");
    struct json *conditions = json_set(arena, status, "conditions", json_new_array(arena));
    json_append(conditions, condition(reconcile, "NamespaceContentRemaining", true,
                                      "SomeResourcesRemain", message));
    json_append(conditions,
                condition(reconcile, "NamespaceFinalizersRemaining", emptying->waiting > 0,
                          emptying->waiting > 0 ? "SomeFinalizersRemain" : "ContentHasNoFinalizers",
                          emptying->waiting > 0 ? "Some content in the namespace has finalizers "
                                                  "remaining"
                                                : "All content-preserving finalizers finished"));
    reconcile_write(reconcile, "patch", namespace_path(emptying->namespace, "status"), patch);
}

static void finalize(struct reconcile *reconcile, struct json *namespace, struct slice name)
{
    struct json *finalizers = json_at(namespace, "spec.finalizers");
    JSON_EACH(finalizer, finalizers)
        if (slice_is(json_string(finalizer), "kubernetes"))
            json_detach(finalizers, finalizer);
    reconcile_write(reconcile, "update", namespace_path(name, "finalize"), namespace);
}

static void reconcile(struct reconcile *reconcile)
{
    struct json *namespace = reconcile_read(reconcile, reconcile->key);
    if (!namespace || !json_at(namespace, "metadata.deletionTimestamp"))
        return;
    struct emptying emptying = {.reconcile = reconcile, .namespace = key_name(reconcile->key)};
    for (size_t i = 0; i < registry_count(reconcile->registry); i++) {
        emptying.kind = registry_at(reconcile->registry, i);
        if (holds_objects(emptying.kind))
            empty_kind(&emptying);
    }
    if (emptying.kinds.size == 0) {
        finalize(reconcile, namespace, emptying.namespace);
    } else {
        tell_remaining(&emptying, namespace);
        reconcile->again_us = LOOK_AGAIN_US;
    }
    buffer_release(&emptying.kinds);
}

static const struct controller_watch watches[] = {
    {"", "v1", "namespaces", namespace_key},
    {NULL, NULL, NULL, NULL},
};

const struct controller controller_namespace = {
    .name = "namespace-controller",
    .user = "system:serviceaccount:kube-system:namespace-controller",
    .watches = watches,
    .reconcile = reconcile,
};
