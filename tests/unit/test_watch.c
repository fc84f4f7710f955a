/* Watches: in order, once, never a gap, from any revision that history has. */
#include <stdio.h>

#include "tests/harness/test.h"
#include "tests/unit/store_fixture.h"

static void put_all(struct fixture *f, const char **keys)
{
    struct fixture_txn txn = {0};
    EXPECT_EQ(fixture_put_all(f, &txn, keys), 0);
    fixture_run(f);
    EXPECT_EQ(txn.answers, 1);
}

static int try_watch(struct fixture *f, int64_t revision)
{
    struct watch *watch;
    status_clear(&f->status);
    int failed = watch_open(f->store, SLICE(""), revision, NULL, NULL, &watch, &f->status);
    EXPECT(failed ? watch == NULL : watch != NULL);
    if (!failed)
        watch_close(watch);
    fixture_run(f);
    return failed;
}

/* A history of one byte: each transaction drives the one before it out. */
static void open_short(struct fixture *f, enum fixture_log kind)
{
    fixture_init(f, kind);
    f->options.history_bytes = 1;
    EXPECT_EQ(fixture_try_start(f), 0);
    fixture_run(f);
}

TEST("a watch gets what comes after its opening, under its prefix, in order")
{
    struct fixture f;
    fixture_open(&f, FIXTURE_MEMORY);
    fixture_put_and_run(&f, "/pods/a");
    struct fixture_watch all;
    struct fixture_watch pods;
    fixture_watch_open(&f, &all, "", 0);
    fixture_watch_open(&f, &pods, "/pods/", 0);
    put_all(&f, (const char *[]){"/pods/b", "/nodes/n", "-/pods/a", NULL});
    EXPECT_TEXT(fixture_watch_text(&all), "3 put /pods/b\n4 put /nodes/n\n5 delete /pods/a.\n");
    EXPECT_TEXT(fixture_watch_text(&pods), "3 put /pods/b\n5 delete /pods/a.\n");
    fixture_watch_close(&all);
    fixture_watch_close(&pods);
    fixture_close(&f);
}

TEST("nothing is seen before it is durable")
{
    struct fixture f;
    fixture_open(&f, FIXTURE_MEMORY);
    struct fixture_watch watch;
    fixture_watch_open(&f, &watch, "", 0);
    struct fixture_txn txn = {0};
    EXPECT_EQ(fixture_put(&f, &txn, "/pods/a", EXPECT_ANY), 0);
    fixture_watch_take(&watch);
    EXPECT_TEXT(fixture_watch_text(&watch), "");
    fixture_run(&f);
    EXPECT_TEXT(fixture_watch_text(&watch), "2 put /pods/a.\n");
    fixture_watch_close(&watch);
    fixture_close(&f);
}

TEST("an event says what was before, and whether it created")
{
    struct fixture f;
    fixture_open(&f, FIXTURE_MEMORY);
    struct fixture_watch watch;
    fixture_watch_open(&f, &watch, "", 0);
    watch.is_paused = true;
    fixture_put_and_run(&f, "/pods/a");
    fixture_put_and_run(&f, "/pods/a");
    fixture_delete_and_run(&f, "/pods/a");
    struct watch_event event;
    EXPECT_EQ(watch_take(watch.watch, &event, &f.status), 1);
    EXPECT(event.old == NULL && !event.is_delete);
    EXPECT_EQ(watch_take(watch.watch, &event, &f.status), 1);
    EXPECT_EQ(event.old->revision, 2);
    EXPECT_EQ(event.new->revision, 3);
    EXPECT_EQ(watch_take(watch.watch, &event, &f.status), 1);
    EXPECT(event.is_delete);
    EXPECT_EQ(event.old->revision, 3);
    EXPECT_EQ(event.new->revision, 4);
    EXPECT_EQ(event.revision, 4);
    EXPECT_EQ(watch_take(watch.watch, &event, &f.status), 0);
    fixture_watch_close(&watch);
    fixture_close(&f);
}

TEST("a watch from an old revision gets all since, inside a transaction its rest, over a restart")
{
    for (enum fixture_log kind = 0; kind < FIXTURE_LOGS; kind++) {
        struct fixture f;
        fixture_open(&f, kind);
        fixture_put_and_run(&f, "/pods/a");
        put_all(&f, (const char *[]){"/pods/b", "/pods/c", "/pods/d", NULL});
        fixture_delete_and_run(&f, "/pods/a");
        const char *text = "2 put /pods/a.\n3 put /pods/b\n4 put /pods/c\n5 put /pods/d.\n"
                           "6 delete /pods/a.\n";
        for (int restarts = 0; restarts < 2; restarts++) {
            const char *rest = text;
            for (int64_t revision = 1; revision <= 6; revision++) {
                struct fixture_watch watch;
                fixture_watch_open(&f, &watch, "/pods/", revision);
                EXPECT_TEXT(fixture_watch_text(&watch), rest);
                EXPECT_EQ(watch_bookmark_revision(watch.watch), 6);
                fixture_watch_close(&watch);
                rest = strchr(rest, '\n') ? strchr(rest, '\n') + 1 : rest;
            }
            fixture_restart(&f);
        }
        fixture_close(&f);
    }
}

