/* Facts of pods: sums of requests by upstream's formula, shapes, groups, ports. */
#include "core/kinds/facts_pod.h"
#include "core/kinds/pod_resources.h"
#include "tests/harness/json_quotes.h"

#include <stdio.h>

static struct arena arena;
static struct buffer bytes;
static struct facts_pod facts_of(const char *quotes)
{
    struct facts_pod facts;
    buffer_clear(&bytes);
    pod_facts(json_quotes_read(&arena, quotes), &bytes);
    /* An odd address, for nothing promises an even one. */
    char *odd = arena_alloc(&arena, bytes.size + 1);
    memcpy(odd + 1, bytes.data, bytes.size);
    EXPECT(facts_pod_read((struct slice){odd + 1, bytes.size}, &facts));
    return facts;
}
static void end(void)
{
    buffer_release(&bytes);
    arena_release(&arena);
}

#define ASKS(cpu, memory) "'resources':{'requests':{'cpu':'" cpu "','memory':'" memory "'}}"

TEST("requests of containers add up")
{
    struct facts_pod facts = facts_of(
        "{'spec':{'containers':[{" ASKS("250m", "1Gi") "},{" ASKS("1500m", "512Mi") "}]}}");
    EXPECT_EQ(facts.request_cpu_millis, 1750);
    EXPECT_EQ(facts.request_memory, (1024 + 512) * 1024LL * 1024);
    EXPECT_EQ(facts.limit_cpu_millis, 0);
    end();
}

TEST("init containers count by the largest, sidecars beside all that follow them")
{
    /* An init container of 2 before the sidecar, one of 1.5 beside it, containers of 1. */
    struct facts_pod facts = facts_of("{'spec':{'initContainers':[{" ASKS(
        "2", "1") "},"
                  "{'restartPolicy':'Always'," ASKS("700m", "1") "},{" ASKS(
                      "1500m", "1") "}],"
                                    "'containers':[{" ASKS("1", "1") "}]}}");
    EXPECT_EQ(facts.request_cpu_millis, 2200); /* max(2, 0.7 + 1.5, 0.7 + 1) */
    EXPECT_EQ(facts.request_memory, 2);
    facts = facts_of(
        "{'spec':{'initContainers':[{" ASKS("2", "1") "}],"
                                                      "'containers':[{" ASKS("1", "9") "}]}}");
    EXPECT_EQ(facts.request_cpu_millis, 2000);
    EXPECT_EQ(facts.request_memory, 9);
    end();
}

TEST("pod-level requests stand in place of the sum, overhead comes on top")
{
    struct facts_pod facts =
        facts_of("{'spec':{'overhead':{'cpu':'100m'},'resources':{'requests':{'cpu':'3'}},"
                 "'containers':[{" ASKS("1", "7") "}]}}");
    EXPECT_EQ(facts.request_cpu_millis, 3100);
    EXPECT_EQ(facts.request_memory, 7);
    end();
}

TEST("while a resize is going, the larger of spec and status is held")
{
    static const char pod[] = "{'spec':{'containers':[{'name':'c'," ASKS(
        "1", "1") "}]},'status':{%s"
                  "'containerStatuses':[{'name':'c','allocatedResources':{'cpu':'1500m'},"
                  "'resources':{'requests':{'cpu':'1600m'}}}]}}";
    struct facts_pod facts = facts_of(arena_format(&arena, pod, ""));
    EXPECT_EQ(facts.request_cpu_millis, 1600);
    /* What the node cannot give does not count. */
    facts = facts_of(arena_format(
        &arena,
        "{'spec':{'containers':[{'name':'c'," ASKS(
            "9", "1") "}]},'status':{"
                      "'conditions':[{'type':'PodResizePending','reason':'Infeasible'}],"
                      "'containerStatuses':[{'name':'c','resources':{'requests':{'cpu':'1'}}}]}}%s",
        ""));
    EXPECT_EQ(facts.request_cpu_millis, 1000);
    end();
}

TEST("a container that asks for nothing counts as something when nodes are scored")
{
    struct facts_pod facts = facts_of("{'spec':{'containers':[{},{" ASKS("1", "1Mi") "}]}}");
    EXPECT_EQ(facts.request_cpu_millis, 1000);
    EXPECT_EQ(facts.score_cpu_millis, 1100);
    EXPECT_EQ(facts.score_memory, 201 * 1024LL * 1024);
    end();
}

TEST("extended resources stand in order of their names")
{
    struct facts_resource resource;
    struct facts_pod facts =
        facts_of("{'spec':{'containers':[{'resources':{'requests':{'nvidia.com/gpu':'2','cpu':'1',"
                 "'example.com/fpga':'1'}}},{'resources':{'requests':{'nvidia.com/gpu':'6'}}}]}}");
    EXPECT(facts_take_resource(&facts.requests, &resource));
    EXPECT_SLICE(resource.name, "example.com/fpga");
    EXPECT_EQ(resource.amount, 1);
    EXPECT(facts_take_resource(&facts.requests, &resource));
    EXPECT_SLICE(resource.name, "nvidia.com/gpu");
    EXPECT_EQ(resource.amount, 8);
    EXPECT(!facts_take_resource(&facts.requests, &resource));
    end();
}

