/* ConfigMap: settings for pods to read. The simplest kind, and the example of one.
 *
 * Upstream: pkg/registry/core/configmap, ValidateConfigMap. */
#include "core/kinds/column.h"
#include "core/kinds/field_path.h"
#include "core/kinds/kind.h"
#include "core/kinds/types.h"

#define DATA_SIZE_MAX (1024 * 1024) /* All values together. */
#define IMMUTABLE_TEXT "field is immutable when `immutable` is set"

static void validate_keys(const struct json *data, const char *field, size_t *size,
                          struct field_errors *errors)
{
    JSON_EACH(entry, data) {
        const struct field_path *path = AT_KEY(AT(NULL, field), json_key(entry));
        path_check_name(errors, path, json_key(entry), name_check_config_map_key);
        *size += json_string(entry).size;
    }
}

/* Bytes that base64 stands for. */
static size_t bytes_in(const struct json *data)
{
    size_t size = 0;
    JSON_EACH(entry, data) {
        struct slice text = json_string(entry);
        size += text.size / 4 * 3;
        while (text.size > 0 && text.data[text.size - 1] == '=') {
            text.size--;
            size--;
        }
    }
    return size;
}

static void validate(const struct kind_context *context, const struct json *object,
                     struct field_errors *errors)
{
    const struct json *data = json_get(object, "data");
    const struct json *binary = json_get(object, "binaryData");
    size_t size = 0, ignored = 0;
    (void)context;
    validate_keys(data, "data", &size, errors);
    JSON_EACH(entry, data) {
        struct slice key = json_key(entry);
        if (json_get_slice(binary, key))
            field_error_add(errors, FIELD_INVALID,
                            arena_format(errors->arena, "data[" SLICE_FORMAT "]", SLICE_ARGS(key)),
                            field_value_text(errors->arena, key),
                            "duplicate of key present in binaryData");
    }
    validate_keys(binary, "binaryData", &ignored, errors);
    if (size + bytes_in(binary) > DATA_SIZE_MAX) /* No path: the whole object is meant. */
        field_error_add(errors, FIELD_TOO_LONG, "", NULL, "may not be more than %d bytes",
                        DATA_SIZE_MAX);
}

static bool is_same(const struct json *a, const struct json *b)
{
    return a && b ? json_equal(a, b) : a == b;
}
static void validate_update(const struct kind_context *context, const struct json *object,
                            const struct json *old, struct field_errors *errors)
{
    static const char *const fields[] = {"data", "binaryData"};
    (void)context;
    if (!json_bool(json_get(old, "immutable")))
        return;
    if (!json_bool(json_get(object, "immutable")))
        field_error_add(errors, FIELD_FORBIDDEN, "immutable", NULL, IMMUTABLE_TEXT);
    for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
        if (!is_same(json_get(object, fields[i]), json_get(old, fields[i])))
            field_error_add(errors, FIELD_FORBIDDEN, fields[i], NULL, IMMUTABLE_TEXT);
    }
}

static void append_data_count(const struct kind_context *context, const struct json *object,
                              struct buffer *text)
{
    (void)context;
    buffer_append_int(text, (int64_t)(json_count(json_get(object, "data")) +
                                      json_count(json_get(object, "binaryData"))));
}

static const struct kind_column columns[] = {
    COLUMN_NAME,
    {.name = "Data",
     .type = "string",
     .format = "",
     .doc = "How many entries it has.",
     .cell = append_data_count},
    COLUMN_AGE,
    {.name = NULL},
};

const struct kind kind_config_map = {
    .group = "",
    .version = "v1",
    .kind = "ConfigMap",
    .resource = "configmaps",
    .singular = "configmap",
    .short_names = NAMES("cm"),
    .namespaced = true,
    .schema = &type_config_map,
    .columns = columns,
    .validate = validate,
    .validate_update = validate_update,
};
