/* KYAML's collections and comments. */
#include "core/kyaml.h"

#include <stdlib.h>

#include "core/number.h"

struct printer {
    struct buffer *text;
    const struct yaml_document *document; /* For its notes, or NULL. */
    bool sort_keys;
    size_t size_max; /* Of the whole buffer. */
    bool stopped;    /* A text would not have fit. */
};

static bool is_full(const struct printer *p)
{
    return p->stopped || p->text->size > p->size_max;
}

static void print_text(struct printer *p, const char *text)
{
    buffer_append_text(p->text, text);
}

static void print_indent(struct printer *p, int level)
{
    for (int i = 0; i < level; i++)
        buffer_append(p->text, "  ", 2);
}

/* Comments. */

static const struct yaml_note *note_of(const struct printer *p, const struct json *node)
{
    static const struct yaml_note none = {0};
    const struct yaml_note *note = p->document ? yaml_note_of(p->document, node) : NULL;
    return note ? note : &none;
}

/* Each on a line of its own, from a chain; the cursor is at a line's begin. */
static void print_comments(struct printer *p, const struct yaml_comment *comment, int indent)
{
    for (; comment; comment = comment->next) {
        print_indent(p, indent);
        buffer_append_slice(p->text, comment->text);
        print_text(p, "\n");
    }
}

static void print_behind(struct printer *p, const struct yaml_comment *comment)
{
    if (comment == NULL)
        return;
    print_text(p, " ");
    buffer_append_slice(p->text, comment->text);
}

/* An opening bracket, its comments, and a newline: the first on its line, others
 * above the first entry. */
static void print_opening(struct printer *p, const char *bracket, const struct yaml_note *note,
                          int indent)
{
    const struct yaml_comment *open = note->open.first;
    print_text(p, bracket);
    print_behind(p, open);
    print_text(p, "\n");
    print_comments(p, open ? open->next : NULL, indent + 1);
}

static void print_closing(struct printer *p, const char *bracket, const struct yaml_note *note,
                          int indent)
{
    print_comments(p, note->tail.first, indent + 1);
    print_indent(p, indent);
    print_text(p, bracket);
}

/* Values. */

static void print_value(struct printer *p, const struct json *node, int indent);

/* A text of short lines, deep in, grows by its indentation. */
static void print_string(struct printer *p, struct slice value, int indent)
{
    size_t lines = 0;
    for (const char *at = value.data, *end = at + value.size;
         value.size > 0 && (at = memchr(at, '\n', (size_t)(end - at))); at++)
        lines++;
    size_t left = p->size_max > p->text->size ? p->size_max - p->text->size : 0;
    size_t line_size = 2 * (size_t)indent + 8;
    if (lines > left / line_size)
        p->stopped = true;
    else
        kyaml_print_string(value, indent, p->text);
}

static void print_number(struct printer *p, const struct json *node)
{
    char text[NUMBER_TEXT_SIZE];
    if (number_reprint(json_number(node), text) == NUMBER_OK)
        print_text(p, text);
    else
        buffer_append_slice(p->text, json_number(node)); /* Too large for any client. */
}

static void print_member(struct printer *p, const struct json *member, int indent)
{
    const struct yaml_note *note = note_of(p, member);
    print_comments(p, note->head.first, indent);
    print_indent(p, indent);
    kyaml_print_key(json_key(member), p->text);
    print_text(p, ": ");
    print_value(p, member, indent);
    print_text(p, ",");
    print_behind(p, note->line);
    print_text(p, "\n");
}

static int compare_keys(const void *a, const void *b)
{
    return slice_compare(json_key(*(struct json *const *)a), json_key(*(struct json *const *)b));
}

static void print_sorted_members(struct printer *p, const struct json *object, int indent)
{
    size_t count = json_count(object);
    const struct json **members = mem_alloc(count * sizeof(*members));
    size_t i = 0;
    JSON_EACH(member, object)
        members[i++] = member;
    qsort(members, count, sizeof(*members), compare_keys);
    for (i = 0; i < count && !is_full(p); i++)
        print_member(p, members[i], indent);
    mem_free(members);
}

static bool has_comments_inside(const struct yaml_note *note)
{
    return note->open.first || note->tail.first;
}

