/* An HTTP/1.1 server: streams in, exchanges out.
 *
 * An exchange is one request and its reply. A connection has one at a time;
 * pipelined requests wait for their turn. The handler gets the exchange when
 * the head has come; it may ask for the body, and ends the exchange by exactly
 * one of http_reply(), http_reply_end(), http_upgrade() and http_abort(). It
 * owes that end even when the peer has gone; after it the exchange is no more.
 *
 * Strict: a request that two readers could understand in two ways (both
 * lengths, doubled headers, bare CR or LF, folded lines) is answered 400 and
 * its connection closed. Slow senders and readers are closed by timers.
 *
 * Thread: the loop's. No callback runs from inside a call. */
#ifndef CORE_NET_HTTP_SERVER_H
#define CORE_NET_HTTP_SERVER_H

#include "core/net/http.h"
#include "core/net/stream.h"

struct http_server;
struct http_exchange;

struct http_server_options {  /* 0 gives the default. */
    size_t head_size_max;     /* Bytes of a request's head: 64 KiB; more gets 431. */
    size_t header_count_max;  /* 128; more gets 431. */
    int64_t head_timeout_us;  /* From a head's first byte to its last: 32 s (upstream's). */
    int64_t idle_timeout_us;  /* Between requests: 90 s (upstream's). */
    int64_t body_timeout_us;  /* Without one byte of the body: 60 s. */
    int64_t write_timeout_us; /* Without the peer taking one byte that is pending: 60 s. */
};

/* Takes the exchange (see above). */
typedef void http_request_fn(void *context, struct http_exchange *exchange);

/* options may be NULL. */
struct http_server *http_server_open(struct loop *loop, const struct http_server_options *options,
                                     http_request_fn *on_request, void *context);
void http_server_accept(struct http_server *server, struct stream *stream); /* Takes stream. */
/* The same of a stream that was another's: early, borrowed, came from it before. */
void http_server_accept_early(struct http_server *server, struct stream *stream,
                              struct slice early);
size_t http_server_connections(const struct http_server *server);
/* Ends idle connections at once and the others after their exchange, whose
 * on_gone is called now. closed(), which may be NULL, is called when the last
 * connection is gone; the server is freed then. Takes NULL. */
void http_server_close(struct http_server *server, void (*closed)(void *context), void *context);

enum http_body {
    HTTP_BODY_COMPLETE,
    HTTP_BODY_TOO_LARGE, /* More than was asked for: reply 413. */
    HTTP_BODY_BAD,       /* Broken chunks: reply 400. */
    HTTP_BODY_GONE,      /* The peer went away, or was too slow. */
};

struct http_exchange {
    struct http_request request;
    const struct stream_peer *peer; /* Address; certificate. */
    struct loop *loop;
    /* For the handler to set; each may stay NULL. */
    void *context;
    /* The peer is gone, or the server closes: what is written now is lost. Not
     * called while a body is awaited, whose callback then says GONE. */
    void (*on_gone)(struct http_exchange *exchange);
    /* What was written has left, be it at once: told after each turn that wrote. */
    void (*on_drain)(struct http_exchange *exchange);
};

/* Asks for the whole body, at most limit bytes; body is borrowed until the
 * exchange ends. Sends 100 Continue where it is expected. Once an exchange. */
void http_read_body(struct http_exchange *exchange, size_t limit,
                    void (*on_body)(struct http_exchange *exchange, enum http_body result,
                                    struct slice body));
/* Asks for the body as it comes: pieces, borrowed until return, then the end. */
void http_stream_body(struct http_exchange *exchange,
                      void (*on_data)(struct http_exchange *exchange, struct slice data),
                      void (*on_end)(struct http_exchange *exchange, enum http_body result));
void http_body_pause(struct http_exchange *exchange);
void http_body_resume(struct http_exchange *exchange);

/* A whole reply. Date, Content-Length and Connection are added. */
void http_reply(struct http_exchange *exchange, int code, const struct http_header *headers,
                size_t header_count, struct slice body);
/* A reply in pieces of size bytes in all, or HTTP_CHUNKED. Pieces of one turn of
 * the loop leave together. Stop writing while http_reply_pending() is large. */
void http_reply_begin(struct http_exchange *exchange, int code, const struct http_header *headers,
                      size_t header_count, int64_t size);
void http_reply_write(struct http_exchange *exchange, struct slice data);
size_t http_reply_pending(const struct http_exchange *exchange);
void http_reply_end(struct http_exchange *exchange);
/* Cuts the connection, so that the peer sees a broken reply and not a short one. */
void http_abort(struct http_exchange *exchange);

/* Replies 101 and gives the stream, or NULL when the peer has gone meanwhile.
 * early gets the bytes that came behind the request: they belong in front of
 * all that will be read. */
struct stream *http_upgrade(struct http_exchange *exchange, const struct http_header *headers,
                            size_t header_count, struct buffer *early);

#endif
