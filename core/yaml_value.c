/* Scalars into JSON values and keys. */
#include "core/yaml_value.h"

#include <math.h>
#include <stdio.h>

#include "core/crypto.h"
#include "core/number.h"

static int decode_binary(struct arena *arena, struct yaml_value *value, struct status *status)
{
    struct buffer clean;
    struct buffer bytes;
    buffer_init(&clean);
    buffer_init(&bytes);
    for (size_t i = 0; i < value->text.size; i++)
        if (value->text.data[i] != '\n' && value->text.data[i] != '\r')
            buffer_append_byte(&clean, value->text.data[i]);
    int failed = base64_decode(buffer_slice(&clean), &bytes);
    if (failed)
        yaml_fail(status, value->at, "!!binary value contains invalid base64 data");
    else
        value->text = (struct slice){arena_copy_slice(arena, buffer_slice(&bytes)), bytes.size};
    buffer_release(&clean);
    buffer_release(&bytes);
    return failed;
}

int yaml_value_resolve(struct arena *arena, const struct yaml_event *event,
                       struct yaml_value *value, struct status *status)
{
    *value = (struct yaml_value){{.type = YAML_TYPE_STRING}, event->text, event->start};
    if (event->tag == NULL && !event->implicit)
        return 0;
    struct status why;
    status_init(&why);
    int failed = yaml_scalar_resolve(event->tag, event->text, &value->scalar, &why);
    if (failed)
        yaml_fail(status, event->start, "%s", why.message);
    status_release(&why);
    if (!failed && value->scalar.type == YAML_TYPE_BINARY)
        failed = decode_binary(arena, value, status);
    return failed;
}

static int fail_number(const struct yaml_value *value, struct status *status)
{
    double real = value->scalar.real;
    return status_fail(status, STATUS_BAD_REQUEST,
                       "json: unsupported value: %s (line %u, column %u)",
                       isnan(real) ? "NaN"
                       : real > 0  ? "+Inf"
                                   : "-Inf",
                       value->at.line, value->at.column);
}

static struct json *new_real(struct arena *arena, double real)
{
    char text[NUMBER_TEXT_SIZE];
    size_t size = number_format(real, text);
    return json_new_number(arena, (struct slice){text, size});
}

static struct json *new_natural(struct arena *arena, uint64_t natural)
{
    char text[NUMBER_TEXT_SIZE];
    int size = snprintf(text, sizeof(text), "%llu", (unsigned long long)natural);
    return json_new_number(arena, (struct slice){text, (size_t)size});
}

int yaml_value_node(struct arena *arena, const struct yaml_value *value, struct json **node,
                    struct status *status)
{
    const struct yaml_scalar *scalar = &value->scalar;
    switch (scalar->type) {
    case YAML_TYPE_NULL: *node = json_new_null(arena); return 0;
    case YAML_TYPE_BOOL: *node = json_new_bool(arena, scalar->truth); return 0;
    case YAML_TYPE_INT: *node = json_new_int(arena, scalar->integer); return 0;
    case YAML_TYPE_UINT: *node = new_natural(arena, scalar->natural); return 0;
    case YAML_TYPE_FLOAT:
        if (!isfinite(scalar->real))
            return fail_number(value, status);
        *node = new_real(arena, scalar->real);
        return 0;
    default: *node = json_new_string(arena, value->text); return 0;
    }
}

int yaml_value_key(struct arena *arena, const struct yaml_value *value, struct slice *key,
                   struct status *status)
{
    const struct yaml_scalar *scalar = &value->scalar;
    char text[NUMBER_TEXT_SIZE];
    switch (scalar->type) {
    case YAML_TYPE_NULL: return yaml_fail(status, value->at, "unsupported map key: null");
    case YAML_TYPE_UINT:
        return yaml_fail(status, value->at, "unsupported map key: a number above 2^63");
    case YAML_TYPE_BOOL: *key = scalar->truth ? SLICE("true") : SLICE("false"); return 0;
    case YAML_TYPE_INT:
        *key = slice_of(arena_format(arena, "%lld", (long long)scalar->integer));
        return 0;
    case YAML_TYPE_FLOAT:
        number_format_key(scalar->real, text);
        *key = slice_of(arena_copy_text(arena, text));
        return 0;
    default:
        *key = (struct slice){arena_copy_slice(arena, value->text), value->text.size};
        return 0;
    }
}
