#include "api/audit_policy.h"

#include "api/audit_policy_private.h"
#include "api/decode.h"
#include "core/json.h"
#include "core/kinds/field_path.h"

struct audit_rule {
    struct audit_decision decision;
    const struct json *tree; /* PolicyRule: its lists are matched as they are. */
};

struct audit_policy {
    struct arena arena;
    struct audit_rule *rules;
    size_t count;
    struct audit_decision otherwise;
    bool is_default;
};

static const char *const levels[] = {"None", "Metadata", "Request", "RequestResponse", NULL};
static const char *const stages[] = {"RequestReceived", "ResponseStarted", "ResponseComplete",
                                     "Panic", NULL};

static int index_of(struct slice text, const char *const *texts)
{
    for (int i = 0; texts[i]; i++)
        if (slice_is(text, texts[i]))
            return i;
    return -1;
}

/* --- Validation --- */

static void check_level(struct slice level, const struct field_path *path,
                        struct field_errors *errors)
{
    if (level.size == 0)
        path_required(errors, path, NULL);
    else
        path_check_choice(errors, path, level, levels);
}

static void check_stages(const struct json *list, const struct field_path *path,
                         struct field_errors *errors)
{
    size_t i = 0;
    JSON_EACH(stage, list) {
        if (index_of(json_string(stage), stages) < 0)
            path_invalid_text(
                errors, AT_ITEM(path, i), json_string(stage),
                "allowed stages are RequestReceived,ResponseStarted,ResponseComplete,Panic");
        i++;
    }
}

static void check_urls(const struct json *urls, const struct field_path *path,
                       struct field_errors *errors)
{
    size_t i = 0;
    JSON_EACH(url, urls) {
        struct slice text = json_string(url);
        const struct field_path *at = AT_ITEM(path, i++);
        if (slice_is(text, "*"))
            continue;
        if (!slice_starts_with(text, SLICE("/")))
            path_invalid_text(errors, at, text,
                              "non-resource URL rules must begin with a '/' character");
        if (text.size > 0 && slice_find(slice_sub(text, 0, text.size - 1), '*') >= 0)
            path_invalid_text(errors, at, text,
                              "non-resource URL wildcards '*' must be the final character of the "
                              "rule");
    }
}

static void check_resources(const struct json *resources, const struct field_path *path,
                            struct field_errors *errors)
{
    JSON_EACH(resource, resources) {
        struct slice group = json_string(json_get(resource, "group"));
        if (group.size > 0 && !slice_is(group, "*"))
            path_check_name(errors, AT(path, "group"), group, name_check_dns_subdomain);
        const struct json *names = json_get(resource, "resourceNames");
        if (json_count(names) > 0 && json_count(json_get(resource, "resources")) == 0)
            path_invalid(errors, AT(path, "resourceNames"), names,
                         "using resourceNames requires at least one resource");
    }
}

static void check_rule(const struct json *rule, const struct field_path *path,
                       struct field_errors *errors)
{
    const struct json *urls = json_get(rule, "nonResourceURLs");
    check_level(json_string(json_get(rule, "level")), AT(path, "level"), errors);
    check_urls(urls, AT(path, "nonResourceURLs"), errors);
    check_resources(json_get(rule, "resources"), AT(path, "resources"), errors);
    check_stages(json_get(rule, "omitStages"), AT(path, "omitStages"), errors);
    if (json_count(urls) > 0 && (json_count(json_get(rule, "resources")) > 0 ||
                                 json_count(json_get(rule, "namespaces")) > 0))
        path_invalid(errors, AT(path, "nonResourceURLs"), urls,
                     "rules cannot apply to both regular resources and non-resource URLs");
}

static int check_policy(struct arena *arena, const struct json *tree, struct status *status)
{
    struct field_errors errors;
    size_t i = 0;
    const char *version = json_text(json_get(tree, "apiVersion"));
    const char *kind = json_text(json_get(tree, "kind"));
    if (strcmp(version, "audit.k8s.io/v1") != 0 || strcmp(kind, "Policy") != 0)
        return status_fail(status, STATUS_BAD_REQUEST,
                           "unknown group version field %s, Kind=%s in policy", version, kind);
    field_errors_init(&errors, arena);
    check_stages(json_get(tree, "omitStages"), AT(NULL, "omitStages"), &errors);
    JSON_EACH(rule, json_get(tree, "rules"))
        check_rule(rule, AT_ITEM(AT(NULL, "rules"), i++), &errors);
    if (field_errors_status(&errors, "audit.k8s.io", "Policy", "", status))
        return -1;
    return i > 0 ? 0
                 : status_fail(status, STATUS_BAD_REQUEST, "loaded illegal policy with 0 rules");
}

/* --- Reading --- */

static unsigned stages_of(const struct json *list)
{
    unsigned bits = 0;
    JSON_EACH(stage, list)
        bits |= 1u << (unsigned)index_of(json_string(stage), stages);
    return bits;
}

