/* Server-side apply: what upstream's field managers do, step by step, on one object. */
#include "core/kinds/apply.h"
#include "core/kinds/types.h"
#include "tests/harness/json_quotes.h"

#define NOON INT64_C(1767268800000000) /* 2026-01-01T12:00:00Z */
#define T0 "'time':'2026-01-01T12:00:00Z'"
#define T1 "'time':'2026-01-01T12:00:01Z'"

static struct arena arena;
static struct status status;

/* One object as the store has it, and who writes it. */
static struct apply_writer writer = {
    .type = &type_deployment,
    .api_version = "apps/v1",
    .kind = "Deployment",
    .manager = "alice",
    .now_us = NOON,
};
static struct json *object; /* NULL: none yet. */
static struct slice managed;

static void keep_managed(struct buffer *text)
{
    managed = (struct slice){arena_copy_slice(&arena, buffer_slice(text)), text->size};
    buffer_release(text);
}

static const char *managed_text(void)
{
    return json_quotes_turn(arena_copy_slice(&arena, managed), '"', '\'');
}

/* Writes the whole object as manager; the clock goes on by a second. */
static void update(const char *manager, const char *quotes)
{
    struct buffer text = {0};
    struct json *next = json_quotes_read(&arena, quotes);
    writer.manager = manager;
    apply_update_managed_fields(&writer, &arena, object, next, managed, &text);
    keep_managed(&text);
    object = next;
    writer.now_us += 1000000;
}

/* Applies as manager: NULL, or the message of the failure. */
static const char *apply_as(const char *manager, bool force, const char *quotes)
{
    struct buffer text = {0};
    struct json *merged;
    writer.manager = manager;
    status_release(&status);
    status_init(&status);
    int failed = apply_patch(&writer, force, &arena, object, json_quotes_read(&arena, quotes),
                             managed, &merged, &text, &status);
    writer.now_us += 1000000;
    if (failed)
        return status.message;
    keep_managed(&text);
    object = merged;
    return NULL;
}

static void expect_spec(const char *quotes)
{
    EXPECT_TEXT(json_quotes_show(&arena, json_get(object, "spec")), quotes);
}

#define HEAD "'apiVersion':'apps/v1','kind':'Deployment','metadata':{'name':'web'}"
#define OBJECT(spec) "{" HEAD ",'spec':" spec "}"

/* An entry, as it is printed. */
#define ENTRY(manager, operation, time, fields)                                         \
    "{'manager':'" manager "','operation':'" operation "','apiVersion':'apps/v1'," time \
    ",'fieldsType':'FieldsV1','fieldsV1':" fields "}"

/* --- Updates --- */

TEST("whoever creates an object owns what its body says, but not its name")
{
    update("alice", "{'apiVersion':'apps/v1','kind':'Deployment','metadata':{'name':'web',"
                    "'namespace':'n','uid':'u','generation':1,'labels':{'b':'1','a':'2'}},"
                    "'spec':{'replicas':3,'strategy':{'type':'Recreate'},'template':{'spec':"
                    "{'containers':[{'name':'c','image':'i','resources':{},"
                    "'ports':[{'containerPort':443,'protocol':'TCP'},"
                    "{'containerPort':80,'protocol':'TCP'}]}],"
                    "'volumes':[{'name':'v','emptyDir':{}}]}}},'status':{}}");
    EXPECT_TEXT(
        managed_text(),
        "[" ENTRY("alice", "Update", T0,
                  "{'f:metadata':{'f:labels':{'.':{},'f:a':{},'f:b':{}}},"
                  "'f:spec':{'f:replicas':{},'f:strategy':{'f:type':{}},'f:template':{'f:spec':"
                  "{'f:containers':{'k:{\\'name\\':\\'c\\'}':{'.':{},'f:image':{},'f:name':{},"
                  "'f:ports':{'.':{},"
                  "'k:{\\'containerPort\\':80,\\'protocol\\':\\'TCP\\'}':"
                  "{'.':{},'f:containerPort':{},'f:protocol':{}},"
                  "'k:{\\'containerPort\\':443,\\'protocol\\':\\'TCP\\'}':"
                  "{'.':{},'f:containerPort':{},'f:protocol':{}}},"
                  "'f:resources':{}}},"
                  "'f:volumes':{'.':{},'k:{\\'name\\':\\'v\\'}':"
                  "{'.':{},'f:emptyDir':{},'f:name':{}}}}}}}") "]");
}

