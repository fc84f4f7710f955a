/* TLS at both ends over memory, and against curl and openssl over sockets. */
#include <stdio.h>
#include <stdlib.h>

#include "core/crypto.h"
#include "core/net/http_server.h"
#include "core/net/listener.h"
#include "core/net/pem.h"
#include "core/net/stream_pair.h"
#include "core/net/tls_private.h"
#include "tests/harness/test.h"

#define SECOND INT64_C(1000000)
#define DAY (86400 * SECOND)
#define START INT64_C(1767225600000000) /* Where simulated time starts: 2026-01-01. */

/* --- A small authority --- */

struct authority {
    struct random *random;
    struct ec_key key;
    struct buffer der, pem;
    int64_t now_us;
};

static void authority_open(struct authority *authority, struct random *random, int64_t now_us,
                           const char *name)
{
    struct x509_template ca = {
        .common_name = name, .not_before_us = now_us - DAY, .not_after_us = now_us + 3650 * DAY};
    *authority = (struct authority){.random = random, .now_us = now_us};
    ec_key_generate(random, &authority->key);
    x509_make_ca(random, &ca, &authority->key, &authority->der);
    pem_write("CERTIFICATE", buffer_slice(&authority->der), &authority->pem);
}

static void authority_close(struct authority *authority)
{
    buffer_release(&authority->der);
    buffer_release(&authority->pem);
}

struct identity {
    struct buffer certificate, key;
};

/* Signs; with key_of, for the key that another identity holds. */
static void issue(struct authority *authority, const struct x509_template *wish,
                  struct identity *identity)
{
    struct x509_template template = *wish;
    struct ec_key key;
    struct buffer public_key = {0}, der = {0};
    struct status status;
    status_init(&status);
    if (template.not_before_us == 0)
        template.not_before_us = authority->now_us - DAY;
    if (template.not_after_us == 0)
        template.not_after_us = authority->now_us + 365 * DAY;
    *identity = (struct identity){0};
    ec_key_generate(authority->random, &key);
    ec_key_write_public_der(&key, &public_key);
    EXPECT_EQ(x509_sign(authority->random, &template, buffer_slice(&public_key),
                        buffer_slice(&authority->der), &authority->key, &der, &status),
              0);
    pem_write("CERTIFICATE", buffer_slice(&der), &identity->certificate);
    ec_key_write_pem(&key, &identity->key);
    buffer_release(&public_key);
    buffer_release(&der);
    status_release(&status);
}

static void identity_release(struct identity *identity)
{
    buffer_release(&identity->certificate);
    buffer_release(&identity->key);
}

static const char *const server_names[] = {"kubernetes", NULL};
static const char *const server_addresses[] = {"127.0.0.1", NULL};
static const char *const admin_groups[] = {"system:masters", "second", NULL};

static const struct x509_template server_template = {.common_name = "server",
                                                     .dns_names = server_names,
                                                     .addresses = server_addresses,
                                                     .usage = X509_SERVER_AUTH};
static const struct x509_template admin_template = {
    .common_name = "admin", .organizations = admin_groups, .usage = X509_CLIENT_AUTH};

/* --- Two ends over memory --- */

struct end {
    struct stream *stream;
    struct buffer read;
    bool ended, closed, echo;
    int drains;
    char why[128];
};

static void end_read(void *context, struct slice data)
{
    struct end *end = context;
    buffer_append_slice(&end->read, data);
    if (end->echo)
        stream_write(end->stream, data);
}

static void end_ended(void *context)
{
    ((struct end *)context)->ended = true;
}

static void end_drained(void *context)
{
    ((struct end *)context)->drains++;
}

static void end_broke(void *context, const char *why)
{
    struct end *end = context;
    snprintf(end->why, sizeof(end->why), "%s", why);
}

static void end_closed(void *context)
{
    ((struct end *)context)->closed = true;
}

static const struct stream_handler end_handler = {end_read, end_ended, end_drained, end_broke,
                                                  end_closed};

struct meeting {
    struct loop *loop;
    struct authority ca, rogue;
    struct identity server, client;
    struct tls_config *server_config, *client_config;
    struct end near, far; /* Client, server. */
    struct stream *wire;  /* The client's raw end. */
};

