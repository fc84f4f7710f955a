#include "api/health.h"

struct health_check {
    const char *name;
    bool (*is_good)(const struct api *api);
};

static bool check_ping(const struct api *api)
{
    return api != NULL; /* Whoever answers is alive. */
}

static bool check_store(const struct api *api)
{
    return store_takes_writes(api->store);
}

static bool check_ready(const struct api *api)
{
    return api->is_ready;
}

static const struct health_check live_checks[] = {{"ping", check_ping}, {NULL, NULL}};
static const struct health_check ready_checks[] = {{"ping", check_ping},
                                                   {"store", check_store},
                                                   {"poststarthook/bootstrap", check_ready},
                                                   {NULL, NULL}};

static void reply_text(struct request *request, bool good)
{
    request->reply.code = good ? 200 : 500;
    request->reply.content_type = "text/plain; charset=utf-8";
    request_add_header(request, "X-Content-Type-Options", "nosniff");
    request_reply(request);
}

static void serve_one(struct api *api, struct request *request, const struct health_check *checks,
                      const char *name)
{
    for (; checks->name; checks++) {
        if (strcmp(checks->name, name) != 0)
            continue;
        bool good = checks->is_good(api);
        buffer_append_text(&request->reply.body,
                           good ? "ok" : "internal server error: the check failed\n");
        reply_text(request, good);
        return;
    }
    status_fail(&request->status, STATUS_NOT_FOUND,
                "the server could not find the requested resource");
    request_fail(request);
}

static bool is_excluded(const struct request *request, const char *name)
{
    for (const struct query_parameter *p = request->query; p; p = p->next)
        if (slice_is(p->key, "exclude") && slice_is(p->value, name))
            return true;
    return false;
}

static bool is_named(const struct health_check *checks, struct slice name)
{
    for (; checks->name; checks++)
        if (slice_is(name, checks->name))
            return true;
    return false;
}

static void append_unknown(const struct request *request, const struct health_check *checks,
                           struct buffer *lines)
{
    const char *before = "warn: some health checks cannot be excluded: no matches for ";
    bool any = false;
    for (const struct query_parameter *p = request->query; p; p = p->next) {
        if (!slice_is(p->key, "exclude") || is_named(checks, p->value))
            continue;
        buffer_format(lines, "%s\"" SLICE_FORMAT "\"", any ? ", " : before, SLICE_ARGS(p->value));
        any = true;
    }
    if (any)
        buffer_append_byte(lines, '\n');
}

/* One line a check; true when all are good. */
static bool run_checks(struct api *api, const struct request *request,
                       const struct health_check *checks, struct buffer *lines)
{
    bool good = true;
    for (const struct health_check *check = checks; check->name; check++) {
        bool is_good = true;
        if (is_excluded(request, check->name)) {
            buffer_format(lines, "[+]%s excluded: ok\n", check->name);
            continue;
        }
        is_good = check->is_good(api);
        good = good && is_good;
        buffer_format(lines, is_good ? "[+]%s ok\n" : "[-]%s failed: reason withheld\n",
                      check->name);
    }
    append_unknown(request, checks, lines);
    return good;
}

static void serve(struct api *api, struct request *request, const struct health_check *checks)
{
    const char *endpoint = request->info.path + 1;
    const char *name = strchr(endpoint, '/');
    if (name && name[1] != '\0') {
        serve_one(api, request, checks, name + 1);
        return;
    }
    struct buffer *text = &request->reply.body;
    struct buffer lines = {0};
    bool good = run_checks(api, request, checks, &lines);
    if (good && !query_get(request->query, "verbose").data) {
        buffer_append_text(text, "ok");
    } else {
        buffer_append_slice(text, buffer_slice(&lines));
        buffer_format(text, "%.*s check %s\n", (int)strcspn(endpoint, "/"), endpoint,
                      good ? "passed" : "failed");
    }
    buffer_release(&lines);
    reply_text(request, good);
}

void health_serve_live(struct api *api, struct request *request)
{
    serve(api, request, live_checks);
}

void health_serve_ready(struct api *api, struct request *request)
{
    serve(api, request, ready_checks);
}
