/* Nobody gives a right that they do not have.
 *
 * Who writes a role must hold its rules, or have the verb escalate on it; who
 * writes a binding must hold the rules of its role, or have the verb bind on it.
 * An aggregationRule can gather anything, so it needs everything. Looked at after
 * mutating and before validation, where upstream's storage does it: rules of
 * k8s.io/kubernetes pkg/registry/rbac, .../policybased. */
#include "api/admission.h"
#include "api/api.h"
#include "api/authz.h"
#include "api/rbac.h"
#include "core/kinds/meta.h"
#include "core/kinds/rbac_rules.h"

static const char *name_of(const struct admission *admission)
{
    return arena_copy_slice(&admission->request->arena, meta_name(admission->object));
}

static int forbid(const struct admission *admission, const char *why, struct status *status)
{
    return status_forbidden(status, RBAC_GROUP, admission->kind->resource, name_of(admission), why);
}

/* Only owners and finalizers differ: what the garbage collector must be able to do. */
static bool changes_ownership_only(const struct admission *admission)
{
    struct arena *arena = &admission->request->arena;
    if (!admission->old)
        return false;
    struct json *a = json_copy(arena, admission->object);
    struct json *b = json_copy(arena, admission->old);
    static const char *const fields[] = {"ownerReferences", "finalizers", "managedFields"};
    for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
        meta_remove(a, fields[i]);
        meta_remove(b, fields[i]);
    }
    return json_equal(a, b);
}

/* --- What is missing --- */

/* `["a" "b"]`, Go's %q of a list. */
static const char *quoted_list(struct arena *arena, const char *const *texts)
{
    struct buffer list = {0};
    buffer_append_byte(&list, '[');
    for (size_t i = 0; texts && texts[i]; i++)
        buffer_format(&list, "%s%s", i > 0 ? " " : "", field_value_text(arena, slice_of(texts[i])));
    buffer_append_byte(&list, ']');
    const char *copy = arena_copy_slice(arena, buffer_slice(&list));
    buffer_release(&list);
    return copy;
}

/* NULL: the user holds them all. */
static const char *what_escalates(const struct admission *admission, const struct json *rules)
{
    struct request *request = admission->request;
    struct arena *arena = &request->arena;
    const struct user *user = request->user;
    struct rbac_rule_list held = {.arena = arena};
    struct json *missing;
    rbac_rules_for(authz_rbac(request->api), user, admission->namespace, &held);
    if (!rbac_missing_rules(arena, &held, rules, &missing))
        return "the rules are too many to be compared with those that the user holds";
    if (json_count(missing) == 0)
        return NULL;
    return arena_format(arena,
                        "user %s (groups=%s) is attempting to grant RBAC permissions not currently "
                        "held:\n%s",
                        field_value_text(arena, slice_of(user->name)),
                        quoted_list(arena, user->groups), rbac_describe_rules(arena, missing));
}

static int check_rules(const struct admission *admission, const struct json *rules,
                       struct status *status)
{
    const char *why = what_escalates(admission, rules);
    return why ? forbid(admission, why, status) : 0;
}

/* --- Roles --- */

static bool may_escalate(const struct admission *admission)
{
    const struct request *request = admission->request;
    struct authz_attributes attributes = {
        .user = request->user,
        .verb = "escalate",
        .is_resource = true,
        .path = "",
        .group = RBAC_GROUP,
        .resource = admission->kind->resource,
        .namespace = admission->namespace,
        .name = request->info.name,
    };
    return authz_allows(request->api, &attributes);
}

static bool gathers(const struct json *role)
{
    return json_count(json_at(role, "aggregationRule.clusterRoleSelectors")) > 0;
}

static int check_aggregation(const struct admission *admission, struct status *status)
{
    static const char everything[] =
        "[{\"verbs\":[\"*\"],\"apiGroups\":[\"*\"],\"resources\":[\"*\"]},"
        "{\"verbs\":[\"*\"],\"nonResourceURLs\":[\"*\"]}]";
    if (!gathers(admission->object) && !gathers(admission->old))
        return 0;
    const struct json *rules =
        json_parse(&admission->request->arena, slice_of(everything), NULL, status);
    if (!what_escalates(admission, rules))
        return 0;
    return forbid(admission, "must have cluster-admin privileges to use the aggregationRule",
                  status);
}

static int check_role(const struct admission *admission, struct status *status)
{
    if (may_escalate(admission))
        return 0;
    return check_rules(admission, json_get(admission->object, "rules"), status) ||
                   check_aggregation(admission, status)
               ? -1
               : 0;
}

/* --- Bindings --- */

static bool may_bind(const struct admission *admission, const struct json *reference,
                     const char *resource)
{
    const struct request *request = admission->request;
    struct authz_attributes attributes = {
        .user = request->user,
        .verb = "bind",
        .is_resource = true,
        .path = "",
        .group = json_text(json_get(reference, "apiGroup")),
        .resource = resource,
        .namespace = admission->namespace,
        .name = json_string(json_get(reference, "name")),
    };
    return authz_allows(request->api, &attributes);
}

static int check_binding(const struct admission *admission, struct status *status)
{
    const struct json *reference = json_get(admission->object, "roleRef");
    struct slice kind = json_string(json_get(reference, "kind"));
    bool is_cluster_role = slice_is(kind, "ClusterRole");
    const char *resource = is_cluster_role ? "clusterroles" : "roles";
    const struct json *rules;
    if (!is_cluster_role && !slice_is(kind, "Role"))
        return 0; /* Validation refuses it. */
    if (may_bind(admission, reference, resource))
        return 0;
    if (!rbac_role_rules(authz_rbac(admission->request->api),
                         is_cluster_role ? SLICE("") : admission->namespace,
                         json_string(json_get(reference, "name")), &rules))
        return status_not_found(status, RBAC_GROUP, resource,
                                json_text(json_get(reference, "name")));
    return check_rules(admission, rules, status);
}

static int mutate(struct admission *admission, struct status *status)
{
    if (strcmp(admission->kind->group, RBAC_GROUP) != 0 || admission->operation == ADMIT_DELETE ||
        user_in_group(admission->request->user, "system:masters") ||
        changes_ownership_only(admission))
        return 0;
    bool is_role = strcmp(admission->kind->resource, "roles") == 0 ||
                   strcmp(admission->kind->resource, "clusterroles") == 0;
    return is_role ? check_role(admission, status) : check_binding(admission, status);
}

const struct admission_plugin admission_rbac_escalation = {.name = "RBACEscalation",
                                                           .mutate = mutate};
