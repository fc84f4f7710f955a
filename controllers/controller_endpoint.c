/* Endpoints of services with a selector: addresses of their pods, ready ones and others, by ports.
 *
 * The older form of EndpointSlices, for those who still read it; at most 1000 addresses, ready
 * ones first. Rules: k8s.io/kubernetes pkg/controller/endpoint. */
#include "controllers/service_pods.h"

#include "core/kinds/view.h"

enum { ADDRESSES_MAX = 1000 };
#define OVER_CAPACITY "endpoints.kubernetes.io/over-capacity"
#define MANAGED_BY "endpoints.kubernetes.io/managed-by"

struct building {
    struct arena *arena;
    const struct service_pods *pods;
    bool *is_told;       /* By endpoint: it is among the addresses. */
    struct json *subsets;
};

static bool counts_as_ready(const struct building *building, const struct service_endpoint *one)
{
    return one->is_ready || building->pods->publishes_not_ready;
}

/* Terminating pods are told only where those that are not ready are too. */
static bool is_listed(const struct building *building, const struct service_endpoint *one)
{
    return !one->is_terminating || building->pods->publishes_not_ready;
}

/* Ready ones first, while there is room; true when some had to be left out. */
static bool choose(struct building *building)
{
    size_t told = 0, listed = 0;
    for (int ready = 1; ready >= 0; ready--)
        for (size_t i = 0; i < building->pods->count; i++) {
            const struct service_endpoint *one = &building->pods->endpoints[i];
            if (!is_listed(building, one) || counts_as_ready(building, one) != (ready == 1))
                continue;
            listed++;
            building->is_told[i] = told < ADDRESSES_MAX;
            told += building->is_told[i];
        }
    return listed > told;
}

static struct json *address_of(struct arena *arena, const struct service_endpoint *one)
{
    struct json *address = json_new_object(arena);
    json_set(arena, address, "ip", json_new_string(arena, one->facts.pod_ip));
    if (one->hostname)
        json_set_text(arena, address, "hostname", one->hostname);
    if (one->facts.node_name.size > 0)
        json_set(arena, address, "nodeName", json_new_string(arena, one->facts.node_name));
    json_set(arena, address, "targetRef", service_endpoint_reference(arena, one));
    return address;
}

static bool has_port(const struct json *ports, const struct json *port)
{
    if (!port)
        return json_count(ports) == 0;
    JSON_EACH(one, ports)
        if (json_equal(one, port))
            return true;
    return false;
}

/* The same pods have both ports. */
static bool have_both(const struct building *building, const struct json *a, const struct json *b)
{
    for (size_t i = 0; i < building->pods->count; i++)
        if (building->is_told[i] && has_port(building->pods->endpoints[i].ports, a) !=
                                        has_port(building->pods->endpoints[i].ports, b))
            return false;
    return true;
}

/* All ports that some pod has, each once, in order; for a service without ports, none. */
static struct json *all_ports(const struct building *building)
{
    struct json *all = json_new_array(building->arena);
    for (size_t i = 0; i < building->pods->count; i++)
        JSON_EACH(port, building->pods->endpoints[i].ports)
            if (building->is_told[i] && !has_port(all, port))
                json_append(all, json_copy(building->arena, port));
    return all;
}

/* Endpoints leave out the empty name. */
static struct json *as_endpoint_port(struct arena *arena, const struct json *port)
{
    struct json *copy = json_copy(arena, port);
    if (json_string(json_get(copy, "name")).size == 0)
        json_remove(copy, "name");
    return copy;
}

static void append_subset(struct building *building, const struct json *port, struct json *ports)
{
    struct arena *arena = building->arena;
    struct json *ready = json_new_array(arena), *others = json_new_array(arena);
    struct json *subset = json_new_object(arena);
    for (size_t i = 0; i < building->pods->count; i++) {
        const struct service_endpoint *one = &building->pods->endpoints[i];
        if (building->is_told[i] && has_port(one->ports, port))
            json_append(counts_as_ready(building, one) ? ready : others, address_of(arena, one));
    }
    if (json_count(ready) > 0)
        json_set(arena, subset, "addresses", ready);
    if (json_count(others) > 0)
        json_set(arena, subset, "notReadyAddresses", others);
    if (!json_first(subset))
        return;
    if (ports)
        json_set(arena, subset, "ports", ports);
    json_append(building->subsets, subset);
}

