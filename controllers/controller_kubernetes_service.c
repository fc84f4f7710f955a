/* The Service default/kubernetes, where programs in pods find the API, and its endpoints.
 *
 * Made when it is missing, mended when its ports are not the server's (a port may be another one
 * after a restart). It has no selector: its Endpoints and its EndpointSlice are written here.
 * Rules: k8s.io/kubernetes pkg/controlplane/controller/kubernetesservice and
 * pkg/controlplane/reconcilers. */
#include "controllers/controller.h"

#define NAME "kubernetes"
#define NAMESPACE "default"
#define SLICES "discovery.k8s.io"

static void key_if_ours(const struct object *object, struct buffer *key)
{
    struct slice ours = object_key(object);
    if (slice_is(key_name(ours), NAME) && slice_is(key_namespace(ours), NAMESPACE))
        buffer_append_text(key, NAME);
}

static struct json *read(struct reconcile *reconcile, const char *group, const char *resource)
{
    struct buffer key = {0};
    key_append(&key, group, resource, SLICE(NAMESPACE), SLICE(NAME));
    struct json *tree = reconcile_read(reconcile, buffer_slice(&key));
    buffer_release(&key);
    return tree;
}

/* Writes what differs from current, or what there is not. */
static void write(struct reconcile *reconcile, const char *group, const char *resource,
                  const struct json *current, const struct json *wanted)
{
    struct resource_path path = {
        .group = group, .version = "v1", .resource = resource, .namespace = SLICE(NAMESPACE)};
    if (current && json_equal(current, wanted))
        return;
    if (current)
        path.name = SLICE(NAME);
    reconcile_write(reconcile, current ? "update" : "create", path, wanted);
}

static struct json *start_from(struct arena *arena, const struct json *current)
{
    struct json *wanted = current ? json_copy(arena, current) : json_new_object(arena);
    json_set_text(arena, json_ensure_object(arena, wanted, "metadata"), "name", NAME);
    return wanted;
}

static struct json *port_of(struct arena *arena, int port)
{
    struct json *one = json_new_object(arena);
    json_set_text(arena, one, "name", "https");
    json_set_int(arena, one, "port", port);
    json_set_text(arena, one, "protocol", "TCP");
    return one;
}

static struct json *list_of(struct arena *arena, struct json *item)
{
    struct json *list = json_new_array(arena);
    json_append(list, item);
    return list;
}

/* --- The service --- */

static bool has_right_ports(const struct json *service, int port)
{
    const struct json *ports = json_at(service, "spec.ports");
    int64_t number = 0, target = 0;
    json_to_int64(json_get(json_first(ports), "port"), &number);
    json_to_int64(json_get(json_first(ports), "targetPort"), &target);
    return json_count(ports) == 1 && number == 443 && target == port &&
           slice_is(json_string(json_at(service, "spec.type")), "ClusterIP");
}

static void keep_service(struct reconcile *reconcile)
{
    struct arena *arena = reconcile->arena;
    const struct controller_options *options = reconcile->options;
    const struct json *current = read(reconcile, "", "services");
    if (current && has_right_ports(current, options->port))
        return;
    struct json *wanted = start_from(arena, current);
    struct json *spec = json_ensure_object(arena, wanted, "spec"), *port = port_of(arena, 443);
    json_set_int(arena, port, "targetPort", options->port);
    json_set(arena, spec, "ports", list_of(arena, port));
    json_set_text(arena, spec, "type", "ClusterIP");
    if (!current) {
        struct json *metadata = json_get(wanted, "metadata");
        struct json *labels = json_ensure_object(arena, metadata, "labels");
        json_set_text(arena, labels, "component", "apiserver");
        json_set_text(arena, labels, "provider", "kubernetes");
        json_set_text(arena, spec, "ipFamilyPolicy", "SingleStack");
        json_set_text(arena, spec, "sessionAffinity", "None");
        if (options->service_address)
            json_set_text(arena, spec, "clusterIP", options->service_address);
    }
    write(reconcile, "", "services", current, wanted);
}

/* --- Its endpoints --- */

static void keep_endpoints(struct reconcile *reconcile)
{
    struct arena *arena = reconcile->arena;
    const struct controller_options *options = reconcile->options;
    const struct json *current = read(reconcile, "", "endpoints");
    struct json *wanted = start_from(arena, current);
    struct json *labels = json_ensure_object(arena, json_get(wanted, "metadata"), "labels");
    json_set_text(arena, labels, "endpointslice.kubernetes.io/skip-mirror", "true");
    struct json *subset = json_new_object(arena), *addresses = json_new_array(arena);
    for (size_t i = 0; options->addresses[i]; i++) {
        struct json *address = json_new_object(arena);
        json_set_text(arena, address, "ip", options->addresses[i]);
        json_append(addresses, address);
    }
    json_set(arena, subset, "addresses", addresses);
    json_set(arena, subset, "ports", list_of(arena, port_of(arena, options->port)));
    if (options->addresses[0])
        json_set(arena, wanted, "subsets", list_of(arena, subset));
    else
        json_remove(wanted, "subsets");
    write(reconcile, "", "endpoints", current, wanted);
}

static void keep_slice(struct reconcile *reconcile)
{
    struct arena *arena = reconcile->arena;
    const struct controller_options *options = reconcile->options;
    const struct json *current = read(reconcile, SLICES, "endpointslices");
    struct json *wanted = start_from(arena, current), *endpoints = json_new_array(arena);
    struct json *labels = json_ensure_object(arena, json_get(wanted, "metadata"), "labels");
    json_set_text(arena, labels, "kubernetes.io/service-name", NAME);
    json_set_text(arena, wanted, "addressType", "IPv4");
    for (size_t i = 0; options->addresses[i]; i++) {
        struct json *endpoint = json_new_object(arena);
        json_set(arena, endpoint, "addresses",
                 list_of(arena, json_new_text(arena, options->addresses[i])));
        json_set_bool(arena, json_ensure_object(arena, endpoint, "conditions"), "ready", true);
        json_append(endpoints, endpoint);
    }
    json_set(arena, wanted, "endpoints", endpoints);
    json_set(arena, wanted, "ports", list_of(arena, port_of(arena, options->port)));
    write(reconcile, SLICES, "endpointslices", current, wanted);
}

static void reconcile(struct reconcile *reconcile)
{
    if (!reconcile->options->addresses)
        return;
    keep_service(reconcile);
    keep_endpoints(reconcile);
    keep_slice(reconcile);
}

static const struct controller_watch watches[] = {
    {"", "v1", "services", key_if_ours},
    {"", "v1", "endpoints", key_if_ours},
    {SLICES, "v1", "endpointslices", key_if_ours},
    {NULL, NULL, NULL, NULL},
};

const struct controller controller_kubernetes_service = {
    .name = "kubernetes-service-controller",
    .user = "system:serviceaccount:kube-system:kubernetes-service-controller",
    .watches = watches,
    .reconcile = reconcile,
    .first_key = NAME,
};
