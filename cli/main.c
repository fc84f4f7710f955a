/* The one main(): picks a subcommand and reads its command line by its table. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "core/buffer.h"

/* --- Nearest neighbours --- */

enum { WORD_MAX = 40 };

/* Levenshtein's distance of two short words. */
static size_t distance(const char *a, const char *b)
{
    size_t size = strlen(b);
    size_t row[WORD_MAX + 1];
    if (size > WORD_MAX)
        return size;
    for (size_t j = 0; j <= size; j++)
        row[j] = j;
    for (size_t i = 1; *a; a++, i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= size; j++) {
            size_t above = row[j];
            size_t best = diagonal + (*a != b[j - 1]);
            best = above + 1 < best ? above + 1 : best;
            row[j] = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
            diagonal = above;
        }
    }
    return row[size];
}

struct nearest {
    const char *word;
    const char *name;
    size_t distance;
};

static void consider(struct nearest *nearest, const char *name)
{
    size_t d = distance(nearest->word, name);
    if (!nearest->name || d < nearest->distance) {
        nearest->name = name;
        nearest->distance = d;
    }
}

/* --- One command's line --- */

struct reader {
    const struct command *command;
    struct command_line line;
    const char **arguments;
};

static int flag_count(const struct command *command)
{
    int count = 0;
    while (command->flags && command->flags[count].name)
        count++;
    return count;
}

static int find_long(const struct command *command, const char *name, size_t size)
{
    for (int i = 0; i < flag_count(command); i++)
        if (strlen(command->flags[i].name) == size &&
            memcmp(command->flags[i].name, name, size) == 0)
            return i;
    return -1;
}

static int find_letter(const struct command *command, char letter)
{
    for (int i = 0; i < flag_count(command); i++)
        if (command->flags[i].letter == letter)
            return i;
    return -1;
}

static int unknown_flag(const struct command *command, const char *word)
{
    char name[WORD_MAX];
    snprintf(name, sizeof(name), "%.*s", (int)strcspn(word, "="), word);
    struct nearest nearest = {.word = name + strspn(name, "-")};
    for (int i = 0; i < flag_count(command); i++)
        consider(&nearest, command->flags[i].name);
    consider(&nearest, "help");
    return usage_error(command, "unknown flag %s; the nearest is --%s", name, nearest.name);
}

/* Reads one flag at argv[*at]; moves *at over its value. */
static int read_flag(struct reader *reader, char **argv, int argc, int *at)
{
    char *word = argv[*at];
    bool is_long = word[1] == '-';
    const char *name = word + (is_long ? 2 : 1);
    size_t size = strcspn(name, "=");
    const char *value = name[size] == '=' ? name + size + 1 : NULL;
    int place =
        is_long ? find_long(reader->command, name, size) : find_letter(reader->command, *name);
    if (place < 0)
        return unknown_flag(reader->command, word);
    const struct flag *flag = &reader->command->flags[place];
    if (!is_long && name[1] != '\0' && !value)
        value = name + 1; /* -nNAME */
    if (!flag->value) {
        reader->line.values[place] = value ? value : "true";
        return EXIT_GOOD;
    }
    if (!value && *at + 1 < argc)
        value = argv[++*at];
    if (!value)
        return usage_error(reader->command, "--%s needs a value: %s", flag->name, flag->value);
    reader->line.values[place] = value;
    return EXIT_GOOD;
}

static int read_line(struct reader *reader, char **argv, int argc)
{
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "--") == 0) {
            reader->line.rest = (const char *const *)&argv[i + 1];
            break;
        }
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            command_print_help(reader->command);
            exit(EXIT_GOOD);
        }
        if (argv[i][0] != '-' || argv[i][1] == '\0') {
            reader->arguments[reader->line.argument_count++] = argv[i];
            continue;
        }
        int failed = read_flag(reader, argv, argc, &i);
        if (failed)
            return failed;
    }
    return EXIT_GOOD;
}

static int run(const struct command *command, char **argv, int argc)
{
    struct reader reader = {.command = command};
    reader.arguments = mem_alloc(sizeof(char *) * ((size_t)argc + 1));
    reader.line.command = command;
    reader.line.arguments = reader.arguments;
    int code = read_line(&reader, argv, argc);
    if (code == EXIT_GOOD)
        code = command->run(&reader.line);
    mem_free(reader.arguments);
    return code;
}

static int print_help(void)
{
    printf("Coracle: a Kubernetes control plane that one person can carry.\n\n"
           "Usage: coracle COMMAND [flags] [arguments]\n\nCommands:\n");
    for (size_t i = 0; commands[i]; i++)
        printf("  %-12s %s\n", commands[i]->name, commands[i]->summary);
    printf("\n'coracle COMMAND --help' tells more about one.\n");
    return EXIT_GOOD;
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0)
        return argc < 2 ? (print_help(), EXIT_USAGE) : print_help();
    const struct command *command = command_find(argv[1]);
    if (command)
        return run(command, argv + 2, argc - 2);
    struct nearest nearest = {.word = argv[1]};
    for (size_t i = 0; commands[i]; i++)
        consider(&nearest, commands[i]->name);
    return usage_error(NULL, "unknown command \"%s\"; the nearest is \"%s\"", argv[1],
                       nearest.name ? nearest.name : "help");
}
