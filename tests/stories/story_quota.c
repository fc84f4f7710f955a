/* Quotas and limit ranges: what is counted, what is refused, and what comes back. */
#include "api/authn.h"
#include "tests/harness/cluster.h"

static struct cluster *start(void)
{
    struct cluster *cluster = cluster_start();
    cluster_start_controllers(cluster);
    cluster_run_ms(cluster, 100);
    return cluster;
}

#define NS "/api/v1/namespaces/default"

/* spec is JSON members: `"hard":{"pods":"2"}`. */
static void quota(struct cluster *cluster, const char *name, const char *spec)
{
    cluster_request(cluster, "POST", NS "/resourcequotas",
                    arena_format(&cluster->arena, "{\"metadata\":{\"name\":\"%s\"},\"spec\":{%s}}",
                                 name, spec));
    EXPECT_CODE(cluster, 201);
    cluster_run_ms(cluster, 100);
}

/* What status.used says of a resource. */
static const char *used(struct cluster *cluster, const char *name, const char *resource)
{
    cluster_request(cluster, "GET", arena_format(&cluster->arena, NS "/resourcequotas/%s", name),
                    NULL);
    EXPECT_CODE(cluster, 200);
    return json_text(json_get(json_at(cluster->object, "status.used"), resource));
}

/* resources: of its one container, JSON. spec: more members, with a leading comma. */
static int pod(struct cluster *cluster, const char *name, const char *resources, const char *spec)
{
    return cluster_request(
        cluster, "POST", NS "/pods",
        arena_format(&cluster->arena,
                     "{\"metadata\":{\"name\":\"%s\"},\"spec\":{\"containers\":[{\"name\":\"c\","
                     "\"image\":\"i\",\"resources\":{%s}}]%s}}",
                     name, resources, spec));
}

static void end_pod(struct cluster *cluster, const char *name, const char *phase)
{
    cluster_request_as(cluster, NULL, "PATCH",
                       arena_format(&cluster->arena, NS "/pods/%s/status", name),
                       "application/merge-patch+json", NULL,
                       arena_format(&cluster->arena, "{\"status\":{\"phase\":\"%s\"}}", phase));
    EXPECT_CODE(cluster, 200);
    cluster_run_ms(cluster, 100);
}

TEST("a pod over the quota is refused in upstream's words, and the last one is not")
{
    struct cluster *c = start();
    quota(c, "q", "\"hard\":{\"pods\":\"2\"}");
    EXPECT_TEXT(used(c, "q", "pods"), "0");
    EXPECT_EQ(pod(c, "a", "", ""), 201);
    EXPECT_EQ(pod(c, "b", "", ""), 201);
    EXPECT_TEXT(used(c, "q", "pods"), "2");
    EXPECT_EQ(pod(c, "c", "", ""), 403);
    EXPECT_TEXT(cluster_text(c, "message"),
                "pods \"c\" is forbidden: exceeded quota: q, requested: pods=1, used: pods=2, "
                "limited: pods=2");
    EXPECT_TEXT(used(c, "q", "pods"), "2");
    cluster_stop(c);
}

/* Requests that are queued before any of them is on disk. */
struct asked {
    struct request request;
    bool is_done;
};

static void asked_done(struct request *request)
{
    CONTAINER_OF(request, struct asked, request)->is_done = true;
}

TEST("two writes that share a commit never both take the last place of a quota")
{
    enum { ASKED = 6 };
    struct cluster *c = start();
    struct asked asked[ASKED] = {0};
    int created = 0, forbidden = 0;
    quota(c, "q", "\"hard\":{\"pods\":\"3\"}");
    for (int i = 0; i < ASKED; i++) {
        struct request *request = &asked[i].request;
        request_init(request);
        request->method = SLICE("POST");
        request->path = SLICE(NS "/pods");
        request->content_type = SLICE("application/json");
        request->body = slice_of(arena_format(
            &c->arena,
            "{\"metadata\":{\"name\":\"p%d\"},\"spec\":{\"containers\":[{\"name\":\"c\","
            "\"image\":\"i\"}]}}",
            i));
        request->user = &user_admin;
        request->done = asked_done;
        api_serve(c->api, request);
    }
    cluster_run_ms(c, 1000);
    for (int i = 0; i < ASKED; i++) {
        EXPECT(asked[i].is_done);
        created += asked[i].request.reply.code == 201;
        forbidden += asked[i].request.reply.code == 403;
        request_release(&asked[i].request);
    }
    EXPECT_EQ(created, 3);
    EXPECT_EQ(forbidden, 3);
    EXPECT_TEXT(used(c, "q", "pods"), "3");
    cluster_request(c, "GET", NS "/pods", NULL);
    EXPECT_EQ(json_count(json_get(c->object, "items")), 3);
    cluster_stop(c);
}

