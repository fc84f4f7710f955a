/* Containers as they are: crun, conmon, namespaces, control groups. */
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/harness/crun_machine.h"

TEST("two containers of a pod run, write their logs, and end with their codes")
{
    struct crun_machine machine;
    struct sandbox_config pod = {0};
    struct container_config config;
    crun_machine_begin(&machine, true);
    const char *sandbox = crun_machine_sandbox(&machine, &pod);
    EXPECT_TEXT(machine.call.address, "10.99.7.2");
    crun_machine_fill(
        &machine, &config, sandbox, "web",
        "hostname; echo $COLOUR; echo bad >&2; echo bye >/dev/termination-log; exit 7");
    const char *web = crun_machine_create(&machine, &config);
    EXPECT_TEXT(machine.call.status.message, NULL);
    crun_machine_start(&machine, web);
    crun_machine_fill(&machine, &config, sandbox, "quiet", "exit 0");
    const char *quiet = crun_machine_create(&machine, &config);
    crun_machine_start(&machine, quiet);
    const struct run *run = crun_machine_await_end(&machine, web);
    EXPECT_EQ(run->exit_code, 7);
    EXPECT_TEXT(run->message, "bye\n");
    EXPECT(run->finished_us >= run->started_us - 1000000 && run->started_us > 0);
    EXPECT_EQ(crun_machine_await_end(&machine, quiet)->exit_code, 0);
    const char *log = crun_machine_text(
        &machine, arena_format(&machine.arena, "%s/logs/web/0.log", machine.folder));
    EXPECT(strstr(log, " stdout F pod\n") && strstr(log, " stdout F blue\n") &&
           strstr(log, " stderr F bad\n"));
    crun_machine_end(&machine);
}

/* --- Sessions --- */

struct talk {
    struct crun_machine *machine;
    struct buffer output, errors;
    int64_t code;
    enum status_reason reason;
    char message[200];
    bool has_ended;
};

static void heard(void *context, int descriptor, struct slice data)
{
    struct talk *talk = context;
    buffer_append_slice(descriptor == 1 ? &talk->output : &talk->errors, data);
}

static void talk_ended(void *context, const struct status *status, int64_t code)
{
    struct talk *talk = context;
    talk->code = code;
    talk->reason = status->reason;
    snprintf(talk->message, sizeof talk->message, "%s", status->message ? status->message : "");
    talk->has_ended = true;
}

static const struct session_handler talk_handler = {heard, NULL, talk_ended};

static bool is_over(void *context)
{
    return ((struct talk *)context)->has_ended;
}

static void end_talk(struct talk *talk)
{
    buffer_release(&talk->output);
    buffer_release(&talk->errors);
}

static struct session *open_talk(struct talk *talk, struct crun_machine *machine, const char *id,
                                 const struct session_config *config)
{
    *talk = (struct talk){.machine = machine};
    return machine->runtime->operations->open_session(machine->runtime, id, config, &talk_handler,
                                                      talk);
}

static const char *run_container(struct crun_machine *machine, struct container_config *config)
{
    const char *id = crun_machine_create(machine, config);
    EXPECT_TEXT(machine->call.status.message, NULL);
    crun_machine_start(machine, id);
    return id;
}

static const char *sleeper(struct crun_machine *machine, const char *script)
{
    struct sandbox_config pod = {0};
    struct container_config config;
    const char *sandbox = crun_machine_sandbox(machine, &pod);
    crun_machine_fill(machine, &config, sandbox, "web", script);
    return run_container(machine, &config);
}