static void print_object(struct printer *p, const struct json *object, int indent)
{
    const struct yaml_note *note = note_of(p, object);
    if (json_count(object) == 0 && !has_comments_inside(note)) {
        print_text(p, "{}");
        return;
    }
    print_opening(p, "{", note, indent);
    if (p->sort_keys)
        print_sorted_members(p, object, indent + 1);
    else
        for (struct json *member = json_first(object); member && !is_full(p);
             member = json_next(member))
            print_member(p, member, indent + 1);
    print_closing(p, "}", note, indent);
}

/* A list of collections hugs them, unless comments need lines of their own. */
static bool is_cuddled(const struct printer *p, const struct json *array)
{
    if (has_comments_inside(note_of(p, array)))
        return false;
    JSON_EACH(item, array) {
        const struct yaml_note *note = note_of(p, item);
        if (!json_is(item, JSON_OBJECT) && !json_is(item, JSON_ARRAY))
            return false;
        if (note->head.first || note->line)
            return false;
    }
    return true;
}

static void print_cuddled(struct printer *p, const struct json *array, int indent)
{
    print_text(p, "[");
    for (const struct json *item = json_first(array); item && !is_full(p); item = json_next(item)) {
        if (item != json_first(array))
            print_text(p, ", ");
        print_value(p, item, indent);
    }
    print_text(p, "]");
}

static void print_item(struct printer *p, const struct json *item, int indent)
{
    const struct yaml_note *note = note_of(p, item);
    print_comments(p, note->head.first, indent);
    print_indent(p, indent);
    print_value(p, item, indent);
    print_text(p, ",");
    print_behind(p, note->line);
    print_text(p, "\n");
}

static void print_array(struct printer *p, const struct json *array, int indent)
{
    if (is_cuddled(p, array)) { /* An empty one too: "[]". */
        print_cuddled(p, array, indent);
        return;
    }
    const struct yaml_note *note = note_of(p, array);
    print_opening(p, "[", note, indent);
    for (const struct json *item = json_first(array); item && !is_full(p); item = json_next(item))
        print_item(p, item, indent + 1);
    print_closing(p, "]", note, indent);
}

static void print_value(struct printer *p, const struct json *node, int indent)
{
    switch (json_type(node)) {
    case JSON_OBJECT: print_object(p, node, indent); break;
    case JSON_ARRAY: print_array(p, node, indent); break;
    case JSON_STRING: print_string(p, json_string(node), indent); break;
    case JSON_NUMBER: print_number(p, node); break;
    case JSON_BOOL: print_text(p, json_bool(node) ? "true" : "false"); break;
    default: print_text(p, "null"); break;
    }
}

/* Documents. */

static struct printer printer_of(const struct kyaml_options *options, struct buffer *text)
{
    size_t size_max = options && options->size_max ? options->size_max : KYAML_SIZE_MAX;
    return (struct printer){
        .text = text,
        .document =
            options && options->document && options->document->notes ? options->document : NULL,
        .sort_keys = options && options->sort_keys,
        .size_max = text->size + size_max,
    };
}

int kyaml_print(const struct json *root, const struct kyaml_options *options, struct buffer *text)
{
    struct printer p = printer_of(options, text);
    print_value(&p, root, options ? options->indent : 0);
    return is_full(&p) ? -1 : 0;
}

/* A document without a value has comments alone, and no note for its null. */
static bool is_empty(const struct printer *p, const struct json *root)
{
    return p->document && json_is(root, JSON_NULL) && !yaml_note_of(p->document, root);
}

int kyaml_print_document(const struct json *root, const struct kyaml_options *options,
                         struct buffer *text)
{
    struct printer p = printer_of(options, text);
    int indent = options ? options->indent : 0;
    const struct yaml_note *note = note_of(&p, root);
    print_text(&p, "---\n");
    print_comments(&p, note->head.first, indent);
    if (!is_empty(&p, root)) {
        print_indent(&p, indent);
        print_value(&p, root, indent);
        print_behind(&p, note->line);
        print_text(&p, "\n");
    }
    if (p.document)
        print_comments(&p, p.document->foot.first, indent);
    return is_full(&p) ? -1 : 0;
}
