/* See pod_defaults.h. */
#include "core/kinds/pod_defaults.h"

#include "core/kinds/pod_resources.h"

#define NANO_PER_MILLI 1000000

/* --- Images --- */

/* The reference is [host[:port]/]path[:tag][@digest]. */
const char *image_pull_policy(struct slice image)
{
    ptrdiff_t at = slice_find(image, '@');
    struct slice name = at >= 0 ? slice_sub(image, 0, (size_t)at) : image;
    size_t tag = name.size;
    while (tag > 0 && name.data[tag - 1] != ':' && name.data[tag - 1] != '/')
        tag--;
    if (tag == 0 || name.data[tag - 1] == '/')
        return at >= 0 ? "IfNotPresent" : "Always";
    return slice_is(slice_sub(name, tag, name.size), "latest") ? "Always" : "IfNotPresent";
}

static void set_pull_policy(struct arena *arena, struct json *object, const char *image,
                            const char *policy)
{
    if (!json_get(object, policy))
        json_set_text(arena, object, policy,
                      image_pull_policy(json_string(json_get(object, image))));
}

/* --- Resources --- */

void resources_set_defaults(struct arena *arena, struct json *amounts)
{
    struct quantity amount;
    for (struct json *member = json_first(amounts), *next; member; member = next) {
        next = json_next(member);
        if (!quantity_from_json(member, &amount) || amount.nano % NANO_PER_MILLI == 0)
            continue;
        char text[QUANTITY_TEXT_SIZE];
        quantity_nano rest = amount.nano % NANO_PER_MILLI;
        amount.nano += (amount.nano < 0 ? -NANO_PER_MILLI : NANO_PER_MILLI) - rest;
        quantity_print(&amount, text);
        json_replace(amounts, member, json_new_text(arena, text));
    }
}

/* A limit without a request is a request too. */
static void copy_limits(struct arena *arena, struct json *resources)
{
    struct json *requests = json_get(resources, "requests");
    JSON_EACH(limit, json_get(resources, "limits")) {
        if (json_get_slice(requests, json_key(limit)))
            continue;
        if (!requests)
            requests = json_ensure_object(arena, resources, "requests");
        json_set_slice(arena, requests, json_key(limit), json_copy(arena, limit));
    }
}

/* Pod-level amounts that are partly given are filled from the containers'. */
static void set_amount(struct arena *arena, struct json *resources, const char *what,
                       const struct resource_amount *amount)
{
    char text[QUANTITY_TEXT_SIZE];
    struct json *amounts = json_ensure_object(arena, resources, what);
    if (json_get_slice(amounts, amount->name))
        return;
    quantity_print(&amount->amount, text);
    json_set_slice(arena, amounts, amount->name, json_new_text(arena, text));
}
static void set_huge_page_limits(struct arena *arena, const struct json *spec,
                                 struct json *resources)
{
    struct resource_list sums = {0};
    pod_container_limits(spec, &sums);
    for (size_t i = 0; i < sums.count; i++)
        if (resource_is_huge_page(sums.items[i].name) &&
            !json_get_slice(json_get(resources, "requests"), sums.items[i].name))
            set_amount(arena, resources, "limits", &sums.items[i]);
    resource_list_release(&sums);
}
static void set_pod_requests(struct arena *arena, const struct json *spec, struct json *resources)
{
    struct resource_list sums = {0};
    struct quantity amount;
    pod_container_requests(spec, &sums);
    for (size_t i = 0; i < sums.count; i++)
        if (pod_level_resource_is_supported(sums.items[i].name) &&
            resource_is_overcommittable(sums.items[i].name))
            set_amount(arena, resources, "requests", &sums.items[i]);
    resource_list_release(&sums);
    JSON_EACH(limit, json_get(resources, "limits"))
        if (pod_level_resource_is_supported(json_key(limit)) && quantity_from_json(limit, &amount))
            set_amount(arena, resources, "requests",
                       &(struct resource_amount){json_key(limit), amount});
}
static void set_pod_level(struct arena *arena, const struct json *spec, struct json *resources)
{
    if (json_first(json_get(resources, "limits")) || json_first(json_get(resources, "requests")))
        set_huge_page_limits(arena, spec, resources);
    if (json_first(json_get(resources, "limits")))
        set_pod_requests(arena, spec, resources);
}

