/* Decoding: what Go's JSON decoder and encoder make of an object between them.
 *
 * One walk over the tree does what sigs.k8s.io/json does on the way in, and
 * encoding/json on the way out: unknown fields are dropped and told, wrong types
 * are errors in Go's words, null is absent, quantities and times take their
 * canonical form, and a zero that Go would omit (`hostNetwork: false`, an empty
 * list) is absent. So what is stored and compared here is what upstream stores.
 *
 * As in Go, a wrong type does not end the walk and the first one is told, but a
 * text that a type's own decoder refuses (a quantity, a time) ends it and is
 * told in place of the former. */
#include "core/crypto.h"
#include "core/kinds/duration.h"
#include "core/kinds/quantity.h"
#include "core/kinds/schema_private.h"
#include "core/kinds/time_text.h"

#define WARNINGS_MAX 100 /* As sigs.k8s.io/json. */

struct decoding {
    struct arena *arena;
    struct schema_warning **last;
    size_t warning_count;
    const char *wrong_type; /* The first one; NULL while there is none. */
    const char *refusal;    /* Of a type's own decoder. */
};

static void decode_object(struct decoding *decoding, const struct schema_type *type, bool is_open,
                          struct json *object, const struct schema_place *place);
static void decode_wrapped_list(struct decoding *decoding, const struct schema_field *field,
                                struct json *value, const struct schema_place *place);

/* --- Errors --- */

static const char *json_kind_text(const struct json *node)
{
    switch (json_type(node)) {
    case JSON_BOOL: return "bool";
    case JSON_NUMBER: return "number";
    case JSON_STRING: return "string";
    case JSON_ARRAY: return "array";
    case JSON_OBJECT: return "object";
    default: return "null";
    }
}

static const char *type_error_text(struct decoding *decoding, const struct json *value,
                                   const char *go_type, bool with_number,
                                   const struct schema_place *place)
{
    struct slice number = with_number ? json_number(value) : SLICE("");
    return arena_format(decoding->arena,
                        "json: cannot unmarshal %s%s" SLICE_FORMAT
                        " into Go struct field %s.%s of type %s",
                        json_kind_text(value), number.size > 0 ? " " : "", SLICE_ARGS(number),
                        schema_go_struct(place), schema_go_path(decoding->arena, place), go_type);
}
static void wrong_type(struct decoding *decoding, const struct json *value, const char *go_type,
                       bool with_number, const struct schema_place *place)
{
    if (!decoding->wrong_type)
        decoding->wrong_type = type_error_text(decoding, value, go_type, with_number, place);
}
static void wrong_field(struct decoding *decoding, const struct schema_field *field,
                        const struct json *value, bool whole, const struct schema_place *place)
{
    wrong_type(decoding, value, schema_go_type(decoding->arena, field, whole), false, place);
}

static void warn_unknown(struct decoding *decoding, struct slice name,
                         const struct schema_place *parent)
{
    if (!decoding->last || decoding->warning_count++ >= WARNINGS_MAX)
        return;
    struct schema_place place = {.parent = parent, .name = name};
    const char *path = schema_strict_path(decoding->arena, &place);
    struct schema_warning *warning = ARENA_NEW(decoding->arena, struct schema_warning);
    warning->text = arena_format(decoding->arena, "unknown field %s",
                                 field_value_text(decoding->arena, slice_of(path)));
    *decoding->last = warning;
    decoding->last = &warning->next;
}

/* --- Scalars: each gives the node to keep in place of value --- */

static void decode_int(struct decoding *decoding, const struct schema_field *field,
                       const struct json *value, const struct schema_place *place)
{
    int64_t number;
    bool is_small = field->type == TYPE_INT32;
    const char *go_type = field->type == TYPE_INT64 ? "int64" : "int32";
    if (field->go_type)
        go_type = field->go_type;
    if (!json_is(value, JSON_NUMBER))
        wrong_type(decoding, value, go_type, false, place);
    else if (!slice_to_int64(json_number(value), &number) /* By its text: 5.0 is none. */
             || (is_small && (number < INT32_MIN || number > INT32_MAX)))
        wrong_type(decoding, value, go_type, true, place);
}

static void decode_int_or_string(struct decoding *decoding, const struct json *value,
                                 const struct schema_place *place)
{
    int64_t number;
    if (json_is(value, JSON_STRING))
        return;
    bool is_number = json_is(value, JSON_NUMBER);
    if (!is_number || !slice_to_int64(json_number(value), &number) || number < INT32_MIN ||
        number > INT32_MAX)
        decoding->refusal = type_error_text(decoding, value, "int32", is_number, place);
}

