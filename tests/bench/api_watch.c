/* A thousand watchers, in a process of their own. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/api_bench.h"

#define WRITES 200.0 /* A second. */

/* --- Watchers, in a process of their own, for each way --- */

/* What the two processes tell each other, in memory that they share. */
struct watch_result {
    volatile bool is_ready;
    volatile int64_t written; /* 0 while the writer writes. */
    double p50_ms, p99_ms, longest_ms;
    int64_t events, out_of_order;
};

struct watchers {
    struct load *load;
    const char *label;             /* Of the objects of this round. */
    struct samples lags;
    struct buffer lines[WATCHERS]; /* An event that is not whole. */
    int64_t revisions[WATCHERS];   /* The last, of each watcher. */
    int64_t events;
    int64_t out_of_order;
    int64_t last_us;
    struct timer check;
    struct watch_result *result;
};

#define STAMP "\"stamp\":\""

static void event_came(struct watchers *watchers, int who, struct slice line)
{
    static const char revision_key[] = "\"resourceVersion\":\"";
    const char *stamp = memmem(line.data, line.size, STAMP, sizeof(STAMP) - 1);
    const char *revision = memmem(line.data, line.size, revision_key, sizeof(revision_key) - 1);
    if (!stamp || !revision)
        return;
    int64_t now_us = clock_steady_us(clock_real());
    int64_t number = atoll(revision + sizeof(revision_key) - 1);
    if (number <= watchers->revisions[who])
        watchers->out_of_order++;
    watchers->revisions[who] = number;
    watchers->events++;
    watchers->last_us = now_us;
    samples_add(&watchers->lags, (double)(now_us - atoll(stamp + sizeof(STAMP) - 1)) / 1e3);
}

static void watch_bytes(void *context, int who, struct slice data)
{
    struct watchers *watchers = context;
    struct buffer *line = &watchers->lines[who];
    for (ptrdiff_t end; (end = slice_find(data, '\n')) >= 0;
         data = slice_sub(data, (size_t)end + 1, data.size)) {
        if (line->size > 0) {
            buffer_append_slice(line, slice_sub(data, 0, (size_t)end));
            event_came(watchers, who, buffer_slice(line));
            buffer_clear(line);
        } else {
            event_came(watchers, who, slice_sub(data, 0, (size_t)end));
        }
    }
    buffer_append_slice(line, data);
}

static void check_watchers(struct timer *timer)
{
    struct watchers *watchers = CONTAINER_OF(timer, struct watchers, check);
    int64_t written = watchers->result->written;
    bool is_late = clock_steady_us(clock_real()) - watchers->last_us > 5000000;
    if ((written > 0 && watchers->events >= written * WATCHERS) || is_late)
        loop_stop(load_loop(watchers->load));
    else
        timer_start_us(timer, 10000);
}

static void make_watch(void *context, int64_t n, struct buffer *request)
{
    const struct watchers *watchers = context;
    char path[128];
    (void)n;
    snprintf(path, sizeof(path), CONFIG_MAPS "?watch=true&labelSelector=watched%%3D%s",
             watchers->label);
    api_append_head("GET", path, 0, request);
}

static void run_watchers(const struct role *server, bool is_tls, const char *label,
                         struct watch_result *result)
{
    struct watchers *watchers = mem_alloc(sizeof(*watchers));
    struct load_options options = {
        .address = is_tls ? server->address : server->socket,
        .tls = is_tls ? server->tls : NULL,
        .connections = WATCHERS,
        .code = 200,
        .make = make_watch,
        .on_body = watch_bytes,
        .context = watchers,
    };
    watchers->result = result;
    watchers->label = label;
    watchers->load = load_open(&options);
    load_start(watchers->load);
    watchers->last_us = clock_steady_us(clock_real());
    timer_init(&watchers->check, load_loop(watchers->load), check_watchers);
    timer_start_us(&watchers->check, 10000);
    result->is_ready = true;
    loop_run(load_loop(watchers->load));
    result->events = watchers->events;
    result->out_of_order = watchers->out_of_order;
    result->p50_ms = samples_percentile(&watchers->lags, 0.5);
    result->p99_ms = samples_percentile(&watchers->lags, 0.99);
    result->longest_ms = samples_percentile(&watchers->lags, 1);
    _Exit(0);
}

