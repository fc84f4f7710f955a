/* An object is written in parts: what one way of writing may not change stays as it is, and
 * nobody comes to own it by asking. */
#include "tests/harness/cluster.h"

#define APPLY "application/apply-patch+yaml"
#define MERGE "application/merge-patch+json"

static void apply(struct cluster *c, const char *path, const char *body)
{
    cluster_request_as(c, NULL, "PATCH", path, APPLY, NULL, body);
}
static bool owns(struct cluster *c, const char *manager, const char *field)
{
    JSON_EACH(entry, json_at(c->object, "metadata.managedFields"))
        if (strcmp(json_text(json_get(entry, "manager")), manager) == 0 &&
            json_get(json_get(entry, "fieldsV1"), field))
            return true;
    return false;
}

/* Of each kind with a status: how it is made, what its spec and status become. */
static const struct {
    const char *collection, *name, *made, *spec, *status;
} kinds[] = {
    {"/api/v1/namespaces/default/services", "s", "\"spec\":{\"ports\":[{\"port\":80}]}",
     "\"spec\":{\"sessionAffinity\":\"ClientIP\"}",
     "\"status\":{\"conditions\":[{\"type\":\"T\",\"status\":\"True\",\"reason\":\"R\",\"message\":"
     "\"\",\"lastTransitionTime\":\"2026-01-01T00:00:00Z\"}]}"},
    {"/api/v1/nodes", "n", "\"spec\":{}", "\"spec\":{\"unschedulable\":true}",
     "\"status\":{\"capacity\":{\"cpu\":\"1\"}}"},
    {"/api/v1/namespaces", "ns", "\"spec\":{}", "\"spec\":{\"finalizers\":[\"example.com/x\"]}",
     "\"status\":{\"conditions\":[{\"type\":\"T\",\"status\":\"True\"}]}"},
    {"/api/v1/namespaces/default/resourcequotas", "q", "\"spec\":{\"hard\":{\"pods\":\"5\"}}",
     "\"spec\":{\"hard\":{\"pods\":\"6\"}}", "\"status\":{\"used\":{\"pods\":\"1\"}}"},
    {"/api/v1/namespaces/default/pods", "p",
     "\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]}",
     "\"spec\":{\"activeDeadlineSeconds\":5}", "\"status\":{\"phase\":\"Running\"}"},
};

static const char *printed(struct cluster *c, const char *part)
{
    struct buffer text = {0};
    json_print(json_get(c->object, part), &text);
    const char *copy = arena_copy_slice(&c->arena, buffer_slice(&text));
    buffer_release(&text);
    return copy;
}

TEST("an ordinary write leaves the status alone, one of the status leaves the spec alone")
{
    struct cluster *c = cluster_start();
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        const char *path = arena_format(&c->arena, "%s/%s", kinds[i].collection, kinds[i].name);
        cluster_request(c, "POST", kinds[i].collection,
                        arena_format(&c->arena, "{\"metadata\":{\"name\":\"%s\"},%s}",
                                     kinds[i].name, kinds[i].made));
        EXPECT_CODE(c, 201);
        const char *spec = printed(c, "spec"), *status = printed(c, "status");
        cluster_request_as(c, NULL, "PATCH", path, MERGE, NULL,
                           arena_format(&c->arena, "{%s}", kinds[i].status));
        EXPECT_CODE(c, 200);
        EXPECT_TEXT(printed(c, "status"), status);
        cluster_request_as(c, NULL, "PATCH", arena_format(&c->arena, "%s/status", path), MERGE,
                           NULL,
                           arena_format(&c->arena, "{%s,%s}", kinds[i].spec, kinds[i].status));
        EXPECT_CODE(c, 200);
        EXPECT_TEXT(printed(c, "spec"), spec);
        EXPECT(strcmp(printed(c, "status"), status) != 0);
    }
    cluster_stop(c);
}

TEST("who applies an object does not own its status, who applies the status owns nothing else")
{
    struct cluster *c = cluster_start();
    static const char body[] =
        "{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"s\"},\"spec\":"
        "{\"ports\":[{\"port\":80}]},\"status\":{\"conditions\":[{\"type\":\"T\",\"status\":"
        "\"True\",\"reason\":\"R\",\"message\":\"\",\"lastTransitionTime\":"
        "\"2026-01-01T00:00:00Z\"}]}}";
    apply(c, "/api/v1/namespaces/default/services/s?fieldManager=a", body);
    EXPECT_CODE(c, 201);
    EXPECT(owns(c, "a", "f:spec") && !owns(c, "a", "f:status"));
    apply(c, "/api/v1/namespaces/default/services/s/status?fieldManager=b", body);
    EXPECT_CODE(c, 200);
    EXPECT(owns(c, "b", "f:status") && !owns(c, "b", "f:spec"));
    cluster_stop(c);
}

TEST("who applies a resize owns resources, and conflicts over nothing else")
{
    struct cluster *c = cluster_start();
#define POD(image, cpu)                                                                       \
    "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"p\",\"labels\":{\"a\":" \
    "\"" image "\"}},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"" image            \
    "\",\"resources\":{\"requests\":{\"cpu\":\"" cpu "\"}}}]}}"
    apply(c, "/api/v1/namespaces/default/pods/p?fieldManager=a", POD("i", "1"));
    EXPECT_CODE(c, 201);
    apply(c, "/api/v1/namespaces/default/pods/p/resize?fieldManager=b", POD("j", "2"));
    EXPECT_CODE(c, 409);
    EXPECT_TEXT(cluster_text(c, "message"), "Apply failed with 1 conflict: conflict with \"a\": "
                                            ".spec.containers[name=\"c\"].resources.requests.cpu");
    apply(c, "/api/v1/namespaces/default/pods/p/resize?fieldManager=b&force=true", POD("j", "2"));
    EXPECT_CODE(c, 200);
    EXPECT(owns(c, "b", "f:spec") && !owns(c, "b", "f:metadata"));
    const struct json *container = json_first(json_at(c->object, "spec.containers"));
    EXPECT_TEXT(json_text(json_get(container, "image")), "i");
    EXPECT_TEXT(json_text(json_at(container, "resources.requests.cpu")), "2");
    EXPECT_TEXT(cluster_text(c, "metadata.generation"), "2");
    cluster_stop(c);
}
