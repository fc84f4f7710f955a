/* EndpointSlices of services with a selector: at most 100 endpoints each, few writes.
 *
 * An endpoint stays in the slice where it is; new ones fill slices that change anyway, then
 * one that has room for all of them, then new slices. A service without endpoints keeps one
 * empty slice. Pods that are terminating stay, with conditions that say so (KEP-1672). IPv4.
 * Rules: k8s.io/kubernetes pkg/controller/endpointslice, k8s.io/endpointslice. */
#include "controllers/service_pods.h"
#include "core/kinds/view.h"
#include "core/map.h"

enum { ENDPOINTS_MAX = 100 };
#define GROUP "discovery.k8s.io"
#define PREFIX GROUP "/endpointslices/"
#define SERVICE_LABEL "kubernetes.io/service-name"
#define MANAGED_BY "endpointslice.kubernetes.io/managed-by"
#define MANAGER "endpointslice-controller.k8s.io"
#define ZONE "topology.kubernetes.io/zone"

struct wanted { /* An endpoint that is to be somewhere. */
    struct json *endpoint;
    struct json *ports;
    bool is_placed;
};

struct slice_of_service { /* An EndpointSlice that is there. */
    const struct object *object;
    struct json *before;
    struct json *after;  /* What it is to be. */
    struct json *endpoints; /* Of after. */
    struct slice_of_service *next;
};

struct slicing {
    struct reconcile *reconcile;
    struct arena *arena;
    struct service_pods pods;
    struct json *labels;
    struct wanted *wanted;
    struct map by_uid;   /* Of pods, to wanted. */
    struct slice_of_service *slices;
};

/* --- What is wanted --- */

static struct slice zone_of(const struct slicing *slicing, struct slice node_name)
{
    const struct snapshot *snapshot = slicing->reconcile->snapshot;
    struct slice zone = {0};
    struct buffer key = {0};
    key_append(&key, "", "nodes", (struct slice){0}, node_name);
    const struct object *node = snapshot->operations->get(snapshot, buffer_slice(&key));
    buffer_release(&key);
    if (node)
        view_label(object_view(node), SLICE(ZONE), &zone);
    return zone;
}

static struct json *endpoint_of(const struct slicing *slicing, const struct service_endpoint *one)
{
    struct arena *arena = slicing->arena;
    struct json *endpoint = json_new_object(arena), *addresses = json_new_array(arena);
    struct slice node = one->facts.node_name;
    json_append(addresses, json_new_string(arena, one->facts.pod_ip));
    json_set(arena, endpoint, "addresses", addresses);
    struct json *conditions = json_ensure_object(arena, endpoint, "conditions");
    json_set_bool(arena, conditions, "ready",
                  slicing->pods.publishes_not_ready || (one->is_ready && !one->is_terminating));
    json_set_bool(arena, conditions, "serving", one->is_ready);
    json_set_bool(arena, conditions, "terminating", one->is_terminating);
    if (one->hostname)
        json_set_text(arena, endpoint, "hostname", one->hostname);
    json_set(arena, endpoint, "targetRef", service_endpoint_reference(arena, one));
    if (node.size > 0)
        json_set(arena, endpoint, "nodeName", json_new_string(arena, node));
    struct slice zone = node.size > 0 ? zone_of(slicing, node) : (struct slice){0};
    if (zone.size > 0)
        json_set(arena, endpoint, "zone", json_new_string(arena, zone));
    return endpoint;
}

static void want_all(struct slicing *slicing)
{
    slicing->wanted = ARENA_ARRAY(slicing->arena, struct wanted, slicing->pods.count + 1);
    for (size_t i = 0; i < slicing->pods.count; i++) {
        const struct service_endpoint *one = &slicing->pods.endpoints[i];
        slicing->wanted[i] = (struct wanted){endpoint_of(slicing, one), one->ports, false};
        map_set(&slicing->by_uid, view_uid(one->pod), &slicing->wanted[i]);
    }
}

static struct json *labels_of(const struct slicing *slicing)
{
    struct arena *arena = slicing->arena;
    struct json *labels = service_pods_labels(arena, &slicing->pods);
    json_set_text(arena, labels, SERVICE_LABEL,
                  arena_copy_slice(arena, key_name(slicing->reconcile->key)));
    json_set_text(arena, labels, MANAGED_BY, MANAGER);
    return labels;
}

