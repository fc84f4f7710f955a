/* The store on a disk that loses power, fails, fills up, or holds torn files. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/store_private.h"
#include "tests/harness/test.h"
#include "tests/unit/faulty_disk.h"
#include "tests/unit/store_fixture.h"

#define PATH "store.db"
#define KEYS 12
#define TXNS_MAX 4000

/* A script of transactions and what became of them. */
struct script {
    struct loop *loop;
    struct store *store;
    struct faulty_disk *disk;
    struct random_seeded random;
    int64_t model[KEYS];      /* Revisions on head, as far as nothing failed. */
    struct script_txn {
        struct txn txn;
        struct script *script;
        int keys[3];
        bool is_delete;
        size_t count;
        bool is_answered;
    } * txns;
    int txn_count;
    int acknowledged;         /* So many txns are known to be durable: 0..acknowledged-1. */
    int syncs;
    int images;               /* Power cuts looked at. */
    int bad;                  /* Of them, those that lost something. */
    struct status status;
};

static void script_begin(struct script *script)
{
    *script = (struct script){.disk = faulty_disk_create(), .loop = loop_create_simulated(3)};
    script->txns = mem_alloc(TXNS_MAX * sizeof(*script->txns));
    random_seeded_init(&script->random, 11);
    status_init(&script->status);
    faulty_disk_mount(script->disk);
}

static int open_on(struct loop *loop, struct store **store, struct status *status)
{
    struct store_options options = {
        .loop = loop, .log = log_sqlite_create(PATH, FAULTY_DISK_VFS), .history_bytes = 15000};
    status_clear(status);
    return store_open(&options, store, NULL, status);
}

static void script_end(struct script *script)
{
    faulty_disk_mount(script->disk);
    store_close(script->store);
    loop_run_for_us(script->loop, 0);
    loop_destroy(script->loop);
    for (int i = 0; i < script->txn_count; i++)
        status_release(&script->txns[i].txn.status);
    mem_free(script->txns);
    status_release(&script->status);
    faulty_disk_destroy(script->disk);
}

static void answered(struct txn *txn)
{
    struct script_txn *self = CONTAINER_OF(txn, struct script_txn, txn);
    EXPECT(!self->is_answered);
    self->is_answered = true;
    if (status_ok(&txn->status) && self->script->acknowledged == self - self->script->txns)
        self->script->acknowledged++;
}

static struct object *make_object(int key, int64_t revision)
{
    char text[32];
    char body[700];
    memset(body, 'x', sizeof(body));
    snprintf(text, sizeof(text), "/k/%02d", key);
    return object_create(slice_of(text), revision, SLICE(""),
                         (struct slice){body, 100 + (size_t)(revision * 37 % 600)}, 1, SLICE(""));
}

/* One transaction of up to three objects; every fifth deletes them. -1: refused. */
static int script_write(struct script *script)
{
    struct txn_write writes[3];
    PRE(script->txn_count < TXNS_MAX);
    struct script_txn *txn = &script->txns[script->txn_count];
    *txn = (struct script_txn){
        .txn = {.done = answered}, .script = script, .is_delete = script->txn_count % 5 == 4};
    int first = (int)random_below(&script->random.random, KEYS);
    size_t wanted = 1 + random_below(&script->random.random, 3);
    for (size_t i = 0; i < wanted; i++) {
        int key = (first + (int)i) % KEYS;
        char text[32];
        snprintf(text, sizeof(text), "/k/%02d", key);
        bool is_there = store_get(script->store, HEAD, slice_of(text)) != NULL;
        if (i == 0)
            txn->is_delete &= is_there;
        if (txn->is_delete && !is_there)
            continue;
        int64_t revision = store_next_revision(script->store) + (int64_t)txn->count;
        writes[txn->count] =
            (struct txn_write){make_object(key, revision), txn->is_delete, EXPECT_ANY};
        txn->keys[txn->count++] = key;
    }
    status_clear(&script->status);
    if (store_transact(script->store, &txn->txn, writes, txn->count, NULL, &script->status) != 0)
        return -1;
    script->txn_count++;
    return 0;
}

