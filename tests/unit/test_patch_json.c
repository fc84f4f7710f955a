/* JSON patches: the cases of RFC 6902's appendix A, upstream's habits, the limits. */
#include "core/kinds/patch.h"
#include "tests/harness/json_quotes.h"

static struct arena arena;
static struct status status;

/* The patched object, or "CODE message". */
static const char *patched(const char *object, const char *patch)
{
    struct json *root = json_quotes_read(&arena, object);
    status_release(&status);
    status_init(&status);
    if (patch_json(&arena, &root, json_quotes_read(&arena, patch), &status))
        return arena_format(&arena, "%d %s", status.code, status.message);
    return json_quotes_show(&arena, root);
}

#define REFUSED "422 the server rejected our request due to an error in our request"

static void expect_all(const char *const cases[][3], size_t count)
{
    for (size_t i = 0; i < count; i++)
        EXPECT_TEXT(patched(cases[i][0], cases[i][1]), cases[i][2]);
}

TEST("operations do what RFC 6902 says")
{
    static const char *const cases[][3] = {
        {"{'foo':'bar'}", "[{'op':'add','path':'/baz','value':'qux'}]",
         "{'foo':'bar','baz':'qux'}"},
        {"{'foo':['bar','baz']}", "[{'op':'add','path':'/foo/1','value':'qux'}]",
         "{'foo':['bar','qux','baz']}"},
        {"{'foo':['bar']}", "[{'op':'add','path':'/foo/-','value':['a']}]",
         "{'foo':['bar',['a']]}"},
        {"{'foo':[1]}", "[{'op':'add','path':'/foo/1','value':2}]", "{'foo':[1,2]}"},
        {"{'baz':'qux','foo':'bar'}", "[{'op':'remove','path':'/baz'}]", "{'foo':'bar'}"},
        {"{'foo':[1,2,3]}", "[{'op':'remove','path':'/foo/1'}]", "{'foo':[1,3]}"},
        {"{'a':1,'b':2}", "[{'op':'replace','path':'/a','value':{}}]", "{'a':{},'b':2}"},
        {"{'a':[1,2]}", "[{'op':'replace','path':'/a/0','value':9}]", "{'a':[9,2]}"},
        {"{'foo':{'bar':'baz','waldo':'fred'},'qux':{}}",
         "[{'op':'move','from':'/foo/waldo','path':'/qux/thud'}]",
         "{'foo':{'bar':'baz'},'qux':{'thud':'fred'}}"},
        {"{'foo':[1,2,3]}", "[{'op':'move','from':'/foo/0','path':'/foo/2'}]", "{'foo':[2,3,1]}"},
        {"{'a':{'b':[1]}}", "[{'op':'copy','from':'/a','path':'/c'}]",
         "{'a':{'b':[1]},'c':{'b':[1]}}"},
        {"{'a':{'x':[1,'s'],'y':null}}",
         "[{'op':'test','path':'/a','value':{'y':null,'x':[1,'s']}}]",
         "{'a':{'x':[1,'s'],'y':null}}"},
        {"{}", "[]", "{}"},
    };
    expect_all(cases, ARRAY_SIZE(cases));
}

TEST("in a pointer ~1 is a slash and ~0 a tilde, and keys may be empty")
{
    static const char *const cases[][3] = {
        {"{'a/b':1,'m~n':2,'~1':3}",
         "[{'op':'remove','path':'/a~1b'},{'op':'remove','path':'/m~0n'},"
         "{'op':'remove','path':'/~01'}]",
         "{}"},
        {"{'':{'':1}}", "[{'op':'test','path':'//','value':1}]", "{'':{'':1}}"},
        {"{'a~':1}", "[{'op':'test','path':'/a~','value':1}]", "{'a~':1}"},
    };
    expect_all(cases, ARRAY_SIZE(cases));
}

