#include "core/net/spdy.h"

#include <zlib.h>

enum { /* Types of control frames. */
       SYN_STREAM = 1,
       SYN_REPLY = 2,
       RST_STREAM = 3,
       PING = 6,
       GOAWAY = 7,
};
enum { FLAG_FIN = 1, DATA_SIZE_MAX = 0xffffff, STATUS_CANCEL = 5 };

/* --- The dictionary: words with their lengths, then a text --- */

static const char *const words[] = {
    "options",
    "head",
    "post",
    "put",
    "delete",
    "trace",
    "accept",
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "accept-ranges",
    "age",
    "allow",
    "authorization",
    "cache-control",
    "connection",
    "content-base",
    "content-encoding",
    "content-language",
    "content-length",
    "content-location",
    "content-md5",
    "content-range",
    "content-type",
    "date",
    "etag",
    "expect",
    "expires",
    "from",
    "host",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "last-modified",
    "location",
    "max-forwards",
    "pragma",
    "proxy-authenticate",
    "proxy-authorization",
    "range",
    "referer",
    "retry-after",
    "server",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "vary",
    "via",
    "warning",
    "www-authenticate",
    "method",
    "get",
    "status",
    "200 OK",
    "version",
    "HTTP/1.1",
    "url",
    "public",
    "set-cookie",
    "keep-alive",
    "origin",
};

static const char rest[] =
    "100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505"
    "203 Non-Authoritative Information204 No Content301 Moved Permanently400 Bad Request"
    "401 Unauthorized403 Forbidden404 Not Found500 Internal Server Error501 Not Implemented"
    "503 Service UnavailableJan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, "
    "Wed, Thu, Fri, Sat, Sun, GMTchunked,text/html,image/png,image/jpg,image/gif,application/xml,"
    "application/xhtml+xml,text/plain,text/javascript,publicprivatemax-age=gzip,deflate,sdch"
    "charset=utf-8charset=iso-8859-1,utf-,*,enq=0.";

static void append_32(struct buffer *out, uint32_t value)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        buffer_append_byte(out, (char)(value >> shift & 0xff));
}

static void make_dictionary(struct buffer *text)
{
    for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
        append_32(text, (uint32_t)strlen(words[i]));
        buffer_append_text(text, words[i]);
    }
    buffer_append_text(text, rest);
}

