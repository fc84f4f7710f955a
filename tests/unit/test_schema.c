/* core/kinds/schema: decoding as Go does, defaults, validation, OpenAPI. */
#include <stdio.h>

#include "core/kinds/kind.h"
#include "core/kinds/schema_table.h"
#include "core/map.h"
#include "tests/harness/test.h"

#define PACKAGE "io.k8s.api.test.v1"

extern const struct schema_type type_source, type_part, type_spec, type_thing, type_nothing;

/* clang-format off */
EMPTY_TYPE(nothing, "Nothing", PACKAGE, "Its presence is all.");

FIELDS(source) = {
    FIELD(1, "empty", OBJECT(nothing), 0, "One way."),
    FIELD(2, "path", STRING, 0, "Another way."),
};
TYPE(source, "Source", PACKAGE, "Where it comes from.");

FIELDS(part) = {
    FIELD(1, "name", STRING, REQUIRED | ALWAYS, "Its name."),
    FIELD(2, "mode", STRING, 0, "How.", ENUM("A", "B"), DEFAULT_TEXT("A"), GO_TYPE("v1.Mode")),
    INLINE(3, source),
    FIELD(4, "size", QUANTITY, 0, "How much."),
    MAP(5, "limits", QUANTITY, 0, "How much of what.", GO_TYPE("v1.Limits")),
    LIST(6, "parts", OBJECT(part), 0, "Parts of the part."),
};
TYPE(part, "Part", PACKAGE, "A part.");

FIELDS(spec) = {
    FIELD(1, "replicas", INT32, POINTER, "How many.", DEFAULT("1")),
    FIELD(2, "paused", BOOL, 0, "Whether it rests."),
    FIELD(3, "deadline", INT64, POINTER, "When."),
    LIST(4, "parts", OBJECT(part), MERGED, "Parts.", MERGE_KEY("name"), MAP_KEYS("name")),
    LIST(5, "args", STRING, 0, "Words."),
    FIELD(6, "port", INT_OR_STRING, 0, "Port."),
    FIELD(7, "when", TIME, POINTER, "When."),
    FIELD(8, "exact", MICRO_TIME, POINTER, "When exactly."),
    FIELD(9, "span", DURATION, 0, "How long."),
    MAP(10, "data", BYTES, 0, "Bytes."),
    FIELD(11, "key", BYTES, 0, "Bytes."),
    FIELD(12, "ratio", DOUBLE, 0, "How much."),
    FIELD(13, "any", ANY, 0, "Anything."),
    FIELD(14, "open", OBJECT(nothing), OPEN, "May have more."),
    FIELD(15, "fixed", STRING, IMMUTABLE, "Never changes."),
    FIELD(16, "status", OBJECT(nothing), ALWAYS, "Always there."),
    FIELD(17, "count", INT32, ALWAYS, "Always there."),
    MAP(18, "labels", STRING, 0, "Labels."),
    FIELD(19, "maybe", STRING, NULLABLE | POINTER, "May be null."),
};
TYPE(spec, "Spec", PACKAGE, "What is wanted.");

FIELDS(thing) = {
    OBJECT_FIELDS,
    FIELD(2, "spec", OBJECT(spec), ALWAYS, "What is wanted."),
};
TYPE(thing, "Thing", PACKAGE, "A thing.");
/* clang-format on */

static struct arena arena;
static struct status status;

static struct json *tree(const char *text)
{
    struct json *json = json_parse(&arena, slice_of(text), NULL, &status);
    if (!json)
        printf("%s: %s\n", text, status.message);
    EXPECT(json);
    return json;
}
static const char *print(const struct json *json)
{
    struct buffer text = {0};
    json_print(json, &text);
    const char *copy = arena_copy_slice(&arena, buffer_slice(&text));
    buffer_release(&text);
    return copy;
}
/* Of a spec: the decoded text. */
static const char *decode(const char *text)
{
    struct schema_warning *warnings;
    struct json *json = tree(text);
    int failed = schema_decode(&type_spec, &arena, json, &warnings, &status);
    if (failed)
        printf("%s: %s\n", text, status.message);
    EXPECT(!failed);
    return print(json);
}
static const char *decode_error(const char *text)
{
    status_clear(&status);
    EXPECT_EQ(schema_decode(&type_thing, &arena, tree(text), NULL, &status), -1);
    EXPECT_EQ(status.reason, STATUS_BAD_REQUEST);
    return status.message;
}
static const char *warnings_of(const char *text)
{
    struct schema_warning *warnings;
    const char *all = "";
    EXPECT_EQ(schema_decode(&type_thing, &arena, tree(text), &warnings, &status), 0);
    for (; warnings; warnings = warnings->next)
        all = arena_format(&arena, "%s%s\n", all, warnings->text);
    return all;
}
static void end(void)
{
    status_release(&status);
    arena_release(&arena);
}