/* The state after the first n transactions; all that was acknowledged at least is there, and a
 * transaction is there whole or not at all. */
static void model_after(const struct script *script, int n, int64_t model[KEYS])
{
    memset(model, 0, KEYS * sizeof(*model));
    for (int i = 0; i < n; i++) {
        const struct script_txn *txn = &script->txns[i];
        for (size_t k = 0; k < txn->count; k++)
            model[txn->keys[k]] = txn->is_delete ? 0 : txn->txn.first_revision + (int64_t)k;
    }
}

static bool store_is(struct store *store, const int64_t model[KEYS])
{
    for (int key = 0; key < KEYS; key++) {
        char text[32];
        snprintf(text, sizeof(text), "/k/%02d", key);
        const struct object *object = store_get(store, COMMITTED, slice_of(text));
        if ((object ? object->revision : 0) != model[key])
            return false;
    }
    return true;
}

/* Is the store what some number of whole transactions, no fewer than were acknowledged, makes? */
static bool holds_all(const struct script *script, struct store *store)
{
    for (int n = script->acknowledged; n <= script->txn_count; n++) {
        int64_t model[KEYS];
        model_after(script, n, model);
        int64_t last = n > 0 ? script->txns[n - 1].txn.last_revision : 1;
        if (store_is(store, model) && store_revision(store, COMMITTED) == last)
            return true;
    }
    return false;
}

/* Opens the store on another disk while the script's own is put away. */
static bool is_good_image(struct script *script, struct faulty_disk *image)
{
    struct loop *loop = loop_create_simulated(5);
    struct store *store;
    faulty_disk_mount(image);
    bool is_good = open_on(loop, &store, &script->status) == 0;
    if (is_good) {
        is_good = holds_all(script, store);
        store_close(store);
        loop_run_for_us(loop, 0);
    }
    loop_destroy(loop);
    faulty_disk_mount(script->disk);
    return is_good;
}

/* --- Power --- */

enum { CUTS_PER_SYNC = 3 };

/* Every sync of the file (checkpoints) and the WAL's first ones; then a sample, unless there is
 * time for all. */
static bool is_chosen(struct script *script, const char *name)
{
    return test_full || strcmp(name, PATH) == 0 || script->syncs++ < 80 ||
           random_below(&script->random.random, 24) == 0;
}

static void cut_power(void *context, const char *name)
{
    struct script *script = context;
    if (script->store == NULL || !is_chosen(script, name))
        return;
    for (int i = 0; i < CUTS_PER_SYNC; i++) {
        struct faulty_disk *image = faulty_disk_cut_power(script->disk, &script->random.random);
        script->images++;
        script->bad += !is_good_image(script, image);
        faulty_disk_destroy(image);
    }
}

/* Groups of one and of several, compaction, checkpoints and vacuum on the way. */
static void run_with_cuts(struct script *script, int rounds)
{
    EXPECT_EQ(open_on(script->loop, &script->store, &script->status), 0);
    faulty_disk_settings(script->disk)->at_sync = cut_power;
    faulty_disk_settings(script->disk)->context = script;
    for (int i = 0; i < rounds; i++) {
        for (int n = 0; n <= i % 4; n++)
            EXPECT_EQ(script_write(script), 0);
        loop_run_for_us(script->loop, 0);
    }
    faulty_disk_settings(script->disk)->at_sync = NULL;
}

TEST_LIMIT(120, "a power cut at any sync loses nothing acknowledged and leaves no half")
{
    for (int powersafe = 0; powersafe < 2; powersafe++) {
        struct script script;
        script_begin(&script);
        faulty_disk_settings(script.disk)->is_powersafe = powersafe;
        run_with_cuts(&script, 400);
        EXPECT_EQ(script.bad, 0);
        EXPECT(script.images > 300);
        EXPECT_EQ(script.acknowledged, script.txn_count);
        script_end(&script);
    }
}

