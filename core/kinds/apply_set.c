/* The set of fields of one value, and the members of objects in order. */
#include <stdlib.h>

#include "core/kinds/apply_private.h"

/* --- Members --- */

static int by_name(const void *a, const void *b)
{
    const struct apply_member *x = a;
    const struct apply_member *y = b;
    return slice_compare(x->name, y->name);
}

void apply_members_sort(struct apply_members *members)
{
    if (members->count > 64) {
        qsort(members->first, members->count, sizeof(*members->first), by_name);
        return;
    }
    for (size_t i = 1; i < members->count; i++) {
        struct apply_member member = members->first[i];
        size_t at = i;
        for (; at > 0 && by_name(&members->first[at - 1], &member) > 0; at--)
            members->first[at] = members->first[at - 1];
        members->first[at] = member;
    }
}

static void add_member(struct apply_members *members, const struct shape *shape,
                       struct slice name, const struct json *left, const struct json *right)
{
    struct apply_member *member = &members->first[members->count];
    *member = (struct apply_member){.name = name, .left = left, .right = right};
    if (shape_of_member(shape, name, &member->shape))
        members->count++;
}

struct apply_members apply_members_of(struct arena *arena, const struct shape *shape,
                                      const struct json *left, const struct json *right)
{
    struct apply_members members = {.count = 0};
    size_t room = json_count(left) + json_count(right);
    if (room == 0)
        return members;
    members.first = arena_alloc_raw(arena, room * sizeof(*members.first),
                                    _Alignof(struct apply_member));
    if (json_is(right, JSON_OBJECT))
        JSON_EACH(member, right)
            add_member(&members, shape, json_key(member), json_get_slice(left, json_key(member)),
                       member);
    if (json_is(left, JSON_OBJECT))
        JSON_EACH(member, left)
            if (json_get_slice(right, json_key(member)) == NULL)
                add_member(&members, shape, json_key(member), member, NULL);
    return members;
}

/* --- Sets --- */

static void set_below(struct arena *arena, const struct shape *shape, const struct json *value,
                      struct fieldset *node);

static bool is_empty_map(const struct json *value)
{
    return json_is(value, JSON_OBJECT) && json_count(value) == 0;
}

/* A struct is no member; what has no field of its own in the schema is, and so is what
 * says nothing more: null and an empty map. */
static void set_of_members(struct arena *arena, const struct shape *shape,
                           const struct json *value, struct fieldset *node)
{
    struct apply_members members = apply_members_of(arena, shape, NULL, value);
    apply_members_sort(&members);
    for (size_t i = 0; i < members.count; i++) {
        const struct apply_member *member = &members.first[i];
        struct fieldset child = {.kind = 'f', .text = member->name};
        set_below(arena, &member->shape, member->right, &child);
        if (shape->kind != SHAPE_STRUCT || json_is(member->right, JSON_NULL) ||
            is_empty_map(member->right))
            child.is_member = true;
        fieldset_append(arena, node, &child);
    }
}

/* Every item is a member; one that is there twice is only that. */
static void set_of_items(struct arena *arena, const struct shape *shape, const struct json *value,
                         struct fieldset *node)
{
    struct shape_items items = shape_items_of(shape, arena, value, NULL);
    struct shape inner = shape_of_item(shape);
    shape_items_sort(&items);
    for (size_t i = 0, next; i < items.count; i = next) {
        const struct shape_item *item = &items.items[i];
        struct fieldset child = {.kind = items.step, .text = item->text};
        for (next = i + 1; next < items.count; next++)
            if (shape_item_compare(item, &items.items[next]) != 0)
                break;
        if (next == i + 1)
            set_below(arena, &inner, item->value, &child);
        child.is_member = true;
        fieldset_append(arena, node, &child);
    }
}

static void set_below(struct arena *arena, const struct shape *shape, const struct json *value,
                      struct fieldset *node)
{
    if (shape_is_map(shape))
        set_of_members(arena, shape, value, node);
    else if (shape_is_list(shape))
        set_of_items(arena, shape, value, node);
    else
        node->is_member = true;
}

struct fieldset *apply_set_of(struct arena *arena, const struct shape *shape,
                              const struct json *value)
{
    struct fieldset *root = ARENA_NEW(arena, struct fieldset);
    set_below(arena, shape, value, root);
    root->is_member = false;
    return root;
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
