/* How long single steps hold the loop.
 *
 * A step is one callback: a timer, a message, the end of a task, bytes of a socket. Its time on the
 * wall is measured always, which costs two readings of a clock that needs no system call. A machine
 * that gives the processor to somebody else meanwhile must not count as ours, so of a step that
 * was long on the wall only as much counts as the thread has computed since the last reading of
 * its own clock, which is read before a step when half a millisecond has passed. */
#include "core/net/loop_private.h"

#include <time.h>

#include "core/check.h"
#include "core/trace.h"

#define LOOKED_AT_US 500 /* Less is not worth a system call. */

/* Code without optimization, and with sanitizers in it, is slower than what is released. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SLOWNESS 30
#elif !defined(NDEBUG)
#define SLOWNESS 10
#else
#define SLOWNESS 1
#endif

static int64_t read_us(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

void loop_step_begin(struct loop *loop, const char *kind, uintptr_t code)
{
    struct loop_steps *steps = &loop->steps;
    steps->kind = kind;
    steps->code = code;
    steps->counts = steps->limit_us > 0;
    steps->note_size = 0;
    steps->began_us = read_us(CLOCK_MONOTONIC);
    if (steps->began_us - steps->read_us < LOOKED_AT_US)
        return;
    steps->read_us = steps->began_us;
    steps->cpu_us = read_us(CLOCK_THREAD_CPUTIME_ID);
}

void loop_note_step(struct loop *loop, struct slice what)
{
    struct loop_steps *steps = &loop->steps;
    steps->note_size = what.size < sizeof(steps->note) ? what.size : sizeof(steps->note);
    if (steps->note_size > 0)
        memcpy(steps->note, what.data, steps->note_size);
}

/* code: where the callback's machine code lies behind loop_step_begin's, wherever both were
 * loaded; `nm` of the binary has its name. */
static void tell_long(const struct loop_steps *steps, int64_t took_us)
{
    log_line(LOG_ERROR, "a step held the loop",
             "us=%lld limit=%lld step=%s code=%+lld what=\"%.*s\"", (long long)took_us,
             (long long)steps->limit_us, steps->kind,
             (long long)(intptr_t)(steps->code - (uintptr_t)loop_step_begin), (int)steps->note_size,
             steps->note);
}

void loop_step_end(struct loop *loop)
{
    struct loop_steps *steps = &loop->steps;
    int64_t now_us = read_us(CLOCK_MONOTONIC);
    int64_t wall_us = now_us - steps->began_us;
    if (wall_us < LOOKED_AT_US)
        return;
    int64_t cpu_us = read_us(CLOCK_THREAD_CPUTIME_ID);
    int64_t took_us = cpu_us - steps->cpu_us < wall_us ? cpu_us - steps->cpu_us : wall_us;
    steps->cpu_us = cpu_us;
    steps->read_us = now_us;
    if (!steps->counts) /* Not yet ready: nobody waits. */
        return;
    if (took_us > steps->longest_us)
        steps->longest_us = took_us;
    if (took_us <= steps->limit_us * SLOWNESS)
        return;
    tell_long(steps, took_us);
#ifndef NDEBUG
    POST(took_us <= steps->limit_us * SLOWNESS);
#endif
}

void loop_limit_steps(struct loop *loop, int64_t limit_us)
{
    loop->steps.limit_us = limit_us;
}

int64_t loop_take_longest_step_us(struct loop *loop)
{
    int64_t longest_us = loop->steps.longest_us;
    loop->steps.longest_us = 0;
    return longest_us;
}
