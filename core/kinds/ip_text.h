/* Addresses as texts: 10.9.8.7, 2001:db8::ffff, and ranges of them, 10.0.0.0/8.
 * Rules: Go's net.ParseIP as k8s.io/utils/net has it, and net/netip. Pure. */
#ifndef CORE_KINDS_IP_TEXT_H
#define CORE_KINDS_IP_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/buffer.h"

struct ip_address {
    uint8_t bytes[16]; /* The first 4 of IPv4. */
    bool is_v6;
};

bool ip_parse(struct slice text, struct ip_address *address);
bool ip_is_valid(struct slice text);
bool ip_is_v6(struct slice text); /* Of a valid one. */
/* ADDRESS/BITS; gives the address as it stands and the number of bits. */
bool cidr_parse(struct slice text, struct ip_address *address, int *bits);

#endif
