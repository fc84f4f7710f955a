/* Workloads in both versions, groups of pods, classes of priority. */
#include <stdio.h>

#include "core/kinds/meta.h"
#include "tests/unit/kind_fixture.h"

extern const struct kind kind_workload, kind_workload_v1alpha1, kind_pod_group, kind_priority_class;

#define WORKLOAD(spec) "{'metadata':{'name':'w'},'spec':{" spec "}}"
#define GANG(name, count) \
    "{'name':'" name "','schedulingPolicy':{'gang':{'minCount':" count "}}}"
#define OLD_GANG(name, count) "{'name':'" name "','policy':{'gang':{'minCount':" count "}}}"

static struct kind_fixture f;
static void begin(const struct kind *kind)
{
    kind_fixture_release(&f);
    kind_fixture_init(&f, kind);
}
static const char *refusal(const struct kind *kind, const char *object)
{
    begin(kind);
    return kind_create_error(&f, object);
}
static const char *change_refusal(const struct kind *kind, const char *before, const char *after,
                                  const char *part)
{
    begin(kind);
    return kind_update_error(&f, kind_create(&f, before), after, part, NULL);
}

/* --- Workload, v1beta1 --- */

TEST("a workload has one to eight groups with names of their own")
{
    EXPECT_TEXT(refusal(&kind_workload, WORKLOAD("'podGroupTemplates':[" GANG("a", "1") "]")), "");
    EXPECT_TEXT(refusal(&kind_workload,
                        WORKLOAD("'podGroupTemplates':[" GANG("a", "1") "," GANG("a", "1") "]")),
                "spec.podGroupTemplates[1].name: Duplicate value: \"a\"");
    EXPECT_TEXT(
        refusal(
            &kind_workload,
            WORKLOAD(
                "'podGroupTemplates':[" GANG("a", "1") "," GANG("b", "1") "," GANG("c", "1") "," GANG(
                    "d",
                    "1") "," GANG("e",
                                  "1") "," GANG("f",
                                                "1") "," GANG("g",
                                                              "1") "," GANG("h",
                                                                            "1") "," GANG("i",
                                                                                          "1") "]")),
        "spec.podGroupTemplates: Too many: 9: must have at most 8 items");
}
TEST("a group has one policy, and a gang at least one pod")
{
    EXPECT_TEXT(refusal(&kind_workload,
                        WORKLOAD("'podGroupTemplates':[{'name':'a','schedulingPolicy':{'basic':{},"
                                 "'gang':{'minCount':1}}}]")),
                "spec.podGroupTemplates[0].schedulingPolicy: Invalid value: \"{`basic`, `gang`}\": "
                "must specify exactly one of: `basic`, `gang`");
    EXPECT_TEXT(refusal(&kind_workload, WORKLOAD("'podGroupTemplates':[" GANG("a", "-1") "]")),
                "spec.podGroupTemplates[0].schedulingPolicy.gang.minCount: Invalid value: -1: must "
                "be greater than or equal to 1");
    EXPECT_TEXT(refusal(&kind_workload, WORKLOAD("'podGroupTemplates':[" GANG("a", "0") "]")),
                "spec.podGroupTemplates[0].schedulingPolicy.gang.minCount: Required value");
}
TEST("groups of a workload keep their number and their kind of policy; a gang may change in size")
{
    EXPECT_TEXT(change_refusal(&kind_workload, WORKLOAD("'podGroupTemplates':[" GANG("a", "1") "]"),
                               WORKLOAD("'podGroupTemplates':[" GANG("a", "2") "]"), NULL),
                "");
    EXPECT_TEXT(change_refusal(&kind_workload, WORKLOAD("'podGroupTemplates':[" GANG("a", "1") "]"),
                               WORKLOAD("'podGroupTemplates':[" GANG("b", "1") "]"), NULL),
                "[spec.podGroupTemplates[0]: Forbidden: item may not be added, "
                "spec.podGroupTemplates: Forbidden: item may not be removed]");
    EXPECT_TEXT(change_refusal(&kind_workload, WORKLOAD("'podGroupTemplates':[" GANG("a", "1") "]"),
                               WORKLOAD("'podGroupTemplates':[{'name':'a','schedulingPolicy':"
                                        "{'basic':{}}}]"),
                               NULL),
                "[spec.podGroupTemplates[0].schedulingPolicy.basic: Invalid value: null: field is "
                "immutable, spec.podGroupTemplates[0].schedulingPolicy.gang: Invalid value: null: "
                "field cannot be cleared once set]");
}

/* --- Workload, v1alpha1 --- */

TEST("the older version's refusals are the older version's")
{
    EXPECT_TEXT(refusal(&kind_workload_v1alpha1, WORKLOAD("'podGroups':[]")),
                "spec.podGroups: Required value: must have at least one item");
    EXPECT_TEXT(refusal(&kind_workload_v1alpha1, WORKLOAD("'podGroups':[" OLD_GANG("a", "0") "]")),
                "spec.podGroups[0].policy.gang.minCount: Invalid value: 0: must be greater than "
                "zero");
    EXPECT_TEXT(
        refusal(&kind_workload_v1alpha1, WORKLOAD("'podGroups':[{'name':'a','policy':{}}]")),
        "spec.podGroups[0].policy: Required value: exactly one of `basic`, `gang` is "
        "required");
    EXPECT_TEXT(
        change_refusal(&kind_workload_v1alpha1, WORKLOAD("'podGroups':[" OLD_GANG("a", "1") "]"),
                       WORKLOAD("'podGroups':[" OLD_GANG("a", "2") "]"), NULL),
        "podGroups: Invalid value: [{\"name\":\"a\",\"policy\":{\"gang\":{\"minCount\":2}}}]: "
        "field is immutable");
}

