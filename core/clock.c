/* Clocks, and the texts in which Kubernetes writes times and ages. */
#include "core/clock.h"

#include <stdio.h>
#include <time.h>

#define SECOND_US INT64_C(1000000)
#define DAY_SECONDS INT64_C(86400)

static int64_t read_us(clockid_t id)
{
    struct timespec now;
    PRE(clock_gettime(id, &now) == 0);
    return (int64_t)now.tv_sec * SECOND_US + now.tv_nsec / 1000;
}

static int64_t real_wall_us(struct clock *clock)
{
    (void)clock;
    return read_us(CLOCK_REALTIME);
}

static int64_t real_steady_us(struct clock *clock)
{
    (void)clock;
    return read_us(CLOCK_MONOTONIC);
}

struct clock *clock_real(void)
{
    static struct clock real = {real_wall_us, real_steady_us};
    return &real;
}

static int64_t manual_wall_us(struct clock *clock)
{
    return CONTAINER_OF(clock, struct clock_manual, clock)->wall_us;
}

static int64_t manual_steady_us(struct clock *clock)
{
    return CONTAINER_OF(clock, struct clock_manual, clock)->steady_us;
}

void clock_manual_init(struct clock_manual *manual, int64_t wall_us)
{
    *manual = (struct clock_manual){{manual_wall_us, manual_steady_us}, wall_us, 0};
}

void clock_manual_advance_us(struct clock_manual *manual, int64_t us)
{
    PRE(us >= 0);
    manual->wall_us += us;
    manual->steady_us += us;
}

static int64_t divide_down(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* Days since 1970 of a civil date, and back: years are counted from 1 March,
 * so that the leap day comes last, and in cycles of 400 years (146097 days). */
static int64_t days_from_civil(int64_t year, int64_t month, int64_t day)
{
    year -= month <= 2;
    int64_t cycle = divide_down(year, 400);
    int64_t year_of_cycle = year - cycle * 400;
    int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int64_t day_of_cycle =
        year_of_cycle * 365 + year_of_cycle / 4 - year_of_cycle / 100 + day_of_year;
    return cycle * 146097 + day_of_cycle - 719468;
}

static void civil_from_days(int64_t days, int64_t *year, int *month, int *day)
{
    days += 719468;
    int64_t cycle = divide_down(days, 146097);
    int64_t day_of_cycle = days - cycle * 146097;
    int64_t year_of_cycle =
        (day_of_cycle - day_of_cycle / 1460 + day_of_cycle / 36524 - day_of_cycle / 146096) / 365;
    int64_t day_of_year =
        day_of_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
    int64_t march_month = (5 * day_of_year + 2) / 153;
    *day = (int)(day_of_year - (153 * march_month + 2) / 5 + 1);
    *month = (int)(march_month < 10 ? march_month + 3 : march_month - 9);
    *year = year_of_cycle + cycle * 400 + (*month <= 2);
}

/* By hand: every write formats a few times. */
static char *put_digits(char *next, int64_t value, int width)
{
    for (int i = width - 1; i >= 0; i--, value /= 10)
        next[i] = (char)('0' + value % 10);
    return next + width;
}

/* Four digits, as a time that is read has; an offset can make a day of it that needs more. */
static char *put_year(char *next, int64_t year)
{
    int width = 4;
    if (year < 0) {
        *next++ = '-';
        year = -year;
    }
    for (int64_t rest = year / 10000; rest > 0; rest /= 10)
        width++;
    return put_digits(next, year, width);
}

/* Writes the date and time to the second, and gives where they end. */
static char *format_seconds(int64_t wall_us, char text[TIME_TEXT_SIZE])
{
    int64_t seconds = divide_down(wall_us, SECOND_US);
    int64_t days = divide_down(seconds, DAY_SECONDS);
    int in_day = (int)(seconds - days * DAY_SECONDS);
    int64_t year;
    int month;
    int day;
    civil_from_days(days, &year, &month, &day);
    const int parts[] = {month, day, in_day / 3600, in_day / 60 % 60, in_day % 60};
    char *next = put_year(text, year);
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
        *next++ = "--T::"[i];
        next = put_digits(next, parts[i], 2);
    }
    return next;
}

void time_format(int64_t wall_us, char text[TIME_TEXT_SIZE])
{
    char *next = format_seconds(wall_us, text);
    memcpy(next, "Z", 2);
}

void time_format_micro(int64_t wall_us, char text[TIME_TEXT_SIZE])
{
    char *next = format_seconds(wall_us, text);
    *next++ = '.';
    next = put_digits(next, (wall_us % SECOND_US + SECOND_US) % SECOND_US, 6);
    memcpy(next, "Z", 2);
}

