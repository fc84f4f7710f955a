/* See validate_service.h. */
#include "core/kinds/validate_service.h"

#include <inttypes.h>

#include "core/kinds/ip_text.h"
#include "core/kinds/meta.h"
#include "core/kinds/text_map.h"

#define AFFINITY_SECONDS_MAX 86400
#define IP_TEXT "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
#define CIDR_TEXT "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"

static struct slice text_at(const struct json *object, const char *path)
{
    return json_string(json_at(object, path));
}
static int64_t int_at(const struct json *object, const char *name)
{
    int64_t value = 0;
    json_to_int64(json_get(object, name), &value);
    return value;
}

bool service_is_type(const struct json *service, const char *type)
{
    return slice_is(text_at(service, "spec.type"), type);
}
bool service_is_headless(const struct json *service)
{
    const struct json *addresses = json_at(service, "spec.clusterIPs");
    return json_count(addresses) == 1 && slice_is(json_string(json_first(addresses)), "None");
}
bool service_is_external(const struct json *service)
{
    return service_is_type(service, "LoadBalancer") || service_is_type(service, "NodePort") ||
           (service_is_type(service, "ClusterIP") &&
            json_first(json_at(service, "spec.externalIPs")));
}

/* --- Addresses --- */

static bool starts_with_zeros(const uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (bytes[i] != 0)
            return false;
    return true;
}
static const char *special_range(const struct ip_address *address)
{
    const uint8_t *b = address->bytes;
    if (address->is_v6) {
        if (starts_with_zeros(b, 16))
            return "may not be unspecified (::)";
        if (starts_with_zeros(b, 15) && b[15] == 1)
            return "may not be in the loopback range (127.0.0.0/8, ::1/128)";
        if (b[0] == 0xfe && (b[1] & 0xc0) == 0x80)
            return "may not be in the link-local range (169.254.0.0/16, fe80::/10)";
        return b[0] == 0xff && (b[1] & 0x0f) == 2
                   ? "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"
                   : NULL;
    }
    if (starts_with_zeros(b, 4))
        return "may not be unspecified (0.0.0.0)";
    if (b[0] == 127)
        return "may not be in the loopback range (127.0.0.0/8, ::1/128)";
    if (b[0] == 169 && b[1] == 254)
        return "may not be in the link-local range (169.254.0.0/16, fe80::/10)";
    return b[0] == 224 && b[1] == 0 && b[2] == 0
               ? "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"
               : NULL;
}
void endpoint_address_validate(struct slice text, const struct field_path *path,
                               struct field_errors *errors)
{
    struct ip_address address;
    const char *why = ip_parse(text, &address) ? special_range(&address) : IP_TEXT;
    if (why)
        path_invalid_text(errors, path, text, "%s", why);
}

static void check_families(const struct json *spec, const struct field_path *path,
                           struct field_errors *errors)
{
    static const char *const families[] = {"IPv4", "IPv6", NULL};
    static const char *const policies[] = {"PreferDualStack", "RequireDualStack", "SingleStack",
                                           NULL};
    const struct json *policy = json_get(spec, "ipFamilyPolicy");
    struct text_map seen = {0};
    size_t index = 0;
    JSON_EACH(family, json_get(spec, "ipFamilies")) {
        const struct field_path *at = AT_ITEM(AT(path, "ipFamilies"), index++);
        path_check_choice(errors, at, json_string(family), families);
        if (!text_map_add_text(&seen, json_string(family)))
            path_duplicate(errors, at, json_string(family));
    }
    text_map_release(&seen);
    if (policy)
        path_check_choice(errors, AT(path, "ipFamilyPolicy"), json_string(policy), policies);
}
/* The list and its first item agree. */
static void check_first_address(const struct json *spec, const struct field_path *path,
                                struct field_errors *errors)
{
    const struct json *addresses = json_get(spec, "clusterIPs");
    struct slice first = text_at(spec, "clusterIP");
    if (first.size > 0 && !json_first(addresses))
        path_required(errors, path, NULL);
    else if (first.size > 0 && !slice_equal(json_string(json_first(addresses)), first))
        path_invalid(errors, path, addresses, "first value must match `clusterIP`");
    else if (first.size == 0 && json_first(addresses))
        path_invalid(errors, path, addresses, "must be empty when `clusterIP` is not specified");
}
void service_addresses_validate(const struct json *service, const struct field_path *spec_path,
                                struct field_errors *errors)
{
    const struct json *spec = json_get(service, "spec");
    const struct json *addresses = json_get(spec, "clusterIPs");
    const struct json *family = json_first(json_get(spec, "ipFamilies"));
    const struct field_path *path = AT(spec_path, "clusterIPs");
    size_t index = 0, count = json_count(addresses), count_v6 = 0;
    check_first_address(spec, path, errors);
    check_families(spec, spec_path, errors);
    if (service_is_headless(service))
        return;
    JSON_EACH(address, addresses) {
        const struct field_path *at = AT_ITEM(path, index++);
        struct slice text = json_string(address), name = json_string(family);
        bool is_v6 = ip_is_v6(text);
        count_v6 += is_v6;
        if (index == 1 && slice_is(text, "None"))
            path_invalid(errors, path, addresses, "'None' must be the first and only value");
        else if (!ip_is_valid(text))
            path_invalid_text(errors, at, text, IP_TEXT);
        else if (family && slice_is(name, is_v6 ? "IPv4" : "IPv6"))
            path_invalid_text(errors, at, text,
                              "expected an %s value as indicated by `ipFamilies[%zu]`",
                              is_v6 ? "IPv4" : "IPv6", index - 1);
        family = json_next(family);
    }
    if (count > 2)
        path_invalid(errors, path, addresses, "may only hold up to 2 values");
    else if (count == 2 && count_v6 != 1)
        path_invalid(errors, path, addresses, "may specify no more than one IP for each IP family");
}

