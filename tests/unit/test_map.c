/* core/map: byte strings to pointers. */
#include "core/map.h"

#include <stdio.h>

#include "core/random.h"
#include "tests/harness/test.h"

static struct slice key_of(uint64_t n)
{
    static char text[32];
    int size = snprintf(text, sizeof(text), "key-%llu", (unsigned long long)n);
    return (struct slice){text, (size_t)size};
}

TEST("a map agrees with a plain table through many changes")
{
    enum { KEYS = 300 };
    static int values[KEYS];
    void *expected[KEYS] = {0};
    size_t expected_count = 0;
    struct random_seeded random;
    random_seeded_init(&random, 2);
    struct map map;
    map_init(&map);
    for (int round = 0; round < 30000; round++) {
        uint64_t n = random_below(&random.random, KEYS);
        if (random_below(&random.random, 2)) {
            void *value = &values[random_below(&random.random, KEYS)];
            EXPECT(map_set(&map, key_of(n), value) == expected[n]);
            expected_count += expected[n] == NULL;
            expected[n] = value;
        } else {
            EXPECT(map_remove(&map, key_of(n)) == expected[n]);
            expected_count -= expected[n] != NULL;
            expected[n] = NULL;
        }
        EXPECT(map_get(&map, key_of(n)) == expected[n]);
        EXPECT_EQ(map.count, expected_count);
    }
    for (uint64_t n = 0; n < KEYS; n++)
        EXPECT(map_get(&map, key_of(n)) == expected[n]);
    size_t cursor = 0;
    struct map_entry entry;
    for (; map_next(&map, &cursor, &entry); expected_count--)
        EXPECT(map_get(&map, entry.key) == entry.value);
    EXPECT_EQ(expected_count, 0);
    map_release(&map);
    map_release(&map);
    map_release(NULL);
}

TEST("any bytes are a key, the empty ones and NULs included")
{
    struct map map;
    map_init(&map);
    int a, b, c;
    EXPECT(map_get(&map, SLICE("")) == NULL && map_remove(&map, SLICE("")) == NULL);
    EXPECT(map_set(&map, (struct slice){NULL, 0}, &a) == NULL);
    EXPECT(map_set(&map, SLICE("\0"), &b) == NULL);
    EXPECT(map_set(&map, SLICE("\0\0"), &c) == NULL);
    EXPECT(map_get(&map, SLICE("")) == &a);
    EXPECT(map_get(&map, SLICE("\0")) == &b);
    EXPECT(map_get(&map, SLICE("\0\0")) == &c);
    EXPECT_DIES((void)map_set(&map, SLICE("x"), NULL));
    map_release(&map);
}

TEST("a borrowing map follows the key of the latest value")
{
    struct map map;
    map_init_borrowing(&map);
    char first[] = "name";
    char second[] = "name";
    EXPECT(map_set(&map, slice_of(first), first) == NULL);
    EXPECT(map_set(&map, slice_of(second), second) == first);
    memset(first, 'x', 4); /* The first value is gone. */
    EXPECT(map_get(&map, SLICE("name")) == second);
    EXPECT(map_set(&map, (struct slice){NULL, 0}, first) == NULL);
    EXPECT(map_get(&map, SLICE("")) == first);
    map_release(&map);
}

TEST("the hash is SipHash-1-3 under a seed, and differs under another")
{
    map_seed(1);
    uint64_t one = map_hash(SLICE("some key"));
    EXPECT(one == map_hash(SLICE("some key")));
    EXPECT(one != map_hash(SLICE("some kez")));
    map_seed(2);
    EXPECT(one != map_hash(SLICE("some key")));
}
