/* How a container is made:
 *   1. PREPARING (a thread): folder, record, root, who it runs as, config.json
 *   2. CREATING: conmon starts crun and tells by its pipe what came of it; it stays, we forget it
 *   3. SAVING (a thread): the record, now with the numbers of both processes
 *   4. DONE
 * What goes wrong:
 *   - A step fails: CLEANING (a thread) removes what there is, and done() tells why.
 *   - conmon says nothing in time: it is killed, crun deletes what it knows; then as above. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "core/net/process.h"
#include "core/phase.h"
#include "core/trace.h"
#include "kubelet-lite/container_user.h"
#include "kubelet-lite/crun.h"
#include "kubelet-lite/host_devices.h"
#include "kubelet-lite/host_path.h"
#include "kubelet-lite/oci_config.h"

enum { PREPARING, CREATING, DELETING, SAVING, CLEANING, DONE };

static const struct phase phases[] = {
    [PREPARING] = {"preparing", TO(CREATING) | TO(CLEANING)},
    [CREATING] = {"creating", TO(SAVING) | TO(DELETING) | TO(CLEANING)},
    [DELETING] = {"deleting", TO(CLEANING)},
    [SAVING] = {"saving", TO(DONE) | TO(DELETING)},
    [CLEANING] = {"cleaning", TO(DONE)},
    [DONE] = {"done", 0},
};

enum { SYNC_STREAM = 3, START_STREAM = 4, MESSAGE_MAX = 16384, ACCOUNTS_MAX = 4 << 20 };

struct creation {
    int phase;
    struct crun *crun;
    struct crun_container *container;
    struct crun_sandbox *sandbox;
    const struct container_config *config;
    struct runtime_call *call;
    pid_t target;              /* Whose processes it sees; 0: its own. */
    struct task task;
    struct timer timer;
    struct process *process;   /* The first conmon; it ends when the second one runs. */
    struct stream *sync, *start, *errors;
    struct buffer told, said;  /* By the pipe; on stderr. */
    bool has_told;
    struct program deletion;
};

static void step(struct creation *self);

static void submit(struct creation *self, void (*work)(struct task *), void (*done)(struct task *))
{
    self->task = (struct task){.work = work, .done = done};
    loop_submit(self->crun->runtime.loop, LANE_HOST, &self->task);
}

static void move(struct creation *self, int phase)
{
    phase_move(phases, &self->phase, phase);
    step(self);
}

/* --- Preparing, on a thread --- */

static int find_user(struct creation *self, const char *root, struct container_config *config,
                     struct status *status)
{
    struct arena *arena = &self->call->arena;
    struct buffer passwd = {0}, group = {0};
    struct container_user user;
    host_path_read(root, "etc/passwd", ACCOUNTS_MAX, &passwd);
    host_path_read(root, "etc/group", ACCOUNTS_MAX, &group);
    int failed = container_user_find(arena, config->user, config->uid, config->gid,
                                     buffer_slice(&passwd), buffer_slice(&group), &user, status);
    buffer_release(&passwd);
    buffer_release(&group);
    if (failed)
        return -1;
    size_t own = config->group_count, more = config->has_own_groups_only ? 0 : user.group_count;
    int64_t *groups = ARENA_ARRAY(arena, int64_t, own + more + 1);
    if (own > 0)
        memcpy(groups, config->groups, own * sizeof(*groups));
    if (more > 0)
        memcpy(groups + own, user.groups, more * sizeof(*groups));
    config->uid = user.uid;
    config->gid = user.gid;
    config->groups = groups;
    config->group_count = own + more;
    return 0;
}

static const char *namespace_of(const struct creation *self, const char *name, bool is_own)
{
    if (!is_own)
        return NULL;
    return arena_format(&self->call->arena, "%s/ns/%s", self->sandbox->folder, name);
}

static const char *pid_namespace_of(const struct creation *self)
{
    if (self->target)
        return arena_format(&self->call->arena, "/proc/%d/ns/pid", (int)self->target);
    return namespace_of(self, "pid", self->sandbox->shares_pids);
}

static void fill_places(const struct creation *self, const char *root, struct oci_places *places)
{
    const struct crun_sandbox *sandbox = self->sandbox;
    const struct crun_container *container = self->container;
    struct arena *arena = &self->call->arena;
    struct device *devices = NULL;
    *places = (struct oci_places){
        .rootfs = root,
        .cgroup_path = *container->cgroup ? container->cgroup : NULL,
        .network_namespace = namespace_of(self, "net", !sandbox->uses_host_network),
        .ipc_namespace = namespace_of(self, "ipc", !sandbox->uses_host_ipc),
        .uts_namespace = namespace_of(self, "uts", !sandbox->uses_host_network),
        .uses_host_pid = sandbox->uses_host_pid && !self->config->target_id,
        .pid_namespace = pid_namespace_of(self),
        .shm = sandbox->uses_host_ipc ? "/dev/shm" : namespace_of(self, "shm", true),
        .termination_file = self->config->termination_path
                                ? crun_path(arena, container->folder, "termination")
                                : NULL,
        .capabilities = self->crun->capabilities,
        .has_cgroup_view = *container->cgroup != '\0',
    };
    if (self->config->is_privileged) {
        places->host_device_count = host_devices_list(arena, &devices);
        places->host_devices = devices;
    }
}

