/* The narrow interface below the store: a log of opaque records.
 *
 * A record is one transaction: n rows of consecutive revisions, each row the
 * bytes of one object change with its own checksum, which the store makes and
 * checks. append() puts whole records behind revision `after`, succeeds only if
 * the log's head is exactly there and the caller's epoch is current, and returns
 * when they are durable. A record that is over the backend's limit is split in
 * parts, and exists when its last part does.
 *
 * Three implementations: SQLite (log_sqlite.c, the only SQL), memory with
 * faults for tests (log_memory.c), and memory that splits at a limit. A
 * distributed engine (etcd) would be a fourth.
 *
 * Thread: one at a time; open on any, then the commit lane only. */
#ifndef STORE_LOG_H
#define STORE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buffer.h"
#include "core/status.h"

struct log_row {
    int64_t revision;
    bool ends_record;  /* The last row of its transaction. */
    struct slice data; /* Opaque here. Borrowed. */
};

/* Called for each row in order of revision; -1 stops the reading. */
typedef int log_row_fn(void *context, const struct log_row *row);

struct log_state {
    int64_t head;      /* Highest revision whose record is whole; 0 when empty. */
    int64_t reserved;  /* Revisions up to here may have been given out: start behind it. */
    int64_t epoch;     /* Of the current writer. */
    int64_t compacted; /* Rows up to here that were replaced may be gone. */
    int64_t kept;      /* How many rows up to compacted there are. */
    bool is_lossy;     /* Something was lost, and no operator has said yet that this is known. */
};

struct log_range { /* Revisions first..last. */
    int64_t first;
    int64_t last;
};

/* For salvage(): one range of rows that cannot be read. */
typedef void log_hole_fn(void *context, int64_t first, int64_t last);

struct log;
struct log_operations {
    /* Takes the log for writing: a new epoch, durable. */
    int (*open)(struct log *log, struct log_state *state, struct status *status);
    int (*read)(struct log *log, int64_t after, log_row_fn *row, void *context,
                struct status *status);
    /* reserve: the new log_state.reserved, or 0 to leave it. STATUS_INSUFFICIENT_STORAGE says
     * that nothing was written; any other failure leaves the outcome open. */
    int (*append)(struct log *log, int64_t after, int64_t epoch, const struct log_row *rows,
                  size_t count, int64_t reserve, struct status *status);
    /* Removes rows (replaced ones that have left history) in one small step, all or none, in
     * order with appends; it need not be durable by itself. Notes compacted and kept. */
    int (*remove)(struct log *log, int64_t epoch, const struct log_range *ranges, size_t count,
                  int64_t compacted, int64_t kept, struct status *status);
    /* Is there housekeeping to do (checkpoint, vacuum)? Cheap. */
    bool (*is_untidy)(struct log *log);
    /* One small step of it. */
    int (*tidy)(struct log *log, struct status *status);
    /* Sets log_state.is_lossy and, if not 0, reserved. Durable. */
    int (*mark)(struct log *log, int64_t epoch, bool is_lossy, int64_t reserved,
                struct status *status);
    /* For a damaged log, instead of open(): puts the damaged one aside and makes a new one of all
     * rows that can be read and that keep() gives 0 for; hole() names what cannot be read. The
     * new log is lossy; reserved and compacted are `ahead` behind the highest revision that is
     * known of. Afterwards open() works. */
    int (*salvage)(struct log *log, int64_t ahead, log_row_fn *keep, log_hole_fn *hole,
                   void *context, struct status *status);
    void (*close)(struct log *log); /* Frees it. */
};

struct log {
    const struct log_operations *operations;
    const char *name; /* For messages: the file. */
    bool is_damaged;  /* Set when open() or read() failed because of damage. */
    int64_t sync_us;  /* How long the last append waited for the disk. */
};

/* schema_version that this binary writes; an older binary refuses a newer file. */
#define LOG_SCHEMA_VERSION 1

/* The SQLite file at path, made when absent (mode 0600). vfs: NULL, or the name
 * of an SQLite VFS (tests). Nothing is opened before operations->open(). */
struct log *log_sqlite_create(const char *path, const char *vfs);

struct log_memory_faults { /* All 0: none. May be changed while the log is used. */
    size_t row_size_max;      /* Split rows above it in parts. */
    int64_t fail_append_at;   /* The n-th append to the contents (from 1) fails... */
    bool fail_after_write;    /* ...after having written (outcome unknown). */
    int64_t torn_append_at;   /* The n-th append writes only some parts, and fails. */
    bool is_full;             /* Appends fail with INSUFFICIENT_STORAGE. */
    bool fail_reads;
    int64_t delay_us;         /* Every append takes this long. */
};
/* contents outlives the log and can be opened again: what a restart finds. */
struct log_memory_contents;
struct log_memory_contents *log_memory_contents_create(void);
void log_memory_contents_destroy(struct log_memory_contents *contents);
int64_t log_memory_contents_appends(const struct log_memory_contents *contents); /* So far. */
/* Borrows both. faults may be NULL. */
struct log *log_memory_create(struct log_memory_contents *contents,
                              const struct log_memory_faults *faults);

#endif
