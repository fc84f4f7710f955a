/* Laying an applied configuration over the live object, and taking fields out.
 *
 * Structs and maps merge by name, sets and keyed lists item by item, all else is
 * replaced. Items of the configuration stand in its order, and among themselves so
 * do the live ones; where the two disagree, the configuration's order wins and what is
 * only live stays behind its live predecessor (structured-merge-diff, typed/merge.go). */
#include "core/kinds/apply_private.h"
#include "core/map.h"

/* --- Merging --- */

static bool is_leaf(const struct shape *shape, const struct json *live, const struct json *config)
{
    bool is_container = shape_is_list(shape) || shape_is_map(shape);
    return !is_container || (json_count(live) == 0 && json_count(config) == 0);
}

static void merge_member(struct arena *arena, const struct shape *shape, struct slice name,
                         const struct json *live, const struct json *config, struct json *result)
{
    struct shape inner = {.kind = SHAPE_SCALAR};
    (void)shape_of_member(shape, name, &inner);
    struct json *merged = apply_merge(arena, &inner, live, config);
    if (merged)
        (void)json_set_slice(arena, result, name, merged);
}

static struct json *merge_members(struct arena *arena, const struct shape *shape,
                                  const struct json *live, const struct json *config)
{
    struct json *result = json_new_object(arena);
    if (json_is(live, JSON_OBJECT))
        JSON_EACH(member, live) {
            struct slice name = json_key(member);
            merge_member(arena, shape, name, member, json_get_slice(config, name), result);
        }
    if (json_is(config, JSON_OBJECT))
        JSON_EACH(member, config)
            if (json_get_slice(live, json_key(member)) == NULL)
                merge_member(arena, shape, json_key(member), NULL, member, result);
    return result;
}

struct list_merge {
    struct arena *arena;
    struct shape inner;
    struct shape_items live;
    struct shape_items config;
    struct map live_index;   /* Step to index + 1 in live. */
    struct map config_index; /* The same in config, where a step is there once. */
    bool *live_repeated;     /* By index in live: the step is there twice. */
    bool *taken;             /* By index in config. */
    struct json *result;
};

static size_t index_of(const struct map *map, const struct shape_item *item)
{
    return (size_t)(uintptr_t)map_get(map, item->text);
}

/* A live item that is there twice is not merged into. */
static const struct json *live_of(const struct list_merge *merge, const struct shape_item *item)
{
    size_t at = index_of(&merge->live_index, item);
    return at > 0 && !merge->live_repeated[at - 1] ? merge->live.items[at - 1].value : NULL;
}

static void append(const struct list_merge *merge, const struct json *live,
                   const struct json *config)
{
    struct json *merged = apply_merge(merge->arena, &merge->inner, live, config);
    if (merged)
        json_append(merge->result, merged);
}

/* Takes the config item at i with what is live of it. */
static void take_config(struct list_merge *merge, size_t i)
{
    const struct shape_item *item = &merge->config.items[i];
    merge->taken[i] = true;
    append(merge, live_of(merge, item), item->value);
}

/* The next config item at or behind i that is live too; or the count. */
static size_t next_shared(const struct list_merge *merge, size_t i)
{
    while (i < merge->config.count && index_of(&merge->live_index, &merge->config.items[i]) == 0)
        i++;
    return i;
}

static void weave(struct list_merge *merge)
{
    size_t shared = next_shared(merge, 0);
    for (size_t i = 0, j = 0; i < merge->live.count || j < merge->config.count;) {
        const struct shape_item *item = i < merge->live.count ? &merge->live.items[i] : NULL;
        size_t in_config = item ? index_of(&merge->config_index, item) : 0;
        if (item && in_config == 0) {
            append(merge, item->value, NULL);
            i++;
        } else if (item && j < merge->config.count && in_config == j + 1) {
            take_config(merge, j);
            i++;
            shared = next_shared(merge, shared + 1);
            j++;
        } else if (item && j < merge->config.count && shared < merge->config.count &&
                   in_config != shared + 1) {
            i++; /* Shared, but not the one whose turn it is. */
        } else {
            i += item && merge->taken[in_config - 1];
            if (j == merge->config.count)
                continue;
            take_config(merge, j);
            if (j == shared)
                shared = next_shared(merge, shared + 1);
            j++;
        }
    }
}

