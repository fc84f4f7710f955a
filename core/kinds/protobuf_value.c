/* Scalars and the small messages that are scalars in JSON: from wire to tree. */
#include <math.h>

#include "core/clock.h"
#include "core/crypto.h"
#include "core/kinds/duration.h"
#include "core/kinds/protobuf_private.h"
#include "core/kinds/quantity.h"
#include "core/number.h"

static int fail_wire_type(const struct protobuf_reader *reader, const char *name,
                          enum wire_type type)
{
    char first = name[0] >= 'a' && name[0] <= 'z' ? (char)(name[0] - 'a' + 'A') : name[0];
    return status_fail(reader->status, STATUS_BAD_REQUEST,
                       "proto: wrong wireType = %d for field %c%s", (int)type, first,
                       first ? name + 1 : "");
}

static int fail_json(const struct protobuf_reader *reader, const char *what)
{
    return status_fail(reader->status, STATUS_BAD_REQUEST, "json: unsupported value: %s", what);
}

/* The small messages have three fields at most. */
struct parts {
    uint64_t numbers[4];
    struct slice texts[4];
};

static int read_parts(const struct protobuf_reader *reader, const char *name, struct slice message,
                      struct parts *parts)
{
    *parts = (struct parts){0};
    struct wire_field wire;
    int more;
    while ((more = wire_next(&message, name, &wire, reader->status)) > 0) {
        if (wire.number >= ARRAY_SIZE(parts->numbers))
            continue;
        if (wire.type == WIRE_VARINT)
            parts->numbers[wire.number] = wire.value;
        else if (wire.type == WIRE_BYTES)
            parts->texts[wire.number] = wire.bytes;
        else
            return fail_wire_type(reader, name, wire.type);
    }
    return more;
}

static struct json *read_bytes(struct arena *arena, struct slice bytes)
{
    struct buffer text = {0};
    base64_encode(bytes, &text);
    struct json *value = json_new_string(arena, buffer_slice(&text));
    buffer_release(&text);
    return value;
}

static int read_double(const struct protobuf_reader *reader, uint64_t bits, struct json **value)
{
    double number;
    memcpy(&number, &bits, sizeof(number));
    if (!isfinite(number))
        return fail_json(reader, isnan(number) ? "NaN" : number > 0 ? "+Inf" : "-Inf");
    char text[NUMBER_TEXT_SIZE];
    size_t size = number_format(number, text);
    *value = json_new_number(reader->arena, (struct slice){text, size});
    return 0;
}

/* Go parses the text and prints it in canonical form; empty is zero. */
static int read_quantity(const struct protobuf_reader *reader, struct slice message,
                         struct json **value)
{
    struct parts parts;
    if (read_parts(reader, "Quantity", message, &parts))
        return -1;
    struct quantity quantity = {0};
    if (message.size > 0) {
        enum quantity_error error = quantity_parse(parts.texts[1], &quantity);
        if (error != QUANTITY_OK)
            return status_fail(reader->status, STATUS_BAD_REQUEST, "%s",
                               quantity_error_text(error));
    }
    char text[QUANTITY_TEXT_SIZE];
    quantity_print(&quantity, text);
    *value = json_new_text(reader->arena, text);
    return 0;
}

static int read_int_or_string(const struct protobuf_reader *reader, struct slice message,
                              struct json **value)
{
    struct parts parts;
    if (read_parts(reader, "IntOrString", message, &parts))
        return -1;
    if (parts.numbers[1] > 1)
        return status_fail(reader->status, STATUS_BAD_REQUEST, "impossible IntOrString.Type");
    *value = parts.numbers[1] == 0 ? json_new_int(reader->arena, (int32_t)parts.numbers[2])
                                   : json_new_string(reader->arena, parts.texts[3]);
    return 0;
}

/* Go's zero time, the first second of year 1, is an empty message and null. JSON
 * has years 0 to 9999 only. */
