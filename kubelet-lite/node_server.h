/* What a node's agent answers: logs, commands, attachments, ports of its pods.
 *
 *   GET  /healthz
 *   GET  /containerLogs/NAMESPACE/POD/CONTAINER?follow&previous&timestamps&tailLines&...
 *   any  /exec/NAMESPACE/POD/UID/CONTAINER?command=...&input&output&error&tty   WebSocket
 *   any  /attach/NAMESPACE/POD/UID/CONTAINER?input&output&error&tty             WebSocket
 *   any  /portForward/NAMESPACE/POD/UID                                         WebSocket
 *
 * The paths and their errors are upstream's (pkg/kubelet/server/server.go), so what speaks to a
 * kubelet speaks to this. It listens nowhere: connections are handed to it, by the link to the
 * server, which has asked who may. Thread: the loop's. */
#ifndef KUBELET_NODE_SERVER_H
#define KUBELET_NODE_SERVER_H

#include "core/net/http_server.h"
#include "kubelet-lite/kubelet.h"

struct node_server;

struct node_server_options {
    struct kubelet *kubelet;
    struct runtime *runtime;
    /* Where the log of a run is; in arena. */
    const char *(*log_path)(void *context, struct arena *arena, const struct pod_worker *worker,
                            const char *container, int64_t attempt);
    void *context;
};

struct node_server *node_server_open(struct loop *loop, const struct node_server_options *options);
/* Takes stream; early, borrowed, has come from it already. */
void node_server_accept(struct node_server *server, struct stream *stream, struct slice early);
/* Ends all that is under way, then closed(); before the kubelet stops. */
void node_server_close(struct node_server *server, void (*closed)(void *context), void *context);

/* --- For the files of the server --- */

struct node_request { /* One request, as the path and the query say. */
    struct node_server *server;
    struct http_exchange *exchange;
    struct arena arena;
    struct slice parts[6];       /* Of the path, decoded. */
    size_t part_count;
    struct list link;
    void (*gone)(struct node_request *request); /* The peer has gone. */
    void (*drained)(struct node_request *request);
    void *own;
};

const struct node_server_options *node_request_options(const struct node_request *request);
/* The decoded value of a key; data NULL: absent. */
struct slice node_request_query(struct node_request *request, const char *key);
bool node_request_is_on(struct node_request *request, const char *key);
/* Values of a key that repeats; ends with NULL. */
const char *const *node_request_values(struct node_request *request, const char *key);
/* Answers with a text and ends the request. */
void node_request_fail(struct node_request *request, int code, const char *format, ...)
    PRINTF_LIKE(3, 4);
void node_request_free(struct node_request *request); /* Its exchange has ended. */

void node_logs_serve(struct node_request *request);
/* What a kubelet says of a container whose log cannot be had, or NULL; attempt says which run. */
const char *node_logs_find_run(struct arena *arena, const struct pod_worker *worker,
                               const struct container_worker *container, bool previous,
                               int64_t *attempt);
void node_exec_serve(struct node_request *request);
void node_attach_serve(struct node_request *request);
void node_ports_serve(struct node_request *request);

#endif
