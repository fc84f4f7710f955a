/* Messages by schema: from tree to wire.
 *
 * What is in the tree is written, zero or not, and nothing else; so a pointer
 * that is zero stays one, and no table's mistake can invent a value. */
#include <stdlib.h>

#include "core/clock.h"
#include "core/crypto.h"
#include "core/kinds/duration.h"
#include "core/kinds/protobuf_private.h"

#define FIELDS_MAX UINT8_MAX /* Of one message. The largest upstream, PodSpec, has 45. */

enum { INT_OR_STRING_TYPE = 1, INT_OR_STRING_INT = 2, INT_OR_STRING_TEXT = 3 };
enum { TIMESTAMP_SECONDS = 1, TIMESTAMP_NANOS = 2 };
enum { ENTRY_KEY = 1, ENTRY_VALUE = 2 };
enum { ONLY_FIELD = 1 }; /* Quantity, Duration, RawExtension, FieldsV1. */

static void append_value(const struct schema_field *field, uint32_t number,
                         const struct json *value, struct buffer *message);

/* Scalars. */

static void append_bytes(uint32_t number, const struct json *value, struct buffer *message)
{
    struct buffer data = {0};
    if (json_is(value, JSON_STRING) && base64_decode(json_string(value), &data) == 0)
        wire_append_bytes(message, number, buffer_slice(&data));
    buffer_release(&data);
}

static void append_double(uint32_t number, const struct json *value, struct buffer *message)
{
    double d;
    uint64_t bits;
    if (!json_to_double(value, &d))
        return;
    memcpy(&bits, &d, sizeof(bits));
    wire_append_fixed64(message, number, bits);
}

static void append_int(uint32_t number, const struct json *value, struct buffer *message)
{
    int64_t i;
    if (json_to_int64(value, &i))
        wire_append_number(message, number, (uint64_t)i);
}

/* A quantity may be a JSON number; its text is the same. */
static void append_quantity(uint32_t number, const struct json *value, struct buffer *message)
{
    bool is_number = json_is(value, JSON_NUMBER);
    size_t begin = wire_begin(message, number);
    wire_append_bytes(message, ONLY_FIELD, is_number ? json_number(value) : json_string(value));
    wire_end(message, begin);
}

static void append_int_or_string(uint32_t number, const struct json *value, struct buffer *message)
{
    size_t begin = wire_begin(message, number);
    bool is_text = json_is(value, JSON_STRING);
    wire_append_number(message, INT_OR_STRING_TYPE, is_text);
    append_int(INT_OR_STRING_INT, value, message);
    if (is_text)
        wire_append_bytes(message, INT_OR_STRING_TEXT, json_string(value));
    wire_end(message, begin);
}

static void append_time(uint32_t number, bool micro, const struct json *value,
                        struct buffer *message)
{
    int64_t us;
    if (!time_parse(json_string(value), &us))
        return;
    int64_t seconds = us / 1000000 - (us % 1000000 < 0); /* The second that it is in. */
    size_t begin = wire_begin(message, number);
    wire_append_number(message, TIMESTAMP_SECONDS, (uint64_t)seconds);
    if (micro)
        wire_append_number(message, TIMESTAMP_NANOS, (uint64_t)(us - seconds * 1000000) * 1000);
    wire_end(message, begin);
}

static void append_duration(uint32_t number, const struct json *value, struct buffer *message)
{
    int64_t nanos;
    struct arena words = {0}; /* For what would be wrong; nobody asks. */
    if (duration_parse(&words, json_string(value), &nanos) == NULL) {
        size_t begin = wire_begin(message, number);
        wire_append_number(message, ONLY_FIELD, (uint64_t)nanos);
        wire_end(message, begin);
    }
    arena_release(&words);
}

static void append_raw(uint32_t number, const struct json *value, struct buffer *message)
{
    struct buffer text = {0};
    json_print(value, &text);
    size_t begin = wire_begin(message, number);
    wire_append_bytes(message, ONLY_FIELD, buffer_slice(&text));
    wire_end(message, begin);
    buffer_release(&text);
}

/* Objects, lists and maps. */

static void append_items(const struct schema_field *field, const struct json *list,
                         struct buffer *message)
{
    if (!json_is(list, JSON_ARRAY))
        return;
    JSON_EACH(item, list)
        append_value(field, field->number, item, message);
}

