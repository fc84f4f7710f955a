/* core/kinds/meta: reading, writing and the rules of metadata. */
#include "core/kinds/meta.h"

#include <stdio.h>

#include "tests/harness/test.h"

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
static const char *gathered(struct field_errors *errors)
{
    status_clear(&status);
    return field_errors_status(errors, "", "Thing", "t", &status) ? status.message : "";
}
static const char *errors_of(const char *metadata)
{
    struct field_errors errors;
    field_errors_init(&errors, &arena);
    meta_validate(tree(metadata), true, NULL, "metadata", &errors);
    return gathered(&errors);
}
static const char *update_errors(const char *metadata, const char *old)
{
    struct field_errors errors;
    field_errors_init(&errors, &arena);
    meta_validate_update(tree(metadata), tree(old), "metadata", &errors);
    return gathered(&errors);
}
static void end(void)
{
    status_release(&status);
    arena_release(&arena);
}
#define GOOD "\"name\":\"a\",\"namespace\":\"n\""
#define INVALID "Thing \"t\" is invalid: "

TEST("what is missing reads as empty")
{
    int64_t value = 7;
    struct json *object = tree("{}");
    EXPECT_EQ(meta_name(object).size, 0);
    EXPECT_EQ(meta_name(NULL).size, 0);
    EXPECT_EQ(meta_generation(object), 0);
    EXPECT(!meta_created(object, &value));
    EXPECT(!meta_is_deleting(object));
    EXPECT(!meta_grace_seconds(object, &value));
    EXPECT(!meta_controller(object));
    EXPECT_EQ(meta_label(object, "a").size, 0);
    EXPECT_EQ(meta_revision(object, &value, &status), 0);
    EXPECT_EQ(value, 0);
    end();
}

TEST("what is there is read")
{
    int64_t value;
    struct json *object =
        tree("{\"metadata\":{\"name\":\"a\",\"namespace\":\"n\",\"uid\":\"u\",\"resourceVersion\":"
             "\"42\","
             "\"generation\":3,\"labels\":{\"k\":\"v\"},\"annotations\":{\"x.y/z\":\"w\"},"
             "\"creationTimestamp\":\"1970-01-01T00:00:01Z\",\"deletionTimestamp\":"
             "\"1970-01-01T00:00:02Z\",\"deletionGracePeriodSeconds\":0,\"finalizers\":[\"f\"],"
             "\"ownerReferences\":[{\"name\":\"b\"},{\"name\":\"c\",\"controller\":true}]}}");
    EXPECT_SLICE(meta_namespace(object), "n");
    EXPECT_SLICE(meta_uid(object), "u");
    EXPECT_SLICE(meta_label(object, "k"), "v");
    EXPECT_SLICE(meta_annotation(object, "x.y/z"), "w");
    EXPECT_EQ(meta_generation(object), 3);
    EXPECT(meta_created(object, &value));
    EXPECT_EQ(value, 1000000);
    EXPECT(meta_deleted(object, &value));
    EXPECT_EQ(value, 2000000);
    EXPECT(meta_grace_seconds(object, &value));
    EXPECT_EQ(value, 0);
    EXPECT(meta_has_finalizer(object, "f"));
    EXPECT_TEXT(json_text(json_get(meta_controller(object), "name")), "c");
    EXPECT_EQ(meta_revision(object, &value, &status), 0);
    EXPECT_EQ(value, 42);
    end();
}

TEST("a resourceVersion is a decimal number that fits")
{
    int64_t revision;
    EXPECT_EQ(meta_revision(tree("{\"metadata\":{\"resourceVersion\":\"x\"}}"), &revision, &status),
              -1);
    EXPECT_TEXT(status.message, "strconv.ParseUint: parsing \"x\": invalid syntax");
    status_clear(&status);
    EXPECT_EQ(
        meta_revision(tree("{\"metadata\":{\"resourceVersion\":\"-1\"}}"), &revision, &status), -1);
    status_clear(&status);
    EXPECT_EQ(meta_revision(tree("{\"metadata\":{\"resourceVersion\":\"99999999999999999999\"}}"),
                            &revision, &status),
              -1);
    EXPECT_TEXT(status.message,
                "strconv.ParseUint: parsing \"99999999999999999999\": value out of range");
    end();
}

TEST("finalizers are added once and removed wholly")
{
    struct json *object = tree("{}");
    meta_add_finalizer(&arena, object, "a/b");
    meta_add_finalizer(&arena, object, "a/b");
    meta_add_finalizer(&arena, object, "c/d");
    EXPECT_TEXT(print(object), "{\"metadata\":{\"finalizers\":[\"a/b\",\"c/d\"]}}");
    meta_remove_finalizer(object, "a/b");
    meta_remove_finalizer(object, "x");
    EXPECT_EQ(meta_finalizer_count(object), 1);
    meta_remove_finalizer(object, "c/d");
    EXPECT_TEXT(print(object), "{\"metadata\":{}}");
    meta_remove_finalizer(tree("{}"), "x");
    end();
}

