/* A command run to its end in a container: for probes and hooks.
 *
 * Killing `crun exec` would leave the command running, so at the end of its time the
 * command is killed by the number that crun has written; crun ends by itself then. */
#include <signal.h>
#include <unistd.h>

#include "core/file.h"
#include "kubelet-lite/crun.h"
#include "kubelet-lite/oci_config.h"

enum { OUTPUT_MAX = 10 * 1024, CODE_NOT_STARTED = 255 };
#define LINGER_US 5000000 /* From the kill to crun's end. */

struct execution {
    struct crun *crun;
    const char *id, *folder;   /* The container's, which may go meanwhile. */
    struct runtime_call *call;
    const char *const *argv;
    const char *process_path, *pid_path;
    struct task task;
    struct program program;
    struct timer timer;
    int64_t timeout_us;
    bool is_late;
};

/* Who runs it is what config.json says of the container's own process. */
static void write_process(struct task *task)
{
    struct execution *self = CONTAINER_OF(task, struct execution, task);
    struct runtime_call *call = self->call;
    if (crun_write_process(self->folder, self->argv, false, self->process_path, &call->arena,
                           &call->status))
        status_wrap(&call->status, "exec");
}

int crun_write_process(const char *container_folder, const char *const *argv, bool has_tty,
                       const char *path, struct arena *arena, struct status *status)
{
    struct buffer text = {0};
    const char *config_path = crun_path(arena, container_folder, "config.json");
    int failed = file_read(config_path, &text, status);
    const struct json *config =
        failed ? NULL : json_parse(arena, buffer_slice(&text), NULL, status);
    buffer_clear(&text);
    if (config) {
        json_print(oci_exec_process(arena, config, argv, has_tty), &text);
        failed = file_write(path, 0600, buffer_slice(&text), status);
    }
    buffer_release(&text);
    return config && !failed ? 0 : -1;
}

static bool read_pid(const struct execution *self, pid_t *pid)
{
    struct buffer text = {0};
    struct status ignored;
    int64_t number = 0;
    status_init(&ignored);
    bool is_there = file_read(self->pid_path, &text, &ignored) == 0 &&
                    slice_to_int64(slice_trim(buffer_slice(&text)), &number) && number > 1;
    buffer_release(&text);
    status_release(&ignored);
    *pid = (pid_t)number;
    return is_there;
}

static void finish(struct execution *self)
{
    struct runtime_call *call = self->call;
    timer_stop(&self->timer);
    unlink(self->process_path);
    unlink(self->pid_path);
    mem_free(self);
    call->done(call);
}

static void gather_output(struct execution *self)
{
    struct arena *arena = &self->call->arena;
    struct buffer both = {0};
    buffer_append_slice(&both, buffer_slice(&self->program.output));
    buffer_append_slice(&both, buffer_slice(&self->program.errors));
    struct slice kept = slice_sub(buffer_slice(&both), 0, OUTPUT_MAX);
    self->call->output = (struct slice){arena_copy_slice(arena, kept), kept.size};
    buffer_release(&both);
}

static void ran(struct program *program)
{
    struct execution *self = CONTAINER_OF(program, struct execution, program);
    struct runtime_call *call = self->call;
    pid_t pid;
    if (self->is_late)
        status_fail(&call->status, STATUS_TIMEOUT, "command timed out");
    else if (!status_ok(&program->status))
        status_copy(&call->status, &program->status);
    else if (program->code == CODE_NOT_STARTED && !read_pid(self, &pid))
        PRE(program_check(program, &call->status) != 0);
    call->exit_code = program->code;
    gather_output(self);
    program_release(program);
    finish(self);
}

static void time_over(struct timer *timer)
{
    struct execution *self = CONTAINER_OF(timer, struct execution, timer);
    pid_t pid;
    self->is_late = true;
    if (read_pid(self, &pid))
        kill(pid, SIGKILL);
}

static void process_written(struct task *task)
{
    struct execution *self = CONTAINER_OF(task, struct execution, task);
    struct runtime_call *call = self->call;
    const char *argv[CRUN_WORDS_MAX];
    if (!status_ok(&call->status)) {
        finish(self);
        return;
    }
    const char *const words[] = {
        "exec", "--process", self->process_path, "--pid-file", self->pid_path, self->id, NULL};
    size_t count = crun_words(self->crun, &call->arena, argv);
    memcpy(&argv[count], words, sizeof words);
    const struct program_options options = {
        .argv = argv, .timeout_us = self->timeout_us + LINGER_US, .output_max = OUTPUT_MAX};
    timer_start_us(&self->timer, self->timeout_us);
    program_run(&self->program, self->crun->runtime.loop, &options, ran);
}

void crun_exec(struct runtime *runtime, const char *id, const char *const *argv, int64_t timeout_us,
               struct runtime_call *call)
{
    struct crun *crun = CONTAINER_OF(runtime, struct crun, runtime);
    struct crun_container *container = crun_find_container(crun, id);
    char name[CRUN_ID_SIZE];
    if (!container || container->state != RUN_RUNNING || container->is_ending) {
        crun_refuse(crun, call, STATUS_NOT_FOUND, "container not running (%s)", id);
        return;
    }
    struct execution *self = mem_alloc(sizeof(*self));
    crun_make_id(crun, name);
    *self = (struct execution){
        .crun = crun,
        .id = arena_copy_text(&call->arena, id),
        .folder = arena_copy_text(&call->arena, container->folder),
        .call = call,
        .argv = argv,
        .process_path = arena_format(&call->arena, "%s/exec-%.16s.json", container->folder, name),
        .pid_path = arena_format(&call->arena, "%s/exec-%.16s.pid", container->folder, name),
        .timeout_us = timeout_us,
    };
    timer_init(&self->timer, runtime->loop, time_over);
    self->task = (struct task){.work = write_process, .done = process_written};
    loop_submit(runtime->loop, LANE_HOST, &self->task);
}
