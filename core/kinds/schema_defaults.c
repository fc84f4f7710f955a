/* Defaults that tables know, and the zeros that Go writes although nobody gave them.
 *
 * What is absent is found by marking what is present: one walk over the members,
 * no search of the object for each row of the table. */
#include "core/kinds/schema_private.h"

#define FIELDS_MARKED 256 /* Rows beyond this (custom resources) are searched for. */

static void set_in_object(const struct schema_type *type, struct arena *arena, struct json *object);

static struct json *default_of(const struct schema_field *field, struct arena *arena)
{
    struct slice text = slice_of(field->default_json);
    struct status status;
    if (!field->default_json) {
        bool has_zero = field->flags & FIELD_ALWAYS_WRITTEN && field->repeat == REPEAT_ONE &&
                        field->type != TYPE_FIELDS_V1;
        return has_zero ? schema_zero(arena, field) : NULL;
    }
    PRE(text.size > 0);
    if (text.data[0] == '"' && slice_find(text, '\\') < 0)
        return json_new_string(arena, slice_sub(text, 1, text.size - 1));
    if (text.data[0] == 't' || text.data[0] == 'f')
        return json_new_bool(arena, text.data[0] == 't');
    if (text.data[0] != '{' && text.data[0] != '[' && text.data[0] != '"')
        return json_new_number(arena, text);
    status_init(&status);
    struct json *value = json_parse(arena, text, NULL, &status);
    status_release(&status);
    PRE(value);
    return value;
}

/* Descends into what a field holds. */
static void set_in_field(const struct schema_field *field, struct arena *arena, struct json *value)
{
    if (field->type != TYPE_OBJECT || schema_wrapped_list(field))
        return;
    if (field->repeat == REPEAT_ONE) {
        set_in_object(field->object, arena, value);
        return;
    }
    JSON_EACH(child, value)
        set_in_object(field->object, arena, child);
}

static bool is_marked(const uint64_t marks[FIELDS_MARKED / 64], size_t index)
{
    return marks[index / 64] >> (index % 64) & 1;
}

static void set_absent(const struct schema_type *type, struct arena *arena, struct json *object,
                       const uint64_t marks[FIELDS_MARKED / 64])
{
    for (size_t i = 0; i < type->field_count; i++) {
        const struct schema_field *field = &type->fields[i];
        if (field->flags & FIELD_IS_INLINE) {
            set_in_object(field->object, arena, object);
            continue;
        }
        if (!field->default_json && !(field->flags & FIELD_ALWAYS_WRITTEN))
            continue;
        if (i < FIELDS_MARKED ? is_marked(marks, i) : json_get(object, field->name) != NULL)
            continue;
        struct json *value = default_of(field, arena);
        if (!value)
            continue;
        json_set(arena, object, field->name, value);
        set_in_field(field, arena, value);
    }
}

static void set_in_object(const struct schema_type *type, struct arena *arena, struct json *object)
{
    uint64_t marks[FIELDS_MARKED / 64] = {0};
    if (!(schema_has(type) & SCHEMA_HAS_DEFAULTS) || !json_is(object, JSON_OBJECT))
        return;
    JSON_EACH(child, object) {
        const struct schema_field *field = schema_own_field(type, json_key(child));
        if (!field) /* An inline type sees to its own. */
            continue;
        size_t index = (size_t)(field - type->fields);
        if (index < FIELDS_MARKED)
            marks[index / 64] |= UINT64_C(1) << (index % 64);
        set_in_field(field, arena, child);
    }
    set_absent(type, arena, object, marks);
}

void schema_set_defaults(const struct schema_type *type, struct arena *arena, struct json *object)
{
    set_in_object(type, arena, object);
}