static uint32_t read_32(const char *bytes)
{
    const unsigned char *b = (const unsigned char *)bytes;
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

/* --- Reading: header blocks --- */

static bool give_dictionary(z_stream *stream)
{
    struct buffer dictionary = {0};
    make_dictionary(&dictionary);
    int code = inflateSetDictionary(stream, (const Bytef *)dictionary.data, (uInt)dictionary.size);
    buffer_release(&dictionary);
    return code == Z_OK;
}

/* Unpacks one block behind those before it. */
static bool unpack(struct spdy_reader *reader, struct slice block, struct buffer *out)
{
    z_stream *stream = reader->inflate;
    if (!stream) {
        stream = reader->inflate = mem_alloc(sizeof(*stream));
        PRE(inflateInit(stream) == Z_OK);
    }
    stream->next_in = (Bytef *)(uintptr_t)block.data;
    stream->avail_in = (uInt)block.size;
    for (;;) {
        buffer_reserve(out, 4096);
        stream->next_out = (Bytef *)out->data + out->size;
        stream->avail_out = 4095;
        int code = inflate(stream, Z_SYNC_FLUSH);
        out->size += 4095 - stream->avail_out;
        if (code == Z_NEED_DICT && give_dictionary(stream))
            continue;
        if (code == Z_BUF_ERROR || (code == Z_OK && stream->avail_in == 0 && stream->avail_out > 0))
            return true;
        if (code != Z_OK || out->size > SPDY_HEADERS_MAX)
            return false;
    }
}

static bool take_text(struct slice *left, struct slice *text)
{
    if (left->size < 4)
        return false;
    uint32_t size = read_32(left->data);
    if (size > left->size - 4)
        return false;
    *text = slice_sub(*left, 4, 4 + (size_t)size);
    *left = slice_sub(*left, 4 + (size_t)size, left->size);
    return true;
}

static bool read_headers(struct spdy_reader *reader, struct slice block)
{
    struct buffer text = {0};
    arena_reset(&reader->arena);
    bool is_good = unpack(reader, block, &text) && text.size >= 4;
    struct slice left = {arena_copy_slice(&reader->arena, buffer_slice(&text)), text.size};
    buffer_release(&text);
    uint32_t count = is_good ? read_32(left.data) : 0;
    if (!is_good || count > SPDY_HEADER_COUNT_MAX)
        return false;
    struct spdy_header *headers = ARENA_ARRAY(&reader->arena, struct spdy_header, count + 1);
    left = slice_sub(left, 4, left.size);
    for (uint32_t i = 0; i < count; i++)
        if (!take_text(&left, &headers[i].name) || !take_text(&left, &headers[i].value))
            return false;
    reader->headers = headers;
    reader->header_count = count;
    return left.size == 0;
}

/* --- Reading: frames --- */

static enum spdy_event bad(struct spdy_reader *reader)
{
    reader->has_ended = true;
    return SPDY_BAD;
}

static enum spdy_event take_open(struct spdy_reader *reader, struct slice payload, uint8_t flags)
{
    if (payload.size < 10)
        return bad(reader);
    reader->stream = read_32(payload.data) & 0x7fffffff;
    reader->is_last = (flags & FLAG_FIN) != 0;
    if (reader->stream == 0 || !read_headers(reader, slice_sub(payload, 10, payload.size)))
        return bad(reader);
    return SPDY_OPENED;
}

/* Blocks that nobody asks for are unpacked too: they are part of the one zlib stream. */
static enum spdy_event take_control(struct spdy_reader *reader)
{
    struct slice payload = buffer_slice(&reader->control);
    uint16_t type = (uint16_t)(reader->head[2] << 8 | reader->head[3]);
    uint8_t flags = reader->head[4];
    switch (type) {
    case SYN_STREAM: return take_open(reader, payload, flags);
    case SYN_REPLY:
    case 8: /* HEADERS */
        return payload.size >= 4 && read_headers(reader, slice_sub(payload, 4, payload.size))
                   ? SPDY_MORE
                   : bad(reader);
    case RST_STREAM:
        if (payload.size != 8)
            return bad(reader);
        reader->stream = read_32(payload.data) & 0x7fffffff;
        return SPDY_RESET;
    case PING:
        if (payload.size != 4)
            return bad(reader);
        reader->ping_id = read_32(payload.data);
        return SPDY_PING;
    case GOAWAY: return SPDY_GOAWAY;
    default: return SPDY_MORE; /* Settings, window updates and what we do not know. */
    }
}

static enum spdy_event begin_frame(struct spdy_reader *reader)
{
    const uint8_t *head = reader->head;
    reader->is_control = (head[0] & 0x80) != 0;
    reader->left = (uint32_t)head[5] << 16 | (uint32_t)head[6] << 8 | head[7];
    reader->in_frame = true;
    buffer_clear(&reader->control);
    if (!reader->is_control)
        return SPDY_MORE;
    bool is_spdy_3 = (head[0] & 0x7f) == 0 && head[1] == 3;
    return is_spdy_3 && reader->left <= SPDY_CONTROL_MAX ? SPDY_MORE : bad(reader);
}

static enum spdy_event end_frame(struct spdy_reader *reader)
{
    reader->in_frame = false;
    reader->head_size = 0;
    return take_control(reader);
}

/* A piece of a data frame; an empty frame is told for its flag. */
static enum spdy_event take_data(struct spdy_reader *reader, struct slice *input)
{
    size_t size = input->size < reader->left ? input->size : reader->left;
    reader->data = slice_sub(*input, 0, size);
    *input = slice_sub(*input, size, input->size);
    reader->left -= (uint32_t)size;
    reader->stream = read_32((const char *)reader->head) & 0x7fffffff;
    reader->is_last = reader->left == 0 && (reader->head[4] & FLAG_FIN) != 0;
    if (reader->left == 0) {
        reader->in_frame = false;
        reader->head_size = 0;
    }
    return SPDY_DATA;
}

static enum spdy_event step(struct spdy_reader *reader, struct slice *input)
{
    if (!reader->in_frame) {
        while (reader->head_size < sizeof(reader->head) && input->size > 0) {
            reader->head[reader->head_size++] = (uint8_t)input->data[0];
            *input = slice_sub(*input, 1, input->size);
        }
        if (reader->head_size == sizeof(reader->head) && begin_frame(reader) == SPDY_BAD)
            return SPDY_BAD;
        if (!reader->in_frame)
            return SPDY_MORE;
    }
    if (!reader->is_control)
        return reader->left == 0 || input->size > 0 ? take_data(reader, input) : SPDY_MORE;
    size_t size = input->size < reader->left ? input->size : reader->left;
    buffer_append(&reader->control, input->data, size);
    *input = slice_sub(*input, size, input->size);
    reader->left -= (uint32_t)size;
    return reader->left == 0 ? end_frame(reader) : SPDY_MORE;
}

enum spdy_event spdy_read(struct spdy_reader *reader, struct slice *input)
{
    enum spdy_event event = SPDY_MORE;
    if (reader->has_ended)
        return SPDY_BAD;
    do {
        event = step(reader, input);
    } while (event == SPDY_MORE && input->size > 0);
    return event;
}

void spdy_reader_init(struct spdy_reader *reader)
{
    *reader = (struct spdy_reader){0};
    arena_init(&reader->arena);
}

void spdy_reader_release(struct spdy_reader *reader)
{
    if (reader->inflate)
        inflateEnd(reader->inflate);
    mem_free(reader->inflate);
    buffer_release(&reader->control);
    arena_release(&reader->arena);
}

/* --- Writing --- */

void spdy_writer_init(struct spdy_writer *writer)
{
    *writer = (struct spdy_writer){0};
}

void spdy_writer_release(struct spdy_writer *writer)
{
    if (writer->deflate)
        deflateEnd(writer->deflate);
    mem_free(writer->deflate);
}

static z_stream *deflater(struct spdy_writer *writer)
{
    z_stream *stream = writer->deflate;
    struct buffer dictionary = {0};
    if (stream)
        return stream;
    stream = writer->deflate = mem_alloc(sizeof(*stream));
    make_dictionary(&dictionary);
    PRE(deflateInit(stream, Z_BEST_SPEED) == Z_OK);
    PRE(deflateSetDictionary(stream, (const Bytef *)dictionary.data, (uInt)dictionary.size) ==
        Z_OK);
    buffer_release(&dictionary);
    return stream;
}

static void pack(struct spdy_writer *writer, struct slice text, struct buffer *out)
{
    z_stream *stream = deflater(writer);
    stream->next_in = (Bytef *)(uintptr_t)text.data;
    stream->avail_in = (uInt)text.size;
    do {
        buffer_reserve(out, 4096);
        stream->next_out = (Bytef *)out->data + out->size;
        stream->avail_out = 4095;
        deflate(stream, Z_SYNC_FLUSH);
        out->size += 4095 - stream->avail_out;
    } while (stream->avail_out == 0);
}

static void append_text(struct buffer *out, struct slice text)
{
    append_32(out, (uint32_t)text.size);
    buffer_append_slice(out, text);
}

static void append_control(struct buffer *out, uint16_t type, uint8_t flags, struct slice payload)
{
    append_32(out, UINT32_C(0x80030000) | type);
    append_32(out, (uint32_t)flags << 24 | (uint32_t)payload.size);
    buffer_append_slice(out, payload);
}

static void append_headers(struct spdy_writer *writer, struct buffer *payload,
                           const struct spdy_header *headers, size_t count)
{
    struct buffer block = {0};
    append_32(&block, (uint32_t)count);
    for (size_t i = 0; i < count; i++) {
        append_text(&block, headers[i].name);
        append_text(&block, headers[i].value);
    }
    pack(writer, buffer_slice(&block), payload);
    buffer_release(&block);
}

void spdy_write_open(struct spdy_writer *writer, struct buffer *out, uint32_t stream,
                     const struct spdy_header *headers, size_t count, bool is_last)
{
    struct buffer payload = {0};
    append_32(&payload, stream);
    append_32(&payload, 0);          /* Associated with none. */
    buffer_append(&payload, "\0", 2); /* Priority and slot. */
    append_headers(writer, &payload, headers, count);
    append_control(out, SYN_STREAM, is_last ? FLAG_FIN : 0, buffer_slice(&payload));
    buffer_release(&payload);
}

void spdy_write_reply(struct spdy_writer *writer, struct buffer *out, uint32_t stream)
{
    struct buffer payload = {0};
    append_32(&payload, stream);
    append_headers(writer, &payload, NULL, 0);
    append_control(out, SYN_REPLY, 0, buffer_slice(&payload));
    buffer_release(&payload);
}

void spdy_write_data(struct buffer *out, uint32_t stream, struct slice data, bool is_last)
{
    do {
        struct slice piece = slice_sub(data, 0, DATA_SIZE_MAX);
        data = slice_sub(data, piece.size, data.size);
        uint32_t flags = is_last && data.size == 0 ? FLAG_FIN : 0;
        append_32(out, stream);
        append_32(out, flags << 24 | (uint32_t)piece.size);
        buffer_append_slice(out, piece);
    } while (data.size > 0);
}

void spdy_write_reset(struct buffer *out, uint32_t stream)
{
    struct buffer payload = {0};
    append_32(&payload, stream);
    append_32(&payload, STATUS_CANCEL);
    append_control(out, RST_STREAM, 0, buffer_slice(&payload));
    buffer_release(&payload);
}

void spdy_write_ping(struct buffer *out, uint32_t ping_id)
{
    struct buffer payload = {0};
    append_32(&payload, ping_id);
    append_control(out, PING, 0, buffer_slice(&payload));
    buffer_release(&payload);
}
