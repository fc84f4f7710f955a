/* The test runner: test [--list] [--full] [--verbose] [--jobs N] [WORD...]
 *
 * Runs the tests whose file or sentence contains one of the words (all, when
 * there is none), as many at once as there are cores, and closes with
 * "N passed, N failed" and, when there are any, ", N skipped". Exits with 1
 * when a test failed or none matched. */
#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "tests/harness/test.h"

#define EXIT_SKIPPED 77
#define JOBS_MAX 64
#define TEXT_SIZE 4096 /* Longer outputs are shown by their end. */

struct job {
    struct test *test; /* NULL: free. */
    pid_t child;
    int output;
    int number; /* Names its folder. */
    long long start_ms;
};

static struct test *all_tests;
static struct {
    bool list;
    bool verbose;
    size_t jobs;
    char **words;
    int word_count;
    char folder[256];
} options;
static struct job jobs[JOBS_MAX];
static int passed, failed, skipped;
static int current_number; /* In a child: of the running test. */
static const struct test *current_test;

bool test_full;

void test_register(struct test *test)
{
    test->next = all_tests;
    all_tests = test;
}

/* What runs inside a test. */

const struct test *test_current(void)
{
    return current_test;
}

void test_fail(const char *file, int line, const char *format, ...)
{
    fprintf(stderr, "%s:%d: ", file, line);
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    fflush(NULL);
    _exit(1); /* Not exit: what is left in memory half way is no news. */
}

void test_skip(const char *why)
{
    fprintf(stderr, "%s", why);
    fflush(NULL);
    _exit(EXIT_SKIPPED);
}

void test_equal(long long actual, long long expected, const char *what, const char *file, int line)
{
    if (actual != expected)
        test_fail(file, line, "%s is %lld, not %lld", what, actual, expected);
}

void test_text(const char *actual, const char *expected, const char *what, const char *file,
               int line)
{
    bool same = actual && expected ? strcmp(actual, expected) == 0 : actual == expected;
    if (!same)
        test_fail(file, line, "%s is\n    %s\nnot\n    %s", what, actual ? actual : "(NULL)",
                  expected ? expected : "(NULL)");
}

void test_slice(struct slice actual, struct slice expected, const char *what, const char *file,
                int line)
{
    if (!slice_equal(actual, expected))
        test_fail(file, line,
                  "%s is (%zu bytes)\n    " SLICE_FORMAT "\nnot (%zu bytes)\n    " SLICE_FORMAT,
                  what, actual.size, SLICE_ARGS(actual), expected.size, SLICE_ARGS(expected));
}

pid_t test_fork_quiet(void)
{
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        FILE *nowhere = freopen("/dev/null", "w", stderr);
        if (nowhere == NULL)
            _exit(1);
    }
    return child;
}

void test_died(pid_t child, const char *what, const char *file, int line)
{
    int result = 0;
    if (child < 0 || waitpid(child, &result, 0) != child)
        test_fail(file, line, "no process for: %s", what);
    if (!WIFSIGNALED(result) || WTERMSIG(result) != SIGABRT)
        test_fail(file, line, "broke no promise: %s", what);
}

const char *test_folder(void)
{
    static char folders[16][300];
    static size_t count;
    PRE(count < ARRAY_SIZE(folders));
    char *folder = folders[count];
    (void)snprintf(folder, sizeof(folders[0]), "%s/%d", options.folder, current_number);
    (void)mkdir(folder, 0700);
    (void)snprintf(folder, sizeof(folders[0]), "%s/%d/%zu", options.folder, current_number, count);
    if (mkdir(folder, 0700) != 0)
        test_fail(__FILE__, __LINE__, "no folder %s: %s", folder, strerror(errno));
    count++;
    return folder;
}

/* What runs around the tests. */

static long long now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int remove_one(const char *path, const struct stat *about, int type, struct FTW *where)
{
    (void)about, (void)type, (void)where;
    return remove(path);
}

