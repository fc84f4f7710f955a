/* The text form: the lexer and parser of k8s.io/apimachinery pkg/labels, so that
 * their errors come out the same.
 *
 *     selector     = requirement {"," requirement} | nothing
 *     requirement  = ["!"] key | key operator value | key ("in" | "notin") "(" values ")"
 *     operator     = "=" "==" "!=" ">" "<"
 *     values       = [value] {"," [value]}
 *
 * "in" and "notin" are words like others where a key or a value stands. */
#include "core/kinds/label_selector_private.h"

enum token {
    TOKEN_END,
    TOKEN_WORD,
    TOKEN_IN,
    TOKEN_NOT_IN,
    TOKEN_NOT, /* "!" */
    TOKEN_EQUALS,
    TOKEN_DOUBLE_EQUALS,
    TOKEN_NOT_EQUALS,
    TOKEN_GREATER,
    TOKEN_LESS,
    TOKEN_COMMA,
    TOKEN_OPEN,
    TOKEN_CLOSE,
};

struct parsing {
    struct arena *arena;
    struct slice text;
    size_t position;
    enum token token; /* The one ahead. */
    struct slice literal;
    const char *error;
};

/* --- Lexer --- */

static bool is_special(char c)
{
    return c != '\0' && strchr("=!(),><", c) != NULL;
}
static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static enum token special_token(struct slice text, size_t *size)
{
    static const struct {
        const char *text;
        enum token token;
    } specials[] = {{"==", TOKEN_DOUBLE_EQUALS}, {"!=", TOKEN_NOT_EQUALS},
                    {"=", TOKEN_EQUALS},         {"!", TOKEN_NOT},
                    {">", TOKEN_GREATER},        {"<", TOKEN_LESS},
                    {",", TOKEN_COMMA},          {"(", TOKEN_OPEN},
                    {")", TOKEN_CLOSE}};
    for (size_t i = 0; i < ARRAY_SIZE(specials); i++) {
        if (slice_starts_with(text, slice_of(specials[i].text))) {
            *size = strlen(specials[i].text);
            return specials[i].token;
        }
    }
    UNREACHABLE("special character");
}

/* A NUL ends the text where a token could begin, and else only the word. */
static void advance(struct parsing *parsing)
{
    struct slice rest = slice_sub(parsing->text, parsing->position, parsing->text.size);
    size_t skipped = 0, size = 0;
    while (skipped < rest.size && is_space(rest.data[skipped]))
        skipped++;
    rest = slice_sub(rest, skipped, rest.size);
    parsing->token = TOKEN_END;
    if (rest.size > 0 && is_special(rest.data[0])) {
        parsing->token = special_token(rest, &size);
    } else if (rest.size > 0 && rest.data[0] != '\0') {
        while (size < rest.size && rest.data[size] != '\0' && !is_special(rest.data[size]) &&
               !is_space(rest.data[size]))
            size++;
        parsing->token = TOKEN_WORD;
    }
    parsing->literal = slice_sub(rest, 0, size);
    bool eats_nul = parsing->token == TOKEN_WORD && size < rest.size && rest.data[size] == '\0';
    parsing->position += skipped + size + eats_nul;
    if (parsing->token == TOKEN_WORD && slice_is(parsing->literal, "in"))
        parsing->token = TOKEN_IN;
    else if (parsing->token == TOKEN_WORD && slice_is(parsing->literal, "notin"))
        parsing->token = TOKEN_NOT_IN;
}

/* The token ahead, where a key or a value may stand. */
static enum token word_ahead(const struct parsing *parsing)
{
    bool is_keyword = parsing->token == TOKEN_IN || parsing->token == TOKEN_NOT_IN;
    return is_keyword ? TOKEN_WORD : parsing->token;
}

static bool fail_found(struct parsing *parsing, struct slice found, const char *expected)
{
    parsing->error =
        arena_format(parsing->arena, "found '" SLICE_FORMAT "'%s", SLICE_ARGS(found), expected);
    return false;
}

/* --- Parser: functions give false where parsing->error is set --- */

static bool take_key(struct parsing *parsing, struct slice *key, bool *is_negated)
{
    *is_negated = parsing->token == TOKEN_NOT;
    if (*is_negated)
        advance(parsing);
    *key = parsing->literal;
    if (word_ahead(parsing) != TOKEN_WORD)
        return fail_found(parsing, *key, ", expected: identifier");
    const char *error = label_key_error(parsing->arena, *key);
    if (error) {
        parsing->error = arena_format(parsing->arena, "<nil>: Invalid value: %s: %s",
                                      field_value_text(parsing->arena, *key), error);
        return false;
    }
    advance(parsing);
    return true;
}

static bool take_operator(struct parsing *parsing, enum label_operator *relation)
{
    static const enum label_operator operators[] = {
        [TOKEN_IN] = LABEL_IN,
        [TOKEN_NOT_IN] = LABEL_NOT_IN,
        [TOKEN_EQUALS] = LABEL_EQUALS,
        [TOKEN_DOUBLE_EQUALS] = LABEL_DOUBLE_EQUALS,
        [TOKEN_NOT_EQUALS] = LABEL_NOT_EQUALS,
        [TOKEN_GREATER] = LABEL_GREATER,
        [TOKEN_LESS] = LABEL_LESS,
        [TOKEN_CLOSE] = LABEL_EXISTS,
    };
    *relation = operators[parsing->token];
    if (*relation == LABEL_EXISTS)
        return fail_found(parsing, parsing->literal, ", expected: in, notin, =, ==, !=, gt, lt");
    advance(parsing);
    return true;
}

