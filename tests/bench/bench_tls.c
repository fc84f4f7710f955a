/* What TLS costs: handshakes, and requests over connections that are kept.
 *
 *     bench_tls [SECONDS]     measures itself, both ends in this process
 *     bench_tls serve         serves fixed bytes, prints the address, for wrk and curl -k
 *
 * Both ends run BearSSL here, so that handshakes/s is of client and server
 * together; the server's part is shown as CPU time of its threads. The longest
 * turn of the server's loop is what a handshake on it would be seen by. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "core/net/dial.h"
#include "core/net/http_server.h"
#include "core/net/listener.h"
#include "core/net/pem.h"
#include "core/net/tls.h"

#define SECOND INT64_C(1000000)
#define CLIENTS 8

static const char body[] =
    "{\"kind\":\"ConfigMap\",\"apiVersion\":\"v1\",\"data\":{\"key\":\"value\"}}";

/* --- Keys --- */

struct keys {
    struct ec_key ca_key;
    struct buffer ca, ca_pem;
    struct buffer pem[2], key_pem[2]; /* Server, client. */
};

static void make_keys(struct keys *keys)
{
    static const char *const addresses[] = {"127.0.0.1", NULL};
    struct random *random = random_system();
    int64_t now_us = clock_wall_us(clock_real());
    struct x509_template template = {.common_name = "bench",
                                     .not_before_us = now_us - SECOND,
                                     .not_after_us = now_us + 86400 * SECOND,
                                     .addresses = addresses};
    struct status status;
    status_init(&status);
    ec_key_generate(random, &keys->ca_key);
    x509_make_ca(random, &template, &keys->ca_key, &keys->ca);
    pem_write("CERTIFICATE", buffer_slice(&keys->ca), &keys->ca_pem);
    for (int i = 0; i < 2; i++) {
        struct ec_key key;
        struct buffer public_key = {0}, der = {0};
        template.usage = i ? X509_CLIENT_AUTH : X509_SERVER_AUTH;
        ec_key_generate(random, &key);
        ec_key_write_public_der(&key, &public_key);
        if (x509_sign(random, &template, buffer_slice(&public_key), buffer_slice(&keys->ca),
                      &keys->ca_key, &der, &status))
            exit(1);
        pem_write("CERTIFICATE", buffer_slice(&der), &keys->pem[i]);
        ec_key_write_pem(&key, &keys->key_pem[i]);
        buffer_release(&public_key);
        buffer_release(&der);
    }
}

static struct tls_config *configure(const struct keys *keys, int who)
{
    struct tls_options options = {.ca_pem = buffer_slice(&keys->ca_pem)};
    struct status status;
    status_init(&status);
    if (who >= 0) {
        options.certificate_pem = buffer_slice(&keys->pem[who]);
        options.key_pem = buffer_slice(&keys->key_pem[who]);
    }
    return tls_config_create(&options, &status);
}

/* --- The server --- */

struct site {
    struct loop *loop;
    struct http_server *server;
    struct tls_config *config;
};

static void handle(void *context, struct http_exchange *exchange)
{
    struct http_header header = HTTP_HEADER("Content-Type", SLICE("application/json"));
    (void)context;
    http_reply(exchange, 200, &header, 1, (struct slice){body, sizeof(body) - 1});
}

static void accepted(void *context, struct stream *stream)
{
    struct site *site = context;
    http_server_accept(site->server, tls_open_server(site->config, stream));
}

/* --- The clients: a loop of their own on a thread of their own --- */

struct swarm {
    struct loop *loop;
    struct tls_config *config;
    const char *address;
    int64_t end_us;
    long handshakes;
    int active;
    struct loop *server_loop;
    struct message done;
};

struct client {
    struct swarm *swarm;
    struct stream *stream;
};

static void begin(struct client *client);

static void client_read(void *context, struct slice data)
{
    struct client *client = context;
    (void)data;
    client->swarm->handshakes++;
    stream_close(client->stream);
}

static void client_failed(void *context, const char *why)
{
    (void)context;
    fprintf(stderr, "client: %s\n", why);
    exit(1);
}

static void client_closed(void *context)
{
    begin(context);
}

static const struct stream_handler client_handler = {
    .on_read = client_read, .on_error = client_failed, .on_close = client_closed};

