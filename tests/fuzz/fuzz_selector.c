/* Selectors: no text breaks the parsers; a label selector that parses prints to one that
 * parses to the same text, and selects the same. */
#include <stdint.h>

#include "core/kinds/field_selector.h"
#include "core/kinds/label_selector.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool matches(const struct label_selector *selector, struct arena *arena, const char *value)
{
    struct json *labels = json_new_object(arena);
    json_set_text(arena, labels, "a", value);
    json_set_text(arena, labels, "b", "");
    return label_selector_matches_labels(selector, labels);
}

static void check_labels(struct arena *arena, struct slice text, struct status *status)
{
    struct label_selector selector, again;
    struct buffer once = {0}, twice = {0};
    status_clear(status);
    int failed = label_selector_parse(arena, text, &selector, status);
    POST((failed != 0) == (status->message != NULL));
    if (failed)
        return;
    label_selector_append(&selector, &once);
    POST(label_selector_parse(arena, buffer_slice(&once), &again, status) == 0);
    label_selector_append(&again, &twice);
    POST(slice_equal(buffer_slice(&once), buffer_slice(&twice)));
    POST(matches(&selector, arena, "1") == matches(&again, arena, "1"));
    POST(matches(&selector, arena, "x") == matches(&again, arena, "x"));
    buffer_release(&once);
    buffer_release(&twice);
}

static void check_fields(struct arena *arena, struct slice text, struct status *status)
{
    static const struct kind_field fields[] = {{.path = "status.phase"}, {.path = NULL}};
    static const struct kind kind = {.group = "",
                                     .version = "v1",
                                     .kind = "Thing",
                                     .resource = "things",
                                     .namespaced = true,
                                     .fields = fields};
    struct field_selector selector;
    status_clear(status);
    int failed = field_selector_parse(arena, &kind, text, &selector, status);
    POST((failed != 0) == (status->message != NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct status status;
    struct slice text = {(const char *)data, size};
    arena_init(&arena);
    status_init(&status);
    check_labels(&arena, text, &status);
    check_fields(&arena, text, &status);
    status_release(&status);
    arena_release(&arena);
    return 0;
}
