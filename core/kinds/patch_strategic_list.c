/* Strategic merge patches: lists.
 *
 * Items are told apart by their identity: of objects the value of the merge key,
 * of scalars the value itself. The order of a merged list is decided in two
 * steps. The patch's items stand in the order of the patch, or of its
 * $setElementOrder; all others, the server's own, in the order of the live list.
 * Then the two are woven: a server's item goes before a patch's item only if
 * it stood before it in the live list; else the patch's item comes first.
 *
 * Everything is looked up in tables, so that long lists cost what they weigh. */
#include <stdlib.h>

#include "core/kinds/patch_private.h"
#include "core/map.h"

struct item {
    struct json *value;
    struct json *parent; /* The list that it is in. */
    struct slice id;
    ptrdiff_t place;     /* In the order being made; -1: not in it. */
    size_t sequence;     /* As it was. */
};

struct items {
    struct item *first;
    size_t count;
};

struct order { /* Identity to the index of the first item that has it. */
    struct map indexes;
};

struct list_merge {
    struct strategic *strategic;
    const struct schema_field *field;
    const char *merge_key; /* NULL: of scalars. */
};

/* --- Identities --- */

/* A text and a number that read the same are two. */
static struct slice scalar_id(struct arena *arena, const struct json *value)
{
    struct buffer text = {0};
    json_print(value, &text);
    struct slice id = {arena_copy_slice(arena, buffer_slice(&text)), text.size};
    buffer_release(&text);
    return id;
}

static int fail_no_key(const struct list_merge *merge, const struct json *value)
{
    return patch_fail_plain(merge->strategic->status,
                            "map: %s does not contain declared merge key: %s",
                            patch_go_text(merge->strategic->arena, value), merge->merge_key);
}

/* The identity of a value; empty for an object without its key. */
static struct slice id_of(const struct list_merge *merge, const struct json *value)
{
    if (merge->merge_key)
        value = json_get(value, merge->merge_key);
    return value ? scalar_id(merge->strategic->arena, value) : SLICE("");
}

static struct items items_of(const struct list_merge *merge, struct json *list)
{
    struct items items = {.count = json_count(list)};
    if (items.count == 0)
        return items;
    items.first = ARENA_ARRAY(merge->strategic->arena, struct item, items.count);
    size_t i = 0;
    JSON_EACH(value, list) {
        items.first[i] =
            (struct item){.value = value, .parent = list, .id = id_of(merge, value), .sequence = i};
        i++;
    }
    return items;
}

static void order_init(struct order *order, const struct items *items)
{
    map_init_borrowing(&order->indexes);
    for (size_t i = 0; i < items->count; i++)
        if (map_get(&order->indexes, items->first[i].id) == NULL)
            (void)map_set(&order->indexes, items->first[i].id, (void *)(i + 1));
}

static void order_release(struct order *order)
{
    map_release(&order->indexes);
}

/* The index of the first item with that identity, or -1. */
static ptrdiff_t order_find(const struct order *order, struct slice id)
{
    return (ptrdiff_t)(uintptr_t)map_get(&order->indexes, id) - 1;
}

/* --- Order --- */

static int by_place(const void *a, const void *b)
{
    const struct item *x = a;
    const struct item *y = b;
    if (x->place != y->place)
        return x->place < y->place ? -1 : 1;
    if (x->place < 0) /* Upstream's sort turns around what its order does not have. */
        return x->sequence > y->sequence ? -1 : 1;
    return x->sequence < y->sequence ? -1 : 1;
}

static void sort_by(struct items *items, const struct order *order)
{
    for (size_t i = 0; i < items->count; i++) {
        items->first[i].place = order_find(order, items->first[i].id);
        items->first[i].sequence = i;
    }
    if (items->count > 1)
        qsort(items->first, items->count, sizeof(struct item), by_place);
}

