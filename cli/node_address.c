#include "cli/node_address.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/net/address.h"

static const char *print(struct arena *arena, const struct sockaddr *address)
{
    char text[INET_ADDRSTRLEN];
    const void *in = &((const struct sockaddr_in *)(const void *)address)->sin_addr;
    if (!inet_ntop(AF_INET, in, text, sizeof(text)) || strncmp(text, "127.", 4) == 0)
        return NULL;
    return arena_copy_text(arena, text);
}

/* The kernel's choice for a datagram that is never sent. */
static const char *find_by_route(struct arena *arena, const struct addrinfo *server)
{
    struct sockaddr_storage own = {0};
    socklen_t size = sizeof(own);
    const char *found = NULL;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return NULL;
    if (connect(fd, server->ai_addr, server->ai_addrlen) == 0 &&
        getsockname(fd, (struct sockaddr *)&own, &size) == 0)
        found = print(arena, (const struct sockaddr *)&own);
    close(fd);
    return found;
}

static const char *find_by_server(struct arena *arena, const char *server)
{
    struct slice host;
    uint16_t port;
    struct status status;
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_DGRAM}, *all = NULL;
    const char *found = NULL;
    status_init(&status);
    if (address_split(server, &host, &port, &status) == 0 &&
        getaddrinfo(arena_copy_slice(arena, host), "53", &hints, &all) == 0)
        found = find_by_route(arena, all);
    if (all)
        freeaddrinfo(all);
    status_release(&status);
    return found;
}

static const char *find_first(struct arena *arena)
{
    struct ifaddrs *all = NULL;
    const char *found = NULL;
    if (getifaddrs(&all) < 0)
        return NULL;
    for (const struct ifaddrs *one = all; one && !found; one = one->ifa_next)
        if (one->ifa_addr && one->ifa_addr->sa_family == AF_INET && (one->ifa_flags & IFF_UP))
            found = print(arena, one->ifa_addr);
    freeifaddrs(all);
    return found;
}

const char *node_address_find(struct arena *arena, const char *server)
{
    const char *found = find_by_server(arena, server);
    if (!found)
        found = find_first(arena);
    return found ? found : "127.0.0.1";
}
