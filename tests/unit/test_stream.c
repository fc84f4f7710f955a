/* Streams keep their promises, whatever carries them; listeners and dials make them. */
#include <stdio.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "core/net/address.h"
#include "core/net/dial.h"
#include "core/net/listener.h"
#include "core/net/network.h"
#include "core/net/stream_pair.h"
#include "tests/harness/test.h"

#define SECOND INT64_C(1000000)

/* An end of a stream that remembers all it is told. */
struct end {
    struct stream *stream;
    struct buffer read;
    bool echo;
    int ends, drains, errors, closes;
    char why[80];
    size_t stop_at;           /* Stops the loop at this many bytes. */
    bool stop_at_end;
};

static void on_read(void *context, struct slice data)
{
    struct end *end = context;
    buffer_append_slice(&end->read, data);
    if (end->echo)
        stream_write(end->stream, data);
    if (end->stop_at > 0 && end->read.size >= end->stop_at)
        loop_stop(end->stream->loop);
}

static void on_end(void *context)
{
    struct end *end = context;
    end->ends++;
    if (end->stop_at_end)
        loop_stop(end->stream->loop);
    if (end->echo)
        stream_end(end->stream);
}

static void on_drain(void *context)
{
    ((struct end *)context)->drains++;
}

static void on_error(void *context, const char *why)
{
    struct end *end = context;
    end->errors++;
    snprintf(end->why, sizeof(end->why), "%s", why);
    if (end->stop_at_end)
        loop_stop(end->stream->loop);
}

static void on_close(void *context)
{
    struct end *end = context;
    end->closes++;
    if (end->stop_at_end)
        loop_stop(end->stream->loop);
    end->stream = NULL;
}

static const struct stream_handler handler = {on_read, on_end, on_drain, on_error, on_close};

static void attach(struct end *end, struct stream *stream)
{
    end->stream = stream;
    stream_set_handler(stream, &handler, end);
}

static void detach(struct end *end)
{
    if (end->stream)
        stream_close(end->stream);
    buffer_release(&end->read);
}

struct pair {
    struct loop *loop;
    struct end a, b;
};

static struct pair *pair_start(const struct stream_pair_options *options, uint64_t seed)
{
    struct pair *pair = mem_alloc(sizeof(*pair));
    struct stream *a, *b;
    pair->loop = loop_create_simulated(seed);
    stream_pair_open(pair->loop, options, &a, &b);
    attach(&pair->a, a);
    attach(&pair->b, b);
    return pair;
}

static void pair_stop(struct pair *pair)
{
    detach(&pair->a);
    detach(&pair->b);
    loop_run_for_us(pair->loop, SECOND);
    EXPECT(pair->a.closes == 1 && pair->b.closes == 1);
    loop_destroy(pair->loop);
    mem_free(pair);
}

TEST("bytes written to one end are read at the other, once reading is on")
{
    struct pair *pair = pair_start(NULL, 1);
    stream_write(pair->a.stream, SLICE("hello "));
    stream_write(pair->a.stream, SLICE("world"));
    loop_run_for_us(pair->loop, SECOND);
    EXPECT_EQ(pair->b.read.size, 0);
    stream_read_start(pair->b.stream);
    EXPECT_EQ(pair->b.read.size, 0); /* Not from inside the call. */
    loop_run_for_us(pair->loop, SECOND);
    EXPECT_SLICE(buffer_slice(&pair->b.read), "hello world");
    pair_stop(pair);
}

TEST("what cannot leave is pending, and drain is told when it has left")
{
    struct stream_pair_options options = {.capacity = 10};
    struct pair *pair = pair_start(&options, 1);
    stream_write(pair->a.stream, SLICE("0123456789abcdefghij"));
    EXPECT_EQ(stream_pending(pair->a.stream), 10);
    loop_run_for_us(pair->loop, SECOND);
    EXPECT_EQ(pair->a.drains, 0);
    stream_read_start(pair->b.stream);
    loop_run_for_us(pair->loop, SECOND);
    EXPECT_SLICE(buffer_slice(&pair->b.read), "0123456789abcdefghij");
    EXPECT_EQ(pair->a.drains, 1);
    EXPECT_EQ(stream_pending(pair->a.stream), 0);
    pair_stop(pair);
}

TEST("the end comes after the last byte, and the other way stays open")
{
    struct stream_pair_options options = {.capacity = 4, .chunk_max = 3};
    struct pair *pair = pair_start(&options, 1);
    pair->b.echo = true;
    stream_read_start(pair->a.stream);
    stream_read_start(pair->b.stream);
    stream_write(pair->a.stream, SLICE("request"));
    stream_end(pair->a.stream);
    loop_run_for_us(pair->loop, SECOND);
    EXPECT_EQ(pair->b.ends, 1);
    EXPECT_SLICE(buffer_slice(&pair->a.read), "request");
    EXPECT_EQ(pair->a.ends, 1);
    pair_stop(pair);
}

