/* What every client may rely on, whatever the kind: told with ConfigMaps. */
#include "tests/harness/cluster.h"

#define MAPS "/api/v1/namespaces/default/configmaps"

static void make(struct cluster *c, const char *name, const char *rest)
{
    cluster_request(c, "POST", MAPS,
                    arena_format(&c->arena, "{\"metadata\":{\"name\":\"%s\"%s}}", name, rest));
    EXPECT_CODE(c, 201);
}

static const char *message(struct cluster *c)
{
    return json_text(json_get(c->object, "message"));
}

TEST("an update with an old revision conflicts, without one it does not")
{
    struct cluster *c = cluster_start();
    make(c, "a", "");
    const char *revision = cluster_text(c, "metadata.resourceVersion");
    cluster_request(c, "PUT", MAPS "/a", "{\"metadata\":{\"name\":\"a\"},\"data\":{\"k\":\"1\"}}");
    EXPECT_CODE(c, 200);
    cluster_request(c, "PUT", MAPS "/a",
                    arena_format(&c->arena,
                                 "{\"metadata\":{\"name\":\"a\",\"resourceVersion\":\"%s\"}}",
                                 revision));
    EXPECT_CODE(c, 409);
    EXPECT_TEXT(message(c), "Operation cannot be fulfilled on configmaps \"a\": the object has "
                            "been modified; please apply your changes to the latest version and "
                            "try again");
    cluster_stop(c);
}

TEST("a write that changes nothing takes no revision")
{
    struct cluster *c = cluster_start();
    make(c, "a", "");
    const char *revision = cluster_text(c, "metadata.resourceVersion");
    cluster_request_as(c, NULL, "PATCH", MAPS "/a", "application/merge-patch+json", NULL, "{}");
    EXPECT_CODE(c, 200);
    EXPECT_TEXT(cluster_text(c, "metadata.resourceVersion"), revision);
    cluster_stop(c);
}

TEST("a dry run answers as if, and leaves nothing")
{
    struct cluster *c = cluster_start();
    cluster_request(c, "POST", MAPS "?dryRun=All", "{\"metadata\":{\"name\":\"a\"}}");
    EXPECT_CODE(c, 201);
    cluster_request(c, "GET", MAPS "/a", NULL);
    EXPECT_CODE(c, 404);
    cluster_request(c, "POST", MAPS "?dryRun=Some", "{\"metadata\":{\"name\":\"a\"}}");
    EXPECT_CODE(c, 422);
    cluster_stop(c);
}

TEST("pages of a list are one moment, whatever is written between them")
{
    struct cluster *c = cluster_start();
    make(c, "a", "");
    make(c, "b", "");
    make(c, "c", "");
    cluster_request(c, "GET", MAPS "?limit=2", NULL);
    EXPECT_EQ(json_count(json_get(c->object, "items")), 2);
    EXPECT_TEXT(cluster_text(c, "metadata.remainingItemCount"), "1");
    const char *revision = cluster_text(c, "metadata.resourceVersion");
    const char *next = cluster_text(c, "metadata.continue");
    make(c, "bb", "");
    cluster_request(c, "DELETE", MAPS "/c", NULL);
    cluster_request(c, "GET", arena_format(&c->arena, MAPS "?limit=2&continue=%s", next), NULL);
    EXPECT_CODE(c, 200);
    EXPECT_EQ(json_count(json_get(c->object, "items")), 1);
    EXPECT_TEXT(cluster_text(c, "metadata.resourceVersion"), revision);
    EXPECT_TEXT(json_text(json_at(json_item(json_get(c->object, "items"), 0), "metadata.name")),
                "c");
    cluster_stop(c);
}

TEST("selectors select, and bad ones are refused in upstream's words")
{
    struct cluster *c = cluster_start();
    make(c, "a", ",\"labels\":{\"app\":\"x\"}");
    make(c, "b", ",\"labels\":{\"app\":\"y\"}");
    cluster_request(c, "GET", MAPS "?labelSelector=app%3Dx", NULL);
    EXPECT_EQ(json_count(json_get(c->object, "items")), 1);
    cluster_request(c, "GET", MAPS "?labelSelector=app!%3Dx", NULL);
    EXPECT_EQ(json_count(json_get(c->object, "items")), 1);
    cluster_request(c, "GET", MAPS "?fieldSelector=metadata.name%3Db", NULL);
    EXPECT_EQ(json_count(json_get(c->object, "items")), 1);
    cluster_request(c, "GET", MAPS "?labelSelector=a+b", NULL);
    EXPECT_CODE(c, 400);
    EXPECT_TEXT(message(c), "unable to parse requirement: found 'b', expected: in, notin, =, ==, "
                            "!=, gt, lt");
    cluster_request(c, "GET", MAPS "?fieldSelector=data.k%3Db", NULL);
    EXPECT_CODE(c, 400);
    cluster_stop(c);
}

