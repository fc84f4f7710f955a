/* Commands with streams, and attaching.
 *
 * A command is `crun exec` with pipes; with a terminal, crun makes one and passes its other end
 * through a socket (--console-socket). Its end is crun's end and the end of its output.
 * Attaching is conmon's socket: packets, whose first byte says which stream they are of; what is
 * sent goes to the container's input, in pieces that conmon can take at once.
 *
 *   OPENING   the process file is written; a terminal is waited for
 *   OPEN      streams flow
 *   ENDING    the command has ended, or could not begin: the last output, then ended()
 *   CLOSED    nobody listens any more: memory goes when nothing is under way */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/file.h"
#include "core/net/stream_uv.h"
#include "core/phase.h"
#include "kubelet-lite/crun.h"
#include "kubelet-lite/crun_socket.h"

enum { OPENING, OPEN, ENDING, CLOSED };

static const struct phase phases[] = {
    [OPENING] = {"opening", TO(OPEN) | TO(ENDING) | TO(CLOSED)},
    [OPEN] = {"open", TO(ENDING) | TO(CLOSED)},
    [ENDING] = {"ending", TO(CLOSED)},
    [CLOSED] = {"closed", 0},
};

enum { INPUT, OUTPUT, ERRORS, STREAMS };
enum {
    PACKET_MAX = 8192,
    PACKET_OUTPUT = 2,
    PACKET_ERRORS = 3,
    TERMINAL_WAIT_MS = 15000,
    SAID_MAX = 4096,
    CODE_NOT_STARTED = 255
};
#define LINGER_US INT64_C(1000000) /* For output that comes behind a command's end. */

struct crun_session {
    struct session session;
    struct crun *crun;
    const struct session_handler *handler;
    void *context;
    struct arena arena;
    int phase;
    const char *id, *folder;   /* The container's. */
    const char *const *argv;   /* NULL: attached. */
    bool has_stdin, has_stdout, has_stderr, has_tty;
    const char *process_path, *pid_path, *socket_path;
    struct task task;
    bool is_working;           /* The task is under way. */
    struct process *process;
    struct stream *streams[STREAMS]; /* A terminal is all in one: OUTPUT; attached too. */
    int listener, terminal;    /* -1: none. */
    struct buffer said;        /* The beginning of what came, to tell why it failed. */
    struct buffer input;       /* Attached: what waits for its turn; else: for the streams. */
    bool ends_input, has_ended_input, is_paused;
    bool has_exited, has_output_ended, has_errors_ended;
    int code;
    struct timer timer;
    struct message finish;
    bool is_finishing;
    struct status status;
    uint16_t rows, columns;
};

static struct crun_session *of(struct session *session)
{
    return CONTAINER_OF(session, struct crun_session, session);
}

/* --- Its end --- */

static void close_streams(struct crun_session *self)
{
    for (size_t i = 0; i < STREAMS; i++) {
        if (self->streams[i])
            stream_close(self->streams[i]);
        self->streams[i] = NULL;
    }
    if (self->is_working) { /* A thread has the descriptors; it wakes up, and we come again. */
        if (self->listener >= 0)
            shutdown(self->listener, SHUT_RDWR);
        return;
    }
    if (self->terminal >= 0)
        close(self->terminal);
    if (self->listener >= 0)
        close(self->listener);
    self->terminal = self->listener = -1;
}

static void free_session(struct crun_session *self)
{
    if (self->process_path) {
        unlink(self->process_path);
        unlink(self->pid_path);
        unlink(self->socket_path);
    }
    buffer_release(&self->input);
    buffer_release(&self->said);
    status_release(&self->status);
    arena_release(&self->arena);
    mem_free(self);
}

static bool read_pid(const struct crun_session *self, pid_t *pid)
{
    struct buffer text = {0};
    struct status ignored;
    int64_t number = 0;
    status_init(&ignored);
    bool is_there = self->pid_path && file_read(self->pid_path, &text, &ignored) == 0 &&
                    slice_to_int64(slice_trim(buffer_slice(&text)), &number) && number > 1;
    *pid = (pid_t)number;
    buffer_release(&text);
    status_release(&ignored);
    return is_there;
}

static void judge(struct crun_session *self)
{
    pid_t pid;
    if (self->has_exited && self->code == CODE_NOT_STARTED && status_ok(&self->status) &&
        !read_pid(self, &pid))
        status_fail(&self->status, STATUS_INTERNAL_ERROR, "OCI runtime exec failed: " SLICE_FORMAT,
                    SLICE_ARGS(slice_trim(buffer_slice(&self->said))));
}

static void tell_end(struct message *message)
{
    struct crun_session *self = CONTAINER_OF(message, struct crun_session, finish);
    self->is_finishing = false;
    judge(self);
    if (self->phase != CLOSED) {
        phase_move(phases, &self->phase, CLOSED);
        self->handler->ended(self->context, &self->status, self->code);
    }
    free_session(self);
}

