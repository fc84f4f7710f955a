/* core/kinds/time_text and duration: Go's forms and Go's complaints. */
#include "core/kinds/time_text.h"

#include "core/kinds/duration.h"
#include "tests/harness/test.h"

static struct arena arena;

static const char *read_time(const char *text, bool is_micro)
{
    int64_t wall_us;
    char out[TIME_TEXT_SIZE];
    const char *error = time_text_parse(&arena, slice_of(text), is_micro, &wall_us);
    if (error)
        return error;
    if (is_micro)
        time_format_micro(wall_us, out);
    else
        time_format(wall_us, out);
    return arena_copy_text(&arena, out);
}
static const char *read_duration(const char *text)
{
    int64_t nanos;
    char out[DURATION_TEXT_SIZE];
    const char *error = duration_parse(&arena, slice_of(text), &nanos);
    if (error)
        return error;
    duration_print(nanos, out);
    return arena_copy_text(&arena, out);
}

TEST("a Time takes any offset and fraction, and keeps seconds in UTC")
{
    EXPECT_TEXT(read_time("2026-01-02T03:04:05Z", false), "2026-01-02T03:04:05Z");
    EXPECT_TEXT(read_time("2026-01-02T03:04:05.999Z", false), "2026-01-02T03:04:05Z");
    EXPECT_TEXT(read_time("2026-01-02T01:04:05+02:00", false), "2026-01-01T23:04:05Z");
    EXPECT_TEXT(read_time("2024-02-29T00:00:00Z", false), "2024-02-29T00:00:00Z");
    arena_release(&arena);
}

TEST("a MicroTime wants six digits")
{
    EXPECT_TEXT(read_time("2026-01-02T03:04:05.000001Z", true), "2026-01-02T03:04:05.000001Z");
    EXPECT_TEXT(read_time("2026-01-02T03:04:05Z", true),
                "parsing time \"2026-01-02T03:04:05Z\" as \"2006-01-02T15:04:05.000000Z07:00\": "
                "cannot parse \"Z\" as \".000000\"");
    EXPECT_TEXT(read_time("2026-01-02T03:04:05.1234567Z", true),
                "parsing time \"2026-01-02T03:04:05.1234567Z\" as "
                "\"2006-01-02T15:04:05.000000Z07:00\": cannot parse \"7Z\" as \"Z07:00\"");
    arena_release(&arena);
}

TEST("a text that is no time is told with the piece at which it failed")
{
    EXPECT_TEXT(read_time("abc", false), "parsing time \"abc\" as \"2006-01-02T15:04:05Z07:00\": "
                                         "cannot parse \"abc\" as \"2006\"");
    EXPECT_TEXT(read_time("2026-01-02", false),
                "parsing time \"2026-01-02\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"\" "
                "as \"T\"");
    EXPECT_TEXT(read_time("2026-13-01T00:00:00Z", false),
                "parsing time \"2026-13-01T00:00:00Z\": month out of range");
    EXPECT_TEXT(read_time("2026-02-29T00:00:00Z", false),
                "parsing time \"2026-02-29T00:00:00Z\": day out of range");
    EXPECT_TEXT(read_time("2026-01-02T24:00:00Z", false),
                "parsing time \"2026-01-02T24:00:00Z\": hour out of range");
    EXPECT_TEXT(read_time("2026-01-02T03:04:05Zx", false),
                "parsing time \"2026-01-02T03:04:05Zx\": extra text: \"x\"");
    arena_release(&arena);
}

TEST("durations read and print as Go's")
{
    EXPECT_TEXT(read_duration("0"), "0s");
    EXPECT_TEXT(read_duration("90s"), "1m30s");
    EXPECT_TEXT(read_duration("1h"), "1h0m0s");
    EXPECT_TEXT(read_duration("1.5s"), "1.5s");
    EXPECT_TEXT(read_duration("-100ms"), "-100ms");
    EXPECT_TEXT(read_duration("1500us"), "1.5ms");
    EXPECT_TEXT(read_duration("1us"), "1\xC2\xB5s");
    EXPECT_TEXT(read_duration("1ns"), "1ns");
    EXPECT_TEXT(read_duration("9223372036854775807ns"), "2562047h47m16.854775807s");
    EXPECT_TEXT(read_duration("-9223372036854775808ns"), "-2562047h47m16.854775808s");
    EXPECT_TEXT(read_duration("9223372036854775808ns"),
                "time: invalid duration \"9223372036854775808ns\"");
    EXPECT_TEXT(read_duration(""), "time: invalid duration \"\"");
    EXPECT_TEXT(read_duration("1"), "time: missing unit in duration \"1\"");
    EXPECT_TEXT(read_duration("1x"), "time: unknown unit \"x\" in duration \"1x\"");
    arena_release(&arena);
}
