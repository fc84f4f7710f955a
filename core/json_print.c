/* The JSON printer.
 *
 * Room is reserved once per node and then written without further checks. A
 * string is copied eight bytes at a time up to the first byte that needs an
 * escape. Nesting is kept in a list of our own, not on the C stack.
 *
 * Escaped is only what JSON requires: quote, backslash, control characters
 * (Go would also escape <, > and & for HTML's sake; both read the same). */
#include "core/json_private.h"

#define PARENTS_INSIDE 64 /* Nesting beyond takes memory from the heap. */
#define NODE_ROOM 16      /* For what a node needs besides its key, text and indentation. */
#define ESCAPE_ROOM 8     /* \u001f, and a little. */
#define COMPACT -1        /* As indentation. */

struct printer {
    struct buffer *buffer;
    char *next;
    char *end;
    int indent; /* Spaces per level, or COMPACT. */
    size_t level; /* Of the root. */
    const cJSON **parents;
    size_t depth;
    size_t capacity;
    const cJSON *parents_inside[PARENTS_INSIDE];
};

static void grow(struct printer *p, size_t more)
{
    p->buffer->size = (size_t)(p->next - p->buffer->data);
    buffer_reserve(p->buffer, more);
    p->next = p->buffer->data + p->buffer->size;
    p->end = p->buffer->data + p->buffer->capacity - 1;
}

static inline void reserve(struct printer *p, size_t more)
{
    if ((size_t)(p->end - p->next) < more)
        grow(p, more);
}

static inline void start(struct printer *p, struct buffer *buffer, int indent, size_t level)
{
    p->buffer = buffer;
    p->indent = indent;
    p->level = level;
    p->parents = p->parents_inside;
    p->depth = 0;
    p->capacity = PARENTS_INSIDE;
    buffer_reserve(buffer, NODE_ROOM);
    p->next = buffer->data + buffer->size;
    p->end = buffer->data + buffer->capacity - 1;
}

static inline void finish(struct printer *p)
{
    *p->next = '\0';
    p->buffer->size = (size_t)(p->next - p->buffer->data);
    if (p->parents != p->parents_inside)
        mem_free(p->parents);
}

/* Strings. */

static inline uint32_t load_half(const char *text)
{
    uint32_t half;
    memcpy(&half, text, sizeof(half));
    return half;
}

/* Copies up to 7 bytes, if all of them are plain. */
static inline bool copy_short(char *to, const char *from, size_t size)
{
    if (size >= 4) { /* Two halves that may overlap. */
        uint32_t first = load_half(from);
        uint32_t last = load_half(from + size - 4);
        if (json_special((uint64_t)last << 32 | first))
            return false;
        memcpy(to, &first, 4);
        memcpy(to + size - 4, &last, 4);
        return true;
    }
    for (size_t i = 0; i < size; i++) {
        char c = from[i];
        if ((unsigned char)c < ' ' || c == '"' || c == '\\')
            return false;
        to[i] = c;
    }
    return true;
}

/* Copies plain bytes; gives the number of them before the first that is not,
 * rounded down, so that the rest is read again. */
static inline size_t copy_plain(char *to, const char *from, size_t size)
{
    if (size < 8)
        return copy_short(to, from, size) ? size : 0;
    size_t i = 0;
    for (; i + 8 <= size; i += 8) {
        uint64_t word = json_load(from + i);
        if (json_special(word))
            return i;
        memcpy(to + i, &word, 8);
    }
    uint64_t last = json_load(from + size - 8);
    if (json_special(last))
        return i;
    memcpy(to + size - 8, &last, 8);
    return size;
}

static char *write_byte(char *to, char c)
{
    static const char letters[32] = {
        ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't',
    };
    static const char hex[] = "0123456789abcdef";
    unsigned char byte = (unsigned char)c;
    if (byte >= ' ' && byte != '"' && byte != '\\') {
        *to++ = c;
        return to;
    }
    *to++ = '\\';
    if (byte >= ' ') {
        *to++ = c;
    } else if (letters[byte]) {
        *to++ = letters[byte];
    } else {
        memcpy(to, "u00", 3);
        to[3] = hex[byte >> 4];
        to[4] = hex[byte & 15];
        to += 5;
    }
    return to;
}

/* Goes on with a string that has something to escape. */
static void write_escaped(struct printer *p, const char *text, size_t size)
{
    size_t i = 0;
    while (i < size) {
        reserve(p, size - i + ESCAPE_ROOM * 8 + NODE_ROOM);
        size_t plain = copy_plain(p->next, text + i, size - i);
        p->next += plain;
        i += plain;
        for (size_t n = 0; n < 8 && i < size; n++, i++) /* What stopped it is among these. */
            p->next = write_byte(p->next, text[i]);
    }
}

