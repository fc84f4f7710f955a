/* What the tests of the store share: a store on a simulated loop, on any log. */
#ifndef TESTS_UNIT_STORE_FIXTURE_H
#define TESTS_UNIT_STORE_FIXTURE_H

#include "store/log.h"
#include "store/store.h"
#include "store/watch.h"

/* In memory, in memory and split, SQLite on a disk in memory (no waiting for syncs); and, where a
 * test looks at files, SQLite on a real one. */
enum fixture_log { FIXTURE_MEMORY, FIXTURE_SPLIT, FIXTURE_SQLITE, FIXTURE_LOGS, FIXTURE_FILE };

struct fixture {
    enum fixture_log kind;
    struct loop *loop;
    struct log_memory_contents *contents;
    struct faulty_disk *disk;
    struct log_memory_faults faults;
    char path[600];
    struct store_options options; /* Of the next opening. */
    struct store_report report;   /* Of the last one. */
    struct store *store;
    struct status status;         /* Of the last thing that failed. */
};

struct fixture_txn {
    struct txn txn;
    int answers;
    int64_t answered_at;          /* store_revision(COMMITTED) at the answer. */
    struct fixture *fixture;
};

void fixture_init(struct fixture *f, enum fixture_log kind); /* Not opened yet. */
void fixture_open(struct fixture *f, enum fixture_log kind);
int fixture_try_start(struct fixture *f); /* Opens; -1 and f->status. */
void fixture_stop(struct fixture *f);     /* Closes the store; what it wrote stays. */
void fixture_restart(struct fixture *f);
void fixture_close(struct fixture *f);
void fixture_run(struct fixture *f);      /* Until nothing is left to do now. */
void fixture_step(struct fixture *f);     /* A few steps: some of what is ready, as the seed says. */
void fixture_run_us(struct fixture *f, int64_t us);

/* The object that the next write would put: body {"r":REVISION}. */
struct object *fixture_object(struct fixture *f, const char *key, int64_t revision);
int fixture_put(struct fixture *f, struct fixture_txn *txn, const char *key, int64_t expected);
int fixture_delete(struct fixture *f, struct fixture_txn *txn, const char *key, int64_t expected);
/* Puts all keys (NULL at the end; "-KEY" deletes) in one transaction. */
int fixture_put_all(struct fixture *f, struct fixture_txn *txn, const char **keys);
struct log *fixture_log(struct fixture *f); /* What the next opening would use. */
void fixture_put_and_run(struct fixture *f, const char *key);
void fixture_delete_and_run(struct fixture *f, const char *key);

/* What a crash would leave in the log, as its highest revision. */
int64_t fixture_log_head(struct fixture *f);
int64_t fixture_appends(struct fixture *f); /* So far, for planning faults. Memory only. */

/* A watch that takes all it can get and keeps it as text: "REVISION put|delete KEY", a dot behind
 * the last event of a transaction. */
struct fixture_watch {
    struct watch *watch;
    struct buffer text;
    struct status status; /* When taking failed. */
    int readied;          /* Calls of ready. */
    bool is_paused;       /* Takes nothing when it is told. */
    char taken[4096];
};
void fixture_watch_open(struct fixture *f, struct fixture_watch *watch, const char *prefix,
                        int64_t revision);
void fixture_watch_close(struct fixture_watch *watch);
void fixture_watch_take(struct fixture_watch *watch);
/* What was taken since the last call. */
const char *fixture_watch_text(struct fixture_watch *watch);

#endif
