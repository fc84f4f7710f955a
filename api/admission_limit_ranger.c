/* A namespace's LimitRanges: what a container gets that says nothing, and what is too little or
 * too much of one container, or of one pod.
 *
 * Defaults go into what is missing and are told by an annotation. Bounds are checked on what will
 * be stored, when a pod is made and when one is resized. Those of PersistentVolumeClaims are not
 * read, for the kind is not served. Rules: k8s.io/kubernetes plugin/pkg/admission/limitranger. */
#include <stdlib.h>

#include "api/admission.h"
#include "core/kinds/pod_resources.h"

#define ANNOTATION "kubernetes.io/limit-ranger"

static bool is_pod(const struct admission *admission)
{
    return *admission->kind->group == '\0' && strcmp(admission->kind->resource, "pods") == 0;
}

static bool is_resize(const struct admission *admission)
{
    return admission->operation == ADMIT_UPDATE && admission->subresource &&
           strcmp(admission->subresource->name, "resize") == 0;
}

/* Containers of a pod cannot change but by a resize. */
static bool is_limited(const struct admission *admission)
{
    if (!is_pod(admission))
        return false;
    return is_resize(admission) ||
           (admission->operation == ADMIT_CREATE && !admission->subresource);
}

/* Calls each() for each LimitRange of the namespace, in order of name. */
static int for_ranges(struct admission *admission,
                      int (*each)(struct admission *admission, const struct json *limits,
                                  struct status *status),
                      struct status *status)
{
    struct buffer prefix = {0};
    struct pin_cursor cursor;
    int failed = 0;
    key_append_prefix(&prefix, "", "limitranges", admission->namespace);
    struct pin *pin = store_pin(admission->plan->store, HEAD);
    const struct object *object = pin_first(pin, buffer_slice(&prefix), SLICE(""), &cursor);
    for (; object && !failed; object = pin_next(&cursor)) {
        struct json *range =
            json_parse(&admission->request->arena, object_body(object), NULL, status);
        failed = !range || each(admission, json_at(range, "spec.limits"), status);
    }
    pin_unref(pin);
    buffer_release(&prefix);
    return failed ? -1 : 0;
}

/* --- Defaults --- */

struct defaults {
    struct arena *arena;
    const struct json *limits; /* Of the range: its items. */
    struct buffer told;
};

static int compare_slices(const void *a, const void *b)
{
    return slice_compare(*(const struct slice *)a, *(const struct slice *)b);
}

static bool is_of_containers(const struct json *item)
{
    return slice_is(json_string(json_get(item, "type")), "Container");
}

/* Of several items that have a default for one resource the last one counts. */
static const struct json *default_of(const struct json *limits, const char *member,
                                     struct slice name)
{
    const struct json *last = NULL;
    JSON_EACH(item, limits)
        if (is_of_containers(item) && json_get_slice(json_get(item, member), name))
            last = json_get_slice(json_get(item, member), name);
    return last;
}

/* Sets the missing ones of resources.KIND and gives their names; count is how many. */
static struct slice *set_missing(struct defaults *defaults, struct json *resources,
                                 const char *amounts, const char *member, size_t *count)
{
    struct json *present = json_get(resources, amounts);
    size_t most = 0;
    JSON_EACH(item, defaults->limits)
        most += json_count(json_get(item, member));
    struct slice *names = ARENA_ARRAY(defaults->arena, struct slice, most + 1);
    *count = 0;
    JSON_EACH(item, defaults->limits) {
        if (!is_of_containers(item))
            continue;
        JSON_EACH(amount, json_get(item, member)) {
            if (json_get_slice(present, json_key(amount)))
                continue;
            present = json_ensure_object(defaults->arena, resources, amounts);
            json_set_slice(
                defaults->arena, present, json_key(amount),
                json_copy(defaults->arena, default_of(defaults->limits, member, json_key(amount))));
            names[(*count)++] = json_key(amount);
        }
    }
    if (*count > 1)
        qsort(names, *count, sizeof(*names), compare_slices);
    return names;
}

/* "cpu, memory request for container web" */
static void tell(struct defaults *defaults, const struct slice *names, size_t count,
                 const char *what, const char *whose, const struct json *container)
{
    if (count == 0)
        return;
    if (defaults->told.size > 0)
        buffer_append_text(&defaults->told, "; ");
    for (size_t i = 0; i < count; i++)
        buffer_format(&defaults->told, "%s" SLICE_FORMAT, i > 0 ? ", " : "", SLICE_ARGS(names[i]));
    buffer_format(&defaults->told, " %s for %s %s", what, whose,
                  json_text(json_get(container, "name")));
}