static struct tls_config *configure(const struct tls_options *options)
{
    struct status status;
    status_init(&status);
    struct tls_config *config = tls_config_create(options, &status);
    if (!config)
        test_fail(__FILE__, __LINE__, "%s", status.message);
    status_release(&status);
    return config;
}

static struct meeting *meeting_prepare(uint64_t seed)
{
    struct meeting *meeting = mem_alloc(sizeof(*meeting));
    meeting->loop = loop_create_simulated(seed);
    authority_open(&meeting->ca, loop_random(meeting->loop), START, "good-ca");
    authority_open(&meeting->rogue, loop_random(meeting->loop), START, "good-ca");
    issue(&meeting->ca, &server_template, &meeting->server);
    struct tls_options options = {.certificate_pem = buffer_slice(&meeting->server.certificate),
                                  .key_pem = buffer_slice(&meeting->server.key),
                                  .ca_pem = buffer_slice(&meeting->ca.pem)};
    meeting->server_config = configure(&options);
    return meeting;
}

static void connect_as(struct meeting *meeting, const struct stream_pair_options *pair,
                       const char *host)
{
    struct stream *far;
    stream_pair_open(meeting->loop, pair, &meeting->wire, &far);
    meeting->far.stream = tls_open_server(meeting->server_config, far);
    meeting->near.stream = tls_open_client(meeting->client_config, meeting->wire, host);
    stream_set_handler(meeting->far.stream, &end_handler, &meeting->far);
    stream_set_handler(meeting->near.stream, &end_handler, &meeting->near);
    stream_read_start(meeting->far.stream);
    stream_read_start(meeting->near.stream);
}

/* A client with the given identity (NULL: none), which trusts the CA. */
static void use_client(struct meeting *meeting, const struct identity *identity)
{
    struct tls_options options = {.ca_pem = buffer_slice(&meeting->ca.pem)};
    if (identity) {
        options.certificate_pem = buffer_slice(&identity->certificate);
        options.key_pem = buffer_slice(&identity->key);
    }
    meeting->client_config = configure(&options);
}

static struct meeting *meet_as(const struct x509_template *template, bool rogue)
{
    struct meeting *meeting = meeting_prepare(1);
    if (template)
        issue(rogue ? &meeting->rogue : &meeting->ca, template, &meeting->client);
    use_client(meeting, template ? &meeting->client : NULL);
    connect_as(meeting, NULL, "kubernetes");
    loop_run_for_us(meeting->loop, SECOND);
    return meeting;
}

static void end_close(struct end *end)
{
    if (end->stream)
        stream_close(end->stream);
    end->stream = NULL;
}

static void part(struct meeting *meeting)
{
    end_close(&meeting->near);
    end_close(&meeting->far);
    loop_run_for_us(meeting->loop, SECOND);
    EXPECT(meeting->near.closed && meeting->far.closed);
    buffer_release(&meeting->near.read);
    buffer_release(&meeting->far.read);
    identity_release(&meeting->server);
    identity_release(&meeting->client);
    authority_close(&meeting->ca);
    authority_close(&meeting->rogue);
    tls_config_unref(meeting->server_config);
    tls_config_unref(meeting->client_config);
    loop_destroy(meeting->loop);
    mem_free(meeting);
}

static const struct tls_peer *peer_of(const struct meeting *meeting)
{
    EXPECT(meeting->far.stream->peer.tls);
    return meeting->far.stream->peer.tls;
}

TEST("a client with a certificate of our CA is who the certificate says, with every group")
{
    struct meeting *meeting = meet_as(&admin_template, false);
    const struct tls_peer *peer = peer_of(meeting);
    EXPECT_EQ(peer->state, TLS_PEER_TRUSTED);
    EXPECT(!peer->why);
    EXPECT_SLICE(peer->certificate.names.common_name, "admin");
    EXPECT_EQ(peer->certificate.names.organization_count, 2);
    EXPECT_SLICE(peer->certificate.names.organizations[0], "system:masters");
    EXPECT_SLICE(peer->certificate.names.organizations[1], "second");
    EXPECT_EQ(meeting->near.stream->peer.tls->state, TLS_PEER_TRUSTED);
    EXPECT_SLICE(meeting->near.stream->peer.tls->certificate.names.common_name, "server");
    part(meeting);
}