TEST("a revision that is not reached is TIMEOUT, one that left history is EXPIRED")
{
    struct fixture f;
    open_short(&f, FIXTURE_MEMORY);
    put_all(&f, (const char *[]){"/pods/a", "/pods/b", NULL}); /* 2, 3 */
    put_all(&f, (const char *[]){"/pods/a", "/pods/b", NULL}); /* 4, 5: over the limit. */
    EXPECT_EQ(store_oldest_revision(f.store), 3);
    EXPECT_EQ(try_watch(&f, 6), -1);
    EXPECT_EQ(f.status.reason, STATUS_TIMEOUT);
    EXPECT_TEXT(f.status.message, "Too large resource version: 6, current: 5");
    EXPECT_EQ(try_watch(&f, 3), 0);
    EXPECT_EQ(try_watch(&f, 2), -1);
    EXPECT_EQ(f.status.reason, STATUS_EXPIRED);
    EXPECT_TEXT(f.status.message, "too old resource version: 2 (3)");
    struct pin *pin;
    EXPECT_EQ(store_pin_at(f.store, 2, &pin, &f.status), -1);
    EXPECT_EQ(f.status.reason, STATUS_EXPIRED);
    EXPECT_EQ(store_pin_at(f.store, 3, &pin, &f.status), 0);
    pin_unref(pin);
    fixture_close(&f);
}

TEST("a slow watch hears EXPIRED when its next event has left history, not before")
{
    struct fixture f;
    fixture_init(&f, FIXTURE_MEMORY);
    f.options.history_bytes = 20000;
    EXPECT_EQ(fixture_try_start(&f), 0);
    fixture_run(&f);
    struct fixture_watch slow;
    fixture_watch_open(&f, &slow, "/pods/", 0);
    slow.is_paused = true;
    fixture_put_and_run(&f, "/pods/a");
    for (int i = 0; i < 5; i++)
        fixture_put_and_run(&f, "/nodes/n");
    struct watch_event event;
    EXPECT_EQ(watch_take(slow.watch, &event, &f.status), 1);
    EXPECT_EQ(event.revision, 2);
    fixture_put_and_run(&f, "/pods/b");
    int64_t last = store_revision(f.store, COMMITTED);
    while (store_oldest_revision(f.store) < last)
        fixture_put_and_run(&f, "/nodes/n");
    EXPECT_EQ(watch_take(slow.watch, &event, &f.status), -1);
    EXPECT_EQ(f.status.reason, STATUS_EXPIRED);
    fixture_watch_close(&slow);
    fixture_close(&f);
}

TEST("a watch on what rarely changes does not expire while other things change")
{
    struct fixture f;
    open_short(&f, FIXTURE_MEMORY);
    struct fixture_watch rare;
    fixture_watch_open(&f, &rare, "/rare/", 0);
    for (int i = 0; i < 100; i++)
        fixture_put_and_run(&f, "/pods/a");
    EXPECT_EQ(watch_bookmark_revision(rare.watch), 101);
    fixture_put_and_run(&f, "/rare/x");
    EXPECT_TEXT(fixture_watch_text(&rare), "102 put /rare/x.\n");
    EXPECT(status_ok(&rare.status));
    fixture_watch_close(&rare);
    fixture_close(&f);
}

TEST("ready is called once each time there is something after nothing")
{
    struct fixture f;
    fixture_open(&f, FIXTURE_MEMORY);
    struct fixture_watch watch;
    fixture_watch_open(&f, &watch, "/pods/", 0);
    watch.is_paused = true;
    EXPECT_EQ(watch.readied, 0);
    fixture_put_and_run(&f, "/pods/a");
    fixture_put_and_run(&f, "/pods/b");
    EXPECT_EQ(watch.readied, 1);
    struct watch_event event;
    EXPECT_EQ(watch_take(watch.watch, &event, &f.status), 1);
    EXPECT_EQ(watch_take(watch.watch, &event, &f.status), 1);
    fixture_put_and_run(&f, "/pods/c"); /* The owner has not heard "nothing" yet. */
    EXPECT_EQ(watch.readied, 1);
    EXPECT_EQ(watch_take(watch.watch, &event, &f.status), 1);
    EXPECT_EQ(watch_take(watch.watch, &event, &f.status), 0);
    fixture_put_and_run(&f, "/nodes/n");
    EXPECT_EQ(watch.readied, 1);
    fixture_put_and_run(&f, "/pods/d");
    EXPECT_EQ(watch.readied, 2);
    fixture_watch_close(&watch);
    fixture_close(&f);
}

