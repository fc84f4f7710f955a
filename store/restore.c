/* Restoring: a copy of a snapshot's file, checked, with revisions far ahead.
 *
 * The copy is at log level: no row changes, so a snapshot of an older format
 * restores as it would open. The source is only read. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "store/log.h"
#include "store/new_file.h"
#include "store/row.h"
#include "store/store.h"

struct checking {
    int64_t rows;
    bool is_inside_txn;
    struct status *status;
};

static int check_row(void *context, const struct log_row *log_row)
{
    struct checking *checking = context;
    struct row row;
    checking->rows++;
    checking->is_inside_txn = !log_row->ends_record;
    return row_decode(log_row->revision, log_row->data, &row, checking->status);
}

static int check_log(struct log *log, const struct log_state *state, int64_t *rows,
                     struct status *status)
{
    struct checking checking = {.status = status};
    if (log->operations->read(log, 0, check_row, &checking, status) != 0)
        return -1;
    if (checking.is_inside_txn || checking.rows < state->kept)
        return status_fail(status, STATUS_INTERNAL_ERROR, "rows are missing");
    *rows = checking.rows;
    return 0;
}

/* All that the copy has is compacted, and everything from here on is far ahead. */
static int move_ahead(struct log *log, const struct log_state *state, int64_t rows,
                      struct status *status)
{
    int64_t highest = state->head > state->reserved ? state->head : state->reserved;
    int64_t start = highest + STORE_LOSS_JUMP;
    int failed = log->operations->remove(log, state->epoch, NULL, 0, start, rows, status) ||
                 log->operations->mark(log, state->epoch, true, start, status);
    return failed ? -1 : 0;
}

static int restore_log(const char *path, struct status *status)
{
    struct log *log = log_sqlite_create(path, NULL);
    struct log_state state;
    int64_t rows = 0;
    int failed = log->operations->open(log, &state, status) ||
                 check_log(log, &state, &rows, status) || move_ahead(log, &state, rows, status);
    log->operations->close(log);
    return failed ? -1 : 0;
}

/* SQLite locks the bytes from 1 GB on while a file is open. */
static bool is_in_use(const char *path)
{
    struct flock lock = {
        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0x40000000, .l_len = 512};
    int file = open(path, O_RDWR | O_CLOEXEC);
    bool is_locked = file >= 0 && fcntl(file, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
    if (file >= 0)
        close(file);
    return is_locked;
}

static int copy_file(const char *from, const char *to, struct status *status)
{
    char *from_wal = new_file_name(from, "-wal");
    char *to_wal = new_file_name(to, "-wal");
    int failed = new_file_copy(from, to, status) || new_file_copy(from_wal, to_wal, status);
    mem_free(from_wal);
    mem_free(to_wal);
    return failed ? -1 : 0;
}

int store_restore(const char *path_from, const char *path_to, struct status *status)
{
    if (access(path_to, F_OK) == 0)
        return status_fail(status, STATUS_ALREADY_EXISTS, "%s exists; move it away first", path_to);
    if (access(path_from, R_OK) != 0)
        return status_fail(status, STATUS_NOT_FOUND, "cannot read %s: %s", path_from,
                           strerror(errno));
    if (is_in_use(path_from))
        return status_fail(status, STATUS_CONFLICT,
                           "%s is in use by a server; save a snapshot of it instead", path_from);
    char *new = new_file_name(path_to, ".new");
    new_file_remove(new);
    int failed = copy_file(path_from, new, status) || restore_log(new, status) ||
                 new_file_publish(new, path_to, status);
    if (failed)
        status_wrap(status, "%s", path_from);
    new_file_remove(new);
    mem_free(new);
    return failed ? -1 : 0;
}
