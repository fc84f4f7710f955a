/* Strategic merge patches: objects and their directives. Lists are in
 * patch_strategic_list.c.
 *
 * Directives of an object: "$patch": "replace" | "delete"; "$retainKeys": [names
 * that stay]; of a field of it: "$deleteFromPrimitiveList/name": [texts],
 * "$setElementOrder/name": [texts, or objects of the merge key]. Rules and
 * order: apimachinery pkg/util/strategicpatch, with MergeParallelList and
 * IgnoreUnmatchedNulls as the server sets them. Where upstream answers 500
 * because a field is unknown to the schema, we merge it as a plain map. */
#include "core/kinds/patch_private.h"

#define DIRECTIVE "$patch"
#define RETAIN_KEYS_DIRECTIVE "$retainKeys"
#define DELETE_LIST "$deleteFromPrimitiveList"
#define ELEMENT_ORDER "$setElementOrder"

bool strategic_has_directive(const struct json *value)
{
    return json_get(value, DIRECTIVE) != NULL;
}

bool strategic_drop_directives(struct json *value)
{
    if (strategic_has_directive(value))
        return false;
    for (struct json *child = json_first(value), *next; child; child = next) {
        next = json_next(child);
        if (!strategic_drop_directives(child))
            json_detach(value, child);
    }
    return true;
}

static void drop_nulls(struct json *value)
{
    for (struct json *child = json_first(value), *next; child; child = next) {
        next = json_next(child);
        if (json_is(value, JSON_OBJECT) && json_is(child, JSON_NULL))
            json_detach(value, child);
        else
            drop_nulls(child);
    }
}

static void clear(struct json *object)
{
    while (json_first(object))
        json_detach(object, json_first(object));
}

/* Moves a member to another object, where it takes the place of one with that key. */
static void move_member(struct strategic *strategic, struct json *from, struct json *member,
                        struct json *to, struct slice key)
{
    json_detach(from, member);
    (void)json_set_slice(strategic->arena, to, key, member);
}

/* --- Directives of an object --- */

static int apply_directive(struct strategic *strategic, struct json *object, struct json *patch)
{
    struct slice directive = json_string(json_get(patch, DIRECTIVE));
    if (!slice_is(directive, "replace") && !slice_is(directive, "delete"))
        return patch_fail_plain(strategic->status, "unknown patch type: %s in map: %s",
                                patch_go_text(strategic->arena, json_get(patch, DIRECTIVE)),
                                patch_go_text(strategic->arena, patch));
    clear(object);
    (void)json_remove(patch, DIRECTIVE);
    while (slice_is(directive, "replace") && json_first(patch)) {
        struct json *member = json_first(patch);
        move_member(strategic, patch, member, object, json_key(member));
    }
    return 0;
}

static bool is_parallel_list(struct slice key)
{
    return slice_starts_with(key, SLICE(DELETE_LIST)) ||
           slice_starts_with(key, SLICE(ELEMENT_ORDER));
}

static int fail_retain_keys(struct strategic *strategic)
{
    return status_fail(strategic->status, STATUS_BAD_REQUEST, "invalid patch format of retainKeys");
}

static bool has_text(const struct json *list, struct slice text)
{
    JSON_EACH(item, list)
        if (json_is(item, JSON_STRING) && slice_equal(json_string(item), text))
            return true;
    return false;
}

/* Members that are not listed go; the patch itself may name only listed ones. */
static int retain_keys(struct strategic *strategic, struct json *object, struct json *patch)
{
    struct json *list = json_get(patch, RETAIN_KEYS_DIRECTIVE);
    if (list == NULL)
        return 0;
    json_detach(patch, list);
    if (!json_is(list, JSON_ARRAY))
        return fail_retain_keys(strategic);
    JSON_EACH(member, patch)
        if (!json_is(member, JSON_NULL) && !is_parallel_list(json_key(member)) &&
            !has_text(list, json_key(member)))
            return fail_retain_keys(strategic);
    for (struct json *member = json_first(object), *next; member; member = next) {
        next = json_next(member);
        if (!has_text(list, json_key(member)))
            json_detach(object, member);
    }
    return 0;
}

/* The field's name behind "$directive/". */
static int field_of_list(struct strategic *strategic, struct slice key, struct slice directive,
                         const char *error, struct slice *name)
{
    ptrdiff_t slash = slice_find(key, '/');
    if (slash < 0 || (size_t)slash != directive.size)
        return status_fail(strategic->status, STATUS_BAD_REQUEST, "%s", error);
    *name = slice_sub(key, (size_t)slash + 1, key.size);
    return 0;
}

static int fail_not_list(struct strategic *strategic, const struct json *value)
{
    static const char *const go_types[] = {
        [JSON_NULL] = "%!s(<nil>)",
        [JSON_BOOL] = "bool",
        [JSON_NUMBER] = "int64",
        [JSON_STRING] = "string",
        [JSON_OBJECT] = "map[string]interface {}",
    };
    return patch_fail_plain(strategic->status, "expected a []interface {}, but received a %s",
                            go_types[json_type(value)]);
}

/* --- $setElementOrder --- */

