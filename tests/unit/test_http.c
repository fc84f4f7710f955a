/* The HTTP server, spoken to in raw bytes over memory and simulated time. */
#include <stdio.h>
#include <stdlib.h>

#include "core/net/http_server.h"
#include "core/net/listener.h"
#include "core/net/stream_pair.h"
#include "tests/harness/test.h"

#define MS INT64_C(1000)
#define SECOND INT64_C(1000000)
#define DATE "Date: Thu, 01 Jan 2026 00:00:00 GMT\r\n"

/* A server and one raw client. */
struct site {
    struct loop *loop;
    struct http_server *server;
    struct stream *client; /* NULL when closed. */
    struct buffer received;
    bool ended;            /* The server has ended the stream. */
    bool broken;
    struct buffer diary;   /* What the handler saw. */
    struct http_exchange *held;
    struct timer timer;
    struct stream *upgraded;
    struct buffer early;
    size_t requests;
    bool server_closed;
};

static void client_read(void *context, struct slice data)
{
    buffer_append_slice(&((struct site *)context)->received, data);
}

static void client_ended(void *context)
{
    ((struct site *)context)->ended = true;
}

static void client_broke(void *context, const char *why)
{
    (void)why;
    ((struct site *)context)->broken = true;
}

static const struct stream_handler client_handler = {
    .on_read = client_read, .on_end = client_ended, .on_error = client_broke};

/* --- The handler: what it does is in the path. --- */

static void reply_text(struct http_exchange *exchange, int code, const char *text)
{
    struct http_header header = HTTP_HEADER("Content-Type", SLICE("text/plain"));
    http_reply(exchange, code, &header, 1, slice_of(text));
}

static void got_body(struct http_exchange *exchange, enum http_body result, struct slice body)
{
    static const char *const names[] = {"complete", "too large", "bad", "gone"};
    static const int codes[] = {200, 413, 400, 200};
    struct site *site = exchange->context;
    struct buffer text = {0};
    buffer_format(&text, "%s %zu " SLICE_FORMAT, names[result], body.size, SLICE_ARGS(body));
    buffer_format(&site->diary, "[body %s]", names[result]);
    reply_text(exchange, codes[result], text.data);
    buffer_release(&text);
}

static void got_piece(struct http_exchange *exchange, struct slice data)
{
    struct site *site = exchange->context;
    buffer_append_slice(&site->diary, data);
    if (slice_is(data, "pause")) {
        http_body_pause(exchange);
        site->held = exchange;
    }
}

static void got_end(struct http_exchange *exchange, enum http_body result)
{
    reply_text(exchange, 200, result == HTTP_BODY_COMPLETE ? "streamed" : "failed");
}

static void was_gone(struct http_exchange *exchange)
{
    struct site *site = exchange->context;
    buffer_append_text(&site->diary, "[gone]");
    site->held = NULL;
    http_reply_end(exchange);
}

static void was_drained(struct http_exchange *exchange)
{
    buffer_append_text(&((struct site *)exchange->context)->diary, "[drained]");
}

static void time_came(struct timer *timer)
{
    struct site *site = CONTAINER_OF(timer, struct site, timer);
    struct http_exchange *exchange = site->held;
    site->held = NULL;
    reply_text(exchange, 200, "late");
}

static void late_body(struct timer *timer)
{
    struct site *site = CONTAINER_OF(timer, struct site, timer);
    http_read_body(site->held, 100, got_body);
}

static void upgraded_read(void *context, struct slice data)
{
    buffer_append_slice(&((struct site *)context)->diary, data);
}

static void upgraded_ended(void *context)
{
    buffer_append_text(&((struct site *)context)->diary, "[end]");
}

static const struct stream_handler upgraded_handler = {.on_read = upgraded_read,
                                                       .on_end = upgraded_ended};

static void upgrade(struct site *site, struct http_exchange *exchange)
{
    struct http_header headers[] = {HTTP_HEADER("Connection", SLICE("Upgrade")),
                                    HTTP_HEADER("Upgrade", exchange->request.upgrade)};
    site->upgraded = http_upgrade(exchange, headers, 2, &site->early);
    stream_set_handler(site->upgraded, &upgraded_handler, site);
    stream_read_start(site->upgraded);
    stream_write(site->upgraded, SLICE("raw bytes"));
}

static void stream_two(struct http_exchange *exchange, int64_t size)
{
    http_reply_begin(exchange, 200, NULL, 0, size);
    http_reply_write(exchange, SLICE("one,"));
    http_reply_write(exchange, SLICE("a longer second piece"));
    http_reply_end(exchange);
}

static void hold(struct site *site, struct http_exchange *exchange, int64_t delay_us,
                 void (*fire)(struct timer *))
{
    site->held = exchange;
    timer_init(&site->timer, site->loop, fire);
    timer_start_us(&site->timer, delay_us);
}