static void remove_folder(const char *path)
{
    (void)nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void run_in_child(const struct job *job)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(job->output, STDOUT_FILENO);
    dup2(job->output, STDERR_FILENO);
    current_number = job->number;
    current_test = job->test;
    job->test->run();
    exit(0); /* The leak checker, if there is one, has its say here. */
}

static void start(struct job *job, struct test *test)
{
    static int number;
    *job = (struct job){.test = test, .number = ++number, .start_ms = now_ms()};
    job->output = memfd_create("output", MFD_CLOEXEC);
    PRE(job->output >= 0);
    fflush(NULL);
    job->child = fork();
    PRE(job->child >= 0);
    if (job->child == 0)
        run_in_child(job);
    setpgid(job->child, job->child); /* In both, as either may come first. */
}

/* The end of what a job printed. */
static void read_output(const struct job *job, char text[TEXT_SIZE])
{
    off_t size = lseek(job->output, 0, SEEK_END);
    off_t from = size > TEXT_SIZE - 1 ? size - (TEXT_SIZE - 1) : 0;
    ssize_t got = pread(job->output, text, TEXT_SIZE - 1, from);
    text[got > 0 ? got : 0] = '\0';
}

static void say_failure(const struct job *job, const char *how)
{
    char text[TEXT_SIZE];
    read_output(job, text);
    size_t size = strlen(text);
    printf("FAIL %s:%d: %s%s\n%s%s", job->test->file, job->test->line, job->test->name, how, text,
           size > 0 && text[size - 1] != '\n' ? "\n" : "");
    failed++;
}

static void say_result(const struct job *job, int result)
{
    char how[64] = "";
    if (WIFEXITED(result) && WEXITSTATUS(result) == 0) {
        passed++;
        if (options.verbose)
            printf("ok   %s: %s (%lld ms)\n", job->test->file, job->test->name,
                   now_ms() - job->start_ms);
        return;
    }
    if (WIFEXITED(result) && WEXITSTATUS(result) == EXIT_SKIPPED) {
        char why[TEXT_SIZE];
        read_output(job, why);
        printf("skip %s: %s: %s\n", job->test->file, job->test->name, why);
        skipped++;
        return;
    }
    if (WIFSIGNALED(result))
        (void)snprintf(how, sizeof(how), " (signal %d, %s)", WTERMSIG(result),
                       strsignal(WTERMSIG(result)));
    else if (WEXITSTATUS(result) != 1)
        (void)snprintf(how, sizeof(how), " (exit code %d)", WEXITSTATUS(result));
    say_failure(job, how);
}

static void finish(struct job *job)
{
    char folder[300];
    kill(-job->child, SIGKILL); /* Whatever the test has left running. */
    (void)snprintf(folder, sizeof(folder), "%s/%d", options.folder, job->number);
    remove_folder(folder);
    close(job->output);
    job->test = NULL;
}

static void reap_ended(void)
{
    for (size_t i = 0; i < options.jobs; i++) {
        int result;
        if (jobs[i].test && waitpid(jobs[i].child, &result, WNOHANG) == jobs[i].child) {
            say_result(&jobs[i], result);
            finish(&jobs[i]);
        }
    }
}

static void end_overdue(void)
{
    for (size_t i = 0; i < options.jobs; i++) {
        struct job *job = &jobs[i];
        if (job->test == NULL || now_ms() - job->start_ms < job->test->limit_seconds * 1000LL)
            continue;
        char how[64];
        (void)snprintf(how, sizeof(how), " (not done after %d s)", job->test->limit_seconds);
        kill(-job->child, SIGKILL);
        waitpid(job->child, NULL, 0);
        say_failure(job, how);
        finish(job);
    }
}

static void end_all(void)
{
    for (size_t i = 0; i < options.jobs; i++)
        if (jobs[i].test) {
            kill(-jobs[i].child, SIGKILL);
            waitpid(jobs[i].child, NULL, 0);
            finish(&jobs[i]);
        }
    remove_folder(options.folder);
}

