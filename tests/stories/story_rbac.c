/* Who may do what: roles, bindings, and nobody giving more than they have. */
#include "tests/harness/cluster.h"

#include "api/authz.h"

#define RBAC "/apis/rbac.authorization.k8s.io/v1"
#define ROLES RBAC "/namespaces/default/roles"
#define BINDINGS RBAC "/namespaces/default/rolebindings"
#define CLUSTER_ROLES RBAC "/clusterroles"
#define CLUSTER_BINDINGS RBAC "/clusterrolebindings"
#define JSON "application/json"

static const char *const known[] = {"system:authenticated", NULL};
static const struct user jane = {.name = "jane", .uid = "", .groups = known};

static const char *message(struct cluster *c)
{
    return json_text(json_get(c->object, "message"));
}

static void ask(struct cluster *c, const char *method, const char *path, const char *body)
{
    cluster_request_as(c, &jane, method, path, JSON, NULL, body);
}

static void make(struct cluster *c, const char *path, const char *body)
{
    cluster_request(c, "POST", path, body);
    EXPECT_CODE(c, 201);
}

#define ROLE(name, rules) "{\"metadata\":{\"name\":\"" name "\"},\"rules\":[" rules "]}"
#define RULE(group, resource, verbs) \
    "{\"apiGroups\":[\"" group "\"],\"resources\":[\"" resource "\"],\"verbs\":[" verbs "]}"
#define BINDING(name, kind, role)                                                             \
    "{\"metadata\":{\"name\":\"" name "\"},\"roleRef\":{\"apiGroup\":"                        \
    "\"rbac.authorization.k8s.io\",\"kind\":\"" kind "\",\"name\":\"" role "\"},\"subjects\":[" \
    "{\"apiGroup\":\"rbac.authorization.k8s.io\",\"kind\":\"User\",\"name\":\"jane\"}]}"
#define MAPS RULE("", "configmaps", "\"get\",\"list\"")
#define RBAC_WRITES                                                                        \
    RULE("rbac.authorization.k8s.io", "*", "\"get\",\"create\",\"update\",\"patch\",\"delete\"")

TEST("a binding gives its role's rights at once, in its namespace, and takes them back")
{
    struct cluster *c = cluster_start();
    make(c, ROLES, ROLE("maps", MAPS));
    make(c, BINDINGS, BINDING("maps", "Role", "maps"));
    ask(c, "GET", "/api/v1/namespaces/default/configmaps", NULL);
    EXPECT_CODE(c, 200);
    ask(c, "GET", "/api/v1/namespaces/kube-system/configmaps", NULL);
    EXPECT_CODE(c, 403);
    ask(c, "GET", "/api/v1/configmaps", NULL);
    EXPECT_CODE(c, 403);
    cluster_request_as(c, NULL, "PATCH", ROLES "/maps", "application/merge-patch+json", NULL,
                       "{\"rules\":[]}");
    ask(c, "GET", "/api/v1/namespaces/default/configmaps", NULL);
    EXPECT_CODE(c, 403);
    cluster_request_as(c, NULL, "PATCH", ROLES "/maps", "application/merge-patch+json", NULL,
                       "{\"rules\":[" MAPS "]}");
    cluster_request(c, "DELETE", BINDINGS "/maps", NULL);
    ask(c, "GET", "/api/v1/namespaces/default/configmaps", NULL);
    EXPECT_CODE(c, 403);
    cluster_stop(c);
}

TEST("a refusal names a role that a binding needs and that is not there")
{
    struct cluster *c = cluster_start();
    make(c, BINDINGS, BINDING("b", "Role", "gone"));
    ask(c, "GET", "/api/v1/namespaces/default/configmaps/x", NULL);
    EXPECT_CODE(c, 403);
    EXPECT_TEXT(message(c), "configmaps \"x\" is forbidden: User \"jane\" cannot get resource "
                            "\"configmaps\" in API group \"\" in the namespace \"default\": RBAC: "
                            "role.rbac.authorization.k8s.io \"gone\" not found");
    cluster_stop(c);
}

