/* Endpoints: addresses behind a service; old, EndpointSlices replace it. */
#include <inttypes.h>

#include "core/kinds/cell.h"
#include "core/kinds/types.h"
#include "core/kinds/validate_service.h"

static void check_address(const struct json *address, const struct field_path *path,
                          struct field_errors *errors)
{
    struct slice hostname = json_string(json_get(address, "hostname"));
    const struct json *node = json_get(address, "nodeName");
    endpoint_address_validate(json_string(json_get(address, "ip")), AT(path, "ip"), errors);
    if (hostname.size > 0)
        path_check_name(errors, AT(path, "hostname"), hostname, name_check_dns_label);
    if (node)
        path_check_name(errors, AT(path, "nodeName"), json_string(node), name_check_dns_subdomain);
}
static void check_port(const struct json *port, bool needs_name, const struct field_path *path,
                       struct field_errors *errors)
{
    static const char *const protocols[] = {"SCTP", "TCP", "UDP", NULL};
    struct slice name = json_string(json_get(port, "name"));
    const struct json *protocol = json_get(port, "appProtocol");
    if (name.size > 0)
        path_check_name(errors, AT(path, "name"), name, name_check_dns_label);
    else if (needs_name)
        path_required(errors, AT(path, "name"), NULL);
    path_check_range(errors, AT(path, "port"), json_get(port, "port"), 1, 65535);
    path_check_choice(errors, AT(path, "protocol"), json_string(json_get(port, "protocol")),
                      protocols);
    if (protocol)
        path_check_name(errors, AT(path, "appProtocol"), json_string(protocol),
                        name_check_qualified);
}
static void check_subset(const struct json *subset, const struct field_path *path,
                         struct field_errors *errors)
{
    static const char *const lists[] = {"addresses", "notReadyAddresses"};
    const struct json *ports = json_get(subset, "ports");
    size_t count = 0, index = 0;
    for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
        size_t place = 0;
        JSON_EACH(address, json_get(subset, lists[i]))
            check_address(address, AT_ITEM(AT(path, lists[i]), place++), errors);
        count += place;
    }
    if (count == 0)
        path_required(errors, path, "must specify `addresses` or `notReadyAddresses`");
    JSON_EACH(port, ports)
        check_port(port, json_count(ports) > 1, AT_ITEM(AT(path, "ports"), index++), errors);
}
static void validate(const struct kind_context *context, const struct json *endpoints,
                     struct field_errors *errors)
{
    size_t index = 0;
    (void)context;
    JSON_EACH(subset, json_get(endpoints, "subsets"))
        check_subset(subset, AT_ITEM(AT(NULL, "subsets"), index++), errors);
}

/* net.JoinHostPort: IPv6 in brackets. */
static void add_address(struct cell_list *list, const struct json *address, const struct json *port)
{
    const char *ip = json_text(json_get(address, "ip"));
    int64_t number = 0;
    json_to_int64(json_get(port, "port"), &number);
    if (!port)
        cell_list_add(list, "%s", ip);
    else
        cell_list_add(list, strchr(ip, ':') ? "[%s]:%" PRId64 : "%s:%" PRId64, ip, number);
}
static void cell_endpoints(const struct kind_context *context, const struct json *endpoints,
                           struct buffer *text)
{
    struct cell_list list = {0};
    (void)context;
    JSON_EACH(subset, json_get(endpoints, "subsets")) {
        const struct json *port = json_first(json_get(subset, "ports"));
        do {
            JSON_EACH(address, json_get(subset, "addresses"))
                add_address(&list, address, port);
            port = json_next(port);
        } while (port);
    }
    cell_list_append(&list, json_first(json_get(endpoints, "subsets")) ? "" : "<none>", text);
}
static const struct kind_column columns[] = {
    COLUMN_NAME,
    CELL("Endpoints", "string", "Addresses that are ready, with their ports.", cell_endpoints),
    COLUMN_AGE,
    {.name = NULL},
};

const struct kind kind_endpoints = {
    .group = "",
    .version = "v1",
    .kind = "Endpoints",
    .resource = "endpoints",
    .singular = "endpoints",
    .short_names = NAMES("ep"),
    .namespaced = true,
    .deprecation = "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
    .schema = &type_endpoints,
    .columns = columns,
    .validate = validate,
};
