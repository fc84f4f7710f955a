/* core/kinds/object_build and column */
#include "core/kinds/object_build.h"

#include <stdio.h>

#include "core/kinds/column.h"
#include "core/kinds/meta.h"
#include "core/kinds/types.h"
#include "core/kinds/view.h"
#include "tests/harness/test.h"

extern const struct kind kind_config_map, kind_namespace;

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
static const char *whole(const struct object *object)
{
    struct buffer text = {0};
    object_append_json(object, &text);
    const char *copy = arena_copy_slice(&arena, buffer_slice(&text));
    EXPECT_EQ(text.size, object_json_size(object));
    buffer_release(&text);
    return copy;
}
static void end(void)
{
    status_release(&status);
    arena_release(&arena);
}

TEST("an object is built with its key, its revision and its managed fields aside")
{
    struct json *json =
        tree("{\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"a\",\"namespace\":\"n\","
             "\"managedFields\":[{\"manager\":\"m\"}],\"uid\":\"u\"},\"data\":{\"k\":\"v\"}}");
    struct object *object = object_build(&kind_config_map, &arena, json, 42);
    EXPECT_SLICE(object_key(object), "/configmaps/n/a");
    EXPECT_EQ(object->revision, 42);
    EXPECT_SLICE(object_body(object),
                 "{\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"a\",\"namespace\":"
                 "\"n\",\"uid\":\"u\",\"resourceVersion\":\"42\"},\"data\":{\"k\":\"v\"}}");
    EXPECT_SLICE(object_managed(object), "[{\"manager\":\"m\"}]");
    EXPECT_TEXT(
        whole(object),
        "{\"kind\":\"ConfigMap\",\"metadata\":{\"managedFields\":[{\"manager\":\"m\"}],\"name\":"
        "\"a\","
        "\"namespace\":\"n\",\"uid\":\"u\",\"resourceVersion\":\"42\"},\"data\":{\"k\":\"v\"}}");
    EXPECT_SLICE(view_uid(object), "u");
    object_unref(object);
    end();
}

TEST("a tree comes back from an object as it was built")
{
    struct json *json =
        tree("{\"metadata\":{\"managedFields\":[{\"manager\":\"m\"}],\"name\":\"a\"}}");
    struct object *object = object_build(&kind_namespace, &arena, json, 7);
    struct json *back = object_tree(&arena, object, &status);
    EXPECT(json_equal(back, json));
    EXPECT_SLICE(object_key(object), "/namespaces/a");
    object_unref(object);
    object = object_build_managed(&kind_namespace, &arena, json, SLICE(""), 8);
    back = object_tree(&arena, object, &status);
    EXPECT(!json_at(back, "metadata.managedFields"));
    EXPECT_EQ(object_managed(object).size, 0);
    object_unref(object);
    end();
}

static void append_facts(const struct json *object, struct buffer *facts)
{
    buffer_append_slice(facts, json_string(json_get(object, "fact")));
}
static const struct kind_field fields[] = {
    {.path = "spec.flag"}, {.path = "spec.absent"}, {.path = "spec.count"}, {.path = NULL}};
static const struct kind thing = {.group = "g",
                                  .version = "v1",
                                  .kind = "Thing",
                                  .resource = "things",
                                  .namespaced = true,
                                  .schema = &type_partial_object_metadata,
                                  .fields = fields,
                                  .facts = append_facts};