TEST("a write in the older version keeps what only the newer one knows")
{
    begin(&kind_workload);
    struct json *stored = kind_create(
        &f, WORKLOAD("'podGroupTemplates':[{'name':'a','schedulingPolicy':{'gang':{'minCount':3}},"
                     "'schedulingConstraints':{'topology':[{'key':'zone'}]},"
                     "'priorityClassName':'high'}]"));
    struct json *old = json_copy(&f.arena, stored);
    EXPECT_EQ(kind_workload_v1alpha1.from_stored(&f.context, old, &f.status), 0);
    EXPECT_TEXT(kind_show(&f, old, "apiVersion"), "'scheduling.k8s.io/v1alpha1'");
    EXPECT_TEXT(kind_show(&f, old, "spec"),
                "{'podGroups':[{'name':'a','policy':{'gang':{'minCount':3}}}]}");
    EXPECT_EQ(kind_workload_v1alpha1.to_stored(&f.context, old, stored, &f.status), 0);
    EXPECT_TEXT(kind_show(&f, old, "spec"), kind_show(&f, stored, "spec"));
}
TEST("a workload made in the older version is good in the newer")
{
    begin(&kind_workload_v1alpha1);
    struct json *made = kind_create(&f, WORKLOAD("'controllerRef':{'kind':'Job','name':'j'},"
                                                 "'podGroups':[" OLD_GANG("a", "2") "]"));
    EXPECT_EQ(kind_workload_v1alpha1.to_stored(&f.context, made, NULL, &f.status), 0);
    meta_remove(made, "resourceVersion");
    const char *text = kind_show(&f, made, "spec");
    EXPECT_TEXT(text, "{'controllerRef':{'kind':'Job','name':'j'},'podGroupTemplates':"
                      "[{'name':'a','schedulingPolicy':{'gang':{'minCount':2}}}]}");
    char again[512];
    snprintf(again, sizeof again, "{'metadata':{'name':'w'},'spec':%s}", text);
    EXPECT_TEXT(refusal(&kind_workload, again), "");
}

/* --- PodGroup --- */

#define GROUP(spec) "{'metadata':{'name':'g'},'spec':{" spec "}}"
#define TWO "'schedulingPolicy':{'gang':{'minCount':2}}"

TEST("a group says how it is scheduled, and where it came from stays")
{
    EXPECT_TEXT(refusal(&kind_pod_group, GROUP(TWO)), "");
    EXPECT_TEXT(refusal(&kind_pod_group, GROUP("")),
                "spec.schedulingPolicy: Invalid value: \"\": must specify one of: `basic`, `gang`");
    EXPECT_TEXT(change_refusal(&kind_pod_group, GROUP(TWO),
                               GROUP(TWO ",'workloadRef':{'workloadName':'w','templateName':'a'}"),
                               NULL),
                "spec.workloadRef: Invalid value: null: field is immutable");
}
TEST("the row of a group says why its pods wait")
{
    struct json *changed;
    begin(&kind_pod_group);
    struct json *group = kind_create(&f, GROUP(TWO));
    EXPECT_TEXT(kind_cells(&f, group), "['g','Gang','2','Pending','','0s','']");
    EXPECT_TEXT(kind_update_error(&f, group,
                                  "{'metadata':{'name':'g'},'status':{'conditions':[{'type':"
                                  "'PodGroupInitiallyScheduled','status':'False','reason':"
                                  "'Unschedulable','message':'1 of 2 fit',"
                                  "'lastTransitionTime':'2026-01-02T03:04:05Z'}]}}",
                                  "status", &changed),
                "");
    EXPECT_TEXT(kind_cells(&f, changed), "['g','Gang','2','Unschedulable','1 of 2 fit','0s','']");
    EXPECT_TEXT(
        kind_update_error(&f, group,
                          "{'metadata':{'name':'g'},'status':{'conditions':[{'type':'A'}]}}",
                          "status", NULL),
        "[status.conditions[0].status: Unsupported value: \"\": supported values: \"False\", "
        "\"True\", \"Unknown\", status.conditions[0].lastTransitionTime: Required value, "
        "status.conditions[0].reason: Required value]");
}

/* --- PriorityClass --- */

#define CLASS(name, members) "{'metadata':{'name':'" name "'}," members "}"

TEST("users' priorities end at a thousand millions; names of the system are its own")
{
    EXPECT_TEXT(refusal(&kind_priority_class, CLASS("a", "'value':1000000000")), "");
    EXPECT_TEXT(refusal(&kind_priority_class, CLASS("a", "'value':1000000001")),
                "value: Forbidden: maximum allowed value of a user defined priority is 1000000000");
    EXPECT_TEXT(refusal(&kind_priority_class, CLASS("system-a", "'value':1")),
                "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved "
                "for system use only. error: system-a is not a known system priority class");
    EXPECT_TEXT(refusal(&kind_priority_class, CLASS("system-node-critical", "'value':2000001000")),
                "");
}
TEST("what a class is worth stays")
{
    EXPECT_TEXT(change_refusal(&kind_priority_class, CLASS("a", "'value':1"),
                               CLASS("a", "'value':2"), NULL),
                "value: Forbidden: may not be changed in an update.");
    EXPECT_TEXT(change_refusal(&kind_priority_class, CLASS("a", "'value':1"),
                               CLASS("a", "'value':1,'preemptionPolicy':'Never'"), NULL),
                "preemptionPolicy: Invalid value: \"Never\": field is immutable");
    begin(&kind_priority_class);
    EXPECT_TEXT(kind_cells(&f, kind_create(&f, CLASS("a", "'value':-5,'globalDefault':true"))),
                "['a',-5,true,'0s','PreemptLowerPriority']");
}
