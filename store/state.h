/* The state in memory: a persistent tree of objects, in the order of their keys.
 *
 * A struct state is a value that holds one reference to a root. Copying it
 * costs one reference and shares everything; a change to one copy is never
 * seen by another. A node that is held once, all the way from the root, is
 * changed in place; one that is shared is copied first (so between two copies
 * a change costs at most one new node per level, and after them nothing but
 * the change itself). Leaves hold references to objects; inner nodes know how
 * many objects are below each child, so that counting a prefix is O(log n).
 *
 * Memory: about 20 bytes per object.
 *
 * Thread: one at a time for one struct state; copies may be on any threads. */
#ifndef STORE_STATE_H
#define STORE_STATE_H

#include <stdint.h>

#include "core/kinds/object.h"

struct state_node;
struct state {
    struct state_node *root; /* NULL when empty. */
};

void state_release(struct state *state); /* Safe on zeroed memory; empty afterwards. */
struct state state_copy(const struct state *state);

struct object *state_get(const struct state *state, struct slice key); /* Borrowed, or NULL. */
/* Puts object in the place of the one with its key. Takes the reference to object, gives the
 * one to the object that was there, or NULL. */
struct object *state_put(struct state *state, struct object *object);
struct object *state_remove(struct state *state, struct slice key); /* Gives it, or NULL. */

int64_t state_count(const struct state *state);
/* Objects whose keys start with prefix. */
int64_t state_count_prefix(const struct state *state, struct slice prefix);

/* Walks in the order of keys. path[0] is the root; the state must not change meanwhile. */
#define STATE_DEPTH_MAX 12
struct state_cursor {
    const void **path; /* STATE_DEPTH_MAX places of the caller's. */
    uint16_t *place;
    int depth;         /* Levels in use; 0 at the end. */
};
/* The first object whose key is not before from; NULL at the end. */
struct object *state_seek(const struct state *state, struct slice from,
                          struct state_cursor *cursor);
struct object *state_next(struct state_cursor *cursor);

#endif