TEST("an update takes what it changes from others, and leaves them the rest")
{
    update("alice", OBJECT("{'replicas':1,'paused':true}"));
    update("bob", OBJECT("{'replicas':2,'paused':true}"));
    EXPECT_TEXT(managed_text(),
                "[" ENTRY("alice", "Update", T0, "{'f:spec':{'f:paused':{}}}") "," ENTRY(
                    "bob", "Update", T1, "{'f:spec':{'f:replicas':{}}}") "]");
    update("bob", OBJECT("{'replicas':2}"));
    EXPECT_TEXT(managed_text(), "[" ENTRY("bob", "Update", T1, "{'f:spec':{'f:replicas':{}}}") "]");
}

TEST("further updates of one manager join its entry, which gets a new time")
{
    update("alice", OBJECT("{'replicas':1}"));
    update("alice", OBJECT("{'replicas':1,'paused':true}"));
    EXPECT_TEXT(managed_text(),
                "[" ENTRY("alice", "Update", T1, "{'f:spec':{'f:paused':{},'f:replicas':{}}}") "]");
}

TEST("an update that changes nothing leaves the entries as they were, times included")
{
    update("alice", OBJECT("{'replicas':1}"));
    const char *before = managed_text();
    update("bob", OBJECT("{'replicas':1}"));
    EXPECT_TEXT(managed_text(), before);
}

TEST("a subresource has an entry of its own, and does not own what it does not write")
{
    static const char *const reset[] = {"spec", "metadata.labels", NULL};
    update("alice", OBJECT("{'replicas':1}"));
    writer.subresource = "status";
    writer.reset_fields = reset;
    update("alice", "{" HEAD ",'spec':{'replicas':9},'status':{'replicas':1}}");
    EXPECT_TEXT(managed_text(),
                "[" ENTRY("alice", "Update", T0,
                          "{'f:spec':{'f:replicas':{}}}") ","
                                                          "{'manager':'alice','operation':'Update',"
                                                          "'apiVersion':'apps/v1'," T1
                                                          ",'fieldsType':'FieldsV1','fieldsV1':{'f:"
                                                          "status':{'f:replicas':{}}},"
                                                          "'subresource':'status'}]");
}

TEST("whoever writes without a name is unknown, and an object that nobody tracks stays so")
{
    update("", OBJECT("{'replicas':1}"));
    EXPECT(strstr(managed_text(), "'manager':'unknown'") != NULL);
    managed = (struct slice){NULL, 0};
    update("bob", OBJECT("{'replicas':2}"));
    EXPECT_EQ(managed.size, 0);
}

#define SENT(list)                                                          \
    "{'apiVersion':'apps/v1','kind':'Deployment','metadata':{'name':'web'," \
    "'managedFields':" list "},'spec':{'replicas':1}}"

TEST("a body can forget the entries by [] or [{}], or replace them, and is rid of them then")
{
    update("alice", OBJECT("{'replicas':1}"));
    struct slice before = managed;
    update("bob", SENT("[{}]"));
    EXPECT_EQ(managed.size, 0);
    EXPECT(json_get(json_get(object, "metadata"), "managedFields") == NULL);
    managed = before;
    update("bob", SENT("[]"));
    EXPECT_EQ(managed.size, 0);
    managed = before;
    update("bob", SENT("[" ENTRY("carol", "Apply", T0, "{'f:spec':{'f:replicas':{}}}") "]"));
    EXPECT_TEXT(managed_text(),
                "[" ENTRY("carol", "Apply", T0, "{'f:spec':{'f:replicas':{}}}") "]");
}

TEST("a list that nobody can read, or that comes through a subresource, is not taken")
{
    static const char *const lists[] = {
        SENT("[{'manager':'x','operation':'Sing','apiVersion':'apps/v1','fieldsType':'FieldsV1'}]"),
        SENT("[{'manager':'x','operation':'Update','fieldsType':'FieldsV1'}]"),
        SENT("[{'manager':'x','operation':'Update','apiVersion':'apps/v1'}]"),
        SENT("[{'manager':'x','operation':'Update','apiVersion':'apps/v1',"
             "'fieldsType':'FieldsV1','fieldsV1':{'zz':{}}}]"),
        SENT("{}"),
    };
    update("alice", OBJECT("{'replicas':1}"));
    const char *before = managed_text();
    for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
        update("alice", lists[i]);
        EXPECT_TEXT(managed_text(), before);
    }
    writer.subresource = "status";
    update("alice", SENT("[{}]"));
    EXPECT_TEXT(managed_text(), before);
}