static void dialled(void *context, struct stream *stream, const struct status *status)
{
    struct client *client = context;
    if (!stream)
        client_failed(client, status->message);
    client->stream = tls_open_client(client->swarm->config, stream, "127.0.0.1");
    stream_set_handler(client->stream, &client_handler, client);
    stream_read_start(client->stream);
    stream_write(client->stream, SLICE("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
}

static void begin(struct client *client)
{
    struct swarm *swarm = client->swarm;
    if (clock_steady_us(clock_real()) < swarm->end_us)
        dial_open(swarm->loop, swarm->address, SECOND, dialled, client);
    else if (--swarm->active == 0)
        loop_stop(swarm->loop);
}

static void *run_swarm(void *context)
{
    struct swarm *swarm = context;
    static struct client clients[CLIENTS];
    swarm->active = CLIENTS;
    for (int i = 0; i < CLIENTS; i++) {
        clients[i].swarm = swarm;
        begin(&clients[i]);
    }
    loop_run(swarm->loop);
    loop_post(swarm->server_loop, &swarm->done);
    return NULL;
}

/* --- How long the server's loop is held --- */

struct pulse {
    struct message message;
    struct loop *loop;
    int64_t last_us, longest_us;
    int64_t turns_over_2_ms, turns;
};

/* Runs on every turn of the loop, which therefore never sleeps here. */
static void beat(struct message *message)
{
    struct pulse *pulse = CONTAINER_OF(message, struct pulse, message);
    int64_t now_us = clock_steady_us(clock_real()), gap_us = now_us - pulse->last_us;
    pulse->turns++;
    pulse->turns_over_2_ms += gap_us > 2000;
    if (gap_us > pulse->longest_us)
        pulse->longest_us = gap_us;
    pulse->last_us = now_us;
    loop_post(pulse->loop, &pulse->message);
}

static double seconds_of(int who)
{
    struct rusage usage;
    getrusage(who, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void done(struct message *message)
{
    loop_stop(CONTAINER_OF(message, struct swarm, done)->server_loop);
}

static void measure(struct site *site, const char *address, const struct keys *keys, bool mutual,
                    bool with_pulse, int seconds)
{
    struct swarm swarm = {.loop = loop_create(1),
                          .address = address,
                          .config = configure(keys, mutual ? 1 : -1),
                          .server_loop = site->loop,
                          .end_us = clock_steady_us(clock_real()) + seconds * SECOND,
                          .done = {.deliver = done}};
    static struct pulse pulse;
    pulse = (struct pulse){
        .message = {.deliver = beat}, .loop = site->loop, .last_us = clock_steady_us(clock_real())};
    pthread_t thread;
    double loop_before = seconds_of(RUSAGE_THREAD), all_before = seconds_of(RUSAGE_SELF);
    if (with_pulse)
        loop_post(site->loop, &pulse.message);
    if (pthread_create(&thread, NULL, run_swarm, &swarm) != 0)
        exit(1);
    loop_run(site->loop);
    pthread_join(thread, NULL);
    double loop_us = (seconds_of(RUSAGE_THREAD) - loop_before) * 1e6;
    double all_us = (seconds_of(RUSAGE_SELF) - all_before) * 1e6;
    printf("%s: %.0f handshakes/s, both ends %.0f us of CPU each",
           mutual ? "mutual" : "server only", (double)swarm.handshakes / seconds,
           all_us / (double)swarm.handshakes);
    if (with_pulse)
        printf("; longest turn of the loop %.2f ms, %lld of %lld over 2 ms\n",
               (double)pulse.longest_us / 1000, (long long)pulse.turns_over_2_ms,
               (long long)pulse.turns);
    else
        printf(", of these the server's loop %.0f us\n", loop_us / (double)swarm.handshakes);
    loop_destroy(swarm.loop);
    tls_config_unref(swarm.config);
}

int main(int count, char **words)
{
    static struct keys keys;
    struct site site = {.loop = loop_create(0)};
    struct listener *listener = listener_open(site.loop, 10000);
    struct status status;
    int seconds = count > 1 && atoi(words[1]) > 0 ? atoi(words[1]) : 3;
    status_init(&status);
    make_keys(&keys);
    site.config = configure(&keys, 0);
    site.server = http_server_open(site.loop, NULL, handle, NULL);
    if (listener_add_tcp(listener, "127.0.0.1:0", accepted, &site, &status)) {
        fprintf(stderr, "%s\n", status.message);
        return 1;
    }
    const char *address = listener_address(listener, 0);
    if (count > 1 && strcmp(words[1], "serve") == 0) {
        printf("serving on https://%s\n", address);
        fflush(stdout);
        loop_run(site.loop);
        return 0;
    }
    measure(&site, address, &keys, false, false, seconds);
    measure(&site, address, &keys, true, false, seconds);
    measure(&site, address, &keys, true, true, seconds);
    return 0;
}
