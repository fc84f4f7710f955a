/* What the commit lane does between appends: removals, the log's own tidying, marks.
 *
 * One step has its turn after every append while there is something to do, so
 * that a backlog shrinks under any load; when nobody waits, it all goes on. */
#include "store/commit.h"
#include "store/store_private.h"

#define REST_FIRST_US 1000000    /* How long it rests after a failure, doubling... */
#define REST_LONGEST_US 60000000 /* ...up to this. */

static void remove_work(void *context)
{
    struct store *store = context;
    struct committer *committer = &store->committer;
    struct clock *clock = loop_clock(store->loop);
    int64_t start_us = clock_steady_us(clock);
    committer->result = compactor_run(store, &committer->status);
    committer->is_untidy = store->log->operations->is_untidy(store->log);
    committer->took_us = clock_steady_us(clock) - start_us;
}

static void tidy_work(void *context)
{
    struct store *store = context;
    struct committer *committer = &store->committer;
    committer->result = store->log->operations->tidy(store->log, &committer->status);
    committer->is_untidy = store->log->operations->is_untidy(store->log);
}

static void clear_lossy_work(void *context)
{
    struct store *store = context;
    struct committer *committer = &store->committer;
    committer->result =
        store->log->operations->mark(store->log, store->log_epoch, false, 0, &committer->status);
}

/* Housekeeping that fails is put off, longer each time; appends do not wait for it. */
static void rest(struct store *store)
{
    struct committer *committer = &store->committer;
    committer->rest_us = committer->rest_us > 0 ? committer->rest_us * 2 : REST_FIRST_US;
    if (committer->rest_us > REST_LONGEST_US)
        committer->rest_us = REST_LONGEST_US;
    log_line(LOG_WARN, "housekeeping of the log failed, will be tried again",
             "log=%s why=\"%s\" retry_ms=%lld", store->log->name, committer->status.message,
             (long long)(committer->rest_us / 1000));
    timer_start_us(&committer->rest_timer, committer->rest_us);
}

void housekeeping_rested(struct timer *timer)
{
    struct committer *committer = CONTAINER_OF(timer, struct committer, rest_timer);
    committer_step(CONTAINER_OF(committer, struct store, committer));
}

static void done(void *context)
{
    struct store *store = context;
    struct committer *committer = &store->committer;
    if (committer->phase == COMMITTER_REMOVING)
        compactor_conclude(store, committer->result, committer->took_us);
    if (committer->result != 0)
        rest(store);
    else
        committer->rest_us = 0;
    if (committer->is_clearing && committer->result == 0)
        store->clears_lossy = false;
    committer->is_clearing = false;
    committer_move(committer, COMMITTER_IDLE);
    committer_step(store);
}

static void start(struct store *store, enum committer_phase phase, void (*work)(void *context))
{
    struct committer *committer = &store->committer;
    status_clear(&committer->status);
    committer_move(committer, phase);
    errand_start(&committer->errand, work, done, store);
}

static bool start_one(struct store *store)
{
    struct committer *committer = &store->committer;
    bool removes = compactor_has_work(store);
    if (committer->is_untidy && !(removes && committer->tidied_last)) {
        committer->tidied_last = true;
        start(store, COMMITTER_TIDYING, tidy_work);
        return true;
    }
    committer->tidied_last = false;
    if (!removes)
        return false;
    compactor_prepare(store);
    start(store, COMMITTER_REMOVING, remove_work);
    return true;
}

/* Tidying and removals take turns, so that neither the WAL nor the backlog grows; of both
 * together, one step goes between two appends. */
bool housekeeping_start(struct store *store, bool appends)
{
    struct committer *committer = &store->committer;
    if (timer_is_running(&committer->rest_timer))
        return false;
    if (store->clears_lossy) {
        committer->is_clearing = true;
        start(store, COMMITTER_TIDYING, clear_lossy_work);
        return true;
    }
    if (store->is_closing || (appends && !committer->housekeeps_next))
        return false;
    committer->housekeeps_next = false;
    return start_one(store);
}
