/* Server-side apply of anything on anything: it ends, what it says of ownership reads
 * back, and applying the same again changes nothing. The input is a byte that picks the
 * kind, and the live object, its entries and the configuration, with NULs between. */
#include "core/kinds/apply.h"
#include "core/kinds/types.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct {
    const struct schema_type *type;
    const char *api_version;
    const char *kind;
} kinds[] = {
    {&type_pod, "v1", "Pod"},
    {&type_deployment, "apps/v1", "Deployment"},
    {&type_service, "v1", "Service"},
};

static struct json *parse(struct arena *arena, struct slice text)
{
    struct status status;
    status_init(&status);
    struct json *node = json_parse(arena, text, NULL, &status);
    status_release(&status);
    return json_is(node, JSON_OBJECT) ? node : NULL;
}

static bool apply(const struct apply_writer *writer, struct arena *arena, const struct json *old,
                  const struct json *config, struct slice live, struct json **merged,
                  struct buffer *managed)
{
    struct status status;
    status_init(&status);
    int failed = apply_patch(writer, true, arena, old, config, live, merged, managed, &status);
    PRE(failed == 0 || status.message != NULL);
    status_release(&status);
    return failed == 0;
}

static void check(const struct apply_writer *writer, struct arena *arena, struct json *old,
                  const struct json *config, struct slice live)
{
    struct buffer first = {0};
    struct buffer second = {0};
    struct buffer updated = {0};
    struct json *merged;
    struct json *again;
    if (config && apply(writer, arena, old, config, live, &merged, &first)) {
        POST(apply(writer, arena, merged, config, buffer_slice(&first), &again, &second));
        POST(json_equal(merged, again));
        POST(slice_equal(buffer_slice(&first), buffer_slice(&second)));
    }
    if (config && old) {
        struct json *object = json_copy(arena, config);
        apply_update_managed_fields(writer, arena, old, object, live, &updated);
    }
    buffer_release(&first);
    buffer_release(&second);
    buffer_release(&updated);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    size_t which = data[0] % ARRAY_SIZE(kinds);
    struct slice rest = {(const char *)data + 1, size - 1};
    struct slice old = {NULL, 0};
    struct slice live = {NULL, 0};
    (void)(slice_split(&rest, '\0', &old) && slice_split(&rest, '\0', &live));
    struct apply_writer writer = {
        .type = kinds[which].type,
        .api_version = kinds[which].api_version,
        .kind = kinds[which].kind,
        .manager = data[0] & 0x80 ? "kubectl" : "fuzz",
        .now_us = 1000000,
    };
    struct arena arena = {0};
    check(&writer, &arena, parse(&arena, old), parse(&arena, rest), live);
    arena_release(&arena);
    return 0;
}
