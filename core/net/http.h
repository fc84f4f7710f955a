/* HTTP/1.1, the words that both ends share (RFC 9110, RFC 9112).
 *
 * http_server.h serves requests, http_client.h makes them, http_parser.h
 * reads the wire for both. Slices of a request or response point into memory
 * of its connection and are good until the exchange ends. */
#ifndef CORE_NET_HTTP_H
#define CORE_NET_HTTP_H

#include "core/buffer.h"

struct http_header {
    struct slice name; /* As sent; compare with http_name_is(). */
    struct slice value; /* Without white space around it. */
};

struct http_headers {
    const struct http_header *items; /* In the order sent. */
    size_t count;
};

#define HTTP_HEADER(name, value) ((struct http_header){SLICE(name), value})

bool http_name_is(struct slice a, const char *b); /* Without regard to case. */
/* The first header of this name; an empty slice with data NULL when there is none. */
struct slice http_header_get(struct http_headers headers, const char *name);
size_t http_header_count(struct http_headers headers, const char *name);
/* Whether a list-valued header ("Connection: a, b") names token, in any case. */
bool http_header_has(struct http_headers headers, const char *name, const char *token);
/* Takes the next member off a list-valued header's value; false at the end. */
bool http_list_next(struct slice *rest, struct slice *member);

#define HTTP_CHUNKED (-1) /* A body whose size is not known beforehand. */

struct http_request {
    struct slice method;         /* "GET" */
    struct slice target;         /* "/api/v1/pods?watch=1", as sent */
    struct slice path;           /* "/api/v1/pods", still percent-encoded; "*" of OPTIONS. */
    struct slice query;          /* "watch=1", or empty. */
    struct http_headers headers;
    struct slice upgrade;        /* Protocols that the Upgrade header offers, or empty. */
    int64_t body_size;           /* 0: none; HTTP_CHUNKED. */
    bool keep_alive;
    bool expects_continue;       /* Expect: 100-continue. */
};

struct http_response {
    int code;
    struct http_headers headers;
    int64_t body_size;           /* 0: none; HTTP_CHUNKED: chunks, or until the end. */
    bool keep_alive;
};

const char *http_code_text(int code); /* "Not Found"; "" when unknown. */

/* Writes headers as they stand on the wire. Line ends and NULs inside become
 * spaces, so that no value can pass for another header. */
void http_write_headers(const struct http_header *headers, size_t count, struct buffer *text);
/* "Date: Mon, 02 Jan 2006 15:04:05 GMT" of RFC 9110 5.6.7, without the name. */
#define HTTP_DATE_SIZE 32
void http_format_date(int64_t wall_us, char text[HTTP_DATE_SIZE]);

#endif
