/* Numbers as text, by Go's rules. */
#include "core/number.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define LONG_TEXT 128 /* Longer numbers are copied to the heap to be read. */

static char lower(char c)
{
    return (char)(c | 0x20);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Whole numbers. */

/* Takes a prefix off *text and gives its base. */
static unsigned take_prefix(struct slice *text)
{
    if (text->data[0] != '0')
        return 10;
    char letter = text->size >= 3 ? lower(text->data[1]) : 0;
    unsigned base = letter == 'x' ? 16 : letter == 'b' ? 2 : 8;
    size_t taken = letter == 'x' || letter == 'b' || letter == 'o' ? 2 : 1;
    *text = slice_sub(*text, taken, text->size);
    return base;
}

static int digit_value(char c)
{
    if (is_digit(c))
        return c - '0';
    c = lower(c);
    return c >= 'a' && c <= 'z' ? c - 'a' + 10 : 99;
}

enum number_result number_parse_uint(struct slice text, unsigned base, uint64_t *value)
{
    if (text.size == 0)
        return NUMBER_SYNTAX;
    if (base == 0)
        base = take_prefix(&text);
    uint64_t sum = 0;
    for (size_t i = 0; i < text.size; i++) {
        int digit = digit_value(text.data[i]);
        if (digit >= (int)base)
            return NUMBER_SYNTAX;
        if (__builtin_mul_overflow(sum, base, &sum) ||
            __builtin_add_overflow(sum, (unsigned)digit, &sum))
            return NUMBER_RANGE;
    }
    *value = sum;
    return NUMBER_OK;
}

enum number_result number_parse_int(struct slice text, unsigned base, int64_t *value)
{
    bool negative = text.size > 0 && text.data[0] == '-';
    if (negative || (text.size > 0 && text.data[0] == '+'))
        text = slice_sub(text, 1, text.size);
    uint64_t size;
    enum number_result result = number_parse_uint(text, base, &size);
    if (result != NUMBER_OK)
        return result;
    if (size > (uint64_t)INT64_MAX + negative)
        return NUMBER_RANGE;
    *value = negative ? (int64_t)(0 - size) : (int64_t)size;
    return NUMBER_OK;
}

/* Numbers with a point or an exponent. */

/* Go's rule: an underscore stands between digits, or between a base prefix and
 * a digit. */
static bool underscores_fit(struct slice text)
{
    char before = '^';
    size_t i = text.data[0] == '-' || text.data[0] == '+';
    bool hex = false;
    if (text.size - i >= 2 && text.data[i] == '0' && lower(text.data[i + 1]) == 'x') {
        hex = true;
        before = '0';
        i += 2;
    }
    for (; i < text.size; i++) {
        char c = text.data[i];
        if (is_digit(c) || (hex && lower(c) >= 'a' && lower(c) <= 'f')) {
            before = '0';
        } else if (c == '_') {
            if (before != '0')
                return false;
            before = '_';
        } else if (before == '_') {
            return false;
        } else {
            before = '!';
        }
    }
    return before != '_';
}

static size_t skip_digits(struct slice text, size_t i, bool hex, bool *any)
{
    for (; i < text.size; i++) {
        char c = text.data[i];
        if (is_digit(c) || (hex && lower(c) >= 'a' && lower(c) <= 'f'))
            *any = true;
        else if (c != '_')
            break;
    }
    return i;
}

/* [+-] digits [. digits] [e [+-] digits], in hexadecimal with an obligatory p;
 * digits may hold underscores, but an exponent begins with a digit. */
static bool is_float(struct slice text)
{
    bool any = false;
    size_t i = text.size > 0 && (text.data[0] == '-' || text.data[0] == '+');
    bool hex = text.size - i > 2 && text.data[i] == '0' && lower(text.data[i + 1]) == 'x';
    i = skip_digits(text, hex ? i + 2 : i, hex, &any);
    if (i < text.size && text.data[i] == '.')
        i = skip_digits(text, i + 1, hex, &any);
    if (!any)
        return false;
    if (i == text.size)
        return !hex;
    if (lower(text.data[i]) != (hex ? 'p' : 'e'))
        return false;
    i++;
    if (i < text.size && (text.data[i] == '-' || text.data[i] == '+'))
        i++;
    return i < text.size && is_digit(text.data[i]) &&
           skip_digits(text, i, false, &any) == text.size;
}

/* inf, infinity and nan in any case; a sign is for the first two only. */
static bool is_special(struct slice text, double *value)
{
    bool negative = text.size > 0 && text.data[0] == '-';
    struct slice word = text;
    if (negative || (text.size > 0 && text.data[0] == '+'))
        word = slice_sub(text, 1, text.size);
    if (word.size > 8)
        return false;
    char letters[9] = "";
    for (size_t i = 0; i < word.size; i++)
        letters[i] = lower(word.data[i]);
    if (strcmp(letters, "nan") == 0 && word.size == text.size) {
        *value = NAN;
        return true;
    }
    if (strcmp(letters, "inf") != 0 && strcmp(letters, "infinity") != 0)
        return false;
    *value = negative ? -INFINITY : INFINITY;
    return true;
}

/* Of text that is_float(). */
static double read_float(struct slice text)
{
    char few[LONG_TEXT];
    char *clean = text.size < LONG_TEXT ? few : mem_alloc(text.size + 1);
    size_t size = 0;
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] != '_')
            clean[size++] = text.data[i];
    clean[size] = '\0';
    double value = strtod(clean, NULL);
    if (clean != few)
        mem_free(clean);
    return value;
}

