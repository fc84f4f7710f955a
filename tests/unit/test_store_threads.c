/* The store on a real loop: the commit lane, and workers that read pins meanwhile. What is at stake
 * shows best under a thread sanitizer. */
#include <stdio.h>

#include "tests/harness/test.h"
#include "tests/unit/store_fixture.h"

enum { TXNS = 3000, KEYS = 100, WRITERS = 16 };

struct run;
struct real_writer {
    struct txn txn;
    struct run *run;
};

struct run {
    struct loop *loop;
    struct store *store;
    struct real_writer writers[WRITERS];
    int started;
    int done;
    int reading;
    int read;
};

struct read_task {
    struct task task;
    struct run *run;
    struct pin *pin;
    int64_t highest;
    int64_t count;
};

static void nothing(struct task *task)
{
    (void)task;
}

struct last_task {
    struct task task;
    struct loop *loop;
};

static void last_done(struct task *task)
{
    loop_stop(CONTAINER_OF(task, struct last_task, task)->loop);
}

/* A closed store may have left the loop a finished errand. The commit lane is in order, so when
 * one more task has come back, that has too. */
static void close_loop(struct loop *loop)
{
    struct last_task last = {.task = {.work = nothing, .done = last_done}, .loop = loop};
    loop_submit(loop, LANE_COMMIT, &last.task);
    loop_run(loop);
    loop_destroy(loop);
}

static void stop_when_over(struct run *run)
{
    if (run->done == TXNS && run->reading == 0)
        loop_stop(run->loop);
}

/* On a worker: walks the whole pin and drops it there. */
static void read_pin(struct task *task)
{
    struct read_task *self = CONTAINER_OF(task, struct read_task, task);
    struct pin_cursor cursor;
    const struct object *object = pin_first(self->pin, SLICE("/pods/"), SLICE(""), &cursor);
    for (; object; object = pin_next(&cursor)) {
        self->count++;
        if (object->revision > self->highest)
            self->highest = object->revision;
    }
    EXPECT_EQ(self->count, pin_count(self->pin, SLICE("/pods/")));
    EXPECT(self->highest <= pin_revision(self->pin));
    pin_unref(self->pin);
}

static void was_read(struct task *task)
{
    struct read_task *self = CONTAINER_OF(task, struct read_task, task);
    self->run->reading--;
    self->run->read++;
    stop_when_over(self->run);
    mem_free(self);
}

static void start_reading(struct run *run)
{
    struct read_task *self = mem_alloc(sizeof(*self));
    self->run = run;
    self->task.work = read_pin;
    self->task.done = was_read;
    self->pin = store_pin(run->store, run->started % 2 ? HEAD : COMMITTED);
    run->reading++;
    loop_submit(run->loop, LANE_WORKERS, &self->task);
}

static void write_next(struct real_writer *writer)
{
    struct run *run = writer->run;
    struct status status;
    char key[32];
    status_init(&status);
    if (run->started == TXNS)
        return;
    int n = run->started++;
    snprintf(key, sizeof(key), "/pods/%d", n * 7919 % KEYS);
    struct txn_write write = {NULL, false, EXPECT_ANY};
    write.is_delete = n % 7 == 6 && store_get(run->store, HEAD, slice_of(key)) != NULL;
    write.object = fixture_object(NULL, key, store_next_revision(run->store));
    EXPECT_EQ(store_transact(run->store, &writer->txn, &write, 1, NULL, &status), 0);
    if (n % 8 == 0)
        start_reading(run);
}

static void wrote(struct txn *txn)
{
    struct real_writer *writer = CONTAINER_OF(txn, struct real_writer, txn);
    EXPECT(status_ok(&txn->status));
    writer->run->done++;
    write_next(writer);
    stop_when_over(writer->run);
}

static void run_all(const struct store_options *options)
{
    struct run *run = mem_alloc(sizeof(*run));
    struct store_options with_loop = *options;
    struct status status;
    status_init(&status);
    run->loop = with_loop.loop = loop_create(2);
    EXPECT_EQ(store_open(&with_loop, &run->store, NULL, &status), 0);
    for (int i = 0; i < WRITERS; i++) {
        run->writers[i].run = run;
        run->writers[i].txn.done = wrote;
        write_next(&run->writers[i]);
    }
    loop_run(run->loop);
    EXPECT_EQ(run->done, TXNS);
    EXPECT(run->read > 0);
    store_close(run->store);
    close_loop(run->loop);
    mem_free(run);
}

TEST_LIMIT(60, "workers read pins while commits, compaction and checkpoints go on")
{
    struct log_memory_contents *contents = log_memory_contents_create();
    run_all(
        &(struct store_options){.log = log_memory_create(contents, NULL), .history_bytes = 20000});
    log_memory_contents_destroy(contents);
    char path[512];
    snprintf(path, sizeof(path), "%s/store.db", test_folder());
    run_all(&(struct store_options){.log = log_sqlite_create(path, NULL), .history_bytes = 20000});
}

TEST("closing a store on a real loop waits for the commit that is under way")
{
    struct log_memory_contents *contents = log_memory_contents_create();
    for (int i = 0; i < 20; i++) {
        struct log_memory_faults faults = {.delay_us = 500 * i};
        struct fixture f = {.loop = loop_create(1)};
        struct store_options options = {.loop = f.loop,
                                        .log = log_memory_create(contents, &faults)};
        struct fixture_txn txns[2] = {0};
        status_init(&f.status);
        EXPECT_EQ(store_open(&options, &f.store, NULL, &f.status), 0);
        EXPECT_EQ(fixture_put(&f, &txns[0], "/pods/a", EXPECT_ANY), 0);
        fixture_step(&f); /* The commit starts. */
        EXPECT_EQ(fixture_put(&f, &txns[1], "/pods/a", EXPECT_ANY), 0);
        store_close(f.store);
        EXPECT_EQ(txns[0].answers, 1);
        EXPECT_EQ(txns[1].answers, 1);
        close_loop(f.loop);
    }
    log_memory_contents_destroy(contents);
}
