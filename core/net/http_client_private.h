/* What http_client.c (connections) and http_call.c (calls) share. */
#ifndef CORE_NET_HTTP_CLIENT_PRIVATE_H
#define CORE_NET_HTTP_CLIENT_PRIVATE_H

#include "core/net/dial.h"
#include "core/net/http_client.h"
#include "core/net/http_parser.h"

enum http_client_phase { DIALLING, BUSY, IDLE, CLOSED };

struct http_client {
    struct loop *loop;
    struct http_client_options options; /* Its texts are ours. */
    struct list connections;
    struct client_connection *idle;     /* At most one. */
};

struct client_connection {
    struct http_client *client; /* NULL when the client has closed. */
    struct list link;
    int phase;
    struct dial *dial;
    void *asked;                /* In place of it, where there is a connector. */
    struct stream *stream;
    struct http_parser parser;
    struct http_call *call;     /* NULL when idle or closed. */
    struct buffer input;        /* Come and not parsed, from input_used on. */
    size_t input_used;
    struct timer idle_timer;
    struct message turn;        /* Reads on after a pause. */
    bool turn_posted;
    bool reading;               /* Events are being told: it is not freed meanwhile. */
    bool was_idle;              /* This call is not its first, */
    bool heard;                 /* and bytes have come since it began. */
    bool peer_ended;
};

struct http_call {
    struct http_client *client;
    struct client_connection *connection;
    const struct http_call_handler *handler;
    void *context;
    char *name;             /* "GET /path", for errors. */
    struct buffer request;  /* What is to be written once there is a connection, */
    bool repeatable;        /* and what to write again. */
    bool is_head;
    bool streams;           /* http_call_end() has not been called. */
    bool paused;
    bool answered;          /* on_response was called. */
    bool upgrading;         /* The response is 101. */
    struct timer timer;
};

/* --- http_client.c --- */

/* Gives the call a connection: the idle one, or a new one. */
void http_client_assign(struct http_call *call);
/* Parts the connection from call and client; its memory goes when its stream has. */
void http_client_drop(struct client_connection *connection);
/* What a paused call does not want stays with the server. */
void http_client_follow_reading(struct client_connection *connection);

/* --- http_call.c --- */

void http_call_free(struct http_call *call);
/* Ends the call with an error. Its connection has been dropped. */
void http_call_fail(struct http_call *call, enum status_reason reason, const char *why);

#endif
