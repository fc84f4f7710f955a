#include "core/net/spdy.h"

#include <zlib.h>

#include "core/random.h"
#include "tests/harness/test.h"

struct pair {
    struct spdy_writer writer;
    struct spdy_reader reader;
    struct buffer wire;
    struct slice input;
};

static void start(struct pair *pair)
{
    *pair = (struct pair){0};
    spdy_writer_init(&pair->writer);
    spdy_reader_init(&pair->reader);
}
static void stop(struct pair *pair)
{
    spdy_writer_release(&pair->writer);
    spdy_reader_release(&pair->reader);
    buffer_release(&pair->wire);
}
static enum spdy_event next(struct pair *pair)
{
    return spdy_read(&pair->reader, &pair->input);
}
static void rewind_wire(struct pair *pair)
{
    pair->input = buffer_slice(&pair->wire);
}

static const struct spdy_header headers[] = {
    {SLICE("streamtype"), SLICE("data")},
    {SLICE("port"), SLICE("8080")},
};

TEST("streams are opened with headers, and the second block is packed behind the first")
{
    struct pair pair;
    start(&pair);
    spdy_write_open(&pair.writer, &pair.wire, 1, headers, 2, true);
    size_t first = pair.wire.size;
    spdy_write_open(&pair.writer, &pair.wire, 3, headers, 2, false);
    EXPECT(pair.wire.size - first < first);
    rewind_wire(&pair);
    EXPECT_EQ(next(&pair), SPDY_OPENED);
    EXPECT_EQ(pair.reader.stream, 1);
    EXPECT(pair.reader.is_last);
    EXPECT_EQ(pair.reader.header_count, 2);
    EXPECT_SLICE(pair.reader.headers[1].name, "port");
    EXPECT_SLICE(pair.reader.headers[1].value, "8080");
    EXPECT_EQ(next(&pair), SPDY_OPENED);
    EXPECT_EQ(pair.reader.stream, 3);
    EXPECT(!pair.reader.is_last);
    EXPECT_SLICE(pair.reader.headers[0].value, "data");
    EXPECT_EQ(next(&pair), SPDY_MORE);
    stop(&pair);
}

TEST("the dictionary is the protocol's")
{
    /* Adler-32 of it stands in the zlib header of a block (RFC 1950, DICTID). */
    struct pair pair;
    start(&pair);
    spdy_write_open(&pair.writer, &pair.wire, 1, headers, 2, false);
    const unsigned char *block = (const unsigned char *)pair.wire.data + 8 + 10;
    EXPECT_EQ(block[1] & 0x20, 0x20);
    EXPECT_EQ((uint32_t)block[2] << 24 | (uint32_t)block[3] << 16 | (uint32_t)block[4] << 8 |
                  block[5],
              0xe3c6a7c2);
    stop(&pair);
}

static void write_all(struct pair *pair)
{
    spdy_write_open(&pair->writer, &pair->wire, 1, headers, 2, false);
    spdy_write_reply(&pair->writer, &pair->wire, 2);
    spdy_write_data(&pair->wire, 1, SLICE("hello"), false);
    spdy_write_ping(&pair->wire, 7);
    spdy_write_data(&pair->wire, 1, SLICE(""), true);
    spdy_write_reset(&pair->wire, 1);
    spdy_write_open(&pair->writer, &pair->wire, 5, headers, 1, false);
}

TEST("frames cut anywhere say the same")
{
    for (size_t piece = 1; piece < 40; piece++) {
        struct pair pair;
        struct buffer told = {0};
        start(&pair);
        write_all(&pair);
        for (size_t at = 0; at < pair.wire.size; at += piece) {
            pair.input = slice_sub(buffer_slice(&pair.wire), at, at + piece);
            for (enum spdy_event event; (event = next(&pair)) != SPDY_MORE;) {
                EXPECT(event != SPDY_BAD);
                if (event == SPDY_DATA)
                    buffer_format(&told, SLICE_FORMAT "%s", SLICE_ARGS(pair.reader.data),
                                  pair.reader.is_last ? "|" : "");
                else
                    buffer_format(&told, "[%d %u]", event,
                                  event == SPDY_PING ? pair.reader.ping_id : pair.reader.stream);
            }
        }
        EXPECT_TEXT(told.data, "[1 1]hello[4 7]|[3 1][1 5]");
        buffer_release(&told);
        stop(&pair);
    }
}

static void expect_bad(struct slice bytes)
{
    struct pair pair;
    start(&pair);
    pair.input = bytes;
    EXPECT_EQ(next(&pair), SPDY_BAD);
    EXPECT_EQ(next(&pair), SPDY_BAD);
    stop(&pair);
}

TEST("what is no SPDY/3 is refused, and so is what is too large")
{
    expect_bad(SLICE("\x80\x02\x00\x06\x00\x00\x00\x04\x00\x00\x00\x01"));
    expect_bad(SLICE("\x80\x03\x00\x01\x00\xff\xff\xff"));
    expect_bad(SLICE("\x80\x03\x00\x06\x00\x00\x00\x03\x00\x00\x01"));
    expect_bad(SLICE("\x80\x03\x00\x01\x00\x00\x00\x02\x00\x00"));
    expect_bad(SLICE("\x80\x03\x00\x01\x00\x00\x00\x0e\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00"
                     "junk"));
}

TEST("damaged bytes never break the reader")
{
    struct random_seeded seeded;
    random_seeded_init(&seeded, 5);
    for (int round = 0; round < 2000; round++) {
        struct pair pair;
        start(&pair);
        write_all(&pair);
        size_t at = (size_t)random_below(&seeded.random, pair.wire.size);
        pair.wire.data[at] = (char)random_below(&seeded.random, 256);
        rewind_wire(&pair);
        enum spdy_event event = SPDY_PING;
        while (event != SPDY_BAD && event != SPDY_MORE)
            event = next(&pair);
        stop(&pair);
    }
}