static void end(struct crun_session *self)
{
    if (self->phase == OPENING || self->phase == OPEN)
        phase_move(phases, &self->phase, ENDING);
    timer_stop(&self->timer);
    close_streams(self);
    if (self->is_finishing || self->is_working || self->process)
        return;
    self->is_finishing = true;
    self->finish.deliver = tell_end;
    loop_post(self->crun->runtime.loop, &self->finish);
}

static void time_over(struct timer *timer)
{
    end(CONTAINER_OF(timer, struct crun_session, timer));
}

/* A command has ended when it has exited and its output too; others may hold that open. */
static void consider_end(struct crun_session *self)
{
    if (self->phase == ENDING || self->phase == CLOSED)
        end(self);
    else if (self->argv && !self->has_exited)
        return;
    else if (self->has_output_ended && self->has_errors_ended)
        end(self);
    else if (!timer_is_running(&self->timer) && !self->is_paused)
        timer_start_us(&self->timer, LINGER_US);
}

static void exited(void *context, int code)
{
    struct crun_session *self = context;
    self->process = NULL;
    self->has_exited = true;
    self->has_output_ended |= self->has_tty && !self->streams[OUTPUT]; /* None was ever made. */
    self->code = code;
    consider_end(self);
}

/* --- Streams --- */

static void output_came(void *context, struct slice data)
{
    struct crun_session *self = context;
    if (self->has_exited)
        timer_stop(&self->timer);
    if (self->has_tty) /* What crun has to say behind the terminal's making comes out of it. */
        buffer_append_slice(&self->said, slice_sub(data, 0, SAID_MAX - self->said.size));
    self->handler->output(self->context, 1, data);
    if (self->has_exited && self->phase == OPEN)
        consider_end(self);
}

static void errors_came(void *context, struct slice data)
{
    struct crun_session *self = context;
    buffer_append_slice(&self->said, slice_sub(data, 0, SAID_MAX - self->said.size));
    if (!self->has_tty) /* A terminal has one stream; this is crun's own word. */
        self->handler->output(self->context, 2, data);
}

static void packet_came(void *context, struct slice data)
{
    struct crun_session *self = context;
    struct slice text = slice_sub(data, 1, data.size);
    if (data.size < 2)
        return;
    if (data.data[0] == PACKET_OUTPUT && self->has_stdout)
        self->handler->output(self->context, 1, text);
    else if (data.data[0] == PACKET_ERRORS && self->has_stderr)
        self->handler->output(self->context, 2, text);
}

static void output_ended(void *context)
{
    struct crun_session *self = context;
    self->has_output_ended = true;
    consider_end(self);
}

static void errors_ended(void *context)
{
    struct crun_session *self = context;
    self->has_errors_ended = true;
    consider_end(self);
}

/* A terminal whose last process has gone fails with EIO: that is its end. */
static void output_failed(void *context, const char *why)
{
    (void)why;
    output_ended(context);
}

static void errors_failed(void *context, const char *why)
{
    (void)why;
    errors_ended(context);
}

static struct stream *input_of(const struct crun_session *self)
{
    return self->streams[INPUT] ? self->streams[INPUT]
           : self->has_tty || !self->argv ? self->streams[OUTPUT]
                                          : NULL;
}

/* Attached, one packet at a time: they must not grow together on the way. */
static void send_input(struct crun_session *self)
{
    struct stream *stream = input_of(self);
    while (stream && self->input.size > 0 && (self->argv || stream_pending(stream) == 0)) {
        size_t size = self->argv || self->input.size < PACKET_MAX ? self->input.size : PACKET_MAX;
        stream_write(stream, slice_sub(buffer_slice(&self->input), 0, size));
        buffer_consume(&self->input, size);
    }
    if (!stream || self->input.size > 0 || !self->ends_input || self->has_ended_input)
        return;
    self->has_ended_input = true;
    if (self->has_tty && self->argv)
        stream_write(stream, SLICE("\x04")); /* A terminal has no end but Ctrl-D. */
    else
        stream_end(stream);
}

static void drained(void *context)
{
    struct crun_session *self = context;
    send_input(self);
    if (self->input.size == 0 && self->handler->drained)
        self->handler->drained(self->context);
}

static const struct stream_handler input_handler = {.on_drain = drained};
static const struct stream_handler output_handler = {output_came, output_ended, drained,
                                                     output_failed, NULL};
static const struct stream_handler errors_handler = {errors_came, errors_ended, NULL, errors_failed,
                                                     NULL};
static const struct stream_handler packet_handler = {packet_came, output_ended, drained,
                                                     output_failed, NULL};

