/* Every namespace has a ConfigMap kube-root-ca.crt, by which its pods know the API server.
 *
 * Rules: k8s.io/kubernetes pkg/controller/certificates/rootcacertpublisher: it is made where it
 * is missing, and made right where it is not what it should be. */
#include "controllers/controller.h"
#include "core/kinds/meta.h"
#include "core/kinds/view.h"

#define NAME "kube-root-ca.crt"
#define KEY "ca.crt"
#define DESCRIPTION_KEY "kubernetes.io/description"
#define DESCRIPTION                                                                            \
    "Contains a CA bundle that can be used to verify the kube-apiserver when using internal "  \
    "endpoints such as the internal service IP or kubernetes.default.svc. No other usage is "  \
    "guaranteed across distributions of Kubernetes clusters."

static void namespace_key(const struct object *namespace, struct buffer *key)
{
    buffer_append_slice(key, object_key(namespace));
}

static void map_key(const struct object *map, struct buffer *key)
{
    if (slice_is(key_name(object_key(map)), NAME))
        key_append(key, "", "namespaces", SLICE(""), key_namespace(object_key(map)));
}

static bool is_right(const struct reconcile *reconcile, const struct json *map)
{
    const struct json *data = json_get(map, "data");
    return json_count(data) == 1 &&
           slice_equal(json_string(json_get(data, KEY)), reconcile->options->root_ca) &&
           meta_annotation(map, DESCRIPTION_KEY).size > 0;
}

static void make_right(struct reconcile *reconcile, struct json *map)
{
    struct arena *arena = reconcile->arena;
    struct json *metadata = json_ensure_object(arena, map, "metadata");
    struct json *annotations = json_ensure_object(arena, metadata, "annotations");
    struct json *data = json_set(arena, map, "data", json_new_object(arena));
    json_set_text(arena, annotations, DESCRIPTION_KEY, DESCRIPTION);
    json_set(arena, data, KEY, json_new_string(arena, reconcile->options->root_ca));
}

static void publish(struct reconcile *reconcile, struct slice namespace)
{
    struct buffer key = {0};
    key_append(&key, "", "configmaps", namespace, SLICE(NAME));
    struct json *map = reconcile_read(reconcile, buffer_slice(&key));
    buffer_release(&key);
    struct resource_path path = {
        .group = "", .version = "v1", .resource = "configmaps", .namespace = namespace};
    if (map && is_right(reconcile, map))
        return;
    if (map) {
        path.name = SLICE(NAME);
        make_right(reconcile, map);
        reconcile_write(reconcile, "update", path, map);
        return;
    }
    map = json_new_object(reconcile->arena);
    json_set_text(reconcile->arena, json_ensure_object(reconcile->arena, map, "metadata"), "name",
                  NAME);
    make_right(reconcile, map);
    reconcile_write(reconcile, "create", path, map);
}

static void reconcile(struct reconcile *reconcile)
{
    const struct snapshot *snapshot = reconcile->snapshot;
    const struct object *namespace = snapshot->operations->get(snapshot, reconcile->key);
    struct slice deleted;
    if (namespace && !view_find(object_view(namespace), VIEW_DELETED, &deleted) &&
        reconcile->options->root_ca.size > 0)
        publish(reconcile, key_name(reconcile->key));
}

static const struct controller_watch watches[] = {
    {"", "v1", "namespaces", namespace_key},
    {"", "v1", "configmaps", map_key},
    {NULL, NULL, NULL, NULL},
};

const struct controller controller_root_ca = {
    .name = "root-ca-certificate-publisher-controller",
    .user = "system:serviceaccount:kube-system:root-ca-cert-publisher",
    .watches = watches,
    .reconcile = reconcile,
};
