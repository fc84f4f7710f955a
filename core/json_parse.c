/* The JSON reader.
 *
 * The text is copied once, whole, into the arena, and read there: strings end
 * where they stand by a NUL over their closing quote, escapes are undone in
 * place (they only shrink), numbers stay as text. So a tree is one copy and its
 * nodes. Nesting is kept in frames of our own, not on the C stack.
 *
 * Grammar, error words and the mending of bad UTF-8 are those of Go's
 * encoding/json; paths of duplicates are those of sigs.k8s.io/json. */
#include <stdalign.h>

#include "core/json_private.h"
#include "core/utf8.h"

#define PADDING 8             /* Readable zero bytes behind the text. */
#define FRAMES_INSIDE 32      /* Nesting beyond takes memory from the arena. */
#define DUPLICATES_LISTED 100 /* Upstream's limit. */
#define PATH_BYTES_MAX ((size_t)1 << 20) /* Written for duplicates before we stop listing. */

struct frame { /* An object or array that is being read. */
    cJSON *node;
    cJSON *last;   /* Its last child. */
    uint64_t seen; /* Object: a bit for each class of keys that it has. */
};

struct parser {
    struct arena *arena;
    struct slice source; /* What is being read, as it came. */
    bool is_mended;      /* It had bad UTF-8, which our copy has not. */
    char *text;          /* Our copy. */
    char *next;          /* The next byte; the last is followed by NULs. */
    char *end;
    struct frame *frames;
    size_t depth; /* Frames in use. */
    size_t capacity;
    size_t depth_max;
    struct json_duplicate **duplicates; /* Where to list duplicates, or NULL. */
    size_t path_bytes;                  /* Written for them so far. */
    struct status *status;
};

/* Errors. */

/* Where the next byte stands in the text as it came: before its mending. */
static size_t source_offset(const struct parser *p)
{
    size_t offset = (size_t)(p->next - p->text);
    if (!p->is_mended)
        return offset;
    size_t at = 0;
    for (size_t mended = 0, taken; mended < offset; at += taken) {
        bool is_bad = utf8_decode(p->source.data + at, p->source.size - at, &taken) < 0;
        mended += is_bad ? 3 : taken; /* U+FFFD has three bytes. */
    }
    return at;
}

static int fail_here(struct parser *p, const char *message)
{
    size_t line = 1;
    size_t column = 1;
    for (size_t i = 0, offset = source_offset(p); i < offset; i++) {
        bool ends_line = p->source.data[i] == '\n';
        line += ends_line;
        column = ends_line ? 1 : column + 1;
    }
    return status_fail(p->status, STATUS_BAD_REQUEST, "%s (line %zu, column %zu)", message, line,
                       column);
}

/* The byte as Go shows it: as the character of that number, quoted. */
static const char *byte_text(struct arena *arena, unsigned char byte)
{
    if (byte == '"' || byte == '\'')
        return byte == '"' ? "'\"'" : "'\\''";
    char character[4];
    struct slice text = {character, utf8_encode(byte, character)};
    struct slice quoted = slice_of(field_value_text(arena, text));
    struct slice inner = slice_sub(quoted, 1, quoted.size - 1);
    return arena_format(arena, "'" SLICE_FORMAT "'", SLICE_ARGS(inner));
}

static int fail_byte(struct parser *p, unsigned char byte, const char *where)
{
    const char *text = byte_text(p->arena, byte);
    return fail_here(p, arena_format(p->arena, "invalid character %s %s", text, where));
}

/* The next byte cannot stand where it does; or there is none. */
static int fail_next(struct parser *p, const char *where)
{
    if (p->next == p->end)
        return fail_here(p, "unexpected end of JSON input");
    return fail_byte(p, (unsigned char)p->source.data[source_offset(p)], where);
}

/* The same inside a word, number or escape. Go ends a text with a space there. */
static int fail_inside(struct parser *p, const char *where)
{
    return p->next == p->end ? fail_byte(p, ' ', where) : fail_next(p, where);
}

/* Strings. */

static inline char *skip_plain(char *s)
{
    for (;; s += sizeof(uint64_t)) {
        uint64_t specials = json_special(json_load(s));
        if (specials)
            return s + json_first_special(specials);
    }
}