/* --- Lookup --- */

TEST("a field is found by its whole name, embedded ones included, again and again")
{
    for (int i = 0; i < 3; i++) {
        EXPECT_EQ(schema_field(&type_part, SLICE("name"))->number, 1);
        EXPECT_EQ(schema_field(&type_part, SLICE("path"))->number, 2);
        EXPECT(schema_field(&type_part, SLICE("path")) == &type_source.fields[1]);
        EXPECT(!schema_field(&type_part, SLICE("pathx")));
        EXPECT(!schema_field(&type_part, SLICE("nam")));
        EXPECT(!schema_field(&type_part, SLICE("name\0")));
        EXPECT(!schema_field(&type_part, SLICE("")));
        EXPECT(!schema_field(&type_nothing, SLICE("name")));
        EXPECT_EQ(schema_field(&type_object_meta, SLICE("deletionGracePeriodSeconds"))->number, 10);
        EXPECT(!schema_field(&type_object_meta, SLICE("deletionGracePeriodSecondz")));
    }
    end();
}

/* --- Decoding --- */

TEST("unknown fields are dropped and told with their paths, in order")
{
    EXPECT_TEXT(
        warnings_of("{\"foo\":1,\"metadata\":{\"nam\":\"x\",\"labels\":{\"any\":\"k\"}},"
                    "\"spec\":{\"parts\":[{\"name\":\"a\"},{\"Name\":\"b\",\"parts\":[{\"x\":"
                    "{}}]}],\"open\":{\"kept\":1},\"any\":{\"a\":{\"b\":1}},\"bar\":null}}"),
        "unknown field \"foo\"\n"
        "unknown field \"metadata.nam\"\n"
        "unknown field \"spec.parts[1].Name\"\n"
        "unknown field \"spec.parts[1].parts[0].x\"\n"
        "unknown field \"spec.bar\"\n");
    EXPECT_TEXT(decode("{\"x\":1,\"open\":{\"kept\":1},\"any\":[1,{\"a\":null}]}"),
                "{\"open\":{\"kept\":1},\"any\":[1,{\"a\":null}]}");
    end();
}

TEST("a hundred unknown fields are told, no more")
{
    struct buffer text = {0};
    buffer_append_byte(&text, '{');
    for (int i = 0; i < 150; i++)
        buffer_format(&text, "%s\"f%d\":1", i ? "," : "", i);
    buffer_append_byte(&text, '}');
    const char *all = warnings_of(text.data);
    size_t lines = 0;
    for (; *all; all++)
        lines += *all == '\n';
    EXPECT_EQ(lines, 100);
    buffer_release(&text);
    end();
}

