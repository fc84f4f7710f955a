/* The queue, the lane's work, publishing and answering. */
#include "store/commit.h"

#include "core/phase.h"
#include "store/store_private.h"

#define ANSWERS_PER_STEP 32

static const struct phase phases[] = {
    [COMMITTER_IDLE] = {"idle",
                        TO(COMMITTER_APPENDING) | TO(COMMITTER_REMOVING) | TO(COMMITTER_TIDYING)},
    [COMMITTER_APPENDING] = {"appending", TO(COMMITTER_IDLE) | TO(COMMITTER_READING_BACK)},
    [COMMITTER_REMOVING] = {"removing", TO(COMMITTER_IDLE)},
    [COMMITTER_TIDYING] = {"tidying", TO(COMMITTER_IDLE)},
    [COMMITTER_READING_BACK] = {"reading back", TO(COMMITTER_IDLE) | TO(COMMITTER_WAITING)},
    [COMMITTER_WAITING] = {"waiting", TO(COMMITTER_READING_BACK)},
};

void committer_move(struct committer *committer, enum committer_phase phase)
{
    phase_move(phases, &committer->phase, phase);
}

/* --- Groups --- */

/* Nothing joins this group any more: its end is head as it is now. */
static void close_open_group(struct store *store)
{
    struct committer *committer = &store->committer;
    committer->open->end = state_copy(&store->head.state);
    list_push_back(&committer->closed_groups, &committer->open->link);
    committer->open = group_create();
}

/* --- The lane's work --- */

static void append_work(void *context)
{
    struct store *store = context;
    struct committer *committer = &store->committer;
    struct clock *clock = loop_clock(store->loop);
    int64_t start_us = clock_steady_us(clock);
    group_encode(committer->running, store->log_head, &committer->rows);
    size_t count = committer->rows.count;
#ifdef CORACLE_BUG_LOST_LAST_WRITE
    count -= count > 1; /* Planted: the group's last row is acknowledged and not written. */
#endif
    committer->result = store->log->operations->append(
        store->log, store->log_head, store->log_epoch, committer->rows.rows, count,
        committer->reserve, &committer->status);
    committer->is_untidy = store->log->operations->is_untidy(store->log);
    committer->took_us = clock_steady_us(clock) - start_us;
}

/* --- Publishing --- */

/* Makes a record's changes part of history and tells watchers. References go along; a record
 * that is published before it is durable keeps its own. */
void commit_publish(struct store *store, struct record *record)
{
    int64_t now_us = clock_steady_us(loop_clock(store->loop));
    for (size_t i = 0; i < record->count; i++) {
        struct change *change = &record->changes[i];
        struct history_event event = {
            .revision = change->new->revision,
            .old = change->old ? object_ref(change->old) : NULL,
            .new = object_ref(change->new),
            .time_us = now_us,
            .is_delete = change->is_delete,
            .ends_txn = i + 1 == record->count,
        };
        history_add(&store->history, event);
        watches_notice(store, store->history.next - 1);
    }
    record->is_visible = true;
}

static void commit_state(struct store *store, const struct state *state, int64_t revision)
{
    state_release(&store->committed.state);
    store->committed.state = state_copy(state);
    store->committed.revision = revision;
    history_mark(&store->history, revision, state);
}

/* What waits behind may be relaxed alone now, and then need not wait. */
static void show_relaxed(struct store *store)
{
    struct committer *committer = &store->committer;
    if (committer->running != NULL || !list_is_empty(&committer->closed_groups) ||
        committer->invisible == 0)
        return;
    LIST_EACH(link, &committer->open->records) {
        const struct record *record = CONTAINER_OF(link, struct record, link);
        if (!record->is_visible && (!record->is_relaxed || record->last_revision > store->reserved))
            return;
    }
    LIST_EACH(link, &committer->open->records) {
        struct record *record = CONTAINER_OF(link, struct record, link);
        if (record->is_visible)
            continue;
        commit_publish(store, record);
        commit_answer(store, record);
    }
    committer->invisible = 0;
    committer->open->has_durable = false;
    timer_start_us(&committer->relaxed_timer, RELAXED_DELAY_US);
    commit_state(store, &store->head.state, store->head.revision);
}

/* --- Answering --- */

/* The record's txn will be told, and those that wait with it; a record that is still queued
 * hands its answer on. */
void commit_answer(struct store *store, struct record *record)
{
    struct txn *txn = record->txn;
    record->txn = NULL;
    if (txn != NULL)
        list_push_back(&store->committer.answers, &txn->link);
    for (struct list *link; (link = list_pop_front(&record->waiters)) != NULL;)
        list_push_back(&store->committer.answers, link);
    if (!list_is_empty(&store->committer.answers))
        reminder_post(store->committer.answer);
}

static struct record *last_of(const struct group *group)
{
    if (group == NULL || list_is_empty(&group->records))
        return NULL;
    struct record *record = CONTAINER_OF(group->records.previous, struct record, link);
    return record->is_visible ? NULL : record;
}

