/* Rules: k8s.io/component-helpers auth/rbac/reconciliation. What somebody has
 * added to a built-in role or binding stays; what is missing comes back, unless
 * the object says rbac.authorization.kubernetes.io/autoupdate: "false". A
 * binding that leads to another role is made anew. */
#include "api/bootstrap_rbac.h"

#include "api/bootstrap.h"
#include "api/rbac_cover.h"
#include "core/kinds/meta.h"

#define GROUP "rbac.authorization.k8s.io"
#define AUTOUPDATE "rbac.authorization.kubernetes.io/autoupdate"
#define JOIN_LABEL "rbac.authorization.k8s.io/aggregate-to-"
#define CONTROLLER_PREFIX "system:controller:"

/* --- Tables as trees --- */

static struct json *list_of(struct arena *arena, const char *items)
{
    struct json *list = json_new_array(arena);
    struct slice rest = slice_of(items);
    struct slice item;
    while (slice_split(&rest, ' ', &item))
        json_append(list, json_new_string(arena, slice_is(item, "core") ? SLICE("") : item));
    return list;
}

struct json *bootstrap_rules(struct arena *arena, const struct default_rule *rules)
{
    struct json *list = json_new_array(arena);
    for (; rules && rules->verbs; rules++) {
        struct json *rule = json_new_object(arena);
        json_set(arena, rule, "verbs", list_of(arena, rules->verbs));
        if (rules->groups)
            json_set(arena, rule, "apiGroups", list_of(arena, rules->groups));
        json_set(arena, rule, rules->groups ? "resources" : "nonResourceURLs",
                 list_of(arena, rules->items));
        if (rules->names)
            json_set(arena, rule, "resourceNames", list_of(arena, rules->names));
        json_append(list, rule);
    }
    return list;
}

static struct json *new_object(struct arena *arena, const char *kind, const char *namespace,
                               const char *name)
{
    struct json *object = json_new_object(arena);
    json_set_text(arena, object, "apiVersion", GROUP "/v1");
    json_set_text(arena, object, "kind", kind);
    struct json *metadata = json_ensure_object(arena, object, "metadata");
    json_set_text(arena, metadata, "name", name);
    if (namespace)
        json_set_text(arena, metadata, "namespace", namespace);
    json_set_text(arena, json_ensure_object(arena, metadata, "labels"),
                  "kubernetes.io/bootstrapping", "rbac-defaults");
    json_set_text(arena, json_ensure_object(arena, metadata, "annotations"), AUTOUPDATE, "true");
    return object;
}

static struct json *role_tree(struct arena *arena, const struct default_role *role)
{
    struct json *tree =
        new_object(arena, role->namespace ? "Role" : "ClusterRole", role->namespace, role->name);
    if (role->joins)
        json_set_text(arena, json_at(tree, "metadata.labels"),
                      arena_format(arena, JOIN_LABEL "%s", role->joins), "true");
    json_set(arena, tree, "rules", bootstrap_rules(arena, role->rules));
    if (!role->is_made_of_others)
        return tree;
    struct json *rule = json_ensure_object(arena, tree, "aggregationRule");
    struct json *selectors = json_set(arena, rule, "clusterRoleSelectors", json_new_array(arena));
    struct json *selector = json_new_object(arena);
    json_set_text(arena, json_ensure_object(arena, selector, "matchLabels"),
                  arena_format(arena, JOIN_LABEL "%s", role->name), "true");
    json_append(selectors, selector);
    return tree;
}

static struct json *subject_tree(struct arena *arena, const char *kind, struct slice name)
{
    struct json *subject = json_new_object(arena);
    bool is_account = strcmp(kind, "ServiceAccount") == 0;
    json_set_text(arena, subject, "kind", kind);
    if (!is_account)
        json_set_text(arena, subject, "apiGroup", GROUP);
    json_set(arena, subject, "name", json_new_string(arena, name));
    if (is_account)
        json_set_text(arena, subject, "namespace", "kube-system");
    return subject;
}

static struct json *binding_tree(struct arena *arena, const struct default_binding *binding)
{
    bool is_cluster = !binding->namespace;
    struct json *tree =
        new_object(arena, is_cluster ? "ClusterRoleBinding" : "RoleBinding", binding->namespace,
                   binding->name ? binding->name : binding->role);
    struct json *role = json_ensure_object(arena, tree, "roleRef");
    json_set_text(arena, role, "apiGroup", GROUP);
    json_set_text(arena, role, "kind", is_cluster ? "ClusterRole" : "Role");
    json_set_text(arena, role, "name", binding->role);
    struct json *subjects = json_set(arena, tree, "subjects", json_new_array(arena));
    struct slice rest = slice_of(binding->subjects);
    struct slice name;
    while (slice_split(&rest, ' ', &name))
        json_append(subjects, subject_tree(arena, binding->kind, name));
    return tree;
}

