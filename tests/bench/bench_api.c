/* The API beside what bounds it, all measured in one run on one machine.
 *
 *     bench -- api [--seconds S] [--rounds N] [--folder DIR] [--json] [WORD...]
 *
 * WORD: writes, reads, watch, start, full (default: all). Server, limits and load are processes
 * of their own. "plain" is the local socket, "TLS" is TCP with a client certificate. Every
 * write is durable before it is answered (SQLite WAL, synchronous=FULL), the limits' writes too,
 * where they write at all. Folder should be on a real disk. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/load.h"
#include "tests/bench/roles.h"

enum { WRITE_CONNECTIONS = 256, READ_CONNECTIONS = 32, UPDATED = 1000, WATCHERS = 1000 };

#define PODS 150000
#define NODES 5000

struct bench {
    struct report report;
    double seconds;
    int rounds;
    const char *folder;
    char **words;
    int word_count;
    int folders;
};

static bool wants(const struct bench *bench, const char *word)
{
    for (int i = 0; i < bench->word_count; i++)
        if (strcmp(bench->words[i], word) == 0)
            return true;
    return bench->word_count == 0;
}

static const char *new_folder(struct bench *bench)
{
    char *path = mem_alloc(600);
    snprintf(path, 600, "%s/%d", bench->folder, bench->folders++);
    return path;
}

/* --- Requests --- */

static void append_head(const char *method, const char *path, size_t size, struct buffer *request)
{
    buffer_format(request,
                  "%s %s HTTP/1.1\r\nHost: 127.0.0.1:6443\r\nUser-Agent: bench/v1 (linux/amd64)\r\n"
                  "Accept: application/json\r\n",
                  method, path);
    if (size > 0)
        buffer_format(request, "Content-Type: application/json\r\nContent-Length: %zu\r\n", size);
    buffer_append_text(request, "\r\n");
}

#define CONFIG_MAPS "/api/v1/namespaces/default/configmaps"

struct maker {
    const char *path;  /* Of a read. */
    const char *name;  /* Names of created objects begin with it. */
    struct buffer body;
};

static void make_create(void *context, int64_t n, struct buffer *request)
{
    struct maker *maker = context;
    char name[64];
    snprintf(name, sizeof(name), "%s-%010lld", maker->name, (long long)n);
    buffer_clear(&maker->body);
    role_append_body(name, n, &maker->body);
    append_head("POST", CONFIG_MAPS, maker->body.size, request);
    buffer_append_slice(request, buffer_slice(&maker->body));
}

static void make_update(void *context, int64_t n, struct buffer *request)
{
    struct maker *maker = context;
    char path[128];
    snprintf(path, sizeof(path), CONFIG_MAPS "/%s-%010lld", maker->name,
             (long long)(n * 7919 % UPDATED));
    buffer_clear(&maker->body);
    role_append_body(strrchr(path, '/') + 1, n, &maker->body);
    append_head("PUT", path, maker->body.size, request);
    buffer_append_slice(request, buffer_slice(&maker->body));
}

static void make_read(void *context, int64_t n, struct buffer *request)
{
    struct maker *maker = context;
    (void)n;
    append_head("GET", maker->path, 0, request);
}

/* --- Load --- */

struct side {
    const struct role *role;
    bool is_tls;
    int connections;
    int code;
    void (*make)(void *context, int64_t n, struct buffer *request);
    struct maker maker;
};

static struct load *open_side(struct side *side)
{
    struct load_options options = {
        .address = side->is_tls ? side->role->address : side->role->socket,
        .tls = side->is_tls ? side->role->tls : NULL,
        .connections = side->connections,
        .code = side->code,
        .make = side->make,
        .context = &side->maker,
    };
    return load_open(&options);
}

static void close_side(struct side *side, struct load *load)
{
    load_close(load);
    buffer_release(&side->maker.body);
}

struct measured {
    struct figure rate;   /* Replies a second. */
    struct figure cpu_us; /* Of the server's threads, a reply. */
};

