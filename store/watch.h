/* Watches: every committed change, in revision order, to whoever asked.
 *
 * A watch is a cursor over committed events. It is opened at a revision and
 * then gets each later event under its prefix once, in order, a transaction's
 * events together in one batch. It never gets a gap: when its revision has left
 * history it gets STATUS_EXPIRED, at opening or later, and ends.
 *
 * Pull, not push: `ready` says that there is something to take; the owner
 * takes what it can send and comes back when it can take more. So a slow owner
 * costs a cursor, not a queue. A batch is never cut for in-process owners;
 * one that takes single events (an HTTP watch) may stop inside a transaction
 * and resumes with the rest, by the position it has kept.
 *
 * Thread: the loop thread. Ownership: the opener owns the watch and ends it
 * with watch_close(); nothing is called after that. Events are borrowed until
 * the return to the loop. */
#ifndef STORE_WATCH_H
#define STORE_WATCH_H

#include "store/store.h"

struct watch;

struct watch_event {
    int64_t revision;         /* Of the change; for a deletion the deletion's own. */
    const struct object *old; /* The state before; NULL: created. */
    const struct object *new; /* The state after. For a deletion: the last state with the
                               * deletion's revision. Never NULL. */
    bool is_delete;
    bool ends_txn;            /* The last event of its transaction, over all prefixes. */
};

typedef void watch_ready_fn(void *context);

/* Opens a watch on all keys that start with prefix (copied), from just after revision;
 * 0: from just after the current committed revision. A revision inside a
 * transaction resumes with that transaction's rest. A revision that is not yet
 * reached fails with TIMEOUT ("Too large resource version"). ready is called
 * once each time the watch has something after having had nothing. */
MUST_USE int watch_open(struct store *store, struct slice prefix, int64_t revision,
                        watch_ready_fn *ready, void *context, struct watch **watch,
                        struct status *status);
void watch_close(struct watch *watch); /* Takes NULL. */

/* Takes the next event: 1 taken, 0 nothing now (ready will be called), -1 with
 * STATUS_EXPIRED when the next one has left history. */
MUST_USE int watch_take(struct watch *watch, struct watch_event *event, struct status *status);
/* All events up to this revision were taken or were not of interest: what a bookmark says.
 * Always a transaction's end. */
int64_t watch_bookmark_revision(const struct watch *watch);

#endif
