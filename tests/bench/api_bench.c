#include "tests/bench/api_bench.h"

#include <stdio.h>

const char *api_new_folder(struct bench *bench)
{
    char *path = mem_alloc(600);
    snprintf(path, 600, "%s/%d", bench->folder, bench->folders++);
    return path;
}

/* --- Requests --- */

void api_append_head(const char *method, const char *path, size_t size, struct buffer *request)
{
    buffer_format(request,
                  "%s %s HTTP/1.1\r\nHost: 127.0.0.1:6443\r\nUser-Agent: bench/v1 (linux/amd64)\r\n"
                  "Accept: application/json\r\n",
                  method, path);
    if (size > 0)
        buffer_format(request, "Content-Type: application/json\r\nContent-Length: %zu\r\n", size);
    buffer_append_text(request, "\r\n");
}

void api_make_create(void *context, int64_t n, struct buffer *request)
{
    struct maker *maker = context;
    char name[64];
    snprintf(name, sizeof(name), "%s-%010lld", maker->name, (long long)n);
    buffer_clear(&maker->body);
    role_append_body(name, n, &maker->body);
    api_append_head("POST", CONFIG_MAPS, maker->body.size, request);
    buffer_append_slice(request, buffer_slice(&maker->body));
}

void api_make_update(void *context, int64_t n, struct buffer *request)
{
    struct maker *maker = context;
    char path[128];
    snprintf(path, sizeof(path), CONFIG_MAPS "/%s-%010lld", maker->name,
             (long long)(n * 7919 % UPDATED));
    buffer_clear(&maker->body);
    role_append_body(strrchr(path, '/') + 1, n, &maker->body);
    api_append_head("PUT", path, maker->body.size, request);
    buffer_append_slice(request, buffer_slice(&maker->body));
}

void api_make_read(void *context, int64_t n, struct buffer *request)
{
    struct maker *maker = context;
    (void)n;
    api_append_head("GET", maker->path, 0, request);
}

/* --- Load --- */

struct load *api_open_side(struct side *side)
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

void api_close_side(struct side *side, struct load *load)
{
    load_close(load);
    buffer_release(&side->maker.body);
}

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
void api_measure(const struct bench *bench, struct side *side, struct measured *measured,
                 struct side *limit, struct measured *limit_measured)
{
    struct load *load = api_open_side(side);
    struct load *limit_load = limit ? api_open_side(limit) : NULL;
    load_run(load, 0.1, NULL);
    if (limit_load)
        load_run(limit_load, 0.1, NULL);
    for (int i = 0; i < bench->rounds; i++) {
        measure_round(bench, side, load, measured);
        if (limit_load)
            measure_round(bench, limit, limit_load, limit_measured);
    }
    api_close_side(side, load);
    if (limit_load)
        api_close_side(limit, limit_load);
}

void api_report_measured(const struct bench *bench, const char *what, struct measured *measured,
                         enum goal goal, double limit)
{
    measured->rate.unit = "/s";
    measured->cpu_us.unit = "us";
    report_figure(&bench->report, what, &measured->rate, goal, limit);
    report_figure(&bench->report, "  the server's CPU for one", &measured->cpu_us, NO_GOAL, 0);
}

void api_bench_list_bytes(struct bench *bench, const struct role *server, const char *what,
                          const char *path, bool is_tls)
{
    char line[96];
    struct figure figure = {.unit = "MB/s"};
    struct side side = {server, is_tls, 2, 200, api_make_read, {.path = path}};
    struct load *load = api_open_side(&side);
    load_run(load, 0, NULL);
    for (int i = 0; i < bench->rounds; i++) {
        struct load_result result = load_run(load, bench->seconds, NULL);
        figure_add(&figure, (double)result.bytes / 1e6 / result.seconds);
    }
    api_close_side(&side, load);
    snprintf(line, sizeof(line), "%s, %s", what, is_tls ? "TLS" : "plain");
    report_figure(&bench->report, line, &figure, NO_GOAL, 0);
}