static void measure_round(const struct bench *bench, const struct side *side, struct load *load,
                          struct measured *measured)
{
    double cpu = role_cpu_seconds(side->role);
    struct load_result result = load_run(load, bench->seconds, NULL);
    cpu = role_cpu_seconds(side->role) - cpu;
    figure_add(&measured->rate, (double)result.replies / result.seconds);
    figure_add(&measured->cpu_us, cpu * 1e6 / (double)result.begun);
}

/* Rounds of both, turn by turn. limit may be NULL. */
static void measure(const struct bench *bench, struct side *side, struct measured *measured,
                    struct side *limit, struct measured *limit_measured)
{
    struct load *load = open_side(side);
    struct load *limit_load = limit ? open_side(limit) : NULL;
    load_run(load, 0.1, NULL);
    if (limit_load)
        load_run(limit_load, 0.1, NULL);
    for (int i = 0; i < bench->rounds; i++) {
        measure_round(bench, side, load, measured);
        if (limit_load)
            measure_round(bench, limit, limit_load, limit_measured);
    }
    close_side(side, load);
    if (limit_load)
        close_side(limit, limit_load);
}

static void report_measured(const struct bench *bench, const char *what, struct measured *measured,
                            enum goal goal, double limit)
{
    measured->rate.unit = "/s";
    measured->cpu_us.unit = "us";
    report_figure(&bench->report, what, &measured->rate, goal, limit);
    report_figure(&bench->report, "  the server's CPU for one", &measured->cpu_us, NO_GOAL, 0);
}

/* --- Writes --- */

static void measure_store(struct bench *bench, struct figure *figure)
{
    char seconds[32];
    snprintf(seconds, sizeof(seconds), "%g", bench->seconds);
    for (int i = 0; i < bench->rounds; i++) {
        struct role role;
        role_start(&role, "store", new_folder(bench), seconds);
        figure_add(figure, atof(role.address));
        role_stop(&role);
    }
}

static void bench_creates(struct bench *bench, const struct role *server, const struct role *echo,
                          bool is_tls)
{
    struct measured creates = {0}, echoes = {0}, updates = {0};
    const char *how = is_tls ? "TLS" : "plain";
    char what[96];
    struct side side = {server, is_tls, WRITE_CONNECTIONS, 201, make_create, {.name = how}};
    struct side limit = {echo, is_tls, WRITE_CONNECTIONS, 201, make_create, {.name = how}};
    side.maker.name = is_tls ? "with-tls" : "plain";
    measure(bench, &side, &creates, &limit, &echoes);
    side.make = make_update;
    side.code = 200;
    measure(bench, &side, &updates, NULL, NULL);
    snprintf(what, sizeof(what), "durable creates of 1 KB, %s", how);
    report_measured(bench, what, &creates, is_tls ? NO_GOAL : AT_LEAST, 20000);
    snprintf(what, sizeof(what), "  limit: parse and print without a store, %s", how);
    report_measured(bench, what, &echoes, NO_GOAL, 0);
    report_ratio(&bench->report, "  creates of parse and print", &creates.rate, &echoes.rate,
                 AT_LEAST, 60);
    snprintf(what, sizeof(what), "durable updates of 1 KB, %s", how);
    report_measured(bench, what, &updates, NO_GOAL, 0);
    report_ratio(&bench->report, "  updates of parse and print", &updates.rate, &echoes.rate,
                 NO_GOAL, 0);
}

static void bench_writes(struct bench *bench)
{
    struct role server, echo;
    struct figure store = {.unit = "/s"};
    measure_store(bench, &store);
    report_figure(&bench->report, "limit: the store alone, durable, 256 writers", &store, NO_GOAL,
                  0);
    role_start(&server, "server", new_folder(bench), NULL);
    role_start(&echo, "echo", new_folder(bench), NULL);
    bench_creates(bench, &server, &echo, false);
    bench_creates(bench, &server, &echo, true);
    role_stop(&echo);
    role_stop(&server);
}

/* --- Reads --- */

