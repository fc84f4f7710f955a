/* TRACE=store,scheduler: one line per event, for people and for tests.
 *
 * A line is "[   12] part       what (why)", time in milliseconds of the
 * trace's clock, the part padded to 10. A trace is off for parts that were not asked for and then
 * costs one test. Tests install a sink and compare whole lines. Everything
 * else that a server says goes to stderr in logfmt by log_line(). */
#ifndef CORE_TRACE_H
#define CORE_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/clock.h"
#include "core/check.h"

#define TRACE_PARTS(X) \
    X(STORE, "store")  \
    X(API, "api")      \
    X(SCHEDULER, "scheduler") \
    X(CONTROLLER, "controller") \
    X(KUBELET, "kubelet") \
    X(NET, "net")

enum trace_part {
#define X(name, text) TRACE_##name,
    TRACE_PARTS(X)
#undef X
};

typedef void trace_sink_fn(void *context, const char *line);

struct trace {
    uint32_t parts; /* Bit per trace_part. */
    struct clock *clock;
    int64_t start_us;
    trace_sink_fn *sink; /* Takes one line without its newline. */
    void *context;
};

/* parts as in TRACE=; NULL means none. Unknown words are ignored with a log line. */
void trace_init(struct trace *trace, const char *parts, struct clock *clock);
static inline bool trace_is_on(const struct trace *trace, enum trace_part part)
{
    return trace && (trace->parts & (UINT32_C(1) << part)) != 0;
}
void trace_line(struct trace *trace, enum trace_part part, const char *format, ...)
    PRINTF_LIKE(3, 4);

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };
/* One logfmt line on stderr: time, level, msg, then the pairs, which the
 * caller writes as key=value ("path=%s revision=%lld"); pairs may be NULL. */
void log_line(enum log_level level, const char *message, const char *pairs, ...) PRINTF_LIKE(3, 4);
void log_set_level(enum log_level level);

#endif