TEST("the view holds what selectors and collectors ask for, labels in order")
{
    struct buffer view = {0};
    struct slice value;
    object_build_view(
        &thing,
        tree("{\"metadata\":{\"uid\":\"u\",\"generation\":3,\"creationTimestamp\":\"1970-01-01T00:"
             "00:01Z\","
             "\"deletionTimestamp\":\"1970-01-01T00:00:02Z\",\"labels\":{\"b\":\"2\",\"a\":\"1\"},"
             "\"finalizers\":[\"x/y\"],\"ownerReferences\":[{\"apiVersion\":\"apps/"
             "v1\",\"kind\":\"K\","
             "\"name\":\"o\",\"uid\":\"ou\",\"controller\":true,\"blockOwnerDeletion\":true}]},"
             "\"spec\":{\"flag\":true,\"count\":5},\"fact\":\"f\"}"),
        &view);
    struct slice all = buffer_slice(&view);
    EXPECT_EQ(view_int(all, VIEW_CREATED, 0), 1000000);
    EXPECT_EQ(view_int(all, VIEW_DELETED, 0), 2000000);
    EXPECT_EQ(view_int(all, VIEW_GENERATION, 0), 3);
    EXPECT(view_find(all, VIEW_LABEL, &value));
    EXPECT_SLICE(value, SLICE("a\0001"));
    EXPECT(view_label(all, SLICE("b"), &value));
    EXPECT(view_find(all, VIEW_OWNER, &value));
    EXPECT_SLICE(value, SLICE("ou\0cb\0apps/v1\0K\0o"));
    EXPECT(view_find(all, VIEW_FINALIZER, &value));
    EXPECT_SLICE(value, "x/y");
    EXPECT(view_find(all, VIEW_FACTS, &value));
    EXPECT_SLICE(value, "f");
    EXPECT(view_find(all, VIEW_FIELD, &value));
    EXPECT_SLICE(value, "true");
    EXPECT(view_find(all, VIEW_FIELD + 1, &value));
    EXPECT_SLICE(value, "");
    EXPECT(view_find(all, VIEW_FIELD + 2, &value));
    EXPECT_SLICE(value, "5");
    buffer_release(&view);
    end();
}

TEST("more labels than fit on the stack are sorted too")
{
    struct buffer text = {0}, view = {0};
    struct slice value;
    buffer_append_text(&text, "{\"metadata\":{\"labels\":{");
    for (int i = 99; i >= 0; i--)
        buffer_format(&text, "\"k%02d\":\"v%d\"%s", i, i, i > 0 ? "," : "");
    buffer_append_text(&text, "}}}");
    object_build_view(&thing, tree(text.data), &view);
    for (int i = 0; i < 100; i++) {
        char key[16];
        snprintf(key, sizeof key, "k%02d", i);
        EXPECT(view_label(buffer_slice(&view), slice_of(key), &value));
    }
    buffer_release(&text);
    buffer_release(&view);
    end();
}

TEST("a broken promise: an object without metadata cannot be built")
{
    EXPECT_DIES(object_build(&thing, &arena, json_new_array(&arena), 1));
    end();
}

static const char *cells(const struct kind *kind, const char *text, int64_t now_us)
{
    struct kind_context context = {.arena = &arena, .now_us = now_us};
    struct buffer row = {0};
    column_append_cells(kind, &context, tree(text), &row);
    const char *copy = arena_copy_slice(&arena, buffer_slice(&row));
    buffer_release(&row);
    return copy;
}

TEST("cells show values, counts and ages; a kind without columns has a name and an age")
{
    EXPECT_TEXT(
        cells(&kind_config_map,
              "{\"metadata\":{\"name\":\"a\",\"creationTimestamp\":\"1970-01-01T00:00:00Z\"},"
              "\"data\":{\"x\":\"\",\"y\":\"\"},\"binaryData\":{\"z\":\"\"}}",
              90000000),
        "[\"a\",3,\"90s\"]");
    EXPECT_TEXT(cells(&kind_namespace,
                      "{\"metadata\":{\"name\":\"a\"},\"status\":{\"phase\":\"Active\"}}", 0),
                "[\"a\",\"Active\",\"<unknown>\"]");
    EXPECT_TEXT(cells(&thing, "{\"metadata\":{\"name\":\"a\\\"b\"}}", 0),
                "[\"a\\\"b\",\"<unknown>\"]");
    EXPECT_TEXT(cells(&kind_namespace, "{\"metadata\":{\"name\":\"a\"}}", 0),
                "[\"a\",\"\",\"<unknown>\"]");
    end();
}
