/* The table of paths that are no resources, and the small ones of them. */
#include "api/route.h"

#include "api/debug.h"
#include "api/discovery.h"
#include "api/health.h"
#include "api/node_links.h"
#include "api/openapi_documents.h"
#include "api/process_metrics.h"
#include "api/token_issuer.h"
#include "core/version.h"

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

static void append_loop(struct loop *loop, struct buffer *text)
{
    buffer_format(text,
                  "# HELP coracle_loop_longest_step_seconds The longest that one callback computed "
                  "since the last scrape.\n# TYPE coracle_loop_longest_step_seconds gauge\n"
                  "coracle_loop_longest_step_seconds %g\n",
                  (double)loop_take_longest_step_us(loop) / 1e6);
}

static void serve_metrics(struct api *api, struct request *request)
{
    struct buffer *text = &request->reply.body;
    if (api->metrics)
        metrics_print(api->metrics, text);
    request_metrics_print_objects(api->registry, api->store, text);
    process_metrics_print(text);
    append_loop(api->loop, text);
    request->reply.code = 200;
    request->reply.content_type = "text/plain; version=0.0.4; charset=utf-8";
    request_reply(request);
}

const struct route routes[] = {
    {"/healthz", true, health_serve_live},
    {"/healthz/*", false, health_serve_live},
    {"/livez", true, health_serve_live},
    {"/livez/*", false, health_serve_live},
    {"/readyz", true, health_serve_ready},
    {"/readyz/*", false, health_serve_ready},
    {"/version", false, serve_version},
    {"/metrics", false, serve_metrics},
    {"/debug/requests", false, debug_serve_requests},
    {"/api", false, discovery_serve_api},
    {"/api/v1", false, discovery_serve_core},
    {"/apis", false, discovery_serve_apis},
    {"/apis/*", false, discovery_serve_group},
    {"/openapi/v2", false, openapi_serve_v2},
    {"/openapi/v3", false, openapi_serve_v3},
    {"/openapi/v3/*", false, openapi_serve_v3},
    {"/.well-known/openid-configuration", false, token_issuer_serve_configuration},
    {"/openid/v1/jwks", false, token_issuer_serve_keys},
    /* Who may is said by the path itself. */
    {"/coracle/v1/nodes/*", true, node_links_serve},
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
