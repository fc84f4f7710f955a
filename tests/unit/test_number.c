/* core/number: Go's number syntax and texts. */
#include "core/number.h"

#include <math.h>
#include <stdio.h>

#include "tests/harness/test.h"

static int64_t whole(const char *text, unsigned base)
{
    int64_t value = 0;
    EXPECT_EQ(number_parse_int(slice_of(text), base, &value), NUMBER_OK);
    return value;
}

static enum number_result whole_result(const char *text)
{
    int64_t value;
    return number_parse_int(slice_of(text), 0, &value);
}

TEST("base 0 reads the prefixes of Go, and a leading 0 as octal")
{
    EXPECT_EQ(whole("12", 0), 12);
    EXPECT_EQ(whole("+12", 0), 12);
    EXPECT_EQ(whole("-0x1F", 0), -31);
    EXPECT_EQ(whole("0b101", 0), 5);
    EXPECT_EQ(whole("0o17", 0), 15);
    EXPECT_EQ(whole("017", 0), 15);
    EXPECT_EQ(whole("0", 0), 0);
    EXPECT_EQ(whole("017", 10), 17);
    static const char *const wrong[] = {"",    "-",   "08", "0x", "0b2",
                                        "0o8", "1_0", " 1", "1 ", "0xg"};
    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
        EXPECT_EQ(whole_result(wrong[i]), NUMBER_SYNTAX);
}

TEST("whole numbers end at the edges of 64 bits")
{
    EXPECT(whole("9223372036854775807", 0) == INT64_MAX);
    EXPECT(whole("-9223372036854775808", 0) == INT64_MIN);
    EXPECT_EQ(whole_result("9223372036854775808"), NUMBER_RANGE);
    EXPECT_EQ(whole_result("-9223372036854775809"), NUMBER_RANGE);
    uint64_t natural;
    EXPECT_EQ(number_parse_uint(SLICE("18446744073709551615"), 0, &natural), NUMBER_OK);
    EXPECT(natural == UINT64_MAX);
    EXPECT_EQ(number_parse_uint(SLICE("18446744073709551616"), 0, &natural), NUMBER_RANGE);
    EXPECT_EQ(number_parse_uint(SLICE("-1"), 0, &natural), NUMBER_SYNTAX);
}

TEST("numbers with a point are read as Go reads them")
{
    /* clang-format off */
    static const struct {
        const char *text;
        enum number_result result;
        double value;
    } cases[] = {
        {"1.5", NUMBER_OK, 1.5},        {".5", NUMBER_OK, 0.5},     {"5.", NUMBER_OK, 5},
        {"+1e3", NUMBER_OK, 1000},      {"1E-2", NUMBER_OK, 0.01},  {"0x1p-2", NUMBER_OK, 0.25},
        {"1_0.5", NUMBER_OK, 10.5},     {"017", NUMBER_OK, 17},     {"-inf", NUMBER_OK, -INFINITY},
        {"Infinity", NUMBER_OK, INFINITY}, {"1e999", NUMBER_RANGE, 0}, {"1e-999", NUMBER_OK, 0},
        {"", NUMBER_SYNTAX, 0},         {".", NUMBER_SYNTAX, 0},    {"1e", NUMBER_SYNTAX, 0},
        {"e1", NUMBER_SYNTAX, 0},       {"1e+", NUMBER_SYNTAX, 0},  {"0x1", NUMBER_SYNTAX, 0},
        {"1__0", NUMBER_SYNTAX, 0},     {"_1", NUMBER_SYNTAX, 0},   {"1_", NUMBER_SYNTAX, 0},
        {"1.5x", NUMBER_SYNTAX, 0},     {"+nan", NUMBER_SYNTAX, 0}, {"infi", NUMBER_SYNTAX, 0},
        {"1.2.3", NUMBER_SYNTAX, 0},    {"-", NUMBER_SYNTAX, 0},
    };
    /* clang-format on */
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        double value = 0;
        printf("%s\n", cases[i].text);
        EXPECT_EQ(number_parse_float(slice_of(cases[i].text), &value), cases[i].result);
        if (cases[i].result == NUMBER_OK)
            EXPECT(!(value < cases[i].value) && !(value > cases[i].value));
    }
    double value = 0;
    EXPECT_EQ(number_parse_float(SLICE("NaN"), &value), NUMBER_OK);
    EXPECT(isnan(value));
}