/* --- Templates and pods --- */

static void round_resources(struct arena *arena, const struct json *resources)
{
    resources_set_defaults(arena, json_get(resources, "limits"));
    resources_set_defaults(arena, json_get(resources, "requests"));
}
static void set_containers(struct arena *arena, const struct json *containers)
{
    JSON_EACH(container, containers) {
        set_pull_policy(arena, container, "image", "imagePullPolicy");
        round_resources(arena, json_get(container, "resources"));
    }
}

static void set_volume(struct arena *arena, struct json *volume)
{
    struct json *image = json_get(volume, "image");
    bool has_source = json_count(volume) > (json_get(volume, "name") ? 1 : 0);
    if (!has_source)
        json_ensure_object(arena, volume, "emptyDir");
    if (image)
        set_pull_policy(arena, image, "reference", "pullPolicy");
}

/* serviceAccount is the old name of serviceAccountName; both are told. */
static void set_service_account(struct arena *arena, struct json *spec)
{
    struct slice name = json_string(json_get(spec, "serviceAccountName"));
    struct slice old_name = json_string(json_get(spec, "serviceAccount"));
    if (name.size == 0 && old_name.size > 0)
        json_set(arena, spec, "serviceAccountName", json_new_string(arena, old_name));
    else if (name.size > 0 && !slice_equal(name, old_name))
        json_set(arena, spec, "serviceAccount", json_new_string(arena, name));
}

void pod_spec_set_defaults(struct arena *arena, struct json *spec)
{
    JSON_EACH(volume, json_get(spec, "volumes"))
        set_volume(arena, volume);
    set_containers(arena, json_get(spec, "containers"));
    set_containers(arena, json_get(spec, "initContainers"));
    set_containers(arena, json_get(spec, "ephemeralContainers"));
    round_resources(arena, json_get(spec, "resources"));
    resources_set_defaults(arena, json_get(spec, "overhead"));
    set_service_account(arena, spec);
}

static void set_host_ports(struct arena *arena, const struct json *containers)
{
    JSON_EACH(container, containers)
        JSON_EACH(port, json_get(container, "ports")) {
            struct json *number = json_get(port, "containerPort");
            if (!json_get(port, "hostPort") && number)
                json_set(arena, port, "hostPort", json_copy(arena, number));
        }
}

/* podIP is the first of podIPs; where they differ, podIP is believed. */
static void set_addresses(struct arena *arena, struct json *status)
{
    struct slice address = json_string(json_get(status, "podIP"));
    struct json *list = json_get(status, "podIPs");
    struct slice first = json_string(json_get(json_item(list, 0), "ip"));
    if (address.size == 0 && first.size > 0) {
        json_set(arena, status, "podIP", json_new_string(arena, first));
    } else if (address.size > 0 && !slice_equal(address, first)) {
        struct json *item = json_new_object(arena);
        list = json_new_array(arena);
        json_set(arena, item, "ip", json_new_string(arena, address));
        json_append(list, item);
        json_set(arena, status, "podIPs", list);
    }
}

void pod_set_defaults(const struct kind_context *context, struct json *pod)
{
    struct json *spec = json_get(pod, "spec");
    if (json_get(pod, "status"))
        set_addresses(context->arena, json_get(pod, "status"));
    if (!spec)
        return;
    pod_spec_set_defaults(context->arena, spec);
    JSON_EACH(container, json_get(spec, "containers"))
        copy_limits(context->arena, json_get(container, "resources"));
    JSON_EACH(container, json_get(spec, "initContainers"))
        copy_limits(context->arena, json_get(container, "resources"));
    if (json_get(spec, "resources"))
        set_pod_level(context->arena, spec, json_get(spec, "resources"));
    if (!json_get(spec, "enableServiceLinks"))
        json_set_bool(context->arena, spec, "enableServiceLinks", true);
    if (json_bool(json_get(spec, "hostNetwork"))) {
        set_host_ports(context->arena, json_get(spec, "containers"));
        set_host_ports(context->arena, json_get(spec, "initContainers"));
    }
}
