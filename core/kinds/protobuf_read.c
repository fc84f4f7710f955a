/* Messages by schema: from wire to tree. */
#include "core/kinds/protobuf_private.h"
#include "core/kinds/schema_private.h"

static int read_fields(struct protobuf_reader *reader, const struct schema_type *type,
                       struct slice message, struct json *object);

/* What every value costs against the bound. */
static int count_value(struct protobuf_reader *reader)
{
    if (reader->values_left == 0)
        return status_fail(reader->status, STATUS_REQUEST_ENTITY_TOO_LARGE,
                           "Request entity too large: limit is %d values", PROTOBUF_VALUES_MAX);
    reader->values_left--;
    return 0;
}

/* Go's encoder writes fields in order, so the search goes on where the last one ended. */
static const struct schema_field *field_by_number(const struct schema_type *type, uint32_t number,
                                                  size_t *hint)
{
    for (size_t tried = 0; tried < type->field_count; tried++, ++*hint) {
        *hint = *hint < type->field_count ? *hint : 0;
        if (type->fields[*hint].number == number)
            return &type->fields[*hint];
    }
    return NULL;
}

/* Fields that Go writes though nothing was said of them. */
static int write_always(struct protobuf_reader *reader, const struct schema_type *type,
                        struct json *object)
{
    for (size_t i = 0; i < type->field_count; i++) {
        const struct schema_field *field = &type->fields[i];
        if (field->flags & FIELD_IS_INLINE) {
            if (write_always(reader, field->object, object))
                return -1;
            continue;
        }
        bool always = (field->flags & FIELD_ALWAYS_WRITTEN) && !(field->flags & FIELD_IS_POINTER);
        if (!always || field->repeat != REPEAT_ONE || json_get(object, field->name))
            continue;
        struct json *zero = schema_zero(reader->arena, field);
        if (count_value(reader) ||
            (field->type == TYPE_OBJECT && write_always(reader, field->object, zero)))
            return -1;
        if (zero)
            (void)json_set(reader->arena, object, field->name, zero);
    }
    return 0;
}

/* object may hold what an earlier part of the same field said: protobuf merges them. */
static int read_message(struct protobuf_reader *reader, const struct schema_type *type,
                        struct slice message, struct json *object)
{
    return read_fields(reader, type, message, object) || write_always(reader, type, object) ? -1
                                                                                            : 0;
}

static int expect_bytes(const struct protobuf_reader *reader, const char *name,
                        const struct wire_field *wire)
{
    if (wire->type == WIRE_BYTES)
        return 0;
    return status_fail(reader->status, STATUS_BAD_REQUEST,
                       "proto: wrong wireType = %d for field %s", (int)wire->type, name);
}

static int read_list_field(struct protobuf_reader *reader, const struct schema_field *field,
                           const struct wire_field *wire, struct json *list);

/* ExtraValue: a message whose one field is the list. */
static int read_wrapped_list(struct protobuf_reader *reader, const struct schema_field *items,
                             struct slice message, struct json *list)
{
    struct wire_field wire;
    int more;
    while ((more = wire_next(&message, "ExtraValue", &wire, reader->status)) > 0)
        if (wire.number == items->number && read_list_field(reader, items, &wire, list))
            return -1;
    return more;
}

/* A value of any type; before is what an earlier part of the same field said, or NULL. */
static int read_any(struct protobuf_reader *reader, const struct schema_field *field,
                    const struct wire_field *wire, struct json *before, struct json **value,
                    bool *is_zero)
{
    *is_zero = false;
    if (count_value(reader))
        return -1;
    if (field->type != TYPE_OBJECT)
        return protobuf_read_value(reader, field, wire, value, is_zero);
    const struct schema_field *items = schema_wrapped_list(field);
    if (expect_bytes(reader, field->name, wire))
        return -1;
    if (items) {
        *value = before ? before : json_new_array(reader->arena);
        return read_wrapped_list(reader, items, wire->bytes, *value);
    }
    *value = before ? before : json_new_object(reader->arena);
    return read_message(reader, field->object, wire->bytes, *value);
}

static int read_one(struct protobuf_reader *reader, const struct schema_field *field,
                    const struct wire_field *wire, struct json *object)
{
    struct json *before = field->type == TYPE_OBJECT ? json_get(object, field->name) : NULL;
    struct json *value = NULL;
    bool is_zero;
    if (read_any(reader, field, wire, before, &value, &is_zero))
        return -1;
    bool is_written = !is_zero || (field->flags & (FIELD_IS_POINTER | FIELD_ALWAYS_WRITTEN));
    if (value == NULL || !is_written)
        (void)json_remove(object, field->name);
    else
        (void)json_set(reader->arena, object, field->name, value);
    return 0;
}

static bool is_packed(const struct schema_field *field, const struct wire_field *wire)
{
    bool is_number = field->type == TYPE_BOOL || field->type == TYPE_INT32 ||
                     field->type == TYPE_INT64 || field->type == TYPE_DOUBLE;
    return is_number && wire->type == WIRE_BYTES;
}

