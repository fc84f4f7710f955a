/* coracle kyaml: YAML and JSON into KYAML, comments kept, and a check for YAML
 * that means something else than it looks like. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/command.h"
#include "cli/diff.h"
#include "core/file.h"
#include "core/kyaml.h"
#include "core/kyaml_check.h"

static const struct flag flags[] = {
    {"check", 'c', NULL, "Only name what is ambiguous, as FILE:LINE:COLUMN: WHAT; exit 1 if any"},
    {"diff", 'd', NULL, "Only show what would change; exit 1 if anything"},
    {"explain", 0, NULL, "With --check also say why and what to do; alone list all traps"},
    {"write", 'w', NULL, "Write each file in place instead of to stdout"},
    {NULL, 0, NULL, NULL},
};

/* Reading. */

static int read_stdin(struct buffer *bytes, struct status *status)
{
    char block[16384];
    for (size_t size; (size = fread(block, 1, sizeof(block), stdin)) > 0;)
        buffer_append(bytes, block, size);
    if (ferror(stdin))
        return status_fail(status, STATUS_INTERNAL_ERROR, "read stdin: %s", strerror(errno));
    return 0;
}

static bool is_stdin(const char *path)
{
    return strcmp(path, "-") == 0;
}

static const char *name_of(const char *path)
{
    return is_stdin(path) ? "stdin" : path;
}

static void complain(const char *path, struct yaml_position at, const char *what)
{
    fprintf(stderr, "coracle kyaml: %s", name_of(path));
    if (at.line)
        fprintf(stderr, ":%u:%u", at.line, at.column);
    fprintf(stderr, ": %s\n", what);
}

/* Rewriting. */

/* A part without a value and without comments: clients skip it. */
static bool is_empty(const struct yaml_document *document)
{
    return !document->is_json && json_is(document->root, JSON_NULL) &&
           yaml_note_of(document, document->root) == NULL && document->foot.first == NULL;
}

/* What would get lost is an error or, where a client loses it too, a warning. */
static int check_loss(const char *path, const struct yaml_document *document)
{
    for (const struct yaml_duplicate *d = document->duplicates; d; d = d->next) {
        char text[512];
        snprintf(text, sizeof(text), "warning: %s is given again, and the last one is read",
                 d->path);
        if (!d->merged)
            complain(path, d->at, text);
    }
    if (document->ignored_at.line == 0)
        return 0;
    complain(path, document->ignored_at,
             "what follows \"...\" is dropped by clients; put \"---\" before a new document");
    return -1;
}

static int rewrite(const char *path, struct slice text, struct buffer *kyaml)
{
    struct arena arena;
    struct status status;
    arena_init(&arena);
    status_init(&status);
    struct yaml_stream stream;
    struct yaml_document document;
    struct yaml_options options = {.notes = true};
    struct kyaml_options print = {.document = &document};
    yaml_stream_init(&stream, text);
    int result;
    int failed = 0;
    while (!failed &&
           (result = yaml_stream_next(&stream, &arena, &options, &document, &status)) != 0) {
        if (result < 0) {
            complain(path, document.at, status.message);
            failed = -1;
        } else if (!is_empty(&document)) {
            failed = check_loss(path, &document);
            if (!failed && kyaml_print_document(document.root, &print, kyaml)) {
                complain(path, document.at, "the document is too large when it is indented");
                failed = -1;
            }
        }
        arena_reset(&arena);
    }
    status_release(&status);
    arena_release(&arena);
    return failed;
}

/* In place: the file itself behind a link, with the rights that it has. */
static int write_back(const char *path, struct slice kyaml, struct status *status)
{
    struct stat info;
    char *file = realpath(path, NULL);
    int failed = file == NULL || stat(file, &info)
                     ? status_fail(status, STATUS_INTERNAL_ERROR, "%s", strerror(errno))
                     : file_write(file, info.st_mode & 07777, kyaml, status);
    free(file);
    return failed;
}

static int put_diff(const char *path, struct slice text, struct slice kyaml)
{
    struct buffer changes = {0};
    struct buffer new_name = {0};
    buffer_format(&new_name, "%s.kyaml", name_of(path));
    diff_print(name_of(path), new_name.data, text, kyaml, &changes);
    if (changes.size > 0)
        fwrite(changes.data, 1, changes.size, stdout);
    int code = changes.size > 0 ? EXIT_FAILED : EXIT_GOOD;
    buffer_release(&changes);
    buffer_release(&new_name);
    return code;
}

