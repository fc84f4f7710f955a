/* Virtual nodes: they register, run pods by the lives those declare, and let go of them. */
#include "core/kinds/view.h"
#include "kubelet-lite/virtual_nodes.h"
#include "scheduler/scheduler.h"
#include "tests/harness/cluster.h"

static const char *const groups[] = {"system:authenticated", NULL};
static const struct user node_user = {
    .name = "system:coracle:virtual-nodes", .uid = "", .groups = groups};
static const struct user scheduler_user = {
    .name = "system:kube-scheduler", .uid = "", .groups = groups};

struct story {
    struct cluster *cluster;
    struct client *client;
    struct client *scheduler_client;
    struct scheduler *scheduler;
    struct virtual_nodes *nodes;
};

static void begin(struct story *story, int count, double time_scale)
{
    struct status status;
    status_init(&status);
    story->cluster = cluster_start();
    story->client = api_client_create(story->cluster->api, &node_user);
    story->scheduler_client = api_client_create(story->cluster->api, &scheduler_user);
    struct scheduler_options scheduler = {.client = story->scheduler_client};
    story->scheduler = scheduler_start(&scheduler);
    struct virtual_nodes_options options = {
        .client = story->client,
        .trace = &story->cluster->trace,
        .count = count,
        .time_scale = time_scale,
    };
    story->nodes = virtual_nodes_start(&options, &status);
    EXPECT(story->nodes != NULL);
    cluster_run_ms(story->cluster, 500);
    EXPECT_EQ(virtual_nodes_counts(story->nodes).nodes, count);
}

static void end(struct story *story)
{
    virtual_nodes_stop(story->nodes);
    scheduler_stop(story->scheduler);
    cluster_run_ms(story->cluster, 100);
    api_client_destroy(story->client);
    api_client_destroy(story->scheduler_client);
    cluster_stop(story->cluster);
}

static void create_pod(struct cluster *cluster, const char *name, const char *annotations,
                       const char *spec)
{
    struct buffer body = {0};
    buffer_format(&body,
                  "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"%s\","
                  "\"annotations\":{%s}},\"spec\":{%s\"containers\":[{\"name\":\"main\","
                  "\"image\":\"busybox\"}]}}",
                  name, annotations, spec);
    cluster_request(cluster, "POST", "/api/v1/namespaces/default/pods", body.data);
    EXPECT_CODE(cluster, 201);
    buffer_release(&body);
}

static void get_pod(struct cluster *cluster, const char *name)
{
    struct buffer path = {0};
    buffer_format(&path, "/api/v1/namespaces/default/pods/%s", name);
    cluster_request(cluster, "GET", path.data, NULL);
    buffer_release(&path);
}

static const char *condition(struct cluster *cluster, const char *type)
{
    JSON_EACH(one, json_at(cluster->object, "status.conditions"))
        if (slice_is(json_string(json_get(one, "type")), type))
            return json_text(json_get(one, "status"));
    return "absent";
}

static const struct json *container(struct cluster *cluster)
{
    return json_item(json_at(cluster->object, "status.containerStatuses"), 0);
}

TEST("virtual nodes register, are ready, and hold leases")
{
    struct story story;
    begin(&story, 3, 1);
    struct cluster *cluster = story.cluster;
    cluster_request(cluster, "GET", "/api/v1/nodes/virtual-2", NULL);
    EXPECT_CODE(cluster, 200);
    EXPECT_TEXT(condition(cluster, "Ready"), "True");
    EXPECT_TEXT(cluster_text(cluster, "status.capacity.cpu"), "32");
    EXPECT_TEXT(cluster_text(cluster, "status.allocatable.pods"), "110");
    EXPECT_TEXT(cluster_text(cluster, "metadata.labels.type"), "virtual");
    EXPECT_TEXT(cluster_text(cluster, "status.nodeInfo.operatingSystem"), "linux");
    const char *lease = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/virtual-2";
    cluster_request(cluster, "GET", lease, NULL);
    EXPECT_CODE(cluster, 200);
    const char *first = cluster_text(cluster, "spec.renewTime");
    cluster_run_ms(cluster, 10500);
    cluster_request(cluster, "GET", lease, NULL);
    EXPECT(strcmp(cluster_text(cluster, "spec.renewTime"), first) > 0);
    end(&story);
}

TEST("a pod is bound, runs, and goes when it is deleted")
{
    struct story story;
    begin(&story, 2, 1);
    struct cluster *cluster = story.cluster;
    create_pod(cluster, "web", "", "");
    cluster_run_ms(cluster, 200);
    get_pod(cluster, "web");
    EXPECT_TEXT(cluster_text(cluster, "status.phase"), "Running");
    EXPECT_TEXT(condition(cluster, "Ready"), "True");
    EXPECT_TEXT(condition(cluster, "PodReadyToStartContainers"), "True");
    EXPECT_TEXT(cluster_text(cluster, "status.podIP"), "100.64.0.1");
    EXPECT(json_bool(json_get(container(cluster), "ready")));
    EXPECT_EQ(virtual_nodes_counts(story.nodes).waiting_pods, 0);

    cluster_request(cluster, "DELETE", "/api/v1/namespaces/default/pods/web", NULL);
    EXPECT_CODE(cluster, 200);
    cluster_run_ms(cluster, 200);
    get_pod(cluster, "web");
    EXPECT_CODE(cluster, 404);
    end(&story);
}
