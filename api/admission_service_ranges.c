/* A service gets its addresses and node ports.
 *
 * Not admission upstream, but at its place: after everything that may still change the
 * object, before it is checked (BeginCreate and BeginUpdate of the services' store,
 * pkg/registry/core/service/storage/{storage,alloc}.go). What is given out is what the
 * transaction writes, so a write that fails has taken nothing. */
#include "api/admission.h"
#include "api/api.h"
#include "api/service_ranges.h"
#include "core/kinds/service_families.h"
#include "core/kinds/service_update.h"
#include "core/kinds/validate_service.h"

struct allocation {
    struct service_claim claim;
    struct arena *arena;
    struct json *service;
    struct json *spec;
    const struct json *old;  /* NULL on create. */
    const struct json *before; /* Its spec. */
    struct status *status;
};

static const char *name_of(const struct allocation *allocation)
{
    return json_text(json_at(allocation->service, "metadata.name"));
}
static int fail_invalid(const struct allocation *allocation, const struct field_errors *errors)
{
    return field_errors_status(errors, "", "Service", name_of(allocation), allocation->status);
}
static int fail_internal(const struct allocation *allocation, const char *what, const char *why)
{
    return status_fail(allocation->status, STATUS_INTERNAL_ERROR,
                       "Internal error occurred: failed to allocate a %s: %s", what, why);
}

/* --- Addresses --- */

static bool needs_address(const struct json *service)
{
    return !service_is_type(service, "ExternalName") && !service_is_headless(service);
}

static int take_address(struct allocation *allocation, struct slice wanted, const char **address)
{
    const struct json *addresses = json_get(allocation->spec, "clusterIPs");
    struct field_errors errors;
    const char *why;
    if (wanted.size == 0) {
        why = service_claim_any_address(&allocation->claim, address);
        return why ? fail_internal(allocation, "serviceIP", why) : 0;
    }
    *address = arena_copy_slice(allocation->arena, wanted);
    why = service_claim_address(&allocation->claim, wanted);
    if (!why)
        return 0;
    field_errors_init(&errors, allocation->arena);
    path_invalid(&errors, AT(AT(NULL, "spec"), "clusterIPs"), addresses,
                 "failed to allocate IP %s: %s", *address, why);
    return fail_invalid(allocation, &errors);
}
/* One, for there is one family. */
static int set_address(struct allocation *allocation)
{
    struct json *spec = allocation->spec;
    const char *address;
    struct slice wanted = json_string(json_first(json_get(spec, "clusterIPs")));
    bool had_one = allocation->old && !service_is_type(allocation->old, "ExternalName");
    if (!needs_address(allocation->service) || had_one)
        return 0;
    if (take_address(allocation, wanted, &address))
        return -1;
    struct json *list = json_new_array(allocation->arena);
    json_append(list, json_new_text(allocation->arena, address));
    json_set_text(allocation->arena, spec, "clusterIP", address);
    json_set(allocation->arena, spec, "clusterIPs", list);
    return 0;
}

/* --- Node ports --- */

static int64_t number_at(const struct json *object, const char *name)
{
    int64_t number = 0;
    json_to_int64(json_get(object, name), &number);
    return number;
}
static bool has_node_ports(const struct json *service)
{
    return service_is_type(service, "NodePort") || service_is_type(service, "LoadBalancer");
}
static bool wants_node_ports(const struct allocation *allocation)
{
    return service_is_type(allocation->service, "NodePort") ||
           json_bool(json_get(allocation->spec, "allocateLoadBalancerNodePorts"));
}

static int take_port(struct allocation *allocation, size_t index, int64_t number)
{
    struct field_errors errors;
    const char *why = service_claim_port(&allocation->claim, number);
    if (!why)
        return 0;
    field_errors_init(&errors, allocation->arena);
    path_invalid_int(&errors, AT(AT_ITEM(AT(AT(NULL, "spec"), "ports"), index), "nodePort"), number,
                     "%s", why);
    return fail_invalid(allocation, &errors);
}
static int take_any_port(struct allocation *allocation, struct json *port)
{
    int64_t number;
    const char *why = service_claim_any_port(&allocation->claim, &number);
    if (why)
        return fail_internal(allocation, "nodePort", why);
    json_set_int(allocation->arena, port, "nodePort", number);
    return 0;
}

