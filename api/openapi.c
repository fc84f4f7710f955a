#include "api/openapi.h"

#include "api/subresource.h"
#include "core/arena.h"
#include "core/json.h"
#include "core/map.h"

struct writer {
    struct arena arena;
    struct json *paths;
};

static struct json *gvk_json(struct arena *arena, const struct kind *kind)
{
    struct json *gvk = json_new_object(arena);
    json_set_text(arena, gvk, "group", kind->group);
    json_set_text(arena, gvk, "version", kind->version);
    json_set_text(arena, gvk, "kind", kind->kind);
    return gvk;
}

static void add_parameter(struct arena *arena, struct json *parameters, const char *name,
                          const char *in)
{
    struct json *parameter = json_new_object(arena);
    json_set_text(arena, parameter, "name", name);
    json_set_text(arena, parameter, "in", in);
    if (strcmp(in, "path") == 0)
        json_set_bool(arena, parameter, "required", true);
    json_set_text(arena, json_ensure_object(arena, parameter, "schema"), "type", "string");
    json_append(parameters, parameter);
}

static struct json *schema_reference(struct arena *arena, const struct kind *kind)
{
    struct json *reference = json_new_object(arena);
    json_set_text(arena, reference, "$ref",
                  arena_format(arena, "#/components/schemas/%s.%s", kind->schema->package,
                               kind->schema->name));
    return reference;
}

static struct json *content_of(struct arena *arena, const struct kind *kind)
{
    struct json *content = json_new_object(arena);
    struct json *media = json_ensure_object(arena, content, "application/json");
    json_set(arena, media, "schema", schema_reference(arena, kind));
    return content;
}

static void add_operation(struct arena *arena, struct json *path, const struct kind *kind,
                          const char *method, const char *action)
{
    struct json *operation = json_ensure_object(arena, path, method);
    bool writes = strcmp(method, "get") != 0 && strcmp(method, "delete") != 0;
    struct json *parameters = json_set(arena, operation, "parameters", json_new_array(arena));
    if (writes) {
        static const char *const names[] = {"dryRun", "fieldManager", "fieldValidation", "pretty"};
        for (size_t i = 0; i < ARRAY_SIZE(names); i++)
            add_parameter(arena, parameters, names[i], "query");
        struct json *body = json_ensure_object(arena, operation, "requestBody");
        json_set(arena, body, "content", content_of(arena, kind));
    }
    struct json *responses = json_ensure_object(arena, operation, "responses");
    struct json *good = json_ensure_object(arena, responses, "200");
    json_set_text(arena, good, "description", "OK");
    json_set(arena, good, "content", content_of(arena, kind));
    json_set_text(arena, operation, "x-kubernetes-action", action);
    json_set(arena, operation, "x-kubernetes-group-version-kind", gvk_json(arena, kind));
}

static struct json *add_path(struct arena *arena, struct json *paths, const struct kind *kind,
                             const char *path, bool is_item)
{
    struct json *object = json_new_object(arena);
    json_set_slice(arena, paths, slice_of(path), object);
    struct json *parameters = json_set(arena, object, "parameters", json_new_array(arena));
    if (kind->namespaced)
        add_parameter(arena, parameters, "namespace", "path");
    if (is_item)
        add_parameter(arena, parameters, "name", "path");
    return object;
}

static void add_kind(struct writer *writer, const struct kind *kind)
{
    struct arena *arena = &writer->arena;
    uint32_t verbs = kind->verbs ? kind->verbs : (uint32_t)VERBS_ALL;
    const char *root = *kind->group ? arena_format(arena, "/apis/%s/%s", kind->group, kind->version)
                                    : arena_format(arena, "/api/%s", kind->version);
    const char *scope = kind->namespaced ? "/namespaces/{namespace}" : "";
    const char *collection = arena_format(arena, "%s%s/%s", root, scope, kind->resource);
    struct json *path = add_path(arena, writer->paths, kind, collection, false);
    if (verbs & VERB_LIST)
        add_operation(arena, path, kind, "get", "list");
    if (verbs & VERB_CREATE)
        add_operation(arena, path, kind, "post", "post");
    if (verbs & VERB_DELETE_COLLECTION)
        add_operation(arena, path, kind, "delete", "deletecollection");
    if (!(verbs & (VERB_GET | VERB_UPDATE | VERB_PATCH | VERB_DELETE)))
        return;
    path = add_path(arena, writer->paths, kind, arena_format(arena, "%s/{name}", collection), true);
    if (verbs & VERB_GET)
        add_operation(arena, path, kind, "get", "get");
    if (verbs & VERB_UPDATE)
        add_operation(arena, path, kind, "put", "put");
    if (verbs & VERB_PATCH)
        add_operation(arena, path, kind, "patch", "patch");
    if (verbs & VERB_DELETE)
        add_operation(arena, path, kind, "delete", "delete");
}

static bool is_of_path(const struct kind *kind, struct slice path)
{
    struct slice rest = path;
    struct slice root = {0};
    struct slice group = {0};
    slice_split(&rest, '/', &root);
    if (slice_is(root, "apis"))
        slice_split(&rest, '/', &group);
    return kind_is_served(kind) && slice_is(group, kind->group) && slice_is(rest, kind->version);
}

static void append_schemas(const struct registry *registry, struct slice path, struct buffer *text)
{
    struct map seen;
    map_init(&seen);
    size_t start = text->size;
    for (size_t i = 0; i < registry_count(registry); i++) {
        const struct kind *kind = registry_at(registry, i);
        if (is_of_path(kind, path))
            schema_append_openapi_kind(kind, &seen, text);
    }
    map_release(&seen);
    if (text->size > start && text->data[text->size - 1] == ',')
        text->size--;
}

bool openapi_append_group_version(const struct registry *registry, struct slice path,
                                  struct buffer *text)
{
    struct writer writer = {0};
    arena_init(&writer.arena);
    writer.paths = json_new_object(&writer.arena);
    for (size_t i = 0; i < registry_count(registry); i++)
        if (is_of_path(registry_at(registry, i), path))
            add_kind(&writer, registry_at(registry, i));
    bool found = json_count(writer.paths) > 0;
    if (found) {
        buffer_append_text(text, "{\"openapi\":\"3.0.0\",\"info\":{\"title\":\"Coracle\","
                                 "\"version\":\"v1.35\"},\"paths\":");
        json_print(writer.paths, text);
        buffer_append_text(text, ",\"components\":{\"schemas\":{");
        append_schemas(registry, path, text);
        buffer_append_text(text, "}}}");
    }
    arena_release(&writer.arena);
    return found;
}
