/* A log in memory, for tests: with faults, and splitting rows at a limit.
 *
 * It is the simplest thing that keeps the contract, and it keeps records the
 * way a backend with a limit on values must: in parts, each with its place in
 * its row, a record being there when its last part is. */
#include <time.h>

#include "store/log.h"

struct part {
    int64_t revision;
    bool ends_row;
    bool ends_record;
    char *data;
    size_t size;
};

struct log_memory_contents {
    struct part *parts;
    size_t count;
    size_t capacity;
    struct log_state state;
    int64_t appends; /* By all logs on it. */
};

struct log_memory {
    struct log log;
    struct log_memory_contents *contents;
    const struct log_memory_faults *faults;
};

static const struct log_memory_faults no_faults;

static struct log_memory *memory_of(struct log *log)
{
    return CONTAINER_OF(log, struct log_memory, log);
}

struct log_memory_contents *log_memory_contents_create(void)
{
    return mem_alloc(sizeof(struct log_memory_contents));
}

static void truncate_parts(struct log_memory_contents *contents, size_t count)
{
    while (contents->count > count)
        mem_free(contents->parts[--contents->count].data);
}

int64_t log_memory_contents_appends(const struct log_memory_contents *contents)
{
    return contents->appends;
}

void log_memory_contents_destroy(struct log_memory_contents *contents)
{
    if (contents == NULL)
        return;
    truncate_parts(contents, 0);
    mem_free(contents->parts);
    mem_free(contents);
}

static void add_part(struct log_memory_contents *contents, struct part part, const char *data)
{
    if (contents->count == contents->capacity) {
        contents->capacity = contents->capacity > 0 ? contents->capacity * 2 : 64;
        contents->parts =
            mem_resize(contents->parts, contents->capacity * sizeof(*contents->parts));
    }
    part.data = mem_copy_slice((struct slice){data, part.size});
    contents->parts[contents->count++] = part;
}

static void add_row(struct log_memory *memory, const struct log_row *row)
{
    size_t limit =
        memory->faults->row_size_max > 0 ? memory->faults->row_size_max : row->data.size + 1;
    size_t done = 0;
    do {
        size_t size = row->data.size - done < limit ? row->data.size - done : limit;
        bool ends_row = done + size == row->data.size;
        struct part part = {row->revision, ends_row, ends_row && row->ends_record, NULL, size};
        add_part(memory->contents, part, row->data.data + done);
        done += size;
    } while (done < row->data.size);
}

/* Parts that belong to whole records. */
static size_t whole_parts(const struct log_memory_contents *contents)
{
    size_t count = contents->count;
    while (count > 0 && !contents->parts[count - 1].ends_record)
        count--;
    return count;
}

static int64_t head_of(const struct log_memory_contents *contents)
{
    size_t count = whole_parts(contents);
    return count > 0 ? contents->parts[count - 1].revision : 0;
}

static int open_log(struct log *log, struct log_state *state, struct status *status)
{
    struct log_memory_contents *contents = memory_of(log)->contents;
    (void)status;
    truncate_parts(contents, whole_parts(contents));
    contents->state.epoch++;
    contents->state.head = head_of(contents);
    *state = contents->state;
    return 0;
}

static int read_log(struct log *log, int64_t after, log_row_fn *row, void *context,
                    struct status *status)
{
    const struct log_memory_contents *contents = memory_of(log)->contents;
    if (memory_of(log)->faults->fail_reads)
        return status_fail(status, STATUS_INTERNAL_ERROR, "planned fault: read");
    struct buffer data;
    buffer_init(&data);
    int failed = 0;
    for (size_t i = 0; i < whole_parts(contents) && !failed; i++) {
        const struct part *part = &contents->parts[i];
        if (part->revision <= after)
            continue;
        buffer_append(&data, part->data, part->size);
        if (!part->ends_row)
            continue;
        struct log_row whole = {part->revision, part->ends_record, buffer_slice(&data)};
        failed = row(context, &whole);
        buffer_clear(&data);
    }
    buffer_release(&data);
    return failed;
}

static void wait_us(int64_t us)
{
    struct timespec time = {us / 1000000, (us % 1000000) * 1000};
    if (us > 0)
        nanosleep(&time, NULL);
}

static int check_place(const struct log_memory *memory, int64_t after, int64_t epoch,
                       struct status *status)
{
    const struct log_memory_contents *contents = memory->contents;
    if (epoch != contents->state.epoch)
        return status_fail(status, STATUS_CONFLICT, "the log has another writer (epoch %lld)",
                           (long long)contents->state.epoch);
    if (after != head_of(contents))
        return status_fail(status, STATUS_CONFLICT, "the log ends at %lld, not at %lld",
                           (long long)head_of(contents), (long long)after);
    return 0;
}

