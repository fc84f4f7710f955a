/* See field_path.h. */
#include "core/kinds/field_path.h"

#include <inttypes.h>

#include "core/kinds/schema.h"

static void append_path(const struct field_path *path, struct buffer *text)
{
    if (path->parent)
        append_path(path->parent, text);
    if (path->name)
        buffer_format(text, "%s%s", path->parent ? "." : "", path->name);
    else if (path->key.data)
        buffer_format(text, "[" SLICE_FORMAT "]", SLICE_ARGS(path->key));
    else
        buffer_format(text, "[%zu]", path->index);
}

const char *path_text(struct arena *arena, const struct field_path *path)
{
    struct buffer text = {0};
    append_path(path, &text);
    const char *copy = arena_copy_slice(arena, buffer_slice(&text));
    buffer_release(&text);
    return copy;
}

/* --- Errors --- */

static void add(struct field_errors *errors, enum field_error_type type,
                const struct field_path *path, const char *value, const char *detail)
{
    const char *where = path_text(errors->arena, path);
    if (detail)
        field_error_add(errors, type, where, value, "%s", detail);
    else
        field_error_add(errors, type, where, value, NULL);
}
static void add_format(struct field_errors *errors, enum field_error_type type,
                       const struct field_path *path, const char *value, const char *detail,
                       va_list arguments)
{
    const char *text = detail ? arena_format_list(errors->arena, detail, arguments) : NULL;
    add(errors, type, path, value, text);
}

void path_required(struct field_errors *errors, const struct field_path *path, const char *detail)
{
    add(errors, FIELD_REQUIRED, path, NULL, detail);
}
void path_forbidden(struct field_errors *errors, const struct field_path *path, const char *detail,
                    ...)
{
    va_list arguments;
    va_start(arguments, detail);
    add_format(errors, FIELD_FORBIDDEN, path, NULL, detail, arguments);
    va_end(arguments);
}
void path_invalid(struct field_errors *errors, const struct field_path *path,
                  const struct json *value, const char *detail, ...)
{
    va_list arguments;
    va_start(arguments, detail);
    add_format(errors, FIELD_INVALID, path, schema_value_text(errors->arena, value), detail,
               arguments);
    va_end(arguments);
}
void path_invalid_text(struct field_errors *errors, const struct field_path *path,
                       struct slice value, const char *detail, ...)
{
    va_list arguments;
    va_start(arguments, detail);
    add_format(errors, FIELD_INVALID, path, field_value_text(errors->arena, value), detail,
               arguments);
    va_end(arguments);
}
void path_invalid_int(struct field_errors *errors, const struct field_path *path, int64_t value,
                      const char *detail, ...)
{
    va_list arguments;
    va_start(arguments, detail);
    add_format(errors, FIELD_INVALID, path, arena_format(errors->arena, "%" PRId64, value), detail,
               arguments);
    va_end(arguments);
}
void path_duplicate(struct field_errors *errors, const struct field_path *path, struct slice value)
{
    add(errors, FIELD_DUPLICATE, path, field_value_text(errors->arena, value), NULL);
}
void path_not_found(struct field_errors *errors, const struct field_path *path, struct slice value,
                    const char *detail)
{
    add(errors, FIELD_NOT_FOUND, path, field_value_text(errors->arena, value), detail);
}
void path_not_supported(struct field_errors *errors, const struct field_path *path,
                        struct slice value, const char *const *supported)
{
    struct buffer text = {0};
    for (size_t i = 0; supported[i]; i++)
        buffer_format(&text, "%s%s", i > 0 ? ", " : "supported values: ",
                      field_value_text(errors->arena, slice_of(supported[i])));
    add(errors, FIELD_NOT_SUPPORTED, path, field_value_text(errors->arena, value), text.data);
    buffer_release(&text);
}
void path_too_long(struct field_errors *errors, const struct field_path *path, size_t max)
{
    add(errors, FIELD_TOO_LONG, path, NULL,
        arena_format(errors->arena, "may not be more than %zu bytes", max));
}
void path_too_many(struct field_errors *errors, const struct field_path *path, size_t count,
                   size_t max)
{
    add(errors, FIELD_TOO_MANY, path, arena_format(errors->arena, "%zu", count),
        arena_format(errors->arena, "must have at most %zu item%s", max, max == 1 ? "" : "s"));
}

/* --- Checks --- */

void path_check_name(struct field_errors *errors, const struct field_path *path, struct slice text,
                     void (*check)(struct slice text, struct name_errors *errors))
{
    if (!name_is(text, check))
        name_validate(errors, path_text(errors->arena, path), text, check);
}

bool text_is_one_of(struct slice text, const char *const *choices)
{
    for (; *choices; choices++)
        if (slice_is(text, *choices))
            return true;
    return false;
}
void path_check_choice(struct field_errors *errors, const struct field_path *path,
                       struct slice text, const char *const *supported)
{
    if (!text_is_one_of(text, supported))
        path_not_supported(errors, path, text, supported);
}

void path_check_not_negative(struct field_errors *errors, const struct field_path *path,
                             const struct json *value)
{
    int64_t number;
    if (json_to_int64(value, &number) && number < 0)
        path_invalid_int(errors, path, number, "must be greater than or equal to 0");
}
void path_check_range(struct field_errors *errors, const struct field_path *path,
                      const struct json *value, int64_t min, int64_t max)
{
    int64_t number;
    if (json_to_int64(value, &number) && (number < min || number > max))
        path_invalid_int(errors, path, number,
                         "must be between %" PRId64 " and %" PRId64 ", inclusive", min, max);
}