TEST("pods that are deleted or have ended give back what they used, and their number stays")
{
    struct cluster *c = start();
    quota(c, "q", "\"hard\":{\"pods\":\"2\",\"count/pods\":\"5\",\"requests.cpu\":\"2\"}");
    const char *cpu = "\"requests\":{\"cpu\":\"500m\"}";
    EXPECT_EQ(pod(c, "a", cpu, ""), 201);
    EXPECT_EQ(pod(c, "b", cpu, ""), 201);
    EXPECT_TEXT(used(c, "q", "requests.cpu"), "1");
    end_pod(c, "a", "Succeeded");
    EXPECT_TEXT(used(c, "q", "pods"), "1");
    EXPECT_TEXT(used(c, "q", "requests.cpu"), "500m");
    EXPECT_TEXT(used(c, "q", "count/pods"), "2");
    cluster_request(c, "DELETE", NS "/pods/b?gracePeriodSeconds=0", NULL);
    cluster_run_ms(c, 100);
    EXPECT_TEXT(used(c, "q", "pods"), "0");
    EXPECT_TEXT(used(c, "q", "count/pods"), "1");
    EXPECT_TEXT(used(c, "q", "requests.cpu"), "0");
    cluster_stop(c);
}

TEST("requests and limits of all containers count, extended resources by their requests")
{
    struct cluster *c = start();
    quota(c, "q",
          "\"hard\":{\"cpu\":\"4\",\"limits.cpu\":\"4\",\"requests.memory\":\"3Gi\","
          "\"requests.nvidia.com/gpu\":\"4\",\"limits.ephemeral-storage\":\"10Gi\"}");
    EXPECT_EQ(pod(c, "a",
                  "\"requests\":{\"cpu\":\"1500m\",\"memory\":\"1Gi\"},\"limits\":{\"cpu\":\"2\","
                  "\"nvidia.com/gpu\":\"3\",\"ephemeral-storage\":\"1Gi\"}",
                  ""),
              201);
    EXPECT_TEXT(used(c, "q", "cpu"), "1500m");
    EXPECT_TEXT(used(c, "q", "limits.cpu"), "2");
    EXPECT_TEXT(used(c, "q", "requests.memory"), "1Gi");
    EXPECT_TEXT(used(c, "q", "requests.nvidia.com/gpu"), "3");
    EXPECT_TEXT(used(c, "q", "limits.ephemeral-storage"), "1Gi");
    EXPECT_EQ(pod(c, "b",
                  "\"requests\":{\"cpu\":\"3\",\"memory\":\"1Gi\"},\"limits\":{\"cpu\":\"3\","
                  "\"nvidia.com/gpu\":\"2\"}",
                  ""),
              403);
    EXPECT_TEXT(cluster_text(c, "message"),
                "pods \"b\" is forbidden: exceeded quota: q, requested: "
                "cpu=3,limits.cpu=3,requests.nvidia.com/gpu=2, used: "
                "cpu=1500m,limits.cpu=2,requests.nvidia.com/gpu=3, limited: "
                "cpu=4,limits.cpu=4,requests.nvidia.com/gpu=4");
    cluster_stop(c);
}