TEST("a command in a container gives its output and its code, and is dead when its time is over")
{
    struct crun_machine machine;
    crun_machine_begin(&machine, false);
    const char *id = sleeper(&machine, "trap 'exit 0' TERM; sleep 1000 & wait");
    crun_machine_exec(&machine, id, "echo out; echo err >&2; exit 42", 10000000);
    EXPECT_TEXT(machine.call.status.message, NULL);
    EXPECT_EQ(machine.call.exit_code, 42);
    EXPECT_SLICE(machine.call.output, "out\nerr\n");
    crun_machine_exec(&machine, id, "exec sleep 345", 300000);
    EXPECT_EQ(machine.call.status.reason, STATUS_TIMEOUT);
    crun_machine_exec(&machine, id, "cat /proc/[0-9]*/cmdline | tr '\\0' ' '", 10000000);
    EXPECT(!strstr(machine.call.output.data, "sleep 345"));
    const char *const missing[] = {"no-such-thing", NULL};
    machine.runtime->operations->exec(machine.runtime, id, missing, 5000000,
                                      crun_machine_call(&machine));
    crun_machine_wait(&machine);
    EXPECT(strstr(machine.call.status.message, "no-such-thing"));
    crun_machine_stop(&machine, id, 10000000);
    EXPECT_EQ(crun_machine_await_end(&machine, id)->exit_code, 0);
    crun_machine_end(&machine);
}

TEST("a session gives a command its input, and both of its streams come back")
{
    struct crun_machine machine;
    struct talk talk;
    crun_machine_begin(&machine, false);
    const char *id = sleeper(&machine, "sleep 1000");
    const char *const argv[] = {"sh", "-c", "cat; echo err >&2; exit 3", NULL};
    const struct session_config config = {argv, true, true, true, false};
    struct session *session = open_talk(&talk, &machine, id, &config);
    session->operations->write(session, SLICE("hello "));
    session->operations->write(session, SLICE("you"));
    session->operations->end_input(session);
    crun_machine_until(&machine, is_over, &talk);
    EXPECT_EQ(talk.code, 3);
    EXPECT_SLICE(buffer_slice(&talk.output), "hello you");
    EXPECT_SLICE(buffer_slice(&talk.errors), "err\n");
    end_talk(&talk);
    const char *const missing[] = {"no-such-thing", NULL};
    const struct session_config bad = {missing, false, true, true, true};
    open_talk(&talk, &machine, id, &bad);
    crun_machine_until(&machine, is_over, &talk);
    EXPECT_EQ(talk.reason, STATUS_INTERNAL_ERROR);
    EXPECT(strstr(talk.message, "no-such-thing"));
    end_talk(&talk);
    crun_machine_end(&machine);
}

static bool has_said_size(void *context)
{
    const struct talk *talk = context;
    return talk->output.size > 0 && strstr(talk->output.data, "43 132") != NULL;
}

TEST("a session with a terminal is as large as it is told, and ends when it is closed")
{
    struct crun_machine machine;
    struct talk talk;
    crun_machine_begin(&machine, false);
    const char *id = sleeper(&machine, "sleep 1000");
    const char *const argv[] = {"sh", NULL};
    const struct session_config config = {argv, true, true, false, true};
    struct session *session = open_talk(&talk, &machine, id, &config);
    session->operations->resize(session, 43, 132);
    session->operations->write(session, SLICE("tty; stty size\n"));
    crun_machine_until(&machine, has_said_size, &talk);
    EXPECT(strstr(talk.output.data, "/dev/pts/"));
    session->operations->write(session, SLICE("exit 5\n"));
    crun_machine_until(&machine, is_over, &talk);
    EXPECT_EQ(talk.code, 5);
    end_talk(&talk);
    session = open_talk(&talk, &machine, id, &config);
    session->operations->write(session, SLICE("exec sleep 456\n"));
    crun_machine_run_us(&machine, 400000);
    session->operations->close(session);
    crun_machine_exec(&machine, id, "cat /proc/[0-9]*/cmdline | tr '\\0' ' '", 10000000);
    EXPECT(!strstr(machine.call.output.data, "sleep 456"));
    end_talk(&talk);
    crun_machine_end(&machine);
}

static bool has_echoed(void *context)
{
    const struct talk *talk = context;
    return talk->output.size > 0 && strstr(talk->output.data, "got ping") != NULL;
}

