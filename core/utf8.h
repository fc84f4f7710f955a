/* UTF-8, read the way Go reads it: a byte that begins no character counts as
 * one bad character of one byte. */
#ifndef CORE_UTF8_H
#define CORE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buffer.h"

#define UTF8_BAD 0xfffd /* What stands for a bad character: U+FFFD. */

/* The first character of text (size > 0), or -1 when it is bad. *taken gets
 * the number of its bytes, 1 when it is bad. */
int32_t utf8_decode(const char *text, size_t size, size_t *taken);
/* Writes a character and gives the number of its bytes; what is no character
 * (a surrogate, above 0x10ffff) is written as UTF8_BAD. */
size_t utf8_encode(int32_t character, char text[4]);
bool utf8_is_valid(struct slice text);

#endif
