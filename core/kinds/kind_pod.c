/* Pod: containers that are placed on one node and share network and volumes.
 *
 * Upstream: pkg/registry/core/pod/strategy.go. What is wanted may hardly change
 * after the create (validate_pod.h); status, resources and ephemeral containers
 * have subresources of their own. */
#include "core/kinds/kind.h"
#include "core/kinds/facts_pod.h"
#include "core/kinds/field_path.h"
#include "core/kinds/pod_columns.h"
#include "core/kinds/pod_defaults.h"
#include "core/kinds/pod_resources.h"
#include "core/kinds/strategy.h"
#include "core/kinds/types.h"
#include "core/kinds/validate_pod.h"

#define GATED_MESSAGE "Scheduling is blocked due to non-empty scheduling gates"

/* --- Create --- */

/* A key stands for the pod's own value of that label (KEP-3633, KEP-3243). */
static void add_label_requirement(struct arena *arena, struct json *selector,
                                  const struct json *labels, const struct json *key,
                                  const char *operator)
{
    const struct json *value = json_get_slice(labels, json_string(key));
    if (!value)
        return;
    struct json *expressions = json_get(selector, "matchExpressions");
    if (!expressions)
        expressions = json_set(arena, selector, "matchExpressions", json_new_array(arena));
    struct json *requirement = json_new_object(arena);
    struct json *values = json_new_array(arena);
    json_set(arena, requirement, "key", json_copy(arena, key));
    json_set_text(arena, requirement, "operator", operator);
    json_append(values, json_copy(arena, value));
    json_set(arena, requirement, "values", values);
    json_append(expressions, requirement);
}
static void merge_label_keys(struct arena *arena, const struct json *labels, struct json *term)
{
    struct json *selector = json_get(term, "labelSelector");
    if (!selector)
        return;
    JSON_EACH(key, json_get(term, "matchLabelKeys"))
        add_label_requirement(arena, selector, labels, key, "In");
    JSON_EACH(key, json_get(term, "mismatchLabelKeys"))
        add_label_requirement(arena, selector, labels, key, "NotIn");
}
static void merge_affinity(struct arena *arena, const struct json *labels,
                           const struct json *affinity)
{
    JSON_EACH(term, json_get(affinity, "requiredDuringSchedulingIgnoredDuringExecution"))
        merge_label_keys(arena, labels, term);
    JSON_EACH(term, json_get(affinity, "preferredDuringSchedulingIgnoredDuringExecution"))
        merge_label_keys(arena, labels, json_get(term, "podAffinityTerm"));
}
static void merge_all_label_keys(struct arena *arena, const struct json *pod)
{
    const struct json *labels = json_at(pod, "metadata.labels");
    merge_affinity(arena, labels, json_at(pod, "spec.affinity.podAffinity"));
    merge_affinity(arena, labels, json_at(pod, "spec.affinity.podAntiAffinity"));
    JSON_EACH(constraint, json_at(pod, "spec.topologySpreadConstraints"))
        merge_label_keys(arena, labels, constraint);
}

static struct json *gated_condition(struct arena *arena)
{
    struct json *condition = json_new_object(arena);
    json_set_text(arena, condition, "type", "PodScheduled");
    json_set_text(arena, condition, "status", "False");
    json_set_text(arena, condition, "reason", "SchedulingGated");
    json_set_text(arena, condition, "message", GATED_MESSAGE);
    return condition;
}
static void prepare_for_create(const struct kind_context *context, struct json *pod)
{
    struct arena *arena = context->arena;
    struct json *status = json_new_object(arena);
    json_set_text(arena, status, "phase", "Pending");
    if (json_first(json_at(pod, "spec.schedulingGates"))) {
        struct json *conditions = json_new_array(arena);
        json_append(conditions, gated_condition(arena));
        json_set(arena, status, "conditions", conditions);
    }
    json_set_text(arena, status, "qosClass", pod_qos_class(json_get(pod, "spec")));
    json_set(arena, pod, "status", status);
    merge_all_label_keys(arena, pod);
}

/* --- Subresources --- */

static void copy_member(struct arena *arena, struct json *to, const struct json *from,
                        const char *name)
{
    const struct json *value = json_get(from, name);
    if (value)
        json_set(arena, to, name, json_copy(arena, value));
    else
        json_remove(to, name);
}