static void tell_request(struct http_exchange *exchange)
{
    struct http_request *request = &exchange->request;
    struct buffer text = {0};
    buffer_format(&text, SLICE_FORMAT "|" SLICE_FORMAT "|" SLICE_FORMAT "|",
                  SLICE_ARGS(request->method), SLICE_ARGS(request->path),
                  SLICE_ARGS(request->query));
    for (size_t i = 0; i < request->headers.count; i++)
        buffer_format(&text, "<" SLICE_FORMAT "=" SLICE_FORMAT ">",
                      SLICE_ARGS(request->headers.items[i].name),
                      SLICE_ARGS(request->headers.items[i].value));
    reply_text(exchange, 200, text.data);
    buffer_release(&text);
}

static void handle(void *context, struct http_exchange *exchange)
{
    struct site *site = context;
    struct slice path = exchange->request.path;
    exchange->context = site;
    site->requests++;
    if (slice_is(path, "/hello"))
        reply_text(exchange, 200, "hello");
    else if (slice_is(path, "/echo"))
        http_read_body(exchange, 100, got_body);
    else if (slice_is(path, "/late-echo"))
        hold(site, exchange, SECOND, late_body);
    else if (slice_is(path, "/pieces"))
        http_stream_body(exchange, got_piece, got_end);
    else if (slice_is(path, "/chunked"))
        stream_two(exchange, HTTP_CHUNKED);
    else if (slice_is(path, "/sized"))
        stream_two(exchange, 25);
    else if (slice_is(path, "/nothing"))
        http_reply(exchange, 204, NULL, 0, SLICE(""));
    else if (slice_is(path, "/late"))
        hold(site, exchange, SECOND, time_came);
    else if (slice_is(path, "/abort"))
        http_abort(exchange);
    else if (slice_is(path, "/upgrade"))
        upgrade(site, exchange);
    else if (slice_is(path, "/watch")) {
        site->held = exchange;
        exchange->on_gone = was_gone;
        exchange->on_drain = was_drained;
        http_reply_begin(exchange, 200, NULL, 0, HTTP_CHUNKED);
    } else if (slice_is(path, "/inject")) {
        struct http_header header = {SLICE("Warning"), SLICE("a\r\nSet-Cookie: b")};
        http_reply(exchange, 200, &header, 1, SLICE(""));
    } else
        tell_request(exchange);
}

/* --- Set-up --- */

static void connect_client(struct site *site, const struct stream_pair_options *options)
{
    struct stream *end;
    stream_pair_open(site->loop, options, &site->client, &end);
    stream_set_handler(site->client, &client_handler, site);
    stream_read_start(site->client);
    http_server_accept(site->server, end);
}

static struct site *site_start_with(uint64_t seed, const struct stream_pair_options *pair,
                                    const struct http_server_options *options)
{
    struct site *site = mem_alloc(sizeof(*site));
    site->loop = loop_create_simulated(seed);
    site->server = http_server_open(site->loop, options, handle, site);
    connect_client(site, pair);
    return site;
}

static struct site *site_start(void)
{
    return site_start_with(1, NULL, NULL);
}

static void server_closed(void *context)
{
    ((struct site *)context)->server_closed = true;
}

static void hang_up(struct site *site)
{
    if (site->client)
        stream_close(site->client);
    site->client = NULL;
}

static void site_stop(struct site *site)
{
    hang_up(site);
    if (site->upgraded)
        stream_close(site->upgraded);
    if (site->server)
        http_server_close(site->server, server_closed, site);
    loop_run_for_us(site->loop, 300 * SECOND);
    EXPECT(site->server_closed);
    loop_destroy(site->loop);
    buffer_release(&site->received);
    buffer_release(&site->diary);
    buffer_release(&site->early);
    mem_free(site);
}

static void say(struct site *site, const char *text)
{
    stream_write(site->client, slice_of(text));
    loop_run_for_us(site->loop, 1);
}

static void expect_received(struct site *site, const char *text)
{
    EXPECT_SLICE(buffer_slice(&site->received), text);
    buffer_clear(&site->received);
}

/* The code of the first reply, 0 when there is none. */
static int received_code(const struct site *site)
{
    return site->received.size > 12 ? atoi(site->received.data + 9) : 0;
}

#define REPLY(code, length, body) \
    "HTTP/1.1 " code "\r\n" DATE "Content-Type: text/plain\r\nContent-Length: " length \
    "\r\n\r\n" body

/* --- Requests and replies --- */

