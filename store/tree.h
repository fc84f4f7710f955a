/* A persistent tree of objects, in the order of their keys.
 *
 * A struct tree is a value that holds one reference to a root. Copying it
 * costs one reference and shares everything; a change to one copy is never
 * seen by another. A node that is held once, all the way from the root, is
 * changed in place; one that is shared is copied first (so between two copies
 * a change costs at most one new node per level, and after them nothing but
 * the change itself). Leaves hold references to objects; inner nodes know how
 * many objects are below each child, so that counting a prefix is O(log n).
 *
 * Memory: about 20 bytes per object.
 *
 * Thread: one at a time for one struct tree; copies may be on any threads. */
#ifndef STORE_TREE_H
#define STORE_TREE_H

#include <stdint.h>

#include "core/kinds/object.h"

struct tree_node;
struct tree {
    struct tree_node *root; /* NULL when empty. */
};

void tree_release(struct tree *tree); /* Safe on zeroed memory; empty afterwards. */
struct tree tree_copy(const struct tree *tree);

struct object *tree_get(const struct tree *tree, struct slice key); /* Borrowed, or NULL. */
/* Puts object in the place of the one with its key. Takes the reference to object, gives the
 * one to the object that was there, or NULL. */
struct object *tree_put(struct tree *tree, struct object *object);
struct object *tree_remove(struct tree *tree, struct slice key); /* Gives it, or NULL. */

int64_t tree_count(const struct tree *tree);
/* Objects whose keys start with prefix. */
int64_t tree_count_prefix(const struct tree *tree, struct slice prefix);

/* Walks in the order of keys. path[0] is the root; the tree must not change meanwhile. */
#define TREE_DEPTH_MAX 12
struct tree_cursor {
    const void **path; /* TREE_DEPTH_MAX places of the caller's. */
    uint16_t *place;
    int depth;         /* Levels in use; 0 at the end. */
};
/* The first object whose key is not before from; NULL at the end. */
struct object *tree_seek(const struct tree *tree, struct slice from, struct tree_cursor *cursor);
struct object *tree_next(struct tree_cursor *cursor);

#endif