TEST("a resize is counted: what grows is refused when it is too much, what shrinks comes back")
{
    struct cluster *c = start();
    quota(c, "q", "\"hard\":{\"requests.cpu\":\"2\"}");
    EXPECT_EQ(pod(c, "a", "\"requests\":{\"cpu\":\"1\"},\"limits\":{\"cpu\":\"4\"}", ""), 201);
    static const char *const wanted[] = {"2", "2500m", "500m"};
    static const int codes[] = {200, 403, 200};
    static const char *const counted[] = {"2", "2", "500m"};
    for (int i = 0; i < 3; i++) {
        cluster_request_as(
            c, NULL, "PATCH", NS "/pods/a/resize", "application/strategic-merge-patch+json", NULL,
            arena_format(&c->arena,
                         "{\"spec\":{\"containers\":[{\"name\":\"c\",\"resources\":{\"requests\":"
                         "{\"cpu\":\"%s\"}}}]}}",
                         wanted[i]));
        EXPECT_CODE(c, codes[i]);
        if (i == 1)
            EXPECT_TEXT(cluster_text(c, "message"),
                        "pods \"a\" is forbidden: exceeded quota: q, requested: "
                        "requests.cpu=500m, used: requests.cpu=2, limited: requests.cpu=2");
        cluster_run_ms(c, 100);
        EXPECT_TEXT(used(c, "q", "requests.cpu"), counted[i]);
    }
    cluster_stop(c);
}

TEST("a quota of cpu or memory wants every container to say it")
{
    struct cluster *c = start();
    quota(c, "q",
          "\"hard\":{\"limits.cpu\":\"4\",\"memory\":\"1Gi\",\"ephemeral-storage\":\"1Gi\"}");
    EXPECT_EQ(pod(c, "a", "",
                  ",\"initContainers\":[{\"name\":\"b\",\"image\":\"i\",\"resources\":"
                  "{\"limits\":{\"memory\":\"1Mi\"}}}]"),
              403);
    EXPECT_TEXT(cluster_text(c, "message"),
                "pods \"a\" is forbidden: failed quota: q: must specify limits.cpu for: b,c; "
                "memory for: c");
    cluster_stop(c);
}

TEST("objects are counted by name, by group, and services by their ports")
{
    struct cluster *c = start();
    quota(c, "q",
          "\"hard\":{\"configmaps\":\"2\",\"count/secrets\":\"1\",\"count/"
          "leases.coordination.k8s.io\":"
          "\"1\",\"services\":\"3\",\"services.nodeports\":\"2\",\"count/"
          "things.example.com\":\"1\"}");
    const char *map = "{\"metadata\":{\"generateName\":\"m-\"}}";
    EXPECT_EQ(cluster_request(c, "POST", NS "/configmaps", map), 201);
    cluster_request(c, "POST", NS "/secrets", map);
    EXPECT_CODE(c, 201);
    cluster_request(c, "POST", NS "/secrets", "{\"metadata\":{\"name\":\"s\"}}");
    EXPECT_TEXT(cluster_text(c, "message"),
                "secrets \"s\" is forbidden: exceeded quota: q, requested: count/secrets=1, used: "
                "count/secrets=1, limited: count/secrets=1");
    cluster_request(c, "POST", "/apis/coordination.k8s.io/v1/namespaces/default/leases", map);
    EXPECT_CODE(c, 201);
    EXPECT_TEXT(used(c, "q", "count/leases.coordination.k8s.io"), "1");
    EXPECT_TEXT(used(c, "q", "count/things.example.com"), "0");
    EXPECT_EQ(cluster_request(c, "POST", NS "/services",
                              "{\"metadata\":{\"name\":\"web\"},\"spec\":{\"type\":\"NodePort\","
                              "\"ports\":[{\"port\":80}]}}"),
              201);
    EXPECT_TEXT(used(c, "q", "services.nodeports"), "1");
    EXPECT_EQ(cluster_request(c, "POST", NS "/services",
                              "{\"metadata\":{\"name\":\"two\"},\"spec\":{\"ports\":[{\"name\":"
                              "\"a\",\"port\":80},{\"name\":\"b\",\"port\":81}]}}"),
              201);
    EXPECT_TEXT(used(c, "q", "services"), "2");
    cluster_request_as(c, NULL, "PATCH", NS "/services/two", "application/merge-patch+json", NULL,
                       "{\"spec\":{\"type\":\"NodePort\"}}");
    EXPECT_TEXT(cluster_text(c, "message"),
                "services \"two\" is forbidden: exceeded quota: q, requested: "
                "services.nodeports=2, used: services.nodeports=1, limited: services.nodeports=2");
    cluster_request(c, "DELETE", NS "/services/web", NULL);
    cluster_run_ms(c, 100);
    EXPECT_TEXT(used(c, "q", "services.nodeports"), "0");
    cluster_stop(c);
}

