/* Pods that nobody else ends: ended ones beyond a number, those of nodes that are gone, deleted ones
 * that were never placed, and those that cannot end because their node is out of service.
 *
 * A sweep over all pods, by their facts, 20 s after something happened that may call for one; so
 * nothing runs while nothing happens. A node must be missing for 40 s. Rules: k8s.io/kubernetes
 * pkg/controller/podgc. */
#include <stdlib.h>

#include "controllers/controller.h"
#include "core/kinds/facts_node.h"
#include "core/kinds/facts_pod.h"
#include "core/kinds/view.h"
#include "core/map.h"

enum { WRITES_MAX = 64, ENDED_KEPT = 12500 };
#define SWEEP "sweep"
#define PERIOD_US INT64_C(20000000)
#define QUARANTINE_US INT64_C(40000000)
#define OUT_OF_SERVICE "node.kubernetes.io/out-of-service"

struct missing_node {
    struct slice name; /* Owned. */
    int64_t since_us;  /* Steady. */
};
struct pod_gc {
    struct map missing;
};

static void free_missing(struct missing_node *missing)
{
    mem_free((char *)(uintptr_t)missing->name.data);
    mem_free(missing);
}

static void release(void *state)
{
    struct pod_gc *gc = state;
    struct map_entry entry;
    size_t cursor = 0;
    while (map_next(&gc->missing, &cursor, &entry))
        free_missing(entry.value);
    map_release(&gc->missing);
}

static bool is_deleting(const struct object *object)
{
    struct slice deleted;
    return view_find(object_view(object), VIEW_DELETED, &deleted);
}

static bool has_ended(const struct facts_pod *pod)
{
    return pod->phase == POD_SUCCEEDED || pod->phase == POD_FAILED;
}

static const struct object *find_node(const struct snapshot *snapshot, struct slice name)
{
    struct buffer key = {0};
    key_append(&key, "", "nodes", (struct slice){0}, name);
    const struct object *node = snapshot->operations->get(snapshot, buffer_slice(&key));
    buffer_release(&key);
    return node;
}

/* --- When to sweep --- */

static bool calls_for_sweep(struct controller_event *event)
{
    struct facts_pod now, before;
    if (slice_starts_with(object_key(event->object), SLICE("/nodes/")))
        return event->type != EVENT_ADDED;
    if (event->type == EVENT_DELETED || !facts_pod_of(event->object, &now))
        return false;
    if (!event->old || !facts_pod_of(event->old, &before))
        return has_ended(&now) || now.node_name.size > 0 || is_deleting(event->object);
    return has_ended(&now) != has_ended(&before) ||
           is_deleting(event->object) != is_deleting(event->old);
}

static void on_event(struct controller_event *event)
{
    if (calls_for_sweep(event))
        controller_event_add_after(event, SLICE(SWEEP), PERIOD_US);
}

/* --- Who goes --- */

struct ended {
    const struct object *pod;
    int64_t created_us;
};

struct sweep {
    struct reconcile *reconcile;
    struct ended *ended;
    size_t count, capacity;
};

static struct resource_path pod_path(const struct object *pod, const char *subresource)
{
    return (struct resource_path){
        .group = "",
        .version = "v1",
        .resource = "pods",
        .namespace = key_namespace(object_key(pod)),
        .name = key_name(object_key(pod)),
        .subresource = subresource,
    };
}

/* The condition goes with the phase, where there is still one to change. */
static void set_failed(struct reconcile *reconcile, const struct object *pod, bool is_orphaned)
{
    struct arena *arena = reconcile->arena;
    struct json *patch = json_new_object(arena);
    struct json *status = json_ensure_object(arena, patch, "status");
    char now[TIME_TEXT_SIZE];
    time_format(reconcile->now_us, now);
    json_set_text(arena, status, "phase", "Failed");
    if (is_orphaned) {
        struct json *condition = json_new_object(arena), *conditions = json_new_array(arena);
        json_set_text(arena, condition, "type", "DisruptionTarget");
        json_set_text(arena, condition, "status", "True");
        json_set_text(arena, condition, "reason", "DeletionByPodGC");
        json_set_text(arena, condition, "message", "PodGC: node no longer exists");
        json_set_text(arena, condition, "lastTransitionTime", now);
        json_append(conditions, condition);
        json_set(arena, status, "conditions", conditions);
    }
    reconcile_write(reconcile, "patch", pod_path(pod, "status"), patch);
}

static void remove_pod(struct reconcile *reconcile, const struct object *pod, bool is_orphaned)
{
    struct facts_pod facts;
    struct json *options = json_new_object(reconcile->arena);
    if (facts_pod_of(pod, &facts) && !has_ended(&facts))
        set_failed(reconcile, pod, is_orphaned);
    json_set_text(reconcile->arena, options, "kind", "DeleteOptions");
    json_set_text(reconcile->arena, options, "apiVersion", "v1");
    json_set_int(reconcile->arena, options, "gracePeriodSeconds", 0);
    reconcile_write(reconcile, "delete", pod_path(pod, NULL), options);
}

