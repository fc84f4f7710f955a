/* The store's contract, on each kind of log. */
#include <stdio.h>

#include "tests/unit/store_fixture.h"
#include "tests/harness/test.h"

/* Runs body(log) for a log in memory, one that splits rows, and SQLite. */
TEST("a transaction is on head at once, and committed when it is durable")
{
    for (enum fixture_log kind = 0; kind < FIXTURE_LOGS; kind++) {
        struct fixture f;
        fixture_open(&f, kind);
        struct fixture_txn txn = {0};
        EXPECT_EQ(fixture_put(&f, &txn, "/pods/a", EXPECT_ABSENT), 0);
        EXPECT(store_get(f.store, HEAD, SLICE("/pods/a")) != NULL);
        EXPECT(store_get(f.store, COMMITTED, SLICE("/pods/a")) == NULL);
        EXPECT_EQ(txn.answers, 0);
        fixture_run(&f);
        EXPECT_EQ(txn.answers, 1);
        EXPECT(status_ok(&txn.txn.status));
        EXPECT(store_get(f.store, COMMITTED, SLICE("/pods/a")) != NULL);
        EXPECT_EQ(store_revision(f.store, COMMITTED), txn.txn.last_revision);
        fixture_close(&f);
    }
}

TEST("revisions start behind 1 and go on, one for each object, over restarts")
{
    for (enum fixture_log kind = 0; kind < FIXTURE_LOGS; kind++) {
        struct fixture f;
        fixture_open(&f, kind);
        EXPECT_EQ(store_revision(f.store, COMMITTED), 1);
        fixture_put_and_run(&f, "/pods/a");
        fixture_put_and_run(&f, "/pods/b");
        EXPECT_EQ(store_get(f.store, COMMITTED, SLICE("/pods/b"))->revision, 3);
        fixture_restart(&f);
        EXPECT_EQ(store_revision(f.store, COMMITTED), 3);
        EXPECT_EQ(store_next_revision(f.store), 4);
        EXPECT_SLICE(object_body(store_get(f.store, COMMITTED, SLICE("/pods/a"))), "{\"r\":2}");
        fixture_close(&f);
    }
}
