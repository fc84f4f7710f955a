/* Logs, commands and ports of pods, through the link that the agent has opened. */
#include <stdio.h>

#include "core/net/http_client.h"
#include "core/net/network.h"
#include "core/net/spdy.h"
#include "core/net/websocket.h"
#include "tests/harness/far_node.h"

#define PODS "/api/v1/namespaces/default/pods"

/* --- A client: a request and its reply, or a WebSocket --- */

struct tunnel;

struct asker {
    struct far_node *node;
    struct http_client *client;
    struct http_call *call;
    int code;
    struct buffer body;
    bool has_ended, is_broken;
    char protocol[64];
    /* After an upgrade: */
    struct stream *stream;
    struct websocket_reader reader;
    struct buffer channels[5];
    uint8_t channel;
    bool in_message;
    bool is_closed;          /* The server said goodbye. */
    size_t received;
    struct tunnel *tunnel;   /* Its messages go there. */
};

static void take_tunnel(struct tunnel *tunnel, struct slice input);

static void take_frames(struct asker *asker, struct slice input)
{
    enum websocket_event event;
    asker->received += input.size;
    while ((event = websocket_read(&asker->reader, &input)) != WEBSOCKET_MORE) {
        struct slice data = asker->reader.data;
        if (event == WEBSOCKET_CLOSE_CAME) {
            asker->is_closed = true;
            return;
        }
        EXPECT_EQ(event, WEBSOCKET_DATA);
        if (asker->tunnel) {
            take_tunnel(asker->tunnel, data);
            continue;
        }
        if (!asker->in_message && data.size > 0) {
            asker->channel = (uint8_t)data.data[0];
            data = slice_sub(data, 1, data.size);
        }
        asker->in_message = !asker->reader.last;
        EXPECT(asker->channel < 5);
        buffer_append_slice(&asker->channels[asker->channel], data);
    }
}

static void stream_read(void *context, struct slice data)
{
    take_frames(context, data);
}
static void stream_ended(void *context)
{
    ((struct asker *)context)->has_ended = true;
}
static void stream_broke(void *context, const char *why)
{
    (void)why;
    ((struct asker *)context)->is_broken = true;
}
static const struct stream_handler stream_handler = {
    .on_read = stream_read, .on_end = stream_ended, .on_error = stream_broke};

static void on_response(void *context, struct http_call *call, const struct http_response *response)
{
    struct asker *asker = context;
    struct buffer early = {0};
    asker->code = response->code;
    snprintf(asker->protocol, sizeof asker->protocol, SLICE_FORMAT,
             SLICE_ARGS(http_header_get(response->headers, "Sec-WebSocket-Protocol")));
    if (response->code != 101)
        return;
    asker->stream = http_call_upgrade(call, &early);
    asker->call = NULL;
    websocket_reader_init(&asker->reader, false, 64 << 20);
    stream_set_handler(asker->stream, &stream_handler, asker);
    take_frames(asker, buffer_slice(&early));
    stream_read_start(asker->stream);
    buffer_release(&early);
}
static void on_data(void *context, struct slice data)
{
    buffer_append_slice(&((struct asker *)context)->body, data);
}
static void on_end(void *context)
{
    struct asker *asker = context;
    asker->has_ended = true;
    asker->call = NULL;
}
static void on_error(void *context, const struct status *status)
{
    struct asker *asker = context;
    (void)status;
    asker->is_broken = true;
    asker->call = NULL;
}
static const struct http_call_handler call_handler = {
    .on_response = on_response, .on_data = on_data, .on_end = on_end, .on_error = on_error};

static void open_asker(struct asker *asker, struct far_node *node)
{
    struct http_client_options options = {.address = FAR_SERVER};
    *asker = (struct asker){.node = node};
    asker->client = http_client_open(node->cluster->loop, &options);
}

