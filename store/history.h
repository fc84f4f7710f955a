/* History: the committed events of the last minutes, in memory.
 *
 * It answers late watchers and old reads. An event is known by its revision
 * and, shorter, by its number: numbers are dense and never change, so a
 * watcher's place is a number. What is kept is bounded by age and by bytes
 * (of what history alone keeps alive: replaced versions, last states, and an
 * estimate of the tree's old nodes); whole transactions leave, oldest first.
 *
 * Now and then the whole state is kept beside the events (a mark: it shares
 * almost everything), so that the state at an old revision is a mark minus at
 * most HISTORY_MARK_EVENTS changes and their transaction's rest.
 *
 * Thread: the loop thread. */
#ifndef STORE_HISTORY_H
#define STORE_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "store/state.h"

#define HISTORY_MARK_EVENTS 1024

struct history_event {
    int64_t revision;
    struct object *old; /* NULL: created. */
    struct object *new; /* The last state when it is a deletion. */
    int64_t time_us;    /* Of its commit; of the opening when it was read from the log. */
    bool is_delete;
    bool ends_txn;
};

struct history_mark {
    uint64_t number; /* Of the first event behind it. */
    int64_t revision;
    struct state state;
};

struct history {
    struct history_event *ring; /* Event n is at n & (capacity - 1). */
    size_t capacity;
    uint64_t first;             /* Number of the oldest event. */
    uint64_t next;              /* Number of the next one to come. */
    uint64_t newest_txn;        /* Number of the first event of the newest transaction. */
    int64_t floor;              /* Everything behind this revision is here. */
    size_t bytes;
    struct history_mark *marks; /* Oldest first. */
    size_t mark_count;
    size_t mark_capacity;
};

void history_init(struct history *history, int64_t floor);
void history_release(struct history *history); /* Safe on zeroed memory. */

/* References in event are taken. */
void history_add(struct history *history, struct history_event event);
/* Called at the end of a transaction with the state there. */
void history_mark(struct history *history, int64_t revision, const struct state *state);

static inline const struct history_event *history_at(const struct history *history, uint64_t number)
{
    PRE(number >= history->first && number < history->next);
    return &history->ring[number & (history->capacity - 1)];
}
/* Number of the first event behind revision. */
uint64_t history_find(const struct history *history, int64_t revision);

/* Is the oldest event too old, or is there too much? The newest transaction is never too much:
 * watchers are told of it before it can go. */
bool history_is_over(const struct history *history, int64_t before_us, size_t bytes_max);
/* Lets the oldest transaction leave; leaving(), if not NULL, is called for each of its events,
 * in order. The floor is then its end. There must be one. */
typedef void history_leaving_fn(void *context, const struct history_event *event);
void history_forget_oldest(struct history *history, history_leaving_fn *leaving, void *context);
void history_event_release(struct history_event *event);

/* The state at the end of the transaction that revision is in, made by undoing. The caller
 * releases it; *at is its revision. revision is not below the floor; now is the newest state. */
struct state history_state_at(const struct history *history, int64_t revision,
                              const struct state *now, int64_t now_revision, int64_t *at);

#endif