static void set_container_defaults(struct defaults *defaults, struct json *container,
                                   const char *whose)
{
    struct json *resources = json_get(container, "resources");
    size_t limit_count, request_count;
    if (!resources)
        resources = json_ensure_object(defaults->arena, container, "resources");
    struct slice *limits = set_missing(defaults, resources, "limits", "default", &limit_count);
    struct slice *requests =
        set_missing(defaults, resources, "requests", "defaultRequest", &request_count);
    tell(defaults, requests, request_count, "request", whose, container);
    tell(defaults, limits, limit_count, "limit", whose, container);
}

static int set_defaults(struct admission *admission, const struct json *limits,
                        struct status *status)
{
    struct defaults defaults = {.arena = &admission->request->arena, .limits = limits};
    struct json *spec = json_get(admission->object, "spec");
    (void)status;
    JSON_EACH(container, json_get(spec, "containers"))
        set_container_defaults(&defaults, container, "container");
    JSON_EACH(container, json_get(spec, "initContainers"))
        set_container_defaults(&defaults, container, "init container");
    if (defaults.told.size > 0) {
        struct json *metadata = json_ensure_object(defaults.arena, admission->object, "metadata");
        json_set_text(defaults.arena, json_ensure_object(defaults.arena, metadata, "annotations"),
                      ANNOTATION,
                      arena_format(defaults.arena, "LimitRanger plugin set: " SLICE_FORMAT,
                                   SLICE_ARGS(buffer_slice(&defaults.told))));
    }
    buffer_release(&defaults.told);
    return 0;
}

static int mutate(struct admission *admission, struct status *status)
{
    return is_limited(admission) ? for_ranges(admission, set_defaults, status) : 0;
}

/* --- Bounds --- */

struct bounds {
    struct arena *arena;
    const char *type; /* "Container", "Pod" */
    struct resource_list requests, limits;
    struct buffer wrong; /* All that is, ", " between. */
    size_t wrong_count;
};

/* One thing that is wrong; what was said already (another container) is not said again. */
static void complain(struct bounds *bounds, const char *text)
{
    if (bounds->wrong_count > 0 && strstr(bounds->wrong.data, text))
        return;
    buffer_format(&bounds->wrong, "%s%s", bounds->wrong_count++ > 0 ? ", " : "", text);
}

static const char *text_of(struct bounds *bounds, const struct quantity *amount)
{
    char text[QUANTITY_TEXT_SIZE];
    quantity_print(amount, text);
    return arena_copy_text(bounds->arena, text);
}

static void check_min(struct bounds *bounds, struct slice name, const struct quantity *bound)
{
    const struct quantity *request = resource_list_get(&bounds->requests, name);
    const struct quantity *limit = resource_list_get(&bounds->limits, name);
    const char *start = arena_format(bounds->arena, "minimum " SLICE_FORMAT " usage per %s is %s",
                                     SLICE_ARGS(name), bounds->type, text_of(bounds, bound));
    if (!request)
        complain(bounds, arena_format(bounds->arena, "%s.  No request is specified", start));
    else if (quantity_compare(request, bound) < 0)
        complain(bounds, arena_format(bounds->arena, "%s, but request is %s", start,
                                      text_of(bounds, request)));
    else if (limit && quantity_compare(limit, bound) < 0)
        complain(bounds,
                 arena_format(bounds->arena, "%s, but limit is %s", start, text_of(bounds, limit)));
}

static void check_max(struct bounds *bounds, struct slice name, const struct quantity *bound)
{
    const struct quantity *request = resource_list_get(&bounds->requests, name);
    const struct quantity *limit = resource_list_get(&bounds->limits, name);
    const char *start = arena_format(bounds->arena, "maximum " SLICE_FORMAT " usage per %s is %s",
                                     SLICE_ARGS(name), bounds->type, text_of(bounds, bound));
    if (!limit)
        complain(bounds, arena_format(bounds->arena, "%s.  No limit is specified", start));
    else if (quantity_compare(limit, bound) > 0)
        complain(bounds,
                 arena_format(bounds->arena, "%s, but limit is %s", start, text_of(bounds, limit)));
    else if (request && quantity_compare(request, bound) > 0)
        complain(bounds, arena_format(bounds->arena, "%s, but request is %s", start,
                                      text_of(bounds, request)));
}

