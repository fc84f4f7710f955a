#include "api/discovery.h"

#include "api/document.h"
#include "api/negotiate.h"
#include "api/subresource.h"

struct discovery {
    const struct registry *registry;
    struct document api;       /* Aggregated, the core group. */
    struct document apis;      /* Aggregated, all other groups. */
};

struct discovery *discovery_create(const struct registry *registry)
{
    struct discovery *discovery = mem_alloc(sizeof(*discovery));
    discovery->registry = registry;
    return discovery;
}

void discovery_destroy(struct discovery *discovery)
{
    if (!discovery)
        return;
    document_release(&discovery->api);
    document_release(&discovery->apis);
    mem_free(discovery);
}

/* --- Verbs and names as lists --- */

static const char *const verb_names[] = {"get",    "list",  "watch",  "create",
                                         "update", "patch", "delete", "deletecollection"};

static struct json *verbs_json(struct arena *arena, uint32_t verbs)
{
    struct json *list = json_new_array(arena);
    for (size_t i = 0; i < ARRAY_SIZE(verb_names); i++)
        if (verbs & (UINT32_C(1) << i))
            json_append(list, json_new_text(arena, verb_names[i]));
    return list;
}

static struct json *names_json(struct arena *arena, const char *const *names)
{
    struct json *list = json_new_array(arena);
    for (; names && *names; names++)
        json_append(list, json_new_text(arena, *names));
    return list;
}

static uint32_t kind_verbs(const struct kind *kind)
{
    return kind->verbs ? kind->verbs : (uint32_t)VERBS_ALL;
}

static void set_names(struct arena *arena, struct json *entry, const struct kind *kind)
{
    if (kind->short_names)
        json_set(arena, entry, "shortNames", names_json(arena, kind->short_names));
    if (kind->categories)
        json_set(arena, entry, "categories", names_json(arena, kind->categories));
}

