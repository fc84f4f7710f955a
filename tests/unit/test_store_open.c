/* Opening: damage is found, named, and accepted only when asked to; snapshots and restoring. */
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "core/kinds/view.h"
#include "store/row.h"
#include "tests/harness/test.h"
#include "tests/unit/store_fixture.h"

/* A store in SQLite with pods 0..count-1, closed. */
static void make_pods(struct fixture *f, int count)
{
    fixture_open(f, FIXTURE_FILE);
    struct fixture_txn *txns = mem_alloc((size_t)count * sizeof(*txns));
    for (int i = 0; i < count; i++) {
        char key[32];
        snprintf(key, sizeof(key), "/pods/%04d", i);
        EXPECT_EQ(fixture_put(f, &txns[i], key, EXPECT_ABSENT), 0);
    }
    fixture_stop(f);
    EXPECT_EQ(txns[count - 1].answers, 1);
    mem_free(txns);
}

static void run_sql(const char *path, const char *sql)
{
    sqlite3 *db;
    EXPECT_EQ(sqlite3_open(path, &db), SQLITE_OK);
    char *message = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
        test_fail(__FILE__, __LINE__, "%s: %s", sql, message);
    sqlite3_close(db);
}

static void expect_refused(struct fixture *f, const char *why)
{
    EXPECT_EQ(fixture_try_start(f), -1);
    if (strstr(f->status.message, why) == NULL)
        test_fail(__FILE__, __LINE__, "\"%s\" is not in \"%s\"", why, f->status.message);
    EXPECT(strstr(f->status.message, f->path) != NULL);
    EXPECT(strstr(f->status.message, "--accept-data-loss") != NULL);
    fixture_run(f);
}

static void accept_loss(struct fixture *f)
{
    f->options.accept_data_loss = true;
    if (fixture_try_start(f) != 0)
        test_fail(__FILE__, __LINE__, "does not open: %s", f->status.message);
    f->options.accept_data_loss = false;
    fixture_run(f);
    EXPECT(f->report.is_lossy);
    EXPECT(store_is_lossy(f->store));
}

static bool is_file(const char *path, const char *ending)
{
    char name[700];
    struct stat info;
    snprintf(name, sizeof(name), "%s%s", path, ending);
    return stat(name, &info) == 0;
}

TEST("a row whose bytes changed is refused, named, and alone is lost")
{
    struct fixture f;
    make_pods(&f, 20);
    run_sql(f.path, "UPDATE log SET data = cast(replace(data, '\"r\"', '\"q\"') AS BLOB) "
                    "WHERE revision = 7");
    expect_refused(&f, "row 7 does not match its checksum");
    EXPECT(!is_file(f.path, ".damaged-1"));
    accept_loss(&f);
    EXPECT_EQ(f.report.objects, 19);
    EXPECT_EQ(f.report.damaged_rows, 1);
    EXPECT(store_get(f.store, COMMITTED, SLICE("/pods/0005")) == NULL);
    EXPECT(is_file(f.path, ".damaged-1"));
    EXPECT(!is_file(f.path, ".salvaging"));
    fixture_close(&f);
}

TEST("after a loss revisions are far ahead, older watches expire, and it is remembered")
{
    struct fixture f;
    make_pods(&f, 20);
    run_sql(f.path, "UPDATE log SET data = x'00' WHERE revision = 7");
    accept_loss(&f);
    EXPECT(store_revision(f.store, COMMITTED) >= 21 + STORE_LOSS_JUMP);
    EXPECT_EQ(store_oldest_revision(f.store), store_revision(f.store, COMMITTED));
    struct watch *watch;
    EXPECT_EQ(watch_open(f.store, SLICE(""), 21, NULL, NULL, &watch, &f.status), -1);
    EXPECT_EQ(f.status.reason, STATUS_EXPIRED);
    fixture_put_and_run(&f, "/pods/new");
    for (int i = 0; i < 2; i++) {
        fixture_restart(&f);
        EXPECT(store_is_lossy(f.store));
        EXPECT_EQ(f.report.objects, 20);
        EXPECT_EQ(f.report.damaged_rows, 0);
        EXPECT_EQ(watch_open(f.store, SLICE(""), 21, NULL, NULL, &watch, &f.status), -1);
    }
    store_clear_lossy(f.store);
    EXPECT(!store_is_lossy(f.store));
    fixture_run(&f);
    fixture_restart(&f);
    EXPECT(!store_is_lossy(f.store));
    fixture_close(&f);
}

