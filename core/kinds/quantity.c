/* The grammar, as upstream's parser walks it (it is laxer than its own
 * documentation: "Mi", "." and "-" are all zero):
 *
 *     [+-] digits [. digits] suffix
 *     suffix  n u m k M G T P E | Ki Mi Gi Ti Pi Ei | e or E, sign, digits | nothing
 *
 * __int128 holds 1.7 * 10^38 billionths. All steps stay far below by refusing
 * or capping first. */
#include "core/kinds/quantity.h"

#define NANO_PER_UNIT INT64_C(1000000000)
#define NANO_MAX /* 10^36 */ \
    ((quantity_nano)NANO_PER_UNIT * NANO_PER_UNIT * NANO_PER_UNIT * NANO_PER_UNIT)
#define FAST_DIGITS 18 /* Up to so many digits upstream may keep the text. */

struct parts { /* What a text consists of; slices of it. */
    bool is_negative;
    bool has_digits;
    struct slice whole; /* Without leading zeros. */
    struct slice fraction;
    struct slice suffix;
};

static const struct suffix {
    char text[3];
    int exponent; /* Of 10, or of 2. */
    enum quantity_format format;
} suffixes[] = {
    {"", 0, QUANTITY_DECIMAL},   {"n", -9, QUANTITY_DECIMAL}, {"u", -6, QUANTITY_DECIMAL},
    {"m", -3, QUANTITY_DECIMAL}, {"k", 3, QUANTITY_DECIMAL},  {"M", 6, QUANTITY_DECIMAL},
    {"G", 9, QUANTITY_DECIMAL},  {"T", 12, QUANTITY_DECIMAL}, {"P", 15, QUANTITY_DECIMAL},
    {"E", 18, QUANTITY_DECIMAL}, {"Ki", 10, QUANTITY_BINARY}, {"Mi", 20, QUANTITY_BINARY},
    {"Gi", 30, QUANTITY_BINARY}, {"Ti", 40, QUANTITY_BINARY}, {"Pi", 50, QUANTITY_BINARY},
    {"Ei", 60, QUANTITY_BINARY},
};

/* --- Parsing --- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}
static struct slice take_digits(struct slice text, size_t *position)
{
    size_t from = *position;
    while (*position < text.size && is_digit(text.data[*position]))
        ++*position;
    return slice_sub(text, from, *position);
}
static bool is_sign(struct slice text, size_t position)
{
    return position < text.size && (text.data[position] == '-' || text.data[position] == '+');
}

static bool split(struct slice text, struct parts *parts)
{
    size_t position = 0;
    *parts = (struct parts){.is_negative = text.data[0] == '-'};
    if (is_sign(text, 0))
        position++;
    while (position < text.size && text.data[position] == '0')
        position++;
    parts->whole = take_digits(text, &position);
    if (position < text.size && text.data[position] == '.') {
        position++;
        parts->fraction = take_digits(text, &position);
    }
    parts->suffix = slice_sub(text, position, text.size);
    for (size_t i = 0; i < position; i++)
        parts->has_digits = parts->has_digits || is_digit(text.data[i]);
    while (position < text.size && memchr("eEinumkKMGTP", text.data[position], 12))
        position++;
    if (is_sign(text, position))
        position++;
    take_digits(text, &position);
    return position == text.size;
}

static bool read_suffix(struct slice text, int *exponent, enum quantity_format *format)
{
    int64_t number;
    for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
        if (slice_is(text, suffixes[i].text)) {
            *exponent = suffixes[i].exponent;
            *format = suffixes[i].format;
            return true;
        }
    }
    if (text.size < 2 || (text.data[0] != 'e' && text.data[0] != 'E'))
        return false;
    struct slice digits = slice_sub(text, text.data[1] == '+' ? 2 : 1, text.size);
    if (digits.size == 0 || !slice_to_int64(digits, &number) ||
        (text.data[1] == '+' && digits.data[0] == '-'))
        return false;
    /* Behind these bounds everything is too large, or rounds up to one billionth. */
    *exponent = number > 10000 ? 10000 : number < -10000 ? -10000 : (int)number;
    *format = QUANTITY_EXPONENT;
    return true;
}

static char digit_at(const struct parts *parts, size_t index)
{
    return index < parts->whole.size ? parts->whole.data[index]
                                     : parts->fraction.data[index - parts->whole.size];
}