static bool is_out_of_service(const struct object *node)
{
    struct facts_node facts;
    struct facts_taint taint;
    struct slice bytes;
    if (!view_find(object_view(node), VIEW_FACTS, &bytes) || !facts_node_read(bytes, &facts) ||
        facts.ready == NODE_CONDITION_TRUE)
        return false;
    while (facts_node_take_taint(&facts.taints, &taint))
        if (slice_is(taint.key, OUT_OF_SERVICE))
            return true;
    return false;
}

/* The node has been missing for long enough; else it is looked at again. */
static bool is_gone(struct reconcile *reconcile, struct slice name)
{
    struct pod_gc *gc = reconcile->state;
    if (!gc->missing.borrows_keys)
        map_init_borrowing(&gc->missing);
    struct missing_node *missing = map_get(&gc->missing, name);
    if (!missing) {
        missing = mem_alloc(sizeof(*missing));
        *missing = (struct missing_node){{mem_copy_slice(name), name.size}, reconcile->steady_us};
        map_set(&gc->missing, missing->name, missing);
    }
    int64_t left_us = missing->since_us + QUARANTINE_US - reconcile->steady_us;
    if (left_us <= 0)
        return true;
    if (reconcile->again_us == 0 || left_us < reconcile->again_us)
        reconcile->again_us = left_us;
    return false;
}

static void note_ended(struct sweep *sweep, const struct object *pod)
{
    if (sweep->count == sweep->capacity) {
        size_t capacity = sweep->capacity * 2 + 64;
        struct ended *all = ARENA_ARRAY(sweep->reconcile->arena, struct ended, capacity);
        if (sweep->count > 0)
            memcpy(all, sweep->ended, sweep->count * sizeof(*all));
        sweep->ended = all;
        sweep->capacity = capacity;
    }
    sweep->ended[sweep->count++] = (struct ended){pod, view_int(object_view(pod), VIEW_CREATED, 0)};
}

static bool look_at_pod(void *context, const struct object *object)
{
    struct sweep *sweep = context;
    struct reconcile *reconcile = sweep->reconcile;
    struct facts_pod facts;
    if (!facts_pod_of(object, &facts))
        return true;
    const struct object *node =
        facts.node_name.size > 0 ? find_node(reconcile->snapshot, facts.node_name) : NULL;
    bool is_placed = facts.node_name.size > 0;
    if (is_placed && !node && is_gone(reconcile, facts.node_name))
        remove_pod(reconcile, object, true);
    else if (is_deleting(object) && (!is_placed || (node && is_out_of_service(node))))
        remove_pod(reconcile, object, false);
    else if (has_ended(&facts))
        note_ended(sweep, object);
    return reconcile->count < WRITES_MAX;
}

/* Oldest first. */
static int by_age(const void *a, const void *b)
{
    const struct ended *left = a, *right = b;
    if (left->created_us != right->created_us)
        return left->created_us < right->created_us ? -1 : 1;
    return slice_compare(object_key(left->pod), object_key(right->pod));
}

static void remove_ended(struct sweep *sweep)
{
    const struct controller_options *options = sweep->reconcile->options;
    size_t kept = options->terminated_pods > 0 ? (size_t)options->terminated_pods : ENDED_KEPT;
    if (sweep->count <= kept)
        return;
    qsort(sweep->ended, sweep->count, sizeof(*sweep->ended), by_age);
    for (size_t i = 0; i < sweep->count - kept && sweep->reconcile->count < WRITES_MAX; i++)
        remove_pod(sweep->reconcile, sweep->ended[i].pod, false);
}

/* Nodes that are there again. */
static void forget_found(struct reconcile *reconcile)
{
    struct pod_gc *gc = reconcile->state;
    struct map_entry entry;
    size_t cursor = 0;
    while (map_next(&gc->missing, &cursor, &entry)) {
        if (!find_node(reconcile->snapshot, entry.key))
            continue;
        map_remove(&gc->missing, entry.key);
        free_missing(entry.value);
        cursor = 0;
    }
}

static void reconcile(struct reconcile *reconcile)
{
    struct sweep sweep = {.reconcile = reconcile};
    forget_found(reconcile);
    reconcile->snapshot->operations->each(reconcile->snapshot, SLICE("/pods/"), look_at_pod,
                                          &sweep);
    remove_ended(&sweep);
    if (reconcile->count >= WRITES_MAX)
        reconcile->again_us = 1;
}

static const struct controller_watch watches[] = {
    {"", "v1", "nodes", NULL},
    {"", "v1", "pods", NULL},
    {NULL, NULL, NULL, NULL},
};

const struct controller controller_pod_gc = {
    .name = "pod-garbage-collector",
    .user = "system:serviceaccount:kube-system:pod-garbage-collector",
    .watches = watches,
    .event = on_event,
    .reconcile = reconcile,
    .reads_head = true,
    .waits_for_operator = true,
    .state_size = sizeof(struct pod_gc),
    .release = release,
};