/* --- What is there already --- */

/* Adds members that are missing; true when there were some. */
static bool add_members(struct arena *arena, struct json *metadata, const char *field,
                        const struct json *wanted)
{
    bool changed = false;
    JSON_EACH(member, wanted) {
        struct json *map = json_ensure_object(arena, metadata, field);
        if (json_get_slice(map, json_key(member)))
            continue;
        json_set_slice(arena, map, json_key(member), json_copy(arena, member));
        changed = true;
    }
    return changed;
}

static bool add_metadata(struct arena *arena, struct json *object, const struct json *wanted)
{
    struct json *metadata = json_ensure_object(arena, object, "metadata");
    bool labels = add_members(arena, metadata, "labels", json_at(wanted, "metadata.labels"));
    return add_members(arena, metadata, "annotations", json_at(wanted, "metadata.annotations")) ||
           labels;
}

/* Adds items that are missing to the list at field; true when there were some. */
static bool add_items(struct arena *arena, struct json *object, const char *field,
                      const struct json *wanted)
{
    bool changed = false;
    JSON_EACH(item, wanted) {
        bool found = false;
        JSON_EACH(there, json_get(object, field))
            found = found || json_equal(there, item);
        if (found)
            continue;
        if (!json_is(json_get(object, field), JSON_ARRAY))
            json_set(arena, object, field, json_new_array(arena));
        json_append(json_get(object, field), json_copy(arena, item));
        changed = true;
    }
    return changed;
}

static bool add_rules(struct arena *arena, struct json *role, const struct json *wanted)
{
    struct rbac_rule_list held = {.arena = arena};
    struct json *missing;
    JSON_EACH(rule, json_get(role, "rules"))
        rbac_rule_list_add(&held, rule);
    PRE(rbac_missing_rules(arena, &held, wanted, &missing));
    return add_items(arena, role, "rules", missing);
}

static bool complete_role(struct arena *arena, struct json *role, const struct json *wanted)
{
    bool changed = add_metadata(arena, role, wanted);
    changed = add_rules(arena, role, json_get(wanted, "rules")) || changed;
    const struct json *selectors = json_at(wanted, "aggregationRule.clusterRoleSelectors");
    if (json_count(selectors) == 0)
        return changed;
    return add_items(arena, json_ensure_object(arena, role, "aggregationRule"),
                     "clusterRoleSelectors", selectors) ||
           changed;
}

static bool complete_binding(struct arena *arena, struct json *binding, const struct json *wanted)
{
    bool changed = add_metadata(arena, binding, wanted);
    return add_items(arena, binding, "subjects", json_get(wanted, "subjects")) || changed;
}

/* --- Writes --- */

static void add_one(struct bootstrap *bootstrap, struct json *wanted,
                    bool (*complete)(struct arena *arena, struct json *object,
                                     const struct json *wanted))
{
    struct arena *arena = &bootstrap->arena;
    struct json *there = bootstrap_read(bootstrap, wanted);
    if (!there) {
        bootstrap_add(bootstrap, "create", wanted);
        return;
    }
    if (slice_is(meta_annotation(there, AUTOUPDATE), "false"))
        return;
    if (!json_equal(json_get(there, "roleRef"), json_get(wanted, "roleRef"))) {
        bootstrap_add(bootstrap, "delete", wanted);
        bootstrap_add(bootstrap, "create", wanted);
    } else if (complete(arena, there, wanted)) {
        bootstrap_add(bootstrap, "update", there);
    }
}

static void add_controller(struct bootstrap *bootstrap, const struct default_role *role)
{
    struct default_binding binding = {
        .role = role->name,
        .kind = "ServiceAccount",
        .subjects = role->name + sizeof(CONTROLLER_PREFIX) - 1,
    };
    add_one(bootstrap, role_tree(&bootstrap->arena, role), complete_role);
    add_one(bootstrap, binding_tree(&bootstrap->arena, &binding), complete_binding);
}

void bootstrap_add_rbac(struct bootstrap *bootstrap)
{
    struct arena *arena = &bootstrap->arena;
    for (const struct default_role *role = default_roles; role->name; role++)
        add_one(bootstrap, role_tree(arena, role), complete_role);
    for (const struct default_binding *binding = default_bindings; binding->role; binding++)
        add_one(bootstrap, binding_tree(arena, binding), complete_binding);
    for (const struct default_role *role = default_controller_roles; role->name; role++)
        add_controller(bootstrap, role);
}
