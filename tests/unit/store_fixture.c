/* The store of the tests. */
#include "tests/unit/store_fixture.h"

#include <stdio.h>

#include "store/store_private.h"
#include "tests/harness/test.h"
#include "tests/unit/faulty_disk.h"

void fixture_init(struct fixture *f, enum fixture_log kind)
{
    *f = (struct fixture){.kind = kind, .loop = loop_create_simulated(1)};
    if (kind == FIXTURE_SPLIT)
        f->faults.row_size_max = 16;
    status_init(&f->status);
    if (kind == FIXTURE_FILE) {
        snprintf(f->path, sizeof(f->path), "%s/store.db", test_folder());
    } else if (kind == FIXTURE_SQLITE) {
        snprintf(f->path, sizeof(f->path), "store.db");
        f->disk = faulty_disk_create();
        faulty_disk_mount(f->disk);
    } else {
        f->contents = log_memory_contents_create();
    }
}

struct log *fixture_log(struct fixture *f)
{
    if (f->contents)
        return log_memory_create(f->contents, &f->faults);
    return log_sqlite_create(f->path, f->disk ? FAULTY_DISK_VFS : NULL);
}

int fixture_try_start(struct fixture *f)
{
    struct store_options options = f->options;
    options.loop = f->loop;
    options.log = fixture_log(f);
    status_clear(&f->status);
    return store_open(&options, &f->store, &f->report, &f->status);
}

static void start(struct fixture *f)
{
    if (fixture_try_start(f) != 0)
        test_fail(__FILE__, __LINE__, "the store does not open: %s", f->status.message);
    fixture_run(f);
}

void fixture_open(struct fixture *f, enum fixture_log kind)
{
    fixture_init(f, kind);
    start(f);
}

void fixture_stop(struct fixture *f)
{
    store_close(f->store);
    f->store = NULL;
    fixture_run(f);
}

void fixture_restart(struct fixture *f)
{
    fixture_stop(f);
    start(f);
}

void fixture_close(struct fixture *f)
{
    fixture_stop(f);
    loop_destroy(f->loop);
    log_memory_contents_destroy(f->contents);
    if (f->disk) {
        faulty_disk_mount(NULL);
        faulty_disk_destroy(f->disk);
    }
    if (f->kind == FIXTURE_FILE)
        unlink(f->path);
    status_release(&f->status);
}

void fixture_run(struct fixture *f)
{
    fixture_run_us(f, 0);
}

/* One step of the loop: a message posted now stops it, but only in its turn. */
struct stopper {
    struct message message;
    struct loop *loop;
};

static void stop_loop(struct message *message)
{
    loop_stop(CONTAINER_OF(message, struct stopper, message)->loop);
}

void fixture_step(struct fixture *f)
{
    struct stopper stopper = {.message = {.deliver = stop_loop}, .loop = f->loop};
    loop_post(f->loop, &stopper.message);
    loop_run(f->loop);
}

void fixture_run_us(struct fixture *f, int64_t us)
{
    loop_run_for_us(f->loop, us);
}

static void count_answer(struct txn *txn)
{
    struct fixture_txn *self = CONTAINER_OF(txn, struct fixture_txn, txn);
    self->answers++;
    self->answered_at = store_revision(self->fixture->store, COMMITTED);
}

struct object *fixture_object(struct fixture *f, const char *key, int64_t revision)
{
    char body[64];
    (void)f;
    snprintf(body, sizeof(body), "{\"r\":%lld}", (long long)revision);
    return object_create(slice_of(key), revision, SLICE("\x08\x02hi"), slice_of(body), 1,
                         SLICE("[1]"));
}

static int transact(struct fixture *f, struct fixture_txn *txn, struct txn_write *writes,
                    size_t count)
{
    txn->fixture = f;
    txn->txn.done = count_answer;
    status_clear(&f->status);
    return store_transact(f->store, &txn->txn, writes, count, NULL, &f->status);
}

