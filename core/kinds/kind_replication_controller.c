/* ReplicationController: keeps a number of pods running; old, Deployments replace it.
 * Upstream: ValidateReplicationController, SetDefaults_ReplicationController. */
#include "core/kinds/cell.h"
#include "core/kinds/label_selector.h"
#include "core/kinds/pod_defaults.h"
#include "core/kinds/strategy.h"
#include "core/kinds/types.h"
#include "core/kinds/validate_pod.h"

/* --- Defaults --- */

/* Selector and labels, where they are absent, are those of the template. */
static void set_defaults(const struct kind_context *context, struct json *controller)
{
    struct arena *arena = context->arena;
    struct json *spec = json_get(controller, "spec");
    const struct json *labels = json_at(spec, "template.metadata.labels");
    struct json *pod = json_at(spec, "template.spec");
    if (pod)
        pod_spec_set_defaults(arena, pod);
    if (!json_first(labels))
        return;
    if (!json_first(json_get(spec, "selector")))
        json_set(arena, spec, "selector", json_copy(arena, labels));
    struct json *metadata = json_ensure_object(arena, controller, "metadata");
    if (!json_first(json_get(metadata, "labels")))
        json_set(arena, metadata, "labels", json_copy(arena, labels));
}

/* --- Rules --- */

static void check_template(const struct json *spec, const struct field_path *path,
                           struct field_errors *errors)
{
    const struct json *template = json_get(spec, "template");
    const struct json *labels = json_at(template, "metadata.labels");
    struct label_selector selector = {0};
    struct slice policy = json_string(json_at(template, "spec.restartPolicy"));
    if (!template) {
        path_required(errors, path, NULL);
        return;
    }
    label_selector_from_labels(errors->arena, json_get(spec, "selector"), &selector);
    if (!label_selector_is_empty(&selector) && !label_selector_matches_labels(&selector, labels))
        path_invalid(errors, AT(AT(path, "metadata"), "labels"), labels,
                     "`selector` does not match template `labels`");
    pod_template_validate(template, path, errors);
    if (!slice_is(policy, "Always"))
        path_not_supported(errors, AT(AT(path, "spec"), "restartPolicy"), policy,
                           (const char *const[]){"Always", NULL});
    if (json_at(template, "spec.activeDeadlineSeconds"))
        path_forbidden(errors, AT(AT(path, "spec"), "activeDeadlineSeconds"),
                       "activeDeadlineSeconds in ReplicationController is not Supported");
}
static void check_status(const struct json *status, struct field_errors *errors)
{
    static const char *const parts[] = {"fullyLabeledReplicas", "readyReplicas",
                                        "availableReplicas"};
    const struct field_path *path = AT(NULL, "status");
    int64_t all = 0, ready = 0, number;
    json_to_int64(json_get(status, "replicas"), &all);
    json_to_int64(json_get(status, "readyReplicas"), &ready);
    path_check_not_negative(errors, AT(path, "replicas"), json_get(status, "replicas"));
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
        path_check_not_negative(errors, AT(path, parts[i]), json_get(status, parts[i]));
        if (json_to_int64(json_get(status, parts[i]), &number) && number > all)
            path_invalid_int(errors, AT(path, parts[i]), number,
                             "cannot be greater than status.replicas");
    }
    if (json_to_int64(json_get(status, "availableReplicas"), &number) && number > ready)
        path_invalid_int(errors, AT(path, "availableReplicas"), number,
                         "cannot be greater than readyReplicas");
}
static void validate(const struct kind_context *context, const struct json *controller,
                     struct field_errors *errors)
{
    const struct json *spec = json_get(controller, "spec");
    const struct field_path *path = AT(NULL, "spec");
    if (context->subresource && slice_is(slice_of(context->subresource->name), "status")) {
        check_status(json_get(controller, "status"), errors);
        return;
    }
    path_check_not_negative(errors, AT(path, "minReadySeconds"), json_get(spec, "minReadySeconds"));
    path_check_not_negative(errors, AT(path, "replicas"), json_get(spec, "replicas"));
    if (!json_first(json_get(spec, "selector")))
        path_required(errors, AT(path, "selector"), NULL);
    check_template(spec, AT(path, "template"), errors);
}

/* --- Columns --- */

static void cell_containers(const struct kind_context *context, const struct json *controller,
                            struct buffer *text)
{
    (void)context;
    cell_append_containers(json_at(controller, "spec.template.spec.containers"), "name", text);
}
static void cell_images(const struct kind_context *context, const struct json *controller,
                        struct buffer *text)
{
    (void)context;
    cell_append_containers(json_at(controller, "spec.template.spec.containers"), "image", text);
}
static void cell_selector(const struct kind_context *context, const struct json *controller,
                          struct buffer *text)
{
    (void)context;
    cell_append_labels(json_at(controller, "spec.selector"), text);
}
static const struct kind_column columns[] = {
    COLUMN_NAME,
    CELL_AT("Desired", "integer", "How many pods are wanted.", "spec.replicas"),
    CELL_AT("Current", "integer", "How many pods there are.", "status.replicas"),
    CELL_AT("Ready", "integer", "How many are ready.", "status.readyReplicas"),
    COLUMN_AGE,
    CELL_WIDE("Containers", "string", "Names of their containers.", cell_containers),
    CELL_WIDE("Images", "string", "Images of their containers.", cell_images),
    CELL_WIDE("Selector", "string", "Labels of its pods.", cell_selector),
    {.name = NULL},
};

static void append_replicas(const struct json *controller, struct buffer *text)
{
    int64_t replicas = 0;
    json_to_int64(json_at(controller, "status.replicas"), &replicas);
    buffer_append_int(text, replicas);
}
static const struct kind_field fields[] = {
    {.path = "status.replicas", .value = append_replicas},
    {.path = NULL},
};
#define VERBS_OF_PART (VERB_GET | VERB_UPDATE | VERB_PATCH)
static const struct kind_subresource subresources[] = {
    {.name = "status", .verbs = VERBS_OF_PART, .reset = strategy_reset_status},
    {.name = NULL},
};

const struct kind kind_replication_controller = {
    .group = "",
    .version = "v1",
    .kind = "ReplicationController",
    .resource = "replicationcontrollers",
    .singular = "replicationcontroller",
    .short_names = NAMES("rc"),
    .categories = NAMES("all"),
    .namespaced = true,
    .orphans_dependents = true,
    .has_generation = true,
    .is_unserved = true, /* No controller acts on it here. */
    .schema = &type_replication_controller,
    .subresources = subresources,
    .columns = columns,
    .fields = fields,
    .field_error = "field label not supported: %s",
    .set_defaults = set_defaults,
    .validate = validate,
};
