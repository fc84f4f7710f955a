/* KYAML and YAML beside the real kubectl: $KUBECTL, of version 1.35.
 *
 * `kubectl patch --local --type=merge -p {}` hands any object through, so its
 * output shows what kubectl reads and prints. */
#include <stdio.h>
#include <stdlib.h>

#include "core/kyaml.h"
#include "core/random.h"
#include "tests/harness/test.h"
#include "tests/unit/json_fixture.h"

static struct arena arena;
static struct status status;

static const char *kubectl(void)
{
    const char *path = getenv("KUBECTL");
    if (path == NULL || access(path, X_OK) != 0)
        SKIP("no kubectl: the variable KUBECTL does not name one");
    return path;
}

/* Moves a buffer's text to the arena. */
static struct slice keep(struct buffer *text)
{
    struct slice kept = {arena_copy_slice(&arena, buffer_slice(text)), text->size};
    buffer_release(text);
    return kept;
}

/* Runs kubectl on a text; gives what it printed. */
static struct slice run_kubectl(struct slice input, const char *format)
{
    const char *path = arena_format(&arena, "%s/input", test_folder());
    FILE *file = fopen(path, "wb");
    EXPECT(file != NULL);
    EXPECT_EQ(fwrite(input.data, 1, input.size, file), input.size);
    EXPECT_EQ(fclose(file), 0);
    FILE *output = popen(arena_format(&arena,
                                      "KUBECONFIG=/dev/null '%s' patch --local -f '%s' "
                                      "--type=merge -p '{}' -o %s",
                                      kubectl(), path, format),
                         "r");
    EXPECT(output != NULL);
    struct buffer text;
    buffer_init(&text);
    char block[65536];
    for (size_t size; (size = fread(block, 1, sizeof(block), output)) > 0;)
        buffer_append(&text, block, size);
    EXPECT_EQ(pclose(output), 0);
    return keep(&text);
}

static struct json *new_thing(int number)
{
    struct json *thing = json_new_object(&arena);
    json_set_text(&arena, thing, "apiVersion", "example.org/v1");
    json_set_text(&arena, thing, "kind", "Thing");
    json_set_text(&arena, json_ensure_object(&arena, thing, "metadata"), "name",
                  arena_format(&arena, "n%d", number));
    return thing;
}

/* Compares one document after the other, so that a difference is shown alone. */
static void expect_same(struct slice ours, struct slice theirs)
{
    const char *a = ours.data;
    const char *b = theirs.data;
    while (*a && *b) {
        const char *a_end = strstr(a + 1, "---\n{");
        const char *b_end = strstr(b + 1, "---\n{");
        size_t a_size = a_end ? (size_t)(a_end - a) : strlen(a);
        size_t b_size = b_end ? (size_t)(b_end - b) : strlen(b);
        EXPECT_SLICE(((struct slice){a, a_size}), ((struct slice){b, b_size}));
        a += a_size;
        b += b_size;
    }
    EXPECT_EQ(ours.size, theirs.size);
}

TEST_LIMIT(120, "random objects give the bytes that kubectl prints")
{
    int count = test_full ? 10000 : 500;
    uint64_t seed = 35;
    struct random_seeded random;
    random_seeded_init(&random, seed);
    struct json_fixture fixture = {.arena = &arena, .random = &random.random, .kubectl_safe = true};
    struct buffer input;
    struct buffer ours;
    buffer_init(&input);
    buffer_init(&ours);
    struct kyaml_options options = {.sort_keys = true};
    for (int i = 0; i < count; i++) {
        struct json *thing = new_thing(i);
        (void)json_set(&arena, thing, "data", json_fixture_object(&fixture, 4));
        json_print(thing, &input);
        buffer_append_byte(&input, '\n');
        EXPECT_EQ(kyaml_print_document(thing, &options, &ours), 0);
    }
    expect_same(keep(&ours), run_kubectl(keep(&input), "kyaml"));
    printf("%d objects, seed %llu\n", count, (unsigned long long)seed);
}