TEST("a number of any length is read")
{
    char digits[1000];
    memset(digits, '0', sizeof(digits));
    digits[0] = '1';
    digits[1] = '.';
    double value = 0;
    EXPECT_EQ(number_parse_float((struct slice){digits, sizeof(digits)}, &value), NUMBER_OK);
    EXPECT(value > 0.99 && value < 1.01);
}

static const char *format(double value)
{
    static char text[NUMBER_TEXT_SIZE];
    size_t size = number_format(value, text);
    EXPECT_EQ(size, strlen(text));
    return text;
}

TEST("a value is printed with the fewest digits that read back, as in Go's JSON")
{
    EXPECT_TEXT(format(0), "0");
    EXPECT_TEXT(format(-0.0), "-0");
    EXPECT_TEXT(format(1), "1");
    EXPECT_TEXT(format(1500), "1500");
    EXPECT_TEXT(format(0.1), "0.1");
    EXPECT_TEXT(format(-1.25), "-1.25");
    EXPECT_TEXT(format(0.1 + 0.2), "0.30000000000000004");
    EXPECT_TEXT(format(1e20), "100000000000000000000");
    EXPECT_TEXT(format(1e21), "1e+21");
    EXPECT_TEXT(format(1e-6), "0.000001");
    EXPECT_TEXT(format(1e-7), "1e-7");
    EXPECT_TEXT(format(1.5e-300), "1.5e-300");
    EXPECT_TEXT(format(5e-324), "5e-324");
    EXPECT_TEXT(format(1.7976931348623157e308), "1.7976931348623157e+308");
    EXPECT_TEXT(format(123456789.125), "123456789.125");
    EXPECT_TEXT(format(5.684341886080801486968994140625e-14), "5.684341886080802e-14"); /* 2^-44 */
}

TEST("every value printed reads back as itself")
{
    uint64_t bits = 88172645463325252u;
    for (int i = 0; i < 20000; i++) {
        bits ^= bits << 13;
        bits ^= bits >> 7;
        bits ^= bits << 17;
        double value;
        double back = 0;
        memcpy(&value, &bits, sizeof(value));
        if (!isfinite(value))
            continue;
        EXPECT_EQ(number_parse_float(slice_of(format(value)), &back), NUMBER_OK);
        EXPECT(memcmp(&value, &back, sizeof(value)) == 0);
    }
}

TEST("a number that is a key passes through a float32")
{
    char text[NUMBER_TEXT_SIZE];
    /* clang-format off */
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        {1.1, "1.1"},   {0.30000001192092896, "0.3"},  {1e6, "1e+06"},    {123456, "123456"},
        {1e10, "1e+10"}, {0.0001, "0.0001"},           {0.00001, "1e-05"}, {-2.5, "-2.5"},
        {INFINITY, ".inf"}, {-INFINITY, "-.inf"},      {NAN, ".nan"},     {0, "0"},
    };
    /* clang-format on */
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        number_format_key(cases[i].value, text);
        EXPECT_TEXT(text, cases[i].text);
    }
}

TEST("a number is printed again as kubectl's JSON layer does")
{
    static const struct {
        const char *number;
        const char *text;
    } cases[] = {
        {"1", "1"},
        {"-5", "-5"},
        {"-0", "0"},
        {"-0.0", "0"},
        {"1.0", "1"},
        {"1e3", "1000"},
        {"9223372036854775807", "9223372036854775807"},
        {"9223372036854775808", "9223372036854776000"},
        {"18446744073709551616", "18446744073709552000"},
        {"1E21", "1e+21"},
        {"1e-7", "1e-7"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        char text[NUMBER_TEXT_SIZE];
        EXPECT_EQ(number_reprint(slice_of(cases[i].number), text), NUMBER_OK);
        EXPECT_TEXT(text, cases[i].text);
    }
    char text[NUMBER_TEXT_SIZE];
    EXPECT_EQ(number_reprint(SLICE("1e400"), text), NUMBER_RANGE);
}
