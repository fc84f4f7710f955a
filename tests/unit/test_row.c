/* Rows: what is written is read, and no changed byte passes. */
#include "store/row.h"

#include <stdlib.h>

#include "tests/harness/test.h"

static struct row example(void)
{
    return (struct row){
        .revision = 77,
        .previous = 76,
        .replaced = 12,
        .ends_txn = true,
        .view_format = 3,
        .splice = 2,
        .key = SLICE("/pods/default/web"),
        .view = SLICE("a\0b"),
        .body = SLICE("{\"metadata\":{}}"),
        .managed = SLICE("[{}]"),
    };
}

TEST("a row is read as it was written")
{
    struct row row = example();
    struct buffer data = {0};
    struct status status = {0};
    row_encode(&row, &data);
    struct row found;
    EXPECT_EQ(row_decode(77, buffer_slice(&data), &found, &status), 0);
    EXPECT_EQ(found.revision, 77);
    EXPECT_EQ(found.previous, 76);
    EXPECT_EQ(found.replaced, 12);
    EXPECT(found.ends_txn && !found.is_delete && !found.is_relaxed);
    EXPECT_EQ(found.view_format, 3);
    EXPECT_EQ(found.splice, 2);
    EXPECT_SLICE(found.key, "/pods/default/web");
    EXPECT_SLICE(found.view, SLICE("a\0b"));
    EXPECT_SLICE(found.body, "{\"metadata\":{}}");
    EXPECT_SLICE(found.managed, "[{}]");
    struct object *object = row_to_object(&found);
    EXPECT_EQ(row_size(object), data.size);
    object_unref(object);
    buffer_release(&data);
}

TEST("no bit of a row can change unseen, nor its size, nor its revision")
{
    struct row row = example();
    struct buffer data = {0};
    struct status status = {0};
    row_encode(&row, &data);
    struct row found;
    for (size_t bit = 0; bit < data.size * 8; bit++) {
        data.data[bit / 8] ^= (char)(1 << bit % 8);
        EXPECT_EQ(row_decode(77, buffer_slice(&data), &found, &status), -1);
        data.data[bit / 8] ^= (char)(1 << bit % 8);
    }
    for (size_t size = 0; size < data.size; size++) {
        char *copy = malloc(size + 1);
        memcpy(copy, data.data, size);
        EXPECT_EQ(row_decode(77, (struct slice){copy, size}, &found, &status), -1);
        free(copy);
    }
    EXPECT_EQ(row_decode(78, buffer_slice(&data), &found, &status), -1);
    EXPECT_TEXT(status.message, "row 78 does not match its checksum");
    EXPECT_EQ(row_decode(77, buffer_slice(&data), &found, &status), 0);
    status_release(&status);
    buffer_release(&data);
}
