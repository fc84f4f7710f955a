/* Reads HTTP/1.1 messages off bytes, strictly and with limits; no I/O.
 *
 * The caller feeds what it has and gets one event at a time: a head, the end
 * of a message, or a wish for more. What llhttp lets pass and another server
 * might read differently is refused here (RFC 9112 2.2, 5.1, 5.2, 6.1, 6.3, 11.2).
 *
 * Memory: head slices point into the parser and are good until the next
 * message begins or http_parser_release(). Thread: one at a time. */
#ifndef CORE_NET_HTTP_PARSER_H
#define CORE_NET_HTTP_PARSER_H

#include <llhttp.h>

#include "core/net/http.h"

enum http_event {
    HTTP_EVENT_MORE, /* All input is used; the message goes on. */
    HTTP_EVENT_HEAD, /* request or response is complete. */
    HTTP_EVENT_END,  /* The message is complete; the next byte begins another. */
    HTTP_EVENT_BAD,  /* error_code and error say why; nothing can be read any more. */
};

struct http_span { /* Of head_text. */
    uint32_t name;
    uint32_t name_size;
    uint32_t value;
    uint32_t value_size;
};

struct http_parser {
    llhttp_t llhttp;
    size_t head_size_max;
    size_t header_count_max;
    bool is_request;
    bool in_head;           /* Between a message's first byte and its head's end. */
    bool to_head_request;   /* Responses: the request was HEAD, so no body follows. */
    bool in_name;           /* Between a header name's first byte and its colon. */
    enum http_event event;  /* What a callback of llhttp has found. */
    size_t head_size;       /* Bytes so far, white space included. */
    int64_t excess;         /* Bytes of chunk framing over what is fair. */
    struct buffer head_text;
    struct http_span target;
    struct http_span *spans;
    struct http_header *headers;
    size_t header_count;
    size_t header_capacity;
    struct slice body;      /* Of this feed: a piece of the input, */
    struct buffer joined;   /* or several of them joined. */
    struct http_request request;
    struct http_response response;
    int error_code;         /* HTTP code to answer: 400, 413, 431, 505... */
    const char *error;
};

void http_parser_init(struct http_parser *parser, bool requests, size_t head_size_max,
                      size_t header_count_max);
void http_parser_release(struct http_parser *parser);
/* Frees what the last head took; between messages only. */
void http_parser_rest(struct http_parser *parser);

/* Takes bytes off input until something has happened. body gets the bytes of
 * the body that were found on the way, borrowed until the next call. */
enum http_event http_parser_feed(struct http_parser *parser, struct slice *input,
                                 struct slice *body);
/* The peer has ended: HTTP_EVENT_END completes a response that runs until the end. */
enum http_event http_parser_finish(struct http_parser *parser);

#endif
