/* Garbage, and its removal in small steps. */
#include "store/compact.h"

#include "store/store_private.h"

#define STEP_US 2000      /* What a removal may take between two commits. */
#define STEP_ROWS_FIRST 128
#define STEP_ROWS_MIN 16
#define STEP_ROWS_MAX 16384
#define TIMER_SLACK 20    /* Old events leave together: a timer a 20th of the window late. */

/* --- Garbage --- */

void garbage_release(struct garbage *garbage)
{
    mem_free(garbage->ranges);
    *garbage = (struct garbage){0};
}

static void make_room(struct garbage *garbage)
{
    if (garbage->first > garbage->capacity / 2) {
        memmove(garbage->ranges, garbage->ranges + garbage->first,
                garbage->count * sizeof(*garbage->ranges));
        garbage->first = 0;
        return;
    }
    garbage->capacity = garbage->capacity > 0 ? garbage->capacity * 2 : 64;
    garbage->ranges = mem_resize(garbage->ranges, garbage->capacity * sizeof(*garbage->ranges));
}

void garbage_push(struct garbage *garbage, int64_t first, int64_t last)
{
    PRE(first <= last);
    struct log_range *tail = garbage->ranges + garbage->first + garbage->count;
    garbage->rows += last - first + 1;
    if (garbage->count > 0 && tail[-1].last + 1 == first) {
        tail[-1].last = last;
        return;
    }
    if (garbage->first + garbage->count == garbage->capacity)
        make_room(garbage);
    garbage->ranges[garbage->first + garbage->count++] = (struct log_range){first, last};
}

static bool is_below(const struct garbage *garbage, int64_t end)
{
    return garbage->count > 0 && garbage->ranges[garbage->first].first < end;
}

size_t garbage_take(struct garbage *garbage, int64_t rows, int64_t end, struct log_range *ranges,
                    size_t ranges_max, int64_t *taken)
{
    size_t n = 0;
    *taken = 0;
    while (is_below(garbage, end) && n < ranges_max && *taken < rows) {
        struct log_range *front = &garbage->ranges[garbage->first];
        int64_t size = (front->last < end ? front->last + 1 : end) - front->first;
        if (size > rows - *taken)
            size = rows - *taken;
        ranges[n++] = (struct log_range){front->first, front->first + size - 1};
        *taken += size;
        front->first += size;
        if (front->first <= front->last)
            break;
        garbage->first++;
        garbage->count--;
    }
    garbage->rows -= *taken;
    if (garbage->count == 0)
        garbage_release(garbage);
    return n;
}

/* --- Leaving history --- */

static void note_garbage(void *context, const struct history_event *event)
{
    struct garbage *garbage = context;
    if (event->old)
        garbage_push(garbage, event->old->revision, event->old->revision);
    if (event->is_delete)
        garbage_push(garbage, event->revision, event->revision);
}

/* What is not in the log yet stays, or its rows could come after their removal. */
static bool oldest_may_leave(const struct store *store)
{
    const struct history *history = &store->history;
    int64_t before_us = clock_steady_us(loop_clock(store->loop)) - store->history_us;
    return history_is_over(history, before_us, store->history_bytes) &&
           history_at(history, history->first)->revision <= store->log_head;
}

static void start_timer(struct store *store)
{
    const struct history *history = &store->history;
    if (history->first == history->next || timer_is_running(&store->compactor.timer))
        return;
    int64_t due_us = history_at(history, history->first)->time_us + store->history_us +
                     store->history_us / TIMER_SLACK + 1;
    int64_t delay_us = due_us - clock_steady_us(loop_clock(store->loop));
    timer_start_us(&store->compactor.timer, delay_us > 0 ? delay_us : 0);
}

#define TRIM_TXNS_PER_STEP 512

void compactor_trim(struct store *store)
{
    for (int i = 0; i < TRIM_TXNS_PER_STEP && oldest_may_leave(store); i++)
        history_forget_oldest(&store->history, note_garbage, &store->compactor.garbage);
    start_timer(store);
}

static void grown_old(struct timer *timer)
{
    struct compactor *compactor = CONTAINER_OF(timer, struct compactor, timer);
    struct store *store = CONTAINER_OF(compactor, struct store, compactor);
    compactor_trim(store);
    if (oldest_may_leave(store))
        timer_start_us(timer, 0); /* The rest in the next steps. */
    committer_step(store);
}

/* --- Removing --- */

bool compactor_has_work(const struct store *store)
{
    return is_below(&store->compactor.garbage, store->log_head);
}

void compactor_note_commit(struct store *store, int64_t rows)
{
    store->compactor.owed_rows += 2 * rows;
}

/* Rows of events that are still in history, as far as the log has them. */
static int64_t rows_in_history(const struct store *store)
{
    const struct history *history = &store->history;
    return (int64_t)(history_find(history, store->log_head) - history->first);
}

void compactor_prepare(struct store *store)
{
    struct compactor *compactor = &store->compactor;
    int64_t rows = compactor->step_rows;
    if (rows < compactor->owed_rows)
        rows = compactor->owed_rows < STEP_ROWS_MAX ? compactor->owed_rows : STEP_ROWS_MAX;
    compactor->owed_rows = 0;
    compactor->range_count = garbage_take(&compactor->garbage, rows, store->log_head,
                                          compactor->ranges, REMOVE_RANGES_MAX, &compactor->taken);
    compactor->compacted = store->history.floor; /* What left history was in the log. */
    compactor->kept =
        compactor->log_rows - compactor->taken - compactor->untold_rows - rows_in_history(store);
}

int compactor_run(struct store *store, struct status *status)
{
    struct compactor *compactor = &store->compactor;
    return store->log->operations->remove(store->log, store->log_epoch, compactor->ranges,
                                          compactor->range_count, compactor->compacted,
                                          compactor->kept, status);
}

static void learn(struct compactor *compactor, int64_t took_us)
{
    if (took_us > STEP_US && compactor->step_rows > STEP_ROWS_MIN)
        compactor->step_rows /= 2;
    else if (took_us < STEP_US / 2 && compactor->taken >= compactor->step_rows &&
             compactor->step_rows < STEP_ROWS_MAX)
        compactor->step_rows *= 2;
}

void compactor_conclude(struct store *store, int result, int64_t took_us)
{
    struct compactor *compactor = &store->compactor;
    if (result == 0) {
        compactor->log_rows -= compactor->taken;
        learn(compactor, took_us);
        measure_removal(store, compactor->taken);
        trace_line(store->trace, TRACE_STORE, "removed %lld rows (compacted up to %lld)",
                   (long long)compactor->taken, (long long)compactor->compacted);
        return;
    }
    /* Tried again behind what else there is. Order is safe: what deleted an object stands behind
     * the object's other rows in this same batch or in a later one. */
    for (size_t i = 0; i < compactor->range_count; i++)
        garbage_push(&compactor->garbage, compactor->ranges[i].first, compactor->ranges[i].last);
}

/* --- Life --- */

void compactor_init(struct store *store)
{
    struct compactor *compactor = &store->compactor;
    *compactor = (struct compactor){.step_rows = STEP_ROWS_FIRST};
    compactor->ranges = mem_resize(NULL, REMOVE_RANGES_MAX * sizeof(*compactor->ranges));
    timer_init(&compactor->timer, store->loop, grown_old);
}

void compactor_release(struct store *store)
{
    timer_stop(&store->compactor.timer);
    garbage_release(&store->compactor.garbage);
    mem_free(store->compactor.ranges);
}
