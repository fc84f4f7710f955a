/* core/json: reader, printer, trees, numbers. */
#include "core/json.h"

#include <stdio.h>

#include "tests/harness/test.h"

static struct arena arena;
static struct status status;

static struct json *parse_slice(struct slice text)
{
    status_clear(&status);
    return json_parse(&arena, text, NULL, &status);
}

static struct json *parse(const char *text)
{
    struct json *json = parse_slice(slice_of(text));
    if (json == NULL)
        printf("%s: %s\n", text, status.message);
    EXPECT(json != NULL);
    return json;
}

static const char *error_of(struct slice text)
{
    EXPECT(parse_slice(text) == NULL);
    EXPECT_EQ(status.reason, STATUS_BAD_REQUEST);
    return status.message;
}

static const char *print(const struct json *json)
{
    struct buffer text = {0};
    json_print(json, &text);
    EXPECT_EQ(text.data[text.size], '\0');
    const char *copy = arena_copy_slice(&arena, buffer_slice(&text));
    buffer_release(&text);
    return copy;
}

static void end(void)
{
    status_release(&status);
    arena_release(&arena);
}

#define EXPECT_ROUND(text) EXPECT_TEXT(print(parse(text)), text)
#define EXPECT_ERROR(text, message) EXPECT_TEXT(error_of(SLICE(text)), message)

TEST("every kind of value is read and printed as it was")
{
    EXPECT_ROUND("null");
    EXPECT_ROUND("true");
    EXPECT_ROUND("false");
    EXPECT_ROUND("0");
    EXPECT_ROUND("-0");
    EXPECT_ROUND("1000000000000000");
    EXPECT_ROUND("123456789012345678901234567890.5E-3");
    EXPECT_ROUND("\"\"");
    EXPECT_ROUND("\"a\"");
    EXPECT_ROUND("[]");
    EXPECT_ROUND("{}");
    EXPECT_ROUND("[[],{},[1,2],{\"a\":{}}]");
    EXPECT_ROUND("{\"a\":1,\"b\":[true,null],\"\":\"x\"}");
    EXPECT_TEXT(print(parse(" \t\r\n{ \"a\" : [ 1 , 2 ] , \"b\" : { } } \n")),
                "{\"a\":[1,2],\"b\":{}}");
    end();
}

TEST("strings of every length keep each byte, escaped or not")
{
    for (size_t size = 0; size < 70; size++)
        for (size_t at = 0; at <= size; at++) {
            char value[80];
            memset(value, 'x', size);
            if (at < size)
                value[at] = "\"\\\n\x01"[at % 4];
            struct slice text = {value, size};
            struct buffer printed = {0};
            json_print_string(text, &printed);
            EXPECT_SLICE(json_string(parse_slice(buffer_slice(&printed))), text);
            struct json *made = json_new_string(&arena, text);
            EXPECT_TEXT(print(made), printed.data);
            buffer_release(&printed);
        }
    end();
}

TEST("all characters below a space have their escape, and the slash has none")
{
    struct buffer text = {0};
    json_print_string(SLICE("\0\x01\b\t\n\v\f\r\x1f \"\\/\x7f<>&"), &text);
    EXPECT_TEXT(text.data, "\"\\u0000\\u0001\\b\\t\\n\\u000b\\f\\r\\u001f \\\"\\\\/\x7f<>&\"");
    buffer_release(&text);
}

