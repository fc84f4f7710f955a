/* WebSocket frames, by the examples and the rules of RFC 6455. */
#include <stdio.h>

#include "core/net/websocket.h"
#include "tests/harness/test.h"

/* Reads all of the bytes, in pieces of a size, and tells what came as text. */
static char *tell(bool is_server, uint64_t message_max, struct slice bytes, size_t piece_max)
{
    static const char *const names[] = {"", "data", "ping", "pong", "close", "bad"};
    struct websocket_reader reader;
    struct buffer text = {0};
    websocket_reader_init(&reader, is_server, message_max);
    while (bytes.size > 0) {
        struct slice piece = slice_sub(bytes, 0, piece_max);
        bytes = slice_sub(bytes, piece.size, bytes.size);
        enum websocket_event event;
        while ((event = websocket_read(&reader, &piece)) != WEBSOCKET_MORE) {
            if (event == WEBSOCKET_DATA) {
                buffer_append_slice(&text, reader.data);
                if (reader.last)
                    buffer_append_text(&text, reader.opcode == WEBSOCKET_TEXT ? "|" : "#");
                continue;
            }
            buffer_format(&text, "[%s " SLICE_FORMAT, names[event], SLICE_ARGS(reader.data));
            if (event >= WEBSOCKET_CLOSE_CAME)
                buffer_format(&text, " %d", reader.close_code);
            buffer_append_byte(&text, ']');
        }
    }
    websocket_reader_release(&reader);
    return buffer_take(&text);
}

static void expect(bool is_server, struct slice bytes, const char *told)
{
    for (size_t piece = 1; piece <= 9; piece++) {
        char *text = tell(is_server, 1000, bytes, piece);
        EXPECT_TEXT(text, told);
        mem_free(text);
    }
    char *text = tell(is_server, 1000, bytes, SIZE_MAX);
    EXPECT_TEXT(text, told);
    mem_free(text);
}