TEST("scopes choose which pods a quota counts")
{
    struct cluster *c = start();
    cluster_request(c, "POST", "/apis/scheduling.k8s.io/v1/priorityclasses",
                    "{\"metadata\":{\"name\":\"high\"},\"value\":10}");
    quota(c, "best", "\"hard\":{\"pods\":\"10\"},\"scopes\":[\"BestEffort\"]");
    quota(c, "good",
          "\"hard\":{\"pods\":\"10\",\"requests.cpu\":\"4\"},\"scopes\":[\"NotBestEffort\"]");
    quota(c, "ends", "\"hard\":{\"pods\":\"10\"},\"scopes\":[\"Terminating\"]");
    quota(c, "stays", "\"hard\":{\"pods\":\"10\"},\"scopes\":[\"NotTerminating\"]");
    quota(c, "across", "\"hard\":{\"pods\":\"0\"},\"scopes\":[\"CrossNamespacePodAffinity\"]");
    quota(c, "high",
          "\"hard\":{\"pods\":\"1\"},\"scopeSelector\":{\"matchExpressions\":[{\"scopeName\":"
          "\"PriorityClass\",\"operator\":\"In\",\"values\":[\"high\"]}]}");
    quota(c, "low",
          "\"hard\":{\"pods\":\"10\"},\"scopeSelector\":{\"matchExpressions\":[{\"scopeName\":"
          "\"PriorityClass\",\"operator\":\"NotIn\",\"values\":[\"high\"]}]}");
    EXPECT_EQ(pod(c, "a", "", ",\"activeDeadlineSeconds\":5"), 201);
    EXPECT_EQ(pod(c, "b", "\"requests\":{\"cpu\":\"1\"}", ",\"priorityClassName\":\"high\""), 201);
    for (int round = 0; round < 2; round++) {
        EXPECT_TEXT(used(c, "best", "pods"), "1");
        EXPECT_TEXT(used(c, "good", "pods"), "1");
        EXPECT_TEXT(used(c, "good", "requests.cpu"), "1");
        EXPECT_TEXT(used(c, "ends", "pods"), "1");
        EXPECT_TEXT(used(c, "stays", "pods"), "1");
        EXPECT_TEXT(used(c, "high", "pods"), "1");
        EXPECT_TEXT(used(c, "low", "pods"), "1");
        cluster_run_ms(c, 301000); /* Counted anew. */
    }
    EXPECT_EQ(pod(c, "c", "", ",\"priorityClassName\":\"high\""), 403);
    EXPECT_EQ(pod(c, "d", "",
                  ",\"affinity\":{\"podAntiAffinity\":"
                  "{\"requiredDuringSchedulingIgnoredDuringExecution\":[{\"topologyKey\":\"a\","
                  "\"namespaces\":[\"kube-system\"]}]}}"),
              403);
    EXPECT_TEXT(cluster_text(c, "message"),
                "pods \"d\" is forbidden: exceeded quota: across, requested: pods=1, used: pods=0, "
                "limited: pods=0");
    cluster_stop(c);
}

TEST("a new quota counts what is there, a changed one too, and drift is repaired")
{
    struct cluster *c = start();
    EXPECT_EQ(pod(c, "a", "", ""), 201);
    quota(c, "q", "\"hard\":{\"pods\":\"1\"}");
    EXPECT_TEXT(used(c, "q", "pods"), "1");
    EXPECT_EQ(pod(c, "b", "", ""), 403);
    cluster_request_as(c, NULL, "PATCH", NS "/resourcequotas/q", "application/merge-patch+json",
                       NULL, "{\"spec\":{\"hard\":{\"pods\":\"2\",\"configmaps\":\"5\"}}}");
    EXPECT_CODE(c, 200);
    cluster_run_ms(c, 100);
    EXPECT_TEXT(used(c, "q", "configmaps"), "0");
    EXPECT_EQ(pod(c, "b", "", ""), 201);
    cluster_request_as(c, NULL, "PATCH", NS "/resourcequotas/q/status",
                       "application/merge-patch+json", NULL,
                       "{\"status\":{\"used\":{\"pods\":\"77\"}}}");
    EXPECT_CODE(c, 200);
    EXPECT_TEXT(used(c, "q", "pods"), "77");
    cluster_run_ms(c, 301000);
    EXPECT_TEXT(used(c, "q", "pods"), "2");
    cluster_stop(c);
}