/* Splits items into those that order has and the others. */
static void partition(struct arena *arena, const struct items *items, const struct order *order,
                      struct items *in, struct items *out)
{
    size_t room = items->count + 1;
    *in = (struct items){.first = ARENA_ARRAY(arena, struct item, room)};
    *out = (struct items){.first = ARENA_ARRAY(arena, struct item, room)};
    for (size_t i = 0; i < items->count; i++) {
        struct items *to = order_find(order, items->first[i].id) >= 0 ? in : out;
        to->first[to->count++] = items->first[i];
    }
}

static void take(struct json *list, const struct item *item)
{
    json_detach(item->parent, item->value);
    json_append(list, item->value);
}

/* A new list of both: see the head of the file. */
static struct json *weave(struct arena *arena, const struct items *server,
                          const struct items *patch, const struct order *live)
{
    struct json *list = json_new_array(arena);
    size_t i = 0;
    size_t j = 0;
    while (i < server->count && j < patch->count) {
        ptrdiff_t a = order_find(live, server->first[i].id);
        ptrdiff_t b = order_find(live, patch->first[j].id);
        bool server_first = a >= 0 && b >= 0 && a < b;
        take(list, server_first ? &server->first[i++] : &patch->first[j++]);
    }
    while (i < server->count)
        take(list, &server->first[i++]);
    while (j < patch->count)
        take(list, &patch->first[j++]);
    return list;
}

/* Items without their key cannot be put in order. */
static int check_keys(const struct list_merge *merge, const struct items *items)
{
    for (size_t i = 0; i < items->count; i++)
        if (merge->merge_key && items->first[i].id.size == 0)
            return fail_no_key(merge, items->first[i].value);
    return 0;
}

static int put_in_order(const struct list_merge *merge, const struct items *merged,
                        const struct order *wanted, const struct items *live, struct json **list)
{
    struct items patch;
    struct items server;
    struct order live_order;
    if (check_keys(merge, merged) || check_keys(merge, live))
        return -1;
    order_init(&live_order, live);
    partition(merge->strategic->arena, merged, wanted, &patch, &server);
    sort_by(&patch, wanted);
    sort_by(&server, &live_order);
    *list = weave(merge->strategic->arena, &server, &patch, &live_order);
    order_release(&live_order);
    return 0;
}

/* --- Merging --- */

/* All items of both lists must be of one type. */
static int check_types(const struct strategic *strategic, const struct json *list,
                       const struct json *patch, enum json_type *type)
{
    const struct json *lists[] = {list, patch};
    *type = JSON_ABSENT;
    for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
        JSON_EACH(item, lists[i]) {
            if (*type == JSON_ABSENT)
                *type = json_type(item);
            if (*type == JSON_ARRAY)
                return patch_fail_unprocessable(strategic->status);
            if (*type != json_type(item))
                return patch_fail_plain(
                    strategic->status, "list element types are not identical: [%s %s]",
                    patch_go_text(strategic->arena, list), patch_go_text(strategic->arena, patch));
        }
    return 0;
}

static int fail_directive(const struct list_merge *merge, const struct json *value)
{
    struct arena *arena = merge->strategic->arena;
    const struct json *directive = json_get(value, "$patch");
    if (slice_is(json_string(directive), "delete"))
        return fail_no_key(merge, value);
    if (slice_is(json_string(directive), "merge"))
        return patch_fail_plain(merge->strategic->status,
                                "merging lists cannot yet be specified in the patch");
    return patch_fail_plain(merge->strategic->status, "unknown patch type: %s in map: %s",
                            patch_go_text(arena, directive), patch_go_text(arena, value));
}

/* Drops the items whose identity gone has. */
static void remove_items(struct items *items, const struct order *gone)
{
    size_t kept = 0;
    for (size_t i = 0; i < items->count; i++)
        if (order_find(gone, items->first[i].id) < 0)
            items->first[kept++] = items->first[i];
    items->count = kept;
}

