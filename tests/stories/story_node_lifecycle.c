/* Nodes that fall silent, and what becomes of their pods: times are upstream's, by a fake clock. */
#include "core/clock.h"
#include "tests/harness/cluster.h"

#define NS "/api/v1/namespaces/default"
#define LEASES "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases"

static struct cluster *start(void)
{
    struct cluster *cluster = cluster_start();
    cluster_start_controllers(cluster);
    cluster_run_ms(cluster, 100);
    return cluster;
}

static const char *format_time(struct cluster *cluster)
{
    char text[TIME_TEXT_SIZE];
    time_format_micro(clock_wall_us(loop_clock(cluster->loop)), text);
    return arena_copy_text(&cluster->arena, text);
}

static void patch(struct cluster *cluster, const char *path, const char *body)
{
    cluster_request_as(cluster, NULL, "PATCH", path, "application/strategic-merge-patch+json", NULL,
                       body);
    EXPECT_CODE(cluster, 200);
}

/* A node that says it is ready, in a zone. */
static void node(struct cluster *cluster, const char *name, const char *zone)
{
    cluster_request(cluster, "POST", "/api/v1/nodes",
                    arena_format(&cluster->arena,
                                 "{\"metadata\":{\"name\":\"%s\",\"labels\":{"
                                 "\"topology.kubernetes.io/zone\":\"%s\"}},\"status\":"
                                 "{\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}]}}",
                                 name, zone));
    EXPECT_CODE(cluster, 201);
    cluster_request(cluster, "POST", LEASES,
                    arena_format(&cluster->arena, "{\"metadata\":{\"name\":\"%s\"}}", name));
    EXPECT_CODE(cluster, 201);
}

static void renew(struct cluster *cluster, const char *name)
{
    patch(cluster, arena_format(&cluster->arena, LEASES "/%s", name),
          arena_format(&cluster->arena, "{\"spec\":{\"renewTime\":\"%s\"}}", format_time(cluster)));
}

/* Lets time pass while these nodes, "a b", renew their leases. */
static void run(struct cluster *cluster, int64_t seconds, const char *names)
{
    for (int64_t i = 0; i < seconds; i += 5) {
        struct slice rest = slice_of(names), name;
        while (*names && slice_split(&rest, ' ', &name))
            renew(cluster, arena_copy_slice(&cluster->arena, name));
        cluster_run_ms(cluster, seconds - i < 5 ? (seconds - i) * 1000 : 5000);
    }
}

static void set_ready(struct cluster *cluster, const char *name, const char *status)
{
    patch(cluster, arena_format(&cluster->arena, "/api/v1/nodes/%s/status", name),
          arena_format(&cluster->arena,
                       "{\"status\":{\"conditions\":[{\"type\":\"Ready\",\"status\":\"%s\","
                       "\"lastHeartbeatTime\":\"%.19sZ\",\"reason\":\"KubeletReady\"}]}}",
                       status, format_time(cluster)));
    cluster_run_ms(cluster, 100);
}

static const struct json *read_node(struct cluster *cluster, const char *name)
{
    cluster_request(cluster, "GET", arena_format(&cluster->arena, "/api/v1/nodes/%s", name), NULL);
    EXPECT_CODE(cluster, 200);
    return cluster->object;
}

static const char *ready(struct cluster *cluster, const char *name)
{
    JSON_EACH(condition, json_at(read_node(cluster, name), "status.conditions"))
        if (slice_is(json_string(json_get(condition, "type")), "Ready"))
            return json_text(json_get(condition, "status"));
    return "";
}

/* "unreachable:NoSchedule unreachable:NoExecute", without the prefix. */
static const char *taints(struct cluster *cluster, const char *name)
{
    struct buffer text = {0};
    JSON_EACH(taint, json_at(read_node(cluster, name), "spec.taints"))
        buffer_format(&text, "%s%s:%s", text.size > 0 ? " " : "",
                      strrchr(json_text(json_get(taint, "key")), '/') + 1,
                      json_text(json_get(taint, "effect")));
    const char *copy = arena_copy_slice(&cluster->arena, buffer_slice(&text));
    buffer_release(&text);
    return copy;
}