/* Reads exactly n digits and what must follow them ('\0': nothing). */
static bool read_number(struct slice *rest, size_t n, char follows, int *value)
{
    if (rest->size < n + (follows != '\0'))
        return false;
    *value = 0;
    for (size_t i = 0; i < n; i++) {
        if (rest->data[i] < '0' || rest->data[i] > '9')
            return false;
        *value = *value * 10 + (rest->data[i] - '0');
    }
    if (follows != '\0' && rest->data[n] != follows)
        return false;
    *rest = slice_sub(*rest, n + (follows != '\0'), rest->size);
    return true;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap);
}

/* "2026-01-02T03:04:05" */
static bool read_seconds(struct slice *rest, int64_t *seconds)
{
    int year, month, day, hour, minute, second;
    if (!read_number(rest, 4, '-', &year) || !read_number(rest, 2, '-', &month) ||
        !read_number(rest, 2, 'T', &day) || !read_number(rest, 2, ':', &hour) ||
        !read_number(rest, 2, ':', &minute) || !read_number(rest, 2, '\0', &second))
        return false;
    if (month < 1 || month > 12 || day < 1 || day > days_in_month(year, month) || hour > 23 ||
        minute > 59 || second > 59) /* Go knows no leap seconds either. */
        return false;
    *seconds = days_from_civil(year, month, day) * DAY_SECONDS + hour * 3600 + minute * 60 + second;
    return true;
}

/* ".5" and its like, or nothing; digits after the sixth are dropped. */
static bool read_fraction(struct slice *rest, int64_t *micros)
{
    *micros = 0;
    if (rest->size == 0 || (rest->data[0] != '.' && rest->data[0] != ','))
        return true;
    int64_t unit = SECOND_US / 10;
    size_t i = 1;
    for (; i < rest->size && rest->data[i] >= '0' && rest->data[i] <= '9'; i++) {
        *micros += unit * (rest->data[i] - '0');
        unit /= 10;
    }
    *rest = slice_sub(*rest, i, rest->size);
    return i > 1;
}

/* "Z", "+01:00", "-08:30", and nothing after it. */
static bool read_offset(struct slice rest, int64_t *seconds)
{
    *seconds = 0;
    if (slice_is(rest, "Z"))
        return true;
    if (rest.size != 6 || (rest.data[0] != '+' && rest.data[0] != '-'))
        return false;
    bool west = rest.data[0] == '-';
    int hours, minutes;
    rest = slice_sub(rest, 1, rest.size);
    if (!read_number(&rest, 2, ':', &hours) || !read_number(&rest, 2, '\0', &minutes) ||
        hours > 23 || minutes > 59)
        return false;
    *seconds = (hours * 3600 + minutes * 60) * (west ? -1 : 1);
    return true;
}

bool time_parse(struct slice text, int64_t *wall_us)
{
    int64_t seconds, micros, offset;
    if (!read_seconds(&text, &seconds) || !read_fraction(&text, &micros) ||
        !read_offset(text, &offset))
        return false;
    *wall_us = (seconds - offset) * SECOND_US + micros;
    return true;
}

/* "3m20s", or "3m" when there are no seconds: how upstream joins two units. */
static void format_pair(char text[TIME_TEXT_SIZE], int64_t a, char a_unit, int64_t b, char b_unit)
{
    if (b == 0)
        (void)snprintf(text, TIME_TEXT_SIZE, "%lld%c", (long long)a, a_unit);
    else
        (void)snprintf(text, TIME_TEXT_SIZE, "%lld%c%lld%c", (long long)a, a_unit, (long long)b,
                       b_unit);
}

void duration_human(int64_t us, char text[TIME_TEXT_SIZE])
{
    int64_t seconds = us / SECOND_US;
    int64_t minutes = seconds / 60;
    int64_t hours = minutes / 60;
    int64_t days = hours / 24;
    if (seconds < -1) /* A clock that is up to two seconds ahead still says "now". */
        (void)snprintf(text, TIME_TEXT_SIZE, "<invalid>");
    else if (seconds < 0)
        format_pair(text, 0, 's', 0, 's');
    else if (seconds < 120)
        format_pair(text, seconds, 's', 0, 's');
    else if (minutes < 10)
        format_pair(text, minutes, 'm', seconds % 60, 's');
    else if (minutes < 180)
        format_pair(text, minutes, 'm', 0, 's');
    else if (hours < 8)
        format_pair(text, hours, 'h', minutes % 60, 'm');
    else if (hours < 48)
        format_pair(text, hours, 'h', 0, 'm');
    else if (days < 8)
        format_pair(text, days, 'd', hours % 24, 'h');
    else if (days < 365 * 2)
        format_pair(text, days, 'd', 0, 'h');
    else if (days < 365 * 8)
        format_pair(text, days / 365, 'y', days % 365, 'd');
    else
        format_pair(text, days / 365, 'y', 0, 'd');
}
