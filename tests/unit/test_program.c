#include <stdio.h>

#include "core/net/program.h"
#include "tests/harness/test.h"

struct run {
    struct loop *loop;
    struct timer timer;
    struct program program;
    bool is_done;
};

static void done(struct program *program)
{
    struct run *run = CONTAINER_OF(program, struct run, program);
    run->is_done = true;
    loop_stop(run->loop);
}

static void run_script(struct run *run, const char *script, const char *input, int64_t timeout_us)
{
    const char *argv[] = {"sh", "-c", script, NULL};
    *run = (struct run){.loop = loop_create(1)};
    struct program_options options = {
        .argv = argv, .input = slice_of(input), .timeout_us = timeout_us, .output_max = 100};
    program_run(&run->program, run->loop, &options, done);
    EXPECT(!run->is_done);
    loop_run(run->loop);
    EXPECT(run->is_done);
}

static void time_over(struct timer *timer)
{
    loop_stop(timer->loop);
}

static void turn(struct run *run, int64_t time_us)
{
    timer_init(&run->timer, run->loop, time_over);
    timer_start_us(&run->timer, time_us);
    loop_run(run->loop);
}

static void end(struct run *run)
{
    program_release(&run->program);
    loop_destroy(run->loop);
}

TEST("a program gets its input, and its output, errors and code come back")
{
    struct run run;
    run_script(&run, "cat; echo no >&2; exit 7", "hello", 5000000);
    EXPECT(status_ok(&run.program.status));
    EXPECT_EQ(run.program.code, 7);
    EXPECT_SLICE(buffer_slice(&run.program.output), "hello");
    EXPECT_SLICE(buffer_slice(&run.program.errors), "no\n");
    struct status status;
    status_init(&status);
    EXPECT_EQ(program_check(&run.program, &status), -1);
    EXPECT_TEXT(status.message, "no");
    status_release(&status);
    end(&run);
}

TEST("a program that takes too long is killed with what it has started")
{
    struct run run;
    run_script(&run, "sleep 100 & echo $!; wait", "", 100000);
    EXPECT_EQ(run.program.status.reason, STATUS_TIMEOUT);
    EXPECT_EQ(run.program.code, 137);
    int64_t pid;
    EXPECT(slice_to_int64(
        slice_sub(buffer_slice(&run.program.output), 0, run.program.output.size - 1), &pid));
    char path[64];
    snprintf(path, sizeof(path), "/proc/%lld/cmdline", (long long)pid);
    FILE *file = fopen(path, "r");
    EXPECT(!file || fgetc(file) == EOF); /* Gone, or not yet collected. */
    if (file)
        fclose(file);
    end(&run);
}

TEST("a program whose output others hold open ends soon after it")
{
    struct run run;
    run_script(&run, "sleep 100 & exit 3", "", 10000000);
    EXPECT(status_ok(&run.program.status));
    EXPECT_EQ(run.program.code, 3);
    end(&run);
}

TEST("of a long output the beginning is kept")
{
    struct run run;
    run_script(&run, "head -c 100000 /dev/zero | tr '\\0' x", "", 10000000);
    EXPECT_EQ(run.program.code, 0);
    EXPECT_EQ(run.program.output.size, 100);
    end(&run);
}

TEST("a program that is not there is said to be missing")
{
    const char *argv[] = {"no-such-program-at-all", NULL};
    struct run run = {.loop = loop_create(1)};
    struct program_options options = {.argv = argv, .timeout_us = 1000000};
    program_run(&run.program, run.loop, &options, done);
    loop_run(run.loop);
    EXPECT_EQ(run.program.status.reason, STATUS_NOT_FOUND);
    end(&run);
}

TEST("a program that was cancelled tells nothing, and a killed one says the signal")
{
    struct run run;
    run_script(&run, "kill -TERM $$", "", 1000000);
    EXPECT_EQ(run.program.code, 143);
    program_release(&run.program);
    const char *argv[] = {"sleep", "100", NULL};
    struct program_options options = {.argv = argv, .timeout_us = 1000000};
    program_run(&run.program, run.loop, &options, done);
    program_cancel(&run.program);
    run.is_done = false;
    turn(&run, 100000);
    EXPECT(!run.is_done);
    end(&run);
}
