/* core/unicode: Go's classes of characters. */
#include "core/unicode.h"

#include "tests/harness/test.h"

TEST("printable are letters, marks, numbers, punctuation, symbols and the space")
{
    static const int32_t yes[] = {' ', 'a', '~', 0xa1, 0xe9, 0x301, 0x4e00, 0x1f600, 0xfffd};
    static const int32_t no[] = {-1,     0,      '\t',   0x7f,   0x85,    0xa0,    0xad,
                                 0x378,  0x200b, 0x2003, 0x2028, 0x3000,  0xfeff,  0xe000,
                                 0xfffe, 0xffff, 0xd800, 0xe0001, 0xf0000, 0x110000};
    for (size_t i = 0; i < ARRAY_SIZE(yes); i++)
        EXPECT(unicode_is_printable(yes[i]));
    for (size_t i = 0; i < ARRAY_SIZE(no); i++)
        EXPECT(!unicode_is_printable(no[i]));
}

TEST("letters and numbers of every script count, marks and symbols do not")
{
    static const int32_t yes[] = {'a', 'Z', '0', 0xaa, 0xbd, 0x663, 0x4e00, 0x1d400, 0x323af};
    static const int32_t no[] = {-1, '_', '-', ' ', 0x301, 0x1f600, 0x20ac, 0x110000};
    for (size_t i = 0; i < ARRAY_SIZE(yes); i++)
        EXPECT(unicode_is_letter_or_number(yes[i]));
    for (size_t i = 0; i < ARRAY_SIZE(no); i++)
        EXPECT(!unicode_is_letter_or_number(no[i]));
}

TEST("the tables hold as many characters as Go's")
{
    int printable = 0;
    int letters = 0;
    int spaces = 0;
    for (int32_t c = 0; c <= 0x10ffff; c++) {
        printable += unicode_is_printable(c);
        letters += unicode_is_letter_or_number(c);
        spaces += unicode_is_space(c);
    }
    EXPECT_EQ(printable, 148998);
    EXPECT_EQ(letters, 137935);
    EXPECT_EQ(spaces, 25);
}
