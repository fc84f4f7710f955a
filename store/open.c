/* Opening: from the rows of the log to the state, its history and its garbage.
 *
 * Every row is checked. Up to `compacted` rows may be missing (the log says
 * how many there are); behind it each row names the one before it and the one
 * that it replaces, so that nothing can be missing unseen. */
#include <stdlib.h>

#include "core/kinds/view.h"
#include "store/row.h"
#include "store/store_private.h"

struct opening {
    struct store *store;
    const struct store_options *options;
    struct log_state log;
    struct garbage seen;     /* All rows, as ranges. */
    int64_t last;            /* The row before. */
    int64_t rows_compacted;  /* Rows up to log.compacted. */
    int64_t now_us;
    bool is_inside_txn;
    bool is_damaged;
    int64_t damaged_rows;
    struct buffer view;
    struct status *status;
};

static int fail_damaged(struct opening *opening, const char *format, int64_t revision)
{
    opening->is_damaged = true;
    return status_fail(opening->status, STATUS_INTERNAL_ERROR, format, (long long)revision);
}

static int check_chain(struct opening *opening, const struct row *row)
{
    int64_t compacted = opening->log.compacted;
    if (row->revision <= compacted)
        return 0;
    bool follows =
        row->previous > compacted ? row->previous == opening->last : opening->last <= compacted;
    if (!follows)
        return fail_damaged(opening, "a row before row %lld is missing", row->revision);
    const struct object *current = state_get(&opening->store->head.state, row->key);
    if ((current ? current->revision : 0) != row->replaced)
        return fail_damaged(opening, "what row %lld replaces is missing", row->revision);
    return 0;
}

/* The row's object, its view made anew when it is of another format. */
static struct object *make_object(struct opening *opening, struct row *row)
{
    const struct store_options *options = opening->options;
    if (row->view_format == VIEW_FORMAT)
        return row_to_object(row);
    buffer_clear(&opening->view);
    if (options->remake_view == NULL ||
        options->remake_view(options->remake_context, row->key, row->body, &opening->view) != 0) {
        status_fail(opening->status, STATUS_INTERNAL_ERROR,
                    "row %lld has a view of format %d, which cannot be made anew",
                    (long long)row->revision, row->view_format);
        return NULL;
    }
    row->view = buffer_slice(&opening->view);
    return row_to_object(row);
}

/* Takes the references. */
static void remember(struct opening *opening, const struct row *row, struct object *new,
                     struct object *old)
{
    struct history *history = &opening->store->history;
    struct history_event event = {row->revision,  old,          new, opening->now_us,
                                  row->is_delete, row->ends_txn};
    if (row->revision <= opening->log.compacted) {
        history_event_release(&event);
        return;
    }
    history_add(history, event);
    if (!row->ends_txn)
        return;
    history_mark(history, row->revision, &opening->store->head.state);
    while (history_is_over(history, INT64_MIN, opening->store->history_bytes))
        history_forget_oldest(history, NULL, NULL);
}

static int apply_row(struct opening *opening, struct row *row)
{
    struct object *object = make_object(opening, row);
    if (object == NULL)
        return -1;
    struct state *state = &opening->store->head.state;
    struct object *old =
        row->is_delete ? state_remove(state, row->key) : state_put(state, object_ref(object));
    remember(opening, row, object, old);
    return 0;
}

static int take_row(void *context, const struct log_row *log_row)
{
    struct opening *opening = context;
    struct row row;
    if (row_decode(log_row->revision, log_row->data, &row, opening->status) != 0) {
        opening->is_damaged = true;
        return -1;
    }
    bool is_compacted = row.revision <= opening->log.compacted;
    if (!is_compacted && row.ends_txn != log_row->ends_record)
        return fail_damaged(opening, "row %lld does not end where its record ends", row.revision);
    if (check_chain(opening, &row) != 0 || apply_row(opening, &row) != 0)
        return -1;
    garbage_push(&opening->seen, row.revision, row.revision);
    opening->rows_compacted += is_compacted;
    opening->is_inside_txn = !is_compacted && !row.ends_txn; /* Its end may be compacted away. */
    opening->last = row.revision;
    return 0;
}

static int check_whole(struct opening *opening)
{
    if (opening->rows_compacted != opening->log.kept)
        return fail_damaged(opening, "rows up to %lld are missing", opening->log.compacted);
    if (opening->is_inside_txn)
        return fail_damaged(opening, "the transaction that row %lld is in has no end",
                            opening->last);
    return 0;
}

static int read_log(struct opening *opening)
{
    struct store *store = opening->store;
    struct log *log = store->log;
    log->is_damaged = false;
    if (log->operations->open(log, &opening->log, opening->status) != 0)
        return -1;
    history_init(&store->history, opening->log.compacted);
    int failed =
        log->operations->read(log, 0, take_row, opening, opening->status) || check_whole(opening);
    return failed ? -1 : 0;
}

/* --- What is left of earlier lives --- */