static int read_time(const struct protobuf_reader *reader, bool micro, struct slice message,
                     struct json **value)
{
    const int64_t first = INT64_C(-62167219200), last = INT64_C(253402300799);
    const int64_t zero = INT64_C(-62135596800);
    struct parts parts;
    *value = NULL;
    if (message.size == 0)
        return 0;
    if (read_parts(reader, "Timestamp", message, &parts))
        return -1;
    int64_t seconds = (int64_t)parts.numbers[1];
    int64_t us = micro ? (int32_t)parts.numbers[2] / 1000 : 0;
    if (seconds < first || seconds > last || us < 0 || us > 999999)
        return status_fail(reader->status, STATUS_BAD_REQUEST,
                           "Time.MarshalJSON: year outside of range [0,9999]");
    if (seconds == zero && us == 0)
        return 0;
    char text[TIME_TEXT_SIZE];
    if (micro)
        time_format_micro(seconds * 1000000 + us, text);
    else
        time_format(seconds * 1000000, text);
    *value = json_new_text(reader->arena, text);
    return 0;
}

static int read_duration(const struct protobuf_reader *reader, struct slice message,
                         struct json **value)
{
    struct parts parts;
    if (read_parts(reader, "Duration", message, &parts))
        return -1;
    char text[DURATION_TEXT_SIZE];
    duration_print((int64_t)parts.numbers[1], text);
    *value = json_new_text(reader->arena, text);
    return 0;
}

/* RawExtension and FieldsV1 hold JSON as it is. */
static int read_raw(const struct protobuf_reader *reader, struct slice message, struct json **value)
{
    struct parts parts;
    *value = NULL;
    if (read_parts(reader, "RawExtension", message, &parts))
        return -1;
    if (parts.texts[1].size == 0)
        return 0;
    *value = json_parse(reader->arena, parts.texts[1], NULL, reader->status);
    return *value ? 0 : -1;
}

static int read_number(const struct protobuf_reader *reader, const struct schema_field *field,
                       uint64_t number, struct json **value)
{
    switch (field->type) {
    case TYPE_BOOL: *value = json_new_bool(reader->arena, number != 0); return 0;
    case TYPE_INT32: *value = json_new_int(reader->arena, (int32_t)(uint32_t)number); return 0;
    case TYPE_DOUBLE: return read_double(reader, number, value);
    default: *value = json_new_int(reader->arena, (int64_t)number); return 0;
    }
}

static int read_text(const struct protobuf_reader *reader, const struct schema_field *field,
                     struct slice bytes, struct json **value)
{
    switch (field->type) {
    case TYPE_STRING: *value = json_new_string(reader->arena, bytes); return 0;
    case TYPE_BYTES: *value = read_bytes(reader->arena, bytes); return 0;
    case TYPE_QUANTITY: return read_quantity(reader, bytes, value);
    case TYPE_INT_OR_STRING: return read_int_or_string(reader, bytes, value);
    case TYPE_TIME:
    case TYPE_MICRO_TIME: return read_time(reader, field->type == TYPE_MICRO_TIME, bytes, value);
    case TYPE_DURATION: return read_duration(reader, bytes, value);
    default: return read_raw(reader, bytes, value);
    }
}

static enum wire_type wire_type_of(const struct schema_field *field)
{
    switch (field->type) {
    case TYPE_BOOL:
    case TYPE_INT32:
    case TYPE_INT64: return WIRE_VARINT;
    case TYPE_DOUBLE: return WIRE_FIXED64;
    default: return WIRE_BYTES;
    }
}

int protobuf_read_value(struct protobuf_reader *reader, const struct schema_field *field,
                        const struct wire_field *wire, struct json **value, bool *is_zero)
{
    if (wire->type != wire_type_of(field))
        return fail_wire_type(reader, field->name, wire->type);
    if (wire->type != WIRE_BYTES) {
        *is_zero = wire->value == 0;
        return read_number(reader, field, wire->value, value);
    }
    bool is_message = field->type != TYPE_STRING && field->type != TYPE_BYTES;
    *is_zero = !is_message && wire->bytes.size == 0;
    return read_text(reader, field, wire->bytes, value);
}
