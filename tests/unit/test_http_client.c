/* The HTTP client, against our own server and against raw bytes. */
#include <stdio.h>

#include "core/net/http_client.h"
#include "core/net/http_server.h"
#include "core/net/listener.h"
#include "core/net/network.h"
#include "core/net/pem.h"
#include "tests/harness/test.h"

#define SECOND INT64_C(1000000)
#define ADDRESS "server:80"

/* --- One call that remembers what it was told --- */

struct request {
    struct http_call *call;
    int code;
    struct buffer body;
    char kind[40]; /* The response's Content-Type. */
    bool ended;
    char error[200];
    bool pause_at_head;
    bool close_at_head;
    struct stream *upgraded;
    struct buffer early;
};

static void on_response(void *context, struct http_call *call, const struct http_response *response)
{
    struct request *request = context;
    struct slice kind = http_header_get(response->headers, "content-type");
    request->code = response->code;
    snprintf(request->kind, sizeof(request->kind), SLICE_FORMAT, SLICE_ARGS(kind));
    if (request->pause_at_head)
        http_call_pause(call);
    if (request->close_at_head) {
        http_call_close(call);
        request->call = NULL;
    }
    if (response->code == 101) {
        request->upgraded = http_call_upgrade(call, &request->early);
        request->call = NULL;
    }
}

static void on_data(void *context, struct slice data)
{
    buffer_append_slice(&((struct request *)context)->body, data);
}

static void on_end(void *context)
{
    struct request *request = context;
    request->ended = true;
    request->call = NULL;
}

static void on_error(void *context, const struct status *status)
{
    struct request *request = context;
    snprintf(request->error, sizeof(request->error), "%d %s", status->code, status->message);
    request->call = NULL;
}

static const struct http_call_handler call_handler = {
    .on_response = on_response, .on_data = on_data, .on_end = on_end, .on_error = on_error};

static void request_release(struct request *request)
{
    http_call_close(request->call);
    buffer_release(&request->body);
    buffer_release(&request->early);
    *request = (struct request){0};
}

/* --- A server beside it --- */

struct site {
    struct loop *loop;
    struct http_server *server;
    struct listener *listener;
    struct tls_config *server_tls, *client_tls;
    struct http_client *client;
    size_t connections;       /* Accepted, ever. */
    struct stream *raw;       /* In place of the server, when raw_reply is set. */
    struct buffer raw_read;
    const char *raw_reply;    /* Sent to whatever comes. */
    bool raw_ends;
};

static void reply_body(struct http_exchange *exchange, enum http_body result, struct slice body)
{
    struct http_header header = HTTP_HEADER("Content-Type", SLICE("text/plain"));
    EXPECT_EQ(result, HTTP_BODY_COMPLETE);
    http_reply(exchange, 200, &header, 1, body);
}

static void never_replies(struct http_exchange *exchange)
{
    http_abort(exchange);
}

static const struct stream_handler deaf_handler = {.on_read = NULL};

static void handle(void *context, struct http_exchange *exchange)
{
    struct slice path = exchange->request.path;
    (void)context;
    if (slice_is(path, "/echo"))
        http_read_body(exchange, 10000000, reply_body);
    else if (slice_is(path, "/chunks")) {
        http_reply_begin(exchange, 200, NULL, 0, HTTP_CHUNKED);
        for (int i = 0; i < 1000; i++)
            http_reply_write(exchange, SLICE("chunk "));
        http_reply_end(exchange);
    } else if (slice_is(path, "/nothing"))
        http_reply(exchange, 204, NULL, 0, SLICE(""));
    else if (slice_is(path, "/abort"))
        http_abort(exchange);
    else if (slice_is(path, "/upgrade")) {
        struct http_header headers[] = {HTTP_HEADER("Connection", SLICE("Upgrade")),
                                        HTTP_HEADER("Upgrade", SLICE("x"))};
        struct buffer early = {0};
        struct stream *stream = http_upgrade(exchange, headers, 2, &early);
        stream_set_handler(stream, &deaf_handler, NULL);
        stream_write(stream, SLICE("first words"));
        stream_end(stream);
        stream_close(stream);
        buffer_release(&early);
    } else if (slice_is(path, "/never"))
        exchange->on_gone = never_replies;
    else
        http_reply(exchange, 200, NULL, 0, SLICE("hello"));
}

static void raw_read(void *context, struct slice data)
{
    struct site *site = context;
    buffer_append_slice(&site->raw_read, data);
    if (!site->raw_reply)
        return;
    stream_write(site->raw, slice_of(site->raw_reply));
    if (site->raw_ends)
        stream_end(site->raw);
    site->raw_reply = NULL;
}

static const struct stream_handler raw_handler = {.on_read = raw_read};

