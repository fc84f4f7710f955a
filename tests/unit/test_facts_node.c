/* Facts of nodes. */
#include "core/kinds/facts_node.h"
#include "core/kinds/facts_pod.h"
#include "tests/harness/json_quotes.h"

static struct arena arena;
static struct buffer bytes;
static struct facts_node facts_of(const char *quotes)
{
    struct facts_node facts;
    buffer_clear(&bytes);
    node_facts(json_quotes_read(&arena, quotes), &bytes);
    EXPECT(facts_node_read(buffer_slice(&bytes), &facts));
    return facts;
}
static void end(void)
{
    buffer_release(&bytes);
    arena_release(&arena);
}

TEST("what a node can give is told, capacity where nothing else is")
{
    struct facts_resource resource;
    struct facts_node facts = facts_of(
        "{'spec':{'unschedulable':true},'status':{'allocatable':{'cpu':'3900m','memory':'7Gi',"
        "'pods':'110','nvidia.com/gpu':'8'},'conditions':[{'type':'Ready','status':'False'}]}}");
    EXPECT_EQ(facts.cpu_millis, 3900);
    EXPECT_EQ(facts.memory, 7 * 1024LL * 1024 * 1024);
    EXPECT_EQ(facts.pods, 110);
    EXPECT(facts.is_unschedulable);
    EXPECT_EQ(facts.ready, NODE_CONDITION_FALSE);
    EXPECT(facts_take_resource(&facts.resources, &resource));
    EXPECT_SLICE(resource.name, "nvidia.com/gpu");
    EXPECT_EQ(resource.amount, 8);
    EXPECT(!facts_take_resource(&facts.resources, &resource));
    EXPECT_EQ(facts_of("{'status':{'capacity':{'cpu':'2'}}}").cpu_millis, 2000);
    EXPECT_EQ(facts_of("{}").ready, NODE_CONDITION_ABSENT);
    end();
}

TEST("taints stand in their order, with effect and time")
{
    struct facts_taint taint;
    struct facts_node facts =
        facts_of("{'spec':{'taints':[{'key':'a','value':'1','effect':'NoExecute',"
                 "'timeAdded':'2026-01-02T03:04:05Z'},{'key':'b','effect':'PreferNoSchedule'}]}}");
    EXPECT(facts_node_take_taint(&facts.taints, &taint));
    EXPECT_SLICE(taint.key, "a");
    EXPECT_SLICE(taint.value, "1");
    EXPECT_EQ(taint.effect, TAINT_NO_EXECUTE);
    EXPECT_EQ(taint.added_us, INT64_C(1767323045000000));
    EXPECT(facts_node_take_taint(&facts.taints, &taint));
    EXPECT_EQ(taint.effect, TAINT_PREFER_NO_SCHEDULE);
    EXPECT_EQ(taint.added_us, 0);
    EXPECT(!facts_node_take_taint(&facts.taints, &taint));
    end();
}

TEST("images are found by the hash of any of their names")
{
    uint64_t hash;
    int64_t size;
    struct facts_node facts = facts_of(
        "{'status':{'images':[{'names':['docker.io/library/nginx:latest'],'sizeBytes':7}]}}");
    EXPECT(facts_node_take_image(&facts.images, &hash, &size));
    EXPECT(hash == facts_image_hash(SLICE("nginx")));
    EXPECT_EQ(size, 7);
    EXPECT(!facts_node_take_image(&facts.images, &hash, &size));
    end();
}

TEST("a heartbeat leaves the shape of a node as it was; a taint does not")
{
    uint64_t shape = facts_of("{'status':{'capacity':{'cpu':'2'}}}").shape;
    EXPECT(facts_of("{'status':{'capacity':{'cpu':'2'},'conditions':[{'type':'Ready','status':"
                    "'True'}]}}")
               .shape == shape);
    EXPECT(facts_of("{'spec':{'taints':[{'key':'a'}]},'status':{'capacity':{'cpu':'2'}}}").shape !=
           shape);
    end();
}
