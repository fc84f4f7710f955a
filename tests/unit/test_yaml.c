/* core/yaml: documents and streams, as a Kubernetes client reads them. */
#include "core/yaml.h"

#include <stdio.h>

#include "tests/harness/test.h"

static struct arena arena;
static struct status status;
static struct yaml_document document;

static const char *json_of(const struct json *root)
{
    struct buffer text;
    buffer_init(&text);
    json_print(root, &text);
    const char *copy = arena_copy_slice(&arena, buffer_slice(&text));
    buffer_release(&text);
    return copy;
}

static const char *parse_slice(struct slice text)
{
    status_clear(&status);
    if (yaml_parse(&arena, text, NULL, &document, &status))
        return status.message;
    return json_of(document.root);
}

static const char *parse(const char *text)
{
    return parse_slice(slice_of(text));
}

/* All documents of a stream, with spaces between; an error last. */
static const char *read_stream(const char *text)
{
    struct buffer all;
    buffer_init(&all);
    struct yaml_stream stream;
    yaml_stream_init(&stream, slice_of(text));
    status_clear(&status);
    int result;
    while ((result = yaml_stream_next(&stream, &arena, NULL, &document, &status)) == 1)
        buffer_format(&all, "%s ", json_of(document.root));
    if (result < 0)
        buffer_format(&all, "error: %s", status.message);
    const char *copy = arena_copy_slice(&arena, buffer_slice(&all));
    buffer_release(&all);
    return copy;
}

struct reading {
    const char *yaml;
    const char *json;
};

static void expect_readings(const struct reading *readings, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        printf("%s\n", readings[i].yaml);
        EXPECT_TEXT(parse(readings[i].yaml), readings[i].json);
    }
}

TEST("scalars become what go-yaml makes of them, numbers in Go's text")
{
    static const struct reading readings[] = {
        {"[NO, yes, y, Off]", "[false,true,true,false]"},
        {"- ~\n- null\n-\n- ''\n", "[null,null,null,\"\"]"},
        {"[0o14, 014, 0x1F, 1_000, 08]", "[12,12,31,1000,8]"},
        {"[11:00, _42, 0b2, 1e400]", "[\"11:00\",\"_42\",\"0b2\",\"1e400\"]"},
        {"[1e3, 1.0, 1.10, -0.0, .5]", "[1000,1,1.1,-0,0.5]"},
        {"[1e21, 1e20, 1e-7]", "[1e+21,100000000000000000000,1e-7]"},
        {"[18446744073709551615, 18446744073709551616]",
         "[18446744073709551615,18446744073709552000]"},
        {"[2001-01-01, '12', \"NO\"]", "[\"2001-01-01\",\"12\",\"NO\"]"},
        {"[!!str 12, !!float 3, !!int '7', ! 12]", "[\"12\",3,7,\"12\"]"},
        {"[!!binary aGk=, !own x]", "[\"hi\",\"x\"]"},
        {"!!binary |\n  aG\n  k=\n", "\"hi\""},
        {"!!binary /w==", "\"\xef\xbf\xbd\""},
        {"\"\\x41\\u00e9\\U0001F600\\0\\e\\_\\N\"",
         "\"A\xc3\xa9\xf0\x9f\x98\x80\\u0000\\u001b\xc2\xa0\xc2\x85\""},
        {"a: |\n  x\n  y\n\nb: >-\n  x\n  y\n", "{\"a\":\"x\\ny\\n\",\"b\":\"x y\"}"},
        {"", "null"},
        {"# only this\n", "null"},
    };
    expect_readings(readings, ARRAY_SIZE(readings));
}

TEST("keys of every type become text")
{
    static const struct reading readings[] = {
        {"1: a\nyes: b\n1.10: c\n1e10: d\n.inf: e\n",
         "{\"1\":\"a\",\"true\":\"b\",\"1.1\":\"c\",\"1e+10\":\"d\",\".inf\":\"e\"}"},
        {"0x10: a\n2001-01-01: b\n'no': c\n", "{\"16\":\"a\",\"2001-01-01\":\"b\",\"no\":\"c\"}"},
        {"!!binary aGk=: a\n", "{\"hi\":\"a\"}"},
        {"&k 12: a\nb: *k\n*k : c\n", "{\"12\":\"c\",\"b\":12}"},
        {"~: a", "yaml: line 1: unsupported map key: null (column 1)"},
        {"18446744073709551615: a",
         "yaml: line 1: unsupported map key: a number above 2^63 (column 1)"},
        {"{{ x }}: a", "yaml: line 1: invalid map key: a mapping or sequence (column 1)"},
        {"a: {{ .Values.x }}", "yaml: line 1: invalid map key: a mapping or sequence (column 5)"},
        {"? [a]\n: b", "yaml: line 1: invalid map key: a mapping or sequence (column 3)"},
    };
    expect_readings(readings, ARRAY_SIZE(readings));
}