static void accepted(void *context, struct stream *stream)
{
    struct site *site = context;
    site->connections++;
    if (site->raw_reply) {
        if (site->raw)
            stream_close(site->raw);
        site->raw = stream;
        stream_set_handler(stream, &raw_handler, site);
        stream_read_start(stream);
        return;
    }
    http_server_accept(site->server,
                       site->server_tls ? tls_open_server(site->server_tls, stream) : stream);
}

static struct site *site_open(uint64_t seed, size_t chunk_max)
{
    struct site *site = mem_alloc(sizeof(*site));
    struct status status;
    status_init(&status);
    site->loop = loop_create_simulated(seed);
    network_set_chunk_max(network_of(site->loop), chunk_max);
    site->server = http_server_open(site->loop, NULL, handle, site);
    site->listener = listener_open(site->loop, 100);
    EXPECT_EQ(listener_add_tcp(site->listener, ADDRESS, accepted, site, &status), 0);
    struct http_client_options options = {.address = ADDRESS};
    site->client = http_client_open(site->loop, &options);
    status_release(&status);
    return site;
}

static void site_close(struct site *site)
{
    http_client_close(site->client);
    listener_close(site->listener);
    http_server_close(site->server, NULL, NULL);
    if (site->raw)
        stream_close(site->raw);
    loop_run_for_us(site->loop, 100 * SECOND);
    loop_destroy(site->loop);
    tls_config_unref(site->server_tls);
    tls_config_unref(site->client_tls);
    buffer_release(&site->raw_read);
    mem_free(site);
}

static void begin(struct site *site, struct request *request, const char *method,
                  const char *target, struct slice body)
{
    struct http_call_options options = {.method = method, .target = target, .body = body};
    request->call = http_call_open(site->client, &options, &call_handler, request);
}

static struct request ask(struct site *site, const char *method, const char *target,
                          struct slice body)
{
    static struct request request;
    request = (struct request){0};
    begin(site, &request, method, target, body);
    loop_run_for_us(site->loop, SECOND);
    return request;
}

static void expect_ok(struct request request, const char *body)
{
    EXPECT_TEXT(request.error, "");
    EXPECT(request.ended);
    EXPECT_EQ(request.code, 200);
    EXPECT_SLICE(buffer_slice(&request.body), body);
    request_release(&request);
}

TEST("calls one after the other share a connection, calls side by side do not")
{
    struct site *site = site_open(1, 0);
    struct request first = {0}, second = {0};
    expect_ok(ask(site, "GET", "/hello", SLICE("")), "hello");
    expect_ok(ask(site, "GET", "/hello", SLICE("")), "hello");
    expect_ok(ask(site, "POST", "/echo", SLICE("abc")), "abc");
    EXPECT_EQ(site->connections, 1);
    begin(site, &first, "GET", "/hello", SLICE(""));
    begin(site, &second, "GET", "/hello", SLICE(""));
    loop_run_for_us(site->loop, SECOND);
    expect_ok(first, "hello");
    expect_ok(second, "hello");
    EXPECT_EQ(site->connections, 2);
    loop_run_for_us(site->loop, SECOND);
    EXPECT_EQ(http_server_connections(site->server), 1);
    site_close(site);
}

TEST("a response comes whole, whatever the pieces")
{
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct site *site = site_open(seed, 1 + seed);
        struct request request = ask(site, "GET", "/chunks", SLICE(""));
        EXPECT(request.ended);
        EXPECT_EQ(request.body.size, 6000);
        request_release(&request);
        request = ask(site, "HEAD", "/hello", SLICE(""));
        EXPECT(request.ended);
        EXPECT_EQ(request.body.size, 0);
        request_release(&request);
        request = ask(site, "GET", "/nothing", SLICE(""));
        EXPECT_EQ(request.code, 204);
        EXPECT(request.ended);
        request_release(&request);
        expect_ok(ask(site, "POST", "/echo", SLICE("a body")), "a body");
        EXPECT_EQ(site->connections, 1);
        site_close(site);
    }
}

TEST("a body can be streamed up, before there is a connection too")
{
    struct site *site = site_open(1, 0);
    struct request request = {0};
    struct http_call_options options = {.method = "POST", .target = "/echo", .streams_body = true};
    request.call = http_call_open(site->client, &options, &call_handler, &request);
    http_call_write(request.call, SLICE("one, "));
    loop_run_for_us(site->loop, SECOND);
    http_call_write(request.call, SLICE("two, "));
    loop_run_for_us(site->loop, SECOND);
    http_call_write(request.call, SLICE("three"));
    http_call_end(request.call);
    loop_run_for_us(site->loop, SECOND);
    EXPECT_TEXT(request.kind, "text/plain");
    expect_ok(request, "one, two, three");
    site_close(site);
}

