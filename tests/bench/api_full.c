/* A server that starts, one that is idle, and one with a whole cluster in it. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/api_bench.h"

#define PODS 150000
#define NODES 5000

/* --- Start and idleness --- */

void api_bench_start(struct bench *bench)
{
    const char *folder = api_new_folder(bench);
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
    api_append_head("POST", "/api/v1/nodes", body->size, request);
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
    api_append_head("POST", "/api/v1/namespaces/default/pods", body->size, request);
    buffer_append_slice(request, buffer_slice(body));
}

/* At least so many; gives how many a second. */
static double fill(const struct role *server, int64_t count,
                   void (*make)(void *context, int64_t n, struct buffer *request))
{
    struct side side = {server, false, WRITE_CONNECTIONS, 201, make, {.name = NULL}};
    struct load *load = api_open_side(&side);
    int64_t begun_us = clock_steady_us(clock_real());
    int64_t done = 0;
    while (done < count) {
        done += load_run(load, 0.05, NULL).replies;
        done += WRITE_CONNECTIONS; /* Those that came behind the time. */
    }
    double took = (double)(clock_steady_us(clock_real()) - begun_us) / 1e6;
    api_close_side(&side, load);
    return (double)done / took;
}

/* Handshakes, one after the other at a pace, each with one request. Never returns. */
static void shake_hands(const struct role *server, double per_second)
{
    int64_t begun_us = clock_steady_us(clock_real());
    for (int64_t n = 0;; n++) {
        struct side side = {server, true, 1, 200, api_make_read, {.path = "/readyz"}};
        struct load *load = api_open_side(&side);
        load_run(load, 0, NULL);
        api_close_side(&side, load);
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
    struct load *load = api_open_side(&side);
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
        .make = api_make_read,
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
    api_append_head("GET", "/metrics", 0, request);
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

void api_bench_full(struct bench *bench)
{
    const char *folder = api_new_folder(bench);
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
    api_bench_list_bytes(bench, &server, "LIST of 150,000 pods", "/api/v1/pods", true);
    report_value(report, "  memory then", role_resident_mb(&server), "MB", NO_GOAL, 0);
    bench_steps(bench, &server);
    role_stop(&server);
    role_start(&server, "server", folder, NULL);
    report_value(report, "opened again: ready", server.ready_ms, "ms", NO_GOAL, 0);
    report_value(report, "  resident memory", role_resident_mb(&server), "MB", AT_MOST, 1000);
    role_stop(&server);
}
