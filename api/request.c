#include "api/request.h"

#include <stdio.h>

#include "api/api.h"
#include "api/audit.h"
#include "api/authn.h"
#include "api/authz.h"
#include "api/impersonate.h"
#include "api/negotiate.h"
#include "api/route.h"
#include "api/status_print.h"
#include "api/subresource.h"
#include "api/verbs.h"
#include "core/phase.h"

enum { RECEIVED, AUTHENTICATING, DECIDING, LATER, STORING, WORKING, REPLYING, DONE };

static const struct phase phases[] = {
    [RECEIVED] = {"received", TO(AUTHENTICATING) | TO(DECIDING)},
    [AUTHENTICATING] = {"authenticating", TO(DECIDING)}, /* Waits for a worker. */
    [DECIDING] = {"deciding", TO(LATER) | TO(STORING) | TO(WORKING) | TO(REPLYING)},
    [LATER] = {"later", TO(DECIDING)}, /* Waits for a while. */
    [STORING] = {"storing", TO(REPLYING) | TO(DECIDING)}, /* Waits for the commit. */
    [WORKING] = {"working", TO(REPLYING)},                /* Waits for a worker. */
    [REPLYING] = {"replying", TO(DONE)},
    [DONE] = {"done", 0},
};

static void move(struct request *request, int phase)
{
    phase_move(phases, &request->phase, phase);
}

void request_init(struct request *request)
{
    memset(request, 0, sizeof(*request));
    arena_init(&request->arena);
    status_init(&request->status);
    request->phase = RECEIVED;
    list_init(&request->link);
}

const char *request_phase(const struct request *request)
{
    return phases[request->phase].name;
}

/* It is over: it gives its place back, and counts. */
static void leave(struct request *request)
{
    struct api *api = request->api;
    list_remove(&request->link);
    if (!api)
        return;
    int64_t now_us = clock_steady_us(loop_clock(api->loop));
    if (request->phase == DONE)
        request_metrics_count(&api->request_metrics, request, now_us - request->received_us);
    if (request->is_long_counted)
        request_metrics_long(&api->request_metrics, request, -1);
    flow_leave(&api->flow, request);
}

void request_release(struct request *request)
{
    leave(request);
    audit_end(request);
    if (request->reply.stream)
        request->reply.stream->close(request->reply.stream);
    if (request->reply.upgrade) /* Nobody has taken the connection. */
        request->reply.upgrade->take(request->reply.upgrade, NULL, SLICE(""));
    object_unref(request->reply_object);
    object_unref(request->result);
    buffer_release(&request->reply.body);
    status_release(&request->txn.status);
    status_release(&request->status);
    arena_release(&request->arena);
}

void request_add_header(struct request *request, const char *name, const char *value)
{
    struct reply_header *header = ARENA_NEW(&request->arena, struct reply_header);
    header->name = name;
    header->value = arena_copy_text(&request->arena, value);
    struct reply_header **last = &request->reply.headers;
    while (*last)
        last = &(*last)->next;
    *last = header;
}

void request_annotate(struct request *request, const char *key, const char *value)
{
    struct reply_header *annotation = request->annotations;
    while (annotation && strcmp(annotation->name, key) != 0)
        annotation = annotation->next;
    if (!annotation) {
        annotation = ARENA_NEW(&request->arena, struct reply_header);
        annotation->name = arena_copy_text(&request->arena, key);
        annotation->next = request->annotations;
        request->annotations = annotation;
    }
    annotation->value = arena_copy_text(&request->arena, value);
}

/* RFC 7234 warn-code 299, agent "-", quoted text (k8s.io/apiserver pkg/warning). */
void request_warn(struct request *request, const char *text)
{
    struct buffer value = {0};
    buffer_append_text(&value, "299 - \"");
    for (const char *c = text; *c; c++) {
        if (*c == '"' || *c == '\\')
            buffer_append_byte(&value, '\\');
        if ((unsigned char)*c >= ' ')
            buffer_append_byte(&value, *c);
    }
    buffer_append_byte(&value, '"');
    request_add_header(request, "Warning", value.data);
    buffer_release(&value);
}

static void trace_request(struct request *request)
{
    if (trace_is_on(request->api->trace, TRACE_API) && !request->is_local)
        trace_line(request->api->trace, TRACE_API, SLICE_FORMAT " " SLICE_FORMAT " -> %d",
                   SLICE_ARGS(request->method), SLICE_ARGS(request->path), request->reply.code);
}

void request_reply(struct request *request)
{
    move(request, REPLYING);
    if (!request->reply.stream)
        request->sent_bytes = (int64_t)request->reply.body.size;
    trace_request(request);
    audit_respond(request);
    move(request, DONE);
    request->done(request);
}

void request_fail(struct request *request)
{
    PRE(!status_ok(&request->status));
    buffer_clear(&request->reply.body);
    request->reply.code = request->status.code;
    request->reply.content_type = "application/json";
    if (!request->wants_object)
        status_print(&request->status, &request->reply.body);
    if (request->status.retry_after_seconds > 0) {
        char text[24];
        snprintf(text, sizeof(text), "%lld", (long long)request->status.retry_after_seconds);
        request_add_header(request, "Retry-After", text);
    }
    request_reply(request);
}

/* --- Waiting --- */

static void txn_done(struct txn *txn)
{
    struct request *request = CONTAINER_OF(txn, struct request, txn);
    if (!status_ok(&txn->status)) {
        status_copy(&request->status, &txn->status);
        request_fail(request);
        return;
    }
    move(request, DECIDING); /* A collection goes on with its next writes. */
    request->stored(request);
}

