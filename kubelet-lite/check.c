#include "kubelet-lite/check.h"

#include <stdio.h>

#include "core/net/dial.h"
#include "core/net/http_client.h"
#include "core/version.h"

enum { SEEN_MAX = 10240 /* Bytes of a body that are kept, as upstream. */ };

void check_release(struct check *check)
{
    PRE(!check->is_under_way);
    arena_release(&check->arena);
    buffer_release(&check->seen);
}

/* --- The end --- */

static void deliver(struct message *message)
{
    struct check *check = CONTAINER_OF(message, struct check, finish);
    http_client_close(check->client);
    dial_close(check->dial);
    check->client = NULL;
    check->dial = NULL;
    check->is_under_way = false;
    check->done(check);
}

/* The first end counts; what is still under way is dropped. */
static void finish(struct check *check, enum check_result result, const char *text)
{
    if (check->is_finished)
        return;
    check->is_finished = true;
    check->result = result;
    check->message = text;
    timer_stop(&check->timer);
    check->finish.deliver = deliver;
    loop_post(check->loop, &check->finish);
}

/* --- exec --- */

static void exec_done(struct runtime_call *call)
{
    struct check *check = CONTAINER_OF(call, struct check, call);
    const char *output = arena_copy_slice(&check->arena, slice_trim(call->output));
    if (!status_ok(&call->status))
        finish(check, call->status.reason == STATUS_TIMEOUT ? CHECK_FAILED : CHECK_UNKNOWN,
               arena_copy_text(&check->arena, call->status.message));
    else
        finish(check, call->exit_code == 0 ? CHECK_PASSED : CHECK_FAILED, output);
    runtime_call_release(call);
}

static void start_exec(struct check *check, const struct check_target *target,
                       const struct json *exec, int64_t timeout_us)
{
    const struct json *command = json_get(exec, "command");
    const char **argv = ARENA_ARRAY(&check->arena, const char *, json_count(command) + 1);
    size_t count = 0;
    JSON_EACH(word, command)
        argv[count++] = arena_copy_text(&check->arena, json_text(word));
    runtime_call_init(&check->call, exec_done);
    target->runtime->operations->exec(target->runtime,
                                      arena_copy_text(&check->arena, target->container_id), argv,
                                      timeout_us, &check->call);
}

/* --- Ports --- */

/* A number, or the name of one of the container's ports; 0 when it is neither. */
static int64_t port_of(const struct check_target *target, const struct json *port)
{
    int64_t number = 0;
    if (json_to_int64(port, &number) || slice_to_int64(json_string(port), &number))
        return number >= 1 && number <= 65535 ? number : 0;
    JSON_EACH(each, json_get(target->container, "ports"))
        if (slice_equal(json_string(json_get(each, "name")), json_string(port)))
            json_to_int64(json_get(each, "containerPort"), &number);
    return number;
}

static const char *address_of(struct check *check, const struct check_target *target,
                              const struct json *action)
{
    struct slice host = json_string(json_get(action, "host"));
    if (host.size == 0)
        host = slice_of(target->host);
    bool is_v6 = slice_find(host, ':') >= 0;
    int64_t port = port_of(target, json_get(action, "port"));
    if (host.size == 0 || port == 0)
        return NULL;
    return arena_format(&check->arena, is_v6 ? "[" SLICE_FORMAT "]:%lld" : SLICE_FORMAT ":%lld",
                        SLICE_ARGS(host), (long long)port);
}

/* --- tcpSocket --- */

static void dialled(void *context, struct stream *stream, const struct status *status)
{
    struct check *check = context;
    check->dial = NULL;
    if (stream)
        stream_close(stream);
    finish(check, stream ? CHECK_PASSED : CHECK_FAILED,
           stream ? ""
                  : arena_format(&check->arena, "dial tcp %s: %s", check->what, status->message));
}

/* --- httpGet --- */

static void on_response(void *context, struct http_call *call, const struct http_response *response)
{
    struct check *check = context;
    (void)call;
    check->http_code = response->code;
}
static void on_data(void *context, struct slice data)
{
    struct check *check = context;
    if (check->seen.size < SEEN_MAX)
        buffer_append_slice(&check->seen, slice_sub(data, 0, SEEN_MAX - check->seen.size));
}
static void on_end(void *context)
{
    struct check *check = context;
    check->http = NULL;
    if (check->http_code >= 200 && check->http_code < 400)
        finish(check, CHECK_PASSED, arena_copy_slice(&check->arena, buffer_slice(&check->seen)));
    else
        finish(check, CHECK_FAILED,
               arena_format(&check->arena, "HTTP probe failed with statuscode: %lld",
                            (long long)check->http_code));
}
static void on_error(void *context, const struct status *status)
{
    struct check *check = context;
    check->http = NULL;
    finish(check, CHECK_FAILED,
           arena_format(&check->arena, "Get \"%s\": %s", check->what, status->message));
}
static const struct http_call_handler http_handler = {
    .on_response = on_response, .on_data = on_data, .on_end = on_end, .on_error = on_error};

