/* Group commit: from queued transactions to a durable log, and what follows.
 *
 * Transactions queue in groups. One group at a time is on the commit lane;
 * what arrives meanwhile shares the next. A group has an upper size; a full
 * one waits with its own root, so that its commit makes exactly its end the
 * committed state.
 *
 * The good way: queued -> encoded and appended (on the lane) -> committed
 * root, events, watchers -> each txn's done(), a few per step of the loop.
 *
 * The ways that fail:
 * - the append fails: head goes back to committed, followers are told in
 *   reverse, the log's end is read back; what it turns out to hold is
 *   committed after all; everybody that waited is answered;
 * - the reading back fails: everybody is answered, new writes are refused with
 *   SERVICE_UNAVAILABLE, and the reading is tried again with back-off.
 *
 * Relaxed transactions become visible at once where nothing durable is queued
 * before them and their revisions are reserved. They are then a prefix of what
 * is queued, always, so a failed commit can keep them: they are queued again.
 *
 * The lane encodes (copying and checksums), not the loop: objects never
 * change, and the loop is what everybody waits for.
 *
 * Thread: the loop thread. */
#ifndef STORE_COMMIT_H
#define STORE_COMMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/list.h"
#include "core/net/loop.h"
#include "store/errand.h"
#include "store/group.h"
#include "store/log.h"
#include "store/state.h"
#include "store/store.h"

#define RELAXED_DELAY_US 500000  /* Then a commit starts for relaxed writes alone... */
#define RELAXED_BYTES_MAX (1u << 20) /* ...or when there is this much of them. */
#define GATHER_LONGEST_US 20000  /* See should_gather(). */
#define SYNC_FAST_US 2000        /* Half of it is less than a timer can wait. */
#define RESERVE_AHEAD 16384      /* Revisions reserved at a time for relaxed writes. */

enum committer_phase {
    COMMITTER_IDLE,
    COMMITTER_APPENDING,
    COMMITTER_REMOVING, /* Rows that nobody needs: compact.h. */
    COMMITTER_TIDYING,
    COMMITTER_READING_BACK,
    COMMITTER_WAITING,  /* For another try to read back. */
};

struct committer {
    int phase;
    struct errand errand;
    struct reminder *step;     /* Looks for something to do. */
    struct reminder *answer;   /* Answers a few. */
    struct timer relaxed_timer;
    struct timer gather_timer;
    struct timer retry_timer;
    struct timer rest_timer;   /* Runs while housekeeping, having failed, is put off. */
    struct list closed_groups; /* Waiting, oldest first. */
    struct group *open;        /* Never NULL. */
    struct group *running;
    struct list answers;       /* Txns that have their status and wait for done(). */
    struct list failed;        /* Records of a failed commit, until the log was read back. */
    size_t invisible;          /* Queued records that readers do not see. */
    bool relaxed_is_due;
    bool uses_relaxed;         /* Then revisions are kept reserved ahead. */
    bool is_untidy;            /* The log has housekeeping to do. */
    bool is_clearing;          /* What is under way tells the log that its loss is known. */
    bool housekeeps_next;      /* A step of housekeeping goes before the next commit. */
    bool tidied_last;          /* The last such step was the log's own tidying. */
    int64_t retry_us;
    int64_t rest_us;           /* Of the last rest; 0 when the last housekeeping went well. */
    int64_t idle_since_us;     /* When the last append was over. */
    size_t last_rows;          /* What it had. */
    int64_t last_sync_us;      /* What it waited for the disk. */

    /* Of the errand that is under way; touched by the lane meanwhile. */
    struct group_rows rows;
    int64_t reserve;
    int64_t found_head;
    size_t found_rows;
    int64_t took_us;
    int result;
    struct status status;
};

void committer_init(struct store *store);
void committer_release(struct store *store);
/* The record that was queued last and that readers do not see yet; NULL: there is none. */
struct record *committer_last(struct committer *committer);
/* Queues a record that head has. */
void committer_queue(struct store *store, struct record *record);
/* Does the next thing that is due; nothing if one is under way. */
void committer_step(struct store *store);
/* Finishes everything that is queued, on this thread. */
void committer_drain(struct store *store);
/* Are new transactions refused for now? */
bool committer_is_down(const struct store *store);

/* housekeeping.c: starts what is due of it; false when nothing is. appends: one is due too. */
bool housekeeping_start(struct store *store, bool appends);
void housekeeping_rested(struct timer *timer);
/* recover.c: what follows a failed append. */
void recover_start(struct store *store);
void recover_read_back(struct store *store);
void recover_give_up(struct store *store); /* Closing: answers whoever still waits. */
/* For those two. */
void committer_move(struct committer *committer, enum committer_phase phase);
void commit_publish(struct store *store, struct record *record);
void commit_answer(struct store *store, struct record *record);

#endif
