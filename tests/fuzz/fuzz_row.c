/* Rows of the log: any bytes are a row that writes back the same, or are refused.
 *
 * Nearly no random bytes have the right checksum, so the input gets one: what
 * is behind it is what is to be tried. */
#include "core/crypto.h"
#include "store/row.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const int64_t revision = 7;

/* As store/row.h says: the revision, and all but the checksum's own four bytes. */
static void mend_checksum(char *bytes, size_t size)
{
    char number[8] = {7};
    uint32_t sum = crc32c(0, number, sizeof(number));
    sum = crc32c(sum, bytes, 4);
    sum = crc32c(sum, bytes + 8, size - 8);
    for (int i = 0; i < 4; i++)
        bytes[4 + i] = (char)(uint8_t)(sum >> (8 * i));
}

static void check(struct slice bytes)
{
    struct row row;
    struct status status;
    status_init(&status);
    if (row_decode(revision, bytes, &row, &status) == 0) {
        struct buffer again = {0};
        struct object *object = row_to_object(&row);
        row_encode(&row, &again);
        PRE(slice_equal(buffer_slice(&again), bytes));
        object_unref(object);
        buffer_release(&again);
    } else {
        PRE(status.message != NULL);
    }
    status_release(&status);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *bytes = mem_copy_slice((struct slice){(const char *)data, size});
    check((struct slice){bytes, size});
    if (size >= ROW_HEAD_SIZE)
        mend_checksum(bytes, size);
    check((struct slice){bytes, size});
    mem_free(bytes);
    return 0;
}
