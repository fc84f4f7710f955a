#include "api/rbac.h"

#include <stdio.h>

static bool list_has(const struct json *list, const char *text)
{
    JSON_EACH(item, list)
        if (strcmp(json_text(item), "*") == 0 || strcmp(json_text(item), text) == 0)
            return true;
    return false;
}

/* "pods", "pods/log", "*" and "*" + "/log" as upstream's ResourceMatches. */
static bool resource_matches(const struct json *list, const struct authz_attributes *attributes)
{
    char full[300];
    char any[300];
    const char *sub = attributes->subresource;
    snprintf(full, sizeof(full), "%s%s%s", attributes->resource, sub ? "/" : "", sub ? sub : "");
    snprintf(any, sizeof(any), "*/%s", sub ? sub : "");
    JSON_EACH(item, list) {
        const char *text = json_text(item);
        if (strcmp(text, "*") == 0 || strcmp(text, full) == 0 || (sub && strcmp(text, any) == 0))
            return true;
    }
    return false;
}

static bool name_matches(const struct json *names, struct slice name)
{
    if (json_count(names) == 0)
        return true;
    JSON_EACH(item, names)
        if (slice_equal(json_string(item), name))
            return true;
    return false;
}

static bool url_matches(const struct json *urls, const char *path)
{
    JSON_EACH(item, urls) {
        struct slice pattern = json_string(item);
        if (pattern.size > 0 && pattern.data[pattern.size - 1] == '*') {
            if (strncmp(path, pattern.data, pattern.size - 1) == 0)
                return true;
        } else if (slice_is(pattern, path)) {
            return true;
        }
    }
    return false;
}

bool rbac_rule_allows(const struct json *rule, const struct authz_attributes *attributes)
{
    if (!list_has(json_get(rule, "verbs"), attributes->verb))
        return false;
    if (!attributes->is_resource)
        return url_matches(json_get(rule, "nonResourceURLs"), attributes->path);
    return list_has(json_get(rule, "apiGroups"), attributes->group) &&
           resource_matches(json_get(rule, "resources"), attributes) &&
           name_matches(json_get(rule, "resourceNames"), attributes->name);
}

static bool service_account_matches(const struct json *subject, struct slice binding_namespace,
                                    const struct user *user)
{
    struct slice namespace = json_string(json_get(subject, "namespace"));
    if (namespace.size == 0)
    namespace = binding_namespace;
    char name[600];
    snprintf(name, sizeof(name), "system:serviceaccount:" SLICE_FORMAT ":%s", SLICE_ARGS(namespace),
             json_text(json_get(subject, "name")));
    return namespace.size > 0 && strcmp(name, user->name) == 0;
}

bool rbac_subject_matches(const struct json *subject, struct slice binding_namespace,
                          const struct user *user)
{
    const char *kind = json_text(json_get(subject, "kind"));
    const char *name = json_text(json_get(subject, "name"));
    if (strcmp(kind, "User") == 0)
        return strcmp(name, user->name) == 0;
    if (strcmp(kind, "Group") == 0)
        return user_in_group(user, name);
    if (strcmp(kind, "ServiceAccount") == 0)
        return service_account_matches(subject, binding_namespace, user);
    return false;
}

static bool binding_is_for(const struct rbac_binding *binding, const struct user *user,
                           struct slice namespace)
{
    if (binding->namespace.size > 0 && !slice_equal(binding->namespace, namespace))
        return false;
    JSON_EACH(subject, binding->subjects)
        if (rbac_subject_matches(subject, binding->namespace, user))
            return true;
    return false;
}

bool rbac_allows(const struct rbac *rbac, const struct authz_attributes *attributes)
{
    for (size_t i = 0; i < rbac->binding_count; i++) {
        const struct rbac_binding *binding = &rbac->bindings[i];
        if (!binding_is_for(binding, attributes->user, attributes->namespace))
            continue;
        JSON_EACH(rule, binding->rules)
            if (rbac_rule_allows(rule, attributes))
                return true;
    }
    return false;
}

void rbac_each_rule(const struct rbac *rbac, const struct user *user, struct slice namespace,
                    void (*each)(void *context, const struct json *rule), void *context)
{
    for (size_t i = 0; i < rbac->binding_count; i++)
        if (binding_is_for(&rbac->bindings[i], user, namespace))
            JSON_EACH(rule, rbac->bindings[i].rules)
                each(context, rule);
}

void rbac_init(struct rbac *rbac)
{
    memset(rbac, 0, sizeof(*rbac));
    arena_init(&rbac->arena);
}

void rbac_release(struct rbac *rbac)
{
    arena_release(&rbac->arena);
}

static const struct json *role_rules(const struct rbac *rbac, const struct rbac_binding *binding)
{
    bool is_cluster = slice_is(binding->role_kind, "ClusterRole");
    struct slice namespace = is_cluster ? (struct slice){0} : binding->namespace;
    for (size_t i = 0; i < rbac->role_count; i++)
        if (slice_equal(rbac->roles[i].namespace, namespace) &&
            slice_equal(rbac->roles[i].name, binding->role_name))
            return rbac->roles[i].rules;
    return NULL;
}

void rbac_compile(struct rbac *rbac, const struct json *const *roles, size_t role_count,
                  const struct json *const *bindings, size_t binding_count)
{
    rbac->roles = ARENA_ARRAY(&rbac->arena, struct rbac_role, role_count + 1);
    rbac->role_count = role_count;
    for (size_t i = 0; i < role_count; i++)
        rbac->roles[i] = (struct rbac_role){
            .namespace = json_string(json_at(roles[i], "metadata.namespace")),
            .name = json_string(json_at(roles[i], "metadata.name")),
            .rules = json_get(roles[i], "rules"),
        };
    rbac->bindings = ARENA_ARRAY(&rbac->arena, struct rbac_binding, binding_count + 1);
    rbac->binding_count = binding_count;
    for (size_t i = 0; i < binding_count; i++) {
        struct rbac_binding *binding = &rbac->bindings[i];
        *binding = (struct rbac_binding){
            .namespace = json_string(json_at(bindings[i], "metadata.namespace")),
            .subjects = json_get(bindings[i], "subjects"),
            .role_kind = json_string(json_at(bindings[i], "roleRef.kind")),
            .role_name = json_string(json_at(bindings[i], "roleRef.name")),
        };
        binding->rules = role_rules(rbac, binding);
    }
}
