/* Lookups in tables made by tools/unicode_table.go. */
#include "core/unicode.h"

#include <stddef.h>

#include "core/check.h"
#include "core/unicode_table.h"

/* True when an odd number of edges are at or below the character. */
static bool is_inside(const uint32_t *edges, size_t count, uint32_t character)
{
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (edges[middle] <= character)
            low = middle + 1;
        else
            high = middle;
    }
    return low % 2 == 1;
}

bool unicode_is_printable(int32_t character)
{
    if (character < 0x7f)
        return character >= ' ';
    return is_inside(printable_edges, ARRAY_SIZE(printable_edges), (uint32_t)character);
}

bool unicode_is_letter_or_number(int32_t character)
{
    if (character < 0)
        return false;
    return is_inside(letter_or_number_edges, ARRAY_SIZE(letter_or_number_edges),
                     (uint32_t)character);
}

bool unicode_is_space(int32_t character)
{
    if (character <= ' ')
        return character == ' ' || (character >= '\t' && character <= '\r');
    return character == 0x85 || character == 0xa0 || character == 0x1680 ||
           (character >= 0x2000 && character <= 0x200a) || character == 0x2028 ||
           character == 0x2029 || character == 0x202f || character == 0x205f || character == 0x3000;
}
