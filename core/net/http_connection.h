/* A server's connection, shared by http_connection.c (which reads, waits and
 * closes), http_exchange.c (which writes replies) and http_server.c. */
#ifndef CORE_NET_HTTP_CONNECTION_H
#define CORE_NET_HTTP_CONNECTION_H

#include "core/net/http_parser.h"
#include "core/net/http_server.h"

struct http_server {
    struct loop *loop;
    struct http_server_options options; /* Without zeros. */
    http_request_fn *on_request;
    void *context;
    struct list connections;
    size_t connection_count;
    bool closing;
    void (*closed)(void *context); /* May be NULL. */
    void *closed_context;
    struct message gone; /* Posted when it closes without a connection. */
    int64_t date_second; /* Of date. */
    char date[HTTP_DATE_SIZE];
};

/* Bytes of a body read over for the sake of the next request, as in Go's net/http. */
#define HTTP_DROPPED_MAX (256 * 1024)

enum http_phase {
    READING_HEAD, /* Idle, or within a request's head. */
    HANDLING,     /* The exchange is the handler's. */
    DROPPING,     /* The reply is done, the request's body not: it is read over. */
    LINGERING,    /* All is said; waits for the peer's end, so that it can read the reply. */
    CLOSED,       /* Waits for the stream's close, or has handed the stream over. */
};

enum http_body_state {
    BODY_UNASKED,  /* There is one, and nobody wants it yet. */
    BODY_COLLECTED,
    BODY_STREAMED,
    BODY_REFUSED,  /* Too large or broken: the rest is of no use. */
    BODY_DONE,
};

enum http_reply_state { REPLY_NONE, REPLY_RUNNING, REPLY_DONE };

struct http_connection {
    struct http_exchange exchange; /* Good in HANDLING. */
    struct http_server *server;
    struct list link;
    struct stream *stream; /* NULL when it is gone or handed over. */
    int phase;
    struct message turn;
    bool turn_posted;
    bool stepping;     /* http_connection_step() is running. */
    bool peer_ended;
    bool gone;         /* Nothing that is written arrives. */
    bool gone_told;
    bool close_after;  /* No request after this one. */

    struct http_parser parser;
    struct buffer input; /* Read and not parsed, from input_used on. */
    size_t input_used;

    enum http_body_state body_state;
    bool body_paused;
    bool body_noticed;   /* body_notice is to be told. */
    enum http_body body_notice;
    size_t body_limit;
    size_t dropped;      /* Bytes read over. */
    struct buffer body;
    void (*on_body)(struct http_exchange *exchange, enum http_body result, struct slice body);
    void (*on_data)(struct http_exchange *exchange, struct slice data);
    void (*on_end)(struct http_exchange *exchange, enum http_body result);

    enum http_reply_state reply_state;
    bool reply_chunked;
    bool reply_bodiless;  /* HEAD, 204, 304: what is written is not sent. */
    int64_t reply_left;   /* Bytes that a sized reply still owes. */
    struct buffer output; /* Written and not yet given to the stream. */

    struct timer timer;
    int64_t since_us;      /* When what is waited for now began. */
    int64_t body_bytes;    /* Of this request, for the slowest rate. */
    uint64_t given;        /* Bytes given to the stream, ever. */
    uint64_t taken;        /* Of them, those that had left at taken_us. */
    int64_t taken_us;
};

#define CONNECTION(pointer) CONTAINER_OF(pointer, struct http_connection, exchange)

void http_connection_open(struct http_server *server, struct stream *stream);
/* The server closes: ends the connection as soon as may be. */
void http_connection_wind_up(struct http_connection *connection);

/* --- For http_exchange.c --- */
/* Something may go on; does it soon, and not from inside a call. */
void http_connection_want_turn(struct http_connection *connection);
/* Gives the stream what was written. */
void http_connection_flush(struct http_connection *connection);
/* The handler has ended its exchange. */
void http_connection_exchange_over(struct http_connection *connection);
/* Drops everything. */
void http_connection_close(struct http_connection *connection);
/* Ends the connection but not its stream, which the caller takes. */
struct stream *http_connection_leave(struct http_connection *connection, struct buffer *early);

/* The last connection may have gone. */
void http_server_connection_gone(struct http_server *server);

#endif
