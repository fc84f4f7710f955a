/* Decoding by tables: whatever JSON comes in, what decodes decodes again to itself without
 * a warning, defaults set twice are defaults set once, and validation ends. The first byte
 * picks the type. */
#include <stdint.h>

#include "core/kinds/meta.h"
#include "core/kinds/types.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct schema_type *const types[] = {
    &type_pod, &type_config_map, &type_secret, &type_deployment, &type_lease, &type_label_selector,
};

static void append(const struct json *json, struct buffer *text)
{
    buffer_clear(text);
    json_print(json, text);
}

static void check(const struct schema_type *type, struct arena *arena, struct json *object,
                  struct status *status)
{
    struct buffer once = {0}, twice = {0};
    struct schema_warning *unknown;
    struct field_errors errors;
    if (schema_decode(type, arena, object, &unknown, status))
        return;
    append(object, &once);
    POST(schema_decode(type, arena, object, &unknown, status) == 0);
    POST(!unknown);
    append(object, &twice);
    POST(slice_equal(buffer_slice(&once), buffer_slice(&twice)));
    schema_set_defaults(type, arena, object);
    append(object, &once);
    schema_set_defaults(type, arena, object);
    append(object, &twice);
    POST(slice_equal(buffer_slice(&once), buffer_slice(&twice)));
    field_errors_init(&errors, arena);
    schema_validate(type, object, &errors);
    schema_validate_update(type, object, object, &errors);
    meta_validate(json_get(object, "metadata"), true, NULL, "metadata", &errors);
    meta_validate_update(json_get(object, "metadata"), json_get(object, "metadata"), "metadata",
                         &errors);
    field_errors_status(&errors, "", "Thing", "x", status);
    buffer_release(&once);
    buffer_release(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct status status;
    if (size == 0)
        return 0;
    arena_init(&arena);
    status_init(&status);
    struct json *object =
        json_parse(&arena, (struct slice){(const char *)data + 1, size - 1}, NULL, &status);
    if (object)
        check(types[data[0] % ARRAY_SIZE(types)], &arena, object, &status);
    status_release(&status);
    arena_release(&arena);
    return 0;
}
