/* Evictions and bindings: what may be done to a pod by a request of its own. */
#include "core/kinds/types.h"
#include "tests/harness/cluster.h"

#define PODS "/api/v1/namespaces/default/pods"
#define BUDGETS "/apis/policy/v1/namespaces/default/poddisruptionbudgets"
#define MERGE "application/merge-patch+json"

static const char *message(struct cluster *c)
{
    return cluster_text(c, "message");
}
static void make_pod(struct cluster *c, const char *name)
{
    cluster_request(c, "POST", PODS,
                    arena_format(&c->arena,
                                 "{\"metadata\":{\"name\":\"%s\",\"labels\":{\"app\":\"web\"}},"
                                 "\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]}}",
                                 name));
    EXPECT_CODE(c, 201);
}
static int bind_pod(struct cluster *c, const char *pod, const char *body)
{
    return cluster_request(c, "POST", arena_format(&c->arena, PODS "/%s/binding", pod), body);
}
static void run_pod(struct cluster *c, const char *name, const char *ready)
{
    make_pod(c, name);
    bind_pod(c, name,
             arena_format(&c->arena,
                          "{\"metadata\":{\"name\":\"%s\"},\"target\":{\"kind\":\"Node\",\"name\":"
                          "\"n\"}}",
                          name));
    EXPECT_CODE(c, 201);
    cluster_request_as(c, NULL, "PATCH", arena_format(&c->arena, PODS "/%s/status", name), MERGE,
                       NULL,
                       arena_format(&c->arena,
                                    "{\"status\":{\"phase\":\"Running\",\"conditions\":[{\"type\":"
                                    "\"Ready\",\"status\":\"%s\"}]}}",
                                    ready));
    EXPECT_CODE(c, 200);
}
static int evict(struct cluster *c, const char *name, const char *options)
{
    return cluster_request(
        c, "POST", arena_format(&c->arena, PODS "/%s/eviction", name),
        arena_format(&c->arena,
                     "{\"apiVersion\":\"policy/v1\",\"kind\":\"Eviction\",\"metadata\":{\"name\":"
                     "\"%s\"}%s}",
                     name, options));
}
static const char *condition(struct cluster *c, const char *type, const char *field)
{
    JSON_EACH(one, json_at(c->object, "status.conditions"))
        if (strcmp(json_text(json_get(one, "type")), type) == 0)
            return json_text(json_get(one, field));
    return "";
}

/* --- Evictions --- */

TEST("a pod that runs is marked and told why, one that was never placed is gone at once")
{
    struct cluster *c = cluster_start();
    run_pod(c, "web", "True");
    evict(c, "web", "");
    EXPECT_CODE(c, 201);
    EXPECT_TEXT(c->reply, "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":"
                          "\"Success\",\"code\":201}");
    cluster_request(c, "GET", PODS "/web", NULL);
    EXPECT_CODE(c, 200);
    EXPECT(cluster_text(c, "metadata.deletionTimestamp")[0] != '\0');
    EXPECT_TEXT(cluster_text(c, "metadata.deletionGracePeriodSeconds"), "30");
    EXPECT_TEXT(condition(c, "DisruptionTarget", "status"), "True");
    EXPECT_TEXT(condition(c, "DisruptionTarget", "reason"), "EvictionByEvictionAPI");
    EXPECT_TEXT(condition(c, "DisruptionTarget", "message"), "Eviction API: evicting");
    make_pod(c, "young");
    evict(c, "young", "");
    EXPECT_CODE(c, 201);
    cluster_request(c, "GET", PODS "/young", NULL);
    EXPECT_CODE(c, 404);
    cluster_stop(c);
}

