/* Protobuf bodies: whatever the bytes, reading ends; and what was read survives
 * being written and read again. The first byte picks the kind. */
#include "core/kinds/protobuf.h"
#include "core/kinds/types.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct schema_type *const types[] = {
    &type_pod,   &type_deployment, &type_config_map, &type_secret,
    &type_event, &type_node,       &type_lease,      &type_resource_quota,
};

static struct json *read(const struct schema_type *type, struct arena *arena, struct slice body)
{
    struct json *object = NULL;
    struct status status;
    status_init(&status);
    int failed = protobuf_decode(type, arena, body, &object, &status);
    PRE(failed == 0 || status.message != NULL);
    status_release(&status);
    return failed ? NULL : object;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    const struct schema_type *type = types[data[0] % ARRAY_SIZE(types)];
    struct arena arena = {0};
    struct buffer body = {0};
    struct json *object = read(type, &arena, (struct slice){(const char *)data + 1, size - 1});
    if (object) {
        protobuf_encode(type, object, &body);
        struct json *again = read(type, &arena, buffer_slice(&body));
        POST(again != NULL && json_equal(object, again));
    }
    buffer_release(&body);
    arena_release(&arena);
    return 0;
}
