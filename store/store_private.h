/* What the files of this folder share of the store; nobody else includes it. */
#ifndef STORE_STORE_PRIVATE_H
#define STORE_STORE_PRIVATE_H

#include "store/commit.h"
#include "store/compact.h"
#include "store/history.h"
#include "store/log.h"
#include "store/measure.h"
#include "store/state.h"
#include "store/store.h"
#include "store/watch_private.h"

struct state_reading {
    struct state state;
    int64_t revision;
};

struct store {
    struct loop *loop;
    struct trace *trace;
    struct log *log;             /* Used by the errand that is under way, else by the loop thread. */
    int64_t log_epoch;

    struct state_reading committed;
    struct state_reading head;
    int64_t next_revision;
    int64_t log_head;            /* The last revision that is in the log. */
    int64_t reserved;            /* Revisions up to here are not given out again after a crash. */

    struct list followers;
    struct committer committer;
    struct history history;
    int64_t history_us;
    size_t history_bytes;
    struct compactor compactor;
    struct watches watches;
    struct measures measures;
    bool is_lossy;
    bool clears_lossy;           /* The log is to hear that this is known. */
    bool is_closing;
};

/* state_get() and friends of pins and the store: a new pin that takes the reference of state. */
struct pin *pin_create(struct state state, int64_t revision);
const struct state *pin_state(const struct pin *pin);

/* open.c: reads the log into an empty store. */
int open_log(struct store *store, const struct store_options *options, struct store_report *report,
             struct status *status);

/* Tells followers, in order or back. */
struct record;
void store_tell_followers(struct store *store, const struct record *record);
void store_tell_followers_back(struct store *store, const struct record *record);

#endif
