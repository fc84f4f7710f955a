/* The store beside what bounds it: raw SQLite with the same rows in the same table, memory, the
 * loop. Each figure is printed with its limit where DESIGN has one.
 *
 *     bench -- store [--seconds S] [--folder DIR] [--json] [WORD...]
 *
 * WORD: writers, reads, watch, memory, slow, open, compact (default: all). */
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/kinds/view.h"
#include "core/net/loop.h"
#include "store/log.h"
#include "store/row.h"
#include "store/store.h"
#include "store/watch.h"

#define BODY_SIZE 1300 /* With key, view and managed fields a row of 1.5 KB. */
#define OBJECTS 150000

struct bench {
    const char *folder;
    double seconds;
    bool as_json;
    char **words;
    int word_count;
    int files;
    const char *path; /* Of the part that runs. */
};

static double now(void)
{
    return (double)clock_steady_us(clock_real()) / 1e6;
}

/* In a process of its own: what one part leaves in memory is not in the next one's figures. */
static void in_child(struct bench *bench, void (*part)(struct bench *))
{
    pid_t child = fork();
    if (child == 0) {
        part(bench);
        _Exit(0);
    }
    int result;
    if (child < 0 || waitpid(child, &result, 0) != child || result != 0)
        exit(1);
}

struct figure {
    const char *what;
    double value;
    const char *unit;
    double limit;              /* 0: none. */
    bool is_below;             /* The limit is an upper one. */
    const double *least, *most; /* Of the rounds whose median this is; or NULL. */
};

static bool holds(const struct figure *figure)
{
    return figure->is_below ? figure->value <= figure->limit : figure->value >= figure->limit;
}

static void print_json(const struct figure *figure)
{
    printf("{\"bench\":\"store\",\"what\":\"%s\",\"value\":%.4g,\"unit\":\"%s\"", figure->what,
           figure->value, figure->unit);
    if (figure->least != NULL)
        printf(",\"least\":%.4g,\"most\":%.4g", *figure->least, *figure->most);
    if (figure->limit != 0)
        printf(",\"limit\":%.4g,\"holds\":%s", figure->limit, holds(figure) ? "true" : "false");
    printf("}\n");
}

static void print_line(const struct figure *figure)
{
    printf("%-40s %10.4g %-9s", figure->what, figure->value, figure->unit);
    if (figure->least != NULL)
        printf(" %10.4g ..%10.4g", *figure->least, *figure->most);
    if (figure->limit != 0)
        printf(" %s %.4g  %s", figure->is_below ? "<=" : ">=", figure->limit,
               holds(figure) ? "holds" : "FALLS SHORT");
    printf("\n");
}

/* One line of the table, or one JSON line. */
static void report_figure(const struct bench *bench, const struct figure *figure)
{
    (bench->as_json ? print_json : print_line)(figure);
    fflush(stdout);
}

static void report(const struct bench *bench, const char *what, double value, const char *unit,
                   double limit, bool below)
{
    report_figure(bench, &(struct figure){what, value, unit, limit, below, NULL, NULL});
}

static bool wants(const struct bench *bench, const char *word)
{
    for (int i = 0; i < bench->word_count; i++) {
        if (strcmp(bench->words[i], word) == 0)
            return true;
    }
    return bench->word_count == 0;
}

static char *new_path(struct bench *bench, char path[512])
{
    snprintf(path, 512, "%s/%d.db", bench->folder, bench->files++);
    return path;
}

static void remove_path(const char *path)
{
    char wal[520];
    snprintf(wal, sizeof(wal), "%s-wal", path);
    unlink(path);
    unlink(wal);
}

static _Noreturn void fail(const struct status *status)
{
    fprintf(stderr, "bench_store: %s\n", status->message ? status->message : "?");
    exit(1);
}

