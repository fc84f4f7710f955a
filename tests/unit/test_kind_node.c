/* Nodes: defaults, refusals, what may change, columns. */
#include "core/kinds/meta.h"
#include "tests/unit/kind_fixture.h"

extern const struct kind kind_node;

#define NODE(members) "{'metadata':{'name':'n1'}," members "}"

static struct kind_fixture f;
static void begin(void)
{
    kind_fixture_release(&f);
    kind_fixture_init(&f, &kind_node);
}
static const char *refusal(const char *node)
{
    begin();
    return kind_create_error(&f, node);
}
static const char *change_refusal(const char *before, const char *after, const char *part)
{
    begin();
    return kind_update_error(&f, kind_create(&f, before), after, part, NULL);
}

TEST("what a node can give is what it has, unless it says less")
{
    begin();
    struct json *node = kind_create(&f, NODE("'status':{'capacity':{'cpu':'1500u','pods':110}}"));
    EXPECT_TEXT(kind_show(&f, node, "status.allocatable"), "{'cpu':'2m','pods':'110'}");
    node = kind_create(&f, NODE("'status':{'capacity':{'cpu':4},'allocatable':{'cpu':3}}"));
    EXPECT_TEXT(kind_show(&f, node, "status.allocatable.cpu"), "'3'");
}

TEST("podCIDR and the first of podCIDRs are one; podCIDR is believed")
{
    begin();
    struct json *node = kind_create(&f, NODE("'spec':{'podCIDRs':['10.0.0.0/24','fd00::/64']}"));
    EXPECT_TEXT(kind_show(&f, node, "spec.podCIDR"), "'10.0.0.0/24'");
    node = kind_create(&f, NODE("'spec':{'podCIDR':'10.1.0.0/24','podCIDRs':['10.0.0.0/24']}"));
    EXPECT_TEXT(kind_show(&f, node, "spec.podCIDRs"), "['10.1.0.0/24']");
}

TEST("taints are unique by key and effect, and told under metadata")
{
    EXPECT_TEXT(refusal(NODE("'spec':{'taints':[{'key':'a','effect':'NoSchedule'},"
                             "{'key':'a','value':'2','effect':'NoSchedule'}]}")),
                "metadata.taints[1]: Duplicate value: {\"Key\":\"a\",\"Value\":\"2\","
                "\"Effect\":\"NoSchedule\",\"TimeAdded\":null}: taints must be unique by key and "
                "effect pair");
    EXPECT_TEXT(refusal(NODE("'spec':{'taints':[{'key':'a','effect':'NoSchedule'},"
                             "{'key':'a','effect':'NoExecute'}]}")),
                "");
    EXPECT_TEXT(refusal(NODE("'spec':{'taints':[{'key':'a','effect':'Never'}]}")),
                "metadata.taints[0].effect: Unsupported value: \"Never\": supported values: "
                "\"NoSchedule\", \"PreferNoSchedule\", \"NoExecute\"");
    EXPECT_TEXT(refusal(NODE("'spec':{'taints':[{'key':'a'}]}")),
                "metadata.taints[0].effect: Required value");
}

TEST("amounts of things that cannot be parted are whole")
{
    EXPECT_TEXT(refusal(NODE("'status':{'capacity':{'pods':'500m'}}")),
                "[status.capacity.pods: Invalid value: \"500m\": must be an integer, "
                "status.allocatable.pods: Invalid value: \"500m\": must be an integer]");
    EXPECT_TEXT(
        refusal(NODE("'status':{'capacity':{'cpu':'-1'}}")),
        "[status.capacity.cpu: Invalid value: \"-1\": must be greater than or equal to 0, "
        "status.allocatable.cpu: Invalid value: \"-1\": must be greater than or equal to 0]");
}

