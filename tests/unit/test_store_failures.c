/* Commits that fail: what is answered, what head is then, and what a restart finds. Relaxed
 * writes, which may be seen before they are durable. */
#include <stdio.h>

#include "tests/harness/test.h"
#include "tests/unit/store_fixture.h"

static int64_t revision_of(struct fixture *f, enum reading reading, const char *key)
{
    const struct object *object = store_get(f->store, reading, slice_of(key));
    return object ? object->revision : 0;
}

static void expect_answer(const struct fixture_txn *txn, enum status_reason reason)
{
    EXPECT_EQ(txn->answers, 1);
    EXPECT_EQ(txn->txn.status.reason, reason);
}

/* Revision of /pods/a on head, as a follower reckons it. */
static void follow_a(void *context, const struct object *old, const struct object *new)
{
    int64_t *revision = context;
    EXPECT_EQ(*revision, old ? old->revision : 0);
    *revision = new ? new->revision : 0;
}

TEST("a failed append is answered OUTCOME_UNKNOWN, and head is committed again")
{
    struct fixture f;
    fixture_open(&f, FIXTURE_MEMORY);
    fixture_put_and_run(&f, "/pods/a");
    int64_t followed = 2;
    struct store_follower follower = {
        .change = follow_a, .context = &followed, .prefix = "/pods/a"};
    store_follow(f.store, &follower);
    f.faults.fail_append_at = 2;
    struct fixture_txn txns[3] = {0};
    EXPECT_EQ(fixture_put(&f, &txns[0], "/pods/a", 2), 0);
    EXPECT_EQ(fixture_put(&f, &txns[1], "/pods/a", 3), 0);
    EXPECT_EQ(fixture_delete(&f, &txns[2], "/pods/a", 4), 0);
    EXPECT_EQ(followed, 0);
    fixture_run(&f);
    for (int i = 0; i < 3; i++) {
        expect_answer(&txns[i], STATUS_OUTCOME_UNKNOWN);
        status_release(&txns[i].txn.status);
    }
    EXPECT_EQ(revision_of(&f, HEAD, "/pods/a"), 2);
    EXPECT_EQ(store_revision(f.store, HEAD), 2);
    EXPECT_EQ(followed, 2);
    EXPECT_EQ(store_next_revision(f.store), 6); /* Not given out again. */
    fixture_put_and_run(&f, "/pods/a");
    EXPECT_EQ(followed, 6);
    store_unfollow(f.store, &follower);
    fixture_restart(&f);
    EXPECT_EQ(revision_of(&f, COMMITTED, "/pods/a"), 6);
    fixture_close(&f);
}

TEST("what the log turns out to hold after a failed append is committed, and watchers see it")
{
    struct fixture f;
    fixture_open(&f, FIXTURE_MEMORY);
    fixture_put_and_run(&f, "/pods/a");
    int64_t followed = 2;
    struct store_follower follower = {
        .change = follow_a, .context = &followed, .prefix = "/pods/a"};
    store_follow(f.store, &follower);
    struct fixture_watch watch;
    fixture_watch_open(&f, &watch, "/pods/", 2);
    f.faults.fail_append_at = 2;
    f.faults.fail_after_write = true;
    struct fixture_txn txns[2] = {0};
    EXPECT_EQ(fixture_put(&f, &txns[0], "/pods/a", 2), 0);
    EXPECT_EQ(fixture_put_all(&f, &txns[1], (const char *[]){"/pods/b", "-/pods/a", NULL}), 0);
    fixture_run(&f);
    expect_answer(&txns[0], STATUS_OUTCOME_UNKNOWN);
    expect_answer(&txns[1], STATUS_OUTCOME_UNKNOWN);
    status_release(&txns[0].txn.status);
    status_release(&txns[1].txn.status);
    EXPECT_EQ(revision_of(&f, COMMITTED, "/pods/b"), 4);
    EXPECT_EQ(revision_of(&f, HEAD, "/pods/a"), 0);
    EXPECT_EQ(followed, 0);
    EXPECT_TEXT(fixture_watch_text(&watch), "3 put /pods/a.\n4 put /pods/b\n5 delete /pods/a.\n");
    fixture_watch_close(&watch);
    store_unfollow(f.store, &follower);
    fixture_put_and_run(&f, "/pods/c");
    fixture_restart(&f);
    EXPECT_EQ(f.report.objects, 2);
    fixture_close(&f);
}

