/* Quotas, limits and leases: defaults, refusals, columns. */
#include "tests/unit/kind_fixture.h"

extern const struct kind kind_resource_quota, kind_limit_range, kind_lease;

#define QUOTA(spec) "{'metadata':{'name':'q'},'spec':{" spec "}}"
#define LIMITS(items) "{'metadata':{'name':'l'},'spec':{'limits':[" items "]}}"

static struct kind_fixture f;
static void begin(const struct kind *kind)
{
    kind_fixture_release(&f);
    kind_fixture_init(&f, kind);
}
static const char *refusal_of(const struct kind *kind, const char *object)
{
    begin(kind);
    return kind_create_error(&f, object);
}
static const char *quota_refusal(const char *object)
{
    return refusal_of(&kind_resource_quota, object);
}
static const char *limits_refusal(const char *object)
{
    return refusal_of(&kind_limit_range, object);
}

TEST("a quota bounds what can be counted")
{
    EXPECT_TEXT(quota_refusal(QUOTA("'hard':{'pods':10,'count/jobs.batch':1,'limits.cpu':2}")), "");
    EXPECT_TEXT(
        quota_refusal(QUOTA("'hard':{'people':1}")),
        "[spec.hard[people]: Invalid value: \"people\": must be a standard resource type or "
        "fully qualified, spec.hard[people]: Invalid value: \"people\": must be a standard "
        "resource for quota]");
    EXPECT_TEXT(quota_refusal(QUOTA("'hard':{'pods':'500m'}")),
                "spec.hard[pods]: Invalid value: \"500m\": must be an integer");
    EXPECT_TEXT(quota_refusal(QUOTA("'hard':{'pods':-1}")),
                "spec.hard[pods]: Invalid value: \"-1\": must be greater than or equal to 0");
}
TEST("scopes do not contradict each other, and fit the resources")
{
    EXPECT_TEXT(
        quota_refusal(QUOTA("'hard':{'pods':1},'scopes':['BestEffort','NotBestEffort']")),
        "spec.scopes: Invalid value: [\"BestEffort\",\"NotBestEffort\"]: conflicting scopes");
    EXPECT_TEXT(quota_refusal(QUOTA("'hard':{'services':1},'scopes':['Terminating']")),
                "spec.scopes: Invalid value: [\"Terminating\"]: unsupported scope applied to "
                "resource");
    EXPECT_TEXT(quota_refusal(QUOTA("'hard':{'pods':1},'scopeSelector':{'matchExpressions':["
                                    "{'scopeName':'PriorityClass','operator':'In'}]}")),
                "spec.scopeSelector.matchExpressions.values: Required value: must be at least one "
                "value when `operator` is 'In' or 'NotIn' for scope selector");
    begin(&kind_resource_quota);
    struct json *old = kind_create(&f, QUOTA("'hard':{'pods':1},'scopes':['BestEffort']"));
    EXPECT_TEXT(kind_update_error(&f, old, QUOTA("'hard':{'pods':2}"), NULL, NULL),
                "spec.scopes: Invalid value: null: field is immutable");
}
TEST("the row of a quota shows use and bound, limits apart")
{
    struct json *changed;
    begin(&kind_resource_quota);
    struct json *old = kind_create(&f, QUOTA("'hard':{'pods':10}"));
    EXPECT_TEXT(kind_update_error(&f, old,
                                  "{'metadata':{'name':'q'},'status':{'hard':{'pods':10,'cpu':'2',"
                                  "'limits.cpu':4},'used':{'pods':3,'cpu':'500m','limits.cpu':1}}}",
                                  "status", &changed),
                "");
    EXPECT_TEXT(kind_cells(&f, changed), "['q','cpu: 500m/2, pods: 3/10','limits.cpu: 1/4','0s']");
}

TEST("what a container's bounds leave out follows from the others")
{
    begin(&kind_limit_range);
    EXPECT_TEXT(kind_show(&f,
                          kind_create(&f, LIMITS("{'type':'Container','max':{'cpu':4},"
                                                 "'min':{'memory':'1Gi'}}")),
                          "spec.limits"),
                "[{'type':'Container','max':{'cpu':'4'},'min':{'memory':'1Gi'},"
                "'default':{'cpu':'4'},'defaultRequest':{'cpu':'4','memory':'1Gi'}}]");
    EXPECT_TEXT(
        kind_show(&f, kind_create(&f, LIMITS("{'type':'Pod','max':{'cpu':4}}")), "spec.limits"),
        "[{'type':'Pod','max':{'cpu':'4'}}]");
}
TEST("bounds are in order")
{
    EXPECT_TEXT(limits_refusal(LIMITS("{'type':'Pod','max':{'cpu':1},'min':{'cpu':2}}")),
                "spec.limits[0].min[cpu]: Invalid value: \"2\": min value 2 is greater than max "
                "value 1");
    EXPECT_TEXT(limits_refusal(LIMITS("{'type':'Pod','max':{'cpu':'2000m'},'min':{'cpu':2}}")), "");
    EXPECT_TEXT(limits_refusal(LIMITS("{'type':'Pod','maxLimitRequestRatio':{'cpu':'900m'}}")),
                "spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: \"900m\": ratio 900m is "
                "less than 1");
    EXPECT_TEXT(limits_refusal(LIMITS("{'type':'Pod','default':{'cpu':1}}")),
                "spec.limits[0].default: Forbidden: may not be specified when `type` is 'Pod'");
}
TEST("each type is bounded once, and is one that is known")
{
    EXPECT_TEXT(limits_refusal(LIMITS("{'type':'Pod'},{'type':'Pod'}")),
                "spec.limits[1].type: Duplicate value: \"Pod\"");
    EXPECT_TEXT(limits_refusal(LIMITS("{'type':'Node'}")),
                "spec.limits[0].type: Invalid value: \"Node\": must be a standard limit type or "
                "fully qualified");
    EXPECT_TEXT(limits_refusal(LIMITS("{'type':'PersistentVolumeClaim'}")),
                "spec.limits[0].limits: Required value: either minimum or maximum storage value is "
                "required, but neither was provided");
}

TEST("a lease lasts, and only those of nodes may be lost in a crash")
{
    EXPECT_TEXT(refusal_of(&kind_lease, "{'metadata':{'name':'l'},'spec':{"
                                        "'leaseDurationSeconds':0,'leaseTransitions':-1}}"),
                "[spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0, "
                "spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0]");
    EXPECT(kind_lease.is_relaxed(SLICE("kube-node-lease")));
    EXPECT(!kind_lease.is_relaxed(SLICE("kube-system")));
    begin(&kind_lease);
    EXPECT_TEXT(kind_cells(&f, kind_create(&f, "{'metadata':{'name':'l'},'spec':{"
                                               "'holderIdentity':'n1'}}")),
                "['l','n1','0s']");
}
