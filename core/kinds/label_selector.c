/* Making requirements, matching, printing. */
#include <stdlib.h>

#include "core/kinds/label_selector_private.h"
#include "core/kinds/name.h"
#include "core/kinds/view.h"

/* --- Values --- */

void label_values_add(struct arena *arena, struct label_values *values, struct slice value)
{
    if (values->count == values->capacity) {
        size_t capacity = values->capacity ? values->capacity * 2 : 4;
        struct slice *items = ARENA_ARRAY(arena, struct slice, capacity);
        if (values->count > 0)
            memcpy(items, values->items, values->count * sizeof *items);
        values->items = items;
        values->capacity = capacity;
    }
    values->items[values->count++] = value;
}

static int compare_values(const void *a, const void *b)
{
    return slice_compare(*(const struct slice *)a, *(const struct slice *)b);
}
void label_values_sort(struct label_values *values)
{
    size_t kept = 0;
    if (values->count > 1)
        qsort(values->items, values->count, sizeof *values->items, compare_values);
    for (size_t i = 0; i < values->count; i++) {
        if (kept == 0 || !slice_equal(values->items[i], values->items[kept - 1]))
            values->items[kept++] = values->items[i];
    }
    values->count = kept;
}

/* --- Making requirements --- */

static const char *join(struct arena *arena, const struct name_errors *found)
{
    const char *text = NULL;
    for (size_t i = 0; i < found->count; i++)
        text = text ? arena_format(arena, "%s; %s", text, found->texts[i]) : found->texts[i];
    return text;
}
const char *label_key_error(struct arena *arena, struct slice key)
{
    struct name_errors found = {.count = 0};
    name_check_qualified(key, &found);
    return join(arena, &found);
}

struct wrongs { /* What is wrong with a requirement; one text, or several in brackets. */
    struct arena *arena;
    const char *text;
    size_t count;
};
static void add_wrong(struct wrongs *wrongs, const char *text)
{
    wrongs->text = wrongs->text ? arena_format(wrongs->arena, "%s, %s", wrongs->text, text) : text;
    wrongs->count++;
}

static void check_count(const struct label_requirement *requirement, struct wrongs *wrongs)
{
    switch (requirement->relation) {
    case LABEL_IN:
    case LABEL_NOT_IN:
        if (requirement->value_count == 0)
            add_wrong(wrongs, "values: Invalid value: null: for 'in', 'notin' operators, values "
                              "set can't be empty");
        return;
    case LABEL_EXISTS:
    case LABEL_DOES_NOT_EXIST: {
        const char *list = "";
        for (size_t i = 0; i < requirement->value_count; i++)
            list = arena_format(wrongs->arena, "%s%s%s", list, i > 0 ? "," : "",
                                field_value_text(wrongs->arena, requirement->values[i]));
        if (requirement->value_count > 0)
            add_wrong(wrongs, arena_format(wrongs->arena,
                                           "values: Invalid value: [%s]: values set must be empty "
                                           "for exists and does not exist",
                                           list));
        return;
    }
    default: PRE(requirement->value_count == 1);
    }
}

static void check_bound(struct label_requirement *requirement, struct wrongs *wrongs)
{
    bool has_bound = requirement->relation == LABEL_GREATER || requirement->relation == LABEL_LESS;
    if (!has_bound)
        return;
    PRE(requirement->values != NULL);
    struct slice value = requirement->values[0], digits = value;
    if (value.size > 1 && value.data[0] == '+')
        digits = slice_sub(value, 1, value.size);
    if (!slice_to_int64(digits, &requirement->bound))
        add_wrong(wrongs, arena_format(wrongs->arena,
                                       "values[0]: Invalid value: %s: for 'Gt', 'Lt' operators, "
                                       "the value must be an integer",
                                       field_value_text(wrongs->arena, value)));
}