TEST("a quota that nobody has counted yet refuses what it would count")
{
    struct cluster *c = cluster_start(); /* No controllers. */
    quota(c, "q", "\"hard\":{\"pods\":\"1\",\"limits.cpu\":\"1\"}");
    cluster_request_as(c, NULL, "PATCH", NS "/resourcequotas/q/status",
                       "application/merge-patch+json", NULL,
                       "{\"status\":{\"hard\":{\"pods\":\"1\"}}}");
    EXPECT_EQ(pod(c, "a", "", ""), 403);
    EXPECT_TEXT(cluster_text(c, "message"),
                "pods \"a\" is forbidden: status unknown for quota: q, resources: pods");
    cluster_stop(c);
}

TEST("a dry run is refused like the real one, and counts nothing")
{
    struct cluster *c = start();
    quota(c, "q", "\"hard\":{\"configmaps\":\"1\"}");
    const char *map = "{\"metadata\":{\"generateName\":\"m-\"}}";
    EXPECT_EQ(cluster_request(c, "POST", NS "/configmaps?dryRun=All", map), 201);
    EXPECT_TEXT(used(c, "q", "configmaps"), "0");
    EXPECT_EQ(cluster_request(c, "POST", NS "/configmaps", map), 201);
    EXPECT_EQ(cluster_request(c, "POST", NS "/configmaps?dryRun=All", map), 403);
    cluster_stop(c);
}

static void commit_done(struct commit *commit)
{
    (void)commit;
}

TEST("a gang that does not fit into its quota is refused whole")
{
    struct cluster *c = start();
    quota(c, "q", "\"hard\":{\"pods\":\"3\"}");
    struct commit_write writes[4];
    struct client *admin = api_client_create(c->api, &user_admin);
    for (int i = 0; i < 4; i++)
        writes[i] = (struct commit_write){
            .verb = "create",
            .path = {.group = "",
                     .version = "v1",
                     .resource = "pods",
                     .namespace = SLICE("default")},
            .body = slice_of(arena_format(&c->arena,
                                          "{\"metadata\":{\"name\":\"p%d\"},\"spec\":"
                                          "{\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]}}",
                                          i)),
            .expected = -1,
        };
    struct commit commit = {.writes = writes, .count = 4, .done = commit_done};
    status_init(&commit.status);
    admin->operations->commit(admin, &commit);
    cluster_run_ms(c, 200);
    EXPECT_EQ(commit.failed_write, 3);
    EXPECT(strstr(commit.status.message, "exceeded quota: q, requested: pods=1, used: pods=3"));
    EXPECT_TEXT(used(c, "q", "pods"), "0");
    status_release(&commit.status);
    commit.count = 3;
    status_init(&commit.status);
    admin->operations->commit(admin, &commit);
    cluster_run_ms(c, 200);
    EXPECT(status_ok(&commit.status));
    EXPECT_TEXT(used(c, "q", "pods"), "3");
    status_release(&commit.status);
    api_client_destroy(admin);
    cluster_stop(c);
}

/* --- Limit ranges --- */

static void range(struct cluster *cluster, const char *limits)
{
    cluster_request(cluster, "POST", NS "/limitranges",
                    arena_format(&cluster->arena,
                                 "{\"metadata\":{\"name\":\"r\"},\"spec\":{\"limits\":[%s]}}",
                                 limits));
    EXPECT_CODE(cluster, 201);
}

