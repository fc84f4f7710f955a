/* The log in an SQLite file: the only SQL there is.
 *
 *   log(revision INTEGER PRIMARY KEY, flags INTEGER, data BLOB)
 *       flags: 1 the last row of its record. No index but the revision.
 *   meta(name TEXT PRIMARY KEY, value INTEGER)
 *       epoch, reserved, compacted, kept, lossy (log_state)
 *
 * application_id says that the file is ours, user_version is its schema.
 *
 * WAL with synchronous=FULL: an append is durable when COMMIT returns. One
 * connection in exclusive locking mode, so that a second server is refused
 * and no shared memory file exists. Checkpoints are ours, between appends.
 * Removals run with synchronous=NORMAL: they are in the WAL in order, so the
 * next append makes them durable, and losing one costs nothing but doing it
 * again. auto_vacuum=INCREMENTAL, so that a file that was big can shrink. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "core/clock.h"
#include "store/log_sqlite_private.h"
#include "store/new_file.h"

#define APPLICATION_ID 0x436f7261 /* "Cora" */
#define FLAG_ENDS_RECORD 1
#define CHECKPOINT_FRAMES 1000    /* 4 MB of WAL; then it goes into the database. */
#define VACUUM_PAGES 64           /* Per step. */
#define FREE_PAGES_MIN 256        /* That many free pages are kept for what comes... */
#define FREE_PAGES_PART 4         /* ...and up to a 4th of the file. */

#ifdef CORACLE_BUG_SYNC_NORMAL
#define SYNC_APPENDS "PRAGMA synchronous=NORMAL" /* Planted: an append is not durable. */
#else
#define SYNC_APPENDS "PRAGMA synchronous=FULL"
#endif
#define SYNC_REMOVALS "PRAGMA synchronous=NORMAL"

/* --- Errors --- */

int sqlite_fail(struct log_sqlite *self, struct status *status, const char *text)
{
    int code = self->db ? sqlite3_errcode(self->db) & 0xff : SQLITE_NOMEM;
    const char *why = self->db ? sqlite3_errmsg(self->db) : "out of memory";
    self->log.is_damaged |= code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
    if (code == SQLITE_BUSY)
        return status_fail(status, STATUS_SERVICE_UNAVAILABLE,
                           "%s: the file is in use by another server", text);
    enum status_reason reason =
        code == SQLITE_FULL ? STATUS_INSUFFICIENT_STORAGE : STATUS_INTERNAL_ERROR;
    return status_fail(status, reason, "%s: %s", text, why);
}

/* --- Small helpers --- */

int sqlite_run(struct log_sqlite *self, const char *sql, struct status *status)
{
    return sqlite3_exec(self->db, sql, NULL, NULL, NULL) == SQLITE_OK
               ? 0
               : sqlite_fail(self, status, sql);
}

int sqlite_number(struct log_sqlite *self, const char *sql, int64_t otherwise, int64_t *value,
                  struct status *status)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(self->db, sql, -1, &statement, NULL) != SQLITE_OK)
        return sqlite_fail(self, status, sql);
    int code = sqlite3_step(statement);
    *value = code == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : otherwise;
    int failed = code != SQLITE_ROW && code != SQLITE_DONE;
    if (failed)
        sqlite_fail(self, status, sql);
    sqlite3_finalize(statement);
    return failed ? -1 : 0;
}

/* Runs a prepared statement that gives no rows. */
static int step_done(struct log_sqlite *self, sqlite3_stmt *statement, const char *what,
                     struct status *status)
{
    int failed = sqlite3_step(statement) != SQLITE_DONE;
    if (failed)
        sqlite_fail(self, status, what);
    sqlite3_reset(statement);
    return failed ? -1 : 0;
}

int sqlite_begin(struct log_sqlite *self, struct status *status)
{
    return step_done(self, self->begin, "begin", status);
}

int sqlite_commit(struct log_sqlite *self, struct status *status)
{
    return step_done(self, self->commit, "commit", status);
}

void sqlite_roll_back(struct log_sqlite *self)
{
    if (sqlite3_get_autocommit(self->db))
        return; /* SQLite has done it itself. */
    sqlite3_step(self->rollback);
    sqlite3_reset(self->rollback);
}