TEST("a client without a certificate finishes its handshake and is nobody")
{
    struct meeting *meeting = meet_as(NULL, false);
    EXPECT_EQ(peer_of(meeting)->state, TLS_PEER_NONE);
    EXPECT_EQ(peer_of(meeting)->certificate.names.common_name.size, 0);
    part(meeting);
}

TEST("a certificate of another CA, of the same name even, is no identity")
{
    struct meeting *meeting = meet_as(&admin_template, true);
    EXPECT_EQ(peer_of(meeting)->state, TLS_PEER_UNTRUSTED);
    EXPECT_TEXT(peer_of(meeting)->why, "x509: certificate signed by unknown authority");
    part(meeting);
}

TEST("a self-signed certificate is no identity")
{
    struct meeting *meeting = meeting_prepare(1);
    struct authority self;
    struct identity identity = {0};
    authority_open(&self, loop_random(meeting->loop), START, "admin");
    buffer_append_slice(&identity.certificate, buffer_slice(&self.pem));
    ec_key_write_pem(&self.key, &identity.key);
    use_client(meeting, &identity);
    connect_as(meeting, NULL, "kubernetes");
    loop_run_for_us(meeting->loop, SECOND);
    EXPECT_EQ(peer_of(meeting)->state, TLS_PEER_UNTRUSTED);
    EXPECT_TEXT(peer_of(meeting)->why, "x509: certificate signed by unknown authority");
    identity_release(&identity);
    authority_close(&self);
    part(meeting);
}

TEST("a server's certificate, though of our CA, is no client's identity")
{
    struct meeting *meeting = meet_as(&server_template, false);
    EXPECT_EQ(peer_of(meeting)->state, TLS_PEER_UNTRUSTED);
    EXPECT_TEXT(peer_of(meeting)->why, "x509: certificate specifies an incompatible key usage");
    part(meeting);
}

TEST("a certificate is no identity before or after its time")
{
    struct x509_template late = admin_template, early = admin_template;
    late.not_before_us = START - 2 * DAY;
    late.not_after_us = START - DAY;
    early.not_before_us = START + DAY;
    const struct x509_template *both[] = {&late, &early};
    for (int i = 0; i < 2; i++) {
        struct meeting *meeting = meet_as(both[i], false);
        EXPECT_EQ(peer_of(meeting)->state, TLS_PEER_UNTRUSTED);
        EXPECT_TEXT(peer_of(meeting)->why, "x509: certificate has expired or is not yet valid");
        part(meeting);
    }
}

TEST("who shows a good certificate without its key fails")
{
    struct meeting *meeting = meeting_prepare(1);
    struct identity other;
    struct status status;
    status_init(&status);
    issue(&meeting->ca, &admin_template, &meeting->client);
    issue(&meeting->ca, &admin_template, &other);
    struct tls_options options = {.certificate_pem = buffer_slice(&meeting->client.certificate),
                                  .key_pem = buffer_slice(&other.key),
                                  .ca_pem = buffer_slice(&meeting->ca.pem)};
    /* Our own config refuses the pair, so the theft happens behind its back. */
    EXPECT(!tls_config_create(&options, &status));
    EXPECT_TEXT(status.message, "the private key does not match the certificate");
    options.key_pem = buffer_slice(&meeting->client.key);
    meeting->client_config = configure(&options);
    EXPECT_EQ(ec_key_read_pem(buffer_slice(&other.key), &meeting->client_config->key, &status), 0);
    connect_as(meeting, NULL, "kubernetes");
    loop_run_for_us(meeting->loop, SECOND);
    EXPECT(!meeting->far.stream->peer.tls);
    EXPECT_TEXT(meeting->far.why,
                "tls: the peer did not prove that it holds its certificate's key");
    identity_release(&other);
    status_release(&status);
    part(meeting);
}

