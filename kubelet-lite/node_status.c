#include "kubelet-lite/node_status.h"

#include "core/clock.h"
#include "core/version.h"
#include "kubelet-lite/container_status.h"

/* --- Conditions --- */

struct told {
    const char *type;
    bool is_true;
    const char *reason;
    const char *message;
};

static size_t tell_conditions(const struct node_report *report, struct told told[4])
{
    told[0] = report->is_short_of_memory
                  ? (struct told){"MemoryPressure", true, "KubeletHasInsufficientMemory",
                                  "kubelet has insufficient memory available"}
                  : (struct told){"MemoryPressure", false, "KubeletHasSufficientMemory",
                                  "kubelet has sufficient memory available"};
    told[1] = report->is_short_of_disk
                  ? (struct told){"DiskPressure", true, "KubeletHasDiskPressure",
                                  "kubelet has disk pressure"}
                  : (struct told){"DiskPressure", false, "KubeletHasNoDiskPressure",
                                  "kubelet has no disk pressure"};
    told[2] = report->is_short_of_pids
                  ? (struct told){"PIDPressure", true, "KubeletHasInsufficientPID",
                                  "kubelet has insufficient PID available"}
                  : (struct told){"PIDPressure", false, "KubeletHasSufficientPID",
                                  "kubelet has sufficient PID available"};
    told[3] = report->not_ready
                  ? (struct told){"Ready", false, "KubeletNotReady", report->not_ready}
                  : (struct told){"Ready", true, "KubeletReady", "kubelet is posting ready status"};
    return 4;
}

static const struct json *find_condition(const struct json *conditions, const char *type)
{
    JSON_EACH(condition, conditions)
        if (slice_is(json_string(json_get(condition, "type")), type))
            return condition;
    return NULL;
}

static bool says(const struct json *object, const char *member, const char *text)
{
    return slice_is(json_string(json_get(object, member)), text);
}

static struct json *condition_json(struct arena *arena, const struct told *told,
                                   const struct json *old, int64_t now_us)
{
    const char *state = told->is_true ? "True" : "False";
    const struct json *since = json_get(old, "lastTransitionTime");
    struct json *condition = json_new_object(arena);
    json_set_text(arena, condition, "type", told->type);
    json_set_text(arena, condition, "status", state);
    status_set_time(arena, condition, "lastHeartbeatTime", now_us);
    if (json_is(since, JSON_STRING) && says(old, "status", state))
        json_set(arena, condition, "lastTransitionTime", json_copy(arena, since));
    else
        status_set_time(arena, condition, "lastTransitionTime", now_us);
    json_set_text(arena, condition, "reason", told->reason);
    json_set_text(arena, condition, "message", told->message);
    return condition;
}

/* All conditions, or with only_changes those that differ from old. */
static struct json *conditions_json(struct arena *arena, const struct node_report *report,
                                    const struct json *old, bool only_changes, int64_t now_us)
{
    struct told told[4];
    size_t count = tell_conditions(report, told);
    struct json *list = json_new_array(arena);
    for (size_t i = 0; i < count; i++) {
        const struct json *before = find_condition(old, told[i].type);
        bool is_same = before && says(before, "status", told[i].is_true ? "True" : "False") &&
                       says(before, "reason", told[i].reason) &&
                       says(before, "message", told[i].message);
        if (!only_changes || !is_same)
            json_append(list, condition_json(arena, &told[i], before, now_us));
    }
    return list;
}

/* --- The rest of the status --- */

static struct json *addresses_json(struct arena *arena, const struct node_report *report)
{
    struct json *list = json_new_array(arena);
    const char *const pairs[][2] = {
        {"InternalIP", report->address},
        {"Hostname", report->hostname ? report->hostname : report->name},
    };
    for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
        struct json *address = json_new_object(arena);
        json_set_text(arena, address, "type", pairs[i][0]);
        json_set_text(arena, address, "address", pairs[i][1]);
        json_append(list, address);
    }
    return list;
}

static struct json *info_json(struct arena *arena, const struct node_report *report,
                              const struct json *old)
{
    const char *const pairs[][2] = {
        {"machineID", report->machine_id},
        {"systemUUID", report->system_uuid},
        {"bootID", report->boot_id},
        {"kernelVersion", report->kernel_version},
        {"osImage", report->os_image},
        {"containerRuntimeVersion", report->runtime_version},
        {"kubeletVersion", KUBERNETES_VERSION},
        {"kubeProxyVersion", ""},
        {"operatingSystem", report->operating_system},
        {"architecture", report->architecture},
    };
    struct json *info = json_new_object(arena);
    for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
        const struct json *told = json_get(old, pairs[i][0]);
        if (report->only_fills && json_string(told).size > 0)
            json_set(arena, info, pairs[i][0], json_copy(arena, told));
        else
            json_set_text(arena, info, pairs[i][0], pairs[i][1] ? pairs[i][1] : "");
    }
    return info;
}

