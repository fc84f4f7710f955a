/* What a write changed.
 *
 * Go's objects have more fields than their JSON in our trees shows: what has no
 * omitempty is there as "", 0, {} or null. It matters here, because whoever adds
 * an item to a list owns those fields of it too, and a struct that is always there
 * was not added by anyone. So a side of a comparison is a node, nothing, or a
 * zero. What only one side has is a set by itself (apply_set.c), and what is
 * equal on both is passed over, so that only the way to a change costs. */
#include "core/kinds/apply_private.h"

struct side {
    const struct json *node;
    bool is_here; /* With no node: a zero. */
};

struct comparison {
    struct arena *arena;
    bool is_merged;
};

struct sets {
    struct fieldset changed;
    struct fieldset removed;
};

static void compare(const struct comparison *c, const struct shape *shape, struct side left,
                    struct side right, struct sets *sets);

static void append(const struct comparison *c, struct sets *sets, const struct sets *inner)
{
    fieldset_append(c->arena, &sets->changed, &inner->changed);
    fieldset_append(c->arena, &sets->removed, &inner->removed);
}

/* --- Leaves --- */

static bool is_zero(const struct json *node)
{
    int64_t number;
    switch (json_type(node)) {
    case JSON_STRING: return json_string(node).size == 0 || slice_is(json_string(node), "0");
    case JSON_NUMBER: return json_to_int64(node, &number) && number == 0;
    case JSON_BOOL: return !json_bool(node);
    case JSON_OBJECT:
        JSON_EACH(member, node)
            if (!is_zero(member))
                return false;
        return true;
    default: return false;
    }
}

/* Whether what Go has where a value is absent is null: no value of a tree equals it. */
static bool zero_is_null(const struct shape *shape)
{
    return shape->field == NULL || shape->is_whole || !(shape->field->flags & FIELD_ALWAYS_WRITTEN);
}

static bool is_same(const struct shape *shape, struct side left, struct side right)
{
    if (left.node && right.node)
        return json_equal(left.node, right.node);
    if (left.node == NULL && right.node == NULL)
        return true;
    return !zero_is_null(shape) && is_zero(left.node ? left.node : right.node);
}

/* --- Members --- */

static struct side member_side(struct side parent, const struct json *node,
                               const struct schema_field *field)
{
    return (struct side){node, node || (parent.is_here && apply_has_zero(field))};
}

/* A merged object has the zeros that its live object had, and none of its own. */
static void compare_member(const struct comparison *c, const struct shape *shape, struct slice name,
                           struct side left, struct side right, struct sets *sets)
{
    struct shape inner;
    struct fieldset step = {.kind = 'f', .text = name};
    struct sets member = {step, step};
    if (!shape_of_member(shape, name, &inner))
        return;
    struct side a = {json_get_slice(left.node, name), false};
    struct side b = {json_get_slice(right.node, name), false};
    a.is_here = a.node != NULL;
    b.is_here = b.node != NULL;
    if (shape->kind == SHAPE_STRUCT) {
        a = member_side(left, a.node, inner.field);
        b = c->is_merged ? b : member_side(right, b.node, inner.field);
    }
    compare(c, &inner, a, b, &member);
    append(c, sets, &member);
}

/* The names on either side, sorted, each once. */
static struct slice *names_of(struct arena *arena, const struct json *left,
                              const struct json *right, size_t *count)
{
    struct slice *names = arena_alloc_raw(
        arena, (json_count(left) + json_count(right) + 1) * sizeof(*names), _Alignof(struct slice));
    *count = 0;
    JSON_EACH(member, left)
        names[(*count)++] = json_key(member);
    JSON_EACH(member, right)
        if (json_get_slice(left, json_key(member)) == NULL)
            names[(*count)++] = json_key(member);
    apply_sort_names(names, *count);
    return names;
}

/* Both sides have the struct or map, so what neither shows is equal. */
static void compare_members(const struct comparison *c, const struct shape *shape, struct side left,
                            struct side right, struct sets *sets)
{
    size_t count;
    struct slice *names = names_of(c->arena, left.node, right.node, &count);
    for (size_t i = 0; i < count; i++)
        compare_member(c, shape, names[i], left, right, sets);
}

