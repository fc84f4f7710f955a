/* coracle down: ends what an agent has left running on this machine, and clears it away. */
#include <signal.h>
#include <stdio.h>

#include "cli/agent_process.h"
#include "cli/command.h"
#include "cli/server_process.h"
#include "core/file.h"
#include "core/net/program.h"
#include "core/trace.h"
#include "kubelet-lite/network_rules.h"

static const struct flag flags[] = {
    {"data-dir", 0, "DIR", "Whose (default /var/lib/coracle)"},
    {NULL, 0, NULL, NULL},
};

struct down {
    struct loop *loop;
    struct agent_process *agent;
    struct program nft;
    char *folder;
    int code;
};

/* Images stay, and who the node is; what was of pods goes. */
static void remove_folders(struct down *down)
{
    static const char *const names[] = {"containers", "sandboxes", "exits", "crun",
                                        "pods",       "desired",   "logs"};
    struct buffer path = {0};
    struct status status;
    status_init(&status);
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        buffer_clear(&path);
        buffer_format(&path, "%s/agent/%s", down->folder, names[i]);
        if (folder_remove(path.data, &status) == 0)
            continue;
        fprintf(stderr, "coracle down: %s\n", status.message);
        down->code = EXIT_FAILED;
        status_clear(&status);
    }
    buffer_release(&path);
    status_release(&status);
}

static void stopped(void *context)
{
    struct down *down = context;
    down->agent = NULL;
    remove_folders(down);
    loop_stop(down->loop);
}

static void rules_removed(struct program *program)
{
    struct down *down = CONTAINER_OF(program, struct down, nft);
    program_release(program); /* There may have been none. */
    agent_process_stop(down->agent, stopped, down);
}

static void all_ended(void *context)
{
    static const char *const argv[] = {"nft", "delete", "table", "ip", NETWORK_RULES_TABLE, NULL};
    struct down *down = context;
    struct program_options options = {.argv = argv, .timeout_us = INT64_C(10000000)};
    program_run(&down->nft, down->loop, &options, rules_removed);
}

static int run(const struct command_line *line)
{
    struct down down = {.code = EXIT_GOOD};
    struct status status;
    if (line->argument_count > 0)
        return usage_error(line->command, "it takes no argument \"%s\"", line->arguments[0]);
    const char *given = flag_text(line, "data-dir");
    down.folder = given ? mem_copy_text(given) : default_data_dir();
    status_init(&status);
    log_set_level(LOG_WARN);
    down.loop = loop_create(1);
    struct agent_process_options options = {
        .data_dir = down.folder,
        .server = "https://127.0.0.1:6443", /* Never asked. */
        .all_ended = all_ended,
        .context = &down,
    };
    if (agent_process_start(down.loop, &options, &down.agent, &status)) {
        fprintf(stderr, "coracle down: %s\n", status.message);
        down.code = EXIT_FAILED;
    } else {
        loop_run(down.loop);
    }
    loop_destroy(down.loop);
    status_release(&status);
    mem_free(down.folder);
    return down.code;
}

const struct command command_down = {
    .name = "down",
    .arguments = "",
    .summary = "End what an agent has left running on this machine, and clear it away",
    .details = "Containers, control groups, mounts, namespaces and network rules go; images stay.",
    .flags = flags,
    .run = run,
};
