#include "kubelet-lite/signal_name.h"

#include <signal.h>
#include <string.h>

#include "core/buffer.h"

static const struct {
    const char *name;
    int number;
} signals[] = {
    {"ABRT", SIGABRT}, {"ALRM", SIGALRM},   {"BUS", SIGBUS},   {"CHLD", SIGCHLD},
    {"CLD", SIGCHLD},  {"CONT", SIGCONT},   {"FPE", SIGFPE},   {"HUP", SIGHUP},
    {"ILL", SIGILL},   {"INT", SIGINT},     {"IO", SIGIO},     {"IOT", SIGABRT},
    {"KILL", SIGKILL}, {"PIPE", SIGPIPE},   {"POLL", SIGIO},   {"PROF", SIGPROF},
    {"PWR", SIGPWR},   {"QUIT", SIGQUIT},   {"SEGV", SIGSEGV}, {"STKFLT", SIGSTKFLT},
    {"STOP", SIGSTOP}, {"SYS", SIGSYS},     {"TERM", SIGTERM}, {"TRAP", SIGTRAP},
    {"TSTP", SIGTSTP}, {"TTIN", SIGTTIN},   {"TTOU", SIGTTOU}, {"URG", SIGURG},
    {"USR1", SIGUSR1}, {"USR2", SIGUSR2},   {"VTALRM", SIGVTALRM}, {"WINCH", SIGWINCH},
    {"XCPU", SIGXCPU}, {"XFSZ", SIGXFSZ},
};

/* The kernel's: the C library keeps some for itself, and its own SIGRTMIN is another. */
enum { REAL_TIME_MIN = 34, REAL_TIME_MAX = 64 };

static int real_time_of(struct slice text)
{
    int64_t offset = 0;
    bool counts_down = slice_starts_with(text, SLICE("RTMAX"));
    if (!counts_down && !slice_starts_with(text, SLICE("RTMIN")))
        return 0;
    struct slice rest = slice_sub(text, 5, text.size);
    if (rest.size > 0 && (rest.data[0] != (counts_down ? '-' : '+') ||
                          !slice_to_int64(slice_sub(rest, 1, rest.size), &offset)))
        return 0;
    if (offset < 0 || offset > REAL_TIME_MAX - REAL_TIME_MIN)
        return 0;
    return (int)(counts_down ? REAL_TIME_MAX - offset : REAL_TIME_MIN + offset);
}

int signal_of_name(const char *name)
{
    struct slice text = slice_of(name);
    int64_t number;
    if (slice_to_int64(text, &number))
        return number > 0 && number <= REAL_TIME_MAX ? (int)number : 0;
    if (slice_starts_with(text, SLICE("SIG")))
        text = slice_sub(text, 3, text.size);
    for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
        if (slice_is(text, signals[i].name))
            return signals[i].number;
    return real_time_of(text);
}
