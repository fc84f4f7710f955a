/* Pods and gangs find their nodes, or hear why not. */
#include "tests/harness/cluster.h"

static void declare_gang(struct cluster *c, const char *name, int min_count)
{
    cluster_request(c, "POST", "/apis/scheduling.k8s.io/v1beta1/namespaces/default/podgroups",
                    arena_format(&c->arena,
                                 "{\"metadata\":{\"name\":\"%s\"},\"spec\":{\"schedulingPolicy\":"
                                 "{\"gang\":{\"minCount\":%d}}}}",
                                 name, min_count));
    EXPECT_CODE(c, 201);
}

static const char *condition(struct cluster *c, const char *pod, const char *field)
{
    cluster_node_of(c, pod);
    JSON_EACH(one, json_at(c->object, "status.conditions"))
        if (strcmp(json_text(json_get(one, "type")), "PodScheduled") == 0)
            return json_text(json_get(one, field));
    return "";
}

TEST("a pod waits for room, and is bound when a node gives it")
{
    struct cluster *c = cluster_start();
    cluster_start_scheduler(c);
    cluster_node(c, "small", "cpu=1,memory=1Gi");
    cluster_pod(c, "web", "cpu=2", NULL);
    cluster_run_ms(c, 100);
    EXPECT_TEXT(cluster_node_of(c, "web"), "");
    EXPECT_TEXT(condition(c, "web", "reason"), "Unschedulable");
    EXPECT_TEXT(condition(c, "web", "message"), "0/1 nodes are available: 1 Insufficient cpu.");
    cluster_node(c, "large", "cpu=4,memory=1Gi");
    cluster_run_ms(c, 100);
    EXPECT_TEXT(cluster_node_of(c, "web"), "large");
    EXPECT_TEXT(condition(c, "web", "status"), "True");
    cluster_stop(c);
}

TEST("nothing is held by a gang that is not complete")
{
    struct cluster *c = cluster_start();
    cluster_start_scheduler(c);
    cluster_node(c, "n", "cpu=4");
    declare_gang(c, "train", 3);
    cluster_pod(c, "train-0", "cpu=1", "train");
    cluster_pod(c, "train-1", "cpu=1", "train");
    cluster_run_ms(c, 1000);
    EXPECT_TEXT(cluster_node_of(c, "train-0"), "");
    cluster_pod(c, "other", "cpu=4", NULL);
    cluster_run_ms(c, 100);
    EXPECT_TEXT(cluster_node_of(c, "other"), "n");
    cluster_stop(c);
}

TEST("a gang that is complete is bound in one transaction")
{
    struct cluster *c = cluster_start();
    cluster_start_scheduler(c);
    cluster_node(c, "a", "cpu=2");
    cluster_node(c, "b", "cpu=2");
    declare_gang(c, "train", 4);
    for (int i = 0; i < 4; i++)
        cluster_pod(c, arena_format(&c->arena, "train-%d", i), "cpu=1", "train");
    cluster_run_ms(c, 100);
    int64_t revisions[4];
    for (int i = 0; i < 4; i++) {
        EXPECT(*cluster_node_of(c, arena_format(&c->arena, "train-%d", i)) != '\0');
        EXPECT(
            slice_to_int64(slice_of(cluster_text(c, "metadata.resourceVersion")), &revisions[i]));
        EXPECT(i == 0 || revisions[i] == revisions[i - 1] + 1);
    }
    cluster_request(c, "GET", "/apis/scheduling.k8s.io/v1beta1/namespaces/default/podgroups/train",
                    NULL);
    const struct json *told = json_first(json_at(c->object, "status.conditions"));
    EXPECT_TEXT(json_text(json_get(told, "type")), "PodGroupInitiallyScheduled");
    EXPECT_TEXT(json_text(json_get(told, "status")), "True");
    cluster_stop(c);
}

TEST("a gang that cannot fit is refused whole, and every pod hears why")
{
    struct cluster *c = cluster_start();
    cluster_start_scheduler(c);
    cluster_node(c, "a", "cpu=2");
    cluster_node(c, "b", "cpu=1");
    declare_gang(c, "train", 4);
    for (int i = 0; i < 4; i++)
        cluster_pod(c, arena_format(&c->arena, "train-%d", i), "cpu=1", "train");
    cluster_run_ms(c, 100);
    for (int i = 0; i < 4; i++)
        EXPECT_TEXT(cluster_node_of(c, arena_format(&c->arena, "train-%d", i)), "");
    EXPECT(strstr(condition(c, "train-3", "message"), "minCount (4)") != NULL);
    cluster_node(c, "c", "cpu=1");
    cluster_run_ms(c, 100);
    for (int i = 0; i < 4; i++)
        EXPECT(*cluster_node_of(c, arena_format(&c->arena, "train-%d", i)) != '\0');
    cluster_stop(c);
}

TEST("a cordoned node, a taint and a selector keep pods away")
{
    struct cluster *c = cluster_start();
    cluster_start_scheduler(c);
    cluster_request(c, "POST", "/api/v1/nodes",
                    "{\"metadata\":{\"name\":\"tainted\"},\"spec\":{\"taints\":[{\"key\":\"k\","
                    "\"effect\":\"NoSchedule\"}]},\"status\":{\"allocatable\":{\"cpu\":\"4\","
                    "\"pods\":\"110\"}}}");
    EXPECT_CODE(c, 201);
    cluster_node(c, "cordoned", "cpu=4");
    cluster_request_as(c, NULL, "PATCH", "/api/v1/nodes/cordoned", "application/merge-patch+json",
                       NULL, "{\"spec\":{\"unschedulable\":true}}");
    EXPECT_CODE(c, 200);
    cluster_pod(c, "web", "cpu=1", NULL);
    cluster_run_ms(c, 100);
    EXPECT_TEXT(condition(c, "web", "message"),
                "0/2 nodes are available: 1 node(s) had untolerated taint(s), 1 node(s) were "
                "unschedulable.");
    cluster_stop(c);
}
