/* OpenAPI v3 from the tables, in the form that kube-apiserver serves: a schema for
 * each type, references between them, and the x-kubernetes- words by which clients
 * merge and `kubectl explain` speaks. */
#include "core/kinds/kind.h"
#include "core/map.h"

#define REFERENCE "#/components/schemas/"

/* Types whose form is their own and not a table's. */
static const struct own_type {
    enum field_type type;
    const char *name;
    const char *schema;
} own_types[] = {
    {TYPE_QUANTITY, "io.k8s.apimachinery.pkg.api.resource.Quantity",
     "{\"description\":\"An amount: 500m, 2Gi, 1e3.\","
     "\"oneOf\":[{\"type\":\"string\"},{\"type\":\"number\"}]}"},
    {TYPE_INT_OR_STRING, "io.k8s.apimachinery.pkg.util.intstr.IntOrString",
     "{\"description\":\"A whole number, or a text such as a name or 25%.\","
     "\"format\":\"int-or-string\",\"oneOf\":[{\"type\":\"integer\"},{\"type\":\"string\"}]}"},
    {TYPE_TIME, "io.k8s.apimachinery.pkg.apis.meta.v1.Time",
     "{\"description\":\"A time by RFC 3339, to the second.\",\"type\":\"string\","
     "\"format\":\"date-time\"}"},
    {TYPE_MICRO_TIME, "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime",
     "{\"description\":\"A time by RFC 3339, to the microsecond.\",\"type\":\"string\","
     "\"format\":\"date-time\"}"},
    {TYPE_DURATION, "io.k8s.apimachinery.pkg.apis.meta.v1.Duration",
     "{\"description\":\"A span of time: 1h30m, 100ms.\",\"type\":\"string\"}"},
    {TYPE_ANY, "io.k8s.apimachinery.pkg.runtime.RawExtension",
     "{\"description\":\"An object of any kind.\",\"type\":\"object\"}"},
    {TYPE_FIELDS_V1, "io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1",
     "{\"description\":\"A set of fields.\",\"type\":\"object\"}"},
};

static const struct own_type *own_type_of(const struct schema_field *field)
{
    for (size_t i = 0; i < ARRAY_SIZE(own_types); i++) {
        if (own_types[i].type == (enum field_type)field->type)
            return &own_types[i];
    }
    return NULL;
}

/* --- Writing --- */

static void append_text(struct buffer *text, const char *value)
{
    json_print_string(slice_of(value), text);
}
/* A member with a text; its value may be NULL, then there is none. */
static void append_member(struct buffer *text, const char *name, const char *value)
{
    if (!value)
        return;
    buffer_format(text, ",\"%s\":", name);
    append_text(text, value);
}
static void append_list(struct buffer *text, const char *name, const char *const *values)
{
    char before = '[';
    buffer_format(text, ",\"%s\":", name);
    for (; *values; values++, before = ',') {
        buffer_append_byte(text, before);
        append_text(text, *values);
    }
    buffer_append_byte(text, ']');
}

/* The type of one value, without braces: `"type":"string"`. */
static void append_value_type(const struct schema_field *field, struct buffer *text)
{
    static const char *const simple[] = {
        [TYPE_STRING] = "\"type\":\"string\"",
        [TYPE_BOOL] = "\"type\":\"boolean\"",
        [TYPE_INT32] = "\"type\":\"integer\",\"format\":\"int32\"",
        [TYPE_INT64] = "\"type\":\"integer\",\"format\":\"int64\"",
        [TYPE_DOUBLE] = "\"type\":\"number\",\"format\":\"double\"",
        [TYPE_BYTES] = "\"type\":\"string\",\"format\":\"byte\"",
    };
    const struct own_type *own = own_type_of(field);
    if (own)
        buffer_format(text, "\"allOf\":[{\"$ref\":\"" REFERENCE "%s\"}]", own->name);
    else if (schema_wrapped_list(field))
        buffer_append_text(text, "\"type\":\"array\",\"items\":{\"type\":\"string\"}");
    else if (field->type == TYPE_OBJECT)
        buffer_format(text, "\"allOf\":[{\"$ref\":\"" REFERENCE "%s.%s\"}]", field->object->package,
                      field->object->name);
    else
        buffer_append_text(text, simple[field->type]);
    if (field->enums)
        append_list(text, "enum", field->enums);
}

static void append_list_type(const struct schema_field *field, struct buffer *text)
{
    static const char *const names[] = {
        [LIST_ATOMIC] = "atomic", [LIST_SET] = "set", [LIST_MAP] = "map"};
    append_member(text, "x-kubernetes-list-type", names[field->list_type]);
    if (field->list_type == LIST_MAP)
        append_list(text, "x-kubernetes-list-map-keys", field->keys);
}

