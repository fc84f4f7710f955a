/* A frame (RFC 6455 5.2):
 *
 *   byte 0: FIN, three reserved bits, opcode       byte 1: MASK, length to 125
 *   or length 126 and 2 bytes of length, or 127 and 8; then, with MASK, 4 bytes
 *   of mask; then the payload, each byte XORed with the mask's next. */
#include "core/net/websocket.h"

#include <bearssl.h>

#include "core/crypto.h"
#include "core/utf8.h"

#define ACCEPT_SUFFIX "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
#define KEY_SIZE 16

bool websocket_accept(struct slice key, struct buffer *accept)
{
    struct buffer bytes = {0};
    br_sha1_context sha1;
    char digest[br_sha1_SIZE];
    bool good = base64_decode(key, &bytes) == 0 && bytes.size == KEY_SIZE;
    buffer_release(&bytes);
    if (!good)
        return false;
    br_sha1_init(&sha1);
    br_sha1_update(&sha1, key.data, key.size);
    br_sha1_update(&sha1, ACCEPT_SUFFIX, sizeof(ACCEPT_SUFFIX) - 1);
    br_sha1_out(&sha1, digest);
    base64_encode((struct slice){digest, sizeof(digest)}, accept);
    return true;
}

void websocket_make_key(struct random *random, struct buffer *key)
{
    char bytes[KEY_SIZE];
    random->fill(random, bytes, sizeof(bytes));
    base64_encode((struct slice){bytes, sizeof(bytes)}, key);
}

void websocket_reader_init(struct websocket_reader *reader, bool is_server, uint64_t message_max)
{
    *reader = (struct websocket_reader){.is_server = is_server, .message_max = message_max};
}

void websocket_reader_release(struct websocket_reader *reader)
{
    buffer_release(&reader->plain);
}

static enum websocket_event refuse(struct websocket_reader *reader, int close_code)
{
    reader->ended = true;
    reader->close_code = close_code;
    reader->data = SLICE("");
    return WEBSOCKET_BAD;
}

static bool is_control(enum websocket_opcode opcode)
{
    return (opcode & 8) != 0;
}

/* --- Heads --- */

/* How long the head is, by what has come of it. */
static size_t head_length(const struct websocket_reader *reader)
{
    size_t length = 2;
    if (reader->head_size < 2)
        return length;
    uint8_t first_length = reader->head[1] & 0x7f;
    length += first_length == 126 ? 2 : first_length == 127 ? 8 : 0;
    return length + ((reader->head[1] & 0x80) ? sizeof(reader->mask) : 0);
}

/* The payload's length; false when it is not in its shortest form. */
static bool read_length(const struct websocket_reader *reader, uint64_t *length)
{
    size_t bytes = 0;
    *length = reader->head[1] & 0x7f;
    if (*length >= 126) {
        bytes = *length == 126 ? 2 : 8;
        *length = 0;
    }
    for (size_t i = 0; i < bytes; i++)
        *length = *length << 8 | reader->head[2 + i];
    return (bytes != 2 || *length > 125) && (bytes != 8 || *length > UINT16_MAX) &&
           *length <= INT64_MAX;
}

/* Whether a frame of this kind may come now. */
static bool fits(const struct websocket_reader *reader, uint64_t length)
{
    switch (reader->frame_opcode) {
    case WEBSOCKET_CONTINUATION: return reader->in_message;
    case WEBSOCKET_TEXT:
    case WEBSOCKET_BINARY: return !reader->in_message;
    case WEBSOCKET_CLOSE:
    case WEBSOCKET_PING:
    case WEBSOCKET_PONG: return reader->final && length <= WEBSOCKET_CONTROL_MAX;
    }
    return false;
}

static void begin_payload(struct websocket_reader *reader, uint64_t length)
{
    reader->left = length;
    reader->in_payload = true;
    reader->mask_at = 0;
    memcpy(reader->mask, reader->head + head_length(reader) - sizeof(reader->mask),
           sizeof(reader->mask));
    if (is_control(reader->frame_opcode)) {
        reader->control_size = 0;
        return;
    }
    if (reader->frame_opcode != WEBSOCKET_CONTINUATION) {
        reader->opcode = reader->frame_opcode;
        reader->in_message = true;
        reader->message_size = 0;
        reader->utf8_left = 0;
    }
    reader->message_size += length;
}

