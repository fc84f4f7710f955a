/* A table from byte strings to pointers.
 *
 * Keys are copied unless map_init_borrowing() was used, in which case they
 * must live as long as their entry (a key inside the value is usual). Order
 * of iteration is not stated. Hashing is keyed by a process-wide random seed,
 * so that outside bytes cannot choose collisions; tests set the seed, before
 * any map is filled. */
#ifndef CORE_MAP_H
#define CORE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buffer.h"

struct map_entry {
    struct slice key;
    void *value;
    uint64_t hash;
};

struct map {
    struct map_entry *entries; /* Open addressing; key.data NULL marks a free place. */
    size_t count;
    size_t capacity; /* A power of two, or 0. */
    bool borrows_keys;
};

void map_init(struct map *map);
void map_init_borrowing(struct map *map);
void map_release(struct map *map); /* Frees keys it copied, never values. */
void *map_get(const struct map *map, struct slice key); /* NULL when absent. */
/* Sets and returns the value that was there before, or NULL. value is not NULL. */
void *map_set(struct map *map, struct slice key, void *value);
void *map_remove(struct map *map, struct slice key); /* The value it had, or NULL. */
/* Iterates: start with *cursor 0; false at the end. No change during iteration. */
bool map_next(const struct map *map, size_t *cursor, struct map_entry *entry);
void map_seed(uint64_t seed);
uint64_t map_hash(struct slice key);

#endif