struct record *committer_last(struct committer *committer)
{
    struct record *record = last_of(committer->open);
    if (record == NULL && !list_is_empty(&committer->closed_groups))
        record = last_of(CONTAINER_OF(committer->closed_groups.previous, struct group, link));
    return record != NULL ? record : last_of(committer->running);
}

static bool answer_one(struct committer *committer)
{
    struct list *link = list_pop_front(&committer->answers);
    if (link == NULL)
        return false;
    struct txn *txn = CONTAINER_OF(link, struct txn, link);
    txn->done(txn);
    return true;
}

static void answer_some(void *context)
{
    struct committer *committer = &((struct store *)context)->committer;
    for (int i = 0; i < ANSWERS_PER_STEP && answer_one(committer); i++)
        ;
    if (!list_is_empty(&committer->answers))
        reminder_post(committer->answer);
    committer_step(context); /* A commit may wait for those who were answered. */
}

/* --- The end of an append --- */

static bool syncs_are_fast(const struct committer *committer)
{
    return committer->last_sync_us < SYNC_FAST_US;
}

static void take_reservation(struct store *store)
{
    if (store->committer.reserve > store->reserved)
        store->reserved = store->committer.reserve;
}

static void publish_group(struct store *store, struct group *group)
{
    struct committer *committer = &store->committer;
    bool has_news = false;
    LIST_EACH(link, &group->records) {
        struct record *record = CONTAINER_OF(link, struct record, link);
        if (!record->is_visible) {
            commit_publish(store, record);
            committer->invisible--;
            has_news = true;
        }
        commit_answer(store, record);
    }
    if (has_news)
        commit_state(store, &group->end, group->last_revision);
}

static size_t invisible_rows(const struct group *group)
{
    size_t rows = 0;
    LIST_EACH(link, &group->records) {
        const struct record *record = CONTAINER_OF(link, struct record, link);
        rows += record->is_visible ? 0 : record->count;
    }
    return rows;
}

/* The log has the group; nobody has heard of it yet. */
static struct group *take_appended(struct store *store)
{
    struct committer *committer = &store->committer;
    struct group *group = committer->running;
    committer->running = NULL;
    committer->last_rows = group->rows;
    committer->last_sync_us = store->log->sync_us;
    committer->idle_since_us = clock_steady_us(loop_clock(store->loop));
    committer->housekeeps_next = true;
    store->log_head = group->last_revision;
    store->compactor.log_rows += (int64_t)group->rows;
    store->compactor.untold_rows = (int64_t)invisible_rows(group);
    measure_commit(store, group->rows, committer->took_us);
    trace_line(store->trace, TRACE_STORE, "committed up to %lld (%zu rows)",
               (long long)group->last_revision, group->rows);
    return group;
}

/* Where syncs are fast, the next group is on its way to the disk while this one is told. */
static void append_done(void *context)
{
    struct store *store = context;
    struct committer *committer = &store->committer;
    if (committer->result != 0) {
        recover_start(store);
        return;
    }
    committer_move(committer, COMMITTER_IDLE);
    take_reservation(store);
    struct group *group = take_appended(store);
    if (syncs_are_fast(committer))
        committer_step(store);
    publish_group(store, group);
    store->compactor.untold_rows = 0;
    compactor_note_commit(store, (int64_t)group->rows);
    show_relaxed(store);
    compactor_trim(store);
    measure_sizes(store);
    group_destroy(group);
    committer_step(store);
}

/* --- What to do next --- */

static bool open_group_is_due(const struct committer *committer)
{
    const struct group *group = committer->open;
    if (group_is_empty(group))
        return false;
    return group->has_durable || committer->relaxed_is_due || group->bytes > RELAXED_BYTES_MAX;
}

static bool append_is_due(const struct committer *committer)
{
    return !list_is_empty(&committer->closed_groups) || open_group_is_due(committer);
}

/* Those who were just answered tend to come again, and a group that goes without them makes them
 * wait for a sync more. So while there is less than the last group had, the next one waits for
 * them, up to half of what a sync takes (as PostgreSQL's commit_delay advises). Where syncs are
 * fast it does not: there the disk works while the loop publishes and answers. */
static bool should_gather(struct store *store)
{
    struct committer *committer = &store->committer;
    if (!list_is_empty(&committer->closed_groups) ||
        committer->open->rows >= committer->last_rows || store->is_closing ||
        loop_is_simulated(store->loop) || syncs_are_fast(committer))
        return false;
    int64_t wait_us = committer->last_sync_us / 2;
    if (wait_us > GATHER_LONGEST_US)
        wait_us = GATHER_LONGEST_US;
    int64_t waited_us = clock_steady_us(loop_clock(store->loop)) - committer->idle_since_us;
    if (waited_us >= wait_us)
        return false;
    if (list_is_empty(&committer->answers)) /* Else the next answers look again. */
        timer_start_us(&committer->gather_timer, wait_us - waited_us);
    return true;
}

