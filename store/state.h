/* The state in memory: all objects in the order of their keys, and who owns what.
 *
 * Two persistent trees (store/tree.h) that change together. The second one is
 * the owner index: an entry UID, NUL, KEY for each metadata.ownerReferences[]
 * of the object under KEY, read off its view. So garbage collection and
 * controllers find the dependents of an owner in O(log n) on any pin, committed
 * or head, and a state that is taken back takes its index back.
 *
 * Cost: about 160 bytes for each owner reference, and a walk over two views for
 * each change; the index itself is touched only when owners differ. References
 * to a uid of more than OWNER_UID_MAX bytes are not in it: no object has one.
 *
 * Thread: one at a time for one struct state; copies may be on any threads. */
#ifndef STORE_STATE_H
#define STORE_STATE_H

#include "store/tree.h"

#define OWNER_UID_MAX 64

struct state {
    struct tree objects;
    struct tree owned; /* Entries without a view and a body. */
};

void state_release(struct state *state); /* Safe on zeroed memory; empty afterwards. */
struct state state_copy(const struct state *state);

struct object *state_get(const struct state *state, struct slice key); /* Borrowed, or NULL. */
/* Puts object in the place of the one with its key. Takes the reference to object, gives the
 * one to the object that was there, or NULL. */
struct object *state_put(struct state *state, struct object *object);
struct object *state_remove(struct state *state, struct slice key); /* Gives it, or NULL. */
int64_t state_count(const struct state *state);

/* The prefix of an owner's entries, and the key of the dependent that an entry names. */
void state_owned_prefix(struct slice uid, struct buffer *prefix);
struct slice state_owned_key(const struct object *entry);

#endif
