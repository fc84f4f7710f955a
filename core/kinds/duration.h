/* Go's durations as text: "1h30m", "1.5s", "100ms". As Go's time package. Pure. */
#ifndef CORE_KINDS_DURATION_H
#define CORE_KINDS_DURATION_H

#include <stdint.h>

#include "core/arena.h"

#define DURATION_TEXT_SIZE 40

/* Returns NULL, or Go's text of what is wrong: `time: invalid duration "x"`. */
const char *duration_parse(struct arena *arena, struct slice text, int64_t *nanos);
/* As Go prints: "1h30m0s", "1.5s", "0s". */
void duration_print(int64_t nanos, char text[DURATION_TEXT_SIZE]);

#endif
