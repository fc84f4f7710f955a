/* core/kinds/quantity: texts and values, as Go's resource.Quantity has them. */
#include "core/kinds/quantity.h"

#include <stdio.h>

#include "tests/harness/test.h"

static struct quantity parse(const char *text)
{
    struct quantity quantity;
    enum quantity_error error = quantity_parse(slice_of(text), &quantity);
    if (error)
        printf("%s: %s\n", text, quantity_error_text(error));
    EXPECT_EQ(error, QUANTITY_OK);
    return quantity;
}

static const char *canonical(const char *text)
{
    static char out[QUANTITY_TEXT_SIZE];
    struct quantity quantity = parse(text);
    quantity_print(&quantity, out);
    return out;
}
static enum quantity_error error_of(const char *text)
{
    struct quantity quantity;
    return quantity_parse(slice_of(text), &quantity);
}

TEST("printing takes the largest suffix that leaves a whole number")
{
    EXPECT_TEXT(canonical("0"), "0");
    EXPECT_TEXT(canonical("1000m"), "1");
    EXPECT_TEXT(canonical("1500m"), "1500m");
    EXPECT_TEXT(canonical("0.1"), "100m");
    EXPECT_TEXT(canonical("0.0001"), "100u");
    EXPECT_TEXT(canonical("1000000"), "1M");
    EXPECT_TEXT(canonical("12345.678"), "12345678m");
    EXPECT_TEXT(canonical("2Gi"), "2Gi");
    EXPECT_TEXT(canonical("1024Mi"), "1Gi");
    EXPECT_TEXT(canonical("1.5Gi"), "1536Mi");
    EXPECT_TEXT(canonical("1e3"), "1e3");
    EXPECT_TEXT(canonical("100e1"), "1e3");
    EXPECT_TEXT(canonical("1e-3"), "1e-3");
    EXPECT_TEXT(canonical("-0.5"), "-500m");
    EXPECT_TEXT(canonical("1000P"), "1E");
}

TEST("a binary quantity that is small or broken prints with a decimal suffix")
{
    EXPECT_TEXT(canonical("0.5Gi"), "512Mi");
    EXPECT_TEXT(canonical("0.5Ki"), "512");
    EXPECT_TEXT(canonical("0.1Ki"), "102400m");
    EXPECT_TEXT(canonical("1.5Ki"), "1536");
    EXPECT_TEXT(canonical("0.0001Gi"), "107374182400u");
}

TEST("what is finer than a billionth rounds up, away from zero")
{
    EXPECT_TEXT(canonical("0.1n"), "1n");
    EXPECT_TEXT(canonical("1.5n"), "2n");
    EXPECT_TEXT(canonical("-0.1n"), "-1n");
    EXPECT_TEXT(canonical("0.0000000001Gi"), "107374183n");
    EXPECT_TEXT(canonical("1e-1000"), "1e-9");
    EXPECT_TEXT(canonical("1.0000000001"), "1000000001n");
    EXPECT_TEXT(canonical("0.0000000000"), "0");
}

TEST("a binary suffix caps at 2^63-1, a decimal one does not")
{
    EXPECT_TEXT(canonical("8Ei"), "9223372036854775807");
    EXPECT_TEXT(canonical("7.5Ei"), "7680Pi");
    EXPECT_TEXT(canonical("-16Ei"), "-9223372036854775807");
    EXPECT_TEXT(canonical("99999999999999999999"), "99999999999999999999");
    EXPECT_TEXT(canonical("999999999E"), "999999999E");
    EXPECT_EQ(error_of("1000000000E"), QUANTITY_BAD_NUMBER);
    EXPECT_EQ(error_of("1e10000000"), QUANTITY_BAD_NUMBER);
    EXPECT_TEXT(canonical("0e10000000"), "0");
}

TEST("texts that upstream keeps as they were written are marked")
{
    EXPECT(parse("1.500").keeps_text);
    EXPECT(parse("+5").keeps_text);
    EXPECT(parse("010").keeps_text);
    EXPECT(parse("1E3").keeps_text);
    EXPECT(parse("1028Mi").keeps_text);
    EXPECT(!parse("1024Mi").keeps_text);
    EXPECT(!parse("0.500").keeps_text);
    EXPECT(!parse("1.5").keeps_text);
    EXPECT(!parse("1000m").keeps_text);
    EXPECT(!parse("1234567890123456789").keeps_text);
}

