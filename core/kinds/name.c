/* The rules are regular expressions upstream; here each is a small function
 * that says the same, and the expression stands in its message. */
#include "core/kinds/name.h"

#define LABEL_PATTERN "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
#define SUBDOMAIN_PATTERN LABEL_PATTERN "(\\." LABEL_PATTERN ")*"
#define QUALIFIED_PATTERN "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
#define USED_FOR "regex used for validation is '"

#define SUBDOMAIN_TEXT                                                                    \
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, " \
    "'-' or '.', and must start and end with an alphanumeric character (e.g. "            \
    "'example.com', " USED_FOR SUBDOMAIN_PATTERN "')"
#define QUALIFIED_RULE                                                                       \
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end "      \
    "with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', " USED_FOR \
        QUALIFIED_PATTERN "')"

/* --- Classes of characters --- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}
static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}
static bool is_letter(char c)
{
    return is_lower(c) || (c >= 'A' && c <= 'Z');
}
static bool is_letter_or_digit(char c)
{
    return is_letter(c) || is_digit(c);
}
static bool is_lower_or_digit(char c)
{
    return is_lower(c) || is_digit(c);
}
static bool is_lower_or_digit_or_dash(char c)
{
    return is_lower_or_digit(c) || c == '-';
}
static bool is_letter_or_digit_or_dash(char c)
{
    return is_letter_or_digit(c) || c == '-';
}
static bool is_word(char c)
{
    return is_letter_or_digit(c) || c == '_';
}
static bool is_inside_of_name(char c)
{
    return is_word(c) || c == '-' || c == '.';
}
static bool is_inside_of_reason(char c)
{
    return is_word(c) || c == ',' || c == ':';
}

static bool all_are(struct slice text, bool (*is)(char c))
{
    for (size_t i = 0; i < text.size; i++) {
        if (!is(text.data[i]))
            return false;
    }
    return true;
}
/* "first inside* last", where one character may be both first and last. */
static bool has_form(struct slice text, bool (*first)(char), bool (*inside)(char),
                     bool (*last)(char))
{
    return text.size > 0 && first(text.data[0]) && last(text.data[text.size - 1]) &&
           all_are(text, inside);
}

/* --- Forms --- */

static bool is_label(struct slice text)
{
    return has_form(text, is_lower_or_digit, is_lower_or_digit_or_dash, is_lower_or_digit);
}
static bool is_subdomain(struct slice text)
{
    struct slice rest = text, part;
    if (text.size == 0)
        return false;
    while (slice_split(&rest, '.', &part)) {
        if (!is_label(part))
            return false;
    }
    return true;
}
static bool is_name_part(struct slice text)
{
    return has_form(text, is_letter_or_digit, is_inside_of_name, is_letter_or_digit);
}

static void add(struct name_errors *errors, const char *text)
{
    PRE(errors->count < ARRAY_SIZE(errors->texts));
    errors->texts[errors->count++] = text;
}
static void add_if(struct name_errors *errors, bool wrong, const char *text)
{
    if (wrong)
        add(errors, text);
}

/* --- Texts in fields --- */

void name_check_dns_subdomain(struct slice text, struct name_errors *errors)
{
    add_if(errors, text.size > NAME_SUBDOMAIN_MAX, "must be no more than 253 characters");
    add_if(errors, !is_subdomain(text), SUBDOMAIN_TEXT);
}

void name_check_dns_label(struct slice text, struct name_errors *errors)
{
    add_if(errors, text.size > NAME_LABEL_MAX, "must be no more than 63 characters");
    if (is_label(text))
        return;
    add(errors, is_subdomain(text)
                    ? "must not contain dots"
                    : "a lowercase RFC 1123 label must consist of lower case alphanumeric "
                      "characters or '-', and must start and end with an alphanumeric character "
                      "(e.g. 'my-name',  or '123-abc', " USED_FOR LABEL_PATTERN "')");
}

void name_check_dns_1035_label(struct slice text, struct name_errors *errors)
{
    add_if(errors, text.size > NAME_LABEL_MAX, "must be no more than 63 characters");
    add_if(errors, !has_form(text, is_lower, is_lower_or_digit_or_dash, is_lower_or_digit),
           "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start "
           "with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name', "
           " or 'abc-123', " USED_FOR "[a-z]([-a-z0-9]*[a-z0-9])?')");
}