/* YAML texts. */

/* clang-format off */
static const char *const scalars[] = {
    "NO", "yes", "on", "off", "y", "~", "null", "", "0o14", "014", "08", "1_000", "0x1F", "0b101",
    "0b-1", "1e3", "1.0", "1.10", ".5", "5.", "-0", "-0.0", "+1", "11:00", "1:30:00", "2001-01-01",
    "2001-01-01T00:00:00Z", "9223372036854775807", "9223372036854775808", "18446744073709551615",
    "18446744073709551616", "-9223372036854775809", "1e400", "1e21", "1e-7", "123456789.123", "abc",
    "a b", "a#b", "a # comment", "'x'", "\"x\"", "\"a\\nb\"", "\"\\u00e9\\x41\\U0001F600\"", "'it''s'",
    "<<", "!!str 12", "!!int \"3\"", "!!float 3", "!!bool yes", "!!binary aGk=", "!own bar", "! 12",
    "!!timestamp 2001-01-01", "{}", "[]", "{a: 1}", "[1, 2]", "[a, {b: c}]", "{a: [x], b: }",
    "{\"a\":\"b\"}", "\"a\n      b\"", "'a\n\n      b'", "\xc3\xa9", "tRue", "Null", "0_", "_1", "1_",
    "0x", "1__2", "0o8", "0b2", "+0x1", "1E3", "1.e3", "-.5e1", "._5", ".5_0", "http://x/y?z=1",
    "|\n      text\n      more", ">\n      fold\n      ed\n\n      x", "|-\n      a", "|+\n      a\n\n",
    "|2\n        a\n      b", ">-\n      a\n       b\n      c", "a,b", "-x", "a\tb", "{a, b}", "[a: b]",
    "&x 1", "&y {k: v}", "[a,]", "{a: 1,}", "{\n      a: 1,\n\n      b: 2 # c\n      }",
};
/* clang-format on */

/* clang-format off */
static const char *const keys[] = {
    "1", "1.5", "true", "yes", "0x10", "1e10", "2001-01-01", "a b", "'q'", "\"d\"", "? x\n   ", "!!str 2",
    "-x", "a/b", "\xc3\xa9", ".inf", "!!binary aGk=", "&k key",
};
/* clang-format on */

static void add_thing(struct buffer *text, int number)
{
    buffer_format(text,
                  "---\napiVersion: example.org/v1\nkind: Thing\nmetadata:\n  name: n%d\ndata:\n",
                  number);
}

/* Reads all documents of a text and prints them as kubectl would. */
static struct slice print_all(struct slice input)
{
    struct buffer text;
    buffer_init(&text);
    struct yaml_stream stream;
    struct yaml_document document;
    struct kyaml_options options = {.sort_keys = true};
    yaml_stream_init(&stream, input);
    int result;
    while ((result = yaml_stream_next(&stream, &arena, NULL, &document, &status)) == 1)
        EXPECT_EQ(kyaml_print_document(document.root, &options, &text), 0);
    if (result < 0)
        printf("%s\n", status.message);
    EXPECT_EQ(result, 0);
    return keep(&text);
}

TEST_LIMIT(60, "each way to write a scalar or a key means what kubectl reads")
{
    struct buffer input;
    buffer_init(&input);
    for (size_t i = 0; i < ARRAY_SIZE(scalars); i++) {
        add_thing(&input, (int)i);
        buffer_format(&input, "    item:\n    - %s\n", scalars[i]);
        add_thing(&input, (int)i);
        buffer_format(&input, "    value: %s\n    behind: 1\n", scalars[i]);
    }
    for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
        add_thing(&input, (int)i);
        buffer_format(&input, "   %s: v\n", keys[i]);
    }
    struct slice text = keep(&input);
    expect_same(print_all(text), print_all(run_kubectl(text, "json")));
}

