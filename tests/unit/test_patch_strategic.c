/* Strategic merge patches: each result is what apimachinery's own code gives. */
#include "core/kinds/patch.h"
#include "core/kinds/types.h"
#include "tests/harness/json_quotes.h"

struct strategic_case {
    const struct schema_type *type;
    const char *object;
    const char *patch;
    const char *wanted;
};

static struct arena arena;
static struct status status;

static void expect_all(const struct strategic_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct json *object = json_quotes_read(&arena, cases[i].object);
        const struct json *patch = json_quotes_read(&arena, cases[i].patch);
        const struct json *wanted = json_quotes_read(&arena, cases[i].wanted);
        EXPECT_EQ(patch_strategic(cases[i].type, &arena, object, patch, &status), 0);
        if (!json_equal(object, wanted))
            EXPECT_TEXT(json_quotes_show(&arena, object), cases[i].wanted);
    }
}

static void expect_refused(const char *object, const char *patch, int code, const char *message)
{
    status_release(&status);
    status_init(&status);
    struct json *tree = json_quotes_read(&arena, object);
    const struct json *parsed = json_quotes_read(&arena, patch);
    EXPECT_EQ(patch_strategic(&type_pod, &arena, tree, parsed, &status), -1);
    EXPECT_TEXT(status.message, message);
    EXPECT_EQ(status.code, code);
    EXPECT_EQ(status.reason_hidden, code == 500); /* Upstream's plain errors. */
}

TEST("a list with a merge key merges item by item")
{
    static const struct strategic_case cases[] = {
        {&type_pod, "{'spec':{'containers':[{'name':'a','image':'1'},{'name':'b','image':'2'}]}}",
         "{'spec':{'containers':[{'name':'b','image':'3'}]}}",
         "{'spec':{'containers':[{'image':'1','name':'a'},{'image':'3','name':'b'}]}}"},
        {&type_pod, "{'spec':{'containers':[{'name':'a','image':'1','command':['x']}]}}",
         "{'spec':{'containers':[{'name':'a','image':null,'command':['y','z']}]}}",
         "{'spec':{'containers':[{'command':['y','z'],'name':'a'}]}}"},
        {&type_pod,
         "{'spec':{'containers':[{'name':'a','ports':[{'containerPort':80,'name':'http'}]}]}}",
         "{'spec':{'containers':[{'name':'a','ports':[{'containerPort':80,'protocol':'TCP'},"
         "{'containerPort':81}]}]}}",
         "{'spec':{'containers':[{'name':'a','ports':[{'containerPort':80,'name':'http',"
         "'protocol':'TCP'},{'containerPort':81}]}]}}"},
        {&type_service, "{'spec':{'ports':[{'port':80,'name':'a'},{'port':81,'name':'b'}]}}",
         "{'spec':{'ports':[{'port':81,'name':'c'},{'port':82}]}}",
         "{'spec':{'ports':[{'name':'a','port':80},{'name':'c','port':81},{'port':82}]}}"},
        {&type_pod, "{'spec':{'tolerations':[{'key':'a'}]}}",
         "{'spec':{'tolerations':[{'key':'b'}]}}", "{'spec':{'tolerations':[{'key':'b'}]}}"},
    };
    expect_all(cases, ARRAY_SIZE(cases));
}

TEST("a new item goes to the front, and the patch's items stand in the patch's order")
{
    static const struct strategic_case cases[] = {
        {&type_pod, "{'spec':{'containers':[{'name':'a','image':'1'},{'name':'b','image':'2'}]}}",
         "{'spec':{'containers':[{'name':'c','image':'3'}]}}",
         "{'spec':{'containers':[{'image':'3','name':'c'},{'image':'1','name':'a'},"
         "{'image':'2','name':'b'}]}}"},
        {&type_pod, "{'spec':{'containers':[{'name':'a'},{'name':'b'},{'name':'c'}]}}",
         "{'spec':{'containers':[{'name':'c','image':'3'},{'name':'a','image':'1'}]}}",
         "{'spec':{'containers':[{'name':'b'},{'image':'3','name':'c'},{'image':'1',"
         "'name':'a'}]}}"},
    };
    expect_all(cases, ARRAY_SIZE(cases));
}