TEST("a client checks its server's name, address, CA and purpose")
{
    static const struct {
        const char *host;
        bool rogue;
        bool wrong_purpose;
        const char *why;
    } cases[] = {
        {"kubernetes", false, false, ""},
        {"127.0.0.1", false, false, ""},
        {"other", false, false, "x509: certificate is not valid for the name or address asked for"},
        {"127.0.0.2", false, false,
         "x509: certificate is not valid for the name or address asked for"},
        {"kubernetes", true, false, "x509: certificate signed by unknown authority"},
        {"kubernetes", false, true, "x509: certificate specifies an incompatible key usage"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct meeting *meeting = meeting_prepare(1);
        struct x509_template template = server_template;
        if (cases[i].wrong_purpose)
            template.usage = X509_CLIENT_AUTH;
        identity_release(&meeting->server);
        issue(cases[i].rogue ? &meeting->rogue : &meeting->ca, &template, &meeting->server);
        tls_config_unref(meeting->server_config);
        struct tls_options options = {.certificate_pem = buffer_slice(&meeting->server.certificate),
                                      .key_pem = buffer_slice(&meeting->server.key)};
        meeting->server_config = configure(&options);
        use_client(meeting, NULL);
        connect_as(meeting, NULL, cases[i].host);
        loop_run_for_us(meeting->loop, SECOND);
        EXPECT_TEXT(meeting->near.why, cases[i].why);
        EXPECT_EQ(meeting->near.stream->peer.tls != NULL, cases[i].why[0] == '\0');
        part(meeting);
    }
}

TEST("a client that knows the CA by its key's hash alone takes that CA and no other")
{
    for (int wrong = 0; wrong < 2; wrong++) {
        struct meeting *meeting = meeting_prepare(1);
        struct buffer chain = {0}, public_key = {0};
        uint8_t hash[SHA256_SIZE];
        ec_key_write_public_der(wrong ? &meeting->rogue.key : &meeting->ca.key, &public_key);
        sha256(buffer_slice(&public_key), hash);
        buffer_append_slice(&chain, buffer_slice(&meeting->server.certificate));
        buffer_append_slice(&chain, buffer_slice(&meeting->ca.pem));
        tls_config_unref(meeting->server_config);
        struct tls_options server = {.certificate_pem = buffer_slice(&chain),
                                     .key_pem = buffer_slice(&meeting->server.key)};
        struct tls_options client = {.ca_key_sha256 = hash};
        meeting->server_config = configure(&server);
        meeting->client_config = configure(&client);
        connect_as(meeting, NULL, "kubernetes");
        loop_run_for_us(meeting->loop, SECOND);
        EXPECT_TEXT(meeting->near.why,
                    wrong ? "x509: certificate signed by unknown authority" : "");
        if (!wrong)
            EXPECT(slice_equal(meeting->near.stream->peer.tls->ca, buffer_slice(&meeting->ca.der)));
        buffer_release(&chain);
        buffer_release(&public_key);
        part(meeting);
    }
}

TEST("a client that was told to trust nobody in particular trusts nobody")
{
    struct meeting *meeting = meeting_prepare(1);
    struct tls_options options = {.insecure = false};
    meeting->client_config = configure(&options);
    connect_as(meeting, NULL, "kubernetes");
    loop_run_for_us(meeting->loop, SECOND);
    EXPECT_TEXT(meeting->near.why, "x509: certificate signed by unknown authority");
    part(meeting);
    meeting = meeting_prepare(1);
    options.insecure = true;
    meeting->client_config = configure(&options);
    connect_as(meeting, NULL, "whatever");
    loop_run_for_us(meeting->loop, SECOND);
    EXPECT_TEXT(meeting->near.why, "");
    EXPECT_EQ(meeting->near.stream->peer.tls->state, TLS_PEER_UNTRUSTED);
    part(meeting);
}

TEST("bytes go both ways, whatever the pieces below, those written early first")
{
    for (uint64_t seed = 0; seed < 12; seed++) {
        struct stream_pair_options pair = {.capacity = 200 + 100 * seed,
                                           .chunk_max = 1 + 37 * seed};
        struct meeting *meeting = meeting_prepare(seed);
        struct buffer sent = {0};
        use_client(meeting, NULL);
        connect_as(meeting, &pair, "kubernetes");
        meeting->far.echo = true;
        stream_write(meeting->near.stream, SLICE("early "));
        EXPECT_EQ(stream_pending(meeting->near.stream) > 0, true);
        buffer_append_text(&sent, "early ");
        loop_run_for_us(meeting->loop, SECOND);
        EXPECT(meeting->near.drains >= 1);
        for (int i = 0; i < 10000; i++)
            buffer_format(&sent, "%d,", i);
        stream_write(meeting->near.stream, slice_sub(buffer_slice(&sent), 6, sent.size));
        loop_run_for_us(meeting->loop, SECOND);
        EXPECT(slice_equal(buffer_slice(&meeting->near.read), buffer_slice(&sent)));
        EXPECT_EQ(stream_pending(meeting->near.stream), 0);
        buffer_release(&sent);
        part(meeting);
    }
}

TEST("reading can be stopped and started, and nothing is lost")
{
    struct meeting *meeting = meet_as(NULL, false);
    struct buffer sent = {0};
    for (int i = 0; i < 100000; i++)
        buffer_format(&sent, "%d,", i);
    stream_read_stop(meeting->far.stream);
    stream_write(meeting->near.stream, buffer_slice(&sent));
    loop_run_for_us(meeting->loop, SECOND);
    EXPECT_EQ(meeting->far.read.size, 0);
    EXPECT(stream_pending(meeting->near.stream) > 0);
    stream_read_start(meeting->far.stream);
    loop_run_for_us(meeting->loop, SECOND);
    EXPECT(slice_equal(buffer_slice(&meeting->far.read), buffer_slice(&sent)));
    buffer_release(&sent);
    part(meeting);
}

TEST("an end is told as an end, a cut as an error")
{
    struct meeting *meeting = meet_as(NULL, false);
    stream_write(meeting->near.stream, SLICE("last words"));
    stream_end(meeting->near.stream);
    loop_run_for_us(meeting->loop, SECOND);
    EXPECT_SLICE(buffer_slice(&meeting->far.read), "last words");
    EXPECT(meeting->far.ended);
    EXPECT_TEXT(meeting->far.why, "");
    EXPECT(meeting->near.ended);
    part(meeting);
    meeting = meet_as(NULL, false);
    stream_end(meeting->wire); /* Below TLS, behind its back. */
    loop_run_for_us(meeting->loop, SECOND);
    EXPECT(!meeting->far.ended);
    EXPECT_TEXT(meeting->far.why, "tls: unexpected end of the stream");
    part(meeting);
}

TEST("a byte changed on the wire breaks the stream")
{
    struct meeting *meeting = meet_as(NULL, false);
    stream_write(meeting->wire, SLICE("\x17\x03\x03\x00\x20"
                                      "0123456789abcdef0123456789abcdef"));
    loop_run_for_us(meeting->loop, SECOND);
    EXPECT_TEXT(meeting->far.why, "tls: bad record MAC");
    part(meeting);
}

TEST("a peer that says nothing, or half a hello, is given up after 15 seconds")
{
    struct meeting *meeting = meeting_prepare(1);
    struct stream *far;
    stream_pair_open(meeting->loop, NULL, &meeting->near.stream, &far);
    stream_set_handler(meeting->near.stream, &end_handler, &meeting->near);
    meeting->far.stream = tls_open_server(meeting->server_config, far);
    stream_set_handler(meeting->far.stream, &end_handler, &meeting->far);
    stream_write(meeting->near.stream, SLICE("\x16\x03\x01\x02\x00"));
    loop_run_for_us(meeting->loop, 14 * SECOND);
    EXPECT_TEXT(meeting->far.why, "");
    loop_run_for_us(meeting->loop, 2 * SECOND);
    EXPECT_TEXT(meeting->far.why, "tls: handshake timeout");
    part(meeting);
}

TEST("plain HTTP on a TLS port is told what is wrong")
{
    struct meeting *meeting = meeting_prepare(1);
    struct stream *far;
    stream_pair_open(meeting->loop, NULL, &meeting->near.stream, &far);
    stream_set_handler(meeting->near.stream, &end_handler, &meeting->near);
    stream_read_start(meeting->near.stream);
    meeting->far.stream = tls_open_server(meeting->server_config, far);
    stream_set_handler(meeting->far.stream, &end_handler, &meeting->far);
    stream_write(meeting->near.stream, SLICE("GET / HTTP/1.1\r\n\r\n"));
    loop_run_for_us(meeting->loop, SECOND);
    EXPECT_SLICE(buffer_slice(&meeting->near.read),
                 "HTTP/1.0 400 Bad Request\r\n\r\n"
                 "Client sent an HTTP request to an HTTPS server.\n");
    EXPECT_TEXT(meeting->far.why, "tls: first record does not look like a TLS handshake");
    part(meeting);
}

TEST("closing at any moment of a handshake is clean")
{
    for (uint64_t steps = 0; steps < 60; steps++) {
        struct meeting *meeting = meeting_prepare(steps);
        struct stream_pair_options pair = {.chunk_max = 100};
        issue(&meeting->ca, &admin_template, &meeting->client);
        use_client(meeting, &meeting->client);
        connect_as(meeting, &pair, "kubernetes");
        loop_run_steps(meeting->loop, steps);
        end_close(steps % 2 ? &meeting->near : &meeting->far);
        loop_run_steps(meeting->loop, steps % 7);
        part(meeting);
    }
}

TEST("the same seed gives the same bytes on the wire")
{
    uint8_t first[SHA256_SIZE], second[SHA256_SIZE];
    for (int i = 0; i < 2; i++) {
        struct meeting *meeting = meeting_prepare(9);
        struct end spy = {0};
        struct stream *far;
        use_client(meeting, NULL);
        stream_pair_open(meeting->loop, NULL, &meeting->wire, &far);
        meeting->near.stream = tls_open_client(meeting->client_config, meeting->wire, "kubernetes");
        stream_set_handler(meeting->near.stream, &end_handler, &meeting->near);
        stream_set_handler(far, &end_handler, &spy);
        stream_read_start(far);
        loop_run_for_us(meeting->loop, SECOND);
        EXPECT(spy.read.size > 100);
        sha256(buffer_slice(&spy.read), i ? second : first);
        buffer_release(&spy.read);
        stream_close(far);
        meeting->far.closed = true;
        part(meeting);
    }
    EXPECT(memcmp(first, second, sizeof(first)) == 0);
}

/* --- Sockets: curl and openssl --- */

struct site {
    struct loop *loop;
    struct http_server *server;
    struct tls_config *config;
    struct listener *listener;
    struct authority ca, rogue;
    struct identity identity, admin, rogue_admin;
    struct task task;
    char command[2000];
    char *output;
};

/* Answers who the peer is, as an API would see it. */
static void handle(void *context, struct http_exchange *exchange)
{
    static const char *const states[] = {"none", "untrusted", "trusted"};
    const struct tls_peer *peer = exchange->peer->tls;
    struct buffer text = {0};
    (void)context;
    EXPECT(peer);
    const struct x509_names *names = &peer->certificate.names;
    buffer_format(&text, "%s", states[peer->state]);
    if (peer->state == TLS_PEER_TRUSTED) {
        buffer_format(&text, " " SLICE_FORMAT, SLICE_ARGS(names->common_name));
        for (size_t i = 0; i < names->organization_count; i++)
            buffer_format(&text, "/" SLICE_FORMAT, SLICE_ARGS(names->organizations[i]));
    }
    buffer_append_byte(&text, '\n');
    http_reply(exchange, peer->state == TLS_PEER_UNTRUSTED ? 401 : 200, NULL, 0,
               buffer_slice(&text));
    buffer_release(&text);
}

static void accepted(void *context, struct stream *stream)
{
    struct site *site = context;
    http_server_accept(site->server, tls_open_server(site->config, stream));
}

static const char *folder(void)
{
    static const char *path;
    if (!path)
        path = test_folder();
    return path;
}

static void write_file(const char *name, struct slice text)
{
    char path[300];
    snprintf(path, sizeof(path), "%s/%s", folder(), name);
    FILE *file = fopen(path, "w");
    EXPECT(file && fwrite(text.data, 1, text.size, file) == text.size);
    fclose(file);
}

static struct site *site_open(void)
{
    struct site *site = mem_alloc(sizeof(*site));
    struct status status;
    status_init(&status);
    site->loop = loop_create(2);
    int64_t now_us = clock_wall_us(loop_clock(site->loop));
    authority_open(&site->ca, random_system(), now_us, "site-ca");
    authority_open(&site->rogue, random_system(), now_us, "rogue-ca");
    issue(&site->ca, &server_template, &site->identity);
    issue(&site->ca, &admin_template, &site->admin);
    issue(&site->rogue, &admin_template, &site->rogue_admin);
    write_file("ca.pem", buffer_slice(&site->ca.pem));
    write_file("admin.pem", buffer_slice(&site->admin.certificate));
    write_file("admin.key", buffer_slice(&site->admin.key));
    write_file("rogue.pem", buffer_slice(&site->rogue_admin.certificate));
    write_file("rogue.key", buffer_slice(&site->rogue_admin.key));
    struct tls_options options = {.certificate_pem = buffer_slice(&site->identity.certificate),
                                  .key_pem = buffer_slice(&site->identity.key),
                                  .ca_pem = buffer_slice(&site->ca.pem)};
    site->config = configure(&options);
    site->server = http_server_open(site->loop, NULL, handle, site);
    site->listener = listener_open(site->loop, 100);
    EXPECT_EQ(listener_add_tcp(site->listener, "127.0.0.1:0", accepted, site, &status), 0);
    status_release(&status);
    return site;
}

static void run_command(struct task *task)
{
    struct site *site = CONTAINER_OF(task, struct site, task);
    struct buffer output = {0};
    char piece[1000];
    FILE *pipe = popen(site->command, "r");
    for (size_t size; (size = fread(piece, 1, sizeof(piece), pipe)) > 0;)
        buffer_append(&output, piece, size);
    pclose(pipe);
    site->output = buffer_take(&output);
}

static void command_done(struct task *task)
{
    loop_stop(task->loop);
}

/* Runs a shell command with $A as the server's address, while the server serves. */
static const char *run(struct site *site, const char *command)
{
    mem_free(site->output);
    snprintf(site->command, sizeof(site->command), "cd %s; A=%s; (%s) 2>&1", folder(),
             listener_address(site->listener, 0), command);
    site->task = (struct task){.work = run_command, .done = command_done};
    loop_submit(site->loop, LANE_COMMIT, &site->task);
    loop_run(site->loop);
    return site->output;
}

static void stop_loop(void *context)
{
    loop_stop(context);
}

static void site_close(struct site *site)
{
    listener_close(site->listener);
    http_server_close(site->server, stop_loop, site->loop);
    loop_run(site->loop);
    loop_destroy(site->loop);
    tls_config_unref(site->config);
    authority_close(&site->ca);
    authority_close(&site->rogue);
    identity_release(&site->identity);
    identity_release(&site->admin);
    identity_release(&site->rogue_admin);
    mem_free(site->output);
    mem_free(site);
}

TEST("curl is nobody, admin or unauthorized, as its certificate deserves")
{
    if (system("curl --version > /dev/null 2>&1") != 0)
        SKIP("curl is not installed");
    struct site *site = site_open();
    EXPECT_TEXT(run(site, "curl -s --cacert ca.pem https://$A/"), "none\n");
    EXPECT_TEXT(run(site, "curl -s --cacert ca.pem --cert admin.pem --key admin.key"
                          " https://$A/ https://$A/"),
                "trusted admin/system:masters/second\ntrusted admin/system:masters/second\n");
    EXPECT_TEXT(run(site, "curl -s -w '%{http_code}' --cacert ca.pem --cert rogue.pem"
                          " --key rogue.key https://$A/"),
                "untrusted\n401");
    EXPECT(strstr(run(site, "curl -sv https://$A/"), "unable to get local issuer certificate"));
    EXPECT(strstr(run(site, "curl -s http://$A/"), "HTTP request to an HTTPS server"));
    site_close(site);
}

TEST("kubectl (Go's TLS) shows its certificate and is admin")
{
    const char *kubectl = getenv("KUBECTL") ? getenv("KUBECTL") : "kubectl";
    struct buffer command = {0};
    buffer_format(&command, "%s version --client > /dev/null 2>&1", kubectl);
    if (system(command.data) != 0)
        SKIP("kubectl is not installed");
    struct site *site = site_open();
    buffer_clear(&command);
    buffer_format(&command,
                  "HOME=. %s --kubeconfig=/dev/null --server=https://$A"
                  " --certificate-authority=ca.pem"
                  " --client-certificate=admin.pem --client-key=admin.key get --raw /whoami",
                  kubectl);
    EXPECT_TEXT(run(site, command.data), "trusted admin/system:masters/second\n");
    buffer_release(&command);
    site_close(site);
}

TEST("openssl gets TLS 1.2 with the suites we chose, and no others")
{
    if (system("openssl version > /dev/null 2>&1") != 0)
        SKIP("openssl is not installed");
    struct site *site = site_open();
    static const char *const good[] = {"ECDHE-ECDSA-AES128-GCM-SHA256",
                                       "ECDHE-ECDSA-AES256-GCM-SHA384",
                                       "ECDHE-ECDSA-CHACHA20-POLY1305"};
    static const char *const bad[] = {"ECDHE-ECDSA-AES128-SHA256", "ECDHE-ECDSA-AES128-SHA",
                                      "ECDHE-ECDSA-AES128-CCM8", "AES128-GCM-SHA256"};
    struct buffer command = {0};
    for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
        buffer_clear(&command);
        buffer_format(&command, "echo Q | openssl s_client -connect $A -CAfile ca.pem -cipher %s",
                      good[i]);
        const char *output = run(site, command.data);
        EXPECT(strstr(output, "Verify return code: 0 (ok)"));
        EXPECT(strstr(output, "Protocol  : TLSv1.2"));
        EXPECT(strstr(output, good[i]));
        EXPECT(strstr(output, "Secure Renegotiation IS supported"));
    }
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        buffer_clear(&command);
        buffer_format(&command,
                      "echo Q | openssl s_client -connect $A -no_tls1_3 -cipher %s:@SECLEVEL=0",
                      bad[i]);
        EXPECT(strstr(run(site, command.data), "Cipher is (NONE)"));
    }
    EXPECT(strstr(run(site, "echo Q | openssl s_client -connect $A -tls1_1"
                            " -cipher DEFAULT:@SECLEVEL=0"),
                  "Cipher is (NONE)"));
    EXPECT(strstr(run(site, "echo Q | openssl s_client -connect $A -tls1_3"), "Cipher is (NONE)"));
    EXPECT(strstr(run(site, "echo Q | openssl s_client -connect $A -alpn h2,http/1.1"),
                  "ALPN protocol: http/1.1"));
    buffer_release(&command);
    site_close(site);
}

TEST("a session is not resumed, so that nobody loses or keeps an identity by it")
{
    if (system("openssl version > /dev/null 2>&1") != 0)
        SKIP("openssl is not installed");
    struct site *site = site_open();
    run(site, "echo Q | openssl s_client -connect $A -sess_out s.pem"
              " -cert admin.pem -key admin.key");
    EXPECT(
        strstr(run(site, "echo Q | openssl s_client -connect $A -sess_in s.pem"), "New, TLSv1.2"));
    EXPECT(!strstr(site->output, "Reused"));
    site_close(site);
}

TEST("renegotiation is refused")
{
    if (system("openssl version > /dev/null 2>&1") != 0)
        SKIP("openssl is not installed");
    struct site *site = site_open();
    const char *output = run(site, "(sleep 0.3; echo R; sleep 0.3) |"
                                   " openssl s_client -connect $A -tls1_2");
    EXPECT(strstr(output, "no renegotiation"));
    site_close(site);
}