TEST("the options of the deletion count: grace, preconditions, dry run")
{
    struct cluster *c = cluster_start();
    run_pod(c, "web", "True");
    evict(c, "web", ",\"deleteOptions\":{\"preconditions\":{\"uid\":\"other\"}}");
    EXPECT_CODE(c, 409);
    evict(c, "web", ",\"deleteOptions\":{\"preconditions\":{\"resourceVersion\":\"1\"}}");
    EXPECT_CODE(c, 409);
    evict(c, "web", ",\"deleteOptions\":{\"dryRun\":[\"All\"]}");
    EXPECT_CODE(c, 201);
    cluster_request(c, "POST", PODS "/web/eviction?dryRun=All",
                    "{\"metadata\":{\"name\":\"web\"},\"deleteOptions\":{\"dryRun\":[\"None\"]}}");
    EXPECT_CODE(c, 500);
    EXPECT_TEXT(message(c), "Non-matching dry-run options in request and content: [All] and "
                            "[None]");
    cluster_request(c, "GET", PODS "/web", NULL);
    EXPECT_TEXT(cluster_text(c, "metadata.deletionTimestamp"), "");
    EXPECT_TEXT(condition(c, "DisruptionTarget", "status"), "");
    const char *revision = cluster_text(c, "metadata.resourceVersion");
    evict(c, "web",
          arena_format(&c->arena,
                       ",\"deleteOptions\":{\"gracePeriodSeconds\":5,\"preconditions\":"
                       "{\"resourceVersion\":\"%s\"}}",
                       revision));
    EXPECT_CODE(c, 201);
    cluster_request(c, "GET", PODS "/web", NULL);
    EXPECT_TEXT(cluster_text(c, "metadata.deletionGracePeriodSeconds"), "5");
    cluster_stop(c);
}

TEST("an eviction names its pod, which is there, in a namespace that is not going")
{
    struct cluster *c = cluster_start();
    run_pod(c, "web", "True");
    cluster_request(c, "POST", PODS "/web/eviction", "{\"metadata\":{\"name\":\"other\"}}");
    EXPECT_CODE(c, 400);
    EXPECT_TEXT(message(c), "name in URL does not match name in Eviction object");
    evict(c, "nobody", "");
    EXPECT_CODE(c, 404);
    EXPECT_TEXT(message(c), "pods \"nobody\" not found");
    cluster_request(
        c, "POST", "/api/v1/namespaces",
        "{\"metadata\":{\"name\":\"gone\"},\"spec\":{\"finalizers\":[\"kubernetes\"]}}");
    cluster_request(c, "DELETE", "/api/v1/namespaces/gone", NULL);
    cluster_request(c, "POST", "/api/v1/namespaces/gone/pods/web/eviction",
                    "{\"metadata\":{\"name\":\"web\"}}");
    EXPECT_CODE(c, 403);
    EXPECT_TEXT(message(c), "pods \"web\" is forbidden: unable to create new content in namespace "
                            "gone because it is being terminated");
    cluster_stop(c);
}

/* --- Budgets: the row is only here, until something keeps their status --- */

static const struct kind_subresource budget_parts[] = {{.name = NULL}};
static const struct kind kind_budget = {
    .group = "policy",
    .version = "v1",
    .kind = "PodDisruptionBudget",
    .resource = "poddisruptionbudgets",
    .singular = "poddisruptionbudget",
    .namespaced = true,
    .schema = &type_pod_disruption_budget,
    .subresources = budget_parts,
};
static void make_budget(struct cluster *c, const char *name, const char *selector,
                        const char *status)
{
    if (!registry_by_key(c->registry, SLICE("policy/poddisruptionbudgets/")))
        registry_add(c->registry, &kind_budget);
    cluster_request(c, "POST", BUDGETS,
                    arena_format(&c->arena,
                                 "{\"metadata\":{\"name\":\"%s\"},\"spec\":{\"selector\":%s},"
                                 "\"status\":{\"desiredHealthy\":2,\"currentHealthy\":2,"
                                 "\"expectedPods\":3%s}}",
                                 name, selector, status));
    EXPECT_CODE(c, 201);
}
#define WEB "{\"matchLabels\":{\"app\":\"web\"}}"

TEST("a budget that is used up refuses, in upstream's words, and says when to try again")
{
    struct cluster *c = cluster_start();
    run_pod(c, "web", "True");
    make_budget(c, "b", WEB, ",\"disruptionsAllowed\":0");
    evict(c, "web", "");
    EXPECT_CODE(c, 429);
    EXPECT_TEXT(cluster_text(c, "reason"), "TooManyRequests");
    EXPECT_TEXT(message(c), "Cannot evict pod as it would violate the pod's disruption budget.");
    const struct json *cause = json_first(json_at(c->object, "details.causes"));
    EXPECT_TEXT(json_text(json_get(cause, "reason")), "DisruptionBudget");
    EXPECT_TEXT(json_text(json_get(cause, "message")),
                "The disruption budget b needs 2 healthy pods and has 2 currently");
    make_pod(c, "young");
    evict(c, "young", "");
    EXPECT_CODE(c, 201);
    run_pod(c, "sick", "False");
    evict(c, "sick", "");
    EXPECT_CODE(c, 201);
    make_budget(c, "b2", WEB, ",\"disruptionsAllowed\":1");
    evict(c, "web", "");
    EXPECT_CODE(c, 500);
    EXPECT_TEXT(message(c), "This pod has more than one PodDisruptionBudget, which the eviction "
                            "subresource does not support.");
    cluster_stop(c);
}