static void begin(struct asker *asker, const char *target, const char *protocol)
{
    struct http_header headers[] = {
        HTTP_HEADER("Connection", SLICE("Upgrade")),
        HTTP_HEADER("Upgrade", SLICE("websocket")),
        HTTP_HEADER("Sec-WebSocket-Version", SLICE("13")),
        HTTP_HEADER("Sec-WebSocket-Key", SLICE("dGhlIHNhbXBsZSBub25jZQ==")),
        HTTP_HEADER("Sec-WebSocket-Protocol", slice_of(protocol)),
    };
    struct http_call_options options = {.method = "GET",
                                        .target = target,
                                        .headers = headers,
                                        .header_count = protocol ? ARRAY_SIZE(headers) : 0};
    asker->has_ended = asker->is_broken = false;
    buffer_clear(&asker->body);
    asker->call = http_call_open(asker->client, &options, &call_handler, asker);
}

static void wait_ms(struct asker *asker, int64_t ms)
{
    cluster_run_ms(asker->node->cluster, ms);
}

static const char *get(struct asker *asker, const char *target)
{
    begin(asker, target, NULL);
    for (int i = 0; i < 1000 && !asker->has_ended && !asker->is_broken; i++)
        wait_ms(asker, 10);
    EXPECT(asker->has_ended);
    return asker->body.size ? asker->body.data : "";
}

static void send(struct asker *asker, uint8_t channel, const char *text)
{
    struct buffer message = {0}, frame = {0};
    buffer_append_byte(&message, (char)channel);
    buffer_append_text(&message, text);
    websocket_write(&frame, WEBSOCKET_BINARY, true, buffer_slice(&message),
                    loop_random(asker->node->cluster->loop));
    stream_write(asker->stream, buffer_slice(&frame));
    buffer_release(&message);
    buffer_release(&frame);
}

static const char *said(const struct asker *asker, int channel)
{
    return asker->channels[channel].size ? asker->channels[channel].data : "";
}

static void close_asker(struct asker *asker)
{
    http_call_close(asker->call);
    http_client_close(asker->client);
    if (asker->stream) {
        stream_set_handler(asker->stream, NULL, NULL);
        stream_close(asker->stream);
        websocket_reader_release(&asker->reader);
    }
    for (size_t i = 0; i < ARRAY_SIZE(asker->channels); i++)
        buffer_release(&asker->channels[i]);
    buffer_release(&asker->body);
}

/* --- A node with a pod --- */

static void make_pod(struct far_node *node, const char *name, const char *spec)
{
    struct buffer body = {0};
    buffer_format(&body, "{\"metadata\":{\"name\":\"%s\"},\"spec\":{%s}}", name, spec);
    cluster_request(node->cluster, "POST", PODS, body.data);
    EXPECT_CODE(node->cluster, 201);
    buffer_release(&body);
}

#define ON_BOX "\"nodeName\":\"" FAR_NODE "\","
#define ONE "\"containers\":[{\"name\":\"c\",\"image\":\"busybox\"}]"

static void open_all(struct far_node *node, struct asker *asker)
{
    far_node_open(node);
    far_node_start(node);
    cluster_run_ms(node->cluster, 1000);
    make_pod(node, "web", ON_BOX ONE);
    cluster_run_ms(node->cluster, 1000);
    open_asker(asker, node);
}

static void close_all(struct far_node *node, struct asker *asker)
{
    close_asker(asker);
    cluster_run_ms(node->cluster, 100);
    far_node_close(node);
}

static void write_log(struct far_node *node, const char *pod, int64_t attempt, const char *text)
{
    FILE *file = fopen(far_node_log(node, pod, "c", attempt), "a");
    fputs(text, file);
    fclose(file);
}

#define AT(second) "2026-01-01T00:00:" second ".000000000+00:00 "

/* --- Logs --- */

TEST("a log comes through the agent's own connection, whole or as asked for")
{
    struct far_node node;
    struct asker asker;
    open_all(&node, &asker);
    write_log(&node, "web", 0, AT("01") "stdout F one\n" AT("02") "stderr F two\n");
    EXPECT_TEXT(get(&asker, PODS "/web/log"), "one\ntwo\n");
    EXPECT_EQ(asker.code, 200);
    EXPECT_TEXT(get(&asker, PODS "/web/log?tailLines=1&timestamps=true"),
                "2026-01-01T00:00:02.000000000Z two\n");
    EXPECT_TEXT(get(&asker, PODS "/web/log?limitBytes=2&container=c"), "on");
    EXPECT_TEXT(get(&asker, PODS "/web/log?sinceTime=2026-01-01T00:00:02Z"), "two\n");
    close_all(&node, &asker);
}