/* Takes items with $patch out of the patch and does what they say. */
static int apply_item_directives(const struct list_merge *merge, struct items *live,
                                 struct items *patch, bool *replaces)
{
    struct order gone;
    map_init_borrowing(&gone.indexes);
    size_t kept = 0;
    int failed = 0;
    *replaces = false;
    for (size_t i = 0; i < patch->count && !failed; i++) {
        struct item *item = &patch->first[i];
        struct slice directive = json_string(json_get(item->value, "$patch"));
        if (!strategic_has_directive(item->value))
            patch->first[kept++] = *item;
        else if (slice_is(directive, "replace"))
            *replaces = true;
        else if (slice_is(directive, "delete") && item->id.size > 0)
            (void)map_set(&gone.indexes, item->id, (void *)(i + 1));
        else
            failed = fail_directive(merge, item->value);
    }
    patch->count = kept;
    remove_items(live, &gone);
    order_release(&gone);
    return failed;
}

/* Merges each item of the patch into the live one of its identity, or adds it. */
static int merge_items(const struct list_merge *merge, const struct items *live,
                       const struct items *patch, struct items *merged)
{
    struct strategic *strategic = merge->strategic;
    *merged = (struct items){.count = live->count};
    merged->first = ARENA_ARRAY(strategic->arena, struct item, live->count + patch->count + 1);
    if (live->count > 0)
        memcpy(merged->first, live->first, live->count * sizeof(struct item));
    struct order order;
    order_init(&order, live);
    int failed = 0;
    for (size_t i = 0; i < patch->count && !failed; i++) {
        const struct item *item = &patch->first[i];
        ptrdiff_t at = order_find(&order, item->id);
        if (item->id.size == 0) {
            failed = fail_no_key(merge, item->value);
        } else if (at < 0) {
            (void)map_set(&order.indexes, item->id, (void *)(merged->count + 1));
            merged->first[merged->count++] = *item;
        } else if (merge->merge_key) {
            failed = strategic_merge_object(strategic, merge->field->object,
                                            merged->first[at].value, item->value);
        }
    }
    order_release(&order);
    return failed ? -1 : 0;
}

/* Of scalars that are twice in the live list one stays. */
static void drop_repeated(struct items *items)
{
    struct order order;
    order_init(&order, items);
    size_t kept = 0;
    for (size_t i = 0; i < items->count; i++)
        if (order_find(&order, items->first[i].id) == (ptrdiff_t)i)
            items->first[kept++] = items->first[i];
    items->count = kept;
    order_release(&order);
}

static struct json *without(struct arena *arena, const struct items *items,
                            const struct items *gone)
{
    struct json *list = json_new_array(arena);
    struct order order;
    order_init(&order, gone);
    for (size_t i = 0; i < items->count; i++)
        if (order_find(&order, items->first[i].id) < 0)
            take(list, &items->first[i]);
    order_release(&order);
    return list;
}

/* What the live order is when another order than the patch's is wanted. Upstream
 * deletes in place and adds behind, in the same memory, which it then reads as
 * the live list; so an added item counts as live if a deleted one left it room. */
static struct items reused_order(struct arena *arena, const struct items *live, size_t freed,
                                 const struct item *added, size_t added_count)
{
    struct items items = {.count = live->count};
    size_t reused = freed < added_count ? freed : added_count;
    items.first = ARENA_ARRAY(arena, struct item, live->count + reused + 1);
    if (live->count > 0)
        memcpy(items.first, live->first, live->count * sizeof(struct item));
    for (size_t i = 0; i < reused; i++)
        items.first[items.count++] = added[i];
    return items;
}

/* Merges both; the order is wanted's, or the patch's when that is NULL. */
static int merge_both(const struct list_merge *merge, struct items *live, struct items *patch,
                      const struct items *wanted, struct json **list)
{
    const struct items none = {0};
    bool replaces = false;
    size_t live_before = live->count;
    struct items merged;
    if (merge->merge_key && apply_item_directives(merge, live, patch, &replaces))
        return -1;
    if (!merge->merge_key)
        drop_repeated(live);
    const struct items *base = replaces ? patch : live;
    const struct items *more = replaces ? &none : patch;
    if (merge_items(merge, base, more, &merged))
        return -1;
    struct items live_order = *base;
    if (wanted && !replaces && merge->merge_key)
        live_order = reused_order(merge->strategic->arena, live, live_before - live->count,
                                  merged.first + live->count, merged.count - live->count);
    else if (wanted)
        live_order = *live;
    struct order order;
    order_init(&order, wanted ? wanted : more);
    int failed = put_in_order(merge, &merged, &order, &live_order, list);
    order_release(&order);
    return failed;
}