TEST("a refusal of a part names the object, and what looks like HTML is made harmless")
{
    struct cluster *c = cluster_start();
    static const struct user odd = {.name = "<b>&", .uid = "", .groups = known};
    cluster_request_as(c, &odd, "GET", "/api/v1/namespaces/default/pods/x/log", NULL, NULL, NULL);
    EXPECT_CODE(c, 403);
    EXPECT_TEXT(message(c), "pods \"x\" is forbidden: User \"&lt;b&gt;&amp;\" cannot get resource "
                            "\"pods/log\" in API group \"\" in the namespace \"default\"");
    cluster_stop(c);
}

TEST("who writes a role must hold what it gives, or have the verb escalate")
{
    struct cluster *c = cluster_start();
    make(c, CLUSTER_ROLES, ROLE("writer", MAPS "," RBAC_WRITES));
    make(c, CLUSTER_BINDINGS, BINDING("writer", "ClusterRole", "writer"));
    ask(c, "POST", ROLES, ROLE("a", MAPS));
    EXPECT_CODE(c, 201);
    ask(c, "POST", ROLES, ROLE("b", MAPS "," RULE("", "secrets", "\"get\",\"list\"")));
    EXPECT_CODE(c, 403);
    EXPECT_TEXT(message(c), "roles.rbac.authorization.k8s.io \"b\" is forbidden: user \"jane\" "
                            "(groups=[\"system:authenticated\"]) is attempting to grant RBAC "
                            "permissions not currently held:\n{APIGroups:[\"\"], "
                            "Resources:[\"secrets\"], Verbs:[\"get\" \"list\"]}");
    cluster_request_as(c, &jane, "PATCH", ROLES "/a", "application/merge-patch+json", NULL,
                       "{\"rules\":[" RULE("", "*", "\"get\"") "]}");
    EXPECT_CODE(c, 403);
    ask(c, "POST", CLUSTER_ROLES, ROLE("c", RULE("*", "*", "\"*\"")));
    EXPECT_CODE(c, 403);
    make(c, CLUSTER_ROLES,
         ROLE("escalating", RULE("rbac.authorization.k8s.io", "roles", "\"escalate\"")));
    make(c, BINDINGS, BINDING("escalating", "ClusterRole", "escalating"));
    ask(c, "POST", ROLES, ROLE("b", RULE("", "secrets", "\"get\"")));
    EXPECT_CODE(c, 201);
    ask(c, "POST", CLUSTER_ROLES, ROLE("c", RULE("", "secrets", "\"get\"")));
    EXPECT_CODE(c, 403);
    cluster_stop(c);
}

TEST("who writes a binding must hold what its role gives, or have the verb bind")
{
    struct cluster *c = cluster_start();
    make(c, CLUSTER_ROLES, ROLE("writer", MAPS "," RBAC_WRITES));
    make(c, CLUSTER_BINDINGS, BINDING("writer", "ClusterRole", "writer"));
    make(c, ROLES, ROLE("maps", MAPS));
    ask(c, "POST", BINDINGS, BINDING("a", "Role", "maps"));
    EXPECT_CODE(c, 201);
    ask(c, "POST", BINDINGS, BINDING("b", "ClusterRole", "cluster-admin"));
    EXPECT_CODE(c, 403);
    ask(c, "POST", CLUSTER_BINDINGS, BINDING("b", "ClusterRole", "cluster-admin"));
    EXPECT_CODE(c, 403);
    ask(c, "POST", BINDINGS, BINDING("b", "Role", "gone"));
    EXPECT_CODE(c, 404);
    EXPECT_TEXT(message(c), "roles.rbac.authorization.k8s.io \"gone\" not found");
    make(c, CLUSTER_ROLES,
         "{\"metadata\":{\"name\":\"binding\"},\"rules\":[{\"apiGroups\":["
         "\"rbac.authorization.k8s.io\"],\"resources\":[\"clusterroles\"],\"verbs\":[\"bind\"],"
         "\"resourceNames\":[\"cluster-admin\"]}]}");
    make(c, BINDINGS, BINDING("binding", "ClusterRole", "binding"));
    ask(c, "POST", BINDINGS, BINDING("b", "ClusterRole", "cluster-admin"));
    EXPECT_CODE(c, 201);
    ask(c, "POST", CLUSTER_BINDINGS, BINDING("b", "ClusterRole", "cluster-admin"));
    EXPECT_CODE(c, 403);
    cluster_stop(c);
}

