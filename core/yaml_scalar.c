/* The resolver of go-yaml v2 (go.yaml.in/yaml/v2, resolve.go), rule by rule. */
#include "core/yaml_scalar.h"

#include "core/number.h"

/* Words. */

struct word {
    const char *text;
    enum yaml_type type;
    bool truth;
    double real;
};

static const struct word words[] = {
    {"y", YAML_TYPE_BOOL, true, 0},
    {"Y", YAML_TYPE_BOOL, true, 0},
    {"yes", YAML_TYPE_BOOL, true, 0},
    {"Yes", YAML_TYPE_BOOL, true, 0},
    {"YES", YAML_TYPE_BOOL, true, 0},
    {"true", YAML_TYPE_BOOL, true, 0},
    {"True", YAML_TYPE_BOOL, true, 0},
    {"TRUE", YAML_TYPE_BOOL, true, 0},
    {"on", YAML_TYPE_BOOL, true, 0},
    {"On", YAML_TYPE_BOOL, true, 0},
    {"ON", YAML_TYPE_BOOL, true, 0},
    {"n", YAML_TYPE_BOOL, false, 0},
    {"N", YAML_TYPE_BOOL, false, 0},
    {"no", YAML_TYPE_BOOL, false, 0},
    {"No", YAML_TYPE_BOOL, false, 0},
    {"NO", YAML_TYPE_BOOL, false, 0},
    {"false", YAML_TYPE_BOOL, false, 0},
    {"False", YAML_TYPE_BOOL, false, 0},
    {"FALSE", YAML_TYPE_BOOL, false, 0},
    {"off", YAML_TYPE_BOOL, false, 0},
    {"Off", YAML_TYPE_BOOL, false, 0},
    {"OFF", YAML_TYPE_BOOL, false, 0},
    {"", YAML_TYPE_NULL, false, 0},
    {"~", YAML_TYPE_NULL, false, 0},
    {"null", YAML_TYPE_NULL, false, 0},
    {"Null", YAML_TYPE_NULL, false, 0},
    {"NULL", YAML_TYPE_NULL, false, 0},
    {".nan", YAML_TYPE_FLOAT, false, __builtin_nan("")},
    {".NaN", YAML_TYPE_FLOAT, false, __builtin_nan("")},
    {".NAN", YAML_TYPE_FLOAT, false, __builtin_nan("")},
    {".inf", YAML_TYPE_FLOAT, false, __builtin_inf()},
    {".Inf", YAML_TYPE_FLOAT, false, __builtin_inf()},
    {".INF", YAML_TYPE_FLOAT, false, __builtin_inf()},
    {"+.inf", YAML_TYPE_FLOAT, false, __builtin_inf()},
    {"+.Inf", YAML_TYPE_FLOAT, false, __builtin_inf()},
    {"+.INF", YAML_TYPE_FLOAT, false, __builtin_inf()},
    {"-.inf", YAML_TYPE_FLOAT, false, -__builtin_inf()},
    {"-.Inf", YAML_TYPE_FLOAT, false, -__builtin_inf()},
    {"-.INF", YAML_TYPE_FLOAT, false, -__builtin_inf()},
    {"<<", YAML_TYPE_MERGE, false, 0},
};

#define WORD_SIZE_MAX 5

static bool find_word(struct slice text, struct yaml_scalar *scalar)
{
    if (text.size > WORD_SIZE_MAX)
        return false;
    for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
        if (slice_is(text, words[i].text)) {
            scalar->type = words[i].type;
            scalar->truth = words[i].truth;
            scalar->real = words[i].real;
            return true;
        }
    }
    return false;
}

/* Timestamps: Go's time.Parse with go-yaml's four layouts. */

static bool is_digit(struct slice text, size_t i)
{
    return i < text.size && text.data[i] >= '0' && text.data[i] <= '9';
}

/* Takes one or two digits. */
static bool take_number(struct slice *text, int *value)
{
    if (!is_digit(*text, 0))
        return false;
    size_t size = is_digit(*text, 1) ? 2 : 1;
    *value = text->data[0] - '0';
    if (size == 2)
        *value = *value * 10 + (text->data[1] - '0');
    *text = slice_sub(*text, size, text->size);
    return true;
}

static bool take_byte(struct slice *text, char byte)
{
    if (text->size == 0 || text->data[0] != byte)
        return false;
    *text = slice_sub(*text, 1, text->size);
    return true;
}

static int days_in(int month, int year)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap);
}

/* YYYY-M-D */
static bool take_date(struct slice *text)
{
    for (size_t i = 0; i < 4; i++)
        if (!is_digit(*text, i))
            return false;
    int year = 0;
    for (size_t i = 0; i < 4; i++)
        year = year * 10 + (text->data[i] - '0');
    *text = slice_sub(*text, 4, text->size);
    int month;
    int day;
    return take_byte(text, '-') && take_number(text, &month) && take_byte(text, '-') &&
           take_number(text, &day) && month >= 1 && month <= 12 && day >= 1 &&
           day <= days_in(month, year);
}

/* h:m:s with a fraction behind a point or comma */
static bool take_time(struct slice *text)
{
    int hour;
    int minute;
    int second;
    if (!take_number(text, &hour) || !take_byte(text, ':') || !take_number(text, &minute) ||
        !take_byte(text, ':') || !take_number(text, &second) || hour > 23 || minute > 59 ||
        second > 59)
        return false;
    if (text->size > 1 && (text->data[0] == '.' || text->data[0] == ',') && is_digit(*text, 1)) {
        size_t end = 2;
        while (is_digit(*text, end))
            end++;
        *text = slice_sub(*text, end, text->size);
    }
    return true;
}

