/* See validate_resources.h. */
#include "core/kinds/validate_resources.h"

#include "core/kinds/pod_resources.h"

#define NANO_PER_UNIT 1000000000

/* --- Names and amounts --- */

static bool is_standard(struct slice name)
{
    static const char *const names[] = {"cpu",
                                        "memory",
                                        "ephemeral-storage",
                                        "requests.cpu",
                                        "requests.memory",
                                        "requests.ephemeral-storage",
                                        "limits.cpu",
                                        "limits.memory",
                                        "limits.ephemeral-storage",
                                        "pods",
                                        "resourcequotas",
                                        "services",
                                        "replicationcontrollers",
                                        "secrets",
                                        "configmaps",
                                        "persistentvolumeclaims",
                                        "storage",
                                        "requests.storage",
                                        "services.nodeports",
                                        "services.loadbalancers",
                                        NULL};
    return text_is_one_of(name, names) || resource_is_huge_page(name) ||
           slice_starts_with(name, SLICE("requests.hugepages-"));
}

void resource_name_validate(struct slice name, const struct field_path *path,
                            struct field_errors *errors)
{
    if (!name_is(name, name_check_qualified))
        path_check_name(errors, path, name, name_check_qualified);
    else if (slice_find(name, '/') < 0 && !is_standard(name))
        path_invalid_text(errors, path, name,
                          "must be a standard resource type or fully qualified");
}
void container_resource_name_validate(struct slice name, const struct field_path *path,
                                      struct field_errors *errors)
{
    static const char *const names[] = {"cpu", "memory", "ephemeral-storage", NULL};
    resource_name_validate(name, path, errors);
    if (slice_find(name, '/') < 0) {
        if (!text_is_one_of(name, names) && !resource_is_huge_page(name))
            path_invalid_text(errors, path, name, "must be a standard resource for containers");
    } else if (!resource_is_native(name) && !resource_is_extended(name)) {
        path_invalid_text(errors, path, name, "doesn't follow extended resource name standard");
    }
}
static void pod_resource_name_validate(struct slice name, const struct field_path *path,
                                       struct field_errors *errors)
{
    static const char *const supported[] = {"cpu", "hugepages-", "memory", NULL};
    size_t before = errors->count;
    resource_name_validate(name, path, errors);
    if (errors->count == before && !pod_level_resource_is_supported(name))
        path_not_supported(errors, path, name, supported);
}

void resource_amount_validate(struct slice name, const struct json *amount,
                              const struct field_path *path, struct field_errors *errors)
{
    struct quantity quantity;
    if (!quantity_from_json(amount, &quantity))
        return;
    if (quantity_sign(&quantity) < 0)
        path_invalid(errors, path, amount, "must be greater than or equal to 0");
    if (quantity.nano % NANO_PER_UNIT != 0 && resource_is_whole(name))
        path_invalid(errors, path, amount, "must be an integer");
}

/* --- Requirements --- */

static bool is_divisible(struct slice name, const struct quantity *amount)
{
    struct quantity page;
    struct slice size = slice_sub(name, sizeof("hugepages-") - 1, name.size);
    return quantity_parse(size, &page) != QUANTITY_OK || page.nano == 0 ||
           amount->nano % page.nano == 0;
}
static void huge_page_validate(struct slice name, const struct json *amount,
                               const struct field_path *path, struct field_errors *errors)
{
    struct quantity quantity;
    if (resource_is_huge_page(name) && quantity_from_json(amount, &quantity) &&
        !is_divisible(name, &quantity))
        path_invalid(errors, path, amount,
                     SLICE_FORMAT " is not positive integer multiple of " SLICE_FORMAT,
                     SLICE_ARGS(json_string(amount)), SLICE_ARGS(name));
}

static void amounts_validate(const struct json *amounts, resource_name_fn *check,
                             const struct field_path *path, struct field_errors *errors)
{
    JSON_EACH(amount, amounts) {
        const struct field_path *at = AT_KEY(path, json_key(amount));
        check(json_key(amount), at, errors);
        resource_amount_validate(json_key(amount), amount, at, errors);
        huge_page_validate(json_key(amount), amount, at, errors);
    }
}

