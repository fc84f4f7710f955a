/* Eight writers in one process, and a ninth whose writes are relaxed.
 *
 * Each transaction compares and swaps 1 to 5 of the shared objects, on what it
 * has read as committed or on head. Bodies say which transaction wrote them. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/net/loop.h"
#include "store/log.h"
#include "store/store.h"
#include "store/watch.h"
#include "tests/crash/crash.h"

#define WRITERS 8
#define BODY_MAX 6000

struct writers;
struct writer {
    struct txn txn;
    struct writers *writers;
    struct crash_note notes[CRASH_TXN_MAX];
    size_t count;
    struct message again;
};

struct writers {
    struct store *store;
    struct loop *loop;
    struct random_seeded random;
    int pipe;
    int64_t round;
    int64_t attempts;
    struct writer all[WRITERS];
    struct txn relaxed;
    struct timer relaxed_timer;
    bool is_starved;
    struct timer hunger;
};

static uint64_t draw(struct writers *writers, uint64_t limit)
{
    return random_below(&writers->random.random, limit);
}

static void tell(const struct writers *writers, const struct crash_note *note)
{
    if (write(writers->pipe, note, sizeof(*note)) != (ssize_t)sizeof(*note))
        _exit(1);
}

static _Noreturn void give_up(const struct writers *writers, const struct status *status)
{
    struct crash_note note = {.kind = NOTE_TROUBLE};
    if (writers->is_starved)
        _exit(1); /* SQLite was first to have no memory. */
    snprintf(note.text, sizeof(note.text), "%s", status->message ? status->message : "?");
    tell(writers, &note);
    _exit(1);
}

/* --- Objects --- */

static void key_text(int key, char text[32])
{
    snprintf(text, 32, "/things/%02d", key);
}

static struct object *make_object(struct writers *writers, const struct crash_note *note)
{
    char key[32];
    char body[BODY_MAX];
    key_text(note->key, key);
    size_t size = 64 + draw(writers, draw(writers, 10) == 0 ? BODY_MAX - 64 : 600);
    memset(body, ' ', size);
    int written = snprintf(body, size, "{\"id\":%lld,\"index\":%d,\"count\":%d",
                           (long long)note->id, note->index, note->count);
    body[written] = ' ';
    body[size - 1] = '}';
    return object_create(slice_of(key), note->revision,
                         SLICE("\x08\x04"
                               "view"),
                         (struct slice){body, size}, 1, SLICE("[]"));
}

static struct crash_note note_of(const struct object *object)
{
    struct crash_note note = {.revision = object->revision};
    long long id = 0;
    sscanf(key_name(object_key(object)).data, "%d", &note.key);
    sscanf(object_body(object).data, "{\"id\":%lld,\"index\":%d,\"count\":%d", &id, &note.index,
           &note.count);
    note.id = id;
    return note;
}

/* --- Telling what an opening found --- */

static void tell_state(const struct writers *writers)
{
    struct pin *pin = store_pin(writers->store, COMMITTED);
    struct pin_cursor cursor;
    const struct object *object = pin_first(pin, SLICE("/things/"), SLICE(""), &cursor);
    for (; object; object = pin_next(&cursor)) {
        struct crash_note note = note_of(object);
        note.kind = NOTE_OBJECT;
        tell(writers, &note);
    }
    pin_unref(pin);
}

static void nobody_waits(void *context)
{
    (void)context;
}

static void tell_history(const struct writers *writers)
{
    struct status status;
    struct watch *watch;
    struct watch_event event;
    status_init(&status);
    int64_t from = store_oldest_revision(writers->store);
    if (from == 0)
        from = 1; /* 0 means from now on. */
    if (watch_open(writers->store, SLICE("/things/"), from, nobody_waits, NULL, &watch, &status))
        give_up(writers, &status);
    while (watch_take(watch, &event, &status) == 1) {
        struct crash_note note = note_of(event.new);
        note.kind = NOTE_EVENT;
        note.is_delete = event.is_delete;
        note.ends_txn = event.ends_txn;
        tell(writers, &note);
    }
    watch_close(watch);
}

/* --- Writing --- */

static void choose_keys(struct writers *writers, struct writer *writer)
{
    writer->count = 1 + draw(writers, CRASH_TXN_MAX);
    int first = (int)draw(writers, CRASH_KEYS);
    int step = 1 + (int)draw(writers, CRASH_KEYS / CRASH_TXN_MAX - 1);
    for (size_t i = 0; i < writer->count; i++)
        writer->notes[i] = (struct crash_note){
            .kind = NOTE_DONE,
            .key = (first + (int)i * step) % CRASH_KEYS,
            .id = writers->round << 32 | writers->attempts,
            .revision = store_next_revision(writers->store) + (int64_t)i,
            .index = (int32_t)i,
            .count = (int32_t)writer->count,
            .ends_txn = i + 1 == writer->count,
        };
}

