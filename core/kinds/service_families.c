/* See service_families.h. */
#include "core/kinds/service_families.h"

#include "core/kinds/ip_text.h"
#include "core/kinds/validate_service.h"

#define OWN_FAMILY "IPv4"

static struct slice text_at(const struct json *object, const char *name)
{
    return json_string(json_get(object, name));
}
static bool is_policy(const struct json *spec, const char *policy)
{
    return slice_is(text_at(spec, "ipFamilyPolicy"), policy);
}
static bool same_list(const struct json *spec, const struct json *before, const char *name)
{
    const struct json *a = json_get(spec, name), *b = json_get(before, name);
    return json_first(a) && json_first(b) ? json_equal(a, b) : !json_first(a) && !json_first(b);
}
/* Headless, and its endpoints are not looked for. */
static bool is_managed_by_hand(const struct json *spec)
{
    return slice_is(text_at(spec, "clusterIP"), "None") && !json_first(json_get(spec, "selector"));
}

/* --- The policy --- */

/* A service that prefers two families is not moved between one and two by the cluster. */
static bool stays_as_it_is(const struct json *spec, const struct json *before)
{
    static const char *const types[] = {"ClusterIP", "NodePort", "LoadBalancer", NULL};
    return before && slice_equal(text_at(spec, "type"), text_at(before, "type")) &&
           text_is_one_of(text_at(spec, "type"), types) && is_policy(spec, "PreferDualStack") &&
           (is_policy(before, "PreferDualStack") || !json_get(before, "ipFamilyPolicy")) &&
           same_list(spec, before, "clusterIPs") && same_list(spec, before, "ipFamilies");
}
static void set_policy(struct arena *arena, struct json *spec, const struct json *before)
{
    const struct json *old = json_get(before, "ipFamilyPolicy");
    if (json_get(spec, "ipFamilyPolicy"))
        return;
    if (old)
        json_set(arena, spec, "ipFamilyPolicy", json_copy(arena, old));
    else
        json_set_text(arena, spec, "ipFamilyPolicy",
                      is_managed_by_hand(spec) ? "RequireDualStack" : "SingleStack");
}

static void refuse_policy(const struct json *spec, const struct field_path *path, const char *why,
                          struct field_errors *errors)
{
    path_invalid_text(errors, AT(path, "ipFamilyPolicy"), text_at(spec, "ipFamilyPolicy"), "%s",
                      why);
}
static bool is_reduced(const struct json *spec, const struct json *before, const char *name)
{
    size_t count = json_count(json_get(spec, name));
    return count > 0 && count < json_count(json_get(before, name));
}
static void drop_second(struct json *spec, const struct json *before, const char *name)
{
    struct json *list = json_get(spec, name);
    if (same_list(spec, before, name) && json_count(list) > 1)
        json_detach(list, json_item(list, 1));
}
/* To ask for one family is clear; to leave out the second address without that is not. */
static void check_reduction(struct json *spec, const struct json *before,
                            const struct field_path *path, struct field_errors *errors)
{
    if (is_policy(spec, "SingleStack")) {
        drop_second(spec, before, "clusterIPs");
        drop_second(spec, before, "ipFamilies");
        return;
    }
    if (is_reduced(spec, before, "clusterIPs"))
        refuse_policy(spec, path, "must be 'SingleStack' to release the secondary cluster IP",
                      errors);
    if (is_reduced(spec, before, "ipFamilies"))
        refuse_policy(spec, path, "must be 'SingleStack' to release the secondary IP family",
                      errors);
}
static void check_one(const struct json *spec, const struct field_path *path,
                      struct field_errors *errors)
{
    if (!is_policy(spec, "SingleStack"))
        return;
    if (json_count(json_get(spec, "clusterIPs")) == 2)
        refuse_policy(spec, path,
                      "must be 'RequireDualStack' or 'PreferDualStack' when multiple cluster IPs "
                      "are specified",
                      errors);
    if (json_count(json_get(spec, "ipFamilies")) == 2)
        refuse_policy(spec, path,
                      "must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families "
                      "are specified",
                      errors);
}

/* --- The families --- */

static void add_family(struct arena *arena, struct json *spec, const char *family)
{
    struct json *list = json_get(spec, "ipFamilies");
    if (!list)
        list = json_set(arena, spec, "ipFamilies", json_new_array(arena));
    json_append(list, json_new_text(arena, family));
}
/* Addresses that are given tell their families. */
static void infer_families(struct arena *arena, struct json *spec, const struct field_path *path,
                           struct field_errors *errors)
{
    const struct json *addresses = json_get(spec, "clusterIPs");
    size_t index = 0;
    JSON_EACH(address, addresses) {
        struct slice text = json_string(address);
        if (slice_is(text, "None"))
            return;
        if (index >= json_count(json_get(spec, "ipFamilies"))) {
            if (ip_is_v6(text))
                path_invalid(errors, AT_ITEM(AT(path, "clusterIPs"), index), addresses,
                             "IPv6 is not configured on this cluster");
            else
                add_family(arena, spec, OWN_FAMILY);
        }
        index++;
    }
}
static void set_both(struct arena *arena, struct json *spec)
{
    const struct json *families = json_get(spec, "ipFamilies");
    if (!json_first(families))
        add_family(arena, spec, OWN_FAMILY);
    families = json_get(spec, "ipFamilies");
    if (json_count(families) < 2 && !is_policy(spec, "SingleStack"))
        add_family(arena, spec,
                   slice_is(json_string(json_first(families)), "IPv4") ? "IPv6" : "IPv4");
}
static void check_configured(const struct json *spec, const struct field_path *path,
                             struct field_errors *errors)
{
    size_t index = 0;
    if (is_policy(spec, "RequireDualStack"))
        refuse_policy(spec, path, "this cluster is not configured for dual-stack services", errors);
    JSON_EACH(family, json_get(spec, "ipFamilies")) {
        if (!slice_is(json_string(family), OWN_FAMILY))
            path_invalid_text(errors, AT_ITEM(AT(path, "ipFamilies"), index), json_string(family),
                              "not configured on this cluster");
        index++;
    }
}

void service_set_families(struct arena *arena, struct json *service, const struct json *old,
                          struct field_errors *errors)
{
    struct json *spec = json_get(service, "spec");
    const struct json *before = json_get(old, "spec");
    const struct field_path *path = AT(NULL, "spec");
    if (service_is_type(service, "ExternalName") || stays_as_it_is(spec, before))
        return;
    set_policy(arena, spec, before);
    service_addresses_validate(service, path, errors);
    if (errors->count > 0)
        return;
    if (old)
        check_reduction(spec, before, path, errors);
    check_one(spec, path, errors);
    infer_families(arena, spec, path, errors);
    if (errors->count > 0)
        return;
    if (is_managed_by_hand(spec)) {
        set_both(arena, spec);
        return;
    }
    check_configured(spec, path, errors);
    if (errors->count == 0 && !json_first(json_get(spec, "ipFamilies")))
        add_family(arena, spec, OWN_FAMILY);
}
