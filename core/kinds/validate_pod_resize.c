/* Changing the resources of a pod that runs: see validate_pod.h.
 *
 * KEP-1287, as 1.35 has it: cpu and memory of containers and sidecars may
 * change and be added, not removed; the QoS class stays; resources of the pod
 * as a whole do not change. */
#include "core/kinds/pod_resources.h"
#include "core/kinds/text_map.h"
#include "core/kinds/validate_pod.h"

/* Upstream makes these three with an empty path, which prints so. */
#define NO_PATH AT_KEY(NULL, SLICE(""))

static struct slice text_at(const struct json *object, const char *name)
{
    return json_string(json_get(object, name));
}
static bool same(const struct json *a, const struct json *b)
{
    return a && b ? json_equal(a, b) : !a && !b;
}

/* --- May this pod be resized at all? --- */

static bool has_pod_level_amounts(const struct json *pod)
{
    return json_first(json_at(pod, "spec.resources.requests")) ||
           json_first(json_at(pod, "spec.resources.limits"));
}
static const char *why_not(const struct json *pod, const struct json *old)
{
    if (json_get(json_at(old, "metadata.annotations"), "kubernetes.io/config.mirror"))
        return "static pods cannot be resized";
    if (slice_is(json_string(json_at(old, "spec.os.name")), "windows"))
        return "windows pods cannot be resized";
    if (has_pod_level_amounts(pod) || has_pod_level_amounts(old))
        return "resize of pods with pod-level resources is forbidden when "
               "InPlacePodLevelResourcesVerticalScalingEnabled feature gate is disabled";
    return NULL;
}
/* A kubelet that can resize tells resources of what runs. */
static bool node_supports_it(const struct json *pod)
{
    JSON_EACH(status, json_at(pod, "status.containerStatuses"))
        if (json_at(status, "state.running"))
            return json_get(status, "resources");
    return true;
}
static bool class_changes(const struct json *pod, const struct json *old)
{
    struct slice class = json_string(json_at(old, "status.qosClass"));
    if (class.size == 0)
        class = slice_of(pod_qos_class(json_get(old, "spec")));
    return !slice_is(class, pod_qos_class(json_get(pod, "spec")));
}

/* --- Are they the same containers? --- */

static bool check_order(const struct json *pod, const struct json *old, const char *name,
                        const struct field_path *spec, struct field_errors *errors)
{
    const struct json *containers = json_get(json_get(pod, "spec"), name);
    const struct json *before = json_get(json_get(old, "spec"), name);
    const struct json *other = json_first(before);
    const struct field_path *path = AT(spec, name);
    size_t index = 0, wrong = errors->count;
    if (json_count(containers) != json_count(before)) {
        path_forbidden(errors, path, "%s may not be added or removed on resize", name);
        return false;
    }
    JSON_EACH(container, containers) {
        const struct field_path *at = AT(AT_ITEM(path, index++), "name");
        if (!slice_equal(text_at(container, "name"), text_at(other, "name")))
            path_forbidden(errors, at, "%s may not be renamed or reordered on resize", name);
        other = json_next(other);
    }
    return errors->count == wrong;
}

/* --- What changes --- */

static bool lacks_one_of(const struct json *amounts, const struct json *old)
{
    JSON_EACH(amount, old)
        if (!json_get_slice(amounts, json_key(amount)))
            return true;
    return false;
}
static void check_nothing_removed(const struct json *container, const struct json *old,
                                  const struct field_path *path, struct field_errors *errors)
{
    const struct json *resources = json_get(container, "resources");
    const struct json *before = json_get(old, "resources");
    const struct field_path *at = AT(path, "resources");
    if (lacks_one_of(json_get(resources, "requests"), json_get(before, "requests")))
        path_forbidden(errors, AT(at, "requests"), "resource requests cannot be removed");
    if (lacks_one_of(json_get(resources, "limits"), json_get(before, "limits")))
        path_forbidden(errors, AT(at, "limits"), "resource limits cannot be removed");
}