TEST("a row that vanished from the middle, or is a copy of another, is found")
{
    struct fixture f;
    make_pods(&f, 20);
    run_sql(f.path, "DELETE FROM log WHERE revision = 9");
    expect_refused(&f, "a row before row 10 is missing");
    run_sql(f.path, "INSERT INTO log SELECT 9, flags, data FROM log WHERE revision = 8");
    expect_refused(&f, "row 9 does not match its checksum");
    accept_loss(&f);
    EXPECT_EQ(f.report.objects, 19);
    fixture_close(&f);
}

TEST("a transaction without its end is found")
{
    struct fixture f;
    fixture_open(&f, FIXTURE_FILE);
    struct fixture_txn txn = {0};
    EXPECT_EQ(fixture_put_all(&f, &txn, (const char *[]){"/pods/a", "/pods/b", "/pods/c", NULL}),
              0);
    fixture_stop(&f);
    run_sql(f.path, "DELETE FROM log WHERE revision = 4");
    expect_refused(&f, "the transaction that row 3 is in has no end");
    accept_loss(&f);
    EXPECT_EQ(f.report.objects, 2);
    fixture_close(&f);
}

TEST("rows that vanish from the compacted part are missed by their number")
{
    struct fixture f;
    fixture_init(&f, FIXTURE_FILE);
    f.options.history_bytes = 1;
    EXPECT_EQ(fixture_try_start(&f), 0);
    for (int i = 0; i < 30; i++) {
        char key[32];
        snprintf(key, sizeof(key), "/pods/%d", i % 10);
        fixture_put_and_run(&f, key);
    }
    fixture_stop(&f);
    run_sql(f.path, "DELETE FROM log WHERE revision = 25");
    expect_refused(&f, "rows up to 30 are missing");
    accept_loss(&f);
    EXPECT_EQ(f.report.objects, 9);
    fixture_close(&f);
}

/* Overwrites bytes of the file itself. */
static void damage_file(const char *path, off_t offset, size_t size)
{
    char junk[4096];
    memset(junk, 0x5a, sizeof(junk));
    int file = open(path, O_WRONLY);
    EXPECT(file >= 0);
    EXPECT_EQ(pwrite(file, junk, size, offset), size);
    close(file);
}

static int64_t pages_of(const char *path)
{
    struct stat info;
    EXPECT_EQ(stat(path, &info), 0);
    return info.st_size / 4096;
}

TEST("pages of junk are found, and what other pages hold is kept")
{
    struct fixture f;
    make_pods(&f, 1500);
    int64_t pages = pages_of(f.path);
    EXPECT(pages > 12);
    damage_file(f.path, 7 * 4096, 4096);
    damage_file(f.path, 10 * 4096, 4096);
    expect_refused(&f, "malformed");
    accept_loss(&f);
    EXPECT_EQ(f.report.damaged_rows, 2); /* Two holes. */
    EXPECT(f.report.objects > 1500 - 2 * 90);
    EXPECT(f.report.objects < 1500 - 2 * 30);
    int64_t objects = f.report.objects;
    fixture_restart(&f);
    EXPECT_EQ(f.report.objects, objects);
    fixture_close(&f);
}

TEST("a file whose head is junk is refused, with and without accepting loss, and kept")
{
    struct fixture f;
    make_pods(&f, 20);
    damage_file(f.path, 0, 100);
    expect_refused(&f, "not a database");
    f.options.accept_data_loss = true;
    EXPECT_EQ(fixture_try_start(&f), -1);
    EXPECT(is_file(f.path, ".damaged-1"));
    EXPECT_EQ(fixture_try_start(&f), -1); /* Not taken for a new, empty store either. */
    f.options.accept_data_loss = false;
    EXPECT_EQ(fixture_try_start(&f), -1);
    loop_destroy(f.loop);
    status_release(&f.status);
}

