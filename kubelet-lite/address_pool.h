/* IPv4 addresses of a range, each given once at a time.
 *
 * One bit for each address; the memory of a large range is touched only where
 * addresses were given. The first and the last of the range are never given. */
#ifndef KUBELET_ADDRESS_POOL_H
#define KUBELET_ADDRESS_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buffer.h"

#define ADDRESS_TEXT_SIZE 16

struct address_pool {
    uint32_t base;   /* Host order. */
    uint32_t size;   /* A power of two, at least 4. */
    uint32_t next;   /* Where the search goes on: an address is not given again soon. */
    uint32_t held;
    uint64_t *bits;
};

/* prefix_bits is 8 to 30; base has no bits behind the prefix. */
void address_pool_init(struct address_pool *pool, uint32_t base, unsigned prefix_bits);
void address_pool_release(struct address_pool *pool);

/* A free address, now held; 0 when all are. */
uint32_t address_pool_take(struct address_pool *pool);
/* Marks one as held; harmless for one of another range. */
void address_pool_hold(struct address_pool *pool, uint32_t address);
void address_pool_free(struct address_pool *pool, uint32_t address); /* Harmless for 0. */

void ipv4_print(uint32_t address, char text[ADDRESS_TEXT_SIZE]);
uint32_t ipv4_parse(struct slice text); /* Dotted decimals; 0 for anything else. */

#endif
