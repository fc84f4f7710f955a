/* metav1.LabelSelector inside an object: upstream's ValidateLabelSelector. */
#include "core/kinds/label_selector.h"
#include "core/kinds/meta.h"

static void check_operator(const struct json *requirement, const char *path,
                           struct field_errors *errors)
{
    struct slice relation = json_string(json_get(requirement, "operator"));
    bool has_values = json_count(json_get(requirement, "values")) > 0;
    const char *values = arena_format(errors->arena, "%s.values", path);
    if (slice_is(relation, "In") || slice_is(relation, "NotIn")) {
        if (!has_values)
            field_error_add(errors, FIELD_REQUIRED, values, NULL,
                            "must be specified when `operator` is 'In' or 'NotIn'");
    } else if (slice_is(relation, "Exists") || slice_is(relation, "DoesNotExist")) {
        if (has_values)
            field_error_add(errors, FIELD_FORBIDDEN, values, NULL,
                            "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
    } else {
        field_error_add(errors, FIELD_INVALID, arena_format(errors->arena, "%s.operator", path),
                        field_value_text(errors->arena, relation), "not a valid selector operator");
    }
}

static void check_requirement(const struct json *requirement, const char *path,
                              struct field_errors *errors)
{
    size_t index = 0;
    check_operator(requirement, path, errors);
    name_validate(errors, arena_format(errors->arena, "%s.key", path),
                  json_string(json_get(requirement, "key")), name_check_qualified);
    JSON_EACH(value, json_get(requirement, "values"))
        name_validate(errors, arena_format(errors->arena, "%s.values[%zu]", path, index++),
                      json_string(value), name_check_label_value);
}

void label_selector_validate(const struct json *selector, const char *path,
                             struct field_errors *errors)
{
    size_t index = 0;
    meta_validate_labels(json_get(selector, "matchLabels"),
                         arena_format(errors->arena, "%s.matchLabels", path), errors);
    JSON_EACH(requirement, json_get(selector, "matchExpressions"))
        check_requirement(requirement,
                          arena_format(errors->arena, "%s.matchExpressions[%zu]", path, index++),
                          errors);
}
