/* EndpointSlice: some of the endpoints behind a service. Upstream: pkg/apis/discovery/validation. */
#include <inttypes.h>

#include "core/kinds/cell.h"
#include "core/kinds/ip_text.h"
#include "core/kinds/meta.h"
#include "core/kinds/text_map.h"
#include "core/kinds/types.h"
#include "core/kinds/validate_service.h"

#define ENDPOINTS_MAX 1000
#define ADDRESSES_MAX 100
#define PORTS_MAX 20000
#define TOPOLOGY_LABELS_MAX 16
#define HINTS_MAX 8

/* --- Endpoints --- */

static void check_address(struct slice address, struct slice type, const struct field_path *path,
                          struct field_errors *errors)
{
    bool is_v6 = slice_is(type, "IPv6");
    if (slice_is(type, "FQDN"))
        path_check_name(errors, path, address, name_check_dns_subdomain);
    else if (!ip_is_valid(address) || ip_is_v6(address) != is_v6)
        path_invalid_text(errors, path, address, "must be a valid %s address",
                          is_v6 ? "IPv6" : "IPv4");
    else
        endpoint_address_validate(address, path, errors);
}
static void check_addresses(const struct json *endpoint, struct slice type,
                            const struct field_path *path, struct field_errors *errors)
{
    const struct json *addresses = json_get(endpoint, "addresses");
    size_t count = json_count(addresses), index = 0;
    if (count == 0)
        path_required(errors, path, "must contain at least 1 address");
    else if (count > ADDRESSES_MAX)
        path_too_many(errors, path, count, ADDRESSES_MAX);
    JSON_EACH(address, addresses) {
        if (index == ADDRESSES_MAX)
            return;
        check_address(json_string(address), type, AT_ITEM(path, index), errors);
        index++;
    }
}
static void check_hints(const struct json *hints, const struct field_path *path,
                        struct field_errors *errors)
{
    const struct json *zones = json_get(hints, "forZones"), *nodes = json_get(hints, "forNodes");
    struct text_map seen = {0};
    size_t index = 0;
    if (json_count(zones) > HINTS_MAX)
        path_too_many(errors, AT(path, "forZones"), json_count(zones), HINTS_MAX);
    if (json_count(nodes) > HINTS_MAX)
        path_too_many(errors, AT(path, "forNodes"), json_count(nodes), HINTS_MAX);
    JSON_EACH(zone, zones) {
        const struct field_path *at = AT(AT_ITEM(AT(path, "forZones"), index++), "name");
        struct slice name = json_string(json_get(zone, "name"));
        if (!text_map_add_text(&seen, name))
            path_duplicate(errors, at, name);
        path_check_name(errors, at, name, name_check_label_value);
    }
    text_map_release(&seen);
}
static void check_endpoint(const struct json *endpoint, struct slice type,
                           const struct field_path *path, struct field_errors *errors)
{
    const struct json *node = json_get(endpoint, "nodeName");
    const struct json *topology = json_get(endpoint, "deprecatedTopology");
    const struct json *hostname = json_get(endpoint, "hostname");
    const struct field_path *at = AT(path, "deprecatedTopology");
    check_addresses(endpoint, type, AT(path, "addresses"), errors);
    if (node)
        path_check_name(errors, AT(path, "nodeName"), json_string(node), name_check_dns_subdomain);
    if (json_count(topology) > TOPOLOGY_LABELS_MAX)
        path_too_many(errors, at, json_count(topology), TOPOLOGY_LABELS_MAX);
    if (topology)
        meta_validate_labels(topology, path_text(errors->arena, at), errors);
    if (hostname)
        path_check_name(errors, AT(path, "hostname"), json_string(hostname), name_check_dns_label);
    check_hints(json_get(endpoint, "hints"), AT(path, "hints"), errors);
}

/* --- Ports --- */

