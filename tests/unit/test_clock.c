/* core/clock: times and ages as text. */
#include "core/clock.h"

#include "tests/harness/test.h"

#define SECOND INT64_C(1000000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

static const char *time_text(int64_t wall_us)
{
    static char text[TIME_TEXT_SIZE];
    time_format(wall_us, text);
    return text;
}

static const char *micro_text(int64_t wall_us)
{
    static char text[TIME_TEXT_SIZE];
    time_format_micro(wall_us, text);
    return text;
}

TEST("times are written as Kubernetes writes them, before 1970 too")
{
    EXPECT_TEXT(time_text(0), "1970-01-01T00:00:00Z");
    EXPECT_TEXT(time_text(-1), "1969-12-31T23:59:59Z");
    EXPECT_TEXT(micro_text(-1), "1969-12-31T23:59:59.999999Z");
    EXPECT_TEXT(micro_text(6), "1970-01-01T00:00:00.000006Z");
    EXPECT_TEXT(time_text(951782399 * SECOND), "2000-02-28T23:59:59Z");
    EXPECT_TEXT(time_text(951782400 * SECOND), "2000-02-29T00:00:00Z");
    EXPECT_TEXT(time_text(1767323045 * SECOND + 999999), "2026-01-02T03:04:05Z");
    EXPECT_TEXT(time_text(INT64_C(-62135596800) * SECOND), "0001-01-01T00:00:00Z");
    EXPECT_TEXT(time_text(INT64_C(253402300799) * SECOND), "9999-12-31T23:59:59Z");
    EXPECT_TEXT(micro_text(INT64_MAX), "294247-01-10T04:00:54.775807Z");
    EXPECT(strlen(micro_text(INT64_MIN)) < TIME_TEXT_SIZE);
}

static int64_t parsed(const char *text)
{
    int64_t wall_us = INT64_MIN;
    EXPECT(time_parse(slice_of(text), &wall_us));
    return wall_us;
}

static bool is_no_time(const char *text)
{
    int64_t wall_us;
    return !time_parse(slice_of(text), &wall_us);
}

TEST("RFC 3339 is read with any offset and fraction")
{
    EXPECT_EQ(parsed("1970-01-01T00:00:00Z"), 0);
    EXPECT_EQ(parsed("1969-12-31T23:59:59.999999Z"), -1);
    EXPECT_EQ(parsed("2026-01-02T03:04:05.000006Z"), 1767323045 * SECOND + 6);
    EXPECT_EQ(parsed("2026-01-02T03:04:05.5Z"), 1767323045 * SECOND + 500000);
    EXPECT_EQ(parsed("2026-01-02T03:04:05,123456789Z"), 1767323045 * SECOND + 123456);
    EXPECT_EQ(parsed("2026-01-02T04:34:05+01:30"), 1767323045 * SECOND);
    EXPECT_EQ(parsed("2026-01-01T19:04:05.25-08:00"), 1767323045 * SECOND + 250000);
    EXPECT_EQ(parsed("2024-02-29T00:00:00Z"), 1709164800 * SECOND);
    EXPECT_EQ(parsed("2000-02-29T00:00:00Z"), 951782400 * SECOND);
    EXPECT_EQ(parsed("0000-01-01T00:00:00Z"), INT64_C(-62167219200) * SECOND);
}

