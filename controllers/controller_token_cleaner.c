/* A bootstrap token's secret is removed once it has expired.
 *
 * Rules: k8s.io/kubernetes pkg/controller/bootstrap/tokencleaner.go. The token has been worth
 * nothing since it expired; this only tidies up. */
#include "controllers/controller.h"
#include "core/kinds/bootstrap_token.h"
#include "core/kinds/meta.h"

static void secret_key(const struct object *secret, struct buffer *key)
{
    if (slice_starts_with(key_name(object_key(secret)), SLICE(BOOTSTRAP_TOKEN_NAME_PREFIX)))
        buffer_append_slice(key, object_key(secret));
}

static void reconcile(struct reconcile *reconcile)
{
    const struct json *secret = reconcile_read(reconcile, reconcile->key);
    if (!secret || meta_is_deleting(secret) ||
        !slice_is(json_string(json_get(secret, "type")), BOOTSTRAP_TOKEN_SECRET_TYPE))
        return;
    int64_t left_us;
    if (!bootstrap_token_is_expired(reconcile->arena, secret, reconcile->now_us, &left_us)) {
        reconcile->again_us = left_us > 0 ? left_us : 0;
        return;
    }
    struct resource_path path = {
        .group = "",
        .version = "v1",
        .resource = "secrets",
        .namespace = SLICE(BOOTSTRAP_TOKEN_NAMESPACE),
        .name = key_name(reconcile->key),
    };
    struct json *options = json_new_object(reconcile->arena);
    struct json *preconditions = json_ensure_object(reconcile->arena, options, "preconditions");
    json_set(reconcile->arena, preconditions, "uid",
             json_new_string(reconcile->arena, meta_uid(secret)));
    reconcile_write(reconcile, "delete", path, options);
}

static const struct controller_watch watches[] = {
    {"", "v1", "secrets", secret_key},
    {NULL, NULL, NULL, NULL},
};

const struct controller controller_token_cleaner = {
    .name = "token-cleaner-controller",
    .user = "system:serviceaccount:kube-system:token-cleaner",
    .watches = watches,
    .namespace = BOOTSTRAP_TOKEN_NAMESPACE,
    .reconcile = reconcile,
};
