/* Numbers as Go's strconv reads them and Go's encoding/json prints them.
 *
 * What a Kubernetes client makes of `1_000`, `0o14`, `1e3` or a whole number
 * beyond 64 bits is decided by these rules, so that YAML, KYAML and JSON agree
 * here with what kubectl shows. Thread: any. */
#ifndef CORE_NUMBER_H
#define CORE_NUMBER_H

#include <stddef.h>
#include <stdint.h>

#include "core/buffer.h"

enum number_result {
    NUMBER_OK,
    NUMBER_SYNTAX, /* Not one. */
    NUMBER_RANGE,  /* Well formed, but too large. */
};

/* strconv.ParseInt and ParseUint at 64 bits. Base 0 reads the prefix: 0x, 0b, 0o,
 * and 0 for octal. Underscores are not read: callers that allow them take them
 * out first, as go-yaml does. */
enum number_result number_parse_int(struct slice text, unsigned base, int64_t *value);
enum number_result number_parse_uint(struct slice text, unsigned base, uint64_t *value);
/* strconv.ParseFloat: decimal and hexadecimal, inf and nan in any case,
 * underscores between digits of a prefixed number or between digits. */
enum number_result number_parse_float(struct slice text, double *value);

#define NUMBER_TEXT_SIZE 40 /* Enough for any text written here, with its NUL. */

/* The shortest text that reads back as value, as encoding/json prints a float64:
 * an exponent below 1e-6 and from 1e21 on. value is finite. Gives the size. */
size_t number_format(double value, char text[NUMBER_TEXT_SIZE]);
/* strconv.FormatFloat(value, 'g', -1, 32), which is how sigs.k8s.io/yaml turns a
 * number that is a key into text; its words for infinity and nan too. */
size_t number_format_key(double value, char text[NUMBER_TEXT_SIZE]);
/* The text that a number of a JSON document has after kubectl read and printed
 * it: whole numbers of 64 bits keep their digits, others pass through a float64
 * ("18446744073709551616" is "18446744073709552000", "1.0" is "1"). */
enum number_result number_reprint(struct slice number, char text[NUMBER_TEXT_SIZE]);

#endif