/* --- Ports --- */

void port_or_name_validate(const struct json *port, const struct field_path *path,
                           struct field_errors *errors)
{
    if (json_is(port, JSON_STRING))
        path_check_name(errors, path, json_string(port), name_check_port_name);
    else
        path_check_range(errors, path, port, 1, 65535);
}

struct port_checking {
    struct text_map names, pairs, node_ports;
    bool needs_names;
    bool has_no_node_ports; /* Of type ClusterIP. */
    struct field_errors *errors;
};
static struct slice pair_text(struct arena *arena, const struct json *port, const char *name)
{
    return slice_of(arena_format(arena, "%s/%" PRId64, json_text(json_get(port, "protocol")),
                                 int_at(port, name)));
}
static void check_port_doubles(struct port_checking *checking, const struct json *port,
                               const struct field_path *path)
{
    struct field_errors *errors = checking->errors;
    struct arena *arena = errors->arena;
    const struct json *node_port = json_get(port, "nodePort");
    if (node_port && checking->has_no_node_ports)
        path_forbidden(errors, AT(path, "nodePort"), "may not be used when `type` is 'ClusterIP'");
    if (node_port && !text_map_add_text(&checking->node_ports, pair_text(arena, port, "nodePort")))
        field_error_add(errors, FIELD_DUPLICATE, path_text(arena, AT(path, "nodePort")),
                        arena_format(arena, "%" PRId64, int_at(port, "nodePort")), NULL);
    if (!text_map_add_text(&checking->pairs, pair_text(arena, port, "port")))
        field_error_add(errors, FIELD_DUPLICATE, path_text(arena, path),
                        arena_format(arena,
                                     "{\"Name\":\"\",\"Protocol\":%s,\"AppProtocol\":null,"
                                     "\"Port\":%" PRId64 ",\"TargetPort\":0,\"NodePort\":0}",
                                     field_value_text(arena, text_at(port, "protocol")),
                                     int_at(port, "port")),
                        NULL);
}
static void check_port(struct port_checking *checking, const struct json *port,
                       const struct field_path *path)
{
    struct field_errors *errors = checking->errors;
    struct slice name = text_at(port, "name");
    const struct json *protocol = json_get(port, "appProtocol");
    if (checking->needs_names && name.size == 0)
        path_required(errors, AT(path, "name"), NULL);
    if (name.size > 0) {
        path_check_name(errors, AT(path, "name"), name, name_check_dns_label);
        if (!text_map_add_text(&checking->names, name))
            path_duplicate(errors, AT(path, "name"), name);
    }
    path_check_range(errors, AT(path, "port"), json_get(port, "port"), 1, 65535);
    port_or_name_validate(json_get(port, "targetPort"), AT(path, "targetPort"), errors);
    if (protocol)
        path_check_name(errors, AT(path, "appProtocol"), json_string(protocol),
                        name_check_qualified);
    check_port_doubles(checking, port, path);
}
static void check_ports(const struct json *service, const struct field_path *spec,
                        struct field_errors *errors)
{
    const struct json *ports = json_at(service, "spec.ports");
    const struct field_path *path = AT(spec, "ports");
    struct port_checking checking = {
        .needs_names = json_count(ports) > 1,
        .has_no_node_ports = service_is_type(service, "ClusterIP"),
        .errors = errors,
    };
    size_t index = 0;
    if (!json_first(ports) && !service_is_headless(service) &&
        !service_is_type(service, "ExternalName"))
        path_required(errors, path, NULL);
    JSON_EACH(port, ports)
        check_port(&checking, port, AT_ITEM(path, index++));
    text_map_release(&checking.names);
    text_map_release(&checking.pairs);
    text_map_release(&checking.node_ports);
}

