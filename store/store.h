/* The store: one ordered log, and the state in memory that it gives.
 *
 * A transaction of n writes is all or none. It takes n consecutive revisions,
 * one per object, in the order of its writes, and is one commit. It is checked
 * and applied to *head* at once, on the loop thread; it is *committed* when the
 * log has it on disk (SQLite WAL, synchronous=FULL); only then is its caller
 * told and only then do watchers see it, in order. What arrives while a commit
 * runs shares the next one (group commit).
 *
 * One tree, two readings. The tree is persistent (copy on write), so a reading
 * is a root: *committed* for clients, watches and controllers; *head* =
 * committed plus the queued transactions in order, for preconditions,
 * uniqueness, quota, read-modify-write and the scheduler. A pin holds a root,
 * costs one reference, and may be read by any thread.
 *
 * If a commit fails: everything queued is answered STATUS_OUTCOME_UNKNOWN (or
 * INSUFFICIENT_STORAGE where the disk says that nothing was written), the
 * log's end is read back, and head starts again from it. Revisions are never
 * reused and never go back, across crashes too.
 *
 * Reads never touch SQL. Relaxed writes (Leases in kube-node-lease, Events)
 * are answered and visible at once where no durable write is before them, and
 * durable with the next commit, within 1 s; a durable reservation of revisions
 * keeps theirs from being given out again after a crash.
 *
 * Thread: everything here is for the loop thread, but for what a pin gives.
 * Ownership: objects given by reference are borrowed until the return to the
 * loop; object_ref() keeps them. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/kinds/object.h"
#include "core/list.h"
#include "core/metrics.h"
#include "core/net/loop.h"
#include "core/status.h"
#include "core/trace.h"

struct store;
struct log;
struct pin;

struct store_options {
    struct loop *loop;
    struct trace *trace;     /* May be NULL. */
    struct metrics *metrics; /* May be NULL. */
    struct log *log;         /* Taken. See log.h. */
    int64_t history_us;      /* 0: 5 minutes. */
    int64_t history_bytes;   /* 0: 64 MiB; whichever is less. */
    bool accept_data_loss;   /* Open a damaged log and say what was lost. */
    /* Makes the view of a row that was written with another VIEW_FORMAT; -1 when it cannot.
     * NULL: such rows are refused. */
    int (*remake_view)(void *context, struct slice key, struct slice body, struct buffer *view);
    void *remake_context;
};

/* What opening found. */
struct store_report {
    int64_t objects;
    int64_t rows;
    int64_t damaged_rows;    /* > 0 only with accept_data_loss. */
    bool is_lossy;           /* See store_is_lossy(). */
};

/* How far revisions jump after a loss, so that none is given out twice. */
#define STORE_LOSS_JUMP INT64_C(1000000000)

/* Reads the whole log; blocks (it is called before the server is ready). Fails
 * with a message that names the file, what is wrong and what to do.
 *
 * What is found wrong, by checksums, by the chain of rows and by SQLite itself: changed, moved
 * and missing rows, and half transactions. What cannot be found: a log that ends early, clean at
 * a transaction's end (a WAL that was cut there, an older copy of the file), looks like a shorter
 * history. */
MUST_USE int store_open(const struct store_options *options, struct store **store,
                        struct store_report *report, struct status *status);
/* Commits what is queued and answers it, then closes; blocks. Watches must be closed. The loop may
 * be left with a finished task, which it frees when it next runs. Takes NULL. */
void store_close(struct store *store);

/* After a loss that was accepted, or a restore: revisions have jumped far ahead, and garbage
 * collection, eviction and agents' removal of unknown pods wait for an operator's word, which is
 * store_clear_lossy(). It stays over restarts. */
bool store_is_lossy(const struct store *store);
void store_clear_lossy(struct store *store);

/* --- Reading --- */
enum reading { COMMITTED, HEAD };

int64_t store_revision(const struct store *store, enum reading reading);
int64_t store_oldest_revision(const struct store *store); /* Watches may resume from here on. */
const struct object *store_get(const struct store *store, enum reading reading, struct slice key);

/* A pin is a whole state at one revision, for as long as it is held. */
struct pin *store_pin(struct store *store, enum reading reading);
/* The committed state at an old revision, within history: today's, minus the
 * changes since. Inside a transaction it is the state at its end (pin_revision()
 * says which), so that nobody sees a half. NULL and STATUS_EXPIRED when it has
 * left history, TIMEOUT when it is not yet reached. */
