/* The audit log's file: every line once, full files renamed, old ones gone, losses counted. */
#include "api/audit_log.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>

#include "core/file.h"
#include "tests/harness/test.h"

static struct loop *loop;
static struct audit_log *audit_log;
static const char *folder;
static char path[4096];

static void open_log(int64_t size_max, int64_t backups_max)
{
    struct status status;
    status_init(&status);
    snprintf(path, sizeof(path), "%s/audit.log", folder);
    struct audit_log_options options = {
        .loop = loop, .path = path, .size_max = size_max, .backups_max = backups_max};
    audit_log = audit_log_open(&options, &status);
    EXPECT(audit_log != NULL);
    status_release(&status);
}

static void start(int64_t size_max, int64_t backups_max)
{
    loop = loop_create_simulated(1);
    folder = test_folder();
    open_log(size_max, backups_max);
}

static void stopped(void *context)
{
    *(bool *)context = true;
}

static void close_log(void)
{
    bool is_stopped = false;
    audit_log_stop(audit_log, stopped, &is_stopped);
    loop_run_for_us(loop, 1000000);
    EXPECT(is_stopped);
    audit_log_close(audit_log);
}

static void stop(void)
{
    close_log();
    loop_destroy(loop);
}

static const char *contents(void)
{
    static struct buffer text;
    struct status status;
    status_init(&status);
    buffer_clear(&text);
    EXPECT_EQ(file_read(path, &text, &status), 0);
    status_release(&status);
    return text.size > 0 ? text.data : "";
}

static int count_files(void)
{
    int count = 0;
    DIR *directory = opendir(folder);
    for (struct dirent *entry; (entry = readdir(directory));)
        count += entry->d_name[0] != '.';
    closedir(directory);
    return count;
}

static void line(const char *text)
{
    audit_log_write(audit_log, slice_of(text));
}

TEST("lines are there in order after a while, and at the latest when it is closed")
{
    start(0, 0);
    line("one");
    line("two");
    loop_run_for_us(loop, 1000000);
    EXPECT_TEXT(contents(), "one\ntwo\n");
    line("three");
    close_log();
    EXPECT_TEXT(contents(), "one\ntwo\nthree\n");
    open_log(0, 0);
    line("four");
    stop();
    EXPECT_TEXT(contents(), "one\ntwo\nthree\nfour\n");
    struct stat found;
    EXPECT_EQ(stat(path, &found), 0);
    EXPECT_EQ(found.st_mode & 0777, 0600);
}

TEST("a file that is full is renamed, and only the youngest are kept")
{
    start(8, 2);
    for (int i = 0; i < 5; i++) {
        line(i % 2 ? "bbb" : "aaa");
        loop_run_for_us(loop, 1000000);
    }
    EXPECT_TEXT(contents(), "aaa\n"); /* Two lines of four bytes are just eight. */
    EXPECT_EQ(count_files(), 3);
    for (int i = 0; i < 6; i++) {
        line("ccc");
        loop_run_for_us(loop, 1000000);
    }
    EXPECT_EQ(count_files(), 3);
    line("longer than a file may be");
    stop();
    EXPECT_TEXT(contents(), "longer than a file may be\n");
}

TEST("what comes while the disk is behind waits, and what is too much is dropped and counted")
{
    start(0, 0);
    char *text = mem_alloc(1 << 20);
    memset(text, 'x', 1 << 20);
    struct slice whole = {text, 1 << 20};
    audit_log_write(audit_log, whole); /* Is being written. */
    for (size_t i = 0; i < AUDIT_PENDING_MAX / (1 << 20) - 1; i++)
        audit_log_write(audit_log, whole);
    EXPECT_EQ(audit_log_dropped(audit_log), 0);
    audit_log_write(audit_log, whole);
    EXPECT_EQ(audit_log_dropped(audit_log), 1);
    line("fits");
    EXPECT_EQ(audit_log_dropped(audit_log), 1);
    loop_run_for_us(loop, 1000000);
    audit_log_write(audit_log, whole);
    EXPECT_EQ(audit_log_dropped(audit_log), 1);
    stop();
    mem_free(text);
}

TEST("a file that cannot be opened is refused, with its name")
{
    struct status status;
    status_init(&status);
    struct audit_log_options options = {.path = "/nowhere/audit.log"};
    EXPECT(audit_log_open(&options, &status) == NULL);
    EXPECT(strstr(status.message, "/nowhere/audit.log"));
    status_release(&status);
}

TEST("it stops when nobody writes any more, and what came since is written as it closes")
{
    bool is_stopped = false;
    start(0, 0);
    line("one");
    audit_log_stop(audit_log, stopped, &is_stopped);
    EXPECT(!is_stopped);
    line("two");
    loop_run_for_us(loop, 1000000);
    EXPECT(is_stopped);
    EXPECT_TEXT(contents(), "one\n");
    audit_log_close(audit_log);
    EXPECT_TEXT(contents(), "one\ntwo\n");
    loop_destroy(loop);
}
