/* The store's contract: transactions, readings, pins, followers. Each on every kind of log. */
#include <stdio.h>

#include "tests/harness/test.h"
#include "tests/unit/store_fixture.h"

#define EACH_LOG(f)                                                                        \
    for (enum fixture_log kind = 0; kind < FIXTURE_LOGS; kind++)                            \
        for (struct fixture *f = &(struct fixture){0}, *once = (fixture_open(f, kind), f); \
             once; fixture_close(f), once = NULL)

static int64_t revision_of(struct fixture *f, enum reading reading, const char *key)
{
    const struct object *object = store_get(f->store, reading, slice_of(key));
    return object ? object->revision : 0;
}

TEST("a transaction is on head at once, and committed when it is durable")
{
    EACH_LOG(f)
    {
        struct fixture_txn txn = {0};
        EXPECT_EQ(fixture_put(f, &txn, "/pods/a", EXPECT_ABSENT), 0);
        EXPECT_EQ(revision_of(f, HEAD, "/pods/a"), 2);
        EXPECT_EQ(revision_of(f, COMMITTED, "/pods/a"), 0);
        EXPECT_EQ(store_revision(f->store, HEAD), 2);
        EXPECT_EQ(store_revision(f->store, COMMITTED), 1);
        EXPECT_EQ(txn.answers, 0);
        fixture_run(f);
        EXPECT_EQ(txn.answers, 1);
        EXPECT(status_ok(&txn.txn.status));
        EXPECT_EQ(revision_of(f, COMMITTED, "/pods/a"), 2);
        EXPECT_EQ(txn.answered_at, 2);
    }
}

TEST("revisions start behind 1 and go on, one for each object, over restarts")
{
    EACH_LOG(f)
    {
        EXPECT_EQ(store_revision(f->store, COMMITTED), 1);
        struct fixture_txn txn = {0};
        EXPECT_EQ(fixture_put_all(f, &txn, (const char *[]){"/pods/a", "/pods/b", "/pods/c", NULL}),
                  0);
        fixture_run(f);
        EXPECT_EQ(txn.txn.first_revision, 2);
        EXPECT_EQ(txn.txn.last_revision, 4);
        fixture_put_and_run(f, "/pods/a");
        EXPECT_EQ(revision_of(f, COMMITTED, "/pods/a"), 5);
        fixture_restart(f);
        EXPECT_EQ(store_revision(f->store, COMMITTED), 5);
        EXPECT_EQ(store_next_revision(f->store), 6);
        const struct object *object = store_get(f->store, COMMITTED, SLICE("/pods/b"));
        EXPECT_SLICE(object_body(object), "{\"r\":3}");
        EXPECT_SLICE(object_view(object), "\x08\x02hi");
        EXPECT_SLICE(object_managed(object), "[1]");
        EXPECT_EQ(object->splice, 1);
        EXPECT_EQ(f->report.objects, 3);
        EXPECT_EQ(f->report.rows, 4);
    }
}

TEST("a deletion takes a revision, survives a restart, and leaves no object")
{
    EACH_LOG(f)
    {
        fixture_put_and_run(f, "/pods/a");
        fixture_delete_and_run(f, "/pods/a");
        EXPECT_EQ(revision_of(f, COMMITTED, "/pods/a"), 0);
        EXPECT_EQ(store_revision(f->store, COMMITTED), 3);
        fixture_restart(f);
        EXPECT_EQ(revision_of(f, COMMITTED, "/pods/a"), 0);
        EXPECT_EQ(store_revision(f->store, COMMITTED), 3);
    }
}

TEST("expectations are checked on head, and what they refuse changes nothing")
{
    EACH_LOG(f)
    {
        struct fixture_txn first = {0};
        struct fixture_txn second = {0};
        EXPECT_EQ(fixture_put(f, &first, "/pods/a", EXPECT_ABSENT), 0);
        EXPECT_EQ(fixture_put(f, &second, "/pods/a", EXPECT_ABSENT), -1);
        EXPECT_EQ(f->status.reason, STATUS_ALREADY_EXISTS);
        EXPECT_EQ(fixture_put(f, &second, "/pods/a", 7), -1);
        EXPECT_EQ(f->status.reason, STATUS_CONFLICT);
        EXPECT_EQ(fixture_put(f, &second, "/pods/b", 7), -1);
        EXPECT_EQ(f->status.reason, STATUS_NOT_FOUND);
        EXPECT_EQ(fixture_delete(f, &second, "/pods/b", EXPECT_ANY), -1);
        EXPECT_EQ(f->status.reason, STATUS_NOT_FOUND);
        EXPECT_EQ(store_next_revision(f->store), 3);
        EXPECT_EQ(fixture_put(f, &second, "/pods/a", 2), 0);
        fixture_run(f);
        EXPECT_EQ(second.answers, 1);
        EXPECT_EQ(revision_of(f, COMMITTED, "/pods/a"), 3);
    }
}

