#include "kubelet-lite/runtime_crun.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/file.h"
#include "core/trace.h"
#include "kubelet-lite/crun.h"
#include "kubelet-lite/pod_namespaces.h"

enum { CAPABILITY_SYS_RESOURCE = 24 };

/* --- Answers --- */

struct answer {
    struct message message;
    struct runtime_call *call;
};

static void deliver(struct message *message)
{
    struct answer *answer = CONTAINER_OF(message, struct answer, message);
    struct runtime_call *call = answer->call;
    mem_free(answer);
    call->done(call);
}

void crun_answer(struct crun *crun, struct runtime_call *call)
{
    struct answer *answer = mem_alloc(sizeof(*answer));
    *answer = (struct answer){.message = {.deliver = deliver}, .call = call};
    loop_post(crun->runtime.loop, &answer->message);
}

void crun_refuse(struct crun *crun, struct runtime_call *call, enum status_reason reason,
                 const char *format, ...)
{
    struct buffer text = {0};
    va_list arguments;
    va_start(arguments, format);
    buffer_format_list(&text, format, arguments);
    va_end(arguments);
    status_fail(&call->status, reason, "%s", text.data);
    buffer_release(&text);
    crun_answer(crun, call);
}

/* --- List --- */

static size_t count_of(const struct list *list)
{
    size_t count = 0;
    LIST_EACH(link, list)
        count++;
    return count;
}

static void fill_sandbox(const struct crun_sandbox *sandbox, struct arena *arena,
                         struct sandbox *told)
{
    *told = (struct sandbox){
        .id = arena_copy_text(arena, sandbox->id),
        .pod_uid = arena_copy_text(arena, sandbox->pod_uid),
        .pod_name = arena_copy_text(arena, sandbox->pod_name),
        .pod_namespace = arena_copy_text(arena, sandbox->pod_namespace),
        .address = arena_copy_text(arena, sandbox->address_text),
        .is_ready = sandbox->is_ready,
    };
}

static void fill_copy(const struct crun_container *container, struct arena *arena, struct run *told)
{
    crun_fill_run(container, told);
    told->id = arena_copy_text(arena, told->id);
    told->sandbox_id = arena_copy_text(arena, told->sandbox_id);
    told->pod_uid = arena_copy_text(arena, told->pod_uid);
    told->name = arena_copy_text(arena, told->name);
    told->message = arena_copy_text(arena, told->message);
}

static void list_all(struct runtime *runtime, struct runtime_call *call)
{
    struct crun *crun = CONTAINER_OF(runtime, struct crun, runtime);
    struct arena *arena = &call->arena;
    struct sandbox *sandboxes = ARENA_ARRAY(arena, struct sandbox, count_of(&crun->sandboxes) + 1);
    struct run *runs = ARENA_ARRAY(arena, struct run, count_of(&crun->containers) + 1);
    call->list = (struct runtime_list){.sandboxes = sandboxes, .runs = runs};
    LIST_EACH(link, &crun->sandboxes)
        fill_sandbox(CONTAINER_OF(link, struct crun_sandbox, link), arena,
                     &sandboxes[call->list.sandbox_count++]);
    LIST_EACH(link, &crun->containers)
        fill_copy(CONTAINER_OF(link, struct crun_container, link), arena,
                  &runs[call->list.run_count++]);
    crun_answer(crun, call);
}

/* --- What was there before --- */

/* All that it had must still be there: after a reboot it is not. */
static void check_sandbox(struct crun_sandbox *sandbox, struct arena *arena)
{
    const char *folder = crun_path(arena, sandbox->folder, "ns");
    bool is_there = (sandbox->uses_host_network || pod_namespaces_has(folder, "net")) &&
                    (sandbox->uses_host_ipc || pod_namespaces_has(folder, "ipc")) &&
                    (!sandbox->shares_pids || pod_namespaces_has(folder, "pid")) &&
                    (sandbox->uses_host_network || sandbox->crun->network);
    sandbox->is_ready = sandbox->is_ready && is_there;
    if (!sandbox->is_ready || !sandbox->crun->network)
        sandbox->address = 0;
    else
        pod_network_hold_address(sandbox->crun->network, sandbox->address);
}