/* Waits until a job may have ended; a signal to stop ends everything. */
static void wait_a_little(const sigset_t *signals)
{
    struct timespec tick = {0, 100 * 1000 * 1000};
    int signal_number = sigtimedwait(signals, NULL, &tick);
    if (signal_number == SIGINT || signal_number == SIGTERM) {
        end_all();
        exit(1);
    }
    reap_ended();
    end_overdue();
}

static struct job *free_job(void)
{
    for (size_t i = 0; i < options.jobs; i++)
        if (jobs[i].test == NULL)
            return &jobs[i];
    return NULL;
}

static bool is_idle(void)
{
    for (size_t i = 0; i < options.jobs; i++)
        if (jobs[i].test)
            return false;
    return true;
}

static void run_tests(struct test *const *tests, size_t count)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    for (size_t i = 0; i < count || !is_idle();) {
        struct job *job = free_job();
        if (job && i < count)
            start(job, tests[i++]);
        else
            wait_a_little(&signals);
    }
}

static bool is_wanted(const struct test *test)
{
    for (int i = 0; i < options.word_count; i++)
        if (strstr(test->name, options.words[i]) || strstr(test->file, options.words[i]))
            return true;
    return options.word_count == 0;
}

static int by_place(const void *a, const void *b)
{
    const struct test *x = *(struct test *const *)a;
    const struct test *y = *(struct test *const *)b;
    int order = strcmp(x->file, y->file);
    return order != 0 ? order : x->line - y->line;
}

static struct test **choose_tests(size_t *count)
{
    *count = 0;
    struct test **chosen = NULL;
    for (struct test *test = all_tests; test; test = test->next) {
        if (!is_wanted(test))
            continue;
        chosen = realloc(chosen, (*count + 1) * sizeof(*chosen));
        PRE(chosen != NULL);
        chosen[(*count)++] = test;
    }
    if (*count > 0)
        qsort(chosen, *count, sizeof(*chosen), by_place);
    return chosen;
}

/* Gives false for what is no option of ours. */
static bool read_options(int count, char **arguments)
{
    long jobs_wanted = sysconf(_SC_NPROCESSORS_ONLN);
    int i = 1;
    for (; i < count && strncmp(arguments[i], "--", 2) == 0; i++) {
        if (strcmp(arguments[i], "--list") == 0)
            options.list = true;
        else if (strcmp(arguments[i], "--full") == 0)
            test_full = true;
        else if (strcmp(arguments[i], "--verbose") == 0)
            options.verbose = true;
        else if (strcmp(arguments[i], "--jobs") == 0 && i + 1 < count)
            jobs_wanted = atol(arguments[++i]);
        else
            return false;
    }
    options.words = arguments + i;
    options.word_count = count - i;
    options.jobs = jobs_wanted < 1 ? 1 : jobs_wanted > JOBS_MAX ? JOBS_MAX : (size_t)jobs_wanted;
    return true;
}

int main(int count, char **arguments)
{
    if (!read_options(count, arguments)) {
        fprintf(stderr, "usage: test [--list] [--full] [--verbose] [--jobs N] [WORD...]\n");
        return 2;
    }
    size_t chosen_count;
    struct test **chosen = choose_tests(&chosen_count);
    if (options.list) {
        for (size_t i = 0; i < chosen_count; i++)
            printf("%s: %s\n", chosen[i]->file, chosen[i]->name);
        free(chosen);
        return 0;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    const char *temporary = getenv("TMPDIR");
    (void)snprintf(options.folder, sizeof(options.folder), "%s/test-XXXXXX",
                   temporary && strlen(temporary) < 200 ? temporary : "/tmp");
    PRE(mkdtemp(options.folder) != NULL);
    run_tests(chosen, chosen_count);
    end_all();
    free(chosen);
    printf("%d passed, %d failed", passed, failed);
    if (skipped > 0)
        printf(", %d skipped", skipped);
    putchar('\n');
    return failed > 0 || chosen_count == 0;
}