/* A subset for each set of ports that the same pods have. */
static void append_subsets(struct building *building)
{
    struct arena *arena = building->arena;
    struct json *left = all_ports(building);
    if (json_count(json_at(building->pods->service, "spec.ports")) == 0)
        append_subset(building, NULL, NULL);
    while (json_first(left)) {
        const struct json *first = json_copy(arena, json_first(left));
        struct json *ports = json_new_array(arena), *rest = json_new_array(arena);
        JSON_EACH(port, left) {
            if (have_both(building, first, port))
                json_append(ports, as_endpoint_port(arena, port));
            else
                json_append(rest, json_copy(arena, port));
        }
        append_subset(building, first, ports);
        left = rest;
    }
}

static struct resource_path path_of(const struct reconcile *reconcile, bool names)
{
    struct slice name = key_name(reconcile->key);
    return (struct resource_path){
        .group = "",
        .version = "v1",
        .resource = "endpoints",
        .namespace = key_namespace(reconcile->key),
        .name = names ? name : (struct slice){0},
    };
}

static struct json *read_current(struct reconcile *reconcile)
{
    struct buffer key = {0};
    key_append(&key, "", "endpoints", key_namespace(reconcile->key), key_name(reconcile->key));
    struct json *current = reconcile_read(reconcile, buffer_slice(&key));
    buffer_release(&key);
    return current;
}

static void set_over_capacity(struct arena *arena, struct json *metadata, bool is_over)
{
    struct json *annotations = json_ensure_object(arena, metadata, "annotations");
    if (is_over)
        json_set_text(arena, annotations, OVER_CAPACITY, "truncated");
    else
        json_remove(annotations, OVER_CAPACITY);
    if (!json_first(annotations))
        json_remove(metadata, "annotations");
}

static void write_endpoints(struct reconcile *reconcile, struct building *building, bool is_over)
{
    struct arena *arena = reconcile->arena;
    struct json *current = read_current(reconcile);
    struct json *wanted = current ? json_copy(arena, current) : json_new_object(arena);
    struct json *metadata = json_ensure_object(arena, wanted, "metadata");
    struct json *labels = service_pods_labels(arena, building->pods);
    json_set_text(arena, labels, MANAGED_BY, "endpoint-controller");
    json_set(arena, metadata, "labels", labels);
    json_set(arena, metadata, "name", json_new_string(arena, key_name(reconcile->key)));
    set_over_capacity(arena, metadata, is_over);
    if (json_count(building->subsets) > 0)
        json_set(arena, wanted, "subsets", building->subsets);
    else
        json_remove(wanted, "subsets");
    if (!current || !json_equal(current, wanted))
        reconcile_write(reconcile, current ? "update" : "create",
                        path_of(reconcile, current != NULL), wanted);
}

static void reconcile(struct reconcile *reconcile)
{
    struct service_pods pods;
    service_pods_read(reconcile, &pods);
    if (!pods.service) {
        /* The service is gone, and with it what was made for it. */
        const struct json *labels = json_at(read_current(reconcile), "metadata.labels");
        if (slice_is(json_string(json_get(labels, MANAGED_BY)), "endpoint-controller"))
            reconcile_write(reconcile, "delete", path_of(reconcile, true), NULL);
        return;
    }
    if (!pods.has_selector)
        return;
    struct building building = {
        .arena = reconcile->arena,
        .pods = &pods,
        .is_told = ARENA_ARRAY(reconcile->arena, bool, pods.count + 1),
        .subsets = json_new_array(reconcile->arena),
    };
    bool is_over = choose(&building);
    append_subsets(&building);
    write_endpoints(reconcile, &building, is_over);
}

static const struct controller_watch watches[] = {
    {"", "v1", "services", NULL},
    {"", "v1", "pods", NULL},
    {"", "v1", "endpoints", NULL},
    {NULL, NULL, NULL, NULL},
};

const struct controller controller_endpoint = {
    .name = "endpoint-controller",
    .user = "system:serviceaccount:kube-system:endpoint-controller",
    .watches = watches,
    .event = service_pods_event,
    .reconcile = reconcile,
};
