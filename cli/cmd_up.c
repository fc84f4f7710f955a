/* coracle up: a cluster on this machine, in the foreground. */
#include "cli/own_agent.h"
#include "cli/serve.h"

#include <stdlib.h>

static const struct flag flags[] = {
    SERVE_FLAGS,
    {"virtual-nodes", 0, "N", "Nodes without a machine, virtual-0 to virtual-(N-1)"},
    {"virtual-node-shape", 0, "LIST",
     "What each has (default cpu=32,memory=256Gi,"
     "nvidia.com/gpu=8)"},
    {"time-scale", 0, "X", "Virtual pods live X times as fast (default 1)"},
    {"node-name", 0, "NAME", "Of this machine's node (default: its host name)"},
    {"pod-range", 0, "CIDR", "Addresses of its pods (default 10.244.0.0/24)"},
    {"registries", 0, "FILE", "How to reach image registries"},
    {"no-agent", 0, NULL, "Virtual nodes only; needs no root"},
    {NULL, 0, NULL, NULL},
};

static int read_flags(const struct command_line *line, struct server_process_options *options)
{
    if (!flag_number(line, "virtual-nodes", 0, 0, 20000, &options->virtual_nodes))
        return EXIT_USAGE;
    options->virtual_node_shape = flag_text(line, "virtual-node-shape");
    const char *scale = flag_text(line, "time-scale");
    char *end = NULL;
    options->time_scale = scale ? strtod(scale, &end) : 1;
    if (scale && (*end || options->time_scale <= 0))
        return usage_error(line->command, "--time-scale takes a positive number, not \"%s\"",
                           scale);
    return EXIT_GOOD;
}

static int run(const struct command_line *line)
{
    struct server_process_options options = {0};
    int code = serve_read_flags(line, &options);
    if (!code)
        code = read_flags(line, &options);
    if (code)
        return code;
    if (line->argument_count > 0)
        return usage_error(line->command, "it takes no argument \"%s\"", line->arguments[0]);
    struct own_agent_options agent = {
        .data_dir = options.data_dir,
        .node_name = flag_text(line, "node-name"),
        .pod_range = flag_text(line, "pod-range"),
        .registries = flag_text(line, "registries"),
    };
    return serve(line, &options, flag_is_on(line, "no-agent") ? NULL : &agent);
}

const struct command command_up = {
    .name = "up",
    .arguments = "",
    .summary = "Serve a cluster on this machine, in the foreground",
    .flags = flags,
    .run = run,
};