/* Owner references are not the kubelet's to change, and the QoS class is nobody's. */
static void reset_status(const struct kind_context *context, struct json *pod,
                         const struct json *update)
{
    struct arena *arena = context->arena;
    struct json *owners = json_at(pod, "metadata.ownerReferences");
    struct json *class = json_at(pod, "status.qosClass");
    int64_t observed = 0, observed_before = 0;
    json_to_int64(json_at(pod, "status.observedGeneration"), &observed_before);
    strategy_reset_status(context, pod, update);

    struct json *metadata = json_ensure_object(arena, pod, "metadata");
    struct json *status = json_ensure_object(arena, pod, "status");
    if (owners)
        json_set(arena, metadata, "ownerReferences", json_copy(arena, owners));
    else
        json_remove(metadata, "ownerReferences");
    if (class && !json_get(status, "qosClass"))
        json_set(arena, status, "qosClass", json_copy(arena, class));
    json_to_int64(json_get(status, "observedGeneration"), &observed);
    if (observed == 0 && observed_before != 0)
        json_set_int(arena, status, "observedGeneration", observed_before);
}

static void reset_ephemeral_containers(const struct kind_context *context, struct json *pod,
                                       const struct json *update)
{
    struct json *spec = json_ensure_object(context->arena, pod, "spec");
    copy_member(context->arena, spec, json_get(update, "spec"), "ephemeralContainers");
}

static bool same_names(const struct json *containers, const struct json *others)
{
    const struct json *other = json_first(others);
    JSON_EACH(container, containers) {
        if (!other || !slice_equal(json_string(json_get(container, "name")),
                                   json_string(json_get(other, "name"))))
            return false;
        other = json_next(other);
    }
    return !other;
}
/* Only resources and their policy are taken; where the containers are not the same
 * ones, all is taken, for validation to refuse. */
static void reset_containers(struct arena *arena, struct json *spec, const struct json *update,
                             const char *name)
{
    const struct json *wanted = json_first(json_get(update, name));
    if (!same_names(json_get(spec, name), json_get(update, name))) {
        copy_member(arena, spec, update, name);
        return;
    }
    JSON_EACH(container, json_get(spec, name)) {
        copy_member(arena, container, wanted, "resources");
        copy_member(arena, container, wanted, "resizePolicy");
        wanted = json_next(wanted);
    }
}
static void reset_resize(const struct kind_context *context, struct json *pod,
                         const struct json *update)
{
    struct json *spec = json_ensure_object(context->arena, pod, "spec");
    const struct json *wanted = json_get(update, "spec");
    bool is_same_count =
        json_count(json_get(spec, "containers")) == json_count(json_get(wanted, "containers")) &&
        json_count(json_get(spec, "initContainers")) ==
            json_count(json_get(wanted, "initContainers"));
    if (!is_same_count) {
        json_set(context->arena, pod, "spec", json_copy(context->arena, wanted));
        return;
    }
    reset_containers(context->arena, spec, wanted, "containers");
    reset_containers(context->arena, spec, wanted, "initContainers");
    copy_member(context->arena, spec, wanted, "resources");
}

/* --- What applying by a subresource leaves alone --- */

static void drop_all_but(struct json *object, const char *const *names)
{
    JSON_EACH(member, object)
        if (!text_is_one_of(json_key(member), names))
            json_detach(object, member);
}
static void drop_from_status(struct json *config)
{
    json_remove(config, "spec");
    json_remove(json_get(config, "metadata"), "ownerReferences");
    json_remove(json_get(config, "metadata"), "deletionTimestamp");
}
/* Only the identity of the object, and spec. */
static struct json *drop_but_spec(struct json *config)
{
    static const char *const whole[] = {"apiVersion", "kind", "metadata", "spec", NULL};
    static const char *const identity[] = {"name", "namespace", "uid", "resourceVersion", NULL};
    drop_all_but(config, whole);
    drop_all_but(json_get(config, "metadata"), identity);
    return json_get(config, "spec");
}
static void drop_from_ephemeral_containers(struct json *config)
{
    static const char *const names[] = {"ephemeralContainers", NULL};
    drop_all_but(drop_but_spec(config), names);
}
static void drop_from_resize(struct json *config)
{
    static const char *const names[] = {"containers", "initContainers", "resources", NULL};
    static const char *const of_container[] = {"name", "resources", "resizePolicy", NULL};
    struct json *spec = drop_but_spec(config);
    drop_all_but(spec, names);
    JSON_EACH(container, json_get(spec, "containers"))
        drop_all_but(container, of_container);
    JSON_EACH(container, json_get(spec, "initContainers"))
        drop_all_but(container, of_container);
}

