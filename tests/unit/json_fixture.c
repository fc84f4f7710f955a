/* Random JSON trees for tests. */
#include "tests/unit/json_fixture.h"

#include <math.h>

#include "core/number.h"

static size_t below(struct json_fixture *f, size_t limit)
{
    return (size_t)random_below(f->random, limit);
}

/* Pieces of texts; the last ones only where kubectl need not agree. */
/* clang-format off */
static const char *const pieces[] = {
    "a", "b", "Z", "0", "1", "9", "_", "-", ".", "/", " ", "  ", "\t", "\n", "\n\n", "\"", "\\",
    "'", ":", ": ", "#", " #", "{", "}", "[", ",", "&", "*", "!", "|", ">", "%", "@", "`", "?", "é",
    "日本", "\xcc\x81", "😀", "\u200b", "\uFEFF", "\uE000", "\U000E0001", "\u00AD", "\x01", "\x07",
    "\x1b", "½", "٣", "\u0378", "~", "\r\n", "\\n", "line\n", "  lead\n", "\ttab\n", "x \n",
    "\xc2\x85", "\x7f", "\xc2\x80", "\uFFFE", "\uFFFF", "\n\u00A0", "\n\r", "\n\v", "\n\u3000", "\u2028",
};
/* clang-format on */
#define UNSAFE_PIECES 10

/* clang-format off */
static const char *const words[] = {
    "",      "NO",    "no",    "y",     "null",  "~",     "true", "t",    "1",     "1e3",  "0x1f",
    "0o7",   "08",    ".inf",  "11:00", "1_0",   "_1",    "<<",   "inf",  "+1",    "1.",   ".5",
    "off",   "1e999", "2024-01-01",     "2024-1-1", "2024-02-30",  "0b1",  "0x1p-2", "a.b/c-d",
    "app.kubernetes.io/name", "tls.crt", ".dockerconfigjson", "kind", "a-", "-a", "A", "nan", "TRUE",
};
/* clang-format on */

static struct slice random_text(struct json_fixture *f, size_t longest)
{
    if (below(f, 3) == 0)
        return slice_of(words[below(f, ARRAY_SIZE(words))]);
    struct buffer text;
    buffer_init(&text);
    size_t count = below(f, longest + 1);
    size_t usable = ARRAY_SIZE(pieces) - (f->kubectl_safe ? UNSAFE_PIECES : 0);
    for (size_t i = 0; i < count; i++)
        buffer_append_text(&text, pieces[below(f, usable)]);
    if (!f->kubectl_safe && below(f, 50) == 0)
        buffer_append_byte(&text, '\0');
    struct slice kept = {arena_copy_slice(f->arena, buffer_slice(&text)), text.size};
    buffer_release(&text);
    /* A line that begins with white space other than a blank is kubectl's fault Q1. */
    for (size_t i = 0; f->kubectl_safe && i < kept.size; i++)
        if (kept.data[i] == '\r' && slice_find(kept, '\n') >= 0)
            return SLICE("carriage");
    return kept;
}

static struct json *random_number(struct json_fixture *f)
{
    char text[NUMBER_TEXT_SIZE];
    uint64_t bits = random_u64(f->random);
    switch (below(f, 4)) {
    case 0: return json_new_int(f->arena, (int64_t)(bits % 200) - 100);
    case 1: return json_new_int(f->arena, (int64_t)bits);
    case 2:
        number_format((double)(int64_t)bits * pow(10, (double)below(f, 40) - 30), text);
        return json_new_number(f->arena, slice_of(text));
    default:
        number_format((double)bits * 8, text);
        return json_new_number(f->arena, slice_of(text));
    }
}

struct json *json_fixture_object(struct json_fixture *f, int depth)
{
    struct json *object = json_new_object(f->arena);
    for (size_t count = below(f, 5); count > 0; count--)
        (void)json_set_slice(f->arena, object, random_text(f, 4), json_fixture_value(f, depth - 1));
    return object;
}

static struct json *random_array(struct json_fixture *f, int depth)
{
    struct json *array = json_new_array(f->arena);
    bool collections = below(f, 2) == 0;
    for (size_t count = below(f, 4); count > 0; count--)
        json_append(array, collections ? json_fixture_object(f, depth - 1)
                                       : json_fixture_value(f, depth - 1));
    return array;
}

struct json *json_fixture_value(struct json_fixture *f, int depth)
{
    size_t kind = below(f, 10);
    if (depth > 0 && kind >= 8)
        return random_array(f, depth);
    if (depth > 0 && kind >= 6)
        return json_fixture_object(f, depth);
    if (kind == 5)
        return random_number(f);
    if (kind == 4)
        return below(f, 3) == 0 ? json_new_null(f->arena)
                                : json_new_bool(f->arena, below(f, 2) == 0);
    return json_new_string(f->arena, random_text(f, 8));
}
