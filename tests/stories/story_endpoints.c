/* Services and who is behind them: addresses, readiness, ports, and the API server's own. */
#include "tests/harness/cluster.h"

#define NS "/api/v1/namespaces/default"
#define SLICES "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices"

static struct cluster *start(void)
{
    struct cluster *cluster = cluster_start();
    cluster_start_controllers(cluster);
    cluster_run_ms(cluster, 100);
    return cluster;
}

static void service(struct cluster *cluster, const char *name, const char *spec)
{
    cluster_request(cluster, "POST", NS "/services",
                    arena_format(&cluster->arena,
                                 "{\"metadata\":{\"name\":\"%s\",\"labels\":{\"team\":\"a\"}},"
                                 "\"spec\":{\"selector\":{\"app\":\"web\"},%s}}",
                                 name, spec));
    EXPECT_CODE(cluster, 201);
    cluster_run_ms(cluster, 100);
}

static void set_status(struct cluster *cluster, const char *pod, const char *ip, bool is_ready)
{
    cluster_request_as(
        cluster, NULL, "PATCH", arena_format(&cluster->arena, NS "/pods/%s/status", pod),
        "application/strategic-merge-patch+json", NULL,
        arena_format(&cluster->arena,
                     "{\"status\":{\"phase\":\"Running\",\"podIP\":\"%s\",\"podIPs\":[{\"ip\":"
                     "\"%s\"}],\"conditions\":[{\"type\":\"Ready\",\"status\":\"%s\"}]}}",
                     ip, ip, is_ready ? "True" : "False"));
    EXPECT_CODE(cluster, 200);
}

/* ports: of its container, JSON. */
static void pod(struct cluster *cluster, const char *name, const char *ip, bool is_ready,
                const char *ports)
{
    cluster_request(cluster, "POST", NS "/pods",
                    arena_format(&cluster->arena,
                                 "{\"metadata\":{\"name\":\"%s\",\"labels\":{\"app\":\"web\"}},"
                                 "\"spec\":{\"nodeName\":\"n1\",\"containers\":[{\"name\":\"c\","
                                 "\"image\":\"i\",\"ports\":[%s]}]}}",
                                 name, ports));
    EXPECT_CODE(cluster, 201);
    set_status(cluster, name, ip, is_ready);
}

/* JSON of a member of the Endpoints. */
static const char *endpoints(struct cluster *cluster, const char *path)
{
    cluster_run_ms(cluster, 100);
    cluster_request(cluster, "GET", NS "/endpoints/web", NULL);
    EXPECT_CODE(cluster, 200);
    return cluster_text(cluster, path);
}

/* "10.0.0.1 ready, 10.0.0.2 serving terminating;" for each slice of web, in order. */
static const char *slices(struct cluster *cluster)
{
    struct buffer text = {0};
    cluster_run_ms(cluster, 100);
    cluster_request(cluster, "GET", SLICES "?labelSelector=kubernetes.io%2Fservice-name%3Dweb",
                    NULL);
    JSON_EACH(one, json_get(cluster->object, "items")) {
        bool is_first = true;
        JSON_EACH(endpoint, json_get(one, "endpoints")) {
            const struct json *conditions = json_get(endpoint, "conditions");
            buffer_format(&text, "%s%s", is_first ? "" : ", ",
                          json_text(json_item(json_get(endpoint, "addresses"), 0)));
            JSON_EACH(condition, conditions)
                if (json_bool(condition))
                    buffer_format(&text, " " SLICE_FORMAT, SLICE_ARGS(json_key(condition)));
            is_first = false;
        }
        buffer_append_byte(&text, ';');
    }
    const char *copy = arena_copy_slice(&cluster->arena, buffer_slice(&text));
    buffer_release(&text);
    return copy;
}