TEST("who attaches hears what a container says, and is heard")
{
    struct crun_machine machine;
    struct sandbox_config pod = {0};
    struct container_config config;
    struct talk talk;
    crun_machine_begin(&machine, false);
    const char *sandbox = crun_machine_sandbox(&machine, &pod);
    crun_machine_fill(&machine, &config, sandbox, "web",
                      "while read line; do echo got $line; done; echo end; exit 6");
    config.has_stdin = true;
    config.closes_stdin_once = true;
    const char *id = run_container(&machine, &config);
    const struct session_config attach = {NULL, true, true, true, false};
    struct session *session = open_talk(&talk, &machine, id, &attach);
    session->operations->write(session, SLICE("ping\n"));
    crun_machine_until(&machine, has_echoed, &talk);
    session->operations->end_input(session);
    EXPECT_EQ(crun_machine_await_end(&machine, id)->exit_code, 6);
    crun_machine_until(&machine, is_over, &talk);
    EXPECT(strstr(talk.output.data, "end\n"));
    end_talk(&talk);
    crun_machine_end(&machine);
}

TEST("what runs outlives the agent, and what ended meanwhile is known")
{
    struct crun_machine machine;
    struct sandbox_config pod = {0};
    struct container_config config;
    crun_machine_begin(&machine, true);
    const char *sandbox = crun_machine_sandbox(&machine, &pod);
    crun_machine_fill(&machine, &config, sandbox, "long", "sleep 1000");
    const char *longer = run_container(&machine, &config);
    crun_machine_fill(&machine, &config, sandbox, "short", "sleep 0.1; exit 9");
    const char *shorter = run_container(&machine, &config);
    crun_machine_fill(&machine, &config, sandbox, "made", "exit 0");
    const char *made = crun_machine_create(&machine, &config);
    crun_machine_restart(&machine);
    crun_machine_list(&machine);
    EXPECT_EQ(machine.call.list.run_count, 3);
    EXPECT_EQ(machine.call.list.sandbox_count, 1);
    EXPECT(machine.call.list.sandboxes[0].is_ready);
    EXPECT_TEXT(machine.call.list.sandboxes[0].address, "10.99.7.2");
    for (size_t i = 0; i < 3; i++) {
        const struct run *run = &machine.call.list.runs[i];
        if (strcmp(run->id, longer) == 0)
            EXPECT_EQ(run->state, RUN_RUNNING);
        if (strcmp(run->id, made) == 0)
            EXPECT_EQ(run->state, RUN_CREATED);
        if (strcmp(run->id, shorter) == 0 && run->state == RUN_EXITED)
            EXPECT_EQ(run->exit_code, 9);
    }
    crun_machine_start(&machine, made);
    EXPECT_EQ(crun_machine_await_end(&machine, made)->exit_code, 0);
    crun_machine_stop(&machine, longer, 200000); /* Its first process ignores the signal. */
    EXPECT_EQ(crun_machine_await_end(&machine, longer)->exit_code, 137);
    crun_machine_end(&machine);
}

/* --- Limits --- */

TEST("limits stand in the container's group, change while it runs, and end it as told")
{
    struct crun_machine machine;
    struct sandbox_config pod = {.limits = {1024, 150000, 64 << 20, 100}};
    struct container_config config;
    struct cgroup_limits limits;
    struct status status;
    crun_machine_begin(&machine, false);
    if (!cgroups_has(&machine.cgroups, "memory") || !cgroups_has(&machine.cgroups, "cpu"))
        SKIP("needs control groups for cpu and memory");
    status_init(&status);
    const char *sandbox = crun_machine_sandbox(&machine, &pod);
    crun_machine_fill(&machine, &config, sandbox, "eater",
                      "echo up; read go; exec perl -e '$x=\"a\"x(64*1024*1024); sleep 100'");
    config.limits = (struct cgroup_limits){512, 50000, 32 << 20, 50};
    config.has_stdin = true;
    const char *id = run_container(&machine, &config);
    const char *path = arena_format(&machine.arena, "%s/poduid/%s", machine.cgroup_root, id);
    EXPECT_EQ(cgroup_read_limits(&machine.cgroups, path, &limits, &status), 0);
    EXPECT_EQ(limits.memory_bytes, 32 << 20);
    EXPECT_EQ(limits.cpu_quota_us, 50000);
    EXPECT_EQ(limits.pids, 50);
    EXPECT(limits.cpu_shares >= 500 && limits.cpu_shares <= 512);
    const struct cgroup_limits other = {256, 0, 16 << 20, 50};
    machine.runtime->operations->update_container(machine.runtime, id, &other,
                                                  crun_machine_call(&machine));
    crun_machine_wait(&machine);
    EXPECT_TEXT(machine.call.status.message, NULL);
    EXPECT_EQ(cgroup_read_limits(&machine.cgroups, path, &limits, &status), 0);
    EXPECT_EQ(limits.memory_bytes, 16 << 20);
    EXPECT_EQ(limits.cpu_quota_us, 0);
    machine.runtime->operations->read_usage(machine.runtime, id, crun_machine_call(&machine));
    crun_machine_wait(&machine);
    EXPECT_TEXT(machine.call.status.message, NULL);
    EXPECT(machine.call.usage.memory_bytes > 0 && machine.call.usage.memory_bytes < 16 << 20);
    struct talk talk;
    const struct session_config attach = {NULL, true, true, true, false};
    struct session *session = open_talk(&talk, &machine, id, &attach);
    session->operations->write(session, SLICE("go\n"));
    const struct run *run = crun_machine_await_end(&machine, id);
    EXPECT_EQ(run->exit_code, 137);
    EXPECT(run->was_killed_for_memory);
    crun_machine_until(&machine, is_over, &talk);
    end_talk(&talk);
    status_release(&status);
    crun_machine_end(&machine);
}

