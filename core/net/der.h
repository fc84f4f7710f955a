/* DER, read and written: the part of X.690 that certificates use.
 *
 * Reading is strict: definite lengths in their shortest form, tags of one
 * byte. Items are slices of the input. Writing goes forward into a buffer;
 * der_close() puts the length in front of what der_open() began. */
#ifndef CORE_NET_DER_H
#define CORE_NET_DER_H

#include "core/buffer.h"

enum der_tag {
    DER_BOOLEAN = 0x01,
    DER_INTEGER = 0x02,
    DER_BIT_STRING = 0x03,
    DER_OCTET_STRING = 0x04,
    DER_NULL = 0x05,
    DER_OID = 0x06,
    DER_UTF8_STRING = 0x0c,
    DER_PRINTABLE_STRING = 0x13,
    DER_IA5_STRING = 0x16,
    DER_UTC_TIME = 0x17,
    DER_GENERALIZED_TIME = 0x18,
    DER_SEQUENCE = 0x30,
    DER_SET = 0x31,
};
#define DER_CONTEXT(n) (0x80 | (n))     /* [n] of a plain value. */
#define DER_CONTEXT_SET(n) (0xa0 | (n)) /* [n] of something constructed. */

struct der_item {
    uint8_t tag;
    struct slice content;
    struct slice whole; /* With tag and length. */
};

/* Takes the next item off rest; false when there is none or it is malformed. */
bool der_next(struct slice *rest, struct der_item *item);
/* Takes the next item, which must have this tag. */
bool der_take(struct slice *rest, uint8_t tag, struct slice *content);
/* Takes the next item if it has this tag; content.data is NULL if it had not. */
void der_take_optional(struct slice *rest, uint8_t tag, struct slice *content);
/* A BIT STRING's bytes; false when it has unused bits. */
bool der_bits(struct slice content, struct slice *bytes);
/* A whole number that fits; false for negative ones. */
bool der_uint(struct slice content, uint64_t *value);
/* UTCTime or GeneralizedTime as RFC 5280 4.1.2.5 has them. */
bool der_time(const struct der_item *item, int64_t *wall_us);

size_t der_open(struct buffer *out, uint8_t tag); /* Gives the mark to close with. */
void der_close(struct buffer *out, size_t mark);
void der_add(struct buffer *out, uint8_t tag, struct slice content);
void der_add_uint(struct buffer *out, struct slice big_endian);
void der_add_bits(struct buffer *out, struct slice bytes);
void der_add_time(struct buffer *out, int64_t wall_us);

#endif