TEST("a service has its ready pods as addresses, and the others as not ready")
{
    struct cluster *c = start();
    service(c, "web", "\"ports\":[{\"name\":\"http\",\"port\":80,\"targetPort\":8080}]");
    EXPECT_TEXT(slices(c), ";"); /* One that says that there are none. */
    pod(c, "a", "10.0.0.2", true, "");
    pod(c, "b", "10.0.0.1", false, "");
    EXPECT_TEXT(slices(c), "10.0.0.2 ready serving, 10.0.0.1;");
    const struct json *item = json_item(json_get(c->object, "items"), 0);
    EXPECT_TEXT(json_text(json_at(item, "metadata.labels.team")), "a");
    EXPECT_TEXT(
        json_text(json_get(json_item(json_at(item, "metadata.ownerReferences"), 0), "kind")),
        "Service");
    endpoints(c, "subsets");
    const struct json *subset = json_item(json_get(c->object, "subsets"), 0);
    const struct json *address = json_item(json_get(subset, "addresses"), 0);
    EXPECT_TEXT(json_text(json_get(address, "ip")), "10.0.0.2");
    EXPECT_TEXT(json_text(json_get(address, "nodeName")), "n1");
    EXPECT_TEXT(json_text(json_at(address, "targetRef.name")), "a");
    EXPECT_TEXT(json_text(json_get(json_item(json_get(subset, "notReadyAddresses"), 0), "ip")),
                "10.0.0.1");
    const char *revision = endpoints(c, "metadata.resourceVersion");
    cluster_run_ms(c, 15000); /* Nothing is written while nothing changes. */
    EXPECT_TEXT(endpoints(c, "metadata.resourceVersion"), revision);
    set_status(c, "b", "10.0.0.1", true);
    EXPECT_TEXT(slices(c), "10.0.0.2 ready serving, 10.0.0.1 ready serving;");
    EXPECT(strcmp(endpoints(c, "metadata.resourceVersion"), revision) != 0);
    cluster_stop(c);
}

TEST("pods that end, lose their label, or go, leave; those that terminate say so before")
{
    struct cluster *c = start();
    service(c, "web", "\"ports\":[{\"port\":80}]");
    pod(c, "a", "10.0.0.1", true, "");
    pod(c, "b", "10.0.0.2", true, "");
    pod(c, "d", "10.0.0.3", true, "");
    EXPECT_TEXT(slices(c),
                "10.0.0.1 ready serving, 10.0.0.2 ready serving, 10.0.0.3 ready serving;");
    cluster_request_as(c, NULL, "PATCH", NS "/pods/a", "application/merge-patch+json", NULL,
                       "{\"metadata\":{\"labels\":{\"app\":\"other\"}}}");
    cluster_request_as(c, NULL, "PATCH", NS "/pods/b/status", "application/merge-patch+json", NULL,
                       "{\"status\":{\"phase\":\"Succeeded\"}}");
    EXPECT_TEXT(slices(c), "10.0.0.3 ready serving;");
    cluster_request(c, "DELETE", NS "/pods/d", NULL);
    EXPECT_TEXT(slices(c), "10.0.0.3 serving terminating;");
    EXPECT_TEXT(endpoints(c, "subsets"), "");
    cluster_request(c, "DELETE", NS "/pods/d?gracePeriodSeconds=0", NULL);
    EXPECT_TEXT(slices(c), ";");
    cluster_stop(c);
}

TEST("named ports are those of each pod")
{
    struct cluster *c = start();
    service(c, "web",
            "\"ports\":[{\"name\":\"http\",\"port\":80,\"targetPort\":\"http\"},{\"name\":"
            "\"metrics\",\"port\":90}]");
    pod(c, "a", "10.0.0.1", true, "{\"name\":\"http\",\"containerPort\":8080}");
    pod(c, "b", "10.0.0.2", true, "{\"name\":\"http\",\"containerPort\":9090}");
    endpoints(c, "subsets");
    const struct json *subsets = json_get(c->object, "subsets");
    EXPECT_EQ(json_count(subsets), 3); /* Two of http, and metrics of both. */
    EXPECT_EQ(json_count(json_get(json_item(subsets, 1), "addresses")), 2);
    slices(c);
    EXPECT_EQ(json_count(json_get(c->object, "items")), 2);
    cluster_stop(c);
}

TEST("publishNotReadyAddresses publishes them, and a headless service its pods' host names")
{
    struct cluster *c = start();
    service(c, "web", "\"clusterIP\":\"None\",\"publishNotReadyAddresses\":true");
    cluster_request(c, "POST", NS "/pods",
                    "{\"metadata\":{\"name\":\"a\",\"labels\":{\"app\":\"web\"}},\"spec\":"
                    "{\"hostname\":\"rank-0\",\"subdomain\":\"web\",\"containers\":[{\"name\":"
                    "\"c\",\"image\":\"i\"}]}}");
    set_status(c, "a", "10.0.0.1", false);
    EXPECT_TEXT(slices(c), "10.0.0.1 ready;");
    const struct json *item = json_item(json_get(c->object, "items"), 0);
    EXPECT_TEXT(json_text(json_get(json_item(json_get(item, "endpoints"), 0), "hostname")),
                "rank-0");
    EXPECT(json_get(json_at(item, "metadata.labels"), "service.kubernetes.io/headless") != NULL);
    endpoints(c, "subsets");
    const struct json *subset = json_item(json_get(c->object, "subsets"), 0);
    EXPECT_TEXT(json_text(json_get(json_item(json_get(subset, "addresses"), 0), "hostname")),
                "rank-0");
    EXPECT(json_get(subset, "ports") == NULL);
    cluster_stop(c);
}

