/* core/utf8: every character there and back, and what is none. */
#include "core/utf8.h"

#include "tests/harness/test.h"

TEST("every character is written and read back")
{
    for (int32_t character = 0; character <= 0x10ffff; character++) {
        char text[4];
        size_t taken;
        size_t size = utf8_encode(character, text);
        bool is_surrogate = character >= 0xd800 && character <= 0xdfff;
        EXPECT_EQ(utf8_decode(text, size, &taken), is_surrogate ? UTF8_BAD : character);
        EXPECT_EQ(taken, size);
        if (size > 1)
            EXPECT(utf8_decode(text, size - 1, &taken) < 0 && taken == 1);
    }
    char text[4];
    EXPECT_EQ(utf8_encode(0x110000, text), 3);
    EXPECT_EQ(utf8_encode(-1, text), 3);
}

TEST("overlong, lone, cut and too large sequences are bad")
{
    EXPECT(utf8_is_valid(SLICE("")));
    EXPECT(utf8_is_valid(SLICE("a\0\xc3\xa9\xf4\x8f\xbf\xbf")));
    EXPECT(!utf8_is_valid(SLICE("\x80")));
    EXPECT(!utf8_is_valid(SLICE("\xc0\x80")));
    EXPECT(!utf8_is_valid(SLICE("\xc1\xbf")));
    EXPECT(!utf8_is_valid(SLICE("\xe0\x9f\xbf")));
    EXPECT(!utf8_is_valid(SLICE("\xed\xa0\x80")));
    EXPECT(!utf8_is_valid(SLICE("\xf0\x8f\xbf\xbf")));
    EXPECT(!utf8_is_valid(SLICE("\xf4\x90\x80\x80")));
    EXPECT(!utf8_is_valid(SLICE("\xf5\x80\x80\x80")));
    EXPECT(!utf8_is_valid(SLICE("\xe2\x82")));
    EXPECT(!utf8_is_valid(SLICE("\xe2(\xa1")));
}
