/* A container's life after it was made: start, signals, its end, and removal.
 *
 * Its end is its conmon's end: by then the exit code is in DIR/exits. A conmon that ends
 * without having written one was killed; then nobody can tell how the container fares, so it
 * is killed too and its code is unknown (255, as containerd says it). */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "core/trace.h"
#include "kubelet-lite/crun.h"
#include "kubelet-lite/last_words.h"
#include "kubelet-lite/signal_name.h"

enum { CODE_KILLED = 137, CODE_UNKNOWN = 255 };

struct verb { /* A start or a removal under way. */
    struct crun *crun;
    struct crun_container *container;
    struct runtime_call *call;
    struct program program;
    struct task task;
};

static struct verb *begin(struct crun_container *container, struct runtime_call *call)
{
    struct verb *verb = mem_alloc(sizeof(*verb));
    *verb = (struct verb){.crun = container->crun, .container = container, .call = call};
    return verb;
}

static void finish(struct verb *verb)
{
    struct runtime_call *call = verb->call;
    mem_free(verb);
    call->done(call);
}

static void submit(struct verb *verb, void (*work)(struct task *), void (*done)(struct task *))
{
    verb->task = (struct task){.work = work, .done = done};
    loop_submit(verb->crun->runtime.loop, LANE_HOST, &verb->task);
}

static struct crun_container *find(struct crun *crun, const char *id, struct runtime_call *call)
{
    struct crun_container *container = crun_find_container(crun, id);
    if (!container)
        crun_refuse(crun, call, STATUS_NOT_FOUND, "container %s not found", id);
    return container;
}

/* --- Its end --- */

void crun_fill_run(const struct crun_container *container, struct run *run)
{
    *run = (struct run){
        .id = container->id,
        .sandbox_id = container->sandbox_id,
        .pod_uid = container->pod_uid,
        .name = container->name,
        .attempt = container->attempt,
        .state = container->state,
        .started_us = container->started_us,
        .finished_us = container->finished_us,
        .exit_code = container->exit_code,
        .was_killed_for_memory = container->was_killed_for_memory,
        .message = container->message ? container->message : "",
    };
}

void crun_kill_container(struct crun_container *container)
{
    pid_watch_signal(container->process, SIGKILL);
    if (container->shares_pids && *container->cgroup)
        cgroup_kill(container->crun->cgroups, container->cgroup);
}

void crun_grace_over(struct timer *timer)
{
    crun_kill_container(CONTAINER_OF(timer, struct crun_container, kill_timer));
}

static bool read_exit(struct crun_container *container, const char *path)
{
    struct buffer text = {0};
    struct status ignored;
    struct stat seen;
    status_init(&ignored);
    bool is_there = stat(path, &seen) == 0 && file_read(path, &text, &ignored) == 0 &&
                    slice_to_int64(slice_trim(buffer_slice(&text)), &container->exit_code);
    if (is_there)
        container->finished_us =
            (int64_t)seen.st_mtim.tv_sec * 1000000 + seen.st_mtim.tv_nsec / 1000;
    buffer_release(&text);
    status_release(&ignored);
    return is_there;
}

static void read_message(struct crun_container *container, struct arena *arena)
{
    bool asks_log = container->falls_back_to_log && container->exit_code != 0;
    struct buffer text = {0};
    last_words_read(crun_path(arena, container->folder, "termination"),
                    asks_log ? container->log_path : NULL, &text);
    mem_free(container->message);
    container->message = buffer_take(&text);
}

/* What is left of a container that nobody watches any more. */
static void end_orphan(struct crun_container *container)
{
    container->exit_code = CODE_UNKNOWN;
    container->finished_us = clock_wall_us(loop_clock(container->crun->runtime.loop));
    if (container->pid_started && process_start_time(container->pid) == container->pid_started)
        kill(container->pid, SIGKILL);
    if (*container->cgroup)
        cgroup_kill(container->crun->cgroups, container->cgroup);
}

