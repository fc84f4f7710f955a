/* A server in this process: the only place that wires all rooms together.
 *
 * `up`, `server` and `demo` start it, wait until it is ready, and stop it. Thread:
 * the loop's; the loop runs until server_process_stop() has ended everything. */
#ifndef CLI_SERVER_PROCESS_H
#define CLI_SERVER_PROCESS_H

#include <stdint.h>

#include "api/service_ranges.h"
#include "controllers/controller.h"
#include "core/net/loop.h"
#include "core/status.h"

struct server_process;
struct certificate_authority;

struct server_process_options {
    const char *data_dir;           /* All state; made when absent. */
    const char *listen;             /* "127.0.0.1:6443"; port 0: any. */
    int64_t virtual_nodes;          /* 0: none. */
    const char *virtual_node_shape; /* NULL: the default. */
    double time_scale;              /* Of virtual pods' lifecycles; 0: 1. */
    int64_t history_bytes;          /* 0: the default. */
    bool accept_data_loss;
    const char *audit_policy_file;  /* NULL: audit_policy_default(). */
    const char *audit_log_path;     /* NULL: audit.log in data_dir. */
    int64_t audit_log_megabytes;    /* Of one file; 0: 100. */
    int64_t audit_log_backups;      /* Full files that are kept; 0: 5. */
    struct controller_options controllers;       /* Zeroed: the defaults; addresses do not matter. */
    struct service_ranges_config service_ranges; /* Zeroed: the default. */
    /* Once, when the server answers, or failed to start: status says which. */
    void (*ready)(void *context, const struct status *status);
    void *context;
};

/* Fails where nothing was started; else ready() tells. */
MUST_USE int server_process_start(struct loop *loop, const struct server_process_options *options,
                                  struct server_process **server, struct status *status);
/* "127.0.0.1:43111", as bound. */
const char *server_process_address(const struct server_process *server);
/* How this machine reaches it: "https://127.0.0.1:43111". */
const char *server_process_url(const struct server_process *server);
const char *server_process_kubeconfig(const struct server_process *server);
/* Signs for the node of this machine. Borrowed. */
const struct certificate_authority *server_process_authority(const struct server_process *server);
/* The program that `coracle demo` and tests watch: how far things are. */
struct client *server_process_client(struct server_process *server);
/* Ends connections, then components, then stops the loop. */
void server_process_stop(struct server_process *server);
/* After loop_run() returned: commits what is queued and frees. Takes NULL. */
void server_process_destroy(struct server_process *server);

/* Where state is kept when nobody says: /var/lib/coracle, or below XDG_STATE_HOME. Gives text. */
char *default_data_dir(void);

#endif
