#include "core/net/der.h"

#include <stdio.h>

#include "core/clock.h"

static bool take_byte(struct slice *rest, uint8_t *byte)
{
    if (rest->size == 0)
        return false;
    *byte = (uint8_t)rest->data[0];
    *rest = slice_sub(*rest, 1, rest->size);
    return true;
}

/* X.690 8.1.3: a byte under 128, or a count of bytes and then those. */
static bool take_length(struct slice *rest, size_t *length)
{
    uint8_t first, byte;
    if (!take_byte(rest, &first))
        return false;
    *length = first;
    if (first < 0x80)
        return true;
    size_t count = first & 0x7f;
    if (count == 0 || count > 4)
        return false;
    *length = 0;
    for (size_t i = 0; i < count; i++) {
        if (!take_byte(rest, &byte) || (i == 0 && byte == 0))
            return false;
        *length = *length << 8 | byte;
    }
    return *length >= 0x80;
}

bool der_next(struct slice *rest, struct der_item *item)
{
    struct slice start = *rest;
    size_t length;
    if (!take_byte(rest, &item->tag) || (item->tag & 0x1f) == 0x1f || !take_length(rest, &length) ||
        length > rest->size)
        return false;
    item->content = slice_sub(*rest, 0, length);
    *rest = slice_sub(*rest, length, rest->size);
    item->whole = slice_sub(start, 0, start.size - rest->size);
    return true;
}

bool der_take(struct slice *rest, uint8_t tag, struct slice *content)
{
    struct der_item item;
    if (!der_next(rest, &item) || item.tag != tag)
        return false;
    *content = item.content;
    return true;
}

void der_take_optional(struct slice *rest, uint8_t tag, struct slice *content)
{
    struct slice copy = *rest;
    *content = (struct slice){NULL, 0};
    if (der_take(&copy, tag, content))
        *rest = copy;
    else
        *content = (struct slice){NULL, 0};
}

bool der_bits(struct slice content, struct slice *bytes)
{
    if (content.size == 0 || content.data[0] != 0)
        return false;
    *bytes = slice_sub(content, 1, content.size);
    return true;
}

bool der_uint(struct slice content, uint64_t *value)
{
    *value = 0;
    if (content.size == 0 || content.size > 9 || (content.data[0] & 0x80) ||
        (content.size == 9 && content.data[0] != 0))
        return false;
    for (size_t i = 0; i < content.size; i++)
        *value = *value << 8 | (uint8_t)content.data[i];
    return true;
}

/* Two digits at a place; -1 if they are none. */
static int digits(struct slice text, size_t at)
{
    int tens = text.data[at] - '0', ones = text.data[at + 1] - '0';
    return tens < 0 || tens > 9 || ones < 0 || ones > 9 ? -1 : 10 * tens + ones;
}

bool der_time(const struct der_item *item, int64_t *wall_us)
{
    struct slice text = item->content;
    char rfc3339[TIME_TEXT_SIZE];
    int century = 20, parts[6];
    if (item->tag == DER_GENERALIZED_TIME && text.size == 15) {
        century = digits(text, 0);
        text = slice_sub(text, 2, text.size);
    } else if (item->tag != DER_UTC_TIME || text.size != 13) {
        return false;
    }
    for (size_t i = 0; i < 6; i++) {
        parts[i] = digits(text, 2 * i);
        if (parts[i] < 0)
            return false;
    }
    if (text.data[12] != 'Z' || century < 0)
        return false;
    if (item->tag == DER_UTC_TIME && parts[0] >= 50)
        century = 19;
    snprintf(rfc3339, sizeof(rfc3339), "%02d%02d-%02d-%02dT%02d:%02d:%02dZ", century % 100,
             parts[0] % 100, parts[1] % 100, parts[2] % 100, parts[3] % 100, parts[4] % 100,
             parts[5] % 100);
    return time_parse(slice_of(rfc3339), wall_us);
}

size_t der_open(struct buffer *out, uint8_t tag)
{
    buffer_append_byte(out, (char)tag);
    return out->size;
}

void der_close(struct buffer *out, size_t mark)
{
    size_t length = out->size - mark;
    char bytes[5];
    size_t count = 0;
    if (length < 0x80) {
        bytes[count++] = (char)length;
    } else {
        size_t wide = length > 0xffffff ? 4 : length > 0xffff ? 3 : length > 0xff ? 2 : 1;
        bytes[count++] = (char)(0x80 | wide);
        while (wide-- > 0)
            bytes[count++] = (char)(length >> (8 * wide));
    }
    buffer_append(out, bytes, count); /* Makes room; then the content moves behind. */
    memmove(out->data + mark + count, out->data + mark, length);
    memcpy(out->data + mark, bytes, count);
}

void der_add(struct buffer *out, uint8_t tag, struct slice content)
{
    size_t mark = der_open(out, tag);
    buffer_append_slice(out, content);
    der_close(out, mark);
}

void der_add_uint(struct buffer *out, struct slice big_endian)
{
    while (big_endian.size > 1 && big_endian.data[0] == 0)
        big_endian = slice_sub(big_endian, 1, big_endian.size);
    size_t mark = der_open(out, DER_INTEGER);
    if (big_endian.size == 0 || (big_endian.data[0] & 0x80))
        buffer_append_byte(out, 0);
    buffer_append_slice(out, big_endian);
    der_close(out, mark);
}

void der_add_bits(struct buffer *out, struct slice bytes)
{
    size_t mark = der_open(out, DER_BIT_STRING);
    buffer_append_byte(out, 0);
    buffer_append_slice(out, bytes);
    der_close(out, mark);
}

/* UTCTime through 2049, GeneralizedTime after (RFC 5280 4.1.2.5). */
void der_add_time(struct buffer *out, int64_t wall_us)
{
    char text[TIME_TEXT_SIZE];
    time_format(wall_us, text); /* 2026-01-02T03:04:05Z */
    bool short_form = memcmp(text, "2050", 4) < 0;
    struct buffer plain = {0};
    for (const char *c = short_form ? text + 2 : text; *c; c++) {
        if (*c != '-' && *c != 'T' && *c != ':')
            buffer_append_byte(&plain, *c);
    }
    der_add(out, short_form ? DER_UTC_TIME : DER_GENERALIZED_TIME, buffer_slice(&plain));
    buffer_release(&plain);
}