TEST("an item can be deleted by its key, and a list be replaced")
{
    static const struct strategic_case cases[] = {
        {&type_pod, "{'spec':{'containers':[{'name':'a'},{'name':'b'}]}}",
         "{'spec':{'containers':[{'name':'a','$patch':'delete'}]}}",
         "{'spec':{'containers':[{'name':'b'}]}}"},
        {&type_pod, "{'spec':{'containers':[{'name':'a'},{'name':'b'}]}}",
         "{'spec':{'containers':[{'$patch':'replace'},{'name':'z'}]}}",
         "{'spec':{'containers':[{'name':'z'}]}}"},
        {&type_pod,
         "{'spec':{'containers':[{'name':'a','env':[{'name':'X','value':'1'},{'name':'Y',"
         "'value':'2'}]}]}}",
         "{'spec':{'containers':[{'name':'a','env':[{'name':'Y','value':'3'},{'name':'X',"
         "'$patch':'delete'}]}]}}",
         "{'spec':{'containers':[{'env':[{'name':'Y','value':'3'}],'name':'a'}]}}"},
    };
    expect_all(cases, ARRAY_SIZE(cases));
}

TEST("null and $patch change maps")
{
    static const struct strategic_case cases[] = {
        {&type_pod, "{'spec':{'nodeSelector':{'a':'1','b':'2'}}}",
         "{'spec':{'nodeSelector':{'a':null,'c':'3'}}}",
         "{'spec':{'nodeSelector':{'b':'2','c':'3'}}}"},
        {&type_pod, "{'spec':{'nodeSelector':{'a':'1','b':'2'}}}",
         "{'spec':{'nodeSelector':{'$patch':'replace','c':'3'}}}",
         "{'spec':{'nodeSelector':{'c':'3'}}}"},
        {&type_pod, "{'spec':{'nodeSelector':{'a':'1'},'nodeName':'n'}}",
         "{'spec':{'nodeSelector':{'$patch':'delete'}}}",
         "{'spec':{'nodeName':'n','nodeSelector':{}}}"},
        {&type_pod, "{'spec':{'nodeName':'n'}}", "{'spec':{'nodeSelector':{'$patch':'delete'}}}",
         "{'spec':{'nodeName':'n'}}"},
        {&type_pod, "{'spec':{'nodeName':'n'}}", "{'$patch':'replace','metadata':{'name':'x'}}",
         "{'metadata':{'name':'x'}}"},
        {&type_pod, "{'spec':{'nodeName':'n'}}",
         "{'spec':{'containers':[{'name':'a','env':null,'image':'i'}],'nodeSelector':{'a':null,"
         "'b':'1'}}}",
         "{'spec':{'containers':[{'image':'i','name':'a'}],'nodeName':'n',"
         "'nodeSelector':{'b':'1'}}}"},
        {&type_pod, "{'spec':{'nodeName':'n'}}", "{'spec':{'nodeName':{'a':1}}}",
         "{'spec':{'nodeName':{'a':1}}}"},
        {&type_pod, "{'spec':{}}", "{'spec':{'x':1}}", "{'spec':{'x':1}}"},
        {&type_pod, "{'spec':{'nodeName':'a'}}", "null", "{'spec':{'nodeName':'a'}}"},
    };
    expect_all(cases, ARRAY_SIZE(cases));
}

TEST("a list of texts loses what is to be deleted and gains what is new")
{
    static const struct strategic_case cases[] = {
        {&type_pod, "{'metadata':{'finalizers':['a','b','c']}}",
         "{'metadata':{'$deleteFromPrimitiveList/finalizers':['b','z']}}",
         "{'metadata':{'finalizers':['a','c']}}"},
        {&type_pod, "{'metadata':{'finalizers':['a','b']}}",
         "{'metadata':{'finalizers':['c','a']}}", "{'metadata':{'finalizers':['c','a','b']}}"},
        {&type_pod, "{'metadata':{'finalizers':['a','b']}}",
         "{'metadata':{'$setElementOrder/finalizers':['c','b','a'],'finalizers':['c']}}",
         "{'metadata':{'finalizers':['c','b','a']}}"},
        {&type_pod, "{'metadata':{'name':'x'}}",
         "{'metadata':{'$deleteFromPrimitiveList/finalizers':['b']}}", "{'metadata':{'name':'x'}}"},
        {&type_pod, "{'metadata':{'name':'x','finalizers':['a']}}",
         "{'metadata':{'$deleteFromPrimitiveList/finalizers':null}}", "{'metadata':{'name':'x'}}"},
    };
    expect_all(cases, ARRAY_SIZE(cases));
}