TEST("the pieces that bytes come in are drawn by the seed, and nothing is lost")
{
    for (uint64_t seed = 0; seed < 50; seed++) {
        struct stream_pair_options options = {.capacity = 7, .chunk_max = 5};
        struct pair *pair = pair_start(&options, seed);
        pair->b.echo = true;
        stream_read_start(pair->a.stream);
        stream_read_start(pair->b.stream);
        struct buffer sent = {0};
        for (int i = 0; i < 100; i++)
            buffer_format(&sent, "%d,", i);
        stream_write(pair->a.stream, buffer_slice(&sent));
        loop_run_for_us(pair->loop, SECOND);
        EXPECT_SLICE(buffer_slice(&pair->a.read), buffer_slice(&sent));
        buffer_release(&sent);
        pair_stop(pair);
    }
}

TEST("a write to a peer that has gone breaks the stream, later and once")
{
    struct pair *pair = pair_start(NULL, 1);
    stream_close(pair->b.stream);
    stream_write(pair->a.stream, SLICE("x"));
    stream_write(pair->a.stream, SLICE("y"));
    EXPECT_EQ(pair->a.errors, 0);
    loop_run_for_us(pair->loop, SECOND);
    EXPECT_EQ(pair->a.errors, 1);
    EXPECT_TEXT(pair->a.why, "connection reset by peer");
    pair->b.stream = NULL;
    pair_stop(pair);
}

TEST("after close nothing is told but the close")
{
    struct pair *pair = pair_start(NULL, 1);
    stream_read_start(pair->b.stream);
    stream_write(pair->a.stream, SLICE("never read"));
    stream_close(pair->b.stream);
    loop_run_for_us(pair->loop, SECOND);
    EXPECT_EQ(pair->b.read.size, 0);
    EXPECT_EQ(pair->b.closes, 1);
    pair_stop(pair);
}

/* --- Sockets --- */

struct meeting {
    struct loop *loop;
    struct listener *listener;
    struct end near, far[3];
    size_t accepted;
    char failure[200];
};

static void accepted(void *context, struct stream *stream)
{
    struct meeting *meeting = context;
    struct end *end = &meeting->far[meeting->accepted++];
    end->echo = true;
    attach(end, stream);
    stream_read_start(stream);
}

static void dialled(void *context, struct stream *stream, const struct status *status)
{
    struct meeting *meeting = context;
    if (!stream) {
        snprintf(meeting->failure, sizeof(meeting->failure), "%s", status->message);
        loop_stop(meeting->loop);
        return;
    }
    attach(&meeting->near, stream);
    stream_read_start(stream);
    stream_write(stream, SLICE("hello"));
    meeting->near.stop_at = 5;
}

static struct meeting *meet(struct loop *loop)
{
    struct meeting *meeting = mem_alloc(sizeof(*meeting));
    meeting->loop = loop;
    meeting->listener = listener_open(loop, 2);
    return meeting;
}

static void part(struct meeting *meeting)
{
    detach(&meeting->near);
    for (size_t i = 0; i < meeting->accepted; i++)
        detach(&meeting->far[i]);
    listener_close(meeting->listener);
    loop_destroy(meeting->loop);
    mem_free(meeting);
}

static void stop_loop(struct timer *timer)
{
    loop_stop(timer->loop);
}

static void listen_tcp(struct meeting *meeting, const char *address)
{
    struct status status;
    status_init(&status);
    EXPECT_EQ(listener_add_tcp(meeting->listener, address, accepted, meeting, &status), 0);
    status_release(&status);
}

TEST("a TCP listener on port 0 says its port, and a dial reaches it")
{
    static const char *const addresses[] = {"127.0.0.1:0", "[::1]:0", ":0", "localhost:0"};
    for (size_t i = 0; i < ARRAY_SIZE(addresses); i++) {
        struct meeting *meeting = meet(loop_create(1));
        listen_tcp(meeting, addresses[i]);
        const char *bound = listener_address(meeting->listener, 0);
        char to[STREAM_ADDRESS_SIZE];
        snprintf(to, sizeof(to), "%s%s",
                 i == 2   ? "[::1]"
                 : i == 3 ? "localhost"
                          : "",
                 i >= 2 ? strrchr(bound, ':') : bound);
        EXPECT(!slice_ends_with(slice_of(bound), SLICE(":0")));
        dial_open(meeting->loop, to, 5 * SECOND, dialled, meeting);
        loop_run(meeting->loop);
        EXPECT_TEXT(meeting->failure, "");
        EXPECT_SLICE(buffer_slice(&meeting->near.read), "hello");
        EXPECT(slice_starts_with(slice_of(meeting->far[0].stream->peer.address),
                                 i == 1 || i == 2 ? SLICE("[::1]:") : SLICE("127.0.0.1:")));
        part(meeting);
    }
}