int sqlite_insert(struct log_sqlite *self, const struct log_row *row, struct status *status)
{
    sqlite3_bind_int64(self->insert, 1, row->revision);
    sqlite3_bind_int(self->insert, 2, row->ends_record ? FLAG_ENDS_RECORD : 0);
    sqlite3_bind_blob64(self->insert, 3, row->data.data, row->data.size, SQLITE_STATIC);
    return step_done(self, self->insert, "insert", status);
}

int sqlite_set_meta(struct log_sqlite *self, const char *name, int64_t value, struct status *status)
{
    sqlite3_bind_text(self->set_meta, 1, name, -1, SQLITE_STATIC);
    sqlite3_bind_int64(self->set_meta, 2, value);
    return step_done(self, self->set_meta, "meta", status);
}

struct log_row sqlite_row(sqlite3_stmt *statement)
{
    struct log_row row = {
        .revision = sqlite3_column_int64(statement, 0),
        .ends_record = (sqlite3_column_int(statement, 1) & FLAG_ENDS_RECORD) != 0,
    };
    row.data.data = sqlite3_column_blob(statement, 2);
    row.data.size = (size_t)sqlite3_column_bytes(statement, 2);
    return row;
}

/* --- Connecting --- */

/* SQLite would make the file readable by all. Its -wal takes the mode from it. */
static int make_file(const struct log_sqlite *self, struct status *status)
{
    if (self->vfs)
        return 0; /* A VFS has files of its own kind. */
    int file = open(self->path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    if (file < 0 && errno != EEXIST)
        return status_fail(status, STATUS_INTERNAL_ERROR, "cannot make the file: %s",
                           strerror(errno));
    if (file >= 0)
        close(file);
    return 0;
}

static int make_tables(struct log_sqlite *self, struct status *status)
{
    char versions[96];
    snprintf(versions, sizeof(versions), "PRAGMA application_id=%d; PRAGMA user_version=%d;",
             APPLICATION_ID, LOG_SCHEMA_VERSION);
    int failed = sqlite_run(self, "BEGIN IMMEDIATE", status) ||
                 sqlite_run(self,
                            "CREATE TABLE log(revision INTEGER PRIMARY KEY, flags INTEGER NOT NULL,"
                            " data BLOB NOT NULL);"
                            "CREATE TABLE meta(name TEXT PRIMARY KEY, value INTEGER NOT NULL)"
                            " WITHOUT ROWID;",
                            status) ||
                 sqlite_run(self, versions, status) || sqlite_run(self, "COMMIT", status);
    if (failed)
        return -1;
    /* A new file's name must be durable too; SQLite sees to that for its WAL only. */
    if (self->vfs == NULL && new_file_sync_folder_of(self->path) != 0)
        return status_fail(status, STATUS_INTERNAL_ERROR, "cannot sync the folder: %s",
                           strerror(errno));
    return 0;
}

/* Makes a new file ours, refuses what is not ours or too new. */
static int check_version(struct log_sqlite *self, struct status *status)
{
    int64_t application = 0;
    int64_t version = 0;
    int64_t tables = 0;
    if (sqlite_number(self, "SELECT count(*) FROM sqlite_schema", 0, &tables, status) ||
        sqlite_number(self, "PRAGMA application_id", 0, &application, status) ||
        sqlite_number(self, "PRAGMA user_version", 0, &version, status))
        return -1;
    if (tables == 0 && application == 0)
        return make_tables(self, status);
    if (application != APPLICATION_ID)
        return status_fail(status, STATUS_INTERNAL_ERROR, "this is not a Coracle store");
    if (version > LOG_SCHEMA_VERSION)
        return status_fail(status, STATUS_INTERNAL_ERROR,
                           "the file was written by a newer version (schema %lld, this one knows "
                           "up to %d); use that version, or restore a snapshot of this one",
                           (long long)version, LOG_SCHEMA_VERSION);
    return 0;
}

static int count_frames(void *context, sqlite3 *db, const char *name, int frames)
{
    struct log_sqlite *self = context;
    (void)db;
    (void)name;
    self->wal_frames = frames;
    return SQLITE_OK;
}

static int prepare(struct log_sqlite *self, const char *sql, sqlite3_stmt **statement,
                   struct status *status)
{
    int code = sqlite3_prepare_v3(self->db, sql, -1, SQLITE_PREPARE_PERSISTENT, statement, NULL);
    return code == SQLITE_OK ? 0 : sqlite_fail(self, status, sql);
}

static int prepare_all(struct log_sqlite *self, struct status *status)
{
    int failed =
        prepare(self, "BEGIN IMMEDIATE", &self->begin, status) ||
        prepare(self, "COMMIT", &self->commit, status) ||
        prepare(self, "ROLLBACK", &self->rollback, status) ||
        prepare(self, "INSERT INTO log(revision, flags, data) VALUES(?, ?, ?)", &self->insert,
                status) ||
        prepare(self, "DELETE FROM log WHERE revision BETWEEN ? AND ?", &self->remove, status) ||
        prepare(self, "INSERT OR REPLACE INTO meta(name, value) VALUES(?, ?)", &self->set_meta,
                status) ||
        prepare(self, "SELECT revision, flags, data FROM log WHERE revision > ? ORDER BY revision",
                &self->read, status);
    return failed ? -1 : 0;
}

int sqlite_connect(struct log_sqlite *self, struct status *status)
{
    if (sqlite3_initialize() != SQLITE_OK)
        return status_fail(status, STATUS_INTERNAL_ERROR, "SQLite does not start");
    if (make_file(self, status) != 0)
        return -1;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(self->path, &self->db, flags, self->vfs) != SQLITE_OK)
        return sqlite_fail(self, status, "open");
    sqlite3_extended_result_codes(self->db, 1);
    int failed = sqlite_run(self,
                            "PRAGMA locking_mode=EXCLUSIVE; PRAGMA page_size=4096;"
                            "PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=WAL;"
                            "PRAGMA wal_autocheckpoint=0; PRAGMA cache_size=-4000;"
                            "PRAGMA journal_size_limit=16777216;" SYNC_APPENDS,
                            status) ||
                 check_version(self, status) || prepare_all(self, status);
    if (failed)
        return -1;
    sqlite3_wal_hook(self->db, count_frames, self);
    return 0;
}