/* An object whose annotations are x0 to x(count-1). */
static const char *annotated(int count)
{
    struct buffer text = {0};
    buffer_append_text(&text, "{'apiVersion':'apps/v1','kind':'Deployment','metadata':"
                              "{'name':'web','annotations':{'x0':''");
    for (int i = 1; i < count; i++)
        buffer_format(&text, ",'x%d':''", i);
    buffer_append_text(&text, "}}}");
    const char *copy = arena_copy_slice(&arena, buffer_slice(&text));
    buffer_release(&text);
    return copy;
}

TEST("of more than ten updaters the two oldest become ancient changes")
{
    for (int i = 0; i < APPLY_UPDATE_MANAGERS_MAX; i++)
        update(arena_format(&arena, "m%d", i), annotated(i + 1));
    EXPECT(strstr(managed_text(), "ancient-changes") == NULL);
    update("m10", annotated(APPLY_UPDATE_MANAGERS_MAX + 1));
    const char *oldest = "[" ENTRY("ancient-changes", "Update", T1,
                                   "{'f:metadata':{'f:annotations':{'.':{},'f:x0':{},'f:x1':{}}}}");
    EXPECT(strncmp(managed_text(), oldest, strlen(oldest)) == 0);
    update("m11", annotated(APPLY_UPDATE_MANAGERS_MAX + 2));
    EXPECT(strstr(managed_text(), "'f:x0':{},'f:x1':{},'f:x2':{}}") != NULL);
}

/* --- Applies --- */

TEST("an apply makes the object, and owns what it says")
{
    EXPECT_TEXT(apply_as("alice", false,
                         OBJECT("{'replicas':3,'template':{'spec':{'volumes':[],"
                                "'containers':[{'name':'c','image':'i'}]}}}")),
                NULL);
    expect_spec("{'replicas':3,'template':{'spec':{'volumes':[],"
                "'containers':[{'name':'c','image':'i'}]}}}");
    EXPECT_TEXT(managed_text(),
                "[" ENTRY("alice", "Apply", T0,
                          "{'f:spec':{'f:replicas':{},'f:template':{'f:spec':{'f:containers':"
                          "{'k:{\\'name\\':\\'c\\'}':{'.':{},'f:image':{},'f:name':{}}}}}}}") "]");
}

TEST("what a manager no longer applies goes, unless somebody else owns it")
{
    EXPECT_TEXT(
        apply_as("alice", false, OBJECT("{'replicas':3,'paused':true,'minReadySeconds':5}")), NULL);
    EXPECT_TEXT(apply_as("bob", false, OBJECT("{'paused':true}")), NULL);
    EXPECT_TEXT(apply_as("alice", false, OBJECT("{'replicas':3}")), NULL);
    expect_spec("{'replicas':3,'paused':true}");
    EXPECT_TEXT(apply_as("bob", false, OBJECT("{'replicas':3}")), NULL);
    expect_spec("{'replicas':3}");
}

TEST(
    "an update's fields stay when an applier drops the struct that holds them, and go with an item")
{
    EXPECT_TEXT(apply_as("alice", false,
                         OBJECT("{'strategy':{'rollingUpdate':{'maxSurge':1}},'template':{'spec':"
                                "{'containers':[{'name':'a'},{'name':'b'}]}}}")),
                NULL);
    update("bob", OBJECT("{'strategy':{'rollingUpdate':{'maxSurge':1,'maxUnavailable':2}},"
                         "'template':{'spec':{'containers':[{'name':'a'},"
                         "{'name':'b','image':'i'}]}}}"));
    EXPECT_TEXT(
        apply_as("alice", false, OBJECT("{'template':{'spec':{'containers':[{'name':'a'}]}}}")),
        NULL);
    expect_spec("{'strategy':{'rollingUpdate':{'maxUnavailable':2}},"
                "'template':{'spec':{'containers':[{'name':'a'}]}}}");
    EXPECT(strstr(managed_text(), "'k:{\\'name\\':\\'b\\'}'") == NULL);
}

TEST("items of both stand in the order that is applied, each behind those before it")
{
    EXPECT_TEXT(apply_as("alice", false,
                         OBJECT("{'template':{'spec':{'containers':["
                                "{'name':'a'},{'name':'b'},{'name':'c'}]}}}")),
                NULL);
    EXPECT_TEXT(apply_as("bob", false,
                         OBJECT("{'template':{'spec':{'containers':["
                                "{'name':'c'},{'name':'x'},{'name':'a','image':'i'}]}}}")),
                NULL);
    expect_spec("{'template':{'spec':{'containers':["
                "{'name':'b'},{'name':'c'},{'name':'x'},{'name':'a','image':'i'}]}}}");
}

