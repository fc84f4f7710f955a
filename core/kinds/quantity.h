/* Quantities: "500m", "2Gi", "1e3". Exact, as k8s.io/apimachinery pkg/api/resource.
 *
 * A value is a whole number of billionths (nano), so everything that upstream
 * can hold fits without loss: parsing rounds up to a billionth, away from zero,
 * and caps at 2^63-1. The format is remembered, and printing is canonical: the
 * largest suffix that leaves a whole number of at most three digits' exponent.
 * Pure. */
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
/* Canonical text, NUL-terminated. */
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
