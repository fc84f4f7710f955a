/* What log_sqlite.c and log_sqlite_salvage.c share. */
#ifndef STORE_LOG_SQLITE_PRIVATE_H
#define STORE_LOG_SQLITE_PRIVATE_H

#include <sqlite3.h>

#include "store/log.h"

struct log_sqlite {
    struct log log;
    char *path;
    char *vfs;          /* NULL: SQLite's own. */
    sqlite3 *db;        /* NULL while closed. */
    sqlite3_stmt *begin, *commit, *rollback, *insert, *remove, *set_meta, *read;
    int64_t epoch;
    int64_t head;       /* -1: not known after a failure. */
    int wal_frames;     /* In the WAL and not yet in the database. */
    bool has_freed;     /* Pages may have become free since the last look. */
};

static inline struct log_sqlite *sqlite_of(struct log *log)
{
    return CONTAINER_OF(log, struct log_sqlite, log);
}

/* Connects and sets up the connection; makes the file and its tables when absent. */
MUST_USE int sqlite_connect(struct log_sqlite *self, struct status *status);
void sqlite_disconnect(struct log_sqlite *self);
/* Turns the connection's last error into a status, "text: what SQLite says". Returns -1. */
int sqlite_fail(struct log_sqlite *self, struct status *status, const char *text);
MUST_USE int sqlite_run(struct log_sqlite *self, const char *sql, struct status *status);
/* One number; otherwise, when there is no row, `otherwise`. */
MUST_USE int sqlite_number(struct log_sqlite *self, const char *sql, int64_t otherwise,
                           int64_t *value, struct status *status);
MUST_USE int sqlite_begin(struct log_sqlite *self, struct status *status);
MUST_USE int sqlite_commit(struct log_sqlite *self, struct status *status);
void sqlite_roll_back(struct log_sqlite *self);
MUST_USE int sqlite_insert(struct log_sqlite *self, const struct log_row *row,
                           struct status *status);
MUST_USE int sqlite_set_meta(struct log_sqlite *self, const char *name, int64_t value,
                             struct status *status);
/* The row that the read statement stands at. */
struct log_row sqlite_row(sqlite3_stmt *statement);
/* The name beside the file while a salvage is under way. */
char *sqlite_salvage_marker(const struct log_sqlite *self); /* Given. */

int sqlite_salvage(struct log *log, int64_t ahead, log_row_fn *keep, log_hole_fn *hole,
                   void *context, struct status *status);

#endif
