/* An agent far from its server: what it makes of pods, and what a cut, an end or a reboot do. */
#include <stdio.h>

#include "core/net/network.h"
#include "tests/harness/far_node.h"

#define PODS "/api/v1/namespaces/default/pods"

static void run_ms(struct far_node *node, int64_t ms)
{
    cluster_run_ms(node->cluster, ms);
}

static void cut(struct far_node *node)
{
    network_cut(network_of(node->cluster->loop), FAR_SERVER);
}
static void mend(struct far_node *node)
{
    network_mend(network_of(node->cluster->loop), FAR_SERVER);
}

static void make_pod(struct far_node *node, const char *name, const char *more)
{
    struct buffer body = {0};
    buffer_format(&body,
                  "{\"metadata\":{\"name\":\"%s\"},\"spec\":{\"nodeName\":\"" FAR_NODE "\",%s"
                  "\"containers\":[{\"name\":\"c\",\"image\":\"busybox\"}]}}",
                  name, more);
    cluster_request(node->cluster, "POST", PODS, body.data);
    EXPECT_CODE(node->cluster, 201);
    buffer_release(&body);
}

static int get(struct far_node *node, const char *name)
{
    char path[120];
    snprintf(path, sizeof path, PODS "/%s", name);
    return cluster_request(node->cluster, "GET", path, NULL);
}

static void delete_pod(struct far_node *node, const char *name)
{
    char path[120];
    snprintf(path, sizeof path, PODS "/%s", name);
    cluster_request(node->cluster, "DELETE", path, NULL);
    EXPECT_CODE(node->cluster, 200);
}

static const char *text(struct far_node *node, const char *path)
{
    return cluster_text(node->cluster, path);
}

#define EXPECT_PHASE(node, name, phase) \
    (get(node, name), EXPECT_TEXT(text(node, "status.phase"), phase))

static int count_lines(const struct far_node *node, const char *line)
{
    int count = 0;
    for (const char *at = node->fake.lines.data; at && (at = strstr(at, line)) != NULL; at++)
        count++;
    return count;
}

TEST("an agent registers its node, and keeps its Lease")
{
    struct far_node node;
    far_node_open(&node);
    far_node_start(&node);
    run_ms(&node, 3000);
    EXPECT_EQ(cluster_request(node.cluster, "GET", "/api/v1/nodes/" FAR_NODE, NULL), 200);
    EXPECT_TEXT(text(&node, "status.capacity.cpu"), "4");
    EXPECT_TEXT(text(&node, "status.allocatable.memory"), "8092Mi");
    const char *lease = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/" FAR_NODE;
    EXPECT_EQ(cluster_request(node.cluster, "GET", lease, NULL), 200);
    char before[64];
    snprintf(before, sizeof before, "%s", text(&node, "spec.renewTime"));
    run_ms(&node, 11000);
    cluster_request(node.cluster, "GET", lease, NULL);
    EXPECT(strcmp(before, text(&node, "spec.renewTime")) != 0);
    far_node_close(&node);
}

TEST("a node that somebody deletes is made again")
{
    struct far_node node;
    far_node_open(&node);
    far_node_start(&node);
    run_ms(&node, 3000);
    cluster_request(node.cluster, "DELETE", "/api/v1/nodes/" FAR_NODE, NULL);
    cluster_request(node.cluster, "DELETE",
                    "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/" FAR_NODE,
                    NULL);
    run_ms(&node, 25000);
    EXPECT_EQ(cluster_request(node.cluster, "GET", "/api/v1/nodes/" FAR_NODE, NULL), 200);
    far_node_close(&node);
}

TEST("a pod bound to the node runs, and its status says so; deleted, it ends and goes")
{
    struct far_node node;
    far_node_open(&node);
    far_node_start(&node);
    run_ms(&node, 1000);
    make_pod(&node, "web", "");
    run_ms(&node, 1000);
    EXPECT_PHASE(&node, "web", "Running");
    EXPECT_TEXT(text(&node, "status.podIP"), "10.0.0.9");
    EXPECT_TEXT(text(&node, "status.hostIP"), "192.168.0.1");
    delete_pod(&node, "web");
    run_ms(&node, 40000);
    EXPECT_EQ(get(&node, "web"), 404);
    run_ms(&node, 1000);
    EXPECT_EQ(kubelet_pod_count(node.kubelet), 0);
    EXPECT(!node.fake.has_sandbox && list_is_empty(&node.fake.runs));
    EXPECT_EQ(node.cleaned, 1);
    far_node_close(&node);
}

TEST("a pod with a finalizer ends once, and goes when the finalizer does")
{
    struct far_node node;
    far_node_open(&node);
    far_node_start(&node);
    run_ms(&node, 1000);
    make_pod(&node, "web", "");
    cluster_request_as(node.cluster, NULL, "PATCH", PODS "/web", "application/merge-patch+json",
                       NULL, "{\"metadata\":{\"finalizers\":[\"example.com/wait\"]}}");
    EXPECT_CODE(node.cluster, 200);
    run_ms(&node, 1000);
    delete_pod(&node, "web");
    run_ms(&node, 60000);
    EXPECT_EQ(get(&node, "web"), 200);
    EXPECT_EQ(node.cleaned, 1);
    cluster_request_as(node.cluster, NULL, "PATCH", PODS "/web", "application/merge-patch+json",
                       NULL, "{\"metadata\":{\"finalizers\":null}}");
    run_ms(&node, 2000);
    EXPECT_EQ(get(&node, "web"), 404);
    EXPECT_EQ(node.cleaned, 1);
    EXPECT_EQ(kubelet_pod_count(node.kubelet), 0);
    far_node_close(&node);
}