TEST("members keep their order, and of duplicates the last wins in the first's place")
{
    EXPECT_TEXT(parse("b: 1\na: 2\nb: 3\n"), "{\"b\":3,\"a\":2}");
    EXPECT_TEXT(document.duplicates->path, "b");
    EXPECT_EQ(document.duplicates->at.line, 3);
    EXPECT_EQ(document.duplicates->at.column, 1);
    EXPECT(!document.duplicates->merged);
    EXPECT(document.duplicates->next == NULL);
    EXPECT_TEXT(parse("x:\n- a: 1\n- a: 1\n  c: {d: 1, d: 2}\n"),
                "{\"x\":[{\"a\":1},{\"a\":1,\"c\":{\"d\":2}}]}");
    EXPECT_TEXT(document.duplicates->path, "x[1].c.d");
    EXPECT_TEXT(parse("1: a\n'1': b"), "{\"1\":\"b\"}");
    EXPECT_TEXT(document.duplicates->path, "1");
}

TEST("aliases are copies, and an anchor may be given again")
{
    static const struct reading readings[] = {
        {"a: &x [1]\nb: *x\n", "{\"a\":[1],\"b\":[1]}"},
        {"- &x 1\n- &x 2\n- *x\n", "[1,2,2]"},
        {"- &x a\n- *x\n- {*x : 1}\n", "[\"a\",\"a\",{\"a\":1}]"},
        {"&k long enough: &v text\n*k : 2\nb: *k\n*v : *v\n",
         "{\"long enough\":2,\"b\":\"long enough\",\"text\":\"text\"}"},
        {"- *x\n", "yaml: line 1: unknown anchor 'x' referenced (column 3)"},
        {"&x [*x]", "yaml: line 1: anchor 'x' value contains itself (column 5)"},
        {"- &x [1]\n- {*x : 1}\n",
         "yaml: line 2: invalid map key: a mapping or sequence (column 4)"},
    };
    expect_readings(readings, ARRAY_SIZE(readings));
}

TEST("merge keys override what stands above them and yield to what stands below")
{
    static const struct reading readings[] = {
        {"x: &x {a: 1, b: 2}\nu: {a: 0, <<: *x, b: 3}\n",
         "{\"x\":{\"a\":1,\"b\":2},\"u\":{\"a\":1,\"b\":3}}"},
        {"<<: {a: 1}\nb: 2\n", "{\"a\":1,\"b\":2}"},
        {"x: &x {a: 1, b: 1}\nw: &w {b: 2, c: 2}\nz:\n  <<: [*x, *w, {d: 3}]\n",
         "{\"x\":{\"a\":1,\"b\":1},\"w\":{\"b\":2,\"c\":2},\"z\":{\"d\":3,\"b\":1,\"c\":2,\"a\":1}"
         "}"},
        {"a: {<<: &x {b: 1}}\nc: *x\n", "{\"a\":{\"b\":1},\"c\":{\"b\":1}}"},
        {"a: {<<: [&x {b: [1]}]}\nc: *x\n", "{\"a\":{\"b\":[1]},\"c\":{\"b\":[1]}}"},
        {"'<<': {a: 1}", "{\"<<\":{\"a\":1}}"},
        {"!!merge '<<': {a: 1}", "{\"a\":1}"},
        {"- <<", "[\"<<\"]"},
        {"<<: 1",
         "yaml: line 1: map merge requires map or sequence of maps as the value (column 5)"},
        {"<<: [1]",
         "yaml: line 1: map merge requires map or sequence of maps as the value (column 7)"},
        {"<<: [[]]",
         "yaml: line 1: map merge requires map or sequence of maps as the value (column 8)"},
        {"a: &a [1]\n<<: *a",
         "yaml: line 2: map merge requires map or sequence of maps as the value (column 5)"},
    };
    expect_readings(readings, ARRAY_SIZE(readings));
    (void)parse("x: &x {a: 1}\nu: {a: 0, <<: *x}\n");
    EXPECT_TEXT(document.duplicates->path, "u.a");
    EXPECT(document.duplicates->merged);
}

