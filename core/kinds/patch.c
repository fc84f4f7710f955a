/* What the patch languages share: upstream's ways to say that one is wrong. */
#include <stdio.h>

#include "core/kinds/patch_private.h"
#include "core/number.h"

const char *patch_kind_text(const struct json *node)
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

int patch_check_object(const struct json *patch, const char *before, struct status *status)
{
    if (json_is(patch, JSON_OBJECT))
        return 0;
    return status_fail(status, STATUS_BAD_REQUEST,
                       "%sjson: cannot unmarshal %s into Go value of type map[string]interface {}",
                       before, patch_kind_text(patch));
}

int patch_fail_unprocessable(struct status *status)
{
    return status_fail(status, STATUS_INVALID,
                       "the server rejected our request due to an error in our request");
}

int patch_fail_plain(struct status *status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const char *text = arena_format_list(&status->arena, format, arguments);
    va_end(arguments);
    status_fail(status, STATUS_INTERNAL_ERROR, "%s", text);
    status->reason_hidden = true;
    return -1;
}

static void append_go_value(struct buffer *text, const struct json *node)
{
    bool is_map = json_is(node, JSON_OBJECT);
    switch (json_type(node)) {
    case JSON_BOOL: buffer_append_text(text, json_bool(node) ? "true" : "false"); return;
    case JSON_NUMBER: buffer_append_slice(text, json_number(node)); return;
    case JSON_STRING: buffer_append_slice(text, json_string(node)); return;
    case JSON_ARRAY:
    case JSON_OBJECT:
        buffer_append_text(text, is_map ? "map[" : "[");
        JSON_EACH(child, node) {
            if (child != json_first(node))
                buffer_append_byte(text, ' ');
            if (is_map)
                buffer_format(text, SLICE_FORMAT ":", SLICE_ARGS(json_key(child)));
            append_go_value(text, child);
        }
        buffer_append_byte(text, ']');
        return;
    default: buffer_append_text(text, "<nil>");
    }
}

const char *patch_go_text(struct arena *arena, const struct json *node)
{
    struct buffer text = {0};
    struct json *sorted = json_copy(arena, node); /* Go prints maps by key. */
    json_sort(sorted);
    append_go_value(&text, sorted);
    const char *copy = arena_copy_slice(arena, buffer_slice(&text));
    buffer_release(&text);
    return copy;
}
