/* Load on an HTTP server: connections that each have one request in flight.
 *
 * Lean on purpose, with a reader of replies that knows lengths and chunks and no more, so that
 * the server and not its client is what is measured. It has a loop of its own and is meant for a
 * process of its own. A reply with another code than expected ends the bench. */
#ifndef TESTS_BENCH_LOAD_H
#define TESTS_BENCH_LOAD_H

#include "core/net/loop.h"
#include "core/net/tls.h"
#include "tests/bench/figures.h"

struct load;

struct load_options {
    const char *address;    /* "127.0.0.1:PORT", or the path of a unix socket. */
    struct tls_config *tls; /* NULL: plain. Borrowed. */
    int connections;
    int code;               /* Of every reply. */
    /* Appends the whole next request. */
    void (*make)(void *context, int64_t n, struct buffer *request);
    /* Pieces of bodies as they come; may be NULL. */
    void (*on_body)(void *context, int connection, struct slice data);
    void *context;
    double per_second;      /* Requests are begun at this pace; 0: one follows the other. */
};

/* Returns when all are connected. Exits where that fails. */
struct load *load_open(const struct load_options *options);
/* Goes on for so long; adds to samples, which may be NULL, the seconds each reply took. Replies
 * that come after the time are waited for and not counted. */
struct load_result {
    int64_t replies;
    int64_t begun;          /* Requests, the late ones too. */
    int64_t bytes;          /* Of bodies. */
    double seconds;
};
struct load_result load_run(struct load *load, double seconds, struct samples *samples);
/* Begins one request on each connection and returns at once when all heads have come: watches. */
void load_start(struct load *load);
struct loop *load_loop(struct load *load);
void load_close(struct load *load);

#endif