TEST("a request is answered, and the next one on the same connection")
{
    struct site *site = site_start();
    for (int i = 0; i < 3; i++) {
        say(site, "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
        expect_received(site, REPLY("200 OK", "5", "hello"));
    }
    EXPECT(!site->ended);
    site_stop(site);
}

TEST("a handler sees method, path, query and headers")
{
    struct site *site = site_start();
    say(site, "PATCH /api/v1/pods?watch=1&a=%20b HTTP/1.1\r\nHost: a\r\nX-Empty:\r\n"
              "X-Spaces: \t two words \t\r\naccept:x\r\n\r\n");
    EXPECT(strstr(site->received.data, "PATCH|/api/v1/pods|watch=1&a=%20b|<Host=a><X-Empty=>"
                                       "<X-Spaces=two words><accept=x>"));
    buffer_clear(&site->received);
    say(site, "GET http://server:80/a/b?c HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT(strstr(site->received.data, "GET|/a/b|c|"));
    buffer_clear(&site->received);
    say(site, "GET http://server HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT(strstr(site->received.data, "GET|/||"));
    buffer_clear(&site->received);
    say(site, "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT(strstr(site->received.data, "OPTIONS|*||"));
    site_stop(site);
}

TEST("a body is collected, with a length or in chunks")
{
    struct site *site = site_start();
    say(site, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabcde");
    expect_received(site, REPLY("200 OK", "16", "complete 5 abcde"));
    say(site, "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
              "3\r\nabc\r\n2;ext=1\r\nde\r\n0\r\nTrailer: x\r\n\r\n");
    expect_received(site, REPLY("200 OK", "16", "complete 5 abcde"));
    say(site, "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n");
    expect_received(site, REPLY("200 OK", "11", "complete 0 "));
    say(site, "POST /late-echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab");
    loop_run_for_us(site->loop, SECOND);
    EXPECT(strstr(site->received.data, "complete 2 ab"));
    site_stop(site);
}

TEST("whatever the pieces that bytes come in, the replies are the same")
{
    static const char requests[] =
        "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        "a;q=\"1\"\r\n0123456789\r\n1\r\nx\r\n0\r\nT: u\r\n\r\n"
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nX:\r\n\r\nabcd"
        "HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\n"
        "GET /chunked HTTP/1.1\r\nHost: a\r\n\r\n";
    static const char expected[] = REPLY("200 OK", "23", "complete 11 0123456789x") "";
    for (size_t cut = 0; cut <= sizeof(requests) - 1; cut++) {
        struct site *site = site_start();
        stream_write(site->client, (struct slice){requests, cut});
        loop_run_for_us(site->loop, 1);
        stream_write(site->client, (struct slice){requests + cut, sizeof(requests) - 1 - cut});
        loop_run_for_us(site->loop, 1);
        EXPECT_EQ(site->requests, 5);
        EXPECT(strstr(site->received.data, expected));
        EXPECT(slice_ends_with(buffer_slice(&site->received), SLICE("second piece\r\n0\r\n\r\n")));
        site_stop(site);
    }
    for (uint64_t seed = 0; seed < 30; seed++) {
        struct stream_pair_options pair = {.capacity = 64, .chunk_max = 1 + seed % 9};
        struct site *site = site_start_with(seed, &pair, NULL);
        say(site, requests);
        EXPECT_EQ(site->requests, 5);
        EXPECT(slice_ends_with(buffer_slice(&site->received), SLICE("second piece\r\n0\r\n\r\n")));
        site_stop(site);
    }
}

TEST("a body in pieces can be paused and goes on")
{
    struct site *site = site_start();
    say(site, "POST /pieces HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\n\r\none");
    say(site, "pause");
    say(site, "four");
    EXPECT_SLICE(buffer_slice(&site->diary), "onepause");
    http_body_resume(site->held);
    loop_run_for_us(site->loop, 1);
    EXPECT_SLICE(buffer_slice(&site->diary), "onepausefour");
    expect_received(site, REPLY("200 OK", "8", "streamed"));
    site_stop(site);
}

TEST("a reply in pieces is chunked, or has the length that was told")
{
    struct site *site = site_start();
    say(site, "GET /chunked HTTP/1.1\r\nHost: a\r\n\r\n");
    expect_received(site, "HTTP/1.1 200 OK\r\n" DATE "Transfer-Encoding: chunked\r\n\r\n"
                          "4\r\none,\r\n15\r\na longer second piece\r\n0\r\n\r\n");
    say(site, "GET /sized HTTP/1.1\r\nHost: a\r\n\r\n");
    expect_received(site, "HTTP/1.1 200 OK\r\n" DATE
                          "Content-Length: 25\r\n\r\none,a longer second piece");
    say(site, "GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n");
    expect_received(site, "HTTP/1.1 204 No Content\r\n" DATE "\r\n");
    site_stop(site);
}

TEST("HEAD gets the head alone")
{
    struct site *site = site_start();
    say(site, "HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\n");
    expect_received(site, REPLY("200 OK", "5", ""));
    say(site, "HEAD /chunked HTTP/1.1\r\nHost: a\r\n\r\n");
    expect_received(site, "HTTP/1.1 200 OK\r\n" DATE "\r\n");
    say(site, "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
    expect_received(site, REPLY("200 OK", "5", "hello"));
    site_stop(site);
}

TEST("100 Continue is sent when the body is asked for, and only then")
{
    struct site *site = site_start();
    say(site, "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
              "Content-Length: 3\r\n\r\n");
    expect_received(site, "HTTP/1.1 100 Continue\r\n\r\n");
    say(site, "abc");
    expect_received(site, REPLY("200 OK", "14", "complete 3 abc"));
    say(site, "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 200-maybe\r\nContent-Length: 3\r\n\r\n");
    EXPECT_EQ(received_code(site), 417);
    EXPECT(site->ended);
    hang_up(site);
    connect_client(site, NULL);
    buffer_clear(&site->received);
    site->ended = false;
    say(site, "POST /hello HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
              "Content-Length: 3\r\n\r\n");
    EXPECT_EQ(received_code(site), 200);
    EXPECT(strstr(site->received.data, "Connection: close\r\n"));
    EXPECT(site->ended);
    site_stop(site);
}

TEST("HTTP/1.0 and Connection: close get one reply and the end")
{
    struct site *site = site_start();
    say(site, "GET /chunked HTTP/1.0\r\n\r\n");
    expect_received(site, "HTTP/1.1 200 OK\r\n" DATE "Connection: close\r\n\r\n"
                          "one,a longer second piece");
    EXPECT(site->ended);
    hang_up(site);
    site->ended = false;
    connect_client(site, NULL);
    say(site, "GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nGET /hello");
    EXPECT_EQ(received_code(site), 200);
    EXPECT(site->ended);
    EXPECT_EQ(site->requests, 2);
    site_stop(site);
}

TEST("ten thousand pipelined requests get their replies in order")
{
    struct site *site = site_start();
    struct buffer requests = {0}, expected = {0};
    for (int i = 0; i < 10000; i++) {
        buffer_format(&requests, "GET /%d HTTP/1.1\r\nHost: a\r\n\r\n", i);
        buffer_format(&expected, "GET|/%d||<Host=a>", i);
    }
    stream_write(site->client, buffer_slice(&requests));
    loop_run_for_us(site->loop, 1);
    EXPECT_EQ(site->requests, 10000);
    struct buffer bodies = {0};
    for (const char *at = site->received.data; (at = strstr(at, "\r\n\r\n"));) {
        at += 4;
        const char *end = strstr(at, "HTTP/1.1");
        buffer_append(&bodies, at, end ? (size_t)(end - at) : strlen(at));
    }
    EXPECT(slice_equal(buffer_slice(&bodies), buffer_slice(&expected)));
    buffer_release(&requests);
    buffer_release(&expected);
    buffer_release(&bodies);
    site_stop(site);
}

TEST("a pipelined request waits for the reply before it")
{
    struct site *site = site_start();
    say(site, "GET /late HTTP/1.1\r\nHost: a\r\n\r\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(site->requests, 1);
    EXPECT_EQ(site->received.size, 0);
    loop_run_for_us(site->loop, SECOND);
    EXPECT_EQ(site->requests, 2);
    EXPECT(slice_ends_with(buffer_slice(&site->received), SLICE("hello")));
    site_stop(site);
}

TEST("a header's value cannot smuggle in another header")
{
    struct site *site = site_start();
    say(site, "GET /inject HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT(strstr(site->received.data, "Warning: a  Set-Cookie: b\r\n"));
    EXPECT(!strstr(site->received.data, "\nSet-Cookie"));
    site_stop(site);
}

/* --- Refusals --- */

#define ECHO "POST /echo HTTP/1.1\r\nHost: a\r\n"
#define CHUNKED "Transfer-Encoding: chunked\r\n"

/* Each of these is read in two ways by some pair of servers, or is no HTTP. */
static const char *const bad_requests[] = {
    ECHO "Content-Length: 5\r\n" CHUNKED "\r\n0\r\n\r\n",
    ECHO CHUNKED "Content-Length: 5\r\n\r\n0\r\n\r\n",
    ECHO "Content-Length: 5\r\nContent-Length: 5\r\n\r\nabcde",
    ECHO "Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcde",
    ECHO "Content-Length: 5, 5\r\n\r\nabcde",
    ECHO "Content-Length: +5\r\n\r\nabcde",
    ECHO "Content-Length: -5\r\n\r\nabcde",
    ECHO "Content-Length: 0x5\r\n\r\nabcde",
    ECHO "Content-Length: 5 5\r\n\r\nabcde",
    ECHO "Content-Length:\r\n\r\n",
    ECHO "Content-Length: 99999999999999999999\r\n\r\n",
    ECHO "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    ECHO "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    ECHO CHUNKED CHUNKED "\r\n0\r\n\r\n",
    ECHO CHUNKED "Transfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    ECHO "Transfer-Encoding: identity\r\n\r\n",
    ECHO "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    ECHO "Transfer-Encoding: chunked;a=b\r\n\r\n0\r\n\r\n",
    ECHO "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n",
    ECHO "Transfer-Encoding:\013chunked\r\n\r\n0\r\n\r\n",
    ECHO "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    ECHO "Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n",
    ECHO " Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ECHO "X: y\r\n Transfer-Encoding: chunked\r\n\r\n",
    ECHO "X: y\rTransfer-Encoding: chunked\r\n\r\n",
    ECHO "X: y\nTransfer-Encoding: chunked\r\n\r\n",
    "POST /echo HTTP/1.1\r\nHost: a\nContent-Length: 0\n\n",
    ECHO "\nContent-Length: 0\r\n\r\n",
    "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "POST /echo HTTP/1.1\r\n\r\n",
    ECHO "Host: b\r\n\r\n",
    "POST /echo HTTP/1.1\r\nHost: a b\r\n\r\n",
    "POST /echo HTTP/1.1\r\nHost: a/b\r\n\r\n",
    "POST /echo HTTP/1.1\r\nHost: a@b\r\n\r\n",
    "GET /he llo HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /he\x01llo HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET hello HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /hello HTTP/1.2\r\nHost: a\r\n\r\n",
    "GET /hello HTTP/2.0\r\nHost: a\r\n\r\n",
    "GET /hello HTTP/0.9\r\nHost: a\r\n\r\n",
    "GET /hello\r\n\r\n",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "get /hello HTTP/1.1\r\nHost: a\r\n\r\n",
    "NONSENSE /hello HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /hello HTTP/1.1\r\nHost: a\r\nX\r\n\r\n",
    "GET /hello HTTP/1.1\r\nHost: a\r\n: y\r\n\r\n",
    "GET /hello HTTP/1.1\r\nHost: a\r\nX(: y\r\n\r\n",
    "GET /hello HTTP/1.1\r\nHost: a\r\nX: y\x01z\r\n\r\n",
    "GET /hello HTTP/1.1\r\nHost: a\r\nX: y\x7fz\r\n\r\n",
    "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
};

TEST("a request that could be read in two ways is refused, and its connection closed")
{
    for (size_t i = 0; i < ARRAY_SIZE(bad_requests); i++) {
        struct site *site = site_start();
        struct buffer text = {0};
        buffer_append_text(&text, bad_requests[i]);
        buffer_append_text(&text, "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
        stream_write(site->client, buffer_slice(&text));
        loop_run_for_us(site->loop, 1);
        int code = received_code(site);
        if (code != 400 && code != 505)
            test_fail(__FILE__, __LINE__, "%s\nanswered %s", bad_requests[i],
                      site->received.size ? site->received.data : "nothing");
        EXPECT(site->ended);
        EXPECT_EQ(site->requests, 0);
        buffer_release(&text);
        site_stop(site);
    }
}

TEST("a NUL inside a head is refused")
{
    struct site *site = site_start();
    stream_write(site->client, SLICE("GET /hello HTTP/1.1\r\nHost: a\r\nX: y\0z\r\n\r\n"));
    loop_run_for_us(site->loop, 1);
    EXPECT_EQ(received_code(site), 400);
    site_stop(site);
}

/* Broken only within the body: the handler hears of it. */
static const char *const bad_chunks[] = {
    "5\nabcde\r\n0\r\n\r\n",
    "5\r\nabcdef\r\n0\r\n\r\n",
    "5\r\nabcde0\r\n\r\n",
    "-5\r\nabcde\r\n0\r\n\r\n",
    "0x5\r\nabcde\r\n0\r\n\r\n",
    "5 \r\nabcde\r\n0\r\n\r\n",
    " 5\r\nabcde\r\n0\r\n\r\n",
    "g\r\n",
    "ffffffffffffffff1\r\n",
    "5\r\nabcde\n0\r\n\r\n",
    "5\r\nabcde\r0\r\n\r\n",
    "5\rabcde\r\n0\r\n\r\n",
    "5;\nabcde\r\n0\r\n\r\n",
    "5;a\nb\r\nabcde\r\n0\r\n\r\n",
    "\r\n",
};

TEST("broken chunks are told to the handler, and end the connection")
{
    for (size_t i = 0; i < ARRAY_SIZE(bad_chunks); i++) {
        struct site *site = site_start();
        struct buffer text = {0};
        buffer_append_text(&text, ECHO CHUNKED "\r\n");
        buffer_append_text(&text, bad_chunks[i]);
        buffer_append_text(&text, "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
        stream_write(site->client, buffer_slice(&text));
        loop_run_for_us(site->loop, 1);
        if (received_code(site) != 400)
            test_fail(__FILE__, __LINE__, "%s\nanswered %s", bad_chunks[i],
                      site->received.size ? site->received.data : "nothing");
        EXPECT_SLICE(buffer_slice(&site->diary), "[body bad]");
        EXPECT_EQ(site->requests, 1);
        EXPECT(site->ended);
        buffer_release(&text);
        site_stop(site);
    }
}

TEST("heads that are too large or too many get 431")
{
    struct site *site = site_start();
    struct buffer text = {0};
    buffer_append_text(&text, "GET /");
    for (int i = 0; i < 70000; i++)
        buffer_append_byte(&text, 'a');
    stream_write(site->client, buffer_slice(&text));
    loop_run_for_us(site->loop, 1);
    EXPECT_EQ(received_code(site), 431);
    site_stop(site);

    site = site_start();
    buffer_clear(&text);
    buffer_append_text(&text, "GET / HTTP/1.1\r\nHost: a\r\n");
    for (int i = 0; i < 130; i++)
        buffer_format(&text, "X-%d: a\r\n", i);
    buffer_append_text(&text, "\r\n");
    stream_write(site->client, buffer_slice(&text));
    loop_run_for_us(site->loop, 1);
    EXPECT_EQ(received_code(site), 431);
    site_stop(site);

    site = site_start(); /* White space alone is bytes too. */
    buffer_clear(&text);
    buffer_append_text(&text, "GET / HTTP/1.1\r\nHost: a\r\nX:");
    for (int i = 0; i < 70000; i++)
        buffer_append_byte(&text, ' ');
    stream_write(site->client, buffer_slice(&text));
    loop_run_for_us(site->loop, 1);
    EXPECT_EQ(received_code(site), 431);
    buffer_release(&text);
    site_stop(site);
}

TEST("a body over the limit is told as soon as it is known")
{
    struct site *site = site_start();
    say(site, ECHO "Expect: 100-continue\r\nContent-Length: 101\r\n\r\n");
    EXPECT_EQ(received_code(site), 413);
    EXPECT(site->ended);
    hang_up(site);
    connect_client(site, NULL);
    buffer_clear(&site->received);
    say(site, "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n");
    for (int i = 0; i < 101; i++)
        say(site, "x");
    EXPECT_EQ(received_code(site), 413);
    EXPECT(site->ended);
    site_stop(site);
}

TEST("chunks that are nearly all framing are refused")
{
    struct site *site = site_start();
    struct buffer text = {0};
    buffer_append_text(&text, "POST /pieces HTTP/1.1\r\nHost: a\r\n" CHUNKED "\r\n");
    for (int i = 0; i < 3000; i++)
        buffer_append_text(&text, "1;abcdefghijklmnopqrstuvwxyz=abcdefghijklmnopqrst\r\nx\r\n");
    stream_write(site->client, buffer_slice(&text));
    loop_run_for_us(site->loop, 1);
    EXPECT(slice_ends_with(buffer_slice(&site->received), SLICE("failed")));
    EXPECT(site->ended);
    buffer_release(&text);
    site_stop(site);
}

TEST("a body that nobody asks for is read over when small, else the connection ends")
{
    struct site *site = site_start();
    say(site, "POST /hello HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabc");
    EXPECT_EQ(received_code(site), 200);
    say(site, "defGET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(site->requests, 2);
    EXPECT(!site->ended);
    buffer_clear(&site->received);
    say(site, "POST /hello HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n");
    EXPECT(strstr(site->received.data, "Connection: close"));
    EXPECT(site->ended);
    site_stop(site);
}

/* --- Peers that are slow, and peers that go --- */

TEST("a head that trickles is cut off, however steadily it comes")
{
    struct site *site = site_start();
    for (int i = 0; i < 31; i++) {
        say(site, i == 0 ? "GET /hello HTTP/1.1\r\nX: " : "y");
        loop_run_for_us(site->loop, SECOND);
        EXPECT(!site->ended);
    }
    loop_run_for_us(site->loop, 2 * SECOND);
    EXPECT(site->ended);
    EXPECT_EQ(http_server_connections(site->server), 0);
    site_stop(site);
}

TEST("an idle connection ends after 90 seconds, one that never spoke after 32")
{
    struct site *site = site_start();
    say(site, "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
    loop_run_for_us(site->loop, 89 * SECOND);
    EXPECT(!site->ended);
    loop_run_for_us(site->loop, 2 * SECOND);
    EXPECT(site->ended);
    hang_up(site);
    site->ended = false;
    connect_client(site, NULL);
    loop_run_for_us(site->loop, 33 * SECOND);
    EXPECT(site->ended);
    site_stop(site);
}

TEST("a body that stops coming, or trickles, is given up")
{
    struct site *site = site_start();
    say(site, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabc");
    loop_run_for_us(site->loop, 61 * SECOND);
    EXPECT_SLICE(buffer_slice(&site->diary), "[body gone]");
    EXPECT_EQ(http_server_connections(site->server), 0);
    hang_up(site);
    buffer_clear(&site->diary);
    connect_client(site, NULL);
    say(site, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 90\r\n\r\n");
    for (int i = 0; i < 62; i++) {
        say(site, "x");
        loop_run_for_us(site->loop, SECOND);
    }
    EXPECT_SLICE(buffer_slice(&site->diary), "[body gone]");
    site_stop(site);
}

TEST("a reader that takes nothing for a minute is gone; one that is slow is not")
{
    struct stream_pair_options pair = {.capacity = 1000};
    struct site *site = site_start_with(1, &pair, NULL);
    say(site, "GET /watch HTTP/1.1\r\nHost: a\r\n\r\n");
    stream_read_stop(site->client);
    for (int i = 0; i < 10; i++) {
        struct buffer data = {0};
        buffer_reserve(&data, 5000);
        memset(data.data, 'x', 5000);
        http_reply_write(site->held, (struct slice){data.data, 5000});
        buffer_release(&data);
    }
    loop_run_for_us(site->loop, 1);
    EXPECT(http_reply_pending(site->held) > 40000);
    for (int i = 0; i < 10; i++) { /* A thousand bytes every 50 seconds. */
        loop_run_for_us(site->loop, 50 * SECOND);
        EXPECT(site->held);
        stream_read_start(site->client);
        loop_run_for_us(site->loop, 0);
        stream_read_stop(site->client);
    }
    site->received.size = 0;
    http_reply_write(site->held, SLICE("more"));
    for (int i = 0; i < 12; i++) {
        struct buffer data = {0};
        buffer_reserve(&data, 5000);
        memset(data.data, 'x', 5000);
        http_reply_write(site->held, (struct slice){data.data, 5000});
        buffer_release(&data);
    }
    loop_run_for_us(site->loop, 121 * SECOND);
    EXPECT(slice_ends_with(buffer_slice(&site->diary), SLICE("[gone]")));
    EXPECT_EQ(http_server_connections(site->server), 0);
    site_stop(site);
}

TEST("writes of one turn leave together, and drain is told")
{
    struct stream_pair_options pair = {.capacity = 16};
    struct site *site = site_start_with(1, &pair, NULL);
    say(site, "GET /watch HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(received_code(site), 200);
    buffer_clear(&site->received);
    buffer_clear(&site->diary);
    http_reply_write(site->held, SLICE("first event "));
    http_reply_write(site->held, SLICE("second event"));
    EXPECT_EQ(http_reply_pending(site->held), 34);
    loop_run_for_us(site->loop, 1);
    expect_received(site, "c\r\nfirst event \r\nc\r\nsecond event\r\n");
    EXPECT_SLICE(buffer_slice(&site->diary), "[drained]");
    EXPECT_EQ(http_reply_pending(site->held), 0);
    site_stop(site);
    /* site_stop hung up: the watch heard of it, else the server would not have closed. */
}

static int pieces_left;

static void write_more(struct http_exchange *exchange)
{
    if (pieces_left-- > 0)
        http_reply_write(exchange, SLICE("piece "));
    else
        http_reply_end(exchange);
}

TEST("a writer that goes on at each drain gets to its end, though all leaves at once")
{
    struct site *site = site_start();
    say(site, "GET /watch HTTP/1.1\r\nHost: a\r\n\r\n");
    site->held->on_drain = write_more;
    pieces_left = 1000;
    http_reply_write(site->held, SLICE("first "));
    loop_run_for_us(site->loop, SECOND);
    EXPECT_EQ(pieces_left, -1);
    EXPECT(slice_ends_with(buffer_slice(&site->received), SLICE("6\r\npiece \r\n0\r\n\r\n")));
    say(site, "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT(slice_ends_with(buffer_slice(&site->received), SLICE("hello")));
    site_stop(site);
}

TEST("a watch hears that its peer has gone, by end or by break")
{
    for (int way = 0; way < 2; way++) {
        struct site *site = site_start();
        say(site, "GET /watch HTTP/1.1\r\nHost: a\r\n\r\n");
        if (way == 0)
            stream_end(site->client);
        else
            stream_pair_break(site->client, "cable cut");
        loop_run_for_us(site->loop, 1);
        EXPECT(slice_ends_with(buffer_slice(&site->diary), SLICE("[gone]")));
        loop_run_for_us(site->loop, 3 * SECOND);
        EXPECT_EQ(http_server_connections(site->server), 0);
        site_stop(site);
    }
}

TEST("a peer that ends behind its request still gets the reply")
{
    struct site *site = site_start();
    stream_write(site->client, SLICE("GET /late HTTP/1.1\r\nHost: a\r\n\r\n"));
    stream_end(site->client);
    loop_run_for_us(site->loop, 2 * SECOND);
    EXPECT(slice_ends_with(buffer_slice(&site->received), SLICE("late")));
    EXPECT(site->ended);
    EXPECT_EQ(http_server_connections(site->server), 0);
    site_stop(site);
}

TEST("a handler whose peer went may still reply, into nothing")
{
    struct site *site = site_start();
    say(site, "GET /late HTTP/1.1\r\nHost: a\r\n\r\n");
    stream_pair_break(site->client, "cable cut");
    loop_run_for_us(site->loop, 2 * SECOND);
    EXPECT_EQ(http_server_connections(site->server), 0);
    site_stop(site);
}

TEST("a peer that ends within its body is told as gone")
{
    struct site *site = site_start();
    say(site, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabc");
    stream_end(site->client);
    loop_run_for_us(site->loop, 3 * SECOND);
    EXPECT_SLICE(buffer_slice(&site->diary), "[body gone]");
    EXPECT_EQ(http_server_connections(site->server), 0);
    site_stop(site);
}

TEST("an aborted exchange ends its connection without a reply")
{
    struct site *site = site_start();
    say(site, "GET /abort HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(site->received.size, 0);
    EXPECT(site->ended);
    site_stop(site);
}

/* --- Upgrades and the server's end --- */

TEST("an upgrade gives the stream and the bytes that came early")
{
    struct site *site = site_start();
    say(site, "GET /upgrade HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\n"
              "Upgrade: websocket\r\n\r\nearly bytes");
    expect_received(site, "HTTP/1.1 101 Switching Protocols\r\n" DATE
                          "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\nraw bytes");
    EXPECT_SLICE(buffer_slice(&site->early), "early bytes");
    say(site, " and later ones");
    EXPECT_SLICE(buffer_slice(&site->diary), " and later ones");
    EXPECT_EQ(http_server_connections(site->server), 0);
    site_stop(site);
}

TEST("an upgrade that the handler does not take is an ordinary request")
{
    struct site *site = site_start();
    say(site, "GET /hello HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\n"
              "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n"
              "POST /echo HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n"
              "Content-Length: 3\r\n\r\nabcGET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(site->requests, 3);
    EXPECT(strstr(site->received.data, "complete 3 abc"));
    EXPECT(slice_ends_with(buffer_slice(&site->received), SLICE("hello")));
    site_stop(site);
}

TEST("a server that closes ends the idle at once, lets the busy finish, tells watches")
{
    struct site *site = site_start();
    say(site, "GET /late HTTP/1.1\r\nHost: a\r\n\r\n");
    http_server_close(site->server, server_closed, site);
    loop_run_for_us(site->loop, SECOND / 2);
    EXPECT(!site->server_closed);
    loop_run_for_us(site->loop, SECOND);
    EXPECT(strstr(site->received.data, "Connection: close\r\n"));
    EXPECT(slice_ends_with(buffer_slice(&site->received), SLICE("late")));
    EXPECT(site->ended);
    site->server = NULL;
    site_stop(site);

    site = site_start();
    say(site, "GET /watch HTTP/1.1\r\nHost: a\r\n\r\n");
    http_server_close(site->server, server_closed, site);
    loop_run_for_us(site->loop, 1);
    EXPECT(slice_ends_with(buffer_slice(&site->diary), SLICE("[gone]")));
    EXPECT(slice_ends_with(buffer_slice(&site->received), SLICE("0\r\n\r\n")));
    site->server = NULL;
    site_stop(site);

    site = site_start();
    http_server_close(site->server, server_closed, site);
    loop_run_for_us(site->loop, 1);
    EXPECT(site->ended);
    site->server = NULL;
    site_stop(site);
}

/* --- A real socket --- */

static void accepted(void *context, struct stream *stream)
{
    http_server_accept(context, stream);
}

static void stop_when_closed(void *context)
{
    loop_stop(context);
}

static void curl_done(struct task *task)
{
    loop_stop(task->loop);
}

static char curl_command[400];
static char curl_output[400];

static void run_curl(struct task *task)
{
    (void)task;
    FILE *pipe = popen(curl_command, "r");
    curl_output[fread(curl_output, 1, sizeof(curl_output) - 1, pipe)] = '\0';
    pclose(pipe);
}

TEST("curl speaks with it over a socket")
{
    if (access("/usr/bin/curl", X_OK) != 0)
        SKIP("curl is not installed");
    struct site *site = mem_alloc(sizeof(*site));
    struct status status;
    struct task task = {.work = run_curl, .done = curl_done};
    status_init(&status);
    site->loop = loop_create(1);
    site->server = http_server_open(site->loop, NULL, handle, site);
    struct listener *listener = listener_open(site->loop, 100);
    EXPECT_EQ(listener_add_tcp(listener, "127.0.0.1:0", accepted, site->server, &status), 0);
    const char *address = listener_address(listener, 0);
    snprintf(curl_command, sizeof(curl_command),
             "curl -s http://%s/hello http://%s/chunked http://%s/nothing; "
             "curl -s -d 0123456789 -H 'Expect: 100-continue' http://%s/echo",
             address, address, address, address);
    loop_submit(site->loop, LANE_WORKERS, &task);
    loop_run(site->loop);
    EXPECT_TEXT(curl_output, "helloone,a longer second piececomplete 10 0123456789");
    listener_close(listener);
    http_server_close(site->server, stop_when_closed, site->loop);
    loop_run(site->loop);
    loop_destroy(site->loop);
    buffer_release(&site->diary);
    mem_free(site);
    status_release(&status);
}