void name_check_wildcard_subdomain(struct slice text, struct name_errors *errors)
{
    bool begins = slice_starts_with(text, SLICE("*."));
    add_if(errors, text.size > NAME_SUBDOMAIN_MAX, "must be no more than 253 characters");
    add_if(errors, !begins || !is_subdomain(slice_sub(text, 2, text.size)),
           "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS "
           "subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and "
           "end with an alphanumeric character (e.g. '*.example.com', " USED_FOR
           "\\*\\." SUBDOMAIN_PATTERN "')");
}

static void check_prefix_part(struct slice prefix, struct name_errors *errors)
{
    if (prefix.size == 0) {
        add(errors, "prefix part must be non-empty");
        return;
    }
    add_if(errors, prefix.size > NAME_SUBDOMAIN_MAX, "prefix part must be no more than 253 bytes");
    add_if(errors, !is_subdomain(prefix), "prefix part " SUBDOMAIN_TEXT);
}

void name_check_qualified(struct slice text, struct name_errors *errors)
{
    ptrdiff_t slash = slice_find(text, '/');
    struct slice name = text;
    if (slash >= 0) {
        name = slice_sub(text, (size_t)slash + 1, text.size);
        if (slice_find(name, '/') >= 0) {
            add(errors, "a valid label key " QUALIFIED_RULE
                        " with an optional DNS subdomain prefix and '/' (e.g. "
                        "'example.com/MyName')");
            return;
        }
        check_prefix_part(slice_sub(text, 0, (size_t)slash), errors);
    }
    add_if(errors, name.size == 0, "name part must be non-empty");
    add_if(errors, name.size > NAME_LABEL_MAX, "name part must be no more than 63 bytes");
    add_if(errors, !is_name_part(name), "name part " QUALIFIED_RULE);
}

void name_check_label_value(struct slice text, struct name_errors *errors)
{
    add_if(errors, text.size > NAME_LABEL_MAX, "must be no more than 63 bytes");
    add_if(errors, text.size > 0 && !is_name_part(text),
           "a valid label must be an empty string or consist of alphanumeric characters, '-', "
           "'_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue', "
           " or 'my_value',  or '12345', " USED_FOR "(" QUALIFIED_PATTERN ")?')");
}

/* Keys become file names: they must not climb out of their folder. */
static void check_no_climbing(struct slice text, struct name_errors *errors)
{
    if (slice_is(text, "."))
        add(errors, "must not be '.'");
    else if (slice_is(text, ".."))
        add(errors, "must not be '..'");
    else if (slice_starts_with(text, SLICE("..")))
        add(errors, "must not start with '..'");
}

void name_check_config_map_key(struct slice text, struct name_errors *errors)
{
    add_if(errors, text.size > NAME_SUBDOMAIN_MAX, "must be no more than 253 characters");
    add_if(errors, text.size == 0 || !all_are(text, is_inside_of_name),
           "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. "
           "'key.name',  or 'KEY_NAME',  or 'key-name', " USED_FOR "[-._a-zA-Z0-9]+')");
    check_no_climbing(text, errors);
}

static bool is_printable_but_equals(char c)
{
    return c >= ' ' && c <= '~' && c != '=';
}
void name_check_env_var(struct slice text, struct name_errors *errors)
{
    add_if(errors, text.size == 0, "environment variable name must be non-empty");
    add_if(errors, !all_are(text, is_printable_but_equals),
           "a valid environment variable name must consist only of printable ASCII characters "
           "other than '='");
}

