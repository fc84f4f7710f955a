/* After a failed append: back to what is committed, then to what the log has.
 *
 * The write may have reached the log or not (a sync that fails says neither),
 * so those who wait hear OUTCOME_UNKNOWN, unless the log knows that nothing was
 * written. The log itself decides what is true: its end is read back. */
#include "store/commit.h"
#include "store/store_private.h"

#define RETRY_FIRST_US 100000
#define RETRY_LONGEST_US 10000000

/* Moves a group's records to the failed ones, in order. */
static void fail_group(struct committer *committer, struct group *group)
{
    for (struct list *link; (link = list_pop_front(&group->records)) != NULL;)
        list_push_back(&committer->failed, link);
    group_destroy(group);
}

static void fail_all_groups(struct committer *committer)
{
    struct group *running = committer->running;
    committer->running = NULL;
    fail_group(committer, running);
    for (struct list *link; (link = list_pop_front(&committer->closed_groups)) != NULL;)
        fail_group(committer, CONTAINER_OF(link, struct group, link));
    fail_group(committer, committer->open);
    committer->open = group_create();
}

/* Head is committed again; what readers have seen of relaxed writes is part of that. */
static void take_head_back(struct store *store)
{
    struct list *failed = &store->committer.failed;
    for (struct list *link = failed->previous; link != failed; link = link->previous) {
        const struct record *record = CONTAINER_OF(link, struct record, link);
        if (!record->is_visible)
            store_tell_followers_back(store, record);
    }
    state_release(&store->head.state);
    store->head.state = state_copy(&store->committed.state);
    store->head.revision = store->committed.revision;
    store->committer.invisible = 0;
}

static void set_answer(struct committer *committer, struct txn *txn, bool is_full)
{
    if (is_full)
        status_fail(&txn->status, STATUS_INSUFFICIENT_STORAGE, "not stored: %s",
                    committer->status.message);
    else
        status_fail(&txn->status, STATUS_OUTCOME_UNKNOWN,
                    "it is not known whether this was stored: %s", committer->status.message);
}

/* What everybody will hear who waits. */
static void set_answers(struct store *store)
{
    struct committer *committer = &store->committer;
    bool is_full = committer->status.reason == STATUS_INSUFFICIENT_STORAGE;
    LIST_EACH(link, &committer->failed) {
        struct record *record = CONTAINER_OF(link, struct record, link);
        if (record->txn != NULL)
            set_answer(committer, record->txn, is_full);
        LIST_EACH(waiter, &record->waiters)
            set_answer(committer, CONTAINER_OF(waiter, struct txn, link), is_full);
    }
}

static int note_row(void *context, const struct log_row *row)
{
    struct committer *committer = context;
    committer->found_rows++;
    if (row->ends_record)
        committer->found_head = row->revision;
    return 0;
}

static void read_back_work(void *context)
{
    struct store *store = context;
    struct committer *committer = &store->committer;
    committer->found_head = store->log_head;
    committer->found_rows = 0;
    committer->result = store->log->operations->read(store->log, store->log_head, note_row,
                                                     committer, &committer->status);
}

/* A record that is in the log after all. */
static void commit_found(struct store *store, struct record *record)
{
    for (size_t i = 0; i < record->count; i++) {
        const struct change *change = &record->changes[i];
        if (change->is_delete)
            object_unref(state_remove(&store->head.state, object_key(change->new)));
        else
            object_unref(state_put(&store->head.state, object_ref(change->new)));
    }
    store->head.revision = record->last_revision;
    store_tell_followers(store, record);
    commit_publish(store, record);
    state_release(&store->committed.state);
    store->committed.state = state_copy(&store->head.state);
    store->committed.revision = record->last_revision;
}

/* Everybody who waits is told; what readers have seen and the log lacks is queued again. */
static void settle(struct store *store)
{
    struct committer *committer = &store->committer;
    for (struct list *link; (link = list_pop_front(&committer->failed)) != NULL;) {
        struct record *record = CONTAINER_OF(link, struct record, link);
        bool is_found = record->last_revision <= committer->found_head;
        if (is_found && !record->is_visible)
            commit_found(store, record);
        commit_answer(store, record);
        if (record->is_visible && !is_found && !store->is_closing)
            group_add(committer->open, record);
        else
            record_destroy(record);
    }
    store->log_head = committer->found_head;
    store->compactor.log_rows += (int64_t)committer->found_rows;
    if (!list_is_empty(&committer->open->records))
        timer_start_us(&committer->relaxed_timer, RELAXED_DELAY_US);
}

/* The log cannot be read: nobody is kept waiting for it. */
static void answer_failed(struct store *store)
{
    LIST_EACH(link, &store->committer.failed)
        commit_answer(store, CONTAINER_OF(link, struct record, link));
}

static void read_back_done(void *context)
{
    struct store *store = context;
    struct committer *committer = &store->committer;
    if (committer->result != 0) {
        log_line(LOG_ERROR, "the log cannot be read back, writes are refused",
                 "log=%s why=\"%s\" retry_ms=%lld", store->log->name, committer->status.message,
                 (long long)(committer->retry_us / 1000));
        answer_failed(store);
        committer_move(committer, COMMITTER_WAITING);
        timer_start_us(&committer->retry_timer, committer->retry_us);
        committer->retry_us *= 2;
        if (committer->retry_us > RETRY_LONGEST_US)
            committer->retry_us = RETRY_LONGEST_US;
        return;
    }
    trace_line(store->trace, TRACE_STORE, "log read back (it ends at %lld)",
               (long long)committer->found_head);
    settle(store);
    committer_move(committer, COMMITTER_IDLE);
    committer_step(store);
}

void recover_read_back(struct store *store)
{
    struct committer *committer = &store->committer;
    status_clear(&committer->status);
    committer_move(committer, COMMITTER_READING_BACK);
    errand_start(&committer->errand, read_back_work, read_back_done, store);
}

void recover_start(struct store *store)
{
    struct committer *committer = &store->committer;
    log_line(LOG_ERROR, "commit failed", "log=%s after=%lld why=\"%s\"", store->log->name,
             (long long)store->log_head, committer->status.message);
    measure_failure(store);
    trace_line(store->trace, TRACE_STORE, "commit failed (%s)", committer->status.message);
    fail_all_groups(committer);
    take_head_back(store);
    set_answers(store);
    committer->retry_us = RETRY_FIRST_US;
    recover_read_back(store);
}

void recover_give_up(struct store *store)
{
    struct committer *committer = &store->committer;
    timer_stop(&committer->retry_timer);
    answer_failed(store);
    for (struct list *link; (link = list_pop_front(&committer->failed)) != NULL;)
        record_destroy(CONTAINER_OF(link, struct record, link));
}