TEST("a transaction that is refused at its last write leaves none of the others")
{
    EACH_LOG(f)
    {
        fixture_put_and_run(f, "/pods/a");
        fixture_put_and_run(f, "/pods/b");
        struct fixture_txn txn = {0};
        EXPECT_EQ(fixture_put_all(f, &txn,
                                  (const char *[]){"/pods/a", "/pods/new", "-/pods/b", "/pods/b",
                                                   "-/pods/none", NULL}),
                  -1);
        EXPECT_EQ(f->status.reason, STATUS_NOT_FOUND);
        EXPECT_EQ(revision_of(f, HEAD, "/pods/a"), 2);
        EXPECT_EQ(revision_of(f, HEAD, "/pods/b"), 3);
        EXPECT_EQ(revision_of(f, HEAD, "/pods/new"), 0);
        EXPECT_EQ(store_next_revision(f->store), 4);
        fixture_run(f);
        EXPECT_EQ(txn.answers, 0);
    }
}

TEST("a quota is not overshot by two writes of one group that count on the same revision")
{
    EACH_LOG(f)
    {
        fixture_put_and_run(f, "/quotas/q");
        struct fixture_txn first = {0};
        struct fixture_txn second = {0};
        EXPECT_EQ(fixture_put(f, &first, "/quotas/q", 2), 0);
        EXPECT_EQ(fixture_put(f, &second, "/quotas/q", 2), -1);
        EXPECT_EQ(f->status.reason, STATUS_CONFLICT);
        fixture_run(f);
    }
}

TEST("answers come in the order of the transactions")
{
    EACH_LOG(f)
    {
        enum { COUNT = 300 };
        static struct fixture_txn txns[COUNT];
        memset(txns, 0, sizeof(txns));
        for (int i = 0; i < COUNT; i++) {
            char key[32];
            snprintf(key, sizeof(key), "/pods/%d", i);
            EXPECT_EQ(fixture_put(f, &txns[i], key, EXPECT_ABSENT), 0);
        }
        int answered = 0;
        while (answered < COUNT) {
            loop_run_for_us(f->loop, 0);
            for (int i = 0; i < COUNT; i++) {
                EXPECT(i == 0 || txns[i].answers <= txns[i - 1].answers);
                answered = txns[i].answers > 0 ? i + 1 : answered;
            }
        }
        EXPECT_EQ(txns[COUNT - 1].answers, 1);
    }
}

/* --- Pins --- */

TEST("a pin keeps its state while the store goes on")
{
    EACH_LOG(f)
    {
        fixture_put_and_run(f, "/pods/a");
        fixture_put_and_run(f, "/pods/b");
        struct pin *pin = store_pin(f->store, COMMITTED);
        fixture_put_and_run(f, "/pods/a");
        fixture_delete_and_run(f, "/pods/b");
        EXPECT_EQ(pin_revision(pin), 3);
        EXPECT_EQ(pin_get(pin, SLICE("/pods/a"))->revision, 2);
        EXPECT(pin_get(pin, SLICE("/pods/b")) != NULL);
        EXPECT_EQ(pin_count(pin, SLICE("/pods/")), 2);
        pin_unref(pin_ref(pin));
        pin_unref(pin);
    }
}

TEST("a pin on head sees what is queued, one on committed does not")
{
    EACH_LOG(f)
    {
        struct fixture_txn txn = {0};
        EXPECT_EQ(fixture_put(f, &txn, "/pods/a", EXPECT_ANY), 0);
        struct pin *head = store_pin(f->store, HEAD);
        struct pin *committed = store_pin(f->store, COMMITTED);
        EXPECT_EQ(pin_count(head, SLICE("/pods/")), 1);
        EXPECT_EQ(pin_count(committed, SLICE("/pods/")), 0);
        EXPECT_EQ(pin_revision(head), 2);
        pin_unref(head);
        pin_unref(committed);
        fixture_run(f);
    }
}