static void against_limit(const struct json *request, const struct json *limit,
                          const struct field_path *path, struct field_errors *errors)
{
    struct quantity wanted, most;
    struct slice name = json_key(request);
    if (!quantity_from_json(request, &wanted) || !quantity_from_json(limit, &most))
        return;
    int order = quantity_compare(&wanted, &most);
    if (order != 0 && !resource_is_overcommittable(name))
        path_invalid(errors, path, request,
                     "must be equal to " SLICE_FORMAT " limit of " SLICE_FORMAT, SLICE_ARGS(name),
                     SLICE_ARGS(json_string(limit)));
    else if (order > 0)
        path_invalid(errors, path, request,
                     "must be less than or equal to " SLICE_FORMAT " limit of " SLICE_FORMAT,
                     SLICE_ARGS(name), SLICE_ARGS(json_string(limit)));
}
static void requests_against_limits(const struct json *resources, const struct field_path *path,
                                    struct field_errors *errors)
{
    const struct json *limits = json_get(resources, "limits");
    JSON_EACH(request, json_get(resources, "requests")) {
        const struct json *limit = json_get_slice(limits, json_key(request));
        if (limit)
            against_limit(request, limit, AT(path, "requests"), errors);
        else if (!resource_is_overcommittable(json_key(request)))
            path_required(errors, AT(path, "limits"),
                          "Limit must be set for non overcommitable resources");
    }
}

static void huge_pages_need_others(const struct json *resources, const struct field_path *path,
                                   struct field_errors *errors)
{
    static const char *const parts[] = {"limits", "requests"};
    bool has_huge_pages = false, has_others = false;
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
        JSON_EACH(amount, json_get(resources, parts[i])) {
            has_huge_pages |= resource_is_huge_page(json_key(amount));
            has_others |= slice_is(json_key(amount), "cpu") || slice_is(json_key(amount), "memory");
        }
    if (has_huge_pages && !has_others)
        path_forbidden(errors, path, "HugePages require cpu or memory");
}

static void requirements_validate(const struct json *resources, resource_name_fn *check,
                                  const struct field_path *path, struct field_errors *errors)
{
    amounts_validate(json_get(resources, "limits"), check, AT(path, "limits"), errors);
    amounts_validate(json_get(resources, "requests"), check, AT(path, "requests"), errors);
    requests_against_limits(resources, path, errors);
    huge_pages_need_others(resources, path, errors);
}

/* --- Claims --- */

/* Each claim as a whole once, or its requests once each. whole holds claims, parts
 * "claim/request" and, for a request, "claim/". */
static bool is_repeated(struct text_map *whole, struct text_map *parts, struct arena *arena,
                        struct slice name, struct slice request)
{
    const char *any = arena_format(arena, SLICE_FORMAT "/", SLICE_ARGS(name));
    const char *part = arena_format(arena, "%s" SLICE_FORMAT, any, SLICE_ARGS(request));
    if (request.size == 0)
        return !text_map_add_text(whole, name) || text_map_has(parts, slice_of(any));
    text_map_add_text(parts, slice_of(any));
    return !text_map_add_text(parts, slice_of(part)) || text_map_has(whole, name);
}
/* "...: a, b" or "... which is empty" */
static const char *known_claims(struct arena *arena, const struct json *claims)
{
    struct buffer text = {0};
    buffer_append_text(&text, "must be one of the names in pod.spec.resourceClaims");
    JSON_EACH(claim, claims)
        buffer_format(&text, "%s%s", claim == json_first(claims) ? ": " : ", ",
                      json_text(json_get(claim, "name")));
    if (!json_first(claims))
        buffer_append_text(&text, " which is empty");
    const char *copy = arena_copy_slice(arena, buffer_slice(&text));
    buffer_release(&text);
    return copy;
}
static void claims_validate(const struct json *used, const struct text_map *claims,
                            const struct json *list, const struct field_path *path,
                            struct field_errors *errors)
{
    struct text_map whole = {0}, parts = {0};
    size_t index = 0;
    JSON_EACH(claim, used) {
        const struct field_path *at = AT_ITEM(path, index++);
        struct slice name = json_string(json_get(claim, "name"));
        struct slice request = json_string(json_get(claim, "request"));
        if (name.size == 0) {
            path_required(errors, at, NULL);
            continue;
        }
        if (request.size > 0)
            path_check_name(errors, AT(at, "request"), request, name_check_dns_label);
        if (is_repeated(&whole, &parts, errors->arena, name, request))
            path_duplicate(errors, at, name);
        if (!text_map_has(claims, name))
            path_not_found(errors, at, name, known_claims(errors->arena, list));
    }
    text_map_release(&whole);
    text_map_release(&parts);
}