enum number_result number_parse_float(struct slice text, double *value)
{
    if (is_special(text, value))
        return NUMBER_OK;
    if (!is_float(text) || (slice_find(text, '_') >= 0 && !underscores_fit(text)))
        return NUMBER_SYNTAX;
    *value = read_float(text);
    return isinf(*value) ? NUMBER_RANGE : NUMBER_OK;
}

/* Printing: the fewest digits that read back as the same value, and of those the
 * nearest. C gives digits rounded to a count, so counts are tried. Up to 15
 * digits (6 of a float) survive any rounding, so that if 15 read back, then they
 * without their zeros are the fewest; denormal values, which hold fewer, are
 * tried from 1. */

struct digits {
    char text[20]; /* Without point or trailing zeros. */
    int count;
    int exponent; /* Of the first digit: 1.5 has 0. */
};

static bool reads_back(double value, bool is_single, const char *text)
{
    return is_single ? strtof(text, NULL) == (float)value : strtod(text, NULL) == value;
}

/* Adds one to the last digit of "d.ddde+dd"; false when that would carry over. */
static bool raise_last_digit(char *text)
{
    char *last = strchr(text, 'e') - 1;
    if (*last == '9' || *last == '.')
        return false;
    ++*last;
    return true;
}

/* Writes value with count digits; false when no such text reads back. */
static bool try_digits(double value, bool is_single, int count, char text[NUMBER_TEXT_SIZE])
{
    snprintf(text, NUMBER_TEXT_SIZE, "%.*e", count - 1, value);
    if (reads_back(value, is_single, text))
        return true;
    /* Below a power of two the neighbours are nearer than above, so that the
     * second nearest text, above, can read back where the nearest does not. */
    return raise_last_digit(text) && reads_back(value, is_single, text);
}

/* value is finite and above 0. */
static struct digits shortest_digits(double value, bool is_single)
{
    int count = is_single ? FLT_DIG : DBL_DIG;
    int most = is_single ? FLT_DECIMAL_DIG : DBL_DECIMAL_DIG;
    if (value < (is_single ? (double)FLT_MIN : DBL_MIN))
        count = 1;
    char text[NUMBER_TEXT_SIZE];
    while (!try_digits(value, is_single, count, text) && count < most)
        count++;
    struct digits digits = {.exponent = (int)strtol(strchr(text, 'e') + 1, NULL, 10)};
    for (const char *c = text; *c != 'e'; c++)
        if (*c != '.')
            digits.text[digits.count++] = *c;
    while (digits.count > 1 && digits.text[digits.count - 1] == '0')
        digits.count--;
    return digits;
}

/* Appends to a number's text at size; gives the new size. */
PRINTF_LIKE(3, 4)
static size_t append(char text[NUMBER_TEXT_SIZE], size_t size, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int more = vsnprintf(text + size, NUMBER_TEXT_SIZE - size, format, arguments);
    va_end(arguments);
    size += (size_t)more;
    POST(size < NUMBER_TEXT_SIZE);
    return size;
}

/* 1.5e+21; the exponent has at least so many digits. */
static size_t append_exponent(char text[NUMBER_TEXT_SIZE], size_t size, const struct digits *digits,
                              int exponent_digits)
{
    size = append(text, size, "%c%s%.*s", digits->text[0], digits->count > 1 ? "." : "",
                  digits->count - 1, digits->text + 1);
    return append(text, size, "e%c%0*d", digits->exponent < 0 ? '-' : '+', exponent_digits,
                  abs(digits->exponent));
}

/* 0.0015, 15, 1500 */
static size_t append_plain(char text[NUMBER_TEXT_SIZE], size_t size, const struct digits *digits)
{
    int point = digits->exponent + 1; /* Digits before it. */
    if (point <= 0)
        size = append(text, size, "0.");
    for (int i = point; i < 0; i++)
        size = append(text, size, "0");
    for (int i = 0; i < digits->count || i < point; i++)
        size = append(text, size, "%s%c", i == point && i > 0 ? "." : "",
                      i < digits->count ? digits->text[i] : '0');
    return size;
}

size_t number_format(double value, char text[NUMBER_TEXT_SIZE])
{
    size_t size = append(text, 0, "%s", signbit(value) ? "-" : "");
    double absolute = fabs(value);
    if (absolute <= 0.0)
        return append(text, size, "0");
    struct digits digits = shortest_digits(absolute, false);
    if (absolute >= 1e-6 && absolute < 1e21)
        return append_plain(text, size, &digits);
    return append_exponent(text, size, &digits, 1);
}

size_t number_format_key(double value, char text[NUMBER_TEXT_SIZE])
{
    float single = (float)value;
    if (isnan(single))
        return append(text, 0, ".nan");
    size_t size = append(text, 0, "%s", signbit(single) ? "-" : "");
    double absolute = fabs((double)single);
    if (isinf(single))
        return append(text, size, ".inf");
    if (absolute <= 0.0)
        return append(text, size, "0");
    struct digits digits = shortest_digits(absolute, true);
    if (digits.exponent >= -4 && digits.exponent < 6)
        return append_plain(text, size, &digits);
    return append_exponent(text, size, &digits, 2);
}

enum number_result number_reprint(struct slice number, char text[NUMBER_TEXT_SIZE])
{
    int64_t whole;
    if (number_parse_int(number, 10, &whole) == NUMBER_OK) {
        snprintf(text, NUMBER_TEXT_SIZE, "%lld", (long long)whole);
        return NUMBER_OK;
    }
    double value;
    enum number_result result = number_parse_float(number, &value);
    if (result != NUMBER_OK)
        return result;
    if (!isfinite(value))
        return NUMBER_SYNTAX;
    number_format(fabs(value) > 0.0 ? value : 0.0, text); /* A second reading makes "-0" 0. */
    return NUMBER_OK;
}