static bool take_exact_value(struct parsing *parsing, struct label_values *values)
{
    struct slice value = SLICE("");
    enum token ahead = word_ahead(parsing);
    if (ahead != TOKEN_END && ahead != TOKEN_COMMA) {
        value = parsing->literal;
        if (ahead != TOKEN_WORD)
            return fail_found(parsing, value, ", expected: identifier");
        advance(parsing);
    }
    label_values_add(parsing->arena, values, value);
    return true;
}

/* Behind the bracket, up to but without the closing one. Commas with nothing between or
 * around them stand for the empty value. */
static bool take_list(struct parsing *parsing, struct label_values *values)
{
    for (;;) {
        struct slice literal = parsing->literal;
        enum token token = word_ahead(parsing);
        if (token != TOKEN_WORD && token != TOKEN_COMMA)
            return fail_found(parsing, literal, ", expected: ',', or identifier");
        advance(parsing);
        enum token ahead = word_ahead(parsing);
        if (token == TOKEN_WORD) {
            label_values_add(parsing->arena, values, literal);
            if (ahead == TOKEN_CLOSE)
                return true;
            if (ahead != TOKEN_COMMA)
                return fail_found(parsing, parsing->literal, ", expected: ',' or ')'");
            continue;
        }
        if (values->count == 0 || ahead == TOKEN_CLOSE || ahead == TOKEN_COMMA)
            label_values_add(parsing->arena, values, SLICE(""));
        if (ahead == TOKEN_CLOSE)
            return true;
    }
}

static bool take_values(struct parsing *parsing, struct label_values *values)
{
    if (parsing->token != TOKEN_OPEN)
        return fail_found(parsing, parsing->literal, " expected: '('");
    advance(parsing);
    enum token ahead = word_ahead(parsing);
    if (ahead == TOKEN_CLOSE) {
        label_values_add(parsing->arena, values, SLICE(""));
    } else if (ahead != TOKEN_WORD && ahead != TOKEN_COMMA) {
        return fail_found(parsing, parsing->literal, ", expected: ',', ')' or identifier");
    } else if (!take_list(parsing, values)) {
        return false;
    }
    advance(parsing);
    label_values_sort(values);
    return true;
}

static bool take_requirement(struct parsing *parsing, struct label_requirement *requirement)
{
    struct label_values values = {0};
    struct slice key;
    bool is_negated;
    enum label_operator relation = LABEL_EXISTS;
    if (!take_key(parsing, &key, &is_negated))
        return false;
    if (is_negated)
        relation = LABEL_DOES_NOT_EXIST;
    else if (parsing->token != TOKEN_END && parsing->token != TOKEN_COMMA) {
        if (!take_operator(parsing, &relation))
            return false;
        bool is_set = relation == LABEL_IN || relation == LABEL_NOT_IN;
        if (!(is_set ? take_values(parsing, &values) : take_exact_value(parsing, &values)))
            return false;
    }
    parsing->error = label_requirement_make(parsing->arena, key, relation, &values, requirement);
    return !parsing->error;
}

static bool take_separator(struct parsing *parsing)
{
    if (parsing->token == TOKEN_END)
        return true;
    if (parsing->token != TOKEN_COMMA)
        return fail_found(parsing, parsing->literal, ", expected: ',' or 'end of string'");
    advance(parsing);
    if (word_ahead(parsing) != TOKEN_WORD && parsing->token != TOKEN_NOT)
        return fail_found(parsing, parsing->literal, ", expected: identifier after ','");
    return true;
}

/* Commas outnumber requirements, or are one less. */
static size_t requirements_max(struct slice text)
{
    size_t count = 1;
    for (size_t i = 0; i < text.size; i++)
        count += text.data[i] == ',';
    return count;
}

static bool take_selector(struct parsing *parsing, struct label_selector *selector)
{
    advance(parsing);
    if (parsing->token != TOKEN_END && word_ahead(parsing) != TOKEN_WORD &&
        parsing->token != TOKEN_NOT)
        return fail_found(parsing, parsing->literal,
                          ", expected: !, identifier, or 'end of string'");
    while (parsing->token != TOKEN_END) {
        if (!take_requirement(parsing, &selector->requirements[selector->count++])) {
            parsing->error =
                arena_format(parsing->arena, "unable to parse requirement: %s", parsing->error);
            return false;
        }
        if (!take_separator(parsing))
            return false;
    }
    return true;
}

int label_selector_parse(struct arena *arena, struct slice text, struct label_selector *selector,
                         struct status *status)
{
    struct parsing parsing = {.arena = arena, .text = {arena_copy_slice(arena, text), text.size}};
    *selector = (struct label_selector){
        .requirements = ARENA_ARRAY(arena, struct label_requirement, requirements_max(text))};
    if (!take_selector(&parsing, selector))
        return status_fail(status, STATUS_BAD_REQUEST, "%s", parsing.error);
    label_requirements_sort(selector->requirements, selector->count);
    return 0;
}
