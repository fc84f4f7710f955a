/* What the files of protobuf.h share. */
#ifndef CORE_KINDS_PROTOBUF_PRIVATE_H
#define CORE_KINDS_PROTOBUF_PRIVATE_H

#include "core/kinds/protobuf.h"
#include "core/kinds/protobuf_wire.h"

/* Bounds of one body. Upstream has none but the body's size; a byte of wire can
 * stand for hundreds of memory there as here, so we draw lines that no real
 * object comes near. */
#define PROTOBUF_DEPTH_MAX 200
#define PROTOBUF_VALUES_MAX (1 << 20)

struct protobuf_reader {
    struct arena *arena;
    struct status *status;
    size_t values_left;
    size_t depth_left;
};

/* One value that is no OBJECT. *value is NULL when the message says null. is_zero
 * tells what Go's omitempty leaves out. */
MUST_USE int protobuf_read_value(struct protobuf_reader *reader, const struct schema_field *field,
                                 const struct wire_field *wire, struct json **value, bool *is_zero);

#endif