static void append_words(const struct schema_field *field, struct buffer *text)
{
    bool merges = field->flags & FIELD_IS_MERGED, retains = field->flags & FIELD_RETAINS_KEYS;
    if (field->default_json)
        buffer_format(text, ",\"default\":%s", field->default_json);
    if (field->repeat == REPEAT_LIST)
        append_list_type(field, text);
    else if (field->flags & FIELD_IS_ATOMIC)
        append_member(text, "x-kubernetes-map-type", "atomic");
    append_member(text, "x-kubernetes-patch-merge-key", field->merge_key);
    if (merges || retains)
        append_member(text, "x-kubernetes-patch-strategy",
                      !merges   ? "retainKeys"
                      : retains ? "merge,retainKeys"
                                : "merge");
    if (field->flags & FIELD_IS_OPEN)
        buffer_append_text(text, ",\"x-kubernetes-preserve-unknown-fields\":true");
    if (field->flags & FIELD_IS_NULLABLE)
        buffer_append_text(text, ",\"nullable\":true");
}

static void append_field(const struct schema_field *field, struct buffer *text)
{
    append_text(text, field->name);
    buffer_append_text(text, ":{");
    if (field->repeat == REPEAT_LIST)
        buffer_append_text(text, "\"type\":\"array\",\"items\":{");
    else if (field->repeat == REPEAT_MAP)
        buffer_append_text(text, "\"type\":\"object\",\"additionalProperties\":{");
    append_value_type(field, text);
    if (field->repeat != REPEAT_ONE)
        buffer_append_byte(text, '}');
    append_member(text, "description", field->doc);
    append_words(field, text);
    buffer_append_byte(text, '}');
}

/* Fields of embedded structs stand among the others. */
static void append_properties(const struct schema_type *type, char *before, struct buffer *text)
{
    for (size_t i = 0; i < type->field_count; i++) {
        const struct schema_field *field = &type->fields[i];
        if (field->flags & FIELD_IS_INLINE) {
            append_properties(field->object, before, text);
            continue;
        }
        buffer_append_byte(text, *before);
        append_field(field, text);
        *before = ',';
    }
}
static void append_required(const struct schema_type *type, char *before, struct buffer *text)
{
    for (size_t i = 0; i < type->field_count; i++) {
        const struct schema_field *field = &type->fields[i];
        if (field->flags & FIELD_IS_INLINE)
            append_required(field->object, before, text);
        if (!(field->flags & (FIELD_IS_REQUIRED | FIELD_IS_EXPECTED)))
            continue;
        buffer_append_text(text, *before == '[' ? ",\"required\":[" : ",");
        append_text(text, field->name);
        *before = ',';
    }
}

/* --- Types --- */

static bool is_new(struct map *seen, const char *package, const char *name, struct buffer *text)
{
    struct buffer full = {0};
    buffer_format(&full, "%s%s%s", package, package[0] ? "." : "", name);
    bool known = map_get(seen, buffer_slice(&full)) != NULL;
    if (!known) {
        map_set(seen, buffer_slice(&full), seen);
        append_text(text, full.data);
        buffer_append_byte(text, ':');
    }
    buffer_release(&full);
    return !known;
}

static void append_referred(const struct schema_type *type, struct map *seen, struct buffer *text)
{
    for (size_t i = 0; i < type->field_count; i++) {
        const struct schema_field *field = &type->fields[i];
        const struct own_type *own = own_type_of(field);
        if (own && is_new(seen, "", own->name, text))
            buffer_format(text, "%s,", own->schema);
        else if (field->flags & FIELD_IS_INLINE)
            append_referred(field->object, seen, text);
        else if (field->type == TYPE_OBJECT && !schema_wrapped_list(field))
            schema_append_openapi(field->object, seen, text);
    }
}

static void append_type(const struct schema_type *type, const struct kind *kind, struct map *seen,
                        struct buffer *text)
{
    char before = '{';
    if (!is_new(seen, type->package, type->name, text))
        return;
    buffer_append_text(text, "{\"type\":\"object\"");
    append_member(text, "description", type->doc);
    if (type->field_count > 0) {
        buffer_append_text(text, ",\"properties\":");
        append_properties(type, &before, text);
        buffer_append_text(text, before == '{' ? "{}" : "}");
        before = '[';
        append_required(type, &before, text);
        if (before == ',')
            buffer_append_byte(text, ']');
    }
    if (kind)
        buffer_format(text,
                      ",\"x-kubernetes-group-version-kind\":[{\"group\":\"%s\",\"kind\":\"%s\","
                      "\"version\":\"%s\"}]",
                      kind->group, kind->kind, kind->version);
    buffer_append_text(text, "},");
    append_referred(type, seen, text);
}

void schema_append_openapi(const struct schema_type *type, struct map *seen, struct buffer *text)
{
    append_type(type, NULL, seen, text);
}
void schema_append_openapi_kind(const struct kind *kind, struct map *seen, struct buffer *text)
{
    append_type(kind->schema, kind, seen, text);
}