static int append_item(struct protobuf_reader *reader, const struct schema_field *field,
                       const struct wire_field *wire, struct json *list)
{
    struct json *value = NULL;
    bool is_zero;
    if (read_any(reader, field, wire, NULL, &value, &is_zero))
        return -1;
    json_append(list, value ? value : json_new_null(reader->arena));
    return 0;
}

static int append_packed(struct protobuf_reader *reader, const struct schema_field *field,
                         struct slice packed, struct json *list)
{
    bool fixed = field->type == TYPE_DOUBLE;
    struct wire_field wire = {.number = field->number, .type = fixed ? WIRE_FIXED64 : WIRE_VARINT};
    while (packed.size > 0) {
        int failed = fixed ? wire_take_fixed64(&packed, &wire.value, reader->status)
                           : wire_take_varint(&packed, &wire.value, reader->status);
        if (failed || append_item(reader, field, &wire, list))
            return -1;
    }
    return 0;
}

static int read_list_field(struct protobuf_reader *reader, const struct schema_field *field,
                           const struct wire_field *wire, struct json *list)
{
    return is_packed(field, wire) ? append_packed(reader, field, wire->bytes, list)
                                  : append_item(reader, field, wire, list);
}

static int read_list(struct protobuf_reader *reader, const struct schema_field *field,
                     const struct wire_field *wire, struct json *object)
{
    struct json *list = json_get(object, field->name);
    if (list == NULL)
        list = json_set(reader->arena, object, field->name, json_new_array(reader->arena));
    return read_list_field(reader, field, wire, list);
}

/* An entry {1 key, 2 value}; what is missing in it is zero. */
static int read_entry(struct protobuf_reader *reader, const struct schema_field *field,
                      const struct wire_field *wire, struct json *map)
{
    struct slice entry = wire->bytes;
    struct slice key = {NULL, 0};
    struct json *value = NULL;
    struct wire_field part;
    int more;
    if (expect_bytes(reader, field->name, wire))
        return -1;
    while ((more = wire_next(&entry, field->name, &part, reader->status)) > 0) {
        bool is_zero;
        if (part.number == 1 && expect_bytes(reader, field->name, &part))
            return -1;
        if (part.number == 1)
            key = part.bytes;
        else if (part.number == 2 && read_any(reader, field, &part, NULL, &value, &is_zero))
            return -1;
    }
    if (more < 0)
        return -1;
    if (value == NULL)
        value = schema_zero(reader->arena, field);
    (void)json_set_slice(reader->arena, map, key, value ? value : json_new_null(reader->arena));
    return 0;
}

static int read_field(struct protobuf_reader *reader, const struct schema_field *field,
                      const struct wire_field *wire, struct json *object)
{
    if (field->flags & FIELD_IS_INLINE)
        return expect_bytes(reader, field->object->name, wire) ||
                       read_fields(reader, field->object, wire->bytes, object)
                   ? -1
                   : 0;
    if (field->repeat == REPEAT_LIST)
        return read_list(reader, field, wire, object);
    if (field->repeat == REPEAT_MAP)
        return read_entry(reader, field, wire,
                          json_ensure_object(reader->arena, object, field->name));
    return read_one(reader, field, wire, object);
}

static int read_fields(struct protobuf_reader *reader, const struct schema_type *type,
                       struct slice message, struct json *object)
{
    if (reader->depth_left == 0)
        return status_fail(reader->status, STATUS_BAD_REQUEST, "proto: %s: exceeded max depth",
                           type->name);
    reader->depth_left--;
    struct wire_field wire;
    size_t hint = 0;
    int more;
    while ((more = wire_next(&message, type->name, &wire, reader->status)) > 0) {
        const struct schema_field *field = field_by_number(type, wire.number, &hint);
        if (field && read_field(reader, field, &wire, object))
            return -1;
    }
    reader->depth_left++;
    return more;
}

static int read_root(const struct schema_type *type, struct arena *arena, struct slice message,
                     struct json *object, struct status *status)
{
    struct protobuf_reader reader = {
        .arena = arena,
        .status = status,
        .values_left = PROTOBUF_VALUES_MAX,
        .depth_left = PROTOBUF_DEPTH_MAX,
    };
    return read_message(&reader, type, message, object);
}

int protobuf_read_message(const struct schema_type *type, struct arena *arena, struct slice message,
                          struct json **object, struct status *status)
{
    *object = json_new_object(arena);
    return read_root(type, arena, message, *object, status);
}

static void set_unless_empty(struct arena *arena, struct json *object, const char *name,
                             struct slice text)
{
    if (text.size > 0)
        (void)json_set(arena, object, name, json_new_string(arena, text));
}

int protobuf_decode(const struct schema_type *type, struct arena *arena, struct slice body,
                    struct json **object, struct status *status)
{
    struct protobuf_envelope envelope;
    if (protobuf_read_envelope(body, &envelope, status))
        return -1;
    *object = json_new_object(arena);
    set_unless_empty(arena, *object, "apiVersion", envelope.api_version);
    set_unless_empty(arena, *object, "kind", envelope.kind);
    return read_root(type, arena, envelope.raw, *object, status);
}