static bool has_double_dash(struct slice text)
{
    for (size_t i = 1; i < text.size; i++) {
        if (text.data[i - 1] == '-' && text.data[i] == '-')
            return true;
    }
    return false;
}
static bool has_lower(struct slice text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (is_lower(text.data[i]))
            return true;
    }
    return false;
}
/* RFC 6335, section 5.1. */
void name_check_port_name(struct slice text, struct name_errors *errors)
{
    bool dash_at_end = text.size > 0 && (text.data[0] == '-' || text.data[text.size - 1] == '-');
    add_if(errors, text.size > 15, "must be no more than 15 characters");
    add_if(errors, text.size == 0 || !all_are(text, is_lower_or_digit_or_dash),
           "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
    add_if(errors, !has_lower(text), "must contain at least one letter (a-z)");
    add_if(errors, has_double_dash(text), "must not contain consecutive hyphens");
    add_if(errors, dash_at_end, "must not begin or end with a hyphen");
}

static bool is_letter_or_underscore(char c)
{
    return is_letter(c) || c == '_';
}
void name_check_c_identifier(struct slice text, struct name_errors *errors)
{
    add_if(errors, !has_form(text, is_letter_or_underscore, is_word, is_word),
           "a valid C identifier must start with alphabetic character or '_', followed by a "
           "string of alphanumeric characters or '_' (e.g. 'my_name',  or 'MY_NAME',  or "
           "'MyName', " USED_FOR "[A-Za-z_][A-Za-z0-9_]*')");
}

void name_check_percent(struct slice text, struct name_errors *errors)
{
    bool good = text.size > 1 && text.data[text.size - 1] == '%' &&
                all_are(slice_sub(text, 0, text.size - 1), is_digit);
    add_if(errors, !good,
           "a valid percent string must be a numeric string followed by an ending '%' (e.g. "
           "'1%',  or '93%', " USED_FOR "[0-9]+%')");
}

void name_check_http_header(struct slice text, struct name_errors *errors)
{
    add_if(errors, text.size == 0 || !all_are(text, is_letter_or_digit_or_dash),
           "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. "
           "'X-Header-Name', " USED_FOR "[-A-Za-z0-9]+')");
}

void name_check_condition_reason(struct slice text, struct name_errors *errors)
{
    add_if(errors, !has_form(text, is_letter, is_inside_of_reason, is_word),
           "a condition reason must start with alphabetic character, optionally followed by a "
           "string of alphanumeric characters or '_,:', and must end with an alphanumeric "
           "character or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName',  or "
           "'ReasonA,ReasonB',  or 'ReasonA:ReasonB', " USED_FOR
           "[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?')");
}

/* --- Names of objects --- */

/* A dash at the end of a prefix is fine, since something follows: upstream looks at
 * the prefix with its last two characters replaced by one letter. */
static void check_masked(struct slice name, bool is_prefix, struct name_errors *errors,
                         void (*check)(struct slice text, struct name_errors *errors))
{
    char masked[NAME_SUBDOMAIN_MAX + 2];
    if (!is_prefix || name.size < 2 || name.data[name.size - 1] != '-') {
        check(name, errors);
        return;
    }
    /* A longer one is refused for its size, so what follows need not be looked at. */
    size_t kept = name.size - 2 < sizeof masked - 1 ? name.size - 2 : sizeof masked - 1;
    memcpy(masked, name.data, kept);
    masked[kept] = 'a';
    check((struct slice){masked, kept + 1}, errors);
}

void name_dns_subdomain(struct slice name, bool is_prefix, struct name_errors *errors)
{
    check_masked(name, is_prefix, errors, name_check_dns_subdomain);
}
void name_dns_label(struct slice name, bool is_prefix, struct name_errors *errors)
{
    check_masked(name, is_prefix, errors, name_check_dns_label);
}
void name_dns_1035_label(struct slice name, bool is_prefix, struct name_errors *errors)
{
    check_masked(name, is_prefix, errors, name_check_dns_1035_label);
}

void name_path_segment(struct slice name, bool is_prefix, struct name_errors *errors)
{
    if (!is_prefix && slice_is(name, ".")) {
        add(errors, "may not be '.'");
        return;
    }
    if (!is_prefix && slice_is(name, "..")) {
        add(errors, "may not be '..'");
        return;
    }
    add_if(errors, slice_find(name, '/') >= 0, "may not contain '/'");
    add_if(errors, slice_find(name, '%') >= 0, "may not contain '%'");
}

bool name_is(struct slice text, void (*check)(struct slice text, struct name_errors *errors))
{
    struct name_errors found = {.count = 0};
    check(text, &found);
    return found.count == 0;
}

void name_validate(struct field_errors *errors, const char *path, struct slice text,
                   void (*check)(struct slice text, struct name_errors *errors))
{
    struct name_errors found = {.count = 0};
    check(text, &found);
    for (size_t i = 0; i < found.count; i++)
        field_error_add(errors, FIELD_INVALID, path, field_value_text(errors->arena, text), "%s",
                        found.texts[i]);
}
