#include "api/rbac_cover.h"

#include <stdlib.h>

#include "core/map.h"

void rbac_rule_list_add(struct rbac_rule_list *list, const struct json *rule)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity * 2 + 32;
        const struct json **items = ARENA_ARRAY(list->arena, const struct json *, capacity);
        if (list->count > 0)
            memcpy(items, list->items, list->count * sizeof(*items));
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->count++] = rule;
}

/* --- One rule over one atom --- */

struct atom {
    const struct json *group;    /* NULL with an URL; */
    const struct json *resource;
    const struct json *name;     /* NULL: any. */
    const struct json *url;      /* NULL with a resource. */
    const struct json *verb;
};

static bool has(const struct json *list, struct slice text)
{
    JSON_EACH(item, list)
        if (slice_equal(json_string(item), text))
            return true;
    return false;
}

static bool has_or_all(const struct json *list, struct slice text)
{
    return has(list, SLICE("*")) || has(list, text);
}

/* pods/log is covered by itself, by * and by the any-resource form of its subresource. */
static bool covers_resource(const struct json *resources, struct slice resource)
{
    if (has_or_all(resources, resource))
        return true;
    ptrdiff_t slash = slice_find(resource, '/');
    if (slash < 0)
        return false;
    struct slice sub = slice_sub(resource, (size_t)slash, resource.size);
    JSON_EACH(item, resources) {
        struct slice text = json_string(item);
        if (text.size == sub.size + 1 && text.data[0] == '*' && slice_ends_with(text, sub))
            return true;
    }
    return false;
}

static bool covers_url(const struct json *urls, struct slice url)
{
    JSON_EACH(item, urls) {
        struct slice text = json_string(item);
        if (slice_equal(text, url))
            return true;
        if (slice_ends_with(text, SLICE("*"))) {
            while (text.size > 0 && text.data[text.size - 1] == '*')
                text.size--;
            if (slice_starts_with(url, text))
                return true;
        }
    }
    return false;
}

static bool covers_name(const struct json *names, const struct json *name)
{
    return json_count(names) == 0 || (name && has(names, json_string(name)));
}

static bool rule_covers(const struct json *rule, const struct atom *atom)
{
    if (!has_or_all(json_get(rule, "verbs"), json_string(atom->verb)))
        return false;
    if (atom->url)
        return covers_url(json_get(rule, "nonResourceURLs"), json_string(atom->url)) &&
               covers_name(json_get(rule, "resourceNames"), NULL);
    return has_or_all(json_get(rule, "apiGroups"), json_string(atom->group)) &&
           covers_resource(json_get(rule, "resources"), json_string(atom->resource)) &&
           covers_name(json_get(rule, "resourceNames"), atom->name);
}

/* --- Breaking wanted rules into atoms --- */

struct comparison {
    struct arena *arena;
    const struct rbac_rule_list *held;
    struct json *missing;
    size_t missing_count;
    size_t atom_count;
};

static void set_one(struct arena *arena, struct json *rule, const char *field,
                    const struct json *value)
{
    if (value)
        json_append(json_set(arena, rule, field, json_new_array(arena)), json_copy(arena, value));
}

static void add_missing(struct comparison *comparison, const struct atom *atom)
{
    struct arena *arena = comparison->arena;
    struct json *rule = json_new_object(arena);
    set_one(arena, rule, "verbs", atom->verb);
    set_one(arena, rule, "apiGroups", atom->group);
    set_one(arena, rule, "resources", atom->resource);
    set_one(arena, rule, "resourceNames", atom->name);
    set_one(arena, rule, "nonResourceURLs", atom->url);
    json_append(comparison->missing, rule);
    comparison->missing_count++;
}

/* False: enough was seen. */
static bool check(struct comparison *comparison, const struct atom *atom)
{
    if (comparison->atom_count++ == RBAC_ATOMS_MAX)
        return false;
    for (size_t i = 0; i < comparison->held->count; i++)
        if (rule_covers(comparison->held->items[i], atom))
            return true;
    add_missing(comparison, atom);
    return comparison->missing_count < RBAC_MISSING_MAX;
}

static bool check_names(struct comparison *comparison, const struct json *names, struct atom *atom)
{
    atom->name = NULL;
    if (json_count(names) == 0)
        return check(comparison, atom);
    JSON_EACH(name, names) {
        atom->name = name;
        if (!check(comparison, atom))
            return false;
    }
    return true;
}

