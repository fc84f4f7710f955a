/* core/trace: lines for people and for tests. */
#include "core/trace.h"

#include <stdio.h>

#include "core/buffer.h"
#include "tests/harness/test.h"

static void collect(void *context, const char *line)
{
    buffer_append_text(context, line);
    buffer_append_byte(context, '\n');
}

TEST("a trace writes the lines of the parts that were asked for")
{
    struct clock_manual manual;
    clock_manual_init(&manual, 0);
    clock_manual_advance_us(&manual, 999000);
    struct buffer lines = {0};
    struct trace trace;
    trace_init(&trace, "store, scheduler", &manual.clock);
    trace.sink = collect;
    trace.context = &lines;
    EXPECT(trace_is_on(&trace, TRACE_STORE) && !trace_is_on(&trace, TRACE_API));
    trace_line(&trace, TRACE_STORE, "pod/%s put", "web");
    clock_manual_advance_us(&manual, 12999);
    trace_line(&trace, TRACE_API, "unseen");
    trace_line(&trace, TRACE_SCHEDULER, "pod/web unschedulable (%d nodes)", 3);
    EXPECT_TEXT(lines.data, "[    0] store      pod/web put\n"
                            "[   12] scheduler  pod/web unschedulable (3 nodes)\n");
    buffer_release(&lines);
}

TEST("a trace without parts, or without itself, is silent")
{
    struct trace trace;
    trace_init(&trace, NULL, clock_real());
    EXPECT_EQ(trace.parts, 0);
    trace_init(&trace, "", clock_real());
    EXPECT_EQ(trace.parts, 0);
    trace_line(&trace, TRACE_STORE, "unseen");
    trace_line(NULL, TRACE_STORE, "unseen");
}

/* What log lines write to stderr, until released. */
static const char *written_to(const char *path)
{
    static char text[1000];
    FILE *file = fopen(path, "r");
    EXPECT(file != NULL);
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    fclose(file);
    return text;
}

TEST("a log line is one line of logfmt, whatever it holds")
{
    char path[400];
    (void)snprintf(path, sizeof(path), "%s/log", test_folder());
    EXPECT(freopen(path, "w", stderr) != NULL);
    log_line(LOG_DEBUG, "unseen", NULL);
    log_line(LOG_WARN, "a \"b\"\n\\", "path=%s n=%d", "x\ny", 5);
    struct trace trace;
    log_set_level(LOG_ERROR);
    log_line(LOG_WARN, "unseen", NULL);
    trace_init(&trace, "nonsense", clock_real());
    const char *text = written_to(path);
    EXPECT(strncmp(text, "time=2", 6) == 0);
    const char *rest = strchr(text, ' ');
    EXPECT_TEXT(rest, " level=warn msg=\"a \\\"b\\\" \\\\\" path=x y n=5\n");
}
