/* The traps that one plain scalar can be, told by what go-yaml makes of it and by
 * what the value is when it is printed. */
#include "core/kyaml_trap.h"

#include <math.h>
#include <stdio.h>
#include <strings.h>

#include "core/kyaml.h"
#include "core/number.h"
#include "core/unicode.h"
#include "core/utf8.h"
#include "core/yaml_scalar.h"

static const struct {
    const char *name;
    const char *explanation;
} traps[] = {
#define X(name, word, explanation) {word, explanation},
    KYAML_TRAPS(X)
#undef X
};

const char *kyaml_trap_name(enum kyaml_trap trap)
{
    return traps[trap].name;
}

const char *kyaml_trap_explanation(enum kyaml_trap trap)
{
    return traps[trap].explanation;
}

/* What the value is printed as; "" for what is no number. */
static void print_number(const struct yaml_scalar *scalar, char text[NUMBER_TEXT_SIZE])
{
    text[0] = '\0';
    if (scalar->type == YAML_TYPE_INT)
        snprintf(text, NUMBER_TEXT_SIZE, "%lld", (long long)scalar->integer);
    if (scalar->type == YAML_TYPE_UINT)
        number_format((double)scalar->natural, text);
    if (scalar->type == YAML_TYPE_FLOAT && isfinite(scalar->real))
        number_format(scalar->real, text);
}

static bool has(struct slice text, char byte)
{
    return slice_find(text, byte) >= 0;
}

static struct slice without_sign(struct slice text)
{
    bool sign = text.size > 0 && (text.data[0] == '-' || text.data[0] == '+');
    return slice_sub(text, sign, text.size);
}

static enum kyaml_trap trap_of_whole(struct slice text)
{
    struct slice digits = without_sign(text);
    if (has(text, '_'))
        return KYAML_TRAP_UNDERSCORE;
    if (digits.size > 1 && digits.data[0] == '0') {
        char letter = (char)(digits.data[1] | 0x20);
        return letter == 'x' || letter == 'b' ? KYAML_TRAP_RADIX : KYAML_TRAP_OCTAL;
    }
    return KYAML_TRAP_NUMBER;
}

static enum kyaml_trap trap_of_float(struct slice text)
{
    struct slice digits = without_sign(text);
    if (has(text, '_'))
        return KYAML_TRAP_UNDERSCORE;
    if (has(text, 'e') || has(text, 'E'))
        return KYAML_TRAP_EXPONENT;
    if (!has(text, '.'))
        return digits.data[0] == '0' ? KYAML_TRAP_NUMBER : KYAML_TRAP_LARGE;
    bool plain = digits.data == text.data && digits.data[0] != '.';
    return plain && text.data[text.size - 1] == '0' ? KYAML_TRAP_VERSION : KYAML_TRAP_NUMBER;
}

/* A number whose text is what would be printed is no trap. */
static bool is_number_trap(struct arena *arena, struct slice text, const struct yaml_scalar *scalar,
                           enum kyaml_trap *trap, const char **message)
{
    char number[NUMBER_TEXT_SIZE];
    print_number(scalar, number);
    if (slice_is(text, number))
        return false;
    *trap = scalar->type == YAML_TYPE_INT    ? trap_of_whole(text)
            : scalar->type == YAML_TYPE_UINT ? KYAML_TRAP_LARGE
                                             : trap_of_float(text);
    *message =
        arena_format(arena, SLICE_FORMAT " is read as the number %s", SLICE_ARGS(text), number);
    if (number[0] == '\0') {
        *trap = KYAML_TRAP_INFINITY;
        *message = arena_format(arena, SLICE_FORMAT " is a number that JSON does not have",
                                SLICE_ARGS(text));
    }
    return true;
}

/* ^[+-]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?$ */
static bool is_base60(struct slice text)
{
    struct slice rest = without_sign(text);
    struct slice part;
    int parts = 0;
    while (slice_split(&rest, ':', &part)) {
        bool is_last = rest.data == NULL;
        ptrdiff_t point = slice_find(part, '.');
        if (is_last && point >= 0)
            part = slice_sub(part, 0, (size_t)point);
        if (part.size == 0 || (parts > 0 && part.size > 2) ||
            (parts > 0 && part.size == 2 && part.data[0] > '5'))
            return false;
        for (size_t i = 0; i < part.size; i++)
            if ((part.data[i] < '0' || part.data[i] > '9') && (parts > 0 || part.data[i] != '_'))
                return false;
        parts++;
    }
    return parts > 1;
}

/* "_42": a number when underscores are taken out. */
static bool is_number_without_underscores(struct slice text)
{
    if (!has(text, '_') || text.size > 64)
        return false;
    char clean[64];
    size_t size = 0;
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] != '_')
            clean[size++] = text.data[i];
    enum yaml_type type = yaml_scalar_plain((struct slice){clean, size}).type;
    return type == YAML_TYPE_INT || type == YAML_TYPE_UINT || type == YAML_TYPE_FLOAT;
}

