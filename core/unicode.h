/* What kinds of character there are, as Go's unicode package (Unicode 15.0.0,
 * that of the Go which kubectl 1.35 was built with) says. Thread: any. */
#ifndef CORE_UNICODE_H
#define CORE_UNICODE_H

#include <stdbool.h>
#include <stdint.h>

/* IsPrint: letters, marks, numbers, punctuation, symbols, and the ASCII space. */
bool unicode_is_printable(int32_t character);
/* IsLetter or IsNumber. */
bool unicode_is_letter_or_number(int32_t character);
/* IsSpace: the White_Space property. */
bool unicode_is_space(int32_t character);

#endif