TEST("a torn record is not there, whole ones before it are")
{
    struct fixture f;
    fixture_open(&f, FIXTURE_SPLIT);
    f.faults.torn_append_at = 1;
    struct fixture_txn txns[2] = {0};
    EXPECT_EQ(fixture_put(&f, &txns[0], "/pods/a", EXPECT_ANY), 0);
    EXPECT_EQ(fixture_put_all(&f, &txns[1], (const char *[]){"/pods/b", "/pods/c", NULL}), 0);
    fixture_run(&f);
    expect_answer(&txns[0], STATUS_OUTCOME_UNKNOWN);
    expect_answer(&txns[1], STATUS_OUTCOME_UNKNOWN);
    EXPECT_EQ(revision_of(&f, COMMITTED, "/pods/a"), 2);
    EXPECT_EQ(revision_of(&f, HEAD, "/pods/b"), 0);
    fixture_put_and_run(&f, "/pods/b");
    EXPECT_EQ(revision_of(&f, COMMITTED, "/pods/b"), 5);
    fixture_restart(&f);
    EXPECT_EQ(f.report.objects, 2);
    status_release(&txns[0].txn.status);
    status_release(&txns[1].txn.status);
    fixture_close(&f);
}

TEST("a full disk refuses writes with INSUFFICIENT_STORAGE, reads go on, space heals without "
     "restart")
{
    struct fixture f;
    fixture_open(&f, FIXTURE_MEMORY);
    fixture_put_and_run(&f, "/pods/a");
    f.faults.is_full = true;
    for (int i = 0; i < 3; i++) {
        struct fixture_txn txn = {0};
        EXPECT_EQ(fixture_put(&f, &txn, "/pods/a", 2), 0);
        fixture_run(&f);
        expect_answer(&txn, STATUS_INSUFFICIENT_STORAGE);
        EXPECT_EQ(revision_of(&f, COMMITTED, "/pods/a"), 2);
        status_release(&txn.txn.status);
    }
    f.faults.is_full = false;
    fixture_put_and_run(&f, "/pods/a");
    EXPECT_EQ(revision_of(&f, COMMITTED, "/pods/a"), 6);
    fixture_close(&f);
}

TEST("while the log cannot be read back writes are refused, and everybody is answered")
{
    struct fixture f;
    fixture_open(&f, FIXTURE_MEMORY);
    f.faults.fail_append_at = 1;
    f.faults.fail_reads = true;
    struct fixture_txn txn = {0};
    EXPECT_EQ(fixture_put(&f, &txn, "/pods/a", EXPECT_ANY), 0);
    fixture_run(&f);
    expect_answer(&txn, STATUS_OUTCOME_UNKNOWN);
    struct fixture_txn refused = {0};
    EXPECT_EQ(fixture_put(&f, &refused, "/pods/a", EXPECT_ANY), -1);
    EXPECT_EQ(f.status.reason, STATUS_SERVICE_UNAVAILABLE);
    EXPECT(f.status.retry_after_seconds > 0);
    fixture_run_us(&f, 60000000); /* Tries again and again. */
    EXPECT_EQ(fixture_put(&f, &refused, "/pods/a", EXPECT_ANY), -1);
    f.faults.fail_reads = false;
    fixture_run_us(&f, 10000000); /* The longest back-off. */
    fixture_put_and_run(&f, "/pods/a");
    status_release(&txn.txn.status);
    fixture_close(&f);
}

