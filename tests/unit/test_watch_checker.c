/* Random histories, watched by many, against etcd's nine properties of watches.
 *
 *   ordered       revisions of one watch rise
 *   unique        no event comes twice
 *   atomic        a transaction's events come together
 *   reliable      nothing is left out
 *   resumable     a watch opened anew goes on exactly where the old one was
 *   bookmarkable  all up to a bookmark was taken, and nothing up to it comes later
 *   filter        nothing outside the prefix comes
 *   previous      an event has the state that was there before
 *   is-create     an event says whether there was none
 *
 * The reference is a list that the test makes from its own transactions. Watches are cut off
 * at random, also inside a transaction; some owners are slow; history is short; rows are compacted;
 * commits fail with and without having been written; writes are relaxed; the store restarts. */
#include <stdio.h>
#include <stdlib.h>

#include "core/random.h"
#include "tests/harness/test.h"
#include "tests/unit/store_fixture.h"

enum { KEYS = 24, WATCHERS = 12, TXN_MAX = 5, EVENTS_MAX = 200000 };

struct expected { /* One event of the reference. */
    int64_t revision;
    int64_t previous; /* Revision of the state before; 0: created. */
    int key;
    bool is_delete;
    bool ends_txn;
};

struct
try { /* A transaction on its way. */
    struct txn txn;
    struct checker *checker;
    struct expected writes[TXN_MAX];
    size_t count;
    bool is_over;
};

struct watcher {
    struct checker *checker;
    struct watch *watch;
    char prefix[16];
    int64_t resume;   /* Where the next opening starts: the last event taken, or a bookmark. */
    size_t next;      /* In the reference: the next event that may come. */
    int64_t bookmark;
    bool is_ready;
    int64_t taken;
    int expiries;
};

struct checker {
    struct fixture f;
    struct random_seeded random;
    struct expected *events;
    size_t event_count;
    int64_t states[KEYS];  /* After all events. */
    struct watcher watchers[WATCHERS];
    int64_t opened_at;     /* Revision of the last opening of the store. */
};

static uint64_t draw(struct checker *checker, uint64_t limit)
{
    return random_below(&checker->random.random, limit);
}

/* Keys are /a/00 to /d/23. */
static void key_text(int key, char text[32])
{
    snprintf(text, 32, "/%c/%02d", 'a' + key % 4, key);
}

