/* LimitRange: bounds on single pods, containers and claims of a namespace.
 * Upstream: ValidateLimitRange, SetDefaults_LimitRangeItem. */
#include "core/kinds/cell.h"
#include "core/kinds/field_path.h"
#include "core/kinds/pod_defaults.h"
#include "core/kinds/quantity.h"
#include "core/kinds/text_map.h"
#include "core/kinds/types.h"
#include "core/kinds/validate_resources.h"

static const char *const parts[] = {"max", "min", "default", "defaultRequest",
                                    "maxLimitRequestRatio"};

static struct slice type_of(const struct json *item)
{
    return json_string(json_get(item, "type"));
}

/* --- Defaults --- */

/* What to lacks is taken from from. */
static void fill(struct arena *arena, struct json *item, const char *to, const char *from)
{
    struct json *amounts = json_ensure_object(arena, item, to);
    JSON_EACH(amount, json_get(item, from))
        if (!json_get_slice(amounts, json_key(amount)))
            json_set_slice(arena, amounts, json_key(amount), json_copy(arena, amount));
}
static void drop_if_empty(struct json *item, const char *name)
{
    if (!json_first(json_get(item, name)))
        json_remove(item, name);
}
static void set_defaults(const struct kind_context *context, struct json *range)
{
    JSON_EACH(item, json_at(range, "spec.limits")) {
        for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
            resources_set_defaults(context->arena, json_get(item, parts[i]));
        if (!slice_is(type_of(item), "Container"))
            continue;
        fill(context->arena, item, "default", "max");
        fill(context->arena, item, "defaultRequest", "default");
        fill(context->arena, item, "defaultRequest", "min");
        drop_if_empty(item, "default");
        drop_if_empty(item, "defaultRequest");
    }
}

/* --- Rules --- */

static void check_type(struct slice type, const struct field_path *path,
                       struct field_errors *errors)
{
    static const char *const types[] = {"Pod", "Container", "PersistentVolumeClaim", NULL};
    if (!name_is(type, name_check_qualified))
        path_check_name(errors, path, type, name_check_qualified);
    else if (slice_find(type, '/') < 0 && !text_is_one_of(type, types))
        path_invalid_text(errors, path, type, "must be a standard limit type or fully qualified");
}
static void check_names(const struct json *item, const struct field_path *path,
                        struct field_errors *errors)
{
    bool of_containers = slice_is(type_of(item), "Pod") || slice_is(type_of(item), "Container");
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
        JSON_EACH(amount, json_get(item, parts[i])) {
            const struct field_path *at = AT_KEY(AT(path, parts[i]), json_key(amount));
            if (of_containers)
                container_resource_name_validate(json_key(amount), at, errors);
            else
                resource_name_validate(json_key(amount), at, errors);
        }
}

/* `min value 2 is greater than max value 1`, told at one of the two. */
struct order {
    const char *low, *high; /* Members of the item that are in this order. */
    const char *low_word, *high_word;
    const char *at, *value; /* Where it is told, and whose value is shown. */
};
static const struct order orders[] = {
    {"min", "max", "min value", "max value", "min", "min"},
    {"min", "defaultRequest", "min value", "default request value", "defaultRequest",
     "defaultRequest"},
    {"defaultRequest", "max", "default request value", "max value", "defaultRequest",
     "defaultRequest"},
    {"defaultRequest", "default", "default request value", "default limit value", "defaultRequest",
     "defaultRequest"},
    {"min", "default", "min value", "default value", "default", "min"},
    {"default", "max", "default value", "max value", "default", "max"},
};
static void check_order(const struct json *item, const struct order *order,
                        const struct field_path *path, struct field_errors *errors)
{
    struct quantity low, high;
    JSON_EACH(amount, json_get(item, order->low)) {
        const struct json *bound = json_get_slice(json_get(item, order->high), json_key(amount));
        if (!quantity_from_json(amount, &low) || !quantity_from_json(bound, &high) ||
            quantity_compare(&low, &high) <= 0)
            continue;
        path_invalid(errors, AT_KEY(AT(path, order->at), json_key(amount)),
                     strcmp(order->value, order->low) == 0 ? amount : bound,
                     "%s " SLICE_FORMAT " is greater than %s " SLICE_FORMAT, order->low_word,
                     SLICE_ARGS(json_string(amount)), order->high_word,
                     SLICE_ARGS(json_string(bound)));
    }
}
static void check_ratios(const struct json *item, const struct field_path *path,
                         struct field_errors *errors)
{
    const struct quantity one = quantity_of_int(1, QUANTITY_DECIMAL);
    struct quantity ratio;
    JSON_EACH(amount, json_get(item, "maxLimitRequestRatio"))
        if (quantity_from_json(amount, &ratio) && quantity_compare(&ratio, &one) < 0)
            path_invalid(errors, AT_KEY(AT(path, "maxLimitRequestRatio"), json_key(amount)), amount,
                         "ratio " SLICE_FORMAT " is less than 1", SLICE_ARGS(json_string(amount)));
}

static void check_item(const struct json *item, const struct field_path *path,
                       struct field_errors *errors)
{
    static const char *const not_of_pods[] = {"default", "defaultRequest"};
    bool has_storage =
        json_get(json_get(item, "min"), "storage") || json_get(json_get(item, "max"), "storage");
    check_type(type_of(item), AT(path, "type"), errors);
    check_names(item, path, errors);
    for (size_t i = 0; slice_is(type_of(item), "Pod") && i < ARRAY_SIZE(not_of_pods); i++)
        if (json_get(item, not_of_pods[i]))
            path_forbidden(errors, AT(path, not_of_pods[i]),
                           "may not be specified when `type` is 'Pod'");
    if (slice_is(type_of(item), "PersistentVolumeClaim") && !has_storage)
        path_required(errors, AT(path, "limits"),
                      "either minimum or maximum storage value is required, but neither was "
                      "provided");
    for (size_t i = 0; i < ARRAY_SIZE(orders); i++)
        check_order(item, &orders[i], path, errors);
    check_ratios(item, path, errors);
}
static void validate(const struct kind_context *context, const struct json *range,
                     struct field_errors *errors)
{
    const struct field_path *path = AT(AT(NULL, "spec"), "limits");
    struct text_map types = {0};
    size_t index = 0;
    (void)context;
    JSON_EACH(item, json_at(range, "spec.limits")) {
        const struct field_path *at = AT_ITEM(path, index++);
        if (!text_map_add_text(&types, type_of(item)))
            path_duplicate(errors, AT(at, "type"), type_of(item));
        check_item(item, at, errors);
    }
    text_map_release(&types);
}

static const struct kind_column columns[] = {COLUMN_NAME, CELL_CREATED_AT, {.name = NULL}};

const struct kind kind_limit_range = {
    .group = "",
    .version = "v1",
    .kind = "LimitRange",
    .resource = "limitranges",
    .singular = "limitrange",
    .short_names = NAMES("limits"),
    .namespaced = true,
    .schema = &type_limit_range,
    .columns = columns,
    .set_defaults = set_defaults,
    .validate = validate,
};
