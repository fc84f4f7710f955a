/* Rules: health endpoints answer "ok" as text, or with ?verbose one line per
 * check and a closing line (k8s.io/apiserver pkg/server/healthz). */
#include "api/route.h"

#include "api/discovery.h"
#include "api/token_issuer.h"
#include "core/version.h"

struct health_check {
    const char *name;
    bool (*is_good)(const struct api *api);
};

static bool check_ping(const struct api *api)
{
    return api != NULL;
}
static bool check_ready(const struct api *api)
{
    return api->is_ready;
}

static const struct health_check live_checks[] = {{"ping", check_ping}, {NULL, NULL}};
static const struct health_check ready_checks[] = {
    {"ping", check_ping}, {"poststarthook/bootstrap", check_ready}, {NULL, NULL}};

static void text_reply(struct request *request, int code)
{
    request->reply.code = code;
    request->reply.content_type = "text/plain; charset=utf-8";
    request_add_header(request, "X-Content-Type-Options", "nosniff");
    request_reply(request);
}

static void serve_one_check(struct api *api, struct request *request,
                            const struct health_check *checks, const char *name)
{
    for (; checks->name; checks++) {
        if (strcmp(checks->name, name) != 0)
            continue;
        bool good = checks->is_good(api);
        buffer_append_text(&request->reply.body, good ? "ok" : "not ok");
        text_reply(request, good ? 200 : 500);
        return;
    }
    status_fail(&request->status, STATUS_NOT_FOUND,
                "the server could not find the requested resource");
    request_fail(request);
}

static void serve_checks(struct api *api, struct request *request,
                         const struct health_check *checks)
{
    const char *path = request->info.path;
    const char *endpoint = path + 1;
    const char *name = strchr(endpoint, '/');
    if (name) {
        serve_one_check(api, request, checks, name + 1);
        return;
    }
    struct buffer *text = &request->reply.body;
    bool good = true;
    struct buffer lines = {0};
    for (const struct health_check *check = checks; check->name; check++) {
        bool is_good = check->is_good(api);
        good = good && is_good;
        buffer_format(&lines, "[%s]%s %s\n", is_good ? "+" : "-", check->name,
                      is_good ? "ok" : "failed: reason withheld");
    }
    if (good && !query_get(request->query, "verbose").data) {
        buffer_append_text(text, "ok");
    } else {
        buffer_append_slice(text, buffer_slice(&lines));
        buffer_format(text, "%s check %s\n", endpoint, good ? "passed" : "failed");
    }
    buffer_release(&lines);
    text_reply(request, good ? 200 : 500);
}

static void serve_live(struct api *api, struct request *request)
{
    serve_checks(api, request, live_checks);
}
static void serve_ready(struct api *api, struct request *request)
{
    serve_checks(api, request, ready_checks);
}

static const char *compiler_text(void)
{
#if defined(__clang__)
    return "clang";
#else
    return "gcc";
#endif
}

static void serve_version(struct api *api, struct request *request)
{
    (void)api;
    struct arena *arena = &request->arena;
    struct json *version = json_new_object(arena);
    json_set_text(arena, version, "major", KUBERNETES_MAJOR);
    json_set_text(arena, version, "minor", KUBERNETES_MINOR);
    json_set_text(arena, version, "gitVersion", KUBERNETES_VERSION);
    json_set_text(arena, version, "gitCommit", "");
    json_set_text(arena, version, "gitTreeState", "");
    json_set_text(arena, version, "buildDate", "1970-01-01T00:00:00Z");
    json_set_text(arena, version, "goVersion", "");
    json_set_text(arena, version, "compiler", compiler_text());
    json_set_text(arena, version, "platform",
                  "linux/"
#if defined(__aarch64__)
                  "arm64"
#else
                  "amd64"
#endif
    );
    json_print_pretty(version, 2, &request->reply.body);
    request->reply.code = 200;
    request->reply.content_type = "application/json";
    request_reply(request);
}

static void serve_metrics(struct api *api, struct request *request)
{
    if (api->metrics)
        metrics_print(api->metrics, &request->reply.body);
    request->reply.code = 200;
    request->reply.content_type = "text/plain; version=0.0.4; charset=utf-8";
    request_reply(request);
}

const struct route routes[] = {
    {"/healthz", true, serve_live},
    {"/livez", true, serve_live},
    {"/livez/*", false, serve_live},
    {"/readyz", true, serve_ready},
    {"/readyz/*", false, serve_ready},
    {"/version", false, serve_version},
    {"/metrics", false, serve_metrics},
    {"/api", false, discovery_serve_api},
    {"/api/v1", false, discovery_serve_core},
    {"/apis", false, discovery_serve_apis},
    {"/apis/*", false, discovery_serve_group},
    {"/openapi/v2", false, discovery_serve_openapi_v2},
    {"/openapi/v3", false, discovery_serve_openapi},
    {"/openapi/v3/*", false, discovery_serve_openapi},
    {"/.well-known/openid-configuration", false, token_issuer_serve_configuration},
    {"/openid/v1/jwks", false, token_issuer_serve_keys},
    {NULL, false, NULL},
};

static bool path_matches(const char *pattern, const char *path)
{
    size_t size = strlen(pattern);
    if (size > 0 && pattern[size - 1] == '*')
        return strncmp(pattern, path, size - 1) == 0;
    size_t path_size = strlen(path);
    if (path_size > 1 && path[path_size - 1] == '/')
        path_size--;
    return path_size == size && strncmp(pattern, path, size) == 0;
}

const struct route *route_find(const char *path)
{
    for (const struct route *route = routes; route->path; route++)
        if (path_matches(route->path, path))
            return route;
    return NULL;
}