/* digits * 10^(exponent + 9), rounded up; false when it is too large. */
static bool decimal_nano(const struct parts *parts, int exponent, quantity_nano *nano)
{
    size_t count = parts->whole.size + parts->fraction.size;
    int64_t shift = exponent + 9 - (int64_t)parts->fraction.size;
    int64_t kept = (int64_t)count + (shift < 0 ? shift : 0);
    bool is_rounded = false;
    *nano = 0;
    for (size_t i = 0; i < count; i++) {
        int digit = digit_at(parts, i) - '0';
        if ((int64_t)i >= kept)
            is_rounded |= digit != 0;
        else
            *nano = *nano * 10 + digit;
        if (*nano >= NANO_MAX)
            return false;
    }
    *nano += is_rounded;
    if (*nano == 0)
        return true;
    for (int64_t i = 0; i < shift; i++) {
        *nano *= 10;
        if (*nano >= NANO_MAX)
            return false;
    }
    return true;
}

/* whole.fraction * 2^exponent * 10^9, rounded up, capped at 2^63-1 units. */
static quantity_nano binary_nano(const struct parts *parts, int exponent)
{
    const quantity_nano largest = (quantity_nano)INT64_MAX * NANO_PER_UNIT;
    quantity_nano unit = (quantity_nano)NANO_PER_UNIT << exponent;
    quantity_nano whole = 0, part = 0;
    bool is_rounded = false;
    for (size_t i = 0; i < parts->whole.size; i++) {
        whole = whole * 10 + (parts->whole.data[i] - '0');
        if (whole > largest / unit)
            return largest;
    }
    /* 0.d1d2..dn * unit from the right: floors of floors are the floor of the whole. */
    for (size_t i = parts->fraction.size; i-- > 0;) {
        part += (parts->fraction.data[i] - '0') * unit;
        is_rounded |= part % 10 != 0;
        part /= 10;
    }
    quantity_nano nano = whole * unit + part + is_rounded;
    return nano > largest ? largest : nano;
}

/* Whether upstream reads it as a 64-bit number times a power: its quick way, which forgives
 * a number without digits ("Mi" is 0, "Pi" is an error) and may keep the text. */
static bool is_quick(const struct parts *parts, int exponent, enum quantity_format format)
{
    int whole = parts->whole.size > 0 ? (int)parts->whole.size : 1;
    int fraction = (int)parts->fraction.size;
    if (format == QUANTITY_BINARY)
        return fraction == 0 && 15 - whole - exponent * 3 / 10 - 1 >= 0;
    return FAST_DIGITS - whole - fraction >= 0 && exponent - fraction >= -9;
}

/* The text is kept where a quick look says that it is canonical already; the look is not
 * exact ("1.500" and "+5" are kept), but clients see its result. */
static bool text_is_kept(const struct parts *parts, int exponent, enum quantity_format format)
{
    size_t count = parts->whole.size + parts->fraction.size, zeros = 0;
    int64_t low = 0;
    if (!is_quick(parts, exponent, format))
        return false;
    if (format == QUANTITY_BINARY)
        return slice_to_int64(parts->whole, &low) && low % 8 != 0;
    if ((exponent - (int)parts->fraction.size) % 3 != 0 || parts->whole.size == 0)
        return false;
    while (zeros < 3 && zeros < count && digit_at(parts, count - 1 - zeros) == '0')
        zeros++;
    return zeros < 3;
}

enum quantity_error quantity_parse(struct slice text, struct quantity *quantity)
{
    struct parts parts;
    int exponent;
    *quantity = (struct quantity){0};
    if (text.size == 0 || !split(text, &parts))
        return QUANTITY_BAD_FORMAT;
    if (!read_suffix(parts.suffix, &exponent, &quantity->format))
        return QUANTITY_BAD_SUFFIX;
    if (!parts.has_digits && !is_quick(&parts, exponent, quantity->format))
        return QUANTITY_BAD_NUMBER;
    quantity->keeps_text = text_is_kept(&parts, exponent, quantity->format);
    if (quantity->format == QUANTITY_BINARY)
        quantity->nano = binary_nano(&parts, exponent);
    else if (!decimal_nano(&parts, exponent, &quantity->nano))
        return QUANTITY_BAD_NUMBER;
    if (quantity->format == QUANTITY_BINARY && quantity->nano > 0 && quantity->nano < NANO_PER_UNIT)
        quantity->format = QUANTITY_DECIMAL;
    if (parts.is_negative)
        quantity->nano = -quantity->nano;
    return QUANTITY_OK;
}

const char *quantity_error_text(enum quantity_error error)
{
    switch (error) {
    case QUANTITY_OK: return NULL;
    case QUANTITY_BAD_FORMAT:
        return "quantities must match the regular expression "
               "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
    case QUANTITY_BAD_NUMBER: return "unable to parse numeric part of quantity";
    case QUANTITY_BAD_SUFFIX: return "unable to parse quantity's suffix";
    }
    UNREACHABLE("quantity error");
}

