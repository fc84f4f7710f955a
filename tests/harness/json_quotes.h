/* JSON in tests, written with ' for ": trees from text that can be read, and back.
 *
 * Texts in such JSON hold no ' of their own. */
#ifndef TESTS_HARNESS_JSON_QUOTES_H
#define TESTS_HARNESS_JSON_QUOTES_H

#include "core/json.h"
#include "tests/harness/test.h"

static inline char *json_quotes_turn(char *text, char from, char to)
{
    for (char *c = text; *c; c++)
        *c = *c == from ? to : *c;
    return text;
}

/* The tree of {'a':1}; the test fails when it is no JSON. */
static inline struct json *json_quotes_read(struct arena *arena, const char *quotes)
{
    char *text = json_quotes_turn(arena_copy_text(arena, quotes), '\'', '"');
    struct status status = {0};
    struct json *node = json_parse(arena, slice_of(text), NULL, &status);
    EXPECT(node != NULL);
    return node;
}

/* {'a':1} of a tree. */
static inline const char *json_quotes_show(struct arena *arena, const struct json *node)
{
    struct buffer text = {0};
    json_print(node, &text);
    char *copy = arena_copy_slice(arena, buffer_slice(&text));
    buffer_release(&text);
    return json_quotes_turn(copy, '"', '\'');
}

#endif
