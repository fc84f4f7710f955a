/* core/kyaml: bytes of kubectl 1.35, and what is read back is what was printed. */
#include "core/kyaml.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/random.h"
#include "tests/harness/test.h"
#include "tests/unit/json_fixture.h"

static struct arena arena;
static struct status status;

static const char *print_slice(struct slice json, bool sorted)
{
    struct json *root = json_parse(&arena, json, NULL, &status);
    EXPECT(root != NULL);
    struct buffer text;
    buffer_init(&text);
    struct kyaml_options options = {.sort_keys = sorted};
    EXPECT_EQ(kyaml_print_document(root, &options, &text), 0);
    const char *copy = arena_copy_slice(&arena, buffer_slice(&text));
    buffer_release(&text);
    return copy;
}

static const char *print(const char *json)
{
    return print_slice(slice_of(json), false);
}

/* The text of a ConfigMap's value, without what is around it. */
static const char *value_of(const char *json_text)
{
    const char *all = print(arena_format(&arena, "{\"data\": {\"g\": %s}}", json_text));
    const char *start = strstr(all, "g: ");
    EXPECT(start != NULL);
    start += 3;
    const char *end = strstr(start, ",\n  },\n}\n");
    EXPECT(end != NULL);
    return arena_copy_slice(&arena, (struct slice){start, (size_t)(end - start)});
}

static const char *key_of(const char *json_text)
{
    const char *all = print(arena_format(&arena, "{%s: 1}", json_text));
    const char *end = strstr(all, ": 1,\n}\n");
    EXPECT(end != NULL);
    return arena_copy_slice(&arena, (struct slice){all + 8, (size_t)(end - all - 8)});
}

/* Structure. */

TEST("every entry ends with a comma, and what is empty stays on its line")
{
    EXPECT_TEXT(print("{}"), "---\n{}\n");
    EXPECT_TEXT(print("[]"), "---\n[]\n");
    EXPECT_TEXT(print("\"x\""), "---\n\"x\"\n");
    EXPECT_TEXT(print("null"), "---\nnull\n");
    EXPECT_TEXT(print("{\"a\": {}, \"b\": [], \"c\": {\"d\": true}}"),
                "---\n{\n  a: {},\n  b: [],\n  c: {\n    d: true,\n  },\n}\n");
}

TEST("a list of collections hugs them, one scalar takes that away")
{
    EXPECT_TEXT(print("{\"x\": [{\"a\": 1}, {\"a\": 2}]}"),
                "---\n{\n  x: [{\n    a: 1,\n  }, {\n    a: 2,\n  }],\n}\n");
    EXPECT_TEXT(print("{\"x\": [{}, {}]}"), "---\n{\n  x: [{}, {}],\n}\n");
    EXPECT_TEXT(print("{\"x\": [[1], [2]]}"),
                "---\n{\n  x: [[\n    1,\n  ], [\n    2,\n  ]],\n}\n");
    EXPECT_TEXT(print("[[[{}]]]"), "---\n[[[{}]]]\n");
    EXPECT_TEXT(print("[{\"a\": 1}, null]"), "---\n[\n  {\n    a: 1,\n  },\n  null,\n]\n");
}

TEST("numbers get the text of kubectl's JSON layer")
{
    EXPECT_TEXT(print("[1.0, 1e20, 1e21, 18446744073709551616, -0.0, 9223372036854775807]"),
                "---\n[\n  1,\n  100000000000000000000,\n  1e+21,\n  18446744073709552000,\n"
                "  0,\n  9223372036854775807,\n]\n");
}

TEST("keys stand in the tree's order, or sorted by bytes")
{
    static const char json[] = "{\"b\":1,\"a-b\":1,\"a.b\":1,\"_\":1,\"Z\":1,\"a10\":1,\"a2\":1}";
    EXPECT_TEXT(print_slice(slice_of(json), true),
                "---\n{\n  Z: 1,\n  _: 1,\n  a-b: 1,\n  a.b: 1,\n  a10: 1,\n  a2: 1,\n"
                "  b: 1,\n}\n");
    EXPECT(strstr(print(json), "  b: 1,\n  a-b: 1,\n"));
}

