/* Sets of fields as text: FieldsV1 both ways, and paths as people read them. */
#include <stdio.h>
#include <stdlib.h>

#include "core/kinds/fieldset.h"

/* --- Reading --- */

/* Go escapes in steps, though not around them, what HTML would trip over. */
static size_t html_escape(const char *c, size_t left, char escaped[8])
{
    unsigned code = (unsigned char)*c;
    size_t size = 1;
    if (left >= 3 && memcmp(c, "\xe2\x80", 2) == 0 && (c[2] == '\xa8' || c[2] == '\xa9')) {
        code = c[2] == '\xa8' ? 0x2028 : 0x2029; /* Ends of lines to JavaScript. */
        size = 3;
    } else if (*c != '<' && *c != '>' && *c != '&') {
        return 0;
    }
    (void)snprintf(escaped, 8, "\\u%04x", code);
    return size;
}

void fieldset_print_value(const struct json *value, struct buffer *text)
{
    size_t start = text->size;
    char escaped[8];
    json_print(value, text);
    for (size_t i = start; i < text->size; i++) {
        size_t size = html_escape(text->data + i, text->size - i, escaped);
        if (size == 0)
            continue;
        char *rest = mem_copy_slice(slice_sub(buffer_slice(text), i + size, text->size));
        size_t rest_size = text->size - i - size;
        text->size = i;
        buffer_append(text, escaped, 6);
        buffer_append(text, rest, rest_size);
        mem_free(rest);
        i += 5;
    }
}

/* Canonical text of a key or value, so that equal steps are equal texts; empty when
 * it cannot be read. */
static struct slice canonical(struct arena *arena, char kind, struct slice text)
{
    struct status status = {0};
    struct buffer printed = {0};
    struct json *value = json_parse(arena, text, NULL, &status);
    struct slice result = {NULL, 0};
    if (value && (kind == 'v' || json_is(value, JSON_OBJECT))) {
        json_sort(value);
        fieldset_print_value(value, &printed);
        result = (struct slice){arena_copy_slice(arena, buffer_slice(&printed)), printed.size};
    }
    buffer_release(&printed);
    status_release(&status);
    return result;
}

/* 1: a step; 0: of a kind that we do not know; -1: none. */
static int read_step(struct arena *arena, struct slice text, bool is_ours, struct fieldset *node)
{
    int64_t index;
    if (text.size < 2 || text.data[1] != ':')
        return -1;
    *node = (struct fieldset){.kind = text.data[0], .text = slice_sub(text, 2, text.size)};
    switch (node->kind) {
    case 'f': return 1;
    case 'k':
    case 'v':
        if (is_ours)
            return 1;
        node->text = canonical(arena, node->kind, node->text);
        return node->text.size > 0 ? 1 : -1;
    case 'i': return slice_to_int64(node->text, &index) ? 1 : -1;
    default: return 0;
    }
}

struct sorting { /* What qsort's function needs to know. */
    struct arena *arena;
    const struct fieldset *node;
};

static int by_step(const void *a, const void *b)
{
    const struct sorting *x = a;
    const struct sorting *y = b;
    return fieldset_compare(x->arena, x->node, y->node);
}

/* Others may have written the set; ours are in order already. */
static void sort_children(struct arena *arena, struct fieldset *parent, size_t count)
{
    struct sorting *nodes = ARENA_ARRAY(arena, struct sorting, count);
    size_t n = 0;
    for (const struct fieldset *child = parent->first; child; child = child->next)
        nodes[n++] = (struct sorting){arena, child};
    qsort(nodes, n, sizeof(*nodes), by_step);
    parent->first = parent->last = NULL;
    for (size_t i = 0; i < n; i++)
        if (i == 0 || by_step(&nodes[i - 1], &nodes[i]) != 0)
            fieldset_append(arena, parent, nodes[i].node);
}

static int read_children(struct arena *arena, const struct json *json, bool is_ours,
                         struct fieldset *parent)
{
    bool in_order = true;
    size_t count = 0;
    if (!json_is(json, JSON_OBJECT))
        return -1;
    JSON_EACH(member, json) {
        struct fieldset node;
        if (slice_is(json_key(member), ".")) {
            parent->is_member = true;
            continue;
        }
        int step = read_step(arena, json_key(member), is_ours, &node);
        if (step < 0 || (step > 0 && read_children(arena, member, is_ours, &node)))
            return -1;
        if (step == 0)
            continue;
        node.is_member = node.is_member || node.first == NULL;
        in_order = in_order && (is_ours || parent->last == NULL ||
                                fieldset_compare(arena, parent->last, &node) < 0);
        fieldset_append(arena, parent, &node);
        count++;
    }
    if (!in_order)
        sort_children(arena, parent, count);
    return 0;
}

struct fieldset *fieldset_read(struct arena *arena, const struct json *json, bool is_ours)
{
    struct fieldset *root = ARENA_NEW(arena, struct fieldset);
    return read_children(arena, json, is_ours, root) ? NULL : root;
}

