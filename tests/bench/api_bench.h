/* What the parts of `bench -- api` share: the run, requests, and load on one server. */
#ifndef TESTS_BENCH_API_BENCH_H
#define TESTS_BENCH_API_BENCH_H

#include "tests/bench/load.h"
#include "tests/bench/roles.h"

enum { WRITE_CONNECTIONS = 256, READ_CONNECTIONS = 32, UPDATED = 1000, WATCHERS = 1000 };

#define CONFIG_MAPS "/api/v1/namespaces/default/configmaps"

struct bench {
    struct report report;
    double seconds;
    int rounds;
    const char *folder;
    char **words;
    int word_count;
    int folders;
};
const char *api_new_folder(struct bench *bench); /* Not yet made. */

/* --- Requests: what make() of a load appends; context is a struct maker. --- */
struct maker {
    const char *path; /* Of a read. */
    const char *name; /* Names of created objects begin with it. */
    struct buffer body;
};
void api_append_head(const char *method, const char *path, size_t size, struct buffer *request);
void api_make_create(void *context, int64_t n, struct buffer *request);
void api_make_update(void *context, int64_t n, struct buffer *request);
void api_make_read(void *context, int64_t n, struct buffer *request);

/* --- Load on one server --- */
struct side {
    const struct role *role;
    bool is_tls;
    int connections;
    int code;
    void (*make)(void *context, int64_t n, struct buffer *request);
    struct maker maker;
};
struct load *api_open_side(struct side *side);
void api_close_side(struct side *side, struct load *load);

struct measured {
    struct figure rate;   /* Replies a second. */
    struct figure cpu_us; /* Of the server's threads, a reply. */
};
/* Rounds of both, turn by turn. limit may be NULL. */
void api_measure(const struct bench *bench, struct side *side, struct measured *measured,
                 struct side *limit, struct measured *limit_measured);
void api_report_measured(const struct bench *bench, const char *what, struct measured *measured,
                         enum goal goal, double limit);
void api_bench_list_bytes(struct bench *bench, const struct role *server, const char *what,
                          const char *path, bool is_tls);

/* --- The parts --- */
void api_bench_writes(struct bench *bench);
void api_bench_reads(struct bench *bench);
void api_bench_watch(struct bench *bench);
void api_bench_start(struct bench *bench);
void api_bench_full(struct bench *bench);

#endif
