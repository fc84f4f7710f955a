/* A small table from texts to things, for checks that look for doubles.
 *
 * Most lists in an object have a few items, so the first ones are kept in
 * place and searched in turn; a large list gets a hash table, since whoever
 * sends an object chooses how long its lists are. Texts are borrowed. */
#ifndef CORE_KINDS_TEXT_MAP_H
#define CORE_KINDS_TEXT_MAP_H

#include <stdbool.h>

#include "core/buffer.h"
#include "core/map.h"

#define TEXT_MAP_IN_PLACE 8

struct text_map { /* Zeroed is empty. */
    size_t count;
    struct map_entry in_place[TEXT_MAP_IN_PLACE]; /* While count is not over it. */
    struct map table;
};

void text_map_release(struct text_map *map); /* Safe on zeroed memory; empties. */
/* Adds text; false when it was there, which then stays. thing is not NULL. */
bool text_map_add(struct text_map *map, struct slice text, const void *thing);
/* The thing of text, or NULL. */
const void *text_map_get(const struct text_map *map, struct slice text);
/* Adds text alone, for sets. */
static inline bool text_map_add_text(struct text_map *map, struct slice text)
{
    return text_map_add(map, text, map);
}
static inline bool text_map_has(const struct text_map *map, struct slice text)
{
    return text_map_get(map, text) != NULL;
}

#endif