void sqlite_disconnect(struct log_sqlite *self)
{
    sqlite3_stmt **statements[] = {&self->begin,  &self->commit,   &self->rollback, &self->insert,
                                   &self->remove, &self->set_meta, &self->read};
    for (size_t i = 0; i < ARRAY_SIZE(statements); i++) {
        sqlite3_finalize(*statements[i]);
        *statements[i] = NULL;
    }
    sqlite3_close(self->db);
    self->db = NULL;
}

/* --- The contract's operations --- */

static int read_meta(struct log_sqlite *self, struct log_state *state, struct status *status)
{
    int64_t lossy = 0;
    int failed =
        sqlite_number(self, "SELECT value FROM meta WHERE name='epoch'", 0, &state->epoch,
                      status) ||
        sqlite_number(self, "SELECT value FROM meta WHERE name='reserved'", 0, &state->reserved,
                      status) ||
        sqlite_number(self, "SELECT value FROM meta WHERE name='compacted'", 0, &state->compacted,
                      status) ||
        sqlite_number(self, "SELECT value FROM meta WHERE name='kept'", 0, &state->kept, status) ||
        sqlite_number(self, "SELECT value FROM meta WHERE name='lossy'", 0, &lossy, status);
    state->is_lossy = lossy != 0;
    return failed ? -1 : 0;
}

/* Where the log ends. A last record without an end cannot be in a file that appends made: they
 * are SQLite transactions; the store finds that damage when it reads. */
static int find_head(struct log_sqlite *self, struct status *status)
{
    return sqlite_number(self, "SELECT max(revision) FROM log", 0, &self->head, status);
}

static int check_salvage(const struct log_sqlite *self, struct status *status)
{
    char *marker = sqlite_salvage_marker(self);
    bool is_there = self->vfs == NULL && access(marker, F_OK) == 0;
    mem_free(marker);
    return is_there ? status_fail(status, STATUS_INTERNAL_ERROR,
                                  "an earlier repair of this file was interrupted")
                    : 0;
}