/* --- What is there --- */

static bool add_slice(void *context, const struct object *object)
{
    struct slicing *slicing = context;
    struct slice manager = {0};
    view_label(object_view(object), SLICE(MANAGED_BY), &manager);
    if (!slice_starts_with(object_key(object), SLICE(PREFIX)) || !slice_is(manager, MANAGER))
        return true;
    struct slice_of_service *one = ARENA_NEW(slicing->arena, struct slice_of_service);
    one->object = object;
    one->before = reconcile_read(slicing->reconcile, object_key(object));
    one->after = json_copy(slicing->arena, one->before);
    one->endpoints =
        json_set(slicing->arena, one->after, "endpoints", json_new_array(slicing->arena));
    json_set(slicing->arena, json_get(one->after, "metadata"), "labels",
             json_copy(slicing->arena, slicing->labels));
    one->next = slicing->slices;
    slicing->slices = one;
    return true;
}

/* Endpoints that are still wanted, with these ports, stay where they are. */
static void keep_endpoints(struct slicing *slicing, struct slice_of_service *one)
{
    const struct json *ports = json_get(one->before, "ports");
    JSON_EACH(endpoint, json_get(one->before, "endpoints")) {
        struct wanted *wanted =
            map_get(&slicing->by_uid, json_string(json_at(endpoint, "targetRef.uid")));
        if (!wanted || wanted->is_placed || !json_equal(wanted->ports, ports))
            continue;
        wanted->is_placed = true;
        json_append(one->endpoints, json_copy(slicing->arena, wanted->endpoint));
    }
}

static bool is_changed(const struct slice_of_service *one)
{
    return !json_equal(one->before, one->after);
}

/* --- Where new ones go --- */

static size_t room_in(const struct slice_of_service *one)
{
    size_t count = json_count(one->endpoints);
    return count < ENDPOINTS_MAX ? ENDPOINTS_MAX - count : 0;
}

/* Puts up to most of those with these ports into endpoints. */
static void place(struct slicing *slicing, const struct json *ports, struct json *endpoints,
                  size_t most)
{
    for (size_t i = 0; i < slicing->pods.count && most > 0; i++) {
        struct wanted *wanted = &slicing->wanted[i];
        if (wanted->is_placed || !json_equal(wanted->ports, ports))
            continue;
        wanted->is_placed = true;
        json_append(endpoints, wanted->endpoint);
        most--;
    }
}

static size_t count_left(const struct slicing *slicing, const struct json *ports)
{
    size_t left = 0;
    for (size_t i = 0; i < slicing->pods.count; i++)
        left += !slicing->wanted[i].is_placed && json_equal(slicing->wanted[i].ports, ports);
    return left;
}

static struct json *owner_of(const struct slicing *slicing)
{
    struct arena *arena = slicing->arena;
    struct json *owners = json_new_array(arena), *owner = json_new_object(arena);
    json_set_text(arena, owner, "apiVersion", "v1");
    json_set_text(arena, owner, "kind", "Service");
    json_set(arena, owner, "name", json_new_string(arena, key_name(slicing->reconcile->key)));
    json_set(arena, owner, "uid", json_new_string(arena, view_uid(slicing->pods.object)));
    json_set_bool(arena, owner, "controller", true);
    json_set_bool(arena, owner, "blockOwnerDeletion", true);
    json_append(owners, owner);
    return owners;
}

static struct resource_path path_of(const struct slicing *slicing, struct slice name)
{
    return (struct resource_path){
        .group = GROUP,
        .version = "v1",
        .resource = "endpointslices",
        .namespace = key_namespace(slicing->reconcile->key),
        .name = name,
    };
}

static void create_slice(struct slicing *slicing, const struct json *ports)
{
    struct arena *arena = slicing->arena;
    struct json *one = json_new_object(arena);
    struct json *metadata = json_ensure_object(arena, one, "metadata");
    json_set_text(
        arena, metadata, "generateName",
        arena_format(arena, SLICE_FORMAT "-", SLICE_ARGS(key_name(slicing->reconcile->key))));
    json_set(arena, metadata, "labels", json_copy(arena, slicing->labels));
    json_set(arena, metadata, "ownerReferences", owner_of(slicing));
    json_set_text(arena, one, "addressType", "IPv4");
    struct json *endpoints = json_set(arena, one, "endpoints", json_new_array(arena));
    json_set(arena, one, "ports", ports ? json_copy(arena, ports) : json_new_array(arena));
    if (ports)
        place(slicing, ports, endpoints, ENDPOINTS_MAX);
    reconcile_write(slicing->reconcile, "create", path_of(slicing, (struct slice){0}), one);
}