/* --- Type, affinity, policies --- */

static void check_external_name(const struct json *spec, const struct field_path *path,
                                struct field_errors *errors)
{
    static const char *const refused[] = {"clusterIPs", "ipFamilies", "ipFamilyPolicy"};
    struct slice name = text_at(spec, "externalName");
    for (size_t i = 0; i < ARRAY_SIZE(refused); i++)
        if (json_get(spec, refused[i]))
            path_forbidden(errors, AT(path, refused[i]),
                           "may not be set for ExternalName services");
    if (slice_ends_with(name, SLICE(".")))
        name.size--;
    if (name.size == 0)
        path_required(errors, AT(path, "externalName"), NULL);
    else
        path_check_name(errors, AT(path, "externalName"), name, name_check_dns_subdomain);
}
static void check_type(const struct json *service, const struct field_path *path,
                       struct field_errors *errors)
{
    struct slice type = text_at(service, "spec.type");
    bool needs_address = slice_is(type, "LoadBalancer") || slice_is(type, "NodePort");
    if (slice_is(type, "ExternalName"))
        check_external_name(json_get(service, "spec"), path, errors);
    else
        service_addresses_validate(service, path, errors);
    if (needs_address && service_is_headless(service))
        path_invalid_text(errors, AT_ITEM(AT(path, "clusterIPs"), 0), SLICE("None"),
                          "may not be set to 'None' for " SLICE_FORMAT " services",
                          SLICE_ARGS(type));
}

static void check_affinity(const struct json *spec, const struct field_path *path,
                           struct field_errors *errors)
{
    const struct json *config = json_get(spec, "sessionAffinityConfig");
    const struct json *client = json_get(config, "clientIP");
    const struct field_path *at = AT(path, "sessionAffinityConfig");
    static const char why[] = "when session affinity type is ClientIP";
    int64_t seconds;
    if (!slice_is(text_at(spec, "sessionAffinity"), "ClientIP")) {
        if (config)
            path_forbidden(errors, at, "must not be set when session affinity is None");
        return;
    }
    if (!config)
        path_required(errors, at, why);
    else if (!client)
        path_required(errors, AT(at, "clientIP"), why);
    else if (!json_to_int64(json_get(client, "timeoutSeconds"), &seconds))
        path_required(errors, AT(AT(at, "clientIP"), "timeoutSeconds"), why);
    else if (seconds <= 0 || seconds > AFFINITY_SECONDS_MAX)
        path_invalid_int(errors, AT(AT(at, "clientIP"), "timeoutSeconds"), seconds,
                         "must be greater than 0 and less than %d", AFFINITY_SECONDS_MAX);
}

static void check_load_balancer(const struct json *service, const struct field_path *path,
                                struct field_errors *errors)
{
    const struct json *spec = json_get(service, "spec");
    const struct json *class = json_get(spec, "loadBalancerClass");
    const struct json *ranges = json_get(spec, "loadBalancerSourceRanges");
    bool is_balanced = service_is_type(service, "LoadBalancer");
    struct ip_address address;
    size_t index = 0;
    int bits;
    if (ranges && !is_balanced)
        path_forbidden(errors, AT(path, "LoadBalancerSourceRanges"),
                       "may only be used when `type` is 'LoadBalancer'");
    JSON_EACH(range, ranges) {
        const struct field_path *at = AT_ITEM(AT(path, "LoadBalancerSourceRanges"), index++);
        if (!cidr_parse(slice_trim(json_string(range)), &address, &bits))
            path_invalid_text(errors, at, slice_trim(json_string(range)), CIDR_TEXT);
    }
    if (json_get(spec, "allocateLoadBalancerNodePorts") && !is_balanced)
        path_forbidden(errors, AT(path, "allocateLoadBalancerNodePorts"),
                       "may only be used when `type` is 'LoadBalancer'");
    if (class && !is_balanced)
        path_forbidden(errors, AT(path, "loadBalancerClass"),
                       "may only be used when `type` is 'LoadBalancer'");
    if (class)
        path_check_name(errors, AT(path, "loadBalancerClass"), json_string(class),
                        name_check_qualified);
}

