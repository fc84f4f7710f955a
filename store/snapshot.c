/* Snapshots: a state as a new log file, made from a pin on a worker.
 *
 * A snapshot is an ordinary log of the rows that the state needs and no more.
 * Its revisions are reserved up to the pin's. What is half written has another
 * name (PATH.new) until it is whole and synced. */
#include <stdlib.h>

#include "store/new_file.h"
#include "store/row.h"
#include "store/store_private.h"

#define ROWS_PER_APPEND 256

struct copying { /* Rows on their way into a new log. */
    struct log *to;
    struct log_state state;
    struct buffer bytes;
    struct log_row rows[ROWS_PER_APPEND];
    size_t count;
    int64_t last;     /* Appended up to here. */
    int64_t previous; /* The row before the next. */
    int64_t total;
    int64_t reserve;
};

static int flush(struct copying *copying, struct status *status)
{
    if (copying->count == 0)
        return 0;
    const char *place = copying->bytes.data;
    for (size_t i = 0; i < copying->count; i++) {
        copying->rows[i].data.data = place;
        place += copying->rows[i].data.size;
    }
    int failed =
        copying->to->operations->append(copying->to, copying->last, copying->state.epoch,
                                        copying->rows, copying->count, copying->reserve, status);
    copying->last = copying->previous;
    copying->total += (int64_t)copying->count;
    copying->count = 0;
    buffer_clear(&copying->bytes);
    return failed;
}

/* Adds the row of a live object, a record of its own. */
static int add_row(struct copying *copying, struct row *row, struct status *status)
{
    size_t start = copying->bytes.size;
    row->previous = copying->previous;
    row->replaced = 0;
    row->is_delete = false;
    row->ends_txn = true;
    row_encode(row, &copying->bytes);
    copying->rows[copying->count++] =
        (struct log_row){row->revision, true, {NULL, copying->bytes.size - start}};
    copying->previous = row->revision;
    return copying->count == ROWS_PER_APPEND ? flush(copying, status) : 0;
}

static int by_revision(const void *a, const void *b)
{
    const struct object *left = *(struct object *const *)a;
    const struct object *right = *(struct object *const *)b;
    return (left->revision > right->revision) - (left->revision < right->revision);
}

/* The state's objects in the order of a log. Gives the array; objects are the state's. */
static const struct object **sorted_objects(const struct state *state, size_t *count)
{
    const void *path[TREE_DEPTH_MAX];
    uint16_t place[TREE_DEPTH_MAX];
    struct tree_cursor cursor = {path, place, 0};
    const struct object **objects = mem_alloc(((size_t)state_count(state) + 1) * sizeof(*objects));
    *count = 0;
    for (const struct object *object = tree_seek(&state->objects, SLICE(""), &cursor); object;
         object = tree_next(&cursor))
        objects[(*count)++] = object;
    qsort(objects, *count, sizeof(*objects), by_revision);
    return objects;
}

static int copy_objects(struct copying *copying, const struct state *state, struct status *status)
{
    size_t count;
    const struct object **objects = sorted_objects(state, &count);
    int failed = 0;
    for (size_t i = 0; i < count && !failed; i++) {
        struct row row = row_of(objects[i]);
        failed = add_row(copying, &row, status);
    }
    mem_free(objects);
    return failed || flush(copying, status) ? -1 : 0;
}

/* All of it is compacted: there is no history in a snapshot. */
static int finish(struct copying *copying, bool is_lossy, int64_t revision, struct status *status)
{
    const struct log_operations *to = copying->to->operations;
    int failed =
        to->remove(copying->to, copying->state.epoch, NULL, 0, revision, copying->total, status) ||
        to->mark(copying->to, copying->state.epoch, is_lossy, revision, status);
    return failed ? -1 : 0;
}

static int write_log(const char *path, const struct state *state, int64_t revision, bool is_lossy,
                     struct status *status)
{
    struct copying *copying = mem_alloc(sizeof(*copying));
    copying->to = log_sqlite_create(path, NULL);
    int failed = copying->to->operations->open(copying->to, &copying->state, status) ||
                 copy_objects(copying, state, status) ||
                 finish(copying, is_lossy, revision, status);
    copying->to->operations->close(copying->to);
    buffer_release(&copying->bytes);
    mem_free(copying);
    return failed ? -1 : 0;
}

static int write_file(const char *path, const struct state *state, int64_t revision, bool is_lossy,
                      struct status *status)
{
    char *new = new_file_name(path, ".new");
    new_file_remove(new);
    int failed =
        write_log(new, state, revision, is_lossy, status) || new_file_publish(new, path, status);
    new_file_remove(new);
    mem_free(new);
    return failed ? -1 : 0;
}

/* --- Saving --- */

struct saving {
    struct task task;
    struct store_snapshot *snapshot;
    struct pin *pin;
    char *path;
    bool is_lossy;
    struct status status;
};

static void save_on_worker(struct task *task)
{
    struct saving *saving = CONTAINER_OF(task, struct saving, task);
    write_file(saving->path, pin_state(saving->pin), pin_revision(saving->pin), saving->is_lossy,
               &saving->status);
}

static void saved(struct task *task)
{
    struct saving *saving = CONTAINER_OF(task, struct saving, task);
    struct store_snapshot *snapshot = saving->snapshot;
    status_copy(&snapshot->status, &saving->status);
    status_release(&saving->status);
    pin_unref(saving->pin);
    mem_free(saving->path);
    mem_free(saving);
    snapshot->done(snapshot);
}

void store_save_snapshot(struct store *store, const char *path, struct store_snapshot *snapshot)
{
    struct saving *saving = mem_alloc(sizeof(*saving));
    saving->task.work = save_on_worker;
    saving->task.done = saved;
    saving->snapshot = snapshot;
    saving->pin = store_pin(store, COMMITTED);
    saving->path = mem_copy_text(path);
    saving->is_lossy = store->is_lossy;
    status_init(&saving->status);
    status_clear(&snapshot->status);
    snapshot->store_private = saving;
    loop_submit(store->loop, LANE_WORKERS, &saving->task);
}
