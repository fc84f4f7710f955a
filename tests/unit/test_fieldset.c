/* Sets of fields: their text, their order, and what can be done with two. */
#include "core/kinds/fieldset.h"
#include "tests/harness/json_quotes.h"

static struct arena arena;

static struct fieldset *set_of(const char *quotes)
{
    struct fieldset *set = fieldset_read(&arena, json_quotes_read(&arena, quotes), false);
    EXPECT(set != NULL);
    return set;
}

static const char *show(const struct fieldset *set)
{
    struct buffer text = {0};
    fieldset_print(set, &text);
    char *copy = arena_copy_slice(&arena, buffer_slice(&text));
    buffer_release(&text);
    return json_quotes_turn(copy, '"', '\'');
}

TEST("what is read is printed as it was, a member that has children by a dot")
{
    static const char *const sets[] = {
        "{}",
        "{'f:a':{}}",
        "{'f:a':{'f:b':{}}}",
        "{'f:a':{'.':{},'f:b':{}}}",
        "{'f:a b/c~.':{},'i:0':{'f:x':{}}}",
    };
    for (size_t i = 0; i < ARRAY_SIZE(sets); i++)
        EXPECT_TEXT(show(set_of(sets[i])), sets[i]);
}

TEST("keys and values are JSON in a string, with escapes for HTML inside and not outside")
{
    struct status status = {0};
    const char *text = "{\"f:<\":{},\"k:{\\\"name\\\":\\\"a\\\\u003cb\\\"}\":{\".\":{},\"f:x\":{}},"
                       "\"v:\\\"q\\\\\\\"\\\"\":{}}";
    struct json *json = json_parse(&arena, slice_of(text), NULL, &status);
    struct buffer printed = {0};
    fieldset_print(fieldset_read(&arena, json, false), &printed);
    EXPECT_TEXT(printed.data, text);
    buffer_release(&printed);
}

TEST("steps are put in order: names by bytes, keys and values as values, and each once")
{
    EXPECT_TEXT(show(set_of("{'i:10':{},'i:9':{},'v:1':{},'f:b':{},'f:a':{},'f:B':{}}")),
                "{'f:B':{},'f:a':{},'f:b':{},'v:1':{},'i:9':{},'i:10':{}}");
    EXPECT_TEXT(show(set_of("{'v:443':{},'v:80':{},'v:true':{},'v:8.5':{}}")),
                "{'v:8.5':{},'v:80':{},'v:443':{},'v:true':{}}");
    struct status status = {0};
    struct json *json = json_parse(&arena,
                                   SLICE("{\"k:{\\\"p\\\": 443}\":{},"
                                         "\"k:{\\\"q\\\":\\\"TCP\\\",\\\"p\\\":80}\":{},"
                                         "\"k:{\\\"p\\\":80}\":{},"
                                         "\"k:{ \\\"p\\\":80,\\\"q\\\":\\\"TCP\\\"}\":{}}"),
                                   NULL, &status);
    EXPECT_TEXT(show(fieldset_read(&arena, json, false)),
                "{'k:{\\'p\\':80}':{},'k:{\\'p\\':80,\\'q\\':\\'TCP\\'}':{},"
                "'k:{\\'p\\':443}':{}}");
}

TEST("steps of an unknown kind are left out, and what is no step is refused")
{
    EXPECT_TEXT(show(set_of("{'x:a':{'f:b':{}},'f:c':{'z:q':{}}}")), "{'f:c':{}}");
    static const char *const bad[] = {"{'f':{}}",   "{'abc':{}}", "{'k:[]':{}}",
                                      "{'k:x':{}}", "{'v:':{}}",  "{'i:x':{}}",
                                      "{'f:a':[]}", "[]",         "{'f:a':{'f:b':1}}"};
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
        EXPECT(fieldset_read(&arena, json_quotes_read(&arena, bad[i]), false) == NULL);
}

TEST("a union has the members of both")
{
    EXPECT_TEXT(show(fieldset_union(&arena, set_of("{'f:a':{},'f:c':{'f:x':{}}}"),
                                    set_of("{'f:a':{'f:y':{}},'f:b':{},'f:c':{'.':{}}}"))),
                "{'f:a':{'.':{},'f:y':{}},'f:b':{},'f:c':{'.':{},'f:x':{}}}");
    EXPECT_TEXT(show(fieldset_union(&arena, set_of("{}"), set_of("{'f:a':{}}"))), "{'f:a':{}}");
}

TEST("an intersection has the members that both have")
{
    EXPECT_TEXT(show(fieldset_intersection(&arena, set_of("{'f:a':{'.':{},'f:x':{}},'f:b':{}}"),
                                           set_of("{'f:a':{'f:x':{}},'f:c':{}}"))),
                "{'f:a':{'f:x':{}}}");
    EXPECT_TEXT(
        show(fieldset_intersection(&arena, set_of("{'f:a':{}}"), set_of("{'f:a':{'f:x':{}}}"))),
        "{}");
}

TEST("a difference takes members one by one, or with all that is below them")
{
    const struct fieldset *a = set_of("{'f:a':{'.':{},'f:x':{},'f:y':{}},'f:b':{}}");
    EXPECT_TEXT(show(fieldset_difference(&arena, a, set_of("{'f:a':{}}"))),
                "{'f:a':{'f:x':{},'f:y':{}},'f:b':{}}");
    EXPECT_TEXT(show(fieldset_difference(&arena, a, set_of("{'f:a':{'f:x':{},'f:y':{}}}"))),
                "{'f:a':{},'f:b':{}}");
    EXPECT_TEXT(show(fieldset_difference_below(&arena, a, set_of("{'f:a':{}}"))), "{'f:b':{}}");
    EXPECT_TEXT(show(fieldset_difference_below(&arena, a, set_of("{'f:a':{'f:x':{}}}"))),
                "{'f:a':{'.':{},'f:y':{}},'f:b':{}}");
    EXPECT_TEXT(show(a), "{'f:a':{'.':{},'f:x':{},'f:y':{}},'f:b':{}}");
}

TEST("paths of names are added as members")
{
    struct fieldset set = {.kind = 0};
    fieldset_add_path(&arena, &set, "metadata.labels");
    fieldset_add_path(&arena, &set, "");
    fieldset_add_path(&arena, &set, "status");
    fieldset_add_path(&arena, &set, "metadata");
    EXPECT_TEXT(show(&set), "{'f:metadata':{'.':{},'f:labels':{}},'f:status':{}}");
}

static void append_line(void *context, const char *path, const struct fieldset *member)
{
    (void)member;
    buffer_format(context, "%s\n", path);
}

TEST("paths are told as in conflicts, a node's own members before what is below them")
{
    struct status status = {0};
    struct buffer lines = {0};
    struct json *json = json_parse(
        &arena,
        SLICE("{\"f:a\":{\".\":{},\"k:{\\\"n\\\":\\\"x\\\",\\\"p\\\":80}\":{\".\":{},\"f:i\":{}}},"
              "\"f:b\":{\"v:\\\"q\\\"\":{},\"v:true\":{},\"i:3\":{}},\"f:c.d\":{}}"),
        NULL, &status);
    fieldset_each_path(&arena, fieldset_read(&arena, json, false), append_line, &lines);
    EXPECT_TEXT(lines.data, ".a\n.c.d\n.a[n=\"x\",p=80]\n.a[n=\"x\",p=80].i\n"
                            ".b[=\"q\"]\n.b[=true]\n.b[3]\n");
    buffer_release(&lines);
}
