/* Open, close, get: the whole of the store is put together here. */
#include "store/store_private.h"

#define HISTORY_US_DEFAULT (INT64_C(300) * 1000000)
#define HISTORY_BYTES_DEFAULT (INT64_C(64) << 20)

static struct store *create(const struct store_options *options)
{
    struct store *store = mem_alloc(sizeof(*store));
    store->loop = options->loop;
    store->trace = options->trace;
    store->log = options->log;
    store->history_us = options->history_us > 0 ? options->history_us : HISTORY_US_DEFAULT;
    store->history_bytes =
        (size_t)(options->history_bytes > 0 ? options->history_bytes : HISTORY_BYTES_DEFAULT);
    list_init(&store->followers);
    committer_init(store);
    compactor_init(store);
    watches_init(store);
    measures_init(store, options->metrics);
    return store;
}

static void destroy(struct store *store)
{
    measures_release(store);
    watches_release(store);
    compactor_release(store);
    committer_release(store);
    history_release(&store->history);
    state_release(&store->committed.state);
    state_release(&store->head.state);
    store->log->operations->close(store->log);
    mem_free(store);
}

int store_open(const struct store_options *options, struct store **store,
               struct store_report *report, struct status *status)
{
    struct store *opened = create(options);
    struct store_report found = {0};
    *store = NULL;
    if (open_log(opened, options, &found, status) != 0) {
        destroy(opened);
        return -1;
    }
    if (report)
        *report = found;
    trace_line(opened->trace, TRACE_STORE, "opened at revision %lld (%lld objects, %lld rows)",
               (long long)opened->committed.revision, (long long)found.objects,
               (long long)found.rows);
    compactor_trim(opened);
    measure_sizes(opened);
    reminder_post(opened->committer.step);
    *store = opened;
    return 0;
}

void store_close(struct store *store)
{
    if (store == NULL)
        return;
    store->is_closing = true;
    committer_drain(store);
    destroy(store);
}

bool store_is_lossy(const struct store *store)
{
    return store->is_lossy;
}

void store_clear_lossy(struct store *store)
{
    store->clears_lossy = store->is_lossy;
    store->is_lossy = false;
    reminder_post(store->committer.step);
}

static const struct state_reading *reading_of(const struct store *store, enum reading reading)
{
    return reading == HEAD ? &store->head : &store->committed;
}

int64_t store_revision(const struct store *store, enum reading reading)
{
    return reading_of(store, reading)->revision;
}

int64_t store_oldest_revision(const struct store *store)
{
    return store->history.floor;
}

const struct object *store_get(const struct store *store, enum reading reading, struct slice key)
{
    return state_get(&reading_of(store, reading)->state, key);
}

int store_pin_at(struct store *store, int64_t revision, struct pin **pin, struct status *status)
{
    *pin = NULL;
    if (revision > store->committed.revision)
        return status_fail(status, STATUS_TIMEOUT,
                           "Too large resource version: %lld, current: %lld", (long long)revision,
                           (long long)store->committed.revision);
    if (revision < store->history.floor)
        return status_fail(status, STATUS_EXPIRED,
                           "The provided resource version is too old: %lld (%lld)",
                           (long long)revision, (long long)store->history.floor);
    int64_t at;
    struct state state = history_state_at(&store->history, revision, &store->committed.state,
                                          store->committed.revision, &at);
    *pin = pin_create(state, at);
    return 0;
}