TEST("a salvage that was cut off is refused and goes on when it is asked for again")
{
    struct fixture f;
    make_pods(&f, 20);
    run_sql(f.path, "UPDATE log SET data = x'00' WHERE revision = 7");
    char command[4096];
    /* As after the first step: the marker is there and the file is put aside. */
    snprintf(command, sizeof(command), "printf %%s %s.damaged-1 > %s.salvaging; mv %s %s.damaged-1",
             f.path, f.path, f.path, f.path);
    EXPECT_EQ(system(command), 0);
    expect_refused(&f, "interrupted");
    EXPECT(!is_file(f.path, ""));
    accept_loss(&f);
    EXPECT_EQ(f.report.objects, 19);
    fixture_close(&f);
}

/* --- Views of another format --- */

static int remake(void *context, struct slice key, struct slice body, struct buffer *view)
{
    (void)context;
    view_append(view, VIEW_UID, key);
    return body.size > 0 ? 0 : -1;
}

static void append_old_row(struct fixture *f)
{
    struct row row = {.revision = 2,
                      .ends_txn = true,
                      .view_format = VIEW_FORMAT + 1,
                      .key = SLICE("/pods/a"),
                      .view = SLICE("?"),
                      .body = SLICE("{}"),
                      .splice = 1};
    struct buffer data = {0};
    row_encode(&row, &data);
    struct log *log = log_memory_create(f->contents, NULL);
    struct log_state state;
    EXPECT_EQ(log->operations->open(log, &state, &f->status), 0);
    struct log_row log_row = {2, true, buffer_slice(&data)};
    EXPECT_EQ(log->operations->append(log, 0, state.epoch, &log_row, 1, 0, &f->status), 0);
    log->operations->close(log);
    buffer_release(&data);
}

TEST("views of another format are made anew, or refused where nobody can make them")
{
    struct fixture f;
    fixture_init(&f, FIXTURE_MEMORY);
    append_old_row(&f);
    EXPECT_EQ(fixture_try_start(&f), -1);
    char wanted[64];
    snprintf(wanted, sizeof wanted, "view of format %d", VIEW_FORMAT + 1);
    EXPECT(strstr(f.status.message, wanted) != NULL);
    f.options.remake_view = remake;
    EXPECT_EQ(fixture_try_start(&f), 0);
    EXPECT_SLICE(view_uid(store_get(f.store, COMMITTED, SLICE("/pods/a"))), "/pods/a");
    fixture_close(&f);
}

/* --- Snapshots --- */

struct saving {
    struct store_snapshot snapshot;
    int done;
};

static void saved(struct store_snapshot *snapshot)
{
    CONTAINER_OF(snapshot, struct saving, snapshot)->done++;
}

static void save(struct fixture *f, struct saving *saving, const char *path)
{
    *saving = (struct saving){.snapshot = {.done = saved}};
    status_init(&saving->snapshot.status);
    store_save_snapshot(f->store, path, &saving->snapshot);
}

