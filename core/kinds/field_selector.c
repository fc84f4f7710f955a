/* The text form of k8s.io/apimachinery pkg/fields:
 *
 *     selector = term {"," term}      empty terms are skipped
 *     term     = field ("=" | "==" | "!=") value
 *
 * A backslash in a value keeps "\", "," and "=" from meaning something. Upstream
 * reads terms in sorted order; of several errors that order says which is told. */
#include "core/kinds/field_selector.h"

#include <stdlib.h>

#include "core/kinds/view.h"

/* --- Parsing --- */

struct term {
    struct slice field;
    struct slice value; /* Escapes not yet undone. */
    bool is_not;
};

/* The place of the first comma that no backslash precedes, or the end. */
static size_t term_size(struct slice text)
{
    bool is_escaped = false;
    for (size_t i = 0; i < text.size; i++) {
        if (is_escaped)
            is_escaped = false;
        else if (text.data[i] == '\\')
            is_escaped = true;
        else if (text.data[i] == ',')
            return i;
    }
    return text.size;
}

static size_t split_terms(struct slice text, struct slice *terms)
{
    size_t count = 0;
    for (;;) {
        size_t size = term_size(text);
        if (size > 0)
            terms[count++] = slice_sub(text, 0, size);
        if (size == text.size)
            return count;
        text = slice_sub(text, size + 1, text.size);
    }
}

static int compare_terms(const void *a, const void *b)
{
    return slice_compare(*(const struct slice *)a, *(const struct slice *)b);
}

static bool split_term(struct slice text, struct term *term)
{
    for (size_t i = 0; i < text.size; i++) {
        struct slice rest = slice_sub(text, i, text.size);
        bool is_not = slice_starts_with(rest, SLICE("!="));
        if (!is_not && rest.data[0] != '=')
            continue;
        size_t size = is_not || slice_starts_with(rest, SLICE("==")) ? 2 : 1;
        *term = (struct term){slice_sub(text, 0, i), slice_sub(rest, size, rest.size), is_not};
        return true;
    }
    return false;
}

/* The bytes of the character that text begins with. */
static size_t character_size(struct slice text)
{
    size_t size = 1;
    while (size < text.size && ((unsigned char)text.data[size] & 0xc0) == 0x80)
        size++;
    return size;
}

static int unescape(struct arena *arena, struct slice text, struct slice *value,
                    struct status *status)
{
    char *kept = arena_copy_slice(arena, text);
    size_t size = 0;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        if (c == ',' || c == '=')
            return status_fail(status, STATUS_BAD_REQUEST,
                               "invalid field selector: unescaped character in value: %d", c);
        if (c == '\\') {
            struct slice rest = slice_sub(text, ++i, text.size);
            if (rest.size == 0 || !memchr("\\,=", rest.data[0], 3))
                return status_fail(
                    status, STATUS_BAD_REQUEST,
                    "invalid field selector: invalid escape sequence: \\" SLICE_FORMAT,
                    SLICE_ARGS(slice_sub(rest, 0, character_size(rest))));
            c = rest.data[0];
        }
        kept[size++] = c;
    }
    *value = (struct slice){kept, size};
    return 0;
}

static int fail_unknown(const struct kind *kind, struct slice field, struct status *status)
{
    const char *name = arena_copy_slice(&status->arena, field);
    if (kind->field_error)
        return status_fail(status, STATUS_BAD_REQUEST, kind->field_error, name);
    return status_fail(status, STATUS_BAD_REQUEST,
                       "%s is not a known field selector: only \"metadata.name\", "
                       "\"metadata.namespace\"",
                       field_value_text(&status->arena, field));
}

static int find_field(const struct kind *kind, struct slice field, int *index,
                      struct status *status)
{
    if (slice_is(field, "metadata.name")) {
        *index = FIELD_OF_NAME;
        return 0;
    }
    /* Kinds with a text of their own know no namespace where they have none. */
    if (slice_is(field, "metadata.namespace") && (kind->namespaced || !kind->field_error)) {
        *index = FIELD_OF_NAMESPACE;
        return 0;
    }
    for (int i = 0; kind->fields && kind->fields[i].path; i++) {
        if (slice_is(field, kind->fields[i].path)) {
            *index = i;
            return 0;
        }
    }
    return fail_unknown(kind, field, status);
}

static size_t terms_max(struct slice text)
{
    size_t count = 1;
    for (size_t i = 0; i < text.size; i++)
        count += text.data[i] == ',';
    return count;
}

int field_selector_parse(struct arena *arena, const struct kind *kind, struct slice text,
                         struct field_selector *selector, struct status *status)
{
    size_t max = terms_max(text);
    struct slice own = {arena_copy_slice(arena, text), text.size};
    struct slice *terms = ARENA_ARRAY(arena, struct slice, max);
    size_t count = split_terms(own, terms);
    *selector =
        (struct field_selector){.requirements = ARENA_ARRAY(arena, struct field_requirement, max)};
    qsort(terms, count, sizeof *terms, compare_terms);
    for (size_t i = 0; i < count; i++) {
        struct field_requirement *requirement = &selector->requirements[i];
        struct term term;
        if (!split_term(terms[i], &term))
            return status_fail(status, STATUS_BAD_REQUEST,
                               "invalid selector: '" SLICE_FORMAT
                               "'; can't understand '" SLICE_FORMAT "'",
                               SLICE_ARGS(own), SLICE_ARGS(terms[i]));
        *requirement = (struct field_requirement){.field = term.field, .is_not = term.is_not};
        if (unescape(arena, term.value, &requirement->value, status))
            return -1;
    }
    for (size_t i = 0; i < count; i++) {
        struct field_requirement requirement = selector->requirements[i];
        if (requirement.field.size == 0 && requirement.value.size == 0)
            continue; /* A lone operator asks for nothing. */
        if (find_field(kind, requirement.field, &requirement.index, status))
            return -1;
        selector->requirements[selector->count++] = requirement;
    }
    return 0;
}

/* --- Matching --- */

bool field_selector_is_empty(const struct field_selector *selector)
{
    return selector->count == 0;
}

static struct slice value_of(const struct object *object, int index)
{
    struct slice value = {NULL, 0};
    if (index == FIELD_OF_NAME)
        return key_name(object_key(object));
    if (index == FIELD_OF_NAMESPACE)
        return key_namespace(object_key(object));
    view_find(object_view(object), (uint8_t)(VIEW_FIELD + index), &value);
    return value;
}

bool field_selector_matches(const struct field_selector *selector, const struct object *object)
{
    for (size_t i = 0; i < selector->count; i++) {
        const struct field_requirement *requirement = &selector->requirements[i];
        bool is_equal = slice_equal(value_of(object, requirement->index), requirement->value);
        if (is_equal == requirement->is_not)
            return false;
    }
    return true;
}

bool field_selector_exact(const struct field_selector *selector, int field, struct slice *value)
{
    for (size_t i = 0; i < selector->count; i++) {
        const struct field_requirement *requirement = &selector->requirements[i];
        if (requirement->index != field || requirement->is_not)
            continue;
        *value = requirement->value;
        return true;
    }
    return false;
}