TEST("$setElementOrder orders what it names and leaves the server's own items their place")
{
    static const struct strategic_case cases[] = {
        {&type_pod, "{'spec':{'containers':[{'name':'a'},{'name':'s'},{'name':'b'}]}}",
         "{'spec':{'$setElementOrder/containers':[{'name':'b'},{'name':'a'}]}}",
         "{'spec':{'containers':[{'name':'s'},{'name':'b'},{'name':'a'}]}}"},
        {&type_pod, "{'spec':{'containers':[{'name':'a'},{'name':'s'}]}}",
         "{'spec':{'$setElementOrder/containers':[{'name':'n'},{'name':'a'}],"
         "'containers':[{'name':'n','image':'i'}]}}",
         "{'spec':{'containers':[{'image':'i','name':'n'},{'name':'a'},{'name':'s'}]}}"},
        {&type_pod, "{'spec':{'containers':[{'name':'a'},{'name':'s'}]}}",
         "{'spec':{'$setElementOrder/containers':[{'name':'b'}],'containers':[{'name':'b'},"
         "{'$patch':'delete','name':'a'}]}}",
         "{'spec':{'containers':[{'name':'s'},{'name':'b'}]}}"},
        {&type_pod, "{'spec':{'containers':[{'name':'a'},{'name':'s'},{'name':'t'}]}}",
         "{'spec':{'$setElementOrder/containers':[{'name':'b'},{'name':'c'}],"
         "'containers':[{'name':'b'},{'name':'c'},{'$patch':'delete','name':'a'}]}}",
         "{'spec':{'containers':[{'name':'s'},{'name':'t'},{'name':'b'},{'name':'c'}]}}"},
        {&type_pod, "{'spec':{'nodeName':'n'}}",
         "{'spec':{'$setElementOrder/containers':[{'name':'b'},{'name':'a'}],"
         "'containers':[{'name':'b'},{'name':'a','image':null},{'name':'z',"
         "'$patch':'delete'}]}}",
         "{'spec':{'containers':[{'name':'b'},{'image':null,'name':'a'}],'nodeName':'n'}}"},
        {&type_pod, "{'spec':{'nodeName':'n'}}",
         "{'spec':{'$setElementOrder/containers':[{'name':'b'}]}}", "{'spec':{'nodeName':'n'}}"},
    };
    expect_all(cases, ARRAY_SIZE(cases));
}

TEST("$retainKeys drops all members that it does not name")
{
    static const struct strategic_case cases[] = {
        {&type_pod,
         "{'spec':{'volumes':[{'name':'v','emptyDir':{}},{'name':'w',"
         "'hostPath':{'path':'/'}}]}}",
         "{'spec':{'volumes':[{'$retainKeys':['name','hostPath'],'name':'v',"
         "'hostPath':{'path':'/x'}}]}}",
         "{'spec':{'volumes':[{'hostPath':{'path':'/x'},'name':'v'},{'hostPath':{'path':'/'},"
         "'name':'w'}]}}"},
        {&type_deployment,
         "{'spec':{'strategy':{'type':'RollingUpdate','rollingUpdate':{'maxSurge':1}}}}",
         "{'spec':{'strategy':{'$retainKeys':['type'],'type':'Recreate'}}}",
         "{'spec':{'strategy':{'type':'Recreate'}}}"},
    };
    expect_all(cases, ARRAY_SIZE(cases));
}

TEST("an object of the replace strategy does not merge")
{
    static const struct strategic_case cases[] = {
        {&type_pod_disruption_budget, "{'spec':{'selector':{'matchLabels':{'a':'1'}}}}",
         "{'spec':{'selector':{'matchLabels':{'b':'2'}}}}",
         "{'spec':{'selector':{'matchLabels':{'b':'2'}}}}"},
    };
    expect_all(cases, ARRAY_SIZE(cases));
}

TEST("a malformed directive is a 400")
{
    expect_refused("{'spec':{'nodeName':'n'}}", "{'spec':{'$retainKeys':['a'],'nodeName':'m'}}",
                   400, "invalid patch format of retainKeys");
    expect_refused("{'spec':{'nodeName':'n'}}", "{'spec':{'$retainKeys':'a'}}", 400,
                   "invalid patch format of retainKeys");
    expect_refused("{'spec':{'nodeName':'n'}}", "{'spec':{'$deleteFromPrimitiveListx':['a']}}", 400,
                   "invalid patch format of primitive list");
    expect_refused("{'spec':{'nodeName':'n'}}", "{'spec':{'$setElementOrder':['a']}}", 400,
                   "invalid patch format of setElementOrder list");
    expect_refused("{'spec':{}}", "[1]", 400,
                   "json: cannot unmarshal array into Go value of type map[string]interface {}");
}

