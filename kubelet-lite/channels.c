#include "kubelet-lite/channels.h"

#define LINGER_US INT64_C(5000000)
#define MESSAGE_MAX (64 << 20)

/* --- Agreeing --- */

const char *channels_choose(const struct http_request *request, const char *const *protocols)
{
    if (!http_header_has(request->headers, "Upgrade", "websocket"))
        return NULL;
    for (size_t i = 0; protocols[i]; i++)
        if (http_header_has(request->headers, "Sec-WebSocket-Protocol", protocols[i]))
            return protocols[i];
    return NULL;
}

/* --- Reading --- */

static void end(struct channels *channels)
{
    if (channels->has_ended)
        return;
    channels->has_ended = true;
    stream_read_stop(channels->stream);
    channels->handler->ended(channels->context);
}

static void pong(struct channels *channels)
{
    struct buffer frame = {0};
    websocket_write(&frame, WEBSOCKET_PONG, true, channels->reader.data, NULL);
    stream_write(channels->stream, buffer_slice(&frame));
    buffer_release(&frame);
}

static void take_data(struct channels *channels)
{
    struct slice data = channels->reader.data;
    bool last = channels->reader.last;
    if (channels->is_raw) {
        channels->handler->data(channels->context, 0, data, last);
        return;
    }
    if (!channels->in_message && data.size > 0) {
        channels->channel = (uint8_t)data.data[0];
        data = slice_sub(data, 1, data.size);
        channels->in_message = true;
    }
    if (channels->in_message)
        channels->handler->data(channels->context, channels->channel, data, last);
    if (last)
        channels->in_message = false;
}

static void read_bytes(struct channels *channels, struct slice input)
{
    while (!channels->has_ended && !channels->is_closing) {
        switch (websocket_read(&channels->reader, &input)) {
        case WEBSOCKET_MORE: return;
        case WEBSOCKET_DATA: take_data(channels); break;
        case WEBSOCKET_PING_CAME: pong(channels); break;
        case WEBSOCKET_PONG_CAME: break;
        case WEBSOCKET_CLOSE_CAME:
        case WEBSOCKET_BAD: end(channels); break;
        }
    }
}

static void on_read(void *context, struct slice data)
{
    struct channels *channels = context;
    if (!channels->is_closing)
        read_bytes(channels, data);
}

/* --- The end --- */

static void free_when_gone(struct channels *channels)
{
    if (!channels->is_stream_gone || channels->is_turn_posted)
        return;
    websocket_reader_release(&channels->reader);
    buffer_release(&channels->early);
    channels->handler->closed(channels->context);
}

static void close_now(struct channels *channels)
{
    timer_stop(&channels->timer);
    stream_close(channels->stream);
}

static void peer_ended(void *context)
{
    struct channels *channels = context;
    if (channels->is_closing)
        close_now(channels);
    else
        end(channels);
}

static void broke(void *context, const char *why)
{
    (void)why;
    peer_ended(context);
}

static void on_drain(void *context)
{
    struct channels *channels = context;
    if (!channels->is_closing && !channels->has_ended)
        channels->handler->drained(channels->context);
}

static void on_close(void *context)
{
    struct channels *channels = context;
    channels->is_stream_gone = true;
    free_when_gone(channels);
}

static const struct stream_handler handler = {on_read, peer_ended, on_drain, broke, on_close};

static void linger_over(struct timer *timer)
{
    close_now(CONTAINER_OF(timer, struct channels, timer));
}

void channels_close(struct channels *channels)
{
    struct buffer frame = {0};
    PRE(!channels->is_closing);
    channels->is_closing = true;
    if (channels->has_ended && channels->stream->read_ended) {
        close_now(channels);
        return;
    }
    websocket_write_close(&frame, WEBSOCKET_CLOSE_NORMAL, SLICE(""), NULL);
    stream_write(channels->stream, buffer_slice(&frame));
    buffer_release(&frame);
    stream_end(channels->stream);
    stream_read_start(channels->stream); /* To hear of the peer's end. */
    timer_start_us(&channels->timer, LINGER_US);
}

/* --- Opening and writing --- */

static void take_early(struct message *message)
{
    struct channels *channels = CONTAINER_OF(message, struct channels, turn);
    channels->is_turn_posted = false;
    if (!channels->is_closing) {
        read_bytes(channels, buffer_slice(&channels->early));
        if (!channels->has_ended && !channels->is_closing)
            stream_read_start(channels->stream);
    }
    if (channels->is_stream_gone)
        free_when_gone(channels);
}

int channels_open(struct channels *channels, struct http_exchange *exchange, const char *protocol,
                  const struct channels_handler *told, void *context)
{
    struct buffer accept = {0};
    struct slice key = http_header_get(exchange->request.headers, "Sec-WebSocket-Key");
    *channels = (struct channels){.handler = told, .context = context};
    channels->is_raw = strncmp(protocol, "SPDY/3.1+", 9) == 0;
    if (!websocket_accept(key, &accept))
        buffer_clear(&accept); /* A key that is none proves nothing: the peer will say so. */
    struct http_header headers[] = {
        HTTP_HEADER("Upgrade", SLICE("websocket")),
        HTTP_HEADER("Connection", SLICE("Upgrade")),
        HTTP_HEADER("Sec-WebSocket-Accept", buffer_slice(&accept)),
        HTTP_HEADER("Sec-WebSocket-Protocol", slice_of(protocol)),
    };
    struct loop *loop = exchange->loop;
    channels->stream = http_upgrade(exchange, headers, ARRAY_SIZE(headers), &channels->early);
    buffer_release(&accept);
    if (!channels->stream) {
        buffer_release(&channels->early);
        return -1;
    }
    websocket_reader_init(&channels->reader, true, MESSAGE_MAX);
    timer_init(&channels->timer, loop, linger_over);
    stream_set_handler(channels->stream, &handler, channels);
    channels->turn.deliver = take_early;
    channels->is_turn_posted = true;
    loop_post(loop, &channels->turn);
    return 0;
}

static void write_frame(struct channels *channels, struct slice data)
{
    struct buffer frame = {0};
    websocket_write(&frame, WEBSOCKET_BINARY, true, data, NULL);
    stream_write(channels->stream, buffer_slice(&frame));
    buffer_release(&frame);
}

void channels_write(struct channels *channels, uint8_t channel, struct slice data)
{
    struct buffer message = {0};
    if (channels->is_closing)
        return;
    buffer_append_byte(&message, (char)channel);
    buffer_append_slice(&message, data);
    write_frame(channels, buffer_slice(&message));
    buffer_release(&message);
}

void channels_write_raw(struct channels *channels, struct slice data)
{
    if (!channels->is_closing)
        write_frame(channels, data);
}

size_t channels_pending(const struct channels *channels)
{
    return stream_pending(channels->stream);
}

void channels_pause(struct channels *channels)
{
    stream_read_stop(channels->stream);
}

void channels_resume(struct channels *channels)
{
    if (!channels->has_ended && !channels->is_closing && !channels->is_turn_posted)
        stream_read_start(channels->stream);
}
