/* See pod_resources.h. */
#include "core/kinds/pod_resources.h"

#include <string.h>

#include "core/kinds/text_map.h"

#define NANO_PER_MILLI 1000000

bool pod_level_resource_is_supported(struct slice name)
{
    return slice_is(name, "cpu") || slice_is(name, "memory") || resource_is_huge_page(name);
}
bool container_is_sidecar(const struct json *container)
{
    return slice_is(json_string(json_get(container, "restartPolicy")), "Always");
}

/* --- One container --- */

struct summing {
    const char *what;                /* "requests" or "limits" */
    const struct text_map *statuses; /* By container; NULL: only the spec counts. */
    bool is_infeasible;              /* The node cannot give what the spec wants. */
    bool is_scored;                  /* Requests that are not named count as something. */
};

/* Those that tell resources in force; of an init container before others of its name. */
static void index_statuses(const struct json *status, struct text_map *statuses)
{
    static const char *const lists[] = {"initContainerStatuses", "containerStatuses"};
    for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
        JSON_EACH(one, json_get(status, lists[i]))
            if (json_get(one, "resources"))
                text_map_add(statuses, json_string(json_get(one, "name")), one);
}

/* Upstream: determineContainerReqs, determineContainerLimits. */
static void add_container(const struct summing *summing, const struct json *container,
                          bool may_be_resized, struct resource_list *list)
{
    const struct json *wanted = json_get(json_get(container, "resources"), summing->what);
    const struct json *status = NULL;
    if (summing->statuses && may_be_resized)
        status = text_map_get(summing->statuses, json_string(json_get(container, "name")));
    if (!status || !summing->is_infeasible)
        resource_list_add_json(list, wanted);
    if (!status)
        return;
    resource_list_max_json(list, json_get(json_get(status, "resources"), summing->what));
    if (strcmp(summing->what, "requests") == 0)
        resource_list_max_json(list, json_get(status, "allocatedResources"));
}
static void container_amounts(const struct summing *summing, const struct json *container,
                              bool may_be_resized, struct resource_list *list)
{
    add_container(summing, container, may_be_resized, list);
    if (!summing->is_scored)
        return;
    struct quantity cpu = {.nano = 100 * NANO_PER_MILLI, .format = QUANTITY_DECIMAL};
    if (!resource_list_get(list, SLICE("cpu")))
        resource_list_set(list, SLICE("cpu"), &cpu);
    struct quantity memory = quantity_of_int(200 * 1024 * 1024, QUANTITY_BINARY);
    if (!resource_list_get(list, SLICE("memory")))
        resource_list_set(list, SLICE("memory"), &memory);
}

/* --- All containers --- */

/* largest is never below sidecars, so only what this container asks for can raise it. */
static void add_init_container(const struct summing *summing, const struct json *container,
                               struct resource_list *sum, struct resource_list *sidecars,
                               struct resource_list *largest)
{
    struct resource_list own = {0};
    bool is_sidecar = container_is_sidecar(container);
    container_amounts(summing, container, is_sidecar, &own);
    if (is_sidecar) {
        resource_list_add(sum, &own);
        resource_list_add(sidecars, &own);
    }
    for (size_t i = 0; i < own.count; i++) {
        const struct quantity *beside = resource_list_get(sidecars, own.items[i].name);
        if (is_sidecar)
            own.items[i].amount = *beside;
        else if (beside)
            quantity_add(&own.items[i].amount, beside);
    }
    resource_list_max(largest, &own);
    resource_list_release(&own);
}
static void sum_containers(const struct summing *summing, const struct json *spec,
                           struct resource_list *sum)
{
    struct resource_list sidecars = {0}, largest = {0};
    JSON_EACH(container, json_get(spec, "containers")) {
        struct resource_list own = {0};
        container_amounts(summing, container, true, &own);
        resource_list_add(sum, &own);
        resource_list_release(&own);
    }
    JSON_EACH(container, json_get(spec, "initContainers"))
        add_init_container(summing, container, sum, &sidecars, &largest);
    resource_list_max(sum, &largest);
    resource_list_release(&sidecars);
    resource_list_release(&largest);
}

void pod_container_requests(const struct json *spec, struct resource_list *list)
{
    sum_containers(&(struct summing){.what = "requests"}, spec, list);
}
void pod_container_limits(const struct json *spec, struct resource_list *list)
{
    sum_containers(&(struct summing){.what = "limits"}, spec, list);
}

