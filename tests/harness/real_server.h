/* The real binary as a process, and real clients against it.
 *
 * CORACLE_BIN names the binary, KUBECTL the client of the version that is served;
 * the runner sets both. A test that needs what is not there skips and says so. */
#ifndef TESTS_HARNESS_REAL_SERVER_H
#define TESTS_HARNESS_REAL_SERVER_H

#include <sys/types.h>

#include <stdarg.h>

#include "tests/harness/test.h"

struct real_server {
    pid_t pid;
    int out;                /* Its stdout. */
    const char *folder;
    char *kubeconfig;
    char *address;          /* "127.0.0.1:43111" */
    /* Of the last command: */
    int code;               /* Exit code. */
    struct buffer output;   /* stdout and stderr, as they came. */
};

/* Starts "coracle COMMAND --data-dir FOLDER --listen 127.0.0.1:0 ARGUMENTS..." and waits for its
 * ready line. arguments is split at spaces; may be "". */
void real_server_start(struct real_server *server, const char *command, const char *arguments);
/* The same folder again, after an end or a kill. */
void real_server_restart(struct real_server *server, const char *command, const char *arguments);
void real_server_kill(struct real_server *server, int signal); /* And waits for its end. */
void real_server_stop(struct real_server *server);             /* SIGTERM; must exit 0. */

/* Runs a shell command with KUBECONFIG set, "kubectl" being $KUBECTL and "coracle" $CORACLE_BIN.
 * Standard input is empty. Gives the output. */
const char *real_run(struct real_server *server, const char *format, ...) PRINTF_LIKE(2, 3);

#define EXPECT_RUNS(server, ...)                                                           \
    (real_run(server, __VA_ARGS__), (server)->code == 0                                    \
                                        ? (void)0                                          \
                                        : test_fail(__FILE__, __LINE__, "exit %d: %s",     \
                                                    (server)->code, (server)->output.data))
#define EXPECT_FAILS(server, ...)                                                             \
    (real_run(server, __VA_ARGS__), (server)->code != 0                                       \
                                        ? (void)0                                             \
                                        : test_fail(__FILE__, __LINE__, "exit 0, yet: %s",    \
                                                    (server)->output.data))
/* The last output contains a text. */
#define EXPECT_SAID(server, text)                                                        \
    (strstr((server)->output.data, text) != NULL                                         \
         ? (void)0                                                                       \
         : test_fail(__FILE__, __LINE__, "\"%s\" is not in: %s", text, (server)->output.data))

#endif
