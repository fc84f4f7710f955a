/* PodGroup: pods that are scheduled as one (KEP-4671), as 1.37 has it.
 *
 * Made by a controller from a template of a Workload, or by a person. The
 * scheduler writes its status. */
#include <inttypes.h>

#include "core/kinds/cell.h"
#include "core/kinds/kind.h"
#include "core/kinds/meta.h"
#include "core/kinds/strategy.h"
#include "core/kinds/types.h"
#include "core/kinds/validate_workload.h"

/* --- Rules --- */

static void validate(const struct kind_context *context, const struct json *group,
                     struct field_errors *errors)
{
    const struct json *spec = json_get(group, "spec");
    const struct json *reference = json_get(spec, "workloadRef");
    struct slice workload = json_string(json_get(reference, "workloadName"));
    struct slice template = json_string(json_get(reference, "templateName"));
    const struct field_path *path = AT(NULL, "spec"), *at = AT(path, "workloadRef");
    (void)context;
    if (json_get(spec, "parentCompositePodGroupName")) /* Behind a gate that is off. */
        path_forbidden(errors, AT(path, "parentCompositePodGroupName"), NULL);
    if (workload.size > 0)
        path_check_name(errors, AT(at, "workloadName"), workload, name_check_dns_subdomain);
    if (template.size > 0)
        path_check_name(errors, AT(at, "templateName"), template, name_check_dns_label);
    group_validate(spec, path, errors);
}

static bool is_status(const struct kind_context *context)
{
    return context->subresource && slice_is(slice_of(context->subresource->name), "status");
}
static void validate_update(const struct kind_context *context, const struct json *group,
                            const struct json *old, struct field_errors *errors)
{
    static const char *const fixed[] = {"parentCompositePodGroupName", "workloadRef"};
    const struct json *spec = json_get(group, "spec"), *before = json_get(old, "spec");
    const struct field_path *path = AT(NULL, "spec");
    if (is_status(context)) {
        meta_validate_conditions(json_at(group, "status.conditions"), "status.conditions", errors);
        return;
    }
    for (size_t i = 0; i < ARRAY_SIZE(fixed); i++)
        unchanged_validate(spec, before, fixed[i], path, errors);
    group_validate_update(spec, before, path, errors);
}

/* --- Columns --- */

static void cell_policy(const struct kind_context *context, const struct json *group,
                        struct buffer *text)
{
    (void)context;
    const struct json *policy = json_at(group, "spec.schedulingPolicy");
    buffer_append_text(text, json_get(policy, "gang")    ? "\"Gang\""
                             : json_get(policy, "basic") ? "\"Basic\""
                                                         : "\"<none>\"");
}
static void cell_minimum(const struct kind_context *context, const struct json *group,
                         struct buffer *text)
{
    (void)context;
    int64_t minimum;
    if (json_to_int64(json_at(group, "spec.schedulingPolicy.gang.minCount"), &minimum))
        buffer_format(text, "\"%" PRId64 "\"", minimum);
    else
        cell_append_or_none(SLICE(""), text);
}

static const struct json *scheduled_condition(const struct json *group)
{
    JSON_EACH(condition, json_at(group, "status.conditions"))
        if (slice_is(json_string(json_get(condition, "type")), "PodGroupInitiallyScheduled"))
            return condition;
    return NULL;
}
/* Its reason: Scheduled, Unschedulable or SchedulerError; Pending while nothing was decided. */
static void cell_status(const struct kind_context *context, const struct json *group,
                        struct buffer *text)
{
    (void)context;
    cell_append_or(json_string(json_get(scheduled_condition(group), "reason")), "Pending", text);
}
static void cell_why(const struct kind_context *context, const struct json *group,
                     struct buffer *text)
{
    (void)context;
    json_print_string(json_string(json_get(scheduled_condition(group), "message")), text);
}

static const struct kind_column columns[] = {
    COLUMN_NAME,
    CELL("Policy", "string", "Gang: all or nothing; Basic: pod by pod.", cell_policy),
    CELL("Min", "string", "Fewest pods that must fit together.", cell_minimum),
    CELL("Status", "string", "What the scheduler last decided.", cell_status),
    CELL("Why", "string", "Why, in its words.", cell_why),
    COLUMN_AGE,
    CELL_WIDE_AT("Workload", "string", "Workload that it was made from.",
                 "spec.workloadRef.workloadName"),
    {.name = NULL},
};

static const struct kind_subresource subresources[] = {
    {.name = "status",
     .verbs = VERB_GET | VERB_UPDATE | VERB_PATCH,
     .reset = strategy_reset_status},
    {.name = NULL},
};

const struct kind kind_pod_group = {
    .group = "scheduling.k8s.io",
    .version = "v1beta1",
    .kind = "PodGroup",
    .resource = "podgroups",
    .singular = "podgroup",
    .namespaced = true,
    .has_generation = true,
    .schema = &type_pod_group,
    .subresources = subresources,
    .columns = columns,
    .validate = validate,
    .validate_update = validate_update,
};