static void check_values(const struct label_requirement *requirement, struct wrongs *wrongs)
{
    for (size_t i = 0; i < requirement->value_count; i++) {
        struct name_errors found = {.count = 0};
        name_check_label_value(requirement->values[i], &found);
        if (found.count > 0)
            add_wrong(wrongs, arena_format(wrongs->arena,
                                           "values[%zu][" SLICE_FORMAT "]: Invalid value: %s: %s",
                                           i, SLICE_ARGS(requirement->key),
                                           field_value_text(wrongs->arena, requirement->values[i]),
                                           join(wrongs->arena, &found)));
    }
}

const char *label_requirement_make(struct arena *arena, struct slice key,
                                   enum label_operator relation, const struct label_values *values,
                                   struct label_requirement *requirement)
{
    struct wrongs wrongs = {.arena = arena};
    const char *key_error = label_key_error(arena, key);
    *requirement = (struct label_requirement){
        .key = key, .relation = relation, .values = values->items, .value_count = values->count};
    if (key_error)
        add_wrong(&wrongs, arena_format(arena, "key: Invalid value: %s: %s",
                                        field_value_text(arena, key), key_error));
    check_count(requirement, &wrongs);
    check_bound(requirement, &wrongs);
    check_values(requirement, &wrongs);
    return wrongs.count > 1 ? arena_format(arena, "[%s]", wrongs.text) : wrongs.text;
}

void label_requirements_sort(struct label_requirement *requirements, size_t count)
{
    /* Merging halves keeps the order of equal keys; a request's selector may be long. */
    if (count < 2)
        return;
    size_t half = count / 2, left = 0, right = half, at = 0;
    label_requirements_sort(requirements, half);
    label_requirements_sort(requirements + half, count - half);
    struct label_requirement *merged = mem_alloc(count * sizeof *merged);
    while (at < count) {
        bool takes_left =
            right == count ||
            (left < half && slice_compare(requirements[left].key, requirements[right].key) <= 0);
        merged[at++] = requirements[takes_left ? left++ : right++];
    }
    memcpy(requirements, merged, count * sizeof *merged);
    mem_free(merged);
}

/* --- From JSON --- */

static bool read_operator(struct slice text, enum label_operator *relation)
{
    static const struct {
        const char *name;
        enum label_operator relation;
    } names[] = {{"In", LABEL_IN},
                 {"NotIn", LABEL_NOT_IN},
                 {"Exists", LABEL_EXISTS},
                 {"DoesNotExist", LABEL_DOES_NOT_EXIST}};
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        if (slice_is(text, names[i].name)) {
            *relation = names[i].relation;
            return true;
        }
    }
    return false;
}

static const char *make_from_expression(struct arena *arena, const struct json *expression,
                                        struct label_requirement *requirement)
{
    struct label_values values = {0};
    enum label_operator relation;
    struct slice name = json_string(json_get(expression, "operator"));
    if (!read_operator(name, &relation))
        return arena_format(arena, "%s is not a valid label selector operator",
                            field_value_text(arena, name));
    JSON_EACH(value, json_get(expression, "values"))
        label_values_add(arena, &values, json_string(value));
    label_values_sort(&values);
    return label_requirement_make(arena, json_string(json_get(expression, "key")), relation,
                                  &values, requirement);
}

static const char *make_from_label(struct arena *arena, const struct json *label,
                                   struct label_requirement *requirement)
{
    struct label_values values = {0};
    label_values_add(arena, &values, json_string(label));
    return label_requirement_make(arena, json_key(label), LABEL_EQUALS, &values, requirement);
}

int label_selector_from_json(struct arena *arena, const struct json *json,
                             struct label_selector *selector, struct status *status)
{
    const struct json *labels = json_get(json, "matchLabels");
    const struct json *expressions = json_get(json, "matchExpressions");
    size_t count = json_count(labels) + json_count(expressions);
    const char *error = NULL;
    *selector = (struct label_selector){.selects_nothing = json == NULL};
    selector->requirements = ARENA_ARRAY(arena, struct label_requirement, count + 1);
    JSON_EACH(label, labels) {
        if (!error)
            error = make_from_label(arena, label, &selector->requirements[selector->count++]);
    }
    JSON_EACH(expression, expressions) {
        if (!error)
            error =
                make_from_expression(arena, expression, &selector->requirements[selector->count++]);
    }
    if (error)
        return status_fail(status, STATUS_BAD_REQUEST, "%s", error);
    label_requirements_sort(selector->requirements, selector->count);
    return 0;
}