TEST("an aggregation rule is for who may do all; owners and finalizers are for who may update")
{
    struct cluster *c = cluster_start();
    make(c, CLUSTER_ROLES, ROLE("writer", RBAC_WRITES));
    make(c, CLUSTER_BINDINGS, BINDING("writer", "ClusterRole", "writer"));
    ask(c, "POST", CLUSTER_ROLES,
        "{\"metadata\":{\"name\":\"g\"},\"aggregationRule\":{\"clusterRoleSelectors\":[{}]}}");
    EXPECT_CODE(c, 403);
    EXPECT_TEXT(message(c), "clusterroles.rbac.authorization.k8s.io \"g\" is forbidden: must have "
                            "cluster-admin privileges to use the aggregationRule");
    cluster_request_as(c, &jane, "PATCH", CLUSTER_ROLES "/cluster-admin",
                       "application/merge-patch+json", NULL,
                       "{\"metadata\":{\"finalizers\":[\"a/b\"]}}");
    EXPECT_CODE(c, 200);
    cluster_request_as(c, &jane, "PATCH", CLUSTER_ROLES "/cluster-admin",
                       "application/merge-patch+json", NULL,
                       "{\"metadata\":{\"labels\":{\"a\":\"b\"}}}");
    EXPECT_CODE(c, 403);
    cluster_stop(c);
}

TEST("a binding's role never changes")
{
    struct cluster *c = cluster_start();
    make(c, BINDINGS, BINDING("b", "ClusterRole", "view"));
    cluster_request(c, "PUT", BINDINGS "/b", BINDING("b", "ClusterRole", "edit"));
    EXPECT_CODE(c, 422);
    EXPECT(strstr(message(c), "cannot change roleRef") != NULL);
    cluster_stop(c);
}

TEST("a review says by what somebody may, a list of rules what")
{
    struct cluster *c = cluster_start();
    make(c, ROLES, ROLE("maps", MAPS));
    make(c, BINDINGS, BINDING("b", "Role", "maps"));
    make(c, "/apis/authorization.k8s.io/v1/subjectaccessreviews",
         "{\"spec\":{\"user\":\"jane\",\"resourceAttributes\":{\"verb\":\"get\",\"resource\":"
         "\"configmaps\",\"namespace\":\"default\",\"name\":\"x\"}}}");
    EXPECT_TEXT(cluster_text(c, "status.allowed"), "true");
    EXPECT_TEXT(cluster_text(c, "status.reason"), "RBAC: allowed by RoleBinding \"b/default\" of "
                                                  "Role \"maps\" to User \"jane\"");
    ask(c, "POST", "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews",
        "{\"spec\":{\"namespace\":\"default\"}}");
    EXPECT_CODE(c, 201);
    EXPECT_TEXT(cluster_text(c, "status.incomplete"), "false");
    EXPECT(strstr(c->reply, "configmaps") != NULL);
    cluster_stop(c);
}

/* --- What every cluster has --- */

static void start_again(struct cluster *c)
{
    cluster_boot(c);
}