TEST("an eviction takes one off its budget, and tells it whom")
{
    struct cluster *c = cluster_start();
    run_pod(c, "web", "True");
    run_pod(c, "web2", "True");
    make_budget(c, "b", WEB, ",\"disruptionsAllowed\":1");
    make_budget(c, "all", "{}", ",\"disruptionsAllowed\":0");
    evict(c, "web", ",\"deleteOptions\":{\"dryRun\":[\"All\"]}");
    EXPECT_CODE(c, 201);
    evict(c, "web", "");
    EXPECT_CODE(c, 201);
    cluster_request(c, "GET", BUDGETS "/b", NULL);
    EXPECT_TEXT(cluster_text(c, "status.disruptionsAllowed"), "0");
    EXPECT(cluster_text(c, "status.disruptedPods.web")[0] != '\0');
    EXPECT_TEXT(condition(c, "DisruptionAllowed", "reason"), "InsufficientPods");
    evict(c, "web2", "");
    EXPECT_CODE(c, 429);
    evict(c, "web", ""); /* Again: it goes already. */
    EXPECT_CODE(c, 201);
    cluster_stop(c);
}

/* --- Bindings --- */

TEST("a binding names a pod, a node and the pod's id, and a pod is bound once")
{
    struct cluster *c = cluster_start();
    make_pod(c, "web");
    bind_pod(c, "web", "{\"metadata\":{\"name\":\"other\"},\"target\":{\"name\":\"n\"}}");
    EXPECT_CODE(c, 400);
    EXPECT_TEXT(message(c), "name in URL does not match name in Binding object");
    bind_pod(c, "web",
             "{\"metadata\":{\"name\":\"web\"},\"target\":{\"kind\":\"Pod\",\"name\":\"\"}}");
    EXPECT_CODE(c, 500);
    EXPECT_TEXT(message(c), "[target.kind: Unsupported value: \"Pod\": supported values: \"Node\", "
                            "\"<empty>\", target.name: Required value]");
    bind_pod(c, "web",
             "{\"metadata\":{\"name\":\"web\",\"uid\":\"x\"},\"target\":{\"name\":\"n\"}}");
    EXPECT_CODE(c, 409);
    bind_pod(c, "web", "{\"metadata\":{\"name\":\"web\"},\"target\":{\"name\":\"n\"}}");
    EXPECT_CODE(c, 201);
    bind_pod(c, "web", "{\"metadata\":{\"name\":\"web\"},\"target\":{\"name\":\"m\"}}");
    EXPECT_CODE(c, 409);
    EXPECT_TEXT(message(c), "Operation cannot be fulfilled on pods/binding \"web\": pod web is "
                            "already assigned to node \"n\"");
    cluster_stop(c);
}

TEST("a pod gets the zone and region of its node, and keeps what it has")
{
    struct cluster *c = cluster_start();
    cluster_request(c, "POST", "/api/v1/nodes",
                    "{\"metadata\":{\"name\":\"n\",\"labels\":{\"topology.kubernetes.io/zone\":"
                    "\"z\",\"topology.kubernetes.io/region\":\"r\",\"other\":\"o\"}}}");
    make_pod(c, "web");
    bind_pod(c, "web",
             "{\"metadata\":{\"name\":\"web\",\"annotations\":{\"a\":\"b\"}},\"target\":{\"kind\":"
             "\"Node\",\"name\":\"n\"}}");
    EXPECT_CODE(c, 201);
    cluster_request(c, "GET", PODS "/web", NULL);
    const struct json *labels = json_at(c->object, "metadata.labels");
    EXPECT_TEXT(json_text(json_get(labels, "topology.kubernetes.io/zone")), "z");
    EXPECT_TEXT(json_text(json_get(labels, "topology.kubernetes.io/region")), "r");
    EXPECT_EQ(json_count(labels), 3);
    EXPECT_TEXT(cluster_text(c, "metadata.annotations.a"), "b");
    EXPECT_TEXT(condition(c, "PodScheduled", "status"), "True");
    cluster_stop(c);
}