/* --- Items --- */

static size_t run_of(const struct shape_items *items, size_t at, const struct shape_item *like)
{
    size_t end = at;
    while (end < items->count && shape_item_compare(&items->items[end], like) == 0)
        end++;
    return end - at;
}

static bool same_run(const struct shape_item *a, size_t a_count, const struct shape_item *b,
                     size_t b_count)
{
    if (a_count != b_count)
        return false;
    for (size_t i = 0; i < a_count; i++)
        if (!json_equal(a[i].value, b[i].value))
            return false;
    return true;
}

static struct side item_side(const struct shape_item *items, size_t count)
{
    return count == 1 ? (struct side){items[0].value, true} : (struct side){NULL, false};
}

/* Items of one step: mostly one on either side. Those that are there twice are one piece;
 * a single one that becomes two, or the other way, is removed and added. */
static void compare_run(const struct comparison *c, const struct shape *shape,
                        const struct shape_item *left, size_t left_count,
                        const struct shape_item *right, size_t right_count, struct sets *sets)
{
    struct shape inner = shape_of_item(shape);
    if (left_count >= 2 && right_count >= 2) {
        sets->changed.is_member = !same_run(left, left_count, right, right_count);
        return;
    }
    compare(c, &inner, item_side(left, left_count), item_side(right, right_count), sets);
    if (left_count >= 2)
        sets->removed.is_member = true;
    if (right_count >= 2)
        sets->changed.is_member = true;
}

static void compare_items(const struct comparison *c, const struct shape *shape, struct side left,
                          struct side right, struct sets *sets)
{
    struct shape_items a = shape_items_of(shape, c->arena, left.node, NULL);
    struct shape_items b = shape_items_of(shape, c->arena, right.node, NULL);
    shape_items_sort(&a);
    shape_items_sort(&b);
    for (size_t i = 0, j = 0; i < a.count || j < b.count;) {
        bool from_left =
            j == b.count || (i < a.count && shape_item_compare(&a.items[i], &b.items[j]) <= 0);
        const struct shape_item *item = from_left ? &a.items[i] : &b.items[j];
        size_t left_count = run_of(&a, i, item);
        size_t right_count = run_of(&b, j, item);
        struct fieldset step = {.kind = from_left ? a.step : b.step, .text = item->text};
        struct sets inner = {step, step};
        compare_run(c, shape, a.items + i, left_count, b.items + j, right_count, &inner);
        append(c, sets, &inner);
        i += left_count;
        j += right_count;
    }
}

/* --- Values --- */

/* Containers with nothing in them, on both sides, are leaves; so is what is no container.
 * A struct that has zeros is never empty. */
static bool is_leaf(const struct shape *shape, struct side left, struct side right)
{
    bool is_container = shape_is_list(shape) || shape_is_map(shape);
    if (!is_container || json_count(left.node) > 0 || json_count(right.node) > 0)
        return !is_container;
    return shape->kind != SHAPE_STRUCT || apply_count_zeros(shape->type) == 0;
}

static void compare(const struct comparison *c, const struct shape *shape, struct side left,
                    struct side right, struct sets *sets)
{
    if (!left.is_here && !right.is_here)
        return;
    if (!left.is_here)
        apply_set_whole(c->arena, shape, right.node, !c->is_merged, &sets->changed);
    else if (!right.is_here)
        apply_set_whole(c->arena, shape, left.node, true, &sets->removed);
    else if (is_leaf(shape, left, right))
        sets->changed.is_member = !is_same(shape, left, right);
    else if (left.node && right.node && json_equal(left.node, right.node))
        return;
    else if (shape_is_list(shape))
        compare_items(c, shape, left, right, sets);
    else
        compare_members(c, shape, left, right, sets);
}

struct apply_change apply_compare(struct arena *arena, const struct schema_type *type,
                                  const struct json *old, const struct json *object, bool is_merged)
{
    struct comparison c = {.arena = arena, .is_merged = is_merged};
    struct shape root = shape_of_type(type);
    struct sets *sets = ARENA_NEW(arena, struct sets);
    compare(&c, &root, (struct side){old, true}, (struct side){object, true}, sets);
    return (struct apply_change){&sets->changed, &sets->removed};
}
