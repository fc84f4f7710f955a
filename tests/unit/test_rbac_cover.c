/* Which rules cover which, and how what is missing is told. */
#include "api/rbac_cover.h"
#include "tests/harness/test.h"
#include "tests/unit/json_fixture.h"

static struct arena arena;

static struct json *parse(const char *quoted)
{
    char *text = mem_copy_text(quoted);
    struct status status;
    for (char *c = text; *c; c++)
        *c = *c == '\'' ? '"' : *c;
    status_init(&status);
    struct json *tree = json_parse(&arena, slice_of(text), NULL, &status);
    EXPECT(tree != NULL);
    status_release(&status);
    mem_free(text);
    return tree;
}

static const char *missing(const char *held, const char *wanted)
{
    struct rbac_rule_list rules = {.arena = &arena};
    struct json *missing_rules;
    JSON_EACH(rule, parse(held))
        rbac_rule_list_add(&rules, rule);
    EXPECT(rbac_missing_rules(&arena, &rules, parse(wanted), &missing_rules));
    return rbac_describe_rules(&arena, missing_rules);
}

#define PODS "[{'verbs':['get','list'],'apiGroups':[''],'resources':['pods']}]"

TEST("a rule covers its parts, and a star covers all")
{
    EXPECT_TEXT(missing(PODS, "[{'verbs':['get'],'apiGroups':[''],'resources':['pods']}]"), "");
    EXPECT_TEXT(missing("[{'verbs':['*'],'apiGroups':['*'],'resources':['*']}]", PODS), "");
    EXPECT_TEXT(missing(PODS, "[{'verbs':['get'],'apiGroups':[''],'resources':['pods'],"
                              "'resourceNames':['a']}]"),
                "");
    EXPECT_TEXT(missing("[{'verbs':['get'],'apiGroups':[''],'resources':['*/log']}]",
                        "[{'verbs':['get'],'apiGroups':[''],'resources':['pods/log']}]"),
                "");
    EXPECT_TEXT(missing("[{'verbs':['get'],'nonResourceURLs':['/a/*']}]",
                        "[{'verbs':['get'],'nonResourceURLs':['/a/b','/a/*']}]"),
                "");
    arena_release(&arena);
}

TEST("what is not covered is told by resource, with its verbs together")
{
    EXPECT_TEXT(missing(PODS, "[{'verbs':['get','create','delete'],'apiGroups':[''],"
                              "'resources':['pods','secrets']}]"),
                "{APIGroups:[\"\"], Resources:[\"pods\"], Verbs:[\"create\" \"delete\"]}\n"
                "{APIGroups:[\"\"], Resources:[\"secrets\"], Verbs:[\"get\" \"create\" "
                "\"delete\"]}");
    EXPECT_TEXT(missing("[]", "[{'verbs':['get'],'nonResourceURLs':['/metrics']}]"),
                "{NonResourceURLs:[\"/metrics\"], Verbs:[\"get\"]}");
    EXPECT_TEXT(missing("[]", "[{'verbs':['get'],'apiGroups':['x'],'resources':['y'],"
                              "'resourceNames':['a','b']}]"),
                "{APIGroups:[\"x\"], Resources:[\"y\"], ResourceNames:[\"a\"], Verbs:[\"get\"]}\n"
                "{APIGroups:[\"x\"], Resources:[\"y\"], ResourceNames:[\"b\"], Verbs:[\"get\"]}");
    arena_release(&arena);
}

TEST("one name does not cover all, a resource not its parts, a part not the resource")
{
    EXPECT(*missing("[{'verbs':['get'],'apiGroups':[''],'resources':['pods'],"
                    "'resourceNames':['a']}]",
                    "[{'verbs':['get'],'apiGroups':[''],'resources':['pods']}]"));
    EXPECT(*missing(PODS, "[{'verbs':['get'],'apiGroups':[''],'resources':['pods/log']}]"));
    EXPECT(*missing(PODS, "[{'verbs':['get'],'apiGroups':[''],'resources':['*']}]"));
    EXPECT(*missing(PODS, "[{'verbs':['*'],'apiGroups':[''],'resources':['pods']}]"));
    EXPECT(*missing(PODS, "[{'verbs':['get'],'apiGroups':['apps'],'resources':['pods']}]"));
    EXPECT(*missing("[{'verbs':['get'],'nonResourceURLs':['/a/b']}]",
                    "[{'verbs':['get'],'nonResourceURLs':['/a/*']}]"));
    arena_release(&arena);
}

/* A rule of one group, count resources and 256 verbs. */
static struct json *wide_rules(size_t count)
{
    struct json *rules = json_new_array(&arena);
    struct json *rule = json_new_object(&arena);
    json_append(rules, rule);
    json_append(json_set(&arena, rule, "apiGroups", json_new_array(&arena)),
                json_new_text(&arena, "g"));
    struct json *resources = json_set(&arena, rule, "resources", json_new_array(&arena));
    struct json *verbs = json_set(&arena, rule, "verbs", json_new_array(&arena));
    for (size_t i = 0; i < count; i++)
        json_append(resources, json_new_text(&arena, "r"));
    for (size_t i = 0; i < 256; i++)
        json_append(verbs, json_new_text(&arena, "v"));
    return rules;
}

TEST("a few lists may stand for millions of rules, which are not compared")
{
    struct rbac_rule_list all = {.arena = &arena};
    struct rbac_rule_list none = {.arena = &arena};
    struct json *found;
    rbac_rule_list_add(&all, parse("{'verbs':['*'],'apiGroups':['*'],'resources':['*']}"));
    EXPECT(rbac_missing_rules(&arena, &all, wide_rules(RBAC_ATOMS_MAX / 256), &found));
    EXPECT_EQ(json_count(found), 0);
    EXPECT(!rbac_missing_rules(&arena, &all, wide_rules(RBAC_ATOMS_MAX / 256 + 1), &found));
    EXPECT(rbac_missing_rules(&arena, &none, wide_rules(1000), &found));
    EXPECT_EQ(json_count(found), RBAC_MISSING_MAX);
    arena_release(&arena);
}