TEST("more than a socket takes goes through it and back")
{
    struct meeting *meeting = meet(loop_create(1));
    struct buffer sent = {0};
    listen_tcp(meeting, "127.0.0.1:0");
    dial_open(meeting->loop, listener_address(meeting->listener, 0), 5 * SECOND, dialled, meeting);
    loop_run(meeting->loop);
    for (int i = 0; i < 200000; i++)
        buffer_format(&sent, "%d,", i);
    while (sent.size < 16 * 1024 * 1024) {
        buffer_reserve(&sent, sent.size);
        buffer_append(&sent, sent.data, sent.size);
    }
    stream_write(meeting->near.stream, buffer_slice(&sent));
    EXPECT(stream_pending(meeting->near.stream) > 0);
    stream_end(meeting->near.stream);
    meeting->near.stop_at = 0;
    meeting->near.stop_at_end = true;
    loop_run(meeting->loop);
    EXPECT_EQ(meeting->near.read.size, sent.size + 5);
    EXPECT(memcmp(meeting->near.read.data + 5, sent.data, sent.size) == 0);
    EXPECT(meeting->near.drains >= 1);
    buffer_release(&sent);
    part(meeting);
}

TEST("the end of a socket is told once, however often reading is started")
{
    struct meeting *meeting = meet(loop_create(1));
    struct timer timer;
    listen_tcp(meeting, "127.0.0.1:0");
    dial_open(meeting->loop, listener_address(meeting->listener, 0), 5 * SECOND, dialled, meeting);
    loop_run(meeting->loop);
    meeting->far[0].echo = false;
    stream_end(meeting->near.stream);
    timer_init(&timer, meeting->loop, stop_loop);
    for (int i = 0; i < 3; i++) {
        timer_start_us(&timer, 20000);
        loop_run(meeting->loop);
        stream_read_start(meeting->far[0].stream);
    }
    EXPECT_EQ(meeting->far[0].ends, 1);
    EXPECT(meeting->far[0].stream->read_ended);
    part(meeting);
}

