/* Rules: k8s.io/kubernetes pkg/controller/util/endpoint, pkg/api/v1/pod (FindPort),
 * k8s.io/endpointslice. */
#include "controllers/service_pods.h"

#include <stdlib.h>

#include "core/kinds/facts_service.h"
#include "core/kinds/pod_resources.h"
#include "core/kinds/view.h"

#define SERVICE_LABEL "kubernetes.io/service-name"
#define HEADLESS_LABEL "service.kubernetes.io/headless"

/* --- What a change concerns --- */

struct concerned {
    struct controller_event *event;
    const struct object *pod;
    const struct object *old; /* May be NULL. */
};

static bool read_service(const struct object *object, struct facts_service *service)
{
    struct slice facts;
    return view_find(object_view(object), VIEW_FACTS, &facts) && facts_service_read(facts, service);
}

static bool add_if_selected(void *context, const struct object *object)
{
    struct concerned *concerned = context;
    struct facts_service service;
    if (read_service(object, &service) &&
        (facts_service_selects(&service, object_view(concerned->pod)) ||
         (concerned->old && facts_service_selects(&service, object_view(concerned->old)))))
        controller_event_add(concerned->event, object_key(object));
    return true;
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

/* Nothing that an endpoint tells has changed. */
static bool is_same_endpoint(const struct object *a, const struct object *b)
{
    struct facts_pod left, right;
    if (!facts_pod_of(a, &left) || !facts_pod_of(b, &right))
        return false;
    return left.labels_hash == right.labels_hash && slice_equal(left.pod_ip, right.pod_ip) &&
           ((left.flags ^ right.flags) & POD_IS_READY) == 0 &&
           has_ended(&left) == has_ended(&right) && is_deleting(a) == is_deleting(b) &&
           slice_equal(left.node_name, right.node_name);
}

static void on_pod(struct controller_event *event)
{
    struct concerned concerned = {event, event->object, event->old};
    struct facts_pod facts;
    struct buffer prefix = {0};
    if (event->old && is_same_endpoint(event->object, event->old))
        return;
    if (event->type == EVENT_ADDED && facts_pod_of(event->object, &facts) && facts.pod_ip.size == 0)
        return;
    key_append_prefix(&prefix, "", "services", key_namespace(object_key(event->object)));
    const struct snapshot *snapshot = controller_event_snapshot(event);
    snapshot->operations->each(snapshot, buffer_slice(&prefix), add_if_selected, &concerned);
    buffer_release(&prefix);
}

/* Endpoints have their service's name, slices tell it by a label. */
static void on_part(struct controller_event *event)
{
    struct slice key = object_key(event->object), name = key_name(key), label;
    struct buffer service = {0};
    if (view_label(object_view(event->object), SLICE(SERVICE_LABEL), &label))
        name = label;
    key_append(&service, "", "services", key_namespace(key), name);
    controller_event_add(event, buffer_slice(&service));
    buffer_release(&service);
}

void service_pods_event(struct controller_event *event)
{
    struct slice key = object_key(event->object);
    if (slice_starts_with(key, SLICE("/pods/")))
        on_pod(event);
    else if (slice_starts_with(key, SLICE("/services/")))
        controller_event_add(event, key);
    else
        on_part(event);
}

/* --- Ports --- */

static bool find_named(const struct json *containers, struct slice name, struct slice protocol,
                       bool only_sidecars, int64_t *number)
{
    JSON_EACH(container, containers) {
        if (only_sidecars && !container_is_sidecar(container))
            continue;
        JSON_EACH(port, json_get(container, "ports"))
            if (slice_equal(json_string(json_get(port, "name")), name) &&
                slice_equal(json_string(json_get(port, "protocol")), protocol))
                return json_to_int64(json_get(port, "containerPort"), number);
    }
    return false;
}

/* Number of a service's port at a pod; pod is read when a name must be looked up. */
static bool find_port(struct reconcile *reconcile, const struct object *object,
                      const struct json *port, int64_t *number)
{
    const struct json *target = json_get(port, "targetPort");
    struct slice name = json_string(target), protocol = json_string(json_get(port, "protocol"));
    if (name.size == 0)
        return json_to_int64(target, number) || json_to_int64(json_get(port, "port"), number);
    const struct json *spec = json_get(reconcile_read(reconcile, object_key(object)), "spec");
    return find_named(json_get(spec, "containers"), name, protocol, false, number) ||
           find_named(json_get(spec, "initContainers"), name, protocol, true, number);
}

static struct json *ports_of(struct reconcile *reconcile, const struct service_pods *pods,
                             const struct object *object)
{
    struct arena *arena = reconcile->arena;
    struct json *ports = json_new_array(arena);
    int64_t number;
    JSON_EACH(port, json_at(pods->service, "spec.ports")) {
        if (!find_port(reconcile, object, port, &number))
            continue;
        struct json *one = json_new_object(arena);
        json_set_text(arena, one, "name", json_text(json_get(port, "name")));
        json_set_int(arena, one, "port", number);
        json_set_text(arena, one, "protocol", json_text(json_get(port, "protocol")));
        if (json_get(port, "appProtocol"))
            json_set(arena, one, "appProtocol", json_copy(arena, json_get(port, "appProtocol")));
        json_append(ports, one);
    }
    return ports;
}

static bool has_named_target(const struct json *service)
{
    JSON_EACH(port, json_at(service, "spec.ports"))
        if (json_string(json_get(port, "targetPort")).size > 0)
            return true;
    return false;
}

/* --- Pods --- */

struct gathering {
    struct reconcile *reconcile;
    struct service_pods *pods;
    struct facts_service facts;
    size_t capacity;
    struct json *ports;  /* The same for all pods where no port is named. */
    bool names_ports;
};

static const char *hostname_of(struct gathering *gathering, const struct object *object)
{
    const struct json *service = gathering->pods->service;
    if (!gathering->pods->is_headless)
        return NULL;
    const struct json *spec =
        json_get(reconcile_read(gathering->reconcile, object_key(object)), "spec");
    const char *hostname = json_text(json_get(spec, "hostname"));
    return *hostname && slice_equal(json_string(json_get(spec, "subdomain")),
                                    json_string(json_at(service, "metadata.name")))
               ? hostname
               : NULL;
}

static struct service_endpoint *push(struct gathering *gathering)
{
    struct service_pods *pods = gathering->pods;
    if (pods->count == gathering->capacity) {
        size_t capacity = gathering->capacity * 2 + 16;
        struct service_endpoint *all =
            ARENA_ARRAY(gathering->reconcile->arena, struct service_endpoint, capacity);
        if (pods->count > 0)
            memcpy(all, pods->endpoints, pods->count * sizeof(*all));
        pods->endpoints = all;
        gathering->capacity = capacity;
    }
    return &pods->endpoints[pods->count++];
}

static bool gather(void *context, const struct object *object)
{
    struct gathering *gathering = context;
    struct facts_pod facts;
    if (!facts_service_selects(&gathering->facts, object_view(object)) ||
        !facts_pod_of(object, &facts) || has_ended(&facts) || facts.pod_ip.size == 0)
        return true;
    if (gathering->names_ports || !gathering->ports)
        gathering->ports = ports_of(gathering->reconcile, gathering->pods, object);
    *push(gathering) = (struct service_endpoint){
        .pod = object,
        .facts = facts,
        .is_ready = facts.flags & POD_IS_READY,
        .is_terminating = is_deleting(object),
        .hostname = hostname_of(gathering, object),
        .ports = gathering->ports,
    };
    return true;
}

static int by_address(const void *a, const void *b)
{
    const struct service_endpoint *left = a, *right = b;
    int order = slice_compare(left->facts.pod_ip, right->facts.pod_ip);
    return order ? order : slice_compare(object_key(left->pod), object_key(right->pod));
}

void service_pods_read(struct reconcile *reconcile, struct service_pods *pods)
{
    struct gathering gathering = {.reconcile = reconcile, .pods = pods};
    const struct snapshot *snapshot = reconcile->snapshot;
    *pods = (struct service_pods){0};
    pods->object = snapshot->operations->get(snapshot, reconcile->key);
    if (!pods->object || !read_service(pods->object, &gathering.facts))
        return;
    pods->service = reconcile_read(reconcile, reconcile->key);
    pods->has_selector = gathering.facts.selector.size > 0;
    pods->publishes_not_ready = json_bool(json_at(pods->service, "spec.publishNotReadyAddresses"));
    pods->is_headless = slice_is(json_string(json_at(pods->service, "spec.clusterIP")), "None");
    gathering.names_ports = has_named_target(pods->service);
    if (!pods->has_selector)
        return;
    struct buffer prefix = {0};
    key_append_prefix(&prefix, "", "pods", key_namespace(reconcile->key));
    snapshot->operations->each(snapshot, buffer_slice(&prefix), gather, &gathering);
    buffer_release(&prefix);
    if (pods->count > 1)
        qsort(pods->endpoints, pods->count, sizeof(*pods->endpoints), by_address);
}

struct json *service_endpoint_reference(struct arena *arena,
                                        const struct service_endpoint *endpoint)
{
    struct json *reference = json_new_object(arena);
    struct slice key = object_key(endpoint->pod);
    json_set_text(arena, reference, "kind", "Pod");
    json_set(arena, reference, "namespace", json_new_string(arena, key_namespace(key)));
    json_set(arena, reference, "name", json_new_string(arena, key_name(key)));
    json_set(arena, reference, "uid", json_new_string(arena, view_uid(endpoint->pod)));
    return reference;
}

struct json *service_pods_labels(struct arena *arena, const struct service_pods *pods)
{
    const struct json *own = json_at(pods->service, "metadata.labels");
    struct json *labels = own ? json_copy(arena, own) : json_new_object(arena);
    json_remove_slice(labels, SLICE(HEADLESS_LABEL));
    if (pods->is_headless)
        json_set_text(arena, labels, HEADLESS_LABEL, "");
    return labels;
}
