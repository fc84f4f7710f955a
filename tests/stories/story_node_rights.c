/* What a node may read and write: its own, and what its pods need. */
#include "tests/harness/cluster.h"

#define JSON "application/json"
#define MERGE "application/merge-patch+json"
#define NS "/api/v1/namespaces/default/"
#define LEASES "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases"

static const char *const groups[] = {"system:nodes", "system:authenticated", NULL};
static const struct user n1 = {.name = "system:node:n1", .uid = "", .groups = groups};
static const struct user n2 = {.name = "system:node:n2", .uid = "", .groups = groups};
static const char *const no_nodes[] = {"system:authenticated", NULL};
static const struct user pretender = {.name = "system:node:n1", .uid = "", .groups = no_nodes};

static void make(struct cluster *c, const char *path, const char *body)
{
    cluster_request(c, "POST", path, body);
    EXPECT_CODE(c, 201);
}

static void ask(struct cluster *c, const struct user *user, const char *method, const char *path,
                const char *body)
{
    cluster_request_as(c, user, method, path, body && method[1] == 'A' ? MERGE : JSON, NULL, body);
}

#define EXPECT_ANSWER(c, user, method, path, expected)   \
    do {                                                 \
        ask(c, user, method, path, NULL);                \
        EXPECT_CODE(c, expected);                        \
    } while (0)

static const char *message(struct cluster *c)
{
    return json_text(json_get(c->object, "message"));
}

/* A pod on n1 that names one of each. */
static struct cluster *start(void)
{
    struct cluster *c = cluster_start();
    cluster_request(c, "POST", NS "serviceaccounts", "{\"metadata\":{\"name\":\"default\"}}");
    cluster_node(c, "n1", "cpu=4");
    cluster_node(c, "n2", "cpu=4");
    make(c, NS "secrets", "{\"metadata\":{\"name\":\"s1\"}}");
    make(c, NS "secrets", "{\"metadata\":{\"name\":\"s2\"}}");
    make(c, NS "configmaps", "{\"metadata\":{\"name\":\"m1\"}}");
    make(c, NS "configmaps", "{\"metadata\":{\"name\":\"m2\"}}");
    make(c, NS "pods",
         "{\"metadata\":{\"name\":\"p\",\"annotations\":{\"a\":\"s2\"}},\"spec\":{\"nodeName\":"
         "\"n1\",\"containers\":[{\"name\":\"c\",\"image\":\"i\",\"envFrom\":[{\"secretRef\":{"
         "\"name\":\"s1\"}}]}],\"volumes\":[{\"name\":\"v\",\"projected\":{\"sources\":[{"
         "\"configMap\":{\"name\":\"m1\"}}]}}]}}");
    return c;
}

TEST("a node reads the secrets and config maps that its pods name, one by one")
{
    struct cluster *c = start();
    EXPECT_ANSWER(c, &n1, "GET", NS "secrets/s1", 200);
    EXPECT_ANSWER(c, &n1, "GET", NS "configmaps/m1", 200);
    EXPECT_ANSWER(c, &n1, "GET", NS "secrets?fieldSelector=metadata.name%3Ds1", 200);
    EXPECT_ANSWER(c, &n2, "GET", NS "secrets/s1", 403);
    EXPECT_TEXT(message(c), "secrets \"s1\" is forbidden: User \"system:node:n2\" cannot get "
                            "resource \"secrets\" in API group \"\" in the namespace \"default\": "
                            "no relationship found between node 'n2' and this object");
    EXPECT_ANSWER(c, &n1, "GET", NS "secrets/s2", 403); /* Only an annotation says its name. */
    EXPECT_ANSWER(c, &n1, "GET", NS "configmaps/m2", 403);
    EXPECT_ANSWER(c, &n1, "GET", NS "secrets", 403);
    EXPECT(strstr(message(c), "No Object name found"));
    EXPECT_ANSWER(c, &n1, "GET", "/api/v1/namespaces/kube-system/secrets/s1", 403);
    EXPECT_ANSWER(c, &n1, "DELETE", NS "secrets/s1", 403);
    EXPECT(strstr(message(c), "can only read resources of this type"));
    EXPECT_ANSWER(c, &pretender, "GET", NS "secrets/s1", 403);
    cluster_stop(c);
}

TEST("with its last pod a node loses what the pod needed")
{
    struct cluster *c = start();
    cluster_request(c, "DELETE", NS "pods/p?gracePeriodSeconds=0", NULL);
    EXPECT_ANSWER(c, &n1, "GET", NS "secrets/s1", 403);
    cluster_stop(c);
}

