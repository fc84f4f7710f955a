#include "core/kinds/quota.h"

#include "core/kinds/meta.h"
#include "core/kinds/pod_resources.h"
#include "core/kinds/view.h"

#define NANO_PER_MILLI 1000000
#define SECOND_US INT64_C(1000000)
#define REQUESTS "requests."
#define LIMITS "limits."

static bool is(const struct kind *kind, const char *group, const char *resource)
{
    return strcmp(kind->group, group) == 0 && strcmp(kind->resource, resource) == 0;
}

bool quota_is_pod(const struct kind *kind)
{
    return is(kind, "", "pods");
}

/* --- Sums --- */

void quota_sum_release(struct quota_sum *sum)
{
    resource_list_release(&sum->requests);
    resource_list_release(&sum->limits);
}

/* Its deletion's grace is over by as much again: nobody is there to end it. */
static bool is_overdue(const struct json *pod, int64_t now_us)
{
    int64_t deleted_us, grace;
    return meta_deleted(pod, &deleted_us) && meta_grace_seconds(pod, &grace) &&
           now_us > deleted_us + grace * SECOND_US;
}

static void add_pod(struct quota_sum *sum, const struct json *pod, int64_t now_us)
{
    struct slice phase = json_string(json_at(pod, "status.phase"));
    if (slice_is(phase, "Succeeded") || slice_is(phase, "Failed") || is_overdue(pod, now_us))
        return;
    struct resource_list requests = {0}, limits = {0};
    pod_requests(pod, POD_AMOUNTS_HELD, &requests);
    pod_limits(pod, POD_AMOUNTS_HELD, &limits);
    resource_list_add(&sum->requests, &requests);
    resource_list_add(&sum->limits, &limits);
    resource_list_release(&requests);
    resource_list_release(&limits);
    sum->live++;
}

/* A balanced service gets node ports as well, unless it asks for none: then those that it names. */
static void add_service(struct quota_sum *sum, const struct json *service)
{
    const struct json *spec = json_get(service, "spec"), *ports = json_get(spec, "ports");
    const struct json *allocates = json_get(spec, "allocateLoadBalancerNodePorts");
    struct slice type = json_string(json_get(spec, "type"));
    int64_t number;
    bool is_balanced = slice_is(type, "LoadBalancer");
    sum->load_balancers += is_balanced;
    if (is_balanced && allocates && !json_bool(allocates)) {
        JSON_EACH(port, ports)
            sum->node_ports += json_to_int64(json_get(port, "nodePort"), &number) && number != 0;
    } else if (is_balanced || slice_is(type, "NodePort")) {
        sum->node_ports += (int64_t)json_count(ports);
    }
}

void quota_sum_add(struct quota_sum *sum, const struct kind *kind, const struct json *object,
                   int64_t now_us)
{
    sum->count++;
    if (quota_is_pod(kind))
        add_pod(sum, object, now_us);
    else if (is(kind, "", "services"))
        add_service(sum, object);
}

/* --- Stored pods, by their facts --- */

static void add_amount(struct resource_list *list, const char *name, int64_t units,
                       quantity_nano nano, enum quantity_format format)
{
    struct quantity amount = {.nano = units * nano, .format = format};
    if (units != 0)
        resource_list_add_one(list, slice_of(name), &amount);
}

static void add_facts(struct quota_sum *sum, const struct facts_pod *pod)
{
    static const quantity_nano unit = 1000000000;
    struct slice rest = pod->requests;
    struct facts_resource resource;
    add_amount(&sum->requests, "cpu", pod->request_cpu_millis, NANO_PER_MILLI, QUANTITY_DECIMAL);
    add_amount(&sum->requests, "memory", pod->request_memory, unit, QUANTITY_BINARY);
    add_amount(&sum->requests, "ephemeral-storage", pod->request_ephemeral, unit, QUANTITY_BINARY);
    add_amount(&sum->limits, "cpu", pod->limit_cpu_millis, NANO_PER_MILLI, QUANTITY_DECIMAL);
    add_amount(&sum->limits, "memory", pod->limit_memory, unit, QUANTITY_BINARY);
    add_amount(&sum->limits, "ephemeral-storage", pod->limit_ephemeral, unit, QUANTITY_BINARY);
    while (facts_take_resource(&rest, &resource)) {
        struct quantity amount = quantity_of_int(
            resource.amount,
            resource_is_huge_page(resource.name) ? QUANTITY_BINARY : QUANTITY_DECIMAL);
        resource_list_add_one(&sum->requests, resource.name, &amount);
    }
}