static struct object *make_object(int64_t n, int64_t revision)
{
    static char body[BODY_SIZE];
    if (body[0] == '\0') {
        memset(body, 'x', sizeof(body));
        memcpy(body, "{\"metadata\":{\"name\":\"", 21);
    }
    char key[64];
    char managed[64];
    char uid[40];
    struct buffer view = {0};
    int size = snprintf(key, sizeof(key), "/pods/default/pod-%08lld", (long long)n);
    snprintf(managed, sizeof(managed), "[{\"manager\":\"bench\",\"time\":%lld}]",
             (long long)(n / 100));
    snprintf(uid, sizeof(uid), "%036lld", (long long)n);
    view_append(&view, VIEW_UID, slice_of(uid));
    view_append_int(&view, VIEW_CREATED, n);
    view_append(&view, VIEW_LABEL, SLICE("app\0bench"));
    view_append(&view, VIEW_FACTS, SLICE("its node, its phase, its resources"));
    struct object *object =
        object_create((struct slice){key, (size_t)size}, revision, buffer_slice(&view),
                      (struct slice){body, sizeof(body)}, 13, slice_of(managed));
    buffer_release(&view);
    return object;
}

static struct store *open_store(struct loop *loop, const char *path, const char *vfs,
                                int64_t history_bytes)
{
    struct store *store;
    struct status status;
    struct store_options options = {
        .loop = loop, .log = log_sqlite_create(path, vfs), .history_bytes = history_bytes};
    status_init(&status);
    if (store_open(&options, &store, NULL, &status) != 0)
        fail(&status);
    return store;
}

/* --- Raw SQLite --- */

static void run_sql(sqlite3 *db, const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK)
        return;
    fprintf(stderr, "bench_store: %s: %s\n", sql, sqlite3_errmsg(db));
    exit(1);
}

static int note_frames(void *frames, sqlite3 *db, const char *name, int count)
{
    (void)db;
    (void)name;
    *(int *)frames = count;
    return SQLITE_OK;
}

static sqlite3 *open_raw(const char *path, int *frames)
{
    sqlite3 *db;
    sqlite3_initialize();
    if (sqlite3_open(path, &db) != SQLITE_OK)
        exit(1);
    run_sql(db, "PRAGMA locking_mode=EXCLUSIVE; PRAGMA auto_vacuum=INCREMENTAL;"
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0;"
                "CREATE TABLE log(revision INTEGER PRIMARY KEY, flags INTEGER NOT NULL,"
                "data BLOB NOT NULL)");
    sqlite3_wal_hook(db, note_frames, frames);
    return db;
}

static double raw_rows_per_second(struct bench *bench, int batch, double seconds)
{
    char path[512];
    int frames = 0;
    sqlite3 *db = open_raw(new_path(bench, path), &frames);
    sqlite3_stmt *insert;
    if (sqlite3_prepare_v2(db, "INSERT INTO log VALUES(?, 1, ?)", -1, &insert, NULL) != SQLITE_OK)
        exit(1);
    struct object *object = make_object(1, 1);
    struct row row = row_of(object);
    struct buffer data = {0};
    row_encode(&row, &data);
    int64_t rows = 0;
    double start = now();
    while (now() - start < seconds) {
        run_sql(db, "BEGIN IMMEDIATE");
        for (int i = 0; i < batch; i++) {
            sqlite3_bind_int64(insert, 1, ++rows);
            sqlite3_bind_blob(insert, 2, data.data, (int)data.size, SQLITE_STATIC);
            sqlite3_step(insert);
            sqlite3_reset(insert);
        }
        run_sql(db, "COMMIT");
        if (frames >= 1000) { /* As the store does it: between commits. */
            sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
            frames = 0;
        }
    }
    double rate = (double)rows / (now() - start);
    sqlite3_finalize(insert);
    sqlite3_close(db);
    buffer_release(&data);
    object_unref(object);
    remove_path(path);
    return rate;
}

/* --- Writers --- */

struct writers;
struct writer {
    struct txn txn;
    struct writers *writers;
    double started;
};

struct writers {
    struct store *store;
    struct loop *loop;
    struct writer *all;
    int count;
    int64_t keys;      /* 0: always new objects; else this many, again and again. */
    int64_t next;
    int64_t done;
    int active;
    double end;
    double *waits;     /* Seconds a transaction took. */
    size_t wait_count;
    size_t wait_capacity;
};

static void write_next(struct writer *writer)
{
    struct writers *writers = writer->writers;
    struct status status;
    int64_t n = writers->next++;
    if (writers->keys > 0)
        n = n * 7919 % writers->keys;
    status_init(&status);
    struct txn_write write = {make_object(n, store_next_revision(writers->store)), false,
                              EXPECT_ANY};
    writer->started = now();
    if (store_transact(writers->store, &writer->txn, &write, 1, NULL, &status) != 0)
        fail(&status);
}