int request_store(struct request *request, struct txn_write *writes, size_t count,
                  void (*stored)(struct request *request))
{
    request->txn.done = txn_done;
    request->stored = stored;
    if (store_transact(request->api->store, &request->txn, writes, count, NULL, &request->status))
        return -1;
    move(request, STORING);
    return 0;
}

static void work_done(struct task *task)
{
    struct request *request = CONTAINER_OF(task, struct request, task);
    if (status_ok(&request->status))
        request_reply(request);
    else
        request_fail(request);
}

/* As long as upstream's admission waits for a new namespace's service account, at its least. */
enum { TRIES_MAX = 10, LATER_US = 100000 };

static void later_is_now(struct timer *timer)
{
    struct request *request = CONTAINER_OF(timer, struct request, later);
    status_clear(&request->status);
    request->reply.headers = NULL;
    request->reply.code = 0;
    request->is_early = false;
    move(request, DECIDING);
    request->again(request);
}

bool request_try_later(struct request *request, void (*again)(struct request *request))
{
    if (++request->tries >= TRIES_MAX)
        return false;
    request->again = again;
    timer_init(&request->later, request->api->loop, later_is_now);
    timer_start_us(&request->later, LATER_US);
    move(request, LATER);
    return true;
}

void request_wait(struct request *request)
{
    move(request, WORKING);
}

void request_work(struct request *request, void (*work)(struct task *task))
{
    request->task.work = work;
    request->task.done = work_done;
    move(request, WORKING);
    loop_submit(request->api->loop, LANE_WORKERS, &request->task);
}

/* --- Deciding --- */

static int fail_unknown(struct request *request)
{
    return status_fail(&request->status, STATUS_NOT_FOUND,
                       "the server could not find the requested resource");
}

static const struct kind_subresource *find_subresource(const struct kind *kind, const char *name)
{
    for (const struct kind_subresource *sub = kind->subresources; sub && sub->name; sub++)
        if (strcmp(sub->name, name) == 0)
            return subresource_is_served(kind, sub) ? sub : NULL;
    return NULL;
}

/* Finds the row, and refuses scopes that it does not have. */
static int find_kind(struct request *request)
{
    struct request_info *info = &request->info;
    request->kind = registry_by_resource(request->api->registry, slice_of(info->group),
                                         slice_of(info->version), slice_of(info->resource));
    if (!request->kind || !kind_is_served(request->kind))
        return fail_unknown(request);
    bool is_namespace = strcmp(info->resource, "namespaces") == 0 && *info->group == '\0';
    if (!request->kind->namespaced && info->namespace.size > 0 && !is_namespace)
        return fail_unknown(request);
    if (is_namespace)
        info->namespace = (struct slice){0};
    bool needs_namespace = request->kind->namespaced && info->namespace.size == 0;
    bool is_across = strcmp(info->verb, "list") == 0 || strcmp(info->verb, "watch") == 0;
    if (needs_namespace && !is_across &&
        !(strcmp(info->verb, "create") == 0 && request->kind->is_virtual))
        return strcmp(info->verb, "create") == 0 || info->name.size == 0
                   ? status_fail(&request->status, STATUS_METHOD_NOT_ALLOWED,
                                 "the server does not allow this method on the requested resource")
                   : fail_unknown(request);
    if (request->kind->deprecation)
        request_warn(request, request->kind->deprecation);
    if (!info->subresource)
        return 0;
    request->subresource = find_subresource(request->kind, info->subresource);
    return request->subresource ? 0 : fail_unknown(request);
}

static void serve_route(struct request *request)
{
    const struct route *route = route_find(request->info.path);
    if (!route) {
        fail_unknown(request);
        request_fail(request);
        return;
    }
    if (strcmp(request->info.verb, "get") != 0 && strcmp(request->info.verb, "head") != 0) {
        status_fail(&request->status, STATUS_METHOD_NOT_ALLOWED,
                    "the server does not allow this method on the requested resource");
        request_fail(request);
        return;
    }
    route->serve(request->api, request);
}

/* The row is known from here on, and so what a long-running request counts under. */
static int find_row(struct request *request)
{
    if (!request->info.is_resource)
        return 0;
    if (find_kind(request))
        return -1;
    if (request->flow == FLOW_LONG) {
        request->is_long_counted = true;
        request_metrics_long(&request->api->request_metrics, request, 1);
    }
    return 0;
}

int request_decide(struct api *api, struct request *request)
{
    request->api = api;
    move(request, DECIDING);
    request->query = query_parse(&request->arena, request->query_text);
    if (!request_info_parse(&request->info, &request->arena, request->method, request->path,
                            request->query))
        return fail_unknown(request);
    request->context = (struct kind_context){
        .arena = &request->arena,
        .now_us = clock_wall_us(loop_clock(request->api->loop)),
    };
    if (authenticate(request)) {
        audit_refuse(request);
        return -1;
    }
    audit_receive(request);
    if (impersonate(request))
        return -1;
    request->context.user = request->user->name;
    request->context.uid = request->user->uid;
    request->context.groups = request->user->groups;
    request->context.extra = request->user->extra;
    if (flow_enter(&api->flow, request) || authorize(request))
        return -1;
    return find_row(request);
}

/* Once it is known who asks. */
static void serve(struct request *request)
{
    loop_note_step(request->api->loop, request->path);
    if (request_decide(request->api, request))
        request_fail(request);
    else if (request->info.is_resource)
        verb_serve(request);
    else
        serve_route(request);
}

void api_serve(struct api *api, struct request *request)
{
    request->api = api;
    list_push_back(&api->requests, &request->link);
    request->received_us = clock_steady_us(loop_clock(api->loop));
    if (authn_prove_token(request, serve))
        move(request, AUTHENTICATING);
    else
        serve(request);
}