void crun_end_container(struct crun_container *container)
{
    struct crun *crun = container->crun;
    struct arena arena;
    struct status status;
    arena_init(&arena);
    status_init(&status);
    if (!read_exit(container, crun_path(&arena, crun->exits_folder, container->id)))
        end_orphan(container);
    else if (container->shares_pids && *container->cgroup)
        cgroup_kill(crun->cgroups, container->cgroup);
    container->was_killed_for_memory = container->exit_code == CODE_KILLED && *container->cgroup &&
                                       cgroup_count_oom_kills(crun->cgroups, container->cgroup) > 0;
    if (container->started_us == 0)
        container->started_us = container->finished_us;
    read_message(container, &arena);
    container->state = RUN_EXITED;
    if (crun_container_save(container, &status))
        log_line(LOG_WARN, "a container's end is not recorded", "container=%s why=\"%s\"",
                 container->id, status.message);
    status_release(&status);
    arena_release(&arena);
}

static void read_end(struct task *task)
{
    crun_end_container(CONTAINER_OF(task, struct crun_container, ending));
}

static void end_read(struct task *task)
{
    struct crun_container *container = CONTAINER_OF(task, struct crun_container, ending);
    struct crun *crun = container->crun;
    struct runtime *runtime = &crun->runtime;
    void (*ended)(void *context) = container->ended;
    struct run run;
    timer_stop(&container->kill_timer);
    pid_watch_close(container->process);
    pid_watch_close(container->conmon);
    container->process = container->conmon = NULL;
    container->ended = NULL;
    container->is_ending = false;
    crun_fill_run(container, &run);
    crun->pending--;
    if (crun->closed) {
        crun_consider_close(crun);
        return;
    }
    if (runtime->exited)
        runtime->exited(runtime->context, &run);
    if (ended)
        ended(container->ended_context);
}

static void conmon_ended(void *context)
{
    struct crun_container *container = context;
    container->is_ending = true;
    if (container->is_starting)
        return;
    container->crun->pending++;
    container->ending = (struct task){.work = read_end, .done = end_read};
    loop_submit(container->crun->runtime.loop, LANE_HOST, &container->ending);
}

static bool is_same(pid_t pid, uint64_t started)
{
    return started != 0 && process_start_time(pid) == started;
}

void crun_watch_container(struct crun_container *container)
{
    struct loop *loop = container->crun->runtime.loop;
    if (is_same(container->pid, container->pid_started))
        container->process = pid_watch_open(loop, container->pid, NULL, NULL);
    if (is_same(container->conmon_pid, container->conmon_started))
        container->conmon = pid_watch_open(loop, container->conmon_pid, conmon_ended, container);
    if (!container->conmon)
        conmon_ended(container);
}

/* --- Start --- */

static void save_started(struct task *task)
{
    struct verb *verb = CONTAINER_OF(task, struct verb, task);
    if (crun_container_save(verb->container, &verb->call->status))
        status_wrap(&verb->call->status, "record");
}

static void started_saved(struct task *task)
{
    struct verb *verb = CONTAINER_OF(task, struct verb, task);
    struct crun_container *container = verb->container;
    container->is_starting = false;
    finish(verb);
    if (container->is_ending)
        conmon_ended(container);
}

static void started(struct program *program)
{
    struct verb *verb = CONTAINER_OF(program, struct verb, program);
    struct crun_container *container = verb->container;
    if (program_check(program, &verb->call->status) == 0) {
        container->state = RUN_RUNNING;
        container->started_us = clock_wall_us(loop_clock(container->crun->runtime.loop));
    }
    program_release(program);
    submit(verb, save_started, started_saved);
}

void crun_start_container(struct runtime *runtime, const char *id, struct runtime_call *call)
{
    struct crun *crun = CONTAINER_OF(runtime, struct crun, runtime);
    struct crun_container *container = find(crun, id, call);
    const char *const words[] = {"start", id, NULL};
    if (!container)
        return;
    if (container->state != RUN_CREATED || container->is_starting || container->is_ending) {
        crun_refuse(crun, call, STATUS_CONFLICT, "container %s is not waiting to be started", id);
        return;
    }
    struct verb *verb = begin(container, call);
    container->is_starting = true;
    crun_run(crun, &call->arena, words, &verb->program, started);
}