TEST("a kill that is no lack of memory is none, and a container without its conmon is ended")
{
    struct crun_machine machine;
    struct sandbox_config pod = {0};
    struct container_config config;
    char line[64];
    crun_machine_begin(&machine, false);
    const char *sandbox = crun_machine_sandbox(&machine, &pod);
    crun_machine_fill(&machine, &config, sandbox, "a",
                      "kill -9 $$; sleep 100 & kill -9 0; sleep 100");
    config.falls_back_to_log = true;
    const char *a = run_container(&machine, &config);
    crun_machine_stop(&machine, a, 100000);
    const struct run *run = crun_machine_await_end(&machine, a);
    EXPECT_EQ(run->exit_code, 137);
    EXPECT(!run->was_killed_for_memory);
    crun_machine_fill(&machine, &config, sandbox, "b", "sleep 1000");
    const char *b = run_container(&machine, &config);
    const char *conmon = crun_machine_text(
        &machine, arena_format(&machine.arena, "%s/containers/%s/conmon.pid", machine.folder, b));
    const char *pid = crun_machine_text(
        &machine, arena_format(&machine.arena, "%s/containers/%s/pid", machine.folder, b));
    snprintf(line, sizeof line, "/proc/%s/cmdline", pid);
    EXPECT_EQ(kill((pid_t)atoi(conmon), SIGKILL), 0);
    EXPECT_EQ(crun_machine_await_end(&machine, b)->exit_code, 255);
    for (int i = 0; i < 200 && *crun_machine_text(&machine, line); i++)
        crun_machine_run_us(&machine, 10000);
    EXPECT_TEXT(crun_machine_text(&machine, line), "");
    crun_machine_end(&machine);
}

TEST("containers that share their processes see one another, and leave none behind")
{
    struct crun_machine machine;
    struct sandbox_config pod = {.shares_pids = true};
    struct container_config config;
    crun_machine_begin(&machine, false);
    const char *sandbox = crun_machine_sandbox(&machine, &pod);
    crun_machine_fill(&machine, &config, sandbox, "a", "sleep 777 & sleep 778");
    const char *a = run_container(&machine, &config);
    crun_machine_fill(&machine, &config, sandbox, "b", "sleep 1000");
    const char *b = run_container(&machine, &config);
    crun_machine_exec(&machine, b, "cat /proc/[0-9]*/cmdline | tr '\\0' ' '", 10000000);
    EXPECT(strstr(machine.call.output.data, "sleep 777") &&
           strstr(machine.call.output.data, "sleep infinity"));
    crun_machine_stop(&machine, a, 0);
    crun_machine_await_end(&machine, a);
    crun_machine_exec(&machine, b, "cat /proc/[0-9]*/cmdline | tr '\\0' ' '", 10000000);
    EXPECT(!strstr(machine.call.output.data, "sleep 777"));
    crun_machine_restart(&machine);
    crun_machine_list(&machine);
    EXPECT(machine.call.list.sandboxes[0].is_ready);
    crun_machine_end(&machine);
}

