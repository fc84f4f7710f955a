/* Promises, checked in every build.
 *
 * PRE states what a caller owes, POST what a function has made true, and
 * UNREACHABLE a place that control cannot reach. A broken promise prints one
 * line and ends the process: the store is transactional, so an end is only a
 * restart, and going on with a broken state is worse. An answer that a caller
 * can expect is never a promise; it is a status (core/status.h). */
#ifndef CORE_CHECK_H
#define CORE_CHECK_H

#include <stddef.h>

#define MUST_USE __attribute__((warn_unused_result))
#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))

#define PRE(condition) \
    ((condition) ? (void)0 : check_failed("precondition", #condition, __FILE__, __LINE__))
#define POST(condition) \
    ((condition) ? (void)0 : check_failed("postcondition", #condition, __FILE__, __LINE__))
#define UNREACHABLE(why) check_failed("unreachable", why, __FILE__, __LINE__)

/* Prints what was broken and where, and aborts. */
__attribute__((noreturn)) void check_failed(const char *what, const char *text, const char *file,
                                            int line);

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define CONTAINER_OF(pointer, type, member) \
    ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

#endif
