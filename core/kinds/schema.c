/* Looking up fields, and the names that Go and validation give to places. */
#include "core/kinds/schema_private.h"

static uint64_t load_8(const char *text)
{
    uint64_t word;
    memcpy(&word, text, sizeof word);
    return word;
}
static uint32_t load_4(const char *text)
{
    uint32_t word;
    memcpy(&word, text, sizeof word);
    return word;
}

/* Equal hashes mean sizes that are equal, below 256. Names of 8 to 16 bytes, which most are,
 * are equal when their first and last 8 bytes are; so with 4 for shorter ones. */
static inline bool is_named(const struct schema_field *field, uint32_t hash, struct slice name)
{
    const char *own = field->name;
    size_t size = name.size;
    if (field->name_hash != hash || size == 0 || size >= 256)
        return size >= 256 && slice_is(name, own);
    if (own[size] != '\0')
        return false;
    if (size >= 8 && size <= 16)
        return load_8(own) == load_8(name.data) &&
               load_8(own + size - 8) == load_8(name.data + size - 8);
    if (size >= 4 && size < 8)
        return load_4(own) == load_4(name.data) &&
               load_4(own + size - 4) == load_4(name.data + size - 4);
    return memcmp(own, name.data, size) == 0;
}

/* Kept out of line, so that the usual way is short. */
__attribute__((noinline)) static const struct schema_field *walk_rows(
    const struct schema_type *type, uint32_t hash, struct slice name, schema_memo *memo)
{
    for (uint16_t i = 0; i < type->field_count; i++) {
        if (!is_named(&type->fields[i], hash, name))
            continue;
        if (memo && i < UINT8_MAX)
            atomic_store_explicit(memo, (uint8_t)(i + 1), memory_order_relaxed);
        return &type->fields[i];
    }
    return NULL;
}

/* Mostly the memo leads to the row at once. */
const struct schema_field *schema_own_field(const struct schema_type *type, struct slice name)
{
    uint32_t hash = schema_name_hash(name);
    schema_memo *memo = NULL;
    if (type->memo) {
        memo = &type->memo[(hash * UINT32_C(2654435761)) >> 26];
        uint8_t row = atomic_load_explicit(memo, memory_order_relaxed);
        if (row > 0 && is_named(&type->fields[row - 1], hash, name))
            return &type->fields[row - 1];
    }
    return walk_rows(type, hash, name, memo);
}

/* As in Go, fields of an embedded struct come behind those of the outer one. */
const struct schema_field *schema_field(const struct schema_type *type, struct slice name)
{
    const struct schema_field *found = schema_own_field(type, name);
    PRE(type->field_count == 0 || type->fields != NULL);
    for (uint16_t i = 0; i < type->field_count && !found; i++) {
        if (type->fields[i].flags & FIELD_IS_INLINE)
            found = schema_field(type->fields[i].object, name);
    }
    return found;
}

/* --- What is in a type --- */

struct path { /* Types that one is inside of. */
    const struct path *parent;
    const struct schema_type *type;
};

static bool is_inside(const struct path *path, const struct schema_type *type)
{
    for (; path; path = path->parent) {
        if (path->type == type)
            return true;
    }
    return false;
}

/* What an object has by having this field. */
static unsigned inherited(const struct schema_field *field)
{
    return field->flags & FIELD_IS_INLINE ? ~0U : ~(unsigned)SCHEMA_HAS_REQUIRED;
}

/* A type inside itself counts as having all: the walk finds out. */
static unsigned find_out(const struct schema_type *type, const struct path *parent)
{
    const unsigned all = SCHEMA_HAS_RULES | SCHEMA_HAS_DEFAULTS | SCHEMA_HAS_REQUIRED;
    const unsigned known = 1 << 7;
    struct path path = {parent, type};
    unsigned found = 0;
    if (!type->memo || is_inside(parent, type))
        return all;
    schema_memo *memo = &type->memo[SCHEMA_MEMO_NAMES];
    unsigned remembered = atomic_load_explicit(memo, memory_order_relaxed);
    if (remembered & known)
        return remembered & all;
    for (uint16_t i = 0; i < type->field_count; i++) {
        const struct schema_field *field = &type->fields[i];
        if (field->flags & FIELD_IS_REQUIRED)
            found |= SCHEMA_HAS_REQUIRED | SCHEMA_HAS_RULES;
        if (field->enums)
            found |= SCHEMA_HAS_RULES;
        if (field->flags & FIELD_ALWAYS_WRITTEN || field->default_json)
            found |= SCHEMA_HAS_DEFAULTS;
        if (field->type == TYPE_OBJECT)
            found |= find_out(field->object, &path) & inherited(field);
    }
    atomic_store_explicit(memo, (uint8_t)(found | known), memory_order_relaxed);
    return found;
}
unsigned schema_has(const struct schema_type *type)
{
    return find_out(type, NULL);
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
        buffer_format(path, "%s" SLICE_FORMAT, path->size > 0 ? "." : "", SLICE_ARGS(place->name));
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
        buffer_format(path, "%s" SLICE_FORMAT, path->size > 0 ? "." : "", SLICE_ARGS(place->name));
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
    case TYPE_STRING: return "string";
    case TYPE_BOOL: return "bool";
    case TYPE_INT32: return "int32";
    case TYPE_INT64: return "int64";
    case TYPE_DOUBLE: return "float64";
    case TYPE_BYTES: return "[]uint8";
    case TYPE_QUANTITY: return "resource.Quantity";
    case TYPE_INT_OR_STRING: return "intstr.IntOrString";
    case TYPE_TIME: return "v1.Time";
    case TYPE_MICRO_TIME: return "v1.MicroTime";
    case TYPE_DURATION: return "v1.Duration";
    case TYPE_OBJECT: return schema_go_type_name(arena, field->object);
    case TYPE_ANY: return "runtime.RawExtension";
    case TYPE_FIELDS_V1: return "v1.FieldsV1";
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
    case TYPE_BYTES: return json_new_text(arena, "");
    case TYPE_BOOL: return json_new_bool(arena, false);
    case TYPE_INT32:
    case TYPE_INT64:
    case TYPE_DOUBLE:
    case TYPE_INT_OR_STRING: return json_new_int(arena, 0);
    case TYPE_QUANTITY: return json_new_text(arena, "0");
    case TYPE_DURATION: return json_new_text(arena, "0s");
    case TYPE_OBJECT:
        if (schema_wrapped_list(field))
            return json_new_array(arena);
        return json_new_object(arena);
    case TYPE_FIELDS_V1: return json_new_object(arena);
    case TYPE_TIME:
    case TYPE_MICRO_TIME:
    case TYPE_ANY: return NULL;
    }
    UNREACHABLE("field type");
}