TEST("lists of lists are a 422")
{
    expect_refused("{'spec':{'containers':[]}}", "{'spec':{'containers':[['x']]}}", 422,
                   "the server rejected our request due to an error in our request");
}

TEST("what else does not fit is upstream's plain 500, in its words")
{
    expect_refused("{'spec':{'containers':[{'name':'a'}]}}",
                   "{'spec':{'containers':[{'image':'x'}]}}", 500,
                   "map: map[image:x] does not contain declared merge key: name");
    expect_refused("{'spec':{'containers':[{'name':'a'}]}}",
                   "{'spec':{'containers':[{'name':'a','$patch':'merge'}]}}", 500,
                   "merging lists cannot yet be specified in the patch");
    expect_refused("{'spec':{'containers':[{'name':'a'}]}}",
                   "{'spec':{'containers':[{'name':'a','$patch':'bogus'}]}}", 500,
                   "unknown patch type: bogus in map: map[$patch:bogus name:a]");
    expect_refused("{'spec':{'containers':[{'name':'a'}]}}",
                   "{'spec':{'containers':[{'$patch':'delete'}]}}", 500,
                   "map: map[$patch:delete] does not contain declared merge key: name");
    expect_refused("{'spec':{'containers':[{'name':'a'}]}}",
                   "{'spec':{'$patch':'bogus','b':[1,null,true,{'z':1,'a':'x'}]}}", 500,
                   "unknown patch type: bogus in map: "
                   "map[$patch:bogus b:[1 <nil> true map[a:x z:1]]]");
    expect_refused("{'spec':{'containers':[{'name':'a'}]}}", "{'spec':{'containers':['x']}}", 500,
                   "list element types are not identical: [[map[name:a]] [x]]");
    expect_refused("{'spec':{'containers':[{'name':'a'}]}}", "{'spec':{'containers':[['x']]}}", 500,
                   "list element types are not identical: [[map[name:a]] [[x]]]");
    expect_refused("{'metadata':{'finalizers':['a']}}", "{'metadata':{'finalizers':[['x']]}}", 500,
                   "list element types are not identical: [[a] [[x]]]");
    expect_refused("{'spec':{'nodeName':'n'}}", "{'spec':{'$setElementOrder/containers':'a'}}", 500,
                   "expected a []interface {}, but received a string");
    expect_refused("{'spec':{'containers':[{'name':'a'},{'name':'b'}]}}",
                   "{'spec':{'$setElementOrder/containers':[{'name':'a'},{'name':'b'}],"
                   "'containers':[{'name':'b'},{'name':'a'}]}}",
                   500,
                   "The order in patch list:\n[map[name:b] map[name:a]]\n "
                   "doesn't match $setElementOrder list:\n[map[name:a] map[name:b]]\n");
    expect_refused("{'spec':{'containers':[{'name':'a'}]}}",
                   "{'spec':{'$setElementOrder/containers':[{'image':'a'}]}}", 500,
                   "map: map[image:a] does not contain declared merge key: name");
    expect_refused("{'spec':{'containers':[{'name':'a'}]}}",
                   "{'spec':{'$setElementOrder/containers':[{'name':'a'}],'containers':{}}}", 500,
                   "expected a []interface {}, but received a map[string]interface {}");
}

TEST("a field that the schema does not know merges as a map")
{
    static const struct strategic_case cases[] = {
        {&type_pod, "{'x':{'a':1,'b':[1]}}", "{'x':{'a':null,'b':[2]}}", "{'x':{'b':[2]}}"},
    };
    expect_all(cases, ARRAY_SIZE(cases));
}

static void append_list(struct buffer *json, size_t count, const char *field)
{
    buffer_format(json, "{'spec':{'containers':[");
    for (size_t i = 0; i < count; i++)
        buffer_format(json, "%s{'name':'c%zu','%s':'x'}", i > 0 ? "," : "", i, field);
    buffer_format(json, "]}}");
}

TEST("long lists merge in time that grows with their length alone")
{
    struct buffer object = {0};
    struct buffer patch = {0};
    append_list(&object, 30000, "image");
    append_list(&patch, 30000, "workingDir");
    struct json *root = json_quotes_read(&arena, object.data);
    struct json *tree = json_quotes_read(&arena, patch.data);
    EXPECT_EQ(patch_strategic(&type_pod, &arena, root, tree, &status), 0);
    EXPECT_EQ(json_count(json_at(root, "spec.containers")), 30000);
    EXPECT_EQ(json_count(json_first(json_at(root, "spec.containers"))), 3);
    buffer_release(&patch);
    buffer_release(&object);
}
