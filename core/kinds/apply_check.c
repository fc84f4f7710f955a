/* Whether an applied configuration fits the schema, in the words of upstream's typed
 * values: `.spec.replicas: expected numeric (int or float), got string`. Values are
 * printed as Go prints its own wrappers, which is ugly and what clients see. */
#include "core/kinds/apply_private.h"
#include "core/kinds/patch_private.h"

struct step { /* On the way to a value. */
    const struct step *parent;
    const char *text; /* .spec, [name="x"], [0] */
};

struct check {
    struct arena *arena;
    struct buffer errors; /* One a line, each indented by two spaces. */
    size_t count;
};

static void check_value(struct check *check, const struct shape *shape, const struct json *value,
                        const struct step *at);

/* --- Errors --- */

static void append_path(struct buffer *text, const struct step *at)
{
    if (at) {
        append_path(text, at->parent);
        buffer_append_text(text, at->text);
    }
}

static void add_error(struct check *check, const struct step *at, const char *message)
{
    buffer_append_text(&check->errors, check->count++ > 0 ? "\n  " : "  ");
    append_path(&check->errors, at);
    buffer_append_text(&check->errors, at ? ": " : "");
    buffer_append_text(&check->errors, message);
}

/* Go's %#v. */
static void append_go_syntax(struct buffer *text, const struct json *value)
{
    bool is_map = json_is(value, JSON_OBJECT);
    if (!is_map && !json_is(value, JSON_ARRAY)) {
        json_print(value, text);
        return;
    }
    buffer_append_text(text, is_map ? "map[string]interface {}{" : "[]interface {}{");
    JSON_EACH(child, value) {
        buffer_append_text(text, child == json_first(value) ? "" : ", ");
        if (is_map) {
            json_print_string(json_key(child), text);
            buffer_append_byte(text, ':');
        }
        append_go_syntax(text, child);
    }
    buffer_append_byte(text, '}');
}

static const char *go_syntax(struct arena *arena, const struct json *value)
{
    struct buffer text = {0};
    append_go_syntax(&text, value);
    const char *copy = arena_copy_slice(arena, buffer_slice(&text));
    buffer_release(&text);
    return copy;
}

static const char *go_type(const struct json *value)
{
    switch (json_type(value)) {
    case JSON_BOOL: return "bool";
    case JSON_STRING: return "string";
    case JSON_ARRAY: return "[]interface {}";
    default: return "map[string]interface {}";
    }
}

static void expected(struct check *check, const struct step *at, const char *what,
                     const struct json *value)
{
    add_error(check, at,
              arena_format(check->arena, "expected %s, got &{%s}", what,
                           patch_go_text(check->arena, value)));
}

/* --- Values --- */

static void check_scalar(struct check *check, const struct schema_field *field,
                         const struct json *value, const struct step *at)
{
    bool is_any =
        json_is(value, JSON_NUMBER) || json_is(value, JSON_STRING) || json_is(value, JSON_BOOL);
    switch (field->type) {
    case TYPE_BOOL:
        if (!json_is(value, JSON_BOOL))
            expected(check, at, "boolean", value);
        return;
    case TYPE_INT32:
    case TYPE_INT64:
    case TYPE_DOUBLE:
        if (!json_is(value, JSON_NUMBER))
            add_error(check, at,
                      arena_format(check->arena, "expected numeric (int or float), got %s",
                                   go_type(value)));
        return;
    case TYPE_QUANTITY:
    case TYPE_INT_OR_STRING:
        if (!is_any)
            expected(check, at, "any scalar", value);
        return;
    default:
        if (!json_is(value, JSON_STRING))
            add_error(check, at,
                      arena_format(check->arena,
                                   "expected string, got &value.valueUnstructured{Value:%s}",
                                   go_syntax(check->arena, value)));
    }
}

