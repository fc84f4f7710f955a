/* Protobuf's wire format, below any schema: fields in, fields out.
 *
 *     field   = tag value;  tag = varint(number << 3 | wire type)
 *     varint  = 7 bits a byte, lowest first, the high bit says "more"
 *     bytes   = varint(size) bytes: texts, nested messages, packed lists
 *
 * Reading is bounded by the message and allocates nothing. Groups, which no
 * Kubernetes message has, are skipped. Error texts are those of gogo's
 * generated code, which clients know. Pure. */
#ifndef CORE_KINDS_PROTOBUF_WIRE_H
#define CORE_KINDS_PROTOBUF_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buffer.h"
#include "core/status.h"

enum wire_type {
    WIRE_VARINT = 0,
    WIRE_FIXED64 = 1,
    WIRE_BYTES = 2,
    WIRE_GROUP = 3,
    WIRE_GROUP_END = 4,
    WIRE_FIXED32 = 5,
};

struct wire_field {
    uint32_t number;
    enum wire_type type;
    uint64_t value;     /* Of a varint or fixed number. */
    struct slice bytes; /* Of WIRE_BYTES: part of the message. */
};

/* Takes the next field off *message: 1, or 0 at its end, or -1 with BAD_REQUEST. name is
 * the message's type, for error texts. */
MUST_USE int wire_next(struct slice *message, const char *name, struct wire_field *field,
                       struct status *status);
/* Takes a bare number off packed bytes. */
MUST_USE int wire_take_varint(struct slice *packed, uint64_t *value, struct status *status);
MUST_USE int wire_take_fixed64(struct slice *packed, uint64_t *value, struct status *status);

void wire_append_varint(struct buffer *message, uint64_t value);
void wire_append_number(struct buffer *message, uint32_t number, uint64_t value);
void wire_append_fixed64(struct buffer *message, uint32_t number, uint64_t value);
void wire_append_bytes(struct buffer *message, uint32_t number, struct slice bytes);
/* A nested message is written between the two; begin gives what end takes. */
size_t wire_begin(struct buffer *message, uint32_t number);
void wire_end(struct buffer *message, size_t begin);

#endif
