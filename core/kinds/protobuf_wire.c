/* Tags, varints and sizes. */
#include "core/kinds/protobuf_wire.h"

#define VARINT_SIZE_MAX 10

/* Reading. */

static int fail_eof(struct status *status)
{
    return status_fail(status, STATUS_BAD_REQUEST, "unexpected EOF");
}

static struct slice take(struct slice *rest, size_t size)
{
    struct slice taken = slice_sub(*rest, 0, size);
    *rest = slice_sub(*rest, size, rest->size);
    return taken;
}

int wire_take_varint(struct slice *packed, uint64_t *value, struct status *status)
{
    *value = 0;
    for (size_t i = 0; i < VARINT_SIZE_MAX; i++) {
        if (i == packed->size)
            return fail_eof(status);
        uint64_t byte = (uint8_t)packed->data[i];
        *value |= (byte & 0x7f) << (7 * i); /* What the tenth has too many bits, Go drops too. */
        if (byte < 0x80) {
            (void)take(packed, i + 1);
            return 0;
        }
    }
    return status_fail(status, STATUS_BAD_REQUEST, "proto: integer overflow");
}

static int take_fixed(struct slice *rest, size_t size, uint64_t *value, struct status *status)
{
    if (rest->size < size)
        return fail_eof(status);
    *value = 0;
    for (size_t i = 0; i < size; i++)
        *value |= (uint64_t)(uint8_t)rest->data[i] << (8 * i);
    (void)take(rest, size);
    return 0;
}

int wire_take_fixed64(struct slice *packed, uint64_t *value, struct status *status)
{
    return take_fixed(packed, sizeof(uint64_t), value, status);
}

static int take_bytes(struct slice *rest, struct slice *bytes, struct status *status)
{
    uint64_t size;
    if (wire_take_varint(rest, &size, status))
        return -1;
    if (size > INT64_MAX)
        return status_fail(status, STATUS_BAD_REQUEST,
                           "proto: negative length found during unmarshaling");
    if (size > rest->size)
        return fail_eof(status);
    *bytes = take(rest, (size_t)size);
    return 0;
}

static int take_value(struct slice *rest, struct wire_field *field, struct status *status)
{
    switch (field->type) {
    case WIRE_VARINT: return wire_take_varint(rest, &field->value, status);
    case WIRE_FIXED64: return take_fixed(rest, sizeof(uint64_t), &field->value, status);
    case WIRE_FIXED32: return take_fixed(rest, sizeof(uint32_t), &field->value, status);
    case WIRE_BYTES: return take_bytes(rest, &field->bytes, status);
    default: /* Groups mark, they hold no value. */ return 0;
    }
}

static int take_tag(struct slice *rest, const char *name, struct wire_field *field,
                    struct status *status)
{
    uint64_t tag;
    if (wire_take_varint(rest, &tag, status))
        return -1;
    uint32_t type = tag & 7;
    int32_t number = (int32_t)(uint32_t)(tag >> 3);
    if (type > WIRE_FIXED32)
        return status_fail(status, STATUS_BAD_REQUEST, "proto: illegal wireType %u", type);
    if (number <= 0)
        return status_fail(status, STATUS_BAD_REQUEST, "proto: %s: illegal tag %d (wire type %llu)",
                           name, number, (unsigned long long)tag);
    field->number = (uint32_t)number;
    field->type = (enum wire_type)type;
    return 0;
}

/* Reads on behind the opening of a group until that group ends. */
static int skip_group(struct slice *rest, const char *name, struct status *status)
{
    for (size_t depth = 1; depth > 0;) {
        struct wire_field inner;
        if (rest->size == 0)
            return fail_eof(status);
        if (take_tag(rest, name, &inner, status) || take_value(rest, &inner, status))
            return -1;
        if (inner.type == WIRE_GROUP)
            depth++;
        else if (inner.type == WIRE_GROUP_END)
            depth--;
    }
    return 0;
}

int wire_next(struct slice *message, const char *name, struct wire_field *field,
              struct status *status)
{
    *field = (struct wire_field){0};
    if (message->size == 0)
        return 0;
    if (take_tag(message, name, field, status) || take_value(message, field, status))
        return -1;
    if (field->type == WIRE_GROUP_END)
        return status_fail(status, STATUS_BAD_REQUEST,
                           "proto: %s: wiretype end group for non-group", name);
    if (field->type == WIRE_GROUP && skip_group(message, name, status))
        return -1;
    return 1;
}

/* Writing. */

static size_t varint_size(uint64_t value)
{
    size_t size = 1;
    for (; value >= 0x80; value >>= 7)
        size++;
    return size;
}

static void put_varint(char *to, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        *to++ = (char)(value | 0x80);
    *to = (char)value;
}

void wire_append_varint(struct buffer *message, uint64_t value)
{
    char text[VARINT_SIZE_MAX];
    put_varint(text, value);
    buffer_append(message, text, varint_size(value));
}

static void append_tag(struct buffer *message, uint32_t number, enum wire_type type)
{
    wire_append_varint(message, (uint64_t)number << 3 | type);
}

void wire_append_number(struct buffer *message, uint32_t number, uint64_t value)
{
    append_tag(message, number, WIRE_VARINT);
    wire_append_varint(message, value);
}

void wire_append_fixed64(struct buffer *message, uint32_t number, uint64_t value)
{
    char bytes[sizeof(value)];
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (char)(value >> (8 * i));
    append_tag(message, number, WIRE_FIXED64);
    buffer_append(message, bytes, sizeof(bytes));
}

void wire_append_bytes(struct buffer *message, uint32_t number, struct slice bytes)
{
    append_tag(message, number, WIRE_BYTES);
    wire_append_varint(message, bytes.size);
    buffer_append_slice(message, bytes);
}

/* The size stands before the content, which is not known yet. One byte is kept
 * for it, enough for most messages; a longer one moves its content along. */
size_t wire_begin(struct buffer *message, uint32_t number)
{
    append_tag(message, number, WIRE_BYTES);
    buffer_append_byte(message, 0);
    return message->size;
}

void wire_end(struct buffer *message, size_t begin)
{
    size_t size = message->size - begin;
    size_t more = varint_size(size) - 1;
    if (more > 0) {
        buffer_append(message, "\0\0\0\0\0\0\0\0\0", more);
        memmove(message->data + begin + more, message->data + begin, size);
    }
    put_varint(message->data + begin - 1, size);
}