static void create_some(const struct role *server, const char *name, int count)
{
    struct side side = {server, false, 1, 201, make_create, {.name = name}};
    struct load *load = open_side(&side);
    for (int i = 0; i < count; i++)
        load_run(load, 0, NULL);
    close_side(&side, load);
}

/* How large the reply to a GET is: the fixed bytes are as many. */
static int64_t reply_size(const struct role *server, const char *path)
{
    struct side side = {server, false, 1, 200, make_read, {.path = path}};
    struct load *load = open_side(&side);
    int64_t size = load_run(load, 0, NULL).bytes;
    close_side(&side, load);
    return size;
}

static void bench_read(struct bench *bench, const struct role *server, const char *what,
                       const char *path, bool is_tls)
{
    char size[32], line[96];
    struct role fixed;
    struct measured measured = {0}, limit_measured = {0};
    int64_t bytes = reply_size(server, path);
    snprintf(size, sizeof(size), "%lld", (long long)bytes);
    role_start(&fixed, "fixed", new_folder(bench), size);
    struct side side = {server, is_tls, READ_CONNECTIONS, 200, make_read, {.path = path}};
    struct side limit = {&fixed, is_tls, READ_CONNECTIONS, 200, make_read, {.path = path}};
    measure(bench, &side, &measured, &limit, &limit_measured);
    const char *how = is_tls ? "TLS" : "plain";
    snprintf(line, sizeof(line), "%s (%lld bytes), %s", what, (long long)bytes, how);
    report_measured(bench, line, &measured, NO_GOAL, 0);
    snprintf(line, sizeof(line), "  limit: fixed bytes of that size, %s", how);
    report_measured(bench, line, &limit_measured, NO_GOAL, 0);
    report_ratio(&bench->report, "  of fixed bytes", &measured.rate, &limit_measured.rate, AT_LEAST,
                 50);
    role_stop(&fixed);
}

static void bench_list_bytes(struct bench *bench, const struct role *server, const char *what,
                             const char *path, bool is_tls)
{
    char line[96];
    struct figure figure = {.unit = "MB/s"};
    struct side side = {server, is_tls, 2, 200, make_read, {.path = path}};
    struct load *load = open_side(&side);
    load_run(load, 0, NULL);
    for (int i = 0; i < bench->rounds; i++) {
        struct load_result result = load_run(load, bench->seconds, NULL);
        figure_add(&figure, (double)result.bytes / 1e6 / result.seconds);
    }
    close_side(&side, load);
    snprintf(line, sizeof(line), "%s, %s", what, is_tls ? "TLS" : "plain");
    report_figure(&bench->report, line, &figure, NO_GOAL, 0);
}

static void bench_reads(struct bench *bench)
{
    struct role server;
    role_start(&server, "server", new_folder(bench), NULL);
    create_some(&server, "read", 1);
    const char *one = CONFIG_MAPS "/read-0000000000";
    bench_read(bench, &server, "GET", one, false);
    bench_read(bench, &server, "GET", one, true);
    create_some(&server, "more", 9);
    bench_read(bench, &server, "LIST of 10", CONFIG_MAPS, false);
    bench_read(bench, &server, "LIST of 10", CONFIG_MAPS, true);
    struct side many = {&server, false, WRITE_CONNECTIONS, 201, make_create, {.name = "many"}};
    struct load *load = open_side(&many);
    while (load_run(load, 0.2, NULL).replies < 0)
        ;
    close_side(&many, load);
    bench_list_bytes(bench, &server, "LIST of thousands", CONFIG_MAPS, false);
    bench_list_bytes(bench, &server, "LIST of thousands", CONFIG_MAPS, true);
    role_stop(&server);
}

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
    append_head("GET", path, 0, request);
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
    append_head("POST", CONFIG_MAPS, body->size, request);
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

