#include "tests/harness/crun_machine.h"

#include <dirent.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>

#include "core/file.h"
#include "core/net/program.h"

#define WAIT_US 15000000

/* --- Waiting --- */

static void time_over(struct timer *timer)
{
    loop_stop(timer->loop);
}

void crun_machine_run_us(struct crun_machine *machine, int64_t time_us)
{
    timer_init(&machine->timer, machine->loop, time_over);
    timer_start_us(&machine->timer, time_us);
    loop_run(machine->loop);
    timer_stop(&machine->timer);
}

void crun_machine_until(struct crun_machine *machine, bool (*is)(void *context), void *context)
{
    struct clock *clock = loop_clock(machine->loop);
    int64_t until_us = clock_steady_us(clock) + WAIT_US;
    while (!is(context)) {
        EXPECT(clock_steady_us(clock) < until_us);
        crun_machine_run_us(machine, 2000);
    }
}

static void call_done(struct runtime_call *call)
{
    struct crun_machine *machine = CONTAINER_OF(call, struct crun_machine, call);
    machine->is_waiting = false;
    loop_stop(machine->loop);
}

struct runtime_call *crun_machine_call(struct crun_machine *machine)
{
    if (machine->has_call)
        runtime_call_release(&machine->call);
    runtime_call_init(&machine->call, call_done);
    machine->has_call = machine->is_waiting = true;
    return &machine->call;
}

static bool has_answered(void *context)
{
    return !((struct crun_machine *)context)->is_waiting;
}

void crun_machine_wait(struct crun_machine *machine)
{
    crun_machine_until(machine, has_answered, machine);
}

static void exited(void *context, const struct run *run)
{
    struct crun_machine *machine = context;
    EXPECT(machine->ended_count < ARRAY_SIZE(machine->ended));
    struct run *told = &machine->ended[machine->ended_count++];
    *told = *run;
    told->id = arena_copy_text(&machine->arena, run->id);
    told->name = arena_copy_text(&machine->arena, run->name);
    told->message = arena_copy_text(&machine->arena, run->message);
    loop_stop(machine->loop);
}

struct awaited {
    struct crun_machine *machine;
    const char *id;
    const struct run *run;
};

static bool has_ended(void *context)
{
    struct awaited *awaited = context;
    for (size_t i = 0; i < awaited->machine->ended_count; i++)
        if (strcmp(awaited->machine->ended[i].id, awaited->id) == 0)
            awaited->run = &awaited->machine->ended[i];
    return awaited->run != NULL;
}

const struct run *crun_machine_await_end(struct crun_machine *machine, const char *id)
{
    struct awaited awaited = {machine, id, NULL};
    crun_machine_until(machine, has_ended, &awaited);
    return awaited.run;
}

/* --- Beginning --- */

static void skip_without(const char *program)
{
    struct buffer path = {0};
    static char why[80];
    bool is_there = program_find(program, &path);
    buffer_release(&path);
    snprintf(why, sizeof why, "needs the program %s", program);
    if (!is_there)
        SKIP(why);
}

static void read_mounts(struct buffer *text)
{
    struct status status;
    status_init(&status);
    EXPECT_EQ(file_read("/proc/self/mounts", text, &status), 0);
    status_release(&status);
}

/* --- What tests that failed have left behind --- */

static bool is_dead(const char *number)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%.20s", number);
    return access(path, F_OK) != 0;
}

static void sweep_groups(const struct crun_machine *machine)
{
    const char *root = machine->cgroups.count > 0 ? machine->cgroups.hierarchies[0].folder : "/";
    DIR *listing = opendir(root);
    struct status ignored;
    status_init(&ignored);
    for (struct dirent *entry; listing && (entry = readdir(listing));) {
        char path[300];
        snprintf(path, sizeof path, "/%s", entry->d_name);
        if (strncmp(entry->d_name, "coracle-test-", 13) != 0 || !is_dead(entry->d_name + 13))
            continue;
        cgroup_kill(&machine->cgroups, path);
        if (cgroup_remove(&machine->cgroups, path, &ignored))
            status_clear(&ignored); /* What was killed takes its time: the next test does it. */
    }
    if (listing)
        closedir(listing);
    status_release(&ignored);
}

/* Mounts below a folder whose "owner", a process of ours, is no more. */
static void sweep_mounts(struct crun_machine *machine)
{
    struct slice rest = buffer_slice(&machine->mounts_before), line, device, path;
    while (slice_split(&rest, '\n', &line)) {
        if (!slice_split(&line, ' ', &device) || !slice_split(&line, ' ', &path))
            continue;
        char *folder = arena_copy_slice(&machine->arena, path);
        const char *full = arena_copy_text(&machine->arena, folder), *owner = "";
        for (char *slash; !*owner && (slash = strrchr(folder, '/')) && slash != folder;) {
            *slash = '\0';
            owner = crun_machine_text(machine, arena_format(&machine->arena, "%s/owner", folder));
        }
        if (*owner && is_dead(owner))
            umount2(full, MNT_DETACH);
    }
}