static int start(struct list_merge *merge, struct strategic *strategic,
                 const struct schema_field *field, const struct json *list,
                 const struct json *patch, enum json_type *type)
{
    *merge = (struct list_merge){.strategic = strategic, .field = field};
    if (check_types(strategic, list, patch, type))
        return -1;
    bool of_objects = *type == JSON_OBJECT;
    if (of_objects && (field == NULL || field->merge_key == NULL))
        return patch_fail_plain(strategic->status,
                                "cannot merge lists without merge key for struct");
    merge->merge_key = of_objects ? field->merge_key : NULL;
    return 0;
}

int strategic_merge_list(struct strategic *strategic, const struct schema_field *field,
                         struct json *list, struct json *patch, bool deletes, struct json **merged)
{
    struct list_merge merge;
    enum json_type type;
    if (start(&merge, strategic, field, list, patch, &type))
        return -1;
    struct items live = items_of(&merge, list);
    struct items items = items_of(&merge, patch);
    if (deletes && type != JSON_OBJECT) {
        *merged = without(strategic->arena, &live, &items);
        return 0;
    }
    return merge_both(&merge, &live, &items, NULL, merged);
}

/* The patch's items must stand in the order that is given, and all be in it. */
static int check_order(const struct list_merge *merge, const struct items *patch,
                       const struct json *patch_list, const struct items *wanted,
                       const struct json *order)
{
    size_t at = 0;
    size_t i = 0;
    if (wanted->count == 0)
        return 0;
    while (i < patch->count && at < wanted->count) {
        const struct item *item = &patch->first[i];
        if (strategic_has_directive(item->value))
            i++;
        else if (merge->merge_key && item->id.size == 0)
            return fail_no_key(merge, item->value);
        else
            i += slice_equal(item->id, wanted->first[at++].id);
    }
    while (i < patch->count &&
           slice_is(json_string(json_get(patch->first[i].value, "$patch")), "delete"))
        i++;
    if (i == patch->count)
        return 0;
    struct arena *arena = merge->strategic->arena;
    return patch_fail_plain(merge->strategic->status,
                            "The order in patch list:\n%s\n doesn't match $setElementOrder list:"
                            "\n%s\n",
                            patch_go_text(arena, patch_list), patch_go_text(arena, order));
}

/* What is not merged is one of the two lists as it is. */
static int order_one(const struct list_merge *merge, const struct items *live,
                     const struct items *one, const struct items *wanted, struct json **list)
{
    struct order order;
    order_init(&order, wanted);
    int failed = put_in_order(merge, one, &order, live, list);
    order_release(&order);
    return failed;
}

int strategic_order_list(struct strategic *strategic, const struct schema_field *field,
                         struct json *list, struct json *patch, struct json *order,
                         struct json **merged)
{
    struct list_merge merge;
    enum json_type type;
    if (start(&merge, strategic, field, list, patch, &type))
        return -1;
    struct items live = items_of(&merge, list);
    struct items items = items_of(&merge, patch);
    struct items wanted = items_of(&merge, order);
    if (check_keys(&merge, &wanted) || check_order(&merge, &items, patch, &wanted, order))
        return -1;
    if (patch == NULL)
        return order_one(&merge, &live, &live, &wanted, merged);
    if (list && field->flags & FIELD_IS_MERGED)
        return merge_both(&merge, &live, &items, &wanted, merged);
    if (list == NULL) {
        (void)strategic_drop_directives(patch);
        items = items_of(&merge, patch);
    }
    return order_one(&merge, &live, &items, &wanted, merged);
}
