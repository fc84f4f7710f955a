/* Quantities: "500m", "2Gi", "1e3". Exact, as k8s.io/apimachinery pkg/api/resource.
 *
 * A value is a whole number of billionths (nano): parsing rounds up to one, away
 * from zero, and caps what has a binary suffix at 2^63-1, as upstream does.
 * Printing is canonical: the largest suffix that leaves a whole number.
 *
 * Two differences, both far from any machine: a decimal value from 10^27 on is
 * refused and sums stop there (upstream has no limit), and 1000E prints as itself
 * (upstream knows no suffix for 10^21 and prints "1"). Pure. */
#ifndef CORE_KINDS_QUANTITY_H
#define CORE_KINDS_QUANTITY_H

#include <stdbool.h>
#include <stdint.h>

#include "core/buffer.h"
#include "core/json.h"

__extension__ typedef __int128 quantity_nano;

enum quantity_format {
    QUANTITY_DECIMAL,  /* m, "", k, M */
    QUANTITY_BINARY,   /* Ki, Mi, Gi */
    QUANTITY_EXPONENT, /* 1e3 */
};

struct quantity {
    quantity_nano nano;
    enum quantity_format format;
    bool keeps_text; /* Set by parsing: upstream prints such a text as it was written, "1.500". */
};

#define QUANTITY_TEXT_SIZE 64

enum quantity_error {
    QUANTITY_OK,
    QUANTITY_BAD_FORMAT,
    QUANTITY_BAD_NUMBER,
    QUANTITY_BAD_SUFFIX,
};
enum quantity_error quantity_parse(struct slice text, struct quantity *quantity);
const char *quantity_error_text(enum quantity_error error); /* Upstream's; NULL for OK. */
/* Of a JSON string or number; false when it is neither or no quantity. */
bool quantity_from_json(const struct json *json, struct quantity *quantity);
/* Canonical text, NUL-terminated; of a quantity with keeps_text the caller has the text. */
void quantity_print(const struct quantity *quantity, char text[QUANTITY_TEXT_SIZE]);

struct quantity quantity_of_int(int64_t value, enum quantity_format format);
/* Adds and takes away; keeps a's format unless a is zero. */
void quantity_add(struct quantity *a, const struct quantity *b);
void quantity_subtract(struct quantity *a, const struct quantity *b);
int quantity_compare(const struct quantity *a, const struct quantity *b); /* -1, 0, 1 */
int quantity_sign(const struct quantity *quantity);
/* Whole units and thousandths, rounded up (away from zero); the int64 limits beyond. */
int64_t quantity_value(const struct quantity *quantity);
int64_t quantity_millis(const struct quantity *quantity);

#endif