static void flow(struct crun_session *self)
{
    phase_move(phases, &self->phase, OPEN);
    for (size_t i = OUTPUT; i < STREAMS; i++)
        if (self->streams[i] && !self->is_paused)
            stream_read_start(self->streams[i]);
    send_input(self);
}

/* --- A terminal --- */

static void set_size(const struct crun_session *self)
{
    const struct winsize size = {.ws_row = self->rows, .ws_col = self->columns};
    if (self->terminal >= 0 && self->rows > 0)
        ioctl(self->terminal, TIOCSWINSZ, &size);
}

/* On a thread: until crun has connected and passed the terminal, or has ended without. */
static void await_terminal(struct task *task)
{
    struct crun_session *self = CONTAINER_OF(task, struct crun_session, task);
    self->terminal = console_socket_receive(self->listener);
}

static void terminal_came(struct task *task)
{
    struct crun_session *self = CONTAINER_OF(task, struct crun_session, task);
    int copy = self->terminal >= 0 ? fcntl(self->terminal, F_DUPFD_CLOEXEC, 3) : -1;
    self->is_working = false;
    if (self->phase != OPENING || copy < 0) {
        self->has_output_ended = true;
        if (copy >= 0)
            close(copy);
        if (self->phase == OPENING && !self->has_exited)
            status_fail(&self->status, STATUS_INTERNAL_ERROR, "the command has got no terminal");
        end(self);
        return;
    }
    self->streams[OUTPUT] = stream_uv_open(self->crun->runtime.loop, copy);
    PRE(self->streams[OUTPUT]);
    stream_set_handler(self->streams[OUTPUT], &output_handler, self);
    set_size(self);
    flow(self);
}

/* --- A command --- */

static unsigned stream_bits(const struct crun_session *self)
{
    return self->has_tty ? 1u << ERRORS : self->has_stdin ? 7 : 6;
}

static void take_streams(struct crun_session *self)
{
    static const struct stream_handler *const handlers[] = {&input_handler, &output_handler,
                                                            &errors_handler};
    for (unsigned i = 0; i < STREAMS; i++) {
        if (!(stream_bits(self) & 1u << i))
            continue;
        self->streams[i] = process_take_stream(self->process, i);
        stream_set_handler(self->streams[i], handlers[i], self);
    }
}

static int start_command(struct crun_session *self)
{
    const char *argv[CRUN_WORDS_MAX + 4];
    size_t count = crun_words(self->crun, &self->arena, argv);
    const char *const words[] = {"exec", "--process", self->process_path, "--pid-file",
                                 self->pid_path};
    memcpy(&argv[count], words, sizeof words);
    count += ARRAY_SIZE(words);
    if (self->has_tty) {
        argv[count++] = "--tty";
        argv[count++] = "--console-socket";
        argv[count++] = self->socket_path;
    }
    argv[count++] = self->id;
    argv[count] = NULL;
    const struct process_options options = {
        .argv = argv,
        .streams = stream_bits(self),
        .exited = exited,
        .context = self,
    };
    return process_open(self->crun->runtime.loop, &options, &self->process, &self->status);
}

static void process_written(struct task *task)
{
    struct crun_session *self = CONTAINER_OF(task, struct crun_session, task);
    self->is_working = false;
    if (self->phase != OPENING || !status_ok(&self->status) ||
        (self->has_tty && console_socket_open(self->socket_path, &self->listener, &self->status)) ||
        start_command(self)) {
        end(self);
        return;
    }
    take_streams(self);
    if (!self->has_tty) {
        flow(self);
        return;
    }
    stream_read_start(self->streams[ERRORS]);
    self->is_working = true;
    self->task = (struct task){.work = await_terminal, .done = terminal_came};
    loop_submit(self->crun->runtime.loop, LANE_HOST, &self->task);
}

static void write_process(struct task *task)
{
    struct crun_session *self = CONTAINER_OF(task, struct crun_session, task);
    if (crun_write_process(self->folder, self->argv, self->has_tty, self->process_path,
                           &self->arena, &self->status))
        status_wrap(&self->status, "exec");
}

static void begin_command(struct crun_session *self)
{
    char name[CRUN_ID_SIZE];
    crun_make_id(self->crun, name);
    self->process_path = arena_format(&self->arena, "%s/exec-%.16s.json", self->folder, name);
    self->pid_path = arena_format(&self->arena, "%s/exec-%.16s.pid", self->folder, name);
    self->socket_path = arena_format(&self->arena, "/run/coracle-%.16s.sock", name);
    self->is_working = true;
    self->task = (struct task){.work = write_process, .done = process_written};
    loop_submit(self->crun->runtime.loop, LANE_HOST, &self->task);
}

/* --- Attaching --- */

