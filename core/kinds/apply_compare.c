/* What a write changed.
 *
 * Go's objects have more fields than their JSON in our trees shows: what has no
 * omitempty is there as "", 0, {} or null. It matters here, because whoever adds
 * an item to a list owns those fields of it too, and a struct that is always there
 * was not added by anyone. So a side of a comparison is a node, nothing, or a
 * zero. */
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

/* --- Leaves --- */

static bool is_zero(const struct json *node)
{
    int64_t number;
    switch (json_type(node)) {
    case JSON_STRING:
        return json_string(node).size == 0 || slice_is(json_string(node), "0");
    case JSON_NUMBER:
        return json_to_int64(node, &number) && number == 0;
    case JSON_BOOL:
        return !json_bool(node);
    case JSON_OBJECT:
        JSON_EACH(member, node)
            if (!is_zero(member))
                return false;
        return true;
    default:
        return false;
    }
}

/* Whether what Go has where a value is absent is null: no value of a tree equals it. */
static bool zero_is_null(const struct shape *shape)
{
    return shape->field == NULL || shape->is_whole ||
           !(shape->field->flags & FIELD_ALWAYS_WRITTEN);
}

static bool is_same(const struct shape *shape, struct side left, struct side right)
{
    if (left.node && right.node)
        return json_equal(left.node, right.node);
    if (left.node == NULL && right.node == NULL)
        return true;
    return !zero_is_null(shape) && is_zero(left.node ? left.node : right.node);
}

static void compare_leaf(const struct shape *shape, struct side left, struct side right,
                         struct sets *sets)
{
    if (!right.is_here)
        sets->removed.is_member = true;
    else if (!left.is_here || !is_same(shape, left, right))
        sets->changed.is_member = true;
}

/* --- Members --- */

/* What Go always writes. What is expected has no omitempty either, and plain times and raw
 * values have none that would work; where they are not ALWAYS too, their zero is null. */
static bool has_zero(const struct schema_field *field)
{
    const unsigned always = FIELD_ALWAYS_WRITTEN | FIELD_IS_REQUIRED | FIELD_IS_EXPECTED;
    bool is_special = field->type == TYPE_TIME || field->type == TYPE_MICRO_TIME ||
                      field->type == TYPE_ANY;
    bool is_plain = field->repeat == REPEAT_ONE && is_special;
    return (field->flags & always || is_plain) && !(field->flags & FIELD_IS_POINTER);
}

static size_t count_zeros(const struct schema_type *type)
{
    size_t count = 0;
    for (size_t i = 0; i < type->field_count; i++) {
        const struct schema_field *field = &type->fields[i];
        count += field->flags & FIELD_IS_INLINE ? count_zeros(field->object) : has_zero(field);
    }
    return count;
}

/* Fields that neither side shows, while Go has them on one side that the other lacks. */
static void add_zeros(struct apply_members *members, const struct schema_type *type,
                      const struct json *shown, bool on_left)
{
    for (size_t i = 0; i < type->field_count; i++) {
        const struct schema_field *field = &type->fields[i];
        if (field->flags & FIELD_IS_INLINE)
            add_zeros(members, field->object, shown, on_left);
        else if (has_zero(field) && json_get(shown, field->name) == NULL)
            members->first[members->count++] = (struct apply_member){
                .name = slice_of(field->name),
                .shape = shape_of_field(field),
                .left_is_zero = on_left,
                .right_is_zero = !on_left,
            };
    }
}

/* Marks where an absent member is a zero. A merged object has the zeros that its live
 * object had, and none of its own. */
static void mark_zeros(const struct comparison *c, struct apply_members *members, bool left_here,
                       bool right_here)
{
    for (size_t i = 0; i < members->count; i++) {
        struct apply_member *member = &members->first[i];
        if (!has_zero(member->shape.field))
            continue;
        member->left_is_zero = left_here && member->left == NULL;
        member->right_is_zero = right_here && member->right == NULL && !c->is_merged;
    }
}