TEST("lists without keys, and structs that are one piece, are replaced as a whole")
{
    EXPECT_TEXT(apply_as("alice", false,
                         OBJECT("{'selector':{'matchLabels':{'a':'1'}},'template':{'spec':"
                                "{'containers':[{'name':'c','args':['x','y']}]}}}")),
                NULL);
    EXPECT_TEXT(apply_as("alice", false,
                         OBJECT("{'selector':{'matchLabels':{'b':'1'}},'template':{'spec':"
                                "{'containers':[{'name':'c','args':['z']}]}}}")),
                NULL);
    expect_spec("{'selector':{'matchLabels':{'b':'1'}},'template':{'spec':"
                "{'containers':[{'name':'c','args':['z']}]}}}");
}

TEST("two may apply the same value, and one that changes it has a conflict")
{
    EXPECT_TEXT(apply_as("alice", false, OBJECT("{'replicas':3}")), NULL);
    EXPECT_TEXT(apply_as("bob", false, OBJECT("{'replicas':3}")), NULL);
    EXPECT_TEXT(apply_as("bob", false, OBJECT("{'replicas':4}")),
                "Apply failed with 1 conflict: conflict with \"alice\": .spec.replicas");
    EXPECT_EQ(status.reason, STATUS_CONFLICT);
    EXPECT_TEXT(status.causes->reason, "FieldManagerConflict");
    EXPECT_TEXT(status.causes->message, "conflict with \"alice\"");
    EXPECT_TEXT(status.causes->field, ".spec.replicas");
    expect_spec("{'replicas':3}");
}

TEST("several conflicts are told by manager, updaters with their version")
{
    update("carol", OBJECT("{'replicas':1,'paused':true,'template':{'spec':{'containers':["
                           "{'name':'a','image':'1'}]}}}"));
    writer.subresource = "scale";
    update("bob", OBJECT("{'replicas':2,'paused':true,'template':{'spec':{'containers':["
                         "{'name':'a','image':'1'}]}}}"));
    writer.subresource = NULL;
    EXPECT_TEXT(apply_as("alice", false,
                         OBJECT("{'replicas':5,'paused':false,'template':{'spec':"
                                "{'containers':[{'name':'a','image':'2'}]}}}")),
                "Apply failed with 3 conflicts: "
                "conflicts with \"bob\" with subresource \"scale\" using apps/v1:\n"
                "- .spec.replicas\n"
                "conflicts with \"carol\" using apps/v1:\n"
                "- .spec.paused\n"
                "- .spec.template.spec.containers[name=\"a\"].image");
    EXPECT_TEXT(status.causes->next->next->field,
                ".spec.template.spec.containers[name=\"a\"].image");
}

TEST("a forced apply takes the fields over")
{
    update("bob", OBJECT("{'replicas':1,'paused':true}"));
    EXPECT_TEXT(apply_as("alice", true, OBJECT("{'replicas':2}")), NULL);
    expect_spec("{'replicas':2,'paused':true}");
    EXPECT_TEXT(managed_text(),
                "[" ENTRY("alice", "Apply", T1, "{'f:spec':{'f:replicas':{}}}") "," ENTRY(
                    "bob", "Update", T0, "{'f:spec':{'f:paused':{}}}") "]");
}

TEST("an apply that changes nothing keeps its time, and a first one has none")
{
    EXPECT_TEXT(apply_as("alice", false, OBJECT("{'replicas':1}")), NULL);
    const char *before = managed_text();
    EXPECT_TEXT(apply_as("alice", false, OBJECT("{'replicas':1}")), NULL);
    EXPECT_TEXT(managed_text(), before);
    EXPECT_TEXT(apply_as("bob", false, OBJECT("{'replicas':1}")), NULL);
    EXPECT(strstr(managed_text(), "'manager':'bob','operation':'Apply','apiVersion':'apps/v1',"
                                  "'fieldsType'") != NULL);
}

TEST("what was there before anybody was tracked belongs to before-first-apply")
{
    object = json_quotes_read(&arena, OBJECT("{'replicas':1,'paused':true}"));
    EXPECT_TEXT(apply_as("alice", false, OBJECT("{'replicas':2}")),
                "Apply failed with 1 conflict: conflict with \"before-first-apply\" using apps/v1: "
                ".spec.replicas");
    EXPECT_TEXT(apply_as("alice", false, OBJECT("{'replicas':1}")), NULL);
    EXPECT(strstr(managed_text(), "'before-first-apply'") != NULL);
}

#define LAST_APPLIED "'kubectl.kubernetes.io/last-applied-configuration'"

