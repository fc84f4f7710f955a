#include "kubelet-lite/pod_cgroup.h"

#include "core/kinds/pod_resources.h"

enum {
    SHARES_MIN = 2,
    SHARES_MAX = 262144,
    PERIOD_US = 100000,
    QUOTA_MIN_US = 1000,
    ADJ_GUARANTEED = -997,
    ADJ_BEST_EFFORT = 1000,
};

#define PRIORITY_CRITICAL 2000000000

int64_t cpu_shares_of_millis(int64_t millis)
{
    int64_t shares = millis > SHARES_MAX ? SHARES_MAX : millis * 1024 / 1000;
    return shares < SHARES_MIN ? SHARES_MIN : shares > SHARES_MAX ? SHARES_MAX : shares;
}

int64_t cpu_quota_of_millis(int64_t millis)
{
    if (millis <= 0)
        return 0;
    int64_t quota_us =
        millis > INT64_MAX / PERIOD_US ? INT64_MAX / 1000 : millis * PERIOD_US / 1000;
    return quota_us < QUOTA_MIN_US ? QUOTA_MIN_US : quota_us;
}

int64_t cpu_weight_of_shares(int64_t shares)
{
    if (shares >= SHARES_MAX)
        return 10000;
    return shares <= SHARES_MIN ? 1 : 1 + (shares - 2) * 9999 / 262142;
}

/* --- Paths --- */

const char *pod_cgroup_qos_path(struct arena *arena, const char *root, const char *qos_class)
{
    if (strcmp(qos_class, "Guaranteed") == 0)
        return arena_copy_text(arena, root);
    return arena_format(arena, "%s/%s", root,
                        strcmp(qos_class, "BestEffort") == 0 ? "besteffort" : "burstable");
}

const char *pod_cgroup_path(struct arena *arena, const char *root, const struct json *pod)
{
    const char *qos_class = pod_qos_class(json_get(pod, "spec"));
    return arena_format(arena, "%s/pod%s", pod_cgroup_qos_path(arena, root, qos_class),
                        json_text(json_at(pod, "metadata.uid")));
}

/* --- Numbers --- */

static bool amount_of(const struct json *owner, const char *kind, const char *name,
                      struct quantity *amount)
{
    return quantity_from_json(json_get(json_get(json_get(owner, "resources"), kind), name), amount);
}

/* Whether a limit of the pod is known: a pod-level one, or each container has one. */
static bool is_limited(const struct json *pod, const char *name)
{
    const struct json *spec = json_get(pod, "spec");
    struct quantity amount;
    if (amount_of(spec, "limits", name, &amount))
        return quantity_sign(&amount) > 0;
    JSON_EACH(container, json_get(spec, "containers"))
        if (!amount_of(container, "limits", name, &amount) || quantity_sign(&amount) <= 0)
            return false;
    JSON_EACH(init, json_get(spec, "initContainers"))
        if (!amount_of(init, "limits", name, &amount) || quantity_sign(&amount) <= 0)
            return false;
    return true;
}

void pod_cgroup_limits(const struct json *pod, struct cgroup_limits *limits)
{
    struct resource_list requests = {0}, most = {0};
    *limits = (struct cgroup_limits){.cpu_shares = SHARES_MIN};
    pod_requests(pod, POD_AMOUNTS_WANTED, &requests);
    pod_limits(pod, POD_AMOUNTS_WANTED, &most);
    const struct quantity *cpu = resource_list_get(&requests, SLICE("cpu"));
    const struct quantity *cpu_limit = resource_list_get(&most, SLICE("cpu"));
    const struct quantity *memory_limit = resource_list_get(&most, SLICE("memory"));
    bool is_best_effort = strcmp(pod_qos_class(json_get(pod, "spec")), "BestEffort") == 0;
    if (cpu)
        limits->cpu_shares = cpu_shares_of_millis(quantity_millis(cpu));
    if (!is_best_effort && cpu_limit && is_limited(pod, "cpu"))
        limits->cpu_quota_us = cpu_quota_of_millis(quantity_millis(cpu_limit));
    if (!is_best_effort && memory_limit && is_limited(pod, "memory"))
        limits->memory_bytes = quantity_value(memory_limit);
    resource_list_release(&requests);
    resource_list_release(&most);
}

/* A container without a limit of its own has the pod's (KEP-2837). */
static bool limit_of(const struct json *pod, const struct json *container, const char *name,
                     struct quantity *amount)
{
    return amount_of(container, "limits", name, amount) ||
           amount_of(json_get(pod, "spec"), "limits", name, amount);
}

void container_cgroup_limits(const struct json *pod, const struct json *container,
                             struct cgroup_limits *limits)
{
    struct quantity amount;
    *limits = (struct cgroup_limits){.cpu_shares = SHARES_MIN};
    if (amount_of(container, "requests", "cpu", &amount) ||
        amount_of(container, "limits", "cpu", &amount))
        limits->cpu_shares = cpu_shares_of_millis(quantity_millis(&amount));
    if (limit_of(pod, container, "cpu", &amount))
        limits->cpu_quota_us = cpu_quota_of_millis(quantity_millis(&amount));
    if (limit_of(pod, container, "memory", &amount))
        limits->memory_bytes = quantity_value(&amount);
}

int64_t container_oom_score_adj(const struct json *pod, const struct json *container,
                                int64_t node_memory_bytes)
{
    const struct json *spec = json_get(pod, "spec");
    const char *qos_class = pod_qos_class(spec);
    struct quantity memory;
    int64_t priority = 0;
    if (json_to_int64(json_get(spec, "priority"), &priority) && priority >= PRIORITY_CRITICAL)
        return ADJ_GUARANTEED;
    if (strcmp(qos_class, "Guaranteed") == 0)
        return ADJ_GUARANTEED;
    if (strcmp(qos_class, "BestEffort") == 0)
        return ADJ_BEST_EFFORT;
    int64_t bytes =
        amount_of(container, "requests", "memory", &memory) ? quantity_value(&memory) : 0;
    int64_t share =
        node_memory_bytes > 0 ? (int64_t)((__int128)bytes * 1000 / node_memory_bytes) : 0;
    int64_t adj = 1000 - share;
    if (adj < 1000 + ADJ_GUARANTEED)
        return 1000 + ADJ_GUARANTEED;
    return adj >= ADJ_BEST_EFFORT ? ADJ_BEST_EFFORT - 1 : adj;
}
