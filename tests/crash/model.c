/* What must be true after a kill, given what was acknowledged before it.
 *
 * - Lost: an object is older than its last acknowledged change, or is gone
 *   without a deletion that history shows; or history has another transaction
 *   at an acknowledged revision, or none.
 * - Repeated: a revision that somebody may have seen is given out again, or a
 *   transaction is there that was never tried.
 * - Half: a transaction in history without all of its objects. */
#include <stdio.h>

#include "core/buffer.h"
#include "tests/crash/crash.h"

struct known { /* What is known of a key. */
    int64_t acknowledged;     /* Revision of the last acknowledged change. */
    bool is_deleted;          /* It was a deletion. */
    int64_t found;            /* In the state that the opening told; 0: not there. */
    int64_t deletion;         /* The last deletion in history since then. */
};

struct done { /* An acknowledged change of the last round. */
    int64_t revision;
    int64_t id;
};

struct crash_model {
    struct crash_counts counts;
    struct known keys[CRASH_KEYS];
    int64_t round;
    int64_t attempts;         /* In this round. */
    int64_t attempts_before;  /* In the round before. */
    int64_t highest;          /* Revision that somebody may have seen. */
    struct done *done;        /* Of this round and the last one, rising. */
    size_t done_count;
    size_t done_before;       /* So many are of the last round. */
    size_t done_capacity;
    size_t done_checked;
    int64_t event_id;         /* Of the transaction that history is telling. */
    int32_t event_index;
    bool event_is_open;
    int64_t first_event;
};

struct crash_model *crash_model_create(void)
{
    return mem_alloc(sizeof(struct crash_model));
}

void crash_model_destroy(struct crash_model *model)
{
    if (model)
        mem_free(model->done);
    mem_free(model);
}

static void complain(const struct crash_model *model, const char *what, int64_t a, int64_t b)
{
    printf("round %lld: %s (%lld, %lld)\n", (long long)model->round, what, (long long)a,
           (long long)b);
}

/* The acknowledgements of the round before the last were checked; they can go. */
void crash_model_start(struct crash_model *model, int64_t round)
{
    model->round = round;
    model->attempts_before = model->attempts;
    model->attempts = 0;
    memmove(model->done, model->done + model->done_before,
            (model->done_count - model->done_before) * sizeof(*model->done));
    model->done_count -= model->done_before;
    model->done_before = model->done_count;
    model->done_checked = 0;
    model->event_is_open = false;
    model->first_event = 0;
    for (int i = 0; i < CRASH_KEYS; i++) {
        model->keys[i].found = 0;
        model->keys[i].deletion = 0;
    }
}

static void see(struct crash_model *model, int64_t revision)
{
    if (revision > model->highest)
        model->highest = revision;
}

static void check_id(struct crash_model *model, const struct crash_note *note)
{
    int64_t number = note->id & 0xffffffff;
    int64_t round = note->id >> 32;
    bool was_tried = number > 0 && round < model->round &&
                     (round < model->round - 1 || number <= model->attempts_before);
    if (was_tried)
        return;
    model->counts.repeated++;
    complain(model, "a transaction is there that was never tried", note->revision, number);
}

/* Acknowledged changes up to this event must all have been among the events. */
static void check_done(struct crash_model *model, const struct crash_note *note)
{
    for (; model->done_checked < model->done_before; model->done_checked++) {
        const struct done *done = &model->done[model->done_checked];
        if (done->revision > note->revision)
            return;
        if (done->revision < model->first_event)
            continue; /* Left history. */
        if (done->revision == note->revision && done->id == note->id)
            continue;
        model->counts.lost++;
        complain(model, "an acknowledged change is not in history", done->revision, done->id);
    }
}