TEST("containers get a range's defaults, and an annotation says which")
{
    struct cluster *c = start();
    range(c, "{\"type\":\"Container\",\"default\":{\"cpu\":\"1\",\"memory\":\"1Gi\"},"
             "\"defaultRequest\":{\"cpu\":\"500m\"}}");
    EXPECT_EQ(pod(c, "a", "\"limits\":{\"memory\":\"2Gi\"}",
                  ",\"initContainers\":[{\"name\":\"b\",\"image\":\"i\"}]"),
              201);
    EXPECT_TEXT(json_text(json_get(json_at(c->object, "metadata.annotations"),
                                   "kubernetes.io/limit-ranger")),
                "LimitRanger plugin set: cpu request for container c; cpu limit for container c; "
                "cpu, memory request for init container b; cpu, memory limit for init container "
                "b");
    const struct json *container = json_item(json_at(c->object, "spec.containers"), 0);
    EXPECT_TEXT(json_text(json_at(container, "resources.limits.memory")), "2Gi");
    EXPECT_TEXT(json_text(json_at(container, "resources.limits.cpu")), "1");
    EXPECT_TEXT(json_text(json_at(container, "resources.requests.cpu")), "500m");
    EXPECT_TEXT(json_text(json_at(container, "resources.requests.memory")), "2Gi");
    EXPECT_TEXT(cluster_text(c, "status.qosClass"), "Burstable");
    cluster_stop(c);
}

TEST("a container below, above, or too far apart is refused, with all that is wrong")
{
    struct cluster *c = start();
    range(c, "{\"type\":\"Container\",\"min\":{\"cpu\":\"100m\"},\"max\":{\"cpu\":\"2\"},"
             "\"maxLimitRequestRatio\":{\"cpu\":\"2\"}}");
    EXPECT_EQ(pod(c, "a", "\"requests\":{\"cpu\":\"100m\"},\"limits\":{\"cpu\":\"200m\"}", ""),
              201);
    EXPECT_EQ(pod(c, "b", "\"requests\":{\"cpu\":\"99m\"},\"limits\":{\"cpu\":\"150m\"}", ""), 403);
    EXPECT_TEXT(cluster_text(c, "message"), "pods \"b\" is forbidden: minimum cpu usage per "
                                            "Container is 100m, but request is 99m");
    EXPECT_EQ(pod(c, "c", "\"requests\":{\"cpu\":\"1\"},\"limits\":{\"cpu\":\"3\"}", ""), 403);
    EXPECT_TEXT(cluster_text(c, "message"),
                "pods \"c\" is forbidden: [maximum cpu usage per Container is 2, but limit is 3, "
                "cpu max limit to request ratio per Container is 2, but provided ratio is "
                "3.000000]");
    cluster_stop(c);
}

TEST("bounds of pods are of the sum over containers, sidecars and what the pod says itself")
{
    struct cluster *c = start();
    range(c, "{\"type\":\"Pod\",\"max\":{\"memory\":\"2Gi\"},\"min\":{\"cpu\":\"1\"}}");
    EXPECT_EQ(pod(c, "a", "\"limits\":{\"cpu\":\"1\",\"memory\":\"1Gi\"}",
                  ",\"initContainers\":[{\"name\":\"s\",\"image\":\"i\",\"restartPolicy\":"
                  "\"Always\",\"resources\":{\"limits\":{\"memory\":\"1Gi\"}}}]"),
              201);
    EXPECT_EQ(pod(c, "b", "\"limits\":{\"cpu\":\"1\",\"memory\":\"1Gi\"}",
                  ",\"initContainers\":[{\"name\":\"s\",\"image\":\"i\",\"restartPolicy\":"
                  "\"Always\",\"resources\":{\"limits\":{\"memory\":\"1025Mi\"}}}]"),
              403);
    EXPECT_TEXT(cluster_text(c, "message"), "pods \"b\" is forbidden: maximum memory usage per Pod "
                                            "is 2Gi, but limit is 2049Mi");
    EXPECT_EQ(pod(c, "d", "", ""), 403);
    EXPECT_TEXT(cluster_text(c, "message"),
                "pods \"d\" is forbidden: [minimum cpu usage per Pod is 1.  No request is "
                "specified, maximum memory usage per Pod is 2Gi.  No limit is specified]");
    EXPECT_EQ(pod(c, "e", "", ",\"resources\":{\"limits\":{\"cpu\":\"1\",\"memory\":\"1Gi\"}}"),
              201);
    cluster_stop(c);
}
