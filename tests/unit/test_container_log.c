#include "kubelet-lite/container_log.h"

#include <stdio.h>
#include <unistd.h>

#include "core/file.h"
#include "tests/harness/test.h"

#define LINE(second, stream, tag, text) "2026-11-23T03:13:" second ".182706553+00:00 " stream " " tag " " text "\n"

static const char log_text[] = LINE("01", "stdout", "F", "one") LINE("02", "stderr", "F", "two")
    LINE("03", "stdout", "P", "thr") LINE("03", "stdout", "F", "ee") LINE("04", "stdout", "F", "");

struct fixture {
    struct buffer path;
    struct log_reader reader;
    struct buffer out;
    enum log_state state;
};

static void write_log(struct fixture *fixture, const char *text)
{
    struct status status;
    status_init(&status);
    EXPECT_EQ(file_write(fixture->path.data, 0600, slice_of(text), &status), 0);
    status_release(&status);
}

static const struct log_options all = {.tail_lines = -1, .limit_bytes = -1};

static void start(struct fixture *fixture, const char *text, struct log_options options)
{
    *fixture = (struct fixture){0};
    buffer_format(&fixture->path, "%s/0.log", test_folder());
    if (text)
        write_log(fixture, text);
    log_reader_init(&fixture->reader, fixture->path.data, &options);
}

static void read_all(struct fixture *fixture)
{
    buffer_clear(&fixture->out);
    while ((fixture->state = log_reader_read(&fixture->reader, &fixture->out)) == LOG_MORE)
        ;
}

static void stop(struct fixture *fixture)
{
    log_reader_release(&fixture->reader);
    buffer_release(&fixture->path);
    buffer_release(&fixture->out);
}

static void expect_read(struct log_options options, const char *expected)
{
    struct fixture fixture;
    start(&fixture, log_text, options);
    read_all(&fixture);
    EXPECT_TEXT(fixture.out.size ? fixture.out.data : "", expected);
    stop(&fixture);
}

TEST("parts of a line are joined, both streams are told in order")
{
    expect_read(all, "one\ntwo\nthree\n\n");
}

TEST("the tail counts lines of the file, and none is none")
{
    struct log_options options = all;
    options.tail_lines = 1;
    expect_read(options, "\n");
    options.tail_lines = 4;
    expect_read(options, "two\nthree\n\n");
    options.tail_lines = 100;
    expect_read(options, "one\ntwo\nthree\n\n");
    options.tail_lines = 0;
    expect_read(options, "");
}

TEST("a limit cuts in the middle of a line, and says that it is reached")
{
    struct fixture fixture;
    struct log_options options = all;
    options.limit_bytes = 6;
    start(&fixture, log_text, options);
    read_all(&fixture);
    EXPECT_TEXT(fixture.out.data, "one\ntw");
    EXPECT_EQ(fixture.state, LOG_FULL);
    EXPECT_EQ(log_reader_read(&fixture.reader, &fixture.out), LOG_FULL);
    stop(&fixture);
}

TEST("times are printed as upstream does, and what is older than asked is passed over")
{
    struct log_options options = all;
    options.has_timestamps = true;
    options.since_us = INT64_C(1795403584000000); /* 2026-11-23T03:13:04Z */
    expect_read(options, "2026-11-23T03:13:04.182706553Z \n");
}

TEST("what is no line of CRI's is passed over")
{
    struct fixture fixture;
    start(&fixture,
          "garbage\n\n2026-11-23T03:13:04Z stdin F x\nx stdout F y\n"
          "2026-11-23T03:13:04Z stdout X y\n" LINE("05", "stdout", "F:tag", "good"),
          all);
    read_all(&fixture);
    EXPECT_TEXT(fixture.out.data, "good\n");
    stop(&fixture);
}

TEST("a reader waits for the file, for what is added, and goes on in the next after a rotation")
{
    struct fixture fixture;
    start(&fixture, NULL, all);
    read_all(&fixture);
    EXPECT_EQ(fixture.state, LOG_END);
    write_log(&fixture, LINE("01", "stdout", "F", "one"));
    read_all(&fixture);
    EXPECT_TEXT(fixture.out.data, "one\n");
    FILE *file = fopen(fixture.path.data, "a");
    fputs(LINE("02", "stdout", "F", "two") "2026-11-23T03:13:03Z stdout F hal", file);
    fflush(file);
    read_all(&fixture);
    EXPECT_TEXT(fixture.out.data, "two\n");
    fputs("f\n", file);
    fclose(file);
    struct buffer rotated = {0};
    buffer_format(&rotated, "%s.1", fixture.path.data);
    EXPECT_EQ(rename(fixture.path.data, rotated.data), 0);
    buffer_release(&rotated);
    write_log(&fixture, LINE("04", "stdout", "F", "new"));
    read_all(&fixture);
    EXPECT_TEXT(fixture.out.data, "half\nnew\n");
    stop(&fixture);
}

TEST("a last line without its end is given when the writer has ended")
{
    struct fixture fixture;
    start(&fixture, "2026-11-23T03:13:03Z stdout P last words", all);
    read_all(&fixture);
    EXPECT_EQ(fixture.out.size, 0);
    log_reader_finish(&fixture.reader, &fixture.out);
    EXPECT_TEXT(fixture.out.data, "last words");
    stop(&fixture);
}