static int write_config(struct creation *self, const struct container_config *config,
                        struct oci_places *places, struct status *status)
{
    struct arena *arena = &self->call->arena;
    struct buffer text = {0}, profile = {0};
    int failed = 0;
    if (config->seccomp && config->seccomp[0] == '/') {
        failed = file_read(config->seccomp, &profile, status);
        places->seccomp_profile = profile.data;
    }
    struct json *whole = failed ? NULL : oci_config(arena, config, places, status);
    if (whole) {
        json_print(whole, &text);
        failed = file_write(crun_path(arena, self->container->folder, "config.json"), 0600,
                            buffer_slice(&text), status);
    }
    buffer_release(&text);
    buffer_release(&profile);
    return !whole || failed ? -1 : 0;
}

/* Files that it must be able to open as whoever it runs as. */
static int make_files(const struct creation *self, struct status *status)
{
    struct arena *arena = &self->call->arena;
    const char *path = crun_path(arena, self->container->folder, "termination");
    char *log_folder = arena_copy_text(arena, self->container->log_path);
    char *slash = strrchr(log_folder, '/');
    if (slash)
        *slash = '\0';
    if (slash && folder_make(log_folder, 0755, status))
        return -1;
    int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0666);
    if (fd < 0 || fchmod(fd, 0666) < 0)
        status_fail(status, STATUS_INTERNAL_ERROR, "%s: %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return status_ok(status) ? 0 : -1;
}

static void prepare(struct task *task)
{
    struct creation *self = CONTAINER_OF(task, struct creation, task);
    struct status *status = &self->call->status;
    struct container_config config = *self->config;
    struct oci_places places;
    const char *folder = self->container->folder;
    const char *root = crun_path(&self->call->arena, folder, "rootfs");
    fill_places(self, root, &places);
    if (!self->crun->may_lower_oom_score && config.oom_score_adj < 0)
        config.oom_score_adj = 0;
    if (folder_make(folder, 0711, status) || crun_container_save(self->container, status) ||
        image_mount(self->crun->images, config.image_id, folder, status) ||
        make_files(self, status) || find_user(self, root, &config, status) ||
        write_config(self, &config, &places, status))
        POST(!status_ok(status));
}

static void prepared(struct task *task)
{
    struct creation *self = CONTAINER_OF(task, struct creation, task);
    move(self, status_ok(&self->call->status) ? CREATING : CLEANING);
}

/* --- Creating --- */

static void end_process(struct creation *self)
{
    struct stream **streams[] = {&self->sync, &self->start, &self->errors};
    for (size_t i = 0; i < ARRAY_SIZE(streams); i++) {
        if (*streams[i])
            stream_close(*streams[i]);
        *streams[i] = NULL;
    }
    timer_stop(&self->timer);
    process_close(self->process);
    self->process = NULL;
}

/* {"data": PID} or {"data": -1, "message": "..."} */
static void read_told(struct creation *self)
{
    struct runtime_call *call = self->call;
    struct status ignored;
    int64_t data = -1;
    status_init(&ignored);
    const struct json *line = json_parse(&call->arena, buffer_slice(&self->told), NULL, &ignored);
    json_to_int64(json_get(line, "data"), &data);
    if (data > 0)
        self->container->pid = (pid_t)data;
    else
        status_fail(&call->status, STATUS_INTERNAL_ERROR, "%s",
                    line && *json_text(json_get(line, "message"))
                        ? json_text(json_get(line, "message"))
                        : "conmon failed without a word");
    status_release(&ignored);
}

/* Both must have happened: it has told, and the first process has left its number behind. */
static void create_step(struct creation *self)
{
    if (self->phase != CREATING || !self->has_told || self->process)
        return;
    end_process(self);
    read_told(self);
    move(self, status_ok(&self->call->status) ? SAVING : CLEANING);
}

static void told(void *context, struct slice data)
{
    struct creation *self = context;
    if (self->told.size + data.size <= MESSAGE_MAX)
        buffer_append_slice(&self->told, data);
    self->has_told = slice_find(buffer_slice(&self->told), '\n') >= 0;
    create_step(self);
}

static void told_all(void *context)
{
    struct creation *self = context;
    self->has_told = true;
    create_step(self);
}

static void sync_failed(void *context, const char *why)
{
    (void)why;
    told_all(context);
}