static struct apply_members members_of_structs(const struct comparison *c,
                                               const struct shape *shape, struct side left,
                                               struct side right)
{
    struct apply_members members = apply_members_of(c->arena, shape, left.node, right.node);
    mark_zeros(c, &members, left.is_here, right.is_here);
    if (left.is_here == right.is_here || (!left.is_here && c->is_merged))
        return members;
    size_t zeros = count_zeros(shape->type);
    if (zeros == 0)
        return members;
    struct apply_members more = {
        .first = ARENA_ARRAY(c->arena, struct apply_member, members.count + zeros),
        .count = members.count,
    };
    if (members.count > 0)
        memcpy(more.first, members.first, members.count * sizeof(*more.first));
    add_zeros(&more, shape->type, left.is_here ? left.node : right.node, left.is_here);
    return more;
}

static void compare_members(const struct comparison *c, const struct shape *shape,
                            struct side left, struct side right, struct sets *sets)
{
    struct apply_members members =
        shape->kind == SHAPE_STRUCT ? members_of_structs(c, shape, left, right)
                                    : apply_members_of(c->arena, shape, left.node, right.node);
    apply_members_sort(&members);
    for (size_t i = 0; i < members.count; i++) {
        const struct apply_member *member = &members.first[i];
        struct fieldset step = {.kind = 'f', .text = member->name};
        struct sets inner = {step, step};
        compare(c, &member->shape,
                (struct side){member->left, member->left || member->left_is_zero},
                (struct side){member->right, member->right || member->right_is_zero}, &inner);
        fieldset_append(c->arena, &sets->changed, &inner.changed);
        fieldset_append(c->arena, &sets->removed, &inner.removed);
    }
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
    if (left_count == 1 || right_count == 1)
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
        bool from_left = j == b.count || (i < a.count &&
                                          shape_item_compare(&a.items[i], &b.items[j]) <= 0);
        const struct shape_item *item = from_left ? &a.items[i] : &b.items[j];
        size_t left_count = run_of(&a, i, item);
        size_t right_count = run_of(&b, j, item);
        struct fieldset step = {.kind = from_left ? a.step : b.step, .text = item->text};
        struct sets inner = {step, step};
        compare_run(c, shape, a.items + i, left_count, b.items + j, right_count, &inner);
        fieldset_append(c->arena, &sets->changed, &inner.changed);
        fieldset_append(c->arena, &sets->removed, &inner.removed);
        i += left_count;
        j += right_count;
    }
}

/* --- Values --- */

/* Containers with nothing in them, on both sides, are leaves; so is what is no container.
 * A struct that has zeros is never empty, unless it is just what its JSON shows. */
static bool is_leaf(const struct comparison *c, const struct shape *shape, struct side left,
                    struct side right)
{
    bool is_container = shape_is_list(shape) || shape_is_map(shape);
    if (!is_container || json_count(left.node) > 0 || json_count(right.node) > 0)
        return !is_container;
    bool may_have_zeros = left.is_here || !c->is_merged;
    return shape->kind != SHAPE_STRUCT || !may_have_zeros || count_zeros(shape->type) == 0;
}

static void compare(const struct comparison *c, const struct shape *shape, struct side left,
                    struct side right, struct sets *sets)
{
    if (!left.is_here && !right.is_here)
        return;
    if (is_leaf(c, shape, left, right)) {
        compare_leaf(shape, left, right, sets);
        return;
    }
    if (shape_is_list(shape))
        compare_items(c, shape, left, right, sets);
    else
        compare_members(c, shape, left, right, sets);
    if (!left.is_here)
        sets->changed.is_member = true;
    else if (!right.is_here)
        sets->removed.is_member = true;
}

struct apply_change apply_compare(struct arena *arena, const struct schema_type *type,
                                  const struct json *old, const struct json *object,
                                  bool is_merged)
{
    struct comparison c = {.arena = arena, .is_merged = is_merged};
    struct shape root = shape_of_type(type);
    struct sets *sets = ARENA_NEW(arena, struct sets);
    compare(&c, &root, (struct side){old, true}, (struct side){object, true}, sets);
    return (struct apply_change){&sets->changed, &sets->removed};
}