static void append_object(const struct schema_field *field, uint32_t number,
                          const struct json *value, struct buffer *message)
{
    const struct schema_field *items = schema_wrapped_list(field);
    size_t begin = wire_begin(message, number);
    if (items)
        append_items(items, value, message);
    else
        protobuf_append_message(field->object, value, message);
    wire_end(message, begin);
}

static void append_value(const struct schema_field *field, uint32_t number,
                         const struct json *value, struct buffer *message)
{
    if (value == NULL || json_is(value, JSON_NULL))
        return;
    switch ((enum field_type)field->type) {
    case TYPE_STRING:
        if (json_is(value, JSON_STRING))
            wire_append_bytes(message, number, json_string(value));
        return;
    case TYPE_BOOL:
        if (json_is(value, JSON_BOOL))
            wire_append_number(message, number, json_bool(value));
        return;
    case TYPE_INT32:
    case TYPE_INT64: append_int(number, value, message); return;
    case TYPE_DOUBLE: append_double(number, value, message); return;
    case TYPE_BYTES: append_bytes(number, value, message); return;
    case TYPE_QUANTITY: append_quantity(number, value, message); return;
    case TYPE_INT_OR_STRING: append_int_or_string(number, value, message); return;
    case TYPE_TIME:
    case TYPE_MICRO_TIME:
        append_time(number, field->type == TYPE_MICRO_TIME, value, message);
        return;
    case TYPE_DURATION: append_duration(number, value, message); return;
    case TYPE_OBJECT: append_object(field, number, value, message); return;
    case TYPE_ANY:
    case TYPE_FIELDS_V1: append_raw(number, value, message); return;
    }
}

static void append_entry(const struct schema_field *field, const struct json *member,
                         struct buffer *message)
{
    size_t begin = wire_begin(message, field->number);
    wire_append_bytes(message, ENTRY_KEY, json_key(member));
    append_value(field, ENTRY_VALUE, member, message);
    wire_end(message, begin);
}

static int by_key(const void *a, const void *b)
{
    return slice_compare(json_key(*(struct json *const *)a), json_key(*(struct json *const *)b));
}

/* Sorted by key, as upstream does, so that equal maps are equal bytes. */
static void append_map(const struct schema_field *field, const struct json *map,
                       struct buffer *message)
{
    size_t count = json_count(map);
    if (!json_is(map, JSON_OBJECT) || count == 0)
        return;
    const struct json **members = mem_alloc(count * sizeof(struct json *));
    size_t n = 0;
    JSON_EACH(member, map)
        members[n++] = member;
    qsort(members, count, sizeof(struct json *), by_key);
    for (size_t i = 0; i < count; i++)
        append_entry(field, members[i], message);
    mem_free(members);
}

static void append_field(const struct schema_field *field, const struct json *object,
                         struct buffer *message)
{
    if (field->flags & FIELD_IS_INLINE) { /* Its fields stand in the parent. */
        append_object(field, field->number, object, message);
        return;
    }
    const struct json *value = json_get(object, field->name);
    if (field->repeat == REPEAT_LIST)
        append_items(field, value, message);
    else if (field->repeat == REPEAT_MAP)
        append_map(field, value, message);
    else
        append_value(field, field->number, value, message);
}

/* The fields' places in the table, by number; most tables stand in that order. */
static size_t order_by_number(const struct schema_type *type, uint8_t order[FIELDS_MAX])
{
    PRE(type->field_count <= FIELDS_MAX);
    size_t count = 0;
    for (size_t i = 0; i < type->field_count; i++) {
        if (type->fields[i].number == 0) /* apiVersion and kind are in the envelope. */
            continue;
        size_t at = count++;
        for (; at > 0 && type->fields[order[at - 1]].number > type->fields[i].number; at--)
            order[at] = order[at - 1];
        order[at] = (uint8_t)i;
    }
    return count;
}

void protobuf_append_message(const struct schema_type *type, const struct json *object,
                             struct buffer *message)
{
    uint8_t order[FIELDS_MAX];
    size_t count = order_by_number(type, order);
    for (size_t i = 0; i < count; i++)
        append_field(&type->fields[order[i]], object, message);
}
