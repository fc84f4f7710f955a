/* Compaction: forgetting what left history, in memory and in the log.
 *
 * An event leaves history by age or by bytes. Then the row that it replaced is
 * garbage, and so is a deletion's own row. Garbage is kept as ranges of
 * revisions, in the order in which it must go (a deletion's row never before
 * the rows of what it deleted), and removed from the log in small steps
 * between commits: about 2 ms each, and at least twice the rows of the last
 * commit, so that any backlog shrinks under any load. After an opening the
 * garbage of earlier lives is the rows that were read and are not needed:
 * ranges between needed ones. The log's last row stays until something follows
 * it, be it a deletion's: a log without it would end somewhere else.
 *
 * A timer runs only while there is an event to grow old. */
#ifndef STORE_COMPACT_H
#define STORE_COMPACT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/net/loop.h"
#include "store/log.h"

struct store;

struct garbage { /* A queue of ranges. */
    struct log_range *ranges;
    size_t first;
    size_t count;
    size_t capacity;
    int64_t rows;
};
void garbage_release(struct garbage *garbage);
void garbage_push(struct garbage *garbage, int64_t first, int64_t last);
/* Takes up to rows rows below end off the front; fills ranges, gives their count. */
size_t garbage_take(struct garbage *garbage, int64_t rows, int64_t end, struct log_range *ranges,
                    size_t ranges_max, int64_t *taken);

#define REMOVE_RANGES_MAX 4096

struct compactor {
    struct timer timer;
    struct garbage garbage;
    struct log_range *ranges;    /* Of the removal under way; REMOVE_RANGES_MAX of them. */
    size_t range_count;
    int64_t taken;               /* Rows in ranges. */
    int64_t compacted;           /* What the log will say with them. */
    int64_t kept;                /* Rows up to there that are left then. */
    int64_t log_rows;            /* Rows in the log, in all. */
    int64_t untold_rows;         /* Of these, what is on its way into history. */
    int64_t step_rows;           /* How many rows a step takes, learned from how long it took. */
    int64_t owed_rows;           /* Twice what was committed since the last step. */
};

void compactor_init(struct store *store);
void compactor_release(struct store *store);
/* Lets events leave that are too old or too many; called after each commit and by the timer. */
void compactor_trim(struct store *store);
bool compactor_has_work(const struct store *store);
void compactor_note_commit(struct store *store, int64_t rows);
/* The removal: prepare on the loop, run on the lane, conclude on the loop. */
void compactor_prepare(struct store *store);
int compactor_run(struct store *store, struct status *status);
void compactor_conclude(struct store *store, int result, int64_t took_us);

#endif