MUST_USE int store_pin_at(struct store *store, int64_t revision, struct pin **pin,
                          struct status *status);
struct pin *pin_ref(struct pin *pin);
void pin_unref(struct pin *pin); /* Any thread. Takes NULL. */
int64_t pin_revision(const struct pin *pin);
const struct object *pin_get(const struct pin *pin, struct slice key);
/* Objects under prefix, in key order, from the first key >= from (empty: the
 * start). Cursors are values; the pin must be held. NULL at the end. */
struct pin_cursor {
    const struct pin *pin;
    const void *path[12];
    uint16_t place[12];
    int depth;
    char prefix[512];
    size_t prefix_size;
};
const struct object *pin_first(const struct pin *pin, struct slice prefix, struct slice from,
                               struct pin_cursor *cursor);
const struct object *pin_next(struct pin_cursor *cursor);
/* How many objects are under the prefix of a resource ("/pods/") or of a namespace
 * in it; O(log n), no walk. */
int64_t pin_count(const struct pin *pin, struct slice prefix);
/* Objects with an owner reference to uid, in key order, by the owner index (state.h); NULL at
 * the end. pin_next_owned() goes on from pin_first_owned() alone. */
const struct object *pin_first_owned(const struct pin *pin, struct slice uid,
                                     struct pin_cursor *cursor);
const struct object *pin_next_owned(struct pin_cursor *cursor);

/* --- Writing --- */
enum { EXPECT_ANY = -1, EXPECT_ABSENT = 0 }; /* Else: the object's revision on head. */

struct txn_write {
    struct object *object;    /* What to put, revision = txn_next_revision(); taken. A
                               * deletion gives the last state, made with that revision. */
    bool is_delete;
    int64_t expected;         /* EXPECT_* or a revision. */
};

struct txn { /* Inside its owner; lives until done. */
    void (*done)(struct txn *txn); /* On the loop, after the commit; status says how it went. */
    struct status status;
    int64_t first_revision;   /* 0 until applied to head. */
    int64_t last_revision;
    bool is_relaxed;          /* Set before store_transact(). */
    struct list link;         /* The store's own. */
    void *store_private;
};

/* Revision that the next write of the next transaction will get. Between this
 * call and store_transact() nothing else may be transacted (same loop step). */
int64_t store_next_revision(const struct store *store);

/* Checks and applies count writes to head, all or none, and queues them. Takes
 * the objects in any case. On -1 (STATUS_CONFLICT: an expected revision does
 * not match, STATUS_ALREADY_EXISTS, STATUS_NOT_FOUND, STATUS_SERVICE_UNAVAILABLE
 * while closing) nothing was applied and done is not called; failed_write, if
 * not NULL, says which write. On 0 done is called later, never from inside.
 * With no writes, done is called once all that is queued now is committed: for
 * an answer that tells what head says. */
MUST_USE int store_transact(struct store *store, struct txn *txn, struct txn_write *writes,
                            size_t count, size_t *failed_write, struct status *status);

/* False while it closes, and while it reads its log back after a failed commit. */
bool store_takes_writes(const struct store *store);

/* --- Following head, synchronously: for what is derived from it --- */
/* Called inside store_transact() for each write in order (old NULL: created; new NULL:
 * deleted), and in reverse order with old and new exchanged when head is taken back
 * after a failed commit. It must not transact. This is how sums over the state
 * (capacity of nodes, quota) stand on head without a second cache. */
typedef void store_follow_fn(void *context, const struct object *old, const struct object *new);
struct store_follower {
    store_follow_fn *change;
    void *context;
    const char *prefix; /* Keys of interest; borrowed. */
    struct list link;   /* The store's own. */
};
void store_follow(struct store *store, struct store_follower *follower);
void store_unfollow(struct store *store, struct store_follower *follower);

/* Asks for an online copy of the committed state into a new file, from a pin,
 * while running. done is called on the loop. */
struct store_snapshot {
    void (*done)(struct store_snapshot *snapshot);
    struct status status;
    void *store_private;
};
void store_save_snapshot(struct store *store, const char *path, struct store_snapshot *snapshot);
/* Makes a new log at path_to from a snapshot (or from the file of a server that is down); the
 * result is lossy (see store_is_lossy()). Blocks. Fails when path_to exists. */
MUST_USE int store_restore(const char *path_from, const char *path_to, struct status *status);

#endif
