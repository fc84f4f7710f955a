/* UTF-8, one character at a time. */
#include "core/utf8.h"

int32_t utf8_decode(const char *text, size_t size, size_t *taken)
{
    static const int32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char first = (unsigned char)text[0];
    size_t n = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    *taken = 1;
    if (n == 1)
        return first;
    if (first < 0xc2 || first > 0xf4 || n > size)
        return -1;
    int32_t character = first & (0x7f >> n);
    for (size_t i = 1; i < n; i++) {
        if (((unsigned char)text[i] & 0xc0) != 0x80)
            return -1;
        character = character << 6 | (text[i] & 0x3f);
    }
    if (character < least[n] || character > 0x10ffff ||
        (character >= 0xd800 && character <= 0xdfff))
        return -1;
    *taken = n;
    return character;
}

size_t utf8_encode(int32_t character, char text[4])
{
    if (character < 0 || character > 0x10ffff || (character >= 0xd800 && character <= 0xdfff))
        character = UTF8_BAD;
    if (character < 0x80) {
        text[0] = (char)character;
        return 1;
    }
    size_t n = character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--) {
        text[i] = (char)(0x80 | (character & 0x3f));
        character >>= 6;
    }
    text[0] = (char)((0xf00 >> n & 0xff) | character); /* n ones, then a zero. */
    return n;
}

bool utf8_is_valid(struct slice text)
{
    for (size_t i = 0, taken; i < text.size; i += taken)
        if (utf8_decode(text.data + i, text.size - i, &taken) < 0)
            return false;
    return true;
}
