/* "HOST:PORT" texts. */
#ifndef CORE_NET_ADDRESS_H
#define CORE_NET_ADDRESS_H

#include <netinet/in.h>
#include <sys/socket.h>

#include "core/buffer.h"
#include "core/status.h"

/* Splits "1.2.3.4:80", "name:80", "[::1]:80" or ":80" (an empty host). The host
 * is borrowed from text. Fails with BAD_REQUEST. */
MUST_USE int address_split(const char *text, struct slice *host, uint16_t *port,
                           struct status *status);
/* Reads a numeric host ("" is every address, "localhost" is 127.0.0.1). */
MUST_USE int address_parse(const char *text, struct sockaddr_storage *address,
                           struct status *status);
/* Reads an IP address alone: 4 or 16 bytes, network order; gives their number,
 * 0 when the text is none. */
size_t address_parse_ip(struct slice text, uint8_t bytes[16]);

#endif
