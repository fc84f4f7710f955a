/* /exec and /attach: a session of the runtime, its streams as channels of a WebSocket.
 *
 *   happy path: open -> both ways, each as fast as the other takes it -> the session ends: a
 *               Status on the error channel, goodbye
 *   the peer goes: the session is closed; a command is killed
 *
 * Spoken are v5.channel.k8s.io, v4 and the first, channel.k8s.io (which has no Status). */
#include "core/json.h"
#include "core/kinds/meta.h"
#include "kubelet-lite/channels.h"
#include "kubelet-lite/node_server.h"

enum { RESIZE_MAX = 1024 };

struct exec_session {
    struct channels channels;
    struct runtime *runtime;
    struct session *session;  /* NULL: it has ended. */
    struct buffer resize;     /* A message of that channel, so far. */
    struct arena arena;       /* The command line. */
    const char *const *argv;
    bool has_status;          /* The protocol has an error channel. */
    bool is_paused;           /* The peer is slow. */
};

static const char *const protocols[] = {"v5.channel.k8s.io", "v4.channel.k8s.io", "channel.k8s.io",
                                        NULL};

/* --- From the peer --- */

static void resize(struct exec_session *exec)
{
    struct arena arena;
    struct status status;
    int64_t columns = 0, rows = 0;
    arena_init(&arena);
    status_init(&status);
    const struct json *size = json_parse(&arena, buffer_slice(&exec->resize), NULL, &status);
    if (json_to_int64(json_get(size, "Width"), &columns) &&
        json_to_int64(json_get(size, "Height"), &rows) && columns > 0 && columns <= UINT16_MAX &&
        rows > 0 && rows <= UINT16_MAX)
        exec->session->operations->resize(exec->session, (uint16_t)rows, (uint16_t)columns);
    buffer_clear(&exec->resize);
    status_release(&status);
    arena_release(&arena);
}

static void data_came(void *context, uint8_t channel, struct slice data, bool last)
{
    struct exec_session *exec = context;
    if (!exec->session)
        return;
    if (channel == CHANNEL_STDIN && data.size > 0) {
        exec->session->operations->write(exec->session, data);
        if (exec->session->operations->pending(exec->session) > CHANNELS_PENDING_MAX)
            channels_pause(&exec->channels);
    } else if (channel == CHANNEL_RESIZE) {
        if (exec->resize.size + data.size <= RESIZE_MAX)
            buffer_append_slice(&exec->resize, data);
        if (last)
            resize(exec);
    } else if (channel == CHANNEL_CLOSE && data.size > 0 && data.data[0] == CHANNEL_STDIN) {
        exec->session->operations->end_input(exec->session);
    }
}

static void peer_drained(void *context)
{
    struct exec_session *exec = context;
    if (!exec->is_paused || !exec->session)
        return;
    exec->is_paused = false;
    exec->session->operations->resume(exec->session);
}

static void peer_ended(void *context)
{
    struct exec_session *exec = context;
    if (exec->session)
        exec->session->operations->close(exec->session);
    exec->session = NULL;
    channels_close(&exec->channels);
}

static void closed(void *context)
{
    struct exec_session *exec = context;
    buffer_release(&exec->resize);
    arena_release(&exec->arena);
    mem_free(exec);
}

static const struct channels_handler channels_handler = {data_came, peer_drained, peer_ended,
                                                         closed};

/* --- From the session --- */

static void output(void *context, int descriptor, struct slice data)
{
    struct exec_session *exec = context;
    channels_write(&exec->channels, descriptor == 2 ? CHANNEL_STDERR : CHANNEL_STDOUT, data);
    if (channels_pending(&exec->channels) <= CHANNELS_PENDING_MAX || exec->is_paused)
        return;
    exec->is_paused = true;
    exec->session->operations->pause(exec->session);
}

static void session_drained(void *context)
{
    channels_resume(&((struct exec_session *)context)->channels);
}

/* "[sh -c exit 3]", as Go prints a list of strings. */
static void append_command(const char *const *argv, struct buffer *text)
{
    buffer_append_byte(text, '[');
    for (size_t i = 0; argv && argv[i]; i++)
        buffer_format(text, "%s%s", i ? " " : "", argv[i]);
    buffer_append_byte(text, ']');
}

static struct json *failure(struct arena *arena, const char *reason, const char *message)
{
    struct json *told = json_new_object(arena);
    json_ensure_object(arena, told, "metadata");
    json_set_text(arena, told, "status", "Failure");
    json_set_text(arena, told, "message", message);
    json_set_text(arena, told, "reason", reason);
    return told;
}