/* --- Printing --- */

#define STEP_ROOM 16 /* What stands around a step's text: ,"f: ":{".":{}, */

struct printer {
    struct buffer *buffer;
    char *next; /* Room for a step is made once, then it is written unchecked. */
    char *end;
};

static void grow(struct printer *p, size_t size)
{
    p->buffer->size = (size_t)(p->next - p->buffer->data);
    buffer_reserve(p->buffer, size);
    p->next = p->buffer->data + p->buffer->size;
    p->end = p->buffer->data + p->buffer->capacity - 1;
}

static inline void make_room(struct printer *p, size_t size)
{
    if ((size_t)(p->end - p->next) < size)
        grow(p, size);
}

static inline void put(struct printer *p, const char *text, size_t size)
{
    memcpy(p->next, text, size);
    p->next += size;
}

/* Names are plain; keys and values are JSON, whose quotes need escapes. */
static void put_escaped(struct printer *p, struct slice text)
{
    struct buffer quoted = {0};
    json_print_string(text, &quoted);
    make_room(p, quoted.size + STEP_ROOM);
    put(p, quoted.data + 1, quoted.size - 2);
    buffer_release(&quoted);
}

static void print_step(struct printer *p, const struct fieldset *node)
{
    const char head[] = {'"', node->kind, ':'};
    make_room(p, node->text.size * 2 + STEP_ROOM);
    put(p, head, sizeof(head));
    char *start = p->next;
    for (size_t i = 0; i < node->text.size; i++) {
        char c = node->text.data[i];
        if ((unsigned char)c < ' ') {
            p->next = start;
            put_escaped(p, node->text);
            return;
        }
        if (c == '"' || c == '\\')
            *p->next++ = '\\';
        *p->next++ = c;
    }
}

static void print_children(struct printer *p, const struct fieldset *parent)
{
    for (const struct fieldset *child = parent->first; child; child = child->next) {
        print_step(p, child);
        put(p, "\":{", 3);
        if (child->is_member && child->first)
            put(p, "\".\":{},", 7);
        print_children(p, child);
        make_room(p, 2);
        *p->next++ = '}';
        if (child->next)
            *p->next++ = ',';
    }
}

void fieldset_print(const struct fieldset *root, struct buffer *text)
{
    struct printer p = {.buffer = text};
    buffer_append_byte(text, '{');
    p.next = text->data + text->size;
    p.end = text->data + text->capacity - 1;
    print_children(&p, root);
    text->size = (size_t)(p.next - text->data);
    buffer_append_byte(text, '}');
}

/* --- Paths --- */

static void append_value(struct arena *arena, const struct json *value, struct buffer *path)
{
    if (json_is(value, JSON_STRING))
        buffer_append_text(path, field_value_text(arena, json_string(value)));
    else
        json_print(value, path);
}

void fieldset_append_path(struct arena *arena, const struct fieldset *node, struct buffer *path)
{
    struct status status = {0};
    if (node->kind == 'f') {
        buffer_append_byte(path, '.');
        buffer_append_slice(path, node->text);
        return;
    }
    buffer_append_byte(path, '[');
    const struct json *value =
        node->kind == 'i' ? NULL : json_parse(arena, node->text, NULL, &status);
    if (node->kind == 'i') {
        buffer_append_slice(path, node->text);
    } else if (node->kind == 'v') {
        buffer_append_byte(path, '=');
        append_value(arena, value, path);
    } else {
        JSON_EACH(key, value) {
            buffer_format(path, "%s" SLICE_FORMAT "=", key == json_first(value) ? "" : ",",
                          SLICE_ARGS(json_key(key)));
            append_value(arena, key, path);
        }
    }
    buffer_append_byte(path, ']');
    status_release(&status);
}

struct path_visit {
    struct arena *arena;
    struct buffer path;
    void (*visit)(void *context, const char *path, const struct fieldset *member);
    void *context;
};

static void cut(struct buffer *path, size_t size)
{
    path->size = size;
    if (path->data)
        path->data[size] = '\0';
}

static void visit_below(struct path_visit *v, const struct fieldset *parent)
{
    size_t size = v->path.size;
    for (const struct fieldset *child = parent->first; child; child = child->next) {
        fieldset_append_path(v->arena, child, &v->path);
        if (child->is_member)
            v->visit(v->context, v->path.data, child);
        cut(&v->path, size);
    }
    for (const struct fieldset *child = parent->first; child; child = child->next) {
        fieldset_append_path(v->arena, child, &v->path);
        visit_below(v, child);
        cut(&v->path, size);
    }
}

void fieldset_each_path(struct arena *arena, const struct fieldset *root,
                        void (*visit)(void *context, const char *path,
                                      const struct fieldset *member),
                        void *context)
{
    struct path_visit v = {.arena = arena, .visit = visit, .context = context};
    visit_below(&v, root);
    buffer_release(&v.path);
}