/* Upstream goes no further in a map once it met a name that it does not know. */
static void check_members(struct check *check, const struct shape *shape, const struct json *value,
                          const struct step *at)
{
    if (!json_is(value, JSON_OBJECT)) {
        expected(check, at, "map", value);
        return;
    }
    JSON_EACH(member, value) {
        struct shape inner;
        struct step step = {
            .parent = at,
            .text = arena_format(check->arena, "." SLICE_FORMAT, SLICE_ARGS(json_key(member))),
        };
        if (!shape_of_member(shape, json_key(member), &inner)) {
            add_error(check, &step, "field not declared in schema");
            return;
        }
        check_value(check, &inner, member, &step);
    }
}

static const char *item_text(struct arena *arena, const struct shape_items *items,
                             const struct shape_item *item)
{
    struct buffer path = {0};
    const struct fieldset step = {.kind = items->step, .text = item->text};
    fieldset_append_path(arena, &step, &path);
    const char *copy = arena_copy_slice(arena, buffer_slice(&path));
    buffer_release(&path);
    return copy;
}

static void check_items(struct check *check, const struct shape *shape, const struct json *value,
                        const struct step *at)
{
    const char *wrong = NULL;
    struct shape inner = shape_of_item(shape);
    struct shape_items items = shape_items_of(shape, check->arena, value, &wrong);
    for (size_t i = 0; i < items.count; i++) {
        struct step step = {at, item_text(check->arena, &items, &items.items[i])};
        check_value(check, &inner, items.items[i].value, &step);
    }
    if (wrong)
        add_error(check, at, wrong);
    shape_items_sort(&items);
    for (size_t i = 1; i < items.count; i++)
        if (shape_item_compare(&items.items[i - 1], &items.items[i]) == 0)
            add_error(check, at,
                      arena_format(check->arena, "duplicate entries for key %s",
                                   item_text(check->arena, &items, &items.items[i])));
}

/* What is one piece must fit all the same; items of a list go by their index. */
static void check_atomic(struct check *check, const struct shape *shape, const struct json *value,
                         const struct step *at)
{
    const struct schema_field *field = shape->field;
    struct shape inner = shape_of_item(shape);
    bool is_struct = field->type == TYPE_OBJECT && !schema_wrapped_list(field);
    if (!shape->is_whole) { /* A struct; of what has no schema, anything fits. */
        inner = is_struct ? shape_of_type(field->object) : inner;
        if (is_struct)
            check_members(check, &inner, value, at);
    } else if (field->repeat == REPEAT_MAP) {
        inner = (struct shape){.kind = SHAPE_MAP, .is_whole = true, .field = field};
        check_members(check, &inner, value, at);
    } else {
        size_t index = 0;
        JSON_EACH(item, value) {
            struct step step = {at, arena_format(check->arena, "[%zu]", index++)};
            check_value(check, &inner, item, &step);
        }
    }
}

static bool is_list(const struct shape *shape)
{
    return shape_is_list(shape) ||
           (shape->kind == SHAPE_ATOMIC && shape->is_whole && shape->field->repeat == REPEAT_LIST);
}

static void check_value(struct check *check, const struct shape *shape, const struct json *value,
                        const struct step *at)
{
    if (json_is(value, JSON_NULL))
        return;
    if (is_list(shape) && !json_is(value, JSON_ARRAY))
        expected(check, at, "list", value);
    else if (shape_is_list(shape))
        check_items(check, shape, value, at);
    else if (shape->kind == SHAPE_ATOMIC)
        check_atomic(check, shape, value, at);
    else if (shape->kind == SHAPE_SCALAR)
        check_scalar(check, shape->field, value, at);
    else
        check_members(check, shape, value, at);
}

const char *apply_check(struct arena *arena, const struct schema_type *type,
                        const struct json *config)
{
    struct check check = {.arena = arena};
    struct shape root = shape_of_type(type);
    check_value(&check, &root, config, NULL);
    const char *text = NULL;
    if (check.count == 1)
        text = arena_copy_text(arena, check.errors.data + 2);
    else if (check.count > 1)
        text = arena_format(arena, "errors:\n%s", check.errors.data);
    buffer_release(&check.errors);
    return text;
}