TEST("the cuts catch a disk that lies about its syncs")
{
    struct script script;
    script_begin(&script);
    faulty_disk_settings(script.disk)->is_lying = true;
    run_with_cuts(&script, 15);
    EXPECT(script.bad > 0);
    script_end(&script);
}

static void cut_first_opening(void *context, const char *name)
{
    struct script *script = context;
    (void)name;
    struct faulty_disk *image = faulty_disk_cut_power(script->disk, &script->random.random);
    script->images++;
    script->bad += !is_good_image(script, image);
    faulty_disk_destroy(image);
}

TEST("a power cut while a new file is made leaves a file that opens")
{
    for (int seed = 0; seed < 20; seed++) {
        struct script script;
        script_begin(&script);
        random_seeded_init(&script.random, (uint64_t)seed);
        faulty_disk_settings(script.disk)->at_sync = cut_first_opening;
        faulty_disk_settings(script.disk)->context = &script;
        EXPECT_EQ(open_on(script.loop, &script.store, &script.status), 0);
        faulty_disk_settings(script.disk)->at_sync = NULL;
        EXPECT(script.images > 4);
        EXPECT_EQ(script.bad, 0);
        script_end(&script);
    }
}

/* --- Calls that fail --- */

static void expect_answers(const struct script *script)
{
    for (int i = 0; i < script->txn_count; i++)
        EXPECT(script->txns[i].is_answered);
}

/* What was acknowledged, and when nothing failed since also nothing else. */
static void expect_acknowledged(struct script *script, struct store *store)
{
    int64_t found[KEYS];
    for (int key = 0; key < KEYS; key++) {
        char text[32];
        snprintf(text, sizeof(text), "/k/%02d", key);
        const struct object *object = store_get(store, COMMITTED, slice_of(text));
        found[key] = object ? object->revision : 0;
    }
    /* Each key is as an acknowledged transaction left it, or as a later unknown one did. */
    for (int key = 0; key < KEYS; key++) {
        bool fits = found[key] == 0;
        for (int i = 0; i < script->txn_count; i++) {
            const struct script_txn *txn = &script->txns[i];
            for (size_t k = 0; k < txn->count; k++) {
                if (txn->keys[k] != key)
                    continue;
                int64_t revision = txn->is_delete ? 0 : txn->txn.first_revision + (int64_t)k;
                if (status_ok(&txn->txn.status))
                    fits = found[key] == revision;
                else
                    fits |= found[key] == revision;
            }
        }
        EXPECT(fits);
    }
}

/* A script during which one call of a kind fails, or all from there on; 1 when it was reached. */
static bool run_with_failure(enum disk_call call, int64_t at, bool keeps_failing)
{
    struct script script;
    script_begin(&script);
    EXPECT_EQ(open_on(script.loop, &script.store, &script.status), 0);
    struct disk_settings *settings = faulty_disk_settings(script.disk);
    settings->fail_at[call] = faulty_disk_calls(script.disk, call) + at;
    settings->keeps_failing = keeps_failing;
    for (int i = 0; i < 60; i++) {
        for (int n = 0; n <= i % 3; n++) {
            if (script_write(&script) != 0)
                EXPECT_EQ(script.status.reason, STATUS_SERVICE_UNAVAILABLE);
        }
        loop_run_for_us(script.loop, 0);
    }
    bool was_reached = faulty_disk_calls(script.disk, call) >= settings->fail_at[call];
    settings->fail_at[call] = 0;
    loop_run_for_us(script.loop, 20000000); /* Longer than any back-off. */
    expect_answers(&script);
    expect_acknowledged(&script, script.store);
    int before = script.txn_count; /* It works again without a restart. */
    while (script.txn_count < before + 3)
        EXPECT_EQ(script_write(&script), 0);
    loop_run_for_us(script.loop, 0);
    EXPECT(status_ok(&script.txns[script.txn_count - 1].txn.status));
    store_close(script.store);
    loop_run_for_us(script.loop, 0);
    EXPECT_EQ(open_on(script.loop, &script.store, &script.status), 0);
    expect_acknowledged(&script, script.store);
    script_end(&script);
    return was_reached;
}