TEST("a container with many resources is summed too, beyond what a list holds in place")
{
    struct buffer text = {0};
    buffer_append_text(&text, "{'spec':{'containers':[{'resources':{'requests':{");
    for (int i = 0; i < 100; i++)
        buffer_format(&text, "%s'a.b/r%02d':'%d'", i > 0 ? "," : "", i, i);
    buffer_append_text(&text, "}}},{'resources':{'requests':{'a.b/r99':'1'}}}]}}");
    struct facts_pod facts = facts_of(text.data);
    struct facts_resource resource;
    for (int i = 0; i < 100; i++) {
        EXPECT(facts_take_resource(&facts.requests, &resource));
        EXPECT_EQ(resource.amount, i == 99 ? 100 : i);
    }
    EXPECT(!facts_take_resource(&facts.requests, &resource));
    buffer_release(&text);
    end();
}

TEST("host ports are those of containers and sidecars")
{
    struct facts_port port;
    struct facts_pod facts = facts_of(
        "{'spec':{'containers':[{'ports':[{'containerPort':1},{'containerPort':2,'hostPort':80,"
        "'protocol':'UDP','hostIP':'10.0.0.1'}]}],'initContainers':[{'ports':[{'hostPort':81}]},"
        "{'restartPolicy':'Always','ports':[{'hostPort':82,'protocol':'TCP'}]}]}}");
    EXPECT(facts_pod_take_port(&facts.host_ports, &port));
    EXPECT_EQ(port.port, 80);
    EXPECT_EQ(port.protocol, 'U');
    EXPECT_SLICE(port.ip, "10.0.0.1");
    EXPECT(facts_pod_take_port(&facts.host_ports, &port));
    EXPECT_EQ(port.port, 82);
    EXPECT(!facts_pod_take_port(&facts.host_ports, &port));
    end();
}

TEST("pods that differ only in name and labels have one shape")
{
    static const char first[] =
        "{'metadata':{'name':'a','namespace':'n','labels':{'x':'1','y':'2'}},'spec':{"
        "'nodeSelector':{'a':'1','b':'2'},'containers':[{'name':'c','image':'i'," ASKS("1",
                                                                                       "1") "}]}}";
    static const char second[] =
        "{'metadata':{'name':'b','namespace':'n','labels':{'y':'2','x':'1'}},'spec':{"
        "'containers':[{'name':'d','image':'j'," ASKS("1000m",
                                                      "1") "}],"
                                                           "'nodeSelector':{'b':'2','a':'1'}}}";
    static const char other[] = "{'metadata':{'namespace':'m'},'spec':{'containers':[{" ASKS(
        "1", "1") "}],"
                  "'nodeSelector':{'b':'2','a':'2'}}}";
    uint64_t shape = facts_of(first).shape, labels = facts_of(first).labels_hash;
    EXPECT(facts_of(second).shape == shape);
    EXPECT(facts_of(second).labels_hash == labels);
    EXPECT(facts_of(other).shape != shape);
    EXPECT(facts_of(other).labels_hash != labels);
    EXPECT_SLICE(facts_of(first).placement, "{\"nodeSelector\":{\"a\":\"1\",\"b\":\"2\"}}");
    end();
}

TEST("every thing that filters look at changes the shape")
{
    static const char *const pods[] = {
        "{'spec':{}}",
        "{'spec':{'priority':1}}",
        "{'spec':{'schedulerName':'other'}}",
        "{'spec':{'preemptionPolicy':'Never'}}",
        "{'spec':{'schedulingGates':[{'name':'a'}]}}",
        "{'spec':{'tolerations':[{'operator':'Exists'}]}}",
        ("{'spec':{'affinity':{'podAntiAffinity':{'requiredDuringSchedulingIgnoredDuringExecution':"
         "[{'topologyKey':'z'}]}}}}"),
        "{'spec':{'topologySpreadConstraints':[{'topologyKey':'z'}]}}",
        "{'spec':{'volumes':[{'name':'v','persistentVolumeClaim':{'claimName':'a'}}]}}",
        "{'spec':{'containers':[{'ports':[{'hostPort':1}]}]}}",
        "{'spec':{'containers':[{'resources':{'requests':{'ephemeral-storage':'1'}}}]}}",
        "{'spec':{'containers':[{'resources':{'requests':{'a.b/c':'1'}}}]}}",
    };
    uint64_t shapes[ARRAY_SIZE(pods)];
    for (size_t i = 0; i < ARRAY_SIZE(pods); i++) {
        shapes[i] = facts_of(pods[i]).shape;
        for (size_t j = 0; j < i; j++)
            EXPECT(shapes[i] != shapes[j]);
    }
    end();
}

