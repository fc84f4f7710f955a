/* Merge patches: the cases of RFC 7386's appendix A that an API object can have. */
#include "core/kinds/patch.h"
#include "tests/harness/json_quotes.h"

static struct arena arena;
static struct status status;

static const char *patched(const char *object, const char *patch)
{
    struct json *root = json_quotes_read(&arena, object);
    status_release(&status);
    status_init(&status);
    if (patch_merge(&arena, root, json_quotes_read(&arena, patch), &status))
        return arena_format(&arena, "%d %s", status.code, status.message);
    return json_quotes_show(&arena, root);
}

TEST("a merge patch lays one tree over another, and null removes")
{
    static const char *const cases[][3] = {
        {"{'a':'b'}", "{'a':'c'}", "{'a':'c'}"},
        {"{'a':'b'}", "{'b':'c'}", "{'a':'b','b':'c'}"},
        {"{'a':'b'}", "{'a':null}", "{}"},
        {"{'a':'b','b':'c'}", "{'a':null}", "{'b':'c'}"},
        {"{'a':['b']}", "{'a':'c'}", "{'a':'c'}"},
        {"{'a':'c'}", "{'a':['b']}", "{'a':['b']}"},
        {"{'a':{'b':'c'}}", "{'a':{'b':'d','c':null}}", "{'a':{'b':'d'}}"},
        {"{'a':[{'b':'c'}]}", "{'a':[1]}", "{'a':[1]}"},
        {"{'e':null}", "{'a':1}", "{'e':null,'a':1}"},
        {"{}", "{'a':{'bb':{'ccc':null}}}", "{'a':{'bb':{}}}"},
        {"{'a':1}", "{'a':{'b':null,'c':1}}", "{'a':{'c':1}}"},
        {"{'a':1}", "{}", "{'a':1}"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        EXPECT_TEXT(patched(cases[i][0], cases[i][1]), cases[i][2]);
}

TEST("in a list that is new, null items stay and null members of items go")
{
    EXPECT_TEXT(patched("{}", "{'a':[null,{'b':null,'c':1}]}"), "{'a':[null,{'c':1}]}");
}

TEST("the patch itself is left as it was")
{
    struct json *patch = json_quotes_read(&arena, "{'a':{'b':null,'c':[1]}}");
    EXPECT_EQ(patch_merge(&arena, json_quotes_read(&arena, "{}"), patch, &status), 0);
    EXPECT(json_equal(patch, json_quotes_read(&arena, "{'a':{'b':null,'c':[1]}}")));
}

TEST("a patch that is no object is a 400")
{
    EXPECT_TEXT(patched("{}", "[1]"),
                "400 error decoding patch: json: cannot unmarshal array into Go value of type "
                "map[string]interface {}");
    EXPECT_TEXT(patched("{}", "'x'"),
                "400 error decoding patch: json: cannot unmarshal string into Go value of type "
                "map[string]interface {}");
    EXPECT_TEXT(patched("{}", "null"), "400 Invalid JSON Patch");
}