static void pod(struct cluster *cluster, const char *name, const char *node_name,
                const char *tolerations)
{
    cluster_request(cluster, "POST", NS "/pods",
                    arena_format(&cluster->arena,
                                 "{\"metadata\":{\"name\":\"%s\"},\"spec\":{\"nodeName\":\"%s\","
                                 "\"tolerations\":[%s],\"containers\":[{\"name\":\"c\",\"image\":"
                                 "\"i\"}]}}",
                                 name, node_name, tolerations));
    EXPECT_CODE(cluster, 201);
    patch(cluster, arena_format(&cluster->arena, NS "/pods/%s/status", name),
          "{\"status\":{\"phase\":\"Running\",\"conditions\":[{\"type\":\"Ready\",\"status\":"
          "\"True\"}]}}");
}

static int pod_code(struct cluster *cluster, const char *name)
{
    return cluster_request(cluster, "GET", arena_format(&cluster->arena, NS "/pods/%s", name),
                           NULL);
}

static bool is_deleting(struct cluster *cluster, const char *name)
{
    EXPECT_EQ(pod_code(cluster, name), 200);
    return *cluster_text(cluster, "metadata.deletionTimestamp");
}

static const char *pod_condition(struct cluster *cluster, const char *name, const char *type,
                                 const char *member)
{
    EXPECT_EQ(pod_code(cluster, name), 200);
    JSON_EACH(condition, json_at(cluster->object, "status.conditions"))
        if (slice_is(json_string(json_get(condition, "type")), type))
            return json_text(json_get(condition, member));
    return "";
}

TEST("a node that falls silent is Unknown after 50 s, not before, and all right when it is back")
{
    struct cluster *c = start();
    node(c, "lost", "");
    node(c, "here", "");
    pod(c, "p", "lost", "");
    run(c, 60, "lost here");
    EXPECT_TEXT(ready(c, "lost"), "True");
    EXPECT_TEXT(taints(c, "lost"), "");
    run(c, 44, "here");
    EXPECT_TEXT(ready(c, "lost"), "True");
    run(c, 17, "here");
    EXPECT_TEXT(ready(c, "lost"), "Unknown");
    EXPECT_TEXT(taints(c, "lost"), "unreachable:NoSchedule unreachable:NoExecute");
    EXPECT_TEXT(pod_condition(c, "p", "Ready", "status"), "False");
    EXPECT_TEXT(ready(c, "here"), "True");
    set_ready(c, "lost", "True");
    run(c, 5, "lost here");
    EXPECT_TEXT(ready(c, "lost"), "True");
    EXPECT_TEXT(taints(c, "lost"), "");
    cluster_stop(c);
}

TEST("a node that says that it is not ready is tainted so, and the taints follow what it says")
{
    struct cluster *c = start();
    node(c, "n", "");
    node(c, "here", "");
    run(c, 5, "n here");
    set_ready(c, "n", "False");
    EXPECT_TEXT(taints(c, "n"), "not-ready:NoSchedule");
    run(c, 10, "n here");
    EXPECT_TEXT(taints(c, "n"), "not-ready:NoSchedule not-ready:NoExecute");
    run(c, 65, "here");
    EXPECT_TEXT(taints(c, "n"), "unreachable:NoSchedule unreachable:NoExecute");
    cluster_stop(c);
}

TEST("pods leave a lost node when what they tolerate is over, and those that stay for ever stay")
{
    struct cluster *c = start();
    node(c, "lost", "");
    node(c, "here", "");
    pod(c, "default", "lost", ""); /* Admission gives it 300 s. */
    pod(c, "short", "lost",
        "{\"key\":\"node.kubernetes.io/unreachable\",\"operator\":\"Exists\",\"effect\":"
        "\"NoExecute\",\"tolerationSeconds\":30}");
    pod(c, "ever", "lost", "{\"operator\":\"Exists\"}");
    pod(c, "other", "here", "");
    run(c, 62, "here");
    EXPECT_TEXT(ready(c, "lost"), "Unknown");
    EXPECT(!is_deleting(c, "short"));
    run(c, 35, "here");
    EXPECT(is_deleting(c, "short"));
    EXPECT_TEXT(pod_condition(c, "short", "DisruptionTarget", "reason"), "DeletionByTaintManager");
    EXPECT(!is_deleting(c, "default"));
    run(c, 255, "here");
    EXPECT(!is_deleting(c, "default"));
    run(c, 20, "here");
    EXPECT(is_deleting(c, "default"));
    EXPECT(!is_deleting(c, "ever") && !is_deleting(c, "other"));
    cluster_stop(c);
}