TEST("a cursor walks the prefix only, from where it is told, in the order of keys")
{
    EACH_LOG(f)
    {
        for (int i = 0; i < 40; i++) {
            char key[32];
            snprintf(key, sizeof(key), "/pods/%s/%02d", i % 2 ? "a" : "b", i);
            fixture_put_and_run(f, key);
        }
        struct pin *pin = store_pin(f->store, COMMITTED);
        struct pin_cursor cursor;
        const struct object *object = pin_first(pin, SLICE("/pods/b/"), SLICE(""), &cursor);
        for (int i = 0; i < 40; i += 2, object = pin_next(&cursor)) {
            char key[32];
            snprintf(key, sizeof(key), "/pods/b/%02d", i);
            EXPECT_SLICE(object_key(object), key);
        }
        EXPECT(object == NULL);
        EXPECT(pin_next(&cursor) == NULL);
        object = pin_first(pin, SLICE("/pods/a/"), SLICE("/pods/a/38"), &cursor);
        EXPECT_SLICE(object_key(object), "/pods/a/39");
        EXPECT(pin_next(&cursor) == NULL);
        EXPECT(pin_first(pin, SLICE("/pods/a/"), SLICE("/pods/a/4"), &cursor) == NULL);
        EXPECT(pin_first(pin, SLICE("/none/"), SLICE(""), &cursor) == NULL);
        EXPECT_EQ(pin_count(pin, SLICE("/pods/a/")), 20);
        pin_unref(pin);
    }
}

TEST("the state at an old revision is today's minus the changes since, also after a restart")
{
    EACH_LOG(f)
    {
        fixture_put_and_run(f, "/pods/a");    /* 2 */
        fixture_put_and_run(f, "/pods/b");    /* 3 */
        fixture_put_and_run(f, "/pods/a");    /* 4 */
        fixture_delete_and_run(f, "/pods/b"); /* 5 */
        fixture_put_and_run(f, "/pods/b");    /* 6 */
        for (int restarts = 0; restarts < 2; restarts++) {
            struct pin *pin;
            EXPECT_EQ(store_pin_at(f->store, 3, &pin, &f->status), 0);
            EXPECT_EQ(pin_revision(pin), 3);
            EXPECT_EQ(pin_get(pin, SLICE("/pods/a"))->revision, 2);
            EXPECT_EQ(pin_get(pin, SLICE("/pods/b"))->revision, 3);
            pin_unref(pin);
            EXPECT_EQ(store_pin_at(f->store, 5, &pin, &f->status), 0);
            EXPECT(pin_get(pin, SLICE("/pods/b")) == NULL);
            pin_unref(pin);
            EXPECT_EQ(store_pin_at(f->store, 7, &pin, &f->status), -1);
            EXPECT_EQ(f->status.reason, STATUS_TIMEOUT);
            EXPECT(pin == NULL);
            fixture_restart(f);
        }
    }
}

TEST("an old state inside a transaction is the one at its end")
{
    EACH_LOG(f)
    {
        struct fixture_txn txn = {0};
        EXPECT_EQ(fixture_put_all(f, &txn, (const char *[]){"/pods/a", "/pods/b", "/pods/c", NULL}),
                  0);
        fixture_run(f);
        fixture_put_and_run(f, "/pods/d");
        for (int64_t revision = 2; revision <= 4; revision++) {
            struct pin *pin;
            EXPECT_EQ(store_pin_at(f->store, revision, &pin, &f->status), 0);
            EXPECT_EQ(pin_revision(pin), 4);
            EXPECT_EQ(pin_count(pin, SLICE("/pods/")), 3);
            pin_unref(pin);
        }
    }
}

/* Old states over several marks: each must be what was true then. */
TEST("the state at every old revision of a long history is right")
{
    struct fixture f;
    fixture_open(&f, FIXTURE_MEMORY);
    enum { CHANGES = 5000, KEYS = 50 };
    static int64_t model[CHANGES + 2][KEYS];
    for (int64_t revision = 2; revision < CHANGES + 2; revision++) {
        memcpy(model[revision], model[revision - 1], sizeof(model[0]));
        int place = (int)(revision * 7919 % KEYS);
        char key[32];
        snprintf(key, sizeof(key), "/pods/%02d", place);
        if (revision % 5 == 0 && model[revision][place] != 0) {
            fixture_delete_and_run(&f, key);
            model[revision][place] = 0;
        } else {
            fixture_put_and_run(&f, key);
            model[revision][place] = revision;
        }
    }
    for (int64_t revision = 2; revision < CHANGES + 2; revision += 37) {
        struct pin *pin;
        EXPECT_EQ(store_pin_at(f.store, revision, &pin, &f.status), 0);
        EXPECT_EQ(pin_revision(pin), revision);
        for (int place = 0; place < KEYS; place++) {
            char key[32];
            snprintf(key, sizeof(key), "/pods/%02d", place);
            const struct object *object = pin_get(pin, slice_of(key));
            EXPECT_EQ(object ? object->revision : 0, model[revision][place]);
        }
        pin_unref(pin);
    }
    fixture_close(&f);
}

