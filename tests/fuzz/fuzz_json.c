/* JSON in, out, and in again: no input breaks the reader, both printed forms read
 * back as the same value, and printing that again gives the same bytes. */
#include <stdint.h>

#include "core/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct json *parse(struct arena *arena, struct slice text)
{
    struct status status;
    status_init(&status);
    struct json_duplicate *duplicates = NULL;
    struct json_options options = {.duplicates = &duplicates};
    struct json *root = json_parse(arena, text, &options, &status);
    POST((root == NULL) == (status.message != NULL));
    status_release(&status);
    return root;
}

static void compare(struct arena *arena, const struct json *root, bool pretty)
{
    struct buffer once;
    struct buffer twice;
    buffer_init(&once);
    buffer_init(&twice);
    if (pretty)
        json_print_pretty(root, 2, &once);
    else
        json_print(root, &once);
    struct json *again = parse(arena, buffer_slice(&once));
    POST(again != NULL);
    POST(json_equal(root, again));
    if (pretty)
        json_print_pretty(again, 2, &twice);
    else
        json_print(again, &twice);
    POST(slice_equal(buffer_slice(&once), buffer_slice(&twice)));
    buffer_release(&once);
    buffer_release(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    arena_init(&arena);
    struct json *root = parse(&arena, (struct slice){(const char *)data, size});
    if (root) {
        compare(&arena, root, false);
        compare(&arena, root, true);
        struct json *copy = json_copy(&arena, root);
        json_sort(copy);
        POST(json_equal(root, copy));
    }
    arena_release(&arena);
    return 0;
}
