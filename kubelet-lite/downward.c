/* The downward API: what a pod's own fields and amounts are as text (environment.h). */
#include <stdlib.h>

#include "core/kinds/meta.h"
#include "core/kinds/quantity.h"
#include "kubelet-lite/environment.h"

/* --- Fields --- */

static int compare_keys(const void *a, const void *b)
{
    return slice_compare(json_key(*(const struct json *const *)a),
                         json_key(*(const struct json *const *)b));
}

/* key="value" lines in order of keys, values quoted as Go does (fieldpath.FormatMap). */
static struct slice format_map(struct arena *arena, const struct json *map)
{
    size_t count = 0;
    const struct json **entries = ARENA_ARRAY(arena, const struct json *, json_count(map) + 1);
    struct buffer text = {0};
    JSON_EACH(entry, map)
        entries[count++] = entry;
    qsort(entries, count, sizeof(*entries), compare_keys);
    for (size_t i = 0; i < count; i++)
        buffer_format(&text, "%s" SLICE_FORMAT "=%s", i ? "\n" : "",
                      SLICE_ARGS(json_key(entries[i])),
                      field_value_text(arena, json_string(entries[i])));
    struct slice made = {arena_copy_slice(arena, buffer_slice(&text)), text.size};
    buffer_release(&text);
    return made;
}

/* "metadata.labels['a']" -> the map's path and 'a'; false when it has no such subscript. */
static bool split_subscript(struct slice path, struct slice *map, struct slice *key)
{
    ptrdiff_t open = slice_find(path, '[');
    if (open < 0 || !slice_ends_with(path, SLICE("']")) || path.data[open + 1] != '\'')
        return false;
    *map = slice_sub(path, 0, (size_t)open);
    *key = slice_sub(path, (size_t)open + 2, path.size - 2);
    return true;
}

static struct slice join(struct arena *arena, const char *const *texts)
{
    struct buffer text = {0};
    for (size_t i = 0; texts && texts[i]; i++)
        buffer_format(&text, "%s%s", i ? "," : "", texts[i]);
    struct slice made = {arena_copy_slice(arena, buffer_slice(&text)), text.size};
    buffer_release(&text);
    return made;
}

static struct slice first(const char *const *texts)
{
    return texts && texts[0] ? slice_of(texts[0]) : SLICE("");
}

static bool map_field(struct arena *arena, const struct downward *from, struct slice path,
                      struct slice *value)
{
    struct slice map, key;
    bool has_key = split_subscript(path, &map, &key);
    if (!has_key)
        map = path;
    const char *member = slice_is(map, "metadata.labels")        ? "metadata.labels"
                         : slice_is(map, "metadata.annotations") ? "metadata.annotations"
                                                                 : NULL;
    if (!member)
        return false;
    const struct json *entries = json_at(from->pod, member);
    *value = has_key ? json_string(json_get_slice(entries, key)) : format_map(arena, entries);
    return true;
}

int downward_field(struct arena *arena, const struct downward *from, struct slice path,
                   struct slice *value, struct status *status)
{
    const struct json *spec = json_get(from->pod, "spec");
    if (map_field(arena, from, path, value))
        return 0;
    if (slice_is(path, "metadata.name"))
        *value = meta_name(from->pod);
    else if (slice_is(path, "metadata.namespace"))
        *value = meta_namespace(from->pod);
    else if (slice_is(path, "metadata.uid"))
        *value = meta_uid(from->pod);
    else if (slice_is(path, "spec.nodeName"))
        *value = slice_of(from->node_name);
    else if (slice_is(path, "spec.serviceAccountName"))
        *value = json_string(json_get(spec, "serviceAccountName"));
    else if (slice_is(path, "status.hostIP"))
        *value = first(from->host_addresses);
    else if (slice_is(path, "status.hostIPs"))
        *value = join(arena, from->host_addresses);
    else if (slice_is(path, "status.podIP"))
        *value = first(from->pod_addresses);
    else if (slice_is(path, "status.podIPs"))
        *value = join(arena, from->pod_addresses);
    else
        return status_fail(status, STATUS_BAD_REQUEST, "unsupported fieldPath: " SLICE_FORMAT,
                           SLICE_ARGS(path));
    return 0;
}

/* --- Amounts --- */

/* What a container may use where it names no limit: the node's. */
static quantity_nano node_amount(const struct downward *from, struct slice resource)
{
    const quantity_nano unit = 1000000000;
    if (slice_is(resource, "cpu"))
        return from->node_cpu_millis * (unit / 1000);
    if (slice_is(resource, "memory"))
        return from->node_memory_bytes * unit;
    return slice_is(resource, "ephemeral-storage") ? from->node_storage_bytes * unit : 0;
}

static const struct json *find_container(const struct json *pod, struct slice name)
{
    static const char *const lists[] = {"spec.containers", "spec.initContainers"};
    for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
        JSON_EACH(container, json_at(pod, lists[i]))
            if (slice_equal(json_string(json_get(container, "name")), name))
                return container;
    }
    return NULL;
}

/* The amount in units of the divisor, rounded up (pkg/api/v1/resource, helpers.go). */
static struct slice divide(struct arena *arena, quantity_nano amount, quantity_nano divisor)
{
    quantity_nano units = divisor > 0 ? (amount + divisor - 1) / divisor : amount;
    return slice_of(arena_format(arena, "%lld", (long long)units));
}

int downward_resource(struct arena *arena, const struct downward *from, const struct json *selector,
                      const struct json *container, struct slice *value, struct status *status)
{
    struct slice path = json_string(json_get(selector, "resource")), list = SLICE("");
    struct slice resource = path;
    struct quantity amount = {0}, divisor = quantity_of_int(1, QUANTITY_DECIMAL);
    struct slice name = json_string(json_get(selector, "containerName"));
    if (!container || name.size > 0)
        container = find_container(from->pod, name);
    if (!container)
        return status_fail(status, STATUS_BAD_REQUEST, "container " SLICE_FORMAT " not found",
                           SLICE_ARGS(name));
    slice_split(&resource, '.', &list);
    bool is_limit = slice_is(list, "limits");
    if (!is_limit && !slice_is(list, "requests"))
        return status_fail(status, STATUS_BAD_REQUEST,
                           "unsupported container resource : " SLICE_FORMAT, SLICE_ARGS(path));
    const struct json *amounts =
        json_at(container, is_limit ? "resources.limits" : "resources.requests");
    bool has = quantity_from_json(json_get_slice(amounts, resource), &amount);
    if (!has && is_limit)
        amount.nano = node_amount(from, resource);
    struct quantity given;
    if (quantity_from_json(json_get(selector, "divisor"), &given) && given.nano > 0)
        divisor = given;
    *value = divide(arena, amount.nano, divisor.nano);
    return 0;
}