static struct json *merge_items(struct arena *arena, const struct shape *shape,
                                const struct json *live, const struct json *config)
{
    struct list_merge merge = {
        .arena = arena,
        .inner = shape_of_item(shape),
        .live = shape_items_of(shape, arena, live, NULL),
        .config = shape_items_of(shape, arena, config, NULL),
        .result = json_new_array(arena),
    };
    merge.live_repeated = ARENA_ARRAY(arena, bool, merge.live.count + 1);
    merge.taken = ARENA_ARRAY(arena, bool, merge.config.count + 1);
    map_init_borrowing(&merge.live_index);
    map_init_borrowing(&merge.config_index);
    for (size_t i = 0; i < merge.live.count; i++) {
        size_t before = index_of(&merge.live_index, &merge.live.items[i]);
        if (before > 0)
            merge.live_repeated[before - 1] = true;
        else
            (void)map_set(&merge.live_index, merge.live.items[i].text, (void *)(i + 1));
    }
    for (size_t i = 0; i < merge.config.count; i++)
        (void)map_set(&merge.config_index, merge.config.items[i].text, (void *)(i + 1));
    weave(&merge);
    map_release(&merge.live_index);
    map_release(&merge.config_index);
    return merge.result;
}

struct json *apply_merge(struct arena *arena, const struct shape *shape, const struct json *live,
                         const struct json *config)
{
    if (is_leaf(shape, live, config))
        return json_copy(arena, config ? config : live);
    struct json *result = shape_is_list(shape) ? merge_items(arena, shape, live, config)
                                               : merge_members(arena, shape, live, config);
    return json_count(result) > 0 ? result : NULL;
}

/* --- Taking away --- */

/* A child by its step. Steps are canonical, so equal texts are equal steps. */
struct step_index {
    struct map by_text;
    char kind;
};

static void step_index_init(struct step_index *index, const struct fieldset *set, char kind)
{
    map_init_borrowing(&index->by_text);
    index->kind = kind;
    for (struct fieldset *child = set->first; child; child = child->next)
        if (child->kind == kind)
            (void)map_set(&index->by_text, child->text, child);
}

/* Removes a child, or what the set has of it. */
static void remove_child(struct arena *arena, const struct shape *shape, struct json *parent,
                         struct json *child, const struct fieldset *set)
{
    if (set == NULL)
        return;
    if (set->is_member) {
        json_detach(parent, child);
        return;
    }
    bool is_container = (shape_is_map(shape) && json_is(child, JSON_OBJECT)) ||
                        (shape_is_list(shape) && json_is(child, JSON_ARRAY));
    apply_remove(arena, shape, child, set);
    if (is_container && json_count(child) == 0)
        json_replace(parent, child, json_new_null(arena));
}

static void remove_members(struct arena *arena, const struct shape *shape, struct json *value,
                           const struct fieldset *set)
{
    struct step_index index;
    step_index_init(&index, set, 'f');
    for (struct json *member = json_first(value), *next; member; member = next) {
        struct shape inner = {.kind = SHAPE_SCALAR};
        next = json_next(member);
        (void)shape_of_member(shape, json_key(member), &inner);
        remove_child(arena, &inner, value, member, map_get(&index.by_text, json_key(member)));
    }
    map_release(&index.by_text);
}

static void remove_items(struct arena *arena, const struct shape *shape, struct json *value,
                         const struct fieldset *set)
{
    struct shape_items items = shape_items_of(shape, arena, value, NULL);
    struct shape inner = shape_of_item(shape);
    struct step_index index;
    step_index_init(&index, set, items.step);
    for (size_t i = 0; i < items.count; i++)
        remove_child(arena, &inner, value, items.items[i].value,
                     map_get(&index.by_text, items.items[i].text));
    map_release(&index.by_text);
}

void apply_remove(struct arena *arena, const struct shape *shape, struct json *value,
                  const struct fieldset *set)
{
    if (shape_is_map(shape) && json_is(value, JSON_OBJECT))
        remove_members(arena, shape, value, set);
    else if (shape_is_list(shape) && json_is(value, JSON_ARRAY))
        remove_items(arena, shape, value, set);
}