TEST("wrong types are told in Go's words")
{
    EXPECT_TEXT(decode_error("[]"), "json: cannot unmarshal array into Go value of type v1.Thing");
    EXPECT_TEXT(decode_error("{\"spec\":{\"replicas\":\"3\"}}"),
                "json: cannot unmarshal string into Go struct field Spec.spec.replicas of type "
                "int32");
    EXPECT_TEXT(decode_error("{\"spec\":{\"replicas\":1.5}}"),
                "json: cannot unmarshal number 1.5 into Go struct field Spec.spec.replicas of type "
                "int32");
    EXPECT_TEXT(decode_error("{\"spec\":{\"replicas\":2147483648}}"),
                "json: cannot unmarshal number 2147483648 into Go struct field Spec.spec.replicas "
                "of type int32");
    EXPECT_TEXT(decode_error("{\"spec\":{\"deadline\":9223372036854775808}}"),
                "json: cannot unmarshal number 9223372036854775808 into Go struct field "
                "Spec.spec.deadline of type int64");
    EXPECT_TEXT(decode_error("{\"spec\":[]}"),
                "json: cannot unmarshal array into Go struct field Thing.spec of type v1.Spec");
    EXPECT_TEXT(decode_error("{\"metadata\":{\"labels\":{\"a\":1}}}"),
                "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of "
                "type string");
    EXPECT_TEXT(decode_error("{\"metadata\":{\"labels\":[]}}"),
                "json: cannot unmarshal array into Go struct field ObjectMeta.metadata.labels of "
                "type map[string]string");
    EXPECT_TEXT(decode_error("{\"spec\":{\"parts\":{}}}"),
                "json: cannot unmarshal object into Go struct field Spec.spec.parts of type "
                "[]v1.Part");
    EXPECT_TEXT(decode_error("{\"spec\":{\"parts\":[{\"mode\":true}]}}"),
                "json: cannot unmarshal bool into Go struct field Part.spec.parts.mode of type "
                "v1.Mode");
    EXPECT_TEXT(decode_error("{\"spec\":{\"parts\":[{\"limits\":[]}]}}"),
                "json: cannot unmarshal array into Go struct field Part.spec.parts.limits of type "
                "v1.Limits");
    EXPECT_TEXT(decode_error("{\"spec\":{\"parts\":[{\"path\":1}]}}"),
                "json: cannot unmarshal number into Go struct field Part.spec.parts.Source.path of "
                "type string");
    EXPECT_TEXT(decode_error("{\"spec\":{\"args\":\"x\"}}"),
                "json: cannot unmarshal string into Go struct field Spec.spec.args of type "
                "[]string");
    EXPECT_TEXT(decode_error("{\"spec\":{\"key\":\"A\"}}"), "illegal base64 data at input byte 0");
    EXPECT_TEXT(decode_error("{\"spec\":{\"port\":1.5}}"),
                "json: cannot unmarshal number 1.5 into Go struct field Spec.spec.port of type "
                "int32");
    EXPECT_TEXT(decode_error("{\"spec\":{\"when\":5}}"),
                "json: cannot unmarshal number into Go struct field Spec.spec.when of type string");
    end();
}

