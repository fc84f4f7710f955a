/* A server's connection, shared by http_connection.c (its life), http_receive.c
 * (requests), http_exchange.c (replies), http_deadline.c and http_server.c. */
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
    bool stepping;     /* A step is running, which will settle what follows. */
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

static inline int64_t http_connection_now_us(const struct http_connection *connection)
{
    return clock_steady_us(loop_clock(connection->server->loop));
}

void http_connection_open(struct http_server *server, struct stream *stream, struct slice early);
/* The server closes: ends the connection as soon as may be. */
void http_connection_wind_up(struct http_connection *connection);

/* --- http_connection.c --- */
void http_connection_move(struct http_connection *connection, enum http_phase phase);
/* Something may go on; does it soon, and not from inside a call. */
void http_connection_want_turn(struct http_connection *connection);
/* Gives the stream what was written. */
void http_connection_flush(struct http_connection *connection);
/* The handler has ended its exchange. */
void http_connection_exchange_over(struct http_connection *connection);
/* Ends our side and waits for the peer's end. */
void http_connection_linger(struct http_connection *connection);
/* The peer is gone, or as good as: nothing can be written or read any more. */
void http_connection_lose(struct http_connection *connection);
/* Drops everything. */
void http_connection_close(struct http_connection *connection);
/* Ends the connection but not its stream, which the caller takes. */
struct stream *http_connection_leave(struct http_connection *connection, struct buffer *early);

/* --- http_receive.c --- */
bool http_connection_wants_body(const struct http_connection *connection);
bool http_connection_has_input(const struct http_connection *connection);
/* Whether there are bytes, and they may be looked at now. */
bool http_connection_may_parse(const struct http_connection *connection);
/* Takes one event off the input. */
void http_connection_parse(struct http_connection *connection);
/* Tells the handler of its body's end. */
void http_connection_tell_notice(struct http_connection *connection);

/* --- http_deadline.c --- */
void http_connection_arm(struct http_connection *connection);
void http_connection_note_progress(struct http_connection *connection); /* Bytes may have left. */
void http_connection_time_over(struct timer *timer);

/* The last connection may have gone. */
void http_server_connection_gone(struct http_server *server);

#endif
