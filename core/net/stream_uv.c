#include "core/net/stream_uv.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <unistd.h>

#include "core/net/loop_private.h"

#define KEEPALIVE_SECONDS 15 /* As in Go's net package. */

struct stream_uv {
    struct stream stream;
    union {
        uv_stream_t any;
        uv_tcp_t tcp;
        uv_pipe_t pipe;
    } handle;
    uv_write_t write;
    uv_shutdown_t shutdown;
    struct buffer flying;  /* Given to libuv; write is under way while not empty. */
    struct buffer pending; /* Behind it. */
    bool tcp;
    bool ended;  /* stream_end() was called. */
    bool shut;   /* And what was pending has left. */
    bool failed; /* on_error was told. */
    bool closed;
    void (*freed)(void *context);
    void *freed_context;
};

#define STREAM_UV(pointer) CONTAINER_OF(pointer, struct stream_uv, stream)

static void fail(struct stream_uv *self, int error)
{
    if (self->failed || self->closed)
        return;
    self->failed = true;
    uv_read_stop(&self->handle.any);
    buffer_release(&self->pending);
    if (self->stream.handler->on_error)
        self->stream.handler->on_error(self->stream.context, uv_strerror(error));
}

static void lend_memory(uv_handle_t *handle, size_t suggested, uv_buf_t *memory)
{
    struct stream_uv *self = handle->data;
    (void)suggested;
    *memory = uv_buf_init(loop_read_memory(self->stream.loop), LOOP_READ_SIZE);
}

static void take_bytes(uv_stream_t *handle, ssize_t size, const uv_buf_t *memory)
{
    struct stream_uv *self = handle->data;
    if (size > 0) {
        struct slice data = {memory->base, (size_t)size};
        self->stream.handler->on_read(self->stream.context, data);
        return;
    }
    uv_read_stop(handle);
    if (size != UV_EOF) {
        fail(self, (int)size);
        return;
    }
    self->stream.read_ended = true;
    if (self->stream.handler->on_end)
        self->stream.handler->on_end(self->stream.context);
}

static void bytes_came(uv_stream_t *handle, ssize_t size, const uv_buf_t *memory)
{
    struct stream_uv *self = handle->data;
    struct loop *loop = self->stream.loop;
    if (size == 0 || self->closed)
        return;
    loop_step_begin(loop, "read", (uintptr_t)self->stream.handler->on_read);
    take_bytes(handle, size, memory);
    loop_step_end(loop);
}

static void read_start(struct stream *stream)
{
    struct stream_uv *self = STREAM_UV(stream);
    if (!self->failed && !stream->read_ended) /* libuv would tell the end again. */
        uv_read_start(&self->handle.any, lend_memory, bytes_came);
}

static void read_stop(struct stream *stream)
{
    uv_read_stop(&STREAM_UV(stream)->handle.any);
}

static void bytes_left(uv_write_t *write, int error);

/* Gives libuv what is pending. A failure is told by bytes_left(). */
static void fly(struct stream_uv *self)
{
    struct buffer empty = self->flying;
    self->flying = self->pending;
    self->pending = empty;
    uv_buf_t bytes = {.base = self->flying.data, .len = self->flying.size};
    PRE(uv_write(&self->write, &self->handle.any, &bytes, 1, bytes_left) == 0);
}

static void shut_down(struct stream_uv *self)
{
    self->shut = true;
    uv_shutdown(&self->shutdown, &self->handle.any, NULL);
}

static void bytes_left(uv_write_t *write, int error)
{
    struct stream_uv *self = write->data;
    buffer_clear(&self->flying);
    if (self->closed)
        return;
    if (error) {
        fail(self, error);
        return;
    }
    if (self->pending.size > 0) {
        fly(self);
        return;
    }
    buffer_release(&self->flying);
    buffer_release(&self->pending);
    if (self->ended)
        shut_down(self);
    struct loop *loop = self->stream.loop;
    void (*on_drain)(void *context) = self->stream.handler->on_drain;
    loop_step_begin(loop, "drain", (uintptr_t)on_drain);
    if (on_drain)
        on_drain(self->stream.context);
    loop_step_end(loop);
}

