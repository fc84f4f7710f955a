/* Trace lines and log lines. */
#include "core/trace.h"

#include <stdatomic.h>
#include <unistd.h>

#include "core/buffer.h"

static const char *const part_names[] = {
#define X(name, text) text,
    TRACE_PARTS(X)
#undef X
};

static void write_stderr(struct buffer *line)
{
    buffer_append_byte(line, '\n');
    ssize_t written =
        write(STDERR_FILENO, line->data, line->size); /* One call: lines stay whole. */
    (void)written; /* There is nobody left to tell. */
}

static void sink_stderr(void *context, const char *text)
{
    (void)context;
    struct buffer line = {0};
    buffer_append_text(&line, text);
    write_stderr(&line);
    buffer_release(&line);
}

static void add_part(struct trace *trace, struct slice word)
{
    for (size_t i = 0; i < ARRAY_SIZE(part_names); i++)
        if (slice_is(word, part_names[i])) {
            trace->parts |= UINT32_C(1) << i;
            return;
        }
    if (word.size > 0)
        log_line(LOG_WARN, "TRACE names an unknown part", "part=" SLICE_FORMAT, SLICE_ARGS(word));
}

void trace_init(struct trace *trace, const char *parts, struct clock *clock)
{
    *trace = (struct trace){
        .clock = clock,
        .start_us = clock_steady_us(clock),
        .sink = sink_stderr,
    };
    struct slice rest = slice_of(parts);
    struct slice word;
    while (slice_split(&rest, ',', &word))
        add_part(trace, slice_trim(word));
}

void trace_line(struct trace *trace, enum trace_part part, const char *format, ...)
{
    if (!trace_is_on(trace, part))
        return;
    struct buffer line = {0};
    int64_t ms = (clock_steady_us(trace->clock) - trace->start_us) / 1000;
    buffer_format(&line, "[%5lld] %-10s ", (long long)ms, part_names[part]);
    va_list arguments;
    va_start(arguments, format);
    buffer_format_list(&line, format, arguments);
    va_end(arguments);
    trace->sink(trace->context, line.data);
    buffer_release(&line);
}

static const char *const level_names[] = {"debug", "info", "warn", "error"};
static _Atomic int level_least = LOG_INFO;

void log_set_level(enum log_level level)
{
    level_least = (int)level;
}

/* One event is one line, whatever outside bytes a value holds. */
static void flatten(struct buffer *line, size_t from)
{
    for (size_t i = from; i < line->size; i++)
        if ((unsigned char)line->data[i] < ' ' || line->data[i] == 0x7f)
            line->data[i] = ' ';
}

static void append_quoted(struct buffer *line, const char *text)
{
    buffer_append_byte(line, '"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            buffer_append_byte(line, '\\');
        buffer_append_byte(line, *text);
    }
    buffer_append_byte(line, '"');
}

void log_line(enum log_level level, const char *message, const char *pairs, ...)
{
    if ((int)level < level_least)
        return;
    struct buffer line = {0};
    char now[TIME_TEXT_SIZE];
    time_format_micro(clock_wall_us(clock_real()), now);
    buffer_format(&line, "time=%s level=%s msg=", now, level_names[level]);
    size_t start = line.size;
    append_quoted(&line, message);
    if (pairs) {
        buffer_append_byte(&line, ' ');
        va_list arguments;
        va_start(arguments, pairs);
        buffer_format_list(&line, pairs, arguments);
        va_end(arguments);
    }
    flatten(&line, start);
    write_stderr(&line);
    buffer_release(&line);
}
