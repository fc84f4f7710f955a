/* Nodes that are not heard of, and taints that say what a node suffers from.
 *
 * A node whose Lease and status stay silent for 50 s gets conditions Unknown, its pods stop to be
 * Ready, and it is tainted: NoSchedule at once, NoExecute at a rate for its zone, 0.1 a second,
 * less where most of the zone is lost, and not at all where no node is ready, since then the fault
 * is likely ours. What evicts by those taints is controller_taint_eviction.c. Conditions of
 * pressure and spec.unschedulable are NoSchedule taints as well. All is by what was seen here
 * and when, controllers/node_health.h. Keys: "tick", every 5 s while there are nodes; a node's
 * storage key, for the node; "pods of NODE". Rules: k8s.io/kubernetes pkg/controller/nodelifecycle. */
#include "controllers/controller.h"
#include "controllers/node_health.h"
#include "core/kinds/facts_pod.h"
#include "core/kinds/view.h"
#include "core/trace.h"

enum { WRITES_MAX = 64 };

#define TICK "tick"
#define NODES "/nodes/"
#define PODS_OF "pods of "
#define LEASES "coordination.k8s.io/leases/kube-node-lease/"
#define NOT_READY_TAINT "node.kubernetes.io/not-ready"
#define UNREACHABLE_TAINT "node.kubernetes.io/unreachable"
#define REGION "topology.kubernetes.io/region"
#define ZONE "topology.kubernetes.io/zone"
#define EXCLUDED "node.kubernetes.io/exclude-disruption"

static struct slice key_of_node(const struct reconcile *reconcile, struct slice name)
{
    return slice_of(arena_format(reconcile->arena, NODES SLICE_FORMAT, SLICE_ARGS(name)));
}

/* --- Hearing of nodes --- */

static struct slice heartbeat_of(const struct json *node)
{
    JSON_EACH(condition, json_at(node, "status.conditions"))
        if (slice_is(json_string(json_get(condition, "type")), "Ready"))
            return json_string(json_get(condition, "lastHeartbeatTime"));
    return (struct slice){0};
}

static bool has_new_heartbeat(const struct object *node, const struct object *old)
{
    struct arena arena;
    struct status status;
    arena_init(&arena);
    status_init(&status);
    bool is_new = !slice_equal(heartbeat_of(json_parse(&arena, object_body(node), NULL, &status)),
                               heartbeat_of(json_parse(&arena, object_body(old), NULL, &status)));
    status_release(&status);
    arena_release(&arena);
    return is_new;
}

static void on_lease(struct controller_event *event)
{
    struct node_health *node = nodes_health_get(event->state, key_name(object_key(event->object)));
    if (node && event->type != EVENT_DELETED)
        node->heard_us = event->steady_us;
}

static bool read_node(const struct object *object, struct facts_node *facts)
{
    struct slice bytes;
    return view_find(object_view(object), VIEW_FACTS, &bytes) && facts_node_read(bytes, facts);
}

/* It stopped to be ready, or was found so. */
static bool is_lost_now(const struct controller_event *event)
{
    struct facts_node now, before;
    if (!read_node(event->object, &now) || now.ready == NODE_CONDITION_TRUE)
        return false;
    return !event->old || (read_node(event->old, &before) && before.ready == NODE_CONDITION_TRUE);
}

static void add_pods_of(const struct controller_event *event, struct slice name)
{
    struct buffer key = {0};
    buffer_format(&key, PODS_OF SLICE_FORMAT, SLICE_ARGS(name));
    controller_event_add(event, buffer_slice(&key));
    buffer_release(&key);
}

static void on_node(struct controller_event *event)
{
    struct slice name = key_name(object_key(event->object));
    struct node_health *node = nodes_health_get(event->state, name);
    if (event->type == EVENT_DELETED) {
        nodes_health_remove(event->state, name);
        return;
    }
    if (!node)
        nodes_health_add(event->state, name, event->steady_us);
    else if (event->old && has_new_heartbeat(event->object, event->old))
        node->heard_us = event->steady_us;
    if (!node)
        controller_event_add(event, SLICE(TICK));
    controller_event_add(event, object_key(event->object));
    if (is_lost_now(event))
        add_pods_of(event, name);
}