TEST("odd texts are what upstream's parser makes of them")
{
    EXPECT_TEXT(canonical("."), "0");
    EXPECT_TEXT(canonical("-"), "0");
    EXPECT_TEXT(canonical("Mi"), "0");
    EXPECT_TEXT(canonical("1."), "1");
    EXPECT_TEXT(canonical(".5"), "500m");
    EXPECT_TEXT(canonical("1.G"), "1G");
    EXPECT_TEXT(canonical("1E"), "1E");
    EXPECT_TEXT(canonical("1e+3"), "1e3");
    EXPECT_EQ(error_of("Pi"), QUANTITY_BAD_NUMBER);
    EXPECT_EQ(error_of(""), QUANTITY_BAD_FORMAT);
    EXPECT_EQ(error_of("1..2"), QUANTITY_BAD_FORMAT);
    EXPECT_EQ(error_of("abc"), QUANTITY_BAD_FORMAT);
    EXPECT_EQ(error_of("--1"), QUANTITY_BAD_SUFFIX);
    EXPECT_EQ(error_of("1 "), QUANTITY_BAD_FORMAT);
    EXPECT_EQ(error_of("1KI"), QUANTITY_BAD_FORMAT);
    EXPECT_EQ(error_of("1K"), QUANTITY_BAD_SUFFIX);
    EXPECT_EQ(error_of("1e"), QUANTITY_BAD_SUFFIX);
    EXPECT_EQ(error_of("1-5"), QUANTITY_BAD_SUFFIX);
    EXPECT_TEXT(quantity_error_text(QUANTITY_BAD_FORMAT),
                "quantities must match the regular expression "
                "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
}

TEST("units and thousandths round up, and stop at the ends of 64 bits")
{
    struct quantity quantity = parse("1500m");
    EXPECT_EQ(quantity_value(&quantity), 2);
    EXPECT_EQ(quantity_millis(&quantity), 1500);
    quantity = parse("-1500m");
    EXPECT_EQ(quantity_value(&quantity), -2);
    quantity = parse("1n");
    EXPECT_EQ(quantity_millis(&quantity), 1);
    quantity = parse("9223372036854775807");
    EXPECT_EQ(quantity_value(&quantity), INT64_MAX);
    EXPECT_EQ(quantity_millis(&quantity), INT64_MAX);
    quantity = parse("-100E");
    EXPECT_EQ(quantity_value(&quantity), INT64_MIN);
}

TEST("sums are exact, and take the format of the first that is not zero")
{
    char text[QUANTITY_TEXT_SIZE];
    struct quantity sum = {0}, gi = parse("1Gi"), milli = parse("100m");
    for (int i = 0; i < 10; i++)
        quantity_add(&sum, &milli);
    quantity_print(&sum, text);
    EXPECT_TEXT(text, "1");
    quantity_subtract(&sum, &sum);
    EXPECT_EQ(quantity_sign(&sum), 0);
    quantity_add(&sum, &gi);
    quantity_add(&sum, &gi);
    quantity_print(&sum, text);
    EXPECT_TEXT(text, "2Gi");
    EXPECT_EQ(quantity_compare(&sum, &gi), 1);
    EXPECT_EQ(quantity_compare(&gi, &sum), -1);
    EXPECT_EQ(quantity_compare(&gi, &gi), 0);
}

TEST("sums stop before they overflow")
{
    struct quantity sum = parse("999999999E"), same = sum;
    for (int i = 0; i < 1000; i++)
        quantity_add(&sum, &same);
    EXPECT_EQ(quantity_sign(&sum), 1);
    EXPECT_EQ(quantity_value(&sum), INT64_MAX);
}

TEST("a JSON number is a quantity, other values are not")
{
    struct arena arena = {0};
    struct quantity quantity;
    EXPECT(quantity_from_json(json_new_number(&arena, SLICE("1.5")), &quantity));
    EXPECT_EQ(quantity_millis(&quantity), 1500);
    EXPECT(quantity_from_json(json_new_text(&arena, " 2Ki "), &quantity));
    EXPECT_EQ(quantity_value(&quantity), 2048);
    EXPECT(!quantity_from_json(json_new_bool(&arena, true), &quantity));
    EXPECT(!quantity_from_json(NULL, &quantity));
    arena_release(&arena);
}