static void adopt_sandbox(struct crun *crun, const char *id, struct arena *arena)
{
    struct crun_sandbox *sandbox = crun_sandbox_load(crun, id);
    struct status ignored;
    if (sandbox) {
        check_sandbox(sandbox, arena);
        list_push_back(&crun->sandboxes, &sandbox->link);
        return;
    }
    status_init(&ignored);
    const char *folder = crun_path(arena, crun->sandboxes_folder, id);
    if (pod_namespaces_remove(crun_path(arena, folder, "ns"), &ignored) ||
        folder_remove(folder, &ignored))
        log_line(LOG_WARN, "a half-made sandbox stays behind", "why=\"%s\"", ignored.message);
    status_release(&ignored);
}

static void adopt_container(struct crun *crun, const char *id, struct arena *arena)
{
    struct crun_container *container = crun_container_load(crun, id);
    struct status ignored;
    bool is_whole = container && container->conmon_pid > 0;
    if (is_whole) {
        list_push_back(&crun->containers, &container->link);
        bool is_watched = container->conmon_started != 0 &&
                          process_start_time(container->conmon_pid) == container->conmon_started;
        if (container->state == RUN_EXITED)
            return;
        if (is_watched)
            crun_watch_container(container);
        else
            crun_end_container(container);
        return;
    }
    status_init(&ignored);
    const char *folder = crun_path(arena, crun->containers_folder, id);
    if (container && *container->cgroup) { /* crun may have got as far as a process. */
        cgroup_kill(crun->cgroups, container->cgroup);
        if (cgroup_remove(crun->cgroups, container->cgroup, &ignored))
            status_clear(&ignored); /* It goes with its pod's. */
    }
    if (image_unmount(folder, &ignored) ||
        folder_remove(crun_path(arena, crun->state_folder, id), &ignored) ||
        folder_remove(folder, &ignored))
        log_line(LOG_WARN, "a half-made container stays behind", "why=\"%s\"", ignored.message);
    status_release(&ignored);
    if (container)
        crun_container_free(container);
}

static void adopt_all(struct crun *crun, const char *folder,
                      void (*adopt)(struct crun *crun, const char *id, struct arena *arena))
{
    struct arena arena;
    DIR *listing = opendir(folder);
    arena_init(&arena);
    for (struct dirent *entry; listing && (entry = readdir(listing));)
        if (entry->d_name[0] != '.')
            adopt(crun, entry->d_name, &arena);
    if (listing)
        closedir(listing);
    arena_release(&arena);
}

/* --- Host ports of those that were there --- */

struct restored_ports {
    struct ports_call call;
    struct crun *crun;
};

static void ports_restored(struct ports_call *call)
{
    struct restored_ports *self = CONTAINER_OF(call, struct restored_ports, call);
    if (!status_ok(&call->status))
        log_line(LOG_WARN, "host ports of pods are not restored", "why=\"%s\"",
                 call->status.message);
    struct crun *crun = self->crun;
    status_release(&call->status);
    mem_free(self);
    crun->pending--;
    if (crun->closed)
        crun_consider_close(crun);
}

/* Also with none: the rules of a node stand from the start. */
static void restore_ports(struct crun *crun, uint32_t address, const struct port_mapping *ports,
                          size_t count)
{
    struct restored_ports *self = mem_alloc(sizeof(*self));
    self->crun = crun;
    self->call.done = ports_restored;
    crun->pending++;
    status_init(&self->call.status);
    list_init(&self->call.link);
    pod_network_set_ports(crun->network, address, ports, count, &self->call);
}

static void restore_all_ports(struct crun *crun)
{
    if (!crun->network)
        return;
    restore_ports(crun, 0, NULL, 0);
    LIST_EACH(link, &crun->sandboxes) {
        const struct crun_sandbox *sandbox = CONTAINER_OF(link, struct crun_sandbox, link);
        if (sandbox->address && sandbox->port_count > 0)
            restore_ports(crun, sandbox->address, sandbox->ports, sandbox->port_count);
    }
}

/* --- Life --- */

static const struct runtime_operations operations = {
    .name = "crun",
    .list = list_all,
    .run_sandbox = crun_run_sandbox,
    .stop_sandbox = crun_stop_sandbox,
    .remove_sandbox = crun_remove_sandbox,
    .create_container = crun_create_container,
    .start_container = crun_start_container,
    .stop_container = crun_stop_container,
    .remove_container = crun_remove_container,
    .update_container = crun_update_container,
    .exec = crun_exec,
    .update_sandbox = crun_update_sandbox,
    .read_usage = crun_read_usage,
    .reopen_log = crun_reopen_log,
    .turn_logs = crun_turn_logs,
    .connect = crun_connect,
    .open_session = crun_open_session,
};

