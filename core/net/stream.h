/* A stream: bytes in both directions, whatever carries them.
 *
 * TCP and unix sockets (stream_uv.h), TLS over another stream (tls.h) and a
 * pair in memory (stream_pair.h) are the same to what stands above them.
 *
 * Reading is off until stream_read_start(). Writing always takes all: what
 * the layer below cannot take at once is copied and waits, stream_pending()
 * tells how much, and on_drain says when nothing waits any more. Back-pressure
 * is the writer's duty: it stops making bytes while too many are pending.
 *
 * Thread: the loop's. No callback runs from inside a call. Ownership: whoever
 * has a stream ends it with stream_close(); it may hand it to another owner,
 * who then sets its own handler. */
#ifndef CORE_NET_STREAM_H
#define CORE_NET_STREAM_H

#include "core/buffer.h"
#include "core/net/loop.h"

struct stream;
struct tls_peer;

struct stream_handler {
    /* Bytes have come; data is borrowed until return. NULL only if never read. */
    void (*on_read)(void *context, struct slice data);
    /* The peer will send no more; once. May be NULL, as all that follow. */
    void (*on_end)(void *context);
    /* What was pending has left; nothing waits any more. */
    void (*on_drain)(void *context);
    /* The stream broke, once: nothing more comes, and writes are swallowed.
     * It is still to be closed. why is for people, borrowed until return. */
    void (*on_error)(void *context, const char *why);
    /* After stream_close(): the last callback, and the stream is gone. */
    void (*on_close)(void *context);
};

#define STREAM_ADDRESS_SIZE 64
struct stream_peer {
    char address[STREAM_ADDRESS_SIZE]; /* "10.0.0.7:43210", "[::1]:80", "unix", "memory". */
    const struct tls_peer *tls;        /* Who proved what; NULL when the stream is not TLS. */
};

/* What a kind of stream does; called by the functions below only. */
struct stream_ops {
    void (*read_start)(struct stream *stream);
    void (*read_stop)(struct stream *stream);
    void (*write)(struct stream *stream, struct slice data);
    size_t (*pending)(const struct stream *stream);
    void (*end)(struct stream *stream);
    void (*close)(struct stream *stream);
};

struct stream {
    const struct stream_ops *ops;
    const struct stream_handler *handler; /* NULL after stream_close(), but for on_close. */
    void *context;
    struct loop *loop;
    bool read_ended; /* on_end was told; for who takes the stream over later. */
    struct stream_peer peer;
};

/* Who hears of the stream from now on. handler is borrowed until on_close. */
static inline void stream_set_handler(struct stream *stream, const struct stream_handler *handler,
                                      void *context)
{
    stream->handler = handler;
    stream->context = context;
}
static inline void stream_read_start(struct stream *stream) /* Harmless if it is on. */
{
    stream->ops->read_start(stream);
}
static inline void stream_read_stop(struct stream *stream) /* Harmless if it is off. */
{
    stream->ops->read_stop(stream);
}
/* Borrows data until return. */
static inline void stream_write(struct stream *stream, struct slice data)
{
    stream->ops->write(stream, data);
}
static inline size_t stream_pending(const struct stream *stream)
{
    return stream->ops->pending(stream);
}
/* Nothing more will be written: once what is pending has left, the peer sees
 * the end. Reading goes on (over TLS only what was already under way). */
static inline void stream_end(struct stream *stream)
{
    stream->ops->end(stream);
}
/* Drops what is pending. Afterwards only on_close is called; an owner that
 * does not want to hear of it may be freed at once if its on_close is NULL. */
static inline void stream_close(struct stream *stream)
{
    stream->ops->close(stream);
}

#endif
