#include "api/authz.h"

#include "api/api.h"
#include "api/audit.h"
#include "api/authn.h"
#include "api/authz_node.h"
#include "api/bootstrap_rbac.h"
#include "api/pods_by_node.h"
#include "api/rbac.h"
#include "api/route.h"

#define RBAC_PREFIX "rbac.authorization.k8s.io/"

struct authz {
    struct store_follower follower;
    struct rbac rbac;
    struct arena arena;
    const struct json *node_rules;
    struct pods_by_node *pods_by_node;
};

static void rules_changed(void *context, const struct object *old, const struct object *new)
{
    struct authz *authz = context;
    if (new)
        rbac_put(&authz->rbac, new);
    else
        rbac_remove(&authz->rbac, object_key(old));
}

struct authz *authz_create(struct api *api)
{
    struct authz *authz = mem_alloc(sizeof(*authz));
    rbac_init(&authz->rbac);
    arena_init(&authz->arena);
    authz->node_rules = bootstrap_rules(&authz->arena, default_node_rules);
    struct pin *pin = store_pin(api->store, HEAD);
    struct pin_cursor cursor;
    const struct object *object = pin_first(pin, SLICE(RBAC_PREFIX), SLICE(""), &cursor);
    for (; object; object = pin_next(&cursor))
        rbac_put(&authz->rbac, object);
    pin_unref(pin);
    authz->follower =
        (struct store_follower){.change = rules_changed, .context = authz, .prefix = RBAC_PREFIX};
    store_follow(api->store, &authz->follower);
    authz->pods_by_node = pods_by_node_create(api->store);
    return authz;
}

void authz_stop(struct api *api, struct authz *authz)
{
    store_unfollow(api->store, &authz->follower);
    pods_by_node_stop(authz->pods_by_node);
}

void authz_destroy(struct authz *authz)
{
    if (!authz)
        return;
    rbac_release(&authz->rbac);
    pods_by_node_destroy(authz->pods_by_node);
    arena_release(&authz->arena);
    mem_free(authz);
}

struct rbac *authz_rbac(struct api *api)
{
    return &api->authz->rbac;
}

const struct pods_by_node *authz_pods_by_node(const struct api *api)
{
    return api->authz->pods_by_node;
}

const struct json *authz_node_rules(const struct api *api)
{
    return api->authz->node_rules;
}

/* --- Deciding --- */

bool authz_decide(struct api *api, const struct authz_attributes *attributes, struct arena *arena,
                  const char **reason)
{
    const char *of_node;
    *reason = "";
    if (user_in_group(attributes->user, "system:masters") ||
        authz_node_allows(api, attributes, arena, &of_node))
        return true;
    bool allowed = rbac_allows(authz_rbac(api), attributes, arena, reason);
    if (!allowed && *of_node)
        *reason = **reason ? arena_format(arena, "%s\n%s", of_node, *reason) : of_node;
    return allowed;
}

bool authz_allows(struct api *api, const struct authz_attributes *attributes)
{
    if (user_in_group(attributes->user, "system:masters"))
        return true;
    struct arena arena;
    const char *reason;
    arena_init(&arena);
    bool allowed = authz_node_allows(api, attributes, &arena, &reason) ||
                   rbac_allows(authz_rbac(api), attributes, NULL, NULL);
    arena_release(&arena);
    return allowed;
}

/* --- Refusing --- */

/* Nothing in a message may look like HTML. */
static void append_harmless(const char *text, struct buffer *harmless)
{
    for (; *text; text++) {
        if (*text == '&')
            buffer_append_text(harmless, "&amp;");
        else if (*text == '<')
            buffer_append_text(harmless, "&lt;");
        else if (*text == '>')
            buffer_append_text(harmless, "&gt;");
        else
            buffer_append_byte(harmless, *text);
    }
}

static const char *refusal(struct arena *arena, const struct authz_attributes *attributes)
{
    const char *user = field_value_text(arena, slice_of(attributes->user->name));
    const char *sub = attributes->subresource;
    if (!attributes->is_resource)
        return arena_format(arena, "User %s cannot %s path %s", user, attributes->verb,
                            field_value_text(arena, slice_of(attributes->path)));
    const char *what =
        arena_format(arena, "%s%s%s", attributes->resource, sub ? "/" : "", sub ? sub : "");
    const char *where = attributes->namespace.size == 0
                            ? "at the cluster scope"
                            : arena_format(arena, "in the namespace %s",
                                           field_value_text(arena, attributes->namespace));
    return arena_format(arena, "User %s cannot %s resource %s in API group %s %s", user,
                        attributes->verb, field_value_text(arena, slice_of(what)),
                        field_value_text(arena, slice_of(attributes->group)), where);
}

const char *authz_refusal(struct arena *arena, const struct authz_attributes *attributes)
{
    struct buffer text = {0};
    append_harmless(refusal(arena, attributes), &text);
    const char *copy = arena_copy_slice(arena, buffer_slice(&text));
    buffer_release(&text);
    return copy;
}

int authz_forbid(struct arena *arena, const struct authz_attributes *attributes, const char *reason,
                 struct status *status)
{
    const char *why = authz_refusal(arena, attributes);
    if (*reason)
        why = arena_format(arena, "%s: %s", why, reason);
    return status_forbidden(status, attributes->is_resource ? attributes->group : "",
                            attributes->is_resource ? attributes->resource : "",
                            arena_copy_slice(arena, attributes->name), why);
}

/* --- Requests --- */

struct authz_attributes authz_attributes_of(const struct request *request)
{
    const struct request_info *info = &request->info;
    return (struct authz_attributes){
        .user = request->user,
        .verb = info->verb,
        .is_resource = info->is_resource,
        .path = info->path,
        .group = info->group,
        .resource = info->resource,
        .subresource = info->subresource,
        .namespace = info->namespace,
        .name = info->name,
        .field_selector = query_get(request->query, "fieldSelector"),
    };
}

static bool is_public(const struct authz_attributes *attributes)
{
    const struct route *route = attributes->is_resource ? NULL : route_find(attributes->path);
    return route && route->is_public;
}

/* Why is asked only where somebody will read it: it costs more than whether. */
int authorize(struct request *request)
{
    struct authz_attributes attributes = authz_attributes_of(request);
    bool is_told = request->audit.level != AUDIT_NONE;
    const char *reason = "";
    if (!is_told && (is_public(&attributes) || authz_allows(request->api, &attributes)))
        return 0;
    bool allowed =
        is_public(&attributes) || authz_decide(request->api, &attributes, &request->arena, &reason);
    if (is_told)
        audit_decide(request, allowed, reason);
    if (allowed)
        return 0;
    return authz_forbid(&request->arena, &attributes, reason, &request->status);
}