static int open_log(struct log *log, struct log_state *state, struct status *status)
{
    struct log_sqlite *self = sqlite_of(log);
    if (check_salvage(self, status) != 0) {
        log->is_damaged = true;
        return -1;
    }
    if (sqlite_connect(self, status) || sqlite_begin(self, status) ||
        read_meta(self, state, status) ||
        sqlite_set_meta(self, "epoch", state->epoch + 1, status) || sqlite_commit(self, status) ||
        find_head(self, status))
        return -1;
    state->epoch++;
    state->head = self->head;
    self->epoch = state->epoch;
    self->has_freed = true;
    return 0;
}

static int read_log(struct log *log, int64_t after, log_row_fn *row, void *context,
                    struct status *status)
{
    struct log_sqlite *self = sqlite_of(log);
    int failed = 0;
    int code;
    sqlite3_bind_int64(self->read, 1, after);
    while ((code = sqlite3_step(self->read)) == SQLITE_ROW && !failed) {
        struct log_row found = sqlite_row(self->read);
        failed = row(context, &found);
    }
    if (!failed && code != SQLITE_DONE)
        failed = sqlite_fail(self, status, "read");
    sqlite3_reset(self->read);
    return failed;
}

static int check_place(struct log_sqlite *self, int64_t after, int64_t epoch, struct status *status)
{
    if (self->head < 0 && find_head(self, status) != 0)
        return -1;
    if (epoch != self->epoch)
        return status_fail(status, STATUS_CONFLICT, "the log has another writer (epoch %lld)",
                           (long long)self->epoch);
    if (after != self->head)
        return status_fail(status, STATUS_CONFLICT, "the log ends at %lld, not at %lld",
                           (long long)self->head, (long long)after);
    return 0;
}

static int insert_rows(struct log_sqlite *self, const struct log_row *rows, size_t count,
                       struct status *status)
{
    for (size_t i = 0; i < count; i++) {
#ifdef CORACLE_BUG_HALF_TRANSACTION
        /* Planted: two commits for one append. */
        if (i > 0 && i == count / 2 && (sqlite_commit(self, status) || sqlite_begin(self, status)))
            return -1;
#endif
        if (sqlite_insert(self, &rows[i], status) != 0)
            return -1;
    }
    return 0;
}

static int commit_and_measure(struct log_sqlite *self, struct status *status)
{
    int64_t start_us = clock_steady_us(clock_real());
    int failed = sqlite_commit(self, status);
    self->log.sync_us = clock_steady_us(clock_real()) - start_us;
    return failed;
}

static int append(struct log *log, int64_t after, int64_t epoch, const struct log_row *rows,
                  size_t count, int64_t reserve, struct status *status)
{
    struct log_sqlite *self = sqlite_of(log);
    if (check_place(self, after, epoch, status) != 0)
        return -1;
    int failed = sqlite_begin(self, status) || insert_rows(self, rows, count, status) ||
                 (reserve > 0 && sqlite_set_meta(self, "reserved", reserve, status)) ||
                 commit_and_measure(self, status);
    if (failed) {
        sqlite_roll_back(self);
        self->head = -1;
        return -1;
    }
    self->head = rows[count - 1].revision;
    return 0;
}

static int remove_ranges(struct log_sqlite *self, const struct log_range *ranges, size_t count,
                         struct status *status)
{
    for (size_t i = 0; i < count; i++) {
        sqlite3_bind_int64(self->remove, 1, ranges[i].first);
        sqlite3_bind_int64(self->remove, 2, ranges[i].last);
        if (step_done(self, self->remove, "remove", status) != 0)
            return -1;
    }
    return 0;
}

