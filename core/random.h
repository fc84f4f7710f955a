/* Randomness that is passed in: seeded and repeatable in tests, from the
 * operating system for keys, tokens and UIDs in production. */
#ifndef CORE_RANDOM_H
#define CORE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

struct random {
    void (*fill)(struct random *random, void *bytes, size_t size);
};

struct random *random_system(void); /* getrandom(2); the process's one. */

struct random_seeded {
    struct random random;
    uint64_t state[4];
};
void random_seeded_init(struct random_seeded *seeded, uint64_t seed);

uint64_t random_u64(struct random *random);
uint64_t random_below(struct random *random, uint64_t limit); /* 0..limit-1, no bias. */
#define UUID_TEXT_SIZE 37
void random_uuid(struct random *random, char text[UUID_TEXT_SIZE]); /* Version 4, RFC 9562. */
/* n letters of upstream's name alphabet bcdfghjklmnpqrstvwxz2456789, and a NUL. */
void random_name_suffix(struct random *random, char *text, size_t n);

#endif
