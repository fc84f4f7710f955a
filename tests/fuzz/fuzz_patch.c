/* Patches: whatever two texts say, laying one over the other ends, and gives a
 * tree that prints to what reads back as the same. The input is a byte that picks
 * the language, the object, a NUL, and the patch. */
#include "core/kinds/patch.h"
#include "core/kinds/types.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct schema_type *const types[] = {
    &type_pod,
    &type_deployment,
    &type_service,
    &type_pod_disruption_budget,
};

static int patch(unsigned which, struct arena *arena, struct json **object, const struct json *by,
                 struct status *status)
{
    if (which % 3 == 0)
        return patch_json(arena, object, by, status);
    if (which % 3 == 1)
        return patch_merge(arena, *object, by, status);
    return patch_strategic(types[which / 3 % ARRAY_SIZE(types)], arena, *object, by, status);
}

static void check(struct arena *arena, const struct json *object)
{
    struct buffer text = {0};
    struct status status;
    status_init(&status);
    json_print(object, &text);
    const struct json *again = json_parse(arena, buffer_slice(&text), NULL, &status);
    POST(again != NULL && json_equal(object, again));
    status_release(&status);
    buffer_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = {(const char *)data, size};
    if (size == 0)
        return 0;
    struct slice rest = slice_sub(text, 1, size);
    ptrdiff_t middle = slice_find(rest, '\0');
    if (middle < 0)
        return 0;
    struct arena arena = {0};
    struct status status;
    status_init(&status);
    struct json *object = json_parse(&arena, slice_sub(rest, 0, (size_t)middle), NULL, &status);
    const struct json *by =
        json_parse(&arena, slice_sub(rest, (size_t)middle + 1, rest.size), NULL, &status);
    if (json_is(object, JSON_OBJECT) && by && patch(data[0], &arena, &object, by, &status) == 0)
        check(&arena, object);
    status_release(&status);
    arena_release(&arena);
    return 0;
}