TEST("a follower gets what is written, and ends with the run")
{
    struct far_node node;
    struct asker asker;
    static struct fake_script scripts[] = {{.name = "c", .runs_us = 20000000}};
    far_node_open(&node);
    node.fake.scripts = scripts;
    node.fake.script_count = 1;
    far_node_start(&node);
    cluster_run_ms(node.cluster, 1000);
    make_pod(&node, "web", ON_BOX "\"restartPolicy\":\"Never\"," ONE);
    cluster_run_ms(node.cluster, 1000);
    open_asker(&asker, &node);
    begin(&asker, PODS "/web/log?follow=true", NULL);
    wait_ms(&asker, 500);
    write_log(&node, "web", 0, AT("01") "stdout F one\n");
    wait_ms(&asker, 500);
    EXPECT_TEXT(asker.body.data, "one\n");
    write_log(&node, "web", 0, AT("02") "stdout F two\n" AT("03") "stdout P last");
    wait_ms(&asker, 25000);
    EXPECT(asker.has_ended);
    EXPECT_TEXT(asker.body.data, "one\ntwo\nlast");
    close_all(&node, &asker);
}

TEST("a follower that goes away costs nothing more, and so does a cut")
{
    struct far_node node;
    struct asker asker;
    open_all(&node, &asker);
    begin(&asker, PODS "/web/log?follow=true", NULL);
    wait_ms(&asker, 500);
    http_call_close(asker.call);
    asker.call = NULL;
    wait_ms(&asker, 500);
    begin(&asker, PODS "/web/log?follow=true", NULL);
    wait_ms(&asker, 500);
    network_cut(network_of(node.cluster->loop), FAR_SERVER);
    wait_ms(&asker, 500);
    EXPECT(asker.is_broken);
    network_mend(network_of(node.cluster->loop), FAR_SERVER);
    wait_ms(&asker, 61000);
    EXPECT_TEXT(get(&asker, PODS "/web/log"), "");
    EXPECT_EQ(asker.code, 200);
    close_all(&node, &asker);
}

static void expect_says(struct asker *asker, const char *target, int code, const char *text)
{
    const char *body = get(asker, target);
    EXPECT_EQ(asker->code, code);
    if (!body || !strstr(body, text))
        test_fail(__FILE__, __LINE__, "%s: \"%s\" is not in %s", target, text, body ? body : "");
}

TEST("what a log cannot be had for is told in upstream's words")
{
    struct far_node node;
    struct asker asker;
    static struct fake_script scripts[] = {{.name = "a", .runs_us = -1},
                                           {.name = "broken", .fail = "create"}};
    open_all(&node, &asker);
    node.fake.scripts = scripts;
    node.fake.script_count = 2;
    make_pod(&node, "two",
             ON_BOX "\"containers\":[{\"name\":\"a\",\"image\":\"x\"},{\"name\":\"b\","
                    "\"image\":\"x\"}],\"initContainers\":[{\"name\":\"i\",\"image\":\"x\"}]");
    make_pod(&node, "bad", ON_BOX "\"containers\":[{\"name\":\"broken\",\"image\":\"x\"}]");
    make_pod(&node, "far", ONE);
    cluster_run_ms(node.cluster, 1000);
    expect_says(
        &asker, PODS "/two/log", 400,
        "a container name must be specified for pod two, choose one of: [a b] or one of the "
        "init containers: [i]");
    expect_says(&asker, PODS "/two/log?container=x", 400, "container x is not valid for pod two");
    expect_says(&asker, PODS "/web/log?previous=true", 400,
                "previous terminated container \\\"c\\\" in pod \\\"web\\\" not found");
    expect_says(&asker, PODS "/bad/log", 400,
                "container \\\"broken\\\" in pod \\\"bad\\\" is waiting to start: "
                "CreateContainerError");
    expect_says(&asker, PODS "/none/log", 404, "pods \\\"none\\\" not found");
    expect_says(&asker, PODS "/far/log", 200, "");
    expect_says(&asker, PODS "/web/log?tailLines=-1", 422,
                "tailLines: Invalid value: -1: must be greater than or equal to 0");
    expect_says(&asker, PODS "/web/log?sinceSeconds=1&sinceTime=2026-01-01T00:00:02Z", 422,
                "at most one of `sinceTime` or `sinceSeconds` may be specified");
    close_all(&node, &asker);
}