bool quantity_from_json(const struct json *json, struct quantity *quantity)
{
    bool is_text = json_is(json, JSON_STRING);
    struct slice text = is_text ? json_string(json) : json_number(json);
    return quantity_parse(slice_trim(text), quantity) == QUANTITY_OK;
}

/* --- Printing --- */

static void print_number(quantity_nano number, const char *suffix, char text[QUANTITY_TEXT_SIZE])
{
    char digits[QUANTITY_TEXT_SIZE];
    size_t at = sizeof digits, size = strlen(suffix);
    bool is_negative = number < 0;
    quantity_nano rest = is_negative ? -number : number;
    memcpy(digits + (at -= size + 1), suffix, size + 1);
    do {
        digits[--at] = (char)('0' + (int)(rest % 10));
        rest /= 10;
    } while (rest > 0);
    if (is_negative)
        digits[--at] = '-';
    memcpy(text, digits + at, sizeof digits - at);
}

static const char *find_suffix(int exponent, enum quantity_format format)
{
    for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
        if (suffixes[i].format == format && suffixes[i].exponent == exponent)
            return suffixes[i].text;
    }
    return "";
}

/* All factors of 1000 go into the suffix, "E" being the largest. */
static void print_decimal(const struct quantity *quantity, char text[QUANTITY_TEXT_SIZE])
{
    quantity_nano number = quantity->nano;
    bool is_exponent = quantity->format == QUANTITY_EXPONENT;
    int exponent = -9;
    char suffix[8] = "";
    while (number % 1000 == 0 && (is_exponent || exponent < 18)) {
        number /= 1000;
        exponent += 3;
    }
    if (!is_exponent) {
        print_number(number, find_suffix(exponent, QUANTITY_DECIMAL), text);
        return;
    }
    if (exponent != 0) {
        bool is_negative = exponent < 0;
        int size = is_negative ? -exponent : exponent, at = 0;
        suffix[at++] = 'e';
        if (is_negative)
            suffix[at++] = '-';
        if (size >= 10)
            suffix[at++] = (char)('0' + size / 10);
        suffix[at] = (char)('0' + size % 10);
    }
    print_number(number, suffix, text);
}

void quantity_print(const struct quantity *quantity, char text[QUANTITY_TEXT_SIZE])
{
    if (quantity->nano == 0) {
        memcpy(text, "0", 2);
        return;
    }
    quantity_nano whole = quantity->nano / NANO_PER_UNIT;
    bool is_whole = quantity->nano % NANO_PER_UNIT == 0;
    /* Small and broken values read better with decimal suffixes, and lose nothing. */
    if (quantity->format != QUANTITY_BINARY || !is_whole || (whole > -1024 && whole < 1024)) {
        struct quantity decimal = *quantity;
        if (decimal.format == QUANTITY_BINARY)
            decimal.format = QUANTITY_DECIMAL;
        print_decimal(&decimal, text);
        return;
    }
    int exponent = 0;
    while (whole % 1024 == 0 && exponent < 60) {
        whole /= 1024;
        exponent += 10;
    }
    print_number(whole, find_suffix(exponent, QUANTITY_BINARY), text);
}

/* --- Arithmetic --- */

struct quantity quantity_of_int(int64_t value, enum quantity_format format)
{
    return (struct quantity){.nano = (quantity_nano)value * NANO_PER_UNIT, .format = format};
}

void quantity_add(struct quantity *a, const struct quantity *b)
{
    if (a->nano == 0)
        a->format = b->format;
    a->keeps_text = false;
    a->nano += b->nano;
    if (a->nano > NANO_MAX)
        a->nano = NANO_MAX;
    if (a->nano < -NANO_MAX)
        a->nano = -NANO_MAX;
}
void quantity_subtract(struct quantity *a, const struct quantity *b)
{
    struct quantity minus = *b;
    minus.nano = -minus.nano;
    quantity_add(a, &minus);
}
int quantity_compare(const struct quantity *a, const struct quantity *b)
{
    return (a->nano > b->nano) - (a->nano < b->nano);
}
int quantity_sign(const struct quantity *quantity)
{
    return (quantity->nano > 0) - (quantity->nano < 0);
}

static int64_t in_units_of(const struct quantity *quantity, int64_t unit)
{
    quantity_nano value = quantity->nano / unit;
    quantity_nano rest = quantity->nano % unit;
    value += (rest > 0) - (rest < 0);
    if (value > INT64_MAX)
        return INT64_MAX;
    return value < INT64_MIN ? INT64_MIN : (int64_t)value;
}
int64_t quantity_value(const struct quantity *quantity)
{
    return in_units_of(quantity, NANO_PER_UNIT);
}
int64_t quantity_millis(const struct quantity *quantity)
{
    return in_units_of(quantity, NANO_PER_UNIT / 1000);
}