/* Judges a complete head; 0, or what to close with. */
static int read_head(struct websocket_reader *reader)
{
    uint64_t length;
    bool masked = (reader->head[1] & 0x80) != 0;
    reader->final = (reader->head[0] & 0x80) != 0;
    reader->frame_opcode = (enum websocket_opcode)(reader->head[0] & 0x0f);
    if ((reader->head[0] & 0x70) != 0 || masked != reader->is_server ||
        !read_length(reader, &length) || !fits(reader, length))
        return WEBSOCKET_CLOSE_PROTOCOL_ERROR;
    begin_payload(reader, length);
    if (!is_control(reader->frame_opcode) &&
        (reader->message_size > reader->message_max || reader->message_size < length))
        return WEBSOCKET_CLOSE_TOO_LARGE;
    return 0;
}

/* Takes bytes of the head; false while it is not complete. */
static bool take_head(struct websocket_reader *reader, struct slice *input)
{
    while (reader->head_size < head_length(reader)) {
        if (input->size == 0)
            return false;
        reader->head[reader->head_size++] = (uint8_t)input->data[0];
        *input = slice_sub(*input, 1, input->size);
    }
    return true;
}

/* --- Payloads --- */

/* Follows UTF-8 over pieces (RFC 3629 4); false when it is broken. */
static bool follow_utf8(struct websocket_reader *reader, struct slice text)
{
    for (size_t i = 0; i < text.size; i++) {
        uint8_t byte = (uint8_t)text.data[i];
        if (reader->utf8_left > 0) {
            if (byte < reader->utf8_low || byte > reader->utf8_high)
                return false;
            reader->utf8_left--;
            reader->utf8_low = 0x80;
            reader->utf8_high = 0xbf;
            continue;
        }
        if (byte < 0x80)
            continue;
        if (byte < 0xc2 || byte > 0xf4)
            return false;
        reader->utf8_left = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
        reader->utf8_low = byte == 0xe0 ? 0xa0 : byte == 0xf0 ? 0x90 : 0x80;
        reader->utf8_high = byte == 0xed ? 0x9f : byte == 0xf4 ? 0x8f : 0xbf;
    }
    return true;
}

/* The payload's next bytes, unmasked, as many as there are. */
static struct slice take_payload(struct websocket_reader *reader, struct slice *input)
{
    size_t size = reader->left < input->size ? (size_t)reader->left : input->size;
    struct slice piece = slice_sub(*input, 0, size);
    *input = slice_sub(*input, size, input->size);
    reader->left -= size;
    if (!reader->is_server)
        return piece;
    buffer_clear(&reader->plain);
    buffer_append_slice(&reader->plain, piece);
    for (size_t i = 0; i < size; i++)
        reader->plain.data[i] ^= (char)reader->mask[reader->mask_at++ & 3];
    reader->mask_at &= 3;
    return buffer_slice(&reader->plain);
}

static void end_frame(struct websocket_reader *reader)
{
    reader->in_payload = false;
    reader->head_size = 0;
}

static bool is_close_code(int code)
{
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
           (code >= 3000 && code <= 4999);
}

static enum websocket_event tell_close(struct websocket_reader *reader, struct slice payload)
{
    reader->ended = true;
    reader->close_code = WEBSOCKET_CLOSE_NO_CODE;
    if (payload.size == 0)
        return WEBSOCKET_CLOSE_CAME;
    if (payload.size == 1)
        return refuse(reader, WEBSOCKET_CLOSE_PROTOCOL_ERROR);
    reader->close_code = (uint8_t)payload.data[0] << 8 | (uint8_t)payload.data[1];
    reader->data = slice_sub(payload, 2, payload.size);
    if (!is_close_code(reader->close_code))
        return refuse(reader, WEBSOCKET_CLOSE_PROTOCOL_ERROR);
    return utf8_is_valid(reader->data) ? WEBSOCKET_CLOSE_CAME
                                       : refuse(reader, WEBSOCKET_CLOSE_BAD_DATA);
}