/* --- Followers --- */

struct sum {
    struct store_follower follower;
    int64_t live;     /* Objects followed. */
    int64_t revision; /* Sum of their revisions. */
    int changes;
};

static void sum_change(void *context, const struct object *old, const struct object *new)
{
    struct sum *sum = context;
    EXPECT(old != NULL || new != NULL);
    sum->live += (new != NULL) - (old != NULL);
    sum->revision += (new ? new->revision : 0) - (old ? old->revision : 0);
    sum->changes++;
}

static void follow(struct fixture *f, struct sum *sum)
{
    *sum = (struct sum){.follower = {.change = sum_change, .context = sum, .prefix = "/pods/"}};
    store_follow(f->store, &sum->follower);
}

TEST("followers hear of each change of head under their prefix, at once")
{
    EACH_LOG(f)
    {
        struct sum sum;
        follow(f, &sum);
        struct fixture_txn txn = {0};
        EXPECT_EQ(
            fixture_put_all(f, &txn, (const char *[]){"/pods/a", "/nodes/n", "/pods/b", NULL}), 0);
        EXPECT_EQ(sum.changes, 2);
        EXPECT_EQ(sum.live, 2);
        EXPECT_EQ(sum.revision, 2 + 4);
        fixture_run(f);
        fixture_delete_and_run(f, "/pods/a");
        EXPECT_EQ(sum.live, 1);
        EXPECT_EQ(sum.revision, 4);
        EXPECT_EQ(sum.changes, 3);
        store_unfollow(f->store, &sum.follower);
        fixture_put_and_run(f, "/pods/c");
        EXPECT_EQ(sum.changes, 3);
    }
}

TEST("a refused transaction is never told to followers")
{
    EACH_LOG(f)
    {
        struct sum sum;
        follow(f, &sum);
        struct fixture_txn txn = {0};
        EXPECT_EQ(fixture_put_all(f, &txn, (const char *[]){"/pods/a", "-/pods/b", NULL}), -1);
        EXPECT_EQ(sum.changes, 0);
        store_unfollow(f->store, &sum.follower);
    }
}

/* --- Closing --- */

TEST("closing commits what is queued and answers it")
{
    EACH_LOG(f)
    {
        struct fixture_txn txn = {0};
        EXPECT_EQ(fixture_put(f, &txn, "/pods/a", EXPECT_ANY), 0);
        fixture_restart(f);
        EXPECT_EQ(txn.answers, 1);
        EXPECT(status_ok(&txn.txn.status));
        EXPECT_EQ(revision_of(f, COMMITTED, "/pods/a"), 2);
    }
}

TEST("closing in the middle of a commit finishes it, at every step of the loop")
{
    for (uint64_t seed = 0; seed < 40; seed++) {
        struct fixture f;
        fixture_init(&f, FIXTURE_MEMORY);
        loop_destroy(f.loop);
        f.loop = loop_create_simulated(seed);
        EXPECT_EQ(fixture_try_start(&f), 0);
        fixture_run(&f);
        struct fixture_txn txns[3] = {0};
        EXPECT_EQ(fixture_put(&f, &txns[0], "/pods/a", EXPECT_ANY), 0);
        for (uint64_t step = 0; step < seed % 6; step++)
            fixture_step(&f);
        EXPECT_EQ(fixture_put(&f, &txns[1], "/pods/b", EXPECT_ANY), 0);
        fixture_stop(&f);
        EXPECT_EQ(txns[0].answers, 1);
        EXPECT_EQ(txns[1].answers, 1);
        EXPECT_EQ(fixture_try_start(&f), 0);
        EXPECT_EQ(f.report.objects, 2);
        fixture_close(&f);
    }
}

/* --- Waiting, metrics, trace --- */

