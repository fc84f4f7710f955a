/* Kills writers at random instants, and looks at what is left.
 *
 *     crash [--rounds N] [--seed S] [--folder DIR]
 *
 * Each round a child opens the store, tells what it finds, and writes; it is
 * killed with SIGKILL at some instant between its start and 200 ms of writing;
 * in every tenth round it runs out of memory, unless the kill comes before.
 * The file is never closed cleanly. The last line is
 * `rounds N lost 0 repeated 0 half 0`; the exit code is 0 if all are 0. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/random.h"
#include "tests/crash/crash.h"

struct driver {
    const char *path;
    struct crash_model *model;
    struct random_seeded random;
    bool is_ready;     /* The child has told what it found. */
    bool has_trouble;
    bool is_starving;  /* It is to run out of memory. */
    int64_t starved;   /* So many did, before they were killed. */
};

static void take_note(struct driver *driver, const struct crash_note *note)
{
    crash_model_take(driver->model, note);
    driver->is_ready |= note->kind == NOTE_READY;
    driver->has_trouble |= note->kind == NOTE_TROUBLE;
}

/* Reads what is there; false at the end. */
static bool read_notes(struct driver *driver, int pipe)
{
    struct crash_note notes[64];
    ssize_t size = read(pipe, notes, sizeof(notes));
    while (size > 0 && size % (ssize_t)sizeof(notes[0]) != 0) { /* A note was cut in the middle. */
        ssize_t more =
            read(pipe, (char *)notes + size, sizeof(notes[0]) - (size_t)size % sizeof(notes[0]));
        if (more <= 0)
            break;
        size += more;
    }
    for (ssize_t i = 0; i < size / (ssize_t)sizeof(notes[0]); i++)
        take_note(driver, &notes[i]);
    return size > 0;
}

/* Listens until the instant has come. One in eight kills counts from the start, so that some meet
 * the opening; the others from the first write. */
static void listen_until_kill(struct driver *driver, int pipe)
{
    bool early = random_below(&driver->random.random, 8) == 0;
    int64_t most_us = driver->is_starving ? 2000000 : early ? 30000 : 200000;
    int64_t delay_us = 1000 + (int64_t)random_below(&driver->random.random, (uint64_t)most_us);
    int64_t end_us = early ? clock_steady_us(clock_real()) + delay_us : 0;
    struct pollfd poller = {.fd = pipe, .events = POLLIN};
    for (;;) {
        int64_t left_us = end_us > 0 ? end_us - clock_steady_us(clock_real()) : 10000000;
        if (left_us <= 0)
            return;
        int events = poll(&poller, 1, (int)(left_us / 1000) + 1);
        if (events > 0 && !read_notes(driver, pipe))
            return;
        if (end_us == 0 && driver->is_ready)
            end_us = clock_steady_us(clock_real()) + delay_us;
        if (events == 0 && end_us == 0) {
            fprintf(stderr, "crash: the writers do not come up\n");
            exit(1);
        }
    }
}

static void run_round(struct driver *driver, int64_t round)
{
    int pipes[2];
    struct crash_orders orders = {.path = driver->path,
                                  .round = round,
                                  .seed = random_u64(&driver->random.random),
                                  .is_starved = round % 10 == 0};
    if (pipe(pipes) != 0)
        exit(1);
    driver->is_ready = false;
    driver->is_starving = orders.is_starved;
    crash_model_start(driver->model, round);
    pid_t child = fork();
    if (child == 0) {
        close(pipes[0]);
        orders.pipe = pipes[1];
        crash_write(&orders);
    }
    close(pipes[1]);
    listen_until_kill(driver, pipes[0]);
    kill(child, SIGKILL);
    while (read_notes(driver, pipes[0])) /* What it said before it died. */
        ;
    close(pipes[0]);
    int how;
    if (waitpid(child, &how, 0) != child)
        exit(1);
    driver->starved += !WIFSIGNALED(how) || WTERMSIG(how) != SIGKILL;
}

static int64_t number_after(int count, char **words, const char *name, int64_t otherwise)
{
    for (int i = 1; i + 1 < count; i++) {
        if (strcmp(words[i], name) == 0)
            return atoll(words[i + 1]);
    }
    return otherwise;
}

static const char *text_after(int count, char **words, const char *name, const char *otherwise)
{
    for (int i = 1; i + 1 < count; i++) {
        if (strcmp(words[i], name) == 0)
            return words[i + 1];
    }
    return otherwise;
}

static void remove_files(const char *folder, const char *path)
{
    char wal[600];
    snprintf(wal, sizeof(wal), "%s-wal", path);
    unlink(path);
    unlink(wal);
    rmdir(folder);
}

/* Every word must be known, so that a slip does not run a lesser test. */
static bool is_usage(int count, char **words)
{
    for (int i = 1; i < count; i += 2) {
        bool is_known = strcmp(words[i], "--rounds") == 0 || strcmp(words[i], "--seed") == 0 ||
                        strcmp(words[i], "--folder") == 0;
        if (!is_known || i + 1 == count)
            return false;
    }
    return true;
}

int main(int count, char **words)
{
    if (!is_usage(count, words)) {
        fprintf(stderr, "usage: crash [--rounds N] [--seed S] [--folder DIR]\n");
        return 2;
    }
    int64_t rounds = number_after(count, words, "--rounds", 60);
    int64_t seed = number_after(count, words, "--seed", 1);
    const char *parent = text_after(count, words, "--folder", getenv("TMPDIR"));
    char folder[400];
    char path[500];
    snprintf(folder, sizeof(folder), "%s/crash-XXXXXX", parent ? parent : "/tmp");
    if (mkdtemp(folder) == NULL) {
        fprintf(stderr, "crash: cannot make %s: %s\n", folder, strerror(errno));
        return 1;
    }
    snprintf(path, sizeof(path), "%s/store.db", folder);
    struct driver driver = {.path = path, .model = crash_model_create()};
    random_seeded_init(&driver.random, (uint64_t)seed);
    int64_t round = 0;
    while (round < rounds && !driver.has_trouble) {
        run_round(&driver, ++round);
        if (round % 100 == 0)
            fprintf(stderr, "crash: %lld rounds\n", (long long)round);
    }
    struct crash_counts counts = crash_model_counts(driver.model);
    crash_model_destroy(driver.model);
    remove_files(folder, path);
    printf("acknowledged %lld transactions, %lld rounds ended without memory\n",
           (long long)counts.acknowledged, (long long)driver.starved);
    printf("rounds %lld lost %lld repeated %lld half %lld\n", (long long)round,
           (long long)counts.lost, (long long)counts.repeated, (long long)counts.half);
    return counts.lost + counts.repeated + counts.half == 0 && counts.acknowledged > 0 ? 0 : 1;
}
