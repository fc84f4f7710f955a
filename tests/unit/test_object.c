/* Objects: three slices, one whole, shared managed fields, and keys. */
#include "core/kinds/object.h"

#include <pthread.h>

#include "tests/harness/test.h"

static struct object *make(const char *body, uint32_t splice, const char *managed)
{
    return object_create(SLICE("/pods/a"), 5, SLICE("v\0w"), slice_of(body), splice,
                         slice_of(managed));
}

static void expect_json(const struct object *object, const char *text)
{
    struct buffer json = {0};
    object_append_json(object, &json);
    EXPECT_TEXT(json.data, text);
    EXPECT_EQ(object_json_size(object), json.size);
    buffer_release(&json);
}

TEST("an object gives its slices, each with a NUL behind it")
{
    struct object *object = make("{\"metadata\":{\"name\":\"a\"}}", 13, "");
    EXPECT_SLICE(object_key(object), "/pods/a");
    EXPECT_SLICE(object_view(object), SLICE("v\0w"));
    EXPECT_SLICE(object_body(object), "{\"metadata\":{\"name\":\"a\"}}");
    EXPECT_EQ(object_key(object).data[7], '\0');
    EXPECT_EQ(object_view(object).data[3], '\0');
    EXPECT_EQ(object_body(object).data[object->body_size], '\0');
    EXPECT_EQ(object_managed(object).size, 0);
    EXPECT_EQ(object_memory(object), sizeof(struct object) + 7 + 3 + 25 + 3);
    expect_json(object, "{\"metadata\":{\"name\":\"a\"}}");
    object_unref(object);
}

TEST("the whole JSON has managedFields at the splice")
{
    struct object *object = make("{\"metadata\":{\"name\":\"a\"}}", 13, "[1]");
    expect_json(object, "{\"metadata\":{\"managedFields\":[1],\"name\":\"a\"}}");
    object_unref(object);
    object = make("{\"metadata\":{}}", 13, "[1]");
    expect_json(object, "{\"metadata\":{\"managedFields\":[1]}}");
    object_unref(object);
}

TEST("equal managed fields are one text, as long as anybody has it")
{
    struct object *a = make("{}", 1, "[\"same\"]");
    struct object *b = make("{\"x\":1}", 1, "[\"same\"]");
    struct object *other = make("{}", 1, "[\"other\"]");
    EXPECT(a->managed == b->managed);
    EXPECT(a->managed != other->managed);
    object_unref(a);
    EXPECT_SLICE(object_managed(b), "[\"same\"]");
    object_unref(b);
    a = make("{}", 1, "[\"same\"]");
    EXPECT_SLICE(object_managed(a), "[\"same\"]");
    object_unref(a);
    object_unref(other);
    object_unref(NULL);
}

TEST("an object that was changed ends the process at its last unref")
{
    struct object *object = make("{}", 1, "");
    object->bytes[0] = 'x';
    EXPECT_DIES(object_unref(object));
    object->bytes[0] = '/';
    object_unref(object);
}

static void *share(void *unused)
{
    for (int i = 0; i < 20000; i++) {
        struct object *a = make("{}", 1, i % 2 ? "[1]" : "[2]");
        struct object *b = object_ref(a);
        EXPECT(object_managed(b).data[1] == (i % 2 ? '1' : '2'));
        object_unref(a);
        object_unref(b);
    }
    return unused;
}

TEST("managed fields can be shared by several threads")
{
    pthread_t threads[3];
    for (int i = 0; i < 3; i++)
        EXPECT_EQ(pthread_create(&threads[i], NULL, share, NULL), 0);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
}

TEST("keys are made and taken apart")
{
    struct buffer key = {0};
    key_append(&key, "", "pods", SLICE("default"), SLICE("web"));
    EXPECT_TEXT(key.data, "/pods/default/web");
    EXPECT_SLICE(key_resource(buffer_slice(&key)), "/pods");
    EXPECT_SLICE(key_namespace(buffer_slice(&key)), "default");
    EXPECT_SLICE(key_name(buffer_slice(&key)), "web");
    buffer_clear(&key);
    key_append(&key, "scheduling.k8s.io", "priorityclasses", SLICE(""), SLICE("high"));
    EXPECT_TEXT(key.data, "scheduling.k8s.io/priorityclasses/high");
    EXPECT_SLICE(key_resource(buffer_slice(&key)), "scheduling.k8s.io/priorityclasses");
    EXPECT_EQ(key_namespace(buffer_slice(&key)).size, 0);
    EXPECT_SLICE(key_name(buffer_slice(&key)), "high");
    buffer_clear(&key);
    key_append_prefix(&key, "", "pods", SLICE("default"));
    EXPECT_TEXT(key.data, "/pods/default/");
    buffer_clear(&key);
    key_append_prefix(&key, "apps", "deployments", SLICE(""));
    EXPECT_TEXT(key.data, "apps/deployments/");
    buffer_release(&key);
}
