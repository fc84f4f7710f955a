/* Reading a container's log: lines in CRI's format, from where somebody wants them.
 *
 *   2026-11-23T03:13:37.182706553+00:00 stdout F text
 *   the time of writing, the stream, F for a full line or P for a part of one, the bytes
 *
 * A reader is pulled: it gives what is there, a piece at a time. What it cannot read as a line
 * it passes over. Upstream: k8s.io/cri-client pkg/logs. Reads block, on files in the page cache. */
#ifndef KUBELET_CONTAINER_LOG_H
#define KUBELET_CONTAINER_LOG_H

#include "core/buffer.h"
#include "core/status.h"

struct log_entry { /* Borrowed from the line. */
    struct slice time;      /* As written. */
    int64_t time_us;        /* Wall clock; 0: not readable. */
    bool is_stderr;
    bool is_partial;        /* Its line goes on in the next entry. */
    struct slice text;
};
/* line is without its newline; false when it is none of CRI's. */
bool log_entry_read(struct slice line, struct log_entry *entry);

struct log_options {
    int64_t tail_lines;     /* -1: all. */
    int64_t limit_bytes;    /* -1: no limit. */
    int64_t since_us;       /* Entries before it are passed over; 0: none. */
    bool has_timestamps;
};

struct log_reader {
    struct log_options options;
    char *path;
    int fd;                 /* -1: the file is not there yet. */
    int64_t offset;         /* Of what is read next. */
    struct buffer input;    /* Read, and not yet given. */
    int64_t given;          /* Bytes, ever. */
};

void log_reader_init(struct log_reader *reader, const char *path,
                     const struct log_options *options);
void log_reader_release(struct log_reader *reader);

enum log_state {
    LOG_MORE,  /* There may be more at once. */
    LOG_END,   /* All that was written was given. */
    LOG_FULL,  /* limit_bytes were given: nothing more will come. */
};
/* Appends a piece of at most about 64 KiB to out. */
enum log_state log_reader_read(struct log_reader *reader, struct buffer *out);
/* The writer has ended: a last line without its end is given too. */
void log_reader_finish(struct log_reader *reader, struct buffer *out);

#endif
