/* openapi.v2 in protobuf (OpenAPIv2.proto):
 *
 *     Document    1 swagger, 2 Info, 8 Paths, 9 Definitions {1 NamedSchema}
 *     Info        1 title, 2 version
 *     NamedSchema 1 name, 2 Schema
 *     Schema      1 $ref, 2 format, 4 description, 5 default (Any), 19 required,
 *                 20 enum (Any), 21 {1 Schema}: additionalProperties, 22 {1 type},
 *                 23 {1 Schema}: items, 25 {1 NamedSchema}: properties,
 *                 31 NamedAny {1 name, 2 Any}: what starts with x-
 *     Any         2 its YAML, and JSON is that
 */
#include "api/openapi_v2.h"

#include "api/subresource.h"
#include "core/kinds/kind.h"
#include "core/kinds/protobuf_wire.h"
#include "core/map.h"

#define REFERENCE "#/components/schemas/"

/* --- Version 2's words --- */

/* v3 says allOf where a text stands beside a reference, and oneOf for a quantity; v2 knows neither,
 * and upstream's v2 calls what is either a string. */
static void rewrite(struct arena *arena, struct json *schema)
{
    struct slice reference = json_string(json_get(json_item(json_get(schema, "allOf"), 0), "$ref"));
    if (reference.size > strlen(REFERENCE)) {
        struct slice name = slice_sub(reference, strlen(REFERENCE), reference.size);
        json_remove(schema, "allOf");
        json_set_text(arena, schema, "$ref",
                      arena_format(arena, "#/definitions/" SLICE_FORMAT, SLICE_ARGS(name)));
    }
    if (json_remove(schema, "oneOf"))
        json_set_text(arena, schema, "type", "string");
    JSON_EACH(property, json_get(schema, "properties"))
        rewrite(arena, property);
    if (json_get(schema, "items"))
        rewrite(arena, json_get(schema, "items"));
    if (json_get(schema, "additionalProperties"))
        rewrite(arena, json_get(schema, "additionalProperties"));
}

static struct json *definitions(const struct registry *registry, struct arena *arena)
{
    struct map seen;
    struct buffer text = {0};
    struct status status = {0};
    map_init(&seen);
    buffer_append_byte(&text, '{');
    for (size_t i = 0; i < registry_count(registry); i++)
        if (kind_is_served(registry_at(registry, i)))
            schema_append_openapi_kind(registry_at(registry, i), &seen, &text);
    if (text.data[text.size - 1] == ',')
        text.size--;
    buffer_append_byte(&text, '}');
    struct json *result = json_parse(arena, buffer_slice(&text), NULL, &status);
    PRE(result != NULL); /* We have just written it. */
    JSON_EACH(schema, result)
        rewrite(arena, schema);
    map_release(&seen);
    buffer_release(&text);
    return result;
}

/* --- Protobuf --- */

static void append_text(struct buffer *out, uint32_t number, const struct json *text)
{
    if (text)
        wire_append_bytes(out, number, json_string(text));
}

static void append_any(struct buffer *out, uint32_t number, const struct json *value)
{
    struct buffer yaml = {0};
    json_print(value, &yaml);
    size_t any = wire_begin(out, number);
    wire_append_bytes(out, 2, buffer_slice(&yaml));
    wire_end(out, any);
    buffer_release(&yaml);
}

static void append_extension(struct buffer *out, const struct json *extension)
{
    size_t named = wire_begin(out, 31);
    wire_append_bytes(out, 1, json_key(extension));
    append_any(out, 2, extension);
    wire_end(out, named);
}

static void append_schema(struct buffer *out, uint32_t number, const struct json *schema);

/* A message that holds one schema, or one text: additionalProperties, items; type. */
static void append_wrapped(struct buffer *out, uint32_t number, const struct json *value)
{
    if (!value)
        return;
    size_t item = wire_begin(out, number);
    if (json_is(value, JSON_STRING))
        append_text(out, 1, value);
    else
        append_schema(out, 1, value);
    wire_end(out, item);
}

static void append_named_schemas(struct buffer *out, uint32_t number, const struct json *schemas)
{
    if (!schemas)
        return;
    size_t all = wire_begin(out, number);
    JSON_EACH(schema, schemas) {
        size_t named = wire_begin(out, 1);
        wire_append_bytes(out, 1, json_key(schema));
        append_schema(out, 2, schema);
        wire_end(out, named);
    }
    wire_end(out, all);
}

static void append_schema(struct buffer *out, uint32_t number, const struct json *schema)
{
    size_t begin = wire_begin(out, number);
    append_text(out, 1, json_get(schema, "$ref"));
    append_text(out, 2, json_get(schema, "format"));
    append_text(out, 4, json_get(schema, "description"));
    if (json_get(schema, "default"))
        append_any(out, 5, json_get(schema, "default"));
    JSON_EACH(name, json_get(schema, "required"))
        append_text(out, 19, name);
    JSON_EACH(value, json_get(schema, "enum"))
        append_any(out, 20, value);
    append_wrapped(out, 21, json_get(schema, "additionalProperties"));
    append_wrapped(out, 22, json_get(schema, "type"));
    append_wrapped(out, 23, json_get(schema, "items"));
    append_named_schemas(out, 25, json_get(schema, "properties"));
    JSON_EACH(extension, schema)
        if (slice_starts_with(json_key(extension), SLICE("x-")))
            append_extension(out, extension);
    wire_end(out, begin);
}

static void append_protobuf(struct buffer *out, const struct json *document)
{
    const struct json *info = json_get(document, "info");
    append_text(out, 1, json_get(document, "swagger"));
    size_t begin = wire_begin(out, 2);
    append_text(out, 1, json_get(info, "title"));
    append_text(out, 2, json_get(info, "version"));
    wire_end(out, begin);
    wire_end(out, wire_begin(out, 8));
    append_named_schemas(out, 9, json_get(document, "definitions"));
}

void openapi_v2_append(const struct registry *registry, bool as_protobuf, struct buffer *document)
{
    struct arena arena;
    arena_init(&arena);
    struct json *root = json_new_object(&arena);
    json_set_text(&arena, root, "swagger", "2.0");
    struct json *info = json_ensure_object(&arena, root, "info");
    json_set_text(&arena, info, "title", "Coracle");
    json_set_text(&arena, info, "version", "v1.35");
    json_ensure_object(&arena, root, "paths");
    json_set(&arena, root, "definitions", definitions(registry, &arena));
    if (as_protobuf)
        append_protobuf(document, root);
    else
        json_print(root, document);
    arena_release(&arena);
}