TEST("what is no RFC 3339 time is refused")
{
    EXPECT(is_no_time(""));
    EXPECT(is_no_time("2026-01-02"));
    EXPECT(is_no_time("2026-01-02T03:04:05"));
    EXPECT(is_no_time("2026-01-02t03:04:05Z"));
    EXPECT(is_no_time("2026-01-02 03:04:05Z"));
    EXPECT(is_no_time("2026-01-02T03:04:05z"));
    EXPECT(is_no_time("2026-1-02T03:04:05Z"));
    EXPECT(is_no_time("2026-13-02T03:04:05Z"));
    EXPECT(is_no_time("2026-00-02T03:04:05Z"));
    EXPECT(is_no_time("2026-01-00T03:04:05Z"));
    EXPECT(is_no_time("2026-04-31T03:04:05Z"));
    EXPECT(is_no_time("2026-02-29T03:04:05Z"));
    EXPECT(is_no_time("1900-02-29T03:04:05Z"));
    EXPECT(is_no_time("2026-01-02T24:00:00Z"));
    EXPECT(is_no_time("2026-01-02T03:60:05Z"));
    EXPECT(is_no_time("2026-01-02T03:04:60Z"));
    EXPECT(is_no_time("2026-01-02T03:04:05.Z"));
    EXPECT(is_no_time("2026-01-02T03:04:05+1:00"));
    EXPECT(is_no_time("2026-01-02T03:04:05+24:00"));
    EXPECT(is_no_time("2026-01-02T03:04:05+01:60"));
    EXPECT(is_no_time("2026-01-02T03:04:05Zx"));
    EXPECT(is_no_time("+026-01-02T03:04:05Z"));
}

TEST("every day of 800 years is written and read back")
{
    for (int64_t day = -150000; day < 150000; day += 1)
        EXPECT_EQ(parsed(time_text(day * DAY + 1)), day * DAY);
}

static const char *age(int64_t us)
{
    static char text[TIME_TEXT_SIZE];
    duration_human(us, text);
    return text;
}

TEST("ages have upstream's exact forms")
{
    EXPECT_TEXT(age(-2 * SECOND), "<invalid>");
    EXPECT_TEXT(age(-2 * SECOND + 1), "0s");
    EXPECT_TEXT(age(0), "0s");
    EXPECT_TEXT(age(SECOND - 1), "0s");
    EXPECT_TEXT(age(SECOND), "1s");
    EXPECT_TEXT(age(119 * SECOND), "119s");
    EXPECT_TEXT(age(2 * MINUTE), "2m");
    EXPECT_TEXT(age(2 * MINUTE + SECOND), "2m1s");
    EXPECT_TEXT(age(10 * MINUTE - 1), "9m59s");
    EXPECT_TEXT(age(10 * MINUTE + 5 * SECOND), "10m");
    EXPECT_TEXT(age(3 * HOUR - 1), "179m");
    EXPECT_TEXT(age(3 * HOUR), "3h");
    EXPECT_TEXT(age(3 * HOUR + MINUTE), "3h1m");
    EXPECT_TEXT(age(8 * HOUR - 1), "7h59m");
    EXPECT_TEXT(age(8 * HOUR + 5 * MINUTE), "8h");
    EXPECT_TEXT(age(48 * HOUR - 1), "47h");
    EXPECT_TEXT(age(2 * DAY), "2d");
    EXPECT_TEXT(age(2 * DAY + HOUR), "2d1h");
    EXPECT_TEXT(age(8 * DAY - 1), "7d23h");
    EXPECT_TEXT(age(8 * DAY + HOUR), "8d");
    EXPECT_TEXT(age(730 * DAY - 1), "729d");
    EXPECT_TEXT(age(730 * DAY), "2y");
    EXPECT_TEXT(age(731 * DAY), "2y1d");
    EXPECT_TEXT(age(8 * 365 * DAY - 1), "7y364d");
    EXPECT_TEXT(age(8 * 365 * DAY + 5 * DAY), "8y");
}

TEST("a manual clock moves only when told, a real one by itself")
{
    struct clock_manual manual;
    clock_manual_init(&manual, 100);
    EXPECT_EQ(clock_wall_us(&manual.clock), 100);
    EXPECT_EQ(clock_steady_us(&manual.clock), 0);
    clock_manual_advance_us(&manual, 5);
    EXPECT_EQ(clock_wall_us(&manual.clock), 105);
    EXPECT_EQ(clock_steady_us(&manual.clock), 5);
    EXPECT_DIES(clock_manual_advance_us(&manual, -1));
    EXPECT(clock_wall_us(clock_real()) > parsed("2020-01-01T00:00:00Z"));
    int64_t before = clock_steady_us(clock_real());
    EXPECT(clock_steady_us(clock_real()) >= before);
}