static struct slice keep(struct arena *arena, const struct json *text)
{
    struct slice slice = json_string(text);
    return (struct slice){arena_copy_slice(arena, slice), slice.size};
}

static size_t fill_headers(struct arena *arena, const struct json *action,
                           struct http_header *headers)
{
    size_t count = 0;
    headers[count++] =
        HTTP_HEADER("User-Agent", SLICE("kube-probe/" KUBERNETES_MAJOR "." KUBERNETES_MINOR));
    headers[count++] = HTTP_HEADER("Accept", SLICE("*/*"));
    JSON_EACH(header, json_get(action, "httpHeaders"))
        if (!http_name_is(json_string(json_get(header, "name")), "host"))
            headers[count++] = (struct http_header){keep(arena, json_get(header, "name")),
                                                    keep(arena, json_get(header, "value"))};
    return count;
}

/* A certificate proves nothing to a probe: upstream takes any. */
static struct http_client *open_client(struct check *check, const char *address, bool is_tls,
                                       int64_t timeout_us)
{
    struct tls_config *tls = NULL;
    struct status status;
    status_init(&status);
    if (is_tls) {
        struct tls_options options = {.insecure = true};
        tls = tls_config_create(&options, &status);
    }
    struct http_client_options options = {
        .address = address, .tls = tls, .connect_timeout_us = timeout_us};
    struct http_client *client = is_tls && !tls ? NULL : http_client_open(check->loop, &options);
    tls_config_unref(tls);
    status_release(&status);
    return client;
}

static void start_http(struct check *check, const struct check_target *target,
                       const struct json *action, int64_t timeout_us)
{
    const char *address = address_of(check, target, action);
    bool is_tls = slice_is(json_string(json_get(action, "scheme")), "HTTPS");
    struct slice path = json_string(json_get(action, "path"));
    const char *slash = slice_starts_with(path, SLICE("/")) ? "" : "/";
    struct http_header *headers = ARENA_ARRAY(&check->arena, struct http_header,
                                              json_count(json_get(action, "httpHeaders")) + 2);
    check->client = address ? open_client(check, address, is_tls, timeout_us) : NULL;
    if (!check->client) {
        finish(check, CHECK_UNKNOWN, "port or address of the probe cannot be told");
        return;
    }
    const char *target_text =
        arena_format(&check->arena, "%s" SLICE_FORMAT, slash, SLICE_ARGS(path));
    check->what =
        arena_format(&check->arena, "%s://%s%s", is_tls ? "https" : "http", address, target_text);
    struct http_call_options options = {
        .method = "GET",
        .target = target_text,
        .headers = headers,
        .header_count = fill_headers(&check->arena, action, headers),
        .timeout_us = timeout_us,
    };
    check->http = http_call_open(check->client, &options, &http_handler, check);
}

/* --- All --- */

static void timed_out(struct timer *timer)
{
    struct check *check = CONTAINER_OF(timer, struct check, timer);
    finish(check, check->what ? CHECK_FAILED : CHECK_PASSED, /* A sleep has slept. */
           check->what ? arena_format(&check->arena, "%s: deadline exceeded", check->what) : "");
}

static void start_tcp(struct check *check, const struct check_target *target,
                      const struct json *action, int64_t timeout_us)
{
    check->what = address_of(check, target, action);
    if (check->what)
        check->dial = dial_open(check->loop, check->what, timeout_us, dialled, check);
    else
        finish(check, CHECK_UNKNOWN, "port or address of the probe cannot be told");
}

void check_start(struct check *check, const struct check_target *target, const struct json *handler,
                 int64_t timeout_us, void (*done)(struct check *))
{
    const struct json *action;
    int64_t seconds;
    *check = (struct check){
        .done = done, .loop = target->runtime->loop, .message = "", .is_under_way = true};
    arena_init(&check->arena);
    timer_init(&check->timer, check->loop, timed_out);
    if ((action = json_get(handler, "exec"))) {
        start_exec(check, target, action, timeout_us); /* Has a time limit of its own. */
    } else if ((action = json_get(handler, "httpGet"))) {
        timer_start_us(&check->timer, timeout_us);
        start_http(check, target, action, timeout_us);
    } else if ((action = json_get(handler, "tcpSocket"))) {
        timer_start_us(&check->timer, timeout_us);
        start_tcp(check, target, action, timeout_us);
    } else if (json_to_int64(json_at(handler, "sleep.seconds"), &seconds)) {
        timer_start_us(&check->timer,
                       seconds < timeout_us / 1000000 ? seconds * 1000000 : timeout_us);
    } else {
        finish(check, CHECK_UNKNOWN, "gRPC probes cannot be made by this agent");
    }
}
