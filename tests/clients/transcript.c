/* Transcripts: what a person types, and what the real program answers.
 *
 * Each tests/clients/NAME.story is a test. Its first line is the sentence that
 * must hold. Lines that start with two blanks are commands and what they print:
 *
 *     @ up --no-agent --virtual-nodes 1     how the server is started; else "server"
 *
 *       $ kubectl apply -f - <<END          a command, in a shell of its own
 *       > kind: ConfigMap                   more of it
 *       > END
 *       configmap/a created                 its output, stdout and stderr; see pattern.h
 *       [1]                                 its exit code, when it is not 0
 *
 * Blank lines inside an output belong to it; everything else is prose. Two
 * more directives: "@ needs VARIABLE why" skips where an environment variable
 * is not set, and "@ kill" ends the server as a crash would and starts it again
 * at the same address. Commands run in an empty folder of the story's own, and
 * know the words of prelude.sh. */
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/file.h"
#include "tests/clients/pattern.h"
#include "tests/harness/real_server.h"

enum { LIMIT_SECONDS = 120, LINES_MAX = 4000, ADDRESS_MAX = 64 };

struct story {
    const char *path;
    struct slice lines[LINES_MAX];
    size_t count;
    size_t at; /* The next line. */
    struct real_server server;
    char start[256]; /* "up --no-agent" */
    bool started;
};

static const char prelude[] = ". \"$CORACLE_DATA/clients/prelude.sh\"\n";

static size_t cut_lines(struct slice text, struct slice *lines)
{
    size_t count = 0;
    if (slice_ends_with(text, SLICE("\n")))
        text.size--;
    if (text.size == 0)
        return 0;
    while (count < LINES_MAX && slice_split(&text, '\n', &lines[count]))
        count++;
    return count;
}

/* The server. */

static void start_server(struct story *story)
{
    if (story->started)
        return;
    char *arguments = story->start + strcspn(story->start, " ");
    if (*arguments)
        *arguments++ = '\0';
    real_server_start(&story->server, story->start, arguments);
    story->started = true;
}

/* As a crash: nothing is said goodbye to, and clients find it where it was. */
static void kill_server(struct story *story)
{
    char listen[ADDRESS_MAX + 16];
    start_server(story);
    (void)snprintf(listen, sizeof(listen), "--listen %s", story->server.address);
    real_server_kill(&story->server, SIGKILL);
    real_server_restart(&story->server, story->start, listen);
}

static void obey(struct story *story, struct slice line)
{
    struct slice word;
    (void)slice_split(&line, ' ', &word);
    if (slice_is(word, "needs")) {
        char *variable = mem_copy_slice(slice_sub(line, 0, (size_t)slice_find(line, ' ')));
        if (!getenv(variable))
            SKIP(mem_copy_slice(slice_sub(line, strlen(variable) + 1, line.size)));
        mem_free(variable);
    } else if (slice_is(word, "kill")) {
        kill_server(story);
    } else {
        EXPECT(!story->started);
        (void)snprintf(story->start, sizeof(story->start), SLICE_FORMAT " " SLICE_FORMAT,
                       SLICE_ARGS(word), SLICE_ARGS(line));
    }
}

/* Commands. */

static bool is_more(const struct story *story)
{
    return story->at < story->count && (slice_is(story->lines[story->at], "  >") ||
                                        slice_starts_with(story->lines[story->at], SLICE("  > ")));
}

static char *read_command(struct story *story)
{
    struct buffer script = {0};
    buffer_append_text(&script, prelude);
    do {
        struct slice line = story->lines[story->at++];
        buffer_append_slice(&script, slice_sub(line, 4, line.size));
        buffer_append_byte(&script, '\n');
    } while (is_more(story));
    return buffer_take(&script);
}

/* The output ends at prose, at the next command, or at the end. */
static size_t read_expected(struct story *story, struct slice *expected)
{
    size_t count = 0, blank = 0;
    for (; story->at < story->count; story->at++) {
        struct slice line = story->lines[story->at];
        if (line.size == 0) {
            blank++;
            continue;
        }
        if (!slice_starts_with(line, SLICE("  ")) || slice_starts_with(line, SLICE("  $ ")))
            break;
        for (; blank > 0; blank--)
            expected[count++] = SLICE("");
        expected[count++] = slice_sub(line, 2, line.size);
    }
    return count;
}