/* Room for the text and its quotes is reserved. */
static inline void write_string(struct printer *p, struct slice text)
{
    *p->next++ = '"';
    size_t plain = copy_plain(p->next, text.data, text.size);
    p->next += plain;
    if (plain < text.size)
        write_escaped(p, text.data + plain, text.size - plain);
    *p->next++ = '"';
}

void json_print_string(struct slice value, struct buffer *text)
{
    struct arena arena = {0};
    struct printer p;
    value = json_mend(&arena, value);
    start(&p, text, COMPACT, 0);
    reserve(&p, value.size + NODE_ROOM);
    write_string(&p, value);
    finish(&p);
    arena_release(&arena);
}

/* Nodes. */

static void write_text(struct printer *p, struct slice text)
{
    for (size_t i = 0; i < text.size; i++) /* Numbers: too short for memcpy to pay. */
        p->next[i] = text.data[i];
    p->next += text.size;
}

static void new_line(struct printer *p)
{
    size_t spaces = (p->level + p->depth) * (size_t)p->indent;
    reserve(p, spaces + 1 + NODE_ROOM);
    *p->next++ = '\n';
    memset(p->next, ' ', spaces);
    p->next += spaces;
}

/* Writes a scalar, an empty object or array, or the opening bracket of one
 * that has children. */
static inline void write_value(struct printer *p, const cJSON *node)
{
    switch (node->type) {
    case cJSON_String: write_string(p, node_value(node)); return;
    case cJSON_Raw: write_text(p, node_value(node)); return;
    case cJSON_Object:
        *p->next++ = '{';
        if (node->child == NULL)
            *p->next++ = '}';
        return;
    case cJSON_Array:
        *p->next++ = '[';
        if (node->child == NULL)
            *p->next++ = ']';
        return;
    case cJSON_True: write_text(p, SLICE("true")); return;
    case cJSON_False: write_text(p, SLICE("false")); return;
    default: write_text(p, SLICE("null")); return;
    }
}

static inline bool is_object(const cJSON *node)
{
    return node->type == cJSON_Object;
}

static void write_member_or_item(struct printer *p, const cJSON *node)
{
    const cJSON *parent = p->depth > 0 ? p->parents[p->depth - 1] : NULL;
    if (parent && p->indent >= 0)
        new_line(p);
    if (parent && is_object(parent)) {
        struct slice key = node_key(node);
        reserve(p, key.size + (size_t)node->valueint + NODE_ROOM * 2);
        write_string(p, key);
        *p->next++ = ':';
        if (p->indent >= 0)
            *p->next++ = ' ';
    }
    reserve(p, (size_t)node->valueint + NODE_ROOM);
    write_value(p, node);
}

static void enter(struct printer *p, const cJSON *parent)
{
    if (p->depth == p->capacity) {
        bool inside = p->parents == p->parents_inside;
        size_t size = p->capacity * sizeof(const cJSON *);
        const cJSON **more = mem_resize(inside ? NULL : p->parents, size * 2);
        if (inside)
            memcpy(more, p->parents_inside, size);
        p->parents = more;
        p->capacity *= 2;
    }
    p->parents[p->depth++] = parent;
}

static void leave(struct printer *p)
{
    bool was_object = is_object(p->parents[--p->depth]);
    if (p->indent >= 0)
        new_line(p);
    reserve(p, NODE_ROOM);
    *p->next++ = was_object ? '}' : ']';
}

static void print(const cJSON *root, int indent, size_t level, struct buffer *text)
{
    struct printer p;
    start(&p, text, indent, level);
    const cJSON *node = root;
    for (;;) {
        write_member_or_item(&p, node);
        if (node->child) {
            enter(&p, node);
            node = node->child;
            continue;
        }
        while (p.depth > 0 && node->next == NULL) {
            node = p.parents[p.depth - 1];
            leave(&p);
        }
        if (p.depth == 0)
            break;
        *p.next++ = ',';
        node = node->next;
    }
    finish(&p);
}

void json_print(const struct json *node, struct buffer *text)
{
    if (node == NULL)
        buffer_append_text(text, "null");
    else
        print(&node->node, COMPACT, 0, text);
}

void json_print_pretty_at(const struct json *node, int indent, size_t level, struct buffer *text)
{
    PRE(indent >= 0);
    if (node == NULL)
        buffer_append_text(text, "null");
    else
        print(&node->node, indent, level, text);
}

void json_print_pretty(const struct json *node, int indent, struct buffer *text)
{
    json_print_pretty_at(node, indent, 0, text);
}
