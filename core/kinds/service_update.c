/* See service_update.h. */
#include "core/kinds/service_update.h"

#include "core/kinds/field_path.h"
#include "core/kinds/text_map.h"
#include "core/kinds/validate_service.h"

/* --- Of what type? --- */

static bool has_address(const struct json *service)
{
    return !service_is_type(service, "ExternalName");
}
static bool has_node_ports(const struct json *service)
{
    return service_is_type(service, "NodePort") || service_is_type(service, "LoadBalancer");
}
static bool has_health_port(const struct json *service)
{
    return service_is_type(service, "LoadBalancer") &&
           slice_is(json_string(json_at(service, "spec.externalTrafficPolicy")), "Local");
}
static bool is_balanced(const struct json *service)
{
    return service_is_type(service, "LoadBalancer");
}

static bool same(const struct json *a, const struct json *b)
{
    return a && b ? json_equal(a, b) : !a && !b;
}
static bool same_field(const struct json *spec, const struct json *before, const char *name)
{
    return same(json_get(spec, name), json_get(before, name));
}

/* --- Keep what was given out --- */

static void keep(struct arena *arena, struct json *spec, const struct json *before,
                 const char *name)
{
    const struct json *value = json_get(before, name);
    if (value && !json_get(spec, name))
        json_set(arena, spec, name, json_copy(arena, value));
}

static void collect_node_ports(const struct json *spec, struct text_map *numbers)
{
    JSON_EACH(port, json_get(spec, "ports"))
        if (json_get(port, "nodePort"))
            text_map_add_text(numbers, json_number(json_get(port, "nodePort")));
}
/* By the ports' names, unless another port has taken the number. */
static void keep_node_ports(struct arena *arena, struct json *spec, const struct json *before)
{
    struct text_map names = {0}, used = {0};
    JSON_EACH(port, json_get(before, "ports"))
        if (json_get(port, "nodePort"))
            text_map_add(&names, json_string(json_get(port, "name")), json_get(port, "nodePort"));
    collect_node_ports(spec, &used);
    JSON_EACH(port, json_get(spec, "ports")) {
        const struct json *number = text_map_get(&names, json_string(json_get(port, "name")));
        if (number && !json_get(port, "nodePort") && !text_map_has(&used, json_number(number)))
            json_set(arena, port, "nodePort", json_copy(arena, number));
    }
    text_map_release(&names);
    text_map_release(&used);
}

static void set_list_of_one(struct arena *arena, struct json *spec, struct slice address)
{
    struct json *list = json_new_array(arena);
    json_append(list, json_new_string(arena, address));
    json_set(arena, spec, "clusterIPs", list);
}
/* clusterIP stands for the list in clients that know only it. */
static void follow_address(struct arena *arena, struct json *spec, const struct json *before)
{
    const struct json *address = json_get(spec, "clusterIP");
    if (same_field(spec, before, "clusterIP") || !same_field(spec, before, "clusterIPs"))
        return;
    if (json_string(address).size == 0)
        json_remove(spec, "clusterIPs");
    else
        set_list_of_one(arena, spec, json_string(address));
}

void service_keep_given(struct arena *arena, struct json *service, const struct json *old)
{
    struct json *spec = json_ensure_object(arena, service, "spec");
    const struct json *before = json_get(old, "spec");
    struct slice address = json_string(json_get(spec, "clusterIP"));
    if (!old) {
        if (address.size > 0 && !json_first(json_get(spec, "clusterIPs")))
            set_list_of_one(arena, spec, address);
        return;
    }
    if (has_address(old) && has_address(service)) {
        keep(arena, spec, before, "clusterIP");
        keep(arena, spec, before, "clusterIPs");
    }
    if (has_node_ports(old) && has_node_ports(service))
        keep_node_ports(arena, spec, before);
    if (has_health_port(old) && has_health_port(service))
        keep(arena, spec, before, "healthCheckNodePort");
    follow_address(arena, spec, before);
}

/* --- Drop what only the old type had --- */

static void drop_if_same(struct json *spec, const struct json *before, const char *name)
{
    if (same_field(spec, before, name))
        json_remove(spec, name);
}
static void drop_node_ports(struct json *spec, const struct json *before)
{
    struct text_map old = {0};
    bool are_old = true;
    collect_node_ports(before, &old);
    JSON_EACH(port, json_get(spec, "ports")) {
        const struct json *number = json_get(port, "nodePort");
        are_old = are_old && (!number || text_map_has(&old, json_number(number)));
    }
    if (are_old)
        JSON_EACH(port, json_get(spec, "ports"))
            json_remove(port, "nodePort");
    text_map_release(&old);
}
static void drop_addresses(struct json *spec, const struct json *before)
{
    if (same_field(spec, before, "clusterIP") && same_field(spec, before, "clusterIPs")) {
        json_remove(spec, "clusterIP");
        json_remove(spec, "clusterIPs");
    }
    drop_if_same(spec, before, "ipFamilies");
    drop_if_same(spec, before, "ipFamilyPolicy");
}
void service_drop_of_old_type(struct json *service, const struct json *old)
{
    struct json *spec = json_get(service, "spec");
    const struct json *before = json_get(old, "spec");
    if (has_address(old) && !has_address(service))
        drop_addresses(spec, before);
    if (has_node_ports(old) && !has_node_ports(service))
        drop_node_ports(spec, before);
    if (has_health_port(old) && !has_health_port(service))
        drop_if_same(spec, before, "healthCheckNodePort");
    if (is_balanced(old) && !is_balanced(service)) {
        drop_if_same(spec, before, "allocateLoadBalancerNodePorts");
        drop_if_same(spec, before, "loadBalancerClass");
    }
    if (service_is_external(old) && !service_is_external(service))
        drop_if_same(spec, before, "externalTrafficPolicy");
    if (!is_balanced(service) && json_get(service, "status"))
        json_remove(json_get(service, "status"), "loadBalancer");
}
