/* core/kyaml_check: every trap is named with its place, and valid KYAML has none. */
#include "core/kyaml_check.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/kyaml.h"
#include "core/random.h"
#include "tests/harness/test.h"
#include "tests/unit/json_fixture.h"

static struct arena arena;

/* All findings, one a line: "2:4 boolean NO is read as the boolean false". */
static const char *check(struct slice text)
{
    struct buffer all;
    buffer_init(&all);
    for (struct kyaml_finding *f = kyaml_check(&arena, text); f; f = f->next)
        buffer_format(&all, "%u:%u %s %s\n", f->at.line, f->at.column, kyaml_trap_name(f->trap),
                      f->message);
    const char *copy = arena_copy_slice(&arena, buffer_slice(&all));
    buffer_release(&all);
    return copy;
}

static const struct {
    const char *yaml;
    const char *findings;
} traps[] = {
    {"a: 1\ncountry: NO\n", "2:10 boolean NO is read as the boolean false\n"},
    {"a: yes\n", "1:4 boolean yes is read as the boolean true\n"},
    {"- on\n", "1:3 boolean on is read as the boolean true\n"},
    {"{a: y}\n", "1:5 boolean y is read as the boolean true\n"},
    {"a: True\n", "1:4 boolean True is read as the boolean true\n"},
    {"a: tRue\n", "1:4 spelling tRue is read as text here, because of its spelling\n"},
    {"on: push\n", "1:1 key the key on is read as \"true\"\n"},
    {"y: 1\n", "1:1 key the key y is read as \"true\"\n"},
    {"0x10: a\n", "1:1 key the key 0x10 is read as \"16\"\n"},
    {"1.10: a\n", "1:1 key the key 1.10 is read as \"1.1\"\n"},
    {"a: ~\n", "1:4 null ~ is read as null\n"},
    {"name: Null\n", "1:7 null Null is read as null\n"},
    {"a:\nb: 1\n", "1:1 empty the value of a is empty, which is read as null\n"},
    {"color: #fff\n", "1:1 empty the value of color is empty, which is read as null\n"},
    {"- \n- a\n", "1:2 empty the item is empty, which is read as null\n"},
    {"{a, b: 1}\n", "1:2 empty the value of a is empty, which is read as null\n"},
    {"{a:b}\n", "1:2 colon all of a:b is read as a key, with the value null\n"},
    {"mode: 0644\n", "1:7 octal 0644 is read as the number 420\n"},
    {"a: 0o14\n", "1:4 octal 0o14 is read as the number 12\n"},
    {"a: 0x1F\n", "1:4 radix 0x1F is read as the number 31\n"},
    {"a: 0b11\n", "1:4 radix 0b11 is read as the number 3\n"},
    {"a: 1_000\n", "1:4 underscore 1_000 is read as the number 1000\n"},
    {"a: _42\n",
     "1:4 underscore _42 is read as text here, and as a number by readers that drop underscores\n"},
    {"a: 11:00\n",
     "1:4 base60 11:00 is read as text here, and as a number of base 60 in YAML 1.1\n"},
    {"ports:\n- 22:22\n",
     "2:3 base60 22:22 is read as text here, and as a number of base 60 in YAML 1.1\n"},
    {"a: 1e3\n", "1:4 exponent 1e3 is read as the number 1000\n"},
    {"commit: 12e4567\n",
     "1:9 large 12e4567 is read as text here, because it is too large for a number\n"},
    {"version: 1.10\n", "1:10 version 1.10 is read as the number 1.1\n"},
    {"version: 1.0\n", "1:10 version 1.0 is read as the number 1\n"},
    {"a: 08\n", "1:4 number 08 is read as the number 8\n"},
    {"a: +1\n", "1:4 number +1 is read as the number 1\n"},
    {"a: .5\n", "1:4 number .5 is read as the number 0.5\n"},
    {"id: 18446744073709551615\n",
     "1:5 large 18446744073709551615 is read as the number 18446744073709552000\n"},
    {"id: 123456789012345678901\n",
     "1:5 large 123456789012345678901 is read as the number 123456789012345680000\n"},
    {"a: 2001-01-01\n", "1:4 date 2001-01-01 is read as text here, and as a date in YAML 1.1\n"},
    {"a: &x {b: 1}\nc: *x\n", "1:4 anchor &x names the value for copies\n"
                              "2:4 anchor *x is read as a copy of what &x names\n"},
    {"<<: {a: 1}\n", "1:1 merge << merges another mapping into this one\n"},
    {"a: !!str 1\n", "1:4 tag the tag !!str decides the type\n"},
    {"a: !Ref b\n", "1:4 tag the tag !Ref is dropped\n"},
    {"a: 1\nb: {c: 1, c: 2}\na: 2\n",
     "2:11 duplicate b.c is given again, and the last one is read\n"
     "3:1 duplicate a is given again, and the last one is read\n"},
    {"{\"a\": 1,\n \"a\": 2}\n", "2:2 duplicate a is given again, and the last one is read\n"},
    {"a:\tb\n", "1:4 tab a tab stands before it\n"},
    {"a:\n\tb: 1\n", "2:1 tab error converting YAML to JSON: yaml: line 2: found character that "
                     "cannot start any token (column 1)\n"},
    {"args:\n- a\n  - b\n", "2:3 list the dash below is read as part of the text \"a - b...\"\n"},
    {"a: b\n  c\n", "1:4 folded the lines are read as one text, \"b c...\"\n"},
    {"args:\n  -a\n", "2:3 dash -a is read as text, not as an item\n"},
    {"metadata:\n  name:web\n", "2:3 colon name:web is read as text, not as a key and a value\n"},
    {"[a: b]\n", "1:2 pair the pair is read as a mapping inside the list\n"},
    {"a: 'x\\n'\n", "1:4 backslash the backslashes between single quotes are read as they are\n"},
    {"a: b\xc2\xa0"
     "c\n",
     "1:4 invisible b\xc2\xa0"
     "c is read as text with the invisible character U+00A0 in it\n"},
    {"a: |\n  b\xe2\x80\x8b\n", "1:4 invisible the text holds the invisible character U+200B\n"},
    {"a: 1\n...\nb: 2\n", "3:1 ignored the document ended above, and this is dropped\n"},
    {"a: .inf\n", "1:4 infinity .inf is a number that JSON does not have\n"
                  "1:4 error error converting YAML to JSON: json: unsupported value: +Inf "
                  "(line 1, column 4)\n"},
    {"a: {{ .Values.x }}\n",
     "1:5 error error converting YAML to JSON: yaml: line 1: invalid map key: a mapping or "
     "sequence (column 5); is this a template that was not filled in?\n"},
    {"a: b: c\n", "1:5 error error converting YAML to JSON: yaml: line 1: mapping values are not "
                  "allowed in this context (column 5)\n"},
    {"containers:\n  - name: a\n   image: b\n",
     "3:4 error error converting YAML to JSON: yaml: line 3: did not find expected '-' "
     "indicator (column 4, in a block collection from line 2)\n"},
    {"a: 1\n--- b\n", "2:5 error invalid Yaml document separator: b (line 2)\n"},
};

