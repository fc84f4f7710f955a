/* Groups, and their encoding. */
#include "store/group.h"

#include "store/row.h"

void record_destroy(struct record *record)
{
    for (size_t i = 0; i < record->count; i++) {
        object_unref(record->changes[i].new);
        object_unref(record->changes[i].old);
    }
    mem_free(record);
}

struct group *group_create(void)
{
    struct group *group = mem_alloc(sizeof(*group));
    list_init(&group->records);
    list_init(&group->link);
    return group;
}

void group_destroy(struct group *group)
{
    if (group == NULL)
        return;
    for (struct list *link; (link = list_pop_front(&group->records)) != NULL;)
        record_destroy(CONTAINER_OF(link, struct record, link));
    state_release(&group->end);
    mem_free(group);
}

void group_add(struct group *group, struct record *record)
{
    list_push_back(&group->records, &record->link);
    group->rows += record->count;
    for (size_t i = 0; i < record->count; i++)
        group->bytes += row_size(record->changes[i].new);
    group->last_revision = record->last_revision;
    group->has_durable |= !record->is_visible;
}

static void encode_record(const struct record *record, int64_t *previous, struct group_rows *rows)
{
    for (size_t i = 0; i < record->count; i++) {
        const struct change *change = &record->changes[i];
        struct row row = row_of(change->new);
        row.previous = *previous;
        row.replaced = change->old ? change->old->revision : 0;
        row.is_delete = change->is_delete;
        row.is_relaxed = record->is_relaxed;
        row.ends_txn = i + 1 == record->count;
        size_t start = rows->bytes.size;
        row_encode(&row, &rows->bytes);
        rows->rows[rows->count++] =
            (struct log_row){row.revision, row.ends_txn, {NULL, rows->bytes.size - start}};
        *previous = row.revision;
    }
}

static void make_room(const struct group *group, struct group_rows *rows)
{
    rows->count = 0;
    buffer_clear(&rows->bytes);
    if (rows->bytes.capacity > 2 * GROUP_BYTES_MAX)
        buffer_release(&rows->bytes); /* One huge transaction is no reason to keep its size. */
    buffer_reserve(&rows->bytes, group->bytes);
    if (rows->capacity >= group->rows)
        return;
    rows->capacity = group->rows;
    rows->rows = mem_resize(rows->rows, rows->capacity * sizeof(*rows->rows));
}

/* The rows get their places when the buffer has all and moves no more. */
void group_encode(const struct group *group, int64_t previous, struct group_rows *rows)
{
    make_room(group, rows);
    LIST_EACH(link, &group->records)
        encode_record(CONTAINER_OF(link, struct record, link), &previous, rows);
    const char *place = rows->bytes.data;
    for (size_t i = 0; i < rows->count; i++) {
        rows->rows[i].data.data = place;
        place += rows->rows[i].data.size;
    }
}

void group_rows_release(struct group_rows *rows)
{
    buffer_release(&rows->bytes);
    mem_free(rows->rows);
}
