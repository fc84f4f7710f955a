/* What numbers mean. They are kept as text, so that no digit is lost; 5, 5.0
 * and 50e-1 are one value, of any length. */
#include <float.h>
#include <stdlib.h>

#include "core/json_private.h"

struct decimal { /* sign, digits without zeros at either end, times 10^exponent */
    bool negative;
    struct slice digits; /* Of the text, so a point may stand among them. */
    size_t digit_count;  /* 0: the value is zero. */
    int64_t exponent;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The number behind the e; out of range it is the far end of it. */
static int64_t read_exponent(struct slice text)
{
    int64_t exponent = 0;
    if (text.size > 0 && text.data[0] == '+')
        text = slice_sub(text, 1, text.size);
    if (!slice_to_int64(text, &exponent) || exponent > INT32_MAX || exponent < INT32_MIN)
        return text.size > 0 && text.data[0] == '-' ? INT32_MIN : INT32_MAX;
    return exponent;
}

static struct decimal read_decimal(struct slice text)
{
    struct decimal decimal = {.negative = text.size > 0 && text.data[0] == '-'};
    size_t end = 0;
    size_t point = SIZE_MAX;
    size_t first = SIZE_MAX;
    size_t last = 0;
    for (; end < text.size && (text.data[end] | 0x20) != 'e'; end++) {
        if (text.data[end] == '.')
            point = end;
        if (is_digit(text.data[end]) && text.data[end] != '0') {
            first = first == SIZE_MAX ? end : first;
            last = end;
        }
    }
    if (first == SIZE_MAX)
        return (struct decimal){.negative = false}; /* -0 is 0. */
    decimal.digits = slice_sub(text, first, last + 1);
    decimal.digit_count = decimal.digits.size - (point > first && point < last);
    if (end < text.size)
        decimal.exponent = read_exponent(slice_sub(text, end + 1, text.size));
    if (point == SIZE_MAX)
        point = end;
    decimal.exponent += point > last ? (int64_t)(point - last) - 1 : (int64_t)point - (int64_t)last;
    return decimal;
}

static bool same_digits(struct slice a, struct slice b)
{
    size_t i = 0;
    size_t j = 0;
    while (i < a.size && j < b.size) {
        i += a.data[i] == '.';
        j += b.data[j] == '.';
        if (a.data[i++] != b.data[j++])
            return false;
    }
    return i == a.size && j == b.size;
}

bool json_same_number(struct slice a, struct slice b)
{
    if (slice_equal(a, b))
        return true;
    struct decimal x = read_decimal(a);
    struct decimal y = read_decimal(b);
    return x.negative == y.negative && x.digit_count == y.digit_count && x.exponent == y.exponent &&
           same_digits(x.digits, y.digits);
}

bool json_to_int64(const struct json *node, int64_t *value)
{
    struct slice text = json_number(node);
    if (slice_to_int64(text, value))
        return true;
    struct decimal decimal = read_decimal(text);
    if (text.size == 0 || decimal.exponent < 0)
        return false;
    if (decimal.digit_count == 0) {
        *value = 0;
        return true;
    }
    char plain[24]; /* -9223372036854775808 */
    size_t size = 0;
    if (decimal.exponent > 18 || decimal.digit_count + (size_t)decimal.exponent > 19)
        return false;
    if (decimal.negative)
        plain[size++] = '-';
    for (size_t i = 0; i < decimal.digits.size; i++)
        if (decimal.digits.data[i] != '.')
            plain[size++] = decimal.digits.data[i];
    for (int64_t i = 0; i < decimal.exponent; i++)
        plain[size++] = '0';
    return slice_to_int64((struct slice){plain, size}, value);
}

bool json_to_double(const struct json *node, double *value)
{
    struct slice text = json_number(node);
    if (text.size == 0)
        return false;
    char *copy = mem_copy_slice(text); /* strtod wants an end that it can see. */
    double number = strtod(copy, NULL);
    mem_free(copy);
    if (number > DBL_MAX || number < -DBL_MAX)
        return false;
    *value = number;
    return true;
}
