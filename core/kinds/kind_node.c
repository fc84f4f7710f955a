/* Node: a machine that runs pods.
 *
 * Upstream: pkg/registry/core/node/strategy.go. The kubelet creates its node
 * with a status, so a status that is sent with a create is kept. */
#include "core/kinds/cell.h"
#include "core/kinds/facts_node.h"
#include "core/kinds/field_path.h"
#include "core/kinds/ip_text.h"
#include "core/kinds/kind.h"
#include "core/kinds/pod_defaults.h"
#include "core/kinds/strategy.h"
#include "core/kinds/text_map.h"
#include "core/kinds/types.h"
#include "core/kinds/validate_placement.h"
#include "core/kinds/validate_resources.h"

#define POD_CIDR_FIXED "node updates may not change podCIDR except from \"\" to valid"

static struct slice text_at(const struct json *object, const char *path)
{
    return json_string(json_at(object, path));
}

/* --- Defaults --- */

/* podCIDR is the first of podCIDRs; where they differ, podCIDR is believed. */
static void set_ranges(struct arena *arena, struct json *spec)
{
    struct slice range = json_string(json_get(spec, "podCIDR"));
    struct json *list = json_get(spec, "podCIDRs");
    struct slice first = json_string(json_item(list, 0));
    if (range.size == 0 && first.size > 0) {
        json_set(arena, spec, "podCIDR", json_new_string(arena, first));
    } else if (range.size > 0 && !slice_equal(range, first)) {
        list = json_new_array(arena);
        json_append(list, json_new_string(arena, range));
        json_set(arena, spec, "podCIDRs", list);
    }
}
static void set_defaults(const struct kind_context *context, struct json *node)
{
    struct json *spec = json_get(node, "spec"), *status = json_get(node, "status");
    const struct json *capacity = json_get(status, "capacity");
    if (spec)
        set_ranges(context->arena, spec);
    if (capacity && !json_get(status, "allocatable"))
        json_set(context->arena, status, "allocatable", json_copy(context->arena, capacity));
    resources_set_defaults(context->arena, json_get(status, "capacity"));
    resources_set_defaults(context->arena, json_get(status, "allocatable"));
}

/* --- Validation --- */

static void check_amounts(const struct json *node, const char *name, struct field_errors *errors)
{
    const struct field_path *path = AT(AT(NULL, "status"), name);
    JSON_EACH(amount, json_get(json_get(node, "status"), name))
        resource_amount_validate(json_key(amount), amount, AT(path, json_key(amount).data), errors);
}
static void check_ranges(const struct json *ranges, struct field_errors *errors)
{
    const struct field_path *path = AT(AT(NULL, "spec"), "podCIDRs");
    struct ip_address address;
    size_t index = 0, count_v6 = 0, count = json_count(ranges);
    int bits;
    JSON_EACH(range, ranges) {
        const struct field_path *at = AT_ITEM(path, index++);
        if (!cidr_parse(json_string(range), &address, &bits))
            path_invalid(errors, at, range,
                         "must be a valid CIDR value, (e.g. 10.9.8.0/24 or "
                         "2001:db8::/64)");
        count_v6 += address.is_v6;
    }
    if (count > 2 || (count == 2 && count_v6 != 1))
        path_invalid(errors, path, ranges, "may specify no more than one CIDR for each IP family");
}
/* Taints are told under metadata: so upstream. */
static void validate(const struct kind_context *context, const struct json *node,
                     struct field_errors *errors)
{
    (void)context;
    taints_validate(json_at(node, "spec.taints"), AT(AT(NULL, "metadata"), "taints"), errors);
    check_amounts(node, "capacity", errors);
    check_amounts(node, "allocatable", errors);
    check_ranges(json_at(node, "spec.podCIDRs"), errors);
}

static void check_addresses(const struct json *addresses, struct field_errors *errors)
{
    const struct field_path *path = AT(AT(NULL, "status"), "addresses");
    struct text_map seen = {0};
    size_t index = 0;
    JSON_EACH(address, addresses) {
        const struct field_path *at = AT_ITEM(path, index++);
        const char *type = json_text(json_get(address, "type"));
        const char *value = json_text(json_get(address, "address"));
        if (!text_map_add_text(&seen, slice_of(arena_format(errors->arena, "%s %s", type, value))))
            field_error_add(
                errors, FIELD_DUPLICATE, path_text(errors->arena, at),
                arena_format(errors->arena, "{\"Type\":\"%s\",\"Address\":\"%s\"}", type, value),
                NULL);
    }
    text_map_release(&seen);
}
static void validate_update(const struct kind_context *context, const struct json *node,
                            const struct json *old, struct field_errors *errors)
{
    (void)context;
    const struct field_path *spec = AT(NULL, "spec");
    const struct json *ranges = json_at(old, "spec.podCIDRs");
    struct slice provider = text_at(old, "spec.providerID");
    const struct json *now = json_at(node, "spec.podCIDRs");
    check_addresses(json_at(node, "status.addresses"), errors);
    if (json_first(ranges) && !(now && json_equal(now, ranges)))
        path_forbidden(errors, AT(spec, "podCIDRs"), POD_CIDR_FIXED);
    if (provider.size > 0 && !slice_equal(provider, text_at(node, "spec.providerID")))
        path_forbidden(errors, AT(spec, "providerID"),
                       "node updates may not change providerID except from \"\" to valid");
    if (!slice_equal(text_at(node, "spec.externalID"), text_at(old, "spec.externalID")))
        path_forbidden(errors, AT(spec, "externalID"), "may not be updated");
}