static bool stored_is_overdue(const struct object *pod, int64_t now_us)
{
    int64_t deleted_us = view_int(object_view(pod), VIEW_DELETED, INT64_MAX);
    if (now_us <= deleted_us)
        return false;
    struct arena arena;
    struct status status;
    arena_init(&arena);
    status_init(&status);
    bool overdue = is_overdue(json_parse(&arena, object_body(pod), NULL, &status), now_us);
    status_release(&status);
    arena_release(&arena);
    return overdue;
}

void quota_sum_add_pod(struct quota_sum *sum, const struct object *pod, int64_t now_us)
{
    struct facts_pod facts;
    sum->count++;
    if (!facts_pod_of(pod, &facts) || facts.phase == POD_SUCCEEDED || facts.phase == POD_FAILED ||
        stored_is_overdue(pod, now_us))
        return;
    add_facts(sum, &facts);
    sum->live++;
}

/* --- Names --- */

static void set_count(struct resource_list *amounts, const char *name, int64_t count)
{
    struct quantity amount = quantity_of_int(count, QUANTITY_DECIMAL);
    resource_list_set(amounts, slice_of(name), &amount);
}

static void set_amount(struct arena *arena, struct resource_list *amounts, const char *prefix,
                       const struct resource_amount *item)
{
    const char *name = arena_format(arena, "%s" SLICE_FORMAT, prefix, SLICE_ARGS(item->name));
    resource_list_set(amounts, slice_of(name), &item->amount);
}

static bool is_computed(struct slice name)
{
    return slice_is(name, "cpu") || slice_is(name, "memory") || slice_is(name, "ephemeral-storage");
}

static void set_pod_amounts(struct arena *arena, const struct quota_sum *sum,
                            struct resource_list *amounts)
{
    set_count(amounts, "pods", sum->live);
    for (size_t i = 0; i < sum->requests.count; i++) {
        const struct resource_amount *item = &sum->requests.items[i];
        bool is_named = is_computed(item->name) || resource_is_huge_page(item->name);
        if (is_named)
            resource_list_set(amounts, item->name, &item->amount);
        if (is_named || resource_is_extended(item->name))
            set_amount(arena, amounts, REQUESTS, item);
    }
    for (size_t i = 0; i < sum->limits.count; i++)
        if (is_computed(sum->limits.items[i].name))
            set_amount(arena, amounts, LIMITS, &sum->limits.items[i]);
}

/* Kinds that a quota may also name without "count/". */
static bool has_old_name(const struct kind *kind)
{
    static const char *const names[] = {"configmaps",
                                        "persistentvolumeclaims",
                                        "replicationcontrollers",
                                        "resourcequotas",
                                        "secrets",
                                        "services"};
    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        if (is(kind, "", names[i]))
            return true;
    return false;
}

static const char *count_name(struct arena *arena, const struct kind *kind)
{
    return *kind->group ? arena_format(arena, "count/%s.%s", kind->resource, kind->group)
                        : arena_format(arena, "count/%s", kind->resource);
}

void quota_amounts(struct arena *arena, const struct kind *kind, const struct quota_sum *sum,
                   struct resource_list *amounts)
{
    set_count(amounts, count_name(arena, kind), sum->count);
    if (has_old_name(kind))
        set_count(amounts, kind->resource, sum->count);
    if (quota_is_pod(kind))
        set_pod_amounts(arena, sum, amounts);
    if (!is(kind, "", "services"))
        return;
    set_count(amounts, "services.nodeports", sum->node_ports);
    set_count(amounts, "services.loadbalancers", sum->load_balancers);
}

static bool is_count_of(const struct kind *kind, struct slice resource)
{
    struct slice name = slice_sub(resource, 6, resource.size);
    struct slice plural = slice_of(kind->resource), group = slice_of(kind->group);
    if (!slice_starts_with(resource, SLICE("count/")) || !slice_starts_with(name, plural))
        return false;
    name = slice_sub(name, plural.size, name.size);
    if (group.size == 0)
        return name.size == 0;
    return name.size > 0 && name.data[0] == '.' &&
           slice_equal(slice_sub(name, 1, name.size), group);
}