TEST("a value may start at a deeper level")
{
    struct buffer text;
    buffer_init(&text);
    struct kyaml_options options = {.indent = 2};
    struct json *root = json_parse(&arena, SLICE("{\"a\": 1}"), NULL, &status);
    EXPECT_EQ(kyaml_print(root, &options, &text), 0);
    EXPECT_TEXT(text.data, "{\n      a: 1,\n    }");
    buffer_release(&text);
}

/* Texts. */

TEST("a text is always quoted")
{
    EXPECT_TEXT(value_of("\"\""), "\"\"");
    EXPECT_TEXT(value_of("\"true\""), "\"true\"");
    EXPECT_TEXT(value_of("\"1\""), "\"1\"");
    EXPECT_TEXT(value_of("\"it's <&> #\""), "\"it's <&> #\"");
}

TEST("a text of several lines has one a line, blanks that begin one behind a backslash")
{
    EXPECT_TEXT(value_of("\"a\\nb\""), "\"\\\n       a\\n\\\n       b\\\n      \"");
    EXPECT_TEXT(value_of("\"a\\n\""), "\"\\\n       a\\n\\\n      \"");
    EXPECT_TEXT(value_of("\"\\n\""), "\"\\\n       \\n\\\n      \"");
    EXPECT_TEXT(value_of("\"a\\n\\nb\\n\""),
                "\"\\\n       a\\n\\\n       \\n\\\n       b\\n\\\n      \"");
    EXPECT_TEXT(value_of("\" a\\n\""), "\"\\\n      \\ a\\n\\\n      \"");
    EXPECT_TEXT(value_of("\"\\ta\\n\""), "\"\\\n      \\\ta\\n\\\n      \"");
    EXPECT_TEXT(value_of("\"x \\n  y\""), "\"\\\n       x \\n\\\n      \\  y\\\n      \"");
    EXPECT_TEXT(value_of("\"x\\\\\\ny\""), "\"\\\n       x\\\\\\n\\\n       y\\\n      \"");
}

TEST("escapes are YAML's shortest, a tab is itself")
{
    EXPECT_TEXT(value_of("\"a\\tb\""), "\"a\tb\"");
    EXPECT_TEXT(value_of("\"\\\"\\\\\""), "\"\\\"\\\\\"");
    EXPECT_TEXT(value_of("\"\\u0000\\u0007\\b\\u000b\\f\\r\\u001b\""), "\"\\0\\a\\b\\v\\f\\r\\e\"");
    EXPECT_TEXT(value_of("\"\\u00a0\\u2028\\u2029\""), "\"\\_\\L\\P\"");
    EXPECT_TEXT(value_of("\"\\u0001\\u001f\""), "\"\\x01\\x1f\"");
    EXPECT_TEXT(value_of("\"\\u200b\\ufeff\\ue000\\u00ad\\u2003\""),
                "\"\\u200b\\ufeff\\ue000\\u00ad\\u2003\"");
    EXPECT_TEXT(value_of("\"\\udb40\\udc01\""), "\"\\U000e0001\"");
    EXPECT_TEXT(value_of("\"\\u00e9\\u65e5\\ud83d\\ude00\\u0301\""),
                "\"\xc3\xa9\xe6\x97\xa5\xf0\x9f\x98\x80\xcc\x81\"");
    EXPECT_TEXT(value_of("\"\\ud800\""), "\"\xef\xbf\xbd\"");
}

TEST("where kubectl loses data, this does not")
{
    EXPECT_TEXT(value_of("\"a\\n\\u00a0b\""), "\"\\\n       a\\n\\\n       \\_b\\\n      \"");
    EXPECT_TEXT(value_of("\"a\\n\\rb\""), "\"\\\n       a\\n\\\n       \\rb\\\n      \"");
    EXPECT_TEXT(value_of("\"\\u0085\""), "\"\\N\"");
    EXPECT_TEXT(value_of("\"\\u007f\\u0080\\ufffe\""), "\"\\x7f\\u0080\\ufffe\"");
    EXPECT_TEXT(key_of("\"0b-1\""), "\"0b-1\""); /* Which clients read as -1. */
}

/* Keys. */

static void expect_keys(const char *const *keys, size_t count, bool bare)
{
    for (size_t i = 0; i < count; i++) {
        printf("%s\n", keys[i]);
        EXPECT_EQ(kyaml_key_is_bare(slice_of(keys[i])), bare);
    }
}