static void note_wait(struct writers *writers, double wait)
{
    if (writers->wait_count == writers->wait_capacity) {
        writers->wait_capacity = writers->wait_capacity > 0 ? writers->wait_capacity * 2 : 4096;
        writers->waits =
            mem_resize(writers->waits, writers->wait_capacity * sizeof(*writers->waits));
    }
    writers->waits[writers->wait_count++] = wait;
}

static void written(struct txn *txn)
{
    struct writer *writer = CONTAINER_OF(txn, struct writer, txn);
    struct writers *writers = writer->writers;
    if (!status_ok(&txn->status))
        fail(&txn->status);
    double time = now();
    note_wait(writers, time - writer->started);
    writers->done++;
    if (time < writers->end)
        write_next(writer);
    else if (--writers->active == 0)
        loop_stop(writers->loop);
}

static void run_writers(struct writers *writers, double seconds)
{
    writers->all = mem_alloc((size_t)writers->count * sizeof(*writers->all));
    writers->active = writers->count;
    writers->end = now() + seconds;
    for (int i = 0; i < writers->count; i++) {
        writers->all[i].writers = writers;
        writers->all[i].txn.done = written;
        write_next(&writers->all[i]);
    }
    loop_run(writers->loop);
    mem_free(writers->all);
}

static int compare_doubles(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

static double percentile(double *values, size_t count, double part)
{
    if (count == 0)
        return 0;
    qsort(values, count, sizeof(*values), compare_doubles);
    return values[(size_t)((double)(count - 1) * part)];
}

static const int raw_batches[] = {1, 16, 128, 256};
static const int writer_counts[] = {1, 16, 256, 1000};

enum { ROUNDS = 5, SIZES = 4 };

struct round {
    double raw[SIZES];   /* Rows/s. */
    double store[SIZES]; /* Transactions/s. */
    double p99[SIZES];   /* ms */
};

static double best_of(const double values[SIZES])
{
    double best = 0;
    for (int i = 0; i < SIZES; i++)
        best = values[i] > best ? values[i] : best;
    return best;
}

static void store_writers(struct bench *bench, int count, double seconds, double *rate, double *p99)
{
    char path[512];
    struct loop *loop = loop_create(1);
    struct store *store = open_store(loop, new_path(bench, path), NULL, 0);
    struct writers writers = {.store = store, .loop = loop, .count = count};
    double start = now();
    run_writers(&writers, seconds);
    *rate = (double)writers.done / (now() - start);
    *p99 = percentile(writers.waits, writers.wait_count, 0.99) * 1e3;
    mem_free(writers.waits);
    store_close(store);
    loop_destroy(loop);
    remove_path(path);
}

/* The median over the rounds, and how far they lie apart. */
static void report_rounds(const struct bench *bench, const char *what, double *values, size_t count,
                          const char *unit, double limit, bool below)
{
    double middle = percentile(values, count, 0.5); /* Sorts them. */
    report_figure(
        bench, &(struct figure){what, middle, unit, limit, below, &values[0], &values[count - 1]});
}

static void report_raw(const struct bench *bench, const struct round *rounds, int i)
{
    char what[64];
    double values[ROUNDS];
    for (int n = 0; n < ROUNDS; n++)
        values[n] = rounds[n].raw[i];
    snprintf(what, sizeof(what), "raw SQLite, %d rows a commit", raw_batches[i]);
    report_rounds(bench, what, values, ROUNDS, "rows/s", 0, false);
}

static void report_store(const struct bench *bench, const struct round *rounds, int i)
{
    char what[64];
    double rates[ROUNDS], parts[ROUNDS], waits[ROUNDS];
    for (int n = 0; n < ROUNDS; n++) {
        rates[n] = rounds[n].store[i];
        waits[n] = rounds[n].p99[i];
        parts[n] = rounds[n].store[i] / best_of(rounds[n].raw);
    }
    snprintf(what, sizeof(what), "store, %d writers", writer_counts[i]);
    report_rounds(bench, what, rates, ROUNDS, "txn/s", 0, false);
    report_rounds(bench, "  p99", waits, ROUNDS, "ms", 0, true);
    report_rounds(bench, "  of raw SQLite's best, same round", parts, ROUNDS, "",
                  writer_counts[i] == 256 ? 0.7 : 0, false);
}

/* Disks change their mind: raw SQLite and the store take turns, and are compared turn by turn. */
static void bench_writers(struct bench *bench)
{
    struct round rounds[ROUNDS];
    double seconds = bench->seconds / 4;
    for (int n = 0; n < ROUNDS; n++) {
        for (int i = SIZES - 1; i >= 0; i--) {
            rounds[n].raw[i] = raw_rows_per_second(bench, raw_batches[i], seconds);
            store_writers(bench, writer_counts[i], seconds, &rounds[n].store[i], &rounds[n].p99[i]);
        }
    }
    for (int i = 0; i < SIZES; i++)
        report_raw(bench, rounds, i);
    for (int i = 0; i < SIZES; i++)
        report_store(bench, rounds, i);
}

/* --- Filling --- */

struct filling {
    struct txn txn;
    struct loop *loop;
};

static void filled(struct txn *txn)
{
    if (!status_ok(&txn->status))
        fail(&txn->status);
    loop_stop(CONTAINER_OF(txn, struct filling, txn)->loop);
}

static void fill(struct store *store, struct loop *loop, int64_t from, int64_t to)
{
    enum { BATCH = 1000 };
    static struct txn_write writes[BATCH];
    struct status status;
    status_init(&status);
    for (int64_t n = from; n < to;) {
        struct filling filling = {.txn = {.done = filled}, .loop = loop};
        size_t count = 0;
        for (; count < BATCH && n < to; count++, n++)
            writes[count] = (struct txn_write){
                make_object(n, store_next_revision(store) + (int64_t)count), false, EXPECT_ANY};
        if (store_transact(store, &filling.txn, writes, count, NULL, &status) != 0)
            fail(&status);
        loop_run(loop);
    }
}

static size_t resident(void)
{
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (file == NULL || fscanf(file, "%*s %ld", &pages) != 1)
        exit(1);
    fclose(file);
    return (size_t)pages * 4096;
}

static size_t slices_of(const struct pin *pin)
{
    struct pin_cursor cursor;
    size_t bytes = 0;
    const struct object *object = pin_first(pin, SLICE(""), SLICE(""), &cursor);
    for (; object; object = pin_next(&cursor))
        bytes += object->key_size + object->view_size + object->body_size;
    return bytes;
}

/* --- Open time, memory, reads --- */

static void bench_reads(struct bench *bench, struct store *store)
{
    enum { READS = 1000000 };
    char key[64];
    size_t bytes = 0;
    double start = now();
    for (int64_t i = 0; i < READS; i++) {
        int size =
            snprintf(key, sizeof(key), "/pods/default/pod-%08lld", (long long)(i * 7919 % OBJECTS));
        bytes += store_get(store, COMMITTED, (struct slice){key, (size_t)size})->body_size;
    }
    report(bench, "get, random keys of 150,000", (double)READS / (now() - start), "reads/s", 0,
           false);
    struct buffer list = {0};
    start = now();
    struct pin *pin = store_pin(store, COMMITTED);
    struct pin_cursor cursor;
    const struct object *object = pin_first(pin, SLICE("/pods/"), SLICE(""), &cursor);
    for (; object; object = pin_next(&cursor))
        object_append_json(object, &list);
    report(bench, "list, 150,000 objects to one text", (double)list.size / (now() - start) / 1e6,
           "MB/s", 0, false);
    pin_unref(pin);
    buffer_release(&list);
    if (bytes == 0)
        exit(1);
}

static void fill_objects(struct bench *bench)
{
    struct loop *loop = loop_create(1);
    struct store *store = open_store(loop, bench->path, NULL, 0);
    fill(store, loop, 0, OBJECTS);
    store_close(store);
    loop_destroy(loop);
}

static void bench_open(struct bench *bench)
{
    char path[512];
    bench->path = new_path(bench, path);
    in_child(bench, fill_objects);
    struct loop *loop = loop_create(1);
    size_t before = resident();
    double start = now();
    struct store *store = open_store(loop, path, NULL, 1);
    report(bench, "open, 150,000 objects", now() - start, "s", 1.5, true);
    struct pin *pin = store_pin(store, COMMITTED);
    size_t slices = slices_of(pin);
    pin_unref(pin);
    size_t after = resident();
    report(bench, "memory beside the slices",
           ((double)after - (double)before - (double)slices) / OBJECTS, "B/object", 512, true);
    if (wants(bench, "reads"))
        bench_reads(bench, store);
    store_close(store);
    loop_destroy(loop);
    remove_path(path);
}

/* --- Watches --- */

struct watcher {
    struct watch *watch;
    int64_t *events;
};

static void take_all(void *context)
{
    struct watcher *watcher = context;
    struct watch_event event;
    struct status status;
    status_init(&status);
    int taken;
    while ((taken = watch_take(watcher->watch, &event, &status)) == 1)
        ++*watcher->events;
    if (taken < 0)
        fail(&status);
}

static void bench_watch(struct bench *bench)
{
    static const int counts[] = {1, 100, 1000};
    for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
        char path[512];
        char what[64];
        struct status status;
        struct loop *loop = loop_create(1);
        struct store *store = open_store(loop, new_path(bench, path), NULL, 0);
        struct watcher *watchers = mem_alloc((size_t)counts[i] * sizeof(*watchers));
        int64_t events = 0;
        status_init(&status);
        for (int n = 0; n < counts[i]; n++) {
            watchers[n].events = &events;
            if (watch_open(store, SLICE("/pods/"), 0, take_all, &watchers[n], &watchers[n].watch,
                           &status) != 0)
                fail(&status);
        }
        struct writers writers = {.store = store, .loop = loop, .count = 64, .keys = 1000};
        double start = now();
        run_writers(&writers, bench->seconds);
        double seconds = now() - start;
        snprintf(what, sizeof(what), "watch, %d watchers", counts[i]);
        report(bench, what, (double)events / seconds, "events/s", 0, false);
        report(bench, "  while writing", (double)writers.done / seconds, "txn/s", 0, false);
        for (int n = 0; n < counts[i]; n++)
            watch_close(watchers[n].watch);
        mem_free(watchers);
        mem_free(writers.waits);
        store_close(store);
        loop_destroy(loop);
        remove_path(path);
    }
}