static bool counts_pods(struct slice resource)
{
    if (slice_is(resource, "pods") || is_computed(resource) || resource_is_huge_page(resource))
        return true;
    if (slice_starts_with(resource, SLICE(LIMITS)))
        return is_computed(slice_sub(resource, sizeof(LIMITS) - 1, resource.size));
    if (!slice_starts_with(resource, SLICE(REQUESTS)))
        return false;
    struct slice rest = slice_sub(resource, sizeof(REQUESTS) - 1, resource.size);
    return is_computed(rest) || resource_is_huge_page(rest) || !resource_is_native(resource);
}

bool quota_counts(const struct kind *kind, struct slice resource)
{
    if (is_count_of(kind, resource))
        return true;
    if (quota_is_pod(kind))
        return counts_pods(resource);
    if (is(kind, "", "services") && slice_starts_with(resource, SLICE("services.")))
        return slice_is(resource, "services.nodeports") ||
               slice_is(resource, "services.loadbalancers");
    return has_old_name(kind) && slice_is(resource, kind->resource);
}

/* --- Scopes --- */

static bool reaches_namespaces(const struct json *terms, const char *within)
{
    JSON_EACH(one, terms) {
        const struct json *term = within ? json_get(one, within) : one;
        if (json_count(json_get(term, "namespaces")) > 0 || json_get(term, "namespaceSelector"))
            return true;
    }
    return false;
}

static bool affinity_reaches(const struct json *affinity)
{
    static const char *const kinds[] = {"podAffinity", "podAntiAffinity"};
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        const struct json *terms = json_get(affinity, kinds[i]);
        if (reaches_namespaces(json_get(terms, "requiredDuringSchedulingIgnoredDuringExecution"),
                               NULL) ||
            reaches_namespaces(json_get(terms, "preferredDuringSchedulingIgnoredDuringExecution"),
                               "podAffinityTerm"))
            return true;
    }
    return false;
}

void quota_scope_of(const struct facts_pod *pod, struct quota_scope *scope)
{
    *scope = (struct quota_scope){
        .has_deadline = pod->flags & POD_HAS_DEADLINE,
        .is_best_effort = pod->qos == POD_BEST_EFFORT,
        .priority_class = pod->priority_class_name,
    };
    if (!(pod->flags & (POD_HAS_POD_AFFINITY | POD_HAS_ANTI_AFFINITY)))
        return;
    struct arena arena;
    struct status status;
    arena_init(&arena);
    status_init(&status);
    const struct json *placement = json_parse(&arena, pod->placement, NULL, &status);
    scope->reaches_namespaces = affinity_reaches(json_get(placement, "affinity"));
    status_release(&status);
    arena_release(&arena);
}

static bool is_among(const struct json *values, struct slice value)
{
    JSON_EACH(one, values)
        if (slice_equal(json_string(one), value))
            return true;
    return false;
}

/* A selector over the one label that a pod has here, its class. */
static bool class_matches(struct slice class, struct slice operator_name, const struct json *values)
{
    if (slice_is(operator_name, "Exists"))
        return class.size > 0;
    if (slice_is(operator_name, "DoesNotExist"))
        return class.size == 0;
    if (slice_is(operator_name, "NotIn"))
        return class.size == 0 || !is_among(values, class);
    return class.size > 0 && is_among(values, class);
}

static bool scope_matches(const struct quota_scope *scope, struct slice name,
                          struct slice operator_name, const struct json *values)
{
    if (slice_is(name, "Terminating"))
        return scope->has_deadline;
    if (slice_is(name, "NotTerminating"))
        return !scope->has_deadline;
    if (slice_is(name, "BestEffort"))
        return scope->is_best_effort;
    if (slice_is(name, "NotBestEffort"))
        return !scope->is_best_effort;
    if (slice_is(name, "CrossNamespacePodAffinity"))
        return scope->reaches_namespaces;
    return slice_is(name, "PriorityClass") &&
           class_matches(scope->priority_class, operator_name, values);
}

bool quota_matches(const struct json *spec, const struct kind *kind,
                   const struct quota_scope *scope)
{
    const struct json *scopes = json_get(spec, "scopes");
    const struct json *selectors = json_at(spec, "scopeSelector.matchExpressions");
    if (!quota_is_pod(kind))
        return json_count(scopes) + json_count(selectors) == 0;
    JSON_EACH(name, scopes)
        if (!scope_matches(scope, json_string(name), SLICE("Exists"), NULL))
            return false;
    JSON_EACH(selector, selectors)
        if (!scope_matches(scope, json_string(json_get(selector, "scopeName")),
                           json_string(json_get(selector, "operator")),
                           json_get(selector, "values")))
            return false;
    return true;
}