static struct txn_write write_of(struct fixture *f, const char *key, int64_t expected, int64_t n)
{
    bool is_delete = key[0] == '-';
    struct object *object =
        fixture_object(f, key + (is_delete ? 1 : 0), store_next_revision(f->store) + n);
    return (struct txn_write){object, is_delete, expected};
}

int fixture_put(struct fixture *f, struct fixture_txn *txn, const char *key, int64_t expected)
{
    struct txn_write write = write_of(f, key, expected, 0);
    return transact(f, txn, &write, 1);
}

int fixture_delete(struct fixture *f, struct fixture_txn *txn, const char *key, int64_t expected)
{
    struct txn_write write = write_of(f, key, expected, 0);
    write.is_delete = true;
    return transact(f, txn, &write, 1);
}

int fixture_put_all(struct fixture *f, struct fixture_txn *txn, const char **keys)
{
    struct txn_write writes[64];
    size_t count = 0;
    for (; keys[count]; count++) {
        EXPECT(count < ARRAY_SIZE(writes));
        writes[count] = write_of(f, keys[count], EXPECT_ANY, (int64_t)count);
    }
    return transact(f, txn, writes, count);
}

static void finish(struct fixture *f, struct fixture_txn *txn, int result)
{
    EXPECT_EQ(result, 0);
    fixture_run(f);
    EXPECT_EQ(txn->answers, 1);
    EXPECT(status_ok(&txn->txn.status));
    status_release(&txn->txn.status);
}

void fixture_put_and_run(struct fixture *f, const char *key)
{
    struct fixture_txn txn = {0};
    finish(f, &txn, fixture_put(f, &txn, key, EXPECT_ANY));
}

void fixture_delete_and_run(struct fixture *f, const char *key)
{
    struct fixture_txn txn = {0};
    finish(f, &txn, fixture_delete(f, &txn, key, EXPECT_ANY));
}

static int note_row(void *context, const struct log_row *row)
{
    *(int64_t *)context = row->revision;
    return 0;
}

/* Looks without opening: opening would be a new writer. */
static int64_t memory_head(struct fixture *f)
{
    int64_t head = 0;
    struct log *log = log_memory_create(f->contents, NULL);
    EXPECT_EQ(log->operations->read(log, 0, note_row, &head, &f->status), 0);
    log->operations->close(log);
    return head;
}

int64_t fixture_log_head(struct fixture *f)
{
    return f->contents ? memory_head(f) : f->store->log_head;
}

int64_t fixture_appends(struct fixture *f)
{
    return log_memory_contents_appends(f->contents);
}

void fixture_watch_take(struct fixture_watch *watch)
{
    struct watch_event event;
    int taken;
    while ((taken = watch_take(watch->watch, &event, &watch->status)) == 1) {
        EXPECT_EQ(event.new->revision, event.revision);
        buffer_format(&watch->text, "%lld %s " SLICE_FORMAT "%s\n", (long long)event.revision,
                      event.is_delete ? "delete" : "put", SLICE_ARGS(object_key(event.new)),
                      event.ends_txn ? "." : "");
    }
}

static void ready(void *context)
{
    struct fixture_watch *watch = context;
    watch->readied++;
    if (!watch->is_paused)
        fixture_watch_take(watch);
}

void fixture_watch_open(struct fixture *f, struct fixture_watch *watch, const char *prefix,
                        int64_t revision)
{
    *watch = (struct fixture_watch){0};
    status_init(&watch->status);
    EXPECT_EQ(
        watch_open(f->store, slice_of(prefix), revision, ready, watch, &watch->watch, &f->status),
        0);
    fixture_run(f);
}

const char *fixture_watch_text(struct fixture_watch *watch)
{
    EXPECT(watch->text.size < sizeof(watch->taken));
    snprintf(watch->taken, sizeof(watch->taken), "%s", watch->text.data ? watch->text.data : "");
    buffer_release(&watch->text);
    return watch->taken;
}

void fixture_watch_close(struct fixture_watch *watch)
{
    watch_close(watch->watch);
    buffer_release(&watch->text);
    status_release(&watch->status);
}