static int compare_revisions(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a;
    int64_t right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

/* Rows that the state or history stands on, in order. Gives the array. */
static int64_t *needed_rows(const struct store *store, size_t *count)
{
    const struct history *history = &store->history;
    size_t events = (size_t)(history->next - history->first);
    size_t n = 0;
    int64_t *needed =
        mem_alloc(((size_t)state_count(&store->head.state) + 2 * events + 1) * sizeof(*needed));
    const void *path[TREE_DEPTH_MAX];
    uint16_t place[TREE_DEPTH_MAX];
    struct tree_cursor cursor = {path, place, 0};
    for (const struct object *object = tree_seek(&store->head.state.objects, SLICE(""), &cursor);
         object; object = tree_next(&cursor))
        needed[n++] = object->revision;
    for (uint64_t i = history->first; i < history->next; i++) {
        const struct history_event *event = history_at(history, i);
        if (event->old)
            needed[n++] = event->old->revision;
        needed[n++] = event->revision;
    }
    qsort(needed, n, sizeof(*needed), compare_revisions);
    *count = n;
    return needed;
}

/* Rows that were read, less those that are needed, are garbage. Rising revisions keep the order
 * that garbage must have: what was deleted comes before its deletion. */
static void find_garbage(struct opening *opening)
{
    struct store *store = opening->store;
    struct garbage *garbage = &store->compactor.garbage;
    size_t count;
    int64_t *needed = needed_rows(store, &count);
    size_t n = 0;
    for (size_t i = 0; i < opening->seen.count; i++) {
        struct log_range range = opening->seen.ranges[opening->seen.first + i];
        for (; n < count && needed[n] <= range.last; n++) {
            if (needed[n] < range.first)
                continue;
            if (needed[n] > range.first)
                garbage_push(garbage, range.first, needed[n] - 1);
            range.first = needed[n] + 1;
        }
        if (range.first <= range.last)
            garbage_push(garbage, range.first, range.last);
    }
    mem_free(needed);
}

/* --- Salvage --- */

static int keep_good_row(void *context, const struct log_row *log_row)
{
    struct opening *opening = context;
    struct row row;
    status_clear(opening->status);
    if (row_decode(log_row->revision, log_row->data, &row, opening->status) == 0)
        return 0;
    opening->damaged_rows++;
    log_line(LOG_ERROR, "row lost", "log=%s revision=%lld why=\"%s\"", opening->store->log->name,
             (long long)log_row->revision, opening->status->message);
    return -1;
}

static void note_hole(void *context, int64_t first, int64_t last)
{
    struct opening *opening = context;
    opening->damaged_rows++;
    log_line(LOG_ERROR, "rows cannot be read", "log=%s first=%lld last=%lld",
             opening->store->log->name, (long long)first, (long long)last);
}

static void start_over(struct opening *opening)
{
    struct store *store = opening->store;
    state_release(&store->head.state);
    history_release(&store->history);
    garbage_release(&opening->seen);
    opening->last = 0;
    opening->rows_compacted = 0;
    opening->is_inside_txn = false;
    opening->is_damaged = false;
}

static int salvage(struct opening *opening)
{
    struct log *log = opening->store->log;
    log_line(LOG_ERROR, "the log is damaged, keeping what is good", "log=%s why=\"%s\"", log->name,
             opening->status->message);
    start_over(opening);
    status_clear(opening->status);
    int failed = log->operations->salvage(log, STORE_LOSS_JUMP, keep_good_row, note_hole, opening,
                                          opening->status);
    if (failed)
        return -1;
    status_clear(opening->status);
    return read_log(opening);
}

static int explain(const struct opening *opening)
{
    const char *what_to_do =
        opening->is_damaged || opening->store->log->is_damaged
            ? "; restore a snapshot, or start with --accept-data-loss to keep what is good "
              "(the damaged file is kept aside)"
            : "";
    return status_fail(opening->status, opening->status->reason, "%s: %s%s",
                       opening->store->log->name, opening->status->message, what_to_do);
}

/* --- The whole --- */

static void set_revisions(struct opening *opening)
{
    struct store *store = opening->store;
    int64_t revision =
        opening->log.head > opening->log.reserved ? opening->log.head : opening->log.reserved;
    if (revision < 1)
        revision = 1; /* "0" means "any" to clients, so it is never a revision of ours. */
    store->log_head = opening->log.head;
    store->log_epoch = opening->log.epoch;
    store->reserved = opening->log.reserved;
    store->is_lossy = opening->log.is_lossy;
    store->next_revision = revision + 1;
    store->head.revision = revision;
    store->committed.revision = revision;
    store->committed.state = state_copy(&store->head.state);
}

static void report_opening(const struct opening *opening, struct store_report *report)
{
    *report = (struct store_report){
        .objects = state_count(&opening->store->head.state),
        .rows = opening->store->compactor.log_rows,
        .damaged_rows = opening->damaged_rows,
        .is_lossy = opening->log.is_lossy,
    };
}

int open_log(struct store *store, const struct store_options *options, struct store_report *report,
             struct status *status)
{
    struct opening opening = {
        .store = store,
        .options = options,
        .now_us = clock_steady_us(loop_clock(store->loop)),
        .status = status,
    };
    int failed = read_log(&opening);
    if (failed && options->accept_data_loss && (opening.is_damaged || store->log->is_damaged))
        failed = salvage(&opening);
    if (failed) {
        explain(&opening);
    } else {
        store->compactor.log_rows = opening.seen.rows;
        find_garbage(&opening);
        set_revisions(&opening);
        report_opening(&opening, report);
    }
    garbage_release(&opening.seen);
    buffer_release(&opening.view);
    return failed ? -1 : 0;
}
