/* CRC-32C (Castagnoli): by the machine's own instruction where it has one, else
 * by tables, eight bytes at a time. Which is decided once, before main. */
#include <string.h>

#include "core/crypto.h"

#define POLYNOMIAL UINT32_C(0x82f63b78)

typedef uint32_t crc_fn(uint32_t crc, const unsigned char *data, size_t size);

static uint32_t tables[8][256]; /* tables[n][b]: b followed by n zero bytes. */

static void fill_tables(void)
{
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t crc = byte;
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? POLYNOMIAL : 0);
        tables[0][byte] = crc;
    }
    for (size_t n = 1; n < 8; n++)
        for (size_t byte = 0; byte < 256; byte++)
            tables[n][byte] = tables[n - 1][byte] >> 8 ^ tables[0][tables[n - 1][byte] & 255];
}

static uint32_t crc_by_tables(uint32_t crc, const unsigned char *data, size_t size)
{
    for (; size >= 8; size -= 8, data += 8) {
        uint64_t word;
        memcpy(&word, data, 8);
        word ^= crc;
        crc = 0;
        for (int n = 0; n < 8; n++)
            crc ^= tables[7 - n][word >> (n * 8) & 255];
    }
    for (; size > 0; size--, data++)
        crc = crc >> 8 ^ tables[0][(crc ^ *data) & 255];
    return crc;
}

#if defined(__x86_64__)

#include <cpuid.h>

#define CRC_TARGET __attribute__((target("sse4.2,crc32")))
#define CRC_WORD(crc, word) (uint32_t)__builtin_ia32_crc32di(crc, word)
#define CRC_BYTE(crc, byte) __builtin_ia32_crc32qi(crc, byte)

static bool machine_has_crc(void)
{
    unsigned a, b, c, d;
    return __get_cpuid(1, &a, &b, &c, &d) && (c & bit_SSE4_2) != 0;
}

#elif defined(__aarch64__)

#include <arm_acle.h>
#include <sys/auxv.h>

#define CRC_TARGET __attribute__((target("+crc")))
#define CRC_WORD(crc, word) __crc32cd(crc, word)
#define CRC_BYTE(crc, byte) __crc32cb(crc, byte)
#define HWCAP_HAS_CRC32 (1UL << 7) /* As in asm/hwcap.h. */

static bool machine_has_crc(void)
{
    return (getauxval(AT_HWCAP) & HWCAP_HAS_CRC32) != 0;
}

#endif

CRC_TARGET static uint32_t crc_by_machine(uint32_t crc, const unsigned char *data, size_t size)
{
    for (; size >= 8; size -= 8, data += 8) {
        uint64_t word;
        memcpy(&word, data, 8);
        crc = CRC_WORD(crc, word);
    }
    for (; size > 0; size--, data++)
        crc = CRC_BYTE(crc, *data);
    return crc;
}

static crc_fn *chosen = crc_by_tables;

__attribute__((constructor)) static void choose(void)
{
    fill_tables();
    if (machine_has_crc())
        chosen = crc_by_machine;
}

uint32_t crc32c(uint32_t seed, const void *data, size_t size)
{
    return ~chosen(~seed, data, size);
}

uint32_t crc32c_portable(uint32_t seed, const void *data, size_t size)
{
    return ~crc_by_tables(~seed, data, size);
}