TEST("a node sees its own pods and its own Node")
{
    struct cluster *c = start();
    EXPECT_ANSWER(c, &n1, "GET", "/api/v1/pods?fieldSelector=spec.nodeName%3Dn1", 200);
    EXPECT_EQ(json_count(json_get(c->object, "items")), 1);
    EXPECT_ANSWER(c, &n1, "GET", "/api/v1/pods?fieldSelector=spec.nodeName%3Dn2", 403);
    EXPECT(strstr(message(c), "can only list/watch pods with spec.nodeName field selector"));
    EXPECT_ANSWER(c, &n1, "GET", "/api/v1/pods?fieldSelector=spec.nodeName!%3Dn1", 403);
    EXPECT_ANSWER(c, &n1, "GET", "/api/v1/pods", 403);
    EXPECT_ANSWER(c, &n1, "GET", NS "pods/p", 200);
    EXPECT_ANSWER(c, &n2, "GET", NS "pods/p", 403);
    EXPECT_ANSWER(c, &n1, "GET", "/api/v1/nodes/n1", 200);
    EXPECT_ANSWER(c, &n1, "GET", "/api/v1/nodes/n2", 403);
    EXPECT(strstr(message(c), "node 'n1' cannot read 'n2', only its own Node object"));
    EXPECT_ANSWER(c, &n1, "GET", "/api/v1/nodes", 403);
    EXPECT_ANSWER(c, &n1, "GET", "/api/v1/nodes?fieldSelector=metadata.name%3Dn1", 200);
    EXPECT_ANSWER(c, &n1, "GET", "/api/v1/services", 200);
    EXPECT_ANSWER(c, &n1, "GET", "/apis/rbac.authorization.k8s.io/v1/clusterroles", 403);
    cluster_stop(c);
}

TEST("a node writes its own lease")
{
    struct cluster *c = start();
    ask(c, &n1, "POST", LEASES, "{\"metadata\":{\"name\":\"n2\"}}");
    EXPECT_CODE(c, 403);
    EXPECT(strstr(message(c), "can only access node lease with the same name as the requesting"));
    ask(c, &n1, "POST", LEASES, "{\"metadata\":{\"name\":\"n1\"}}");
    EXPECT_CODE(c, 201);
    EXPECT_ANSWER(c, &n1, "GET", LEASES "/n1", 200);
    EXPECT_ANSWER(c, &n2, "GET", LEASES "/n1", 403);
    EXPECT_ANSWER(c, &n1, "GET", LEASES, 403);
    EXPECT_ANSWER(c, &n1, "GET", "/apis/coordination.k8s.io/v1/namespaces/default/leases/n1", 403);
    cluster_stop(c);
}

TEST("a node tells of its own Node, but cannot change what draws work to it")
{
    struct cluster *c = start();
    ask(c, &n1, "PATCH", "/api/v1/nodes/n1/status", "{\"status\":{\"phase\":\"Running\"}}");
    EXPECT_CODE(c, 200);
    ask(c, &n1, "PATCH", "/api/v1/nodes/n2/status", "{\"status\":{\"phase\":\"Running\"}}");
    EXPECT_CODE(c, 403);
    EXPECT_TEXT(message(c), "nodes \"n2\" is forbidden: node \"n1\" is not allowed to modify node "
                            "\"n2\"");
    ask(c, &n1, "PATCH", "/api/v1/nodes/n1",
        "{\"spec\":{\"taints\":[{\"key\":\"a\",\"effect\":"
        "\"NoSchedule\"}]}}");
    EXPECT_CODE(c, 403);
    EXPECT_TEXT(message(c), "nodes \"n1\" is forbidden: node \"n1\" is not allowed to modify "
                            "taints");
    ask(c, &n1, "PATCH", "/api/v1/nodes/n1",
        "{\"metadata\":{\"labels\":{\"a\":\"b\",\"kubernetes.io/arch\":\"amd64\","
        "\"node.kubernetes.io/x\":\"y\"}}}");
    EXPECT_CODE(c, 200);
    ask(c, &n1, "PATCH", "/api/v1/nodes/n1",
        "{\"metadata\":{\"labels\":{\"x.k8s.io/b\":\"\",\"a.node-restriction.kubernetes.io/a\":"
        "\"\",\"node-role.kubernetes.io/c\":\"\"}}}");
    EXPECT_CODE(c, 403);
    EXPECT_TEXT(message(c), "nodes \"n1\" is forbidden: is not allowed to modify labels: "
                            "a.node-restriction.kubernetes.io/a, node-role.kubernetes.io/c, "
                            "x.k8s.io/b");
    cluster_request(c, "DELETE", "/api/v1/nodes/n2", NULL);
    ask(c, &n2, "POST", "/api/v1/nodes",
        "{\"metadata\":{\"name\":\"n2\",\"labels\":{\"node-role.kubernetes.io/c\":\"\"}}}");
    EXPECT_CODE(c, 403);
    EXPECT(strstr(message(c), "node \"n2\" is not allowed to set the following labels: "
                              "node-role.kubernetes.io/c"));
    ask(c, &n2, "POST", "/api/v1/nodes", "{\"metadata\":{\"name\":\"n2\"}}");
    EXPECT_CODE(c, 201);
    cluster_stop(c);
}