/* amounts with cpu and memory as in old. */
static void restore_amounts(struct arena *arena, struct json *resources, const struct json *old,
                            const char *name)
{
    static const char *const changeable[] = {"cpu", "memory"};
    struct json *amounts = json_get(resources, name);
    const struct json *before = json_get(old, name);
    for (size_t i = 0; i < ARRAY_SIZE(changeable); i++) {
        const struct json *amount = json_get(before, changeable[i]);
        json_remove(amounts, changeable[i]);
        if (amount)
            json_set(arena, json_ensure_object(arena, resources, name), changeable[i],
                     json_copy(arena, amount));
    }
    if (amounts && !json_first(amounts))
        json_remove(resources, name);
}
/* Resources are rebuilt from limits and requests alone, so a container with claims
 * always differs: so upstream. */
static bool differs_elsewhere(struct arena *arena, const struct json *container,
                              const struct json *old)
{
    struct json *copy = json_copy(arena, container);
    struct json *resources = json_ensure_object(arena, copy, "resources");
    json_remove(resources, "claims");
    restore_amounts(arena, resources, json_get(old, "resources"), "limits");
    restore_amounts(arena, resources, json_get(old, "resources"), "requests");
    return !same(copy, old);
}

static void check_containers(const struct json *pod, const struct json *old,
                             const struct field_path *path, struct field_errors *errors)
{
    const struct json *before = json_first(json_at(old, "spec.containers"));
    JSON_EACH(container, json_at(pod, "spec.containers")) {
        if (differs_elsewhere(errors->arena, container, before))
            path_forbidden(errors, path, "only cpu and memory resources are mutable");
        before = json_next(before);
    }
    before = json_first(json_at(old, "spec.initContainers"));
    JSON_EACH(container, json_at(pod, "spec.initContainers")) {
        if (container_is_sidecar(container)) {
            if (differs_elsewhere(errors->arena, container, before))
                path_forbidden(errors, path,
                               "only cpu and memory resources for sidecar containers are mutable");
        } else if (!same(container, before)) {
            path_forbidden(errors, path, "resources for non-sidecar init containers are immutable");
        }
        before = json_next(before);
    }
}
static void check_removals(const struct json *pod, const struct json *old, const char *name,
                           bool sidecars_alone, const struct field_path *spec,
                           struct field_errors *errors)
{
    const struct json *container = json_first(json_get(json_get(pod, "spec"), name));
    size_t index = 0;
    JSON_EACH(before, json_get(json_get(old, "spec"), name)) {
        const struct field_path *at = AT_ITEM(AT(spec, name), index++);
        if (!sidecars_alone || container_is_sidecar(before))
            check_nothing_removed(container, before, at, errors);
        container = json_next(container);
    }
}

void pod_validate_resize(const struct json *pod, const struct json *old,
                         struct field_errors *errors)
{
    const struct field_path *path = AT(NULL, "spec");
    const char *refusal = why_not(pod, old);
    if (refusal) { /* Upstream tells this alone; what came before is dropped. */
        field_errors_init(errors, errors->arena);
        path_forbidden(errors, NO_PATH, "%s", refusal);
        return;
    }
    if (class_changes(pod, old))
        path_invalid(errors, path, json_at(pod, "status.qosClass"),
                     "Pod QOS Class may not change as a result of resizing");
    if (!node_supports_it(old))
        path_forbidden(errors, path, "Pod running on node without support for resize");
    bool same_containers = check_order(pod, old, "containers", path, errors);
    bool same_init_containers = check_order(pod, old, "initContainers", path, errors);
    if (!same_containers || !same_init_containers)
        return;
    check_removals(pod, old, "initContainers", true, path, errors);
    check_removals(pod, old, "containers", false, path, errors);
    check_containers(pod, old, path, errors);
}