static void on_event(struct controller_event *event)
{
    if (slice_starts_with(object_key(event->object), SLICE(LEASES)))
        on_lease(event);
    else if (slice_starts_with(object_key(event->object), SLICE(NODES)))
        on_node(event);
}

/* --- A tick: all nodes, by their facts --- */

static bool is_silent(const struct node_health *node, enum node_condition ready, int64_t steady_us)
{
    int64_t grace_us = ready == NODE_CONDITION_ABSENT ? NODE_STARTUP_GRACE_US : NODE_GRACE_US;
    return steady_us - node->heard_us > grace_us;
}

static bool has_taint(const struct facts_node *facts, const char *key)
{
    struct slice rest = facts->taints;
    struct facts_taint taint;
    while (facts_node_take_taint(&rest, &taint))
        if (taint.effect == TAINT_NO_EXECUTE && slice_is(taint.key, key))
            return true;
    return false;
}

/* It should have a NoExecute taint, or another one than it has. */
static bool wants_no_execute(const struct facts_node *facts)
{
    if (facts->ready == NODE_CONDITION_FALSE)
        return !has_taint(facts, NOT_READY_TAINT);
    return facts->ready == NODE_CONDITION_UNKNOWN && !has_taint(facts, UNREACHABLE_TAINT);
}

static bool tick_node(void *context, const struct object *object)
{
    struct reconcile *reconcile = context;
    struct node_health *node = nodes_health_get(reconcile->state, key_name(object_key(object)));
    struct slice region = {0}, zone = {0}, label;
    struct facts_node facts;
    if (!node || !read_node(object, &facts))
        return true;
    view_label(object_view(object), SLICE(REGION), &region);
    view_label(object_view(object), SLICE(ZONE), &zone);
    nodes_health_count(reconcile->state, node,
                       slice_of(arena_format(reconcile->arena, SLICE_FORMAT "/" SLICE_FORMAT,
                                             SLICE_ARGS(region), SLICE_ARGS(zone))),
                       facts.ready, !view_label(object_view(object), SLICE(EXCLUDED), &label));
    if ((is_silent(node, facts.ready, reconcile->steady_us) &&
         facts.ready != NODE_CONDITION_UNKNOWN) ||
        wants_no_execute(&facts))
        reconcile_add(reconcile, object_key(object));
    return true;
}

static bool add_node(void *context, const struct object *object)
{
    reconcile_add(context, object_key(object));
    return true;
}

static void tick(struct reconcile *reconcile)
{
    const struct snapshot *snapshot = reconcile->snapshot;
    struct nodes_health *health = reconcile->state;
    /* One that a new node asks for is early. */
    if (health->tick_due_us == 0 || reconcile->steady_us >= health->tick_due_us) {
        nodes_health_begin(health, reconcile->steady_us);
        snapshot->operations->each(snapshot, SLICE(NODES), tick_node, reconcile);
        if (nodes_health_end(health, reconcile->steady_us)) {
            log_line(LOG_WARN,
                     health->is_all_disrupted ? "no node is ready: nothing is evicted"
                                              : "some nodes are ready again",
                     "nodes=%zu", health->nodes.count);
            snapshot->operations->each(snapshot, SLICE(NODES), add_node, reconcile);
        }
    }
    if (health->nodes.count > 0)
        reconcile->again_us = health->tick_due_us - reconcile->steady_us;
    else
        health->tick_due_us = 0;
}

/* --- Conditions --- */

static const char *const silent_types[] = {"Ready", "MemoryPressure", "DiskPressure",
                                           "PIDPressure"};