TEST("upstream's habits: indexes from the end, replacing and copying what is absent")
{
    static const char *const cases[][3] = {
        {"{'a':[1,2,3]}", "[{'op':'remove','path':'/a/-1'}]", "{'a':[1,2]}"},
        {"{'a':[1,2]}", "[{'op':'add','path':'/a/-1','value':3}]", "{'a':[1,2,3]}"},
        {"{'a':[1,2]}", "[{'op':'add','path':'/a/-3','value':3}]", "{'a':[3,1,2]}"},
        {"{'a':[1,2]}", "[{'op':'remove','path':'/a/+1'}]", "{'a':[1]}"},
        {"{}", "[{'op':'replace','path':'/a','value':1}]", "{'a':1}"},
        {"{}", "[{'op':'copy','from':'/a','path':'/b'}]", "{'b':null}"},
        {"{}", "[{'op':'add','path':'/a'}]", "{'a':null}"},
        {"{'a':1}", "[{'op':'remove','path':'x/a'}]", "{}"},
        {"{'a':1}", "[{'op':'replace','path':'','value':[1]}]", "[1]"},
        {"{'a':1}", "[{'op':'test','path':'','value':{'a':1}}]", "{'a':1}"},
        {"{'a':null}", "[{'op':'test','path':'/a'}]", "{'a':null}"},
        {"{}", "[{'op':'test','path':'/a','value':null}]", "{}"},
        {"{}", "null", "{}"},
    };
    expect_all(cases, ARRAY_SIZE(cases));
}