static struct txn_write write_of(struct writers *writers, struct crash_note *note,
                                 enum reading reading)
{
    char key[32];
    key_text(note->key, key);
    const struct object *current = store_get(writers->store, reading, slice_of(key));
    note->is_delete = current && draw(writers, 8) == 0;
    return (struct txn_write){make_object(writers, note), note->is_delete,
                              current ? current->revision : EXPECT_ABSENT};
}

/* -1 when somebody else was first. */
static int try_to_write(struct writer *writer)
{
    struct writers *writers = writer->writers;
    struct txn_write writes[CRASH_TXN_MAX];
    struct status status;
    enum reading reading = draw(writers, 2) == 0 ? HEAD : COMMITTED;
    status_init(&status);
    writers->attempts++;
    choose_keys(writers, writer);
    for (size_t i = 0; i < writer->count; i++)
        writes[i] = write_of(writers, &writer->notes[i], reading);
    struct crash_note attempt = {.kind = NOTE_ATTEMPT, .id = writer->notes[0].id};
    tell(writers, &attempt);
    int failed = store_transact(writers->store, &writer->txn, writes, writer->count, NULL, &status);
    status_release(&status);
    return failed;
}

static void write_again(struct message *message)
{
    struct writer *writer = CONTAINER_OF(message, struct writer, again);
    while (try_to_write(writer) != 0)
        ;
}

static void written(struct txn *txn)
{
    struct writer *writer = CONTAINER_OF(txn, struct writer, txn);
    if (!status_ok(&txn->status))
        give_up(writer->writers, &txn->status);
    for (size_t i = 0; i < writer->count; i++)
        tell(writer->writers, &writer->notes[i]);
    loop_post(writer->writers->loop, &writer->again);
}

/* --- Relaxed --- */

static void write_relaxed(struct timer *timer)
{
    struct writers *writers = CONTAINER_OF(timer, struct writers, relaxed_timer);
    struct status status;
    status_init(&status);
    struct object *object = object_create(SLICE("/leases/one"), store_next_revision(writers->store),
                                          SLICE(""), SLICE("{}"), 1, SLICE(""));
    struct txn_write write = {object, false, EXPECT_ANY};
    writers->relaxed.is_relaxed = true;
    if (store_transact(writers->store, &writers->relaxed, &write, 1, NULL, &status) != 0)
        give_up(writers, &status);
}

static void written_relaxed(struct txn *txn)
{
    struct writers *writers = CONTAINER_OF(txn, struct writers, relaxed);
    struct crash_note note = {.kind = NOTE_SEEN, .revision = txn->last_revision};
    tell(writers, &note);
    timer_start_us(&writers->relaxed_timer, 2000);
}

/* --- No memory --- */

/* Eats memory in small bites, so that the end comes at any place. */
static void eat(struct timer *timer)
{
    struct writers *writers = CONTAINER_OF(timer, struct writers, hunger);
    for (int i = 0; i < 40; i++)
        mem_alloc(1 + draw(writers, 8192));
    timer_start_us(timer, 1000);
}

static void starve(struct writers *writers)
{
    struct rlimit limit;
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (file == NULL || fscanf(file, "%ld", &pages) != 1)
        _exit(1);
    fclose(file);
    limit.rlim_cur = limit.rlim_max =
        (rlim_t)pages * 4096 + (4 << 20) + draw(writers, 24) * (1 << 20);
    setrlimit(RLIMIT_AS, &limit);
    if (freopen("/dev/null", "w", stderr) == NULL)
        _exit(1);
    timer_init(&writers->hunger, writers->loop, eat);
    timer_start_us(&writers->hunger, 1000);
}

/* --- The process --- */

static void open_store(struct writers *writers, const char *path)
{
    struct status status;
    struct store_options options = {
        .loop = writers->loop, .log = log_sqlite_create(path, NULL), .history_bytes = 8 << 20};
    status_init(&status);
    if (store_open(&options, &writers->store, NULL, &status) != 0)
        give_up(writers, &status);
}

void crash_write(const struct crash_orders *orders)
{
    struct writers *writers = mem_alloc(sizeof(*writers));
    writers->pipe = orders->pipe;
    writers->round = orders->round;
    writers->loop = loop_create(1);
    random_seeded_init(&writers->random, orders->seed);
    open_store(writers, orders->path);
    struct crash_note note = {.kind = NOTE_OPENED,
                              .revision = store_revision(writers->store, COMMITTED),
                              .other = store_next_revision(writers->store)};
    tell(writers, &note);
    tell_state(writers);
    tell_history(writers);
    note = (struct crash_note){.kind = NOTE_READY};
    tell(writers, &note);
    for (int i = 0; i < WRITERS; i++) {
        struct writer *writer = &writers->all[i];
        writer->writers = writers;
        writer->txn.done = written;
        writer->again.deliver = write_again;
        loop_post(writers->loop, &writer->again);
    }
    writers->relaxed.done = written_relaxed;
    timer_init(&writers->relaxed_timer, writers->loop, write_relaxed);
    timer_start_us(&writers->relaxed_timer, 1000);
    writers->is_starved = orders->is_starved;
    if (writers->is_starved)
        starve(writers);
    loop_run(writers->loop);
    _exit(1); /* It runs until it is killed. */
}
