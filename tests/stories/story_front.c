/* Requests as bytes, through the HTTP front over memory: bounds, slow peers and those that go. */
#include <stdlib.h>

#include "api/front.h"
#include "core/net/stream_pair.h"
#include "tests/harness/cluster.h"

#define MAPS "/api/v1/namespaces/default/configmaps"
#define END " HTTP/1.1\r\nHost: a\r\n\r\n"
#define BODY_MAX (3 * 1024 * 1024)

/* A cluster behind a front, and one client of its local socket. */
struct site {
    struct cluster *cluster;
    struct front *front;
    struct stream *client;
    struct buffer received;
    size_t read_max; /* Stops reading at so many bytes. */
    bool is_over;    /* Ended or broken by the server. */
    bool is_closed;
};

static void client_read(void *context, struct slice data)
{
    struct site *site = context;
    buffer_append_slice(&site->received, data);
    if (site->received.size >= site->read_max)
        stream_read_stop(site->client);
}

static void client_ended(void *context)
{
    ((struct site *)context)->is_over = true;
}

static void client_broke(void *context, const char *why)
{
    (void)why;
    ((struct site *)context)->is_over = true;
}

static const struct stream_handler handler = {
    .on_read = client_read, .on_end = client_ended, .on_error = client_broke};

static void start(struct site *site)
{
    struct stream *server;
    *site = (struct site){.cluster = cluster_start(), .read_max = SIZE_MAX};
    site->front = front_create(site->cluster->api, NULL);
    stream_pair_open(site->cluster->loop, NULL, &site->client, &server);
    stream_set_handler(site->client, &handler, site);
    stream_read_start(site->client);
    front_accept_local(site->front, server);
}

static void closed(void *context)
{
    ((struct site *)context)->is_closed = true;
}

static void stop(struct site *site)
{
    if (site->client)
        stream_close(site->client);
    front_close(site->front, closed, site);
    cluster_run_ms(site->cluster, 5000);
    EXPECT(site->is_closed);
    EXPECT(list_is_empty(&site->cluster->api->requests));
    buffer_release(&site->received);
    cluster_stop(site->cluster);
}

static void say(struct site *site, const char *text)
{
    stream_write(site->client, slice_of(text));
    cluster_run_ms(site->cluster, 1000);
}

static int code(const struct site *site)
{
    return site->received.size > 12 ? atoi(site->received.data + 9) : 0;
}

/* Objects that make a list of some megabytes. */
static void fill(struct site *site, int count)
{
    struct buffer body = {0};
    for (int i = 0; i < count; i++) {
        buffer_clear(&body);
        buffer_format(&body, "{\"metadata\":{\"name\":\"map-%d\"},\"data\":{\"text\":\"", i);
        for (int n = 0; n < 20000; n++)
            buffer_append_byte(&body, 'x');
        buffer_append_text(&body, "\"}}");
        cluster_request(site->cluster, "POST", MAPS, body.data);
        EXPECT_CODE(site->cluster, 201);
    }
    buffer_release(&body);
}

/* The chunks of the reply joined; NULL while it is not whole. */
static char *join_chunks(const struct site *site)
{
    struct buffer body = {0};
    const char *at = strstr(site->received.data, "\r\n\r\n");
    EXPECT(strstr(site->received.data, "Transfer-Encoding: chunked") != NULL);
    for (at += 4;;) {
        size_t size = strtoull(at, NULL, 16);
        at = strstr(at, "\r\n") + 2;
        if (size == 0)
            return buffer_take(&body);
        if ((size_t)(site->received.data + site->received.size - at) < size + 2)
            break;
        buffer_append(&body, at, size);
        at += size + 2;
    }
    buffer_release(&body);
    return NULL;
}

TEST("a long list comes in chunks, and they are the list")
{
    struct site site;
    start(&site);
    fill(&site, 200);
    say(&site, "GET " MAPS END);
    EXPECT_EQ(code(&site), 200);
    char *body = join_chunks(&site);
    cluster_request(site.cluster, "GET", MAPS, NULL);
    EXPECT(body && strcmp(body, site.cluster->reply) == 0);
    mem_free(body);
    stop(&site);
}