/* Z or ±hh:mm. As in Go, 24 hours and 60 minutes are still offsets. */
static bool take_zone(struct slice *text)
{
    if (take_byte(text, 'Z'))
        return true;
    int hour;
    int minute;
    if (text->size < 6 || (text->data[0] != '+' && text->data[0] != '-') || text->data[3] != ':')
        return false;
    *text = slice_sub(*text, 1, text->size);
    if (!is_digit(*text, 1) || !is_digit(*text, 4))
        return false;
    return take_number(text, &hour) && take_byte(text, ':') && take_number(text, &minute) &&
           hour <= 24 && minute <= 60;
}

bool yaml_scalar_is_timestamp(struct slice text)
{
    if (text.size < 6 || text.data[4] != '-' || !take_date(&text))
        return false;
    if (text.size == 0)
        return true;
    if (take_byte(&text, 'T') || take_byte(&text, 't'))
        return take_time(&text) && take_zone(&text) && text.size == 0;
    if (!take_byte(&text, ' '))
        return false;
    while (take_byte(&text, ' ')) {}
    return take_time(&text) && text.size == 0;
}

/* Numbers. */

static bool read_whole(struct slice text, unsigned base, struct yaml_scalar *scalar)
{
    if (number_parse_int(text, base, &scalar->integer) == NUMBER_OK) {
        scalar->type = YAML_TYPE_INT;
        return true;
    }
    if (number_parse_uint(text, base, &scalar->natural) == NUMBER_OK) {
        scalar->type = YAML_TYPE_UINT;
        return true;
    }
    return false;
}

/* ^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$ holds for what
 * number_parse_float() reads, but for hexadecimal, words and underscores. */
static bool is_plain_float(struct slice text)
{
    for (size_t i = 0; i < text.size; i++)
        if (!is_digit(text, i) && strchr("+-.eE", text.data[i]) == NULL)
            return false;
    return true;
}

static bool read_float(struct slice text, struct yaml_scalar *scalar)
{
    if (number_parse_float(text, &scalar->real) != NUMBER_OK)
        return false;
    scalar->type = YAML_TYPE_FLOAT;
    return true;
}

static void read_clean_number(struct slice text, struct yaml_scalar *scalar)
{
    if (read_whole(text, 0, scalar) || (is_plain_float(text) && read_float(text, scalar)))
        return;
    /* "0b-1" is -1: a rule that looks like a slip, but go-yaml's. */
    if (slice_starts_with(text, SLICE("0b")))
        read_whole(slice_sub(text, 2, text.size), 2, scalar);
}

static void read_number(struct slice text, struct yaml_scalar *scalar)
{
    if (slice_find(text, '_') < 0) {
        read_clean_number(text, scalar);
        return;
    }
    char *clean = mem_alloc(text.size);
    size_t size = 0;
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] != '_')
            clean[size++] = text.data[i];
    read_clean_number((struct slice){clean, size}, scalar);
    mem_free(clean);
}

static struct yaml_scalar resolve(struct slice text, bool may_be_timestamp)
{
    struct yaml_scalar scalar = {.type = YAML_TYPE_STRING};
    if (find_word(text, &scalar))
        return scalar;
    char first = text.data[0];
    if (first == '.') {
        read_float(text, &scalar);
    } else if (first == '+' || first == '-' || is_digit(text, 0)) {
        if (may_be_timestamp && yaml_scalar_is_timestamp(text))
            scalar.type = YAML_TYPE_TIMESTAMP;
        else
            read_number(text, &scalar);
    }
    return scalar;
}

struct yaml_scalar yaml_scalar_plain(struct slice text)
{
    return resolve(text, true);
}

/* Tags. */

static const char *const type_tags[] = {
    [YAML_TYPE_NULL] = "null",   [YAML_TYPE_BOOL] = "bool",     [YAML_TYPE_INT] = "int",
    [YAML_TYPE_UINT] = "int",    [YAML_TYPE_FLOAT] = "float",   [YAML_TYPE_TIMESTAMP] = "timestamp",
    [YAML_TYPE_MERGE] = "merge", [YAML_TYPE_BINARY] = "binary", [YAML_TYPE_STRING] = "str",
};

static bool is_resolvable(const char *name)
{
    static const char *const names[] = {"bool", "int", "float", "null", "timestamp"};
    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

int yaml_scalar_resolve(const char *tag, struct slice text, struct yaml_scalar *scalar,
                        struct status *status)
{
    *scalar = (struct yaml_scalar){.type = YAML_TYPE_STRING};
    if (tag == NULL) {
        *scalar = resolve(text, true);
        return 0;
    }
    size_t prefix = sizeof(YAML_TAG_PREFIX) - 1;
    const char *name = strncmp(tag, YAML_TAG_PREFIX, prefix) == 0 ? tag + prefix : "";
    if (strcmp(name, "binary") == 0)
        scalar->type = YAML_TYPE_BINARY;
    if (!is_resolvable(name))
        return 0;
    *scalar = resolve(text, strcmp(name, "timestamp") == 0);
    if (strcmp(name, "float") == 0 && scalar->type == YAML_TYPE_INT) {
        scalar->type = YAML_TYPE_FLOAT;
        scalar->real = (double)scalar->integer;
    }
    if (strcmp(name, type_tags[scalar->type]) == 0)
        return 0;
    return status_fail(status, STATUS_BAD_REQUEST,
                       "cannot decode !!%s `" SLICE_FORMAT "` as a !!%s", type_tags[scalar->type],
                       SLICE_ARGS(text), name);
}