static const struct schema_field *field_of(const struct schema_type *type, struct slice name)
{
    return type ? schema_field(type, name) : NULL;
}

/* Merges the list that an order is about, and puts the result in object. */
static int apply_order(struct strategic *strategic, const struct schema_type *type,
                       struct json *object, struct json *patch, struct slice name,
                       struct json *order)
{
    struct json *list = json_get_slice(object, name);
    struct json *patch_list = json_get_slice(patch, name);
    const struct schema_field *field = field_of(type, name);
    struct json *merged;
    if (!json_is(order, JSON_ARRAY))
        return fail_not_list(strategic, order);
    if (list && !json_is(list, JSON_ARRAY))
        return fail_not_list(strategic, list);
    if (patch_list && !json_is(patch_list, JSON_ARRAY))
        return fail_not_list(strategic, patch_list);
    if ((list == NULL && patch_list == NULL) || field == NULL)
        return 0;
    if (strategic_order_list(strategic, field, list, patch_list, order, &merged))
        return -1;
    (void)json_set_slice(strategic->arena, object, name, merged);
    if (patch_list)
        json_detach(patch, patch_list);
    return 0;
}

static int apply_orders(struct strategic *strategic, const struct schema_type *type,
                        struct json *object, struct json *patch)
{
    for (struct json *member = json_first(patch); member;) {
        struct slice name;
        struct slice key = json_key(member);
        if (!slice_starts_with(key, SLICE(ELEMENT_ORDER))) {
            member = json_next(member);
            continue;
        }
        json_detach(patch, member);
        if (field_of_list(strategic, key, SLICE(ELEMENT_ORDER),
                          "invalid patch format of setElementOrder list", &name) ||
            apply_order(strategic, type, object, patch, name, member))
            return -1;
        member = json_first(patch); /* The list may have been the next one. */
    }
    return 0;
}

/* --- Members --- */

/* A map's values all have the field's type; its members are no fields of a struct. */
static const struct schema_type *type_inside(const struct schema_field *field)
{
    bool is_struct = field && field->type == TYPE_OBJECT && field->repeat != REPEAT_MAP;
    return is_struct ? field->object : NULL;
}

static void set_new(struct strategic *strategic, struct json *object, struct slice name,
                    struct json *patch, struct json *value)
{
    drop_nulls(value);
    if (strategic_drop_directives(value))
        move_member(strategic, patch, value, object, name);
    else
        (void)json_remove_slice(object, name);
}

static int merge_list_member(struct strategic *strategic, const struct schema_field *field,
                             struct json *object, struct slice name, struct json *list,
                             struct json *patch, struct json *patch_list, bool deletes)
{
    bool merges = (field && field->flags & FIELD_IS_MERGED) || deletes;
    if (!merges) {
        move_member(strategic, patch, patch_list, object, name);
        return 0;
    }
    struct json *merged;
    if (strategic_merge_list(strategic, field, list, patch_list, deletes, &merged))
        return -1;
    (void)json_set_slice(strategic->arena, object, name, merged);
    return 0;
}

static int merge_member(struct strategic *strategic, const struct schema_type *type,
                        struct json *object, struct json *patch, struct json *member)
{
    struct slice name = json_key(member);
    bool deletes = slice_starts_with(name, SLICE(DELETE_LIST));
    if (deletes && field_of_list(strategic, name, SLICE(DELETE_LIST),
                                 "invalid patch format of primitive list", &name))
        return -1;
    struct json *present = json_get_slice(object, name);
    const struct schema_field *field = field_of(type, name);
    if (json_is(member, JSON_NULL)) {
        (void)json_remove_slice(object, name);
        return 0;
    }
    if (json_type(present) != json_type(member)) {
        if (!deletes)
            set_new(strategic, object, name, patch, member);
        return 0;
    }
    if (json_is(member, JSON_ARRAY))
        return merge_list_member(strategic, field, object, name, present, patch, member, deletes);
    bool merges = !(field && field->flags & FIELD_IS_REPLACED);
    if (json_is(member, JSON_OBJECT) && merges)
        return strategic_merge_object(strategic, type_inside(field), present, member);
    move_member(strategic, patch, member, object, name);
    return 0;
}

int strategic_merge_object(struct strategic *strategic, const struct schema_type *type,
                           struct json *object, struct json *patch)
{
    if (strategic_has_directive(patch))
        return apply_directive(strategic, object, patch);
    if (retain_keys(strategic, object, patch) || apply_orders(strategic, type, object, patch))
        return -1;
    for (struct json *member = json_first(patch), *next; member; member = next) {
        next = json_next(member);
        if (merge_member(strategic, type, object, patch, member))
            return -1;
    }
    return 0;
}

int patch_strategic(const struct schema_type *type, struct arena *arena, struct json *object,
                    const struct json *patch, struct status *status)
{
    struct strategic strategic = {.arena = arena, .status = status};
    if (json_is(patch, JSON_NULL)) /* An empty map to Go. */
        return 0;
    if (patch_check_object(patch, "", status))
        return -1;
    return strategic_merge_object(&strategic, type, object, json_copy(arena, patch));
}