TEST("one range of addresses for each family")
{
    EXPECT_TEXT(refusal(NODE("'spec':{'podCIDRs':['10.0.0.0/24','10.1.0.0/24']}")),
                "spec.podCIDRs: Invalid value: [\"10.0.0.0/24\",\"10.1.0.0/24\"]: may specify no "
                "more than one CIDR for each IP family");
    EXPECT_TEXT(refusal(NODE("'spec':{'podCIDR':'10.0.0.0/33'}")),
                "spec.podCIDRs[0]: Invalid value: \"10.0.0.0/33\": must be a valid CIDR value, "
                "(e.g. 10.9.8.0/24 or 2001:db8::/64)");
}

TEST("what ties a node to its machine is given once")
{
    EXPECT_TEXT(change_refusal(NODE("'spec':{'podCIDR':'10.0.0.0/24'}"),
                               NODE("'spec':{'podCIDR':'10.1.0.0/24'}"), NULL),
                "spec.podCIDRs: Forbidden: node updates may not change podCIDR except from \"\" to "
                "valid");
    EXPECT_TEXT(change_refusal(NODE("'spec':{'providerID':'a'}"), NODE("'spec':{}"), NULL),
                "spec.providerID: Forbidden: node updates may not change providerID except from "
                "\"\" to valid");
    EXPECT_TEXT(change_refusal(NODE("'spec':{}"),
                               NODE("'spec':{'providerID':'a','podCIDR':'10.1.0.0/24'}"), NULL),
                "");
}

TEST("a status is kept on create, by the status alone after that")
{
    begin();
    struct json *changed;
    struct json *node = kind_create(&f, NODE("'status':{'phase':'Running'}"));
    EXPECT_TEXT(kind_show(&f, node, "status.phase"), "'Running'");
    EXPECT_TEXT(kind_update_error(
                    &f, node, NODE("'spec':{'unschedulable':true},'status':{'phase':'Pending'}"),
                    NULL, &changed),
                "");
    EXPECT_TEXT(kind_show(&f, changed, "status.phase"), "'Running'");
    EXPECT_TEXT(
        kind_update_error(&f, changed, NODE("'status':{'phase':'Pending'}"), "status", &changed),
        "");
    EXPECT_TEXT(kind_show(&f, changed, "status.phase"), "'Pending'");
    EXPECT_TEXT(kind_show(&f, changed, "spec"), "{'unschedulable':true}");
    EXPECT_TEXT(kind_update_error(&f, node,
                                  NODE("'status':{'addresses':[{'type':'Hostname','address':'a'},"
                                       "{'type':'Hostname','address':'a'}]}"),
                                  "status", NULL),
                "status.addresses[1]: Duplicate value: {\"Type\":\"Hostname\",\"Address\":\"a\"}");
}

TEST("the row of a node")
{
    begin();
    EXPECT_TEXT(kind_cells(&f, kind_create(&f, NODE("'spec':{}"))),
                "['n1','Unknown','<none>','0s','','<none>','<none>','<unknown>','<unknown>',"
                "'<unknown>']");
    EXPECT_TEXT(
        kind_cells(&f,
                   kind_create(
                       &f,
                       "{'metadata':{'name':'n1','labels':{'node-role.kubernetes.io/worker':'',"
                       "'kubernetes.io/role':'control-plane'}},"
                       "'spec':{'unschedulable':true},'status':{'conditions':[{'type':'Ready',"
                       "'status':'True'}],'nodeInfo':{'kubeletVersion':'v1.35.0',"
                       "'osImage':'Linux','kernelVersion':'6.1','containerRuntimeVersion':'c://1'},"
                       "'addresses':[{'type':'InternalIP','address':'10.0.0.1'},"
                       "{'type':'InternalIP','address':'fd00::1'},"
                       "{'type':'ExternalIP','address':'192.0.2.1'}]}}")),
        "['n1','Ready,SchedulingDisabled','control-plane,worker','0s','v1.35.0','10.0.0.1',"
        "'192.0.2.1','Linux','6.1','c://1']");
}
