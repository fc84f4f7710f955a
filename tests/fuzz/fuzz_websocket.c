/* Outside bytes as WebSocket frames. What must hold: no crash, and the pieces
 * in which bytes come make no difference to the messages. */
#include "core/net/websocket.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Texts that turn out broken are told up to the piece that broke them, so the
 * bytes of a message that is not complete do not count. */
static struct buffer read_all(bool is_server, struct slice input, size_t piece_max)
{
    struct websocket_reader reader;
    struct buffer told = {0}, message = {0};
    websocket_reader_init(&reader, is_server, 3000);
    while (input.size > 0) {
        struct slice piece = slice_sub(input, 0, piece_max);
        enum websocket_event event;
        input = slice_sub(input, piece.size, input.size);
        while ((event = websocket_read(&reader, &piece)) != WEBSOCKET_MORE) {
            if (event == WEBSOCKET_DATA) {
                buffer_append_slice(&message, reader.data);
                if (!reader.last)
                    continue;
                buffer_append_slice(&told, buffer_slice(&message));
                buffer_clear(&message);
            }
            buffer_format(&told, "[%d %d]", (int)event, reader.close_code);
        }
    }
    PRE(message.size <= 3000);
    websocket_reader_release(&reader);
    buffer_release(&message);
    return told;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct slice input = {(const char *)data + 1, size - 1};
    bool is_server = data[0] & 1;
    struct buffer whole = read_all(is_server, input, SIZE_MAX);
    struct buffer pieces = read_all(is_server, input, 1 + (data[0] >> 1) % 17);
    PRE(slice_equal(buffer_slice(&whole), buffer_slice(&pieces)));
    buffer_release(&whole);
    buffer_release(&pieces);
    return 0;
}