/* Sets member of patch to value unless the node has it already. */
static void patch_member(struct arena *arena, const struct node_report *report,
                         const struct json *old, const char *member, struct json *value,
                         struct json *patch)
{
    const struct json *before = json_get(old, member);
    bool stays = report->only_fills && json_count(before) > 0 && strcmp(member, "nodeInfo") != 0;
    if (stays || (before && json_equal(before, value)))
        return;
    if (json_is(value, JSON_OBJECT)) /* Maps merge: what is gone must be taken out by name. */
        JSON_EACH(each, before)
            if (!json_get_slice(value, json_key(each)))
                json_set_slice(arena, value, json_key(each), json_new_null(arena));
    json_set(arena, patch, member, value);
}

static void patch_rest(struct arena *arena, const struct node_report *report,
                       const struct json *old, struct json *patch)
{
    const struct json *told = json_get(old, "capacity");
    bool keeps = report->only_fills && json_count(told) > 0;
    const struct json *capacity = keeps ? told : report->capacity;
    const struct json *allocatable = report->allocatable && !keeps ? report->allocatable : capacity;
    patch_member(arena, report, old, "capacity", json_copy(arena, capacity), patch);
    patch_member(arena, report, old, "allocatable", json_copy(arena, allocatable), patch);
    patch_member(arena, report, old, "addresses", addresses_json(arena, report), patch);
    patch_member(arena, report, old, "nodeInfo",
                 info_json(arena, report, json_get(old, "nodeInfo")), patch);
}

struct json *node_status_patch(struct arena *arena, const struct json *node,
                               const struct node_report *report, int64_t now_us)
{
    const struct json *old = json_get(node, "status");
    struct json *patch = json_new_object(arena);
    struct json *changes = json_ensure_object(arena, patch, "status");
    struct json *conditions =
        conditions_json(arena, report, json_get(old, "conditions"), true, now_us);
    if (json_count(conditions) > 0)
        json_set(arena, changes, "conditions", conditions);
    patch_rest(arena, report, old, changes);
    return json_count(changes) > 0 ? patch : NULL;
}

/* --- The whole --- */

static void set_label(struct arena *arena, struct json *labels, const char *key, const char *value)
{
    if (!json_get(labels, key))
        json_set_text(arena, labels, key, value);
}

struct json *node_body(struct arena *arena, const struct node_report *report,
                       const struct json *labels, const struct json *annotations, int64_t now_us)
{
    struct json *node = json_new_object(arena);
    json_set_text(arena, node, "apiVersion", "v1");
    json_set_text(arena, node, "kind", "Node");
    struct json *metadata = json_ensure_object(arena, node, "metadata");
    json_set_text(arena, metadata, "name", report->name);
    struct json *own = json_set(arena, metadata, "labels",
                                labels ? json_copy(arena, labels) : json_new_object(arena));
    set_label(arena, own, "kubernetes.io/hostname",
              report->hostname ? report->hostname : report->name);
    set_label(arena, own, "kubernetes.io/arch", report->architecture);
    set_label(arena, own, "kubernetes.io/os", report->operating_system);
    if (annotations)
        json_set(arena, metadata, "annotations", json_copy(arena, annotations));
    struct json *status = json_ensure_object(arena, node, "status");
    json_set(arena, status, "conditions", conditions_json(arena, report, NULL, false, now_us));
    patch_rest(arena, report, NULL, status);
    return node;
}

/* --- Lease --- */

static void set_renewal(struct arena *arena, struct json *spec, const char *name, int64_t now_us)
{
    char now[TIME_TEXT_SIZE];
    time_format_micro(now_us, now);
    json_set_text(arena, spec, "holderIdentity", name);
    json_set_int(arena, spec, "leaseDurationSeconds", NODE_LEASE_SECONDS);
    json_set_text(arena, spec, "renewTime", now);
}

struct json *node_lease_body(struct arena *arena, const char *name, const char *uid, int64_t now_us)
{
    struct json *lease = json_new_object(arena);
    json_set_text(arena, lease, "apiVersion", "coordination.k8s.io/v1");
    json_set_text(arena, lease, "kind", "Lease");
    struct json *metadata = json_ensure_object(arena, lease, "metadata");
    json_set_text(arena, metadata, "name", name);
    json_set_text(arena, metadata, "namespace", NODE_LEASE_NAMESPACE);
    struct json *owners = json_set(arena, metadata, "ownerReferences", json_new_array(arena));
    struct json *owner = json_new_object(arena);
    json_set_text(arena, owner, "apiVersion", "v1");
    json_set_text(arena, owner, "kind", "Node");
    json_set_text(arena, owner, "name", name);
    json_set_text(arena, owner, "uid", uid);
    json_append(owners, owner);
    set_renewal(arena, json_ensure_object(arena, lease, "spec"), name, now_us);
    return lease;
}

struct json *node_lease_patch(struct arena *arena, const char *name, int64_t now_us)
{
    struct json *patch = json_new_object(arena);
    set_renewal(arena, json_ensure_object(arena, patch, "spec"), name, now_us);
    return patch;
}