TEST("a watch that selects tells of coming and going as ADDED and DELETED")
{
    struct cluster *c = cluster_start();
    make(c, "a", ",\"labels\":{\"app\":\"x\"}");
    const char *start = cluster_text(c, "metadata.resourceVersion");
    cluster_request_as(c, NULL, "PATCH", MAPS "/a", "application/merge-patch+json", NULL,
                       "{\"metadata\":{\"labels\":{\"app\":\"y\"}}}");
    const char *left = cluster_text(c, "metadata.resourceVersion");
    cluster_request_as(c, NULL, "PATCH", MAPS "/a", "application/merge-patch+json", NULL,
                       "{\"metadata\":{\"labels\":{\"app\":\"x\"}}}");
    cluster_request(c, "GET",
                    arena_format(&c->arena,
                                 MAPS "?watch=1&resourceVersion=%s"
                                      "&labelSelector=app%%3Dx",
                                 start),
                    NULL);
    const char *gone = strstr(c->reply, "\"type\":\"DELETED\"");
    const char *came = strstr(c->reply, "\"type\":\"ADDED\"");
    EXPECT(gone != NULL && came != NULL && gone < came);
    EXPECT(strstr(gone, arena_format(&c->arena, "\"resourceVersion\":\"%s\"", left)) < came);
    cluster_stop(c);
}

TEST("who has no right hears which one, and who is nobody may look at health alone")
{
    struct cluster *c = cluster_start();
    static const char *const groups[] = {"system:authenticated", NULL};
    static const struct user jane = {.name = "jane", .uid = "", .groups = groups};
    cluster_request_as(c, &jane, "GET", MAPS, NULL, NULL, NULL);
    EXPECT_CODE(c, 403);
    EXPECT_TEXT(message(c), "configmaps is forbidden: User \"jane\" cannot list resource "
                            "\"configmaps\" in API group \"\" in the namespace \"default\"");
    cluster_request_as(c, &jane, "GET", "/api/v1/pods", NULL, NULL, NULL);
    EXPECT_TEXT(message(c), "pods is forbidden: User \"jane\" cannot list resource \"pods\" in "
                            "API group \"\" at the cluster scope");
    cluster_stop(c);
}

TEST("every field error comes at once, with its path and cause")
{
    struct cluster *c = cluster_start();
    cluster_request(c, "POST", MAPS,
                    "{\"metadata\":{\"name\":\"A_b\",\"labels\":{\"-\":\"x\"}},\"data\":{\"a/b\":"
                    "\"\"}}");
    EXPECT_CODE(c, 422);
    EXPECT_TEXT(cluster_text(c, "reason"), "Invalid");
    EXPECT_EQ(json_count(json_at(c->object, "details.causes")), 3);
    EXPECT_TEXT(json_text(json_get(json_first(json_at(c->object, "details.causes")), "field")),
                "metadata.name");
    cluster_stop(c);
}

TEST("what cannot be read is refused, what cannot be made too")
{
    struct cluster *c = cluster_start();
    cluster_request_as(c, NULL, "POST", MAPS, "text/plain", NULL, "x");
    EXPECT_CODE(c, 415);
    cluster_request_as(c, NULL, "GET", MAPS, NULL, "text/plain", NULL);
    EXPECT_CODE(c, 406);
    cluster_request(c, "POST", MAPS, "{\"metadata\":{\"name\":\"a\"},}");
    EXPECT_CODE(c, 400);
    cluster_request(c, "POST", MAPS, "{\"kind\":\"Secret\",\"apiVersion\":\"v1\"}");
    EXPECT_CODE(c, 400);
    cluster_request(c, "POST", MAPS, "{\"apiVersion\":\"v2\",\"metadata\":{\"name\":\"a\"}}");
    EXPECT_TEXT(message(c), "the API version in the data (v2) does not match the expected API "
                            "version (v1)");
    cluster_request(c, "GET", "/api/v1/namespaces/default/unknowns", NULL);
    EXPECT_CODE(c, 404);
    cluster_request(c, "GET", "/api/v1/namespaces/default//configmaps", NULL);
    EXPECT_CODE(c, 404);
    cluster_stop(c);
}

TEST("a namespace that is not there takes nothing, and default stays")
{
    struct cluster *c = cluster_start();
    cluster_request(c, "POST", "/api/v1/namespaces/nope/configmaps",
                    "{\"metadata\":{\"name\":\"a\"}}");
    EXPECT_CODE(c, 404);
    EXPECT_TEXT(message(c), "namespaces \"nope\" not found");
    cluster_request(c, "DELETE", "/api/v1/namespaces/default", NULL);
    EXPECT_CODE(c, 403);
    cluster_stop(c);
}

TEST("many are deleted at once, in one transaction")
{
    struct cluster *c = cluster_start();
    make(c, "a", ",\"labels\":{\"app\":\"x\"}");
    make(c, "b", ",\"labels\":{\"app\":\"x\"}");
    make(c, "c", "");
    cluster_request(c, "DELETE", MAPS "?labelSelector=app%3Dx", NULL);
    EXPECT_CODE(c, 200);
    EXPECT_EQ(json_count(json_get(c->object, "items")), 2);
    cluster_request(c, "GET", MAPS, NULL);
    EXPECT_EQ(json_count(json_get(c->object, "items")), 1);
    cluster_stop(c);
}