static struct json *condition_of(struct json *node, const char *type)
{
    JSON_EACH(condition, json_at(node, "status.conditions"))
        if (slice_is(json_string(json_get(condition, "type")), type))
            return condition;
    return NULL;
}

static struct json *unknown_condition(struct reconcile *reconcile, struct json *node,
                                      const char *type)
{
    struct arena *arena = reconcile->arena;
    const struct json *current = condition_of(node, type);
    char now[TIME_TEXT_SIZE];
    time_format(reconcile->now_us, now);
    if (slice_is(json_string(json_get(current, "status")), "Unknown"))
        return NULL;
    struct json *condition = json_new_object(arena);
    json_set_text(arena, condition, "type", type);
    json_set_text(arena, condition, "status", "Unknown");
    json_set_text(arena, condition, "reason",
                  current ? "NodeStatusUnknown" : "NodeStatusNeverUpdated");
    json_set_text(arena, condition, "message",
                  current ? "Kubelet stopped posting node status."
                          : "Kubelet never posted node status.");
    json_set_text(arena, condition, "lastTransitionTime", now);
    if (!current)
        json_set(arena, condition, "lastHeartbeatTime",
                 json_copy(arena, json_at(node, "metadata.creationTimestamp")));
    return condition;
}

/* Says so in the tree too: what follows goes by it. */
static void apply(struct reconcile *reconcile, struct json *node, struct json *condition)
{
    struct arena *arena = reconcile->arena;
    struct json *status = json_ensure_object(arena, node, "status");
    struct json *current = condition_of(node, json_text(json_get(condition, "type")));
    if (!json_get(status, "conditions"))
        json_set(arena, status, "conditions", json_new_array(arena));
    if (current)
        json_replace(json_get(status, "conditions"), current, json_copy(arena, condition));
    else
        json_append(json_get(status, "conditions"), json_copy(arena, condition));
}

static struct resource_path node_path(const struct reconcile *reconcile, const char *subresource)
{
    return (struct resource_path){.group = "",
                                  .version = "v1",
                                  .resource = "nodes",
                                  .name = key_name(reconcile->key),
                                  .subresource = subresource};
}

static void set_unknown(struct reconcile *reconcile, struct json *node)
{
    struct arena *arena = reconcile->arena;
    struct json *patch = json_new_object(arena), *conditions = json_new_array(arena);
    for (size_t i = 0; i < ARRAY_SIZE(silent_types); i++) {
        struct json *condition = unknown_condition(reconcile, node, silent_types[i]);
        if (!condition)
            continue;
        apply(reconcile, node, condition);
        json_append(conditions, condition);
    }
    json_set(arena, json_ensure_object(arena, patch, "status"), "conditions", conditions);
    if (json_count(conditions) > 0)
        reconcile_write(reconcile, "patch", node_path(reconcile, "status"), patch);
}

/* --- Taints --- */

static struct slice status_of(struct json *node, const char *type)
{
    return json_string(json_get(condition_of(node, type), "status"));
}

/* The effect's taint of this key, or NULL. */
static struct json *taint_of(struct json *taints, const char *key, const char *effect)
{
    JSON_EACH(taint, taints)
        if (slice_is(json_string(json_get(taint, "key")), key) &&
            slice_is(json_string(json_get(taint, "effect")), effect))
            return taint;
    return NULL;
}

static void set_taint(struct reconcile *reconcile, struct json *taints, const char *key,
                      const char *effect, bool wanted)
{
    struct arena *arena = reconcile->arena;
    struct json *present = taint_of(taints, key, effect);
    char now[TIME_TEXT_SIZE];
    if (present && !wanted)
        json_detach(taints, present);
    if (!!present == wanted || !wanted)
        return;
    struct json *taint = json_new_object(arena);
    json_set_text(arena, taint, "key", key);
    json_set_text(arena, taint, "effect", effect);
    time_format(reconcile->now_us, now);
    json_set_text(arena, taint, "timeAdded", now);
    json_append(taints, taint);
}