TEST("the log of the run before is told while the next one waits or runs")
{
    struct far_node node;
    struct asker asker;
    static struct fake_script scripts[] = {{.name = "c", .runs_us = 5000000, .exit_code = 1}};
    far_node_open(&node);
    node.fake.scripts = scripts;
    node.fake.script_count = 1;
    far_node_start(&node);
    cluster_run_ms(node.cluster, 1000);
    make_pod(&node, "web", ON_BOX ONE);
    cluster_run_ms(node.cluster, 1000);
    write_log(&node, "web", 0, AT("01") "stdout F first\n");
    write_log(&node, "web", 1, AT("01") "stdout F second\n");
    open_asker(&asker, &node);
    EXPECT_TEXT(get(&asker, PODS "/web/log"), "first\n");
    cluster_run_ms(node.cluster, 5500); /* The second run. */
    EXPECT_TEXT(get(&asker, PODS "/web/log"), "second\n");
    EXPECT_TEXT(get(&asker, PODS "/web/log?previous=true"), "first\n");
    cluster_run_ms(node.cluster, 6000); /* Back-off. */
    EXPECT_TEXT(get(&asker, PODS "/web/log"), "second\n");
    EXPECT_TEXT(get(&asker, PODS "/web/log?previous=true"), "second\n");
    close_all(&node, &asker);
}

TEST("without its agent a node's logs cannot be had, and that is said")
{
    struct far_node node;
    struct asker asker;
    open_all(&node, &asker);
    far_node_stop(&node);
    expect_says(&asker, PODS "/web/log", 500,
                "error dialing backend: node \\\"box\\\" is not connected");
    close_all(&node, &asker);
}

TEST("only the node itself opens its link")
{
    struct far_node node;
    struct asker asker;
    static const char *const groups[] = {"system:nodes", "system:authenticated", NULL};
    static const struct user other = {.name = "system:node:other", .uid = "", .groups = groups};
    open_all(&node, &asker);
    EXPECT_EQ(cluster_request_as(node.cluster, &other, "GET", "/coracle/v1/nodes/box/control", NULL,
                                 NULL, NULL),
              403);
    expect_says(&asker, "/coracle/v1/nodes/box/control", 400, "Upgrade: coracle-link");
    expect_says(&asker, "/coracle/v1/nodes/box/else", 404, "could not find");
    close_all(&node, &asker);
}

/* --- Commands --- */

#define EXEC PODS "/web/exec?stdin=true&stdout=true&stderr=true"

TEST("a command gets its input, and its output and end come back")
{
    struct far_node node;
    struct asker asker;
    open_all(&node, &asker);
    begin(&asker, EXEC "&command=cat", "v5.channel.k8s.io");
    wait_ms(&asker, 100);
    EXPECT_EQ(asker.code, 101);
    EXPECT_TEXT(asker.protocol, "v5.channel.k8s.io");
    send(&asker, 0, "hello ");
    send(&asker, 4, "{\"Width\":80,\"Height\":24}");
    send(&asker, 0, "world");
    wait_ms(&asker, 100);
    EXPECT_TEXT(said(&asker, 1), "hello world");
    EXPECT(strstr(node.fake.lines.data, "resize 24 80") != NULL);
    struct buffer closing = {0}; /* v5: the end of stdin. */
    websocket_write(&closing, WEBSOCKET_BINARY, true, SLICE("\xff\0"),
                    loop_random(node.cluster->loop));
    stream_write(asker.stream, buffer_slice(&closing));
    buffer_release(&closing);
    wait_ms(&asker, 100);
    EXPECT_TEXT(said(&asker, 3), "{\"metadata\":{},\"status\":\"Success\"}");
    EXPECT(asker.is_closed);
    close_all(&node, &asker);
}

