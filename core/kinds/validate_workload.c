/* See validate_workload.h. */
#include "core/kinds/validate_workload.h"

#include "core/kinds/text_map.h"

#define PRIORITY_MAX 1000000000
#define TOPOLOGY_MAX 1
#define CLAIMS_MAX 4

static bool same(const struct json *a, const struct json *b)
{
    return a && b ? json_equal(a, b) : !a && !b;
}

/* --- Words of declared rules --- */

static void append_member(struct buffer *text, const char *name)
{
    buffer_format(text, "%s`%s`", text->size > 0 ? ", " : "", name);
}
void union_validate(const struct json *object, const char *const *members,
                    const struct field_path *path, struct field_errors *errors)
{
    struct buffer all = {0}, given = {0};
    size_t count = 0;
    for (size_t i = 0; members[i]; i++) {
        append_member(&all, members[i]);
        if (!json_get(object, members[i]))
            continue;
        append_member(&given, members[i]);
        count++;
    }
    if (count == 0)
        path_invalid_text(errors, path, SLICE(""), "must specify one of: %s", all.data);
    else if (count > 1)
        path_invalid_text(errors, path, slice_of(arena_format(errors->arena, "{%s}", given.data)),
                          "must specify exactly one of: %s", all.data);
    buffer_release(&all);
    buffer_release(&given);
}
void unchanged_validate(const struct json *object, const struct json *old, const char *name,
                        const struct field_path *path, struct field_errors *errors)
{
    if (!same(json_get(object, name), json_get(old, name)))
        path_invalid(errors, AT(path, name), NULL, "field is immutable");
}

/* --- Controller --- */

static void check_path_segment(struct slice text, struct name_errors *errors)
{
    name_path_segment(text, false, errors);
}
void controller_reference_validate(const struct json *reference, const struct field_path *path,
                                   struct field_errors *errors)
{
    struct slice group = json_string(json_get(reference, "apiGroup"));
    struct slice kind = json_string(json_get(reference, "kind"));
    struct slice name = json_string(json_get(reference, "name"));
    if (group.size > 0)
        path_check_name(errors, AT(path, "apiGroup"), group, name_check_dns_subdomain);
    if (kind.size > 0)
        path_check_name(errors, AT(path, "kind"), kind, check_path_segment);
    if (name.size > 0)
        path_check_name(errors, AT(path, "name"), name, check_path_segment);
}

/* --- Groups --- */

static const char *const policies[] = {"basic", "gang", NULL};
static const char *const disruption_modes[] = {"single", "all", NULL};
static const char *const claim_sources[] = {"resourceClaimName", "resourceClaimTemplateName", NULL};

static void check_topology(const struct json *constraints, const struct field_path *path,
                           struct field_errors *errors)
{
    size_t index = 0, count = json_count(constraints);
    if (count > TOPOLOGY_MAX)
        path_too_many(errors, path, count, TOPOLOGY_MAX);
    JSON_EACH(constraint, constraints) {
        const struct field_path *at = AT(AT_ITEM(path, index++), "key");
        struct slice key = json_string(json_get(constraint, "key"));
        if (key.size > 0)
            path_check_name(errors, at, key, name_check_qualified);
    }
}

static void check_claim(const struct json *claim, const struct field_path *path,
                        struct field_errors *errors)
{
    struct slice name = json_string(json_get(claim, "name"));
    if (name.size > 0)
        path_check_name(errors, AT(path, "name"), name, name_check_dns_label);
    union_validate(claim, claim_sources, path, errors);
    for (size_t i = 0; claim_sources[i]; i++)
        if (json_get(claim, claim_sources[i]))
            path_check_name(errors, AT(path, claim_sources[i]),
                            json_string(json_get(claim, claim_sources[i])),
                            name_check_dns_subdomain);
}
static void check_claims(const struct json *claims, const struct field_path *path,
                         struct field_errors *errors)
{
    struct text_map names = {0};
    size_t index = 0, count = json_count(claims);
    if (count > CLAIMS_MAX) {
        path_too_many(errors, path, count, CLAIMS_MAX);
        return;
    }
    JSON_EACH(claim, claims) {
        const struct field_path *at = AT_ITEM(path, index++);
        struct slice name = json_string(json_get(claim, "name"));
        check_claim(claim, at, errors);
        if (name.size > 0 && !text_map_add_text(&names, name))
            path_duplicate(errors, at, name);
    }
    text_map_release(&names);
}

void group_validate(const struct json *group, const struct field_path *path,
                    struct field_errors *errors)
{
    const struct json *policy = json_get(group, "schedulingPolicy");
    const struct json *mode = json_get(group, "disruptionMode");
    const struct json *minimum = json_at(policy, "gang.minCount");
    const struct field_path *at = AT(path, "schedulingPolicy");
    struct slice class = json_string(json_get(group, "priorityClassName"));
    int64_t number;
    union_validate(policy, policies, at, errors);
    if (json_to_int64(minimum, &number) && number < 0)
        path_invalid_int(errors, AT(AT(at, "gang"), "minCount"), number,
                         "must be greater than or equal to 1");
    if (mode)
        union_validate(mode, disruption_modes, AT(path, "disruptionMode"), errors);
    check_topology(json_at(group, "schedulingConstraints.topology"),
                   AT(AT(path, "schedulingConstraints"), "topology"), errors);
    check_claims(json_get(group, "resourceClaims"), AT(path, "resourceClaims"), errors);
    if (class.size > 0)
        path_check_name(errors, AT(path, "priorityClassName"), class, name_check_dns_subdomain);
    if (json_to_int64(json_get(group, "priority"), &number) && number > PRIORITY_MAX)
        path_invalid_int(errors, AT(path, "priority"), number, "must be less than or equal to %d",
                         PRIORITY_MAX);
}

static void check_policy_update(const struct json *policy, const struct json *old,
                                const struct field_path *path, struct field_errors *errors)
{
    const struct json *gang = json_get(policy, "gang"), *before = json_get(old, "gang");
    unchanged_validate(policy, old, "basic", path, errors);
    if (gang && !before)
        path_invalid(errors, AT(path, "gang"), NULL, "field cannot be set once created");
    else if (!gang && before)
        path_invalid(errors, AT(path, "gang"), NULL, "field cannot be cleared once set");
}
void group_validate_update(const struct json *group, const struct json *old,
                           const struct field_path *path, struct field_errors *errors)
{
    static const char *const fixed[] = {
        "schedulingConstraints", "resourceClaims", "disruptionMode",
        "priorityClassName",     "priority",       "preemptionPolicy"};
    check_policy_update(json_get(group, "schedulingPolicy"), json_get(old, "schedulingPolicy"),
                        AT(path, "schedulingPolicy"), errors);
    for (size_t i = 0; i < ARRAY_SIZE(fixed); i++)
        unchanged_validate(group, old, fixed[i], path, errors);
}
