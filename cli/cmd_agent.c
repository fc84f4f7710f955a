/* coracle agent: one node, joined to a server, in the foreground. */
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "cli/agent_process.h"
#include "cli/command.h"
#include "cli/server_process.h"
#include "core/kinds/bootstrap_token.h"
#include "core/trace.h"

static const struct flag flags[] = {
    {"server", 0, "URL", "The server: https://HOST:PORT"},
    {"token", 0, "TOKEN",
     "Of `coracle token create`, for the first start; it proves the server too"},
    {"data-dir", 0, "DIR", "All state (default /var/lib/coracle)"},
    {"node-name", 0, "NAME", "The node's (default: the machine's host name)"},
    {"node-ip", 0, "ADDR", "The node's address (default: the one that reaches the server)"},
    {"pod-range", 0, "CIDR", "Addresses of its pods (default: a /24 of 10.244.0.0/16 by its name)"},
    {"registries", 0, "FILE", "How to reach image registries"},
    {"max-pods", 0, "N", "How many pods it takes (default 110)"},
    {"with-parent", 0, "PID", "End when this process, which has started it, ends"},
    {"allow-host-image", 0, NULL, "Pods may use coracle.local/host: this machine's own /usr"},
    {NULL, 0, NULL, NULL},
};

struct agent_run {
    struct loop *loop;
    struct agent_process *agent;
    uint8_t ca_hash[SHA256_SIZE];
    char token[BOOTSTRAP_TOKEN_ID_SIZE + BOOTSTRAP_TOKEN_SECRET_SIZE + 2];
    bool is_stopping;
};

static void read_hex(const char *hex, uint8_t bytes[SHA256_SIZE])
{
    for (size_t i = 0; i < SHA256_SIZE; i++) {
        unsigned value = 0;
        for (size_t j = 0; j < 2; j++) {
            char digit = hex[i * 2 + j];
            value = value * 16 + (unsigned)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
        }
        bytes[i] = (uint8_t)value;
    }
}

static int read_token(const struct command_line *line, struct agent_run *run,
                      struct agent_process_options *options)
{
    struct bootstrap_token token;
    const char *text = flag_text(line, "token");
    if (!text)
        return EXIT_GOOD;
    if (!bootstrap_token_parse(slice_of(text), &token) || !*token.ca_hash)
        return usage_error(line->command, "--token takes what `coracle token create` prints: "
                                          "ID.SECRET@sha256:HASH");
    snprintf(run->token, sizeof(run->token), "%s.%s", token.id, token.secret);
    read_hex(token.ca_hash, run->ca_hash);
    options->token = run->token;
    options->ca_key_sha256 = run->ca_hash;
    return EXIT_GOOD;
}

static int read_flags(const struct command_line *line, struct agent_run *run,
                      struct agent_process_options *options)
{
    options->server = flag_text(line, "server");
    if (!options->server)
        return usage_error(line->command, "--server URL says where to join");
    if (!flag_number(line, "max-pods", 0, 1, 10000, &options->pods_max))
        return EXIT_USAGE;
    options->data_dir = flag_text(line, "data-dir");
    if (!options->data_dir)
        options->data_dir = default_data_dir();
    options->node_name = flag_text(line, "node-name");
    options->node_ip = flag_text(line, "node-ip");
    options->pod_range = flag_text(line, "pod-range");
    options->registries = flag_text(line, "registries");
    options->allows_host_image = flag_is_on(line, "allow-host-image");
    return read_token(line, run, options);
}

/* As `up` starts it: where the server goes, the agent goes. */
static int follow_parent(const struct command_line *line)
{
    int64_t parent;
    if (!flag_number(line, "with-parent", 0, 1, INT32_MAX, &parent))
        return EXIT_USAGE;
    if (parent == 0)
        return EXIT_GOOD;
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    return getppid() == (pid_t)parent ? EXIT_GOOD : EXIT_FAILED; /* It has gone already. */
}

static void stopped(void *context)
{
    loop_stop(((struct agent_run *)context)->loop);
}

static void stop(void *context, int number)
{
    struct agent_run *run = context;
    if (run->is_stopping)
        return;
    run->is_stopping = true;
    log_line(LOG_INFO, "stopping; pods go on", "signal=%d", number);
    agent_process_stop(run->agent, stopped, run);
}

static int run_agent(const struct command_line *line)
{
    struct agent_process_options options = {0};
    struct agent_run run = {0};
    struct status status;
    int code = read_flags(line, &run, &options);
    if (code)
        return code;
    if (line->argument_count > 0)
        return usage_error(line->command, "it takes no argument \"%s\"", line->arguments[0]);
    code = follow_parent(line);
    if (code)
        return code;
    status_init(&status);
    run.loop = loop_create(1);
    if (agent_process_start(run.loop, &options, &run.agent, &status)) {
        fprintf(stderr, "coracle agent: %s\n", status.message);
        code = EXIT_FAILED;
    } else {
        log_line(LOG_INFO, "agent starts", "node=%s server=%s", agent_process_node_name(run.agent),
                 options.server);
        loop_on_signal(run.loop, SIGINT, stop, &run);
        loop_on_signal(run.loop, SIGTERM, stop, &run);
        loop_run(run.loop);
    }
    loop_destroy(run.loop);
    status_release(&status);
    return code;
}

const struct command command_agent = {
    .name = "agent",
    .arguments = "",
    .summary = "Run the pods of one node, joined to a server, in the foreground",
    .flags = flags,
    .run = run_agent,
};
