/* KYAML's strings and keys. */
#include "core/kyaml.h"

#include <strings.h>

#include "core/number.h"
#include "core/unicode.h"
#include "core/utf8.h"
#include "core/yaml_scalar.h"

/* Escapes. */

/* The letter of a one-letter escape; 0 when there is none. */
static char escape_letter(int32_t character)
{
    switch (character) {
    case '"':
    case '\\': return (char)character;
    case 0: return '0';
    case '\a': return 'a';
    case '\b': return 'b';
    case '\v': return 'v';
    case '\f': return 'f';
    case '\r': return 'r';
    case 0x1b: return 'e';
    case 0x85: return 'N';
    case 0xa0: return '_';
    case 0x2028: return 'L';
    case 0x2029: return 'P';
    default: return 0;
    }
}

static void print_escape(int32_t character, struct buffer *text)
{
    char letter = escape_letter(character);
    unsigned number = (unsigned)character;
    if (letter)
        buffer_format(text, "\\%c", letter);
    else if (number < ' ' || number == 0x7f)
        buffer_format(text, "\\x%02x", number);
    else if (number < 0x10000)
        buffer_format(text, "\\u%04x", number);
    else
        buffer_format(text, "\\U%08x", number);
}

static bool is_plain(char c)
{
    return c >= ' ' && c < 0x7f && c != '"' && c != '\\';
}

/* Prints a run of characters that stand for themselves, or one that does not;
 * gives the bytes taken. size > 0; newlines and tabs are the caller's. */
static size_t print_characters(const char *data, size_t size, struct buffer *text)
{
    size_t run = 0;
    while (run < size && is_plain(data[run]))
        run++;
    if (run > 0) {
        buffer_append(text, data, run);
        return run;
    }
    size_t taken;
    int32_t character = utf8_decode(data, size, &taken);
    if (character < 0)
        buffer_append_text(text, "\xef\xbf\xbd");
    else if (unicode_is_printable(character) && character != '"' && character != '\\')
        buffer_append(text, data, taken);
    else
        print_escape(character, text);
    return taken;
}

/* Values. */

static void indent_by(int level, struct buffer *text)
{
    for (int i = 0; i < level; i++)
        buffer_append(text, "  ", 2);
}

/* The characters of one line; a tab stands for itself. */
static void print_line(struct slice line, struct buffer *text)
{
    for (size_t i = 0; i < line.size;) {
        if (line.data[i] == '\t') {
            buffer_append_byte(text, '\t');
            i++;
        } else {
            i += print_characters(line.data + i, line.size - i, text);
        }
    }
}

/* Line breaks that the reader folds away stand behind a backslash. A reader drops
 * the blanks that begin a line, so one that belongs to the text has a backslash in
 * front, in the column where other lines have one blank more. */
static void print_lines(struct slice value, int indent, struct buffer *text)
{
    buffer_append_text(text, "\"\\\n");
    for (size_t i = 0; i < value.size;) {
        struct slice rest = slice_sub(value, i, value.size);
        ptrdiff_t found = slice_find(rest, '\n');
        struct slice line = slice_sub(rest, 0, found < 0 ? rest.size : (size_t)found);
        bool blank = line.size > 0 && (line.data[0] == ' ' || line.data[0] == '\t');
        indent_by(indent + 1, text);
        buffer_append_byte(text, blank ? '\\' : ' ');
        print_line(line, text);
        buffer_append_text(text, found < 0 ? "\\\n" : "\\n\\\n");
        i += line.size + 1;
    }
    indent_by(indent + 1, text);
    buffer_append_byte(text, '"');
}

void kyaml_print_string(struct slice value, int indent, struct buffer *text)
{
    if (slice_find(value, '\n') >= 0) {
        print_lines(value, indent, text);
        return;
    }
    buffer_append_byte(text, '"');
    print_line(value, text);
    buffer_append_byte(text, '"');
}

/* Keys. */

static bool is_word(struct slice key, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(words[i]) == key.size && strncasecmp(words[i], key.data, key.size) == 0)
            return true;
    return false;
}

/* What YAML 1.1 readers and Go's ParseBool take for null, booleans, infinity. */
static bool is_ambiguous_word(struct slice key)
{
    static const char *const words[] = {"null", "~",  "true", "y",     "yes",   "on",    "false",
                                        "n",    "no", "off",  ".inf",  "-.inf", "+.inf", ".nan"};
    return is_word(key, words, ARRAY_SIZE(words)) || (key.size == 1 && strchr("tTfF", key.data[0]));
}

/* A number when its underscores are taken out. What is too large for one is none. */
static bool is_ambiguous_number(struct slice key)
{
    char few[64];
    char *clean = key.size <= sizeof(few) ? few : mem_alloc(key.size);
    struct slice number = {clean, 0};
    for (size_t i = 0; i < key.size; i++)
        if (key.data[i] != '_')
            clean[number.size++] = key.data[i];
    int64_t whole;
    double real;
    bool found = number_parse_int(number, 0, &whole) == NUMBER_OK ||
                 number_parse_float(number, &real) == NUMBER_OK;
    if (clean != few)
        mem_free(clean);
    return found;
}

/* What clients read as something else than text. "0b-1" is one of these by a slip of
 * go-yaml's that kubectl's own printer does not know. */
static bool is_value(struct slice key)
{
    return yaml_scalar_plain(key).type != YAML_TYPE_STRING;
}

/* Times of the day and of base 60 have a colon, which needs quotes anyway. */
static bool is_ambiguous(struct slice key)
{
    return is_ambiguous_word(key) || is_ambiguous_number(key) || is_value(key);
}

static bool is_allowed(int32_t character, bool inside)
{
    if (character == '_' || unicode_is_letter_or_number(character))
        return true;
    return inside && (character == '-' || character == '.' || character == '/');
}

bool kyaml_key_is_bare(struct slice key)
{
    size_t taken;
    for (size_t i = 0; i < key.size; i += taken) {
        int32_t character = utf8_decode(key.data + i, key.size - i, &taken);
        if (!is_allowed(character, i > 0 && i + taken < key.size))
            return false;
    }
    return key.size > 0 && !is_ambiguous(key);
}

void kyaml_print_key(struct slice key, struct buffer *text)
{
    if (kyaml_key_is_bare(key)) {
        buffer_append_slice(text, key);
        return;
    }
    buffer_append_byte(text, '"');
    for (size_t i = 0; i < key.size;) {
        char c = key.data[i];
        if (c == '\n' || c == '\t') {
            buffer_append_text(text, c == '\n' ? "\\n" : "\\t");
            i++;
        } else {
            i += print_characters(key.data + i, key.size - i, text);
        }
    }
    buffer_append_byte(text, '"');
}