/* --- Columns --- */

static void cell_status(const struct kind_context *context, const struct json *node,
                        struct buffer *text)
{
    (void)context;
    const char *status = "Unknown";
    JSON_EACH(condition, json_at(node, "status.conditions"))
        if (slice_is(text_at(condition, "type"), "Ready"))
            status = slice_is(text_at(condition, "status"), "True") ? "Ready" : "NotReady";
    buffer_format(text, "\"%s%s\"", status,
                  json_bool(json_at(node, "spec.unschedulable")) ? ",SchedulingDisabled" : "");
}

/* node-role.kubernetes.io/NAME, and the value of kubernetes.io/role; sorted, each once. */
static void cell_roles(const struct kind_context *context, const struct json *node,
                       struct buffer *text)
{
    static const char prefix[] = "node-role.kubernetes.io/";
    const struct json *labels = json_at(node, "metadata.labels");
    struct slice *roles = ARENA_ARRAY(context->arena, struct slice, json_count(labels) + 1);
    struct buffer cell = {0};
    size_t count = 0;
    JSON_EACH(label, labels) {
        struct slice key = json_key(label);
        if (slice_starts_with(key, slice_of(prefix)) && key.size > sizeof prefix - 1)
            roles[count++] = slice_sub(key, sizeof prefix - 1, key.size);
        else if (slice_is(key, "kubernetes.io/role") && json_string(label).size > 0)
            roles[count++] = json_string(label);
    }
    cell_join_sorted(roles, count, &cell);
    cell_append_or_none(buffer_slice(&cell), text);
    buffer_release(&cell);
}

static void append_address(const struct json *node, const char *type, struct buffer *text)
{
    struct slice found = SLICE("");
    JSON_EACH(address, json_at(node, "status.addresses"))
        if (found.size == 0 && slice_is(text_at(address, "type"), type))
            found = text_at(address, "address");
    cell_append_or_none(found, text);
}
static void cell_internal_ip(const struct kind_context *context, const struct json *node,
                             struct buffer *text)
{
    (void)context;
    append_address(node, "InternalIP", text);
}
static void cell_external_ip(const struct kind_context *context, const struct json *node,
                             struct buffer *text)
{
    (void)context;
    append_address(node, "ExternalIP", text);
}
static void cell_os_image(const struct kind_context *context, const struct json *node,
                          struct buffer *text)
{
    (void)context;
    cell_append_or(text_at(node, "status.nodeInfo.osImage"), "<unknown>", text);
}
static void cell_kernel(const struct kind_context *context, const struct json *node,
                        struct buffer *text)
{
    (void)context;
    cell_append_or(text_at(node, "status.nodeInfo.kernelVersion"), "<unknown>", text);
}
static void cell_runtime(const struct kind_context *context, const struct json *node,
                         struct buffer *text)
{
    (void)context;
    cell_append_or(text_at(node, "status.nodeInfo.containerRuntimeVersion"), "<unknown>", text);
}

static const struct kind_column columns[] = {
    COLUMN_NAME,
    CELL("Status", "string", "Whether it is ready, and whether new pods may come.", cell_status),
    CELL("Roles", "string", "Roles that its labels give it.", cell_roles),
    COLUMN_AGE,
    CELL_AT("Version", "string", "Version of its kubelet.", "status.nodeInfo.kubeletVersion"),
    CELL_WIDE("Internal-IP", "string", "Address inside the cluster.", cell_internal_ip),
    CELL_WIDE("External-IP", "string", "Address outside the cluster.", cell_external_ip),
    CELL_WIDE("OS-Image", "string", "Its operating system.", cell_os_image),
    CELL_WIDE("Kernel-Version", "string", "Version of its kernel.", cell_kernel),
    CELL_WIDE("Container-Runtime", "string", "Name and version of its runtime.", cell_runtime),
    {.name = NULL},
};

/* --- The row --- */

static void append_unschedulable(const struct json *node, struct buffer *text)
{
    buffer_append_text(text, json_bool(json_at(node, "spec.unschedulable")) ? "true" : "false");
}
static const struct kind_field fields[] = {
    {.path = "spec.unschedulable", .value = append_unschedulable},
    {.path = NULL},
};
static const struct kind_subresource subresources[] = {
    {.name = "status",
     .verbs = VERB_GET | VERB_UPDATE | VERB_PATCH,
     .reset = strategy_reset_status},
    {.name = NULL},
};

const struct kind kind_node = {
    .group = "",
    .version = "v1",
    .kind = "Node",
    .resource = "nodes",
    .singular = "node",
    .short_names = NAMES("no"),
    .creates_with_status = true,
    .schema = &type_node,
    .subresources = subresources,
    .columns = columns,
    .fields = fields,
    .field_error = "field label not supported: %s",
    .set_defaults = set_defaults,
    .validate = validate,
    .validate_update = validate_update,
    .facts = node_facts,
};
