/* coracle server: the control plane alone. */
#include "cli/serve.h"

static const struct flag flags[] = {SERVE_FLAGS, {NULL, 0, NULL, NULL}};

static int run(const struct command_line *line)
{
    struct server_process_options options = {0};
    int code = serve_read_flags(line, &options);
    if (code)
        return code;
    if (line->argument_count > 0)
        return usage_error(line->command, "it takes no argument \"%s\"", line->arguments[0]);
    return serve(line, &options, NULL);
}

const struct command command_server = {
    .name = "server",
    .arguments = "",
    .summary = "Serve the control plane alone, in the foreground",
    .flags = flags,
    .run = run,
};
