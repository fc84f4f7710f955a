#include "core/net/program.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    OUTPUT_MAX = 64 * 1024,
    LINGER_US = 1000000, /* For the ends of its output, when others still hold it open. */
};

enum { AWAITS_OUTPUT = 1 << 1, AWAITS_ERRORS = 1 << 2, AWAITS_EXIT = 1 << 3 };

static void close_streams(struct program *program)
{
    for (int i = 0; i < 3; i++)
        if (program->streams[i])
            stream_close(program->streams[i]);
    memset(program->streams, 0, sizeof(program->streams));
}

static void finish(struct program *program)
{
    timer_stop(&program->timer);
    close_streams(program);
    program->open = 0;
    program->done(program);
}

static void drop(struct program *program, unsigned awaited)
{
    program->open &= ~awaited;
    if (program->open == 0)
        finish(program);
    else if (!(program->open & AWAITS_EXIT))
        timer_start_us(&program->timer, LINGER_US);
}

/* --- Its output --- */

static void gather(struct program *program, struct buffer *text, struct slice data)
{
    size_t left = program->output_max - text->size;
    buffer_append_slice(text, slice_sub(data, 0, left));
}

static void output_came(void *context, struct slice data)
{
    struct program *program = context;
    gather(program, &program->output, data);
}

static void errors_came(void *context, struct slice data)
{
    struct program *program = context;
    gather(program, &program->errors, data);
}

static void output_ended(void *context)
{
    drop(context, AWAITS_OUTPUT);
}

static void errors_ended(void *context)
{
    drop(context, AWAITS_ERRORS);
}

static void output_failed(void *context, const char *why)
{
    (void)why;
    drop(context, AWAITS_OUTPUT);
}

static void errors_failed(void *context, const char *why)
{
    (void)why;
    drop(context, AWAITS_ERRORS);
}

static const struct stream_handler input_handler = {0};
static const struct stream_handler output_handler = {output_came, output_ended, NULL, output_failed,
                                                     NULL};
static const struct stream_handler errors_handler = {errors_came, errors_ended, NULL, errors_failed,
                                                     NULL};

static void begin_streams(struct program *program, struct slice input)
{
    static const struct stream_handler *const handlers[] = {&input_handler, &output_handler,
                                                            &errors_handler};
    for (unsigned i = 0; i < 3; i++) {
        program->streams[i] = process_take_stream(program->process, i);
        stream_set_handler(program->streams[i], handlers[i], program);
    }
    stream_write(program->streams[0], input);
    stream_end(program->streams[0]);
    stream_read_start(program->streams[1]);
    stream_read_start(program->streams[2]);
}

/* --- Its life --- */

static void exited(void *context, int code)
{
    struct program *program = context;
    program->process = NULL;
    program->code = code;
    drop(program, AWAITS_EXIT);
}

static void time_over(struct timer *timer)
{
    struct program *program = CONTAINER_OF(timer, struct program, timer);
    if (program->process) {
        status_fail(&program->status, STATUS_TIMEOUT, "%s took too long", program->name);
        process_kill(program->process, SIGKILL); /* Its exit follows. */
        return;
    }
    finish(program);
}

static void tell_failure(struct message *message)
{
    struct program *program = CONTAINER_OF(message, struct program, failed);
    program->done(program);
}

void program_run(struct program *program, struct loop *loop, const struct program_options *options,
                 void (*done)(struct program *program))
{
    *program = (struct program){.loop = loop, .done = done, .name = options->argv[0]};
    program->output_max = options->output_max ? options->output_max : OUTPUT_MAX;
    program->failed.deliver = tell_failure;
    status_init(&program->status);
    timer_init(&program->timer, loop, time_over);
    struct process_options wanted = {
        .argv = options->argv,
        .environment = options->environment,
        .directory = options->directory,
        .streams = 7,
        .exited = exited,
        .context = program,
    };
    if (process_open(loop, &wanted, &program->process, &program->status)) {
        loop_post(loop, &program->failed);
        return;
    }
    program->open = AWAITS_OUTPUT | AWAITS_ERRORS | AWAITS_EXIT;
    begin_streams(program, options->input);
    timer_start_us(&program->timer, options->timeout_us);
}

void program_cancel(struct program *program)
{
    if (program->open == 0)
        return;
    process_close(program->process);
    program->process = NULL;
    timer_stop(&program->timer);
    close_streams(program);
    program->open = 0;
}

void program_release(struct program *program)
{
    PRE(program->open == 0);
    status_release(&program->status);
    buffer_release(&program->output);
    buffer_release(&program->errors);
}

int program_check(const struct program *program, struct status *status)
{
    if (!status_ok(&program->status)) {
        status_copy(status, &program->status);
        return -1;
    }
    if (program->code == 0)
        return 0;
    struct slice said = slice_trim(buffer_slice(&program->errors));
    while (said.size > 0 && said.data[said.size - 1] == '\n')
        said.size--;
    return said.size > 0
               ? status_fail(status, STATUS_INTERNAL_ERROR, SLICE_FORMAT, SLICE_ARGS(said))
               : status_fail(status, STATUS_INTERNAL_ERROR, "%s ended with code %d", program->name,
                             program->code);
}

bool program_find(const char *name, struct buffer *path)
{
    const char *own = getenv("PATH");
    struct buffer folders = {0};
    struct slice rest, folder;
    size_t before = path->size;
    bool is_found = false;
    buffer_format(&folders, "%s:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin", own ? own : "");
    rest = buffer_slice(&folders);
    while (!is_found && slice_split(&rest, ':', &folder)) {
        path->size = before;
        buffer_append_slice(path, folder);
        buffer_format(path, "/%s", name);
        is_found = folder.size > 0 && access(path->data, X_OK) == 0;
    }
    if (!is_found)
        path->size = before;
    buffer_release(&folders);
    return is_found;
}