TEST("of several wrong types the first is told; a refused text goes before them")
{
    EXPECT_TEXT(decode_error("{\"spec\":{\"paused\":1,\"replicas\":\"x\"}}"),
                "json: cannot unmarshal number into Go struct field Spec.spec.paused of type bool");
    EXPECT_TEXT(decode_error("{\"spec\":{\"paused\":1,\"parts\":[{\"size\":\"x\"}]}}"),
                "quantities must match the regular expression "
                "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
    end();
}

TEST("what Go would omit is absent, what it would keep stays")
{
    EXPECT_TEXT(decode("{\"paused\":false,\"fixed\":\"\",\"args\":[],\"data\":{},\"key\":\"\"}"),
                "{}");
    EXPECT_TEXT(decode("{\"replicas\":0,\"deadline\":0}"), "{\"replicas\":0,\"deadline\":0}");
    EXPECT_TEXT(
        decode("{\"paused\":true,\"count\":0,\"status\":{},\"port\":0,\"labels\":{\"a\":\"\"}}"),
        "{\"paused\":true,\"count\":0,\"status\":{},\"port\":0,\"labels\":{\"a\":\"\"}}");
    EXPECT_TEXT(decode("{\"parts\":[{\"name\":\"\",\"empty\":{},\"path\":\"\",\"mode\":\"\"}]}"),
                "{\"parts\":[{\"name\":\"\",\"empty\":{}}]}");
    end();
}

TEST("null is absent, and zero among items and values")
{
    EXPECT_TEXT(decode("{\"replicas\":null,\"args\":null,\"status\":null}"), "{}");
    EXPECT_TEXT(decode("{\"args\":[null,\"a\"],\"labels\":{\"a\":null},\"parts\":[null]}"),
                "{\"args\":[\"\",\"a\"],\"labels\":{\"a\":\"\"},\"parts\":[{}]}");
    EXPECT_TEXT(decode("{\"maybe\":null}"), "{\"maybe\":null}");
    end();
}

TEST("quantities, times, durations and bytes take their canonical form")
{
    EXPECT_TEXT(
        decode("{\"parts\":[{\"size\":1000,\"limits\":{\"a\":\"1000m\",\"b\":\"1.500\","
               "\"c\":0.5,\"d\":\" 1 \"}}]}"),
        "{\"parts\":[{\"size\":\"1k\",\"limits\":{\"a\":\"1\",\"b\":\"1.500\",\"c\":\"500m\","
        "\"d\":\"1\"}}]}");
    EXPECT_TEXT(decode("{\"when\":\"2026-01-02T03:04:05.9+01:00\"}"),
                "{\"when\":\"2026-01-02T02:04:05Z\"}");
    EXPECT_TEXT(decode("{\"exact\":\"2026-01-02T03:04:05.000001+00:00\"}"),
                "{\"exact\":\"2026-01-02T03:04:05.000001Z\"}");
    EXPECT_TEXT(decode("{\"span\":\"90s\"}"), "{\"span\":\"1m30s\"}");
    EXPECT_TEXT(
        decode("{\"data\":{\"a\":\"AQ\\n==\",\"b\":\"AR==\",\"c\":\"\"},\"key\":[1,2,255]}"),
        "{\"data\":{\"a\":\"AQ==\",\"b\":\"AQ==\",\"c\":\"\"},\"key\":\"AQL/\"}");
    EXPECT_TEXT(decode("{\"port\":\"http\"}"), "{\"port\":\"http\"}");
    end();
}

TEST("a tree as deep as the reader allows is walked")
{
    struct buffer text = {0};
    buffer_append_text(&text, "{\"parts\":[");
    for (int i = 0; i < 400; i++)
        buffer_append_text(&text, "{\"parts\":[");
    for (int i = 0; i < 401; i++)
        buffer_append_text(&text, "]}");
    struct json *json = tree(text.data);
    EXPECT_EQ(schema_decode(&type_spec, &arena, json, NULL, &status), 0);
    schema_set_defaults(&type_spec, &arena, json);
    buffer_release(&text);
    end();
}

/* --- Defaults --- */

static const char *set_defaults(const char *text)
{
    struct json *json = tree(text);
    schema_set_defaults(&type_thing, &arena, json);
    return print(json_get(json, "spec"));
}

TEST("what is absent gets its default, or the zero that Go writes")
{
    EXPECT_TEXT(set_defaults("{}"), "{\"replicas\":1,\"status\":{},\"count\":0}");
    EXPECT_TEXT(set_defaults("{\"spec\":{\"replicas\":0,\"status\":{},\"count\":5}}"),
                "{\"replicas\":0,\"status\":{},\"count\":5}");
    EXPECT_TEXT(
        set_defaults("{\"spec\":{\"replicas\":3,\"status\":{},\"count\":1,\"parts\":[{\"empty\":"
                     "{}},{\"name\":\"b\",\"mode\":\"B\",\"parts\":[{}]}]}}"),
        "{\"replicas\":3,\"status\":{},\"count\":1,\"parts\":[{\"empty\":{},\"name\":\"\",\"mode\":"
        "\"A\"},{\"name\":\"b\",\"mode\":\"B\",\"parts\":[{\"name\":\"\",\"mode\":\"A\"}]}]}");
    end();
}

TEST("defaults set twice change nothing")
{
    struct json *json = tree("{\"spec\":{\"parts\":[{}]}}");
    schema_set_defaults(&type_thing, &arena, json);
    const char *once = print(json);
    schema_set_defaults(&type_thing, &arena, json);
    EXPECT_TEXT(print(json), once);
    end();
}

/* --- Validation --- */

static const char *errors_of(const char *text, const char *old)
{
    struct field_errors errors;
    field_errors_init(&errors, &arena);
    if (old)
        schema_validate_update(&type_thing, tree(text), tree(old), &errors);
    else
        schema_validate(&type_thing, tree(text), &errors);
    status_clear(&status);
    return field_errors_status(&errors, "", "Thing", "t", &status) ? status.message : "";
}

TEST("required fields and enums are told with their paths")
{
    EXPECT_TEXT(errors_of("{\"spec\":{\"parts\":[{\"name\":\"a\",\"mode\":\"A\"}]}}", NULL), "");
    EXPECT_TEXT(errors_of("{\"spec\":{\"parts\":[{\"name\":\"a\",\"mode\":\"\"}]}}", NULL), "");
    EXPECT_TEXT(errors_of("{\"spec\":{\"parts\":[{\"mode\":\"C\"},{\"name\":\"\"}]}}", NULL),
                "Thing \"t\" is invalid: [spec.parts[0].mode: Unsupported value: \"C\": supported "
                "values: \"A\", \"B\", spec.parts[0].name: Required value, spec.parts[1].name: "
                "Required value]");
    end();
}

TEST("an immutable field that differs, comes or goes is told")
{
    EXPECT_TEXT(errors_of("{\"spec\":{\"fixed\":\"a\"}}", "{\"spec\":{\"fixed\":\"a\"}}"), "");
    EXPECT_TEXT(errors_of("{\"spec\":{}}", "{\"spec\":{}}"), "");
    EXPECT_TEXT(errors_of("{\"spec\":{\"fixed\":\"b\"}}", "{\"spec\":{\"fixed\":\"a\"}}"),
                "Thing \"t\" is invalid: spec.fixed: Invalid value: \"b\": field is immutable");
    EXPECT_TEXT(errors_of("{\"spec\":{}}", "{\"spec\":{\"fixed\":\"a\"}}"),
                "Thing \"t\" is invalid: spec.fixed: Invalid value: null: field is immutable");
    EXPECT_TEXT(errors_of("{\"spec\":{\"fixed\":\"b\"}}", "{\"spec\":{}}"),
                "Thing \"t\" is invalid: spec.fixed: Invalid value: \"b\": field is immutable");
    end();
}

/* --- OpenAPI --- */

TEST("OpenAPI says what the tables say, each type once")
{
    static const struct kind kind = {.group = "test",
                                     .version = "v1",
                                     .kind = "Thing",
                                     .resource = "things",
                                     .schema = &type_thing};
    struct buffer text = {0};
    struct map seen;
    map_init(&seen);
    buffer_append_byte(&text, '{');
    schema_append_openapi_kind(&kind, &seen, &text);
    size_t size = text.size;
    schema_append_openapi(&type_part, &seen, &text);
    EXPECT_EQ(text.size, size);
    text.data[text.size - 1] = '}';
    const struct json *schemas = tree(text.data);
    const struct json *part = json_get(schemas, PACKAGE ".Part");
    EXPECT_TEXT(print(json_get(part, "required")), "[\"name\"]");
    EXPECT_TEXT(
        print(json_at(part, "properties.mode")),
        "{\"type\":\"string\",\"enum\":[\"A\",\"B\"],\"description\":\"How.\",\"default\":\"A\"}");
    EXPECT_TEXT(print(json_at(part, "properties.path")),
                "{\"type\":\"string\",\"description\":\"Another way.\"}");
    EXPECT_TEXT(print(json_at(part, "properties.limits")),
                "{\"type\":\"object\",\"additionalProperties\":{\"allOf\":[{\"$ref\":"
                "\"#/components/schemas/io.k8s.apimachinery.pkg.api.resource.Quantity\"}]},"
                "\"description\":\"How much of what.\"}");
    const struct json *spec = json_get(schemas, PACKAGE ".Spec");
    EXPECT_TEXT(
        print(json_at(spec, "properties.parts")),
        "{\"type\":\"array\",\"items\":{\"allOf\":[{\"$ref\":\"#/components/schemas/" PACKAGE
        ".Part\"}]},\"description\":\"Parts.\",\"x-kubernetes-list-type\":\"map\","
        "\"x-kubernetes-list-map-keys\":[\"name\"],\"x-kubernetes-patch-merge-key\":\"name\","
        "\"x-kubernetes-patch-strategy\":\"merge\"}");
    EXPECT_TEXT(print(json_at(spec, "properties.port")),
                "{\"allOf\":[{\"$ref\":\"#/components/schemas/"
                "io.k8s.apimachinery.pkg.util.intstr.IntOrString\"}],\"description\":\"Port.\"}");
    EXPECT(
        json_is(json_get(schemas, "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"), JSON_OBJECT));
    EXPECT_TEXT(
        print(json_get(json_get(schemas, PACKAGE ".Thing"), "x-kubernetes-group-version-kind")),
        "[{\"group\":\"test\",\"kind\":\"Thing\",\"version\":\"v1\"}]");
    map_release(&seen);
    buffer_release(&text);
    end();
}

TEST("values are shown as Go shows them in field errors")
{
    EXPECT_TEXT(schema_value_text(&arena, NULL), "null");
    EXPECT_TEXT(schema_value_text(&arena, tree("\"a\\\"b\"")), "\"a\\\"b\"");
    EXPECT_TEXT(schema_value_text(&arena, tree("5")), "5");
    EXPECT_TEXT(schema_value_text(&arena, tree("{ \"a\" : [ true ] }")), "{\"a\":[true]}");
    end();
}
