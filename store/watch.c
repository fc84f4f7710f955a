/* Watches: places in history, and whom to tell of what is new.
 *
 * Watches with the same prefix share a bucket. An event finds its buckets by
 * looking up the beginnings of its key, one for each size that a prefix has;
 * so a thousand watches on other things cost it nothing.
 *
 * A watch is either *waiting* (it has taken, or skipped, everything; it has no
 * place, so history may go on without it) or it stands at the next event that
 * it wants: after each take it looks ahead. So a watch that finds its place
 * gone has really lost an event, and one that waits for rare events cannot
 * expire. */
#include "store/watch.h"

#include "store/store_private.h"

#define TOLD_PER_STEP 64

struct watch_bucket {
    struct list waiting; /* Watches that have seen everything. */
    size_t watch_count;
    size_t prefix_size;
    char prefix[];
};

struct watch {
    struct store *store;
    struct watch_bucket *bucket;
    watch_ready_fn *ready;
    void *context;
    bool is_waiting;
    bool is_owed;           /* The owner was told that there is nothing (or not asked yet). */
    uint64_t number;        /* Of the next event it wants, unless it waits. */
    int64_t bookmark;       /* While not waiting: end of a transaction it is behind. */
    struct list link;       /* In bucket->waiting, or alone. */
    struct list ready_link; /* In watches.ready, or alone. */
};

/* --- Buckets --- */

static struct slice prefix_of(const struct watch_bucket *bucket)
{
    return (struct slice){bucket->prefix, bucket->prefix_size};
}

static void count_length(struct watches *watches, size_t size, int by)
{
    watches->lengths[size] += (uint32_t)by;
    if (by > 0 && size > watches->longest)
        watches->longest = size;
    while (watches->longest > 0 && watches->lengths[watches->longest] == 0)
        watches->longest--;
}

static struct watch_bucket *join_bucket(struct watches *watches, struct slice prefix)
{
    struct watch_bucket *bucket = map_get(&watches->buckets, prefix);
    if (bucket == NULL) {
        bucket = mem_alloc(sizeof(*bucket) + prefix.size + 1);
        list_init(&bucket->waiting);
        bucket->prefix_size = prefix.size;
        if (prefix.size > 0)
            memcpy(bucket->prefix, prefix.data, prefix.size);
        map_set(&watches->buckets, prefix_of(bucket), bucket);
        count_length(watches, prefix.size, 1);
    }
    bucket->watch_count++;
    return bucket;
}

static void leave_bucket(struct watches *watches, struct watch_bucket *bucket)
{
    if (--bucket->watch_count > 0)
        return;
    map_remove(&watches->buckets, prefix_of(bucket));
    count_length(watches, bucket->prefix_size, -1);
    mem_free(bucket);
}

/* --- Telling owners --- */

static void tell_some(void *context)
{
    struct watches *watches = &((struct store *)context)->watches;
    for (int i = 0; i < TOLD_PER_STEP; i++) {
        struct list *link = list_pop_front(&watches->ready);
        if (link == NULL)
            return;
        struct watch *watch = CONTAINER_OF(link, struct watch, ready_link);
        watch->ready(watch->context); /* May take, close this watch and open others. */
    }
    if (!list_is_empty(&watches->ready))
        reminder_post(watches->tell);
}

/* The owner hears of something, once, when it has heard of nothing before. */
static void owe_nothing(struct watch *watch)
{
    struct watches *watches = &watch->store->watches;
    if (!watch->is_owed)
        return;
    watch->is_owed = false;
    list_push_back(&watches->ready, &watch->ready_link);
    reminder_post(watches->tell);
}

/* --- New events --- */

static void stop_waiting(struct watch *watch, uint64_t number, int64_t bookmark)
{
    watch->is_waiting = false;
    watch->number = number;
    watch->bookmark = bookmark;
    list_remove(&watch->link);
    owe_nothing(watch);
}

/* The end of the last whole transaction before this event. */
static int64_t revision_before(const struct history *history, uint64_t number)
{
    while (number > history->first) {
        const struct history_event *event = history_at(history, number - 1);
        if (event->ends_txn)
            return event->revision;
        number--;
    }
    return history->floor;
}

void watches_notice(struct store *store, uint64_t number)
{
    struct watches *watches = &store->watches;
    if (watches->buckets.count == 0)
        return;
    struct slice key = object_key(history_at(&store->history, number)->new);
    for (size_t size = 0; size <= watches->longest && size <= key.size; size++) {
        if (watches->lengths[size] == 0)
            continue;
        struct watch_bucket *bucket = map_get(&watches->buckets, slice_sub(key, 0, size));
        if (bucket == NULL || list_is_empty(&bucket->waiting))
            continue;
        int64_t bookmark = revision_before(&store->history, number);
        if (bookmark < store->committed.revision)
            bookmark = store->committed.revision;
        LIST_EACH(link, &bucket->waiting)
            stop_waiting(CONTAINER_OF(link, struct watch, link), number, bookmark);
    }
}

/* --- Taking --- */