static bool is_under(int key, const char *prefix)
{
    char text[32];
    key_text(key, text);
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* --- The reference --- */

static void add_events(struct checker *checker, const struct try *try)
{
    for (size_t i = 0; i < try->count; i++) {
        struct expected event = try->writes[i];
        EXPECT(checker->event_count < EVENTS_MAX);
        event.previous = checker->states[event.key];
        checker->states[event.key] = event.is_delete ? 0 : event.revision;
        checker->events[checker->event_count++] = event;
    }
}

static int note_revision(void *context, const struct log_row *row)
{
    *(int64_t *)context = row->revision;
    return 0;
}

/* After a failed commit the log says what became of it. */
static bool is_in_log(struct checker *checker, int64_t revision)
{
    int64_t last = 0;
    struct log *log = log_memory_create(checker->f.contents, NULL);
    EXPECT_EQ(log->operations->read(log, revision - 1, note_revision, &last, &checker->f.status),
              0);
    log->operations->close(log);
    return last >= revision;
}

static void over(struct txn *txn)
{
    struct try *try = CONTAINER_OF(txn, struct try, txn);
    bool is_done = status_ok(&txn->status) || (txn->status.reason == STATUS_OUTCOME_UNKNOWN &&
                                               is_in_log(try->checker, txn->first_revision));
    if (is_done)
        add_events(try->checker, try);
    status_release(&txn->status);
    mem_free(try);
}

/* --- Writing --- */

static void write_something(struct checker *checker)
{
    struct store *store = checker->f.store;
    struct try *try = mem_alloc(sizeof(*try));
    struct txn_write writes[TXN_MAX];
    int first = (int)draw(checker, KEYS);
    *try = (struct try){.txn = {.done = over}, .checker = checker};
    try->txn.is_relaxed = draw(checker, 4) == 0;
    try->count = 1 + draw(checker, TXN_MAX);
    for (size_t i = 0; i < try->count; i++) {
        char text[32];
        int key = (first + (int)i * 5) % KEYS;
        key_text(key, text);
        bool is_there = store_get(store, HEAD, slice_of(text)) != NULL;
        int64_t revision = store_next_revision(store) + (int64_t)i;
        try->writes[i] = (struct expected){.revision = revision,
                                           .key = key,
                                           .is_delete = is_there && draw(checker, 3) == 0,
                                           .ends_txn = i + 1 == try->count};
        writes[i] = (struct txn_write){fixture_object(&checker->f, text, revision),
                                       try->writes[i].is_delete, EXPECT_ANY};
    }
    status_clear(&checker->f.status);
    if (store_transact(store, &try->txn, writes, try->count, NULL, &checker->f.status) != 0)
        mem_free(try); /* The log is being read back. */
}

/* --- Watching --- */

static void ready(void *context)
{
    struct watcher *watcher = context;
    watcher->is_ready = true;
}

/* Index in the reference of the first event behind revision. */
static size_t place_behind(const struct checker *checker, int64_t revision)
{
    size_t low = 0;
    size_t high = checker->event_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (checker->events[middle].revision <= revision)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* An owner whose watch expired lists and starts anew; that is its right only when what it missed
 * has left history. */
static void start_anew(struct checker *checker, struct watcher *watcher)
{
    watcher->expiries++;
    watcher->resume = store_revision(checker->f.store, COMMITTED);
    watcher->bookmark = watcher->resume;
}

static void open_watch(struct checker *checker, struct watcher *watcher)
{
    struct store *store = checker->f.store;
    if (watcher->resume == 0)
        start_anew(checker, watcher);
    status_clear(&checker->f.status);
    int failed = watch_open(store, slice_of(watcher->prefix), watcher->resume, ready, watcher,
                            &watcher->watch, &checker->f.status);
    EXPECT_EQ(failed != 0, watcher->resume < store_oldest_revision(store));
    if (failed) {
        EXPECT_EQ(checker->f.status.reason, STATUS_EXPIRED);
        start_anew(checker, watcher);
        EXPECT_EQ(watch_open(store, slice_of(watcher->prefix), watcher->resume, ready, watcher,
                             &watcher->watch, &checker->f.status),
                  0);
    }
    watcher->next = SIZE_MAX; /* Found when the reference is complete. */
    watcher->is_ready = false;
}

static void close_watch(struct watcher *watcher)
{
    watch_close(watcher->watch);
    watcher->watch = NULL;
}

static void skip_others(const struct checker *checker, struct watcher *watcher)
{
    while (watcher->next < checker->event_count &&
           !is_under(checker->events[watcher->next].key, watcher->prefix))
        watcher->next++;
}

/* Ordered, unique, reliable, resumable and filter are one: it is the next one of the reference. */
static void check_event(struct checker *checker, struct watcher *watcher,
                        const struct watch_event *event)
{
    skip_others(checker, watcher);
    EXPECT(watcher->next < checker->event_count);
    const struct expected *expected = &checker->events[watcher->next++];
    char text[32];
    char body[64];
    key_text(expected->key, text);
    snprintf(body, sizeof(body), "{\"r\":%lld}", (long long)expected->revision);
    EXPECT_EQ(event->revision, expected->revision);
    EXPECT_SLICE(object_key(event->new), text);
    EXPECT_SLICE(object_body(event->new), body);
    EXPECT_EQ(event->new->revision, expected->revision);
    EXPECT_EQ(event->is_delete, expected->is_delete);
    EXPECT_EQ(event->ends_txn, expected->ends_txn);
    EXPECT_EQ(event->old ? event->old->revision : 0, expected->previous); /* Previous, is-create. */
    EXPECT(event->revision > watcher->bookmark);
    watcher->resume = event->revision;
    watcher->taken++;
}

static bool is_end_of_txn(const struct checker *checker, int64_t revision)
{
    size_t behind = place_behind(checker, revision);
    return behind == 0 || checker->events[behind - 1].ends_txn;
}

static void check_bookmark(struct checker *checker, struct watcher *watcher)
{
    int64_t bookmark = watch_bookmark_revision(watcher->watch);
    EXPECT(bookmark >= watcher->bookmark);
    EXPECT(bookmark <= store_revision(checker->f.store, COMMITTED));
    EXPECT(is_end_of_txn(checker, bookmark));
    skip_others(checker, watcher);
    bool is_all_taken =
        watcher->next == checker->event_count || checker->events[watcher->next].revision > bookmark;
    EXPECT(is_all_taken);
    watcher->bookmark = bookmark;
    if (bookmark > watcher->resume)
        watcher->resume = bookmark; /* A client resumes from a bookmark too. */
}

/* When there is nothing more to take, no transaction is cut: all that is committed was taken. */
static void check_all_taken(struct checker *checker, struct watcher *watcher)
{
    skip_others(checker, watcher);
    EXPECT_EQ(watcher->next, checker->event_count);
}

static void expire(struct checker *checker, struct watcher *watcher)
{
    skip_others(checker, watcher);
    EXPECT(watcher->next < checker->event_count);
    EXPECT(checker->events[watcher->next].revision <= store_oldest_revision(checker->f.store));
    close_watch(watcher);
    start_anew(checker, watcher);
}

static void take_some(struct checker *checker, struct watcher *watcher, uint64_t at_most)
{
    if (watcher->next == SIZE_MAX)
        watcher->next = place_behind(checker, watcher->resume);
    for (uint64_t i = 0; i < at_most && watcher->watch; i++) {
        struct watch_event event;
        status_clear(&checker->f.status);
        int taken = watch_take(watcher->watch, &event, &checker->f.status);
        if (taken < 0) {
            EXPECT_EQ(checker->f.status.reason, STATUS_EXPIRED);
            expire(checker, watcher);
            return;
        }
        if (taken == 0) {
            check_all_taken(checker, watcher);
            watcher->is_ready = false;
            break;
        }
        check_event(checker, watcher, &event);
    }
    if (watcher->watch && draw(checker, 4) == 0)
        check_bookmark(checker, watcher);
}

/* --- Steps --- */

static void disturb(struct checker *checker, int64_t appends)
{
    struct log_memory_faults *faults = &checker->f.faults;
    faults->fail_after_write = draw(checker, 2) == 0;
    faults->fail_append_at = faults->torn_append_at = 0;
    if (draw(checker, 2) == 0)
        faults->fail_append_at = appends + 1;
    else
        faults->torn_append_at = appends + 1;
}

static void restart(struct checker *checker)
{
    for (int i = 0; i < WATCHERS; i++)
        close_watch(&checker->watchers[i]);
    checker->f.faults.fail_append_at = checker->f.faults.torn_append_at = 0;
    checker->f.options.history_bytes = 3000 + (int64_t)draw(checker, 30000);
    fixture_restart(&checker->f);
}

/* What is durable and told, the reference has: then watches may be looked at. */
static void settle(struct checker *checker)
{
    fixture_run(&checker->f);
}

static void step(struct checker *checker, uint64_t n)
{
    for (uint64_t writes = draw(checker, 6); writes > 0; writes--)
        write_something(checker);
    if (draw(checker, 3) != 0)
        settle(checker);
    else
        fixture_step(&checker->f);
    if (checker->f.kind != FIXTURE_SQLITE && draw(checker, 60) == 0)
        disturb(checker, (int64_t)draw(checker, 3) + fixture_appends(&checker->f));
    if (draw(checker, 40) == 0)
        fixture_run_us(&checker->f, 1000000); /* Relaxed writes become durable. */
    settle(checker);
    for (int i = 0; i < WATCHERS; i++) {
        struct watcher *watcher = &checker->watchers[i];
        if (watcher->watch == NULL && draw(checker, 3) == 0)
            open_watch(checker, watcher);
        bool is_slow = i % 4 == 3;
        if (watcher->watch && draw(checker, is_slow ? 12 : 2) == 0)
            take_some(checker, watcher, is_slow || draw(checker, 3) == 0 ? draw(checker, 6) : 1000);
        if (watcher->watch && draw(checker, 10) == 0)
            close_watch(watcher);
    }
    if (n % 150 == 149)
        restart(checker);
}

static void check_history(enum fixture_log kind, uint64_t seed, uint64_t steps)
{
    static const char *prefixes[] = {"", "/a/", "/b/", "/c/0", "/d/23"};
    struct checker *checker = mem_alloc(sizeof(*checker));
    checker->events = mem_alloc(EVENTS_MAX * sizeof(*checker->events));
    random_seeded_init(&checker->random, seed);
    fixture_init(&checker->f, kind);
    checker->f.options.history_bytes = 20000;
    EXPECT_EQ(fixture_try_start(&checker->f), 0);
    for (int i = 0; i < WATCHERS; i++) {
        struct watcher *watcher = &checker->watchers[i];
        watcher->checker = checker;
        snprintf(watcher->prefix, sizeof(watcher->prefix), "%s",
                 prefixes[(size_t)i % ARRAY_SIZE(prefixes)]);
    }
    for (uint64_t n = 0; n < steps; n++)
        step(checker, n);
    int expiries = 0;
    for (int i = 0; i < WATCHERS; i++) {
        EXPECT(checker->watchers[i].taken > 0);
        expiries += checker->watchers[i].expiries;
        close_watch(&checker->watchers[i]);
    }
    EXPECT(expiries > WATCHERS); /* Beside the first opening of each. */
    fixture_close(&checker->f);
    mem_free(checker->events);
    mem_free(checker);
}

TEST_LIMIT(120, "watches of random histories are ordered, unique, atomic, reliable, resumable")
{
    uint64_t seeds = test_full ? 60 : 6;
    for (uint64_t seed = 1; seed <= seeds; seed++) {
        check_history(FIXTURE_MEMORY, seed, 600);
        check_history(FIXTURE_SPLIT, seed, 600);
    }
}

TEST_LIMIT(120, "watches of random histories hold over SQLite too")
{
    uint64_t seeds = test_full ? 10 : 1;
    for (uint64_t seed = 1; seed <= seeds; seed++)
        check_history(FIXTURE_SQLITE, seed, 300);
}
