/* /containerLogs: a container's log as a reply that goes on while somebody follows.
 *
 * A follower looks for more every 100 ms, and ends when the run has and all is given. Rules:
 * pkg/kubelet/kubelet_pods.go (validateContainerLogStatus, GetKubeletContainerLogs). */
#include "core/clock.h"
#include "kubelet-lite/container_log.h"
#include "kubelet-lite/node_server.h"

enum { LOOK_US = 100000, PENDING_MAX = 256 * 1024 };

struct log_reply {
    struct node_request *request;
    struct log_reader reader;
    struct timer timer;
    char *uid, *container;
    int64_t attempt;
    bool follows;
};

/* --- Which run --- */

const char *node_logs_find_run(struct arena *arena, const struct pod_worker *worker,
                               const struct container_worker *container, bool previous,
                               int64_t *attempt)
{
    const char *name = container->name, *pod = worker->name;
    struct container_status status;
    container_worker_status(container, arena, &status);
    bool has_last = status.has_last && status.last.id.size > 0;
    *attempt = container->attempt;
    if (previous) {
        *attempt = status.phase == CONTAINER_WAITING ? container->attempt : container->attempt - 1;
        return has_last ? NULL
                        : arena_format(arena,
                                       "previous terminated container \"%s\" in pod \"%s\" "
                                       "not found",
                                       name, pod);
    }
    if (status.phase == CONTAINER_RUNNING)
        return NULL;
    if (status.phase == CONTAINER_TERMINATED)
        return status.end.id.size > 0
                   ? NULL
                   : arena_format(arena, "container \"%s\" in pod \"%s\" is terminated", name, pod);
    if (has_last)
        return NULL;
    const char *why = slice_is(status.reason, "ErrImagePull") ? "image can't be pulled"
                      : slice_is(status.reason, "ImagePullBackOff")
                          ? "trying and failing to pull image"
                          : arena_copy_slice(arena, status.reason);
    return arena_format(arena, "container \"%s\" in pod \"%s\" is waiting to start: %s", name, pod,
                        why);
}

/* --- Giving --- */

static void free_reply(struct log_reply *reply)
{
    timer_stop(&reply->timer);
    log_reader_release(&reply->reader);
    mem_free(reply->uid);
    mem_free(reply->container);
    node_request_free(reply->request);
    mem_free(reply);
}

static void end(struct log_reply *reply)
{
    struct http_exchange *exchange = reply->request->exchange;
    exchange->on_gone = NULL;
    exchange->on_drain = NULL;
    http_reply_end(exchange);
    free_reply(reply);
}

static bool run_goes_on(const struct log_reply *reply)
{
    struct node_request *request = reply->request;
    struct pod_worker *worker = kubelet_find_pod(node_request_options(request)->kubelet,
                                                 request->parts[1], request->parts[2]);
    if (!worker || strcmp(worker->uid, reply->uid) != 0)
        return false;
    const struct container_worker *container =
        pod_worker_container(worker, slice_of(reply->container));
    return container && container->attempt == reply->attempt && container->has_run &&
           !container->run.has_ended;
}

static void finish(struct log_reply *reply)
{
    struct buffer piece = {0};
    log_reader_finish(&reply->reader, &piece);
    http_reply_write(reply->request->exchange, buffer_slice(&piece));
    buffer_release(&piece);
    end(reply);
}

/* Gives what there is, as far as the peer takes it. */
static void pump(struct log_reply *reply)
{
    struct http_exchange *exchange = reply->request->exchange;
    /* Asked before the file is read: what a run wrote before its end is not missed. */
    bool goes_on = reply->follows && run_goes_on(reply);
    enum log_state state = LOG_MORE;
    while (state == LOG_MORE && http_reply_pending(exchange) < PENDING_MAX) {
        struct buffer piece = {0};
        state = log_reader_read(&reply->reader, &piece);
        if (piece.size > 0)
            http_reply_write(exchange, buffer_slice(&piece));
        buffer_release(&piece);
    }
    if (state == LOG_MORE)
        return; /* drained() goes on. */
    if (state == LOG_FULL)
        end(reply);
    else if (!goes_on)
        finish(reply);
    else
        timer_start_us(&reply->timer, LOOK_US);
}

static void look(struct timer *timer)
{
    pump(CONTAINER_OF(timer, struct log_reply, timer));
}

static void drained(struct node_request *request)
{
    struct log_reply *reply = request->own;
    if (!timer_is_running(&reply->timer))
        pump(reply);
}

static void gone(struct node_request *request)
{
    struct http_exchange *exchange = request->exchange;
    exchange->on_drain = NULL;
    http_abort(exchange);
    free_reply(request->own);
}

/* --- Asking --- */

static int64_t read_number(struct node_request *request, const char *key, int64_t otherwise)
{
    int64_t number;
    return slice_to_int64(node_request_query(request, key), &number) ? number : otherwise;
}

static struct log_options read_options(struct node_request *request, int64_t now_us)
{
    struct log_options options = {
        .tail_lines = read_number(request, "tailLines", -1),
        .limit_bytes = read_number(request, "limitBytes", -1),
        .has_timestamps = node_request_is_on(request, "timestamps"),
    };
    int64_t seconds = read_number(request, "sinceSeconds", 0);
    if (seconds > 0)
        options.since_us = now_us - seconds * 1000000;
    else if (!time_parse(node_request_query(request, "sinceTime"), &options.since_us))
        options.since_us = 0;
    return options;
}

static void begin(struct node_request *request, const struct pod_worker *worker,
                  const char *container, int64_t attempt)
{
    const struct node_server_options *options = node_request_options(request);
    struct loop *loop = options->runtime->loop;
    struct log_reply *reply = mem_alloc(sizeof(*reply));
    struct log_options wanted = read_options(request, clock_wall_us(loop_clock(loop)));
    const char *path =
        options->log_path(options->context, &request->arena, worker, container, attempt);
    struct http_header header = HTTP_HEADER("Content-Type", SLICE("text/plain"));
    reply->request = request;
    reply->uid = mem_copy_text(worker->uid);
    reply->container = mem_copy_text(container);
    reply->attempt = attempt;
    reply->follows = node_request_is_on(request, "follow");
    log_reader_init(&reply->reader, path, &wanted);
    timer_init(&reply->timer, loop, look);
    request->own = reply;
    request->gone = gone;
    request->drained = drained;
    http_reply_begin(request->exchange, 200, &header, 1, HTTP_CHUNKED);
    pump(reply);
}

void node_logs_serve(struct node_request *request)
{
    struct kubelet *kubelet = node_request_options(request)->kubelet;
    struct slice name = request->parts[3];
    int64_t attempt;
    const struct pod_worker *worker =
        kubelet_find_pod(kubelet, request->parts[1], request->parts[2]);
    if (!worker) {
        node_request_fail(request, 404, "pod \"" SLICE_FORMAT "\" does not exist\n",
                          SLICE_ARGS(request->parts[2]));
        return;
    }
    const struct container_worker *container = pod_worker_container(worker, name);
    if (!container) {
        node_request_fail(request, 404, "container \"" SLICE_FORMAT "\" not found in pod \"%s\"\n",
                          SLICE_ARGS(name), worker->name);
        return;
    }
    const char *why = node_logs_find_run(&request->arena, worker, container,
                                         node_request_is_on(request, "previous"), &attempt);
    if (why)
        node_request_fail(request, 400, "%s", why);
    else
        begin(request, worker, container->name, attempt);
}