static void check_traffic(const struct json *service, const struct field_path *path,
                          struct field_errors *errors)
{
    static const char *const distributions[] = {"PreferClose", "PreferSameZone", "PreferSameNode",
                                                NULL};
    const struct json *spec = json_get(service, "spec");
    const struct json *distribution = json_get(spec, "trafficDistribution");
    const struct json *health = json_get(spec, "healthCheckNodePort");
    struct slice policy = text_at(spec, "externalTrafficPolicy");
    bool needs_health = service_is_type(service, "LoadBalancer") && slice_is(policy, "Local");
    if (policy.size > 0 && !service_is_external(service))
        path_invalid_text(errors, AT(path, "externalTrafficPolicy"), policy,
                          "may only be set for externally-accessible services");
    if (health && !needs_health)
        path_invalid(errors, AT(path, "healthCheckNodePort"), health,
                     "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` "
                     "is 'Local'");
    else
        path_check_range(errors, AT(path, "healthCheckNodePort"), health, 1, 65535);
    if (distribution)
        path_check_choice(errors, AT(path, "trafficDistribution"), json_string(distribution),
                          distributions);
}

/* --- The service --- */

static bool is_status(const struct kind_context *context)
{
    return context->subresource && slice_is(slice_of(context->subresource->name), "status");
}
void service_validate(const struct kind_context *context, const struct json *service,
                      struct field_errors *errors)
{
    const struct json *spec = json_get(service, "spec");
    const struct json *selector = json_get(spec, "selector");
    const struct field_path *path = AT(NULL, "spec");
    size_t index = 0;
    if (is_status(context))
        return;
    check_ports(service, path, errors);
    check_type(service, path, errors);
    if (selector)
        meta_validate_labels(selector, "spec.selector", errors);
    check_affinity(spec, path, errors);
    JSON_EACH(address, json_get(spec, "externalIPs"))
        endpoint_address_validate(json_string(address), AT_ITEM(AT(path, "externalIPs"), index++),
                                  errors);
    check_load_balancer(service, path, errors);
    check_traffic(service, path, errors);
}

static void check_ingress(const struct json *service, struct field_errors *errors)
{
    static const char *const modes[] = {"Proxy", "VIP", NULL};
    const struct json *list = json_at(service, "status.loadBalancer.ingress");
    const struct field_path *path = AT(AT(AT(NULL, "status"), "loadBalancer"), "ingress");
    size_t index = 0;
    if (json_first(list) && !service_is_type(service, "LoadBalancer")) {
        path_forbidden(errors, path, "may only be used when `spec.type` is 'LoadBalancer'");
        return;
    }
    JSON_EACH(ingress, list) {
        const struct field_path *at = AT_ITEM(path, index++);
        struct slice address = text_at(ingress, "ip"), name = text_at(ingress, "hostname");
        const struct json *mode = json_get(ingress, "ipMode");
        if (address.size > 0 && !ip_is_valid(address))
            path_invalid_text(errors, AT(at, "ip"), address, IP_TEXT);
        if (mode && address.size == 0)
            path_forbidden(errors, AT(at, "ipMode"), "may not be specified when `ip` is not set");
        else if (mode)
            path_check_choice(errors, AT(at, "ipMode"), json_string(mode), modes);
        if (name.size > 0)
            path_check_name(errors, AT(at, "hostname"), name, name_check_dns_subdomain);
        if (name.size > 0 && ip_is_valid(name))
            path_invalid_text(errors, AT(at, "hostname"), name,
                              "must be a DNS name, not an IP address");
    }
}

/* Addresses stay, unless the service becomes or was a mere name. */
static void check_same_addresses(const struct json *service, const struct json *old,
                                 struct field_errors *errors)
{
    const struct json *now = json_at(service, "spec.clusterIPs");
    const struct json *before = json_at(old, "spec.clusterIPs");
    const struct field_path *path = AT_ITEM(AT(AT(NULL, "spec"), "clusterIPs"), 0);
    if (service_is_type(service, "ExternalName") || service_is_type(old, "ExternalName") ||
        !json_first(before))
        return;
    if (!json_first(now))
        path_invalid(errors, path, now, "primary clusterIP can not be unset");
    else if (!json_equal(json_first(now), json_first(before)))
        path_invalid(errors, path, now, "may not change once set");
}
void service_validate_update(const struct kind_context *context, const struct json *service,
                             const struct json *old, struct field_errors *errors)
{
    const struct json *class = json_at(service, "spec.loadBalancerClass");
    const struct json *before = json_at(old, "spec.loadBalancerClass");
    if (is_status(context)) {
        check_ingress(service, errors);
        return;
    }
    check_same_addresses(service, old, errors);
    if (before && service_is_type(service, "LoadBalancer") &&
        service_is_type(old, "LoadBalancer") && !(class && json_equal(class, before)))
        path_invalid(errors, AT(AT(NULL, "spec"), "loadBalancerClass"), class,
                     "may not change once set");
}
