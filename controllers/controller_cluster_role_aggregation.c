/* Roles that are made of others: their rules are those of the roles that they select.
 *
 * All such roles are looked at together whenever any ClusterRole changes: there are few, and a
 * role that is gathered may itself be made of others, so one change can run through several (view
 * into edit into admin), each step a commit that is a reason to look again. Rules: k8s.io/kubernetes
 * pkg/controller/clusterroleaggregation. */
#include "controllers/controller.h"
#include "core/kinds/label_selector.h"
#include "core/kinds/meta.h"
#include "core/kinds/rbac_rules.h"

#define PREFIX RBAC_GROUP "/clusterroles/"

static void any_key(const struct object *object, struct buffer *key)
{
    (void)object;
    buffer_append_text(key, "all");
}

struct gathering {
    struct reconcile *reconcile;
    struct slice name;            /* Of the role that is made. */
    struct label_selector selector;
    struct json *rules;
};

static bool has_rule(const struct json *rules, const struct json *wanted)
{
    JSON_EACH(rule, rules)
        if (json_equal(rule, wanted))
            return true;
    return false;
}

static bool take_role(void *context, const struct object *role)
{
    struct gathering *gathering = context;
    struct arena *arena = gathering->reconcile->arena;
    if (slice_equal(key_name(object_key(role)), gathering->name) ||
        !label_selector_matches_view(&gathering->selector, object_view(role)))
        return true;
    const struct json *tree = reconcile_read(gathering->reconcile, object_key(role));
    JSON_EACH(rule, json_get(tree, "rules"))
        if (!has_rule(gathering->rules, rule))
            json_append(gathering->rules, json_copy(arena, rule));
    return true;
}

static struct json *gather(struct reconcile *reconcile, const struct json *role)
{
    struct gathering gathering = {
        .reconcile = reconcile, .name = meta_name(role), .rules = json_new_array(reconcile->arena)};
    struct status status;
    status_init(&status);
    JSON_EACH(selector, json_at(role, "aggregationRule.clusterRoleSelectors"))
        if (label_selector_from_json(reconcile->arena, selector, &gathering.selector, &status) == 0)
            reconcile->snapshot->operations->each(reconcile->snapshot, SLICE(PREFIX), take_role,
                                                  &gathering);
    status_release(&status);
    return gathering.rules;
}

static bool make_role(void *context, const struct object *object)
{
    struct reconcile *reconcile = context;
    struct slice body = object_body(object);
    static const char field[] = "\"aggregationRule\"";
    if (!memmem(body.data, body.size, field, sizeof(field) - 1))
        return true;
    struct json *role = reconcile_read(reconcile, object_key(object));
    if (!json_get(role, "aggregationRule"))
        return true;
    struct json *rules = gather(reconcile, role);
    const struct json *now = json_get(role, "rules");
    if (json_count(rules) == json_count(now) && (json_count(rules) == 0 || json_equal(rules, now)))
        return true;
    json_set(reconcile->arena, role, "rules", rules);
    struct resource_path path = {.group = RBAC_GROUP,
                                 .version = "v1",
                                 .resource = "clusterroles",
                                 .name = key_name(object_key(object))};
    reconcile_write(reconcile, "update", path, role);
    return true;
}

static void reconcile(struct reconcile *reconcile)
{
    reconcile->snapshot->operations->each(reconcile->snapshot, SLICE(PREFIX), make_role, reconcile);
}

static const struct controller_watch watches[] = {
    {RBAC_GROUP, "v1", "clusterroles", any_key},
    {NULL, NULL, NULL, NULL},
};

const struct controller controller_cluster_role_aggregation = {
    .name = "clusterrole-aggregation-controller",
    .user = "system:serviceaccount:kube-system:clusterrole-aggregation-controller",
    .watches = watches,
    .reconcile = reconcile,
};
