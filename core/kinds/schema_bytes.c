/* Bytes in JSON: base64, read and told off as Go's base64.StdEncoding does.
 *
 * It skips line breaks, wants whole groups of four, and forgives bits that are set
 * behind the last byte; what is kept has neither. RFC 4648, section 4. */
#include "core/kinds/schema_private.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int digit_of(char c)
{
    const char *found = c == '\0' ? NULL : memchr(digits, c, 64);
    return found ? (int)(found - digits) : -1;
}
static bool is_break(char c)
{
    return c == '\n' || c == '\r';
}
static size_t skip_breaks(struct slice text, size_t at)
{
    while (at < text.size && is_break(text.data[at]))
        at++;
    return at;
}

/* Reads what follows the first '=' of a group that has count digits; gives the offset of what
 * is wrong, or -1. */
static ptrdiff_t check_padding(struct slice text, size_t at, size_t count)
{
    if (count < 2)
        return (ptrdiff_t)at - 1;
    if (count == 2) {
        at = skip_breaks(text, at);
        if (at == text.size)
            return (ptrdiff_t)at;
        if (text.data[at] != '=')
            return (ptrdiff_t)at - 1;
        at++;
    }
    at = skip_breaks(text, at);
    return at < text.size ? (ptrdiff_t)at : -1;
}

/* Writes the padding and clears the bits behind the last byte. */
static void end_group(struct buffer *canonical, size_t count)
{
    char *last = &canonical->data[canonical->size - 1];
    int mask = count == 2 ? 0x30 : 0x3c;
    *last = digits[digit_of(*last) & mask];
    buffer_append_text(canonical, count == 2 ? "==" : "=");
}

ptrdiff_t schema_read_base64(struct slice text, struct buffer *canonical)
{
    size_t count = 0; /* Digits of the group. */
    for (size_t at = 0; at < text.size; at++) {
        char c = text.data[at];
        if (digit_of(c) >= 0) {
            buffer_append_byte(canonical, c);
            count = (count + 1) % 4;
        } else if (c == '=') {
            ptrdiff_t wrong = check_padding(text, at + 1, count);
            if (wrong < 0)
                end_group(canonical, count);
            return wrong;
        } else if (!is_break(c)) {
            return (ptrdiff_t)at;
        }
    }
    return count == 0 ? -1 : (ptrdiff_t)(text.size - count);
}