/* --- The row --- */

/* A pod that no kubelet has, or that has ended, need not wait (CheckGracefulDelete). */
static int64_t grace_seconds(const struct json *pod, int64_t wanted)
{
    struct slice phase = json_string(json_at(pod, "status.phase"));
    int64_t seconds = 0;
    if (json_string(json_at(pod, "spec.nodeName")).size == 0 || slice_is(phase, "Succeeded") ||
        slice_is(phase, "Failed"))
        return 0;
    if (wanted >= 0)
        seconds = wanted;
    else
        json_to_int64(json_at(pod, "spec.terminationGracePeriodSeconds"), &seconds);
    return seconds < 0 ? 1 : seconds;
}

static void append_host_network(const struct json *pod, struct buffer *text)
{
    buffer_append_text(text, json_bool(json_at(pod, "spec.hostNetwork")) ? "true" : "false");
}
static void append_nothing(const struct json *pod, struct buffer *text)
{
    (void)pod, (void)text;
}
static void append_pod_ip(const struct json *pod, struct buffer *text)
{
    const struct json *first = json_item(json_at(pod, "status.podIPs"), 0);
    buffer_append_slice(text, json_string(json_get(first, "ip")));
}
static void append_node_name(const struct json *pod, struct buffer *text)
{
    buffer_append_slice(text, json_string(json_at(pod, "spec.nodeName")));
}

static const struct kind_field fields[] = {
    {.path = "spec.nodeName"},
    {.path = "spec.restartPolicy"},
    {.path = "spec.schedulerName"},
    {.path = "spec.serviceAccountName"},
    {.path = "spec.hostNetwork", .value = append_host_network},
    {.path = "status.phase"},
    {.path = "status.podIP", .value = append_pod_ip},
    {.path = "status.podIPs", .value = append_nothing}, /* Accepted, yet matches nothing. */
    {.path = "status.nominatedNodeName"},
    {.path = "spec.host", .value = append_node_name}, /* Old name of spec.nodeName. */
    {.path = NULL},
};

#define VERBS_OF_PART (VERB_GET | VERB_UPDATE | VERB_PATCH)
static const struct kind_subresource subresources[] = {
    {.name = "attach",
     .verbs = VERB_GET | VERB_CREATE,
     .kind = "PodAttachOptions",
     .group = "",
     .version = "v1"},
    {.name = "binding", .verbs = VERB_CREATE, .kind = "Binding", .group = "", .version = "v1"},
    {.name = "ephemeralcontainers",
     .verbs = VERBS_OF_PART,
     .reset = reset_ephemeral_containers,
     .drop_reset = drop_from_ephemeral_containers},
    {.name = "eviction",
     .verbs = VERB_CREATE,
     .kind = "Eviction",
     .group = "policy",
     .version = "v1"},
    {.name = "exec",
     .verbs = VERB_GET | VERB_CREATE,
     .kind = "PodExecOptions",
     .group = "",
     .version = "v1"},
    {.name = "log", .verbs = VERB_GET},
    {.name = "portforward",
     .verbs = VERB_GET | VERB_CREATE,
     .kind = "PodPortForwardOptions",
     .group = "",
     .version = "v1"},
    {.name = "resize",
     .verbs = VERBS_OF_PART,
     .reset = reset_resize,
     .drop_reset = drop_from_resize},
    {.name = "status",
     .verbs = VERBS_OF_PART,
     .reset = reset_status,
     .drop_reset = drop_from_status},
    {.name = NULL},
};

const struct kind kind_pod = {
    .group = "",
    .version = "v1",
    .kind = "Pod",
    .resource = "pods",
    .singular = "pod",
    .short_names = NAMES("po"),
    .categories = NAMES("all"),
    .namespaced = true,
    .has_generation = true,
    .schema = &type_pod,
    .subresources = subresources,
    .columns = pod_columns,
    .fields = fields,
    .field_error = "field label not supported: %s",
    .set_defaults = pod_set_defaults,
    .prepare_for_create = prepare_for_create,
    .validate = pod_validate,
    .validate_update = pod_validate_update,
    .grace_seconds = grace_seconds,
    .facts = pod_facts,
};