static void begin_attach(struct crun_session *self)
{
    int fd = attach_socket_open(self->folder, &self->status);
    self->has_errors_ended = true;
    if (fd < 0) {
        end(self);
        return;
    }
    self->streams[OUTPUT] = stream_uv_open(self->crun->runtime.loop, fd);
    PRE(self->streams[OUTPUT]);
    stream_set_handler(self->streams[OUTPUT], &packet_handler, self);
    flow(self);
}

/* --- What its user does --- */

static void write_input(struct session *session, struct slice data)
{
    struct crun_session *self = of(session);
    if (self->phase > OPEN || self->ends_input || !self->has_stdin)
        return;
    buffer_append_slice(&self->input, data);
    if (self->phase == OPEN)
        send_input(self);
}

static size_t pending(const struct session *session)
{
    const struct crun_session *self = CONTAINER_OF(session, const struct crun_session, session);
    const struct stream *stream = input_of(self);
    return self->input.size + (stream ? stream_pending(stream) : 0);
}

static void end_input(struct session *session)
{
    struct crun_session *self = of(session);
    self->ends_input = self->has_stdin;
    if (self->phase == OPEN)
        send_input(self);
}

static void resize(struct session *session, uint16_t rows, uint16_t columns)
{
    struct crun_session *self = of(session);
    const struct crun_container *container = crun_find_container(self->crun, self->id);
    struct status ignored;
    char line[32];
    self->rows = rows;
    self->columns = columns;
    set_size(self);
    if (self->argv || !container)
        return;
    status_init(&ignored);
    snprintf(line, sizeof line, "1 %u %u\n", rows, columns);
    if (crun_write_control(container, line, &ignored))
        status_clear(&ignored); /* It has ended. */
    status_release(&ignored);
}

static void pause_output(struct session *session)
{
    struct crun_session *self = of(session);
    self->is_paused = true;
    timer_stop(&self->timer);
    for (size_t i = OUTPUT; i < STREAMS; i++)
        if (self->streams[i])
            stream_read_stop(self->streams[i]);
}

static void resume_output(struct session *session)
{
    struct crun_session *self = of(session);
    self->is_paused = false;
    for (size_t i = OUTPUT; i < STREAMS && self->phase == OPEN; i++)
        if (self->streams[i])
            stream_read_start(self->streams[i]);
    if (self->has_exited && self->phase == OPEN)
        consider_end(self);
}

/* Killing crun would leave the command alive. */
static void kill_command(const struct crun_session *self)
{
    pid_t pid;
    if (!self->has_exited && read_pid(self, &pid))
        kill(pid, SIGKILL);
}

static void close_session(struct session *session)
{
    struct crun_session *self = of(session);
    kill_command(self);
    phase_move(phases, &self->phase, CLOSED);
    timer_stop(&self->timer);
    close_streams(self);
    if (self->process)
        process_kill(self->process, SIGKILL); /* Its end frees us. */
    else
        end(self);
}

static const struct session_operations operations = {
    .write = write_input,
    .pending = pending,
    .end_input = end_input,
    .resize = resize,
    .pause = pause_output,
    .resume = resume_output,
    .close = close_session,
};

static void copy_words(struct crun_session *self, const char *const *argv)
{
    size_t count = 0;
    while (argv[count])
        count++;
    const char **copy = ARENA_ARRAY(&self->arena, const char *, count + 1);
    for (size_t i = 0; i < count; i++)
        copy[i] = arena_copy_text(&self->arena, argv[i]);
    self->argv = copy;
}

struct session *crun_open_session(struct runtime *runtime, const char *id,
                                  const struct session_config *config,
                                  const struct session_handler *handler, void *context)
{
    struct crun *crun = CONTAINER_OF(runtime, struct crun, runtime);
    const struct crun_container *container = crun_find_container(crun, id);
    struct crun_session *self = mem_alloc(sizeof(*self));
    self->session.operations = &operations;
    self->crun = crun;
    self->handler = handler;
    self->context = context;
    self->listener = self->terminal = -1;
    arena_init(&self->arena);
    status_init(&self->status);
    timer_init(&self->timer, runtime->loop, time_over);
    self->id = arena_copy_text(&self->arena, id);
    self->has_stdin = config->has_stdin;
    self->has_stdout = config->has_stdout;
    self->has_stderr = config->has_stderr;
    self->has_tty = config->argv ? config->has_tty : container && container->has_tty;
    if (config->argv)
        copy_words(self, config->argv);
    if (!container || container->state != RUN_RUNNING || container->is_ending) {
        status_fail(&self->status, STATUS_NOT_FOUND, "container not running (%s)", id);
        end(self);
        return &self->session;
    }
    self->folder = arena_copy_text(&self->arena, container->folder);
    if (self->argv)
        begin_command(self);
    else
        begin_attach(self);
    return &self->session;
}
