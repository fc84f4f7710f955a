/* Streams over sockets, by libuv: for listener.c and dial.c, which make them. */
#ifndef CORE_NET_STREAM_UV_H
#define CORE_NET_STREAM_UV_H

#include <uv.h>

#include "core/net/stream.h"

struct stream_uv;

/* A stream over a socket that is not connected yet: TCP, or else a unix one.
 * freed(context), if given, is called when the stream is gone. */
struct stream_uv *stream_uv_create(struct loop *loop, bool tcp, void (*freed)(void *context),
                                   void *context);
uv_stream_t *stream_uv_handle(struct stream_uv *stream);
/* After accept or connect: reads the peer's address, sets the socket's options. */
struct stream *stream_uv_connected(struct stream_uv *stream);
/* A stream over a descriptor that others have opened, which it takes: a pipe, a terminal, a
 * socket of any local kind. NULL when it is none of them; it is closed then. */
struct stream *stream_uv_open(struct loop *loop, int fd);
/* Closes one that was never given out. */
void stream_uv_discard(struct stream_uv *stream);
/* "10.0.0.7:80", "[::1]:80" */
void stream_uv_format_address(const struct sockaddr_storage *address,
                              char text[STREAM_ADDRESS_SIZE]);

#endif