TEST("a unix socket is made with mode 0600, replaces a dead file, goes at the end")
{
    struct meeting *meeting = meet(loop_create(1));
    struct listener *second = listener_open(meeting->loop, 1);
    struct status status;
    struct stat info;
    char path[100];
    snprintf(path, sizeof(path), "%s/api.sock", test_folder());
    struct sockaddr_un dead = {.sun_family = AF_UNIX};
    snprintf(dead.sun_path, sizeof(dead.sun_path), "%s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    EXPECT_EQ(bind(fd, (struct sockaddr *)&dead, sizeof(dead)), 0);
    close(fd);
    status_init(&status);
    EXPECT_EQ(listener_add_unix(meeting->listener, path, accepted, meeting, &status), 0);
    EXPECT_EQ(stat(path, &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600);
    EXPECT_EQ(listener_add_unix(second, path, accepted, meeting, &status), -1);
    EXPECT(strstr(status.message, "in use"));
    dial_open(meeting->loop, path, 5 * SECOND, dialled, meeting);
    loop_run(meeting->loop);
    EXPECT_SLICE(buffer_slice(&meeting->near.read), "hello");
    EXPECT_TEXT(meeting->far[0].stream->peer.address, "unix");
    listener_close(second);
    part(meeting);
    EXPECT_EQ(stat(path, &info), -1);
    status_release(&status);
}

TEST("a dial that nobody answers fails, and says why")
{
    struct meeting *meeting = meet(loop_create(1));
    dial_open(meeting->loop, "127.0.0.1:1", 5 * SECOND, dialled, meeting);
    loop_run(meeting->loop);
    EXPECT_TEXT(meeting->failure, "dial 127.0.0.1:1: connection refused");
    dial_open(meeting->loop, "nonsense", 5 * SECOND, dialled, meeting);
    loop_run(meeting->loop);
    EXPECT_TEXT(meeting->failure, "dial nonsense: address nonsense: missing port");
    dial_open(meeting->loop, "/nowhere/at/all", 5 * SECOND, dialled, meeting);
    loop_run(meeting->loop);
    EXPECT_TEXT(meeting->failure, "dial /nowhere/at/all: no such file or directory");
    part(meeting);
}

/* Stops the loop after some more rounds. */
struct stop_soon {
    struct message message;
    struct loop *loop;
    int rounds;
};

static void stop_soon(struct message *message)
{
    struct stop_soon *soon = CONTAINER_OF(message, struct stop_soon, message);
    if (soon->rounds-- > 0)
        loop_post(soon->loop, &soon->message);
    else
        loop_stop(soon->loop);
}

TEST("a dial that its owner gives up is silent, at whatever stage it is")
{
    struct meeting *meeting = meet(loop_create(1));
    struct timer timer;
    static struct stop_soon soon[3];
    timer_init(&timer, meeting->loop, stop_loop);
    for (int stage = 0; stage < 3; stage++) {
        struct dial *dial = dial_open(meeting->loop, stage == 2 ? "127.0.0.1:1" : "localhost:1",
                                      5 * SECOND, dialled, meeting);
        soon[stage] = (struct stop_soon){{.deliver = stop_soon}, meeting->loop, stage};
        loop_post(meeting->loop, &soon[stage].message);
        loop_run(meeting->loop);
        bool over = meeting->failure[0] != '\0'; /* On a fast machine it may have ended. */
        meeting->failure[0] = '\0';
        if (!over)
            dial_close(dial);
        timer_start_us(&timer, 20000);
        loop_run(meeting->loop);
        EXPECT_TEXT(meeting->failure, "");
    }
    part(meeting);
}

TEST("a peer over the limit waits until another leaves")
{
    struct meeting *meeting = meet(loop_create(1));
    struct meeting *others[3];
    struct timer timer;
    listen_tcp(meeting, "127.0.0.1:0");
    for (int i = 0; i < 3; i++) {
        others[i] = mem_alloc(sizeof(**others));
        others[i]->loop = meeting->loop;
        dial_open(meeting->loop, listener_address(meeting->listener, 0), 5 * SECOND, dialled,
                  others[i]);
    }
    timer_init(&timer, meeting->loop, stop_loop);
    do {
        timer_start_us(&timer, 50000);
        loop_run(meeting->loop);
    } while (timer_is_running(&timer));
    EXPECT_EQ(meeting->accepted, 2);
    EXPECT_EQ(listener_connections(meeting->listener), 2);
    stream_close(meeting->far[0].stream);
    meeting->far[0].stream = NULL;
    for (int i = 0; i < 10 && meeting->accepted < 3; i++) {
        timer_start_us(&timer, 50000);
        loop_run(meeting->loop);
    }
    EXPECT_EQ(meeting->accepted, 3);
    for (int i = 0; i < 3; i++)
        detach(&others[i]->near);
    part(meeting);
    for (int i = 0; i < 3; i++)
        mem_free(others[i]);
}

TEST("addresses are read strictly")
{
    static const char *const good[] = {"1.2.3.4:5", "[::1]:0", ":65535", "localhost:1",
                                       "[fe80::1]:9"};
    static const char *const bad[] = {
        "1.2.3.4",  "1.2.3.4:65536", "1.2.3.4:x", "::1:80",      "name:80",
        "1.2.3.4:", "1.2.3.4:-1",    "[::1]",     "1.2.3.4.5:80"};
    struct sockaddr_storage address;
    struct status status;
    status_init(&status);
    for (size_t i = 0; i < ARRAY_SIZE(good); i++)
        EXPECT_EQ(address_parse(good[i], &address, &status), 0);
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        EXPECT_EQ(address_parse(bad[i], &address, &status), -1);
        status_clear(&status);
    }
    status_release(&status);
}

TEST("the simulated network connects, cuts and mends")
{
    struct meeting *meeting = meet(loop_create_simulated(4));
    struct network *network = network_of(meeting->loop);
    listen_tcp(meeting, "server:6443");
    network_set_chunk_max(network, 2);
    dial_open(meeting->loop, "server:6443", 5 * SECOND, dialled, meeting);
    loop_run_for_us(meeting->loop, SECOND);
    EXPECT_SLICE(buffer_slice(&meeting->near.read), "hello");
    network_cut(network, "server:6443");
    loop_run_for_us(meeting->loop, SECOND);
    EXPECT_EQ(meeting->near.errors, 1);
    EXPECT_EQ(meeting->far[0].errors, 1);
    dial_open(meeting->loop, "server:6443", 5 * SECOND, dialled, meeting);
    loop_run_for_us(meeting->loop, SECOND);
    EXPECT_TEXT(meeting->failure, "dial server:6443: connection refused");
    network_mend(network, "server:6443");
    stream_close(meeting->near.stream);
    loop_run_for_us(meeting->loop, SECOND);
    buffer_clear(&meeting->near.read);
    dial_open(meeting->loop, "server:6443", 5 * SECOND, dialled, meeting);
    loop_run_for_us(meeting->loop, SECOND);
    EXPECT_SLICE(buffer_slice(&meeting->near.read), "hello");
    detach(&meeting->near);
    meeting->near.read = (struct buffer){0};
    for (size_t i = 0; i < meeting->accepted; i++)
        detach(&meeting->far[i]);
    loop_run_for_us(meeting->loop, SECOND);
    meeting->near.stream = NULL;
    meeting->accepted = 0;
    part(meeting);
}