TEST("a taint that somebody sets by hand evicts at once who does not bear it")
{
    struct cluster *c = start();
    node(c, "n", "");
    pod(c, "goes", "n", "");
    pod(c, "stays", "n", "{\"key\":\"dedicated\",\"operator\":\"Exists\"}");
    pod(c, "stays-a-while", "n",
        "{\"key\":\"dedicated\",\"operator\":\"Exists\",\"tolerationSeconds\":20,\"effect\":"
        "\"NoExecute\"}");
    run(c, 100, "n");
    patch(c, "/api/v1/nodes/n",
          "{\"spec\":{\"taints\":[{\"key\":\"dedicated\",\"effect\":\"NoExecute\"}]}}");
    run(c, 5, "n");
    EXPECT(is_deleting(c, "goes"));
    EXPECT(!is_deleting(c, "stays-a-while"));
    run(c, 20, "n");
    EXPECT(is_deleting(c, "stays-a-while"));
    EXPECT(!is_deleting(c, "stays"));
    cluster_stop(c);
}

TEST("pressure and a cordon are NoSchedule taints while they last")
{
    struct cluster *c = start();
    node(c, "n", "");
    patch(
        c, "/api/v1/nodes/n/status",
        "{\"status\":{\"conditions\":[{\"type\":\"MemoryPressure\",\"status\":\"True\"},{\"type\":"
        "\"DiskPressure\",\"status\":\"True\"},{\"type\":\"PIDPressure\",\"status\":\"True\"}]}}");
    patch(c, "/api/v1/nodes/n", "{\"spec\":{\"unschedulable\":true}}");
    run(c, 5, "n");
    EXPECT_TEXT(taints(c, "n"), "memory-pressure:NoSchedule disk-pressure:NoSchedule "
                                "pid-pressure:NoSchedule unschedulable:NoSchedule");
    patch(
        c, "/api/v1/nodes/n/status",
        "{\"status\":{\"conditions\":[{\"type\":\"MemoryPressure\",\"status\":\"False\"},{\"type\":"
        "\"DiskPressure\",\"status\":\"False\"},{\"type\":\"PIDPressure\",\"status\":\"False\"}]}"
        "}");
    patch(c, "/api/v1/nodes/n", "{\"spec\":{\"unschedulable\":null}}");
    run(c, 5, "n");
    EXPECT_TEXT(taints(c, "n"), "");
    cluster_stop(c);
}

TEST("a stall of our own counts against nobody")
{
    struct cluster *c = start();
    node(c, "n", "");
    node(c, "here", "");
    run(c, 30, "n here");
    /* Time goes by while nothing runs: neither timers nor what the nodes sent. */
    clock_manual_advance_us(CONTAINER_OF(loop_clock(c->loop), struct clock_manual, clock),
                            600 * INT64_C(1000000));
    cluster_run_ms(c, 20000);
    EXPECT_TEXT(ready(c, "n"), "True");
    run(c, 60, "here");
    EXPECT_TEXT(ready(c, "n"), "Unknown"); /* This one is really gone. */
    EXPECT_TEXT(ready(c, "here"), "True");
    cluster_stop(c);
}

TEST("where no node is ready nothing is evicted, and when one is back the others have their time")
{
    struct cluster *c = start();
    node(c, "a", "");
    node(c, "b", "");
    pod(c, "p", "a",
        "{\"key\":\"node.kubernetes.io/unreachable\",\"operator\":\"Exists\","
        "\"effect\":\"NoExecute\",\"tolerationSeconds\":1}");
    run(c, 400, "");
    EXPECT_TEXT(ready(c, "a"), "Unknown");
    EXPECT_TEXT(ready(c, "b"), "Unknown");
    EXPECT_TEXT(taints(c, "a"), "unreachable:NoSchedule");
    EXPECT(!is_deleting(c, "p"));
    set_ready(c, "b", "True");
    run(c, 60, "b");
    EXPECT_TEXT(taints(c, "b"), "");
    EXPECT_TEXT(taints(c, "a"), "unreachable:NoSchedule unreachable:NoExecute");
    EXPECT(is_deleting(c, "p"));
    cluster_stop(c);
}

static int64_t count_no_execute(struct cluster *cluster)
{
    int64_t count = 0;
    cluster_request(cluster, "GET", "/api/v1/nodes", NULL);
    JSON_EACH(one, json_get(cluster->object, "items"))
        JSON_EACH(taint, json_at(one, "spec.taints"))
            count += slice_is(json_string(json_get(taint, "effect")), "NoExecute");
    return count;
}

