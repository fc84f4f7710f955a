/* The contract of the log, on all that keep it. */
#include "store/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "tests/harness/test.h"

enum kind { MEMORY, SPLITTING, SQLITE, KINDS };

struct bench { /* One log that can be opened again. */
    enum kind kind;
    struct log_memory_contents *contents;
    struct log_memory_faults faults;
    char path[512];
    struct log *log;
    struct log_state state;
    struct status status;
};

static int reopen(struct bench *bench)
{
    if (bench->log)
        bench->log->operations->close(bench->log);
    bench->log = bench->kind == SQLITE ? log_sqlite_create(bench->path, NULL)
                                       : log_memory_create(bench->contents, &bench->faults);
    status_clear(&bench->status);
    return bench->log->operations->open(bench->log, &bench->state, &bench->status);
}

static void begin(struct bench *bench, enum kind kind)
{
    *bench = (struct bench){.kind = kind};
    status_init(&bench->status);
    if (kind == SPLITTING)
        bench->faults.row_size_max = 3;
    if (kind == SQLITE)
        snprintf(bench->path, sizeof(bench->path), "%s/log.db", test_folder());
    else
        bench->contents = log_memory_contents_create();
    EXPECT_EQ(reopen(bench), 0);
}

static void end(struct bench *bench)
{
    bench->log->operations->close(bench->log);
    log_memory_contents_destroy(bench->contents);
    status_release(&bench->status);
    if (bench->kind == SQLITE)
        unlink(bench->path);
}

#define EACH_KIND(b)                                                                 \
    for (enum kind kind = 0; kind < KINDS; kind++)                                    \
        for (struct bench *b = &(struct bench){0}, *once = (begin(b, kind), b); once; \
             end(b), once = NULL)

static int collect(void *context, const struct log_row *row)
{
    buffer_format(context, "%lld=" SLICE_FORMAT "%s ", (long long)row->revision,
                  SLICE_ARGS(row->data), row->ends_record ? "." : "");
    return 0;
}

static void expect_rows(struct bench *bench, int64_t after, const char *text)
{
    struct buffer rows = {0};
    EXPECT_EQ(bench->log->operations->read(bench->log, after, collect, &rows, &bench->status), 0);
    EXPECT_TEXT(rows.data ? rows.data : "", text);
    buffer_release(&rows);
}

static int append(struct bench *bench, int64_t after, int64_t revision, int64_t reserve)
{
    struct log_row rows[2] = {{revision, false, SLICE("first half")},
                              {revision + 1, true, SLICE("rest")}};
    return bench->log->operations->append(bench->log, after, bench->state.epoch, rows, 2, reserve,
                                          &bench->status);
}

TEST("an empty log has no head, nothing reserved, and one writer so far")
{
    EACH_KIND(b)
    {
        EXPECT_EQ(b->state.head, 0);
        EXPECT_EQ(b->state.reserved, 0);
        EXPECT_EQ(b->state.compacted, 0);
        EXPECT_EQ(b->state.kept, 0);
        EXPECT_EQ(b->state.epoch, 1);
        EXPECT(!b->state.is_lossy);
        expect_rows(b, 0, "");
    }
}

TEST("what was appended is read in order, from anywhere, also after opening again")
{
    EACH_KIND(b)
    {
        EXPECT_EQ(append(b, 0, 2, 0), 0);
        EXPECT_EQ(append(b, 3, 7, 100), 0);
        for (int i = 0; i < 2; i++) {
            expect_rows(b, 0, "2=first half 3=rest. 7=first half 8=rest. ");
            expect_rows(b, 2, "3=rest. 7=first half 8=rest. ");
            expect_rows(b, 8, "");
            EXPECT_EQ(reopen(b), 0);
            EXPECT_EQ(b->state.head, 8);
            EXPECT_EQ(b->state.reserved, 100);
            EXPECT_EQ(b->state.epoch, 2 + i);
        }
    }
}