/* Gathers a control frame; MORE until it is whole. */
static enum websocket_event read_control(struct websocket_reader *reader, struct slice *input)
{
    struct slice piece = take_payload(reader, input);
    if (piece.size > 0)
        memcpy(reader->control + reader->control_size, piece.data, piece.size);
    reader->control_size += piece.size;
    if (reader->left > 0)
        return WEBSOCKET_MORE;
    end_frame(reader);
    reader->data = (struct slice){(const char *)reader->control, reader->control_size};
    switch (reader->frame_opcode) {
    case WEBSOCKET_PING: return WEBSOCKET_PING_CAME;
    case WEBSOCKET_PONG: return WEBSOCKET_PONG_CAME;
    default: return tell_close(reader, reader->data);
    }
}

static enum websocket_event read_data(struct websocket_reader *reader, struct slice *input)
{
    reader->data = take_payload(reader, input);
    bool frame_ends = reader->left == 0;
    reader->last = frame_ends && reader->final;
    if (frame_ends)
        end_frame(reader);
    if (reader->last)
        reader->in_message = false;
    if (reader->opcode == WEBSOCKET_TEXT &&
        (!follow_utf8(reader, reader->data) || (reader->last && reader->utf8_left > 0)))
        return refuse(reader, WEBSOCKET_CLOSE_BAD_DATA);
    return reader->data.size > 0 || reader->last ? WEBSOCKET_DATA : WEBSOCKET_MORE;
}

enum websocket_event websocket_read(struct websocket_reader *reader, struct slice *input)
{
    enum websocket_event event = WEBSOCKET_MORE;
    reader->data = SLICE("");
    if (reader->ended)
        return WEBSOCKET_MORE;
    while (event == WEBSOCKET_MORE) {
        if (!reader->in_payload) {
            if (!take_head(reader, input))
                break;
            int close_code = read_head(reader);
            if (close_code)
                return refuse(reader, close_code);
        }
        if (input->size == 0 && reader->left > 0)
            break;
        event = is_control(reader->frame_opcode) ? read_control(reader, input)
                                                 : read_data(reader, input);
    }
    return event;
}

/* --- Writing --- */

static void write_length(struct buffer *out, size_t size, uint8_t mask_bit)
{
    size_t bytes = size < 126 ? 0 : size <= UINT16_MAX ? 2 : 8;
    size_t first = bytes == 0 ? size : bytes == 2 ? 126 : 127;
    buffer_append_byte(out, (char)(first | mask_bit));
    while (bytes-- > 0)
        buffer_append_byte(out, (char)(size >> (8 * bytes)));
}

void websocket_write(struct buffer *out, enum websocket_opcode opcode, bool last, struct slice data,
                     struct random *mask_with)
{
    PRE(!is_control(opcode) || (last && data.size <= WEBSOCKET_CONTROL_MAX));
    buffer_append_byte(out, (char)((last ? 0x80 : 0) | opcode));
    write_length(out, data.size, mask_with ? 0x80 : 0);
    if (!mask_with) {
        buffer_append_slice(out, data);
        return;
    }
    char mask[4];
    mask_with->fill(mask_with, mask, sizeof(mask));
    buffer_append(out, mask, sizeof(mask));
    buffer_reserve(out, data.size);
    for (size_t i = 0; i < data.size; i++)
        buffer_append_byte(out, (char)(data.data[i] ^ mask[i & 3]));
}

void websocket_write_close(struct buffer *out, int code, struct slice reason,
                           struct random *mask_with)
{
    struct buffer payload = {0};
    if (code != 0) {
        buffer_append_byte(&payload, (char)(code >> 8));
        buffer_append_byte(&payload, (char)code);
        reason = slice_sub(reason, 0, WEBSOCKET_CONTROL_MAX - 2);
        while (!utf8_is_valid(reason) && reason.size > 0) /* Cut within a character. */
            reason.size--;
        buffer_append_slice(&payload, reason);
    }
    websocket_write(out, WEBSOCKET_CLOSE, true, buffer_slice(&payload), mask_with);
    buffer_release(&payload);
}