TEST("errors have kubectl's words, the line from 1, and the column")
{
    static const struct reading readings[] = {
        {"a: b: c", "yaml: line 1: mapping values are not allowed in this context (column 5)"},
        {"a:\n\tb: 1", "yaml: line 2: found character that cannot start any token (column 1)"},
        {"a: 1\n b: 2", "yaml: line 2: mapping values are not allowed in this context (column 3)"},
        {"a:\n  - b\n c: 1",
         "yaml: line 3: did not find expected key (column 2, in a block mapping from line 1)"},
        {"a: [1, 2", "yaml: line 2: did not find expected ',' or ']' (column 1, in a flow sequence "
                     "from line 1)"},
        {"a: 'x", "yaml: line 1: found unexpected end of stream (column 6)"},
        {"a: @x", "yaml: line 1: found character that cannot start any token (column 4)"},
        {"\xc3(", "yaml: line 1: invalid trailing UTF-8 octet (column 2)"},
        {"a: b\nc: \x01", "yaml: line 2: control characters are not allowed (column 4)"},
        {"a: !!int x", "yaml: line 1: cannot decode !!str `x` as a !!int (column 4)"},
        {"a: !!binary '*'", "yaml: line 1: !!binary value contains invalid base64 data (column 4)"},
        {"a: .inf", "json: unsupported value: +Inf (line 1, column 4)"},
        {"a: -.inf", "json: unsupported value: -Inf (line 1, column 4)"},
        {"a: .nan", "json: unsupported value: NaN (line 1, column 4)"},
        {"%YAML 1.2\n---\na", "yaml: line 1: found incompatible YAML document (column 1)"},
        {"[a?b]", "yaml: line 1: found '?' in a plain scalar between brackets (column 2)"},
        {"a: 1\nb: \"\\/\"", "yaml: line 2: found unknown escape character (column 4)"},
        {"\"\\\\/ /\"", "\"\\\\/ /\""},
        {"a: 1\n\xef\xbb\xbf"
         "b: 2",
         "yaml: line 2: found a byte order mark inside the text (column 1)"},
        {"[!a, b]", "yaml: line 1: found a tag without a value between brackets (column 2)"},
        {"{a:}", "yaml: line 1: found unexpected ':' (column 3)"},
    };
    expect_readings(readings, ARRAY_SIZE(readings));
    (void)parse("a:\n  b: [1, 2\n");
    EXPECT_EQ(document.at.line, 3);
    EXPECT_EQ(document.at.column, 1);
}

TEST("a byte order mark is skipped, UTF-16 is refused, a NUL too")
{
    EXPECT_TEXT(parse("\xef\xbb\xbf"
                      "a: 1\nb: 2"),
                "{\"a\":1,\"b\":2}");
    EXPECT(yaml_parse(&arena,
                      SLICE("\xff\xfe"
                            "a\0"),
                      NULL, &document, &status));
    EXPECT_TEXT(parse_slice(SLICE("a: \0")),
                "yaml: line 1: control characters are not allowed (column 4)");
}

TEST("of a body only the first document is read, and it says where others begin")
{
    EXPECT_TEXT(parse("a: 1\n---\nb: 2\n"), "{\"a\":1}");
    EXPECT_EQ(document.ignored_at.line, 2);
    EXPECT_TEXT(parse("a: 1\n...\n"), "{\"a\":1}");
    EXPECT_EQ(document.ignored_at.line, 0);
    EXPECT_TEXT(parse("a: 1\n...\n]\n"), "{\"a\":1}");
    EXPECT_EQ(document.ignored_at.line, 3);
    EXPECT_TEXT(parse("%YAML 1.1\n---\na: 1\n"), "{\"a\":1}");
}

/* Streams. */

TEST("a file is cut at lines that begin with three dashes")
{
    EXPECT_TEXT(read_stream("a: 1\n---\nb: 2\n"), "{\"a\":1} {\"b\":2} ");
    EXPECT_TEXT(read_stream("---\n---  # x\na: 1\r\n---\r\nb: 2"), "null {\"a\":1} {\"b\":2} ");
    EXPECT_TEXT(read_stream("---# text\na\n---# none\nb"), "\"---# text a\" \"b\" ");
    EXPECT_TEXT(read_stream("a: |\n  x\n---\nb: |\n  y"), "{\"a\":\"x\\n\"} {\"b\":\"y\\n\"} ");
    EXPECT_TEXT(read_stream("\n---\n# c\n---\n"), "null null ");
    EXPECT_TEXT(read_stream("a: 1\n--- x\nb: 2\n"),
                "error: invalid Yaml document separator: x (line 2)");
    EXPECT_TEXT(read_stream("a: 1\n----\n"), "error: invalid Yaml document separator: - (line 2)");
    EXPECT_TEXT(read_stream(""), "");
}

