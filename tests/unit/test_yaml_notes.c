/* core/yaml: positions, and a place for every comment. */
#include <stdio.h>

#include "core/kyaml.h"
#include "core/random.h"
#include "core/yaml.h"
#include "tests/harness/test.h"

static struct arena arena;
static struct status status;
static struct yaml_document document;

static struct json *parse(const char *text)
{
    struct yaml_options options = {.notes = true};
    status_clear(&status);
    int failed = yaml_parse(&arena, slice_of(text), &options, &document, &status);
    if (failed)
        printf("%s\n", status.message);
    EXPECT_EQ(failed, 0);
    return document.root;
}

/* All documents of a text as KYAML with comments. */
static const char *rewrite(const char *text)
{
    struct buffer kyaml;
    buffer_init(&kyaml);
    struct yaml_stream stream;
    yaml_stream_init(&stream, slice_of(text));
    struct yaml_options options = {.notes = true};
    int result;
    while ((result = yaml_stream_next(&stream, &arena, &options, &document, &status)) == 1) {
        struct kyaml_options print = {.document = &document};
        EXPECT_EQ(kyaml_print_document(document.root, &print, &kyaml), 0);
    }
    const char *copy = result < 0 ? NULL : arena_copy_slice(&arena, buffer_slice(&kyaml));
    buffer_release(&kyaml);
    return copy;
}

static void expect_at(const struct json *node, unsigned line, unsigned column, unsigned key_column)
{
    const struct yaml_note *note = yaml_note_of(&document, node);
    EXPECT(note != NULL);
    EXPECT_EQ(note->at.line, line);
    EXPECT_EQ(note->at.column, column);
    EXPECT_EQ(note->key_at.column, key_column);
}

TEST("every value knows its line and column, its key's too")
{
    struct json *root = parse("a: 1\nb:\n  - x\n  - {c: d}\n\xc3\xa9: \xc3\xa9 # x\n");
    expect_at(root, 1, 1, 0);
    expect_at(json_get(root, "a"), 1, 4, 1);
    expect_at(json_get(root, "b"), 3, 3, 1);
    expect_at(json_item(json_get(root, "b"), 0), 3, 5, 0);
    expect_at(json_item(json_get(root, "b"), 1), 4, 5, 0);
    expect_at(json_at(json_item(json_get(root, "b"), 1), "c"), 4, 9, 6);
    expect_at(json_get(root, "\xc3\xa9"), 5, 4, 1);
}

TEST("the parts of an alias have no positions, the alias has")
{
    struct json *root = parse("a: &x {b: 1}\nc: *x\n");
    expect_at(json_get(root, "c"), 2, 4, 1);
    EXPECT(yaml_note_of(&document, json_at(root, "c.b")) == NULL);
}

TEST("comments stand in KYAML where they stood")
{
    EXPECT_TEXT(rewrite("# licence\n"
                        "a: 1  # behind a\n"
                        "# above b\n"
                        "b: # behind b's colon\n"
                        "  c: 2\n"
                        "  # last in b\n"
                        "# above list\n"
                        "list:\n"
                        "# above the first\n"
                        "- x # behind x\n"
                        "# above the second\n"
                        "- # behind the dash\n"
                        "  k: v\n"
                        "# above end\n"
                        "end: []\n"
                        "# the end\n"),
                "---\n"
                "# licence\n"
                "{\n"
                "  a: 1, # behind a\n"
                "  # above b\n"
                "  b: { # behind b's colon\n"
                "    c: 2,\n"
                "    # last in b\n"
                "  },\n"
                "  # above list\n"
                "  list: [\n"
                "    # above the first\n"
                "    \"x\", # behind x\n"
                "    # above the second\n"
                "    { # behind the dash\n"
                "      k: \"v\",\n"
                "    },\n"
                "  ],\n"
                "  # above end\n"
                "  end: [],\n"
                "  # the end\n"
                "}\n");
}

TEST("comments between brackets stay between them")
{
    EXPECT_TEXT(
        rewrite("{ # open\n  # above\n  a: [ # in\n  1, # one\n  2 # two\n  # tail\n ] # behind\n"
                "  ,b: {# e\n} } # root\n# foot\n"),
        "---\n"
        "{ # open\n"
        "  # above\n"
        "  a: [ # in\n"
        "    1, # one\n"
        "    2, # two\n"
        "    # tail\n"
        "  ], # behind\n"
        "  b: { # e\n"
        "  },\n"
        "} # root\n"
        "# foot\n");
}

TEST("a block scalar may have a comment in its header, and one below it")
{
    EXPECT_TEXT(rewrite("a: | # bash\n  x # not one\n# below\nb: 1\n"), "---\n"
                                                                        "{\n"
                                                                        "  a: \"\\\n"
                                                                        "     x # not one\\n\\\n"
                                                                        "    \", # bash\n"
                                                                        "  # below\n"
                                                                        "  b: 1,\n"
                                                                        "}\n");
}

TEST("what looks like a comment inside a text is none")
{
    EXPECT_TEXT(rewrite("a: x#y\nb: '# no'\nc: \"# no\"\n"),
                "---\n{\n  a: \"x#y\",\n  b: \"# no\",\n  c: \"# no\",\n}\n");
}

