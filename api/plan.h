/* A plan: the writes of one transaction while they are being decided.
 *
 * A verb never writes by itself; it adds to a plan, and one transaction takes
 * the whole plan. So a request that touches several objects (quota, a gang of
 * bindings) is all or none by construction. Objects in a plan already carry the
 * revisions that they will have: nothing may be transacted between plan_init()
 * and the transaction (all in one step of the loop). */
#ifndef API_PLAN_H
#define API_PLAN_H

#include "api/request.h"

struct plan {
    struct store *store;
    int64_t base_revision; /* Of the first write. */
    struct txn_write *writes;
    size_t count;
    size_t capacity;
    bool is_relaxed;       /* Every write so far is. */
};

void plan_init(struct plan *plan, struct store *store);
void plan_release(struct plan *plan); /* Drops objects that were not transacted. */

/* The revision of the next write. */
int64_t plan_next_revision(const struct plan *plan);
/* The object as it will be after this plan's writes: the plan's own, else head's. NULL when
 * there is none, or when the plan deletes it. Borrowed. */
const struct object *plan_get(const struct plan *plan, struct slice key);
/* Adds a write; takes object. expected as in store.h, ignored if the plan wrote the key. */
void plan_put(struct plan *plan, struct object *object, int64_t expected, bool is_relaxed);
void plan_delete(struct plan *plan, struct object *last, int64_t expected, bool is_relaxed);
/* Hands the writes over: what store_transact() wants. */
size_t plan_take(struct plan *plan, struct txn_write **writes);

#endif
