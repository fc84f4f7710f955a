/* See validate_placement.h. */
#include "core/kinds/validate_placement.h"

#include "core/kinds/label_selector.h"
#include "core/kinds/meta.h"
#include "core/kinds/schema.h"
#include "core/kinds/text_map.h"

#define REQUIRED_TERMS "requiredDuringSchedulingIgnoredDuringExecution"
#define PREFERRED_TERMS "preferredDuringSchedulingIgnoredDuringExecution"

static const char *const taint_effects[] = {"NoSchedule", "PreferNoSchedule", "NoExecute", NULL};

static struct slice text_at(const struct json *object, const char *name)
{
    return json_string(json_get(object, name));
}
static void check_selector(const struct json *selector, const struct field_path *path,
                           struct field_errors *errors)
{
    if (selector)
        label_selector_validate(selector, path_text(errors->arena, path), errors);
}

/* --- Nodes --- */

/* Values of what is only preferred are not checked: they may yet match nothing. */
static void check_expression(const struct json *expression, bool checks_values,
                             const struct field_path *path, struct field_errors *errors)
{
    static const char *const with_values[] = {"In", "NotIn", NULL};
    static const char *const without_values[] = {"Exists", "DoesNotExist", NULL};
    static const char *const with_number[] = {"Gt", "Lt", NULL};
    struct slice operator= text_at(expression, "operator");
    const struct json *values = json_get(expression, "values");
    const struct field_path *at = AT(path, "values");
    size_t index = 0;
    if (text_is_one_of(operator, with_values)) {
        if (!json_first(values))
            path_required(errors, at, "must be specified when `operator` is 'In' or 'NotIn'");
    } else if (text_is_one_of(operator, without_values)) {
        if (json_first(values))
            path_forbidden(errors, at,
                           "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
    } else if (text_is_one_of(operator, with_number)) {
        if (json_count(values) != 1)
            path_required(errors, at,
                          "must be specified single value when `operator` is 'Lt' or 'Gt'");
    } else {
        path_invalid_text(errors, AT(path, "operator"), operator, "not a valid selector operator");
    }
    path_check_name(errors, AT(path, "key"), text_at(expression, "key"), name_check_qualified);
    if (!checks_values)
        return;
    JSON_EACH(value, values)
        path_check_name(errors, AT_ITEM(at, index++), json_string(value), name_check_label_value);
}
static void check_field(const struct json *requirement, const struct field_path *path,
                        struct field_errors *errors)
{
    static const char *const with_values[] = {"In", "NotIn", NULL};
    struct slice operator= text_at(requirement, "operator"), key = text_at(requirement, "key");
    const struct json *values = json_get(requirement, "values");
    const struct field_path *at = AT(path, "values");
    size_t index = 0;
    if (!text_is_one_of(operator, with_values))
        path_invalid_text(errors, AT(path, "operator"), operator, "not a valid selector operator");
    else if (json_count(values) != 1)
        path_required(errors, at,
                      "must be only one value when `operator` is 'In' or 'NotIn' for "
                      "node field selector");
    if (!slice_is(key, "metadata.name")) {
        path_invalid_text(errors, AT(path, "key"), key, "not a valid field selector key");
        return;
    }
    JSON_EACH(value, values)
        path_check_name(errors, AT_ITEM(at, index++), json_string(value), name_check_dns_subdomain);
}
static void check_node_term(const struct json *term, bool checks_values,
                            const struct field_path *path, struct field_errors *errors)
{
    size_t index = 0;
    JSON_EACH(expression, json_get(term, "matchExpressions"))
        check_expression(expression, checks_values, AT_ITEM(AT(path, "matchExpressions"), index++),
                         errors);
    index = 0;
    JSON_EACH(field, json_get(term, "matchFields"))
        check_field(field, AT_ITEM(AT(path, "matchFields"), index++), errors);
}

static void check_weight(const struct json *term, const struct field_path *path,
                         struct field_errors *errors)
{
    int64_t weight = 0;
    json_to_int64(json_get(term, "weight"), &weight);
    if (weight < 1 || weight > 100)
        path_invalid_int(errors, AT(path, "weight"), weight, "must be in the range 1-100");
}

static void check_node_affinity(const struct json *affinity, const struct field_path *path,
                                struct field_errors *errors)
{
    const struct json *required = json_get(affinity, REQUIRED_TERMS);
    const struct json *terms = json_get(required, "nodeSelectorTerms");
    const struct field_path *at = AT(AT(path, REQUIRED_TERMS), "nodeSelectorTerms");
    size_t index = 0;
    if (required && !json_first(terms))
        path_required(errors, at, "must have at least one node selector term");
    JSON_EACH(term, terms)
        check_node_term(term, true, AT_ITEM(at, index++), errors);
    index = 0;
    JSON_EACH(term, json_get(affinity, PREFERRED_TERMS)) {
        const struct field_path *here = AT_ITEM(AT(path, PREFERRED_TERMS), index++);
        check_weight(term, here, errors);
        check_node_term(json_get(term, "preference"), false, AT(here, "preference"), errors);
    }
}

/* --- Pods --- */

static void check_label_keys(const struct json *term, const char *name,
                             const struct field_path *path, struct field_errors *errors)
{
    const struct json *keys = json_get(term, name);
    size_t index = 0;
    if (!json_first(keys))
        return;
    if (!json_get(term, "labelSelector")) {
        path_forbidden(errors, AT(path, name),
                       "must not be specified when labelSelector is not set");
        return;
    }
    JSON_EACH(key, keys)
        path_check_name(errors, AT_ITEM(AT(path, name), index++), json_string(key),
                        name_check_qualified);
}
/* On create the pod's own values were merged into the selector: a key that the
 * selector named before is there twice. The index stands behind the term: so upstream. */
static void check_merged_keys(const struct json *term, const struct field_path *path,
                              struct field_errors *errors)
{
    const struct json *own = json_get(term, "matchLabelKeys");
    size_t *places = ARENA_ARRAY(errors->arena, size_t, json_count(own) + 1);
    struct text_map keys = {0}, seen = {0};
    size_t index = 0;
    JSON_EACH(key, own) {
        places[index] = index;
        text_map_add(&keys, json_string(key), &places[index]);
        index++;
    }
    JSON_EACH(label, json_at(term, "labelSelector.matchLabels"))
        text_map_add_text(&seen, json_key(label));
    JSON_EACH(expression, json_at(term, "labelSelector.matchExpressions")) {
        struct slice key = text_at(expression, "key");
        const size_t *place = text_map_get(&keys, key);
        if (!text_map_add_text(&seen, key) && place)
            path_invalid_text(errors, AT_ITEM(path, *place), key,
                              "exists in both matchLabelKeys and labelSelector");
    }
    text_map_release(&keys);
    text_map_release(&seen);
}
static void check_both_keys(const struct json *term, const struct field_path *path,
                            struct field_errors *errors)
{
    struct text_map mismatched = {0};
    size_t index = 0;
    check_label_keys(term, "matchLabelKeys", path, errors);
    check_label_keys(term, "mismatchLabelKeys", path, errors);
    if (json_first(json_get(term, "matchLabelKeys")))
        check_merged_keys(term, path, errors);
    JSON_EACH(key, json_get(term, "mismatchLabelKeys"))
        text_map_add_text(&mismatched, json_string(key));
    JSON_EACH(key, json_get(term, "matchLabelKeys")) {
        const struct field_path *at = AT_ITEM(AT(path, "matchLabelKeys"), index++);
        if (text_map_has(&mismatched, json_string(key)))
            path_invalid(errors, at, key, "exists in both matchLabelKeys and mismatchLabelKeys");
    }
    text_map_release(&mismatched);
}

static void check_pod_term(const struct json *term, const struct field_path *path,
                           struct field_errors *errors)
{
    struct slice key = text_at(term, "topologyKey");
    check_selector(json_get(term, "labelSelector"), AT(path, "labelSelector"), errors);
    check_selector(json_get(term, "namespaceSelector"), AT(path, "namespaceSelector"), errors);
    JSON_EACH(name, json_get(term, "namespaces"))
        path_check_name(errors, AT(path, "namespace"), json_string(name), name_check_dns_label);
    check_both_keys(term, path, errors);
    if (key.size == 0)
        path_required(errors, AT(path, "topologyKey"), "can not be empty");
    path_check_name(errors, AT(path, "topologyKey"), key, name_check_qualified);
}
static void check_pod_affinity(const struct json *affinity, const struct field_path *path,
                               struct field_errors *errors)
{
    size_t index = 0;
    JSON_EACH(term, json_get(affinity, REQUIRED_TERMS))
        check_pod_term(term, AT_ITEM(AT(path, REQUIRED_TERMS), index++), errors);
    index = 0;
    JSON_EACH(term, json_get(affinity, PREFERRED_TERMS)) {
        const struct field_path *at = AT_ITEM(AT(path, PREFERRED_TERMS), index++);
        check_weight(term, at, errors);
        check_pod_term(json_get(term, "podAffinityTerm"), AT(at, "podAffinityTerm"), errors);
    }
}

/* --- Spreading --- */

static void check_constraint(const struct json *constraint, const struct field_path *path,
                             struct field_errors *errors)
{
    static const char *const actions[] = {"DoNotSchedule", "ScheduleAnyway", NULL};
    struct slice action = text_at(constraint, "whenUnsatisfiable");
    const struct json *domains = json_get(constraint, "minDomains");
    int64_t number = 0;
    json_to_int64(json_get(constraint, "maxSkew"), &number);
    if (number <= 0)
        path_invalid_int(errors, AT(path, "maxSkew"), number, "must be greater than zero");
    if (text_at(constraint, "topologyKey").size == 0)
        path_required(errors, AT(path, "topologyKey"), "can not be empty");
    if (action.size == 0)
        path_not_supported(errors, AT(path, "whenUnsatisfiable"), action, actions);
    if (json_to_int64(domains, &number) && number <= 0)
        path_invalid_int(errors, AT(path, "minDomains"), number, "must be greater than zero");
    if (domains && !slice_is(action, "DoNotSchedule"))
        path_invalid(
            errors, AT(path, "minDomains"), domains,
            "can only use minDomains if whenUnsatisfiable=DoNotSchedule, not " SLICE_FORMAT,
            SLICE_ARGS(action));
    check_both_keys(constraint, path, errors);
    check_selector(json_get(constraint, "labelSelector"), AT(path, "labelSelector"), errors);
}
static void check_spreading(const struct json *constraints, const struct field_path *path,
                            struct field_errors *errors)
{
    struct text_map seen = {0};
    size_t index = 0;
    JSON_EACH(constraint, constraints) {
        const struct field_path *at = AT_ITEM(path, index++);
        struct slice pair = slice_of(
            arena_format(errors->arena, "{%s, %s}", json_text(json_get(constraint, "topologyKey")),
                         json_text(json_get(constraint, "whenUnsatisfiable"))));
        check_constraint(constraint, at, errors);
        if (!text_map_add_text(&seen, pair))
            path_duplicate(errors, AT(at, "{topologyKey, whenUnsatisfiable}"), pair);
    }
    text_map_release(&seen);
}

/* --- Taints --- */

static const char *join_errors(struct arena *arena, const struct name_errors *found)
{
    const char *text = "";
    for (size_t i = 0; i < found->count; i++)
        text = arena_format(arena, "%s%s%s", text, i > 0 ? ";" : "", found->texts[i]);
    return text;
}
static void check_toleration(const struct json *toleration, const struct field_path *path,
                             struct field_errors *errors)
{
    static const char *const operators[] = {"Equal", "Exists", NULL};
    struct slice key = text_at(toleration, "key"), operator= text_at(toleration, "operator");
    struct slice value = text_at(toleration, "value"), effect = text_at(toleration, "effect");
    struct name_errors found = {.count = 0};
    const struct field_path *at = AT(path, "operator");
    bool is_exists = slice_is(operator, "Exists");
    if (key.size > 0)
        path_check_name(errors, AT(path, "key"), key, name_check_qualified);
    else if (!is_exists)
        path_invalid_text(errors, at, operator,
                          "operator must be Exists when `key` is empty, which "
                          "means \"match all values and all keys\"");
    if (json_get(toleration, "tolerationSeconds") && !slice_is(effect, "NoExecute"))
        path_invalid_text(errors, AT(path, "effect"), effect,
                          "effect must be 'NoExecute' when `tolerationSeconds` is set");
    if (operator.size> 0 && !text_is_one_of(operator, operators))
        path_not_supported(errors, at, operator, operators);
    else if (is_exists && value.size > 0)
        path_invalid_text(errors, at, value, "value must be empty when `operator` is 'Exists'");
    else if (!is_exists)
        name_check_label_value(value, &found);
    if (found.count > 0)
        path_invalid_text(errors, at, value, "%s", join_errors(errors->arena, &found));
}
void tolerations_validate(const struct json *tolerations, const struct field_path *path,
                          struct field_errors *errors)
{
    size_t index = 0;
    JSON_EACH(toleration, tolerations)
        check_toleration(toleration, AT_ITEM(path, index++), errors);
}

/* The value is told as Go's own struct. */
static void repeated_taint(const struct json *taint, const struct field_path *path,
                           struct field_errors *errors)
{
    struct arena *arena = errors->arena;
    const char *text =
        arena_format(arena, "{\"Key\":%s,\"Value\":%s,\"Effect\":%s,\"TimeAdded\":%s}",
                     field_value_text(arena, text_at(taint, "key")),
                     field_value_text(arena, text_at(taint, "value")),
                     field_value_text(arena, text_at(taint, "effect")),
                     schema_value_text(arena, json_get(taint, "timeAdded")));
    field_error_add(errors, FIELD_DUPLICATE, path_text(arena, path), text,
                    "taints must be unique by key and effect pair");
}
void taints_validate(const struct json *taints, const struct field_path *path,
                     struct field_errors *errors)
{
    struct text_map seen = {0};
    size_t index = 0;
    JSON_EACH(taint, taints) {
        const struct field_path *at = AT_ITEM(path, index++);
        struct slice key = text_at(taint, "key"), effect = text_at(taint, "effect");
        struct slice value = text_at(taint, "value");
        struct name_errors found = {.count = 0};
        path_check_name(errors, AT(at, "key"), key, name_check_qualified);
        name_check_label_value(value, &found);
        if (found.count > 0)
            path_invalid_text(errors, AT(at, "value"), value, "%s",
                              join_errors(errors->arena, &found));
        if (effect.size == 0)
            path_required(errors, AT(at, "effect"), NULL);
        else
            path_check_choice(errors, AT(at, "effect"), effect, taint_effects);
        if (!text_map_add_text(&seen, slice_of(arena_format(errors->arena, "%s:%s",
                                                            json_text(json_get(taint, "key")),
                                                            json_text(json_get(taint, "effect"))))))
            repeated_taint(taint, at, errors);
    }
    text_map_release(&seen);
}

void placement_validate(const struct json *spec, const struct field_path *path,
                        struct field_errors *errors)
{
    const struct json *affinity = json_get(spec, "affinity");
    const struct json *labels = json_get(spec, "nodeSelector");
    const struct field_path *at = AT(path, "affinity");
    if (json_first(labels))
        meta_validate_labels(labels, path_text(errors->arena, AT(path, "nodeSelector")), errors);
    check_node_affinity(json_get(affinity, "nodeAffinity"), AT(at, "nodeAffinity"), errors);
    check_pod_affinity(json_get(affinity, "podAffinity"), AT(at, "podAffinity"), errors);
    check_pod_affinity(json_get(affinity, "podAntiAffinity"), AT(at, "podAntiAffinity"), errors);
    check_spreading(json_get(spec, "topologySpreadConstraints"),
                    AT(path, "topologySpreadConstraints"), errors);
    tolerations_validate(json_get(spec, "tolerations"), AT(path, "tolerations"), errors);
}