static struct json *decode_quantity(struct decoding *decoding, struct json *value)
{
    struct quantity quantity;
    char canonical[QUANTITY_TEXT_SIZE];
    bool is_text = json_is(value, JSON_STRING);
    struct slice text = is_text ? json_string(value) : json_number(value);
    text = slice_trim(text);
    enum quantity_error error = quantity_parse(text, &quantity);
    if (error) {
        decoding->refusal = quantity_error_text(error);
        return value;
    }
    if (quantity.keeps_text)
        return is_text && text.size == json_string(value).size
                   ? value
                   : json_new_string(decoding->arena, text);
    quantity_print(&quantity, canonical);
    if (is_text && slice_is(text, canonical))
        return value;
    return json_new_text(decoding->arena, canonical);
}

static struct json *decode_time(struct decoding *decoding, const struct schema_field *field,
                                struct json *value, const struct schema_place *place)
{
    char canonical[TIME_TEXT_SIZE];
    int64_t wall_us;
    bool is_micro = field->type == TYPE_MICRO_TIME;
    if (!json_is(value, JSON_STRING)) {
        decoding->refusal = type_error_text(decoding, value, "string", false, place);
        return value;
    }
    decoding->refusal = time_text_parse(decoding->arena, json_string(value), is_micro, &wall_us);
    if (decoding->refusal)
        return value;
    if (is_micro)
        time_format_micro(wall_us, canonical);
    else
        time_format(wall_us, canonical);
    if (slice_is(json_string(value), canonical))
        return value;
    return json_new_text(decoding->arena, canonical);
}

static struct json *decode_duration(struct decoding *decoding, struct json *value,
                                    const struct schema_place *place)
{
    int64_t nanos;
    char canonical[DURATION_TEXT_SIZE];
    if (!json_is(value, JSON_STRING)) {
        decoding->refusal = type_error_text(decoding, value, "string", false, place);
        return value;
    }
    decoding->refusal = duration_parse(decoding->arena, json_string(value), &nanos);
    if (decoding->refusal)
        return value;
    duration_print(nanos, canonical);
    return json_new_text(decoding->arena, canonical);
}

/* Go reads a list of numbers into bytes too. */
static struct json *decode_byte_list(struct decoding *decoding, const struct json *value,
                                     const struct schema_place *place)
{
    struct buffer bytes = {0}, text = {0};
    JSON_EACH(item, value) {
        int64_t byte = 0;
        bool is_number = json_is(item, JSON_NUMBER);
        bool is_byte = json_is(item, JSON_NULL) ||
                       (slice_to_int64(json_number(item), &byte) && byte >= 0 && byte <= 255);
        if (!is_byte)
            wrong_type(decoding, item, "uint8", is_number, place);
        buffer_append_byte(&bytes, (char)byte);
    }
    base64_encode(buffer_slice(&bytes), &text);
    struct json *result = json_new_string(decoding->arena, buffer_slice(&text));
    buffer_release(&bytes);
    buffer_release(&text);
    return result;
}

static struct json *decode_bytes(struct decoding *decoding, const struct schema_field *field,
                                 struct json *value, const struct schema_place *place)
{
    struct buffer canonical = {0};
    struct json *result = value;
    if (json_is(value, JSON_ARRAY))
        return decode_byte_list(decoding, value, place);
    if (!json_is(value, JSON_STRING)) {
        wrong_field(decoding, field, value, false, place);
        return value;
    }
    ptrdiff_t wrong = schema_read_base64(json_string(value), &canonical);
    if (wrong >= 0 && !decoding->wrong_type)
        decoding->wrong_type =
            arena_format(decoding->arena, "illegal base64 data at input byte %td", wrong);
    else if (wrong < 0 && !slice_equal(buffer_slice(&canonical), json_string(value)))
        result = json_new_string(decoding->arena, buffer_slice(&canonical));
    buffer_release(&canonical);
    return result;
}

/* --- One value, a field, an object --- */

static struct json *decode_value(struct decoding *decoding, const struct schema_field *field,
                                 struct json *value, const struct schema_place *place)
{
    double number;
    enum json_type type = json_type(value);
    switch ((enum field_type)field->type) {
    case TYPE_STRING:
        if (type != JSON_STRING)
            wrong_field(decoding, field, value, false, place);
        return value;
    case TYPE_BOOL:
        if (type != JSON_BOOL)
            wrong_field(decoding, field, value, false, place);
        return value;
    case TYPE_INT32:
    case TYPE_INT64: decode_int(decoding, field, value, place); return value;
    case TYPE_DOUBLE:
        if (type != JSON_NUMBER)
            wrong_field(decoding, field, value, false, place);
        else if (!json_to_double(value, &number))
            wrong_type(decoding, value, "float64", true, place);
        return value;
    case TYPE_BYTES: return decode_bytes(decoding, field, value, place);
    case TYPE_QUANTITY: return decode_quantity(decoding, value);
    case TYPE_INT_OR_STRING: decode_int_or_string(decoding, value, place); return value;
    case TYPE_TIME:
    case TYPE_MICRO_TIME: return decode_time(decoding, field, value, place);
    case TYPE_DURATION: return decode_duration(decoding, value, place);
    case TYPE_OBJECT:
        if (schema_wrapped_list(field))
            decode_wrapped_list(decoding, field, value, place);
        else if (type == JSON_OBJECT)
            decode_object(decoding, field->object, field->flags & FIELD_IS_OPEN, value, place);
        else
            wrong_field(decoding, field, value, false, place);
        return value;
    case TYPE_ANY:
    case TYPE_FIELDS_V1: return value;
    }
    UNREACHABLE("field type");
}