static void sweep(struct crun_machine *machine)
{
    char text[32];
    struct status status;
    status_init(&status);
    sweep_groups(machine);
    sweep_mounts(machine);
    snprintf(text, sizeof text, "%d", (int)getpid());
    EXPECT_EQ(file_write(arena_format(&machine->arena, "%s/owner", machine->folder), 0644,
                         slice_of(text), &status),
              0);
    status_release(&status);
}

static void open_all(struct crun_machine *machine, bool has_network)
{
    struct status status;
    status_init(&status);
    const struct image_store_options images = {
        .directory = arena_format(&machine->arena, "%s/images", machine->folder),
        .allows_host_image = true};
    const struct pod_network_options network = {.range = "10.99.7.0/24",
                                                .cluster_range = "10.99.0.0/16"};
    machine->loop = loop_create(2);
    machine->images = image_store_open(machine->loop, &images, &status);
    EXPECT_TEXT(status.message, NULL);
    if (has_network)
        machine->network = pod_network_open(machine->loop, &network, &status);
    EXPECT_TEXT(status.message, NULL);
    const struct runtime_crun_options options = {.directory = machine->folder,
                                                 .images = machine->images,
                                                 .network = machine->network,
                                                 .cgroups = &machine->cgroups};
    machine->runtime = runtime_crun_open(machine->loop, &options, &status);
    EXPECT_TEXT(status.message, NULL);
    machine->runtime->exited = exited;
    machine->runtime->context = machine;
    status_release(&status);
}

void crun_machine_begin(struct crun_machine *machine, bool has_network)
{
    *machine = (struct crun_machine){0};
    arena_init(&machine->arena);
    if (geteuid() != 0)
        SKIP("needs root");
    skip_without("crun");
    skip_without("conmon");
    if (has_network)
        skip_without("nft");
    if (unshare(CLONE_NEWNET) != 0)
        SKIP("needs network namespaces");
    cgroups_detect(&machine->cgroups);
    machine->folder = test_folder();
    snprintf(machine->cgroup_root, sizeof machine->cgroup_root, "/coracle-test-%d", (int)getpid());
    read_mounts(&machine->mounts_before);
    sweep(machine);
    open_all(machine, has_network);
}

static void closed(void *context)
{
    struct crun_machine *machine = context;
    machine->runtime = NULL;
    loop_stop(machine->loop);
}

static bool is_closed(void *context)
{
    return !((struct crun_machine *)context)->runtime;
}

static void close_all(struct crun_machine *machine)
{
    if (machine->has_call)
        runtime_call_release(&machine->call);
    machine->has_call = false;
    runtime_crun_close(machine->runtime, closed, machine);
    crun_machine_until(machine, is_closed, machine);
    pod_network_close(machine->network);
    image_store_close(machine->images);
    loop_destroy(machine->loop);
}

void crun_machine_restart(struct crun_machine *machine)
{
    bool has_network = machine->network != NULL;
    close_all(machine);
    machine->network = NULL;
    machine->ended_count = 0;
    open_all(machine, has_network);
}

/* --- Verbs --- */

static void expect_good(const struct crun_machine *machine)
{
    EXPECT_TEXT(machine->call.status.message, NULL);
}

const char *crun_machine_sandbox(struct crun_machine *machine, struct sandbox_config *config)
{
    if (!config->pod.uid)
        config->pod = (struct pod_identity){"uid", "pod", "default"};
    if (!config->hostname)
        config->hostname = "pod";
    if (!config->cgroup_parent)
        config->cgroup_parent =
            arena_format(&machine->arena, "%s/pod%s", machine->cgroup_root, config->pod.uid);
    machine->runtime->operations->run_sandbox(machine->runtime, config, crun_machine_call(machine));
    crun_machine_wait(machine);
    expect_good(machine);
    return arena_copy_text(&machine->arena, machine->call.id);
}