static bool check_resources(struct comparison *comparison, const struct json *rule)
{
    const struct json *names = json_get(rule, "resourceNames");
    JSON_EACH(group, json_get(rule, "apiGroups"))
        JSON_EACH(resource, json_get(rule, "resources"))
            JSON_EACH(verb, json_get(rule, "verbs")) {
                struct atom atom = {.group = group, .resource = resource, .verb = verb};
                if (!check_names(comparison, names, &atom))
                    return false;
            }
    return true;
}

static bool check_urls(struct comparison *comparison, const struct json *rule)
{
    JSON_EACH(url, json_get(rule, "nonResourceURLs"))
        JSON_EACH(verb, json_get(rule, "verbs")) {
            struct atom atom = {.url = url, .verb = verb};
            if (!check(comparison, &atom))
                return false;
        }
    return true;
}

bool rbac_missing_rules(struct arena *arena, const struct rbac_rule_list *held,
                        const struct json *wanted, struct json **missing)
{
    struct comparison comparison = {.arena = arena, .held = held};
    *missing = comparison.missing = json_new_array(arena);
    JSON_EACH(rule, wanted)
        if (!check_resources(&comparison, rule) || !check_urls(&comparison, rule))
            break;
    return comparison.atom_count <= RBAC_ATOMS_MAX;
}

/* --- Telling --- */

static bool is_simple(const struct json *rule)
{
    return json_count(json_get(rule, "resourceNames")) == 0 &&
           json_count(json_get(rule, "nonResourceURLs")) == 0 &&
           json_count(json_get(rule, "apiGroups")) == 1 &&
           json_count(json_get(rule, "resources")) == 1;
}

/* Simple rules of one resource become one (upstream's CompactRules). */
static struct json *compact(struct arena *arena, const struct json *rules)
{
    struct map by_resource;
    struct buffer key = {0};
    map_init(&by_resource);
    struct json *compacted = json_new_array(arena);
    JSON_EACH(rule, rules) {
        buffer_clear(&key);
        buffer_append_slice(&key, json_string(json_first(json_get(rule, "apiGroups"))));
        buffer_append_byte(&key, '\0');
        buffer_append_slice(&key, json_string(json_first(json_get(rule, "resources"))));
        struct json *same = is_simple(rule) ? map_get(&by_resource, buffer_slice(&key)) : NULL;
        struct json *copy = same ? NULL : json_copy(arena, rule);
        if (copy)
            json_append(compacted, copy);
        if (copy && is_simple(rule))
            map_set(&by_resource, buffer_slice(&key), copy);
        JSON_EACH(verb, same ? json_get(rule, "verbs") : NULL)
            json_append(json_get(same, "verbs"), json_copy(arena, verb));
    }
    map_release(&by_resource);
    buffer_release(&key);
    return compacted;
}

/* `Verbs:["get" "list"]`, Go's %q of a list. */
static void append_list(struct arena *arena, const struct json *rule, const char *field,
                        const char *label, struct buffer *text)
{
    const struct json *list = json_get(rule, field);
    if (json_count(list) == 0)
        return;
    buffer_format(text, "%s%s:[", text->size > 1 ? ", " : "", label);
    const char *separator = "";
    JSON_EACH(item, list) {
        buffer_format(text, "%s%s", separator, field_value_text(arena, json_string(item)));
        separator = " ";
    }
    buffer_append_byte(text, ']');
}

static const char *describe(struct arena *arena, const struct json *rule)
{
    struct buffer text = {0};
    buffer_append_byte(&text, '{');
    append_list(arena, rule, "apiGroups", "APIGroups", &text);
    append_list(arena, rule, "resources", "Resources", &text);
    append_list(arena, rule, "nonResourceURLs", "NonResourceURLs", &text);
    append_list(arena, rule, "resourceNames", "ResourceNames", &text);
    append_list(arena, rule, "verbs", "Verbs", &text);
    buffer_append_byte(&text, '}');
    const char *copy = arena_copy_slice(arena, buffer_slice(&text));
    buffer_release(&text);
    return copy;
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char *rbac_describe_rules(struct arena *arena, const struct json *rules)
{
    struct json *compacted = compact(arena, rules);
    size_t count = 0;
    const char **lines = ARENA_ARRAY(arena, const char *, json_count(compacted) + 1);
    JSON_EACH(rule, compacted)
        lines[count++] = describe(arena, rule);
    qsort(lines, count, sizeof(*lines), compare_texts);
    struct buffer text = {0};
    for (size_t i = 0; i < count; i++)
        if (i == 0 || strcmp(lines[i], lines[i - 1]) != 0)
            buffer_format(&text, "%s%s", i > 0 ? "\n" : "", lines[i]);
    const char *copy = arena_copy_slice(arena, buffer_slice(&text));
    buffer_release(&text);
    return copy;
}