/* --- The pod --- */

static bool is_infeasible(const struct json *status)
{
    JSON_EACH(condition, json_get(status, "conditions"))
        if (slice_is(json_string(json_get(condition, "type")), "PodResizePending"))
            return slice_is(json_string(json_get(condition, "reason")), "Infeasible");
    return false;
}
static void sum_pod(const struct json *pod, enum pod_amounts amounts, const char *what,
                    struct resource_list *list)
{
    const struct json *spec = json_get(pod, "spec");
    const struct json *status = amounts == POD_AMOUNTS_WANTED ? NULL : json_get(pod, "status");
    struct text_map statuses = {0};
    index_statuses(status, &statuses);
    struct summing summing = {.what = what,
                              .statuses = status ? &statuses : NULL,
                              .is_infeasible = is_infeasible(status),
                              .is_scored = amounts == POD_AMOUNTS_SCORED};
    struct quantity amount;
    sum_containers(&summing, spec, list);
    JSON_EACH(member, json_get(json_get(spec, "resources"), what))
        if (pod_level_resource_is_supported(json_key(member)) &&
            quantity_from_json(member, &amount))
            resource_list_set(list, json_key(member), &amount);
    text_map_release(&statuses);
}

void pod_requests(const struct json *pod, enum pod_amounts amounts, struct resource_list *list)
{
    sum_pod(pod, amounts, "requests", list);
    resource_list_add_json(list, json_get(json_get(pod, "spec"), "overhead"));
}
void pod_limits(const struct json *pod, enum pod_amounts amounts, struct resource_list *list)
{
    sum_pod(pod, amounts, "limits", list);
    JSON_EACH(member, json_get(json_get(pod, "spec"), "overhead")) {
        struct quantity overhead;
        struct quantity *limit = resource_list_get(list, json_key(member));
        if (limit && quantity_sign(limit) != 0 && quantity_from_json(member, &overhead))
            quantity_add(limit, &overhead);
    }
}

/* --- Quality of service --- */

static bool matters_for_qos(struct slice name)
{
    return slice_is(name, "cpu") || slice_is(name, "memory");
}
/* Adds what is above zero; true when both cpu and memory were. */
static bool add_for_qos(const struct json *amounts, struct resource_list *sum)
{
    struct quantity amount;
    size_t found = 0;
    JSON_EACH(member, amounts) {
        if (!matters_for_qos(json_key(member)) || !quantity_from_json(member, &amount) ||
            quantity_sign(&amount) <= 0)
            continue;
        struct quantity *present = resource_list_get(sum, json_key(member));
        if (present)
            quantity_add(present, &amount);
        else
            resource_list_set(sum, json_key(member), &amount);
        found++;
    }
    return found == 2;
}
static bool same_amounts(struct resource_list *a, struct resource_list *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        const struct quantity *other = resource_list_get(b, a->items[i].name);
        if (!other || quantity_compare(&a->items[i].amount, other) != 0)
            return false;
    }
    return true;
}
static bool containers_for_qos(const struct json *containers, struct resource_list *requests,
                               struct resource_list *limits)
{
    bool all_limited = true;
    JSON_EACH(container, containers) {
        const struct json *resources = json_get(container, "resources");
        add_for_qos(json_get(resources, "requests"), requests);
        all_limited &= add_for_qos(json_get(resources, "limits"), limits);
    }
    return all_limited;
}

const char *pod_qos_class(const struct json *spec)
{
    struct resource_list requests = {0}, limits = {0};
    const struct json *resources = json_get(spec, "resources");
    bool all_limited = true;
    if (resources) {
        add_for_qos(json_get(resources, "requests"), &requests);
        if (json_first(json_get(resources, "limits")))
            all_limited = add_for_qos(json_get(resources, "limits"), &limits);
    } else {
        all_limited = containers_for_qos(json_get(spec, "containers"), &requests, &limits);
        all_limited &= containers_for_qos(json_get(spec, "initContainers"), &requests, &limits);
    }
    const char *class = "Burstable";
    if (requests.count == 0 && limits.count == 0)
        class = "BestEffort";
    else if (all_limited && same_amounts(&requests, &limits))
        class = "Guaranteed";
    resource_list_release(&requests);
    resource_list_release(&limits);
    return class;
}