TEST("the key of the RFC's example is answered as there")
{
    struct buffer accept = {0};
    EXPECT(websocket_accept(SLICE("dGhlIHNhbXBsZSBub25jZQ=="), &accept));
    EXPECT_SLICE(buffer_slice(&accept), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    EXPECT(!websocket_accept(SLICE("short"), &accept));
    EXPECT(!websocket_accept(SLICE("dGhlIHNhbXBsZQ=="), &accept));
    buffer_clear(&accept);
    struct random_seeded random;
    random_seeded_init(&random, 1);
    websocket_make_key(&random.random, &accept);
    struct buffer answer = {0};
    EXPECT(websocket_accept(buffer_slice(&accept), &answer));
    buffer_release(&answer);
    buffer_release(&accept);
}

TEST("the frames of the RFC's examples are read (5.7)")
{
    expect(false, SLICE("\x81\x05Hello"), "Hello|");
    expect(true, SLICE("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"), "Hello|");
    expect(false, SLICE("\x01\x03Hel\x80\x02lo"), "Hello|");
    expect(false, SLICE("\x89\x05Hello"), "[ping Hello]");
    expect(true, SLICE("\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"), "[pong Hello]");
}

TEST("control frames may stand between the frames of a message")
{
    expect(false,
           SLICE("\x02\x02"
                 "ab\x89\x01p\x00\x01"
                 "c\x8a\x00\x80\x00"),
           "ab[ping p]c[pong ]#");
    expect(false, SLICE("\x82\x00\x81\x00"), "#|");
}

TEST("a close says code and reason, and is the last word")
{
    expect(false, SLICE("\x88\x00\x81\x01x"), "[close  1005]");
    expect(false, SLICE("\x88\x02\x03\xe8\x81\x01x"), "[close  1000]");
    expect(false,
           SLICE("\x88\x05\x03\xe9"
                 "bye"),
           "[close bye 1001]");
    expect(false, SLICE("\x88\x01\x03"), "[bad  1002]");
    expect(false, SLICE("\x88\x02\x03\xed"), "[bad  1002]"); /* 1005 is never sent. */
    expect(false, SLICE("\x88\x02\x00\x01"), "[bad  1002]");
    expect(false, SLICE("\x88\x03\x03\xe8\xff"), "[bad  1007]");
}

TEST("what breaks a rule of framing is refused")
{
    static const struct {
        bool is_server;
        struct slice bytes;
    } cases[] = {
        {false, {"\x81\x85\x37\xfa\x21\x3dHello", 11}}, /* Masked to a client. */
        {true, {"\x81\x05Hello", 7}},                   /* Not masked to a server. */
        {false, {"\xc1\x01x", 3}},                      /* Reserved bits. */
        {false, {"\xa1\x01x", 3}},
        {false, {"\x91\x01x", 3}},
        {false, {"\x83\x01x", 3}},                      /* Unknown opcodes. */
        {false, {"\x8b\x01x", 3}},
        {false, {"\x80\x01x", 3}},                      /* Nothing to continue. */
        {false, {"\x01\x01x\x81\x01y", 6}},             /* A message within a message. */
        {false, {"\x09\x01x", 3}},                      /* A control frame in parts. */
        {false, {"\x89\x7e\x00\x7e", 4}},               /* Or too large. */
        {false, {"\x81\x7e\x00\x05Hello", 9}},          /* A length longer than need be. */
        {false, {"\x81\x7f\x00\x00\x00\x00\x00\x00\xff\xff", 10}},
        {false, {"\x81\x7f\x80\x00\x00\x00\x00\x00\x00\x00", 10}},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        char *text = tell(cases[i].is_server, 1000, cases[i].bytes, SIZE_MAX);
        EXPECT(strstr(text, "[bad  1002]"));
        mem_free(text);
    }
}

TEST("messages over the limit are refused by their heads, in parts too")
{
    expect(false, SLICE("\x82\x7e\x03\xe9"), "[bad  1009]");
    expect(false, SLICE("\x02\x01x\x80\x7e\x03\xe8"), "x[bad  1009]");
    expect(false, SLICE("\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xff"), "[bad  1009]");
}

TEST("texts are UTF-8, over pieces and frames")
{
    expect(false, SLICE("\x01\x02\xce\xba\x80\x00"), "\xce\xba|");
    expect(false, SLICE("\x01\x01\xce\x80\x01\xba"), "\xce\xba|");
    expect(false, SLICE("\x81\x04\xf0\x9f\x98\x80"), "\xf0\x9f\x98\x80|");
    static const struct slice bad[] = {{"\x81\x02\xc0\x80", 4},
                                       {"\x81\x03\xed\xa0\x80", 5},
                                       {"\x81\x04\xf4\x90\x80\x80", 6},
                                       {"\x81\x01\x80", 3},
                                       {"\x81\x01\xff", 3},
                                       {"\x81\x03\xe0\x80\x80", 5},
                                       {"\x81\x02\xce"
                                        "a",
                                        4},
                                       {"\x81\x02\xe1\xbd", 4}};
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        char *text = tell(false, 1000, bad[i], SIZE_MAX);
        EXPECT_TEXT(text, "[bad  1007]");
        mem_free(text);
    }
    expect(false, SLICE("\x82\x01\xff"), "\xff#"); /* Binary is anything. */
}

TEST("what one end writes the other reads, of any size, masked or not")
{
    static const size_t sizes[] = {0, 1, 125, 126, 127, 65535, 65536, 100000};
    struct random_seeded random;
    random_seeded_init(&random, 4);
    for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
        for (int masked = 0; masked <= 1; masked++) {
            struct buffer data = {0}, wire = {0};
            for (size_t j = 0; j < sizes[i]; j++)
                buffer_append_byte(&data, (char)('a' + j % 26));
            websocket_write(&wire, WEBSOCKET_BINARY, true, buffer_slice(&data),
                            masked ? &random.random : NULL);
            websocket_write(&wire, WEBSOCKET_PING, true, SLICE("p"),
                            masked ? &random.random : NULL);
            websocket_write_close(&wire, WEBSOCKET_CLOSE_NORMAL, SLICE("done"),
                                  masked ? &random.random : NULL);
            char *text = tell(masked, 1 << 20, buffer_slice(&wire), 1000);
            buffer_append_text(&data, "#[ping p][close done 1000]");
            EXPECT_TEXT(text, data.data);
            mem_free(text);
            buffer_release(&data);
            buffer_release(&wire);
        }
    }
}

TEST("a reason that is too long is cut at a character")
{
    struct buffer reason = {0}, wire = {0};
    for (int i = 0; i < 100; i++)
        buffer_append_text(&reason, "\xe2\x82\xac");
    websocket_write_close(&wire, WEBSOCKET_CLOSE_INTERNAL_ERROR, buffer_slice(&reason), NULL);
    EXPECT_EQ(wire.size, 2 + 2 + 123);
    char *text = tell(false, 1000, buffer_slice(&wire), SIZE_MAX);
    EXPECT(strstr(text, "1011]"));
    mem_free(text);
    buffer_release(&reason);
    buffer_release(&wire);
}