TEST("whatever cannot be applied is one 422 without details")
{
    static const char *const cases[][2] = {
        {"{}", "[{'op':'remove','path':'/a'}]"},
        {"{}", "[{'op':'add','path':'/a/b','value':1}]"},
        {"{}", "[{'op':'add','path':'','value':{}}]"},
        {"{}", "[{'op':'add','path':'a','value':1}]"},
        {"{'a':null}", "[{'op':'add','path':'/a/b','value':1}]"},
        {"{'a':'s'}", "[{'op':'add','path':'/a/b','value':1}]"},
        {"{'a':[1]}", "[{'op':'add','path':'/a/2','value':1}]"},
        {"{'a':[1]}", "[{'op':'add','path':'/a/-3','value':1}]"},
        {"{'a':[1]}", "[{'op':'add','path':'/a/x','value':1}]"},
        {"{'a':[1]}", "[{'op':'add','path':'/a/99999999999999999999','value':1}]"},
        {"{'a':[1]}", "[{'op':'remove','path':'/a/1'}]"},
        {"{'a':[1]}", "[{'op':'remove','path':'/a/-'}]"},
        {"{'a':[1]}", "[{'op':'replace','path':'/a/1','value':1}]"},
        {"{'a':{}}", "[{'op':'move','from':'/a','path':'/a/b'}]"},
        {"{}", "[{'op':'move','from':'/a','path':'/b'}]"},
        {"{}", "[{'op':'copy','path':'/b'}]"},
        {"{'a':1}", "[{'op':'test','path':'/a','value':2}]"},
        {"{'a':1}", "[{'op':'test','path':'/a'}]"},
        {"{'a':[1,2]}", "[{'op':'test','path':'/a','value':[2,1]}]"},
        {"{}", "[{'op':'replace','path':'','value':1}]"},
        {"{}", "[{'op':'spam','path':'/a'}]"},
        {"{}", "[{'path':'/a'}]"},
        {"{}", "[{'op':'add','value':1}]"},
        {"{}", "[null]"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        EXPECT_TEXT(patched(cases[i][0], cases[i][1]), REFUSED);
        EXPECT_EQ(status.reason, STATUS_INVALID);
        EXPECT(status.causes == NULL);
    }
}

TEST("a body that is no patch is a 400 in Go's words")
{
    static const char *const cases[][3] = {
        {"{}", "{'op':'add'}",
         "400 error decoding patch: json: cannot unmarshal object into Go value of type "
         "[]handlers.jsonPatchOp"},
        {"{}", "['add']",
         "400 error decoding patch: json: cannot unmarshal string into Go value of type "
         "handlers.jsonPatchOp"},
        {"{}", "[{'op':'add','path':1}]",
         "400 error decoding patch: json: cannot unmarshal number into Go struct field "
         "jsonPatchOp.path of type string"},
        {"{}", "[{'op':true}]",
         "400 error decoding patch: json: cannot unmarshal bool into Go struct field "
         "jsonPatchOp.op of type string"},
    };
    expect_all(cases, ARRAY_SIZE(cases));
}

static const char *many_operations(struct buffer *patch, size_t count)
{
    buffer_clear(patch);
    buffer_append_byte(patch, '[');
    for (size_t i = 0; i < count; i++)
        buffer_format(patch, "%s{'op':'test','path':'/a','value':1}", i > 0 ? "," : "");
    buffer_append_byte(patch, ']');
    return patch->data;
}

TEST("10000 operations are allowed, and one more is not")
{
    struct buffer patch = {0};
    EXPECT_TEXT(patched("{'a':1}", many_operations(&patch, 10000)), "{'a':1}");
    EXPECT_TEXT(patched("{'a':1}", many_operations(&patch, 10001)),
                "413 Request entity too large: The allowed maximum operations in a JSON patch is "
                "10000, got 10001");
    buffer_release(&patch);
}

TEST("copies may add 3 MiB altogether")
{
    struct buffer object = {0};
    struct buffer patch = {0};
    buffer_append_text(&object, "{'a':'");
    for (size_t i = 0; i < (1 << 20) - 2; i++) /* With its quotes 1 MiB. */
        buffer_append_byte(&object, 'x');
    buffer_append_text(&object, "'}");
    buffer_append_text(&patch, "[{'op':'copy','from':'/a','path':'/b'},"
                               "{'op':'copy','from':'/a','path':'/c'},"
                               "{'op':'copy','from':'/a','path':'/d'}]");
    EXPECT(patched(object.data, patch.data)[0] == '{');
    patch.data[patch.size - 1] = ',';
    buffer_append_text(&patch, "{'op':'copy','from':'/e','path':'/f'},"
                               "{'op':'add','path':'/n','value':1},"
                               "{'op':'copy','from':'/n','path':'/o'}]");
    EXPECT_TEXT(patched(object.data, patch.data), REFUSED);
    buffer_release(&patch);
    buffer_release(&object);
}

TEST("copies cannot nest an object deeper than the reader would")
{
    struct buffer patch = {0};
    struct buffer path = {0};
    buffer_append_text(&patch, "[");
    buffer_append_text(&path, "/a");
    for (int i = 0; i < 10; i++) { /* Depth doubles with each. */
        buffer_format(&patch, "%s{'op':'copy','from':'/a','path':'%s/a'}", i > 0 ? "," : "",
                      path.data);
        char *whole = mem_copy_text(path.data);
        buffer_append_text(&path, whole);
        mem_free(whole);
    }
    buffer_append_text(&patch, "]");
    EXPECT_TEXT(patched("{'a':{}}", patch.data), REFUSED);
    buffer_release(&patch);
    buffer_release(&path);
}

TEST("a patch may step over 20 million values, and no further")
{
    struct buffer object = {0};
    struct buffer patch = {0};
    buffer_append_text(&object, "{'a':[0");
    for (int i = 0; i < 20000; i++)
        buffer_append_text(&object, ",0");
    buffer_append_text(&object, "]}");
    buffer_append_text(&patch, "[{'op':'test','path':'/a/20000','value':0}");
    for (int i = 0; i < 999; i++)
        buffer_append_text(&patch, ",{'op':'test','path':'/a/20000','value':0}");
    buffer_append_text(&patch, "]");
    EXPECT(patched(object.data, patch.data)[0] == '{');
    patch.data[patch.size - 1] = ',';
    buffer_append_text(&patch, "{'op':'test','path':'/a/1','value':0}]");
    EXPECT_TEXT(patched(object.data, patch.data),
                "413 Request entity too large: the patch steps over more than 20000000 values");
    buffer_release(&patch);
    buffer_release(&object);
}
