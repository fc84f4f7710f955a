/* Salvage: a new file with the rows of a damaged one that can be read.
 *
 * A marker beside the file (PATH.salvaging, holding the name under which the
 * damaged file is put aside) is there from before the first step until after
 * the last, so that a salvage that was cut off is neither taken for a good
 * file nor for a missing one: the next opening refuses, the next salvage goes
 * on from the file put aside.
 *
 * Reading goes on behind pages that SQLite calls corrupt by asking for later
 * revisions: first each of the next ones, then in doubling steps, then back by
 * halves to the first that can be read. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "store/log_sqlite_private.h"
#include "store/new_file.h"

#define PROBES_ONE_BY_ONE 4096
#define ROWS_PER_TXN 256

struct salvage {
    struct log_sqlite from;  /* The damaged file, put aside; its path is ours. */
    struct log_sqlite to;    /* The new one. */
    sqlite3_stmt *probe;
    int64_t ahead;
    int64_t rows;
    int64_t highest;
    log_row_fn *keep;
    log_hole_fn *hole;
    void *context;
    struct status *status;
};

char *sqlite_salvage_marker(const struct log_sqlite *self)
{
    return new_file_name(self->path, ".salvaging");
}

static int fail_system(struct status *status, const char *what, const char *path)
{
    return status_fail(status, STATUS_INTERNAL_ERROR, "cannot %s %s: %s", what, path,
                       strerror(errno));
}

/* --- Files --- */

/* The first name PATH.damaged-N that is free. */
static char *name_aside(const char *path)
{
    for (int n = 1;; n++) {
        char ending[32];
        snprintf(ending, sizeof(ending), ".damaged-%d", n);
        char *name = new_file_name(path, ending);
        if (access(name, F_OK) != 0)
            return name;
        mem_free(name);
    }
}

static int write_marker(const char *marker, const char *aside, struct status *status)
{
    FILE *file = fopen(marker, "we");
    int failed = file == NULL || fputs(aside, file) == EOF;
    if (file && fclose(file) != 0)
        failed = 1;
    if (failed)
        return fail_system(status, "write", marker);
    if (new_file_sync(marker, false) != 0 || new_file_sync_folder_of(marker) != 0)
        return fail_system(status, "sync", marker);
    return 0;
}

/* The name in the marker, or NULL. */
static char *read_marker(const char *marker)
{
    char name[4096];
    FILE *file = fopen(marker, "re");
    if (file == NULL)
        return NULL;
    size_t size = fread(name, 1, sizeof(name) - 1, file);
    fclose(file);
    return size > 0 ? mem_copy_slice((struct slice){name, size}) : NULL;
}

/* Moves a file unless that was done before. */
static int move_aside(const char *path, const char *aside, const char *ending,
                      struct status *status)
{
    char *from = new_file_name(path, ending);
    char *to = new_file_name(aside, ending);
    int failed = access(to, F_OK) != 0 && access(from, F_OK) == 0 && rename(from, to) != 0;
    if (failed)
        fail_system(status, "rename", from);
    mem_free(from);
    mem_free(to);
    return failed ? -1 : 0;
}

static int put_aside(struct salvage *salvage, const char *path, const char *marker)
{
    char *aside = read_marker(marker);
    int failed = 0;
    if (aside == NULL) {
        aside = name_aside(path);
        failed = write_marker(marker, aside, salvage->status);
    }
    salvage->from.path = aside;
    failed = failed || move_aside(path, aside, "", salvage->status) ||
             move_aside(path, aside, "-wal", salvage->status);
    if (!failed && new_file_sync_folder_of(path) != 0)
        failed = fail_system(salvage->status, "sync the folder of", path);
    return failed ? -1 : 0;
}

/* --- Reading what can be read --- */

/* The first revision >= from that can be read; *found -1: there is none. */
static int probe(struct salvage *salvage, int64_t from, int64_t *found)
{
    sqlite3_reset(salvage->probe);
    sqlite3_bind_int64(salvage->probe, 1, from - 1);
    int code = sqlite3_step(salvage->probe);
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        return -1;
    *found = code == SQLITE_ROW ? sqlite3_column_int64(salvage->probe, 0) : -1;
    return 0;
}

/* Between a revision where reading fails and one where it works, the first where it works. */
static int64_t halve(struct salvage *salvage, int64_t bad, int64_t good, int64_t *found)
{
    while (good - bad > 1) {
        int64_t middle = bad + (good - bad) / 2;
        if (probe(salvage, middle, found) == 0)
            good = middle;
        else
            bad = middle;
    }
    return good;
}

/* Reading failed behind `last`: gives the next revision that can be read, or -1. */
static int64_t find_next(struct salvage *salvage, int64_t last)
{
    int64_t found;
    int64_t bad = last + 1;
    for (int i = 0; i < PROBES_ONE_BY_ONE; i++, bad++) {
        if (probe(salvage, bad + 1, &found) == 0)
            return found;
    }
    for (int64_t step = 2; step < INT64_MAX / 4 - bad; step *= 2) {
        if (probe(salvage, bad + step, &found) != 0)
            continue;
        int64_t good = halve(salvage, bad + step / 2, bad + step, &found);
        return probe(salvage, good, &found) == 0 ? found : -1;
    }
    return -1;
}

