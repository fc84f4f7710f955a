/* See cell.h. */
#include "core/kinds/cell.h"

#include <stdlib.h>

#include "core/kinds/label_selector.h"

#define LIST_SHOWN_MAX 3

void cell_created_at(const struct kind_context *context, const struct json *object,
                     struct buffer *text)
{
    (void)context;
    json_print_string(json_string(json_at(object, "metadata.creationTimestamp")), text);
}

void cell_append_or(struct slice value, const char *otherwise, struct buffer *text)
{
    json_print_string(value.size > 0 ? value : slice_of(otherwise), text);
}
void cell_append_or_none(struct slice value, struct buffer *text)
{
    cell_append_or(value, "<none>", text);
}

void cell_append_labels(const struct json *labels, struct buffer *text)
{
    struct arena arena = {0};
    struct label_selector selector = {0};
    struct buffer cell = {0};
    arena_init(&arena);
    label_selector_from_labels(&arena, labels, &selector);
    label_selector_append(&selector, &cell);
    cell_append_or_none(buffer_slice(&cell), text);
    buffer_release(&cell);
    arena_release(&arena);
}
void cell_append_selector(const struct json *selector, struct buffer *text)
{
    struct arena arena = {0};
    struct label_selector parsed = {0};
    struct buffer cell = {0};
    struct status status;
    arena_init(&arena);
    status_init(&status);
    if (label_selector_from_json(&arena, selector, &parsed, &status) == 0)
        label_selector_append(&parsed, &cell);
    cell_append_or_none(buffer_slice(&cell), text);
    status_release(&status);
    buffer_release(&cell);
    arena_release(&arena);
}

void cell_append_containers(const struct json *containers, const char *member, struct buffer *text)
{
    struct buffer cell = {0};
    JSON_EACH(container, containers) {
        if (container != json_first(containers))
            buffer_append_byte(&cell, ',');
        buffer_append_slice(&cell, json_string(json_get(container, member)));
    }
    json_print_string(buffer_slice(&cell), text);
    buffer_release(&cell);
}

static int compare_texts(const void *a, const void *b)
{
    const struct slice *left = a, *right = b;
    return slice_compare(*left, *right);
}
void cell_join_sorted(struct slice *texts, size_t count, struct buffer *text)
{
    if (count > 0)
        qsort(texts, count, sizeof(*texts), compare_texts);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || !slice_equal(texts[i], texts[i - 1]))
            buffer_format(text, "%s" SLICE_FORMAT, i > 0 ? "," : "", SLICE_ARGS(texts[i]));
}

void cell_list_add(struct cell_list *list, const char *format, ...)
{
    va_list arguments;
    if (list->count++ >= LIST_SHOWN_MAX)
        return;
    if (list->count > 1)
        buffer_append_byte(&list->text, ',');
    va_start(arguments, format);
    buffer_format_list(&list->text, format, arguments);
    va_end(arguments);
}
void cell_list_append(struct cell_list *list, const char *otherwise, struct buffer *text)
{
    if (list->count > LIST_SHOWN_MAX)
        buffer_format(&list->text, " + %zu more...", list->count - LIST_SHOWN_MAX);
    cell_append_or(buffer_slice(&list->text), otherwise, text);
    buffer_release(&list->text);
    list->count = 0;
}