TEST("a zone loses a node every ten seconds, and none when most of a small zone is gone")
{
    struct cluster *c = start();
    for (int i = 0; i < 7; i++)
        node(c, arena_format(&c->arena, "a%d", i), "a");
    for (int i = 0; i < 4; i++)
        node(c, arena_format(&c->arena, "b%d", i), "b");
    run(c, 5, "a0 a1 a2 a3 a4 a5 a6 b0 b1 b2 b3");
    /* Two of seven in a; three of four in b. */
    run(c, 57, "a2 a3 a4 a5 a6 b3");
    EXPECT_TEXT(ready(c, "a0"), "Unknown");
    EXPECT_TEXT(ready(c, "b0"), "Unknown");
    int64_t first = count_no_execute(c);
    EXPECT(first >= 1 && first <= 2); /* One of a; of b one may go before b is known to be lost. */
    run(c, 12, "a2 a3 a4 a5 a6 b3");
    EXPECT_EQ(count_no_execute(c), first + 1);
    run(c, 60, "a2 a3 a4 a5 a6 b3");
    EXPECT_EQ(count_no_execute(c), first + 1);
    cluster_stop(c);
}

/* --- Pods that nobody else ends --- */

TEST("pods of a node that is gone end after 40 s, and say why")
{
    struct cluster *c = start();
    node(c, "n", "");
    pod(c, "p", "n", "{\"operator\":\"Exists\"}");
    run(c, 60, "n");
    cluster_request_as(c, NULL, "PATCH", NS "/pods/p", "application/merge-patch+json", NULL,
                       "{\"metadata\":{\"finalizers\":[\"example.com/look\"]}}");
    cluster_request(c, "DELETE", "/api/v1/nodes/n", NULL);
    cluster_run_ms(c, 39000);
    EXPECT(!is_deleting(c, "p"));
    cluster_run_ms(c, 25000);
    EXPECT(is_deleting(c, "p"));
    EXPECT_TEXT(cluster_text(c, "status.phase"), "Failed");
    EXPECT_TEXT(pod_condition(c, "p", "DisruptionTarget", "message"),
                "PodGC: node no longer exists");
    cluster_stop(c);
}

TEST("a node that is back in time keeps its pods")
{
    struct cluster *c = start();
    node(c, "n", "");
    pod(c, "p", "n", "{\"operator\":\"Exists\"}");
    cluster_request(c, "DELETE", "/api/v1/nodes/n", NULL);
    cluster_run_ms(c, 30000);
    cluster_request(c, "POST", "/api/v1/nodes", "{\"metadata\":{\"name\":\"n\"}}");
    cluster_run_ms(c, 40000);
    EXPECT(!is_deleting(c, "p"));
    cluster_stop(c);
}

TEST("of pods that have ended the oldest go when there are more than are kept")
{
    struct cluster *c = cluster_start();
    c->controllers.terminated_pods = 2;
    cluster_start_controllers(c);
    node(c, "n", "");
    for (int i = 0; i < 4; i++) {
        const char *name = arena_format(&c->arena, "p%d", i);
        pod(c, name, "n", "");
        patch(c, arena_format(&c->arena, NS "/pods/%s/status", name),
              "{\"status\":{\"phase\":\"Succeeded\"}}");
        cluster_run_ms(c, 1500);
    }
    run(c, 45, "n");
    EXPECT_EQ(pod_code(c, "p0"), 404);
    EXPECT_EQ(pod_code(c, "p1"), 404);
    EXPECT_EQ(pod_code(c, "p2"), 200);
    EXPECT_EQ(pod_code(c, "p3"), 200);
    cluster_stop(c);
}

TEST("deleted pods go by force where their node is lost and said to be out of service")
{
    struct cluster *c = start();
    node(c, "n", "");
    node(c, "here", "");
    pod(c, "p", "n", "{\"operator\":\"Exists\"}");
    run(c, 70, "here");
    EXPECT_TEXT(ready(c, "n"), "Unknown");
    cluster_request(c, "DELETE", NS "/pods/p", NULL);
    run(c, 60, "here");
    EXPECT(is_deleting(c, "p"));
    patch(c, "/api/v1/nodes/n",
          "{\"spec\":{\"taints\":[{\"key\":\"node.kubernetes.io/out-of-service\",\"value\":"
          "\"nodeshutdown\",\"effect\":\"NoExecute\"}]}}");
    run(c, 25, "here");
    EXPECT_EQ(pod_code(c, "p"), 404);
    cluster_stop(c);
}
