/* Workload: pods that do one job and are scheduled in groups (KEP-4671), as 1.37 has it.
 *
 * This shape is stored; kind_workload_v1alpha1.c serves 1.35's. Groups of groups
 * (CompositePodGroup) are behind a gate upstream and are refused here. */
#include "core/kinds/cell.h"
#include "core/kinds/kind.h"
#include "core/kinds/text_map.h"
#include "core/kinds/types.h"
#include "core/kinds/validate_workload.h"

#define TEMPLATES_MAX 8

/* --- Rules --- */

/* Priorities of all templates agree, for the workload is scheduled as one. */
static bool priorities_differ(const struct json *templates)
{
    const struct json *first = json_first(templates);
    JSON_EACH(template, templates) {
        const struct json *priority = json_get(template, "priority");
        const struct json *expected = json_get(first, "priority");
        if (!slice_equal(json_string(json_get(template, "priorityClassName")),
                         json_string(json_get(first, "priorityClassName"))) ||
            !slice_equal(json_number(priority), json_number(expected)))
            return true;
    }
    return false;
}
static void check_templates(const struct json *templates, const struct field_path *path,
                            struct field_errors *errors)
{
    struct text_map names = {0};
    size_t index = 0, count = json_count(templates);
    if (count > TEMPLATES_MAX) {
        path_too_many(errors, path, count, TEMPLATES_MAX);
        return;
    }
    JSON_EACH(template, templates) {
        const struct field_path *at = AT_ITEM(path, index++);
        struct slice name = json_string(json_get(template, "name"));
        if (name.size > 0)
            path_check_name(errors, AT(at, "name"), name, name_check_dns_label);
        if (name.size > 0 && !text_map_add_text(&names, name))
            path_duplicate(errors, AT(at, "name"), name);
        group_validate(template, at, errors);
    }
    text_map_release(&names);
}

static void validate(const struct kind_context *context, const struct json *workload,
                     struct field_errors *errors)
{
    static const char *const members[] = {"podGroupTemplates", "compositePodGroupTemplates", NULL};
    const struct json *spec = json_get(workload, "spec");
    const struct json *templates = json_get(spec, "podGroupTemplates");
    const struct field_path *path = AT(NULL, "spec");
    (void)context;
    controller_reference_validate(json_get(spec, "controllerRef"), AT(path, "controllerRef"),
                                  errors);
    if (json_get(spec, "compositePodGroupTemplates"))
        path_forbidden(errors, AT(path, "compositePodGroupTemplates"), NULL);
    union_validate(spec, members, path, errors);
    check_templates(templates, AT(path, "podGroupTemplates"), errors);
    if (priorities_differ(templates))
        path_invalid(errors, path, NULL, "detected multiple priority configurations");
}

static const struct json *find_name(const struct json *templates, struct slice name)
{
    JSON_EACH(template, templates)
        if (slice_equal(json_string(json_get(template, "name")), name))
            return template;
    return NULL;
}
static void validate_update(const struct kind_context *context, const struct json *workload,
                            const struct json *old, struct field_errors *errors)
{
    const struct json *templates = json_at(workload, "spec.podGroupTemplates");
    const struct json *before = json_at(old, "spec.podGroupTemplates");
    const struct field_path *spec = AT(NULL, "spec"), *path = AT(spec, "podGroupTemplates");
    size_t index = 0;
    (void)context;
    unchanged_validate(json_get(workload, "spec"), json_get(old, "spec"), "controllerRef", spec,
                       errors);
    if (json_count(templates) > TEMPLATES_MAX) /* Told already. */
        return;
    JSON_EACH(template, templates) {
        const struct field_path *at = AT_ITEM(path, index++);
        const struct json *same = find_name(before, json_string(json_get(template, "name")));
        if (same)
            group_validate_update(template, same, at, errors);
        else
            path_forbidden(errors, at, "item may not be added");
    }
    JSON_EACH(template, before)
        if (!find_name(templates, json_string(json_get(template, "name"))))
            path_forbidden(errors, path, "item may not be removed");
}

/* --- The row --- */

static void cell_groups(const struct kind_context *context, const struct json *workload,
                        struct buffer *text)
{
    (void)context;
    struct cell_list list = {0};
    JSON_EACH(template, json_at(workload, "spec.podGroupTemplates"))
        cell_list_add(&list, "%s", json_text(json_get(template, "name")));
    cell_list_append(&list, "<none>", text);
}
static void cell_controller(const struct kind_context *context, const struct json *workload,
                            struct buffer *text)
{
    (void)context;
    const struct json *reference = json_at(workload, "spec.controllerRef");
    struct buffer cell = {0};
    if (reference)
        buffer_format(&cell, "%s/%s", json_text(json_get(reference, "kind")),
                      json_text(json_get(reference, "name")));
    cell_append_or_none(buffer_slice(&cell), text);
    buffer_release(&cell);
}
static const struct kind_column columns[] = {
    COLUMN_NAME,
    CELL("Groups", "string", "Names of its groups.", cell_groups),
    CELL("Controller", "string", "Object that makes its pods.", cell_controller),
    COLUMN_AGE,
    {.name = NULL},
};

const struct kind kind_workload = {
    .group = "scheduling.k8s.io",
    .version = "v1beta1",
    .kind = "Workload",
    .resource = "workloads",
    .singular = "workload",
    .namespaced = true,
    .has_generation = true,
    .schema = &type_workload,
    .columns = columns,
    .validate = validate,
    .validate_update = validate_update,
};
