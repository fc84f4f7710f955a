#include "core/net/process.h"

#include <signal.h>

#include "core/net/stream_uv.h"

struct process {
    uv_process_t handle;
    struct stream *streams[PROCESS_STREAMS_MAX];
    void (*exited)(void *context, int code); /* NULL: nobody wants to know. */
    void *context;
    int code;
};

static void close_streams(struct process *process)
{
    for (unsigned i = 0; i < PROCESS_STREAMS_MAX; i++)
        if (process->streams[i])
            stream_close(process->streams[i]);
}

static void handle_closed(uv_handle_t *handle)
{
    struct process *process = handle->data;
    close_streams(process);
    if (process->exited)
        process->exited(process->context, process->code);
    mem_free(process);
}

static void has_exited(uv_process_t *handle, int64_t code, int signal)
{
    struct process *process = handle->data;
    process->code = signal ? 128 + signal : (int)code;
    uv_close((uv_handle_t *)handle, handle_closed);
}

static const struct stream_handler nobody = {0};

static void fill_streams(struct process *process, struct loop *loop, unsigned wanted,
                         uv_stdio_container_t stdio[PROCESS_STREAMS_MAX])
{
    for (unsigned i = 0; i < PROCESS_STREAMS_MAX; i++) {
        stdio[i].flags = UV_IGNORE;
        if (!(wanted & (1u << i)))
            continue;
        struct stream_uv *stream = stream_uv_create(loop, false, NULL, NULL);
        stdio[i].flags = UV_CREATE_PIPE | UV_READABLE_PIPE | UV_WRITABLE_PIPE;
        stdio[i].data.stream = stream_uv_handle(stream);
        process->streams[i] = stream_uv_connected(stream);
        stream_set_handler(process->streams[i], &nobody, NULL);
    }
}

int process_open(struct loop *loop, const struct process_options *options, struct process **given,
                 struct status *status)
{
    PRE(!loop_is_simulated(loop));
    struct process *process = mem_alloc(sizeof(*process));
    uv_stdio_container_t stdio[PROCESS_STREAMS_MAX];
    fill_streams(process, loop, options->streams, stdio);
    uv_process_options_t wanted = {
        .exit_cb = has_exited,
        .file = options->argv[0],
        .args = (char **)(uintptr_t)options->argv,
        .env = (char **)(uintptr_t)options->environment,
        .cwd = options->directory,
        .flags = UV_PROCESS_DETACHED,
        .stdio_count = PROCESS_STREAMS_MAX,
        .stdio = stdio,
    };
    process->exited = options->exited;
    process->context = options->context;
    process->handle.data = process;
    int error = uv_spawn(loop_uv(loop), &process->handle, &wanted);
    *given = error ? NULL : process;
    if (!error)
        return 0;
    process->exited = NULL;
    uv_close((uv_handle_t *)&process->handle, handle_closed);
    return status_fail(status, error == UV_ENOENT ? STATUS_NOT_FOUND : STATUS_INTERNAL_ERROR,
                       "%s: %s", options->argv[0], uv_strerror(error));
}

struct stream *process_take_stream(struct process *process, unsigned descriptor)
{
    PRE(descriptor < PROCESS_STREAMS_MAX && process->streams[descriptor]);
    struct stream *stream = process->streams[descriptor];
    process->streams[descriptor] = NULL;
    return stream;
}

pid_t process_pid(const struct process *process)
{
    return process->handle.pid;
}

void process_kill(struct process *process, int signal)
{
    if (uv_is_active((const uv_handle_t *)&process->handle))
        kill(-process->handle.pid, signal); /* Its process group: it is the first of it. */
}

void process_close(struct process *process)
{
    if (!process)
        return;
    process->exited = NULL;
    process_kill(process, SIGKILL);
}