/* The limit may be this many times the request. In doubles, as upstream prints the ratio. */
static void check_ratio(struct bounds *bounds, struct slice name, const struct quantity *bound)
{
    const struct quantity *request = resource_list_get(&bounds->requests, name);
    const struct quantity *limit = resource_list_get(&bounds->limits, name);
    const char *start =
        arena_format(bounds->arena, SLICE_FORMAT " max limit to request ratio per %s is %s, but",
                     SLICE_ARGS(name), bounds->type, text_of(bounds, bound));
    if (!request || quantity_sign(request) == 0) {
        complain(bounds,
                 arena_format(bounds->arena, "%s no request is specified or request is 0", start));
    } else if (!limit || quantity_sign(limit) == 0) {
        complain(bounds,
                 arena_format(bounds->arena, "%s no limit is specified or limit is 0", start));
    } else {
        double ratio = (double)limit->nano / (double)request->nano;
        if (ratio * 1e9 > (double)bound->nano)
            complain(bounds, arena_format(bounds->arena, "%s provided ratio is %f", start, ratio));
    }
}

typedef void bound_fn(struct bounds *bounds, struct slice name, const struct quantity *bound);

static void check_each(struct bounds *bounds, const struct json *amounts, bound_fn *check)
{
    struct quantity bound;
    JSON_EACH(amount, amounts)
        if (quantity_from_json(amount, &bound))
            check(bounds, json_key(amount), &bound);
}

static void check_item(struct bounds *bounds, const struct json *item)
{
    bounds->type = json_text(json_get(item, "type"));
    check_each(bounds, json_get(item, "min"), check_min);
    check_each(bounds, json_get(item, "max"), check_max);
    check_each(bounds, json_get(item, "maxLimitRequestRatio"), check_ratio);
    resource_list_release(&bounds->requests);
    resource_list_release(&bounds->limits);
}

static void check_containers(struct bounds *bounds, const struct json *item,
                             const struct json *containers)
{
    JSON_EACH(container, containers) {
        const struct json *resources = json_get(container, "resources");
        resource_list_add_json(&bounds->requests, json_get(resources, "requests"));
        resource_list_add_json(&bounds->limits, json_get(resources, "limits"));
        check_item(bounds, item);
    }
}

/* What the pod says for itself holds in place of the sum over its containers; no overhead. */
static void override(struct resource_list *list, const struct json *amounts)
{
    struct quantity amount;
    JSON_EACH(one, amounts)
        if (pod_level_resource_is_supported(json_key(one)) && quantity_from_json(one, &amount))
            resource_list_set(list, json_key(one), &amount);
}

static void check_pod(struct bounds *bounds, const struct json *item, const struct json *spec)
{
    const struct json *resources = json_get(spec, "resources");
    pod_container_requests(spec, &bounds->requests);
    pod_container_limits(spec, &bounds->limits);
    override(&bounds->requests, json_get(resources, "requests"));
    override(&bounds->limits, json_get(resources, "limits"));
    check_item(bounds, item);
}

static int check_range(struct admission *admission, const struct json *limits,
                       struct status *status)
{
    struct bounds bounds = {.arena = &admission->request->arena};
    const struct json *spec = json_get(admission->object, "spec");
    JSON_EACH(item, limits) {
        struct slice type = json_string(json_get(item, "type"));
        if (slice_is(type, "Container")) {
            check_containers(&bounds, item, json_get(spec, "containers"));
            check_containers(&bounds, item, json_get(spec, "initContainers"));
        } else if (slice_is(type, "Pod")) {
            check_pod(&bounds, item, spec);
        }
    }
    int failed = 0;
    if (bounds.wrong_count > 0)
        failed = status_forbidden(
            status, "", "pods", arena_copy_slice(bounds.arena, admission->name),
            bounds.wrong_count > 1 ? arena_format(bounds.arena, "[%s]", bounds.wrong.data)
                                   : bounds.wrong.data);
    buffer_release(&bounds.wrong);
    return failed;
}

static int validate(struct admission *admission, struct status *status)
{
    return is_limited(admission) ? for_ranges(admission, check_range, status) : 0;
}

const struct admission_plugin admission_limit_ranger = {
    .name = "LimitRanger", .mutate = mutate, .validate = validate};
