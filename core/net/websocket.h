/* WebSocket framing (RFC 6455) for both ends, pure: bytes in, events out.
 *
 * The handshake's key is answered here too; the rest of it is HTTP's upgrade.
 * No extension is spoken, so reserved bits are errors. Messages come in the
 * pieces in which their frames come, so a stream of any length needs no memory
 * here; texts are checked as UTF-8 across pieces. Control frames may stand
 * between the frames of a message and are told whole.
 *
 * Thread: one at a time. */
#ifndef CORE_NET_WEBSOCKET_H
#define CORE_NET_WEBSOCKET_H

#include "core/buffer.h"
#include "core/random.h"

/* Sec-WebSocket-Accept for a Sec-WebSocket-Key (RFC 6455 4.2.2). False when
 * the key is not 16 bytes in base64. */
bool websocket_accept(struct slice key, struct buffer *accept);
void websocket_make_key(struct random *random, struct buffer *key);

enum websocket_opcode {
    WEBSOCKET_CONTINUATION = 0,
    WEBSOCKET_TEXT = 1,
    WEBSOCKET_BINARY = 2,
    WEBSOCKET_CLOSE = 8,
    WEBSOCKET_PING = 9,
    WEBSOCKET_PONG = 10,
};

enum websocket_close { /* RFC 6455 7.4.1 */
                       WEBSOCKET_CLOSE_NORMAL = 1000,
                       WEBSOCKET_CLOSE_GOING_AWAY = 1001,
                       WEBSOCKET_CLOSE_PROTOCOL_ERROR = 1002,
                       WEBSOCKET_CLOSE_NO_CODE = 1005, /* Never on the wire. */
                       WEBSOCKET_CLOSE_BAD_DATA = 1007,
                       WEBSOCKET_CLOSE_TOO_LARGE = 1009,
                       WEBSOCKET_CLOSE_INTERNAL_ERROR = 1011,
};

enum websocket_event {
    WEBSOCKET_MORE,       /* All input is used. */
    WEBSOCKET_DATA,       /* A piece of a message: opcode, data, last. */
    WEBSOCKET_PING_CAME,  /* Answer by a pong with the same data. */
    WEBSOCKET_PONG_CAME,
    WEBSOCKET_CLOSE_CAME, /* close_code, data (the reason). Nothing follows. */
    WEBSOCKET_BAD,        /* close_code says what to close with. Nothing follows. */
};

#define WEBSOCKET_CONTROL_MAX 125

struct websocket_reader {
    bool is_server;          /* Frames must be masked; to a client they must not. */
    uint64_t message_max;    /* Bytes of one message. */
    /* Of the last event: */
    enum websocket_opcode opcode; /* TEXT or BINARY, of the whole message. */
    bool last;               /* This piece ends its message. */
    struct slice data;       /* Borrowed until the next call and as long as the input. */
    int close_code;
    /* The reader's own: */
    uint8_t head[14];        /* Of the frame, as far as it has come. */
    size_t head_size;
    bool in_payload;
    bool in_message;         /* Between a message's frames or in one of them. */
    bool ended;              /* CLOSE_CAME or BAD was told. */
    bool final;              /* Of this frame, */
    enum websocket_opcode frame_opcode;
    uint64_t left;           /* and the bytes of its payload to come. */
    uint64_t message_size;   /* Bytes so far, with this frame's. */
    uint8_t mask[4];
    uint8_t mask_at;
    uint8_t control[WEBSOCKET_CONTROL_MAX];
    size_t control_size;
    uint8_t utf8_left;       /* Bytes that the character under way still needs, */
    uint8_t utf8_low;        /* and the bounds of the next. */
    uint8_t utf8_high;
    struct buffer plain;     /* Unmasked bytes. */
};

void websocket_reader_init(struct websocket_reader *reader, bool is_server, uint64_t message_max);
void websocket_reader_release(struct websocket_reader *reader);
/* Takes bytes off input until something has happened. */
enum websocket_event websocket_read(struct websocket_reader *reader, struct slice *input);

/* Writes one frame. mask_with is a client's source of masks (RFC 6455 5.3),
 * NULL for a server. */
void websocket_write(struct buffer *out, enum websocket_opcode opcode, bool last, struct slice data,
                     struct random *mask_with);
/* A close frame; code 0 writes none. reason is cut to fit. */
void websocket_write_close(struct buffer *out, int code, struct slice reason,
                           struct random *mask_with);

#endif
