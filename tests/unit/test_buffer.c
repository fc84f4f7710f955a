/* core/buffer: slices and growing bytes. */
#include "core/buffer.h"

#include "tests/harness/test.h"

TEST("slices compare by bytes, a prefix first, NULs included")
{
    EXPECT(slice_compare(SLICE("a"), SLICE("b")) < 0);
    EXPECT(slice_compare(SLICE("a"), SLICE("ab")) < 0);
    EXPECT(slice_compare(SLICE("\xff"), SLICE("a")) > 0);
    EXPECT(slice_compare(SLICE("a\0b"), SLICE("a\0c")) < 0);
    EXPECT_EQ(slice_compare(SLICE("x"), SLICE("x")), 0);
    EXPECT_EQ(slice_compare((struct slice){NULL, 0}, SLICE("")), 0);
    EXPECT(slice_equal((struct slice){NULL, 0}, SLICE("")));
    EXPECT(!slice_equal(SLICE("a\0b"), SLICE("a\0c")));
    EXPECT(slice_is(slice_of(NULL), ""));
}

TEST("prefixes and suffixes are seen, the empty one everywhere")
{
    EXPECT(slice_starts_with(SLICE("abc"), SLICE("ab")));
    EXPECT(!slice_starts_with(SLICE("a"), SLICE("ab")));
    EXPECT(slice_starts_with((struct slice){NULL, 0}, SLICE("")));
    EXPECT(slice_ends_with(SLICE("abc"), SLICE("bc")));
    EXPECT(slice_ends_with(SLICE("abc"), SLICE("")));
    EXPECT(!slice_ends_with(SLICE("abc"), SLICE("b")));
}

TEST("a part of a slice is clamped to it")
{
    EXPECT_SLICE(slice_sub(SLICE("abcdef"), 1, 3), "bc");
    EXPECT_SLICE(slice_sub(SLICE("abc"), 1, SIZE_MAX), "bc");
    EXPECT_SLICE(slice_sub(SLICE("abc"), 3, 3), "");
    EXPECT_SLICE(slice_sub(SLICE("abc"), 7, 2), "");
    EXPECT_SLICE(slice_sub((struct slice){NULL, 0}, 0, 9), "");
    EXPECT_EQ(slice_find(SLICE("abc"), 'c'), 2);
    EXPECT_EQ(slice_find(SLICE("abc"), 'd'), -1);
    EXPECT_EQ(slice_find((struct slice){NULL, 0}, 'd'), -1);
    EXPECT_SLICE(slice_trim(SLICE(" \t a b\t ")), "a b");
    EXPECT_SLICE(slice_trim(SLICE(" \t ")), "");
}

TEST("splitting gives the parts that Go's strings.Split gives")
{
    struct slice rest = SLICE("a,,b,");
    struct slice part;
    EXPECT(slice_split(&rest, ',', &part));
    EXPECT_SLICE(part, "a");
    EXPECT(slice_split(&rest, ',', &part));
    EXPECT_SLICE(part, "");
    EXPECT(slice_split(&rest, ',', &part));
    EXPECT_SLICE(part, "b");
    EXPECT(slice_split(&rest, ',', &part));
    EXPECT_SLICE(part, "");
    EXPECT(!slice_split(&rest, ',', &part));
    rest = SLICE("");
    EXPECT(slice_split(&rest, ',', &part));
    EXPECT_EQ(part.size, 0);
    EXPECT(!slice_split(&rest, ',', &part));
}

static bool is_number(const char *text, int64_t expected)
{
    int64_t value;
    return slice_to_int64(slice_of(text), &value) && value == expected;
}

static bool is_no_number(const char *text)
{
    int64_t value;
    return !slice_to_int64(slice_of(text), &value);
}

TEST("whole numbers are read up to both ends of their range")
{
    EXPECT(is_number("0", 0));
    EXPECT(is_number("-0", 0));
    EXPECT(is_number("007", 7));
    EXPECT(is_number("9223372036854775807", INT64_MAX));
    EXPECT(is_number("-9223372036854775808", INT64_MIN));
    EXPECT(is_no_number("9223372036854775808"));
    EXPECT(is_no_number("-9223372036854775809"));
    EXPECT(is_no_number("99999999999999999999"));
    EXPECT(is_no_number(""));
    EXPECT(is_no_number("-"));
    EXPECT(is_no_number("+1"));
    EXPECT(is_no_number(" 1"));
    EXPECT(is_no_number("1x"));
}

TEST("a buffer grows by everything that is appended, and stays a C string")
{
    struct buffer buffer;
    buffer_init(&buffer);
    EXPECT(buffer.data == NULL);
    buffer_append(&buffer, NULL, 0);
    EXPECT_TEXT(buffer.data, "");
    buffer_append_text(&buffer, "a");
    buffer_append_byte(&buffer, 'b');
    buffer_append_slice(&buffer, SLICE("cd"));
    buffer_append_int(&buffer, INT64_MIN);
    buffer_append_int(&buffer, 0);
    buffer_append_int(&buffer, INT64_MAX);
    buffer_format(&buffer, "%s=%d", "x", 5);
    EXPECT_TEXT(buffer.data, "abcd-922337203685477580809223372036854775807x=5");
    for (int i = 0; i < 1000; i++)
        buffer_format(&buffer, "%0200d", i);
    EXPECT_EQ(buffer.size, 47 + 200000);
    EXPECT_EQ(strlen(buffer.data), buffer.size);
    buffer_clear(&buffer);
    EXPECT_TEXT(buffer.data, "");
    buffer_release(&buffer);
    buffer_release(&buffer);
    buffer_release(NULL);
}

TEST("bytes are consumed from the front and taken as a whole")
{
    struct buffer buffer = {0};
    buffer_consume(&buffer, 0);
    buffer_append_text(&buffer, "hello world");
    buffer_consume(&buffer, 6);
    EXPECT_TEXT(buffer.data, "world");
    EXPECT_DIES(buffer_consume(&buffer, 6));
    buffer_consume(&buffer, 5);
    EXPECT_SLICE(buffer_slice(&buffer), "");
    buffer_append_text(&buffer, "rest");
    char *taken = buffer_take(&buffer);
    EXPECT_TEXT(taken, "rest");
    EXPECT(buffer.data == NULL);
    mem_free(taken);
    taken = buffer_take(&buffer);
    EXPECT_TEXT(taken, "");
    mem_free(taken);
}

TEST("copies end with a NUL, and memory that cannot be had ends the process")
{
    char *copy = mem_copy_slice(SLICE("a\0b"));
    EXPECT_EQ(memcmp(copy, "a\0b", 4), 0);
    mem_free(copy);
    copy = mem_copy_text(NULL);
    EXPECT_TEXT(copy, "");
    mem_free(copy);
    char *zeroed = mem_alloc(100);
    for (int i = 0; i < 100; i++)
        EXPECT_EQ(zeroed[i], 0);
    mem_free(zeroed);
    struct buffer buffer = {0};
    EXPECT_DIES(buffer_reserve(&buffer, SIZE_MAX - 1));
}
