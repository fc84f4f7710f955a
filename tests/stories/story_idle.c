/* Many who only hold a connection, and others who want an answer meanwhile. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "core/clock.h"
#include "tests/harness/real_server.h"

enum { FEW = 500, MANY = 10000, ASKED = 400 };

static void raise_file_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static size_t files_allowed(void)
{
    struct rlimit limit;
    return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? (size_t)limit.rlim_cur : 0;
}

/* A connection that never says anything, not even hello. */
static int dial_tcp(const struct real_server *server)
{
    struct sockaddr_in to = {.sin_family = AF_INET};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    to.sin_port = htons((uint16_t)atoi(strrchr(server->address, ':') + 1));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT(fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0);
    return fd;
}

static int dial_socket(const struct real_server *server)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    snprintf(to.sun_path, sizeof(to.sun_path), "%s/api.sock", server->folder);
    EXPECT(fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0);
    return fd;
}

/* One that has begun a request and does not go on. */
static int dial_half(const struct real_server *server)
{
    static const char half[] = "GET /readyz HTTP/1.1\r\nHost: a\r\nX-";
    int fd = dial_socket(server);
    EXPECT(write(fd, half, sizeof(half) - 1) > 0);
    return fd;
}

static int compare(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

/* Asks one after the other; the time that 99 of 100 answers take at most, in us. */
static int64_t ask(const struct real_server *server)
{
    static const char request[] = "GET /api/v1/namespaces/default HTTP/1.1\r\nHost: a\r\n\r\n";
    static int64_t waits[ASKED];
    char reply[8192];
    int fd = dial_socket(server);
    for (int i = 0; i < ASKED; i++) {
        int64_t begun_us = clock_steady_us(clock_real());
        EXPECT(write(fd, request, sizeof(request) - 1) == sizeof(request) - 1);
        ssize_t size = read(fd, reply, sizeof(reply));
        EXPECT(size > 15 && memcmp(reply + 9, "200", 3) == 0);
        waits[i] = clock_steady_us(clock_real()) - begun_us;
    }
    close(fd);
    qsort(waits, ASKED, sizeof(waits[0]), compare);
    return waits[ASKED * 99 / 100];
}

TEST_LIMIT(120, "idle connections and half requests slow nobody down")
{
    struct real_server server;
    static int fds[MANY];
    int count = test_full ? MANY : FEW;
    raise_file_limit();
    if (files_allowed() < (size_t)count + 100)
        test_skip("files may not be opened");
    real_server_start(&server, "server", "");
    int64_t before_us = ask(&server);
    for (int i = 0; i < count; i++)
        fds[i] = i % 2 == 0 ? dial_half(&server) : dial_tcp(&server);
    int64_t with_us = ask(&server);
    for (int tries = 0; tries < 5 && with_us > 2 * before_us; tries++) {
        before_us = before_us > with_us / 2 ? before_us : ask(&server);
        with_us = ask(&server); /* The machine may have had something else to do. */
    }
    if (test_full) /* Else the machine runs other tests too. */
        EXPECT(with_us <= 2 * before_us + 200);
    EXPECT_RUNS(&server, "coracle version");
    for (int i = 0; i < count; i++)
        close(fds[i]);
    ask(&server);
    real_server_stop(&server);
}
