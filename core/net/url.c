#include "core/net/url.h"

static int hex_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F')
        return digit - 'A' + 10;
    return -1;
}

bool url_unescape(struct arena *arena, struct slice text, bool is_query, struct slice *decoded)
{
    char *out = arena_alloc(arena, text.size + 1);
    size_t size = 0;
    for (size_t i = 0; i < text.size; i++) {
        char byte = text.data[i];
        if (byte == '%') {
            int high = i + 1 < text.size ? hex_value(text.data[i + 1]) : -1;
            int low = i + 2 < text.size ? hex_value(text.data[i + 2]) : -1;
            if (high < 0 || low < 0)
                return false;
            byte = (char)(high * 16 + low);
            i += 2;
        } else if (byte == '+' && is_query) {
            byte = ' ';
        }
        out[size++] = byte;
    }
    *decoded = (struct slice){out, size};
    return true;
}

static bool is_unreserved(char byte) /* RFC 3986 2.3 */
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '-' || byte == '_' || byte == '.' || byte == '~';
}

void url_escape(struct slice text, struct buffer *out)
{
    size_t done = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (is_unreserved(text.data[i]))
            continue;
        buffer_append_slice(out, slice_sub(text, done, i));
        buffer_format(out, "%%%02X", (unsigned)(unsigned char)text.data[i]);
        done = i + 1;
    }
    buffer_append_slice(out, slice_sub(text, done, text.size));
}