TEST("a generated name is the base, cut to 58, and five characters")
{
    struct random_seeded seeded;
    random_seeded_init(&seeded, 1);
    char *name = meta_generate_name(&arena, SLICE("web-"), &seeded.random);
    EXPECT_EQ(strlen(name), 9);
    EXPECT(strncmp(name, "web-", 4) == 0);
    char base[100];
    memset(base, 'x', sizeof base);
    name = meta_generate_name(&arena, (struct slice){base, sizeof base}, &seeded.random);
    EXPECT_EQ(strlen(name), 63);
    end();
}

TEST("the namespace is the URL's, or the request is refused")
{
    struct json *object = tree("{\"metadata\":{}}");
    EXPECT_EQ(meta_match_namespace(&arena, object, SLICE("n"), &status), 0);
    EXPECT_SLICE(meta_namespace(object), "n");
    EXPECT_EQ(meta_match_namespace(&arena, object, SLICE("n"), &status), 0);
    EXPECT_EQ(meta_match_namespace(&arena, object, SLICE("m"), &status), -1);
    EXPECT_EQ(status.code, 400);
    EXPECT_TEXT(status.message, "the namespace of the provided object does not match the namespace "
                                "sent on the request");
    EXPECT_EQ(meta_match_namespace(&arena, object, SLICE(""), &status), 0);
    EXPECT_TEXT(print(object), "{\"metadata\":{}}");
    end();
}

TEST("names and namespaces are checked")
{
    struct field_errors errors;
    EXPECT_TEXT(errors_of("{" GOOD "}"), "");
    EXPECT_TEXT(errors_of("{\"namespace\":\"n\"}"),
                INVALID "metadata.name: Required value: name or generateName is required");
    EXPECT_TEXT(errors_of("{\"name\":\"a\"}"), INVALID "metadata.namespace: Required value");
    EXPECT_TEXT(errors_of("{\"name\":\"a\",\"namespace\":\"a.b\"}"),
                INVALID "metadata.namespace: Invalid value: \"a.b\": must not contain dots");
    EXPECT(strstr(errors_of("{" GOOD ",\"generateName\":\"-\"}"),
                  "metadata.generateName: Invalid value: \"-\": a lowercase RFC 1123 subdomain"));
    field_errors_init(&errors, &arena);
    meta_validate(tree("{" GOOD "}"), false, name_path_segment, "metadata", &errors);
    EXPECT_TEXT(gathered(&errors),
                INVALID "metadata.namespace: Forbidden: not allowed on this type");
    end();
}

TEST("labels and annotations are checked, annotations by size too")
{
    EXPECT(strstr(errors_of("{" GOOD ",\"labels\":{\"-\":\"v\",\"k\":\"-\"}}"),
                  "[metadata.labels: Invalid value: \"-\": name part must consist of"));
    EXPECT_TEXT(errors_of("{" GOOD ",\"annotations\":{\"Example.COM/a\":\"any \\u0000 text\"}}"),
                "");
    EXPECT(strstr(errors_of("{" GOOD ",\"annotations\":{\"a b\":\"\"}}"),
                  "metadata.annotations: Invalid value: \"a b\": name part must consist of"));
    char *big = arena_alloc(&arena, META_ANNOTATIONS_SIZE_MAX + 1);
    memset(big, 'x', META_ANNOTATIONS_SIZE_MAX - 1);
    const char *fits = arena_format(&arena, "{" GOOD ",\"annotations\":{\"k\":\"%s\"}}", big);
    EXPECT_TEXT(errors_of(fits), "");
    const char *too_big = arena_format(&arena, "{" GOOD ",\"annotations\":{\"kk\":\"%s\"}}", big);
    EXPECT_TEXT(errors_of(too_big),
                INVALID "metadata.annotations: Too long: may not be more than 262144 bytes");
    end();
}

TEST("an owner names its version, kind, name and uid; one at most controls; no Event owns")
{
    EXPECT_TEXT(errors_of("{" GOOD
                          ",\"ownerReferences\":[{\"apiVersion\":\"apps/v1\",\"kind\":\"K\","
                          "\"name\":\"x\",\"uid\":\"u\",\"controller\":true}]}"),
                "");
    EXPECT_TEXT(errors_of("{" GOOD ",\"ownerReferences\":[{\"apiVersion\":\"a/b/c\"}]}"),
                INVALID "[metadata.ownerReferences.apiVersion: Invalid value: \"a/b/c\": version "
                        "must not be empty, metadata.ownerReferences.kind: Invalid value: \"\": "
                        "must not be empty, metadata.ownerReferences.name: Invalid value: \"\": "
                        "must not be empty, metadata.ownerReferences.uid: Invalid value: \"\": "
                        "must not be empty]");
    EXPECT(
        strstr(errors_of("{" GOOD ",\"ownerReferences\":[{\"apiVersion\":\"v1\",\"kind\":\"Event\","
                         "\"name\":\"x\",\"uid\":\"u\"}]}"),
               "/v1, Kind=Event is disallowed from being an owner"));
    EXPECT(
        strstr(errors_of("{" GOOD ",\"ownerReferences\":[{\"apiVersion\":\"v1\",\"kind\":\"A\","
                         "\"name\":\"x\",\"uid\":\"u\",\"controller\":true},{\"apiVersion\":\"v1\","
                         "\"kind\":\"B\",\"name\":\"y\",\"uid\":\"v\",\"controller\":true}]}"),
               "Only one reference can have Controller set to true. Found \"true\" in references "
               "for A/x and B/y"));
    end();
}