static void read_rules(struct audit_policy *policy, const struct json *tree)
{
    const struct json *rules = json_get(tree, "rules");
    policy->otherwise.omitted = stages_of(json_get(tree, "omitStages"));
    policy->otherwise.omits_managed_fields = json_bool(json_get(tree, "omitManagedFields"));
    policy->rules = ARENA_ARRAY(&policy->arena, struct audit_rule, json_count(rules));
    JSON_EACH(rule, rules) {
        struct audit_decision decision = policy->otherwise;
        const struct json *own = json_get(rule, "omitManagedFields");
        decision.level = (enum audit_level)index_of(json_string(json_get(rule, "level")), levels);
        decision.omitted |= stages_of(json_get(rule, "omitStages"));
        if (own)
            decision.omits_managed_fields = json_bool(own);
        policy->rules[policy->count++] = (struct audit_rule){decision, rule};
    }
}

struct audit_policy *audit_policy_read(struct slice text, struct status *status)
{
    struct audit_policy *policy = mem_alloc(sizeof(*policy));
    struct json_duplicate *duplicates = NULL;
    arena_init(&policy->arena);
    const struct json *tree = decode_yaml(&policy->arena, text, &duplicates, status);
    if (!tree || check_policy(&policy->arena, tree, status)) {
        audit_policy_destroy(policy);
        return NULL;
    }
    read_rules(policy, tree);
    return policy;
}

struct audit_policy *audit_policy_default(void)
{
    struct status status;
    status_init(&status);
    struct audit_policy *policy = audit_policy_read(slice_of(audit_policy_default_text), &status);
    PRE(policy != NULL);
    status_release(&status);
    policy->is_default = true;
    return policy;
}

void audit_policy_destroy(struct audit_policy *policy)
{
    if (!policy)
        return;
    arena_release(&policy->arena);
    mem_free(policy);
}

bool audit_policy_skips_components(const struct audit_policy *policy)
{
    return policy->is_default;
}

/* --- Deciding --- */

static bool has(const struct json *list, struct slice text)
{
    JSON_EACH(item, list)
        if (slice_equal(json_string(item), text))
            return true;
    return false;
}

static bool matches_user(const struct json *rule, const struct user *user)
{
    const struct json *users = json_get(rule, "users"), *groups = json_get(rule, "userGroups");
    if (json_count(users) > 0 && !has(users, slice_of(user->name)))
        return false;
    if (json_count(groups) == 0)
        return true;
    for (const char *const *group = user->groups; group && *group; group++)
        if (has(groups, slice_of(*group)))
            return true;
    return false;
}

/* "pods", "pods/log", "*", any resource's "/log" and all parts of "pods/". */
static bool matches_name(struct slice wanted, const struct authz_attributes *asked)
{
    struct slice rest = wanted, resource;
    const char *sub = asked->subresource;
    if (slice_is(wanted, "*"))
        return true;
    slice_split(&rest, '/', &resource);
    if (!rest.data)
        return !sub && slice_is(resource, asked->resource);
    bool is_resource = slice_is(resource, asked->resource);
    return (is_resource && (slice_is(rest, "*") || (sub && slice_is(rest, sub)))) ||
           (sub && slice_is(resource, "*") && slice_is(rest, sub));
}

static bool matches_group(const struct json *resource, const struct authz_attributes *asked)
{
    struct slice group = json_string(json_get(resource, "group"));
    const struct json *list = json_get(resource, "resources");
    const struct json *names = json_get(resource, "resourceNames");
    if (!slice_is(group, "*") && !slice_is(group, asked->group))
        return false;
    if (json_count(list) == 0)
        return true;
    JSON_EACH(item, list)
        if (matches_name(json_string(item), asked) &&
            (json_count(names) == 0 || has(names, asked->name)))
            return true;
    return false;
}

static bool matches_resource(const struct json *rule, const struct authz_attributes *asked)
{
    const struct json *namespaces = json_get(rule, "namespaces");
    const struct json *resources = json_get(rule, "resources");
    if (!asked->is_resource || (json_count(namespaces) > 0 && !has(namespaces, asked->namespace)))
        return false;
    JSON_EACH(resource, resources)
        if (matches_group(resource, asked))
            return true;
    return json_count(resources) == 0;
}

static bool matches_url(const struct json *urls, const struct authz_attributes *asked)
{
    struct slice path = slice_of(asked->path);
    JSON_EACH(url, asked->is_resource ? NULL : urls) {
        struct slice text = json_string(url);
        if (slice_equal(text, path))
            return true;
        if (!slice_ends_with(text, SLICE("*")))
            continue;
        text.size--;
        if (slice_starts_with(path, text))
            return true;
    }
    return false;
}

static bool matches(const struct json *rule, const struct authz_attributes *asked)
{
    const struct json *verbs = json_get(rule, "verbs");
    const struct json *urls = json_get(rule, "nonResourceURLs");
    if (!matches_user(rule, asked->user) ||
        (json_count(verbs) > 0 && !has(verbs, slice_of(asked->verb))))
        return false;
    if (json_count(json_get(rule, "namespaces")) > 0 || json_count(json_get(rule, "resources")) > 0)
        return matches_resource(rule, asked);
    return json_count(urls) == 0 || matches_url(urls, asked);
}

struct audit_decision audit_policy_decide(const struct audit_policy *policy,
                                          const struct authz_attributes *attributes)
{
    for (size_t i = 0; i < policy->count; i++)
        if (matches(policy->rules[i].tree, attributes))
            return policy->rules[i].decision;
    return policy->otherwise;
}