static int32_t hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The value of the four digits at s, or -1. */
static int32_t hex_value(const char *s)
{
    int32_t value = 0;
    for (int i = 0; i < 4; i++) {
        int32_t digit = hex_digit(s[i]);
        if (digit < 0)
            return -1;
        value = value << 4 | digit;
    }
    return value;
}

/* Undoes \uXXXX, together with the second half of a surrogate pair when it
 * follows; a half alone becomes U+FFFD. */
static int read_unicode(struct parser *p, char **to)
{
    int32_t character = hex_value(p->next + 2);
    if (character < 0) {
        p->next += 2;
        while (hex_digit(*p->next) >= 0)
            p->next++;
        return fail_inside(p, "in \\u hexadecimal character escape");
    }
    p->next += 6;
    if (character >= 0xd800 && character < 0xdc00 && p->next[0] == '\\' && p->next[1] == 'u') {
        int32_t low = hex_value(p->next + 2);
        if (low >= 0xdc00 && low < 0xe000) {
            character = 0x10000 + ((character - 0xd800) << 10) + (low - 0xdc00);
            p->next += 6;
        }
    }
    *to += utf8_encode(character, *to);
    return 0;
}

static int read_escape(struct parser *p, char **to)
{
    static const char letters[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    char letter = p->next[1];
    if (letter == 'u')
        return read_unicode(p, to);
    const char *found = letter ? strchr(letters, letter) : NULL;
    if (found == NULL) {
        p->next++;
        return fail_inside(p, "in string escape code");
    }
    *(*to)++ = meanings[found - letters];
    p->next += 2;
    return 0;
}

/* Goes on with a string from its first byte that is not plain. */
static int read_escaped_string(struct parser *p, char *special, struct slice *value)
{
    char *start = p->next;
    char *to = special;
    p->next = special;
    while (*p->next != '"') {
        if (*p->next != '\\')
            return fail_next(p, "in string literal");
        if (read_escape(p, &to))
            return -1;
        char *stop = skip_plain(p->next);
        size_t size = (size_t)(stop - p->next);
        memmove(to, p->next, size);
        to += size;
        p->next = stop;
    }
    *to = '\0';
    p->next++;
    *value = (struct slice){start, (size_t)(to - start)};
    return 0;
}

/* From behind the opening quote to behind the closing one. */
static inline int read_string(struct parser *p, struct slice *value)
{
    char *start = p->next;
    char *special = skip_plain(start);
    if (*special != '"')
        return read_escaped_string(p, special, value);
    *special = '\0';
    p->next = special + 1;
    *value = (struct slice){start, (size_t)(special - start)};
    return 0;
}

/* Values. */

static inline void skip_space(struct parser *p)
{
    if ((unsigned char)*p->next > ' ') /* As in most bodies everywhere. */
        return;
    while (*p->next == ' ' || *p->next == '\n' || *p->next == '\r' || *p->next == '\t')
        p->next++;
}

static inline cJSON *new_node(struct parser *p, int type)
{
    cJSON *node = arena_alloc_raw(p->arena, sizeof(*node), alignof(cJSON));
    *node = (cJSON){.type = type};
    return node;
}

static cJSON *new_text_node(struct parser *p, int type, struct slice text)
{
    cJSON *node = new_node(p, type);
    node->valuestring = (char *)(uintptr_t)text.data; /* Ours, inside p->text. */
    node->valueint = (int)text.size;
    return node;
}

static inline bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int skip_digits(struct parser *p, const char *where)
{
    if (!is_digit(*p->next))
        return fail_inside(p, where);
    while (is_digit(*p->next))
        p->next++;
    return 0;
}

static cJSON *read_number(struct parser *p)
{
    char *start = p->next;
    if (*p->next == '-')
        p->next++;
    if (*p->next == '0')
        p->next++;
    else if (skip_digits(p, "in numeric literal"))
        return NULL;
    if (*p->next == '.') {
        p->next++;
        if (skip_digits(p, "after decimal point in numeric literal"))
            return NULL;
    }
    if (*p->next == 'e' || *p->next == 'E') {
        p->next++;
        if (*p->next == '+' || *p->next == '-')
            p->next++;
        if (skip_digits(p, "in exponent of numeric literal"))
            return NULL;
    }
    return new_text_node(p, cJSON_Raw, (struct slice){start, (size_t)(p->next - start)});
}

static cJSON *read_literal(struct parser *p, const char *word, int type)
{
    for (const char *c = word; *c; c++, p->next++) {
        if (*p->next != *c) {
            (void)fail_inside(p,
                              arena_format(p->arena, "in literal %s (expecting '%c')", word, *c));
            return NULL;
        }
    }
    return new_node(p, type);
}

/* Reads a scalar, or the opening bracket of an object or array. */
static cJSON *read_value(struct parser *p)
{
    skip_space(p);
    switch (*p->next) {
    case '"': {
        struct slice text;
        p->next++;
        return read_string(p, &text) ? NULL : new_text_node(p, cJSON_String, text);
    }
    case '{': p->next++; return new_node(p, cJSON_Object);
    case '[': p->next++; return new_node(p, cJSON_Array);
    case 't': return read_literal(p, "true", cJSON_True);
    case 'f': return read_literal(p, "false", cJSON_False);
    case 'n': return read_literal(p, "null", cJSON_NULL);
    default:
        if (*p->next == '-' || is_digit(*p->next))
            return read_number(p);
        (void)fail_next(p, "looking for beginning of value");
        return NULL;
    }
}

static int read_key(struct parser *p, struct slice *key)
{
    skip_space(p);
    if (*p->next != '"')
        return fail_next(p, "looking for beginning of object key string");
    p->next++;
    if (read_string(p, key))
        return -1;
    skip_space(p);
    if (*p->next != ':')
        return fail_next(p, "after object key");
    p->next++;
    return 0;
}

/* Duplicates. */

/* "spec.containers[0].image": the way down through the frames. */
static void append_path(const struct parser *p, struct slice key, struct buffer *path)
{
    for (size_t i = 1; i < p->depth; i++) {
        const cJSON *parent = p->frames[i - 1].node;
        if (parent->type == cJSON_Array) {
            buffer_format(path, "[%d]", parent->valueint - 1);
        } else {
            buffer_append_text(path, i > 1 ? "." : "");
            buffer_append_slice(path, node_key(p->frames[i].node));
        }
    }
    buffer_append_text(path, p->depth > 1 ? "." : "");
    buffer_append_slice(path, key);
}

/* Lists each path once, and no more of them than upstream does. The bytes are
 * bounded because one long path could be a duplicate a million times. */
static void list_duplicate(struct parser *p, struct slice key)
{
    if (p->path_bytes > PATH_BYTES_MAX)
        return;
    struct buffer path = {0};
    append_path(p, key, &path);
    p->path_bytes += path.size;
    struct json_duplicate **place = p->duplicates;
    size_t count = 0;
    for (; *place && strcmp((*place)->path, path.data) != 0; count++)
        place = &(*place)->next;
    if (*place == NULL && count < DUPLICATES_LISTED) {
        *place = ARENA_NEW(p->arena, struct json_duplicate);
        (*place)->path = arena_copy_slice(p->arena, buffer_slice(&path));
    }
    buffer_release(&path);
}

/* One of 64 classes of keys; keys of one object mostly differ in theirs. */
static inline uint64_t key_class(struct slice key)
{
    if (key.size == 0)
        return 1;
    unsigned first = (unsigned char)key.data[0];
    unsigned middle = (unsigned char)key.data[key.size / 2];
    unsigned last = (unsigned char)key.data[key.size - 1];
    return UINT64_C(1) << ((key.size + first * 7 + middle * 13 + last * 31) & 63);
}

/* The last of several members with one key wins. */
static void drop_earlier(struct parser *p, struct frame *frame, struct slice key)
{
    cJSON *earlier = json_find(frame->node, key);
    if (earlier == NULL)
        return;
    if (p->duplicates)
        list_duplicate(p, key);
    json_unlink(frame->node, earlier);
    frame->last = frame->node->child ? frame->node->child->prev : NULL;
}

/* The tree. */

static void add_child(struct parser *p, struct slice key, cJSON *child)
{
    struct frame *frame = &p->frames[p->depth - 1];
    cJSON *parent = frame->node;
    bool is_member = parent->type == cJSON_Object;
    if (is_member) {
        uint64_t class = key_class(key);
        if (frame->seen & class)
            drop_earlier(p, frame, key);
        frame->seen |= class;
        child->string = (char *)(uintptr_t)key.data; /* Ours, inside p->text. */
        child->valuedouble = (double)key.size;
    }
    if (frame->last)
        frame->last->next = child;
    else
        parent->child = child;
    child->prev = frame->last;
    parent->child->prev = child;
    frame->last = child;
    parent->valueint++;
    if (is_member && parent->valueint > JSON_MEMBERS_SCANNED)
        json_index_add(p->arena, parent, child);
}

static int open_frame(struct parser *p, cJSON *node)
{
    if (p->depth == p->depth_max)
        return fail_here(p, "exceeded max depth");
    if (p->depth == p->capacity) {
        struct frame *more = ARENA_ARRAY(p->arena, struct frame, p->capacity * 2);
        memcpy(more, p->frames, p->capacity * sizeof(*more));
        p->frames = more;
        p->capacity *= 2;
    }
    p->frames[p->depth++] = (struct frame){.node = node};
    return 0;
}

/* Goes to where the next value stands, closing what ends before it, and reads
 * its key if it has one. Gives 1, 0 when the tree is complete, or -1. */
static int next_place(struct parser *p, struct slice *key)
{
    while (p->depth > 0) {
        struct frame *frame = &p->frames[p->depth - 1];
        bool is_object = frame->node->type == cJSON_Object;
        skip_space(p);
        if (*p->next == (is_object ? '}' : ']')) {
            p->next++;
            p->depth--;
            continue;
        }
        if (frame->last) {
            if (*p->next != ',')
                return fail_next(p,
                                 is_object ? "after object key:value pair" : "after array element");
            p->next++;
        }
        return is_object && read_key(p, key) ? -1 : 1;
    }
    return 0;
}

static cJSON *read_tree(struct parser *p)
{
    cJSON *root = NULL;
    struct slice key = {NULL, 0};
    int more;
    do {
        cJSON *node = read_value(p);
        if (node == NULL)
            return NULL;
        if (p->depth > 0)
            add_child(p, key, node);
        else
            root = node;
        if ((node->type & (cJSON_Object | cJSON_Array)) && open_frame(p, node))
            return NULL;
        more = next_place(p, &key);
    } while (more > 0);
    return more < 0 ? NULL : root;
}

static cJSON *read_document(struct parser *p)
{
    cJSON *root = read_tree(p);
    if (root == NULL)
        return NULL;
    skip_space(p);
    if (p->next < p->end) {
        (void)fail_next(p, "after top-level value");
        return NULL;
    }
    return root;
}

struct json *json_parse(struct arena *arena, struct slice text, const struct json_options *options,
                        struct status *status)
{
    static const struct json_options none;
    if (options == NULL)
        options = &none;
    size_t size_max = options->size_max > 0 ? options->size_max : JSON_SIZE_MAX;
    if (text.size > size_max || text.size > JSON_SIZE_MAX / 3) { /* Mending may triple it. */
        (void)status_fail(status, STATUS_REQUEST_ENTITY_TOO_LARGE,
                          "Request entity too large: limit is %zu", size_max);
        return NULL;
    }
    struct frame frames_inside[FRAMES_INSIDE];
    struct slice mended = json_mend(arena, text);
    struct parser p = {
        .arena = arena,
        .source = text,
        .is_mended = mended.data != text.data,
        .frames = frames_inside,
        .capacity = FRAMES_INSIDE,
        .depth_max = options->depth_max > 0 ? options->depth_max : JSON_DEPTH_MAX,
        .duplicates = options->duplicates,
        .status = status,
    };
    if (p.duplicates)
        *p.duplicates = NULL;
    p.text = p.next = arena_alloc_raw(arena, mended.size + PADDING, 1);
    p.end = p.text + mended.size;
    if (mended.size > 0)
        memcpy(p.text, mended.data, mended.size);
    memset(p.end, 0, PADDING);
    return json_of(read_document(&p));
}
