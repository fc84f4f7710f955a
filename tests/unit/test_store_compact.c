/* Compaction: what nobody needs goes, in small steps, and nothing else. */
#include <stdio.h>
#include <stdlib.h>

#include "core/random.h"
#include "store/compact.h"
#include "tests/harness/test.h"
#include "tests/unit/store_fixture.h"

static int count_row(void *context, const struct log_row *row)
{
    (void)row;
    ++*(int64_t *)context;
    return 0;
}

/* Rows in the log, read by another reader; the store must be closed. */
static int64_t rows_of(struct fixture *f)
{
    struct log *log = fixture_log(f);
    struct log_state state;
    int64_t rows = 0;
    EXPECT_EQ(log->operations->open(log, &state, &f->status), 0);
    EXPECT_EQ(log->operations->read(log, 0, count_row, &rows, &f->status), 0);
    log->operations->close(log);
    return rows;
}

static void open_with_history(struct fixture *f, enum fixture_log kind, int64_t bytes)
{
    fixture_init(f, kind);
    f->options.history_bytes = bytes;
    EXPECT_EQ(fixture_try_start(f), 0);
    fixture_run(f);
}

TEST("garbage is a queue of ranges: neighbours join, and it comes out in order and in parts")
{
    struct garbage garbage = {0};
    struct log_range ranges[4];
    int64_t taken;
    garbage_push(&garbage, 5, 5);
    garbage_push(&garbage, 6, 8);
    garbage_push(&garbage, 2, 3);
    EXPECT_EQ(garbage.count, 2);
    EXPECT_EQ(garbage.rows, 6);
    EXPECT_EQ(garbage_take(&garbage, 3, 100, ranges, 4, &taken), 1);
    EXPECT_EQ(ranges[0].first, 5);
    EXPECT_EQ(ranges[0].last, 7);
    EXPECT_EQ(taken, 3);
    EXPECT_EQ(garbage_take(&garbage, 9, 100, ranges, 4, &taken), 2);
    EXPECT_EQ(ranges[0].first, 8);
    EXPECT_EQ(ranges[0].last, 8);
    EXPECT_EQ(ranges[1].first, 2);
    EXPECT_EQ(ranges[1].last, 3);
    EXPECT_EQ(taken, 3);
    EXPECT_EQ(garbage_take(&garbage, 9, 100, ranges, 4, &taken), 0);
    for (int64_t i = 0; i < 1000; i++)
        garbage_push(&garbage, i * 2, i * 2);
    EXPECT_EQ(garbage_take(&garbage, 1000, 3000, ranges, 4, &taken), 4);
    EXPECT_EQ(taken, 4);
    for (int64_t i = 0; i < 2000; i++)
        garbage_push(&garbage, 5000 + i * 2, 5000 + i * 2);
    EXPECT_EQ(garbage.rows, 2996);
    garbage_release(&garbage);
}

TEST("garbage from a revision on waits, and what is before it in its range goes")
{
    struct garbage garbage = {0};
    struct log_range ranges[4];
    int64_t taken;
    garbage_push(&garbage, 5, 8);
    EXPECT_EQ(garbage_take(&garbage, 9, 5, ranges, 4, &taken), 0);
    EXPECT_EQ(garbage_take(&garbage, 9, 8, ranges, 4, &taken), 1);
    EXPECT_EQ(ranges[0].last, 7);
    EXPECT_EQ(taken, 3);
    EXPECT_EQ(garbage_take(&garbage, 9, 8, ranges, 4, &taken), 0);
    EXPECT_EQ(garbage_take(&garbage, 9, 9, ranges, 4, &taken), 1);
    EXPECT_EQ(ranges[0].first, 8);
    garbage_release(&garbage);
}

TEST("rows that were replaced go when they leave history, and live ones stay")
{
    for (enum fixture_log kind = 0; kind < FIXTURE_LOGS; kind++) {
        struct fixture f;
        open_with_history(&f, kind, 1);
        for (int i = 0; i < 100; i++) {
            char key[32];
            snprintf(key, sizeof(key), "/pods/%d", i % 5);
            fixture_put_and_run(&f, key);
        }
        fixture_stop(&f);
        EXPECT_EQ(rows_of(&f), 6); /* The newest transaction is still history. */
        EXPECT_EQ(fixture_try_start(&f), 0);
        EXPECT_EQ(f.report.objects, 5);
        fixture_close(&f);
    }
}

TEST("a deletion's row goes too, never before the rows of what it deleted")
{
    for (enum fixture_log kind = 0; kind < FIXTURE_LOGS; kind++) {
        struct fixture f;
        open_with_history(&f, kind, 1);
        for (int i = 0; i < 50; i++) {
            fixture_put_and_run(&f, "/pods/a");
            fixture_delete_and_run(&f, "/pods/a");
        }
        fixture_put_and_run(&f, "/pods/b");
        fixture_put_and_run(&f, "/pods/b");
        fixture_stop(&f);
        EXPECT_EQ(rows_of(&f), 2);
        EXPECT_EQ(fixture_try_start(&f), 0);
        EXPECT_EQ(f.report.objects, 1);
        EXPECT_EQ(store_revision(f.store, COMMITTED), 103);
        fixture_close(&f);
    }
}

TEST("nothing goes that history needs")
{
    for (enum fixture_log kind = 0; kind < FIXTURE_LOGS; kind++) {
        struct fixture f;
        open_with_history(&f, kind, 0);
        for (int i = 0; i < 100; i++)
            fixture_put_and_run(&f, "/pods/a");
        fixture_delete_and_run(&f, "/pods/a");
        fixture_stop(&f);
        EXPECT_EQ(rows_of(&f), 101);
        EXPECT_EQ(fixture_try_start(&f), 0);
        EXPECT_EQ(store_oldest_revision(f.store), 0);
        fixture_close(&f);
    }
}