/* --- Stop --- */

void crun_stop_container(struct runtime *runtime, const char *id, int64_t grace_us,
                         struct runtime_call *call)
{
    struct crun *crun = CONTAINER_OF(runtime, struct crun, runtime);
    struct crun_container *container = crun_find_container(crun, id);
    if (container && container->state != RUN_EXITED) {
        int number = signal_of_name(container->stop_signal);
        if (grace_us <= 0 || container->state == RUN_CREATED) {
            crun_kill_container(container);
        } else {
            pid_watch_signal(container->process, number ? number : SIGTERM);
            timer_start_us(&container->kill_timer, grace_us);
        }
    }
    crun_answer(crun, call);
}

/* --- Removal --- */

static void remove_files(struct task *task)
{
    struct verb *verb = CONTAINER_OF(task, struct verb, task);
    const struct crun_container *container = verb->container;
    struct status *status = &verb->call->status;
    struct arena *arena = &verb->call->arena;
    if (image_unmount(container->folder, status) ||
        (*container->cgroup && cgroup_remove(verb->crun->cgroups, container->cgroup, status)) ||
        folder_remove(crun_path(arena, verb->crun->state_folder, container->id), status) ||
        folder_remove(crun_path(arena, verb->crun->exits_folder, container->id), status) ||
        folder_remove(container->folder, status))
        status_wrap(status, "container %s", container->id);
}

static void files_removed(struct task *task)
{
    struct verb *verb = CONTAINER_OF(task, struct verb, task);
    if (status_ok(&verb->call->status))
        crun_container_free(verb->container);
    finish(verb);
}

/* Whatever crun said: what it leaves goes with the files. */
static void deleted(struct program *program)
{
    struct verb *verb = CONTAINER_OF(program, struct verb, program);
    program_release(program);
    submit(verb, remove_files, files_removed);
}

static void run_delete(void *context)
{
    struct verb *verb = context;
    const char *const words[] = {"delete", "--force", verb->container->id, NULL};
    crun_run(verb->crun, &verb->call->arena, words, &verb->program, deleted);
}

void crun_remove_container(struct runtime *runtime, const char *id, struct runtime_call *call)
{
    struct crun *crun = CONTAINER_OF(runtime, struct crun, runtime);
    struct crun_container *container = crun_find_container(crun, id);
    if (!container) {
        crun_answer(crun, call);
        return;
    }
    struct verb *verb = begin(container, call);
    if (container->state == RUN_EXITED) {
        run_delete(verb);
        return;
    }
    PRE(!container->ended);
    container->ended = run_delete;
    container->ended_context = verb;
    crun_kill_container(container);
}

/* --- Limits, usage, log --- */

void crun_update_container(struct runtime *runtime, const char *id,
                           const struct cgroup_limits *limits, struct runtime_call *call)
{
    struct crun *crun = CONTAINER_OF(runtime, struct crun, runtime);
    const struct crun_container *container = find(crun, id, call);
    if (!container)
        return;
    if (*container->cgroup &&
        cgroup_update(crun->cgroups, container->cgroup, limits, &call->status))
        status_wrap(&call->status, "container %s", container->name);
    crun_answer(crun, call);
}

void crun_read_usage(struct runtime *runtime, const char *id, struct runtime_call *call)
{
    struct crun *crun = CONTAINER_OF(runtime, struct crun, runtime);
    const struct crun_container *container = find(crun, id, call);
    if (!container)
        return;
    if (!*container->cgroup)
        status_fail(&call->status, STATUS_NOT_FOUND, "nothing is measured without control groups");
    else if (cgroup_read_usage(crun->cgroups, container->cgroup, &call->usage, &call->status))
        status_wrap(&call->status, "container %s", container->name);
    crun_answer(crun, call);
}