TEST("slices hold a hundred, and one pod that changes is one slice that changes")
{
    struct cluster *c = start();
    service(c, "web", "\"ports\":[{\"port\":80}]");
    for (int i = 0; i < 150; i++)
        pod(c, arena_format(&c->arena, "p%d", i),
            arena_format(&c->arena, "10.0.%d.%d", i / 100, 1 + i % 100), true, "");
    slices(c);
    size_t total = 0, changed = 0;
    const struct json *before = json_get(c->object, "items");
    EXPECT_EQ(json_count(before), 2);
    JSON_EACH(one, before)
        total += json_count(json_get(one, "endpoints"));
    EXPECT_EQ(total, 150);
    set_status(c, "p7", "10.0.0.8", false);
    slices(c);
    const struct json *after = json_get(c->object, "items");
    for (size_t i = 0; i < 2; i++)
        changed += !json_equal(json_item(before, i), json_item(after, i));
    EXPECT_EQ(changed, 1);
    cluster_stop(c);
}

TEST("a service that goes takes its endpoints along; what somebody wrote into them is mended")
{
    struct cluster *c = start();
    service(c, "web", "\"ports\":[{\"port\":80}]");
    pod(c, "a", "10.0.0.1", true, "");
    slices(c);
    const char *name =
        json_text(json_at(json_item(json_get(c->object, "items"), 0), "metadata.name"));
    cluster_request_as(c, NULL, "PATCH", arena_format(&c->arena, SLICES "/%s", name),
                       "application/merge-patch+json", NULL, "{\"endpoints\":[]}");
    EXPECT_CODE(c, 200);
    EXPECT_TEXT(slices(c), "10.0.0.1 ready serving;");
    cluster_request(c, "DELETE", NS "/endpoints/web", NULL);
    EXPECT(*endpoints(c, "subsets"));
    cluster_request(c, "DELETE", NS "/services/web", NULL);
    EXPECT_TEXT(slices(c), "");
    EXPECT_EQ(cluster_request(c, "GET", NS "/endpoints/web", NULL), 404);
    cluster_stop(c);
}

TEST("services without a selector are left to their owner")
{
    struct cluster *c = start();
    cluster_request(c, "POST", NS "/services",
                    "{\"metadata\":{\"name\":\"web\"},\"spec\":{\"ports\":[{\"port\":80}]}}");
    cluster_request(c, "POST", NS "/endpoints",
                    "{\"metadata\":{\"name\":\"web\"},\"subsets\":[{\"addresses\":[{\"ip\":"
                    "\"192.0.2.1\"}],\"ports\":[{\"port\":80}]}]}");
    EXPECT_CODE(c, 201);
    pod(c, "a", "10.0.0.1", true, "");
    EXPECT(strstr(endpoints(c, "subsets"), "192.0.2.1"));
    cluster_stop(c);
}

TEST("default/kubernetes is there, with the server's address, and comes back when it is deleted")
{
    static const char *const addresses[] = {"192.0.2.10", NULL};
    struct cluster *c = cluster_start();
    c->controllers = (struct controller_options){
        .addresses = addresses, .port = 6443, .service_address = "10.96.0.1"};
    cluster_start_controllers(c);
    cluster_run_ms(c, 100);
    for (int round = 0; round < 2; round++) {
        cluster_request(c, "GET", NS "/services/kubernetes", NULL);
        EXPECT_CODE(c, 200);
        EXPECT_TEXT(cluster_text(c, "spec.clusterIP"), "10.96.0.1");
        const struct json *port = json_item(json_at(c->object, "spec.ports"), 0);
        EXPECT_TEXT(json_text(json_get(port, "name")), "https");
        cluster_request(c, "GET", NS "/endpoints/kubernetes", NULL);
        EXPECT_TEXT(cluster_text(c, "subsets"),
                    "[{\"addresses\":[{\"ip\":\"192.0.2.10\"}],\"ports\":[{\"name\":\"https\","
                    "\"port\":6443,\"protocol\":\"TCP\"}]}]");
        cluster_request(c, "GET", SLICES "/kubernetes", NULL);
        EXPECT_TEXT(cluster_text(c, "endpoints"),
                    "[{\"addresses\":[\"192.0.2.10\"],\"conditions\":{\"ready\":true}}]");
        cluster_request(c, "DELETE", NS "/services/kubernetes", NULL);
        cluster_request(c, "DELETE", NS "/endpoints/kubernetes", NULL);
        cluster_request_as(c, NULL, "PATCH", SLICES "/kubernetes", "application/merge-patch+json",
                           NULL, "{\"endpoints\":[]}");
        cluster_run_ms(c, 200);
    }
    cluster_stop(c);
}
