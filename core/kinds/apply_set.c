/* The set of fields of one value. */
#include <stdlib.h>

#include "core/kinds/apply_private.h"

/* --- Zeros --- */

/* What Go always writes. What is expected has no omitempty either, and plain times and raw
 * values have none that would work; where they are not ALWAYS too, their zero is null. */
bool apply_has_zero(const struct schema_field *field)
{
    const unsigned always = FIELD_ALWAYS_WRITTEN | FIELD_IS_REQUIRED | FIELD_IS_EXPECTED;
    bool is_special =
        field->type == TYPE_TIME || field->type == TYPE_MICRO_TIME || field->type == TYPE_ANY;
    bool is_plain = field->repeat == REPEAT_ONE && is_special;
    return (field->flags & always || is_plain) && !(field->flags & FIELD_IS_POINTER);
}

size_t apply_count_zeros(const struct schema_type *type)
{
    size_t count = 0;
    for (size_t i = 0; i < type->field_count; i++) {
        const struct schema_field *field = &type->fields[i];
        count += field->flags & FIELD_IS_INLINE ? apply_count_zeros(field->object)
                                                : apply_has_zero(field);
    }
    return count;
}

/* --- Members --- */

struct member {
    struct slice name;
    struct shape shape;
    const struct json *value; /* NULL: a zero that the tree does not show. */
};

struct members {
    struct member *first;
    size_t count;
};

static int by_name(const void *a, const void *b)
{
    const struct member *x = a;
    const struct member *y = b;
    return slice_compare(x->name, y->name);
}

static void sort(struct members *members)
{
    if (members->count > 64) {
        qsort(members->first, members->count, sizeof(*members->first), by_name);
        return;
    }
    for (size_t i = 1; i < members->count; i++) {
        if (by_name(&members->first[i - 1], &members->first[i]) <= 0)
            continue;
        struct member member = members->first[i];
        size_t at = i;
        for (; at > 0 && by_name(&members->first[at - 1], &member) > 0; at--)
            members->first[at] = members->first[at - 1];
        members->first[at] = member;
    }
}

static void add_zeros(struct members *members, const struct schema_type *type,
                      const struct json *value)
{
    for (size_t i = 0; i < type->field_count; i++) {
        const struct schema_field *field = &type->fields[i];
        if (field->flags & FIELD_IS_INLINE)
            add_zeros(members, field->object, value);
        else if (apply_has_zero(field) && json_get(value, field->name) == NULL)
            members->first[members->count++] =
                (struct member){slice_of(field->name), shape_of_field(field), NULL};
    }
}

/* The members of a struct or map, sorted by name; with zeros those too that Go has and
 * the tree does not show. */
static struct members members_of(struct arena *arena, const struct shape *shape,
                                 const struct json *value, bool with_zeros)
{
    struct members members = {.count = 0};
    bool is_struct = shape->kind == SHAPE_STRUCT;
    size_t zeros = is_struct && with_zeros ? apply_count_zeros(shape->type) : 0;
    size_t room = json_count(value) + zeros;
    if (room == 0)
        return members;
    members.first = arena_alloc_raw(arena, room * sizeof(struct member), _Alignof(struct member));
    JSON_EACH(child, value) {
        struct member *member = &members.first[members.count];
        member->name = json_key(child);
        member->value = child;
        if (!shape_of_member(shape, member->name, &member->shape))
            continue;
        zeros -= zeros > 0 && apply_has_zero(member->shape.field);
        members.count++;
    }
    if (zeros > 0)
        add_zeros(&members, shape->type, value);
    sort(&members);
    return members;
}

static int by_bytes(const void *a, const void *b)
{
    return slice_compare(*(const struct slice *)a, *(const struct slice *)b);
}

void apply_sort_names(struct slice *names, size_t count)
{
    bool in_order = true;
    for (size_t i = 1; i < count && in_order; i++)
        in_order = slice_compare(names[i - 1], names[i]) <= 0;
    if (!in_order)
        qsort(names, count, sizeof(*names), by_bytes);
}

/* --- Sets --- */