TEST("an exit code comes as a Status with its cause, a missing program as an error")
{
    struct far_node node;
    struct asker asker;
    open_all(&node, &asker);
    begin(&asker, EXEC "&command=exit&command=3", "v4.channel.k8s.io");
    wait_ms(&asker, 200);
    EXPECT_TEXT(said(&asker, 3),
                "{\"metadata\":{},\"status\":\"Failure\",\"message\":\"command terminated with "
                "non-zero exit code: error executing command [exit 3], exit code 3\",\"reason\":"
                "\"NonZeroExitCode\",\"details\":{\"causes\":[{\"reason\":\"ExitCode\","
                "\"message\":\"3\"}]}}");
    close_asker(&asker);
    open_asker(&asker, &node);
    begin(&asker, EXEC "&command=nothing", "v5.channel.k8s.io,v4.channel.k8s.io");
    wait_ms(&asker, 200);
    EXPECT(strstr(said(&asker, 3), "Internal error occurred: no such program") != NULL);
    close_all(&node, &asker);
}

TEST("a reader that does not read holds the command back, not the server's memory")
{
    struct far_node node;
    struct asker asker;
    open_all(&node, &asker);
    begin(&asker, EXEC "&command=flood", "v5.channel.k8s.io");
    wait_ms(&asker, 5);
    EXPECT_EQ(asker.code, 101);
    stream_read_stop(asker.stream);
    wait_ms(&asker, 20000);
    size_t before = asker.received;
    EXPECT(before < (4 << 20));
    stream_read_start(asker.stream);
    wait_ms(&asker, 5000);
    EXPECT_EQ(asker.channels[1].size, 4 << 20);
    EXPECT(asker.is_closed);
    close_all(&node, &asker);
}

TEST("whoever leaves ends the command")
{
    struct far_node node;
    struct asker asker;
    open_all(&node, &asker);
    begin(&asker, EXEC "&command=cat", "v5.channel.k8s.io");
    wait_ms(&asker, 100);
    stream_set_handler(asker.stream, NULL, NULL);
    stream_close(asker.stream);
    websocket_reader_release(&asker.reader);
    asker.stream = NULL;
    wait_ms(&asker, 1000);
    EXPECT(strstr(node.fake.lines.data, "session closed") != NULL);
    close_all(&node, &asker);
}

TEST("what cannot be run is refused before the upgrade")
{
    struct far_node node;
    struct asker asker;
    open_all(&node, &asker);
    make_pod(&node, "far", ONE);
    expect_says(&asker, EXEC "&command=cat", 400, "Upgrade request required");
    begin(&asker, PODS "/far/exec?stdout=true&command=cat", "v5.channel.k8s.io");
    wait_ms(&asker, 200);
    EXPECT_EQ(asker.code, 400);
    EXPECT(strstr(asker.body.data, "pod far does not have a host assigned") != NULL);
    begin(&asker, PODS "/web/exec?command=cat", "v5.channel.k8s.io");
    wait_ms(&asker, 200);
    EXPECT(strstr(asker.body.data, "you must specify at least 1 of stdin, stdout, stderr"));
    begin(&asker, PODS "/web/exec?stdout=true&command=cat", "v9.channel.k8s.io");
    wait_ms(&asker, 200);
    EXPECT_EQ(asker.code, 400);
    close_all(&node, &asker);
}

/* --- Ports --- */

struct tunnel {
    struct spdy_writer writer;
    struct spdy_reader reader;
    struct buffer data, error;  /* Of streams 3 and 1. */
    bool data_ended, error_ended, ponged;
};

/* A message of a tunnel is bytes of SPDY, without a channel's byte in front. */
static void send_tunnel(struct asker *asker, struct buffer *bytes)
{
    struct buffer frame = {0};
    websocket_write(&frame, WEBSOCKET_BINARY, true, buffer_slice(bytes),
                    loop_random(asker->node->cluster->loop));
    stream_write(asker->stream, buffer_slice(&frame));
    buffer_release(&frame);
    buffer_release(bytes);
}

