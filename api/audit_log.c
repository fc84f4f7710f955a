#include "api/audit_log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/trace.h"

struct audit_log {
    struct loop *loop;
    struct metrics *metrics;
    struct metric dropped_metric;
    char *path;
    int64_t size_max;
    int64_t backups_max;
    struct buffer pending;
    int64_t dropped;
    bool is_losing;    /* Said already. */
    bool is_writing;
    void (*stopped)(void *context);
    void *context;
    /* The writer's while is_writing: */
    struct task task;
    struct buffer batch;
    int file;
    int64_t size;
    int64_t now_us;    /* Wall, when the batch was handed over. */
    int error;         /* errno of a write that failed, 0. */
};

/* --- The writer --- */

static int open_file(struct audit_log *log)
{
    struct stat found;
    log->file = open(log->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (log->file < 0 || fstat(log->file, &found) < 0)
        return -1;
    log->size = found.st_size;
    return 0;
}

/* "audit.log" -> "audit" and ".log", both behind the folder. */
static void split_path(const struct audit_log *log, struct slice *folder, struct slice *stem,
                       struct slice *end)
{
    struct slice path = slice_of(log->path);
    const char *slash = strrchr(log->path, '/');
    size_t name = slash ? (size_t)(slash - log->path) + 1 : 0;
    const char *dot = strrchr(log->path + name, '.');
    size_t split = dot && dot > log->path + name ? (size_t)(dot - log->path) : path.size;
    *folder = name > 1 ? slice_sub(path, 0, name - 1) : slash ? SLICE("/") : SLICE(".");
    *stem = slice_sub(path, name, split);
    *end = slice_sub(path, split, path.size);
}

/* audit-2026-11-24T01-23-45.678901.log: names in order of time. */
static void rename_full(struct audit_log *log)
{
    struct slice folder, stem, end;
    struct buffer to = {0};
    char time[TIME_TEXT_SIZE];
    split_path(log, &folder, &stem, &end);
    time_format_micro(log->now_us, time);
    time[strlen(time) - 1] = '\0'; /* Z */
    for (char *c = time; *c; c++)
        *c = *c == ':' ? '-' : *c;
    buffer_format(&to, SLICE_FORMAT "/" SLICE_FORMAT "-%s" SLICE_FORMAT, SLICE_ARGS(folder),
                  SLICE_ARGS(stem), time, SLICE_ARGS(end));
    if (rename(log->path, to.data) < 0)
        log->error = errno;
    buffer_release(&to);
}

static bool is_backup(const char *name, struct slice stem, struct slice end)
{
    struct slice text = slice_of(name);
    size_t fixed = stem.size + 1 + end.size;
    return text.size > fixed && slice_starts_with(text, stem) && text.data[stem.size] == '-' &&
           text.data[stem.size + 1] >= '0' && text.data[stem.size + 1] <= '9' &&
           slice_ends_with(text, end);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void remove_one(struct slice folder, const char *name)
{
    struct buffer path = {0};
    buffer_format(&path, SLICE_FORMAT "/%s", SLICE_ARGS(folder), name);
    unlink(path.data);
    buffer_release(&path);
}

static void remove_oldest(struct audit_log *log)
{
    struct slice folder, stem, end;
    char **names = NULL;
    size_t count = 0;
    split_path(log, &folder, &stem, &end);
    char *folder_path = mem_copy_slice(folder);
    DIR *directory = log->backups_max > 0 ? opendir(folder_path) : NULL;
    for (struct dirent *entry; directory && (entry = readdir(directory));) {
        if (!is_backup(entry->d_name, stem, end))
            continue;
        names = mem_resize(names, (count + 1) * sizeof(*names));
        names[count++] = mem_copy_text(entry->d_name);
    }
    if (directory)
        closedir(directory);
    if (count > 0)
        qsort(names, count, sizeof(*names), compare_names);
    for (size_t i = 0; i < count; i++) {
        if (i + (size_t)log->backups_max < count)
            remove_one(folder, names[i]);
        mem_free(names[i]);
    }
    mem_free(names);
    mem_free(folder_path);
}

static void rotate(struct audit_log *log)
{
    close(log->file);
    rename_full(log);
    remove_oldest(log);
    if (open_file(log) < 0)
        log->error = errno;
}

static void write_all(struct audit_log *log, struct slice bytes)
{
    while (bytes.size > 0 && log->file >= 0) {
        ssize_t written = write(log->file, bytes.data, bytes.size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0) {
            log->error = errno;
            return;
        }
        log->size += written;
        bytes = slice_sub(bytes, (size_t)written, bytes.size);
    }
}

/* Lines that fit the file together are written at once. */
static void write_batch(struct audit_log *log)
{
    struct slice rest = buffer_slice(&log->batch);
    log->error = 0;
    while (rest.size > 0) {
        size_t end = 0;
        for (size_t i = 0; i < rest.size; i++) {
            bool fits = log->size_max == 0 || log->size + (int64_t)i + 1 <= log->size_max;
            if (rest.data[i] == '\n' && (fits || end == 0))
                end = i + 1;
            if (!fits && end > 0)
                break;
        }
        bool fits = log->size_max == 0 || log->size + (int64_t)end <= log->size_max;
        if (!fits && log->size > 0) {
            rotate(log);
            if (log->error)
                return;
            continue;
        }
        write_all(log, slice_sub(rest, 0, end));
        rest = slice_sub(rest, end, rest.size);
    }
}

static void work(struct task *task)
{
    write_batch(CONTAINER_OF(task, struct audit_log, task));
}

/* --- On the loop --- */

static void hand_over(struct audit_log *log);

static void written(struct task *task)
{
    struct audit_log *log = CONTAINER_OF(task, struct audit_log, task);
    log->is_writing = false;
    if (log->error)
        log_line(LOG_WARN, "the audit log could not be written", "path=%s why=\"%s\"", log->path,
                 strerror(log->error));
    buffer_clear(&log->batch);
    if (log->stopped)
        log->stopped(log->context);
    else
        hand_over(log);
}

static void swap_buffers(struct audit_log *log)
{
    struct buffer empty = log->batch;
    log->batch = log->pending;
    log->pending = empty;
    log->now_us = clock_wall_us(loop_clock(log->loop));
    log->is_losing = false;
}

static void hand_over(struct audit_log *log)
{
    if (log->is_writing || log->stopped || log->pending.size == 0)
        return;
    swap_buffers(log);
    log->is_writing = true;
    log->task.work = work;
    log->task.done = written;
    loop_submit(log->loop, LANE_HOST, &log->task);
}

static void drop(struct audit_log *log)
{
    log->dropped++;
    metric_add(&log->dropped_metric, 1);
    if (log->is_losing)
        return;
    log->is_losing = true;
    log_line(LOG_WARN, "audit events are dropped: their disk is too slow", "path=%s dropped=%lld",
             log->path, (long long)log->dropped);
}

void audit_log_write(struct audit_log *log, struct slice line)
{
    if (log->pending.size + line.size + 1 > AUDIT_PENDING_MAX) {
        drop(log);
        return;
    }
    buffer_append_slice(&log->pending, line);
    buffer_append_byte(&log->pending, '\n');
    hand_over(log);
}

int64_t audit_log_dropped(const struct audit_log *log)
{
    return log->dropped;
}

/* --- Life --- */

struct audit_log *audit_log_open(const struct audit_log_options *options, struct status *status)
{
    struct audit_log *log = mem_alloc(sizeof(*log));
    log->loop = options->loop;
    log->metrics = options->metrics;
    log->path = mem_copy_text(options->path);
    log->size_max = options->size_max;
    log->backups_max = options->backups_max;
    log->dropped_metric = (struct metric){
        .type = METRIC_COUNTER,
        .name = "apiserver_audit_error_total",
        .labels = "plugin=\"log\"",
        .help = "Audit events that were dropped.",
    };
    if (open_file(log) < 0) {
        status_fail(status, STATUS_INTERNAL_ERROR, "cannot open the audit log %s: %s",
                    options->path, strerror(errno));
        mem_free(log->path);
        mem_free(log);
        return NULL;
    }
    if (log->metrics)
        metrics_add(log->metrics, &log->dropped_metric);
    return log;
}

void audit_log_stop(struct audit_log *log, void (*stopped)(void *context), void *context)
{
    log->stopped = stopped;
    log->context = context;
    if (!log->is_writing)
        stopped(context);
}

void audit_log_close(struct audit_log *log)
{
    if (!log)
        return;
    PRE(!log->is_writing);
    swap_buffers(log);
    write_batch(log);
    if (log->file >= 0)
        close(log->file);
    if (log->metrics)
        metrics_remove(log->metrics, &log->dropped_metric);
    buffer_release(&log->pending);
    buffer_release(&log->batch);
    mem_free(log->path);
    mem_free(log);
}
