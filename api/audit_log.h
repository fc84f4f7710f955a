/* The audit log as a file: lines in, written in the background, a new file when one is full.
 *
 * A line is only appended to memory; a thread of LANE_HOST writes what has come
 * together. While it writes, up to AUDIT_PENDING_MAX bytes wait; what comes
 * beyond is dropped, counted and said in the server's own log, once for each run
 * of losses: requests are never held up by this disk. A file that a line would
 * take over its size is renamed NAME-TIME.EXT (as upstream's lumberjack does), and
 * of those only the youngest are kept.
 *
 * Thread: the loop's. */
#ifndef API_AUDIT_LOG_H
#define API_AUDIT_LOG_H

#include "core/metrics.h"
#include "core/net/loop.h"
#include "core/status.h"

#define AUDIT_PENDING_MAX ((size_t)8 << 20)

struct audit_log_options {
    struct loop *loop;
    struct metrics *metrics;  /* May be NULL. */
    const char *path;
    int64_t size_max;         /* Bytes of one file; 0: no limit. */
    int64_t backups_max;      /* Full files that are kept; 0: all. */
};

struct audit_log;
/* Opens the file at its end, making it (mode 0600). Fails with INTERNAL_ERROR. */
struct audit_log *audit_log_open(const struct audit_log_options *options, struct status *status);
/* Appends a line; the newline is added. */
void audit_log_write(struct audit_log *log, struct slice line);
int64_t audit_log_dropped(const struct audit_log *log);
/* Calls stopped() once no thread writes any more, perhaps before it returns. */
void audit_log_stop(struct audit_log *log, void (*stopped)(void *context), void *context);
/* Writes what still waits, and closes. No thread may be writing: after audit_log_stop(), or
 * before the loop has run. Takes NULL. */
void audit_log_close(struct audit_log *log);

#endif