TEST("a log goes on in a new file once the old one is renamed")
{
    struct crun_machine machine;
    crun_machine_begin(&machine, false);
    const char *id = sleeper(&machine, "echo one; read go; echo two; sleep 100");
    const char *path = arena_format(&machine.arena, "%s/logs/web/0.log", machine.folder);
    const char *old = arena_format(&machine.arena, "%s.old", path);
    for (int i = 0; i < 500 && !strstr(crun_machine_text(&machine, path), "one"); i++)
        crun_machine_run_us(&machine, 10000);
    EXPECT_EQ(rename(path, old), 0);
    machine.runtime->operations->reopen_log(machine.runtime, id, crun_machine_call(&machine));
    crun_machine_wait(&machine);
    EXPECT_TEXT(machine.call.status.message, NULL);
    crun_machine_run_us(&machine, 100000);
    EXPECT_EQ(access(path, F_OK), 0);
    EXPECT(strstr(crun_machine_text(&machine, old), "one") != NULL);
    crun_machine_end(&machine);
}

static size_t count_files(const char *folder)
{
    size_t count = 0;
    DIR *listing = opendir(folder);
    for (struct dirent *entry; (entry = readdir(listing));)
        count += entry->d_name[0] != '.';
    closedir(listing);
    return count;
}

TEST("logs that are large are turned over, and the oldest go")
{
    struct crun_machine machine;
    crun_machine_begin(&machine, false);
    const char *id = sleeper(&machine, "while :; do echo line; sleep 0.01; done");
    const char *folder = arena_format(&machine.arena, "%s/logs/web", machine.folder);
    EXPECT(id != NULL);
    for (int i = 0; i < 3; i++) {
        crun_machine_run_us(&machine, 1100000); /* They are named by the second. */
        machine.runtime->operations->turn_logs(machine.runtime, 100, 2,
                                               crun_machine_call(&machine));
        crun_machine_wait(&machine);
    }
    crun_machine_run_us(&machine, 100000);
    EXPECT_EQ(count_files(folder), 2);
    EXPECT(strstr(crun_machine_text(&machine, arena_format(&machine.arena, "%s/0.log", folder)),
                  "line"));
    machine.runtime->operations->turn_logs(machine.runtime, 1 << 20, 2,
                                           crun_machine_call(&machine));
    crun_machine_wait(&machine);
    EXPECT_EQ(count_files(folder), 2);
    crun_machine_end(&machine);
}

TEST("what cannot be made leaves nothing and says why")
{
    struct crun_machine machine;
    struct sandbox_config pod = {0};
    struct container_config config;
    const char *const missing[] = {"/no/such/program", NULL};
    crun_machine_begin(&machine, true);
    const char *sandbox = crun_machine_sandbox(&machine, &pod);
    crun_machine_fill(&machine, &config, sandbox, "a", "true");
    config.argv = missing;
    EXPECT_TEXT(crun_machine_create(&machine, &config), NULL);
    EXPECT(strstr(machine.call.status.message, "/no/such/program"));
    crun_machine_fill(&machine, &config, sandbox, "a", "true");
    config.user = "nobody-here";
    EXPECT_TEXT(crun_machine_create(&machine, &config), NULL);
    EXPECT(strstr(machine.call.status.message, "unable to find user nobody-here"));
    config.user = "";
    config.image_id = "sha256:1111111111111111111111111111111111111111111111111111111111111111";
    EXPECT_TEXT(crun_machine_create(&machine, &config), NULL);
    EXPECT(!status_ok(&machine.call.status));
    crun_machine_fill(&machine, &config, "no-sandbox", "a", "true");
    EXPECT_TEXT(crun_machine_create(&machine, &config), NULL);
    EXPECT_EQ(machine.call.status.reason, STATUS_NOT_FOUND);
    crun_machine_list(&machine);
    EXPECT_EQ(machine.call.list.run_count, 0);
    crun_machine_remove(&machine, "no-container");
    crun_machine_remove_sandbox(&machine, "no-sandbox");
    crun_machine_end(&machine);
}
