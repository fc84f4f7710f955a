#include "api/discovery.h"

#include "api/negotiate.h"
#include "api/openapi.h"
#include "api/openapi_v2.h"
#include "api/subresource.h"
#include "core/crypto.h"
#include "core/map.h"

/* A document and the hash of its bytes, its ETag. */
struct document {
    struct buffer text;
    char hash[SHA256_SIZE * 2 + 1];
};

struct discovery {
    const struct registry *registry;
    struct document api;       /* Aggregated, the core group. */
    struct document apis;      /* Aggregated, all other groups. */
    struct document v2[2];     /* /openapi/v2 as JSON, and as protobuf. */
    struct document index;     /* /openapi/v3 */
    struct map openapi;        /* "api/v1" -> struct document *, made when asked for. */
};

struct discovery *discovery_create(const struct registry *registry)
{
    struct discovery *discovery = mem_alloc(sizeof(*discovery));
    discovery->registry = registry;
    map_init(&discovery->openapi);
    return discovery;
}

void discovery_destroy(struct discovery *discovery)
{
    if (!discovery)
        return;
    size_t cursor = 0;
    struct map_entry entry;
    while (map_next(&discovery->openapi, &cursor, &entry)) {
        struct document *document = entry.value;
        buffer_release(&document->text);
        mem_free(document);
    }
    map_release(&discovery->openapi);
    buffer_release(&discovery->api.text);
    buffer_release(&discovery->apis.text);
    buffer_release(&discovery->v2[0].text);
    buffer_release(&discovery->v2[1].text);
    buffer_release(&discovery->index.text);
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

static void document_finish(struct document *document)
{
    sha256_hex(buffer_slice(&document->text), document->hash);
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

static void reply_document(struct request *request, const struct document *document,
                           const char *content_type)
{
    const char *etag = arena_format(&request->arena, "\"%s\"", document->hash);
    request_add_header(request, "ETag", etag);
    request_add_header(request, "Vary", "Accept");
    request->reply.content_type = content_type;
    request->reply.code = 200;
    if (slice_is(request->if_none_match, etag))
        request->reply.code = 304;
    else
        buffer_append_slice(&request->reply.body, buffer_slice(&document->text));
    request_reply(request);
}

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
    reply_document(request, document, aggregated_type);
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

/* --- OpenAPI v3 --- */

static const struct document *openapi_document(struct discovery *discovery, struct slice path)
{
    struct document *document = map_get(&discovery->openapi, path);
    if (document)
        return document;
    document = mem_alloc(sizeof(*document));
    if (openapi_append_group_version(discovery->registry, path, &document->text)) {
        document_finish(document);
        map_set(&discovery->openapi, path, document);
        return document;
    }
    mem_free(document);
    return NULL;
}

static const char *openapi_path(struct arena *arena, const struct kind *kind)
{
    return *kind->group ? arena_format(arena, "apis/%s/%s", kind->group, kind->version)
                        : arena_format(arena, "api/%s", kind->version);
}

static void make_index(struct discovery *discovery)
{
    struct arena arena;
    arena_init(&arena);
    struct json *index = json_new_object(&arena);
    struct json *paths = json_ensure_object(&arena, index, "paths");
    for (size_t i = 0; i < registry_count(discovery->registry); i++) {
        const struct kind *kind = registry_at(discovery->registry, i);
        const char *path = openapi_path(&arena, kind);
        PRE(path != NULL);
        if (!kind_is_served(kind) || json_get_slice(paths, slice_of(path)))
            continue;
        const struct document *document = openapi_document(discovery, slice_of(path));
        PRE(document != NULL);
        struct json *entry = json_new_object(&arena);
        json_set_text(&arena, entry, "serverRelativeURL",
                      arena_format(&arena, "/openapi/v3/%s?hash=%s", path, document->hash));
        json_set_slice(&arena, paths, slice_of(path), entry);
    }
    json_print(index, &discovery->index.text);
    document_finish(&discovery->index);
    arena_release(&arena);
}

void discovery_serve_openapi(struct api *api, struct request *request)
{
    struct discovery *discovery = api->discovery;
    const char *path = request->info.path + strlen("/openapi/v3");
    if (*path == '\0') {
        if (discovery->index.text.size == 0)
            make_index(discovery);
        reply_document(request, &discovery->index, "application/json");
        return;
    }
    const struct document *document = openapi_document(discovery, slice_of(path + 1));
    if (!document) {
        status_fail(&request->status, STATUS_NOT_FOUND,
                    "the server could not find the requested resource");
        request_fail(request);
        return;
    }
    if (query_get(request->query, "hash").size > 0)
        request_add_header(request, "Cache-Control", "public, immutable");
    reply_document(request, document, "application/json");
}

/* --- OpenAPI v2 --- */

void discovery_serve_openapi_v2(struct api *api, struct request *request)
{
    /* Older clients write "@" for the last dot but one. */
    static const char wire_type[] = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";
    static const char old_type[] = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";
    struct slice wanted = media_type(request->accept);
    bool as_protobuf = slice_is(wanted, wire_type) || slice_is(wanted, old_type);
    struct document *document = &api->discovery->v2[as_protobuf];
    if (document->text.size == 0) {
        openapi_v2_append(api->registry, as_protobuf, &document->text);
        document_finish(document);
    }
    reply_document(request, document, as_protobuf ? wire_type : "application/json");
}