TEST("a backlog of earlier lives is removed after opening, in steps")
{
    for (enum fixture_log kind = 0; kind < FIXTURE_LOGS; kind++) {
        struct fixture f;
        open_with_history(&f, kind, 0);
        for (int i = 0; i < 3000; i++) {
            char key[32];
            snprintf(key, sizeof(key), "/pods/%d", i * 7919 % 50);
            if (i % 10 == 3)
                snprintf(key, sizeof(key), "/jobs/%d", i);
            fixture_put_and_run(&f, key);
            if (i % 10 == 3)
                fixture_delete_and_run(&f, key);
        }
        fixture_stop(&f);
        EXPECT_EQ(rows_of(&f), 3300);
        f.options.history_bytes = 1;
        EXPECT_EQ(fixture_try_start(&f), 0);
        int64_t objects = f.report.objects;
        EXPECT_EQ(f.report.rows, 3300);
        fixture_run(&f);
        fixture_stop(&f);
        EXPECT(rows_of(&f) <= objects + 2);
        EXPECT_EQ(fixture_try_start(&f), 0);
        EXPECT_EQ(f.report.objects, objects);
        fixture_close(&f);
    }
}

TEST("old events go by the timer when nothing else happens, and their rows with them")
{
    for (enum fixture_log kind = 0; kind < FIXTURE_LOGS; kind++) {
        struct fixture f;
        fixture_open(&f, kind);
        for (int i = 0; i < 100; i++)
            fixture_put_and_run(&f, "/pods/a");
        fixture_run_us(&f, INT64_C(400) * 1000000);
        EXPECT_EQ(store_oldest_revision(f.store), 101);
        fixture_stop(&f);
        EXPECT_EQ(rows_of(&f), 1);
        EXPECT_EQ(fixture_try_start(&f), 0);
        fixture_close(&f);
    }
}

/* Random writes, restarts, short and long histories: the state is always the model's, and what
 * compaction takes away is never missed. */
TEST("the log's last row stays when it is a deletion, however old, until something follows it")
{
    static const enum fixture_log kinds[] = {FIXTURE_MEMORY, FIXTURE_SQLITE};
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        struct fixture f;
        open_with_history(&f, kinds[i], 1 << 20);
        fixture_put_and_run(&f, "/pods/a");
        fixture_put_and_run(&f, "/pods/b");
        fixture_delete_and_run(&f, "/pods/b");
        int64_t last = store_revision(f.store, COMMITTED);
        fixture_run_us(&f, INT64_C(3600000000));
        fixture_restart(&f);
        EXPECT_EQ(store_revision(f.store, COMMITTED), last);
        fixture_run_us(&f, INT64_C(3600000000));
        fixture_put_and_run(&f, "/pods/c");
        EXPECT(store_revision(f.store, COMMITTED) > last);
        EXPECT(store_get(f.store, COMMITTED, SLICE("/pods/c")) != NULL);
        fixture_run_us(&f, INT64_C(3600000000));
        fixture_stop(&f);
        EXPECT_EQ(rows_of(&f), 2); /* a and c. */
        fixture_close(&f);
    }
}

TEST("random writes with compaction and restarts keep the state")
{
    for (enum fixture_log kind = 0; kind < FIXTURE_LOGS; kind++) {
        struct fixture f;
        struct random_seeded random;
        int64_t model[40] = {0};
        random_seeded_init(&random, kind + 5);
        open_with_history(&f, kind, 20000);
        for (int i = 0; i < (test_full ? 30000 : 3000); i++) {
            int place = (int)random_below(&random.random, ARRAY_SIZE(model));
            char key[32];
            snprintf(key, sizeof(key), "/pods/%02d", place);
            if (model[place] != 0 && random_below(&random.random, 3) == 0) {
                fixture_delete_and_run(&f, key);
                model[place] = 0;
            } else {
                model[place] = store_next_revision(f.store);
                fixture_put_and_run(&f, key);
            }
            if (random_below(&random.random, 100) != 0)
                continue;
            f.options.history_bytes = 1 + (int64_t)random_below(&random.random, 40000);
            fixture_restart(&f);
            for (size_t n = 0; n < ARRAY_SIZE(model); n++) {
                snprintf(key, sizeof(key), "/pods/%02zu", n);
                const struct object *object = store_get(f.store, COMMITTED, slice_of(key));
                EXPECT_EQ(object ? object->revision : 0, model[n]);
            }
        }
        fixture_close(&f);
    }
}

TEST("a history that is cut at an opening is cut between transactions")
{
    for (enum fixture_log kind = 0; kind < FIXTURE_LOGS; kind++) {
        struct fixture f;
        fixture_open(&f, kind);
        for (int i = 0; i < 100; i++) {
            struct fixture_txn txn = {0};
            EXPECT_EQ(
                fixture_put_all(&f, &txn, (const char *[]){"/pods/a", "/pods/b", "/pods/c", NULL}),
                0);
            fixture_run(&f);
        }
        for (int64_t bytes = 5000; bytes < 10000; bytes += 490) {
            f.options.history_bytes = bytes;
            fixture_restart(&f);
            int64_t oldest = store_oldest_revision(f.store);
            EXPECT_EQ(oldest % 3, 1); /* 4, 7, ... are ends. */
            struct fixture_watch watch;
            fixture_watch_open(&f, &watch, "", oldest);
            char first[64];
            snprintf(first, sizeof(first), "%lld put /pods/a\n", (long long)oldest + 1);
            EXPECT(strncmp(fixture_watch_text(&watch), first, strlen(first)) == 0);
            fixture_watch_close(&watch);
        }
        fixture_close(&f);
    }
}