void container_resources_validate(const struct json *resources, const struct text_map *claims,
                                  const struct json *list, const struct field_path *path,
                                  struct field_errors *errors)
{
    requirements_validate(resources, container_resource_name_validate, path, errors);
    claims_validate(json_get(resources, "claims"), claims, list, AT(path, "claims"), errors);
}

/* --- A pod's own --- */

static void sums_validate(struct resource_list *sums, const struct json *amounts, const char *what,
                          bool huge_pages_alone, const struct field_path *path,
                          struct field_errors *errors)
{
    char text[QUANTITY_TEXT_SIZE];
    struct quantity given;
    for (size_t i = 0; i < sums->count; i++) {
        struct slice name = sums->items[i].name;
        const struct json *amount = json_get_slice(amounts, name);
        if ((huge_pages_alone && !resource_is_huge_page(name)) ||
            !quantity_from_json(amount, &given) ||
            quantity_compare(&sums->items[i].amount, &given) <= 0)
            continue;
        quantity_print(&sums->items[i].amount, text);
        path_invalid(errors, AT_KEY(path, name), amount,
                     "must be greater than or equal to aggregate container %s of %s", what, text);
    }
}
static void container_limits_validate(const struct json *spec, const struct json *limits,
                                      const struct field_path *path, struct field_errors *errors)
{
    struct quantity own, most;
    size_t index = 0;
    JSON_EACH(container, json_get(spec, "containers")) {
        const struct field_path *at = AT_ITEM(AT(path, "containers"), index++);
        JSON_EACH(limit, json_get(json_get(container, "resources"), "limits")) {
            const struct json *pod_limit = json_get_slice(limits, json_key(limit));
            if (quantity_from_json(limit, &own) && quantity_from_json(pod_limit, &most) &&
                quantity_compare(&own, &most) > 0)
                path_invalid(errors, AT(AT_KEY(at, json_key(limit)), "limits"), limit,
                             "must be less than or equal to pod limits of " SLICE_FORMAT,
                             SLICE_ARGS(json_string(pod_limit)));
        }
    }
}

void pod_resources_validate(const struct json *spec, const struct field_path *spec_path,
                            struct field_errors *errors)
{
    const struct json *resources = json_get(spec, "resources");
    const struct field_path *path = AT(spec_path, "resources");
    struct resource_list requests = {0}, limits = {0};
    if (!resources)
        return;
    if (slice_is(json_string(json_get(json_get(spec, "os"), "name")), "windows")) {
        path_forbidden(errors, path, "may not be set for a windows pod");
        return;
    }
    if (json_get(resources, "claims"))
        path_forbidden(errors, AT(path, "claims"),
                       "claims may not be set for Resources at pod-level");
    requirements_validate(resources, pod_resource_name_validate, path, errors);
    pod_container_requests(spec, &requests);
    pod_container_limits(spec, &limits);
    sums_validate(&requests, json_get(resources, "requests"), "requests", false,
                  AT(path, "requests"), errors);
    sums_validate(&limits, json_get(resources, "limits"), "limits", true, AT(path, "limits"),
                  errors);
    container_limits_validate(spec, json_get(resources, "limits"), path, errors);
    resource_list_release(&requests);
    resource_list_release(&limits);
}
