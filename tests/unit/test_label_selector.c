/* core/kinds/label_selector: both forms, what they match, and upstream's errors. */
#include "core/kinds/label_selector.h"

#include "core/kinds/view.h"
#include "tests/harness/test.h"

static struct arena arena;
static struct status status;

static struct json *json_of(const char *text)
{
    struct json *json = json_parse(&arena, slice_of(text), NULL, &status);
    EXPECT(json);
    return json;
}
static struct label_selector parse(const char *text)
{
    struct label_selector selector;
    EXPECT_EQ(label_selector_parse(&arena, slice_of(text), &selector, &status), 0);
    return selector;
}
static const char *error_of(const char *text)
{
    struct label_selector selector;
    status_clear(&status);
    EXPECT_EQ(label_selector_parse(&arena, slice_of(text), &selector, &status), -1);
    EXPECT_EQ(status.reason, STATUS_BAD_REQUEST);
    return status.message;
}
static const char *print(const struct label_selector *selector)
{
    struct buffer text = {0};
    label_selector_append(selector, &text);
    const char *copy = arena_copy_slice(&arena, buffer_slice(&text));
    buffer_release(&text);
    return copy;
}
static const char *round_trip(const char *text)
{
    struct label_selector selector = parse(text);
    return print(&selector);
}

/* The same answer by view and by JSON. */
static bool matches(const char *text, const char *labels)
{
    struct label_selector selector = parse(text);
    struct json *json = json_of(labels);
    struct buffer view = {0};
    JSON_EACH(label, json) {
        struct buffer entry = {0};
        buffer_append_slice(&entry, json_key(label));
        buffer_append_byte(&entry, '\0');
        buffer_append_slice(&entry, json_string(label));
        view_append(&view, VIEW_LABEL, buffer_slice(&entry));
        buffer_release(&entry);
    }
    bool by_view = label_selector_matches_view(&selector, buffer_slice(&view));
    EXPECT_EQ(label_selector_matches_labels(&selector, json), by_view);
    buffer_release(&view);
    return by_view;
}

static void end(void)
{
    status_release(&status);
    arena_release(&arena);
}

TEST("each operator holds and fails as it should")
{
    EXPECT(matches("", "{}"));
    EXPECT(matches("a", "{\"a\":\"\"}"));
    EXPECT(!matches("a", "{\"b\":\"\"}"));
    EXPECT(matches("!a", "{\"b\":\"\"}"));
    EXPECT(!matches("!a", "{\"a\":\"1\"}"));
    EXPECT(matches("a=1", "{\"a\":\"1\"}"));
    EXPECT(matches("a==1", "{\"a\":\"1\"}"));
    EXPECT(!matches("a=1", "{\"a\":\"2\"}"));
    EXPECT(matches("a=", "{\"a\":\"\"}"));
    EXPECT(!matches("a=", "{}"));
    EXPECT(matches("a!=1", "{}"));
    EXPECT(matches("a!=1", "{\"a\":\"2\"}"));
    EXPECT(!matches("a!=1", "{\"a\":\"1\"}"));
    EXPECT(matches("a in (1,2)", "{\"a\":\"2\"}"));
    EXPECT(!matches("a in (1,2)", "{\"a\":\"3\"}"));
    EXPECT(matches("a notin (1,2)", "{}"));
    EXPECT(!matches("a notin (1,2)", "{\"a\":\"1\"}"));
    EXPECT(matches("a>5", "{\"a\":\"6\"}"));
    EXPECT(!matches("a>5", "{\"a\":\"5\"}"));
    EXPECT(!matches("a>5", "{\"a\":\"x\"}"));
    EXPECT(matches("a<5", "{\"a\":\"-6\"}"));
    EXPECT(!matches("a<5", "{}"));
    EXPECT(matches("a=1,b,!c", "{\"a\":\"1\",\"b\":\"2\"}"));
    EXPECT(!matches("a=1,b,!c", "{\"a\":\"1\",\"b\":\"2\",\"c\":\"\"}"));
    end();
}

TEST("a selector prints in order of keys, with sorted values")
{
    EXPECT_TEXT(round_trip(""), "");
    EXPECT_TEXT(round_trip(" b , a == 1 , !c"), "a==1,b,!c");
    EXPECT_TEXT(round_trip("x in (c,a,b,a)"), "x in (a,b,c)");
    EXPECT_TEXT(round_trip("x notin (b)"), "x notin (b)");
    EXPECT_TEXT(round_trip("x in ()"), "x in ()");
    EXPECT_TEXT(round_trip("x in (,)"), "x in ()");
    EXPECT_TEXT(round_trip("x in (a,,b)"), "x in (,a,b)");
    EXPECT_TEXT(round_trip("a>1,b<2,c!=3"), "a>1,b<2,c!=3");
    EXPECT_TEXT(round_trip("in=notin,notin in (in)"), "in=notin,notin in (in)");
    EXPECT_TEXT(round_trip("a\tin\n(x)"), "a in (x)");
    EXPECT_TEXT(round_trip("example.com/a=b"), "example.com/a=b");
    end();
}

TEST("equal keys keep their order")
{
    EXPECT_TEXT(round_trip("b,a=2,a=1,a!=0"), "a=2,a=1,a!=0,b");
    end();
}