TEST("closing while the log cannot be read back ends")
{
    struct fixture f;
    fixture_open(&f, FIXTURE_MEMORY);
    f.faults.fail_append_at = 1;
    f.faults.fail_reads = true;
    struct fixture_txn txns[2] = {0};
    EXPECT_EQ(fixture_put(&f, &txns[0], "/pods/a", EXPECT_ANY), 0);
    fixture_run(&f);
    fixture_stop(&f);
    expect_answer(&txns[0], STATUS_OUTCOME_UNKNOWN);
    status_release(&txns[0].txn.status);
    f.faults = (struct log_memory_faults){0};
    EXPECT_EQ(fixture_try_start(&f), 0);
    f.faults.is_full = true;
    EXPECT_EQ(fixture_put(&f, &txns[1], "/pods/a", EXPECT_ANY), 0);
    fixture_stop(&f);
    expect_answer(&txns[1], STATUS_INSUFFICIENT_STORAGE);
    status_release(&txns[1].txn.status);
    EXPECT_EQ(fixture_try_start(&f), 0);
    EXPECT_EQ(f.report.objects, 0);
    fixture_close(&f);
}

/* --- Relaxed --- */

static int put_relaxed(struct fixture *f, struct fixture_txn *txn, const char *key)
{
    txn->txn.is_relaxed = true;
    return fixture_put(f, txn, key, EXPECT_ANY);
}

/* The first relaxed write waits for its reservation; then they are seen at once. */
static void reserve(struct fixture *f)
{
    struct fixture_txn txn = {0};
    EXPECT_EQ(put_relaxed(f, &txn, "/leases/first"), 0);
    fixture_run(f);
    EXPECT_EQ(txn.answers, 1);
}

TEST("a relaxed write is answered and seen at once, and durable within a second")
{
    for (enum fixture_log kind = 0; kind < FIXTURE_LOGS; kind++) {
        struct fixture f;
        fixture_open(&f, kind);
        reserve(&f);
        struct fixture_watch watch;
        fixture_watch_open(&f, &watch, "/leases/", 0);
        struct fixture_txn txn = {0};
        EXPECT_EQ(put_relaxed(&f, &txn, "/leases/a"), 0);
        EXPECT_EQ(revision_of(&f, COMMITTED, "/leases/a"), 3);
        EXPECT_EQ(txn.answers, 0);
        fixture_run(&f);
        EXPECT_EQ(txn.answers, 1);
        EXPECT_TEXT(fixture_watch_text(&watch), "3 put /leases/a.\n");
        EXPECT_EQ(fixture_log_head(&f), 2);
        fixture_run_us(&f, 1000000);
        EXPECT_EQ(fixture_log_head(&f), 3);
        fixture_watch_close(&watch);
        fixture_close(&f);
    }
}

TEST("a relaxed write behind a durable one is not seen before it")
{
    struct fixture f;
    fixture_open(&f, FIXTURE_MEMORY);
    reserve(&f);
    struct fixture_txn durable = {0};
    struct fixture_txn relaxed = {0};
    EXPECT_EQ(fixture_put(&f, &durable, "/pods/a", EXPECT_ANY), 0);
    EXPECT_EQ(put_relaxed(&f, &relaxed, "/leases/a"), 0);
    EXPECT_EQ(revision_of(&f, COMMITTED, "/leases/a"), 0);
    EXPECT_EQ(revision_of(&f, HEAD, "/leases/a"), 4);
    fixture_run(&f);
    EXPECT_EQ(durable.answers, 1);
    EXPECT_EQ(relaxed.answers, 1);
    EXPECT_EQ(revision_of(&f, COMMITTED, "/leases/a"), 4);
    EXPECT_EQ(store_revision(f.store, COMMITTED), 4);
    fixture_close(&f);
}

TEST("after a crash the revisions of lost relaxed writes are not given out again")
{
    struct fixture f;
    fixture_open(&f, FIXTURE_MEMORY);
    reserve(&f);
    struct fixture_txn txns[5] = {0};
    for (int i = 0; i < 5; i++)
        EXPECT_EQ(put_relaxed(&f, &txns[i], "/leases/a"), 0);
    int64_t seen = store_revision(f.store, COMMITTED);
    EXPECT_EQ(seen, 7);
    /* What a crash leaves: another server opens what the log has. */
    struct store_options options = {.loop = f.loop, .log = log_memory_create(f.contents, NULL)};
    struct store *after;
    EXPECT_EQ(store_open(&options, &after, NULL, &f.status), 0);
    EXPECT(store_get(after, COMMITTED, SLICE("/leases/a")) == NULL);
    EXPECT(store_revision(after, COMMITTED) >= seen);
    EXPECT(store_next_revision(after) > seen);
    store_close(after);
    fixture_run(&f); /* The first one finds that it is not the log's writer any more. */
    loop_run_for_us(f.loop, 1000000);
    fixture_close(&f);
}