TEST("without a server pods go on, are restarted, and it hears of it later; nothing starts anew")
{
    struct far_node node;
    static struct fake_script scripts[] = {{.name = "c", .runs_us = 60000000, .exit_code = 3}};
    far_node_open(&node);
    node.fake.scripts = scripts;
    node.fake.script_count = 1;
    far_node_start(&node);
    run_ms(&node, 1000);
    make_pod(&node, "web", "");
    run_ms(&node, 1000);
    EXPECT_PHASE(&node, "web", "Running");
    cut(&node);
    run_ms(&node, 200000);
    int starts = count_lines(&node, "start c");
    EXPECT(starts >= 3);
    get(&node, "web");
    EXPECT(strstr(node.cluster->reply, "\"restartCount\":0") != NULL);
    mend(&node);
    run_ms(&node, 61000);
    EXPECT(count_lines(&node, "start c") <= starts + 1);
    EXPECT_EQ(count_lines(&node, "run_sandbox"), 1);
    get(&node, "web");
    EXPECT(strstr(node.cluster->reply, "\"restartCount\":") != NULL);
    EXPECT(strstr(node.cluster->reply, "\"restartCount\":0") == NULL);
    far_node_close(&node);
}

TEST("an agent that comes back adopts what runs and starts nothing twice")
{
    struct far_node node;
    far_node_open(&node);
    far_node_start(&node);
    run_ms(&node, 1000);
    make_pod(&node, "one", "");
    make_pod(&node, "two", "");
    run_ms(&node, 1000);
    for (int i = 0; i < 5; i++) {
        far_node_stop(&node);
        far_node_start(&node);
        run_ms(&node, 2000);
    }
    EXPECT_EQ(count_lines(&node, "run_sandbox"), 2);
    EXPECT_EQ(count_lines(&node, "start c"), 2);
    EXPECT_PHASE(&node, "one", "Running");
    EXPECT_PHASE(&node, "two", "Running");
    far_node_close(&node);
}

TEST("what was deleted while the agent was away ends when it is back")
{
    struct far_node node;
    far_node_open(&node);
    far_node_start(&node);
    run_ms(&node, 1000);
    make_pod(&node, "web", "");
    run_ms(&node, 1000);
    far_node_stop(&node);
    cluster_request(node.cluster, "DELETE", PODS "/web?gracePeriodSeconds=0", NULL);
    EXPECT_EQ(get(&node, "web"), 404);
    far_node_start(&node);
    run_ms(&node, 2000);
    EXPECT(node.fake.has_sandbox); /* It is on disk: not without the server's word. */
    EXPECT(kubelet_has_unknown(node.kubelet));
    kubelet_let_unknown_go(node.kubelet);
    run_ms(&node, 5000);
    EXPECT(!node.fake.has_sandbox);
    EXPECT_EQ(kubelet_pod_count(node.kubelet), 0);
    far_node_close(&node);
}

TEST("after a reboot without a server pods come back by what is on disk")
{
    struct far_node node;
    far_node_open(&node);
    far_node_start(&node);
    run_ms(&node, 1000);
    make_pod(&node, "web", "");
    make_pod(&node, "done", "\"restartPolicy\":\"Never\",");
    run_ms(&node, 1000);
    far_node_stop(&node);
    runtime_fake_lose_all(&node.fake);
    buffer_clear(&node.fake.lines);
    cut(&node);
    far_node_start(&node);
    run_ms(&node, 30000);
    EXPECT_EQ(count_lines(&node, "start c"), 1); /* Never means never. */
    EXPECT(node.fake.has_sandbox);
    mend(&node);
    run_ms(&node, 61000);
    EXPECT_PHASE(&node, "web", "Running");
    EXPECT(strstr(node.cluster->reply, "\"restartCount\":1") != NULL);
    EXPECT_PHASE(&node, "done", "Failed");
    far_node_close(&node);
}

TEST("a namesake is another pod: the old one ends, the new one runs")
{
    struct far_node node;
    far_node_open(&node);
    far_node_start(&node);
    run_ms(&node, 1000);
    make_pod(&node, "web", "");
    run_ms(&node, 1000);
    cut(&node);
    cluster_request(node.cluster, "DELETE", PODS "/web?gracePeriodSeconds=0", NULL);
    make_pod(&node, "web", "");
    mend(&node);
    run_ms(&node, 90000);
    EXPECT_PHASE(&node, "web", "Running");
    EXPECT_EQ(kubelet_pod_count(node.kubelet), 1);
    EXPECT_EQ(count_lines(&node, "run_sandbox"), 2);
    EXPECT_EQ(count_lines(&node, "remove_sandbox"), 1);
    far_node_close(&node);
}

TEST("what runs and nobody knows of is an orphan, and ends")
{
    struct far_node node;
    far_node_open(&node);
    far_node_start(&node);
    run_ms(&node, 1000);
    make_pod(&node, "web", "");
    run_ms(&node, 1000);
    far_node_stop(&node);
    cluster_request(node.cluster, "DELETE", PODS "/web?gracePeriodSeconds=0", NULL);
    node.folder = test_folder(); /* The disk has forgotten it as well. */
    far_node_start(&node);
    run_ms(&node, 5000);
    EXPECT(!node.fake.has_sandbox && list_is_empty(&node.fake.runs));
    far_node_close(&node);
}
