#include "api/request_info.h"
#include "tests/harness/test.h"

struct parsed {
    struct arena arena;
    struct request_info info;
    bool is_good;
};

static struct parsed parse(const char *method, const char *path, const char *query)
{
    struct parsed parsed = {0};
    arena_init(&parsed.arena);
    parsed.is_good =
        request_info_parse(&parsed.info, &parsed.arena, slice_of(method), slice_of(path),
                           query_parse(&parsed.arena, slice_of(query)));
    return parsed;
}

static void expect_resource(const char *method, const char *path, const char *query,
                            const char *expected)
{
    struct parsed parsed = parse(method, path, query);
    const struct request_info *info = &parsed.info;
    EXPECT(parsed.is_good && info->is_resource);
    EXPECT_TEXT(arena_format(&parsed.arena,
                             "%s %s/%s %s ns=" SLICE_FORMAT " name=" SLICE_FORMAT " sub=%s",
                             info->verb, info->group, info->version, info->resource,
                             SLICE_ARGS(info->namespace), SLICE_ARGS(info->name),
                             info->subresource ? info->subresource : ""),
                expected);
    arena_release(&parsed.arena);
}

TEST("a path of a resource says verb, group, resource, namespace, name and subresource")
{
    expect_resource("GET", "/api/v1/namespaces/default/pods/web", "",
                    "get /v1 pods ns=default name=web sub=");
    expect_resource("GET", "/api/v1/pods", "", "list /v1 pods ns= name= sub=");
    expect_resource("GET", "/api/v1/pods", "watch=true", "watch /v1 pods ns= name= sub=");
    expect_resource("GET", "/api/v1/pods", "watch=0", "list /v1 pods ns= name= sub=");
    expect_resource("POST", "/apis/scheduling.k8s.io/v1beta1/namespaces/a/podgroups", "",
                    "create scheduling.k8s.io/v1beta1 podgroups ns=a name= sub=");
    expect_resource("PUT", "/api/v1/namespaces/a/pods/web/status", "",
                    "update /v1 pods ns=a name=web sub=status");
    expect_resource("DELETE", "/api/v1/namespaces/a/pods", "",
                    "deletecollection /v1 pods ns=a name= sub=");
    expect_resource("PATCH", "/api/v1/nodes/n1", "", "patch /v1 nodes ns= name=n1 sub=");
}

TEST("a Namespace is in itself, and its parts are its own")
{
    expect_resource("GET", "/api/v1/namespaces/a", "", "get /v1 namespaces ns=a name=a sub=");
    expect_resource("PUT", "/api/v1/namespaces/a/finalize", "",
                    "update /v1 namespaces ns=a name=a sub=finalize");
    expect_resource("GET", "/api/v1/namespaces", "", "list /v1 namespaces ns= name= sub=");
}

TEST("a list of one name is asked for by that name")
{
    expect_resource("GET", "/api/v1/namespaces/a/pods", "fieldSelector=metadata.name%3Dweb",
                    "list /v1 pods ns=a name=web sub=");
    expect_resource("GET", "/api/v1/namespaces/a/pods",
                    "fieldSelector=metadata.name%3Dweb,spec.nodeName%3Dn",
                    "list /v1 pods ns=a name= sub=");
}

TEST("tricks with paths are no paths")
{
    static const char *const tricks[] = {
        "/api/v1//pods",
        "/api/v1/../pods",
        "/api/v1/./pods",
        "/api/v1/pods/%2e%2e/x",
        "/api/v1/pods/a%2fb",
        "api/v1/pods",
        "",
        "/api/v1/pods/%zz",
        "/api/v1/pods/a%00",
        "/api/v1/namespaces/a/pods/b/c/d/e",
        "//api/v1/pods",
    };
    for (size_t i = 0; i < ARRAY_SIZE(tricks); i++) {
        struct parsed parsed = parse("GET", tricks[i], "");
        if (parsed.is_good)
            test_fail(__FILE__, __LINE__, "%s was taken for a path", tricks[i]);
        arena_release(&parsed.arena);
    }
}

TEST("what is no resource keeps its path and its method")
{
    struct parsed parsed = parse("GET", "/readyz/ping", "verbose");
    EXPECT(parsed.is_good && !parsed.info.is_resource);
    EXPECT_TEXT(parsed.info.path, "/readyz/ping");
    EXPECT_TEXT(parsed.info.verb, "get");
    arena_release(&parsed.arena);
    parsed = parse("GET", "/apis/apps", "");
    EXPECT(parsed.is_good && !parsed.info.is_resource);
    arena_release(&parsed.arena);
}