static int remove_rows(struct log *log, int64_t epoch, const struct log_range *ranges, size_t count,
                       int64_t compacted, int64_t kept, struct status *status)
{
    struct log_sqlite *self = sqlite_of(log);
    if (check_place(self, self->head, epoch, status) != 0)
        return -1;
    int failed = sqlite_run(self, SYNC_REMOVALS, status) || sqlite_begin(self, status) ||
                 remove_ranges(self, ranges, count, status) ||
                 sqlite_set_meta(self, "compacted", compacted, status) ||
                 sqlite_set_meta(self, "kept", kept, status) || sqlite_commit(self, status);
    if (failed)
        sqlite_roll_back(self);
    self->has_freed = true;
    if (sqlite3_exec(self->db, SYNC_APPENDS, NULL, NULL, NULL) != SQLITE_OK)
        return failed ? -1 : sqlite_fail(self, status, SYNC_APPENDS);
    return failed ? -1 : 0;
}

static bool has_free_pages(struct log_sqlite *self)
{
    struct status status;
    status_init(&status);
    int64_t free_pages = 0;
    int64_t pages = 0;
    int failed = sqlite_number(self, "PRAGMA freelist_count", 0, &free_pages, &status) ||
                 sqlite_number(self, "PRAGMA page_count", 0, &pages, &status);
    status_release(&status);
    return !failed && free_pages > FREE_PAGES_MIN && free_pages > pages / FREE_PAGES_PART;
}

static bool is_untidy(struct log *log)
{
    struct log_sqlite *self = sqlite_of(log);
    if (self->has_freed)
        self->has_freed = has_free_pages(self);
    return self->wal_frames >= CHECKPOINT_FRAMES || self->has_freed;
}

/* A checkpoint syncs the WAL before it writes the database, whatever `synchronous` is. */
static int checkpoint(struct log_sqlite *self, struct status *status)
{
    int frames = 0;
    int done = 0;
    self->wal_frames = 0;
    int code = sqlite3_wal_checkpoint_v2(self->db, NULL, SQLITE_CHECKPOINT_PASSIVE, &frames, &done);
    return code == SQLITE_OK ? 0 : sqlite_fail(self, status, "checkpoint");
}

static int vacuum(struct log_sqlite *self, struct status *status)
{
    char sql[64];
    snprintf(sql, sizeof(sql), "PRAGMA incremental_vacuum(%d)", VACUUM_PAGES);
    int failed = sqlite_run(self, SYNC_REMOVALS, status) || sqlite_run(self, sql, status);
    if (sqlite3_exec(self->db, SYNC_APPENDS, NULL, NULL, NULL) != SQLITE_OK)
        return failed ? -1 : sqlite_fail(self, status, SYNC_APPENDS);
    return failed ? -1 : 0;
}

static int tidy(struct log *log, struct status *status)
{
    struct log_sqlite *self = sqlite_of(log);
    if (self->wal_frames >= CHECKPOINT_FRAMES)
        return checkpoint(self, status);
    return self->has_freed ? vacuum(self, status) : 0;
}

static int mark(struct log *log, int64_t epoch, bool is_lossy, int64_t reserved,
                struct status *status)
{
    struct log_sqlite *self = sqlite_of(log);
    if (check_place(self, self->head, epoch, status) != 0)
        return -1;
    int failed = sqlite_begin(self, status) || sqlite_set_meta(self, "lossy", is_lossy, status) ||
                 (reserved > 0 && sqlite_set_meta(self, "reserved", reserved, status)) ||
                 sqlite_commit(self, status);
    if (failed)
        sqlite_roll_back(self);
    return failed ? -1 : 0;
}

static void close_log(struct log *log)
{
    struct log_sqlite *self = sqlite_of(log);
    sqlite_disconnect(self);
    mem_free(self->path);
    mem_free(self->vfs);
    mem_free(self);
}

static const struct log_operations operations = {
    .open = open_log,
    .read = read_log,
    .append = append,
    .remove = remove_rows,
    .is_untidy = is_untidy,
    .tidy = tidy,
    .mark = mark,
    .salvage = sqlite_salvage,
    .close = close_log,
};

struct log *log_sqlite_create(const char *path, const char *vfs)
{
    struct log_sqlite *self = mem_alloc(sizeof(*self));
    self->log.operations = &operations;
    self->path = mem_copy_text(path);
    self->vfs = vfs ? mem_copy_text(vfs) : NULL;
    self->log.name = self->path;
    return &self->log;
}