TEST("a snapshot is the state at its pin, taken while writes go on")
{
    for (enum fixture_log kind = 0; kind < FIXTURE_LOGS; kind++) {
        struct fixture f;
        char path[600];
        char restored[600];
        snprintf(path, sizeof(path), "%s/%d.snapshot", test_folder(), kind);
        snprintf(restored, sizeof(restored), "%s/%d.restored", test_folder(), kind);
        fixture_open(&f, kind);
        for (int i = 0; i < 700; i++) { /* More than one append's worth. */
            char key[32];
            snprintf(key, sizeof(key), "/pods/%d", i);
            fixture_put_and_run(&f, key);
        }
        fixture_delete_and_run(&f, "/pods/5");
        struct saving saving;
        save(&f, &saving, path);
        fixture_put_and_run(&f, "/pods/late");
        EXPECT_EQ(saving.done, 1);
        EXPECT(status_ok(&saving.snapshot.status));
        fixture_close(&f);

        EXPECT_EQ(store_restore(path, restored, &f.status), 0);
        fixture_init(&f, FIXTURE_FILE);
        snprintf(f.path, sizeof(f.path), "%s", restored);
        EXPECT_EQ(fixture_try_start(&f), 0);
        EXPECT_EQ(f.report.objects, 699);
        EXPECT(f.report.is_lossy);
        EXPECT(store_get(f.store, COMMITTED, SLICE("/pods/late")) == NULL);
        EXPECT_SLICE(object_body(store_get(f.store, COMMITTED, SLICE("/pods/0"))), "{\"r\":2}");
        EXPECT_EQ(store_revision(f.store, COMMITTED), 702 + STORE_LOSS_JUMP);
        EXPECT_EQ(store_oldest_revision(f.store), 702 + STORE_LOSS_JUMP);
        fixture_put_and_run(&f, "/pods/0");
        fixture_restart(&f);
        EXPECT_EQ(f.report.objects, 699);
        fixture_close(&f);
    }
}

TEST("a snapshot can be opened as it is, and goes on where it was taken")
{
    struct fixture f;
    char path[600];
    snprintf(path, sizeof(path), "%s/snapshot", test_folder());
    fixture_open(&f, FIXTURE_MEMORY);
    fixture_put_and_run(&f, "/pods/a");
    fixture_put_and_run(&f, "/pods/b");
    fixture_delete_and_run(&f, "/pods/b");
    struct saving saving;
    save(&f, &saving, path);
    fixture_close(&f);
    EXPECT_EQ(saving.done, 1);
    fixture_init(&f, FIXTURE_FILE);
    snprintf(f.path, sizeof(f.path), "%s", path);
    EXPECT_EQ(fixture_try_start(&f), 0);
    EXPECT(!f.report.is_lossy);
    EXPECT_EQ(store_revision(f.store, COMMITTED), 4);
    EXPECT_EQ(store_next_revision(f.store), 5);
    fixture_close(&f);
}

TEST("neither a snapshot nor a restore writes over a file, nor reads one in use")
{
    struct fixture f;
    fixture_open(&f, FIXTURE_FILE);
    fixture_put_and_run(&f, "/pods/a");
    struct saving saving;
    save(&f, &saving, f.path);
    fixture_run(&f);
    EXPECT_EQ(saving.snapshot.status.reason, STATUS_ALREADY_EXISTS);
    status_release(&saving.snapshot.status);
    char other[512];
    snprintf(other, sizeof(other), "%s/other", test_folder());
    EXPECT_EQ(store_restore(other, f.path, &f.status), -1);
    EXPECT_EQ(f.status.reason, STATUS_ALREADY_EXISTS);
    EXPECT_EQ(store_restore(other, other, &f.status), -1);
    EXPECT_EQ(f.status.reason, STATUS_NOT_FOUND);
    pid_t child = fork(); /* Locks do not show to their own process. */
    if (child == 0)
        _exit(store_restore(f.path, other, &f.status) == -1 && f.status.reason == STATUS_CONFLICT
                  ? 0
                  : 1);
    int result;
    EXPECT_EQ(waitpid(child, &result, 0), child);
    EXPECT_EQ(result, 0);
    fixture_close(&f);
}

TEST("a damaged snapshot is not restored")
{
    struct fixture f;
    make_pods(&f, 20);
    run_sql(f.path, "UPDATE log SET data = x'00' WHERE revision = 7");
    char restored[600];
    snprintf(restored, sizeof(restored), "%s/restored", test_folder());
    EXPECT_EQ(store_restore(f.path, restored, &f.status), -1);
    EXPECT(strstr(f.status.message, "row 7") != NULL);
    EXPECT(!is_file(restored, ""));
    EXPECT(!is_file(restored, ".new"));
    loop_destroy(f.loop);
    status_release(&f.status);
}