struct walk {
    struct arena *arena;
    bool every_node; /* Containers are members too, and so is what is empty. */
    bool with_zeros;
};

static void walk_value(const struct walk *walk, const struct shape *shape, const struct json *value,
                       struct fieldset *node);

static bool says_nothing(const struct json *value)
{
    return json_is(value, JSON_NULL) || (json_is(value, JSON_OBJECT) && json_count(value) == 0);
}

/* Of what an author states, a struct is no member; what has no field of its own in the
 * schema is, and so is what says nothing more: null and an empty map. */
static void walk_members(const struct walk *walk, const struct shape *shape,
                         const struct json *value, struct fieldset *node)
{
    struct members members = members_of(walk->arena, shape, value, walk->with_zeros);
    for (size_t i = 0; i < members.count; i++) {
        const struct member *member = &members.first[i];
        struct fieldset child = {.kind = 'f', .text = member->name};
        walk_value(walk, &member->shape, member->value, &child);
        if (walk->every_node || shape->kind != SHAPE_STRUCT || says_nothing(member->value))
            child.is_member = true;
        fieldset_append(walk->arena, node, &child);
    }
}

/* Every item is a member; one that is there twice is only that. */
static void walk_items(const struct walk *walk, const struct shape *shape, const struct json *value,
                       struct fieldset *node)
{
    struct shape_items items = shape_items_of(shape, walk->arena, value, NULL);
    struct shape inner = shape_of_item(shape);
    shape_items_sort(&items);
    for (size_t i = 0, next; i < items.count; i = next) {
        const struct shape_item *item = &items.items[i];
        struct fieldset child = {.kind = items.step, .text = item->text};
        for (next = i + 1; next < items.count; next++)
            if (shape_item_compare(item, &items.items[next]) != 0)
                break;
        if (next == i + 1)
            walk_value(walk, &inner, item->value, &child);
        child.is_member = true;
        fieldset_append(walk->arena, node, &child);
    }
}

static void walk_value(const struct walk *walk, const struct shape *shape, const struct json *value,
                       struct fieldset *node)
{
    if (shape_is_map(shape))
        walk_members(walk, shape, value, node);
    else if (shape_is_list(shape))
        walk_items(walk, shape, value, node);
    else
        node->is_member = true;
}

struct fieldset *apply_set_of(struct arena *arena, const struct shape *shape,
                              const struct json *value)
{
    struct walk walk = {.arena = arena};
    struct fieldset *root = ARENA_NEW(arena, struct fieldset);
    walk_value(&walk, shape, value, root);
    root->is_member = false;
    return root;
}

void apply_set_whole(struct arena *arena, const struct shape *shape, const struct json *value,
                     bool with_zeros, struct fieldset *node)
{
    struct walk walk = {.arena = arena, .every_node = true, .with_zeros = with_zeros};
    walk_value(&walk, shape, value, node);
    node->is_member = true;
}

/* --- Structs as members --- */

/* The shape behind a step; one that the schema does not have is like a scalar. */
static struct shape step_shape(const struct shape *shape, const struct fieldset *step,
                               bool *is_field)
{
    struct shape inner = {.kind = SHAPE_SCALAR};
    *is_field = false;
    if (step->kind == 'f' && shape_is_map(shape))
        *is_field = shape_of_member(shape, step->text, &inner) && shape->kind == SHAPE_STRUCT;
    else if (step->kind == 'k' && shape->kind == SHAPE_KEYED)
        inner = shape_of_item(shape);
    return inner;
}

struct fieldset *apply_name_structs(struct arena *arena, const struct shape *shape,
                                    const struct fieldset *set)
{
    struct fieldset *result = ARENA_NEW(arena, struct fieldset);
    *result = *set;
    result->first = result->last = result->next = NULL;
    for (const struct fieldset *child = set->first; child; child = child->next) {
        bool is_field;
        struct shape inner = step_shape(shape, child, &is_field);
        struct fieldset named = *child;
        if (child->first)
            named = *apply_name_structs(arena, &inner, child);
        if (child->first && is_field)
            named.is_member = true;
        fieldset_append(arena, result, &named);
    }
    return result;
}