void label_selector_from_labels(struct arena *arena, const struct json *labels,
                                struct label_selector *selector)
{
    *selector = (struct label_selector){0};
    selector->requirements = ARENA_ARRAY(arena, struct label_requirement, json_count(labels) + 1);
    JSON_EACH(label, labels) {
        struct slice *value = ARENA_NEW(arena, struct slice);
        *value = json_string(label);
        selector->requirements[selector->count++] = (struct label_requirement){
            .key = json_key(label), .relation = LABEL_EQUALS, .values = value, .value_count = 1};
    }
    label_requirements_sort(selector->requirements, selector->count);
}

/* --- Matching --- */

bool label_selector_is_empty(const struct label_selector *selector)
{
    return selector->count == 0 && !selector->selects_nothing;
}

static bool has_value(const struct label_requirement *requirement, struct slice value)
{
    for (size_t i = 0; i < requirement->value_count; i++) {
        if (slice_equal(requirement->values[i], value))
            return true;
    }
    return false;
}

static bool holds(const struct label_requirement *requirement, bool exists, struct slice value)
{
    int64_t number;
    switch (requirement->relation) {
    case LABEL_EXISTS: return exists;
    case LABEL_DOES_NOT_EXIST: return !exists;
    case LABEL_EQUALS:
    case LABEL_DOUBLE_EQUALS:
    case LABEL_IN: return exists && has_value(requirement, value);
    case LABEL_NOT_EQUALS:
    case LABEL_NOT_IN: return !exists || !has_value(requirement, value);
    case LABEL_GREATER:
        return exists && slice_to_int64(value, &number) && number > requirement->bound;
    case LABEL_LESS: return exists && slice_to_int64(value, &number) && number < requirement->bound;
    }
    UNREACHABLE("label operator");
}

bool label_selector_matches_view(const struct label_selector *selector, struct slice view)
{
    for (size_t i = 0; i < selector->count; i++) {
        struct slice value = {NULL, 0};
        bool exists = view_label(view, selector->requirements[i].key, &value);
        if (!holds(&selector->requirements[i], exists, value))
            return false;
    }
    return !selector->selects_nothing;
}

bool label_selector_matches_labels(const struct label_selector *selector, const struct json *labels)
{
    for (size_t i = 0; i < selector->count; i++) {
        const struct json *label = json_get_slice(labels, selector->requirements[i].key);
        if (!holds(&selector->requirements[i], label != NULL, json_string(label)))
            return false;
    }
    return !selector->selects_nothing;
}

/* --- Printing --- */

static void append_requirement(const struct label_requirement *requirement, struct buffer *text)
{
    static const char *const operators[] = {
        [LABEL_EXISTS] = "",          [LABEL_DOES_NOT_EXIST] = "", [LABEL_EQUALS] = "=",
        [LABEL_DOUBLE_EQUALS] = "==", [LABEL_NOT_EQUALS] = "!=",   [LABEL_IN] = " in (",
        [LABEL_NOT_IN] = " notin (",  [LABEL_GREATER] = ">",       [LABEL_LESS] = "<"};
    bool is_set = requirement->relation == LABEL_IN || requirement->relation == LABEL_NOT_IN;
    if (requirement->relation == LABEL_DOES_NOT_EXIST)
        buffer_append_byte(text, '!');
    buffer_append_slice(text, requirement->key);
    buffer_append_text(text, operators[requirement->relation]);
    for (size_t i = 0; i < requirement->value_count; i++) {
        if (i > 0)
            buffer_append_byte(text, ',');
        buffer_append_slice(text, requirement->values[i]);
    }
    if (is_set)
        buffer_append_byte(text, ')');
}

void label_selector_append(const struct label_selector *selector, struct buffer *text)
{
    for (size_t i = 0; i < selector->count; i++) {
        if (i > 0)
            buffer_append_byte(text, ',');
        append_requirement(&selector->requirements[i], text);
    }
}