static bool is_misspelled(struct slice text)
{
    static const char *const words[] = {"true", "false", "yes",  "no",    "on",
                                        "off",  "null",  ".inf", "-.inf", ".nan"};
    for (size_t i = 0; i < ARRAY_SIZE(words); i++)
        if (strlen(words[i]) == text.size && strncasecmp(words[i], text.data, text.size) == 0)
            return true;
    return false;
}

int32_t kyaml_invisible_in(struct slice text)
{
    size_t taken;
    for (size_t i = 0; i < text.size; i += taken) {
        int32_t character = utf8_decode(text.data + i, text.size - i, &taken);
        if (character >= 0x80 && !unicode_is_printable(character))
            return character;
    }
    return 0;
}

/* Text that looks like something else, or is something else to other readers. */
static bool is_text_trap(struct arena *arena, struct slice text, enum kyaml_trap *trap,
                         const char **message)
{
    double large;
    int32_t invisible = kyaml_invisible_in(text);
    const char *why = NULL;
    if (is_base60(text)) {
        *trap = KYAML_TRAP_BASE60;
        why = "here, and as a number of base 60 in YAML 1.1";
    } else if (is_number_without_underscores(text)) {
        *trap = KYAML_TRAP_UNDERSCORE;
        why = "here, and as a number by readers that drop underscores";
    } else if (is_misspelled(text)) {
        *trap = KYAML_TRAP_SPELLING;
        why = "here, because of its spelling";
    } else if (number_parse_float(text, &large) == NUMBER_RANGE) {
        *trap = KYAML_TRAP_LARGE;
        why = "here, because it is too large for a number";
    } else if (invisible) {
        *trap = KYAML_TRAP_INVISIBLE;
        why = arena_format(arena, "with the invisible character U+%04X in it", (unsigned)invisible);
    }
    if (why)
        *message = arena_format(arena, SLICE_FORMAT " is read as text %s",
                                SLICE_ARGS(slice_sub(text, 0, 60)), why);
    return why != NULL;
}

static bool is_value_trap(struct arena *arena, struct slice text, const struct yaml_scalar *scalar,
                          enum kyaml_trap *trap, const char **message)
{
    switch (scalar->type) {
    case YAML_TYPE_BOOL:
        *trap = KYAML_TRAP_BOOLEAN;
        *message = arena_format(arena, SLICE_FORMAT " is read as the boolean %s", SLICE_ARGS(text),
                                scalar->truth ? "true" : "false");
        return !slice_is(text, scalar->truth ? "true" : "false");
    case YAML_TYPE_NULL:
        *trap = KYAML_TRAP_NULL;
        *message = arena_format(arena, SLICE_FORMAT " is read as null", SLICE_ARGS(text));
        return !slice_is(text, "null");
    case YAML_TYPE_INT:
    case YAML_TYPE_UINT:
    case YAML_TYPE_FLOAT: return is_number_trap(arena, text, scalar, trap, message);
    case YAML_TYPE_TIMESTAMP:
        *trap = KYAML_TRAP_DATE;
        *message =
            arena_format(arena, SLICE_FORMAT " is read as text here, and as a date in YAML 1.1",
                         SLICE_ARGS(text));
        return true;
    default: return is_text_trap(arena, text, trap, message);
    }
}

/* What a key that is no text becomes; NULL when that is the text itself. */
static const char *changed_key(struct arena *arena, struct slice text,
                               const struct yaml_scalar *scalar)
{
    char key[NUMBER_TEXT_SIZE] = "";
    if (scalar->type == YAML_TYPE_BOOL)
        snprintf(key, sizeof(key), "%s", scalar->truth ? "true" : "false");
    else if (scalar->type == YAML_TYPE_INT)
        print_number(scalar, key);
    else if (scalar->type == YAML_TYPE_FLOAT)
        number_format_key(scalar->real, key);
    else
        return NULL;
    return slice_is(text, key) ? NULL : arena_copy_text(arena, key);
}

bool kyaml_trap_of_plain(struct arena *arena, struct slice text, bool is_key, enum kyaml_trap *trap,
                         const char **message)
{
    struct yaml_scalar scalar = yaml_scalar_plain(text);
    bool is_text = scalar.type == YAML_TYPE_STRING || scalar.type == YAML_TYPE_TIMESTAMP;
    if (is_key && kyaml_key_is_bare(text))
        return false;
    if (!is_key || is_text)
        return is_value_trap(arena, text, &scalar, trap, message);
    const char *key = changed_key(arena, text, &scalar);
    if (key == NULL)
        return false;
    *trap = KYAML_TRAP_KEY;
    *message =
        arena_format(arena, "the key " SLICE_FORMAT " is read as \"%s\"", SLICE_ARGS(text), key);
    return true;
}
