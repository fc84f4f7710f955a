/* Changing the status of a pod: see validate_pod.h. Upstream: ValidatePodStatusUpdate. */
#include "core/kinds/ip_text.h"
#include "core/kinds/text_map.h"
#include "core/kinds/validate_pod.h"

static struct slice text_at(const struct json *object, const char *name)
{
    return json_string(json_get(object, name));
}

static void check_conditions(const struct json *conditions, const struct field_path *path,
                             struct field_errors *errors)
{
    static const char *const own[] = {"PodScheduled", "Ready", "Initialized", NULL};
    size_t index = 0;
    int64_t generation;
    JSON_EACH(condition, conditions) {
        const struct field_path *at = AT_ITEM(path, index++);
        if (json_to_int64(json_get(condition, "observedGeneration"), &generation) && generation < 0)
            path_invalid_int(errors, AT(at, "observedGeneration"), generation,
                             "must be a non-negative integer");
        if (!text_is_one_of(text_at(condition, "type"), own))
            path_check_name(errors, AT(at, "Type"), text_at(condition, "type"),
                            name_check_qualified);
    }
}

static void check_nomination(const struct json *pod, const struct json *old,
                             const struct field_path *path, struct field_errors *errors)
{
    struct slice name = json_string(json_at(pod, "status.nominatedNodeName"));
    const struct field_path *at = AT(path, "nominatedNodeName");
    if (name.size == 0 || slice_equal(name, json_string(json_at(old, "status.nominatedNodeName"))))
        return;
    path_check_name(errors, at, name, name_check_dns_subdomain);
    if (json_string(json_at(old, "spec.nodeName")).size > 0)
        path_forbidden(errors, at, "may not be set on pods that are already bound to a node");
}

/* --- A container that ended stays so, unless something starts it again --- */

static bool rule_holds(const struct json *rule, int64_t exit_code)
{
    const struct json *codes = json_get(rule, "exitCodes");
    int64_t code;
    bool is_listed = false;
    if (!codes)
        return false;
    JSON_EACH(value, json_get(codes, "values"))
        is_listed |= json_to_int64(value, &code) && code == exit_code;
    return slice_is(text_at(codes, "operator"), "NotIn") ? !is_listed : is_listed;
}
/* Rules first, then the container's policy, then the pod's (KEP-5307). */
static bool may_restart(const struct json *container, const struct json *spec, int64_t exit_code)
{
    struct slice policy = text_at(container, "restartPolicy");
    JSON_EACH(rule, json_get(container, "restartPolicyRules"))
        if (rule_holds(rule, exit_code))
            return true;
    if (policy.size == 0)
        policy = text_at(spec, "restartPolicy");
    return slice_is(policy, "Always") || (slice_is(policy, "OnFailure") && exit_code != 0);
}
static bool init_may_restart(const struct json *container, const struct json *spec,
                             int64_t exit_code)
{
    struct slice policy = text_at(spec, "restartPolicy");
    return slice_is(policy, "Always") || (slice_is(policy, "OnFailure") && exit_code != 0) ||
           slice_is(text_at(container, "restartPolicy"), "Always");
}

static const struct list {
    const char *statuses;
    const char *containers;
    bool (*may_restart)(const struct json *container, const struct json *spec, int64_t exit_code);
} lists[] = {
    {"containerStatuses", "containers", may_restart},
    {"initContainerStatuses", "initContainers", init_may_restart},
    {"ephemeralContainerStatuses", "ephemeralContainers", NULL},
};

static void check_transitions(const struct list *list, const struct json *pod,
                              const struct json *old, const struct field_path *path,
                              struct field_errors *errors)
{
    const struct json *spec = json_get(old, "spec");
    struct text_map alive = {0}, containers = {0};
    size_t index = 0;
    JSON_EACH(container, json_get(spec, list->containers))
        text_map_add(&containers, text_at(container, "name"), container);
    JSON_EACH(status, json_get(json_get(pod, "status"), list->statuses))
        if (!json_at(status, "state.terminated"))
            text_map_add_text(&alive, text_at(status, "name"));
    JSON_EACH(before, json_get(json_get(old, "status"), list->statuses)) {
        const struct field_path *at = AT(AT_ITEM(AT(path, list->statuses), index++), "state");
        const struct json *ended = json_at(before, "state.terminated");
        struct slice name = text_at(before, "name");
        int64_t exit_code = 0;
        if (!ended || !text_map_has(&alive, name))
            continue;
        const struct json *container = text_map_get(&containers, name);
        json_to_int64(json_get(ended, "exitCode"), &exit_code);
        if (!list->may_restart || !container || !list->may_restart(container, spec, exit_code))
            path_forbidden(errors, at, "may not be transitioned to non-terminated state");
    }
    text_map_release(&containers);
    text_map_release(&alive);
}

/* --- Addresses --- */

static void check_addresses(const struct json *list, const struct field_path *path,
                            struct field_errors *errors)
{
    size_t index = 0, v6 = 0, count = json_count(list);
    JSON_EACH(item, list) {
        const struct field_path *at = AT_ITEM(path, index++);
        struct slice address = text_at(item, "ip");
        v6 += ip_is_v6(address);
        if (!ip_is_valid(address))
            path_invalid_text(errors, at, address,
                              "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
    }
    if (count > 2 || (count == 2 && v6 != 1))
        path_invalid(errors, path, list, "may specify no more than one IP for each IP family");
}
static void check_host_address(const struct json *status, const struct field_path *path,
                               struct field_errors *errors)
{
    const struct json *first = json_item(json_get(status, "hostIPs"), 0);
    const struct field_path *at = AT(AT_ITEM(AT(path, "hostIPs"), 0), "ip");
    if (first && !slice_equal(text_at(first, "ip"), text_at(status, "hostIP")))
        path_invalid_text(errors, at, text_at(first, "ip"), "must be equal to `hostIP`");
}

void pod_validate_status_update(const struct json *pod, const struct json *old,
                                struct field_errors *errors)
{
    const struct field_path *path = AT(NULL, "status");
    const struct json *status = json_get(pod, "status");
    const struct json *class = json_get(status, "qosClass");
    int64_t generation;
    check_conditions(json_get(status, "conditions"), AT(path, "conditions"), errors);
    check_nomination(pod, old, path, errors);
    if (json_to_int64(json_get(status, "observedGeneration"), &generation) && generation < 0)
        path_invalid_int(errors, AT(path, "observedGeneration"), generation,
                         "must be a non-negative integer");
    if (!slice_equal(json_string(class), json_string(json_at(old, "status.qosClass"))))
        path_invalid_text(errors, AT(path, "qosClass"), json_string(class), "field is immutable");
    for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
        check_transitions(&lists[i], pod, old, path, errors);
    check_addresses(json_get(status, "podIPs"), AT(path, "podIPs"), errors);
    check_addresses(json_get(status, "hostIPs"), AT(path, "hostIPs"), errors);
    check_host_address(status, path, errors);
}