TEST("appending anywhere but at the head is refused and writes nothing")
{
    EACH_KIND(b)
    {
        EXPECT_EQ(append(b, 0, 2, 0), 0);
        EXPECT_EQ(append(b, 2, 4, 0), -1);
        EXPECT_EQ(b->status.reason, STATUS_CONFLICT);
        EXPECT_EQ(append(b, 4, 5, 0), -1);
        expect_rows(b, 0, "2=first half 3=rest. ");
        EXPECT_EQ(append(b, 3, 4, 0), 0);
    }
}

TEST("a writer of an older epoch is refused")
{
    EACH_KIND(b)
    {
        b->state.epoch--;
        EXPECT_EQ(append(b, 0, 2, 0), -1);
        EXPECT_EQ(b->status.reason, STATUS_CONFLICT);
        expect_rows(b, 0, "");
    }
}

static int stop_at_3(void *context, const struct log_row *row)
{
    int *rows = context;
    ++*rows;
    return row->revision == 3 ? -1 : 0;
}

TEST("reading stops when it is told, and can begin again")
{
    EACH_KIND(b)
    {
        EXPECT_EQ(append(b, 0, 2, 0), 0);
        EXPECT_EQ(append(b, 3, 4, 0), 0);
        int rows = 0;
        EXPECT_EQ(b->log->operations->read(b->log, 0, stop_at_3, &rows, &b->status), -1);
        EXPECT_EQ(rows, 2);
        expect_rows(b, 0, "2=first half 3=rest. 4=first half 5=rest. ");
    }
}

TEST("removed rows are gone, with the note of how far and how many are kept")
{
    EACH_KIND(b)
    {
        EXPECT_EQ(append(b, 0, 2, 0), 0);
        EXPECT_EQ(append(b, 3, 4, 0), 0);
        EXPECT_EQ(append(b, 5, 6, 0), 0);
        struct log_range ranges[] = {{2, 2}, {4, 5}};
        EXPECT_EQ(b->log->operations->remove(b->log, b->state.epoch, ranges, 2, 5, 1, &b->status),
                  0);
        for (int i = 0; i < 2; i++) {
            expect_rows(b, 0, "3=rest. 6=first half 7=rest. ");
            EXPECT_EQ(reopen(b), 0);
            EXPECT_EQ(b->state.compacted, 5);
            EXPECT_EQ(b->state.kept, 1);
            EXPECT_EQ(b->state.head, 7);
        }
        EXPECT_EQ(append(b, 7, 8, 0), 0);
    }
}

TEST("a loss is marked and cleared, durably")
{
    EACH_KIND(b)
    {
        EXPECT_EQ(b->log->operations->mark(b->log, b->state.epoch, true, 500, &b->status), 0);
        EXPECT_EQ(reopen(b), 0);
        EXPECT(b->state.is_lossy);
        EXPECT_EQ(b->state.reserved, 500);
        EXPECT_EQ(b->log->operations->mark(b->log, b->state.epoch, false, 0, &b->status), 0);
        EXPECT_EQ(reopen(b), 0);
        EXPECT(!b->state.is_lossy);
        EXPECT_EQ(b->state.reserved, 500);
    }
}

TEST("rows may hold any bytes and be empty or large")
{
    EACH_KIND(b)
    {
        char *large = malloc(300000);
        for (int i = 0; i < 300000; i++)
            large[i] = (char)(i * 31);
        struct log_row rows[] = {{1, false, {"", 0}}, {2, true, {large, 300000}}};
        EXPECT_EQ(b->log->operations->append(b->log, 0, b->state.epoch, rows, 2, 0, &b->status), 0);
        EXPECT_EQ(reopen(b), 0);
        struct buffer found = {0};
        struct buffer expected = {0};
        EXPECT_EQ(b->log->operations->read(b->log, 0, collect, &found, &b->status), 0);
        for (int i = 0; i < 2; i++)
            collect(&expected, &rows[i]);
        EXPECT(slice_equal(buffer_slice(&found), buffer_slice(&expected)));
        buffer_release(&found);
        buffer_release(&expected);
        free(large);
    }
}

/* --- SQLite's own --- */

