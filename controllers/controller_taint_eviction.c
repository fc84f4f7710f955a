/* Pods leave nodes with NoExecute taints that they do not bear, or bear no longer.
 *
 * How long a toleration holds counts from when the taint was added, or the pod started if that
 * was later; a taint that does not tell counts from when it is first seen here. So who goes
 * when follows from what is stored, and a restart changes nothing for taints of the node
 * lifecycle. Keys are nodes' storage keys. Rules: k8s.io/kubernetes pkg/controller/tainteviction. */
#include "controllers/controller.h"
#include "core/kinds/facts_node.h"
#include "core/kinds/facts_pod.h"
#include "core/kinds/toleration.h"
#include "core/kinds/view.h"
#include "core/map.h"

enum { WRITES_MAX = 64 };
#define NODES "/nodes/"
#define SECOND_US INT64_C(1000000)

/* Nodes with taints that do not tell when they were added: since when. */
struct first_seen {
    struct slice node; /* Owned. */
    int64_t wall_us;
};
struct taint_eviction {
    struct map seen;
};

static void release(void *state)
{
    struct taint_eviction *eviction = state;
    struct map_entry entry;
    size_t cursor = 0;
    while (map_next(&eviction->seen, &cursor, &entry)) {
        mem_free((char *)(uintptr_t)entry.key.data);
        mem_free(entry.value);
    }
    map_release(&eviction->seen);
}

static int64_t first_seen_us(struct taint_eviction *eviction, struct slice node, int64_t now_us)
{
    struct first_seen *seen = map_get(&eviction->seen, node);
    if (!eviction->seen.borrows_keys)
        map_init_borrowing(&eviction->seen);
    if (seen)
        return seen->wall_us;
    seen = mem_alloc(sizeof(*seen));
    *seen = (struct first_seen){{mem_copy_slice(node), node.size}, now_us};
    map_set(&eviction->seen, seen->node, seen);
    return now_us;
}

static void forget(struct taint_eviction *eviction, struct slice node)
{
    struct first_seen *seen = map_remove(&eviction->seen, node);
    if (!seen)
        return;
    mem_free((char *)(uintptr_t)seen->node.data);
    mem_free(seen);
}

static bool read_node(const struct object *object, struct facts_node *facts)
{
    struct slice bytes;
    return view_find(object_view(object), VIEW_FACTS, &bytes) && facts_node_read(bytes, facts);
}

/* The next taint that evicts. */
static bool next_taint(struct slice *taints, struct facts_taint *taint)
{
    while (facts_node_take_taint(taints, taint))
        if (taint->effect == TAINT_NO_EXECUTE)
            return true;
    return false;
}

static bool evicts(const struct object *node)
{
    struct facts_node facts;
    struct facts_taint taint;
    if (!node || !read_node(node, &facts))
        return false;
    struct slice rest = facts.taints;
    return next_taint(&rest, &taint);
}

/* --- What a change concerns --- */

static void on_pod(struct controller_event *event)
{
    struct facts_pod now, before;
    struct buffer key = {0};
    if (event->type == EVENT_DELETED || !facts_pod_of(event->object, &now) ||
        now.node_name.size == 0)
        return;
    if (event->old && facts_pod_of(event->old, &before) &&
        slice_equal(before.node_name, now.node_name) && before.shape == now.shape)
        return;
    key_append(&key, "", "nodes", (struct slice){0}, now.node_name);
    const struct snapshot *snapshot = controller_event_snapshot(event);
    if (evicts(snapshot->operations->get(snapshot, buffer_slice(&key))))
        controller_event_add(event, buffer_slice(&key));
    buffer_release(&key);
}

static void on_event(struct controller_event *event)
{
    if (!slice_starts_with(object_key(event->object), SLICE(NODES)))
        on_pod(event);
    else if (event->type == EVENT_DELETED || !evicts(event->object))
        forget(event->state, object_key(event->object));
    else
        controller_event_add(event, object_key(event->object));
}

/* --- How long a pod bears a node --- */

struct evicting {
    struct reconcile *reconcile;
    struct slice node_name;
    struct facts_node node;
    int64_t wait_us; /* Until the next pod must go; 0: none. */
};

/* Seconds that a toleration bears the taint; -1: for ever. */
static int64_t seconds_of(const struct json *toleration)
{
    int64_t seconds;
    if (!json_to_int64(json_get(toleration, "tolerationSeconds"), &seconds))
        return -1;
    return seconds > 0 ? seconds : 0;
}

/* The shortest of those that bear the taint holds, as upstream has it; 0 when none does. */
static int64_t seconds_borne(const struct json *tolerations, const struct facts_taint *taint)
{
    int64_t shortest = -1;
    bool is_borne = false;
    JSON_EACH(toleration, tolerations) {
        if (!toleration_bears(toleration, taint))
            continue;
        int64_t seconds = seconds_of(toleration);
        is_borne = true;
        if (seconds >= 0 && (shortest < 0 || seconds < shortest))
            shortest = seconds;
    }
    return is_borne ? shortest : 0;
}