TEST("a group is named by schedulingGroup, or by the three parts of workloadRef")
{
    EXPECT_SLICE(facts_of("{'spec':{'schedulingGroup':{'podGroupName':'g'}}}").group_name, "g");
    struct facts_pod facts =
        facts_of("{'spec':{'workloadRef':{'name':'w','podGroup':'g','podGroupReplicaKey':'0'}}}");
    EXPECT_SLICE(facts.group_name, "w-g-0.1.1");
    EXPECT_SLICE(facts.workload, "w");
    EXPECT_SLICE(facts.workload_group, "g");
    EXPECT_SLICE(facts.replica_key, "0");
    EXPECT_SLICE(facts_of("{'spec':{'workloadRef':{'name':'w','podGroup':'g'}}}").group_name,
                 "w-g.1");
    EXPECT_SLICE(facts_of("{'spec':{}}").group_name, "");
    end();
}

TEST("two workloadRefs never name one group")
{
    static const char *const references[] = {
        "'name':'a-b','podGroup':'c'",
        "'name':'a','podGroup':'b-c'",
        "'name':'a','podGroup':'b','podGroupReplicaKey':'c'",
        "'name':'a-b-c.1','podGroup':'1'",
        "'name':'a-b-c.1','podGroup':'c'",
        "'name':'a-b-c','podGroup':'1','podGroupReplicaKey':'1'",
    };
    char names[ARRAY_SIZE(references)][64], pod[160];
    for (size_t i = 0; i < ARRAY_SIZE(references); i++) {
        snprintf(pod, sizeof pod, "{'spec':{'workloadRef':{%s}}}", references[i]);
        snprintf(names[i], sizeof names[i], SLICE_FORMAT, SLICE_ARGS(facts_of(pod).group_name));
        for (size_t j = 0; j < i; j++)
            EXPECT(strcmp(names[i], names[j]) != 0);
    }
    end();
}

TEST("phase, flags and names are told")
{
    struct facts_pod facts = facts_of(
        "{'metadata':{'annotations':{'kubernetes.io/config.mirror':'x'}},'spec':{'nodeName':'n',"
        "'priority':-5,'hostNetwork':true,'activeDeadlineSeconds':1,'priorityClassName':'p',"
        "'affinity':{'nodeAffinity':{},'podAffinity':{'"
        "preferredDuringSchedulingIgnoredDuringExecution'"
        ":[{}]}}},'status':{'phase':'Running','qosClass':'Burstable','nominatedNodeName':'m',"
        "'startTime':'2026-01-02T03:04:05Z','conditions':[{'type':'Ready','status':'True'},"
        "{'type':'PodScheduled','status':'False'}]}}");
    EXPECT_EQ(facts.phase, POD_RUNNING);
    EXPECT_EQ(facts.qos, POD_BURSTABLE);
    EXPECT_EQ(facts.priority, -5);
    EXPECT_EQ(facts.started_us, INT64_C(1767323045000000));
    EXPECT_SLICE(facts.node_name, "n");
    EXPECT_SLICE(facts.nominated_node_name, "m");
    EXPECT_SLICE(facts.priority_class_name, "p");
    EXPECT_EQ(facts.flags, POD_IS_READY | POD_USES_HOST_NETWORK | POD_HAS_NODE_SELECTION |
                               POD_HAS_POD_AFFINITY | POD_HAS_DEADLINE | POD_IS_STATIC);
    end();
}

TEST("an image has one hash, however much of its name is written out")
{
    uint64_t hash = facts_image_hash(SLICE("nginx"));
    EXPECT(facts_image_hash(SLICE("nginx:latest")) == hash);
    EXPECT(facts_image_hash(SLICE("docker.io/library/nginx:latest")) == hash);
    EXPECT(facts_image_hash(SLICE("nginx:1")) != hash);
    EXPECT(facts_image_hash(SLICE("localhost:5000/nginx")) ==
           facts_image_hash(SLICE("localhost:5000/nginx:latest")));
    EXPECT(facts_image_hash(SLICE("a/b")) == facts_image_hash(SLICE("docker.io/a/b:latest")));
}

TEST("facts of something else, or cut short, are read as none or as empty")
{
    struct facts_pod facts;
    EXPECT(!facts_pod_read(SLICE(""), &facts));
    EXPECT(!facts_pod_read(SLICE("something else"), &facts));
    facts_of("{'spec':{'nodeName':'n','containers':[{" ASKS("1", "1") "}]}}");
    for (size_t size = 8; size < bytes.size; size++)
        EXPECT(facts_pod_read((struct slice){bytes.data, size}, &facts));
    end();
}