static void said(void *context, struct slice data)
{
    struct creation *self = context;
    if (self->said.size + data.size <= MESSAGE_MAX)
        buffer_append_slice(&self->said, data);
}

static const struct stream_handler sync_handler = {told, told_all, NULL, sync_failed, NULL};
static const struct stream_handler start_handler = {0};
static const struct stream_handler errors_handler = {said, NULL, NULL, NULL, NULL};

static void exited(void *context, int code)
{
    struct creation *self = context;
    self->process = NULL;
    if (code != 0 && !self->has_told) {
        status_fail(&self->call->status, STATUS_INTERNAL_ERROR, "conmon: " SLICE_FORMAT,
                    SLICE_ARGS(slice_trim(buffer_slice(&self->said))));
        end_process(self);
        move(self, CLEANING);
        return;
    }
    create_step(self);
}

static void time_over(struct timer *timer)
{
    struct creation *self = CONTAINER_OF(timer, struct creation, timer);
    status_fail(&self->call->status, STATUS_TIMEOUT, "crun took too long to create the container");
    end_process(self);
    move(self, DELETING);
}

static void begin_conmon(struct creation *self)
{
    struct loop *loop = self->crun->runtime.loop;
    self->sync = process_take_stream(self->process, SYNC_STREAM);
    self->start = process_take_stream(self->process, START_STREAM);
    self->errors = process_take_stream(self->process, 2);
    stream_set_handler(self->sync, &sync_handler, self);
    stream_set_handler(self->start, &start_handler, self);
    stream_set_handler(self->errors, &errors_handler, self);
    stream_read_start(self->sync);
    stream_read_start(self->errors);
    stream_write(self->start, SLICE("g")); /* It may go on. */
    timer_init(&self->timer, loop, time_over);
    timer_start_us(&self->timer, CRUN_TIMEOUT_US);
}

static size_t add_crun(const struct creation *self, const char **argv, size_t count)
{
    const char *words[CRUN_WORDS_MAX];
    size_t word_count = crun_words(self->crun, &self->call->arena, words);
    argv[count++] = "-r";
    argv[count++] = words[0];
    for (size_t i = 1; i < word_count; i++) {
        argv[count++] = "--runtime-arg";
        argv[count++] = words[i];
    }
    return count;
}

static void fill_words(const struct creation *self, const char **argv)
{
    struct arena *arena = &self->call->arena;
    const struct crun_container *container = self->container;
    const char *const fixed[] = {self->crun->conmon_path,
                                 "--api-version",
                                 "1",
                                 "-c",
                                 container->id,
                                 "-u",
                                 container->id,
                                 "-b",
                                 container->folder,
                                 "-p",
                                 crun_path(arena, container->folder, "pid"),
                                 "-P",
                                 crun_path(arena, container->folder, "conmon.pid"),
                                 "--exit-dir",
                                 self->crun->exits_folder,
                                 "--persist-dir",
                                 container->folder,
                                 "-l",
                                 arena_format(arena, "k8s-file:%s", container->log_path),
                                 "--log-level",
                                 "warning",
                                 "--full-attach",
                                 "--no-sync-log"};
    size_t count = ARRAY_SIZE(fixed);
    memcpy(argv, fixed, sizeof fixed);
    count = add_crun(self, argv, count);
    if (self->config->has_stdin)
        argv[count++] = "-i";
    if (self->config->has_stdin && !self->config->closes_stdin_once)
        argv[count++] = "--leave-stdin-open";
    if (self->config->has_tty)
        argv[count++] = "-t";
    argv[count] = NULL;
}

