/* Workload as 1.35 has it: groups stand inside, and pods point at them by workloadRef.
 *
 * Stored is the shape of 1.37, which knows more about a group: what this shape
 * does not show is taken over from the stored object on a write. */
#include "core/kinds/kind.h"
#include "core/kinds/meta.h"
#include "core/kinds/text_map.h"
#include "core/kinds/types.h"
#include "core/kinds/validate_workload.h"

#define GROUPS_MAX 8

extern const struct kind kind_workload;

/* --- Rules: pkg/apis/scheduling/validation of 1.35 --- */

static void check_policy(const struct json *policy, const struct field_path *path,
                         struct field_errors *errors)
{
    static const char one_of[] = "exactly one of `basic`, `gang` is required";
    const struct json *basic = json_get(policy, "basic"), *gang = json_get(policy, "gang");
    int64_t number = 0;
    if (!basic && !gang)
        path_required(errors, path, one_of);
    else if (basic && gang)
        path_invalid_text(errors, path, SLICE("{`basic`, `gang`}"),
                          "%s, but multiple fields are set", one_of);
    json_to_int64(json_get(gang, "minCount"), &number);
    if (gang && number <= 0)
        path_invalid_int(errors, AT(AT(path, "gang"), "minCount"), number,
                         "must be greater than zero");
}
static void check_groups(const struct json *groups, const struct field_path *path,
                         struct field_errors *errors)
{
    struct text_map names = {0};
    size_t index = 0, count = json_count(groups);
    if (count == 0)
        path_required(errors, path, "must have at least one item");
    if (count > GROUPS_MAX) {
        path_too_many(errors, path, count, GROUPS_MAX);
        return;
    }
    JSON_EACH(group, groups) {
        const struct field_path *at = AT_ITEM(path, index++);
        struct slice name = json_string(json_get(group, "name"));
        path_check_name(errors, AT(at, "name"), name, name_check_dns_label);
        if (!text_map_add_text(&names, name))
            path_duplicate(errors, AT(at, "name"), name);
        check_policy(json_get(group, "policy"), AT(at, "policy"), errors);
    }
    text_map_release(&names);
}
static void validate(const struct kind_context *context, const struct json *workload,
                     struct field_errors *errors)
{
    const struct json *reference = json_at(workload, "spec.controllerRef");
    const struct field_path *path = AT(NULL, "spec");
    (void)context;
    if (reference)
        controller_reference_validate(reference, AT(path, "controllerRef"), errors);
    check_groups(json_at(workload, "spec.podGroups"), AT(path, "podGroups"), errors);
}

/* The paths lack spec: so upstream. A controller may be named later, once. */
static void validate_update(const struct kind_context *context, const struct json *workload,
                            const struct json *old, struct field_errors *errors)
{
    const struct json *before = json_at(old, "spec.controllerRef");
    (void)context;
    meta_validate_immutable(json_at(workload, "spec.podGroups"), json_at(old, "spec.podGroups"),
                            "podGroups", errors);
    if (before)
        meta_validate_immutable(json_at(workload, "spec.controllerRef"), before, "controllerRef",
                                errors);
}

/* --- Conversion --- */

static const struct json *find_name(const struct json *templates, struct slice name)
{
    JSON_EACH(template, templates)
        if (slice_equal(json_string(json_get(template, "name")), name))
            return template;
    return NULL;
}
static struct json *make_template(struct arena *arena, const struct json *group,
                                  const struct json *stored)
{
    struct json *template = stored ? json_copy(arena, stored) : json_new_object(arena);
    const struct json *policy = json_get(group, "policy");
    json_set(arena, template, "name", json_copy(arena, json_get(group, "name")));
    json_set(arena, template, "schedulingPolicy",
             policy ? json_copy(arena, policy) : json_new_object(arena));
    return template;
}
static int to_stored(const struct kind_context *context, struct json *workload,
                     const struct json *old, struct status *status)
{
    struct arena *arena = context->arena;
    struct json *spec = json_ensure_object(arena, workload, "spec");
    const struct json *before = json_at(old, "spec.podGroupTemplates");
    const struct json *composite = json_at(old, "spec.compositePodGroupTemplates");
    struct json *templates = json_new_array(arena);
    (void)status;
    JSON_EACH(group, json_get(spec, "podGroups"))
        json_append(
            templates,
            make_template(arena, group, find_name(before, json_string(json_get(group, "name")))));
    json_remove(spec, "podGroups");
    json_set(arena, spec, "podGroupTemplates", templates);
    if (composite)
        json_set(arena, spec, "compositePodGroupTemplates", json_copy(arena, composite));
    json_set_text(arena, workload, "apiVersion", "scheduling.k8s.io/v1beta1");
    return 0;
}
static int from_stored(const struct kind_context *context, struct json *workload,
                       struct status *status)
{
    struct arena *arena = context->arena;
    struct json *spec = json_ensure_object(arena, workload, "spec");
    struct json *groups = json_new_array(arena);
    (void)status;
    JSON_EACH(template, json_get(spec, "podGroupTemplates")) {
        struct json *group = json_new_object(arena);
        json_set(arena, group, "name", json_copy(arena, json_get(template, "name")));
        json_set(arena, group, "policy", json_copy(arena, json_get(template, "schedulingPolicy")));
        json_append(groups, group);
    }
    json_remove(spec, "podGroupTemplates");
    json_remove(spec, "compositePodGroupTemplates");
    json_set(arena, spec, "podGroups", groups);
    json_set_text(arena, workload, "apiVersion", "scheduling.k8s.io/v1alpha1");
    return 0;
}

const struct kind kind_workload_v1alpha1 = {
    .group = "scheduling.k8s.io",
    .version = "v1alpha1",
    .kind = "Workload",
    .resource = "workloads",
    .singular = "workload",
    .namespaced = true,
    .has_generation = true,
    .schema = &type_v1alpha1_workload,
    .stored_as = &kind_workload,
    .to_stored = to_stored,
    .from_stored = from_stored,
    .validate = validate,
    .validate_update = validate_update,
};
