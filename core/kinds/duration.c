/* Go's time.ParseDuration and Duration.String. */
#include "core/kinds/duration.h"

#include "core/status.h"

#define SECOND INT64_C(1000000000)

static const struct unit {
    const char *name;
    int64_t nanos;
} units[] = {
    {"ns", 1},       {"us", 1000},  {"\xC2\xB5s", 1000}, {"\xCE\xBCs", 1000},
    {"ms", 1000000}, {"s", SECOND}, {"m", 60 * SECOND},  {"h", 3600 * SECOND},
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static const char *fail(struct arena *arena, const char *what, struct slice text)
{
    return arena_format(arena, "time: %s duration %s", what, field_value_text(arena, text));
}

/* The unit that rest begins with, up to the next digit or dot. */
static const struct unit *take_unit(struct slice *rest, struct slice *name)
{
    size_t size = 0;
    while (size < rest->size && rest->data[size] != '.' && !is_digit(rest->data[size]))
        size++;
    *name = slice_sub(*rest, 0, size);
    *rest = slice_sub(*rest, size, rest->size);
    for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
        if (slice_is(*name, units[i].name))
            return &units[i];
    }
    return NULL;
}

/* "1.5" of rest times a unit that comes behind it. Sums in unsigned nanoseconds up to 2^63. */
struct number {
    uint64_t whole;
    uint64_t fraction;
    double scale; /* Of the fraction. */
};
static bool take_number(struct slice *rest, struct number *number)
{
    size_t at = 0, digits = 0;
    *number = (struct number){.scale = 1};
    for (; at < rest->size && is_digit(rest->data[at]); at++, digits++) {
        if (number->whole > (UINT64_C(1) << 63) / 10)
            return false;
        number->whole = number->whole * 10 + (uint64_t)(rest->data[at] - '0');
        if (number->whole > UINT64_C(1) << 63)
            return false;
    }
    if (at < rest->size && rest->data[at] == '.') {
        bool is_full = false; /* More digits than matter. */
        for (at++; at < rest->size && is_digit(rest->data[at]); at++, digits++) {
            is_full = is_full || number->fraction > (INT64_MAX / 10) - 1;
            if (is_full)
                continue;
            number->fraction = number->fraction * 10 + (uint64_t)(rest->data[at] - '0');
            number->scale *= 10;
        }
    }
    *rest = slice_sub(*rest, at, rest->size);
    return digits > 0;
}

static bool add(uint64_t *total, const struct number *number, int64_t unit)
{
    uint64_t nanos;
    if (__builtin_mul_overflow(number->whole, (uint64_t)unit, &nanos) || nanos > UINT64_C(1) << 63)
        return false;
    if (number->fraction > 0)
        nanos += (uint64_t)((double)number->fraction * ((double)unit / number->scale));
    *total += nanos;
    return nanos <= UINT64_C(1) << 63 && *total <= UINT64_C(1) << 63;
}

const char *duration_parse(struct arena *arena, struct slice text, int64_t *nanos)
{
    struct slice rest = text, name;
    struct number number;
    uint64_t total = 0;
    bool is_negative = text.size > 0 && text.data[0] == '-';
    if (is_negative || (text.size > 0 && text.data[0] == '+'))
        rest = slice_sub(rest, 1, rest.size);
    if (rest.size == 0)
        return fail(arena, "invalid", text);
    *nanos = 0;
    if (slice_is(rest, "0"))
        return NULL;
    while (rest.size > 0) {
        if (!take_number(&rest, &number))
            return fail(arena, "invalid", text);
        const struct unit *unit = take_unit(&rest, &name);
        if (name.size == 0)
            return fail(arena, "missing unit in", text);
        if (!unit)
            return arena_format(arena, "time: unknown unit %s in duration %s",
                                field_value_text(arena, name), field_value_text(arena, text));
        if (!add(&total, &number, unit->nanos))
            return fail(arena, "invalid", text);
    }
    if (!is_negative && total > INT64_MAX)
        return fail(arena, "invalid", text);
    *nanos = is_negative ? (int64_t)(0 - total) : (int64_t)total;
    return NULL;
}

/* Writes value, which counts parts of 10^-digits, in front of end: "1.5", without zeros behind. */
static char *print_part(char *end, uint64_t value, int digits)
{
    bool is_printing = false;
    for (int i = 0; i < digits; i++, value /= 10) {
        is_printing = is_printing || value % 10 != 0;
        if (is_printing)
            *--end = (char)('0' + value % 10);
    }
    if (is_printing)
        *--end = '.';
    do {
        *--end = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    return end;
}

static char *print_long(char *end, uint64_t left)
{
    uint64_t seconds = left / (uint64_t)SECOND;
    *--end = 's';
    end = print_part(end, left % ((uint64_t)SECOND * 60), 9);
    if (seconds >= 60) {
        *--end = 'm';
        end = print_part(end, seconds / 60 % 60, 0);
    }
    if (seconds >= 3600) {
        *--end = 'h';
        end = print_part(end, seconds / 3600, 0);
    }
    return end;
}

void duration_print(int64_t nanos, char text[DURATION_TEXT_SIZE])
{
    char digits[DURATION_TEXT_SIZE];
    char *end = digits + sizeof digits, *at = end;
    bool is_negative = nanos < 0;
    uint64_t left = is_negative ? 0 - (uint64_t)nanos : (uint64_t)nanos;
    if (left >= (uint64_t)SECOND || left == 0) {
        at = print_long(at, left);
    } else {
        int size = left < 1000 ? 0 : left < 1000000 ? 3 : 6;
        *--at = 's';
        if (size == 0)
            *--at = 'n';
        else if (size == 3)
            at -= 2, memcpy(at, "\xC2\xB5", 2);
        else
            *--at = 'm';
        at = print_part(at, left, size);
    }
    if (is_negative)
        *--at = '-';
    memcpy(text, at, (size_t)(end - at));
    text[end - at] = '\0';
}
