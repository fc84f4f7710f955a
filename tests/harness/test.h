/* Tests: a sentence that must hold, and a body that finds out.
 *
 *     TEST("a list keeps the order in which things were added")
 *     {
 *         ...
 *         EXPECT_EQ(list_count(&list), 2);
 *     }
 *
 * A test registers itself. It runs in its own process, in a process group of
 * its own that is killed when it ends, under a time limit of 20 seconds or
 * TEST_LIMIT's. The first EXPECT that does not hold ends it. What it prints is
 * shown only when it fails. Several run at once, so a test shares nothing:
 * files go into test_folder(), ports are ephemeral. */
#ifndef TESTS_HARNESS_TEST_H
#define TESTS_HARNESS_TEST_H

#include <stdbool.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "core/buffer.h"
#include "core/check.h"

struct test {
    const char *name;
    const char *file;
    int line;
    int limit_seconds;
    void (*run)(void);
    struct test *next;
    const char *data; /* For tests that are read from files: the file. */
};

extern bool test_full; /* --full was asked for: loop as often as a soak should. */

/* The test that runs in this process. */
const struct test *test_current(void);

/* The path of a new empty folder, removed with all it holds after the test. */
const char *test_folder(void);

#define TEST(name) TEST_LIMIT(20, name)
#define TEST_LIMIT(seconds, name) TEST_AT_LINE(seconds, name, __LINE__)
#define TEST_AT_LINE(seconds, name, line) TEST_DEFINE(seconds, name, line)
#define TEST_DEFINE(seconds, name, line)                                                     \
    static void test_run_##line(void);                                                       \
    static struct test test_##line = {name, __FILE__, line, seconds, test_run_##line, 0, 0}; \
    __attribute__((constructor)) static void test_add_##line(void)                           \
    {                                                                                        \
        test_register(&test_##line);                                                         \
    }                                                                                        \
    static void test_run_##line(void)

#define EXPECT(condition) \
    ((condition) ? (void)0 : test_fail(__FILE__, __LINE__, "expected: %s", #condition))
/* Whole numbers of any type; enums and booleans too. */
#define EXPECT_EQ(actual, expected) \
    test_equal((long long)(actual), (long long)(expected), #actual, __FILE__, __LINE__)
/* C strings; NULL equals only NULL. */
#define EXPECT_TEXT(actual, expected) test_text(actual, expected, #actual, __FILE__, __LINE__)
/* A struct slice against a C string or a SLICE("with\0NUL"). */
#define EXPECT_SLICE(actual, expected)                                                           \
    test_slice(actual,                                                                           \
               _Generic((expected), struct slice: test_slice_same, default: test_slice_of_text)( \
                   expected),                                                                    \
               #actual, __FILE__, __LINE__)
/* The statement breaks a promise (core/check.h); it runs in a process of its own. */
#define EXPECT_DIES(statement)                                 \
    do {                                                       \
        pid_t test_child = test_fork_quiet();                  \
        if (test_child == 0) {                                 \
            statement;                                         \
            _exit(0);                                          \
        }                                                      \
        test_died(test_child, #statement, __FILE__, __LINE__); \
    } while (0)
/* Ends the test as one that could not be run here. */
#define SKIP(why) test_skip(why)

/* For the macros above. */
void test_register(struct test *test);
__attribute__((noreturn)) void test_fail(const char *file, int line, const char *format, ...)
    PRINTF_LIKE(3, 4);
__attribute__((noreturn)) void test_skip(const char *why);
void test_equal(long long actual, long long expected, const char *what, const char *file, int line);
void test_text(const char *actual, const char *expected, const char *what, const char *file,
               int line);
void test_slice(struct slice actual, struct slice expected, const char *what, const char *file,
                int line);
pid_t test_fork_quiet(void);
void test_died(pid_t child, const char *what, const char *file, int line);
static inline struct slice test_slice_same(struct slice slice)
{
    return slice;
}
static inline struct slice test_slice_of_text(const char *text)
{
    return slice_of(text);
}

#endif
