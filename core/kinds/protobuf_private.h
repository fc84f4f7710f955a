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

/* Go's named list types that are map values (ExtraValue) are messages with one
 * repeated field, and in JSON plain lists. Their type has one field, "", a list. */
static inline const struct schema_field *protobuf_wrapped_list(const struct schema_field *field)
{
    const struct schema_type *type = field->type == TYPE_OBJECT ? field->object : NULL;
    bool wraps = type && type->field_count == 1 && type->fields[0].name[0] == '\0' &&
                 (type->fields[0].flags & FIELD_IS_INLINE) == 0;
    return wraps ? &type->fields[0] : NULL;
}

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
