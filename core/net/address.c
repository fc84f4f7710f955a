#include "core/net/address.h"

#include <arpa/inet.h>

int address_split(const char *text, struct slice *host, uint16_t *port, struct status *status)
{
    struct slice all = slice_of(text);
    const char *colon = strrchr(text, ':');
    int64_t number;
    if (!colon)
        return status_fail(status, STATUS_BAD_REQUEST, "address %s: missing port", text);
    if (!slice_to_int64(slice_of(colon + 1), &number) || number < 0 || number > UINT16_MAX)
        return status_fail(status, STATUS_BAD_REQUEST, "address %s: bad port", text);
    *port = (uint16_t)number;
    *host = slice_sub(all, 0, (size_t)(colon - text));
    if (host->size > 1 && host->data[0] == '[' && host->data[host->size - 1] == ']')
        *host = slice_sub(*host, 1, host->size - 1);
    else if (slice_find(*host, ':') >= 0)
        return status_fail(status, STATUS_BAD_REQUEST, "address %s: too many colons", text);
    return 0;
}

size_t address_parse_ip(struct slice text, uint8_t bytes[16])
{
    char copy[INET6_ADDRSTRLEN];
    if (text.size == 0 || text.size >= sizeof(copy))
        return 0;
    memcpy(copy, text.data, text.size);
    copy[text.size] = '\0';
    if (inet_pton(AF_INET, copy, bytes) == 1)
        return 4;
    return inet_pton(AF_INET6, copy, bytes) == 1 ? 16 : 0;
}

int address_parse(const char *text, struct sockaddr_storage *address, struct status *status)
{
    struct slice host;
    uint16_t port;
    uint8_t ip[16] = {0}; /* All zero: every address. */
    struct sockaddr_in6 *six = (void *)address;
    struct sockaddr_in *four = (void *)address;
    if (address_split(text, &host, &port, status))
        return -1;
    size_t size = host.size == 0 ? 16 : address_parse_ip(host, ip);
    if (slice_is(host, "localhost"))
        size = address_parse_ip(SLICE("127.0.0.1"), ip);
    if (size == 0)
        return status_fail(status, STATUS_BAD_REQUEST, "address %s: the host is no IP address",
                           text);
    memset(address, 0, sizeof(*address));
    if (size == 4) {
        four->sin_family = AF_INET;
        four->sin_port = htons(port);
        memcpy(&four->sin_addr, ip, sizeof(four->sin_addr));
    } else {
        six->sin6_family = AF_INET6;
        six->sin6_port = htons(port);
        memcpy(&six->sin6_addr, ip, sizeof(six->sin6_addr));
    }
    return 0;
}
