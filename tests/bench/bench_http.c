/* What the HTTP layer alone can do: fixed bytes over keep-alive connections.
 *
 *     bench_http                 serves, prints the port, waits (for wrk and the like)
 *     bench_http self [SECONDS]  loads itself from a second thread, prints requests/s
 *
 * The built-in client keeps 64 connections with one request in flight on each,
 * with plain system calls, so that the server's loop is what is measured. */
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/net/http_server.h"
#include "core/net/listener.h"

#define CONNECTIONS 64

static const char body[] =
    "{\"kind\":\"ConfigMap\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"bench\",\"namespace\":"
    "\"default\",\"uid\":\"6d1f7a52-3f0e-4a43-9d07-94cf7ef28a42\",\"resourceVersion\":\"12345\"},"
    "\"data\":{\"key\":\"value\",\"other\":\"another value\"}}";

static void handle(void *context, struct http_exchange *exchange)
{
    struct http_header header = HTTP_HEADER("Content-Type", SLICE("application/json"));
    (void)context;
    http_reply(exchange, 200, &header, 1, (struct slice){body, sizeof(body) - 1});
}

static void accepted(void *context, struct stream *stream)
{
    http_server_accept(context, stream);
}

struct load {
    struct loop *loop;
    int port;
    int seconds;
    long requests;
    double cpu_seconds; /* Of the client's own thread. */
    struct message done;
};

static int dial(int port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0) {
        perror("connect");
        exit(1);
    }
    return fd;
}

static void ask(int fd)
{
    static const char request[] =
        "GET /api/v1/namespaces/default/configmaps/bench HTTP/1.1\r\nHost: 127.0.0.1:6443\r\n"
        "User-Agent: bench/v1 (linux/amd64)\r\nAccept: application/json\r\n"
        "Accept-Encoding: gzip\r\n\r\n";
    if (write(fd, request, sizeof(request) - 1) != (ssize_t)sizeof(request) - 1)
        exit(1);
}

static double thread_seconds(void)
{
    struct rusage usage;
    getrusage(RUSAGE_THREAD, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void *run_load(void *context)
{
    struct load *load = context;
    struct pollfd fds[CONNECTIONS];
    char reply[4096];
    for (int i = 0; i < CONNECTIONS; i++) {
        fds[i] = (struct pollfd){.fd = dial(load->port), .events = POLLIN};
        ask(fds[i].fd);
    }
    int64_t end_us = clock_steady_us(clock_real()) + (int64_t)load->seconds * 1000000;
    while (clock_steady_us(clock_real()) < end_us) {
        poll(fds, CONNECTIONS, 1000);
        for (int i = 0; i < CONNECTIONS; i++) {
            if ((fds[i].revents & POLLIN) == 0)
                continue;
            if (read(fds[i].fd, reply, sizeof(reply)) <= 0)
                exit(1);
            load->requests++; /* A reply this small comes in one piece. */
            ask(fds[i].fd);
        }
    }
    load->cpu_seconds = thread_seconds();
    loop_post(load->loop, &load->done);
    return NULL;
}

static void load_done(struct message *done)
{
    loop_stop(CONTAINER_OF(done, struct load, done)->loop);
}

static void load_itself(struct loop *loop, int port, int seconds)
{
    struct load load = {.loop = loop, .port = port, .seconds = seconds, .done = {load_done, {0}}};
    pthread_t thread;
    if (pthread_create(&thread, NULL, run_load, &load) != 0)
        exit(1);
    loop_run(loop);
    pthread_join(thread, NULL);
    double cpu_seconds = thread_seconds();
    printf("%.0f requests/s, %.2f us of the loop's CPU each (%zu-byte body, %d connections)\n",
           (double)load.requests / seconds, cpu_seconds * 1e6 / (double)load.requests,
           sizeof(body) - 1, CONNECTIONS);
}

int main(int count, char **words)
{
    struct loop *loop = loop_create(1);
    struct http_server *server = http_server_open(loop, NULL, handle, NULL);
    struct listener *listener = listener_open(loop, 10000);
    struct status status;
    bool self = count > 1 && strcmp(words[1], "self") == 0;
    status_init(&status);
    if (listener_add_tcp(listener, "127.0.0.1:0", accepted, server, &status)) {
        fprintf(stderr, "%s\n", status.message);
        return 1;
    }
    const char *address = listener_address(listener, 0);
    int port = atoi(strrchr(address, ':') + 1);
    if (self) {
        load_itself(loop, port, count > 2 ? atoi(words[2]) : 3);
        return 0;
    }
    printf("serving on http://%s\n", address);
    fflush(stdout);
    loop_run(loop);
    return 0;
}