TEST("a large object comes with its length, and the connection serves on")
{
    struct site site;
    start(&site);
    struct buffer body = {0};
    buffer_append_text(&body, "{\"metadata\":{\"name\":\"large\"},\"data\":{\"text\":\"");
    while (body.size < 1000000)
        buffer_append_byte(&body, 'x');
    buffer_append_text(&body, "\"}}");
    cluster_request(site.cluster, "POST", MAPS, body.data);
    EXPECT_CODE(site.cluster, 201);
    buffer_release(&body);
    say(&site, "GET " MAPS "/large" END);
    EXPECT(site.received.size > 1000000);
    EXPECT(strstr(site.received.data, "Content-Length: 100") != NULL);
    buffer_clear(&site.received);
    say(&site, "GET /readyz" END);
    EXPECT_EQ(code(&site), 200);
    stop(&site);
}

TEST("a peer that goes in the middle of a long list leaves nothing behind")
{
    struct site site;
    start(&site);
    fill(&site, 200);
    for (uint64_t steps = 1; steps < 40; steps += 3) {
        struct stream *server;
        stream_write(site.client, SLICE("GET " MAPS END));
        loop_run_steps(site.cluster->loop, steps);
        stream_close(site.client);
        cluster_run_ms(site.cluster, 1000);
        EXPECT(list_is_empty(&site.cluster->api->requests));
        EXPECT_EQ(site.cluster->api->flow.reads.value, 0);
        stream_pair_open(site.cluster->loop, NULL, &site.client, &server);
        stream_set_handler(site.client, &handler, &site);
        stream_read_start(site.client);
        front_accept_local(site.front, server);
    }
    stop(&site);
}

TEST("a watcher that takes nothing is sent no more than a little, and is gone after a minute")
{
    struct site site;
    start(&site);
    site.read_max = 1;
    say(&site, "GET " MAPS "?watch=1" END);
    fill(&site, 200); /* 4 MB of events. */
    struct request *watch = CONTAINER_OF(site.cluster->api->requests.next, struct request, link);
    EXPECT(watch->sent_bytes > 0 && watch->sent_bytes < 500000);
    cluster_run_ms(site.cluster, 70000);
    EXPECT(list_is_empty(&site.cluster->api->requests));
    stop(&site);
}

TEST("a watcher that is slow gets every event")
{
    struct site site;
    start(&site);
    site.read_max = 1;
    say(&site, "GET " MAPS "?watch=1" END);
    fill(&site, 100);
    for (int i = 0; i < 200; i++) { /* A piece now and then. */
        site.read_max = site.received.size + 1;
        stream_read_start(site.client);
        cluster_run_ms(site.cluster, 10000);
    }
    size_t events = 0;
    for (const char *at = site.received.data; (at = strstr(at, "{\"type\":\"ADDED\"")); at++)
        events++;
    EXPECT_EQ(events, 100);
    stop(&site);
}

static void post_body(struct site *site, size_t size)
{
    struct buffer text = {0};
    buffer_format(&text,
                  "POST " MAPS " HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                  "Content-Length: %zu\r\n\r\n",
                  size);
    size_t end = text.size + size;
    buffer_append_text(&text, "{\"metadata\":{\"name\":\"a\"}}");
    while (text.size < end)
        buffer_append_byte(&text, ' ');
    stream_write(site->client, buffer_slice(&text));
    cluster_run_ms(site->cluster, 1000);
    buffer_release(&text);
}

TEST("a body of 3 MiB is read, one byte more is too large")
{
    struct site site;
    start(&site);
    post_body(&site, BODY_MAX);
    EXPECT_EQ(code(&site), 201);
    buffer_clear(&site.received);
    post_body(&site, BODY_MAX + 1);
    EXPECT_EQ(code(&site), 413);
    EXPECT(strstr(site.received.data, "Request entity too large: limit is 3145728") != NULL);
    stop(&site);
}

TEST("a body may be nested a thousand deep, and no deeper")
{
    struct site site;
    start(&site);
    for (int extra = 0; extra < 2; extra++) {
        struct buffer body = {0};
        buffer_append_text(&body, "{\"metadata\":{\"name\":\"a\"},\"unknown\":");
        for (int i = 0; i < 999 + extra; i++)
            buffer_append_byte(&body, '[');
        for (int i = 0; i < 999 + extra; i++)
            buffer_append_byte(&body, ']');
        buffer_append_byte(&body, '}');
        cluster_request(site.cluster, "POST", MAPS "?fieldValidation=Ignore", body.data);
        EXPECT_CODE(site.cluster, extra == 0 ? 201 : 400);
        buffer_release(&body);
    }
    stop(&site);
}
