/* What the API's bench measures, each in a process of its own: the bench runs itself again with
 * `--role NAME FOLDER`. A role prints "ready ADDRESS" when it answers, and ends on SIGTERM.
 *
 *   server   the whole server process, as `coracle server` runs it
 *   fixed    the same loop, HTTP and TLS, answering fixed bytes
 *   echo     the same, reading each body as JSON (pinned cJSON, arena) and printing it again
 *   fan      the same, sending 1,000 open replies the bytes of an event 200 times a second
 *   store    no HTTP: the store alone, durable; prints transactions a second */
#ifndef TESTS_BENCH_ROLES_H
#define TESTS_BENCH_ROLES_H

#include <stdbool.h>
#include <sys/types.h>

#include "core/net/tls.h"

#define FIXED_BODY_SIZE 1024

/* An object as the figures use it: a ConfigMap that is 1 KB as a request's body. */
void role_append_body(const char *name, int64_t number, struct buffer *body);

/* Runs the role; an exit code. */
int role_run(const char *name, const char *folder, const char *argument);

struct role {
    pid_t pid;
    int out;                /* What it prints, after the ready line. */
    char address[64];       /* TLS. */
    char socket[512];       /* Plain. */
    struct tls_config *tls; /* Of its administrator. */
    double ready_ms;        /* From the fork to the ready line. */
};
/* folder is where its state is; argument may be NULL. */
void role_start(struct role *role, const char *name, const char *folder, const char *argument);
void role_stop(struct role *role);
double role_resident_mb(const struct role *role);
/* Times that its threads have been woken, ever. */
int64_t role_wake_ups(const struct role *role);
double role_cpu_seconds(const struct role *role);

#endif