static void run_sql(const char *path, const char *sql)
{
    sqlite3 *db;
    EXPECT_EQ(sqlite3_initialize(), SQLITE_OK);
    EXPECT_EQ(sqlite3_open(path, &db), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

TEST("the file is for its owner alone, and so is its WAL")
{
    struct bench b;
    begin(&b, SQLITE);
    EXPECT_EQ(append(&b, 0, 2, 0), 0);
    struct stat info;
    char wal[600];
    snprintf(wal, sizeof(wal), "%s-wal", b.path);
    EXPECT_EQ(stat(b.path, &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600);
    EXPECT_EQ(stat(wal, &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600);
    end(&b);
}

TEST("a second server is refused, and told why")
{
    struct bench b;
    begin(&b, SQLITE);
    struct log *second = log_sqlite_create(b.path, NULL);
    struct log_state state;
    EXPECT_EQ(second->operations->open(second, &state, &b.status), -1);
    EXPECT(strstr(b.status.message, "in use by another server") != NULL);
    EXPECT(!second->is_damaged);
    second->operations->close(second);
    end(&b);
}

TEST("a file of a newer version is refused, and told why")
{
    struct bench b;
    begin(&b, SQLITE);
    b.log->operations->close(b.log);
    b.log = NULL;
    run_sql(b.path, "PRAGMA user_version=99");
    EXPECT_EQ(reopen(&b), -1);
    EXPECT(strstr(b.status.message, "newer version (schema 99, this one knows up to 1)") != NULL);
    EXPECT(!b.log->is_damaged);
    end(&b);
}

TEST("a file of another program is refused and left alone")
{
    struct bench b;
    begin(&b, SQLITE);
    b.log->operations->close(b.log);
    b.log = NULL;
    unlink(b.path);
    run_sql(b.path, "CREATE TABLE other(x)");
    EXPECT_EQ(reopen(&b), -1);
    EXPECT(strstr(b.status.message, "not a Coracle store") != NULL);
    end(&b);
}

TEST("a path that cannot be is refused, and told why")
{
    struct status status;
    status_init(&status);
    struct log *log = log_sqlite_create("/nonexistent/folder/log.db", NULL);
    struct log_state state;
    EXPECT_EQ(log->operations->open(log, &state, &status), -1);
    EXPECT(strstr(status.message, "No such file or directory") != NULL);
    log->operations->close(log);
    status_release(&status);
}

static void append_big(struct bench *b, int64_t *head, int count)
{
    static char bytes[4000];
    for (int i = 0; i < count; i++) {
        struct log_row row = {*head + 1, true, {bytes, sizeof(bytes)}};
        EXPECT_EQ(b->log->operations->append(b->log, *head, b->state.epoch, &row, 1, 0, &b->status),
                  0);
        (*head)++;
    }
}

static int64_t size_of(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 ? (int64_t)info.st_size : 0;
}

static int tidy_all(struct bench *b)
{
    int steps = 0;
    while (b->log->operations->is_untidy(b->log)) {
        EXPECT_EQ(b->log->operations->tidy(b->log, &b->status), 0);
        EXPECT(++steps < 1000);
    }
    return steps;
}

TEST("the WAL stays bounded when it is tidied, and a file that was big shrinks")
{
    struct bench b;
    begin(&b, SQLITE);
    char wal[600];
    snprintf(wal, sizeof(wal), "%s-wal", b.path);
    int64_t head = 0;
    for (int i = 0; i < 40; i++) {
        append_big(&b, &head, 100);
        tidy_all(&b);
    }
    EXPECT(size_of(wal) < 12 << 20);
    int64_t big = size_of(b.path);
    EXPECT(big > 12 << 20);
    for (int64_t first = 1; first < head - 100; first += 500) {
        struct log_range range = {first, first + 499};
        EXPECT_EQ(b.log->operations->remove(b.log, b.state.epoch, &range, 1, first, 1, &b.status),
                  0);
    }
    EXPECT(tidy_all(&b) > 10);
    EXPECT_EQ(reopen(&b), 0);
    EXPECT(size_of(b.path) < big / 4);
    end(&b);
}
