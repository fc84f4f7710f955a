/* Transactions: checked on head, applied to head, queued; and the followers of head. */
#include "core/phase.h"
#include "store/store_private.h"

/* --- Followers --- */

void store_follow(struct store *store, struct store_follower *follower)
{
    list_push_back(&store->followers, &follower->link);
}

void store_unfollow(struct store *store, struct store_follower *follower)
{
    (void)store;
    list_remove(&follower->link);
}

static void tell(struct store *store, struct slice key, const struct object *old,
                 const struct object *new)
{
    LIST_EACH(link, &store->followers) {
        const struct store_follower *follower = CONTAINER_OF(link, struct store_follower, link);
        if (slice_starts_with(key, slice_of(follower->prefix)))
            follower->change(follower->context, old, new);
    }
}

void store_tell_followers(struct store *store, const struct record *record)
{
    for (size_t i = 0; i < record->count; i++) {
        const struct change *change = &record->changes[i];
        tell(store, object_key(change->new), change->old, change->is_delete ? NULL : change->new);
    }
}

void store_tell_followers_back(struct store *store, const struct record *record)
{
    for (size_t i = record->count; i > 0; i--) {
        const struct change *change = &record->changes[i - 1];
        tell(store, object_key(change->new), change->is_delete ? NULL : change->new, change->old);
    }
}

/* --- Applying --- */

static int check_expected(const struct object *current, const struct txn_write *write,
                          struct status *status)
{
    struct slice key = object_key(write->object);
    int64_t expected = write->expected;
    if (expected == EXPECT_ABSENT && current)
        return status_fail(status, STATUS_ALREADY_EXISTS, "\"" SLICE_FORMAT "\" already exists",
                           SLICE_ARGS(key));
    if (current == NULL && (expected > 0 || write->is_delete))
        return status_fail(status, STATUS_NOT_FOUND, "\"" SLICE_FORMAT "\" not found",
                           SLICE_ARGS(key));
    if (expected > 0 && current->revision != expected)
        return status_fail(status, STATUS_CONFLICT,
                           "\"" SLICE_FORMAT "\" is at revision %lld, not %lld", SLICE_ARGS(key),
                           (long long)current->revision, (long long)expected);
    return 0;
}

static const struct object *current_for(const struct store *store, struct slice key)
{
#ifdef CORACLE_BUG_QUOTA_OVERSHOT
    /* Planted: two writes of one group do not see each other. */
    return state_get(&store->committed.state, key);
#else
    return state_get(&store->head.state, key);
#endif
}

static int apply(struct store *store, struct record *record, const struct txn_write *write,
                 struct status *status)
{
    struct slice key = object_key(write->object);
    if (check_expected(current_for(store, key), write, status) != 0)
        return -1;
    struct change *change = &record->changes[record->count++];
    change->new = object_ref(write->object);
    change->is_delete = write->is_delete;
    change->old = write->is_delete ? state_remove(&store->head.state, key)
                                   : state_put(&store->head.state, object_ref(write->object));
    return 0;
}

/* Takes back what a refused transaction has done to head. Followers know nothing of it. */
static void undo(struct store *store, const struct record *record)
{
    for (size_t i = record->count; i > 0; i--) {
        const struct change *change = &record->changes[i - 1];
        object_unref(change->old ? state_put(&store->head.state, object_ref(change->old))
                                 : state_remove(&store->head.state, object_key(change->new)));
    }
}

static int apply_all(struct store *store, struct record *record, const struct txn_write *writes,
                     size_t count, size_t *failed_write, struct status *status)
{
    for (size_t i = 0; i < count; i++) {
        PRE(writes[i].object->revision == store->next_revision + (int64_t)i);
        if (apply(store, record, &writes[i], status) == 0)
            continue;
        undo(store, record);
        if (failed_write)
            *failed_write = i;
        return -1;
    }
    return 0;
}

bool store_takes_writes(const struct store *store)
{
    return !store->is_closing && !committer_is_down(store);
}

static int check_open(const struct store *store, struct status *status)
{
    if (store->is_closing)
        return status_fail(status, STATUS_SERVICE_UNAVAILABLE, "the store is closing");
    if (!committer_is_down(store))
        return 0;
    status_fail(status, STATUS_SERVICE_UNAVAILABLE,
                "the store reads its log back after a failed commit");
    status->retry_after_seconds = 1;
    return -1;
}

int64_t store_next_revision(const struct store *store)
{
    return store->next_revision;
}

static void drop_objects(const struct txn_write *writes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        object_unref(writes[i].object);
}

/* Nothing to write: done() comes when all that is queued now is committed. */
static int wait_for_queued(struct store *store, struct txn *txn, struct status *status)
{
    if (check_open(store, status))
        return -1;
    status_clear(&txn->status);
    txn->first_revision = txn->last_revision = store->head.revision;
    struct record *last = committer_last(&store->committer);
    if (last != NULL) {
        list_push_back(&last->waiters, &txn->link);
        return 0;
    }
    list_push_back(&store->committer.answers, &txn->link);
    reminder_post(store->committer.answer);
    return 0;
}

int store_transact(struct store *store, struct txn *txn, struct txn_write *writes, size_t count,
                   size_t *failed_write, struct status *status)
{
    if (count == 0)
        return wait_for_queued(store, txn, status);
    struct record *record = mem_alloc(sizeof(*record) + count * sizeof(record->changes[0]));
    list_init(&record->waiters);
    int failed =
        check_open(store, status) || apply_all(store, record, writes, count, failed_write, status);
    drop_objects(writes, count);
    if (failed) {
        record_destroy(record);
        return -1;
    }
    status_clear(&txn->status);
    txn->first_revision = store->next_revision;
    txn->last_revision = store->next_revision + (int64_t)count - 1;
    record->txn = txn;
    record->is_relaxed = txn->is_relaxed;
    record->last_revision = txn->last_revision;
    store->next_revision = txn->last_revision + 1;
    store->head.revision = txn->last_revision;
    store_tell_followers(store, record);
    committer_queue(store, record);
    return 0;
}
