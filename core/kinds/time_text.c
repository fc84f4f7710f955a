/* Walks the layout "2006-01-02T15:04:05Z07:00" piece by piece, as Go's time.Parse
 * does, so that an error can name the piece at which it stopped. */
#include "core/kinds/time_text.h"

#include "core/status.h"

#define LAYOUT "2006-01-02T15:04:05Z07:00"
#define LAYOUT_MICRO "2006-01-02T15:04:05.000000Z07:00"

struct piece {
    const char *text; /* As the layout has it. */
    int digits;       /* 0: the text itself. */
    int low, high;
    const char *range; /* What is out of range. */
};
static const struct piece pieces[] = {
    {"2006", 4, 0, 9999, ""},   {"-", 0, 0, 0, ""}, {"01", 2, 1, 12, "month"},  {"-", 0, 0, 0, ""},
    {"02", 2, 0, 99, ""},       {"T", 0, 0, 0, ""}, {"15", 2, 0, 23, "hour"},   {":", 0, 0, 0, ""},
    {"04", 2, 0, 59, "minute"}, {":", 0, 0, 0, ""}, {"05", 2, 0, 59, "second"},
};

struct reading {
    struct arena *arena;
    struct slice text; /* Whole. */
    struct slice rest;
    const char *layout;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}
/* The number that text begins with, or -1. */
static int number(struct slice text, int digits)
{
    int value = 0;
    if (text.size < (size_t)digits)
        return -1;
    for (int i = 0; i < digits; i++) {
        if (!is_digit(text.data[i]))
            return -1;
        value = value * 10 + (text.data[i] - '0');
    }
    return value;
}

static const char *cannot_parse(struct reading *reading, const char *piece)
{
    struct arena *arena = reading->arena;
    return arena_format(arena, "parsing time %s as \"%s\": cannot parse %s as \"%s\"",
                        field_value_text(arena, reading->text), reading->layout,
                        field_value_text(arena, reading->rest), piece);
}
static const char *out_of_range(struct reading *reading, const char *what)
{
    return arena_format(reading->arena, "parsing time %s: %s out of range",
                        field_value_text(reading->arena, reading->text), what);
}
static void skip(struct reading *reading, size_t size)
{
    reading->rest = slice_sub(reading->rest, size, reading->rest.size);
}

static const char *read_piece(struct reading *reading, const struct piece *piece, int *value)
{
    if (piece->digits == 0) {
        if (!slice_starts_with(reading->rest, slice_of(piece->text)))
            return cannot_parse(reading, piece->text);
        skip(reading, strlen(piece->text));
        return NULL;
    }
    *value = number(reading->rest, piece->digits);
    if (*value < 0)
        return cannot_parse(reading, piece->text);
    skip(reading, (size_t)piece->digits);
    if (*value < piece->low || *value > piece->high)
        return out_of_range(reading, piece->range);
    return NULL;
}

/* Time takes any fraction, MicroTime wants six digits. */
static const char *read_fraction(struct reading *reading, bool is_micro)
{
    struct slice rest = reading->rest;
    if (is_micro &&
        (rest.size < 7 || rest.data[0] != '.' || number(slice_sub(rest, 1, rest.size), 6) < 0))
        return cannot_parse(reading, ".000000");
    if (is_micro) {
        skip(reading, 7);
        return NULL;
    }
    size_t size = 1;
    while (size < rest.size && is_digit(rest.data[size]))
        size++;
    if (rest.size > 1 && rest.data[0] == '.' && size > 1)
        skip(reading, size);
    return NULL;
}

static const char *read_zone(struct reading *reading)
{
    struct slice rest = reading->rest;
    if (rest.size > 0 && rest.data[0] == 'Z') {
        skip(reading, 1);
        return NULL;
    }
    bool is_sign = rest.size >= 6 && (rest.data[0] == '+' || rest.data[0] == '-');
    int hours = is_sign ? number(slice_sub(rest, 1, 3), 2) : -1;
    int minutes = is_sign ? number(slice_sub(rest, 4, 6), 2) : -1;
    if (!is_sign || rest.data[3] != ':' || hours < 0 || minutes < 0)
        return cannot_parse(reading, "Z07:00");
    if (hours > 24)
        return out_of_range(reading, "time zone offset hour");
    if (minutes > 60)
        return out_of_range(reading, "time zone offset minute");
    skip(reading, 6);
    return NULL;
}

static int days_in(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && is_leap);
}

const char *time_text_parse(struct arena *arena, struct slice text, bool is_micro, int64_t *wall_us)
{
    struct reading reading = {arena, text, text, is_micro ? LAYOUT_MICRO : LAYOUT};
    int values[ARRAY_SIZE(pieces)] = {0};
    const char *error = NULL;
    for (size_t i = 0; i < ARRAY_SIZE(pieces) && !error; i++)
        error = read_piece(&reading, &pieces[i], &values[i]);
    if (!error)
        error = read_fraction(&reading, is_micro);
    if (!error)
        error = read_zone(&reading);
    if (error)
        return error;
    if (reading.rest.size > 0)
        return arena_format(arena, "parsing time %s: extra text: %s", field_value_text(arena, text),
                            field_value_text(arena, reading.rest));
    if (values[4] < 1 || values[4] > days_in(values[0], values[2]))
        return out_of_range(&reading, "day");
    if (!time_parse(text, wall_us))
        return out_of_range(&reading, "time");
    return NULL;
}