TEST("lines count from the start of the file")
{
    EXPECT_TEXT(read_stream("a: 1\n---\n\nb: c: d\n"),
                "{\"a\":1} error: error converting YAML to JSON: yaml: line 4: mapping values are "
                "not allowed in this context (column 5)");
    EXPECT_EQ(document.at.line, 4);
    EXPECT_EQ(document.at.column, 5);
}

TEST("a directive is cut off from its document, as kubectl does")
{
    EXPECT_TEXT(read_stream("%YAML 1.1\n---\na: 1\n"),
                "error: error converting YAML to JSON: yaml: line 2: did not find expected "
                "<document start> (column 1)");
}

TEST("a text that begins with a brace is JSON if it can be")
{
    EXPECT_TEXT(read_stream(" {\"a\": 1}{\"b\": 2}\n[3] 4 \"x}\" "),
                "{\"a\":1} {\"b\":2} [3] 4 \"x}\" ");
    EXPECT(document.is_json);
    EXPECT_TEXT(read_stream("{\"a\": 1}\n---\nb: 2\n"), "{\"a\":1} {\"b\":2} ");
    EXPECT(!document.is_json);
    EXPECT_TEXT(read_stream("{a: yes}\n"), "{\"a\":true} ");
    EXPECT_TEXT(read_stream("{\"a\": 1, \"a\": 2}"), "{\"a\":2} ");
    EXPECT_TEXT(document.duplicates->path, "a");
    /* In JSON yes is no value; a tab is only allowed here, not in YAML. */
    EXPECT_TEXT(read_stream("{\n\t\"a\": 1\n}"), "{\"a\":1} ");
}

TEST("after two JSON values what follows must be JSON too")
{
    EXPECT_TEXT(read_stream("{}\n{}\n---\na: 1\n"),
                "{} {} error: json: invalid character '-' in numeric literal (line 2, column 2)");
}

TEST("an error in what was meant to be JSON is JSON's, else YAML's")
{
    EXPECT_TEXT(read_stream("{\"a\": 1,, }\n"),
                "error: json: invalid character ',' looking for beginning of object key string "
                "(line 1, column 9)");
    EXPECT_TEXT(read_stream("{a: 1\n"),
                "error: error converting YAML to JSON: yaml: line 2: did not find expected ',' or "
                "'}' (column 1, in a flow mapping from line 1)");
    EXPECT_TEXT(read_stream("{\"a\": 1e400}"),
                "error: json: cannot unmarshal number 1e400 into Go value of type float64");
}

/* Limits. */

static const char *repeat(const char *piece, size_t count)
{
    struct buffer text;
    buffer_init(&text);
    for (size_t i = 0; i < count; i++)
        buffer_append_text(&text, piece);
    const char *copy = arena_copy_slice(&arena, buffer_slice(&text));
    buffer_release(&text);
    return copy;
}

TEST("depth ends at its limit, in each style")
{
    EXPECT(parse(repeat("[", 1000))[0] == 'y'); /* Not closed. */
    EXPECT(
        strstr(parse(arena_format(&arena, "%s%s", repeat("[", 1000), repeat("]", 1000))), "[[[["));
    EXPECT_TEXT(parse(arena_format(&arena, "%s%s", repeat("[", 1001), repeat("]", 1001))),
                "yaml: line 1: exceeded max depth of 1000 (column 1001)");
    EXPECT_TEXT(parse(repeat("- ", 1001)),
                "yaml: line 1: exceeded max depth of 1000 (column 2001)");
    struct yaml_options options = {.depth_max = 2};
    status_clear(&status);
    EXPECT_EQ(yaml_parse(&arena, SLICE("[[1]]"), &options, &document, &status), 0);
    EXPECT(yaml_parse(&arena, SLICE("[[[]]]"), &options, &document, &status));
}

TEST("aliases cannot go deeper than brackets can")
{
    struct yaml_options options = {.depth_max = 4};
    EXPECT_EQ(yaml_parse(&arena, SLICE("- &a [[1]]\n- [*a]\n"), &options, &document, &status), 0);
    EXPECT(yaml_parse(&arena, SLICE("- &a [[1]]\n- [[*a]]\n"), &options, &document, &status));
    EXPECT_TEXT(status.message, "yaml: line 2: exceeded max depth of 4 (column 5)");
}