static void take_event(struct crash_model *model, const struct crash_note *note)
{
    if (model->first_event == 0)
        model->first_event = note->revision;
    see(model, note->revision);
    check_id(model, note);
    check_done(model, note);
    bool follows = model->event_is_open
                       ? note->id == model->event_id && note->index == model->event_index + 1
                       : note->index == 0;
    if (!follows || note->ends_txn != (note->index + 1 == note->count)) {
        model->counts.half++;
        complain(model, "half a transaction", note->revision, note->index);
    }
    model->event_is_open = !note->ends_txn;
    model->event_id = note->id;
    model->event_index = note->index;
    if (note->is_delete)
        model->keys[note->key].deletion = note->revision;
}

static void check_key(struct crash_model *model, int key)
{
    struct known *known = &model->keys[key];
    bool is_gone_rightly =
        known->acknowledged == 0 || known->is_deleted || known->deletion > known->acknowledged;
    bool came_back = known->found > 0 && known->is_deleted && known->found <= known->acknowledged;
    bool is_old = known->found > 0 && known->found < known->acknowledged;
    if (came_back || is_old || (known->found == 0 && !is_gone_rightly)) {
        model->counts.lost++;
        complain(model, "an object lost an acknowledged change", key, known->acknowledged);
    }
    /* What was found was committed, so it must stay, acknowledged or not. */
    known->is_deleted = known->found == 0;
    if (known->found > known->acknowledged)
        known->acknowledged = known->found;
    else if (known->deletion > known->acknowledged)
        known->acknowledged = known->deletion;
}

static void take_ready(struct crash_model *model)
{
    if (model->event_is_open) {
        model->counts.half++;
        complain(model, "history ends inside a transaction", model->event_id, model->event_index);
    }
    struct crash_note end = {.revision = INT64_MAX};
    check_done(model, &end);
    for (int i = 0; i < CRASH_KEYS; i++)
        check_key(model, i);
}

static void take_opened(struct crash_model *model, const struct crash_note *note)
{
    if (note->other > model->highest && note->revision >= model->highest)
        return;
    model->counts.repeated++;
    complain(model, "revisions went back", model->highest, note->other);
}

/* Answers come in the order of revisions. */
static void take_new_revision(struct crash_model *model, const struct crash_note *note)
{
    if (note->revision <= model->highest) {
        model->counts.repeated++;
        complain(model, "a revision was given out again", note->revision, model->highest);
    }
    see(model, note->revision);
}

static void take_done(struct crash_model *model, const struct crash_note *note)
{
    struct known *known = &model->keys[note->key];
    take_new_revision(model, note);
    known->acknowledged = note->revision;
    known->is_deleted = note->is_delete;
    if (model->done_count == model->done_capacity) {
        model->done_capacity = model->done_capacity > 0 ? model->done_capacity * 2 : 1024;
        model->done = mem_resize(model->done, model->done_capacity * sizeof(*model->done));
    }
    model->done[model->done_count++] = (struct done){note->revision, note->id};
    model->counts.acknowledged += note->ends_txn;
}

static void take_trouble(struct crash_model *model, const struct crash_note *note)
{
    bool is_half = strstr(note->text, "has no end") != NULL;
    printf("round %lld: %s\n", (long long)model->round, note->text);
    if (is_half)
        model->counts.half++;
    else
        model->counts.lost++;
}

void crash_model_take(struct crash_model *model, const struct crash_note *note)
{
    switch (note->kind) {
    case NOTE_OPENED: take_opened(model, note); return;
    case NOTE_OBJECT:
        model->keys[note->key].found = note->revision;
        see(model, note->revision);
        check_id(model, note);
        return;
    case NOTE_EVENT: take_event(model, note); return;
    case NOTE_READY: take_ready(model); return;
    case NOTE_ATTEMPT: model->attempts = note->id & 0xffffffff; return;
    case NOTE_DONE: take_done(model, note); return;
    case NOTE_SEEN: take_new_revision(model, note); return;
    case NOTE_TROUBLE: take_trouble(model, note); return;
    default: UNREACHABLE("a note of no kind");
    }
}

struct crash_counts crash_model_counts(const struct crash_model *model)
{
    return model->counts;
}
