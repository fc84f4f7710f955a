/* Looking up fields, and the names that Go and validation give to places. */
#include "core/kinds/schema_private.h"

/* Most tables have fewer than 20 rows of 72 bytes: comparing size and first byte
 * of each is as fast as hashing the name would be, and needs no index. */
const struct schema_field *schema_field(const struct schema_type *type, struct slice name)
{
    uint16_t hash = schema_name_hash(name);
    bool has_inline = false;
    for (const struct schema_field *field = type->fields, *end = field + type->field_count;
         field < end; field++) {
        if (field->flags & FIELD_IS_INLINE)
            has_inline = true;
        else if (field->name_hash == hash && slice_is(name, field->name))
            return field;
    }
    if (!has_inline)
        return NULL;
    /* As in Go, fields of an embedded struct come behind those of the outer one. */
    for (const struct schema_field *field = type->fields, *end = field + type->field_count;
         field < end; field++) {
        const struct schema_field *found =
            field->flags & FIELD_IS_INLINE ? schema_field(field->object, name) : NULL;
        if (found)
            return found;
    }
    return NULL;
}

/* --- Paths --- */

static void append_strict(struct buffer *path, const struct schema_place *place)
{
    if (!place)
        return;
    append_strict(path, place->parent);
    if (place->is_item)
        buffer_format(path, "[%zu]", place->index);
    else
        buffer_format(path, "%s" SLICE_FORMAT, path->size > 0 ? "." : "",
                      SLICE_ARGS(place->name));
}
static void append_field(struct buffer *path, const struct schema_place *place)
{
    if (!place)
        return;
    append_field(path, place->parent);
    if (place->is_item)
        buffer_format(path, "[%zu]", place->index);
    else if (!place->in)
        buffer_format(path, "[" SLICE_FORMAT "]", SLICE_ARGS(place->name));
    else
        buffer_format(path, "%s" SLICE_FORMAT, path->size > 0 ? "." : "",
                      SLICE_ARGS(place->name));
}

/* An embedded struct is part of Go's path, though not of the JSON's. */
static void append_inlines(struct buffer *path, const struct schema_type *type, struct slice name)
{
    for (size_t i = 0; i < type->field_count; i++) {
        const struct schema_field *field = &type->fields[i];
        if (!(field->flags & FIELD_IS_INLINE) && slice_is(name, field->name))
            return;
    }
    for (size_t i = 0; i < type->field_count; i++) {
        const struct schema_field *field = &type->fields[i];
        if (field->flags & FIELD_IS_INLINE && schema_field(field->object, name)) {
            buffer_format(path, "%s%s", path->size > 0 ? "." : "", field->object->name);
            append_inlines(path, field->object, name);
            return;
        }
    }
}
static void append_go(struct buffer *path, const struct schema_place *place)
{
    if (!place)
        return;
    append_go(path, place->parent);
    if (!place->in)
        return;
    append_inlines(path, place->in, place->name);
    buffer_format(path, "%s" SLICE_FORMAT, path->size > 0 ? "." : "", SLICE_ARGS(place->name));
}

static char *spell(struct arena *arena, const struct schema_place *place,
                   void (*append)(struct buffer *path, const struct schema_place *place))
{
    struct buffer path = {0};
    append(&path, place);
    char *text = arena_copy_slice(arena, buffer_slice(&path));
    buffer_release(&path);
    return text;
}
char *schema_strict_path(struct arena *arena, const struct schema_place *place)
{
    return spell(arena, place, append_strict);
}
char *schema_field_path(struct arena *arena, const struct schema_place *place)
{
    return spell(arena, place, append_field);
}
char *schema_go_path(struct arena *arena, const struct schema_place *place)
{
    return spell(arena, place, append_go);
}

const char *schema_go_struct(const struct schema_place *place)
{
    while (place && !place->in)
        place = place->parent;
    return place ? place->in->name : "";
}

/* --- Go's names of types --- */

char *schema_go_type_name(struct arena *arena, const struct schema_type *type)
{
    const char *dot = strrchr(type->package, '.');
    return arena_format(arena, "%s.%s", dot ? dot + 1 : type->package, type->name);
}

static const char *go_type_of_one(struct arena *arena, const struct schema_field *field)
{
    switch ((enum field_type)field->type) {
    case TYPE_STRING:        return "string";
    case TYPE_BOOL:          return "bool";
    case TYPE_INT32:         return "int32";
    case TYPE_INT64:         return "int64";
    case TYPE_DOUBLE:        return "float64";
    case TYPE_BYTES:         return "[]uint8";
    case TYPE_QUANTITY:      return "resource.Quantity";
    case TYPE_INT_OR_STRING: return "intstr.IntOrString";
    case TYPE_TIME:          return "v1.Time";
    case TYPE_MICRO_TIME:    return "v1.MicroTime";
    case TYPE_DURATION:      return "v1.Duration";
    case TYPE_OBJECT:        return schema_go_type_name(arena, field->object);
    case TYPE_ANY:           return "runtime.RawExtension";
    case TYPE_FIELDS_V1:     return "v1.FieldsV1";
    }
    UNREACHABLE("field type");
}

char *schema_go_type(struct arena *arena, const struct schema_field *field, bool whole)
{
    const char *one = go_type_of_one(arena, field);
    if (field->go_type && field->repeat == REPEAT_MAP && whole)
        return arena_copy_text(arena, field->go_type);
    if (field->go_type && field->repeat != REPEAT_MAP)
        one = field->go_type;
    const char *before = "";
    if (whole && field->repeat != REPEAT_ONE)
        before = field->repeat == REPEAT_LIST ? "[]" : "map[string]";
    return arena_format(arena, "%s%s", before, one);
}

struct json *schema_zero(struct arena *arena, const struct schema_field *field)
{
    switch ((enum field_type)field->type) {
    case TYPE_STRING:
    case TYPE_BYTES:
        return json_new_text(arena, "");
    case TYPE_BOOL:
        return json_new_bool(arena, false);
    case TYPE_INT32:
    case TYPE_INT64:
    case TYPE_DOUBLE:
    case TYPE_INT_OR_STRING:
        return json_new_int(arena, 0);
    case TYPE_QUANTITY:
        return json_new_text(arena, "0");
    case TYPE_DURATION:
        return json_new_text(arena, "0s");
    case TYPE_OBJECT:
    case TYPE_FIELDS_V1:
        return json_new_object(arena);
    case TYPE_TIME:
    case TYPE_MICRO_TIME:
    case TYPE_ANY:
        return NULL;
    }
    UNREACHABLE("field type");
}
