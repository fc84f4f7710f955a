/* Shapes, and the steps to items of lists. */
#include "core/kinds/apply_shape.h"

#include <stdlib.h>

#include "core/kinds/fieldset.h"
#include "core/kinds/schema_private.h"

#define KEYS_MAX 8 /* Of one list; upstream has at most three. */

/* --- Shapes --- */

struct shape shape_of_type(const struct schema_type *type)
{
    return (struct shape){.kind = SHAPE_STRUCT, .type = type};
}

/* Of one value of the field. ATOMIC on a list by keys is about its items: the list
 * itself cannot be both. What has no schema, and a named list in a map, is one piece. */
static struct shape shape_of_one(const struct schema_field *field)
{
    struct shape shape = {.kind = SHAPE_SCALAR, .field = field, .type = field->object};
    bool is_piece = field->flags & FIELD_IS_ATOMIC || schema_wrapped_list(field);
    if (field->type == TYPE_ANY || field->type == TYPE_FIELDS_V1)
        shape.kind = SHAPE_ATOMIC;
    else if (field->type == TYPE_OBJECT)
        shape.kind = is_piece ? SHAPE_ATOMIC : SHAPE_STRUCT;
    return shape;
}

struct shape shape_of_field(const struct schema_field *field)
{
    static const enum shape_kind list_kinds[] = {
        [LIST_ATOMIC] = SHAPE_ATOMIC, [LIST_SET] = SHAPE_SET, [LIST_MAP] = SHAPE_KEYED};
    struct shape shape = shape_of_one(field);
    shape.is_whole = field->repeat != REPEAT_ONE;
    if (field->repeat == REPEAT_LIST)
        shape.kind = list_kinds[field->list_type];
    else if (field->repeat == REPEAT_MAP)
        shape.kind = field->flags & FIELD_IS_ATOMIC ? SHAPE_ATOMIC : SHAPE_MAP;
    return shape;
}

struct shape shape_of_item(const struct shape *shape)
{
    return shape_of_one(shape->field);
}

bool shape_of_member(const struct shape *shape, struct slice name, struct shape *member)
{
    if (shape->kind != SHAPE_STRUCT) {
        *member = shape_of_item(shape);
        return true;
    }
    const struct schema_field *field = schema_field(shape->type, name);
    if (field)
        *member = shape_of_field(field);
    return field != NULL;
}

/* --- Items --- */

struct key_names {
    const char *names[KEYS_MAX];
    const struct json *defaults[KEYS_MAX]; /* For items that do not have the key, or NULL. */
    size_t count;
};

/* A key that Go would write although it is absent has its zero. */
static const struct json *key_default(struct arena *arena, const struct schema_type *type,
                                      const char *name)
{
    const struct schema_field *field = schema_field(type, slice_of(name));
    struct status status = {0};
    const struct json *value = NULL;
    if (field && field->default_json)
        value = json_parse(arena, slice_of(field->default_json), NULL, &status);
    else if (field && field->flags & FIELD_ALWAYS_WRITTEN)
        value = schema_zero(arena, field);
    status_release(&status);
    return value;
}

/* Sorted by name, as they stand in a step. */
static struct key_names key_names_of(struct arena *arena, const struct schema_field *field)
{
    struct key_names keys = {.count = 0};
    for (const char *const *name = field->keys; name && *name; name++) {
        PRE(keys.count < KEYS_MAX);
        size_t at = keys.count++;
        for (; at > 0 && strcmp(keys.names[at - 1], *name) > 0; at--)
            keys.names[at] = keys.names[at - 1];
        keys.names[at] = *name;
    }
    for (size_t i = 0; i < keys.count; i++)
        keys.defaults[i] = key_default(arena, field->object, keys.names[i]);
    return keys;
}

static struct slice keep(struct arena *arena, struct buffer *text)
{
    struct slice kept = {arena_copy_slice(arena, buffer_slice(text)), text->size};
    buffer_clear(text);
    return kept;
}

/* Gathers an item's keys and writes its step; false when it has none. */
static bool read_keys(struct arena *arena, const struct key_names *names, struct buffer *scratch,
                      struct shape_item *item)
{
    item->keys = ARENA_ARRAY(arena, const struct json *, names->count);
    item->key_count = names->count;
    buffer_append_byte(scratch, '{');
    for (size_t i = 0; i < names->count; i++) {
        const struct json *key = json_get(item->value, names->names[i]);
        item->keys[i] = key ? key : names->defaults[i];
        if (item->keys[i] == NULL)
            continue;
        buffer_append_text(scratch, scratch->size > 1 ? ",\"" : "\"");
        buffer_append_text(scratch, names->names[i]);
        buffer_append(scratch, "\":", 2);
        fieldset_print_value(item->keys[i], scratch);
    }
    buffer_append_byte(scratch, '}');
    item->text = keep(arena, scratch);
    return item->text.size > 2;
}

