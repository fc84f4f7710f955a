/* Times as metav1.Time and MicroTime read them, with Go's words for what is wrong. Pure. */
#ifndef CORE_KINDS_TIME_TEXT_H
#define CORE_KINDS_TIME_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/clock.h"

/* Reads RFC 3339; is_micro wants exactly six digits of a second. Returns NULL, or Go's text:
 * `parsing time "x" as "2006-01-02T15:04:05Z07:00": cannot parse "x" as "2006"`. */
const char *time_text_parse(struct arena *arena, struct slice text, bool is_micro,
                            int64_t *wall_us);

#endif
