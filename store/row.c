/* Encoding and checking of rows. */
#include "store/row.h"

#include "core/crypto.h"
#include "core/kinds/view.h"

enum { FLAG_DELETE = 1, FLAG_ENDS_TXN = 2, FLAG_RELAXED = 4, FLAGS_KNOWN = 7 };
enum { CRC_OFFSET = 4, BEHIND_CRC = 8 };

static void put_number(char *place, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++)
        place[i] = (char)(uint8_t)(value >> (8 * i));
}

static uint64_t get_number(const char *place, size_t size)
{
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++)
        value |= (uint64_t)(uint8_t)place[i] << (8 * i);
    return value;
}

static uint32_t checksum(int64_t revision, struct slice data)
{
    char number[8];
    put_number(number, (uint64_t)revision, sizeof(number));
    uint32_t sum = crc32c(0, number, sizeof(number));
    sum = crc32c(sum, data.data, CRC_OFFSET);
    return crc32c(sum, data.data + BEHIND_CRC, data.size - BEHIND_CRC);
}

struct row row_of(const struct object *object)
{
    return (struct row){
        .revision = object->revision,
        .view_format = VIEW_FORMAT,
        .splice = object->splice,
        .key = object_key(object),
        .view = object_view(object),
        .body = object_body(object),
        .managed = object_managed(object),
    };
}

static void put_head(const struct row *row, char *head)
{
    unsigned flags = (row->is_delete ? FLAG_DELETE : 0u) | (row->ends_txn ? FLAG_ENDS_TXN : 0u) |
                     (row->is_relaxed ? FLAG_RELAXED : 0u);
    put_number(head, ROW_FORMAT, 1);
    put_number(head + 1, flags, 1);
    put_number(head + 2, row->view_format, 1);
    put_number(head + 3, 0, 1);
    put_number(head + 8, (uint64_t)row->previous, 8);
    put_number(head + 16, (uint64_t)row->replaced, 8);
    put_number(head + 24, row->key.size, 4);
    put_number(head + 28, row->view.size, 4);
    put_number(head + 32, row->body.size, 4);
    put_number(head + 36, row->splice, 4);
}

void row_encode(const struct row *row, struct buffer *data)
{
    size_t start = data->size;
    char head[ROW_HEAD_SIZE];
    put_head(row, head);
    buffer_append(data, head, sizeof(head));
    buffer_append_slice(data, row->key);
    buffer_append_slice(data, row->view);
    buffer_append_slice(data, row->body);
    buffer_append_slice(data, row->managed);
    struct slice whole = {data->data + start, data->size - start};
    put_number(data->data + start + CRC_OFFSET, checksum(row->revision, whole), 4);
}

size_t row_size(const struct object *object)
{
    return ROW_HEAD_SIZE + (size_t)object->key_size + object->view_size + object->body_size +
           object_managed(object).size;
}

/* Takes the next size bytes; false when there are fewer. */
static bool take(struct slice *rest, uint64_t size, struct slice *part)
{
    if (size > rest->size)
        return false;
    *part = slice_sub(*rest, 0, (size_t)size);
    *rest = slice_sub(*rest, (size_t)size, rest->size);
    return true;
}

static bool get_slices(struct slice data, struct row *row)
{
    struct slice rest = slice_sub(data, ROW_HEAD_SIZE, data.size);
    if (!take(&rest, get_number(data.data + 24, 4), &row->key) ||
        !take(&rest, get_number(data.data + 28, 4), &row->view) ||
        !take(&rest, get_number(data.data + 32, 4), &row->body))
        return false;
    row->managed = rest;
    row->splice = (uint32_t)get_number(data.data + 36, 4);
    return row->splice <= row->body.size && row->key.size > 0;
}

static int bad(struct status *status, int64_t revision, const char *why)
{
    return status_fail(status, STATUS_INTERNAL_ERROR, "row %lld %s", (long long)revision, why);
}

int row_decode(int64_t revision, struct slice data, struct row *row, struct status *status)
{
    if (data.size < ROW_HEAD_SIZE)
        return bad(status, revision, "is too short");
    if (get_number(data.data + CRC_OFFSET, 4) != checksum(revision, data))
        return bad(status, revision, "does not match its checksum");
    unsigned flags = (unsigned)get_number(data.data + 1, 1);
    if (get_number(data.data, 1) != ROW_FORMAT || (flags & ~(unsigned)FLAGS_KNOWN) != 0 ||
        get_number(data.data + 3, 1) != 0)
        return bad(status, revision, "is of a format that this version does not know");
    *row = (struct row){
        .revision = revision,
        .previous = (int64_t)get_number(data.data + 8, 8),
        .replaced = (int64_t)get_number(data.data + 16, 8),
        .is_delete = (flags & FLAG_DELETE) != 0,
        .ends_txn = (flags & FLAG_ENDS_TXN) != 0,
        .is_relaxed = (flags & FLAG_RELAXED) != 0,
        .view_format = (uint8_t)get_number(data.data + 2, 1),
    };
    if (!get_slices(data, row))
        return bad(status, revision, "has sizes that do not fit");
    return 0;
}

struct object *row_to_object(const struct row *row)
{
    return object_create(row->key, row->revision, row->view, row->body, row->splice, row->managed);
}