TEST("a transaction without writes is answered when all before it is committed")
{
    EACH_LOG(f)
    {
        struct fixture_txn first = {0};
        struct fixture_txn barrier = {0};
        EXPECT_EQ(fixture_put(f, &first, "/pods/a", EXPECT_ANY), 0);
        EXPECT_EQ(fixture_put_all(f, &barrier, (const char *[]){NULL}), 0);
        EXPECT_EQ(barrier.answers, 0);
        fixture_run(f);
        EXPECT_EQ(first.answers, 1);
        EXPECT_EQ(barrier.answers, 1);
        EXPECT_EQ(barrier.answered_at, 2);
        EXPECT_EQ(fixture_put_all(f, &barrier, (const char *[]){NULL}), 0);
        fixture_run(f);
        EXPECT_EQ(barrier.answers, 2);
        EXPECT_EQ(store_next_revision(f->store), 3);
    }
}

TEST("a transaction without writes behind a failed one is answered as that is")
{
    struct fixture f;
    fixture_open(&f, FIXTURE_MEMORY);
    f.faults.fail_append_at = 1;
    struct fixture_txn first = {0};
    struct fixture_txn barrier = {0};
    EXPECT_EQ(fixture_put(&f, &first, "/pods/a", EXPECT_ANY), 0);
    EXPECT_EQ(fixture_put_all(&f, &barrier, (const char *[]){NULL}), 0);
    fixture_run(&f);
    EXPECT_EQ(barrier.answers, 1);
    EXPECT_EQ(barrier.txn.status.reason, STATUS_OUTCOME_UNKNOWN);
    status_release(&first.txn.status);
    status_release(&barrier.txn.status);
    fixture_close(&f);
}

TEST("metrics tell commits, sizes and watches")
{
    struct fixture f;
    struct metrics metrics;
    metrics_init(&metrics);
    fixture_init(&f, FIXTURE_MEMORY);
    f.options.metrics = &metrics;
    EXPECT_EQ(fixture_try_start(&f), 0);
    struct fixture_watch watch;
    fixture_watch_open(&f, &watch, "", 0);
    fixture_put_and_run(&f, "/pods/a");
    fixture_put_and_run(&f, "/pods/a");
    struct buffer text = {0};
    metrics_print(&metrics, &text);
    EXPECT(strstr(text.data, "\ncoracle_store_commits_total 2\n") != NULL);
    EXPECT(strstr(text.data, "\ncoracle_store_objects 1\n") != NULL);
    EXPECT(strstr(text.data, "\ncoracle_store_revision 3\n") != NULL);
    EXPECT(strstr(text.data, "\ncoracle_store_history_events 2\n") != NULL);
    EXPECT(strstr(text.data, "\ncoracle_store_watches 1\n") != NULL);
    EXPECT(strstr(text.data, "\ncoracle_store_commit_seconds_count 2\n") != NULL);
    buffer_release(&text);
    fixture_watch_close(&watch);
    fixture_close(&f);
    metrics_print(&metrics, &text);
    EXPECT_EQ(text.size, 0);
    buffer_release(&text);
    metrics_release(&metrics);
}

static void keep_line(void *context, const char *line)
{
    buffer_format(context, "%s\n", line);
}

TEST("the trace tells what the store does")
{
    struct fixture f;
    struct trace trace;
    struct buffer lines = {0};
    fixture_init(&f, FIXTURE_MEMORY);
    trace_init(&trace, "store", loop_clock(f.loop));
    trace.sink = keep_line;
    trace.context = &lines;
    f.options.trace = &trace;
    f.options.history_bytes = 1;
    EXPECT_EQ(fixture_try_start(&f), 0);
    fixture_put_and_run(&f, "/pods/a");
    fixture_put_and_run(&f, "/pods/a");
    fixture_put_and_run(&f, "/pods/a");
    f.faults.fail_append_at = 4;
    struct fixture_txn txn = {0};
    EXPECT_EQ(fixture_put(&f, &txn, "/pods/a", EXPECT_ANY), 0);
    fixture_run(&f);
    EXPECT_TEXT(lines.data, "[    0] store      opened at revision 1 (0 objects, 0 rows)\n"
                            "[    0] store      committed up to 2 (1 rows)\n"
                            "[    0] store      committed up to 3 (1 rows)\n"
                            "[    0] store      committed up to 4 (1 rows)\n"
                            "[    0] store      removed 1 rows (compacted up to 3)\n"
                            "[    0] store      commit failed (planned fault: append)\n"
                            "[    0] store      log read back (it ends at 4)\n");
    buffer_release(&lines);
    status_release(&txn.txn.status);
    fixture_close(&f);
}