TEST("escapes are undone, surrogate pairs joined, and halves alone replaced")
{
    EXPECT_SLICE(json_string(parse("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"")), "\"\\/\b\f\n\r\t");
    EXPECT_SLICE(json_string(parse("\"\\u0041\\u00e9\\u20AC\"")), "A\xc3\xa9\xe2\x82\xac");
    EXPECT_SLICE(json_string(parse("\"\\ud83d\\ude00\"")), "\xf0\x9f\x98\x80");
    EXPECT_SLICE(json_string(parse("\"\\ud83d\"")), "\xef\xbf\xbd");
    EXPECT_SLICE(json_string(parse("\"\\ud83dx\"")), "\xef\xbf\xbdx");
    EXPECT_SLICE(json_string(parse("\"\\ude00\\ud83d\"")), "\xef\xbf\xbd\xef\xbf\xbd");
    EXPECT_SLICE(json_string(parse("\"\\ud83d\\ud83d\\ude00\"")), "\xef\xbf\xbd\xf0\x9f\x98\x80");
    EXPECT_SLICE(json_string(parse("\"\\ud83d\\u0041\"")), "\xef\xbf\xbd"
                                                           "A");
    end();
}

TEST("a NUL lives in strings and in keys")
{
    struct json *json = parse("{\"a\\u0000b\":\"c\\u0000d\"}");
    EXPECT_SLICE(json_key(json_first(json)), SLICE("a\0b"));
    EXPECT_SLICE(json_string(json_first(json)), SLICE("c\0d"));
    EXPECT(json_get(json, "a") == NULL);
    EXPECT(json_get_slice(json, SLICE("a\0b")) != NULL);
    EXPECT_TEXT(print(json), "{\"a\\u0000b\":\"c\\u0000d\"}");
    EXPECT_TEXT(print(json_copy(&arena, json)), "{\"a\\u0000b\":\"c\\u0000d\"}");
    end();
}

TEST("bad UTF-8 is read as U+FFFD, byte by byte, as Go does")
{
    EXPECT_SLICE(json_string(parse("\"\xff\xfe\"")), "\xef\xbf\xbd\xef\xbf\xbd");
    EXPECT_SLICE(json_string(parse("\"\xe2\x82\"")), "\xef\xbf\xbd\xef\xbf\xbd");
    EXPECT_SLICE(json_string(parse("\"\xc0\x80\"")), "\xef\xbf\xbd\xef\xbf\xbd");
    EXPECT_SLICE(json_string(parse("\"\xed\xa0\x80\"")), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
    EXPECT_SLICE(json_string(parse("\"12345678\\n\xf0\x9f\x98\x80\xf0\"")),
                 "12345678\n\xf0\x9f\x98\x80\xef\xbf\xbd");
    EXPECT_TEXT(print(parse("{\"\x80\":1}")), "{\"\xef\xbf\xbd\":1}");
    EXPECT_SLICE(json_string(json_new_string(&arena, SLICE("a\xff"))), "a\xef\xbf\xbd");
    struct buffer text = {0};
    json_print_string(SLICE("\xc3"), &text);
    EXPECT_TEXT(text.data, "\"\xef\xbf\xbd\"");
    buffer_release(&text);
    end();
}

TEST("errors are said in Go's words, with line and column")
{
    EXPECT_ERROR("", "unexpected end of JSON input (line 1, column 1)");
    EXPECT_ERROR("  ", "unexpected end of JSON input (line 1, column 3)");
    EXPECT_ERROR("x", "invalid character 'x' looking for beginning of value (line 1, column 1)");
    EXPECT_ERROR("[1,]", "invalid character ']' looking for beginning of value (line 1, column 4)");
    EXPECT_ERROR("[1 2]", "invalid character '2' after array element (line 1, column 4)");
    EXPECT_ERROR("{\n\n a", "invalid character 'a' looking for beginning of object key string "
                            "(line 3, column 2)");
    EXPECT_ERROR("{\"a\":1,}", "invalid character '}' looking for beginning of object key string "
                               "(line 1, column 8)");
    EXPECT_ERROR("{\"a\" 1}", "invalid character '1' after object key (line 1, column 6)");
    EXPECT_ERROR("{\"a\":1 1}",
                 "invalid character '1' after object key:value pair (line 1, column 8)");
    EXPECT_ERROR("{} x", "invalid character 'x' after top-level value (line 1, column 4)");
    EXPECT_ERROR("01", "invalid character '1' after top-level value (line 1, column 2)");
    EXPECT_ERROR("-", "invalid character ' ' in numeric literal (line 1, column 2)");
    EXPECT_ERROR("-x", "invalid character 'x' in numeric literal (line 1, column 2)");
    EXPECT_ERROR("1.x",
                 "invalid character 'x' after decimal point in numeric literal (line 1, column 3)");
    EXPECT_ERROR("1ex", "invalid character 'x' in exponent of numeric literal (line 1, column 3)");
    EXPECT_ERROR("trap",
                 "invalid character 'a' in literal true (expecting 'u') (line 1, column 3)");
    EXPECT_ERROR("nul", "invalid character ' ' in literal null (expecting 'l') (line 1, column 4)");
    EXPECT_ERROR("\"a\nb\"", "invalid character '\\n' in string literal (line 1, column 3)");
    EXPECT_ERROR("\"a", "unexpected end of JSON input (line 1, column 3)");
    EXPECT_ERROR("\"\\", "invalid character ' ' in string escape code (line 1, column 3)");
    EXPECT_ERROR("\"\\u12",
                 "invalid character ' ' in \\u hexadecimal character escape (line 1, column 6)");
    EXPECT_ERROR("\"\\x\"", "invalid character 'x' in string escape code (line 1, column 3)");
    EXPECT_ERROR("\"\\u12g4\"",
                 "invalid character 'g' in \\u hexadecimal character escape (line 1, column 6)");
    EXPECT_ERROR("'", "invalid character '\\'' looking for beginning of value (line 1, column 1)");
    EXPECT_ERROR("{}\"", "invalid character '\"' after top-level value (line 1, column 3)");
    EXPECT_ERROR("[\0]", "invalid character '\\x00' looking for beginning of value "
                         "(line 1, column 2)");
    EXPECT_ERROR("\"\0\"", "invalid character '\\x00' in string literal (line 1, column 2)");
    EXPECT_ERROR("[\"\xff\",\n\xfe]",
                 "invalid character 'þ' looking for beginning of value (line 2, column 1)");
    EXPECT_ERROR("\xef\xbb\xbf{}",
                 "invalid character 'ï' looking for beginning of value (line 1, column 1)");
    end();
}

static struct json *parse_nested(size_t depth, size_t depth_max)
{
    struct buffer text = {0};
    for (size_t i = 0; i < depth; i++)
        buffer_append_text(&text, i % 2 ? "[" : "{\"a\":");
    buffer_append_text(&text, "1");
    for (size_t i = depth; i > 0; i--)
        buffer_append_byte(&text, (i - 1) % 2 ? ']' : '}');
    status_clear(&status);
    struct json *json = json_parse(&arena, buffer_slice(&text),
                                   &(struct json_options){.depth_max = depth_max}, &status);
    if (json)
        EXPECT_TEXT(print(json), text.data);
    buffer_release(&text);
    return json;
}

TEST("nesting is read up to its limit and no deeper")
{
    EXPECT(parse_nested(JSON_DEPTH_MAX, 0) != NULL);
    EXPECT(parse_nested(JSON_DEPTH_MAX + 1, 0) == NULL);
    EXPECT(strncmp(status.message, "exceeded max depth (", 20) == 0);
    EXPECT(parse_nested(3, 3) != NULL);
    EXPECT(parse_nested(4, 3) == NULL);
    EXPECT(parse_nested(100000, 100000) != NULL); /* Neither reader nor printer recurs. */
    end();
}

TEST("a text over the size limit is refused")
{
    struct json_options options = {.size_max = 4};
    EXPECT(json_parse(&arena, SLICE("true"), &options, &status) != NULL);
    EXPECT(json_parse(&arena, SLICE("false"), &options, &status) == NULL);
    EXPECT_EQ(status.reason, STATUS_REQUEST_ENTITY_TOO_LARGE);
    end();
}

static const char *duplicates_in(const char *text, const char *then)
{
    struct json_duplicate *duplicates;
    struct json_options options = {.duplicates = &duplicates};
    struct json *json = json_parse(&arena, slice_of(text), &options, &status);
    EXPECT(json != NULL);
    if (then)
        EXPECT_TEXT(print(json), then);
    struct buffer paths = {0};
    for (; duplicates; duplicates = duplicates->next)
        buffer_format(&paths, "%s%s", paths.size > 0 ? " " : "", duplicates->path);
    const char *copy = arena_copy_slice(&arena, buffer_slice(&paths));
    buffer_release(&paths);
    return copy;
}

TEST("of duplicate keys the last wins, and each is named by its path once")
{
    EXPECT_TEXT(duplicates_in("{\"a\":1,\"b\":2}", "{\"a\":1,\"b\":2}"), "");
    EXPECT_TEXT(duplicates_in("{\"a\":1,\"a\":2}", "{\"a\":2}"), "a");
    EXPECT_TEXT(
        duplicates_in("{\"a\":1,\"b\":2,\"a\":3,\"a\":4,\"c\":5}", "{\"b\":2,\"a\":4,\"c\":5}"),
        "a");
    EXPECT_TEXT(duplicates_in("{\"metadata\":{\"name\":\"x\",\"name\":\"y\"}}", NULL),
                "metadata.name");
    EXPECT_TEXT(duplicates_in("{\"spec\":{\"containers\":[{\"image\":1},{\"image\":1,\"image\":1}],"
                              "\"x\":[[0,{\"y\":1,\"y\":2}]]},\"spec\":{}}",
                              "{\"spec\":{}}"),
                "spec.containers[1].image spec.x[0][1].y spec");
    EXPECT_TEXT(duplicates_in("[1,{\"a\":1,\"a\":2}]", NULL), "[1].a");
    EXPECT_TEXT(duplicates_in("{\"\":{\"a\":1,\"a\":2}}", NULL), ".a");
    EXPECT_TEXT(duplicates_in("{\"\":1,\"\":2}", "{\"\":2}"), "");
    end();
}

TEST("a large object finds its members, and its duplicates, by an index")
{
    enum { COUNT = 5000 };
    struct buffer text = {0};
    buffer_append_byte(&text, '{');
    for (int i = 0; i < COUNT; i++)
        buffer_format(&text, "%s\"key-%d\":%d", i > 0 ? "," : "", i, i);
    buffer_append_text(&text, ",\"key-7\":70,\"key-4999\":71}");
    struct json_duplicate *duplicates;
    struct json *json = json_parse(&arena, buffer_slice(&text),
                                   &(struct json_options){.duplicates = &duplicates}, &status);
    EXPECT_TEXT(duplicates->path, "key-7");
    EXPECT_TEXT(duplicates->next->path, "key-4999");
    EXPECT_EQ(json_count(json), COUNT);
    EXPECT_SLICE(json_number(json_get(json, "key-7")), "70");
    struct json *copy = json_copy(&arena, json);
    EXPECT(json_equal(copy, json));
    for (int i = 0; i < COUNT; i += 2)
        EXPECT(json_remove(copy, arena_format(&arena, "key-%d", i)));
    json_sort(copy);
    for (int i = 0; i < COUNT; i++) {
        const char *key = arena_format(&arena, "key-%d", i);
        EXPECT_EQ(json_get(copy, key) != NULL, i % 2);
        json_set_int(&arena, copy, key, i);
    }
    EXPECT_EQ(json_count(copy), COUNT);
    EXPECT(!json_equal(copy, json));
    json_set_int(&arena, copy, "key-7", 70);
    json_set_int(&arena, copy, "key-4999", 71);
    EXPECT(json_equal(copy, json));
    EXPECT(json_remove(json_get(copy, "none"), "x") == false);
    buffer_release(&text);
    end();
}

TEST_LIMIT(5, "no body of 3 MB can make its reader slow")
{
    struct buffer text = {0};
    buffer_format(&text, "{\"%01000000d\":{", 0); /* One long path, a duplicate many times. */
    while (text.size < 3000000)
        buffer_append_text(&text, "\"a\":1,");
    buffer_append_text(&text, "\"a\":2}}");
    struct json_duplicate *duplicates;
    struct json_options options = {.duplicates = &duplicates};
    EXPECT(json_parse(&arena, buffer_slice(&text), &options, &status) != NULL);
    EXPECT_EQ(strlen(duplicates->path), 1000002);
    EXPECT(duplicates->next == NULL);
    buffer_clear(&text);
    for (int i = 0; text.size < 3000000; i++)
        buffer_format(&text, "%c\"key-%d\":1", i > 0 ? ',' : '{', i);
    buffer_append_byte(&text, '}');
    struct json *json = json_parse(&arena, buffer_slice(&text), &options, &status);
    struct json *copy = json_new_object(&arena); /* The same members, the other way round. */
    JSON_EACH(member, json)
        (void)json_set_first(&arena, copy, json_key(member).data, json_copy(&arena, member));
    EXPECT(json_equal(json, copy));
    json_sort(copy);
    EXPECT(json_equal(copy, json));
    buffer_release(&text);
    end();
}

TEST("a chain of gets over what is not there ends in absent")
{
    struct json *json = parse("{\"a\":{\"b\":[10,{\"c\":\"d\"}]},\"s\":\"t\"}");
    EXPECT_TEXT(json_text(json_get(json_item(json_get(json_get(json, "a"), "b"), 1), "c")), "d");
    EXPECT_TEXT(json_text(json_get(json_item(json_get(json_get(json, "x"), "y"), 1), "c")), "");
    EXPECT(json_item(json_at(json, "a.b"), 2) == NULL);
    EXPECT(json_at(json, "a.b.c") == NULL);
    EXPECT(json_at(json, "s.t") == NULL);
    EXPECT(json_at(json, "") == json);
    EXPECT(json_get(json, "A") == NULL);
    EXPECT_EQ(json_type(NULL), JSON_ABSENT);
    EXPECT_EQ(json_count(NULL), 0);
    EXPECT_EQ(json_count(json_get(json, "s")), 0);
    EXPECT_EQ(json_count(json_at(json, "a.b")), 2);
    EXPECT_EQ(json_string(NULL).size, 0);
    EXPECT_EQ(json_number(json).size, 0);
    EXPECT_EQ(json_key(json).size, 0);
    EXPECT(!json_bool(NULL) && !json_bool(json) && json_bool(parse("true")));
    EXPECT_TEXT(print(NULL), "null");
    end();
}

static bool reads_int(const char *text, int64_t expected)
{
    int64_t value = 0;
    return json_to_int64(parse(text), &value) && value == expected;
}

static bool reads_no_int(const char *text)
{
    int64_t value;
    return !json_to_int64(parse(text), &value);
}

TEST("whole numbers are whole in any notation, up to the ends of their range")
{
    EXPECT(reads_int("0", 0));
    EXPECT(reads_int("-0", 0));
    EXPECT(reads_int("0.0e9", 0));
    EXPECT(reads_int("5.0", 5));
    EXPECT(reads_int("5e0", 5));
    EXPECT(reads_int("50e-1", 5));
    EXPECT(reads_int("0.05E+2", 5));
    EXPECT(reads_int("-1.5e1", -15));
    EXPECT(reads_int("9223372036854775807", INT64_MAX));
    EXPECT(reads_int("-9223372036854775808", INT64_MIN));
    EXPECT(reads_int("-9.223372036854775808e18", INT64_MIN));
    EXPECT(reads_int("1e18", INT64_C(1000000000000000000)));
    EXPECT(reads_no_int("9223372036854775808"));
    EXPECT(reads_no_int("-9223372036854775809"));
    EXPECT(reads_no_int("1e19"));
    EXPECT(reads_no_int("1e999999999999999999999"));
    EXPECT(reads_no_int("1e-999999999999999999999"));
    EXPECT(reads_no_int("0.5"));
    EXPECT(reads_no_int("\"5\""));
    EXPECT(reads_int("0e999999999999999999999", 0));
    double number;
    EXPECT(json_to_double(parse("-2.5e3"), &number) && number < -2499.9 && number > -2500.1);
    EXPECT(!json_to_double(parse("1e400"), &number));
    EXPECT(!json_to_double(parse("true"), &number));
    end();
}

static bool equal(const char *a, const char *b)
{
    return json_equal(parse(a), parse(b));
}

TEST("equal means the same value, whatever its order or notation")
{
    EXPECT(equal("{\"a\":1,\"b\":[1,2]}", "{\"b\":[1.0,2e0],\"a\":1}"));
    EXPECT(!equal("[1,2]", "[2,1]"));
    EXPECT(!equal("[1,2]", "[1,2,3]"));
    EXPECT(!equal("{\"a\":1}", "{\"a\":1,\"b\":1}"));
    EXPECT(!equal("{\"a\":1}", "{\"b\":1}"));
    EXPECT(!equal("1", "\"1\""));
    EXPECT(!equal("true", "false"));
    EXPECT(equal("null", "null"));
    EXPECT(equal("0", "-0.0"));
    EXPECT(equal("123000", "1.23e5"));
    EXPECT(equal("0.00123", "123e-5"));
    EXPECT(equal("1.50", "1.5"));
    EXPECT(!equal("123456789012345678901", "123456789012345678902"));
    EXPECT(!equal("1", "-1"));
    EXPECT(!equal("1e400", "2e400"));
    EXPECT(!equal("12", "1.2"));
    EXPECT(json_equal(NULL, NULL) && !json_equal(NULL, parse("null")));
    end();
}

TEST("members are set in place, at the end or in front, and taken out")
{
    struct json *json = json_new_object(&arena);
    json_set_text(&arena, json, "kind", "Pod");
    json_set_int(&arena, json, "n", INT64_MIN);
    json_set_first(&arena, json, "apiVersion", json_new_text(&arena, "v1"));
    json_set_bool(&arena, json_ensure_object(&arena, json, "spec"), "on", true);
    json_set_bool(&arena, json_ensure_object(&arena, json, "spec"), "off", false);
    EXPECT_TEXT(print(json), "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"n\":-9223372036854775808,"
                             "\"spec\":{\"on\":true,\"off\":false}}");
    json_set_text(&arena, json, "kind", "Node");
    json_set_first(&arena, json, "n", json_new_null(&arena));
    json_set_int(&arena, json, "spec", 1);
    EXPECT_TEXT(print(json), "{\"apiVersion\":\"v1\",\"kind\":\"Node\",\"n\":null,\"spec\":1}");
    EXPECT(json_remove(json, "n") && !json_remove(json, "n"));
    EXPECT(json_remove(json, "spec") && json_remove(json, "apiVersion"));
    json_set_int(&arena, json, "z", 1);
    EXPECT_TEXT(print(json), "{\"kind\":\"Node\",\"z\":1}");
    EXPECT(json_remove(json, "kind") && json_remove(json, "z"));
    EXPECT_TEXT(print(json), "{}");
    json_set_int(&arena, json, "a", 1);
    EXPECT_TEXT(print(json), "{\"a\":1}");
    struct json *member = json_get(json, "a");
    EXPECT(json_set(&arena, json, "a", member) == member);
    end();
}

TEST("items are appended, inserted, replaced and detached")
{
    struct json *json = json_new_array(&arena);
    json_insert(json, 0, json_new_int(&arena, 2));
    json_insert(json, 0, json_new_int(&arena, 0));
    json_insert(json, 1, json_new_int(&arena, 1));
    json_insert(json, 3, json_new_int(&arena, 3));
    json_append(json, json_new_int(&arena, 4));
    EXPECT_TEXT(print(json), "[0,1,2,3,4]");
    json_replace(json, json_item(json, 0), json_new_text(&arena, "a"));
    json_replace(json, json_item(json, 4), json_new_text(&arena, "e"));
    json_replace(json, json_item(json, 2), json_new_text(&arena, "c"));
    json_append(json, json_new_int(&arena, 5));
    EXPECT_TEXT(print(json), "[\"a\",1,\"c\",3,\"e\",5]");
    JSON_EACH(item, json)
        if (json_is(item, JSON_STRING))
            json_detach(json, item);
    EXPECT_TEXT(print(json), "[1,3,5]");
    EXPECT_EQ(json_count(json), 3);
    struct json *item = json_item(json, 2);
    json_detach(json, item);
    json_insert(json, 0, item);
    EXPECT_TEXT(print(json), "[5,1,3]");
    struct json *one = parse("[1]");
    json_replace(one, json_first(one), json_new_int(&arena, 2));
    json_append(one, json_new_int(&arena, 3));
    EXPECT_TEXT(print(one), "[2,3]");
    EXPECT_DIES(json_append(one, item));
    EXPECT_DIES(json_insert(one, 3, json_new_null(&arena)));
    EXPECT_DIES(json_append(parse("{}"), json_new_null(&arena)));
    end();
}

TEST("a tree that was read can be changed like one that was made")
{
    struct json *json = parse("{\"a\":[1],\"b\":{}}");
    json_append(json_get(json, "a"), json_new_int(&arena, 2));
    json_set_int(&arena, json_get(json, "b"), "c", 3);
    json_set_int(&arena, json, "d", 4);
    EXPECT_TEXT(print(json), "{\"a\":[1,2],\"b\":{\"c\":3},\"d\":4}");
    struct json *b = json_get(json, "b");
    json_detach(json, b);
    EXPECT_EQ(json_key(b).size, 0);
    json_set(&arena, json, "e", b);
    EXPECT_TEXT(print(json), "{\"a\":[1,2],\"d\":4,\"e\":{\"c\":3}}");
    end();
}

TEST("sorting orders members by their bytes, all the way down")
{
    struct json *json =
        parse("{\"b\":{\"z\":1,\"y\":[{\"d\":1,\"c\":2}]},\"a\":3,\"ab\":4,\"B\":5}");
    json_sort(json);
    EXPECT_TEXT(print(json),
                "{\"B\":5,\"a\":3,\"ab\":4,\"b\":{\"y\":[{\"c\":2,\"d\":1}],\"z\":1}}");
    json_set_int(&arena, json, "c", 6);
    EXPECT(json_remove(json, "B"));
    EXPECT_TEXT(print(json),
                "{\"a\":3,\"ab\":4,\"b\":{\"y\":[{\"c\":2,\"d\":1}],\"z\":1},\"c\":6}");
    end();
}

TEST("pretty printing indents as Go's MarshalIndent")
{
    struct buffer text = {0};
    json_print_pretty(parse("{\"a\":[1,{\"b\":null}],\"c\":{},\"d\":[]}"), 2, &text);
    EXPECT_TEXT(text.data, "{\n  \"a\": [\n    1,\n    {\n      \"b\": null\n    }\n  ],\n"
                           "  \"c\": {},\n  \"d\": []\n}");
    buffer_clear(&text);
    json_print_pretty(parse("[1]"), 0, &text);
    EXPECT_TEXT(text.data, "[\n1\n]");
    buffer_release(&text);
    end();
}

TEST("printing appends, and prints a subtree alone")
{
    struct json *json = parse("{\"a\":{\"b\":1},\"c\":2}");
    struct buffer text = {0};
    buffer_append_text(&text, "x=");
    json_print(json_get(json, "a"), &text);
    json_print(json_get(json, "c"), &text);
    EXPECT_TEXT(text.data, "x={\"b\":1}2");
    buffer_release(&text);
    end();
}

TEST("any cut of a text is an error, and no byte past it is read")
{
    static const char whole[] =
        "{\"key\\u00e9\":[1.5e3,-2,\"\\ud83d\\ude00 text\",true,null,{\"a\":[]}]}";
    for (size_t size = 0; size < sizeof(whole) - 1; size++) {
        char *cut = mem_copy_slice((struct slice){whole, size}); /* So that a checker can see. */
        EXPECT(parse_slice((struct slice){cut, size}) == NULL);
        EXPECT(strstr(status.message, "unexpected end of JSON input (") ||
               strstr(status.message, "invalid character ' ' "));
        mem_free(cut);
    }
    EXPECT(parse_slice((struct slice){NULL, 0}) == NULL);
    end();
}