TEST("a comment between a tag or an anchor and its value is kept")
{
    EXPECT_TEXT(rewrite("a: !!str # t\n  1\nb: &x # u\n  c: 1\n"),
                "---\n{\n  a: \"1\", # t\n  b: { # u\n    c: 1,\n  },\n}\n");
    EXPECT_TEXT(rewrite("a: !!str # t\n  # two\n  1 # three\n"),
                "---\n{\n  # t\n  # two\n  a: \"1\", # three\n}\n");
}

TEST("the comments of a merge key go to the next entry")
{
    EXPECT_TEXT(rewrite("x: &x {a: 1}\nz:\n  # merged\n  <<: *x # all of x\n  b: 2\n"),
                "---\n{\n  x: {\n    a: 1,\n  },\n  z: {\n    a: 1,\n    # merged\n"
                "    # all of x\n    b: 2,\n  },\n}\n");
}

TEST("documents keep what stands above, below, and on their separators")
{
    EXPECT_TEXT(
        rewrite("# one\n---  # sep \n# two\na: 1\n--- # three\n# only\n---\n- 1\n...\n# bye\n"),
        "---\n# one\n---\n# sep\n# two\n{\n  a: 1,\n}\n---\n# three\n# only\n---\n[\n"
        "  1,\n]\n# bye\n");
}

TEST("no comment on a separator is lost, not between separators, not at the end")
{
    EXPECT_TEXT(rewrite("--- # a\n--- # b\na: 1\n--- # c\n---\n"),
                "---\n# a\n---\n# b\n{\n  a: 1,\n}\n---\n# c\n");
    EXPECT(rewrite("a: 1\n--- # \x01\nb: 1\n") == NULL);
    EXPECT_TEXT(status.message, "yaml: line 2: control characters are not allowed (column 5)");
}

TEST("columns count characters, so that comments behind any script are found")
{
    EXPECT_TEXT(rewrite("\xe6\x97\xa5: \"\xf0\x9f\x98\x80\" # \xc3\xa9\r\nb: 1 # b\n"),
                "---\n{\n  \xe6\x97\xa5: \"\xf0\x9f\x98\x80\", # \xc3\xa9\n  b: 1, # b\n}\n");
}

/* A random text with a comment wherever one may stand; *count of them. */

struct maker {
    struct random *random;
    struct buffer text;
    int comments;
    int keys;
};

static void maybe_comment(struct maker *m, const char *before, const char *after)
{
    if (random_below(m->random, 3) > 0)
        return;
    buffer_format(&m->text, "%s# c%d%s", before, m->comments++, after);
}

static void make_flow(struct maker *m, int depth)
{
    if (depth == 0) {
        buffer_append_text(&m->text, "\"x\" ");
        return;
    }
    bool list = random_below(m->random, 2) == 0;
    buffer_append_text(&m->text, list ? "[" : "{");
    for (uint64_t i = random_below(m->random, 4); i > 0; i--) {
        maybe_comment(m, "\n ", "\n ");
        if (!list)
            buffer_format(&m->text, "k%d: ", m->keys++);
        make_flow(m, depth - 1);
        maybe_comment(m, " ", "\n ");
        buffer_append_text(&m->text, ",");
        maybe_comment(m, " ", "\n ");
    }
    buffer_append_text(&m->text, list ? "] " : "} ");
}

static void make_block(struct maker *m, int depth, int indent)
{
    bool list = random_below(m->random, 2) == 0;
    for (uint64_t i = 1 + random_below(m->random, 3); i > 0; i--) {
        buffer_format(&m->text, "%*s", indent, "");
        maybe_comment(m, "", arena_format(&arena, "\n%*s", indent, ""));
        if (list)
            buffer_append_text(&m->text, "-");
        else
            buffer_format(&m->text, "k%d:", m->keys++);
        if (depth > 0 && random_below(m->random, 2) == 0) {
            maybe_comment(m, " ", "");
            buffer_append_text(&m->text, "\n");
            make_block(m, depth - 1, indent + 2);
        } else if (random_below(m->random, 4) == 0) {
            buffer_append_text(&m->text, " |");
            maybe_comment(m, " ", "");
            buffer_format(&m->text, "\n%*stext # no\n", indent + 2, "");
        } else {
            buffer_append_text(&m->text, " ");
            make_flow(m, (int)random_below(m->random, 3));
            maybe_comment(m, " ", "");
            buffer_append_text(&m->text, "\n");
        }
    }
    int column = (int)random_below(m->random, (uint64_t)indent + 1);
    maybe_comment(m, arena_format(&arena, "%*s", column, ""), "\n");
}

TEST("no comment is lost, the value stays, and rewriting twice changes nothing")
{
    int rounds = test_full ? 20000 : 1000;
    for (int seed = 1; seed <= rounds; seed++) {
        struct random_seeded random;
        random_seeded_init(&random, (uint64_t)seed);
        struct maker m = {.random = &random.random};
        buffer_init(&m.text);
        make_block(&m, 3, 0);
        printf("seed %d\n%s\n", seed, m.text.data);
        const char *once = rewrite(m.text.data);
        EXPECT(once != NULL);
        printf("->\n%s\n", once);
        for (int i = 0; i < m.comments; i++) {
            const char *mark = arena_format(&arena, "# c%d\n", i);
            const char *found = strstr(once, mark);
            EXPECT(found != NULL);
            EXPECT(strstr(found + 1, mark) == NULL);
        }
        EXPECT_TEXT(rewrite(once), once);
        struct json *before = parse(m.text.data);
        EXPECT(json_equal(before, parse(once)));
        buffer_release(&m.text);
        arena_reset(&arena);
    }
}
