/* What changed between two texts, line by line, in the unified form of diff -u. */
#ifndef CLI_DIFF_H
#define CLI_DIFF_H

#include "core/buffer.h"

/* Appends the differences, and nothing when there are none. The fewest lines are
 * shown, except between long texts (2,000 lines and more) without like ends. */
void diff_print(const char *a_name, const char *b_name, struct slice a, struct slice b,
                struct buffer *text);

#endif
