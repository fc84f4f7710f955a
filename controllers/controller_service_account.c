/* Every namespace has a service account "default", made again when it is deleted.
 *
 * Rules: k8s.io/kubernetes pkg/controller/serviceaccount/serviceaccounts_controller.go. A
 * namespace that is going away gets none. */
#include "controllers/controller.h"
#include "core/kinds/view.h"

static void namespace_key(const struct object *namespace, struct buffer *key)
{
    buffer_append_slice(key, object_key(namespace));
}

static void account_key(const struct object *account, struct buffer *key)
{
    if (slice_is(key_name(object_key(account)), "default"))
        key_append(key, "", "namespaces", SLICE(""), key_namespace(object_key(account)));
}

static bool is_there(const struct reconcile *reconcile, struct slice namespace)
{
    struct buffer key = {0};
    key_append(&key, "", "serviceaccounts", namespace, SLICE("default"));
    const struct snapshot *snapshot = reconcile->snapshot;
    bool found = snapshot->operations->get(snapshot, buffer_slice(&key)) != NULL;
    buffer_release(&key);
    return found;
}

static void reconcile(struct reconcile *reconcile)
{
    const struct snapshot *snapshot = reconcile->snapshot;
    const struct object *namespace = snapshot->operations->get(snapshot, reconcile->key);
    struct slice deleted;
    if (!namespace || view_find(object_view(namespace), VIEW_DELETED, &deleted) ||
        is_there(reconcile, key_name(reconcile->key)))
        return;
    struct json *account = json_new_object(reconcile->arena);
    struct json *metadata = json_ensure_object(reconcile->arena, account, "metadata");
    json_set_text(reconcile->arena, metadata, "name", "default");
    struct resource_path path = {
        .group = "",
        .version = "v1",
        .resource = "serviceaccounts",
        .namespace = key_name(reconcile->key),
    };
    reconcile_write(reconcile, "create", path, account);
}

static const struct controller_watch watches[] = {
    {"", "v1", "namespaces", namespace_key},
    {"", "v1", "serviceaccounts", account_key},
    {NULL, NULL, NULL, NULL},
};

const struct controller controller_service_account = {
    .name = "serviceaccount-controller",
    .user = "system:serviceaccount:kube-system:service-account-controller",
    .watches = watches,
    .reconcile = reconcile,
};
