/* ResourceQuota: bounds on what a namespace uses altogether. Upstream: ValidateResourceQuota. */
#include <stdlib.h>

#include "core/kinds/cell.h"
#include "core/kinds/field_path.h"
#include "core/kinds/pod_defaults.h"
#include "core/kinds/resource_list.h"
#include "core/kinds/strategy.h"
#include "core/kinds/text_map.h"
#include "core/kinds/types.h"
#include "core/kinds/validate_resources.h"

/* --- Resources and scopes --- */

static bool is_quota_resource(struct slice name)
{
    static const char *const names[] = {"cpu",
                                        "memory",
                                        "ephemeral-storage",
                                        "requests.cpu",
                                        "requests.memory",
                                        "requests.storage",
                                        "requests.ephemeral-storage",
                                        "limits.cpu",
                                        "limits.memory",
                                        "limits.ephemeral-storage",
                                        "pods",
                                        "resourcequotas",
                                        "services",
                                        "replicationcontrollers",
                                        "secrets",
                                        "persistentvolumeclaims",
                                        "configmaps",
                                        "services.nodeports",
                                        "services.loadbalancers",
                                        NULL};
    return text_is_one_of(name, names) || resource_is_huge_page(name) ||
           slice_starts_with(name, SLICE("requests.hugepages-"));
}
static void check_amounts(const struct json *amounts, const struct field_path *path,
                          struct field_errors *errors)
{
    JSON_EACH(amount, amounts) {
        const struct field_path *at = AT_KEY(path, json_key(amount));
        resource_name_validate(json_key(amount), at, errors);
        if (slice_find(json_key(amount), '/') < 0 && !is_quota_resource(json_key(amount)))
            path_invalid_text(errors, at, json_key(amount),
                              "must be a standard resource for quota");
        resource_amount_validate(json_key(amount), amount, at, errors);
    }
}

static bool scope_counts(struct slice scope, struct slice resource)
{
    static const char *const of_pods[] = {
        "pods",          "cpu",          "memory",          "limits.cpu",
        "limits.memory", "requests.cpu", "requests.memory", NULL};
    if (slice_is(scope, "BestEffort"))
        return slice_is(resource, "pods");
    if (slice_is(scope, "VolumeAttributesClass"))
        return slice_is(resource, "persistentvolumeclaims") ||
               slice_is(resource, "requests.storage");
    return text_is_one_of(resource, of_pods);
}
static bool is_scope(struct slice scope)
{
    static const char *const scopes[] = {"Terminating",
                                         "NotTerminating",
                                         "BestEffort",
                                         "NotBestEffort",
                                         "PriorityClass",
                                         "VolumeAttributesClass",
                                         "CrossNamespacePodAffinity",
                                         NULL};
    return text_is_one_of(scope, scopes);
}
/* Of the resources that a quota bounds, those that no object of the scope uses. */
static size_t count_foreign(const struct json *hard, struct slice scope)
{
    size_t count = 0;
    JSON_EACH(amount, hard)
        count += is_quota_resource(json_key(amount)) && is_scope(scope) &&
                 !scope_counts(scope, json_key(amount));
    return count;
}
static bool conflict(const struct text_map *scopes)
{
    return (text_map_has(scopes, SLICE("BestEffort")) &&
            text_map_has(scopes, SLICE("NotBestEffort"))) ||
           (text_map_has(scopes, SLICE("Terminating")) &&
            text_map_has(scopes, SLICE("NotTerminating")));
}

static void check_scopes(const struct json *spec, const struct field_path *path,
                         struct field_errors *errors)
{
    const struct json *scopes = json_get(spec, "scopes");
    struct text_map seen = {0};
    JSON_EACH(scope, scopes) {
        if (!is_scope(json_string(scope)))
            path_invalid(errors, path, scopes, "unsupported scope");
        if (text_map_add_text(&seen, json_string(scope)) &&
            count_foreign(json_get(spec, "hard"), json_string(scope)) > 0)
            path_invalid(errors, path, scopes, "unsupported scope applied to resource");
    }
    if (conflict(&seen))
        path_invalid(errors, path, scopes, "conflicting scopes");
    text_map_release(&seen);
}

/* --- Selectors --- */

static void check_requirement(const struct json *requirement, const struct field_path *path,
                              struct field_errors *errors)
{
    static const char *const with_values[] = {"In", "NotIn", NULL};
    static const char *const without_values[] = {"Exists", "DoesNotExist", NULL};
    struct slice scope = json_string(json_get(requirement, "scopeName"));
    struct slice operator= json_string(json_get(requirement, "operator"));
    const struct json *values = json_get(requirement, "values");
    bool has_values = slice_is(scope, "PriorityClass") || slice_is(scope, "VolumeAttributesClass");
    if (!is_scope(scope))
        path_invalid_text(errors, AT(path, "scopeName"), scope, "unsupported scope");
    else if (!has_values && !slice_is(operator, "Exists"))
        path_invalid_text(errors, AT(path, "operator"), operator,
                          "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, "
                          "ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, "
                          "ResourceQuotaScopeNotBestEffort or "
                          "ResourceQuotaScopeCrossNamespacePodAffinity");
    if (text_is_one_of(operator, with_values)) {
        if (!json_first(values))
            path_required(errors, AT(path, "values"),
                          "must be at least one value when `operator` "
                          "is 'In' or 'NotIn' for scope selector");
    } else if (!text_is_one_of(operator, without_values)) {
        path_invalid_text(errors, AT(path, "operator"), operator, "not a valid selector operator");
    } else if (json_first(values)) {
        path_invalid(errors, AT(path, "values"), values,
                     "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope "
                     "selector");
    }
}
/* Errors stand at the list, without an index: so upstream. */
static void check_selector(const struct json *spec, const struct field_path *spec_path,
                           struct field_errors *errors)
{
    const struct json *selector = json_get(spec, "scopeSelector");
    const struct field_path *path = AT(AT(spec_path, "scopeSelector"), "matchExpressions");
    struct text_map seen = {0};
    JSON_EACH(requirement, json_get(selector, "matchExpressions")) {
        struct slice scope = json_string(json_get(requirement, "scopeName"));
        check_requirement(requirement, path, errors);
        if (text_map_add_text(&seen, scope) && count_foreign(json_get(spec, "hard"), scope) > 0)
            path_invalid(errors, path, selector, "unsupported scope applied to resource");
    }
    if (conflict(&seen))
        path_invalid(errors, path, json_get(spec, "scopes"), "conflicting scopes");
    text_map_release(&seen);
}