static void make_value(struct buffer *text, struct random *random, int depth, int indent);

static void make_collection(struct buffer *text, struct random *random, int depth, int indent)
{
    bool list = random_below(random, 3) == 0;
    int count = 1 + (int)random_below(random, 3);
    for (int i = 0; i < count; i++) {
        if (random_below(random, 8) == 0)
            buffer_format(text, "%*s# comment\n", (int)random_below(random, 6), "");
        buffer_format(text, "%*s", indent, "");
        if (list)
            buffer_append_text(text, "-");
        else
            buffer_format(text, "k%d:", i);
        make_value(text, random, depth - 1, indent);
    }
}

static void make_value(struct buffer *text, struct random *random, int depth, int indent)
{
    if (depth > 0 && random_below(random, 2) == 0) {
        buffer_append_text(text, "\n");
        make_collection(text, random, depth, indent + 2);
        return;
    }
    const char *scalar = scalars[random_below(random, ARRAY_SIZE(scalars))];
    if (strchr(scalar, '\n')) /* Their lines are indented for one depth. */
        scalar = "one line";
    buffer_format(text, " %s\n", scalar);
}

TEST_LIMIT(120, "random block YAML means what kubectl reads")
{
    int count = test_full ? 5000 : 300;
    struct random_seeded random;
    random_seeded_init(&random, 36);
    struct buffer input;
    buffer_init(&input);
    for (int i = 0; i < count; i++) {
        add_thing(&input, i);
        make_collection(&input, &random.random, 4, (int)random_below(&random.random, 3) + 1);
    }
    struct slice text = keep(&input);
    expect_same(print_all(text), print_all(run_kubectl(text, "json")));
}

TEST_LIMIT(60, "merge keys and anchors mean what kubectl reads")
{
    static const char *const texts[] = {
        "  x: &x {a: 1, b: 2}\n  u: {a: 0, <<: *x, b: 3}\n",
        "  x: &x {a: 1, b: 1}\n  w: &w {b: 2, c: 2}\n  z:\n    <<: [*x, *w, {d: 3}]\n",
        "  x: &x [1, &z 2]\n  w: *x\n  v: [*z, *x]\n",
        "  a: {<<: &x {b: 1}}\n  c: *x\n",
        "  a: {<<: {<<: {b: 1, c: 2}, b: 3}}\n",
        "  a: &x 1\n  b: &x 2\n  c: *x\n  *x : d\n",
        "  a: &x\n    b: 1\n  c:\n    <<: *x\n    d:\n      <<: *x\n      b: 2\n",
    };
    struct buffer input;
    buffer_init(&input);
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        add_thing(&input, (int)i);
        buffer_append_text(&input, texts[i]);
    }
    struct slice text = keep(&input);
    expect_same(print_all(text), print_all(run_kubectl(text, "json")));
}

TEST_LIMIT(60, "kubectl reads the right texts of its own faults as what was meant")
{
    struct json *thing = new_thing(1);
    struct json *data = json_ensure_object(&arena, thing, "data");
    (void)json_set(&arena, data, "q1",
                   json_new_string(&arena, SLICE("a\n\xc2\xa0 b\n\re\n\xe3\x80\x80z")));
    (void)json_set(&arena, data, "q2", json_new_string(&arena, SLICE("a\xc2\x85z")));
    (void)json_set(&arena, data, "q3", json_new_string(&arena, SLICE("\x7f\xc2\x80\xef\xbf\xbe")));
    (void)json_set(&arena, data, "0b-1", json_new_bool(&arena, true));
    struct buffer kyaml;
    buffer_init(&kyaml);
    EXPECT_EQ(kyaml_print_document(thing, NULL, &kyaml), 0);
    struct slice theirs = run_kubectl(keep(&kyaml), "json");
    struct json *back = json_parse(&arena, theirs, NULL, &status);
    EXPECT(json_equal(thing, back));
}