TEST("keys of letters, numbers and inner punctuation are bare")
{
    /* clang-format off */
    static const char *const bare[] = {
        "a",        "app.kubernetes.io/name", "tls.crt", "a_b",    "_a",    "1a",     "127.0.0.1",
        "10m",      "8080/tcp", "\xc3\xa9", "\xe6\x97\xa5\xe6\x9c\xac", "\xc2\xbd",
        "\xd9\xa3", "1e999",    "0x",     "1e",      "0b2",   "2024-01", "2024-13-01", "24-01-01",
        "x",        "yess",     "nulls",  "a--b",    "0xffffffffffffffffffff", "2024-02-30",
        "_",        "__",
    };
    /* clang-format on */
    expect_keys(bare, ARRAY_SIZE(bare), true);
}

TEST("keys that are no plain words, or that some reader takes for something else, are quoted")
{
    /* clang-format off */
    static const char *const quoted[] = {
        "",     "-a",   "a-",    "a.",   "/a",      ".dockerconfigjson", "a b",  "<<",   "~",
        "a:b",  "a#b",  "a,b",   "a@b",  "a+b",     "a*b",   "\xf0\x9f\x98\x80", "a\xcc\x81",
        "n",    "Y",    "no",    "On",   "OFF",     "yes",   "f",    "t",    "T",    "tRue", "NuLL",
        "0",    "1",    "1_0",   "_1",   "0x1f",    "0b1",   "0o7",  "017",  "08",   "1e3",  "1.5",
        "5.",   "inf",  "Infinity", "nan", "0x1p-2", ".inf", ".nan", "2024-1-1", "2024-01-01",
        "11:00", "-1",  "a\nb",  "a\tb", "99999999999999999999999999",
    };
    /* clang-format on */
    expect_keys(quoted, ARRAY_SIZE(quoted), false);
}

TEST("a quoted key stays on one line")
{
    EXPECT_TEXT(key_of("\"a\\nb\\tc\""), "\"a\\nb\\tc\"");
    EXPECT_TEXT(key_of("\"no\""), "\"no\"");
    EXPECT_TEXT(key_of("\"a\\\"\\u200b\""), "\"a\\\"\\u200b\"");
}

/* Limits. */

TEST("what would grow beyond the limit by its indentation stops there")
{
    struct json *root = json_new_array(&arena);
    for (int i = 0; i < 1000; i++)
        json_append(root, json_new_int(&arena, 1));
    for (int i = 0; i < 200; i++) {
        struct json *outer = json_new_object(&arena);
        (void)json_set(&arena, outer, "a", root);
        root = outer;
    }
    struct buffer text;
    buffer_init(&text);
    struct kyaml_options options = {.size_max = 100000};
    EXPECT_EQ(kyaml_print_document(root, &options, &text), -1);
    EXPECT(text.size < 200000);
    buffer_clear(&text);
    options.size_max = 1000000;
    EXPECT_EQ(kyaml_print_document(root, &options, &text), 0);
    buffer_clear(&text);
    char lines[20000];
    memset(lines, '\n', sizeof(lines));
    root = json_new_string(&arena, (struct slice){lines, sizeof(lines)});
    options = (struct kyaml_options){.size_max = 100000, .indent = 200};
    EXPECT_EQ(kyaml_print(root, &options, &text), -1);
    buffer_release(&text);
}

/* The corpus: inputs and what kubectl 1.35.2 printed for them. */

static struct slice read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    struct buffer text;
    buffer_init(&text);
    if (file == NULL)
        return (struct slice){NULL, 0};
    char block[4096];
    for (size_t size; (size = fread(block, 1, sizeof(block), file)) > 0;)
        buffer_append(&text, block, size);
    fclose(file);
    struct slice copy = {arena_copy_slice(&arena, buffer_slice(&text)), text.size};
    buffer_release(&text);
    return copy;
}

static const char *corpus_path(const char *name, const char *suffix)
{
    const char *data = getenv("CORACLE_DATA");
    return arena_format(&arena, "%s/data/kyaml/%s%s", data ? data : "tests", name, suffix);
}

/* What kubectl does before it prints: items of a List one by one, no managed fields. */
static void print_as_kubectl(struct json *root, struct buffer *text)
{
    if (slice_is(json_string(json_get(root, "kind")), "List")) {
        JSON_EACH(item, json_get(root, "items"))
            print_as_kubectl(item, text);
        return;
    }
    struct json *metadata = json_get(root, "metadata");
    if (metadata)
        (void)json_remove(metadata, "managedFields");
    struct kyaml_options options = {.sort_keys = true};
    EXPECT_EQ(kyaml_print_document(root, &options, text), 0);
}