static void bench_fan_out(struct bench *bench, const struct role *server, bool is_tls)
{
    static const double per_second = 200;
    char what[96];
    struct watch_result *result =
        mmap(NULL, sizeof(*result), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    double seconds = bench->seconds * bench->rounds;
    const char *label = is_tls ? "with-tls" : "plain";
    pid_t child = fork();
    if (child == 0)
        run_watchers(server, is_tls, label, result);
    while (!result->is_ready && waitpid(child, NULL, WNOHANG) == 0)
        usleep(1000);
    double cpu_before = role_cpu_seconds(server);
    int64_t written = write_stamped(server, label, per_second, seconds);
    result->written = written;
    waitpid(child, NULL, 0);
    double cpu = role_cpu_seconds(server) - cpu_before;
    const char *how = is_tls ? "TLS" : "plain";
    const struct report *report = &bench->report;
    snprintf(what, sizeof(what), "1,000 watchers at 200 writes/s of 1 KB, %s: events", how);
    report_value(report, what, (double)result->events / seconds, "/s", NO_GOAL, 0);
    report_value(report, "  lag, from before the write was sent: p50", result->p50_ms, "ms",
                 NO_GOAL, 0);
    report_value(report, "  lag: p99", result->p99_ms, "ms", AT_MOST, 20);
    report_value(report, "  lag: longest", result->longest_ms, "ms", NO_GOAL, 0);
    report_value(report, "  server's CPU an event", cpu * 1e6 / (double)result->events, "us",
                 NO_GOAL, 0);
    report_value(
        report, "  lost or doubled",
        (double)(llabs((long long)(result->events - written * WATCHERS)) + result->out_of_order),
        "", AT_MOST, 0);
    munmap(result, sizeof(*result));
}

static void bench_watch(struct bench *bench)
{
    struct role server;
    role_start(&server, "server", new_folder(bench), NULL);
    bench_fan_out(bench, &server, false);
    bench_fan_out(bench, &server, true);
    role_stop(&server);
}

/* --- Start and idleness --- */

static void bench_start(struct bench *bench)
{
    const char *folder = new_folder(bench);
    const struct report *report = &bench->report;
    struct figure warm = {.unit = "ms"}, resident = {.unit = "MB"}, wakes = {.unit = "/s"};
    struct role server;
    role_start(&server, "server", folder, NULL);
    report_value(report, "first start: keys made, objects written, ready", server.ready_ms, "ms",
                 NO_GOAL, 0);
    role_stop(&server);
    for (int i = 0; i < bench->rounds; i++) {
        role_start(&server, "server", folder, NULL);
        figure_add(&warm, server.ready_ms);
        usleep(500000);
        int64_t before = role_wake_ups(&server);
        usleep(2000000);
        figure_add(&wakes, (double)(role_wake_ups(&server) - before) / 2);
        figure_add(&resident, role_resident_mb(&server));
        role_stop(&server);
    }
    report_figure(report, "warm start: ready", &warm, AT_MOST, 50);
    report_figure(report, "idle server: resident memory", &resident, AT_MOST, 10);
    report_figure(report, "idle server: wake-ups", &wakes, AT_MOST, 1);
}

/* --- A full cluster --- */

static void make_node(void *context, int64_t n, struct buffer *request)
{
    struct maker *maker = context;
    struct buffer *body = &maker->body;
    buffer_clear(body);
    buffer_format(body,
                  "{\"apiVersion\":\"v1\",\"kind\":\"Node\",\"metadata\":{\"name\":\"node-%05lld\","
                  "\"labels\":{\"kubernetes.io/hostname\":\"node-%05lld\",\"zone\":\"z%lld\"}},"
                  "\"status\":{\"capacity\":{\"cpu\":\"32\",\"memory\":\"256Gi\",\"pods\":\"110\"},"
                  "\"allocatable\":{\"cpu\":\"32\",\"memory\":\"256Gi\",\"pods\":\"110\"}}}",
                  (long long)n, (long long)n, (long long)(n % 3));
    append_head("POST", "/api/v1/nodes", body->size, request);
    buffer_append_slice(request, buffer_slice(body));
}

static void make_pod(void *context, int64_t n, struct buffer *request)
{
    struct maker *maker = context;
    struct buffer *body = &maker->body;
    buffer_clear(body);
    buffer_format(
        body,
        "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"pod-%06lld\",\"labels\":{"
        "\"app\":\"web\",\"third\":\"%s\"}},\"spec\":{\"nodeName\":"
        "\"node-%05lld\",\"containers\":[{\"name\":\"web\",\"image\":\"registry.example.com/team/"
        "web:1.25\",\"args\":[\"--port=8080\"],\"ports\":[{\"containerPort\":8080}],\"env\":[{"
        "\"name\":\"LEVEL\",\"value\":\"info\"}],\"resources\":{\"requests\":{\"cpu\":\"250m\","
        "\"memory\":\"128Mi\"},\"limits\":{\"cpu\":\"500m\",\"memory\":\"256Mi\"}}}]}}",
        (long long)n, n % 3 == 0 ? "yes" : "no", (long long)(n % NODES));
    append_head("POST", "/api/v1/namespaces/default/pods", body->size, request);
    buffer_append_slice(request, buffer_slice(body));
}

/* At least so many; gives how many a second. */
static double fill(const struct role *server, int64_t count,
                   void (*make)(void *context, int64_t n, struct buffer *request))
{
    struct side side = {server, false, WRITE_CONNECTIONS, 201, make, {.name = NULL}};
    struct load *load = open_side(&side);
    int64_t begun_us = clock_steady_us(clock_real());
    int64_t done = 0;
    while (done < count) {
        done += load_run(load, 0.05, NULL).replies;
        done += WRITE_CONNECTIONS; /* Those that came behind the time. */
    }
    double took = (double)(clock_steady_us(clock_real()) - begun_us) / 1e6;
    close_side(&side, load);
    return (double)done / took;
}

/* Handshakes, one after the other at a pace, each with one request. Never returns. */
static void shake_hands(const struct role *server, double per_second)
{
    int64_t begun_us = clock_steady_us(clock_real());
    for (int64_t n = 0;; n++) {
        struct side side = {server, true, 1, 200, make_read, {.path = "/readyz"}};
        struct load *load = open_side(&side);
        load_run(load, 0, NULL);
        close_side(&side, load);
        int64_t due_us = begun_us + (int64_t)((double)(n + 1) / per_second * 1e6);
        int64_t wait_us = due_us - clock_steady_us(clock_real());
        if (wait_us > 0)
            usleep((useconds_t)wait_us);
    }
}

static void make_table(void *context, int64_t n, struct buffer *request)
{
    (void)context;
    (void)n;
    buffer_append_text(request, "GET /api/v1/pods HTTP/1.1\r\nHost: a\r\nAccept: "
                                "application/json;as=Table;v=v1;g=meta.k8s.io\r\n\r\n");
}

/* Tables, one after the other. Never returns. */
static void read_tables(const struct role *server)
{
    struct side side = {server, true, 1, 200, make_table, {.path = NULL}};
    struct load *load = open_side(&side);
    for (;;)
        load_run(load, 1, NULL);
}

static pid_t in_background(const struct role *server, bool shakes)
{
    pid_t child = fork();
    if (child != 0)
        return child;
    if (shakes)
        shake_hands(server, 100);
    read_tables(server);
    _Exit(0);
}

/* p50 and p99 of GETs at a pace, in ms. */
static void time_gets(struct bench *bench, const struct role *server, const char *what,
                      bool is_goal)
{
    char line[96];
    struct samples waits = {0};
    struct maker maker = {.path = "/api/v1/nodes/node-00007"};
    struct load_options options = {
        .address = server->address,
        .tls = server->tls,
        .connections = 8,
        .code = 200,
        .make = make_read,
        .context = &maker,
        .per_second = 500,
    };
    struct load *load = load_open(&options);
    load_run(load, 0.1, NULL);
    load_run(load, bench->seconds * bench->rounds, &waits);
    load_close(load);
    snprintf(line, sizeof(line), "GET at 500/s over TLS, %s: p50", what);
    report_value(&bench->report, line, samples_percentile(&waits, 0.5) * 1e3, "ms", NO_GOAL, 0);
    report_value(&bench->report, "  p99", samples_percentile(&waits, 0.99) * 1e3, "ms",
                 is_goal ? AT_MOST : NO_GOAL, 5);
    samples_release(&waits);
}

/* --- Steps of the loop --- */

struct scrape {
    struct buffer text;
};

static void scraped(void *context, int connection, struct slice data)
{
    struct scrape *scrape = context;
    (void)connection;
    buffer_append_slice(&scrape->text, data);
}

static void make_scrape(void *context, int64_t n, struct buffer *request)
{
    (void)context;
    (void)n;
    append_head("GET", "/metrics", 0, request);
}

/* In ms, since it was asked last. */
static double longest_step(const struct role *server)
{
    static const char name[] = "\ncoracle_loop_longest_step_seconds ";
    struct scrape scrape = {{0}};
    struct load_options options = {.address = server->socket,
                                   .connections = 1,
                                   .code = 200,
                                   .make = make_scrape,
                                   .on_body = scraped,
                                   .context = &scrape};
    struct load *load = load_open(&options);
    load_run(load, 0, NULL);
    load_close(load);
    const char *at = scrape.text.data ? strstr(scrape.text.data, name) : NULL;
    double seconds = at ? atof(at + sizeof(name) - 1) : -1;
    buffer_release(&scrape.text);
    return seconds * 1e3;
}

static void make_any(void *context, int64_t n, struct buffer *request)
{
    (void)n;
    buffer_append_text(request, context);
}

/* One request, and the longest step while it was served. */
static void bench_step(struct bench *bench, const struct role *server, const char *what,
                       const char *request)
{
    struct load_options options = {.address = server->address,
                                   .tls = server->tls,
                                   .connections = 1,
                                   .code = 200,
                                   .make = make_any,
                                   .context = (void *)(uintptr_t)request};
    char line[96];
    struct load *load = load_open(&options);
    longest_step(server);
    load_run(load, 0, NULL);
    snprintf(line, sizeof(line), "longest step of the loop: %s", what);
    report_value(&bench->report, line, longest_step(server), "ms", AT_MOST, 2);
    load_close(load);
}

#define END " HTTP/1.1\r\nHost: a\r\n"
#define TABLE "Accept: application/json;as=Table;v=v1;g=meta.k8s.io\r\n\r\n"
#define PARTIAL "Accept: application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io\r\n\r\n"

static void bench_steps(struct bench *bench, const struct role *server)
{
    static const char *const requests[][2] = {
        {"LIST of 150,000", "GET /api/v1/pods" END "\r\n"},
        {"Table of 150,000", "GET /api/v1/pods" END TABLE},
        {"PartialObjectMetadata of 150,000", "GET /api/v1/pods" END PARTIAL},
        {"KYAML of 150,000", "GET /api/v1/pods" END "Accept: application/yaml\r\n\r\n"},
        {"LIST by a label that none has", "GET /api/v1/pods?labelSelector=none" END "\r\n"},
        {"a page of 500", "GET /api/v1/pods?limit=500" END "\r\n"},
        {"watch with 150,000 initial events, 3 s",
         "GET /api/v1/pods?watch=1&timeoutSeconds=3&sendInitialEvents=true&allowWatchBookmarks=true"
         "&resourceVersionMatch=NotOlderThan" END "\r\n"},
        {"openapi/v3 of the core", "GET /openapi/v3/api/v1" END "\r\n"},
        {"openapi/v3", "GET /openapi/v3" END "\r\n"},
        {"openapi/v2", "GET /openapi/v2" END "\r\n"},
        {"discovery", "GET /apis" END "\r\n"},
        {"metrics", "GET /metrics" END "\r\n"},
        {"a collection of 50,000 deleted", "DELETE /api/v1/namespaces/default/pods?labelSelector="
                                           "third%3Dyes&gracePeriodSeconds=0" END "\r\n"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(requests); i++)
        bench_step(bench, server, requests[i][0], requests[i][1]);
}

static void bench_full(struct bench *bench)
{
    const char *folder = new_folder(bench);
    const struct report *report = &bench->report;
    struct role server;
    role_start(&server, "server", folder, NULL);
    double empty_mb = role_resident_mb(&server);
    fill(&server, NODES, make_node);
    report_value(report, "filling: durable creates of pods (0.6 KB sent, defaults set)",
                 fill(&server, PODS, make_pod), "/s", NO_GOAL, 0);
    double full_mb = role_resident_mb(&server);
    report_value(report, "5,000 nodes, 150,000 pods: resident memory, history included", full_mb,
                 "MB", AT_MOST, 1000);
    report_value(report, "  a pod", (full_mb - empty_mb) * 1000 / PODS, "KB", NO_GOAL, 0);
    time_gets(bench, &server, "nothing else", false);
    pid_t hands = in_background(&server, true);
    time_gets(bench, &server, "100 client-certificate handshakes/s", false);
    pid_t tables = in_background(&server, false);
    usleep(300000);
    time_gets(bench, &server, "and a Table of 150,000 pods in flight", true);
    kill(hands, SIGKILL);
    kill(tables, SIGKILL);
    waitpid(hands, NULL, 0);
    waitpid(tables, NULL, 0);
    report_value(report, "  memory then", role_resident_mb(&server), "MB", NO_GOAL, 0);
    bench_list_bytes(bench, &server, "LIST of 150,000 pods", "/api/v1/pods", true);
    report_value(report, "  memory then", role_resident_mb(&server), "MB", NO_GOAL, 0);
    bench_steps(bench, &server);
    role_stop(&server);
    role_start(&server, "server", folder, NULL);
    report_value(report, "opened again: ready", server.ready_ms, "ms", NO_GOAL, 0);
    report_value(report, "  resident memory", role_resident_mb(&server), "MB", AT_MOST, 1000);
    role_stop(&server);
}

static void raise_file_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static void read_words(struct bench *bench, int count, char **words, const char **parent)
{
    for (int i = 1; i < count; i++) {
        if (strcmp(words[i], "--json") == 0)
            bench->report.as_json = true;
        else if (strcmp(words[i], "--seconds") == 0 && i + 1 < count)
            bench->seconds = atof(words[++i]);
        else if (strcmp(words[i], "--rounds") == 0 && i + 1 < count)
            bench->rounds = atoi(words[++i]);
        else if (strcmp(words[i], "--folder") == 0 && i + 1 < count)
            *parent = words[++i];
        else
            bench->words[bench->word_count++] = words[i];
    }
    if (bench->rounds < 1 || bench->rounds > ROUNDS_MAX)
        bench->rounds = 5;
}

int main(int count, char **words)
{
    char folder[400], command[500];
    const char *parent = getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp";
    raise_file_limit();
    if (count >= 4 && strcmp(words[1], "--role") == 0)
        return role_run(words[2], words[3], count > 4 ? words[4] : NULL);
    struct bench bench = {.report = {.bench = "api"}, .seconds = 1, .rounds = 5, .words = words};
    read_words(&bench, count, words, &parent);
    snprintf(folder, sizeof(folder), "%s/bench-api-XXXXXX", parent);
    bench.folder = mkdtemp(folder);
    if (!bench.folder)
        return 1;
    report_note(&bench.report, "Writes are durable: SQLite WAL, synchronous=FULL. Median of the "
                               "rounds, +- half of what they lie apart.");
    if (wants(&bench, "writes"))
        bench_writes(&bench);
    if (wants(&bench, "reads"))
        bench_reads(&bench);
    if (wants(&bench, "watch"))
        bench_watch(&bench);
    if (wants(&bench, "start"))
        bench_start(&bench);
    if (wants(&bench, "full"))
        bench_full(&bench);
    snprintf(command, sizeof(command), "rm -rf '%s'", folder);
    return system(command) == 0 ? 0 : 1;
}