TEST("errors have upstream's words")
{
    EXPECT_TEXT(error_of("a b"), "unable to parse requirement: found 'b', expected: in, notin, =, "
                                 "==, !=, gt, lt");
    EXPECT_TEXT(error_of("a=b c"), "found 'c', expected: ',' or 'end of string'");
    EXPECT_TEXT(error_of("a,"), "found '', expected: identifier after ','");
    EXPECT_TEXT(error_of("a,,b"), "found ',', expected: identifier after ','");
    EXPECT_TEXT(error_of("=1"), "found '=', expected: !, identifier, or 'end of string'");
    EXPECT_TEXT(error_of("!"), "unable to parse requirement: found '', expected: identifier");
    EXPECT_TEXT(error_of("a in 1"), "unable to parse requirement: found '1' expected: '('");
    EXPECT_TEXT(error_of("a in (=)"),
                "unable to parse requirement: found '=', expected: ',', ')' or identifier");
    EXPECT_TEXT(error_of("a in (1 2)"),
                "unable to parse requirement: found '2', expected: ',' or ')'");
    EXPECT_TEXT(error_of("a in (1,=)"),
                "unable to parse requirement: found '=', expected: ',', or identifier");
    EXPECT_TEXT(error_of("a=!"), "unable to parse requirement: found '!', expected: identifier");
    EXPECT_TEXT(error_of("!a=1"), "found '=', expected: ',' or 'end of string'");
    EXPECT_TEXT(error_of("a>x"), "unable to parse requirement: values[0]: Invalid value: \"x\": "
                                 "for 'Gt', 'Lt' operators, the value must be an integer");
    EXPECT(strncmp(error_of("-a=1"),
                   "unable to parse requirement: <nil>: Invalid value: \"-a\": "
                   "name part must consist of",
                   80) == 0);
    EXPECT(strncmp(error_of("a=-"),
                   "unable to parse requirement: values[0][a]: Invalid value: "
                   "\"-\": a valid label must be",
                   80) == 0);
    end();
}

TEST("a selector object: nothing selects nothing, empty selects everything")
{
    struct label_selector selector;
    EXPECT_EQ(label_selector_from_json(&arena, NULL, &selector, &status), 0);
    EXPECT(!label_selector_is_empty(&selector));
    EXPECT(!label_selector_matches_labels(&selector, json_of("{\"a\":\"1\"}")));
    EXPECT(!label_selector_matches_view(&selector, SLICE("")));
    EXPECT_EQ(label_selector_from_json(&arena, json_of("{}"), &selector, &status), 0);
    EXPECT(label_selector_is_empty(&selector));
    EXPECT(label_selector_matches_labels(&selector, NULL));
    end();
}

TEST("a selector object has labels and expressions, all of which must hold")
{
    struct label_selector selector;
    const struct json *json =
        json_of("{\"matchLabels\":{\"b\":\"2\"},\"matchExpressions\":["
                "{\"key\":\"a\",\"operator\":\"In\",\"values\":[\"y\",\"x\"]},"
                "{\"key\":\"c\",\"operator\":\"DoesNotExist\"}]}");
    EXPECT_EQ(label_selector_from_json(&arena, json, &selector, &status), 0);
    EXPECT_TEXT(print(&selector), "a in (x,y),b=2,!c");
    EXPECT(label_selector_matches_labels(&selector, json_of("{\"a\":\"x\",\"b\":\"2\"}")));
    EXPECT(!label_selector_matches_labels(&selector, json_of("{\"a\":\"x\"}")));
    json = json_of("{\"matchExpressions\":[{\"key\":\"a\",\"operator\":\"Foo\"}]}");
    EXPECT_EQ(label_selector_from_json(&arena, json, &selector, &status), -1);
    EXPECT_TEXT(status.message, "\"Foo\" is not a valid label selector operator");
    status_clear(&status);
    json = json_of("{\"matchExpressions\":[{\"key\":\"a\",\"operator\":\"In\"}]}");
    EXPECT_EQ(label_selector_from_json(&arena, json, &selector, &status), -1);
    EXPECT_TEXT(status.message, "values: Invalid value: null: for 'in', 'notin' operators, values "
                                "set can't be empty");
    end();
}

TEST("a selector inside an object is checked with field paths")
{
    struct field_errors errors;
    field_errors_init(&errors, &arena);
    label_selector_validate(json_of("{\"matchExpressions\":[{\"key\":\"a\",\"operator\":\"In\"},"
                                    "{\"key\":\"b\",\"operator\":\"Exists\",\"values\":[\"x\"]},"
                                    "{\"key\":\"c\",\"operator\":\"Near\"}]}"),
                            "spec.selector", &errors);
    EXPECT_EQ(errors.count, 3);
    EXPECT_EQ(field_errors_status(&errors, "apps", "Deployment", "d", &status), -1);
    EXPECT_TEXT(status.message,
                "Deployment.apps \"d\" is invalid: [spec.selector.matchExpressions[0].values: "
                "Required value: must be specified when `operator` is 'In' or 'NotIn', "
                "spec.selector.matchExpressions[1].values: Forbidden: may not be specified when "
                "`operator` is 'Exists' or 'DoesNotExist', "
                "spec.selector.matchExpressions[2].operator: Invalid value: \"Near\": not a valid "
                "selector operator]");
    end();
}

TEST("ten thousand requirements are read and sorted")
{
    struct buffer text = {0};
    for (int i = 9999; i >= 0; i--)
        buffer_format(&text, "%sk%04d=v", i < 9999 ? "," : "", i);
    struct label_selector selector;
    EXPECT_EQ(label_selector_parse(&arena, buffer_slice(&text), &selector, &status), 0);
    EXPECT_EQ(selector.count, 10000);
    EXPECT_SLICE(selector.requirements[0].key, "k0000");
    EXPECT_SLICE(selector.requirements[9999].key, "k9999");
    buffer_release(&text);
    end();
}
