/* Virtual nodes: they register, run pods by the lives those declare, and let go of them. */
#include <stdio.h>

#include "core/map.h"
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

static void start_nodes(struct story *story, int count, double time_scale, const char *shape)
{
    struct status status;
    status_init(&status);
    struct virtual_nodes_options options = {
        .client = story->client,
        .trace = &story->cluster->trace,
        .count = count,
        .shape = shape,
        .time_scale = time_scale,
    };
    story->nodes = virtual_nodes_start(&options, &status);
    EXPECT(story->nodes != NULL);
    cluster_run_ms(story->cluster, 500);
}

static void begin(struct story *story, int count, double time_scale)
{
    story->cluster = cluster_start();
    story->client = api_client_create(story->cluster->api, &node_user);
    story->scheduler_client = api_client_create(story->cluster->api, &scheduler_user);
    struct scheduler_options scheduler = {.client = story->scheduler_client};
    story->scheduler = scheduler_start(&scheduler);
    start_nodes(story, count, time_scale, NULL);
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

TEST("a pod with a run time ends by itself, with the exit code it asked for")
{
    struct story story;
    begin(&story, 1, 1);
    struct cluster *cluster = story.cluster;
    create_pod(cluster, "good", "\"virtual.coracle.dev/run-time\":\"30s\"",
               "\"restartPolicy\":\"Never\",");
    create_pod(cluster, "bad",
               "\"virtual.coracle.dev/run-time\":\"30s\",\"virtual.coracle.dev/exit-code\":\"3\"",
               "\"restartPolicy\":\"Never\",");
    cluster_run_ms(cluster, 28000);
    get_pod(cluster, "good");
    EXPECT_TEXT(cluster_text(cluster, "status.phase"), "Running");
    cluster_run_ms(cluster, 3000);
    get_pod(cluster, "good");
    EXPECT_TEXT(cluster_text(cluster, "status.phase"), "Succeeded");
    EXPECT_TEXT(condition(cluster, "Ready"), "False");
    EXPECT_TEXT(json_text(json_at(container(cluster), "state.terminated.reason")), "Completed");
    get_pod(cluster, "bad");
    EXPECT_TEXT(cluster_text(cluster, "status.phase"), "Failed");
    int64_t code;
    EXPECT(json_to_int64(json_at(container(cluster), "state.terminated.exitCode"), &code));
    EXPECT_EQ(code, 3);
    EXPECT_EQ(virtual_nodes_counts(story.nodes).waiting_pods, 0);
    end(&story);
}

TEST("a container that fails comes back at once, then after 10 s, then after 20 s")
{
    struct story story;
    begin(&story, 1, 1);
    struct cluster *cluster = story.cluster;
    create_pod(cluster, "crash",
               "\"virtual.coracle.dev/run-time\":\"5s\",\"virtual.coracle.dev/exit-code\":\"1\"",
               "\"restartPolicy\":\"OnFailure\",");
    cluster_run_ms(cluster, 6000); /* Ran 0 to 5, runs again. */
    get_pod(cluster, "crash");
    int64_t restarts;
    EXPECT(json_to_int64(json_get(container(cluster), "restartCount"), &restarts));
    EXPECT_EQ(restarts, 1);
    EXPECT(json_at(container(cluster), "state.running") != NULL);
    cluster_run_ms(cluster, 5000); /* Ended at 10, waits until 20. */
    get_pod(cluster, "crash");
    EXPECT_TEXT(json_text(json_at(container(cluster), "state.waiting.reason")), "CrashLoopBackOff");
    EXPECT(strstr(json_text(json_at(container(cluster), "state.waiting.message")),
                  "back-off 10s restarting failed container=main pod=crash_default(") != NULL);
    EXPECT_TEXT(cluster_text(cluster, "status.phase"), "Running");
    cluster_run_ms(cluster, 10000); /* Runs 20 to 25, then waits until 45. */
    get_pod(cluster, "crash");
    EXPECT(json_to_int64(json_get(container(cluster), "restartCount"), &restarts));
    EXPECT_EQ(restarts, 2);
    cluster_run_ms(cluster, 20000);
    get_pod(cluster, "crash");
    EXPECT(strstr(json_text(json_at(container(cluster), "state.waiting.message")),
                  "back-off 20s ") != NULL);
    end(&story);
}

TEST("a time scale of 60 makes a minute pass in a second, to the millisecond")
{
    struct story story;
    begin(&story, 1, 60);
    struct cluster *cluster = story.cluster;
    create_pod(cluster, "quick",
               "\"virtual.coracle.dev/start-delay\":\"30s\","
               "\"virtual.coracle.dev/run-time\":\"60s\"",
               "\"restartPolicy\":\"Never\",");
    cluster_run_ms(cluster, 400);
    get_pod(cluster, "quick");
    EXPECT_TEXT(cluster_text(cluster, "status.phase"), "Pending");
    EXPECT_TEXT(json_text(json_at(container(cluster), "state.waiting.reason")),
                "ContainerCreating");
    cluster_run_ms(cluster, 1000);
    get_pod(cluster, "quick");
    EXPECT_TEXT(cluster_text(cluster, "status.phase"), "Running");
    cluster_run_ms(cluster, 300);
    get_pod(cluster, "quick");
    EXPECT_TEXT(cluster_text(cluster, "status.phase"), "Succeeded");
    end(&story);
}

TEST("a pod that is active for too long fails")
{
    struct story story;
    begin(&story, 1, 1);
    struct cluster *cluster = story.cluster;
    create_pod(cluster, "slow", "", "\"activeDeadlineSeconds\":10,");
    cluster_run_ms(cluster, 8000);
    get_pod(cluster, "slow");
    EXPECT_TEXT(cluster_text(cluster, "status.phase"), "Running");
    cluster_run_ms(cluster, 3000);
    get_pod(cluster, "slow");
    EXPECT_TEXT(cluster_text(cluster, "status.phase"), "Failed");
    EXPECT_TEXT(cluster_text(cluster, "status.reason"), "DeadlineExceeded");
    end(&story);
}

TEST("a deleted pod stops within its grace period, then goes")
{
    struct story story;
    begin(&story, 1, 1);
    struct cluster *cluster = story.cluster;
    create_pod(cluster, "polite", "\"virtual.coracle.dev/stop-delay\":\"5s\"", "");
    create_pod(cluster, "stubborn", "\"virtual.coracle.dev/stop-delay\":\"1h\"",
               "\"terminationGracePeriodSeconds\":2,");
    cluster_run_ms(cluster, 100);
    cluster_request(cluster, "DELETE", "/api/v1/namespaces/default/pods/polite", NULL);
    cluster_request(cluster, "DELETE", "/api/v1/namespaces/default/pods/stubborn", NULL);
    cluster_run_ms(cluster, 3000);
    get_pod(cluster, "polite");
    EXPECT_TEXT(cluster_text(cluster, "status.phase"), "Running");
    get_pod(cluster, "stubborn");
    EXPECT_CODE(cluster, 404);
    cluster_run_ms(cluster, 2500);
    get_pod(cluster, "polite");
    EXPECT_CODE(cluster, 404);
    end(&story);
}

TEST("a deleted pod that a finalizer holds shows its end, and is removed by whoever holds it")
{
    struct story story;
    begin(&story, 1, 1);
    struct cluster *cluster = story.cluster;
    cluster_request(cluster, "POST", "/api/v1/namespaces/default/pods",
                    "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"held\","
                    "\"finalizers\":[\"example.com/count\"]},\"spec\":{\"containers\":[{"
                    "\"name\":\"main\",\"image\":\"busybox\"}]}}");
    EXPECT_CODE(cluster, 201);
    cluster_run_ms(cluster, 100);
    cluster_request(cluster, "DELETE", "/api/v1/namespaces/default/pods/held", NULL);
    cluster_run_ms(cluster, 1000);
    get_pod(cluster, "held");
    EXPECT_TEXT(cluster_text(cluster, "status.phase"), "Failed");
    int64_t code;
    EXPECT(json_to_int64(json_at(container(cluster), "state.terminated.exitCode"), &code));
    EXPECT_EQ(code, 143);
    const char *revision = cluster_text(cluster, "metadata.resourceVersion");
    cluster_run_ms(cluster, 60000);
    get_pod(cluster, "held");
    EXPECT_TEXT(cluster_text(cluster, "metadata.resourceVersion"), revision);
    cluster_request_as(cluster, NULL, "PATCH", "/api/v1/namespaces/default/pods/held",
                       "application/merge-patch+json", NULL,
                       "{\"metadata\":{\"finalizers\":null}}");
    get_pod(cluster, "held");
    EXPECT_CODE(cluster, 404);
    end(&story);
}

TEST("a life that makes no sense is told, and holds the pod back")
{
    struct story story;
    begin(&story, 1, 1);
    struct cluster *cluster = story.cluster;
    create_pod(cluster, "odd", "\"virtual.coracle.dev/run-time\":\"soon\"", "");
    cluster_run_ms(cluster, 1000);
    get_pod(cluster, "odd");
    EXPECT_TEXT(cluster_text(cluster, "status.phase"), "Pending");
    EXPECT_TEXT(json_text(json_at(container(cluster), "state.waiting.reason")),
                "CreateContainerConfigError");
    EXPECT_TEXT(json_text(json_at(container(cluster), "state.waiting.message")),
                "annotation virtual.coracle.dev/run-time: time: invalid duration \"soon\"");
    cluster_request_as(
        cluster, NULL, "PATCH", "/api/v1/namespaces/default/pods/odd",
        "application/merge-patch+json", NULL,
        "{\"metadata\":{\"annotations\":{\"virtual.coracle.dev/run-time\":\"9s\"}}}");
    EXPECT_CODE(cluster, 200);
    cluster_run_ms(cluster, 1000);
    get_pod(cluster, "odd");
    EXPECT_TEXT(cluster_text(cluster, "status.phase"), "Running");
    end(&story);
}

TEST("a Node that a client made with kwok's annotation lives too, and pods bound to it before")
{
    struct story story;
    begin(&story, 0, 1);
    struct cluster *cluster = story.cluster;
    create_pod(cluster, "early", "", "\"nodeName\":\"kwok-0\",");
    cluster_run_ms(cluster, 100);
    cluster_request(cluster, "POST", "/api/v1/nodes",
                    "{\"apiVersion\":\"v1\",\"kind\":\"Node\",\"metadata\":{\"name\":\"kwok-0\","
                    "\"annotations\":{\"kwok.x-k8s.io/node\":\"fake\"}},\"status\":{\"capacity\":"
                    "{\"cpu\":\"4\",\"memory\":\"8Gi\",\"pods\":\"10\"}}}");
    EXPECT_CODE(cluster, 201);
    cluster_request(cluster, "POST", "/api/v1/nodes",
                    "{\"apiVersion\":\"v1\",\"kind\":\"Node\",\"metadata\":{\"name\":\"real-0\"}}");
    EXPECT_CODE(cluster, 201);
    cluster_run_ms(cluster, 500);
    cluster_request(cluster, "GET", "/api/v1/nodes/kwok-0", NULL);
    EXPECT_TEXT(condition(cluster, "Ready"), "True");
    EXPECT_TEXT(cluster_text(cluster, "status.capacity.cpu"), "4");
    EXPECT_TEXT(cluster_text(cluster, "status.allocatable.cpu"), "4");
    EXPECT_TEXT(cluster_text(cluster, "status.capacity.nvidia~1com"), "");
    get_pod(cluster, "early");
    EXPECT_TEXT(cluster_text(cluster, "status.phase"), "Running");
    cluster_request(cluster, "GET", "/api/v1/nodes/real-0", NULL);
    EXPECT_TEXT(condition(cluster, "Ready"), "absent");
    EXPECT_EQ(virtual_nodes_counts(story.nodes).nodes, 1);
    end(&story);
}

TEST("a stopped node says nothing, and its pods stand still until it comes back")
{
    struct story story;
    begin(&story, 1, 1);
    struct cluster *cluster = story.cluster;
    const char *lease = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/virtual-0";
    cluster_request_as(
        cluster, NULL, "PATCH", "/api/v1/nodes/virtual-0", "application/merge-patch+json", NULL,
        "{\"metadata\":{\"annotations\":{\"virtual.coracle.dev/stopped\":\"true\"}}}");
    EXPECT_CODE(cluster, 200);
    create_pod(cluster, "still", "", "\"nodeName\":\"virtual-0\",");
    cluster_request(cluster, "GET", lease, NULL);
    const char *renewed = cluster_text(cluster, "spec.renewTime");
    cluster_run_ms(cluster, 60000);
    cluster_request(cluster, "GET", lease, NULL);
    EXPECT_TEXT(cluster_text(cluster, "spec.renewTime"), renewed);
    get_pod(cluster, "still");
    EXPECT_TEXT(cluster_text(cluster, "status.phase"), "Pending");
    cluster_request_as(cluster, NULL, "PATCH", "/api/v1/nodes/virtual-0",
                       "application/merge-patch+json", NULL,
                       "{\"metadata\":{\"annotations\":{\"virtual.coracle.dev/stopped\":null}}}");
    cluster_run_ms(cluster, 200);
    get_pod(cluster, "still");
    EXPECT_TEXT(cluster_text(cluster, "status.phase"), "Running");
    end(&story);
}

TEST("pods go on where they were when the server comes back")
{
    struct story story;
    begin(&story, 2, 1);
    struct cluster *cluster = story.cluster;
    create_pod(cluster, "long", "\"virtual.coracle.dev/run-time\":\"60s\"",
               "\"restartPolicy\":\"Never\",");
    cluster_run_ms(cluster, 20000);
    virtual_nodes_stop(story.nodes);
    cluster_run_ms(cluster, 5000);
    start_nodes(&story, 2, 1, "cpu=64,memory=1Ti");
    cluster_run_ms(cluster, 20000);
    get_pod(cluster, "long");
    EXPECT_TEXT(cluster_text(cluster, "status.phase"), "Running");
    cluster_request(cluster, "GET", "/api/v1/nodes/virtual-1", NULL);
    EXPECT_TEXT(cluster_text(cluster, "status.capacity.cpu"), "64");
    EXPECT(json_get(json_at(cluster->object, "status.capacity"), "nvidia.com/gpu") == NULL);
    cluster_run_ms(cluster, 16000);
    get_pod(cluster, "long");
    EXPECT_TEXT(cluster_text(cluster, "status.phase"), "Succeeded");
    create_pod(cluster, "next", "", "");
    cluster_run_ms(cluster, 200);
    get_pod(cluster, "next");
    EXPECT_TEXT(cluster_text(cluster, "status.podIP"), "100.64.0.2"); /* long still has its own. */
    end(&story);
}

TEST("a deleted Node is forgotten")
{
    struct story story;
    begin(&story, 2, 1);
    struct cluster *cluster = story.cluster;
    cluster_request(cluster, "DELETE", "/api/v1/nodes/virtual-1", NULL);
    cluster_run_ms(cluster, 60000);
    EXPECT_EQ(virtual_nodes_counts(story.nodes).nodes, 1);
    cluster_request(cluster, "GET", "/api/v1/nodes/virtual-1", NULL);
    EXPECT_CODE(cluster, 404);
    end(&story);
}

TEST_LIMIT(60, "a thousand pods on fifty nodes run in few commits, each with its own address")
{
    struct story story;
    begin(&story, 50, 1);
    struct cluster *cluster = story.cluster;
    virtual_nodes_stop(story.nodes);
    for (int i = 0; i < 1000; i++) {
        char name[32];
        snprintf(name, sizeof name, "pod-%d", i);
        create_pod(cluster, name, "", "");
    }
    start_nodes(&story, 50, 1, NULL);
    cluster_request(cluster, "GET", "/api/v1/namespaces/default/pods", NULL);
    int running = 0;
    struct map addresses;
    map_init_borrowing(&addresses);
    JSON_EACH(pod, json_get(cluster->object, "items")) {
        running += slice_is(json_string(json_at(pod, "status.phase")), "Running");
        map_set(&addresses, json_string(json_at(pod, "status.podIP")), pod);
    }
    EXPECT_EQ(running, 1000);
    EXPECT_EQ(addresses.count, 1000);
    map_release(&addresses);
    struct virtual_nodes_counts counts = virtual_nodes_counts(story.nodes);
    EXPECT_EQ(counts.pod_writes, 1000);
    EXPECT(counts.commits <= 1000 / 16 + 10); /* Leases too. */
    EXPECT_EQ(counts.waiting_pods, 0);
    end(&story);
}
