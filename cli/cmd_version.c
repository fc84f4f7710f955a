#include <stdio.h>

#include "cli/command.h"
#include "core/version.h"

static int run(const struct command_line *line)
{
    (void)line;
    printf("coracle %s (Kubernetes API %s)\n", CORACLE_VERSION, KUBERNETES_VERSION);
    return EXIT_GOOD;
}

const struct command command_version = {
    .name = "version",
    .arguments = "",
    .summary = "Print the version",
    .run = run,
};
