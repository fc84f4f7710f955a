/* See text_map.h. */
#include "core/kinds/text_map.h"

void text_map_release(struct text_map *map)
{
    if (map->count > TEXT_MAP_IN_PLACE)
        map_release(&map->table);
    map->count = 0;
}

const void *text_map_get(const struct text_map *map, struct slice text)
{
    if (map->count > TEXT_MAP_IN_PLACE)
        return map_get(&map->table, text);
    for (size_t i = 0; i < map->count; i++)
        if (slice_equal(map->in_place[i].key, text))
            return map->in_place[i].value;
    return NULL;
}

/* A key of a map has data, even if it is empty. */
static struct slice solid(struct slice text)
{
    return text.data ? text : SLICE("");
}
static void move_to_table(struct text_map *map)
{
    map_init_borrowing(&map->table);
    for (size_t i = 0; i < map->count; i++)
        map_set(&map->table, map->in_place[i].key, map->in_place[i].value);
}

bool text_map_add(struct text_map *map, struct slice text, const void *thing)
{
    PRE(thing);
    if (text_map_get(map, text))
        return false;
    if (map->count < TEXT_MAP_IN_PLACE) {
        map->in_place[map->count++] =
            (struct map_entry){.key = solid(text), .value = (void *)(uintptr_t)thing};
        return true;
    }
    if (map->count == TEXT_MAP_IN_PLACE)
        move_to_table(map);
    map_set(&map->table, solid(text), (void *)(uintptr_t)thing);
    map->count++;
    return true;
}