TEST("kubectl takes over what its client-side apply had set, and keeps the annotation true")
{
    update("kubectl-client-side-apply",
           "{'apiVersion':'apps/"
           "v1','kind':'Deployment','metadata':{'name':'web','annotations':{" LAST_APPLIED
           ":'{}'}},'spec':{'replicas':1,'minReadySeconds':7}}");
    struct json *annotations = json_at(object, "metadata.annotations");
    json_set_text(&arena, annotations, "kubectl.kubernetes.io/last-applied-configuration",
                  "{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\","
                  "\"metadata\":{\"name\":\"web\"},\"spec\":{\"replicas\":1}}");
    EXPECT_TEXT(apply_as("kubectl", false, OBJECT("{'replicas':2,'minReadySeconds':8}")),
                "Apply failed with 1 conflict: conflict with \"kubectl-client-side-apply\" "
                "using apps/v1: .spec.minReadySeconds");
    EXPECT(apply_as("alice", false, OBJECT("{'replicas':2}")) != NULL);
    EXPECT_TEXT(apply_as("kubectl", false, OBJECT("{'replicas':2}")), NULL);
    expect_spec("{'replicas':2,'minReadySeconds':7}");
    const struct json *text = json_get(json_at(object, "metadata.annotations"),
                                       "kubectl.kubernetes.io/last-applied-configuration");
    EXPECT_TEXT(json_text(text), "{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\","
                                 "\"metadata\":{\"name\":\"web\"},\"spec\":{\"replicas\":2}}\n");
}

/* --- What cannot be applied --- */

TEST("a configuration of another kind, or with managed fields, is a 400")
{
    EXPECT_TEXT(apply_as("alice", false, "{'apiVersion':'v1','kind':'Pod'}"),
                "invalid object type: /v1, Kind=Pod");
    EXPECT_TEXT(apply_as("alice", false, "{'apiVersion':'apps/v1beta1','kind':'Deployment'}"),
                "invalid object type: apps/v1beta1, Kind=Deployment");
    EXPECT_TEXT(apply_as("alice", false, SENT("[]")), "metadata.managedFields must be nil");
    EXPECT_EQ(status.code, 400);
    EXPECT_TEXT(apply_as("alice", false, SENT("null")), NULL);
}

TEST("what does not fit the schema is upstream's plain 500, with its path")
{
    static const char *const cases[][2] = {
        {"{'replica':1}", ".spec.replica: field not declared in schema"},
        {"{'replicas':'1'}", ".spec.replicas: expected numeric (int or float), got string"},
        {"{'paused':1}", ".spec.paused: expected boolean, got &{1}"},
        {"[1,'a']", ".spec: expected map, got &{[1 a]}"},
        {"{'template':{'metadata':{'labels':{'a':{'b':1}}}}}",
         ".spec.template.metadata.labels.a: expected string, got "
         "&value.valueUnstructured{Value:map[string]interface {}{\"b\":1}}"},
        {"{'template':{'spec':{'containers':{}}}}",
         ".spec.template.spec.containers: expected list, got &{map[]}"},
        {"{'template':{'spec':{'containers':[{'name':'a','args':[1]}]}}}",
         ".spec.template.spec.containers[name=\"a\"].args[0]: expected string, got "
         "&value.valueUnstructured{Value:1}"},
        {"{'template':{'spec':{'containers':[{'name':'a'},{'name':'a'}]}}}",
         ".spec.template.spec.containers: duplicate entries for key [name=\"a\"]"},
        {"{'template':{'spec':{'containers':[null]}}}",
         ".spec.template.spec.containers: element 0: associative list with keys may not have a "
         "null element"},
        {"{'template':{'metadata':{'finalizers':['x',{}]}}}",
         ".spec.template.metadata.finalizers: element 1: associative list without keys has an "
         "element that's a map type"},
        {"{'template':{'metadata':{'ownerReferences':[{'kind':'x'}]}}}", NULL},
        {"{'replicas':true,'paused':'x'}",
         "errors:\n  .spec.replicas: expected numeric (int or float), got bool\n"
         "  .spec.paused: expected boolean, got &{x}"},
        {"{'replicas':null,'template':null}", NULL},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        const char *config = arena_format(&arena, "{" HEAD ",'spec':%s}", cases[i][0]);
        const char *wanted = cases[i][1];
        if (wanted)
            wanted = arena_format(&arena,
                                  "failed to create typed patch object (/web; apps/v1, "
                                  "Kind=Deployment): %s",
                                  wanted);
        EXPECT_TEXT(apply_as("alice", true, config), wanted);
        EXPECT(wanted == NULL || (status.code == 500 && status.reason_hidden));
    }
}