static void create(struct creation *self)
{
    static const char *const environment[] = {
        "_OCI_SYNCPIPE=3", "_OCI_STARTPIPE=4",
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", NULL};
    const char *argv[64 + 2 * CRUN_WORDS_MAX];
    fill_words(self, argv);
    const struct process_options options = {
        .argv = argv,
        .environment = environment,
        .directory = self->container->folder, /* conmon writes "oom" into it. */
        .streams = 1u << 2 | 1u << SYNC_STREAM | 1u << START_STREAM,
        .exited = exited,
        .context = self,
    };
    if (process_open(self->crun->runtime.loop, &options, &self->process, &self->call->status))
        move(self, CLEANING);
    else
        begin_conmon(self);
}

/* --- Saving, deleting, cleaning --- */

static void read_processes(struct creation *self)
{
    struct crun_container *container = self->container;
    struct buffer text = {0};
    struct status ignored;
    int64_t conmon = 0;
    status_init(&ignored);
    if (file_read(crun_path(&self->call->arena, container->folder, "conmon.pid"), &text,
                  &ignored) == 0)
        slice_to_int64(slice_trim(buffer_slice(&text)), &conmon);
    container->conmon_pid = (pid_t)conmon;
    container->conmon_started = process_start_time(container->conmon_pid);
    container->pid_started = process_start_time(container->pid);
    buffer_release(&text);
    status_release(&ignored);
}

static void save(struct task *task)
{
    struct creation *self = CONTAINER_OF(task, struct creation, task);
    read_processes(self);
    if (self->container->conmon_pid <= 0)
        status_fail(&self->call->status, STATUS_INTERNAL_ERROR, "conmon left no number");
    else if (crun_container_save(self->container, &self->call->status))
        status_wrap(&self->call->status, "record");
    cgroup_kill_together(self->crun->cgroups, self->container->cgroup);
}

static void saved(struct task *task)
{
    struct creation *self = CONTAINER_OF(task, struct creation, task);
    move(self, status_ok(&self->call->status) ? DONE : DELETING);
}

static void deleted(struct program *program)
{
    struct creation *self = CONTAINER_OF(program, struct creation, deletion);
    program_release(program);
    move(self, CLEANING);
}

static void delete_all(struct creation *self)
{
    const char *const words[] = {"delete", "--force", self->container->id, NULL};
    read_processes(self);
    if (self->container->conmon_started)
        kill(self->container->conmon_pid, SIGKILL);
    crun_run(self->crun, &self->call->arena, words, &self->deletion, deleted);
}

static void clean(struct task *task)
{
    struct creation *self = CONTAINER_OF(task, struct creation, task);
    struct status ignored;
    status_init(&ignored);
    if (image_unmount(self->container->folder, &ignored) ||
        folder_remove(self->container->folder, &ignored))
        log_line(LOG_WARN, "a failed container stays behind", "container=%s why=\"%s\"",
                 self->container->id, ignored.message);
    status_release(&ignored);
}

static void cleaned(struct task *task)
{
    move(CONTAINER_OF(task, struct creation, task), DONE);
}

static void finish(struct creation *self)
{
    struct runtime_call *call = self->call;
    struct crun_container *container = self->container;
    if (status_ok(&call->status)) {
        list_push_back(&self->crun->containers, &container->link);
        crun_watch_container(container);
        call->id = arena_copy_text(&call->arena, container->id);
    } else {
        crun_container_free(container);
    }
    buffer_release(&self->told);
    buffer_release(&self->said);
    mem_free(self);
    call->done(call);
}

static void step(struct creation *self)
{
    switch (self->phase) {
    case PREPARING: submit(self, prepare, prepared); break;
    case CREATING: create(self); break;
    case SAVING: submit(self, save, saved); break;
    case DELETING: delete_all(self); break;
    case CLEANING: submit(self, clean, cleaned); break;
    default: finish(self);
    }
}

/* --- The verb --- */

static struct crun_container *make_container(struct crun *crun, const struct crun_sandbox *sandbox,
                                             const struct container_config *config)
{
    char id[CRUN_ID_SIZE];
    struct buffer cgroup = {0};
    crun_make_id(crun, id);
    struct crun_container *container = crun_container_new(crun, id);
    if (*sandbox->cgroup)
        buffer_format(&cgroup, "%s/%s", sandbox->cgroup, id);
    container->sandbox_id = mem_copy_text(sandbox->id);
    container->pod_uid = mem_copy_text(config->pod.uid);
    container->name = mem_copy_text(config->name);
    container->log_path = mem_copy_text(config->log_path);
    container->cgroup = buffer_take(&cgroup);
    container->stop_signal = mem_copy_text(config->stop_signal ? config->stop_signal : "");
    container->attempt = config->attempt;
    container->falls_back_to_log = config->falls_back_to_log;
    container->has_tty = config->has_tty;
    container->shares_pids =
        sandbox->shares_pids || sandbox->uses_host_pid || config->target_id != NULL;
    container->created_us = clock_wall_us(loop_clock(crun->runtime.loop));
    return container;
}

void crun_create_container(struct runtime *runtime, const struct container_config *config,
                           struct runtime_call *call)
{
    struct crun *crun = CONTAINER_OF(runtime, struct crun, runtime);
    struct crun_sandbox *sandbox = crun_find_sandbox(crun, config->sandbox_id);
    if (!sandbox || !sandbox->is_ready) {
        crun_refuse(crun, call, STATUS_NOT_FOUND, "sandbox %s is not ready", config->sandbox_id);
        return;
    }
    const struct crun_container *target =
        config->target_id ? crun_find_container(crun, config->target_id) : NULL;
    struct creation *self = mem_alloc(sizeof(*self));
    *self = (struct creation){
        .phase = PREPARING,
        .crun = crun,
        .container = make_container(crun, sandbox, config),
        .sandbox = sandbox,
        .config = config,
        .call = call,
        .target = target ? target->pid : 0,
    };
    timer_init(&self->timer, runtime->loop, time_over);
    step(self);
}