TEST("size ends at its limit")
{
    struct yaml_options options = {.size_max = 4};
    EXPECT_EQ(yaml_parse(&arena, SLICE("a: 1"), &options, &document, &status), 0);
    EXPECT(yaml_parse(&arena, SLICE("a: 12"), &options, &document, &status));
    EXPECT_EQ(status.reason, STATUS_REQUEST_ENTITY_TOO_LARGE);
}

TEST("a document that laughs a billion times is refused")
{
    struct buffer text;
    buffer_init(&text);
    buffer_append_text(&text, "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
    for (int i = 1; i < 10; i++) {
        buffer_format(&text, "a%d: &a%d [*a%d", i, i, i - 1);
        for (int j = 0; j < 8; j++)
            buffer_format(&text, ", *a%d", i - 1);
        buffer_append_text(&text, "]\n");
    }
    const char *message = parse(text.data);
    EXPECT(strstr(message, "document contains excessive aliasing"));
    buffer_release(&text);
}

TEST("many aliases to little are allowed, up to the share that go-yaml allows")
{
    EXPECT(parse(arena_format(&arena, "- &a x\n%s", repeat("- *a\n", 400)))[0] == '[');
    /* Of 1,000 steps and more 99 % may come from aliases; here each brings 101. */
    const char *big = arena_format(&arena, "- &a [%s]\n", repeat("1,", 100));
    EXPECT(parse(arena_format(&arena, "%s%s", big, repeat("- *a\n", 50)))[0] == '[');
    EXPECT(strstr(parse(arena_format(&arena, "%s%s", big, repeat("- *a\n", 5000))), "excessive"));
}

TEST("aliases to large texts are bounded by the memory that they take")
{
    const char *text =
        arena_format(&arena, "- &a %s\n%s", repeat("x", 1 << 20), repeat("- *a\n", 40));
    EXPECT(strstr(parse(text), "excessive aliasing"));
    text = arena_format(&arena, "- &a %s\n%s", repeat("x", 1 << 20), repeat("- *a\n", 20));
    EXPECT(parse(text)[0] == '[');
}

TEST("merges inside merges are bounded too")
{
    const char *text = arena_format(&arena, "%s%s%s", repeat("<<: {a: 1, ", 800),
                                    repeat("<<: {b: 1}, ", 1000), repeat("}", 799));
    struct buffer keys;
    buffer_init(&keys);
    for (int i = 0; i < 20000; i++)
        buffer_format(&keys, "k%d: v,", i);
    text = arena_format(&arena, "%s%s%s", repeat("<<: {a: 1, ", 800), keys.data, repeat("}", 800));
    EXPECT(strstr(parse(text), "excessive aliasing"));
    buffer_release(&keys);
}

TEST_LIMIT(120, "a long list under deep brackets is refused before it takes long")
{
    struct buffer text;
    buffer_init(&text);
    buffer_append_text(&text, repeat("[", 999));
    for (int i = 0; i < 300000; i++)
        buffer_append_text(&text, "1,");
    status_clear(&status);
    EXPECT(yaml_parse(&arena, buffer_slice(&text), NULL, &document, &status));
    EXPECT(strstr(status.message, "nests too deeply for its size"));
    struct yaml_options options = {.notes = true};
    buffer_append_text(&text, " # a comment, so that they are looked for");
    EXPECT(yaml_parse(&arena, buffer_slice(&text), &options, &document, &status));
    EXPECT(strstr(status.message, "nests too deeply for its size"));
    buffer_release(&text);
}

TEST("directives are bounded, because libyaml compares them all")
{
    EXPECT_TEXT(parse(arena_format(&arena, "%s---\na: 1\n", repeat("%TAG !a! b\n", 101))),
                "yaml: line 1: more than 100 directives (column 1)");
    EXPECT(strstr(parse(arena_format(&arena, "%s---\na: 1\n", repeat("%TAG !a! b\n", 100))),
                  "found duplicate %TAG directive"));
}

TEST("duplicates are listed up to a hundred")
{
    EXPECT_TEXT(parse(repeat("a: 1\n", 500)), "{\"a\":1}");
    int count = 0;
    for (struct yaml_duplicate *d = document.duplicates; d; d = d->next)
        count++;
    EXPECT_EQ(count, 100);
}