TEST("a paused response waits and goes on")
{
    struct site *site = site_open(1, 500);
    struct request request = {.pause_at_head = true};
    begin(site, &request, "GET", "/chunks", SLICE(""));
    loop_run_for_us(site->loop, SECOND);
    EXPECT_EQ(request.code, 200);
    EXPECT_EQ(request.body.size, 0);
    http_call_resume(request.call);
    loop_run_for_us(site->loop, SECOND);
    EXPECT(request.ended);
    EXPECT_EQ(request.body.size, 6000);
    request_release(&request);
    site_close(site);
}

TEST("nobody there, a cut and a late answer are errors that say so")
{
    struct site *site = site_open(1, 0);
    struct request request = {0};
    struct http_call_options options = {
        .method = "GET", .target = "/never", .timeout_us = 5 * SECOND};
    request.call = http_call_open(site->client, &options, &call_handler, &request);
    loop_run_for_us(site->loop, 6 * SECOND);
    EXPECT_TEXT(request.error, "504 GET /never: no response in time");
    request_release(&request);
    request = ask(site, "POST", "/abort", SLICE(""));
    EXPECT_TEXT(request.error, "503 POST /abort: unexpected EOF");
    request_release(&request);
    begin(site, &request, "GET", "/never", SLICE(""));
    loop_run_for_us(site->loop, SECOND);
    network_cut(network_of(site->loop), ADDRESS);
    loop_run_for_us(site->loop, SECOND);
    EXPECT_TEXT(request.error, "503 GET /never: connection timed out");
    request_release(&request);
    request = ask(site, "GET", "/hello", SLICE(""));
    EXPECT_TEXT(request.error, "503 GET /hello: dial server:80: connection refused");
    request_release(&request);
    network_mend(network_of(site->loop), ADDRESS);
    expect_ok(ask(site, "GET", "/hello", SLICE("")), "hello");
    site_close(site);
}

TEST("raw responses: until the end, after 100 Continue, cut short, broken, bodiless")
{
    static const struct {
        const char *reply;
        bool ends;
        int code;
        const char *body;
        const char *error;
    } cases[] = {
        {"HTTP/1.1 200 OK\r\n\r\nuntil the end", true, 200, "until the end", ""},
        {"HTTP/1.0 200 OK\r\n\r\n", true, 200, "", ""},
        {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", false, 200,
         "ok", ""},
        {"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
         "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
         false, 404, "", ""},
        {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", true, 200, "short",
         "503 GET /: unexpected EOF"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n", true, 200, "short",
         "503 GET /: unexpected EOF"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", false, 0, "",
         "503 GET /: Content-Length can't be present with Transfer-Encoding"},
        {"", true, 0, "", "503 GET /: unexpected EOF"},
        {"nonsense\r\n\r\n", false, 0, "", "503 GET /: Expected HTTP/, RTSP/ or ICE/"},
        {"HTTP/1.1 304 Not Modified\r\nContent-Length: 100\r\n\r\n", false, 304, "", ""},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct site *site = site_open(1, 0);
        site->raw_reply = cases[i].reply;
        site->raw_ends = cases[i].ends;
        struct request request = ask(site, "GET", "/", SLICE(""));
        if (strcmp(request.error, cases[i].error) != 0)
            test_fail(__FILE__, __LINE__, "%s gave \"%s\"", cases[i].reply, request.error);
        EXPECT_EQ(request.code, cases[i].code);
        EXPECT_SLICE(buffer_slice(&request.body), cases[i].body);
        EXPECT_EQ(request.ended, cases[i].error[0] == '\0');
        request_release(&request);
        site_close(site);
    }
}

TEST("a kept connection that the server closes is replaced, and the call made again")
{
    struct site *site = site_open(1, 0);
    site->raw_reply = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    expect_ok(ask(site, "GET", "/", SLICE("")), "ok");
    /* The server ends just as the next request is under way. */
    stream_end(site->raw);
    expect_ok(ask(site, "GET", "/hello", SLICE("")), "hello");
    EXPECT_EQ(site->connections, 2);
    site_close(site);

    site = site_open(1, 0); /* What may not be repeated fails instead. */
    site->raw_reply = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    expect_ok(ask(site, "GET", "/", SLICE("")), "ok");
    stream_end(site->raw);
    struct request request = ask(site, "POST", "/echo", SLICE("x"));
    EXPECT_TEXT(request.error, "503 POST /echo: unexpected EOF");
    request_release(&request);
    site_close(site);
}

TEST("an idle connection is let go after a minute, or when the server closes it")
{
    struct site *site = site_open(1, 0);
    expect_ok(ask(site, "GET", "/hello", SLICE("")), "hello");
    loop_run_for_us(site->loop, 61 * SECOND);
    EXPECT_EQ(http_server_connections(site->server), 0);
    expect_ok(ask(site, "GET", "/hello", SLICE("")), "hello");
    EXPECT_EQ(site->connections, 2);
    site_close(site);
}