/* The node port of the first port with this number among count ports that has one; 0: none. */
static int64_t node_port_for(const struct json *ports, int64_t number, size_t count)
{
    JSON_EACH(port, ports) {
        if (count-- == 0)
            return 0;
        if (number_at(port, "port") == number && number_at(port, "nodePort") != 0)
            return number_at(port, "nodePort");
    }
    return 0;
}
/* The same port by two protocols (53 TCP and UDP) is the same node port. */
static int set_port_of_create(struct allocation *allocation, struct json *port, size_t index)
{
    const struct json *ports = json_get(allocation->spec, "ports");
    int64_t number = number_at(port, "port"), asked = number_at(port, "nodePort");
    int64_t shared = node_port_for(ports, number, index);
    if (shared == 0) {
        int64_t wanted = node_port_for(ports, number, SIZE_MAX);
        if (wanted == 0)
            return take_any_port(allocation, port);
        json_set_int(allocation->arena, port, "nodePort", wanted);
        return take_port(allocation, index, wanted);
    }
    if (asked == 0)
        json_set_int(allocation->arena, port, "nodePort", shared);
    return asked == 0 || asked == shared ? 0 : take_port(allocation, index, asked);
}

static bool has_number(const struct json *ports, int64_t number, size_t count)
{
    JSON_EACH(port, ports) {
        if (count-- == 0)
            return false;
        if (number_at(port, "nodePort") == number)
            return true;
    }
    return false;
}
static int set_port_of_update(struct allocation *allocation, struct json *port, size_t index)
{
    const struct json *ports = json_get(allocation->spec, "ports");
    int64_t number = number_at(port, "nodePort");
    if (number == 0)
        return take_any_port(allocation, port);
    if (has_number(json_get(allocation->before, "ports"), number, SIZE_MAX) ||
        has_number(ports, number, index))
        return 0;
    return take_port(allocation, index, number);
}

static int set_ports(struct allocation *allocation)
{
    size_t index = 0;
    if (!has_node_ports(allocation->service))
        return 0;
    bool wants = wants_node_ports(allocation);
    JSON_EACH(port, json_get(allocation->spec, "ports")) {
        bool is_meant = wants || number_at(port, "nodePort") != 0;
        if (is_meant && (allocation->old ? set_port_of_update(allocation, port, index)
                                         : set_port_of_create(allocation, port, index)))
            return -1;
        index++;
    }
    return 0;
}

/* --- The port for health checks --- */

static bool needs_health_port(const struct json *service)
{
    return service_is_type(service, "LoadBalancer") &&
           slice_is(json_string(json_at(service, "spec.externalTrafficPolicy")), "Local");
}
static int set_health_port(struct allocation *allocation)
{
    int64_t number = number_at(allocation->spec, "healthCheckNodePort");
    if (!needs_health_port(allocation->service) ||
        (allocation->old && needs_health_port(allocation->old)))
        return 0;
    const char *why = number ? service_claim_port(&allocation->claim, number)
                             : service_claim_any_port(&allocation->claim, &number);
    if (!why) {
        json_set_int(allocation->arena, allocation->spec, "healthCheckNodePort", number);
        return 0;
    }
    return status_fail(allocation->status, STATUS_INTERNAL_ERROR,
                       "Internal error occurred: failed to allocate %s HealthCheck NodePort "
                       "%lld: %s",
                       number ? "requested" : "a", (long long)number, why);
}

/* --- The plugin --- */

static int allocate(struct allocation *allocation)
{
    struct field_errors errors;
    field_errors_init(&errors, allocation->arena);
    service_set_families(allocation->arena, allocation->service, allocation->old, &errors);
    return fail_invalid(allocation, &errors) || set_address(allocation) || set_ports(allocation) ||
                   set_health_port(allocation)
               ? -1
               : 0;
}

static int mutate(struct admission *admission, struct status *status)
{
    const struct kind *kind = admission->kind;
    struct request *request = admission->request;
    if (admission->operation == ADMIT_DELETE || admission->subresource || kind->group[0] ||
        strcmp(kind->resource, "services") != 0)
        return 0;
    service_keep_given(&request->arena, admission->object, admission->old);
    struct allocation allocation = {
        .arena = &request->arena,
        .service = admission->object,
        .spec = json_get(admission->object, "spec"),
        .old = admission->old,
        .before = json_get(admission->old, "spec"),
        .status = status,
    };
    service_claim_init(&allocation.claim, request->api->service_ranges, admission->plan,
                       &request->arena, loop_random(request->api->loop));
    allocation.claim.is_dry_run = admission->is_dry_run;
    int failed = allocate(&allocation);
    service_claim_release(&allocation.claim);
    return failed;
}

const struct admission_plugin admission_service_ranges = {.name = "ServiceRanges",
                                                          .mutate = mutate};