static void set_no_schedule(struct reconcile *reconcile, struct json *node, struct json *taints)
{
    static const struct {
        const char *type, *status, *key;
    } rows[] = {
        {"Ready", "False", NOT_READY_TAINT},
        {"Ready", "Unknown", UNREACHABLE_TAINT},
        {"MemoryPressure", "True", "node.kubernetes.io/memory-pressure"},
        {"DiskPressure", "True", "node.kubernetes.io/disk-pressure"},
        {"PIDPressure", "True", "node.kubernetes.io/pid-pressure"},
        {"NetworkUnavailable", "True", "node.kubernetes.io/network-unavailable"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        set_taint(reconcile, taints, rows[i].key, "NoSchedule",
                  slice_is(status_of(node, rows[i].type), rows[i].status));
    set_taint(reconcile, taints, "node.kubernetes.io/unschedulable", "NoSchedule",
              json_bool(json_at(node, "spec.unschedulable")));
}

/* The two exclude each other; one takes the other's place without waiting for its zone's turn. */
static void set_no_execute(struct reconcile *reconcile, struct json *node, struct json *taints)
{
    struct nodes_health *health = reconcile->state;
    struct node_health *own = nodes_health_get(health, key_name(reconcile->key));
    struct slice ready = status_of(node, "Ready");
    bool is_false = slice_is(ready, "False"), is_lost = slice_is(ready, "Unknown");
    const char *wanted = is_false ? NOT_READY_TAINT : UNREACHABLE_TAINT;
    bool has_one = taint_of(taints, NOT_READY_TAINT, "NoExecute") ||
                   taint_of(taints, UNREACHABLE_TAINT, "NoExecute");
    if ((!is_false && !is_lost) || health->is_all_disrupted) {
        set_taint(reconcile, taints, NOT_READY_TAINT, "NoExecute", false);
        set_taint(reconcile, taints, UNREACHABLE_TAINT, "NoExecute", false);
        return;
    }
    if (taint_of(taints, wanted, "NoExecute"))
        return;
    if (!has_one && (!own || !nodes_health_may_taint(health, own, reconcile->steady_us)))
        return; /* A later tick asks again. */
    set_taint(reconcile, taints, NOT_READY_TAINT, "NoExecute", is_false);
    set_taint(reconcile, taints, UNREACHABLE_TAINT, "NoExecute", is_lost);
}

static void set_taints(struct reconcile *reconcile, struct json *node)
{
    struct arena *arena = reconcile->arena;
    const struct json *current = json_at(node, "spec.taints");
    struct json *taints = current ? json_copy(arena, current) : json_new_array(arena);
    set_no_schedule(reconcile, node, taints);
    set_no_execute(reconcile, node, taints);
    if (json_count(taints) + json_count(current) == 0 || json_equal(current, taints))
        return;
    struct json *patch = json_new_object(arena);
    json_set(arena, json_ensure_object(arena, patch, "spec"), "taints", taints);
    reconcile_write(reconcile, "patch", node_path(reconcile, NULL), patch);
}

/* --- Pods of a node that is lost --- */

static void tell_not_ready(struct reconcile *reconcile, const struct object *pod)
{
    struct slice key = object_key(pod);
    struct event_subject subject = {.kind = "Pod",
                                    .api_version = "v1",
                                    .namespace = key_namespace(key),
                                    .name = key_name(key),
                                    .uid = view_uid(pod)};
    recorder_event(reconcile->recorder, &subject, "Warning", "NodeNotReady", NULL,
                   "Node is not ready");
}

static bool set_pod_not_ready(void *context, const struct object *object)
{
    struct reconcile *reconcile = context;
    struct arena *arena = reconcile->arena;
    struct facts_pod facts;
    if (!facts_pod_of(object, &facts) || !(facts.flags & POD_IS_READY) ||
        !slice_equal(facts.node_name, key_name(reconcile->key)))
        return true;
    char now[TIME_TEXT_SIZE];
    time_format(reconcile->now_us, now);
    struct json *patch = json_new_object(arena), *conditions = json_new_array(arena);
    struct json *condition = json_new_object(arena);
    json_set_text(arena, condition, "type", "Ready");
    json_set_text(arena, condition, "status", "False");
    json_set_text(arena, condition, "lastTransitionTime", now);
    json_append(conditions, condition);
    json_set(arena, json_ensure_object(arena, patch, "status"), "conditions", conditions);
    struct resource_path path = {
        .group = "",
        .version = "v1",
        .resource = "pods",
        .namespace = key_namespace(object_key(object)),
        .name = key_name(object_key(object)),
        .subresource = "status",
    };
    reconcile_write(reconcile, "patch", path, patch);
    tell_not_ready(reconcile, object);
    return reconcile->count < WRITES_MAX;
}

static void tell_node(struct reconcile *reconcile, const struct json *node)
{
    struct slice name = key_name(reconcile->key);
    struct event_subject subject = {
        .kind = "Node",
        .api_version = "v1",
        .name = name,
        .uid = json_string(json_at(node, "metadata.uid")),
    };
    recorder_event(reconcile->recorder, &subject, "Normal", "NodeNotReady", NULL,
                   "Node " SLICE_FORMAT " status is now: NodeNotReady", SLICE_ARGS(name));
}

/* --- One key --- */

static void look_at_node(struct reconcile *reconcile)
{
    const struct snapshot *snapshot = reconcile->snapshot;
    const struct object *object = snapshot->operations->get(snapshot, reconcile->key);
    struct node_health *own = nodes_health_get(reconcile->state, key_name(reconcile->key));
    struct facts_node facts;
    if (!object || !own || !read_node(object, &facts))
        return;
    struct json *node = reconcile_read(reconcile, reconcile->key);
    if (is_silent(own, facts.ready, reconcile->steady_us)) {
        set_unknown(reconcile, node);
        if (facts.ready == NODE_CONDITION_TRUE)
            tell_node(reconcile, node);
    }
    set_taints(reconcile, node);
}

static void look_at_pods(struct reconcile *reconcile)
{
    const struct snapshot *snapshot = reconcile->snapshot;
    struct facts_node facts;
    reconcile->key =
        key_of_node(reconcile, slice_sub(reconcile->key, sizeof(PODS_OF) - 1, reconcile->key.size));
    const struct object *node = snapshot->operations->get(snapshot, reconcile->key);
    if (node && read_node(node, &facts) && facts.ready != NODE_CONDITION_TRUE &&
        facts.ready != NODE_CONDITION_ABSENT)
        snapshot->operations->each(snapshot, SLICE("/pods/"), set_pod_not_ready, reconcile);
    if (reconcile->count >= WRITES_MAX)
        reconcile_add(reconcile, slice_of(arena_format(reconcile->arena, PODS_OF SLICE_FORMAT,
                                                       SLICE_ARGS(key_name(reconcile->key)))));
}

static void reconcile(struct reconcile *reconcile)
{
    if (slice_is(reconcile->key, TICK))
        tick(reconcile);
    else if (slice_starts_with(reconcile->key, SLICE(PODS_OF)))
        look_at_pods(reconcile);
    else
        look_at_node(reconcile);
}

static void release(void *state)
{
    nodes_health_release(state);
}

static const struct controller_watch watches[] = {
    {"", "v1", "nodes", NULL},
    {"coordination.k8s.io", "v1", "leases", NULL},
    {NULL, NULL, NULL, NULL},
};

const struct controller controller_node_lifecycle = {
    .name = "node-lifecycle-controller",
    .user = "system:serviceaccount:kube-system:node-controller",
    .component = "node-controller",
    .watches = watches,
    .event = on_event,
    .reconcile = reconcile,
    .reads_head = true,
    .state_size = sizeof(struct nodes_health),
    .release = release,
};
