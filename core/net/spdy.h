/* SPDY/3.1 framing, as much as Kubernetes' port forwarding speaks of it. Pure: bytes in, events
 * out.
 *
 *   control frame: 1 | version 3 (15 bits) | type (16) | flags (8) | length (24) | payload
 *   data frame:    0 | stream (31) | flags (8) | length (24) | bytes
 *
 * Header blocks are one zlib stream a direction, begun with the dictionary of the protocol:
 * names and values with 4-byte lengths. Data comes in pieces as its frames come; control frames
 * are told whole. Flow control is not spoken: neither side of Kubernetes' forwarding does.
 * Format: the draft "SPDY Protocol - Draft 3.1".
 *
 * Thread: one at a time. */
#ifndef CORE_NET_SPDY_H
#define CORE_NET_SPDY_H

#include "core/arena.h"

enum spdy_event {
    SPDY_MORE,        /* All input is used. */
    SPDY_OPENED,      /* SYN_STREAM: stream, headers, is_last. */
    SPDY_DATA,        /* A piece: stream, data, is_last. */
    SPDY_RESET,       /* RST_STREAM: stream. */
    SPDY_PING,        /* ping_id; a client's are odd: answer with the same. */
    SPDY_GOAWAY,      /* The peer opens no more. */
    SPDY_BAD,         /* Nothing follows. */
};

enum { SPDY_CONTROL_MAX = 64 * 1024, SPDY_HEADERS_MAX = 64 * 1024, SPDY_HEADER_COUNT_MAX = 64 };

struct spdy_header {
    struct slice name, value;
};

struct spdy_reader {
    /* Of the last event: */
    uint32_t stream;
    bool is_last;               /* Nothing more comes on that stream. */
    struct slice data;          /* Borrowed until the next call and as long as the input. */
    const struct spdy_header *headers; /* Until the next event with headers. */
    size_t header_count;
    uint32_t ping_id;
    /* The reader's own: */
    uint8_t head[8];
    size_t head_size;
    uint32_t left;              /* Of the frame's payload. */
    bool in_frame, is_control, has_ended;
    struct buffer control;      /* The payload of a control frame. */
    struct arena arena;         /* Of headers. */
    void *inflate;              /* z_stream; made at the first block. */
};

void spdy_reader_init(struct spdy_reader *reader);
void spdy_reader_release(struct spdy_reader *reader);
/* Takes bytes off input until something has happened. */
enum spdy_event spdy_read(struct spdy_reader *reader, struct slice *input);

struct spdy_writer {
    void *deflate; /* z_stream */
};
void spdy_writer_init(struct spdy_writer *writer);
void spdy_writer_release(struct spdy_writer *writer);
/* is_last: this side sends nothing more on the stream. */
void spdy_write_open(struct spdy_writer *writer, struct buffer *out, uint32_t stream,
                     const struct spdy_header *headers, size_t count, bool is_last);
void spdy_write_reply(struct spdy_writer *writer, struct buffer *out, uint32_t stream);
void spdy_write_data(struct buffer *out, uint32_t stream, struct slice data, bool is_last);
void spdy_write_reset(struct buffer *out, uint32_t stream);
void spdy_write_ping(struct buffer *out, uint32_t ping_id);

#endif