static void write_bytes(struct stream *stream, struct slice data)
{
    struct stream_uv *self = STREAM_UV(stream);
    PRE(!self->closed && !self->ended);
    if (self->failed || data.size == 0)
        return;
    if (self->flying.size == 0) {
        uv_buf_t bytes = {.base = (char *)data.data, .len = data.size};
        int taken = uv_try_write(&self->handle.any, &bytes, 1);
        if (taken > 0) /* An error comes again below, and is told by callback. */
            data = slice_sub(data, (size_t)taken, data.size);
    }
    if (data.size == 0)
        return;
    buffer_append_slice(&self->pending, data);
    if (self->flying.size == 0)
        fly(self);
}

static size_t pending(const struct stream *stream)
{
    const struct stream_uv *self = CONTAINER_OF(stream, const struct stream_uv, stream);
    return self->pending.size + uv_stream_get_write_queue_size(&self->handle.any);
}

static void end_writing(struct stream *stream)
{
    struct stream_uv *self = STREAM_UV(stream);
    self->ended = true;
    if (!self->failed && !self->shut && self->flying.size == 0)
        shut_down(self);
}

static void closed(uv_handle_t *handle)
{
    struct stream_uv *self = handle->data;
    const struct stream_handler *handler = self->stream.handler;
    buffer_release(&self->flying);
    buffer_release(&self->pending);
    if (handler && handler->on_close)
        handler->on_close(self->stream.context);
    if (self->freed)
        self->freed(self->freed_context);
    mem_free(self);
}

static void close_stream(struct stream *stream)
{
    struct stream_uv *self = STREAM_UV(stream);
    PRE(!self->closed);
    self->closed = true;
    uv_close((uv_handle_t *)&self->handle.any, closed);
}

static const struct stream_ops ops = {
    .read_start = read_start,
    .read_stop = read_stop,
    .write = write_bytes,
    .pending = pending,
    .end = end_writing,
    .close = close_stream,
};

struct stream_uv *stream_uv_create(struct loop *loop, bool tcp, void (*freed)(void *context),
                                   void *context)
{
    struct stream_uv *self = mem_alloc(sizeof(*self));
    self->stream.ops = &ops;
    self->stream.loop = loop;
    self->tcp = tcp;
    self->freed = freed;
    self->freed_context = context;
    if (tcp)
        PRE(uv_tcp_init(loop_uv(loop), &self->handle.tcp) == 0);
    else
        PRE(uv_pipe_init(loop_uv(loop), &self->handle.pipe, 0) == 0);
    self->handle.any.data = self->write.data = self->shutdown.data = self;
    return self;
}

uv_stream_t *stream_uv_handle(struct stream_uv *self)
{
    return &self->handle.any;
}

void stream_uv_discard(struct stream_uv *self)
{
    close_stream(&self->stream);
}

void stream_uv_format_address(const struct sockaddr_storage *address,
                              char text[STREAM_ADDRESS_SIZE])
{
    char host[INET6_ADDRSTRLEN] = "";
    const struct sockaddr_in6 *six = (const void *)address;
    const struct sockaddr_in *four = (const void *)address;
    if (address->ss_family == AF_INET6) {
        inet_ntop(AF_INET6, &six->sin6_addr, host, sizeof(host));
        snprintf(text, STREAM_ADDRESS_SIZE, "[%s]:%u", host, ntohs(six->sin6_port));
        return;
    }
    inet_ntop(AF_INET, &four->sin_addr, host, sizeof(host));
    snprintf(text, STREAM_ADDRESS_SIZE, "%s:%u", host, ntohs(four->sin_port));
}

struct stream *stream_uv_connected(struct stream_uv *self)
{
    struct sockaddr_storage address = {0};
    int size = sizeof(address);
    if (!self->tcp) {
        snprintf(self->stream.peer.address, STREAM_ADDRESS_SIZE, "unix");
        return &self->stream;
    }
    uv_tcp_nodelay(&self->handle.tcp, 1);
    uv_tcp_keepalive(&self->handle.tcp, 1, KEEPALIVE_SECONDS);
    uv_tcp_getpeername(&self->handle.tcp, (struct sockaddr *)&address, &size);
    stream_uv_format_address(&address, self->stream.peer.address);
    return &self->stream;
}

struct stream *stream_uv_open(struct loop *loop, int fd)
{
    struct stream_uv *self = stream_uv_create(loop, false, NULL, NULL);
    if (uv_pipe_open(&self->handle.pipe, fd) == 0)
        return stream_uv_connected(self);
    stream_uv_discard(self);
    close(fd);
    return NULL;
}
