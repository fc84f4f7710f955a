#include "cli/command.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buffer.h"
#include "core/check.h"

#define COMMAND(name) extern const struct command command_##name;
#include "generated/commands.h"
#undef COMMAND

const struct command *const commands[] = {
#define COMMAND(name) &command_##name,
#include "generated/commands.h"
#undef COMMAND
    NULL,
};

const struct command *command_find(const char *name)
{
    for (size_t i = 0; commands[i]; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

static int flag_place(const struct command *command, const char *name)
{
    for (int i = 0; command->flags && command->flags[i].name; i++)
        if (strcmp(command->flags[i].name, name) == 0)
            return i;
    UNREACHABLE("a flag that is not in the command's table");
}

const char *flag_text(const struct command_line *line, const char *name)
{
    return line->values[flag_place(line->command, name)];
}

bool flag_is_on(const struct command_line *line, const char *name)
{
    const char *text = flag_text(line, name);
    return text && strcmp(text, "false") != 0;
}

bool flag_number(const struct command_line *line, const char *name, int64_t otherwise, int64_t min,
                 int64_t max, int64_t *number)
{
    const char *text = flag_text(line, name);
    *number = otherwise;
    if (!text)
        return true;
    if (slice_to_int64(slice_of(text), number) && *number >= min && *number <= max)
        return true;
    usage_error(line->command, "--%s takes a whole number from %lld to %lld, not \"%s\"", name,
                (long long)min, (long long)max, text);
    return false;
}

int usage_error(const struct command *command, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "coracle%s%s: ", command ? " " : "", command ? command->name : "");
    vfprintf(stderr, format, arguments);
    fprintf(stderr, "\nSee 'coracle%s%s --help'.\n", command ? " " : "",
            command ? command->name : "");
    va_end(arguments);
    return EXIT_USAGE;
}

static void print_flag(const struct flag *flag)
{
    char left[64];
    snprintf(left, sizeof(left), "%c%c%s--%s%s%s", flag->letter ? '-' : ' ',
             flag->letter ? flag->letter : ' ', flag->letter ? ", " : "  ", flag->name,
             flag->value ? " " : "", flag->value ? flag->value : "");
    printf("  %-34s %s\n", left, flag->help);
}

void command_print_help(const struct command *command)
{
    printf("%s\n\nUsage: coracle %s%s%s%s\n", command->summary, command->name,
           command->flags ? " [flags]" : "", *command->arguments ? " " : "", command->arguments);
    if (command->details)
        printf("\n%s\n", command->details);
    if (command->flags)
        printf("\nFlags:\n");
    for (const struct flag *flag = command->flags; flag && flag->name; flag++)
        print_flag(flag);
}
