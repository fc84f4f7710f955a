/* What the writers of the crash test tell their driver, through a pipe.
 *
 * A note is one write(2) below PIPE_BUF, so it arrives whole or not at all. An
 * acknowledgement that was on its way when the writers were killed counts as
 * not given. */
#ifndef TESTS_CRASH_CRASH_H
#define TESTS_CRASH_CRASH_H

#include <stdbool.h>
#include <stdint.h>

#define CRASH_KEYS 60        /* Objects that the writers share. */
#define CRASH_TXN_MAX 5      /* Objects in a transaction. */

enum crash_note_kind {
    NOTE_OPENED,  /* revision: committed; other: the next to be given out. */
    NOTE_OBJECT,  /* One of the state: key, revision, id. */
    NOTE_EVENT,   /* One of history, in order: all fields. */
    NOTE_READY,   /* The state and history were told; writing begins. */
    NOTE_ATTEMPT, /* id is about to be written. */
    NOTE_DONE,    /* One object of an acknowledged transaction. */
    NOTE_SEEN,    /* A relaxed write at revision could be read. */
    NOTE_TROUBLE, /* text: the store does not open, or refuses. */
};

struct crash_note {
    int32_t kind;
    int32_t key;
    int64_t revision;
    int64_t other;
    int64_t id;     /* Of the transaction: round << 32 | its number. */
    int32_t index;  /* Of the object in its transaction... */
    int32_t count;  /* ...of so many. */
    bool is_delete;
    bool ends_txn;
    char text[200];
};

/* The writers: opens the store at path, tells what is there, and writes until killed; or, starved,
 * until there is no memory left, at whatever allocation that is. */
struct crash_orders {
    const char *path;
    int pipe;
    int64_t round;
    uint64_t seed;
    bool is_starved;
};
void crash_write(const struct crash_orders *orders);

/* What the driver knows. */
struct crash_model;
struct crash_counts {
    int64_t lost;
    int64_t repeated;
    int64_t half;
    int64_t acknowledged;
};
struct crash_model *crash_model_create(void);
void crash_model_destroy(struct crash_model *model);
void crash_model_start(struct crash_model *model, int64_t round);
void crash_model_take(struct crash_model *model, const struct crash_note *note);
struct crash_counts crash_model_counts(const struct crash_model *model);

#endif
