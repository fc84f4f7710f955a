#include "api/authz.h"

#include "api/api.h"
#include "api/authn.h"
#include "api/rbac.h"
#include "api/route.h"

/* The compiled rules, and whether an object of the group changed since. */
struct authz {
    struct store_follower follower;
    struct rbac rbac;
    bool is_stale;
};

static void rules_changed(void *context, const struct object *old, const struct object *new)
{
    struct authz *authz = context;
    (void)old;
    (void)new;
    authz->is_stale = true;
}

struct authz *authz_create(struct api *api)
{
    struct authz *authz = mem_alloc(sizeof(*authz));
    rbac_init(&authz->rbac);
    authz->is_stale = true;
    authz->follower = (struct store_follower){
        .change = rules_changed, .context = authz, .prefix = "rbac.authorization.k8s.io/"};
    store_follow(api->store, &authz->follower);
    return authz;
}

void authz_stop(struct api *api, struct authz *authz)
{
    store_unfollow(api->store, &authz->follower);
}

void authz_destroy(struct authz *authz)
{
    if (!authz)
        return;
    rbac_release(&authz->rbac);
    mem_free(authz);
}

struct gathered {
    const struct json **items;
    size_t count;
    size_t capacity;
};

static void gather(struct arena *arena, const struct pin *pin, const char *prefix,
                   struct gathered *gathered)
{
    struct pin_cursor cursor;
    struct status status;
    status_init(&status);
    for (const struct object *object = pin_first(pin, slice_of(prefix), SLICE(""), &cursor); object;
         object = pin_next(&cursor)) {
        if (gathered->count == gathered->capacity) {
            size_t capacity = gathered->capacity * 2 + 64;
            const struct json **items = ARENA_ARRAY(arena, const struct json *, capacity);
            if (gathered->count > 0)
                memcpy(items, gathered->items, gathered->count * sizeof(*items));
            gathered->items = items;
            gathered->capacity = capacity;
        }
        struct json *tree = json_parse(arena, object_body(object), NULL, &status);
        if (tree)
            gathered->items[gathered->count++] = tree;
    }
    status_release(&status);
}

/* Rules are judged on head, so that a write is never allowed by a right that an
 * acknowledged write has taken away. */
static void compile(struct api *api, struct authz *authz)
{
    rbac_release(&authz->rbac);
    rbac_init(&authz->rbac);
    struct arena *arena = &authz->rbac.arena;
    struct pin *pin = store_pin(api->store, HEAD);
    struct gathered roles = {0};
    struct gathered bindings = {0};
    gather(arena, pin, "rbac.authorization.k8s.io/clusterroles/", &roles);
    gather(arena, pin, "rbac.authorization.k8s.io/roles/", &roles);
    gather(arena, pin, "rbac.authorization.k8s.io/clusterrolebindings/", &bindings);
    gather(arena, pin, "rbac.authorization.k8s.io/rolebindings/", &bindings);
    pin_unref(pin);
    rbac_compile(&authz->rbac, roles.items, roles.count, bindings.items, bindings.count);
    authz->is_stale = false;
}

const struct rbac *authz_rules(struct api *api)
{
    if (api->authz->is_stale)
        compile(api, api->authz);
    return &api->authz->rbac;
}

bool authz_allows(struct api *api, const struct authz_attributes *attributes)
{
    if (user_in_group(attributes->user, "system:masters"))
        return true;
    return rbac_allows(authz_rules(api), attributes);
}

const char *authz_refusal(struct arena *arena, const struct authz_attributes *attributes)
{
    struct buffer text = {0};
    if (!attributes->is_resource) {
        buffer_format(&text, "User \"%s\" cannot %s path \"%s\"", attributes->user->name,
                      attributes->verb, attributes->path);
    } else {
        buffer_format(&text, "User \"%s\" cannot %s resource \"%s%s%s\" in API group \"%s\"",
                      attributes->user->name, attributes->verb, attributes->resource,
                      attributes->subresource ? "/" : "",
                      attributes->subresource ? attributes->subresource : "", attributes->group);
        if (attributes->namespace.size > 0)
            buffer_format(&text, " in the namespace \"" SLICE_FORMAT "\"",
                          SLICE_ARGS(attributes->namespace));
        else
            buffer_append_text(&text, " at the cluster scope");
    }
    const char *copy = arena_copy_slice(arena, buffer_slice(&text));
    buffer_release(&text);
    return copy;
}

int authorize(struct request *request)
{
    const struct request_info *info = &request->info;
    struct authz_attributes attributes = {
        .user = request->user,
        .verb = info->verb,
        .is_resource = info->is_resource,
        .path = info->path,
        .group = info->group,
        .resource = info->resource,
        .subresource = info->subresource,
        .namespace = info->namespace,
        .name = info->name,
    };
    if (!info->is_resource) {
        const struct route *route = route_find(info->path);
        if (route && route->is_public)
            return 0;
    }
    if (authz_allows(request->api, &attributes))
        return 0;
    const char *why = authz_refusal(&request->arena, &attributes);
    if (!info->is_resource)
        return status_fail(&request->status, STATUS_FORBIDDEN, "forbidden: %s", why);
    const char *name = arena_copy_slice(&request->arena, info->name);
    const char *resource = info->subresource ? arena_format(&request->arena, "%s/%s",
                                                            info->resource, info->subresource)
                                             : info->resource;
    return status_forbidden(&request->status, info->group, resource, name, why);
}