static int64_t start_of(struct evicting *evicting, const struct facts_taint *taint,
                        const struct object *pod, const struct facts_pod *facts)
{
    struct reconcile *reconcile = evicting->reconcile;
    int64_t started_us = facts->started_us > 0
                             ? facts->started_us
                             : view_int(object_view(pod), VIEW_CREATED, reconcile->now_us);
    int64_t added_us = taint->added_us > 0
                           ? taint->added_us
                           : first_seen_us(reconcile->state, reconcile->key, reconcile->now_us);
    return added_us > started_us ? added_us : started_us;
}

/* When the pod must go; INT64_MAX: never. */
static int64_t due_us(struct evicting *evicting, const struct object *pod,
                      const struct facts_pod *facts)
{
    struct reconcile *reconcile = evicting->reconcile;
    struct status status;
    struct slice rest = evicting->node.taints;
    struct facts_taint taint;
    int64_t due = INT64_MAX;
    status_init(&status);
    const struct json *placement =
        facts->placement.size > 0 ? json_parse(reconcile->arena, facts->placement, NULL, &status)
                                  : NULL;
    while (next_taint(&rest, &taint)) {
        int64_t seconds = seconds_borne(json_get(placement, "tolerations"), &taint);
        if (seconds < 0)
            continue;
        int64_t when =
            seconds == 0 ? 0 : start_of(evicting, &taint, pod, facts) + seconds * SECOND_US;
        due = when < due ? when : due;
    }
    status_release(&status);
    return due;
}

/* --- Who goes --- */

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

static void tell(struct reconcile *reconcile, const struct object *pod)
{
    struct slice key = object_key(pod);
    struct event_subject subject = {.kind = "Pod",
                                    .api_version = "v1",
                                    .namespace = key_namespace(key),
                                    .name = key_name(key),
                                    .uid = view_uid(pod)};
    recorder_event(reconcile->recorder, &subject, "Normal", "TaintManagerEviction", NULL,
                   "Marking for deletion Pod " SLICE_FORMAT "/" SLICE_FORMAT,
                   SLICE_ARGS(subject.namespace), SLICE_ARGS(subject.name));
}

static void evict(struct reconcile *reconcile, const struct object *pod)
{
    struct arena *arena = reconcile->arena;
    struct json *patch = json_new_object(arena), *conditions = json_new_array(arena);
    struct json *condition = json_new_object(arena);
    char now[TIME_TEXT_SIZE];
    time_format(reconcile->now_us, now);
    json_set_text(arena, condition, "type", "DisruptionTarget");
    json_set_text(arena, condition, "status", "True");
    json_set_text(arena, condition, "reason", "DeletionByTaintManager");
    json_set_text(arena, condition, "message", "Taint manager: deleting due to NoExecute taint");
    json_set_text(arena, condition, "lastTransitionTime", now);
    json_append(conditions, condition);
    json_set(arena, json_ensure_object(arena, patch, "status"), "conditions", conditions);
    reconcile_write(reconcile, "patch", pod_path(pod, "status"), patch);
    reconcile_write(reconcile, "delete", pod_path(pod, NULL), NULL);
    tell(reconcile, pod);
}

static bool look_at_pod(void *context, const struct object *object)
{
    struct evicting *evicting = context;
    struct reconcile *reconcile = evicting->reconcile;
    struct facts_pod facts;
    struct slice deleted;
    if (!facts_pod_of(object, &facts) || !slice_equal(facts.node_name, evicting->node_name) ||
        view_find(object_view(object), VIEW_DELETED, &deleted))
        return true;
    int64_t due = due_us(evicting, object, &facts);
    if (due <= reconcile->now_us)
        evict(reconcile, object);
    else if (due < INT64_MAX &&
             (evicting->wait_us == 0 || due - reconcile->now_us < evicting->wait_us))
        evicting->wait_us = due - reconcile->now_us;
    return reconcile->count < WRITES_MAX;
}

static void reconcile(struct reconcile *reconcile)
{
    const struct snapshot *snapshot = reconcile->snapshot;
    const struct object *node = snapshot->operations->get(snapshot, reconcile->key);
    struct evicting evicting = {.reconcile = reconcile, .node_name = key_name(reconcile->key)};
    if (!evicts(node) || !read_node(node, &evicting.node))
        return;
    snapshot->operations->each(snapshot, SLICE("/pods/"), look_at_pod, &evicting);
    reconcile->again_us = reconcile->count >= WRITES_MAX ? 1 : evicting.wait_us;
}

static const struct controller_watch watches[] = {
    {"", "v1", "nodes", NULL},
    {"", "v1", "pods", NULL},
    {NULL, NULL, NULL, NULL},
};

const struct controller controller_taint_eviction = {
    .name = "taint-eviction-controller",
    .user = "system:serviceaccount:kube-system:node-controller",
    .watches = watches,
    .event = on_event,
    .reconcile = reconcile,
    .reads_head = true,
    .waits_for_operator = true,
    .state_size = sizeof(struct taint_eviction),
    .release = release,
};