static void print_stream(struct slice input, void (*print_root)(struct json *, struct buffer *),
                         struct buffer *text)
{
    struct yaml_stream stream;
    struct yaml_document document;
    yaml_stream_init(&stream, input);
    int result;
    while ((result = yaml_stream_next(&stream, &arena, NULL, &document, &status)) == 1)
        print_root(document.root, text);
    EXPECT_EQ(result, 0);
}

static void print_in_order(struct json *root, struct buffer *text)
{
    EXPECT_EQ(kyaml_print_document(root, NULL, text), 0);
}

/* Gives the names of the corpus files with a suffix, without it. */
static size_t list_corpus(const char *suffix, const char *names[100])
{
    DIR *folder = opendir(corpus_path("", ""));
    EXPECT(folder != NULL);
    size_t count = 0;
    for (struct dirent *entry; (entry = readdir(folder));) {
        struct slice name = slice_of(entry->d_name);
        if (slice_ends_with(name, slice_of(suffix)) && count < 100)
            names[count++] =
                arena_copy_slice(&arena, slice_sub(name, 0, name.size - strlen(suffix)));
    }
    closedir(folder);
    return count;
}

TEST("every case of the corpus gives kubectl's bytes, or the right ones where it loses data")
{
    const char *names[200];
    size_t count = list_corpus(".json", names);
    count += list_corpus(".yaml", names + count);
    size_t wrong_in_kubectl = 0;
    for (size_t i = 0; i < count; i++) {
        printf("%s\n", names[i]);
        struct slice input = read_file(corpus_path(names[i], ".json"));
        if (input.data == NULL)
            input = read_file(corpus_path(names[i], ".yaml"));
        struct slice right = read_file(corpus_path(names[i], ".right.kyaml"));
        wrong_in_kubectl += right.data != NULL;
        if (right.data == NULL)
            right = read_file(corpus_path(names[i], ".kyaml"));
        struct buffer text;
        buffer_init(&text);
        print_stream(input, print_as_kubectl, &text);
        EXPECT_SLICE(buffer_slice(&text), right);
        buffer_release(&text);
    }
    EXPECT_EQ(count, 44);
    EXPECT_EQ(wrong_in_kubectl, 6);
}

TEST("what the corpus holds as KYAML is read, and printed again the same")
{
    const char *names[100];
    size_t count = list_corpus(".kyaml", names);
    for (size_t i = 0; i < count; i++) {
        printf("%s\n", names[i]);
        if (read_file(corpus_path(names[i], ".right.kyaml")).data)
            continue; /* kubectl's text does not say what was put in. */
        struct slice kyaml = read_file(corpus_path(names[i], ".kyaml"));
        struct buffer text;
        buffer_init(&text);
        print_stream(kyaml, print_in_order, &text);
        EXPECT_SLICE(buffer_slice(&text), kyaml);
        buffer_release(&text);
    }
    EXPECT(count > 40);
}

/* Round trips. */

TEST("any tree printed as KYAML is read back as the same tree")
{
    int rounds = test_full ? 100000 : 3000;
    for (int seed = 1; seed <= rounds; seed++) {
        struct random_seeded random;
        random_seeded_init(&random, (uint64_t)seed);
        struct json_fixture fixture = {.arena = &arena, .random = &random.random};
        struct json *tree = json_fixture_value(&fixture, 4);
        struct buffer text;
        buffer_init(&text);
        EXPECT_EQ(kyaml_print_document(tree, NULL, &text), 0);
        printf("seed %d\n%s\n", seed, text.data);
        struct yaml_stream stream;
        struct yaml_document document;
        yaml_stream_init(&stream, buffer_slice(&text));
        EXPECT_EQ(yaml_stream_next(&stream, &arena, NULL, &document, &status), 1);
        EXPECT(json_equal(tree, document.root));
        EXPECT(document.duplicates == NULL);
        EXPECT_EQ(document.ignored_at.line, 0);
        EXPECT_EQ(yaml_stream_next(&stream, &arena, NULL, &document, &status), 0);
        buffer_release(&text);
        arena_reset(&arena);
    }
}