/* The items of a list or the values of a map. null among them is Go's zero. */
static void decode_children(struct decoding *decoding, const struct schema_field *field,
                            struct json *parent, const struct schema_place *place)
{
    bool is_list = field->repeat == REPEAT_LIST;
    struct schema_place here = {.parent = place, .is_item = is_list};
    for (struct json *child = json_first(parent), *next; child && !decoding->refusal;
         child = next) {
        next = json_next(child);
        struct json *kept = child;
        if (!is_list)
            here.name = json_key(child);
        if (!json_is(child, JSON_NULL))
            kept = decode_value(decoding, field, child, &here);
        else if (field->type != TYPE_ANY)
            kept = schema_zero(decoding->arena, field);
        if (kept && kept != child)
            json_replace(parent, child, kept);
        here.index++;
    }
}

static void decode_wrapped_list(struct decoding *decoding, const struct schema_field *field,
                                struct json *value, const struct schema_place *place)
{
    if (json_is(value, JSON_ARRAY))
        decode_children(decoding, schema_wrapped_list(field), value, place);
    else
        wrong_field(decoding, field, value, false, place);
}

/* Whether Go would omit this value: omitempty, not behind a pointer, and zero. */
static bool is_omitted(const struct schema_field *field, const struct json *value)
{
    if (field->flags & (FIELD_ALWAYS_WRITTEN | FIELD_IS_POINTER))
        return false;
    if (field->repeat != REPEAT_ONE)
        return !json_first(value) && !(field->flags & FIELD_IS_EXPECTED);
    switch ((enum field_type)field->type) {
    case TYPE_STRING:
    case TYPE_BYTES: return json_string(value).size == 0;
    case TYPE_BOOL: return !json_bool(value);
    case TYPE_INT32:
    case TYPE_INT64: return slice_is(json_number(value), "0") || slice_is(json_number(value), "-0");
    default: return false;
    }
}

static void decode_field(struct decoding *decoding, const struct schema_field *field,
                         struct json *parent, struct json *value, const struct schema_place *place)
{
    struct json *kept = value;
    enum json_type type = json_type(value);
    if (type == JSON_NULL) {
        if (!(field->flags & FIELD_IS_NULLABLE))
            json_detach(parent, value);
        return;
    }
    if (field->repeat == REPEAT_ONE)
        kept = decode_value(decoding, field, value, place);
    else if (type == (field->repeat == REPEAT_LIST ? JSON_ARRAY : JSON_OBJECT))
        decode_children(decoding, field, value, place);
    else
        wrong_field(decoding, field, value, true, place);
    if (decoding->refusal || decoding->wrong_type)
        return;
    if (is_omitted(field, kept))
        json_detach(parent, value);
    else if (kept != value)
        json_replace(parent, value, kept);
}

static void decode_object(struct decoding *decoding, const struct schema_type *type, bool is_open,
                          struct json *object, const struct schema_place *place)
{
    struct schema_place here = {.parent = place, .in = type};
    for (struct json *child = json_first(object), *next; child && !decoding->refusal;
         child = next) {
        next = json_next(child);
        here.name = json_key(child);
        const struct schema_field *field = schema_field(type, here.name);
        if (field) {
            decode_field(decoding, field, object, child, &here);
        } else if (!is_open) {
            warn_unknown(decoding, here.name, place);
            json_detach(object, child);
        }
    }
}

int schema_decode(const struct schema_type *type, struct arena *arena, struct json *object,
                  struct schema_warning **unknown, struct status *status)
{
    struct decoding decoding = {.arena = arena, .last = unknown};
    if (unknown)
        *unknown = NULL;
    if (!json_is(object, JSON_OBJECT))
        return status_fail(status, STATUS_BAD_REQUEST,
                           "json: cannot unmarshal %s into Go value of type %s",
                           json_kind_text(object), schema_go_type_name(arena, type));
    decode_object(&decoding, type, false, object, NULL);
    const char *error = decoding.refusal ? decoding.refusal : decoding.wrong_type;
    return error ? status_fail(status, STATUS_BAD_REQUEST, "%s", error) : 0;
}
