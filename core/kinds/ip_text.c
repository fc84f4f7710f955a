/* See ip_text.h. */
#include "core/kinds/ip_text.h"

/* A decimal part of IPv4: 0 to 255. Leading zeros are passed over, as old fields allow them. */
static bool read_octet(struct slice text, uint8_t *octet)
{
    int64_t value;
    if (text.size == 0 || text.size > 3 || text.data[0] == '-' || !slice_to_int64(text, &value) ||
        value > 255)
        return false;
    *octet = (uint8_t)value;
    return true;
}
static bool read_v4(struct slice text, uint8_t bytes[4])
{
    struct slice part;
    size_t count = 0;
    while (slice_split(&text, '.', &part))
        if (count == 4 || !read_octet(part, &bytes[count++]))
            return false;
    return count == 4;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}
static bool read_group(struct slice text, uint8_t bytes[2])
{
    unsigned value = 0;
    if (text.size == 0 || text.size > 4)
        return false;
    for (size_t i = 0; i < text.size; i++) {
        int digit = hex_digit(text.data[i]);
        if (digit < 0)
            return false;
        value = value << 4 | (unsigned)digit;
    }
    bytes[0] = (uint8_t)(value >> 8);
    bytes[1] = (uint8_t)value;
    return true;
}

/* Groups of 16 bits; the last two may be an IPv4 address. Gives their size, or -1. */
static int read_groups(struct slice text, uint8_t bytes[16], size_t room)
{
    struct slice part;
    size_t size = 0;
    if (text.size == 0)
        return 0;
    while (slice_split(&text, ':', &part)) {
        bool is_last = text.data == NULL;
        if (is_last && slice_find(part, '.') >= 0) {
            if (size + 4 > room || !read_v4(part, bytes + size))
                return -1;
            return (int)(size + 4);
        }
        if (size + 2 > room || !read_group(part, bytes + size))
            return -1;
        size += 2;
    }
    return (int)size;
}

static ptrdiff_t find_gap(struct slice text)
{
    for (size_t i = 0; i + 1 < text.size; i++)
        if (text.data[i] == ':' && text.data[i + 1] == ':')
            return (ptrdiff_t)i;
    return -1;
}
static bool read_v6(struct slice text, uint8_t bytes[16])
{
    uint8_t tail[16];
    ptrdiff_t gap = find_gap(text);
    memset(bytes, 0, 16);
    if (gap < 0)
        return read_groups(text, bytes, 16) == 16;
    struct slice left = slice_sub(text, 0, (size_t)gap);
    if (slice_find(left, '.') >= 0)
        return false;
    int before = read_groups(left, bytes, 14);
    int after = read_groups(slice_sub(text, (size_t)gap + 2, text.size), tail, 14);
    if (before < 0 || after < 0 || before + after > 14)
        return false;
    memcpy(bytes + 16 - after, tail, (size_t)after);
    return true;
}

bool ip_parse(struct slice text, struct ip_address *address)
{
    memset(address, 0, sizeof *address);
    address->is_v6 = slice_find(text, ':') >= 0;
    return address->is_v6 ? read_v6(text, address->bytes) : read_v4(text, address->bytes);
}
bool ip_is_valid(struct slice text)
{
    struct ip_address address;
    return ip_parse(text, &address);
}
bool ip_is_v6(struct slice text)
{
    return slice_find(text, ':') >= 0;
}

bool cidr_parse(struct slice text, struct ip_address *address, int *bits)
{
    ptrdiff_t slash = slice_find(text, '/');
    int64_t value;
    if (slash < 0 || !ip_parse(slice_sub(text, 0, (size_t)slash), address))
        return false;
    struct slice number = slice_sub(text, (size_t)slash + 1, text.size);
    if (number.size == 0 || number.data[0] == '-' || (number.size > 1 && number.data[0] == '0') ||
        !slice_to_int64(number, &value) || value > (address->is_v6 ? 128 : 32))
        return false;
    *bits = (int)value;
    return true;
}