/* Takes "[1]" off the end. */
static int take_exit_code(const struct slice *expected, size_t *count)
{
    int64_t code = 0;
    if (*count == 0)
        return 0;
    struct slice last = expected[*count - 1];
    if (last.size < 3 || last.data[0] != '[' || last.data[last.size - 1] != ']' ||
        !slice_to_int64(slice_sub(last, 1, last.size - 1), &code))
        return 0;
    (*count)--;
    return (int)code;
}

static void say_difference(const struct story *story, size_t line, const struct slice *expected,
                           size_t count, size_t reached)
{
    struct buffer text = {0};
    buffer_format(&text, "  $ " SLICE_FORMAT "\n",
                  SLICE_ARGS(slice_sub(story->lines[line], 4, story->lines[line].size)));
    struct slice rest = buffer_slice(&story->server.output), one;
    while (slice_split(&rest, '\n', &one))
        buffer_format(&text, "  " SLICE_FORMAT "\n", SLICE_ARGS(one));
    buffer_format(&text, "exit code %d. The output is not what is written there, from ",
                  story->server.code);
    if (reached < count)
        buffer_format(&text, "\"" SLICE_FORMAT "\" on", SLICE_ARGS(expected[reached]));
    else
        buffer_append_text(&text, "its end on, or the exit code");
    test_fail(story->path, (int)line + 1, "\n%s", text.data);
}

static void run_command(struct story *story)
{
    static struct slice expected[LINES_MAX], actual[LINES_MAX];
    size_t line = story->at, reached;
    start_server(story);
    char *script = read_command(story);
    size_t count = read_expected(story, expected);
    int code = take_exit_code(expected, &count);
    real_run(&story->server, "%s", script);
    size_t actual_count = cut_lines(buffer_slice(&story->server.output), actual);
    while (actual_count > 0 && slice_trim(actual[actual_count - 1]).size == 0)
        actual_count--;
    bool same = pattern_matches(expected, count, actual, actual_count, &reached);
    if (!same || story->server.code != code)
        say_difference(story, line, expected, count, reached);
    mem_free(script);
}

static void run_story(void)
{
    static struct story story;
    struct buffer text = {0};
    struct status status = {0};
    story = (struct story){.path = test_current()->file, .start = "server", .at = 1};
    if (file_read(test_current()->data, &text, &status))
        test_fail(story.path, 1, "cannot be read");
    story.count = cut_lines(buffer_slice(&text), story.lines);
    while (story.at < story.count) {
        struct slice line = story.lines[story.at];
        if (slice_starts_with(line, SLICE("  $ "))) {
            run_command(&story);
            continue;
        }
        if (slice_starts_with(line, SLICE("  ")))
            test_fail(story.path, (int)story.at + 1, "an output without a command");
        if (slice_starts_with(line, SLICE("@ ")))
            obey(&story, slice_sub(line, 2, line.size));
        story.at++;
    }
    if (story.started)
        real_server_stop(&story.server);
    buffer_release(&text);
}

/* Registration: the file is the row. */

static void add_story(const char *folder, const char *name)
{
    struct buffer path = {0}, text = {0}, file = {0};
    struct status status = {0};
    buffer_format(&path, "%s/%s", folder, name);
    buffer_format(&file, "tests/clients/%s", name);
    if (file_read(path.data, &text, &status) == 0) {
        struct test *test = mem_alloc(sizeof(*test));
        struct slice rest = buffer_slice(&text), sentence = {0};
        (void)slice_split(&rest, '\n', &sentence);
        *test = (struct test){.name = mem_copy_slice(sentence),
                              .file = buffer_take(&file),
                              .line = 1,
                              .limit_seconds = LIMIT_SECONDS,
                              .run = run_story,
                              .data = buffer_take(&path)};
        test_register(test);
    }
    buffer_release(&path);
    buffer_release(&file);
    buffer_release(&text);
}

__attribute__((constructor)) static void add_stories(void)
{
    char folder[512];
    const char *data = getenv("CORACLE_DATA");
    (void)snprintf(folder, sizeof(folder), "%s/clients", data ? data : "");
    DIR *dir = data ? opendir(folder) : NULL;
    if (!dir)
        return; /* Not run by the build's test step. */
    for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir))
        if (slice_ends_with(slice_of(entry->d_name), SLICE(".story")))
            add_story(folder, entry->d_name);
    closedir(dir);
}
