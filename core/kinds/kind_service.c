/* Service: a lasting address for a changing set of pods.
 *
 * Upstream: pkg/registry/core/service/strategy.go. Addresses and node ports are
 * given out by the API (api/service_ranges.h), for that needs to know all services. */
#include <inttypes.h>

#include "core/kinds/cell.h"
#include "core/kinds/facts_service.h"
#include "core/kinds/service_update.h"
#include "core/kinds/strategy.h"
#include "core/kinds/types.h"
#include "core/kinds/validate_service.h"

#define AFFINITY_SECONDS 10800

static struct slice text_at(const struct json *object, const char *path)
{
    return json_string(json_at(object, path));
}

/* --- Defaults --- */

static void set_target_ports(struct arena *arena, const struct json *ports)
{
    JSON_EACH(port, ports) {
        const struct json *target = json_get(port, "targetPort"), *number = json_get(port, "port");
        bool is_given = json_is(target, JSON_STRING)
                            ? json_string(target).size > 0
                            : target && !slice_is(json_number(target), "0");
        if (!is_given && number)
            json_set(arena, port, "targetPort", json_copy(arena, number));
    }
}
static void set_affinity(struct arena *arena, struct json *spec)
{
    if (!slice_is(text_at(spec, "sessionAffinity"), "ClientIP")) {
        json_remove(spec, "sessionAffinityConfig");
        return;
    }
    if (json_at(spec, "sessionAffinityConfig.clientIP.timeoutSeconds"))
        return;
    struct json *config = json_new_object(arena);
    json_set_int(arena, json_ensure_object(arena, config, "clientIP"), "timeoutSeconds",
                 AFFINITY_SECONDS);
    json_set(arena, spec, "sessionAffinityConfig", config);
}
static void set_defaults(const struct kind_context *context, struct json *service)
{
    struct arena *arena = context->arena;
    struct json *spec = json_get(service, "spec");
    if (!spec)
        return;
    set_target_ports(arena, json_get(spec, "ports"));
    set_affinity(arena, spec);
    if (service_is_external(service) && !json_get(spec, "externalTrafficPolicy"))
        json_set_text(arena, spec, "externalTrafficPolicy", "Cluster");
    if (!service_is_type(service, "ExternalName") && !json_get(spec, "internalTrafficPolicy"))
        json_set_text(arena, spec, "internalTrafficPolicy", "Cluster");
    if (!service_is_type(service, "LoadBalancer"))
        return;
    if (!json_get(spec, "allocateLoadBalancerNodePorts"))
        json_set_bool(arena, spec, "allocateLoadBalancerNodePorts", true);
    JSON_EACH(ingress, json_at(service, "status.loadBalancer.ingress"))
        if (text_at(ingress, "ip").size > 0 && !json_get(ingress, "ipMode"))
            json_set_text(arena, ingress, "ipMode", "VIP");
}

/* --- Update --- */

/* What is given out and what belongs together was settled before (service_update.h). */
static void prepare_for_update(const struct kind_context *context, struct json *service,
                               const struct json *old)
{
    if (!context->subresource)
        service_drop_of_old_type(service, old);
}

/* --- Columns: printService --- */

static void cell_cluster_ip(const struct kind_context *context, const struct json *service,
                            struct buffer *text)
{
    (void)context;
    cell_append_or_none(json_string(json_item(json_at(service, "spec.clusterIPs"), 0)), text);
}

static void add_text(struct buffer *list, struct slice text)
{
    if (text.size > 0)
        buffer_format(list, "%s" SLICE_FORMAT, list->size > 0 ? "," : "", SLICE_ARGS(text));
}
static void append_ingress(struct arena *arena, const struct json *service, struct buffer *list)
{
    const struct json *ingresses = json_at(service, "status.loadBalancer.ingress");
    struct slice *texts = ARENA_ARRAY(arena, struct slice, json_count(ingresses) + 1);
    size_t count = 0;
    JSON_EACH(ingress, ingresses) {
        struct slice address = text_at(ingress, "ip");
        texts[count] = address.size > 0 ? address : text_at(ingress, "hostname");
        count += texts[count].size > 0;
    }
    cell_join_sorted(texts, count, list);
}
static void cell_external_ip(const struct kind_context *context, const struct json *service,
                             struct buffer *text)
{
    struct buffer list = {0};
    bool is_balanced = service_is_type(service, "LoadBalancer");
    if (service_is_type(service, "ExternalName")) {
        json_print_string(text_at(service, "spec.externalName"), text);
        return;
    }
    if (is_balanced)
        append_ingress(context->arena, service, &list);
    JSON_EACH(address, json_at(service, "spec.externalIPs"))
        add_text(&list, json_string(address));
    cell_append_or(buffer_slice(&list), is_balanced ? "<pending>" : "<none>", text);
    buffer_release(&list);
}

static void cell_ports(const struct kind_context *context, const struct json *service,
                       struct buffer *text)
{
    (void)context;
    struct buffer list = {0};
    JSON_EACH(port, json_at(service, "spec.ports")) {
        int64_t number = 0, node_port = 0;
        json_to_int64(json_get(port, "port"), &number);
        json_to_int64(json_get(port, "nodePort"), &node_port);
        buffer_format(&list, "%s%" PRId64, list.size > 0 ? "," : "", number);
        if (node_port > 0)
            buffer_format(&list, ":%" PRId64, node_port);
        buffer_format(&list, "/%s", json_text(json_get(port, "protocol")));
    }
    cell_append_or_none(buffer_slice(&list), text);
    buffer_release(&list);
}
static void cell_selector(const struct kind_context *context, const struct json *service,
                          struct buffer *text)
{
    (void)context;
    cell_append_labels(json_at(service, "spec.selector"), text);
}

static const struct kind_column columns[] = {
    COLUMN_NAME,
    CELL_AT("Type", "string", "How it is offered.", "spec.type"),
    CELL("Cluster-IP", "string", "Address inside the cluster.", cell_cluster_ip),
    CELL("External-IP", "string", "Addresses outside the cluster.", cell_external_ip),
    CELL("Port(s)", "string", "Its ports, with node ports and protocols.", cell_ports),
    COLUMN_AGE,
    CELL_WIDE("Selector", "string", "Labels of the pods that it leads to.", cell_selector),
    {.name = NULL},
};

/* --- The row --- */

static const struct kind_field fields[] = {
    {.path = "spec.clusterIP"},
    {.path = "spec.type"},
    {.path = NULL},
};
static const struct kind_subresource subresources[] = {
    {.name = "status",
     .verbs = VERB_GET | VERB_UPDATE | VERB_PATCH,
     .reset = strategy_reset_status},
    {.name = NULL},
};

const struct kind kind_service = {
    .group = "",
    .version = "v1",
    .kind = "Service",
    .resource = "services",
    .singular = "service",
    .short_names = NAMES("svc"),
    .categories = NAMES("all"),
    .namespaced = true,
    .schema = &type_service,
    .subresources = subresources,
    .columns = columns,
    .fields = fields,
    .field_error = "field label not supported: %s",
    .validate_name = name_dns_1035_label,
    .set_defaults = set_defaults,
    .prepare_for_update = prepare_for_update,
    .validate = service_validate,
    .validate_update = service_validate_update,
    .facts = service_facts,
};