static void make_stamped(void *context, int64_t n, struct buffer *request)
{
    struct maker *maker = context;
    struct buffer *body = &maker->body;
    buffer_clear(body);
    buffer_format(
        body,
        "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"%s-%lld\","
        "\"namespace\":\"default\",\"labels\":{\"watched\":\"%s\"}},\"data\":{"
        "\"filler\":\"",
        maker->name, (long long)n, maker->name);
    while (body->size < FIXED_BODY_SIZE - 40)
        buffer_append_byte(body, 'x');
    buffer_format(body, "\"," STAMP "%lld\"}}", (long long)clock_steady_us(clock_real()));
    api_append_head("POST", CONFIG_MAPS, body->size, request);
    buffer_append_slice(request, buffer_slice(body));
}

/* The writer: at a pace, then until all is told. Gives how many were written. */
static int64_t write_stamped(const struct role *server, const char *name, double per_second,
                             double seconds)
{
    struct maker maker = {.name = name};
    struct load_options options = {
        .address = server->socket,
        .connections = 16,
        .code = 201,
        .make = make_stamped,
        .context = &maker,
        .per_second = per_second,
    };
    struct load *load = load_open(&options);
    int64_t begun = load_run(load, seconds, NULL).begun;
    load_close(load);
    buffer_release(&maker.body);
    return begun;
}

static void report_fan_out(const struct bench *bench, const struct watch_result *result,
                           double seconds, double cpu, bool is_limit)
{
    const struct report *report = &bench->report;
    enum goal goal = is_limit ? NO_GOAL : AT_MOST;
    double events = (double)result->events;
    int64_t missed = result->events - result->written * WATCHERS;
    report_value(report, "  events", events / seconds, "/s", NO_GOAL, 0);
    report_value(report, "  lag, from before the write was sent: p50", result->p50_ms, "ms",
                 NO_GOAL, 0);
    report_value(report, "  lag: p99", result->p99_ms, "ms", goal, 20);
    report_value(report, "  lag: longest", result->longest_ms, "ms", NO_GOAL, 0);
    report_value(report, "  the server's CPU for one event", cpu * 1e6 / events, "us", NO_GOAL, 0);
    report_value(report, "  lost or doubled",
                 (double)(llabs((long long)missed) + result->out_of_order), "", goal, 0);
}

/* written: what the role writes by itself; 0: we write into it, as clients do. */
static void bench_fan_out(struct bench *bench, const struct role *server, const char *what,
                          bool is_tls, int64_t written)
{
    struct watch_result *result =
        mmap(NULL, sizeof(*result), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    double seconds = bench->seconds * bench->rounds;
    const char *label = is_tls ? "with-tls" : "plain";
    char line[96];
    pid_t child = fork();
    if (child == 0)
        run_watchers(server, is_tls, label, result);
    while (!result->is_ready && waitpid(child, NULL, WNOHANG) == 0)
        usleep(1000);
    double cpu = role_cpu_seconds(server);
    result->written = written > 0 ? written : write_stamped(server, label, WRITES, seconds);
    waitpid(child, NULL, 0);
    cpu = role_cpu_seconds(server) - cpu;
    snprintf(line, sizeof(line), "%s, %s: watchers", what, is_tls ? "TLS" : "plain");
    report_value(&bench->report, line, WATCHERS, "", NO_GOAL, 0);
    report_fan_out(bench, result, seconds, cpu, written > 0);
    munmap(result, sizeof(*result));
}

/* The same loop, writing the same bytes to as many at that pace, without a store or a watch. */
static void bench_limit(struct bench *bench, bool is_tls)
{
    char count[32];
    struct role fan;
    int64_t written = (int64_t)(WRITES * bench->seconds * bench->rounds);
    snprintf(count, sizeof(count), "%lld", (long long)written);
    role_start(&fan, "fan", api_new_folder(bench), count);
    bench_fan_out(bench, &fan, "  limit: fixed bytes 200 times a second", is_tls, written);
    role_stop(&fan);
}

void api_bench_watch(struct bench *bench)
{
    struct role server;
    role_start(&server, "server", api_new_folder(bench), NULL);
    bench_fan_out(bench, &server, "200 writes/s of 1 KB", false, 0);
    bench_limit(bench, false);
    bench_fan_out(bench, &server, "200 writes/s of 1 KB", true, 0);
    bench_limit(bench, true);
    role_stop(&server);
}