/* --- A slow disk: every sync takes a second --- */

static const sqlite3_io_methods *real_methods;
static sqlite3_io_methods slow_methods;
static int (*real_open)(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                        int *out_flags);
static bool syncs_are_slow;

static int slow_sync(sqlite3_file *file, int flags)
{
    if (syncs_are_slow)
        sleep(1);
    return real_methods->xSync(file, flags);
}

static int slow_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                     int *out_flags)
{
    int code = real_open(vfs, name, file, flags, out_flags);
    if (code == SQLITE_OK) {
        real_methods = file->pMethods;
        slow_methods = *real_methods;
        slow_methods.xSync = slow_sync;
        file->pMethods = &slow_methods;
    }
    return code;
}

static void register_slow(void)
{
    static sqlite3_vfs vfs;
    sqlite3_initialize();
    vfs = *sqlite3_vfs_find(NULL);
    vfs.zName = "slow";
    real_open = vfs.xOpen;
    vfs.xOpen = slow_open;
    sqlite3_vfs_register(&vfs, 0);
}

struct reader { /* Reads once per message, and posts the next one. */
    struct message message;
    struct loop *loop;
    struct store *store;
    double posted;
    double *waits;
    size_t count;
    size_t capacity;
};

static void read_once(struct message *message)
{
    struct reader *reader = CONTAINER_OF(message, struct reader, message);
    if (store_get(reader->store, COMMITTED, SLICE("/pods/default/pod-00000001")) == NULL)
        exit(1);
    double time = now();
    if (reader->count < reader->capacity)
        reader->waits[reader->count++] = time - reader->posted;
    reader->posted = time;
    loop_post(reader->loop, &reader->message);
}

