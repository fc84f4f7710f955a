/* One bit for each number below a size: which of them are held.
 *
 * The memory of a large one is touched only where bits were set. Asking and
 * setting take a step; a search reads 64 numbers at once. */
#ifndef CORE_BITMAP_H
#define CORE_BITMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bitmap {
    uint64_t *words;
    size_t size;
    size_t held;
};

void bitmap_init(struct bitmap *bitmap, size_t size); /* None is held. */
void bitmap_release(struct bitmap *bitmap);           /* Safe on zeroed memory. */

bool bitmap_has(const struct bitmap *bitmap, size_t number);
bool bitmap_set(struct bitmap *bitmap, size_t number);   /* False when it was held already. */
bool bitmap_clear(struct bitmap *bitmap, size_t number); /* False when it was not held. */
/* The first one from `from` on, and below `to`, that is not held; `to` when all are. */
size_t bitmap_find_clear(const struct bitmap *bitmap, size_t from, size_t to);

#endif
