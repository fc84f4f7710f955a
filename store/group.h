/* Groups: the transactions that are committed together.
 *
 * A record is one transaction while it waits; a group is records in their
 * order, with an upper size. A group that is full, or on its way, has the
 * state at its end.
 *
 * Thread: the loop thread, but group_encode(), which runs on the commit lane
 * while nobody changes the group. */
#ifndef STORE_GROUP_H
#define STORE_GROUP_H

#include <stdbool.h>
#include <stdint.h>

#include "core/list.h"
#include "store/log.h"
#include "store/state.h"

#define GROUP_ROWS_MAX 1024
#define GROUP_BYTES_MAX (4u << 20)

struct txn;

struct change {
    struct object *new; /* The last state when it is a deletion. */
    struct object *old; /* NULL: created. */
    bool is_delete;
};

/* One transaction while it waits. */
struct record {
    struct list link;
    struct txn *txn;     /* NULL: needs no answer. */
    struct list waiters; /* Txns without writes that wait for this record. */
    int64_t last_revision;
    bool is_relaxed;
    bool is_visible;     /* Relaxed, and committed as far as readers can tell. */
    size_t count;
    struct change changes[];
};
void record_destroy(struct record *record);

struct group {
    struct list records;
    size_t rows;
    size_t bytes;
    bool has_durable;    /* Somebody waits for the disk. */
    struct state end;    /* Head at its end, once it is closed. */
    int64_t last_revision;
    struct list link;
};

struct group *group_create(void);
void group_destroy(struct group *group); /* And its records. Takes NULL. */
void group_add(struct group *group, struct record *record);
static inline bool group_is_empty(const struct group *group)
{
    return list_is_empty(&group->records);
}
static inline bool group_is_full(const struct group *group)
{
    return group->rows >= GROUP_ROWS_MAX || group->bytes >= GROUP_BYTES_MAX;
}

/* Rows of a group, as the log wants them. Kept from group to group for its memory. */
struct group_rows {
    struct buffer bytes;
    struct log_row *rows;
    size_t count;
    size_t capacity;
};
/* previous: the log's last row. */
void group_encode(const struct group *group, int64_t previous, struct group_rows *rows);
void group_rows_release(struct group_rows *rows);

#endif