TEST("an upgrade gives the stream")
{
    struct site *site = site_open(1, 0);
    struct http_header headers[] = {HTTP_HEADER("Connection", SLICE("Upgrade")),
                                    HTTP_HEADER("Upgrade", SLICE("x"))};
    struct request request = {0};
    struct http_call_options options = {
        .method = "GET", .target = "/upgrade", .headers = headers, .header_count = 2};
    request.call = http_call_open(site->client, &options, &call_handler, &request);
    loop_run_for_us(site->loop, SECOND);
    EXPECT_EQ(request.code, 101);
    EXPECT(request.upgraded);
    EXPECT_SLICE(buffer_slice(&request.early), "first words");
    stream_close(request.upgraded);
    request_release(&request);
    site_close(site);
}

TEST("a call can be cancelled at any step, from inside too")
{
    for (uint64_t steps = 0; steps < 40; steps++) {
        struct site *site = site_open(steps, 20);
        struct request request = {.close_at_head = steps % 2 != 0};
        begin(site, &request, "GET", "/chunks", SLICE(""));
        loop_run_steps(site->loop, steps);
        http_call_close(request.call);
        request.call = NULL;
        request_release(&request);
        expect_ok(ask(site, "GET", "/hello", SLICE("")), "hello");
        site_close(site);
    }
    for (uint64_t steps = 0; steps < 40; steps++) { /* And the client with all its calls. */
        struct site *site = site_open(steps, 20);
        struct request request = {0};
        begin(site, &request, "GET", "/chunks", SLICE(""));
        loop_run_steps(site->loop, steps);
        http_client_close(site->client);
        site->client = NULL;
        request.call = NULL;
        request_release(&request);
        site_close(site);
    }
}

/* --- Over mutual TLS --- */

static struct tls_config *make_config(struct random *random, const struct ec_key *ca_key,
                                      struct slice ca_der, const struct x509_template *template)
{
    struct ec_key key;
    struct buffer public_key = {0}, der = {0}, pem = {0}, key_pem = {0}, ca_pem = {0};
    struct status status;
    status_init(&status);
    ec_key_generate(random, &key);
    ec_key_write_public_der(&key, &public_key);
    EXPECT_EQ(x509_sign(random, template, buffer_slice(&public_key), ca_der, ca_key, &der, &status),
              0);
    pem_write("CERTIFICATE", buffer_slice(&der), &pem);
    pem_write("CERTIFICATE", ca_der, &ca_pem);
    ec_key_write_pem(&key, &key_pem);
    struct tls_options options = {buffer_slice(&pem), buffer_slice(&key_pem), buffer_slice(&ca_pem),
                                  NULL, false};
    struct tls_config *config = tls_config_create(&options, &status);
    EXPECT(config);
    buffer_release(&public_key);
    buffer_release(&der);
    buffer_release(&pem);
    buffer_release(&key_pem);
    buffer_release(&ca_pem);
    status_release(&status);
    return config;
}

static void use_tls(struct site *site, const char *name)
{
    struct random *random = loop_random(site->loop);
    int64_t now_us = clock_wall_us(loop_clock(site->loop));
    const char *const names[] = {name, NULL};
    struct x509_template template = {.common_name = "ca",
                                     .not_before_us = now_us - SECOND,
                                     .not_after_us = now_us + 1000 * SECOND};
    struct ec_key ca_key;
    struct buffer ca = {0};
    ec_key_generate(random, &ca_key);
    x509_make_ca(random, &template, &ca_key, &ca);
    template.dns_names = names;
    template.usage = X509_SERVER_AUTH;
    site->server_tls = make_config(random, &ca_key, buffer_slice(&ca), &template);
    template.usage = X509_CLIENT_AUTH;
    site->client_tls = make_config(random, &ca_key, buffer_slice(&ca), &template);
    http_client_close(site->client);
    struct http_client_options options = {.address = ADDRESS, .tls = site->client_tls};
    site->client = http_client_open(site->loop, &options);
    buffer_release(&ca);
}

TEST("over mutual TLS it is the same")
{
    for (uint64_t seed = 0; seed < 5; seed++) {
        struct site *site = site_open(seed, 300 * seed);
        use_tls(site, "server");
        expect_ok(ask(site, "GET", "/hello", SLICE("")), "hello");
        expect_ok(ask(site, "POST", "/echo", SLICE("abc")), "abc");
        EXPECT_EQ(site->connections, 1);
        site_close(site);
    }
}

TEST("a server with another's name gets no request")
{
    struct site *site = site_open(1, 0);
    use_tls(site, "other");
    struct request request = ask(site, "GET", "/hello", SLICE(""));
    EXPECT_TEXT(request.error, "503 GET /hello: x509: certificate is not valid for the name or "
                               "address asked for");
    request_release(&request);
    site_close(site);
}