static int convert(const struct command_line *line, const char *path, struct slice text,
                   struct status *status)
{
    struct buffer kyaml = {0};
    int code = EXIT_GOOD;
    if (rewrite(path, text, &kyaml)) {
        code = EXIT_FAILED;
    } else if (flag_is_on(line, "diff")) {
        code = put_diff(path, text, buffer_slice(&kyaml));
    } else if (!flag_is_on(line, "write")) {
        if (kyaml.size > 0)
            fwrite(kyaml.data, 1, kyaml.size, stdout);
    } else if (!slice_equal(text, buffer_slice(&kyaml)) &&
               write_back(path, buffer_slice(&kyaml), status)) {
        complain(path, (struct yaml_position){0, 0}, status->message);
        code = EXIT_FAILED;
    }
    buffer_release(&kyaml);
    return code;
}

/* Checking. */

static int check(const char *path, struct slice text, bool explained[KYAML_TRAP_COUNT])
{
    struct arena arena;
    arena_init(&arena);
    const struct kyaml_finding *findings = kyaml_check(&arena, text);
    for (const struct kyaml_finding *f = findings; f; f = f->next) {
        printf("%s:%u:%u: %s\n", name_of(path), f->at.line, f->at.column, f->message);
        explained[f->trap] = true;
    }
    arena_release(&arena);
    return findings ? EXIT_FAILED : EXIT_GOOD;
}

/* The explanations of some traps, of all when which is NULL. */
static void explain(const bool *which)
{
    for (int i = 0; i < KYAML_TRAP_COUNT; i++) {
        enum kyaml_trap trap = (enum kyaml_trap)i;
        if (which == NULL || which[i])
            printf("%s\n    %s\n", kyaml_trap_name(trap), kyaml_trap_explanation(trap));
    }
}

/* The command. */

static int run_file(const struct command_line *line, const char *path,
                    bool explained[KYAML_TRAP_COUNT])
{
    struct buffer text = {0};
    struct status status;
    status_init(&status);
    int code;
    if (is_stdin(path) ? read_stdin(&text, &status) : file_read(path, &text, &status)) {
        complain(path, (struct yaml_position){0, 0}, status.message);
        code = EXIT_FAILED;
    } else if (flag_is_on(line, "check")) {
        code = check(path, buffer_slice(&text), explained);
    } else {
        code = convert(line, path, buffer_slice(&text), &status);
    }
    status_release(&status);
    buffer_release(&text);
    return code;
}

static int check_usage(const struct command_line *line)
{
    bool write = flag_is_on(line, "write");
    if (write + flag_is_on(line, "diff") + flag_is_on(line, "check") > 1)
        return usage_error(line->command, "--write, --diff and --check exclude one another");
    bool from_stdin = line->argument_count == 0;
    for (int i = 0; i < line->argument_count; i++)
        from_stdin |= is_stdin(line->arguments[i]);
    if (write && from_stdin)
        return usage_error(line->command, "--write needs files, stdin cannot be written");
    return EXIT_GOOD;
}

static int run(const struct command_line *line)
{
    static const char *const from_stdin[] = {"-", NULL};
    bool explained[KYAML_TRAP_COUNT] = {false};
    int code = check_usage(line);
    if (code != EXIT_GOOD)
        return code;
    if (flag_is_on(line, "explain") && !flag_is_on(line, "check")) {
        explain(NULL);
        return EXIT_GOOD;
    }
    for (const char *const *path = line->argument_count ? line->arguments : from_stdin; *path;
         path++) {
        int file_code = run_file(line, *path, explained);
        code = code == EXIT_GOOD ? file_code : code;
    }
    if (flag_is_on(line, "explain"))
        explain(explained);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        complain("stdout", (struct yaml_position){0, 0}, strerror(errno));
        code = EXIT_FAILED;
    }
    return code;
}

const struct command command_kyaml = {
    .name = "kyaml",
    .arguments = "[FILE...]",
    .summary = "Print YAML or JSON as KYAML, or check it for what is ambiguous",
    .details = "KYAML is the strict dialect of YAML that `kubectl -o kyaml` prints. Values are\n"
               "those that kubectl would read, comments and the order of keys are kept.\n"
               "Without FILE, or with -, it reads standard input.\n"
               "\n"
               "  coracle kyaml deployment.yaml\n"
               "  coracle kyaml --write manifests/*.yaml\n"
               "  coracle kyaml --check --explain manifests/*.yaml",
    .flags = flags,
    .run = run,
};