static void bench_slow_disk(struct bench *bench)
{
    char path[512];
    register_slow();
    struct loop *loop = loop_create(1);
    struct store *store = open_store(loop, new_path(bench, path), "slow", 0);
    fill(store, loop, 0, 1000);
    struct reader reader = {
        .message = {.deliver = read_once}, .loop = loop, .store = store, .capacity = 4000000};
    reader.waits = mem_alloc(reader.capacity * sizeof(*reader.waits));
    syncs_are_slow = true;
    struct writers writers = {.store = store, .loop = loop, .count = 64, .keys = 1000};
    reader.posted = now();
    loop_post(loop, &reader.message);
    run_writers(&writers, bench->seconds < 4 ? 4 : bench->seconds);
    syncs_are_slow = false;
    report(bench, "p99 read while every sync takes 1 s",
           percentile(reader.waits, reader.count, 0.99) * 1e3, "ms", 1, true);
    report(bench, "  the longest", percentile(reader.waits, reader.count, 1) * 1e3, "ms", 0, true);
    report(bench, "  p50 of a transaction",
           percentile(writers.waits, writers.wait_count, 0.5) * 1e3, "ms", 0, true);
    mem_free(writers.waits);
    _Exit(0); /* The reader's message is for ever on its way. */
}

/* --- Compaction from a backlog --- */

