/* core/yaml_scalar: what plain and tagged scalars mean. */
#include "core/yaml_scalar.h"

#include <math.h>
#include <stdio.h>

#include "tests/harness/test.h"

static enum yaml_type type_of(const char *text)
{
    return yaml_scalar_plain(slice_of(text)).type;
}

static void expect_type(const char *const *texts, size_t count, enum yaml_type type)
{
    for (size_t i = 0; i < count; i++) {
        printf("%s\n", texts[i]);
        EXPECT_EQ(type_of(texts[i]), type);
    }
}
#define EXPECT_TYPE(type, ...)                                        \
    do {                                                              \
        static const char *const texts_[] = {__VA_ARGS__};            \
        expect_type(texts_, ARRAY_SIZE(texts_), type);                \
    } while (0)

TEST("booleans are those of YAML 1.1, in three spellings")
{
    EXPECT_TYPE(YAML_TYPE_BOOL, "y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True",
                "TRUE", "n", "N", "no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE");
    EXPECT_TYPE(YAML_TYPE_STRING, "yEs", "nO", "oN", "tRUE", "t", "f", "yess");
    EXPECT(yaml_scalar_plain(SLICE("on")).truth);
    EXPECT(!yaml_scalar_plain(SLICE("NO")).truth);
}

TEST("null is empty, a tilde, or the word in three spellings")
{
    EXPECT_TYPE(YAML_TYPE_NULL, "", "~", "null", "Null", "NULL");
    EXPECT_TYPE(YAML_TYPE_STRING, "nULL", "nil", "none", "~~");
}

TEST("whole numbers have Go's prefixes, and underscores anywhere")
{
    /* clang-format off */
    static const struct {
        const char *text;
        int64_t value;
    } cases[] = {
        {"0", 0},        {"12", 12},     {"-12", -12},   {"+1", 1},      {"0x1F", 31},
        {"0o14", 12},    {"014", 12},    {"0b101", 5},   {"-0b1", -1},   {"0b-1", -1},
        {"0b+1", 1},     {"1_000", 1000}, {"1__0_", 10}, {"-0x_f", -15}, {"00", 0},
    };
    /* clang-format on */
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct yaml_scalar scalar = yaml_scalar_plain(slice_of(cases[i].text));
        printf("%s\n", cases[i].text);
        EXPECT_EQ(scalar.type, YAML_TYPE_INT);
        EXPECT_EQ(scalar.integer, cases[i].value);
    }
    EXPECT_TYPE(YAML_TYPE_STRING, "_1", "0x", "0o8", "0b2", "1 2", "--1", "1-", "+-1");
}

TEST("beyond int64 a number is unsigned, beyond 64 bits it is real")
{
    EXPECT_EQ(type_of("9223372036854775807"), YAML_TYPE_INT);
    EXPECT_EQ(type_of("9223372036854775808"), YAML_TYPE_UINT);
    EXPECT_EQ(type_of("18446744073709551615"), YAML_TYPE_UINT);
    EXPECT_EQ(type_of("18446744073709551616"), YAML_TYPE_FLOAT);
    EXPECT_EQ(type_of("-9223372036854775809"), YAML_TYPE_FLOAT);
}

TEST("reals are decimal; 08 is one, and a number too large is text")
{
    EXPECT_TYPE(YAML_TYPE_FLOAT, "1.5", ".5", "5.", "1e3", "1E3", "+.5e-1", "08", "1_0.5", ".inf",
                "-.INF", "+.Inf", ".nan", ".NaN", ".5_0");
    EXPECT_TYPE(YAML_TYPE_STRING, "1e400", "inf", "nan", ".iNf", "-.nan", "1.2.3", ".", "._5",
                "0x1p-2", "1e", "e3", "11:00", "1:30:00");
    EXPECT(yaml_scalar_plain(SLICE("08")).real > 7.9);
    EXPECT(isnan(yaml_scalar_plain(SLICE(".nan")).real));
}

TEST("dates are told from numbers, and must exist")
{
    EXPECT_TYPE(YAML_TYPE_TIMESTAMP, "2001-01-01", "2001-1-2", "2000-02-29",
                "2001-12-14T21:59:43.10-05:00", "2001-12-14t21:59:43Z", "2001-12-14 21:59:43.1",
                "2001-1-1   3:4:5", "2001-01-01T00:00:00,5Z", "2001-01-01T1:2:3+24:60");
    EXPECT_TYPE(YAML_TYPE_STRING, "2001-02-29", "2001-13-01", "2001-1", "2001-01-01T00:00:00",
                "2001-01-01 00:00", "2001-01-01T24:00:00Z", "2001-01-01T00:60:00Z", "2001-00-01",
                "2001-01-32", "2001-01-01x", "2001-01-01 00:00:00Z", "2001-01-01T00:00:00+1:00",
                "20010-01-01");
}

TEST("only the merge key's two characters are the merge key")
{
    EXPECT_EQ(type_of("<<"), YAML_TYPE_MERGE);
    EXPECT_EQ(type_of("<<<"), YAML_TYPE_STRING);
}

static enum yaml_type tagged(const char *tag, const char *text, const char *error)
{
    struct yaml_scalar scalar;
    struct status status;
    status_init(&status);
    char full[64];
    snprintf(full, sizeof(full), "%s%s", tag[0] == '!' ? "" : YAML_TAG_PREFIX, tag);
    int failed = yaml_scalar_resolve(full, slice_of(text), &scalar, &status);
    EXPECT_TEXT(status.message, error);
    EXPECT_EQ(failed != 0, error != NULL);
    status_release(&status);
    return scalar.type;
}

TEST("a tag decides, or the text must fit it")
{
    EXPECT_EQ(tagged("str", "12", NULL), YAML_TYPE_STRING);
    EXPECT_EQ(tagged("int", "12", NULL), YAML_TYPE_INT);
    EXPECT_EQ(tagged("float", "12", NULL), YAML_TYPE_FLOAT);
    EXPECT_EQ(tagged("bool", "yes", NULL), YAML_TYPE_BOOL);
    EXPECT_EQ(tagged("null", "", NULL), YAML_TYPE_NULL);
    EXPECT_EQ(tagged("timestamp", "2001-01-01", NULL), YAML_TYPE_TIMESTAMP);
    EXPECT_EQ(tagged("binary", "aGk=", NULL), YAML_TYPE_BINARY);
    EXPECT_EQ(tagged("set", "1", NULL), YAML_TYPE_STRING);
    EXPECT_EQ(tagged("!own", "1", NULL), YAML_TYPE_STRING);
    tagged("int", "x", "cannot decode !!str `x` as a !!int");
    tagged("int", "1.5", "cannot decode !!float `1.5` as a !!int");
    tagged("float", "18446744073709551615",
           "cannot decode !!int `18446744073709551615` as a !!float");
    tagged("bool", "1", "cannot decode !!int `1` as a !!bool");
    tagged("timestamp", "12", "cannot decode !!int `12` as a !!timestamp");
    tagged("int", "2001-01-01", "cannot decode !!str `2001-01-01` as a !!int");
}