TEST("a bookmark is a transaction's end, and what is behind it was taken")
{
    struct fixture f;
    fixture_open(&f, FIXTURE_MEMORY);
    struct fixture_watch watch;
    fixture_watch_open(&f, &watch, "/pods/", 0);
    watch.is_paused = true;
    put_all(&f, (const char *[]){"/pods/a", "/pods/b", "/nodes/n", NULL}); /* 2 3 4 */
    fixture_put_and_run(&f, "/nodes/n");                                   /* 5 */
    put_all(&f, (const char *[]){"/nodes/n", "/pods/c", "/nodes/m", NULL}); /* 6 7 8 */
    struct watch_event event;
    EXPECT_EQ(watch_bookmark_revision(watch.watch), 1);
    EXPECT_EQ(watch_take(watch.watch, &event, &f.status), 1);
    EXPECT_EQ(watch_bookmark_revision(watch.watch), 1);
    EXPECT_EQ(watch_take(watch.watch, &event, &f.status), 1);
    EXPECT_EQ(watch_bookmark_revision(watch.watch), 5); /* Looked ahead to 7. */
    EXPECT_EQ(watch_take(watch.watch, &event, &f.status), 1);
    EXPECT_EQ(watch_bookmark_revision(watch.watch), 8);
    fixture_watch_close(&watch);
    fixture_watch_open(&f, &watch, "/pods/", 2); /* Resumed inside. */
    watch.is_paused = true;
    EXPECT(watch_bookmark_revision(watch.watch) == 8);
    fixture_watch_close(&watch);
    fixture_close(&f);
}

TEST("prefixes of every size meet their keys, and no others")
{
    struct fixture f;
    fixture_open(&f, FIXTURE_MEMORY);
    const char *key = "/pods/default/web";
    struct fixture_watch watches[18];
    for (size_t size = 0; size <= strlen(key); size++) {
        char prefix[32];
        snprintf(prefix, sizeof(prefix), "%.*s", (int)size, key);
        fixture_watch_open(&f, &watches[size], prefix, 0);
    }
    struct fixture_watch longer;
    fixture_watch_open(&f, &longer, "/pods/default/web2", 0);
    fixture_put_and_run(&f, key);
    for (size_t size = 0; size <= strlen(key); size++) {
        EXPECT_TEXT(fixture_watch_text(&watches[size]), "2 put /pods/default/web.\n");
        fixture_watch_close(&watches[size]);
    }
    EXPECT_TEXT(fixture_watch_text(&longer), "");
    fixture_watch_close(&longer);
    fixture_close(&f);
}

struct closer {
    struct watch *own;
    struct watch **other;
    int called;
};

static void close_both(void *context)
{
    struct closer *closer = context;
    closer->called++;
    watch_close(*closer->other);
    *closer->other = NULL;
    watch_close(closer->own);
    closer->own = NULL;
}

TEST("ready may close its own watch and others; nothing is called after that")
{
    struct fixture f;
    fixture_open(&f, FIXTURE_MEMORY);
    struct closer a = {0};
    struct closer b = {.other = &a.own};
    a.other = &b.own;
    EXPECT_EQ(watch_open(f.store, SLICE(""), 0, close_both, &a, &a.own, &f.status), 0);
    EXPECT_EQ(watch_open(f.store, SLICE(""), 0, close_both, &b, &b.own, &f.status), 0);
    fixture_put_and_run(&f, "/pods/a");
    EXPECT_EQ(a.called + b.called, 1);
    EXPECT(a.own == NULL && b.own == NULL);
    fixture_close(&f);
}

TEST("a thousand watches are told in slices, all of them")
{
    struct fixture f;
    fixture_open(&f, FIXTURE_MEMORY);
    enum { COUNT = 1000 };
    struct fixture_watch *watches = mem_alloc(COUNT * sizeof(*watches));
    for (int i = 0; i < COUNT; i++)
        fixture_watch_open(&f, &watches[i], "/pods/", 0);
    fixture_put_and_run(&f, "/pods/a");
    for (int i = 0; i < COUNT; i++) {
        EXPECT_EQ(watches[i].readied, 1);
        EXPECT_TEXT(fixture_watch_text(&watches[i]), "2 put /pods/a.\n");
        fixture_watch_close(&watches[i]);
    }
    mem_free(watches);
    fixture_close(&f);
}

TEST("history is bounded by time: events leave when their time is over, not before")
{
    struct fixture f;
    fixture_init(&f, FIXTURE_MEMORY);
    f.options.history_us = 10000000;
    EXPECT_EQ(fixture_try_start(&f), 0);
    fixture_put_and_run(&f, "/pods/a");
    fixture_run_us(&f, 5000000);
    fixture_put_and_run(&f, "/pods/a");
    fixture_run_us(&f, 4999999);
    EXPECT_EQ(store_oldest_revision(f.store), 0);
    fixture_run_us(&f, 1000000);
    EXPECT_EQ(store_oldest_revision(f.store), 2);
    EXPECT_EQ(try_watch(&f, 2), 0);
    EXPECT_EQ(try_watch(&f, 1), -1);
    fixture_run_us(&f, 10000000);
    EXPECT_EQ(store_oldest_revision(f.store), 3);
    fixture_close(&f);
}