/* One that lost all its endpoints takes new ones with other ports, rather than going while another
 * comes. */
static bool recycle(struct slicing *slicing, const struct json *ports)
{
    for (struct slice_of_service *one = slicing->slices; one; one = one->next) {
        if (json_count(one->endpoints) > 0)
            continue;
        json_set(slicing->arena, one->after, "ports", json_copy(slicing->arena, ports));
        place(slicing, ports, one->endpoints, ENDPOINTS_MAX);
        return true;
    }
    return false;
}

/* Changed ones take what they can; then one more that has room for all that are left. */
static void fill(struct slicing *slicing, const struct json *ports)
{
    for (struct slice_of_service *one = slicing->slices; one; one = one->next)
        if (is_changed(one) && json_count(one->endpoints) > 0 &&
            json_equal(json_get(one->before, "ports"), ports))
            place(slicing, ports, one->endpoints, room_in(one));
    size_t left = count_left(slicing, ports);
    for (struct slice_of_service *one = slicing->slices; one && left > 0; one = one->next) {
        if (room_in(one) < left || !json_equal(json_get(one->before, "ports"), ports))
            continue;
        place(slicing, ports, one->endpoints, left);
        left = 0;
    }
    for (; left > 0; left = count_left(slicing, ports))
        if (!recycle(slicing, ports))
            create_slice(slicing, ports);
}

static void place_all(struct slicing *slicing)
{
    for (size_t i = 0; i < slicing->pods.count; i++)
        if (!slicing->wanted[i].is_placed)
            fill(slicing, slicing->wanted[i].ports);
}

/* An empty one is of no use, but for the one that says that there are none. */
static void write_slices(struct slicing *slicing)
{
    bool is_kept = slicing->pods.count > 0;
    for (struct slice_of_service *one = slicing->slices; one; one = one->next) {
        struct resource_path path = path_of(slicing, key_name(object_key(one->object)));
        if (json_count(one->endpoints) == 0 && is_kept) {
            reconcile_write(slicing->reconcile, "delete", path, NULL);
            continue;
        }
        if (json_count(one->endpoints) == 0)
            is_kept = true;
        if (is_changed(one))
            reconcile_write(slicing->reconcile, "update", path, one->after);
    }
    if (!is_kept)
        create_slice(slicing, NULL);
}

static void reconcile(struct reconcile *reconcile)
{
    struct slicing slicing = {.reconcile = reconcile, .arena = reconcile->arena};
    struct slice deleted;
    service_pods_read(reconcile, &slicing.pods);
    if (!slicing.pods.service || !slicing.pods.has_selector ||
        view_find(object_view(slicing.pods.object), VIEW_DELETED, &deleted))
        return; /* Slices go with their owner. */
    map_init_borrowing(&slicing.by_uid);
    slicing.labels = labels_of(&slicing);
    want_all(&slicing);
    const struct snapshot *snapshot = reconcile->snapshot;
    snapshot->operations->each_owned(snapshot, view_uid(slicing.pods.object), add_slice, &slicing);
    for (struct slice_of_service *one = slicing.slices; one; one = one->next)
        keep_endpoints(&slicing, one);
    place_all(&slicing);
    write_slices(&slicing);
    map_release(&slicing.by_uid);
}

static const struct controller_watch watches[] = {
    {"", "v1", "services", NULL},
    {"", "v1", "pods", NULL},
    {GROUP, "v1", "endpointslices", NULL},
    {NULL, NULL, NULL, NULL},
};

const struct controller controller_endpoint_slice = {
    .name = "endpointslice-controller",
    .user = "system:serviceaccount:kube-system:endpointslice-controller",
    .component = "endpoint-slice-controller",
    .watches = watches,
    .event = service_pods_event,
    .reconcile = reconcile,
};