static void take_tunnel(struct tunnel *tunnel, struct slice input)
{
    enum spdy_event event;
    while ((event = spdy_read(&tunnel->reader, &input)) != SPDY_MORE) {
        EXPECT(event == SPDY_DATA || event == SPDY_PING);
        tunnel->ponged = tunnel->ponged || event == SPDY_PING;
        if (event == SPDY_PING)
            continue;
        bool is_error = tunnel->reader.stream == 1;
        buffer_append_slice(is_error ? &tunnel->error : &tunnel->data, tunnel->reader.data);
        if (tunnel->reader.is_last)
            *(is_error ? &tunnel->error_ended : &tunnel->data_ended) = true;
    }
}

static void open_tunnel(struct asker *asker, struct tunnel *tunnel, const char *port)
{
    struct buffer bytes = {0};
    struct spdy_header headers[] = {{SLICE("streamtype"), SLICE("error")},
                                    {SLICE("port"), slice_of(port)},
                                    {SLICE("requestid"), SLICE("0")}};
    *tunnel = (struct tunnel){0};
    spdy_writer_init(&tunnel->writer);
    spdy_reader_init(&tunnel->reader);
    begin(asker, PODS "/web/portforward", "SPDY/3.1+portforward.k8s.io");
    wait_ms(asker, 100);
    EXPECT_EQ(asker->code, 101);
    asker->tunnel = tunnel;
    spdy_write_open(&tunnel->writer, &bytes, 1, headers, 3, true);
    headers[0].value = SLICE("data");
    spdy_write_open(&tunnel->writer, &bytes, 3, headers, 3, false);
    spdy_write_data(&bytes, 3, SLICE("hello"), false);
    spdy_write_ping(&bytes, 1);
    send_tunnel(asker, &bytes);
    wait_ms(asker, 100);
}

static void close_tunnel(struct tunnel *tunnel)
{
    spdy_writer_release(&tunnel->writer);
    spdy_reader_release(&tunnel->reader);
    buffer_release(&tunnel->data);
    buffer_release(&tunnel->error);
}

TEST("a port is forwarded through a tunnel, as kubectl does")
{
    struct far_node node;
    struct asker asker;
    struct tunnel tunnel;
    struct buffer bytes = {0};
    open_all(&node, &asker);
    open_tunnel(&asker, &tunnel, "80");
    EXPECT_TEXT(tunnel.data.data, "hello");
    EXPECT(tunnel.ponged && !tunnel.data_ended);
    spdy_write_data(&bytes, 3, SLICE(" world"), true);
    send_tunnel(&asker, &bytes);
    wait_ms(&asker, 100);
    EXPECT_TEXT(tunnel.data.data, "hello world");
    EXPECT(tunnel.data_ended && tunnel.error_ended);
    EXPECT_EQ(tunnel.error.size, 0);
    close_tunnel(&tunnel);
    close_all(&node, &asker);
}

TEST("a port that refuses is told on the error stream, and the tunnel lives on")
{
    struct far_node node;
    struct asker asker;
    struct tunnel tunnel;
    open_all(&node, &asker);
    open_tunnel(&asker, &tunnel, "81");
    EXPECT(strstr(tunnel.error.data, "error forwarding port 81 to pod web, uid ") != NULL);
    EXPECT(strstr(tunnel.error.data, "connection refused") != NULL);
    EXPECT(tunnel.data_ended && tunnel.error_ended && !asker.is_closed);
    close_tunnel(&tunnel);
    close_all(&node, &asker);
}

TEST("a port is forwarded by channels, each begun by its number")
{
    struct far_node node;
    struct asker asker;
    open_all(&node, &asker);
    begin(&asker, PODS "/web/portforward?ports=80", "v4.channel.k8s.io");
    wait_ms(&asker, 100);
    EXPECT_EQ(asker.code, 101);
    EXPECT_SLICE(buffer_slice(&asker.channels[0]), SLICE("P\0"));
    EXPECT_SLICE(buffer_slice(&asker.channels[1]), SLICE("P\0"));
    send(&asker, 0, "hello");
    wait_ms(&asker, 100);
    EXPECT_SLICE(buffer_slice(&asker.channels[0]), SLICE("P\0hello"));
    close_all(&node, &asker);
}

TEST("the server's word on unknown pods is heard")
{
    struct far_node node;
    struct asker asker;
    open_all(&node, &asker);
    EXPECT(node.may_let_go);
    close_all(&node, &asker);
}