TEST_LIMIT(120,
           "any one write, sync or read may fail: all are answered, nothing acknowledged is lost")
{
    for (enum disk_call call = 0; call < DISK_CALLS; call++) {
        int64_t at = 1;
        while (run_with_failure(call, at, false))
            at += test_full || at < 60 ? 1 : 7;
        EXPECT(call == DISK_READ || at > 50);
    }
}

TEST_LIMIT(120, "a disk that fails from some call on refuses, and works again when it does")
{
    for (enum disk_call call = 0; call < DISK_CALLS; call++) {
        int64_t at = 1;
        while (run_with_failure(call, at, true))
            at += test_full ? 1 : 23;
    }
}

TEST_LIMIT(120, "opening may fail at any call, and then opens")
{
    struct script script;
    script_begin(&script);
    EXPECT_EQ(open_on(script.loop, &script.store, &script.status), 0);
    for (int i = 0; i < 40; i++) {
        EXPECT_EQ(script_write(&script), 0);
        loop_run_for_us(script.loop, 0);
    }
    struct faulty_disk *left = faulty_disk_copy(script.disk); /* With a WAL. */
    for (enum disk_call call = 0; call < DISK_CALLS; call++) {
        bool was_reached = true;
        for (int64_t at = 1; was_reached; at++) {
            struct faulty_disk *disk = faulty_disk_copy(left);
            struct loop *loop = loop_create_simulated(1);
            struct store *store = NULL;
            faulty_disk_settings(disk)->fail_at[call] = at;
            faulty_disk_mount(disk);
            int failed = open_on(loop, &store, &script.status);
            EXPECT(failed == 0 || script.status.message != NULL);
            was_reached = faulty_disk_calls(disk, call) >= at;
            faulty_disk_settings(disk)->fail_at[call] = 0;
            store_close(store);
            EXPECT(is_good_image(&script, disk));
            faulty_disk_mount(disk);
            loop_run_for_us(loop, 0);
            loop_destroy(loop);
            faulty_disk_destroy(disk);
        }
    }
    faulty_disk_destroy(left);
    script_end(&script);
}

/* --- Space --- */

TEST("a disk that fills up refuses writes and no reads, and heals when there is space")
{
    struct script script;
    script_begin(&script);
    EXPECT_EQ(open_on(script.loop, &script.store, &script.status), 0);
    for (int64_t room = 0; room < 60000; room += 1711) {
        struct disk_settings *settings = faulty_disk_settings(script.disk);
        settings->space = faulty_disk_size(script.disk) + room;
        int before = script.txn_count;
        for (int i = 0; i < 40; i++) {
            EXPECT_EQ(script_write(&script), 0);
            loop_run_for_us(script.loop, 0);
            const struct script_txn *last = &script.txns[script.txn_count - 1];
            EXPECT(last->is_answered);
            if (!status_ok(&last->txn.status))
                EXPECT_EQ(last->txn.status.reason, STATUS_INSUFFICIENT_STORAGE);
            expect_acknowledged(&script, script.store);
        }
        settings->space = 0;
        EXPECT_EQ(script_write(&script), 0);
        loop_run_for_us(script.loop, 0);
        EXPECT(status_ok(&script.txns[script.txn_count - 1].txn.status));
        EXPECT(script.txn_count > before);
    }
    store_close(script.store);
    loop_run_for_us(script.loop, 0);
    EXPECT_EQ(open_on(script.loop, &script.store, &script.status), 0);
    expect_acknowledged(&script, script.store);
    script_end(&script);
}

/* --- Torn files --- */

