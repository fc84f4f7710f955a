/* Writes and reads a second, beside the same loop without a store. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/bench/api_bench.h"

/* --- Writes --- */

static void measure_store(struct bench *bench, struct figure *figure)
{
    char seconds[32];
    snprintf(seconds, sizeof(seconds), "%g", bench->seconds);
    for (int i = 0; i < bench->rounds; i++) {
        struct role role;
        role_start(&role, "store", api_new_folder(bench), seconds);
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
    struct side side = {server, is_tls, WRITE_CONNECTIONS, 201, api_make_create, {.name = how}};
    struct side limit = {echo, is_tls, WRITE_CONNECTIONS, 201, api_make_create, {.name = how}};
    side.maker.name = is_tls ? "with-tls" : "plain";
    api_measure(bench, &side, &creates, &limit, &echoes);
    side.make = api_make_update;
    side.code = 200;
    api_measure(bench, &side, &updates, NULL, NULL);
    snprintf(what, sizeof(what), "durable creates of 1 KB, %s", how);
    api_report_measured(bench, what, &creates, is_tls ? NO_GOAL : AT_LEAST, 20000);
    snprintf(what, sizeof(what), "  limit: parse and print without a store, %s", how);
    api_report_measured(bench, what, &echoes, NO_GOAL, 0);
    report_ratio(&bench->report, "  creates of parse and print", &creates.rate, &echoes.rate,
                 AT_LEAST, 60);
    snprintf(what, sizeof(what), "durable updates of 1 KB, %s", how);
    api_report_measured(bench, what, &updates, NO_GOAL, 0);
    report_ratio(&bench->report, "  updates of parse and print", &updates.rate, &echoes.rate,
                 NO_GOAL, 0);
}

void api_bench_writes(struct bench *bench)
{
    struct role server, echo;
    struct figure store = {.unit = "/s"};
    measure_store(bench, &store);
    report_figure(&bench->report, "limit: the store alone, durable, 256 writers", &store, NO_GOAL,
                  0);
    role_start(&server, "server", api_new_folder(bench), NULL);
    role_start(&echo, "echo", api_new_folder(bench), NULL);
    bench_creates(bench, &server, &echo, false);
    bench_creates(bench, &server, &echo, true);
    role_stop(&echo);
    role_stop(&server);
}

/* --- Reads --- */

static void create_some(const struct role *server, const char *name, int count)
{
    struct side side = {server, false, 1, 201, api_make_create, {.name = name}};
    struct load *load = api_open_side(&side);
    for (int i = 0; i < count; i++)
        load_run(load, 0, NULL);
    api_close_side(&side, load);
}

/* How large the reply to a GET is: the fixed bytes are as many. */
static int64_t reply_size(const struct role *server, const char *path)
{
    struct side side = {server, false, 1, 200, api_make_read, {.path = path}};
    struct load *load = api_open_side(&side);
    int64_t size = load_run(load, 0, NULL).bytes;
    api_close_side(&side, load);
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
    role_start(&fixed, "fixed", api_new_folder(bench), size);
    struct side side = {server, is_tls, READ_CONNECTIONS, 200, api_make_read, {.path = path}};
    struct side limit = {&fixed, is_tls, READ_CONNECTIONS, 200, api_make_read, {.path = path}};
    api_measure(bench, &side, &measured, &limit, &limit_measured);
    const char *how = is_tls ? "TLS" : "plain";
    snprintf(line, sizeof(line), "%s (%lld bytes), %s", what, (long long)bytes, how);
    api_report_measured(bench, line, &measured, NO_GOAL, 0);
    snprintf(line, sizeof(line), "  limit: fixed bytes of that size, %s", how);
    api_report_measured(bench, line, &limit_measured, NO_GOAL, 0);
    report_ratio(&bench->report, "  of fixed bytes", &measured.rate, &limit_measured.rate, AT_LEAST,
                 50);
    role_stop(&fixed);
}

void api_bench_reads(struct bench *bench)
{
    struct role server;
    role_start(&server, "server", api_new_folder(bench), NULL);
    create_some(&server, "read", 1);
    const char *one = CONFIG_MAPS "/read-0000000000";
    bench_read(bench, &server, "GET", one, false);
    bench_read(bench, &server, "GET", one, true);
    create_some(&server, "more", 9);
    bench_read(bench, &server, "LIST of 10", CONFIG_MAPS, false);
    bench_read(bench, &server, "LIST of 10", CONFIG_MAPS, true);
    struct side many = {&server, false, WRITE_CONNECTIONS, 201, api_make_create, {.name = "many"}};
    struct load *load = api_open_side(&many);
    while (load_run(load, 0.2, NULL).replies < 0)
        ;
    api_close_side(&many, load);
    api_bench_list_bytes(bench, &server, "LIST of thousands", CONFIG_MAPS, false);
    api_bench_list_bytes(bench, &server, "LIST of thousands", CONFIG_MAPS, true);
    role_stop(&server);
}