/* --- The quota --- */

static void set_defaults(const struct kind_context *context, struct json *quota)
{
    resources_set_defaults(context->arena, json_at(quota, "spec.hard"));
    resources_set_defaults(context->arena, json_at(quota, "status.hard"));
    resources_set_defaults(context->arena, json_at(quota, "status.used"));
}
static void validate(const struct kind_context *context, const struct json *quota,
                     struct field_errors *errors)
{
    const struct json *spec = json_get(quota, "spec");
    const struct field_path *path = AT(NULL, "spec"), *status = AT(NULL, "status");
    (void)context;
    check_amounts(json_get(spec, "hard"), AT(path, "hard"), errors);
    check_scopes(spec, AT(path, "scopes"), errors);
    check_selector(spec, path, errors);
    check_amounts(json_at(quota, "status.hard"), AT(status, "hard"), errors);
    check_amounts(json_at(quota, "status.used"), AT(status, "used"), errors);
}
static bool has_all(const struct json *scopes, const struct json *others)
{
    struct text_map present = {0};
    bool all = true;
    JSON_EACH(scope, scopes)
        text_map_add_text(&present, json_string(scope));
    JSON_EACH(scope, others)
        all &= text_map_has(&present, json_string(scope));
    text_map_release(&present);
    return all;
}
static void validate_update(const struct kind_context *context, const struct json *quota,
                            const struct json *old, struct field_errors *errors)
{
    const struct json *scopes = json_at(quota, "spec.scopes"),
                      *before = json_at(old, "spec.scopes");
    (void)context;
    if (!has_all(scopes, before) || !has_all(before, scopes))
        path_invalid(errors, AT(AT(NULL, "spec"), "scopes"), scopes, "field is immutable");
}

/* --- Columns --- */

static int compare_names(const void *a, const void *b)
{
    const struct json *const *left = a, *const *right = b;
    return slice_compare(json_key(*left), json_key(*right));
}
/* "cpu: 1/2, pods: 3/10" of limits.*, or of all others. */
static void append_usage(const struct kind_context *context, const struct json *quota,
                         bool of_limits, struct buffer *text)
{
    const struct json *hard = json_at(quota, "status.hard"), *used = json_at(quota, "status.used");
    const struct json **sorted =
        ARENA_ARRAY(context->arena, const struct json *, json_count(hard) + 1);
    struct buffer cell = {0};
    size_t count = 0;
    JSON_EACH(amount, hard)
        if (slice_starts_with(json_key(amount), SLICE("limits.")) == of_limits)
            sorted[count++] = amount;
    qsort(sorted, count, sizeof(*sorted), compare_names);
    for (size_t i = 0; i < count; i++) {
        const struct json *part = json_get_slice(used, json_key(sorted[i]));
        buffer_format(&cell, "%s" SLICE_FORMAT ": %s/%s", i > 0 ? ", " : "",
                      SLICE_ARGS(json_key(sorted[i])), part ? json_text(part) : "0",
                      json_text(sorted[i]));
    }
    json_print_string(buffer_slice(&cell), text);
    buffer_release(&cell);
}
static void cell_request(const struct kind_context *context, const struct json *quota,
                         struct buffer *text)
{
    append_usage(context, quota, false, text);
}
static void cell_limit(const struct kind_context *context, const struct json *quota,
                       struct buffer *text)
{
    append_usage(context, quota, true, text);
}
static const struct kind_column columns[] = {
    COLUMN_NAME,
    CELL("Request", "string", "What is used of each bound, and the bound.", cell_request),
    CELL("Limit", "string", "The same of bounds on limits.", cell_limit),
    COLUMN_AGE,
    {.name = NULL},
};

static const struct kind_subresource subresources[] = {
    {.name = "status",
     .verbs = VERB_GET | VERB_UPDATE | VERB_PATCH,
     .reset = strategy_reset_status},
    {.name = NULL},
};

const struct kind kind_resource_quota = {
    .group = "",
    .version = "v1",
    .kind = "ResourceQuota",
    .resource = "resourcequotas",
    .singular = "resourcequota",
    .short_names = NAMES("quota"),
    .namespaced = true,
    .schema = &type_resource_quota,
    .subresources = subresources,
    .columns = columns,
    .set_defaults = set_defaults,
    .validate = validate,
    .validate_update = validate_update,
};
