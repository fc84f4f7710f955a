/* What tables say about values: required, one of a few, never changed. */
#include "core/kinds/schema_private.h"

/* --- One object --- */

static void validate_object(const struct schema_type *type, const struct json *object,
                            const struct schema_place *place, struct field_errors *errors);

static bool is_allowed(const struct schema_field *field, struct slice text)
{
    for (const char *const *allowed = field->enums; *allowed; allowed++) {
        if (slice_is(text, *allowed))
            return true;
    }
    return false;
}

static void check_enum(const struct schema_field *field, const struct json *value,
                       const struct schema_place *place, struct field_errors *errors)
{
    struct buffer list = {0};
    struct slice text = json_string(value);
    if (is_allowed(field, text) || (text.size == 0 && !(field->flags & FIELD_IS_POINTER)))
        return;
    for (const char *const *allowed = field->enums; *allowed; allowed++)
        buffer_format(&list, "%s\"%s\"", list.size > 0 ? ", " : "", *allowed);
    field_error_add(errors, FIELD_NOT_SUPPORTED, schema_field_path(errors->arena, place),
                    field_value_text(errors->arena, text), "supported values: %s", list.data);
    buffer_release(&list);
}

static void validate_value(const struct schema_field *field, const struct json *value,
                           const struct schema_place *place, struct field_errors *errors)
{
    if (schema_wrapped_list(field))
        return;
    if (field->type == TYPE_OBJECT)
        validate_object(field->object, value, place, errors);
    else if (field->enums)
        check_enum(field, value, place, errors);
}

static void validate_children(const struct schema_field *field, const struct json *parent,
                              const struct schema_place *place, struct field_errors *errors)
{
    struct schema_place here = {.parent = place, .is_item = field->repeat == REPEAT_LIST};
    if (field->type != TYPE_OBJECT && !field->enums)
        return;
    JSON_EACH(child, parent) {
        if (!here.is_item)
            here.name = json_key(child);
        validate_value(field, child, &here, errors);
        here.index++;
    }
}

static bool is_zero(const struct json *value)
{
    int64_t number;
    switch (json_type(value)) {
    case JSON_ABSENT:
    case JSON_NULL: return true;
    case JSON_STRING: return json_string(value).size == 0;
    case JSON_NUMBER: return json_to_int64(value, &number) && number == 0;
    case JSON_ARRAY: return !json_first(value);
    default: return false;
    }
}

static void check_required(const struct schema_type *type, const struct json *object,
                           const struct schema_place *place, struct field_errors *errors)
{
    for (size_t i = 0; i < type->field_count; i++) {
        const struct schema_field *field = &type->fields[i];
        if (field->flags & FIELD_IS_INLINE)
            check_required(field->object, object, place, errors);
        if (!(field->flags & FIELD_IS_REQUIRED))
            continue;
        const struct json *value = json_get(object, field->name);
        if (!is_zero(value) && (field->repeat != REPEAT_MAP || json_first(value)))
            continue;
        struct schema_place here = {.parent = place, .name = slice_of(field->name), .in = type};
        field_error_add(errors, FIELD_REQUIRED, schema_field_path(errors->arena, &here), NULL,
                        NULL);
    }
}

static void validate_object(const struct schema_type *type, const struct json *object,
                            const struct schema_place *place, struct field_errors *errors)
{
    struct schema_place here = {.parent = place, .in = type};
    unsigned has = schema_has(type);
    if (!(has & SCHEMA_HAS_RULES))
        return;
    JSON_EACH(child, object) {
        here.name = json_key(child);
        const struct schema_field *field = schema_field(type, here.name);
        if (!field)
            continue;
        if (field->repeat == REPEAT_ONE)
            validate_value(field, child, &here, errors);
        else
            validate_children(field, child, &here, errors);
    }
    if (has & SCHEMA_HAS_REQUIRED)
        check_required(type, object, place, errors);
}

void schema_validate(const struct schema_type *type, const struct json *object,
                     struct field_errors *errors)
{
    validate_object(type, object, NULL, errors);
}

/* --- One object against what it was --- */

const char *schema_value_text(struct arena *arena, const struct json *value)
{
    struct buffer text = {0};
    if (!value || json_is(value, JSON_NULL))
        return "null";
    if (json_is(value, JSON_STRING))
        return field_value_text(arena, json_string(value));
    json_print(value, &text);
    char *copy = arena_copy_slice(arena, buffer_slice(&text));
    buffer_release(&text);
    return copy;
}

static void validate_unchanged(const struct schema_type *type, const struct json *object,
                               const struct json *old, const struct schema_place *place,
                               struct field_errors *errors)
{
    struct schema_place here = {.parent = place, .in = type};
    for (size_t i = 0; i < type->field_count; i++) {
        const struct schema_field *field = &type->fields[i];
        bool is_inline = field->flags & FIELD_IS_INLINE;
        here.name = slice_of(field->name);
        const struct json *value = is_inline ? object : json_get(object, field->name);
        const struct json *before = is_inline ? old : json_get(old, field->name);
        if (is_inline)
            validate_unchanged(field->object, value, before, place, errors);
        else if (field->flags & FIELD_IS_IMMUTABLE && (value || before) &&
                 !(value && before && json_equal(value, before)))
            field_error_add(errors, FIELD_INVALID, schema_field_path(errors->arena, &here),
                            schema_value_text(errors->arena, value), "field is immutable");
        else if (field->type == TYPE_OBJECT && field->repeat == REPEAT_ONE && value && before)
            validate_unchanged(field->object, value, before, &here, errors);
    }
}

void schema_validate_update(const struct schema_type *type, const struct json *object,
                            const struct json *old, struct field_errors *errors)
{
    validate_unchanged(type, object, old, NULL, errors);
}