static bool read_value(struct arena *arena, struct buffer *scratch, struct shape_item *item)
{
    item->keys = ARENA_ARRAY(arena, const struct json *, 1);
    item->key_count = 1;
    item->keys[0] = item->value;
    fieldset_print_value(item->value, scratch);
    item->text = keep(arena, scratch);
    return json_is(item->value, JSON_STRING) || json_is(item->value, JSON_NUMBER) ||
           json_is(item->value, JSON_BOOL);
}

/* Upstream's words for an item without a step. */
static const char *wrong_item(struct arena *arena, const struct shape *shape,
                              const struct shape_item *item)
{
    const char *why = "associative list without keys has an element that's an explicit null";
    bool is_null = json_is(item->value, JSON_NULL);
    struct buffer keys = {0};
    if (shape->kind == SHAPE_KEYED && is_null) {
        why = "associative list with keys may not have a null element";
    } else if (shape->kind == SHAPE_KEYED && !json_is(item->value, JSON_OBJECT)) {
        why = "associative list with keys may not have non-map elements";
    } else if (shape->kind == SHAPE_KEYED) {
        for (const char *const *name = shape->field->keys; name && *name; name++)
            buffer_format(&keys, "%s\"%s\"", keys.size > 0 ? " " : "", *name);
        why = arena_format(arena,
                           "associative list with keys has an element that omits all key fields "
                           "[%s] (and doesn't have default values for any key fields)",
                           keys.data ? keys.data : "");
    } else if (!is_null) {
        why = json_is(item->value, JSON_OBJECT)
                  ? "associative list without keys has an element that's a map type"
                  : "not supported: associative list with lists as elements";
    }
    buffer_release(&keys);
    return arena_format(arena, "element %zu: %s", item->index, why);
}

struct shape_items shape_items_of(const struct shape *shape, struct arena *arena,
                                  const struct json *list, const char **wrong)
{
    bool keyed = shape->kind == SHAPE_KEYED;
    struct key_names names = {.count = 0};
    struct shape_items items = {.step = keyed ? 'k' : 'v'};
    struct buffer scratch = {0};
    if (!json_is(list, JSON_ARRAY) || json_count(list) == 0)
        return items;
    if (keyed)
        names = key_names_of(arena, shape->field);
    items.items = ARENA_ARRAY(arena, struct shape_item, json_count(list));
    size_t index = 0;
    JSON_EACH(value, list) {
        struct shape_item item = {.value = value, .index = index++};
        bool has_step =
            keyed ? json_is(value, JSON_OBJECT) && read_keys(arena, &names, &scratch, &item)
                  : read_value(arena, &scratch, &item);
        if (has_step)
            items.items[items.count++] = item;
        else if (wrong && *wrong == NULL)
            *wrong = wrong_item(arena, shape, &item);
    }
    buffer_release(&scratch);
    return items;
}

/* --- Order --- */

static bool has_key_behind(const struct shape_item *item, size_t i)
{
    while (++i < item->key_count)
        if (item->keys[i])
            return true;
    return false;
}

/* Keys are compared as lists of name and value: a later name is greater, and so is the
 * longer of two lists that begin alike. */
int shape_item_compare(const struct shape_item *a, const struct shape_item *b)
{
    for (size_t i = 0; i < a->key_count; i++) {
        const struct json *x = a->keys[i];
        const struct json *y = b->keys[i];
        if (x && y) {
            int order = fieldset_compare_values(x, y);
            if (order != 0)
                return order;
        } else if (x) {
            return has_key_behind(b, i) ? -1 : 1;
        } else if (y) {
            return has_key_behind(a, i) ? 1 : -1;
        }
    }
    return 0;
}

static int by_step(const void *a, const void *b)
{
    const struct shape_item *x = a;
    const struct shape_item *y = b;
    int order = shape_item_compare(x, y);
    return order != 0 ? order : (x->index > y->index) - (x->index < y->index);
}

void shape_items_sort(struct shape_items *items)
{
    if (items->count > 1)
        qsort(items->items, items->count, sizeof(*items->items), by_step);
}