TEST("built-in roles get back what they lack at a start, and keep what was added")
{
    struct cluster *c = cluster_start();
    const char *path = CLUSTER_ROLES "/system:node-bootstrapper";
    cluster_request_as(c, NULL, "PATCH", path, "application/merge-patch+json", NULL,
                       "{\"metadata\":{\"labels\":null},\"rules\":[" MAPS "]}");
    cluster_request_as(c, NULL, "PATCH", CLUSTER_BINDINGS "/system:discovery",
                       "application/merge-patch+json", NULL, "{\"subjects\":[]}");
    cluster_request(c, "DELETE", CLUSTER_ROLES "/system:monitoring", NULL);
    start_again(c);
    cluster_request(c, "GET", path, NULL);
    EXPECT(strstr(c->reply, "certificatesigningrequests") && strstr(c->reply, "configmaps"));
    EXPECT(strstr(c->reply, "rbac-defaults") != NULL);
    cluster_request(c, "GET", CLUSTER_BINDINGS "/system:discovery", NULL);
    EXPECT(strstr(c->reply, "system:authenticated") != NULL);
    cluster_request(c, "GET", CLUSTER_ROLES "/system:monitoring", NULL);
    EXPECT_CODE(c, 200);
    cluster_stop(c);
}

TEST("a built-in role that says so is left alone")
{
    struct cluster *c = cluster_start();
    cluster_request_as(
        c, NULL, "PATCH", CLUSTER_ROLES "/system:basic-user", "application/merge-patch+json", NULL,
        "{\"metadata\":{\"annotations\":{\"rbac.authorization.kubernetes.io/autoupdate\":"
        "\"false\"}},\"rules\":[]}");
    start_again(c);
    cluster_request(c, "GET", CLUSTER_ROLES "/system:basic-user", NULL);
    EXPECT_EQ(json_count(json_get(c->object, "rules")), 0);
    cluster_stop(c);
}

TEST("a built-in binding that leads elsewhere is made anew")
{
    struct cluster *c = cluster_start();
    cluster_request(c, "DELETE", CLUSTER_BINDINGS "/system:discovery", NULL);
    make(c, CLUSTER_BINDINGS, BINDING("system:discovery", "ClusterRole", "view"));
    start_again(c);
    cluster_request(c, "GET", CLUSTER_BINDINGS "/system:discovery", NULL);
    EXPECT_TEXT(cluster_text(c, "roleRef.name"), "system:discovery");
    cluster_stop(c);
}

TEST("a second start writes nothing")
{
    struct cluster *c = cluster_start();
    int64_t revision = store_revision(c->store, COMMITTED);
    start_again(c);
    EXPECT_EQ(store_revision(c->store, COMMITTED), revision);
    cluster_stop(c);
}

TEST("roles that join others are gathered in them, and leave when they go")
{
    struct cluster *c = cluster_start();
    cluster_start_controllers(c);
    cluster_run_ms(c, 2000);
    make(c, BINDINGS, BINDING("b", "ClusterRole", "view"));
    ask(c, "GET", "/api/v1/namespaces/default/pods", NULL);
    EXPECT_CODE(c, 200);
    ask(c, "GET", "/api/v1/namespaces/default/secrets", NULL);
    EXPECT_CODE(c, 403);
    make(c, CLUSTER_ROLES,
         "{\"metadata\":{\"name\":\"more\",\"labels\":{\"rbac.authorization.k8s.io/"
         "aggregate-to-view\":\"true\"}},\"rules\":[" RULE("", "secrets", "\"list\"") "]}");
    cluster_run_ms(c, 2000);
    ask(c, "GET", "/api/v1/namespaces/default/secrets", NULL);
    EXPECT_CODE(c, 200);
    cluster_request(c, "GET", CLUSTER_ROLES "/admin", NULL);
    EXPECT(
        strstr(c->reply, "\"resources\":[\"secrets\"],\"verbs\":[\"list\"]") ||
        strstr(c->reply, "\"verbs\":[\"list\"],\"apiGroups\":[\"\"],\"resources\":[\"secrets\"]"));
    cluster_request(c, "DELETE", CLUSTER_ROLES "/more", NULL);
    cluster_run_ms(c, 2000);
    ask(c, "GET", "/api/v1/namespaces/default/secrets", NULL);
    EXPECT_CODE(c, 403);
    cluster_stop(c);
}