/* Rows up to the half of the last one. */
static void tear(struct log_memory *memory, const struct log_row *rows, size_t count)
{
    for (size_t i = 0; i + 1 < count; i++)
        add_row(memory, &rows[i]);
    struct log_row half = rows[count - 1];
    half.ends_record = false;
    add_row(memory, &half);
}

static int append(struct log *log, int64_t after, int64_t epoch, const struct log_row *rows,
                  size_t count, int64_t reserve, struct status *status)
{
    struct log_memory *memory = memory_of(log);
    const struct log_memory_faults *faults = memory->faults;
    int64_t n = ++memory->contents->appends;
    wait_us(faults->delay_us);
    log->sync_us = faults->delay_us;
    if (check_place(memory, after, epoch, status) != 0)
        return -1;
    if (faults->is_full)
        return status_fail(status, STATUS_INSUFFICIENT_STORAGE, "planned fault: no space");
    bool fails = n == faults->fail_append_at;
    if (fails && !faults->fail_after_write)
        return status_fail(status, STATUS_INTERNAL_ERROR, "planned fault: append");
    truncate_parts(memory->contents, whole_parts(memory->contents));
    if (n == faults->torn_append_at) {
        tear(memory, rows, count);
        return status_fail(status, STATUS_INTERNAL_ERROR, "planned fault: torn");
    }
    for (size_t i = 0; i < count; i++)
        add_row(memory, &rows[i]);
    if (reserve > 0)
        memory->contents->state.reserved = reserve;
    if (fails)
        return status_fail(status, STATUS_INTERNAL_ERROR, "planned fault: answer lost");
    return 0;
}

static bool is_in(int64_t revision, const struct log_range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (revision >= ranges[i].first && revision <= ranges[i].last)
            return true;
    }
    return false;
}

static int remove_rows(struct log *log, int64_t epoch, const struct log_range *ranges, size_t count,
                       int64_t compacted, int64_t kept, struct status *status)
{
    struct log_memory_contents *contents = memory_of(log)->contents;
    if (check_place(memory_of(log), head_of(contents), epoch, status) != 0)
        return -1;
    size_t left = 0;
    for (size_t i = 0; i < contents->count; i++) {
        if (is_in(contents->parts[i].revision, ranges, count))
            mem_free(contents->parts[i].data);
        else
            contents->parts[left++] = contents->parts[i];
    }
    contents->count = left;
    contents->state.compacted = compacted;
    contents->state.kept = kept;
    return 0;
}

static bool is_untidy(struct log *log)
{
    (void)log;
    return false;
}

static int tidy(struct log *log, struct status *status)
{
    (void)log;
    (void)status;
    return 0;
}

static int mark(struct log *log, int64_t epoch, bool is_lossy, int64_t reserved,
                struct status *status)
{
    struct log_memory_contents *contents = memory_of(log)->contents;
    if (check_place(memory_of(log), head_of(contents), epoch, status) != 0)
        return -1;
    contents->state.is_lossy = is_lossy;
    if (reserved > 0)
        contents->state.reserved = reserved;
    return 0;
}

static int salvage(struct log *log, int64_t ahead, log_row_fn *keep, log_hole_fn *hole,
                   void *context, struct status *status)
{
    struct log_memory_contents *contents = memory_of(log)->contents;
    struct log_state *state = &contents->state;
    (void)hole;
    (void)status;
    int64_t highest = head_of(contents) > state->reserved ? head_of(contents) : state->reserved;
    size_t left = 0;
    int64_t rows = 0;
    for (size_t i = 0; i < contents->count; i++) {
        struct part *part = &contents->parts[i];
        struct log_row row = {part->revision, part->ends_record, {part->data, part->size}};
        if (keep(context, &row) != 0) {
            mem_free(part->data);
            continue;
        }
        part->ends_record = true; /* What stood beside it may be gone. */
        contents->parts[left++] = *part;
        rows++;
    }
    contents->count = left;
    *state = (struct log_state){.epoch = state->epoch,
                                .reserved = highest + ahead,
                                .compacted = highest + ahead,
                                .kept = rows,
                                .is_lossy = true};
    return 0;
}

static void close_log(struct log *log)
{
    mem_free(memory_of(log));
}

static const struct log_operations operations = {
    .open = open_log,
    .read = read_log,
    .append = append,
    .remove = remove_rows,
    .is_untidy = is_untidy,
    .tidy = tidy,
    .mark = mark,
    .salvage = salvage,
    .close = close_log,
};

struct log *log_memory_create(struct log_memory_contents *contents,
                              const struct log_memory_faults *faults)
{
    struct log_memory *memory = mem_alloc(sizeof(*memory));
    memory->log.operations = &operations;
    memory->log.name = "memory";
    memory->contents = contents;
    memory->faults = faults ? faults : &no_faults;
    return &memory->log;
}
