/* getrandom(2), and xoshiro256** for tests. */
#include "core/random.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "core/check.h"

static void fill_from_system(struct random *random, void *bytes, size_t size)
{
    (void)random;
    char *next = bytes;
    while (size > 0) {
        ssize_t got = getrandom(next, size, 0);
        if (got < 0) {
            PRE(errno == EINTR); /* Without randomness there are no keys: end. */
            continue;
        }
        next += got;
        size -= (size_t)got;
    }
}

struct random *random_system(void)
{
    static struct random system = {fill_from_system};
    return &system;
}

static uint64_t rotate(uint64_t word, int bits)
{
    return word << bits | word >> (64 - bits);
}

static uint64_t next_seeded(uint64_t s[4])
{
    uint64_t result = rotate(s[1] * 5, 7) * 9;
    uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    return result;
}

static void fill_from_seed(struct random *random, void *bytes, size_t size)
{
    struct random_seeded *seeded = CONTAINER_OF(random, struct random_seeded, random);
    char *next = bytes;
    while (size > 0) {
        uint64_t word = next_seeded(seeded->state);
        size_t part = size < sizeof(word) ? size : sizeof(word);
        memcpy(next, &word, part);
        next += part;
        size -= part;
    }
}

void random_seeded_init(struct random_seeded *seeded, uint64_t seed)
{
    seeded->random.fill = fill_from_seed;
    for (int i = 0; i < 4; i++) { /* splitmix64, so that near seeds give far states. */
        seed += UINT64_C(0x9e3779b97f4a7c15);
        uint64_t z = seed;
        z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
        seeded->state[i] = z ^ z >> 31;
    }
}

uint64_t random_u64(struct random *random)
{
    uint64_t word;
    random->fill(random, &word, sizeof(word));
    return word;
}

uint64_t random_below(struct random *random, uint64_t limit)
{
    PRE(limit > 0);
    uint64_t unfair = -limit % limit; /* 2^64 mod limit: words below it would favour some. */
    uint64_t word;
    do
        word = random_u64(random);
    while (word < unfair);
    return word % limit;
}

void random_uuid(struct random *random, char text[UUID_TEXT_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    uint8_t b[16];
    random->fill(random, b, sizeof(b));
    b[6] = (uint8_t)((b[6] & 0x0f) | 0x40); /* Version 4, */
    b[8] = (uint8_t)((b[8] & 0x3f) | 0x80); /* of RFC 9562's variant. */
    char *next = text; /* By hand: every object that is created gets one. */
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *next++ = '-';
        *next++ = digits[b[i] >> 4];
        *next++ = digits[b[i] & 15];
    }
    *next = '\0';
}

void random_name_suffix(struct random *random, char *text, size_t n)
{
    static const char letters[] = "bcdfghjklmnpqrstvwxz2456789";
    for (size_t i = 0; i < n; i++)
        text[i] = letters[random_below(random, sizeof(letters) - 1)];
    text[n] = '\0';
}
