/* What this machine can do, why not, and how to mend it. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/server_process.h"
#include "kubelet-lite/machine_check.h"

static const struct flag flags[] = {
    {"data-dir", 0, "DIR", "where the node keeps its state, or would"},
    {NULL, 0, NULL, NULL},
};

static int run(const struct command_line *line)
{
    static const char *const verdicts[] = {"ok", "lacks", "bad"};
    struct arena arena;
    size_t count;
    if (line->argument_count > 0)
        return usage_error(line->command, "it takes no argument");
    arena_init(&arena);
    const char *given = flag_text(line, "data-dir");
    char *directory = given ? mem_copy_text(given) : default_data_dir();
    const struct machine_finding *findings = machine_check(&arena, directory, &count);
    for (size_t i = 0; i < count; i++) {
        printf("%-6s %-16s %s\n", verdicts[findings[i].verdict], findings[i].subject,
               findings[i].seen);
        if (*findings[i].mend)
            printf("%-6s %-16s mend: %s\n", "", "", findings[i].mend);
    }
    const char *mode = machine_mode(findings, count);
    bool runs_containers = strcmp(mode, "virtual") != 0;
    printf("\n%s\n", runs_containers
                         ? "This machine can run containers."
                         : "This machine can have virtual nodes only, until what is bad "
                           "is mended.");
    mem_free(directory);
    arena_release(&arena);
    return runs_containers ? EXIT_GOOD : EXIT_FAILED;
}

const struct command command_doctor = {
    .name = "doctor",
    .arguments = "",
    .summary = "Say what this machine can do for a node, why not, and how to mend it",
    .details = "Exit code 0 when containers can run here, 1 when not. It changes nothing.",
    .flags = flags,
    .run = run,
};