static void check_ports(const struct json *ports, const struct field_path *path,
                        struct field_errors *errors)
{
    static const char *const protocols[] = {"SCTP", "TCP", "UDP", NULL};
    struct text_map names = {0};
    size_t index = 0;
    if (json_count(ports) > PORTS_MAX) {
        path_too_many(errors, path, json_count(ports), PORTS_MAX);
        return;
    }
    JSON_EACH(port, ports) {
        const struct field_path *at = AT_ITEM(path, index++);
        struct slice name = json_string(json_get(port, "name"));
        const struct json *protocol = json_get(port, "appProtocol");
        if (name.size > 0)
            path_check_name(errors, AT(at, "name"), name, name_check_dns_label);
        if (!text_map_add_text(&names, name))
            path_duplicate(errors, AT(at, "name"), name);
        path_check_choice(errors, AT(at, "protocol"), json_string(json_get(port, "protocol")),
                          protocols);
        if (protocol)
            path_check_name(errors, AT(at, "appProtocol"), json_string(protocol),
                            name_check_qualified);
    }
    text_map_release(&names);
}

static void validate(const struct kind_context *context, const struct json *object,
                     struct field_errors *errors)
{
    static const char *const types[] = {"FQDN", "IPv4", "IPv6", NULL};
    const struct json *endpoints = json_get(object, "endpoints");
    const struct field_path *path = AT(NULL, "endpoints");
    struct slice type = json_string(json_get(object, "addressType"));
    size_t index = 0;
    (void)context;
    if (type.size == 0)
        path_required(errors, AT(NULL, "addressType"), NULL);
    else
        path_check_choice(errors, AT(NULL, "addressType"), type, types);
    if (json_count(endpoints) > ENDPOINTS_MAX) {
        path_too_many(errors, path, json_count(endpoints), ENDPOINTS_MAX);
        return;
    }
    JSON_EACH(endpoint, endpoints)
        check_endpoint(endpoint, type, AT_ITEM(path, index++), errors);
    check_ports(json_get(object, "ports"), AT(NULL, "ports"), errors);
}
static void validate_update(const struct kind_context *context, const struct json *object,
                            const struct json *old, struct field_errors *errors)
{
    (void)context;
    meta_validate_immutable(json_get(object, "addressType"), json_get(old, "addressType"),
                            "addressType", errors);
}

/* --- Columns --- */

static void cell_ports(const struct kind_context *context, const struct json *object,
                       struct buffer *text)
{
    struct cell_list list = {0};
    (void)context;
    JSON_EACH(port, json_get(object, "ports")) {
        int64_t number;
        if (json_to_int64(json_get(port, "port"), &number))
            cell_list_add(&list, "%" PRId64, number);
        else
            cell_list_add(&list, "%s",
                          json_get(port, "name") ? json_text(json_get(port, "name")) : "*");
    }
    cell_list_append(&list, "<unset>", text);
}
static void cell_endpoints(const struct kind_context *context, const struct json *object,
                           struct buffer *text)
{
    struct cell_list list = {0};
    (void)context;
    JSON_EACH(endpoint, json_get(object, "endpoints"))
        JSON_EACH(address, json_get(endpoint, "addresses"))
            cell_list_add(&list, "%s", json_text(address));
    cell_list_append(&list, "<unset>", text);
}
static const struct kind_column columns[] = {
    COLUMN_NAME,
    CELL_AT("AddressType", "string", "Kind of its addresses.", "addressType"),
    CELL("Ports", "string", "Ports of its endpoints.", cell_ports),
    CELL("Endpoints", "string", "Addresses of its endpoints.", cell_endpoints),
    COLUMN_AGE,
    {.name = NULL},
};

const struct kind kind_endpoint_slice = {
    .group = "discovery.k8s.io",
    .version = "v1",
    .kind = "EndpointSlice",
    .resource = "endpointslices",
    .singular = "endpointslice",
    .namespaced = true,
    .has_generation = true,
    .schema = &type_endpoint_slice,
    .columns = columns,
    .validate = validate,
    .validate_update = validate_update,
};