enum { BACKLOG = 1000000, BACKLOG_KEYS = 1000 };

static void fill_backlog(struct bench *bench)
{
    struct loop *loop = loop_create(1);
    struct store *store = open_store(loop, bench->path, NULL, (int64_t)8 << 30);
    for (int64_t n = 0; n < BACKLOG; n += BACKLOG_KEYS)
        fill(store, loop, 0, BACKLOG_KEYS);
    store_close(store);
    loop_destroy(loop);
}

/* The 99th percentile of what a transaction waits, in ms; memory: what the process grew by. */
static double waits_of_writers(struct bench *bench, const char *path, double *memory)
{
    struct loop *loop = loop_create(1);
    size_t before = resident();
    struct store *store = open_store(loop, path, NULL, 1);
    struct writers writers = {.store = store, .loop = loop, .count = 64, .keys = BACKLOG_KEYS};
    run_writers(&writers, bench->seconds);
    *memory = ((double)resident() - (double)before) / 1e6;
    double result = percentile(writers.waits, writers.wait_count, 0.99) * 1e3;
    mem_free(writers.waits);
    store_close(store);
    loop_destroy(loop);
    remove_path(path);
    return result;
}

static void bench_compaction(struct bench *bench)
{
    enum { TURNS = 3 };
    char path[512], other[512];
    double together[TURNS], alone[TURNS], ratio[TURNS], memory[TURNS], unused;
    for (int n = 0; n < TURNS; n++) {
        bench->path = new_path(bench, path);
        in_child(bench, fill_backlog);
        together[n] = waits_of_writers(bench, path, &memory[n]);
        alone[n] = waits_of_writers(bench, new_path(bench, other), &unused);
        ratio[n] = together[n] / alone[n];
    }
    report_rounds(bench, "p99 of 64 writers alone", alone, TURNS, "ms", 0, true);
    report_rounds(bench, "  while 1,000,000 rows are compacted", together, TURNS, "ms", 0, true);
    report_rounds(bench, "  of alone, same turn", ratio, TURNS, "", 2, true);
    report(bench, "  memory", memory[0], "MB", 0, true);
}

int main(int count, char **words)
{
    struct bench bench = {.seconds = 2, .words = words + 1};
    const char *parent = getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp"; /* A real disk, please. */
    int kept = 0;
    for (int i = 1; i < count; i++) {
        if (strcmp(words[i], "--json") == 0)
            bench.as_json = true;
        else if (strcmp(words[i], "--seconds") == 0 && i + 1 < count)
            bench.seconds = atof(words[++i]);
        else if (strcmp(words[i], "--folder") == 0 && i + 1 < count)
            parent = words[++i];
        else
            words[1 + kept++] = words[i];
    }
    bench.word_count = kept;
    char folder[400];
    snprintf(folder, sizeof(folder), "%s/bench-store-XXXXXX", parent);
    bench.folder = mkdtemp(folder);
    if (bench.folder == NULL)
        return 1;
    if (wants(&bench, "writers"))
        in_child(&bench, bench_writers);
    if (wants(&bench, "open") || wants(&bench, "memory") || wants(&bench, "reads"))
        in_child(&bench, bench_open);
    if (wants(&bench, "watch"))
        in_child(&bench, bench_watch);
    if (wants(&bench, "compact"))
        in_child(&bench, bench_compaction);
    if (wants(&bench, "slow"))
        in_child(&bench, bench_slow_disk);
    rmdir(folder);
    return 0;
}