void crun_machine_fill(struct crun_machine *machine, struct container_config *config,
                       const char *sandbox_id, const char *name, const char *script)
{
    static const char *const environment[] = {
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "COLOUR=blue", NULL};
    static const char *const capabilities[] = {"CAP_CHOWN", "CAP_KILL", "CAP_DAC_OVERRIDE", NULL};
    const char **argv = ARENA_ARRAY(&machine->arena, const char *, 4);
    argv[0] = "sh";
    argv[1] = "-c";
    argv[2] = script;
    *config = (struct container_config){
        .pod = {"uid", "pod", "default"},
        .sandbox_id = sandbox_id,
        .name = name,
        .image = IMAGE_HOST,
        .image_id = "sha256:c0ac1e0000000000000000000000000000000000000000000000000000000000",
        .argv = argv,
        .env = environment,
        .directory = "/",
        .uid = -1,
        .gid = -1,
        .user = "",
        .capabilities = capabilities,
        .log_path = arena_format(&machine->arena, "%s/logs/%s/0.log", machine->folder, name),
        .termination_path = "/dev/termination-log",
    };
}

const char *crun_machine_create(struct crun_machine *machine, const struct container_config *config)
{
    machine->runtime->operations->create_container(machine->runtime, config,
                                                   crun_machine_call(machine));
    crun_machine_wait(machine);
    return machine->call.id ? arena_copy_text(&machine->arena, machine->call.id) : NULL;
}

void crun_machine_start(struct crun_machine *machine, const char *id)
{
    machine->runtime->operations->start_container(machine->runtime, id, crun_machine_call(machine));
    crun_machine_wait(machine);
    expect_good(machine);
}

void crun_machine_stop(struct crun_machine *machine, const char *id, int64_t grace_us)
{
    machine->runtime->operations->stop_container(machine->runtime, id, grace_us,
                                                 crun_machine_call(machine));
    crun_machine_wait(machine);
    expect_good(machine);
}

void crun_machine_remove(struct crun_machine *machine, const char *id)
{
    machine->runtime->operations->remove_container(machine->runtime, id,
                                                   crun_machine_call(machine));
    crun_machine_wait(machine);
    expect_good(machine);
}

void crun_machine_stop_sandbox(struct crun_machine *machine, const char *id)
{
    machine->runtime->operations->stop_sandbox(machine->runtime, id, crun_machine_call(machine));
    crun_machine_wait(machine);
    expect_good(machine);
}

void crun_machine_remove_sandbox(struct crun_machine *machine, const char *id)
{
    machine->runtime->operations->remove_sandbox(machine->runtime, id, crun_machine_call(machine));
    crun_machine_wait(machine);
    expect_good(machine);
}

void crun_machine_exec(struct crun_machine *machine, const char *id, const char *script,
                       int64_t timeout_us)
{
    const char *const argv[] = {"sh", "-c", script, NULL};
    machine->runtime->operations->exec(machine->runtime, id, argv, timeout_us,
                                       crun_machine_call(machine));
    crun_machine_wait(machine);
}

void crun_machine_list(struct crun_machine *machine)
{
    machine->runtime->operations->list(machine->runtime, crun_machine_call(machine));
    crun_machine_wait(machine);
    expect_good(machine);
}

const char *crun_machine_text(struct crun_machine *machine, const char *path)
{
    struct buffer text = {0};
    struct status status;
    status_init(&status);
    const char *copy = file_read(path, &text, &status) == 0
                           ? arena_copy_slice(&machine->arena, buffer_slice(&text))
                           : "";
    buffer_release(&text);
    status_release(&status);
    return copy;
}

/* --- The end --- */

static void remove_all(struct crun_machine *machine)
{
    crun_machine_list(machine);
    size_t run_count = machine->call.list.run_count;
    size_t sandbox_count = machine->call.list.sandbox_count;
    const char **ids = ARENA_ARRAY(&machine->arena, const char *, run_count + sandbox_count + 1);
    for (size_t i = 0; i < run_count; i++)
        ids[i] = arena_copy_text(&machine->arena, machine->call.list.runs[i].id);
    for (size_t i = 0; i < sandbox_count; i++)
        ids[run_count + i] = arena_copy_text(&machine->arena, machine->call.list.sandboxes[i].id);
    for (size_t i = 0; i < run_count; i++)
        crun_machine_remove(machine, ids[i]);
    for (size_t i = 0; i < sandbox_count; i++)
        crun_machine_remove_sandbox(machine, ids[run_count + i]);
}

static void expect_nothing_left(struct crun_machine *machine)
{
    struct buffer mounts = {0};
    struct status status;
    status_init(&status);
    read_mounts(&mounts);
    EXPECT(!strstr(mounts.data, machine->folder));
    EXPECT(cgroup_is_empty(&machine->cgroups, machine->cgroup_root));
    EXPECT_EQ(cgroup_remove(&machine->cgroups, machine->cgroup_root, &status), 0);
    buffer_release(&mounts);
    status_release(&status);
}

void crun_machine_end(struct crun_machine *machine)
{
    remove_all(machine);
    close_all(machine);
    expect_nothing_left(machine);
    buffer_release(&machine->mounts_before);
    arena_release(&machine->arena);
}