/* A store whose last transactions are in the WAL, and where each ended. */
static struct faulty_disk *make_torn_base(struct script *script)
{
    script_begin(script);
    EXPECT_EQ(open_on(script->loop, &script->store, &script->status), 0);
    for (int i = 0; i < 25; i++) {
        EXPECT_EQ(script_write(script), 0);
        loop_run_for_us(script->loop, 0);
    }
    script->acknowledged = 0; /* A cut WAL may end anywhere, at a transaction. */
    return faulty_disk_copy(script->disk);
}

/* Opens a damaged copy: it is a prefix of the script, or it is refused with a message. */
static void expect_prefix_or_refusal(struct script *script, struct faulty_disk *disk)
{
    struct loop *loop = loop_create_simulated(5);
    struct store *store;
    faulty_disk_mount(disk);
    if (open_on(loop, &store, &script->status) == 0) {
        bool is_prefix = holds_all(script, store) || store_revision(store, COMMITTED) == 1;
        EXPECT(is_prefix);
        store_close(store);
        loop_run_for_us(loop, 0);
    } else {
        EXPECT(script->status.message != NULL);
    }
    loop_destroy(loop);
    faulty_disk_destroy(disk);
}

TEST_LIMIT(120, "a WAL cut at any place leaves whole transactions from the first on")
{
    struct script script;
    struct faulty_disk *base = make_torn_base(&script);
    int64_t *size;
    EXPECT(faulty_disk_bytes(base, PATH "-wal", &size) != NULL);
    int64_t whole = *size;
    for (int64_t at = 0; at < whole; at += test_full ? 64 : 509) {
        struct faulty_disk *disk = faulty_disk_copy(base);
        faulty_disk_bytes(disk, PATH "-wal", &size);
        *size = at;
        expect_prefix_or_refusal(&script, disk);
    }
    faulty_disk_destroy(base);
    script_end(&script);
}

TEST_LIMIT(120, "a flipped bit in the WAL or the file is never taken for truth")
{
    struct script script;
    struct faulty_disk *base = make_torn_base(&script);
    static const char *names[] = {PATH, PATH "-wal"};
    for (size_t n = 0; n < ARRAY_SIZE(names); n++) {
        int64_t *size;
        if (faulty_disk_bytes(base, names[n], &size) == NULL)
            continue;
        for (int64_t at = 0; at < *size; at += test_full ? 64 : 331) {
            struct faulty_disk *disk = faulty_disk_copy(base);
            int64_t *ignored;
            faulty_disk_bytes(disk, names[n], &ignored)[at] ^= (char)(1 << at % 8);
            expect_prefix_or_refusal(&script, disk);
        }
    }
    faulty_disk_destroy(base);
    script_end(&script);
}

TEST_LIMIT(120, "a flipped bit in a file without a WAL is refused or harmless")
{
    struct script script;
    script_begin(&script);
    EXPECT_EQ(open_on(script.loop, &script.store, &script.status), 0);
    for (int i = 0; i < 25; i++) {
        EXPECT_EQ(script_write(&script), 0);
        loop_run_for_us(script.loop, 0);
    }
    store_close(script.store); /* All is in the file now, and nothing may be missing. */
    loop_run_for_us(script.loop, 0);
    struct faulty_disk *base = faulty_disk_copy(script.disk);
    int64_t *size;
    faulty_disk_bytes(base, PATH, &size);
    for (int64_t at = 0; at < *size; at += test_full ? 16 : 97) {
        struct faulty_disk *disk = faulty_disk_copy(base);
        int64_t *ignored;
        faulty_disk_bytes(disk, PATH, &ignored)[at] ^= (char)(1 << at % 8);
        expect_prefix_or_refusal(&script, disk);
    }
    faulty_disk_destroy(base);
    faulty_disk_mount(script.disk);
    EXPECT_EQ(open_on(script.loop, &script.store, &script.status), 0);
    script_end(&script);
}
