/* Several byte channels over one WebSocket, as Kubernetes multiplexes them: one byte in front of
 * each message says which.
 *
 *   0 stdin, 1 stdout, 2 stderr, 3 error (a Status, last), 4 resize; v5: 255, then a channel that
 *   is closed
 *
 * Ports: 2n is the data of the nth port, 2n+1 its error; the first message of each is the port's
 * number, two bytes, low first.
 *
 * Data is told in the pieces in which it comes. Pings are answered here. Rules:
 * k8s.io/apimachinery pkg/util/remotecommand, httpstream/wsstream.
 *
 * Thread: the loop's. Inside its owner. */
#ifndef KUBELET_CHANNELS_H
#define KUBELET_CHANNELS_H

#include "core/net/http_server.h"
#include "core/net/websocket.h"

enum {
    CHANNEL_STDIN,
    CHANNEL_STDOUT,
    CHANNEL_STDERR,
    CHANNEL_ERROR,
    CHANNEL_RESIZE,
    CHANNEL_CLOSE = 255
};
#define CHANNELS_PENDING_MAX (256 * 1024)

struct channels_handler {
    /* A piece; last: it ends its message. Borrowed until return. */
    void (*data)(void *context, uint8_t channel, struct slice data, bool last);
    void (*drained)(void *context); /* What was written has left. */
    /* The peer has closed, gone, or spoken wrongly; once. channels_close() is still due. */
    void (*ended)(void *context);
    void (*closed)(void *context);  /* After channels_close(): the last. */
};

struct channels {
    struct stream *stream;
    const struct channels_handler *handler;
    void *context;
    struct websocket_reader reader;
    uint8_t channel;         /* Of the message under way. */
    bool is_raw;             /* A tunnel: messages have no such byte. */
    bool in_message;
    bool has_ended;
    bool is_closing;
    bool is_stream_gone;
    struct timer timer;      /* For the peer's end, once we have closed. */
    struct message turn;
    bool is_turn_posted;
    struct buffer early;
};

/* Which of these protocols (ends with NULL) the request offers first; NULL: none, or it is no
 * WebSocket's. */
const char *channels_choose(const struct http_request *request, const char *const *protocols);
/* Agrees to the upgrade; the exchange ends. -1: the peer has gone meanwhile. */
MUST_USE int channels_open(struct channels *channels, struct http_exchange *exchange,
                           const char *protocol, const struct channels_handler *handler,
                           void *context);
void channels_write(struct channels *channels, uint8_t channel, struct slice data);
size_t channels_pending(const struct channels *channels);
void channels_pause(struct channels *channels);
void channels_resume(struct channels *channels);
/* Says goodbye, waits a moment for the peer to, and closes. */
void channels_close(struct channels *channels);

/* Of a tunnel, whose protocol begins with "SPDY/3.1+": messages are pieces of one stream of bytes,
 * told with channel 0. */
void channels_write_raw(struct channels *channels, struct slice data);

#endif