TEST("a node tells of its own pods, deletes them, and makes only mirrors")
{
    struct cluster *c = start();
    ask(c, &n2, "PATCH", NS "pods/p/status", "{\"status\":{\"phase\":\"Running\"}}");
    EXPECT_CODE(c, 403);
    EXPECT(strstr(message(c), "node \"n2\" can only update pod status for pods with spec.nodeName "
                              "set to itself"));
    ask(c, &n1, "PATCH", NS "pods/p/status", "{\"metadata\":{\"labels\":{\"a\":\"b\"}}}");
    EXPECT_CODE(c, 403);
    ask(c, &n1, "PATCH", NS "pods/p/status", "{\"status\":{\"phase\":\"Running\"}}");
    EXPECT_CODE(c, 200);
    ask(c, &n1, "PATCH", NS "pods/p", "{\"metadata\":{\"labels\":{\"a\":\"b\"}}}");
    EXPECT_CODE(c, 403);
    ask(c, &n1, "POST", NS "pods",
        "{\"metadata\":{\"name\":\"q\"},\"spec\":{\"nodeName\":\"n1\",\"containers\":[{\"name\":"
        "\"c\",\"image\":\"i\"}]}}");
    EXPECT_CODE(c, 403);
    EXPECT(strstr(message(c), "node \"n1\" can only create mirror pods"));
    EXPECT_ANSWER(c, &n2, "DELETE", NS "pods/p", 403);
    EXPECT_ANSWER(c, &n1, "DELETE", NS "pods/p?gracePeriodSeconds=0", 200);
    cluster_stop(c);
}

TEST("a mirror pod names its node as owner, and gives the node no rights")
{
    struct cluster *c = start();
    cluster_request(c, "GET", "/api/v1/nodes/n1", NULL);
    const char *uid = cluster_text(c, "metadata.uid");
    const char *format =
        "{\"metadata\":{\"name\":\"m\",\"annotations\":{\"kubernetes.io/config.mirror\":\"x\"},"
        "\"ownerReferences\":[{\"apiVersion\":\"v1\",\"kind\":\"Node\",\"name\":\"n1\",\"uid\":"
        "\"%s\",\"controller\":true}]},\"spec\":{\"nodeName\":\"n1\",\"containers\":[{\"name\":"
        "\"c\",\"image\":\"i\"%s}]}}";
    ask(c, &n1, "POST", NS "pods", arena_format(&c->arena, format, "other", ""));
    EXPECT_CODE(c, 403);
    EXPECT(strstr(message(c), "node n1 UID mismatch: expected other got"));
    ask(c, &n1, "POST", NS "pods",
        arena_format(&c->arena, format, uid, ",\"envFrom\":[{\"secretRef\":{\"name\":\"s2\"}}]"));
    EXPECT_CODE(c, 403);
    EXPECT(strstr(message(c), "secrets"));
    ask(c, &n1, "POST", NS "pods", arena_format(&c->arena, format, uid, ""));
    EXPECT_CODE(c, 201);
    EXPECT_ANSWER(c, &n1, "GET", NS "secrets/s2", 403);
    cluster_stop(c);
}

TEST("a node makes tokens for the service accounts of its pods, bound to them, and evicts them")
{
    struct cluster *c = start();
    const char *path = NS "serviceaccounts/default/token";
    const char *format = "{\"spec\":{\"boundObjectRef\":{\"apiVersion\":\"v1\",\"kind\":\"Pod\","
                         "\"name\":\"p\",\"uid\":\"%s\"}}}";
    cluster_request(c, "GET", NS "pods/p", NULL);
    const char *uid = cluster_text(c, "metadata.uid");
    ask(c, &n1, "POST", path, "{\"spec\":{}}");
    EXPECT_CODE(c, 403);
    EXPECT(strstr(message(c), "node requested token not bound to a pod"));
    ask(c, &n1, "POST", path, arena_format(&c->arena, format, ""));
    EXPECT(strstr(message(c), "node requested token with a pod binding without a uid"));
    ask(c, &n1, "POST", path, arena_format(&c->arena, format, "other"));
    EXPECT(strstr(message(c), "does not match the UID in record"));
    ask(c, &n2, "POST", path, arena_format(&c->arena, format, uid));
    EXPECT_CODE(c, 403);
    EXPECT(strstr(message(c), "no relationship found between node 'n2' and this object"));
    ask(c, &n1, "POST", path, arena_format(&c->arena, format, uid));
    EXPECT_CODE(c, 201);
    ask(c, &n2, "POST", NS "pods/p/eviction", "{\"metadata\":{\"name\":\"p\"}}");
    EXPECT_CODE(c, 403);
    EXPECT(strstr(message(c), "node n2 can only evict pods with spec.nodeName set to itself"));
    ask(c, &n1, "POST", NS "pods/p/eviction", "{\"metadata\":{\"name\":\"p\"}}");
    EXPECT_CODE(c, 201);
    cluster_stop(c);
}