static int find_program(const char *given, const char *name, char **path, struct status *status)
{
    struct buffer found = {0};
    bool is_found = given != NULL || program_find(name, &found);
    *path = given ? mem_copy_text(given) : buffer_take(&found);
    return is_found ? 0
                    : status_fail(status, STATUS_NOT_FOUND,
                                  "the program %s is missing: install the package %s", name, name);
}

/* "CapEff:\t000001ffffffffff" */
static uint64_t read_capabilities(void)
{
    char line[256];
    uint64_t bits = 0;
    FILE *file = fopen("/proc/self/status", "re");
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, "CapEff:", 7) == 0)
            bits = strtoull(line + 7, NULL, 16);
    if (file)
        fclose(file);
    return bits;
}

static char *join(const char *folder, const char *name)
{
    struct buffer path = {0};
    buffer_format(&path, "%s/%s", folder, name);
    return buffer_take(&path);
}

static int prepare(struct crun *crun, const struct runtime_crun_options *options,
                   struct status *status)
{
    crun->sandboxes_folder = join(options->directory, "sandboxes");
    crun->containers_folder = join(options->directory, "containers");
    crun->exits_folder = join(options->directory, "exits");
    crun->state_folder = join(options->directory, "crun");
    return find_program(options->crun, "crun", &crun->crun_path, status) ||
                   find_program(options->conmon, "conmon", &crun->conmon_path, status) ||
                   find_program(NULL, "unshare", &crun->unshare_path, status) ||
                   folder_make(crun->sandboxes_folder, 0711, status) ||
                   folder_make(crun->containers_folder, 0711, status) ||
                   folder_make(crun->exits_folder, 0700, status) ||
                   folder_make(crun->state_folder, 0700, status)
               ? -1
               : 0;
}

static void free_all(struct crun *crun)
{
    LIST_EACH(link, &crun->containers)
        crun_container_free(CONTAINER_OF(link, struct crun_container, link));
    LIST_EACH(link, &crun->sandboxes)
        crun_sandbox_free(CONTAINER_OF(link, struct crun_sandbox, link));
    mem_free(crun->crun_path);
    mem_free(crun->conmon_path);
    mem_free(crun->unshare_path);
    mem_free(crun->sandboxes_folder);
    mem_free(crun->containers_folder);
    mem_free(crun->exits_folder);
    mem_free(crun->state_folder);
    mem_free(crun);
}

struct runtime *runtime_crun_open(struct loop *loop, const struct runtime_crun_options *options,
                                  struct status *status)
{
    struct crun *crun = mem_alloc(sizeof(*crun));
    crun->runtime = (struct runtime){.operations = &operations, .loop = loop};
    crun->images = options->images;
    crun->network = options->network;
    crun->cgroups = options->cgroups;
    crun->capabilities = read_capabilities();
    crun->may_lower_oom_score = (crun->capabilities >> CAPABILITY_SYS_RESOURCE & 1) != 0;
    list_init(&crun->sandboxes);
    list_init(&crun->containers);
    if (prepare(crun, options, status)) {
        free_all(crun);
        return NULL;
    }
    adopt_all(crun, crun->sandboxes_folder, adopt_sandbox);
    adopt_all(crun, crun->containers_folder, adopt_container);
    restore_all_ports(crun);
    return &crun->runtime;
}

static void tell_closed(struct message *message)
{
    struct crun *crun = CONTAINER_OF(message, struct crun, close_message);
    void (*closed)(void *context) = crun->closed;
    void *context = crun->closed_context;
    free_all(crun);
    closed(context);
}

void crun_consider_close(struct crun *crun)
{
    if (crun->pending > 0)
        return;
    crun->close_message.deliver = tell_closed;
    loop_post(crun->runtime.loop, &crun->close_message);
}

/* Ends that come from now on are for the next agent to find. */
static void stop_watching(struct crun_container *container)
{
    timer_stop(&container->kill_timer);
    if (container->is_ending)
        return;
    pid_watch_close(container->process);
    pid_watch_close(container->conmon);
    container->process = container->conmon = NULL;
}

void runtime_crun_close(struct runtime *runtime, void (*closed)(void *context), void *context)
{
    struct crun *crun = CONTAINER_OF(runtime, struct crun, runtime);
    LIST_EACH(link, &crun->containers)
        stop_watching(CONTAINER_OF(link, struct crun_container, link));
    crun->closed = closed;
    crun->closed_context = context;
    crun_consider_close(crun);
}