TEST("finalizers are standard or qualified, and not both of garbage collection's")
{
    EXPECT_TEXT(errors_of("{" GOOD ",\"finalizers\":[\"kubernetes\",\"a.b/c\"]}"), "");
    EXPECT_TEXT(errors_of("{" GOOD ",\"finalizers\":[\"a.b/c\",\"mine\"]}"),
                INVALID "metadata.finalizers[1]: Invalid value: \"mine\": name is neither a "
                        "standard finalizer name nor is it fully qualified");
    EXPECT_TEXT(errors_of("{" GOOD ",\"finalizers\":[\"orphan\",\"foregroundDeletion\"]}"),
                INVALID "metadata.finalizers: Invalid value: [\"orphan\",\"foregroundDeletion\"]: "
                        "finalizer orphan and foregroundDeletion cannot be both set");
    end();
}

TEST("managed fields name an operation and a printable manager")
{
    EXPECT_TEXT(errors_of("{" GOOD ",\"managedFields\":[{\"manager\":\"a\\u0007b\",\"operation\":"
                          "\"Merge\",\"fieldsType\":\"V2\"}]}"),
                INVALID "[metadata.managedFields[0].operation: Invalid value: \"Merge\": must be "
                        "`Apply` or `Update`, metadata.managedFields[0].fieldsType: Invalid value: "
                        "\"V2\": must be `FieldsV1`, metadata.managedFields[0].manager: Invalid "
                        "value: \"a\\ab\": invalid character U+0007 (at position 1)]");
    end();
}

TEST("an update keeps names and times")
{
    EXPECT_TEXT(update_errors("{" GOOD ",\"resourceVersion\":\"1\",\"generation\":2}",
                              "{" GOOD ",\"generation\":2}"),
                "");
    EXPECT_TEXT(update_errors("{\"name\":\"b\",\"namespace\":\"n\",\"generation\":1}",
                              "{" GOOD
                              ",\"generation\":2,\"uid\":\"u\",\"creationTimestamp\":\"t\"}"),
                INVALID "[metadata.resourceVersion: Invalid value: \"\": must be specified for an "
                        "update, metadata.generation: Invalid value: 1: must not be decremented, "
                        "metadata.name: Invalid value: \"b\": field is immutable, metadata.uid: "
                        "Invalid value: \"\": field is immutable, metadata.creationTimestamp: "
                        "Invalid value: null: field is immutable]");
    end();
}

TEST("what is being deleted gets no new finalizers")
{
    const char *old = "{\"deletionTimestamp\":\"t\",\"finalizers\":[\"a/b\"]}";
    EXPECT_TEXT(update_errors("{\"resourceVersion\":\"1\",\"deletionTimestamp\":\"t\"}", old), "");
    EXPECT_TEXT(
        update_errors("{\"resourceVersion\":\"1\",\"deletionTimestamp\":\"t\",\"finalizers\":"
                      "[\"x/y\",\"a/b\",\"c/d\",\"x/y\"]}",
                      old),
        INVALID "metadata.finalizers: Forbidden: no new finalizers can be added if the "
                "object is being deleted, found new finalizers []string{\"c/d\", \"x/y\"}");
    end();
}

TEST("conditions have a type of their own, a status, a reason and a time")
{
    struct field_errors errors;
    field_errors_init(&errors, &arena);
    meta_validate_conditions(
        tree(
            "[{\"type\":\"Ready\",\"status\":\"True\",\"reason\":\"Fine\",\"lastTransitionTime\":"
            "\"t\"},"
            "{\"type\":\"Ready\",\"status\":\"Maybe\",\"reason\":\"\",\"observedGeneration\":-1}]"),
        "status.conditions", &errors);
    EXPECT_TEXT(gathered(&errors),
                INVALID "[status.conditions[1].type: Duplicate value: \"Ready\", "
                        "status.conditions[1].status: Unsupported value: \"Maybe\": supported "
                        "values: \"False\", \"True\", \"Unknown\", "
                        "status.conditions[1].observedGeneration: Invalid value: -1: must be "
                        "greater than or equal to zero, status.conditions[1].lastTransitionTime: "
                        "Required value, status.conditions[1].reason: Required value]");
    end();
}
