#include "kubelet-lite/address_pool.h"

#include <stdio.h>

void address_pool_init(struct address_pool *pool, uint32_t base, unsigned prefix_bits)
{
    PRE(prefix_bits >= 8 && prefix_bits <= 30);
    *pool = (struct address_pool){.base = base, .size = UINT32_C(1) << (32 - prefix_bits)};
    PRE((base & (pool->size - 1)) == 0);
    pool->bits = mem_alloc(pool->size / 64 * sizeof(*pool->bits) + sizeof(*pool->bits));
    pool->bits[0] |= 1;
    pool->bits[(pool->size - 1) / 64] |= UINT64_C(1) << ((pool->size - 1) % 64);
    pool->held = 2;
    pool->next = 1;
}

void address_pool_release(struct address_pool *pool)
{
    mem_free(pool->bits);
    *pool = (struct address_pool){0};
}

static bool is_held(const struct address_pool *pool, uint32_t offset)
{
    return (pool->bits[offset / 64] >> (offset % 64) & 1) != 0;
}

static bool has(const struct address_pool *pool, uint32_t address)
{
    return address >= pool->base && address - pool->base < pool->size;
}

void address_pool_hold(struct address_pool *pool, uint32_t address)
{
    uint32_t offset = address - pool->base;
    if (!has(pool, address) || is_held(pool, offset))
        return;
    pool->bits[offset / 64] |= UINT64_C(1) << (offset % 64);
    pool->held++;
}

void address_pool_free(struct address_pool *pool, uint32_t address)
{
    uint32_t offset = address - pool->base;
    bool is_end = offset == 0 || offset == pool->size - 1;
    if (!has(pool, address) || is_end || !is_held(pool, offset))
        return;
    pool->bits[offset / 64] &= ~(UINT64_C(1) << (offset % 64));
    pool->held--;
}

uint32_t address_pool_take(struct address_pool *pool)
{
    if (pool->held == pool->size)
        return 0;
    while (is_held(pool, pool->next))
        pool->next = (pool->next + 1) & (pool->size - 1);
    uint32_t address = pool->base + pool->next;
    address_pool_hold(pool, address);
    pool->next = (pool->next + 1) & (pool->size - 1);
    return address;
}

void ipv4_print(uint32_t address, char text[ADDRESS_TEXT_SIZE])
{
    snprintf(text, ADDRESS_TEXT_SIZE, "%u.%u.%u.%u", address >> 24, address >> 16 & 255,
             address >> 8 & 255, address & 255);
}

uint32_t ipv4_parse(struct slice text)
{
    uint32_t address = 0;
    struct slice part;
    int parts = 0;
    while (slice_split(&text, '.', &part)) {
        int64_t value;
        if (++parts > 4 || part.size > 3 || !slice_to_int64(part, &value) || value < 0 ||
            value > 255)
            return 0;
        address = address << 8 | (uint32_t)value;
    }
    return parts == 4 ? address : 0;
}