static int keep_row(struct salvage *salvage, const struct log_row *row)
{
    if (row->revision > salvage->highest)
        salvage->highest = row->revision;
    if (salvage->keep(salvage->context, row) != 0)
        return 0;
    struct log_row kept = *row;
    kept.ends_record = row->ends_record;
    if (salvage->rows++ % ROWS_PER_TXN == 0 && (sqlite_commit(&salvage->to, salvage->status) ||
                                                sqlite_begin(&salvage->to, salvage->status)))
        return -1;
    return sqlite_insert(&salvage->to, &kept, salvage->status);
}

/* Reads on from behind *last until the end (1), a bad page (0) or a failure to write (-1). */
static int read_run(struct salvage *salvage, int64_t *last)
{
    sqlite3_stmt *read = salvage->from.read;
    int code;
    int failed = 0;
    sqlite3_bind_int64(read, 1, *last);
    while (!failed && (code = sqlite3_step(read)) == SQLITE_ROW) {
        struct log_row row = sqlite_row(read);
        *last = row.revision;
        failed = keep_row(salvage, &row);
    }
    sqlite3_reset(read);
    if (failed)
        return -1;
    return code == SQLITE_DONE;
}

static int copy_rows(struct salvage *salvage)
{
    int64_t last = 0;
    int result;
    while ((result = read_run(salvage, &last)) == 0) {
        int64_t next = find_next(salvage, last);
        salvage->hole(salvage->context, last + 1, next < 0 ? INT64_MAX : next - 1);
        if (next < 0)
            return 0;
        last = next - 1;
    }
    return result < 0 ? -1 : 0;
}

/* --- The whole --- */

static int write_meta(struct salvage *salvage)
{
    struct status ignored;
    status_init(&ignored);
    int64_t reserved = 0; /* May be unreadable; rows then say how far revisions went. */
    int64_t epoch = 0;
    if (sqlite_number(&salvage->from, "SELECT value FROM meta WHERE name='reserved'", 0, &reserved,
                      &ignored) ||
        sqlite_number(&salvage->from, "SELECT value FROM meta WHERE name='epoch'", 0, &epoch,
                      &ignored))
        status_clear(&ignored);
    status_release(&ignored);
    int64_t start = (reserved > salvage->highest ? reserved : salvage->highest) + salvage->ahead;
    struct log_sqlite *to = &salvage->to;
    int failed = sqlite_set_meta(to, "epoch", epoch, salvage->status) ||
                 sqlite_set_meta(to, "reserved", start, salvage->status) ||
                 sqlite_set_meta(to, "compacted", start, salvage->status) ||
                 sqlite_set_meta(to, "kept", salvage->rows, salvage->status) ||
                 sqlite_set_meta(to, "lossy", 1, salvage->status);
    return failed ? -1 : 0;
}

static int copy_log(struct salvage *salvage)
{
    struct log_sqlite *from = &salvage->from;
    if (sqlite_connect(from, salvage->status) != 0)
        return -1;
    sqlite3_db_config(from->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    const char *sql = "SELECT revision, flags, data FROM log WHERE revision > ? "
                      "ORDER BY revision LIMIT 1";
    if (sqlite3_prepare_v2(from->db, sql, -1, &salvage->probe, NULL) != SQLITE_OK)
        return sqlite_fail(from, salvage->status, "salvage");
    int failed = sqlite_connect(&salvage->to, salvage->status) ||
                 sqlite_begin(&salvage->to, salvage->status) || copy_rows(salvage) ||
                 write_meta(salvage) || sqlite_commit(&salvage->to, salvage->status);
    return failed ? -1 : 0;
}

static int replace(struct salvage *salvage, const char *path, const char *marker)
{
    struct status *status = salvage->status;
    if (new_file_sync(salvage->to.path, false) != 0)
        return fail_system(status, "sync", salvage->to.path);
    if (rename(salvage->to.path, path) != 0)
        return fail_system(status, "rename", salvage->to.path);
    if (new_file_sync_folder_of(path) != 0)
        return fail_system(status, "sync the folder of", path);
    unlink(marker);
    return new_file_sync_folder_of(path) == 0 ? 0 : fail_system(status, "sync", marker);
}

int sqlite_salvage(struct log *log, int64_t ahead, log_row_fn *keep, log_hole_fn *hole,
                   void *context, struct status *status)
{
    struct log_sqlite *self = sqlite_of(log);
    if (self->vfs)
        return status_fail(status, STATUS_INTERNAL_ERROR, "files of a VFS cannot be salvaged");
    struct salvage salvage = {
        .ahead = ahead, .keep = keep, .hole = hole, .context = context, .status = status};
    if (self->db) /* What is in the WAL is put aside as it is. */
        sqlite3_db_config(self->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    sqlite_disconnect(self);
    char *marker = sqlite_salvage_marker(self);
    salvage.to.path = new_file_name(self->path, ".new");
    new_file_remove(salvage.to.path);
    int failed = put_aside(&salvage, self->path, marker) || copy_log(&salvage);
    sqlite3_finalize(salvage.probe);
    sqlite_disconnect(&salvage.from);
    sqlite_disconnect(&salvage.to);
    failed = failed || replace(&salvage, self->path, marker);
    mem_free(salvage.from.path);
    mem_free(salvage.to.path);
    mem_free(marker);
    return failed ? -1 : 0;
}
