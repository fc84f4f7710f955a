/* YAML in, KYAML out, and in again: no input breaks the reader, what is printed
 * reads back as the same value, and rewriting it again changes nothing. */
#include <stdint.h>

#include "core/kyaml.h"
#include "core/kyaml_check.h"

#define COMPARED_MAX 100000 /* Deep texts grow by their indentation; larger ones are not compared. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_empty(const struct yaml_document *document)
{
    return !document->is_json && json_is(document->root, JSON_NULL) &&
           yaml_note_of(document, document->root) == NULL && document->foot.first == NULL;
}

/* Reads one document with its comments and prints it. False when it is none. */
static bool rewrite(struct arena *arena, struct slice text, struct json **root,
                    struct buffer *kyaml)
{
    struct status status;
    status_init(&status);
    struct yaml_stream stream;
    struct yaml_document document;
    struct yaml_options options = {.notes = true};
    yaml_stream_init(&stream, text);
    bool read = yaml_stream_next(&stream, arena, &options, &document, &status) == 1;
    status_release(&status);
    if (!read || is_empty(&document))
        return false;
    *root = document.root;
    struct kyaml_options print = {.document = &document, .size_max = COMPARED_MAX};
    return kyaml_print_document(document.root, &print, kyaml) == 0;
}

/* The same to kubectl, for which numbers are int64 or float64: their KYAML is. */
static bool is_same(const struct json *a, const struct json *b)
{
    struct buffer a_text;
    struct buffer b_text;
    buffer_init(&a_text);
    buffer_init(&b_text);
    (void)!kyaml_print(a, NULL, &a_text);
    (void)!kyaml_print(b, NULL, &b_text);
    bool same = slice_equal(buffer_slice(&a_text), buffer_slice(&b_text));
    buffer_release(&a_text);
    buffer_release(&b_text);
    return same;
}

static void compare(struct arena *arena, struct slice text)
{
    struct json *root;
    struct json *again;
    struct buffer once;
    struct buffer twice;
    buffer_init(&once);
    buffer_init(&twice);
    if (rewrite(arena, text, &root, &once)) {
        POST(rewrite(arena, buffer_slice(&once), &again, &twice));
        POST(is_same(root, again));
        POST(slice_equal(buffer_slice(&once), buffer_slice(&twice)));
    }
    buffer_release(&once);
    buffer_release(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = {(const char *)data, size};
    struct arena arena;
    struct status status;
    arena_init(&arena);
    status_init(&status);
    struct yaml_document document;
    (void)!yaml_parse(&arena, text, NULL, &document, &status);
    compare(&arena, text);
    kyaml_check(&arena, text);
    status_release(&status);
    arena_release(&arena);
    return 0;
}
