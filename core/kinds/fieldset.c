/* Sets of fields: order and operations. Both arguments are in order, so every
 * operation is one walk over the two. */
#include "core/kinds/fieldset.h"

/* --- Building --- */

static struct fieldset *copy_node(struct arena *arena, const struct fieldset *node)
{
    struct fieldset *copy = arena_alloc_raw(arena, sizeof(*copy), _Alignof(struct fieldset));
    *copy = *node;
    copy->next = NULL;
    return copy;
}

void fieldset_add_path(struct arena *arena, struct fieldset *root, const char *path)
{
    struct slice rest = slice_of(path);
    struct slice name;
    struct fieldset *set = NULL;
    struct fieldset **place = &set;
    if (rest.size == 0)
        return;
    while (slice_split(&rest, '.', &name)) {
        struct fieldset *node = ARENA_NEW(arena, struct fieldset);
        *node = (struct fieldset){.kind = 'f', .text = name, .is_member = rest.data == NULL};
        *place = node;
        place = &node->first;
    }
    for (struct fieldset *node = set; node; node = node->first)
        node->last = node->first;
    const struct fieldset added = {.first = set, .last = set};
    *root = *fieldset_union(arena, root, &added);
}

/* --- Order --- */

static int rank(char kind)
{
    static const char kinds[] = "fkvi";
    return (int)(strchr(kinds, kind) - kinds);
}

static int compare_numbers(double a, double b)
{
    return (a > b) - (a < b);
}

int fieldset_compare_values(const struct json *a, const struct json *b)
{
    static const int ranks[] = {
        [JSON_NUMBER] = 1, [JSON_STRING] = 2, [JSON_BOOL] = 3,
        [JSON_ARRAY] = 4,  [JSON_OBJECT] = 5, [JSON_NULL] = 6,
    };
    int order = ranks[json_type(a)] - ranks[json_type(b)];
    if (order != 0)
        return order;
    if (json_is(a, JSON_STRING))
        return slice_compare(json_string(a), json_string(b));
    if (json_is(a, JSON_BOOL))
        return json_bool(a) - json_bool(b);
    int64_t i;
    int64_t j;
    double x;
    double y;
    if (json_to_int64(a, &i) && json_to_int64(b, &j)) /* Ports, mostly. */
        return (i > j) - (i < j);
    if (json_to_double(a, &x) && json_to_double(b, &y))
        return compare_numbers(x, y);
    return 0;
}

/* Keys are read sorted by name, so members pair up. */
static int compare_keys(const struct json *a, const struct json *b)
{
    a = json_first(a);
    b = json_first(b);
    for (; a && b; a = json_next(a), b = json_next(b)) {
        int order = slice_compare(json_key(a), json_key(b));
        if (order == 0)
            order = fieldset_compare_values(a, b);
        if (order != 0)
            return order;
    }
    return (a != NULL) - (b != NULL);
}

static struct json *parse_step(struct arena *arena, struct slice text)
{
    struct status status = {0};
    struct json *value = json_parse(arena, text, NULL, &status);
    json_sort(value);
    status_release(&status);
    return value;
}

int fieldset_compare(struct arena *arena, const struct fieldset *a, const struct fieldset *b)
{
    if (a->kind != b->kind)
        return rank(a->kind) - rank(b->kind);
    if (a->kind == 'f' || slice_equal(a->text, b->text))
        return slice_compare(a->text, b->text);
    int64_t x = 0;
    int64_t y = 0;
    if (a->kind == 'i' && slice_to_int64(a->text, &x) && slice_to_int64(b->text, &y))
        return (x > y) - (x < y);
    const struct json *left = parse_step(arena, a->text);
    const struct json *right = parse_step(arena, b->text);
    return a->kind == 'k' ? compare_keys(left, right) : fieldset_compare_values(left, right);
}

const struct fieldset *fieldset_find(struct arena *arena, const struct fieldset *parent, char kind,
                                     struct slice text)
{
    const struct fieldset step = {.kind = kind, .text = text};
    for (const struct fieldset *child = parent->first; child; child = child->next)
        if (child->kind == kind && fieldset_compare(arena, child, &step) == 0)
            return child;
    return NULL;
}

/* --- Operations --- */

/* What becomes of a node that both have, and whether nodes of one alone stay. */
struct operation {
    bool (*is_member)(bool in_a, bool in_b);
    bool keeps_a;
    bool keeps_b;
    bool is_deep; /* A member of b takes all that is below it. */
};

static bool in_either(bool in_a, bool in_b)
{
    return in_a || in_b;
}
static bool in_both(bool in_a, bool in_b)
{
    return in_a && in_b;
}
static bool in_first(bool in_a, bool in_b)
{
    return in_a && !in_b;
}

static struct fieldset *combine(struct arena *arena, const struct operation *operation,
                                const struct fieldset *a, const struct fieldset *b)
{
    struct fieldset *result = copy_node(arena, a);
    result->first = result->last = NULL;
    result->is_member = operation->is_member(a->is_member, b->is_member);
    if (operation->is_deep && b->is_member && b->kind != 0)
        return result;
    const struct fieldset *x = a->first;
    const struct fieldset *y = b->first;
    while (x || y) {
        int order = !y ? -1 : !x ? 1 : fieldset_compare(arena, x, y);
        if (order < 0 && operation->keeps_a)
            fieldset_append(arena, result, x);
        else if (order > 0 && operation->keeps_b)
            fieldset_append(arena, result, y);
        else if (order == 0)
            fieldset_append(arena, result, combine(arena, operation, x, y));
        x = order <= 0 ? x->next : x;
        y = order >= 0 ? y->next : y;
    }
    return result;
}

struct fieldset *fieldset_union(struct arena *arena, const struct fieldset *a,
                                const struct fieldset *b)
{
    static const struct operation operation = {in_either, .keeps_a = true, .keeps_b = true};
    return combine(arena, &operation, a, b);
}

struct fieldset *fieldset_intersection(struct arena *arena, const struct fieldset *a,
                                       const struct fieldset *b)
{
    static const struct operation operation = {in_both, .keeps_a = false};
    return combine(arena, &operation, a, b);
}

struct fieldset *fieldset_difference(struct arena *arena, const struct fieldset *a,
                                     const struct fieldset *b)
{
    static const struct operation operation = {in_first, .keeps_a = true};
    return combine(arena, &operation, a, b);
}

struct fieldset *fieldset_difference_below(struct arena *arena, const struct fieldset *a,
                                           const struct fieldset *b)
{
    static const struct operation operation = {in_first, .keeps_a = true, .is_deep = true};
    return combine(arena, &operation, a, b);
}