static bool same(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

/* --- Aggregated (apidiscovery.k8s.io/v2) --- */

static struct json *response_kind(struct arena *arena, const char *group, const char *version,
                                  const char *kind)
{
    struct json *response = json_new_object(arena);
    json_set_text(arena, response, "group", group);
    json_set_text(arena, response, "version", version);
    json_set_text(arena, response, "kind", kind);
    return response;
}

static struct json *aggregated_subresources(struct arena *arena, const struct kind *kind)
{
    struct json *list = json_new_array(arena);
    for (const struct kind_subresource *sub = kind->subresources; sub && sub->name; sub++) {
        if (!subresource_is_served(kind, sub))
            continue;
        struct json *entry = json_new_object(arena);
        json_set_text(arena, entry, "subresource", sub->name);
        json_set(arena, entry, "responseKind",
                 sub->kind ? response_kind(arena, sub->group, sub->version, sub->kind)
                           : response_kind(arena, kind->group, kind->version, kind->kind));
        json_set(arena, entry, "verbs", verbs_json(arena, sub->verbs));
        json_append(list, entry);
    }
    return list;
}

static struct json *aggregated_resource(struct arena *arena, const struct kind *kind)
{
    struct json *entry = json_new_object(arena);
    json_set_text(arena, entry, "resource", kind->resource);
    json_set(arena, entry, "responseKind",
             response_kind(arena, kind->group, kind->version, kind->kind));
    json_set_text(arena, entry, "scope", kind->namespaced ? "Namespaced" : "Cluster");
    json_set_text(arena, entry, "singularResource", kind->singular);
    json_set(arena, entry, "verbs", verbs_json(arena, kind_verbs(kind)));
    set_names(arena, entry, kind);
    struct json *subresources = aggregated_subresources(arena, kind);
    if (json_count(subresources) > 0)
        json_set(arena, entry, "subresources", subresources);
    return entry;
}

/* Rows of one group and version stand together in the registry. */
static struct json *aggregated_group(struct arena *arena, const struct registry *registry,
                                     size_t *index)
{
    const char *group = registry_at(registry, *index)->group;
    struct json *item = json_new_object(arena);
    struct json *metadata = json_ensure_object(arena, item, "metadata");
    if (*group)
        json_set_text(arena, metadata, "name", group);
    struct json *versions = json_set(arena, item, "versions", json_new_array(arena));
    const char *version = NULL;
    struct json *resources = NULL;
    for (; *index < registry_count(registry); (*index)++) {
        const struct kind *kind = registry_at(registry, *index);
        if (!same(kind->group, group))
            break;
        if (!kind_is_served(kind))
            continue;
        if (!version || !same(version, kind->version)) {
            version = kind->version;
            struct json *entry = json_new_object(arena);
            json_set_text(arena, entry, "version", version);
            json_set_text(arena, entry, "freshness", "Current");
            resources = json_set(arena, entry, "resources", json_new_array(arena));
            json_append(versions, entry);
        }
        json_append(resources, aggregated_resource(arena, kind));
    }
    return json_count(versions) > 0 ? item : NULL;
}

static void make_aggregated(const struct registry *registry, bool is_core,
                            struct document *document)
{
    struct arena arena;
    arena_init(&arena);
    struct json *list = json_new_object(&arena);
    json_set_text(&arena, list, "kind", "APIGroupDiscoveryList");
    json_set_text(&arena, list, "apiVersion", "apidiscovery.k8s.io/v2");
    json_ensure_object(&arena, list, "metadata");
    struct json *items = json_set(&arena, list, "items", json_new_array(&arena));
    for (size_t i = 0; i < registry_count(registry);) {
        bool group_is_core = *registry_at(registry, i)->group == '\0';
        struct json *item = aggregated_group(&arena, registry, &i);
        if (item && group_is_core == is_core)
            json_append(items, item);
    }
    json_print(list, &document->text);
    document_finish(document);
    arena_release(&arena);
}

static const char aggregated_type[] =
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/* True when the aggregated form was asked for and given, or refused. */
static bool serve_aggregated(struct api *api, struct request *request, bool is_core)
{
    struct negotiated negotiated;
    if (negotiate(request->accept, request->query, false, false, &negotiated, &request->status)) {
        request_fail(request);
        return true;
    }
    if (negotiated.as != AS_DISCOVERY)
        return false;
    struct document *document = is_core ? &api->discovery->api : &api->discovery->apis;
    if (document->text.size == 0)
        make_aggregated(api->registry, is_core, document);
    document_reply(document, request, aggregated_type);
    return true;
}

/* --- Legacy --- */

static void reply_tree(struct request *request, const struct json *tree)
{
    json_print(tree, &request->reply.body);
    request->reply.code = 200;
    request->reply.content_type = "application/json";
    request_reply(request);
}

void discovery_serve_api(struct api *api, struct request *request)
{
    if (serve_aggregated(api, request, true))
        return;
    struct arena *arena = &request->arena;
    struct json *object = json_new_object(arena);
    json_set_text(arena, object, "kind", "APIVersions");
    struct json *versions = json_set(arena, object, "versions", json_new_array(arena));
    json_append(versions, json_new_text(arena, "v1"));
    struct json *addresses =
        json_set(arena, object, "serverAddressByClientCIDRs", json_new_array(arena));
    struct json *address = json_new_object(arena);
    json_set_text(arena, address, "clientCIDR", "0.0.0.0/0");
    json_set_text(arena, address, "serverAddress", api->server_address);
    json_append(addresses, address);
    reply_tree(request, object);
}

static struct json *legacy_entry(struct arena *arena, const char *name, const char *singular,
                                 const struct kind *kind, uint32_t verbs)
{
    struct json *entry = json_new_object(arena);
    json_set_text(arena, entry, "name", name);
    json_set_text(arena, entry, "singularName", singular);
    json_set_bool(arena, entry, "namespaced", kind->namespaced);
    json_set_text(arena, entry, "kind", kind->kind);
    json_set(arena, entry, "verbs", verbs_json(arena, verbs));
    return entry;
}

static void legacy_resources(struct arena *arena, const struct kind *kind, struct json *list)
{
    struct json *entry =
        legacy_entry(arena, kind->resource, kind->singular, kind, kind_verbs(kind));
    set_names(arena, entry, kind);
    json_append(list, entry);
    for (const struct kind_subresource *sub = kind->subresources; sub && sub->name; sub++) {
        if (!subresource_is_served(kind, sub))
            continue;
        const char *name = arena_format(arena, "%s/%s", kind->resource, sub->name);
        struct json *part = legacy_entry(arena, name, "", kind, sub->verbs);
        if (sub->kind) {
            json_set_text(arena, part, "group", sub->group);
            json_set_text(arena, part, "version", sub->version);
            json_set_text(arena, part, "kind", sub->kind);
        }
        json_append(list, part);
    }
}

static void serve_resource_list(struct api *api, struct request *request, struct slice group,
                                struct slice version)
{
    struct arena *arena = &request->arena;
    struct json *list = json_new_array(arena);
    for (size_t i = 0; i < registry_count(api->registry); i++) {
        const struct kind *kind = registry_at(api->registry, i);
        if (slice_is(group, kind->group) && slice_is(version, kind->version) &&
            kind_is_served(kind))
            legacy_resources(arena, kind, list);
    }
    if (json_count(list) == 0) {
        status_fail(&request->status, STATUS_NOT_FOUND,
                    "the server could not find the requested resource");
        request_fail(request);
        return;
    }
    struct json *object = json_new_object(arena);
    json_set_text(arena, object, "kind", "APIResourceList");
    json_set_text(arena, object, "apiVersion", "v1");
    json_set_text(arena, object, "groupVersion",
                  group.size ? arena_format(arena, SLICE_FORMAT "/" SLICE_FORMAT, SLICE_ARGS(group),
                                            SLICE_ARGS(version))
                             : arena_copy_slice(arena, version));
    json_set(arena, object, "resources", list);
    reply_tree(request, object);
}

void discovery_serve_core(struct api *api, struct request *request)
{
    serve_resource_list(api, request, SLICE(""), SLICE("v1"));
}

static struct json *group_version(struct arena *arena, const struct kind *kind)
{
    struct json *version = json_new_object(arena);
    json_set_text(arena, version, "groupVersion",
                  arena_format(arena, "%s/%s", kind->group, kind->version));
    json_set_text(arena, version, "version", kind->version);
    return version;
}

/* One APIGroup; *index moves behind its rows. NULL for the core group. */
static struct json *legacy_group(struct arena *arena, const struct registry *registry,
                                 size_t *index)
{
    const char *group = registry_at(registry, *index)->group;
    struct json *object = json_new_object(arena);
    json_set_text(arena, object, "name", group);
    struct json *versions = json_set(arena, object, "versions", json_new_array(arena));
    const char *version = NULL;
    for (; *index < registry_count(registry); (*index)++) {
        const struct kind *kind = registry_at(registry, *index);
        if (!same(kind->group, group))
            break;
        if (!kind_is_served(kind) || (version && same(version, kind->version)))
            continue;
        if (!version)
            json_set(arena, object, "preferredVersion", group_version(arena, kind));
        version = kind->version;
        json_append(versions, group_version(arena, kind));
    }
    return version && *group ? object : NULL;
}

void discovery_serve_apis(struct api *api, struct request *request)
{
    if (serve_aggregated(api, request, false))
        return;
    struct arena *arena = &request->arena;
    struct json *object = json_new_object(arena);
    json_set_text(arena, object, "kind", "APIGroupList");
    json_set_text(arena, object, "apiVersion", "v1");
    struct json *groups = json_set(arena, object, "groups", json_new_array(arena));
    for (size_t i = 0; i < registry_count(api->registry);) {
        struct json *group = legacy_group(arena, api->registry, &i);
        if (group)
            json_append(groups, group);
    }
    reply_tree(request, object);
}

static void serve_one_group(struct api *api, struct request *request, struct slice group)
{
    struct arena *arena = &request->arena;
    for (size_t i = 0; i < registry_count(api->registry);) {
        bool found = group.size > 0 && slice_is(group, registry_at(api->registry, i)->group);
        struct json *object = legacy_group(arena, api->registry, &i);
        if (!found || !object)
            continue;
        json_set_first(arena, object, "apiVersion", json_new_text(arena, "v1"));
        json_set_first(arena, object, "kind", json_new_text(arena, "APIGroup"));
        reply_tree(request, object);
        return;
    }
    status_fail(&request->status, STATUS_NOT_FOUND,
                "the server could not find the requested resource");
    request_fail(request);
}

void discovery_serve_group(struct api *api, struct request *request)
{
    struct slice rest = slice_of(request->info.path + strlen("/apis/"));
    struct slice group = {0};
    struct slice version = {0};
    slice_split(&rest, '/', &group);
    slice_split(&rest, '/', &version);
    if (version.size == 0)
        serve_one_group(api, request, group);
    else
        serve_resource_list(api, request, group, version);
}
