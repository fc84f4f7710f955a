/* Lines of expected output: as they are printed, with holes for what differs each time.
 *
 *     web   1/1   Running   0   {{age}}
 *
 * A run of blanks matches any run of blanks, for columns are as wide as what
 * stands in them; the indentation counts, blanks at the end do not. A line
 * "..." stands for any lines, none included. */
#ifndef TESTS_CLIENTS_PATTERN_H
#define TESTS_CLIENTS_PATTERN_H

#include <stdbool.h>

#include "core/buffer.h"

/* {{age}} {{any}} {{id}} {{number}} {{time}} {{uid}} {{word}}: as long as they must be; only
 * {{any}} may be empty. An unknown hole is taken as it is written. */
bool pattern_matches_line(struct slice pattern, struct slice line);

/* Whole outputs, cut at their lines. *reached is the last pattern that was tried with success
 * behind it, counted from 0: where to look when it is false. */
bool pattern_matches(const struct slice *patterns, size_t pattern_count, const struct slice *lines,
                     size_t line_count, size_t *reached);

#endif