static int64_t wanted_reservation(const struct store *store)
{
    if (!store->committer.uses_relaxed)
        return 0;
    bool is_near = store->next_revision > store->reserved - RESERVE_AHEAD / 2;
    return is_near ? store->next_revision + RESERVE_AHEAD : 0;
}

static void start_append(struct store *store)
{
    struct committer *committer = &store->committer;
    if (list_is_empty(&committer->closed_groups)) {
        close_open_group(store);
        committer->relaxed_is_due = false;
        timer_stop(&committer->relaxed_timer);
    }
    struct list *link = list_pop_front(&committer->closed_groups);
    committer->running = CONTAINER_OF(link, struct group, link);
    committer->reserve = wanted_reservation(store);
    status_clear(&committer->status);
    committer_move(committer, COMMITTER_APPENDING);
    errand_start(&committer->errand, append_work, append_done, store);
}

void committer_step(struct store *store)
{
    struct committer *committer = &store->committer;
    if (committer->phase != COMMITTER_IDLE)
        return;
    bool appends = append_is_due(committer);
    if (!housekeeping_start(store, appends) && appends && !should_gather(store))
        start_append(store);
}

static void step_reminded(void *context)
{
    committer_step(context);
}

static void gathered(struct timer *timer)
{
    struct committer *committer = CONTAINER_OF(timer, struct committer, gather_timer);
    committer_step(CONTAINER_OF(committer, struct store, committer));
}

/* --- Queueing --- */

static void relaxed_due(struct timer *timer)
{
    struct committer *committer = CONTAINER_OF(timer, struct committer, relaxed_timer);
    struct store *store = CONTAINER_OF(committer, struct store, committer);
    committer->relaxed_is_due = true;
    committer_step(store);
}

/* May readers see this record before it is durable? */
static bool may_show_now(const struct store *store, const struct record *record)
{
    return record->is_relaxed && store->committer.invisible == 0 &&
           record->last_revision <= store->reserved;
}

void committer_queue(struct store *store, struct record *record)
{
    struct committer *committer = &store->committer;
    committer->uses_relaxed |= record->is_relaxed;
    bool shows = may_show_now(store, record);
    if (shows) {
        commit_publish(store, record);
        commit_state(store, &store->head.state, store->head.revision);
        commit_answer(store, record);
        compactor_trim(store);
    } else {
        committer->invisible++;
    }
    group_add(committer->open, record);
    if (group_is_full(committer->open))
        close_open_group(store);
    if (append_is_due(committer))
        reminder_post(committer->step); /* Later, so that what this step still brings shares it. */
    else if (!timer_is_running(&committer->relaxed_timer))
        timer_start_us(&committer->relaxed_timer, RELAXED_DELAY_US);
}

bool committer_is_down(const struct store *store)
{
    return store->committer.phase == COMMITTER_READING_BACK ||
           store->committer.phase == COMMITTER_WAITING;
}

/* --- Life --- */

static void retry_due(struct timer *timer)
{
    struct committer *committer = CONTAINER_OF(timer, struct committer, retry_timer);
    recover_read_back(CONTAINER_OF(committer, struct store, committer));
}

void committer_init(struct store *store)
{
    struct committer *committer = &store->committer;
    *committer = (struct committer){.phase = COMMITTER_IDLE, .open = group_create()};
    errand_init(&committer->errand, store->loop);
    committer->step = reminder_create(store->loop, step_reminded, store);
    committer->answer = reminder_create(store->loop, answer_some, store);
    timer_init(&committer->relaxed_timer, store->loop, relaxed_due);
    timer_init(&committer->gather_timer, store->loop, gathered);
    timer_init(&committer->retry_timer, store->loop, retry_due);
    timer_init(&committer->rest_timer, store->loop, housekeeping_rested);
    list_init(&committer->closed_groups);
    list_init(&committer->answers);
    list_init(&committer->failed);
    status_init(&committer->status);
}

void committer_drain(struct store *store)
{
    struct committer *committer = &store->committer;
    committer->relaxed_is_due = true;
    committer_step(store);
    while (errand_is_busy(&committer->errand)) {
        errand_finish(&committer->errand);
        committer->relaxed_is_due = true;
        committer_step(store);
    }
    recover_give_up(store);
    while (answer_one(committer))
        ;
}

void committer_release(struct store *store)
{
    struct committer *committer = &store->committer;
    reminder_destroy(committer->step);
    reminder_destroy(committer->answer);
    timer_stop(&committer->relaxed_timer);
    timer_stop(&committer->gather_timer);
    timer_stop(&committer->retry_timer);
    timer_stop(&committer->rest_timer);
    group_destroy(committer->open);
    group_rows_release(&committer->rows);
    status_release(&committer->status);
}