/* Moves on to the next event that is of interest, or waits. */
static void look_ahead(struct watch *watch)
{
    const struct history *history = &watch->store->history;
    struct slice prefix = prefix_of(watch->bucket);
    for (; watch->number < history->next; watch->number++) {
        const struct history_event *event = history_at(history, watch->number);
        if (slice_starts_with(object_key(event->new), prefix))
            return;
        if (event->ends_txn)
            watch->bookmark = event->revision;
    }
    watch->is_waiting = true;
    list_push_back(&watch->bucket->waiting, &watch->link);
}

static int fail_expired(const struct store *store, int64_t revision, struct status *status)
{
    return status_fail(status, STATUS_EXPIRED, "too old resource version: %lld (%lld)",
                       (long long)revision, (long long)store->history.floor);
}

static int64_t event_revision(const struct history_event *event)
{
#ifdef CORACLE_BUG_DELETE_OLD_REVISION
    if (event->is_delete) /* Planted: the state that was deleted, not the deletion. */
        return event->old->revision;
#endif
    return event->revision;
}

int watch_take(struct watch *watch, struct watch_event *event, struct status *status)
{
    const struct history *history = &watch->store->history;
    if (watch->is_waiting) {
        watch->is_owed = true;
        list_remove(&watch->ready_link);
        return 0;
    }
    if (watch->number < history->first) {
#ifdef CORACLE_BUG_COMPACTION_RACES_READER
        watch->number = history->first; /* Planted: what left history meanwhile is skipped. */
        look_ahead(watch);
        return watch_take(watch, event, status);
#else
        return fail_expired(watch->store, watch->bookmark, status);
#endif
    }
    const struct history_event *taken = history_at(history, watch->number);
    *event = (struct watch_event){
        .revision = event_revision(taken),
        .old = taken->old,
        .new = taken->new,
        .is_delete = taken->is_delete,
        .ends_txn = taken->ends_txn,
    };
    if (taken->ends_txn)
        watch->bookmark = taken->revision;
    watch->number++;
    look_ahead(watch);
    return 1;
}

int64_t watch_bookmark_revision(const struct watch *watch)
{
    return watch->is_waiting ? watch->store->committed.revision : watch->bookmark;
}

/* --- Opening and closing --- */

static int check_revision(const struct store *store, int64_t revision, struct status *status)
{
    int64_t oldest = store->history.floor;
#ifdef CORACLE_BUG_WINDOW_OFF_BY_ONE
    oldest--; /* Planted. */
#endif
    if (revision > store->committed.revision)
        return status_fail(status, STATUS_TIMEOUT,
                           "Too large resource version: %lld, current: %lld", (long long)revision,
                           (long long)store->committed.revision);
    if (revision < oldest)
        return fail_expired(store, revision, status);
    return 0;
}

static uint64_t place_behind(const struct history *history, int64_t revision)
{
    uint64_t number = history_find(history, revision);
#ifdef CORACLE_BUG_WATCH_LOSES_REST
    /* Planted: a watch resumed inside a transaction goes on behind it. */
    while (number > history->first && number < history->next &&
           !history_at(history, number - 1)->ends_txn)
        number++;
#endif
    return number;
}

/* A watch that is opened behind revision is behind all of it, unless that is inside a
 * transaction. */
static int64_t bookmark_at(const struct history *history, uint64_t number, int64_t revision)
{
    bool is_inside = number > history->first && !history_at(history, number - 1)->ends_txn;
    return is_inside ? revision_before(history, number) : revision;
}

int watch_open(struct store *store, struct slice prefix, int64_t revision, watch_ready_fn *ready,
               void *context, struct watch **watch, struct status *status)
{
    PRE(prefix.size <= WATCH_PREFIX_MAX);
    *watch = NULL;
    if (revision == 0)
        revision = store->committed.revision;
    if (check_revision(store, revision, status) != 0)
        return -1;
    struct watch *opened = mem_alloc(sizeof(*opened));
    opened->store = store;
    opened->bucket = join_bucket(&store->watches, prefix);
    opened->ready = ready;
    opened->context = context;
    opened->is_owed = true;
    list_init(&opened->link);
    list_init(&opened->ready_link);
    opened->number = place_behind(&store->history, revision);
    opened->bookmark = bookmark_at(&store->history, opened->number, revision);
    look_ahead(opened);
    if (!opened->is_waiting)
        owe_nothing(opened);
    measure_watches(store, 1);
    *watch = opened;
    return 0;
}

void watch_close(struct watch *watch)
{
    if (watch == NULL)
        return;
    measure_watches(watch->store, -1);
    list_remove(&watch->link);
    list_remove(&watch->ready_link);
    leave_bucket(&watch->store->watches, watch->bucket);
    mem_free(watch);
}

/* --- Life --- */

void watches_init(struct store *store)
{
    struct watches *watches = &store->watches;
    map_init_borrowing(&watches->buckets);
    list_init(&watches->ready);
    watches->tell = reminder_create(store->loop, tell_some, store);
}

void watches_release(struct store *store)
{
    PRE(store->watches.buckets.count == 0);
    map_release(&store->watches.buckets);
    reminder_destroy(store->watches.tell);
}
