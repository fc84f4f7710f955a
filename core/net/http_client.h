/* An HTTP/1.1 client of one server, plain, over TLS or over a unix socket.
 *
 * Each call is one request and its response. Calls run side by side, each on
 * a connection of its own; a connection whose response is read to the end is
 * kept for the next call, at most one of them idle. A call whose kept connection
 * turns out dead before a byte of response is made again once on a new one, if
 * its method may be repeated (RFC 9110 9.2.2) and its body was given whole.
 *
 * Thread: the loop's. No callback runs from inside a call of these functions.
 * A call ends by on_end, by on_error, by http_call_upgrade() or by
 * http_call_close(); after that it is no more. */
#ifndef CORE_NET_HTTP_CLIENT_H
#define CORE_NET_HTTP_CLIENT_H

#include "core/net/dial.h"
#include "core/net/http.h"
#include "core/net/stream.h"
#include "core/net/tls.h"
#include "core/status.h"

struct http_client;
struct http_call;

/* Connections that are got otherwise than by dialling: the server is behind one that it has
 * opened itself, or in this process. */
struct http_connector {
    /* As dial_open(): done() later, once, unless close() comes first. Never NULL. */
    void *(*open)(void *context, int64_t timeout_us, dial_done_fn *done, void *done_context);
    void (*close)(void *context, void *asked);
    void *context;
};

struct http_client_options {
    const char *address;        /* "HOST:PORT", or the path of a unix socket. */
    const char *host;           /* Who the server must be, by TLS and in the Host header;
                                   NULL: the host of address. */
    struct tls_config *tls;     /* Borrowed until return (counted); NULL: plain. */
    int64_t connect_timeout_us; /* Dial and handshake; 0: 10 s. */
    int64_t idle_timeout_us;    /* How long a connection is kept; 0: 60 s, less than servers do. */
    const struct http_connector *connector; /* Borrowed; NULL: address is dialled. */
};

struct http_client *http_client_open(struct loop *loop, const struct http_client_options *options);
/* Ends calls that run without calling back. Takes NULL. */
void http_client_close(struct http_client *client);

struct http_call_handler {
    /* The response's head; borrowed until the call ends. May be NULL. */
    void (*on_response)(void *context, struct http_call *call,
                        const struct http_response *response);
    /* Bytes of its body, borrowed until return. May be NULL. */
    void (*on_data)(void *context, struct slice data);
    /* The response is complete. */
    void (*on_end)(void *context);
    /* No answer, or a broken one. status, borrowed, has SERVICE_UNAVAILABLE or
     * TIMEOUT and says why. */
    void (*on_error)(void *context, const struct status *status);
    /* What was written of the request has left. May be NULL. */
    void (*on_drain)(void *context, struct http_call *call);
};

struct http_call_options {
    const char *method;
    const char *target;                /* "/api/v1/pods?limit=500" */
    const struct http_header *headers; /* Host, Content-Length and the like are added. */
    size_t header_count;
    struct slice body;                 /* The whole body, copied; */
    bool streams_body;                 /* or it is written afterwards, in chunks. */
    int64_t timeout_us;                /* Until the response's head; 0: none. */
};

/* handler is borrowed until the call ends. */
struct http_call *http_call_open(struct http_client *client,
                                 const struct http_call_options *options,
                                 const struct http_call_handler *handler, void *context);
void http_call_close(struct http_call *call); /* Cancels; takes NULL. */
/* Of a streamed body: */
void http_call_write(struct http_call *call, struct slice data);
size_t http_call_pending(const struct http_call *call);
void http_call_end(struct http_call *call);
/* The response's body: no on_data until it is resumed. */
void http_call_pause(struct http_call *call);
void http_call_resume(struct http_call *call);
/* In or after on_response with code 101: ends the call and gives its stream,
 * and in early what came behind the response. */
struct stream *http_call_upgrade(struct http_call *call, struct buffer *early);
/* Who answers: from on_response on. */
const struct stream_peer *http_call_peer(const struct http_call *call);

#endif
