/* core/random: seeded and from the system. */
#include "core/random.h"

#include "tests/harness/test.h"

TEST("one seed gives one sequence, another seed another")
{
    struct random_seeded a, b, c;
    random_seeded_init(&a, 7);
    random_seeded_init(&b, 7);
    random_seeded_init(&c, 8);
    int same = 0;
    for (int i = 0; i < 100; i++) {
        uint64_t word = random_u64(&a.random);
        EXPECT(word == random_u64(&b.random));
        same += word == random_u64(&c.random);
    }
    EXPECT_EQ(same, 0);
}

TEST("numbers below a limit stay below it and reach all of it")
{
    struct random_seeded random;
    random_seeded_init(&random, 3);
    int seen[7] = {0};
    for (int i = 0; i < 7000; i++)
        seen[random_below(&random.random, 7)]++;
    for (int i = 0; i < 7; i++)
        EXPECT(seen[i] > 800 && seen[i] < 1200);
    EXPECT_EQ(random_below(&random.random, 1), 0);
    EXPECT(random_below(&random.random, UINT64_MAX) < UINT64_MAX);
    EXPECT_DIES((void)random_below(&random.random, 0));
}

TEST("a UUID has the form of version 4")
{
    for (int i = 0; i < 100; i++) {
        char text[UUID_TEXT_SIZE];
        random_uuid(random_system(), text);
        EXPECT_EQ(strlen(text), 36);
        EXPECT_EQ(strspn(text, "0123456789abcdef-"), 36);
        EXPECT(text[8] == '-' && text[13] == '-' && text[18] == '-' && text[23] == '-');
        EXPECT_EQ(text[14], '4');
        EXPECT(strchr("89ab", text[19]) != NULL);
    }
}

TEST("a name suffix uses upstream's letters, and odd sizes fill whole")
{
    char text[33];
    random_name_suffix(random_system(), text, 32);
    EXPECT_EQ(strlen(text), 32);
    EXPECT_EQ(strspn(text, "bcdfghjklmnpqrstvwxz2456789"), 32);
    random_name_suffix(random_system(), text, 0);
    EXPECT_TEXT(text, "");
    unsigned char bytes[1001] = {0};
    struct random_seeded random;
    random_seeded_init(&random, 5);
    random.random.fill(&random.random, bytes, 1000);
    EXPECT_EQ(bytes[1000], 0);
    int zeros = 0;
    for (int i = 0; i < 1000; i++)
        zeros += bytes[i] == 0;
    EXPECT(zeros < 30);
}