TEST("relaxed writes that were seen outlive a failed commit")
{
    struct fixture f;
    fixture_open(&f, FIXTURE_MEMORY);
    reserve(&f);
    struct fixture_watch watch;
    fixture_watch_open(&f, &watch, "", 0);
    struct fixture_txn relaxed = {0};
    struct fixture_txn durable = {0};
    struct fixture_txn behind = {0};
    f.faults.fail_append_at = 2;
    EXPECT_EQ(put_relaxed(&f, &relaxed, "/leases/a"), 0);
    EXPECT_EQ(fixture_put(&f, &durable, "/pods/a", EXPECT_ANY), 0);
    EXPECT_EQ(put_relaxed(&f, &behind, "/leases/b"), 0);
    fixture_run(&f);
    expect_answer(&relaxed, STATUS_OK);
    expect_answer(&durable, STATUS_OUTCOME_UNKNOWN);
    expect_answer(&behind, STATUS_OUTCOME_UNKNOWN);
    EXPECT_EQ(revision_of(&f, HEAD, "/leases/a"), 3);
    EXPECT_EQ(revision_of(&f, HEAD, "/pods/a"), 0);
    fixture_put_and_run(&f, "/pods/a");
    EXPECT_TEXT(fixture_watch_text(&watch), "3 put /leases/a.\n6 put /pods/a.\n");
    fixture_watch_close(&watch);
    fixture_restart(&f);
    EXPECT_EQ(revision_of(&f, COMMITTED, "/leases/a"), 3);
    EXPECT_EQ(revision_of(&f, COMMITTED, "/pods/a"), 6);
    status_release(&durable.txn.status);
    status_release(&behind.txn.status);
    fixture_close(&f);
}

TEST("many relaxed writes commit before their second is over, by their bytes")
{
    struct fixture f;
    fixture_open(&f, FIXTURE_MEMORY);
    reserve(&f);
    enum { COUNT = 12000 };
    struct fixture_txn *txns = mem_alloc(COUNT * sizeof(*txns));
    for (int i = 0; i < COUNT; i++)
        EXPECT_EQ(put_relaxed(&f, &txns[i], "/leases/a"), 0);
    fixture_run(&f);
    EXPECT(fixture_log_head(&f) > 2);
    EXPECT_EQ(txns[COUNT - 1].answers, 1);
    mem_free(txns);
    fixture_close(&f);
}

TEST("relaxed writes beyond the reservation wait for a new one")
{
    struct fixture f;
    fixture_open(&f, FIXTURE_MEMORY);
    reserve(&f);
    enum { COUNT = 20000 };
    struct fixture_txn *txns = mem_alloc(COUNT * sizeof(*txns));
    bool waited = false;
    for (int i = 0; i < COUNT; i++) {
        EXPECT_EQ(put_relaxed(&f, &txns[i], "/leases/a"), 0);
        waited |= store_revision(f.store, COMMITTED) < store_revision(f.store, HEAD);
    }
    EXPECT(waited);
    fixture_run(&f);
    EXPECT_EQ(store_revision(f.store, COMMITTED), store_revision(f.store, HEAD));
    mem_free(txns);
    fixture_close(&f);
}

TEST("an idle store has nothing to wake up for")
{
    for (enum fixture_log kind = 0; kind < FIXTURE_LOGS; kind++) {
        struct fixture f;
        fixture_open(&f, kind);
        reserve(&f);
        fixture_put_and_run(&f, "/pods/a");
        fixture_delete_and_run(&f, "/pods/a");
        fixture_run_us(&f, INT64_C(400) * 1000000); /* History grows old and goes. */
        EXPECT_EQ(loop_run_for_us(f.loop, INT64_C(3600) * 1000000), 0);
        fixture_close(&f);
    }
}