TEST("each trap is named, with line, column, and what it is read as")
{
    for (size_t i = 0; i < ARRAY_SIZE(traps); i++) {
        printf("%s", traps[i].yaml);
        EXPECT_TEXT(check(slice_of(traps[i].yaml)), traps[i].findings);
    }
    EXPECT(ARRAY_SIZE(traps) >= 40);
}

TEST("places count from the start of the file, in any document and script")
{
    EXPECT_TEXT(check(SLICE("a: 1\n--- # c\n\n\xc3\xa9: [\xc3\xa9, NO]\n---\n- 1\n- 1e3 # x\n")),
                "4:8 boolean NO is read as the boolean false\n"
                "7:3 exponent 1e3 is read as the number 1000\n");
}

TEST("ordinary manifests are no traps")
{
    static const char *const texts[] = {
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n  labels: {app: web}\nspec:\n"
        "  containers:\n  - name: a\n    image: nginx:1.25\n    args: [--verbose, \"-x\"]\n"
        "    command:\n    - sh\n    - -c\n    - |\n      - not an item\n      a:b\n"
        "    ports:\n    - containerPort: 80\n      protocol: TCP\n  restartPolicy: Always\n",
        "a: null\nb: true\nc: -5\nd: 1.5\ne: http://x/y\nf: ''\ng: \"NO\"\nh: '1e3'\n",
        "url:\n  http://example.org:80/\n",
        "value:\n  -5\n",
        "# only a comment\n",
        "",
        "{\n\t\"a\": [1, 2]\n}\n",
        "---\n{\n\ta: 1,\n}\n",
    };
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
        EXPECT_TEXT(check(slice_of(texts[i])), "");
}

TEST("valid KYAML has no traps, whatever it holds")
{
    int rounds = test_full ? 50000 : 2000;
    for (int seed = 1; seed <= rounds; seed++) {
        struct random_seeded random;
        random_seeded_init(&random, (uint64_t)seed);
        struct json_fixture fixture = {.arena = &arena, .random = &random.random};
        struct buffer text;
        buffer_init(&text);
        EXPECT_EQ(kyaml_print_document(json_fixture_value(&fixture, 4), NULL, &text), 0);
        printf("seed %d\n%s\n", seed, text.data);
        EXPECT_TEXT(check(buffer_slice(&text)), "");
        buffer_release(&text);
        arena_reset(&arena);
    }
}

TEST("findings end at a limit")
{
    struct buffer text;
    buffer_init(&text);
    for (int i = 0; i < KYAML_FINDINGS_MAX + 10; i++)
        buffer_append_text(&text, "- NO\n");
    int count = 0;
    for (struct kyaml_finding *f = kyaml_check(&arena, buffer_slice(&text)); f; f = f->next)
        count++;
    EXPECT_EQ(count, KYAML_FINDINGS_MAX);
    buffer_release(&text);
}

TEST("each trap has a name and an explanation")
{
    for (int trap = 0; trap < KYAML_TRAP_COUNT; trap++) {
        const char *name = kyaml_trap_name((enum kyaml_trap)trap);
        EXPECT(name[0] >= 'a' && name[0] <= 'z');
        EXPECT(strlen(kyaml_trap_explanation((enum kyaml_trap)trap)) > 20);
        for (int other = 0; other < trap; other++)
            EXPECT(strcmp(name, kyaml_trap_name((enum kyaml_trap)other)) != 0);
    }
}
