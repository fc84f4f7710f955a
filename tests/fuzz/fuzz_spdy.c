/* Outside bytes as SPDY frames. What must hold: no crash, bounds are kept, and the pieces in
 * which bytes come make no difference. */
#include "core/net/spdy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct buffer read_all(struct slice input, size_t piece_max)
{
    struct spdy_reader reader;
    struct buffer told = {0};
    spdy_reader_init(&reader);
    while (input.size > 0) {
        struct slice piece = slice_sub(input, 0, piece_max);
        enum spdy_event event;
        input = slice_sub(input, piece.size, input.size);
        while ((event = spdy_read(&reader, &piece)) != SPDY_MORE && event != SPDY_BAD) {
            PRE(reader.header_count <= SPDY_HEADER_COUNT_MAX);
            if (event == SPDY_DATA)
                buffer_append_slice(&told, reader.data);
            else
                buffer_format(&told, "[%d %u]", (int)event, reader.stream);
        }
        if (event == SPDY_BAD)
            break;
    }
    spdy_reader_release(&reader);
    return told;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct slice input = {(const char *)data + 1, size - 1};
    struct buffer whole = read_all(input, input.size);
    struct buffer pieces = read_all(input, (size_t)data[0] % 16 + 1);
    PRE(slice_equal(buffer_slice(&whole), buffer_slice(&pieces)));
    buffer_release(&whole);
    buffer_release(&pieces);
    return 0;
}