static struct json *exit_status(struct exec_session *exec, struct arena *arena, int64_t code)
{
    struct buffer command = {0};
    append_command(exec->argv, &command);
    const char *number = arena_format(arena, "%lld", (long long)code);
    struct json *told =
        failure(arena, "NonZeroExitCode",
                arena_format(arena,
                             "command terminated with non-zero exit code: error executing command "
                             "%s, exit code %s",
                             command.data, number));
    struct json *causes = json_set(arena, json_ensure_object(arena, told, "details"), "causes",
                                   json_new_array(arena));
    struct json *cause = json_new_object(arena);
    json_set_text(arena, cause, "reason", "ExitCode");
    json_set_text(arena, cause, "message", number);
    json_append(causes, cause);
    buffer_release(&command);
    return told;
}

static struct json *status_of_end(struct exec_session *exec, struct arena *arena,
                                  const struct status *status, int64_t code)
{
    if (!status_ok(status)) {
        struct json *told =
            failure(arena, "InternalError",
                    arena_format(arena, "Internal error occurred: %s", status->message));
        json_set_int(arena, told, "code", 500);
        return told;
    }
    if (code != 0)
        return exit_status(exec, arena, code);
    struct json *told = json_new_object(arena);
    json_ensure_object(arena, told, "metadata");
    json_set_text(arena, told, "status", "Success");
    return told;
}

static void session_ended(void *context, const struct status *status, int64_t code)
{
    struct exec_session *exec = context;
    struct arena arena;
    struct buffer text = {0};
    arena_init(&arena);
    exec->session = NULL;
    if (exec->has_status) {
        json_print(status_of_end(exec, &arena, status, code), &text);
        channels_write(&exec->channels, CHANNEL_ERROR, buffer_slice(&text));
    }
    buffer_release(&text);
    arena_release(&arena);
    channels_close(&exec->channels);
}

static const struct session_handler session_handler = {output, session_drained, session_ended};

/* --- Asking --- */

static const struct container_worker *find_container(struct node_request *request)
{
    const struct pod_worker *worker = kubelet_find_pod(node_request_options(request)->kubelet,
                                                       request->parts[1], request->parts[2]);
    if (!worker || !slice_is(request->parts[3], worker->uid)) {
        node_request_fail(request, 404, "pod does not exist");
        return NULL;
    }
    const struct container_worker *container = pod_worker_container(worker, request->parts[4]);
    if (container && container->has_run && !container->run.has_ended)
        return container;
    node_request_fail(request, 500,
                      "unable to upgrade connection: container not found (\"" SLICE_FORMAT "\")",
                      SLICE_ARGS(request->parts[4]));
    return NULL;
}

static void begin(struct node_request *request, const struct container_worker *container,
                  bool is_command, const char *protocol)
{
    struct runtime *runtime = node_request_options(request)->runtime;
    struct exec_session *exec = mem_alloc(sizeof(*exec));
    struct http_exchange *exchange = request->exchange;
    struct session_config config = {
        .has_stdin = node_request_is_on(request, "input"),
        .has_stdout = node_request_is_on(request, "output"),
        .has_stderr = node_request_is_on(request, "error"),
        .has_tty = is_command ? node_request_is_on(request, "tty")
                              : json_bool(json_get(container->spec, "tty")),
    };
    const char *const *argv = is_command ? node_request_values(request, "command") : NULL;
    exec->runtime = runtime;
    exec->has_status = strcmp(protocol, "channel.k8s.io") != 0;
    exchange->on_gone = NULL;
    exchange->on_drain = NULL;
    const char *id = container->run.id;
    int failed = channels_open(&exec->channels, exchange, protocol, &channels_handler, exec);
    exec->arena = request->arena; /* The command's texts live on. */
    arena_init(&request->arena);
    node_request_free(request);
    if (failed) {
        arena_release(&exec->arena);
        mem_free(exec);
        return;
    }
    exec->argv = config.argv = argv;
    exec->session = runtime->operations->open_session(runtime, id, &config, &session_handler, exec);
}

static void serve(struct node_request *request, bool is_command)
{
    const struct container_worker *container = find_container(request);
    if (!container)
        return;
    if (!node_request_is_on(request, "input") && !node_request_is_on(request, "output") &&
        !node_request_is_on(request, "error")) {
        node_request_fail(request, 400, "you must specify at least 1 of stdin, stdout, stderr");
        return;
    }
    if (is_command && !node_request_values(request, "command")[0]) {
        node_request_fail(request, 400, "you must specify at least one command for the container");
        return;
    }
    const char *protocol = channels_choose(&request->exchange->request, protocols);
    if (!protocol)
        node_request_fail(request, 400,
                          "unable to upgrade: WebSocket with v5.channel.k8s.io or "
                          "v4.channel.k8s.io is spoken here");
    else if (!node_request_options(request)->runtime->operations->open_session)
        node_request_fail(request, 501, "this node's runtime has no sessions");
    else
        begin(request, container, is_command, protocol);
}

void node_exec_serve(struct node_request *request)
{
    serve(request, true);
}

void node_attach_serve(struct node_request *request)
{
    serve(request, false);
}
