/* A subcommand is a row: cli/cmd_<name>.c. What it takes is data, so that help,
 * completion and "did you mean" come from one table. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Exit codes, the same for all commands. */
enum { EXIT_GOOD = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

struct flag {
    const char *name;  /* "data-dir": given as --data-dir DIR or --data-dir=DIR. */
    char letter;       /* 'n' for -n; 0: none. */
    const char *value; /* "DIR"; NULL: a switch, --name or --name=false. */
    const char *help;
};

struct command_line;

struct command {
    const char *name;
    const char *arguments;    /* "POD|PODGROUP|WORKLOAD"; "" when there are none. */
    const char *summary;      /* One line. */
    const char *details;      /* More lines for --help; NULL: none. */
    const struct flag *flags; /* Ends with name NULL; NULL: none but --help. */
    int (*run)(const struct command_line *line); /* Returns an exit code. */
};

enum { FLAGS_MAX = 48, REPEATS_MAX = 64 };

struct command_line {
    const struct command *command;
    const char *values[FLAGS_MAX]; /* By the flag's place; NULL: not given; switches: "true". */
    const char *const *arguments;  /* Ends with NULL. */
    int argument_count;
    const char *const *rest;       /* Behind "--"; NULL: there was none. */
};

/* The last value of a flag, or NULL. The flag must be in the command's table. */
const char *flag_text(const struct command_line *line, const char *name);
bool flag_is_on(const struct command_line *line, const char *name);
/* A whole number; false, and says so on stderr, when it is none or out of range. */
bool flag_number(const struct command_line *line, const char *name, int64_t otherwise, int64_t min,
                 int64_t max, int64_t *number);

/* "coracle up: text" on stderr, with the hint how to get help; EXIT_USAGE. */
__attribute__((format(printf, 2, 3))) int usage_error(const struct command *command,
                                                      const char *format, ...);

/* All rows, in order of name; ends with NULL. */
extern const struct command *const commands[];
const struct command *command_find(const char *name);
void command_print_help(const struct command *command);

#endif
