/* A table of texts, small and large. */
#include <stdio.h>

#include "core/kinds/text_map.h"
#include "tests/harness/test.h"

#define MANY 1000

static char texts[MANY][8];

static struct slice text_at(int i)
{
    snprintf(texts[i], sizeof texts[i], "t%d", i);
    return slice_of(texts[i]);
}

TEST("a text is added once, and the first thing stays")
{
    struct text_map map = {0};
    int first = 1, second = 2;
    EXPECT(!text_map_has(&map, SLICE("a")));
    EXPECT(text_map_add(&map, SLICE("a"), &first));
    EXPECT(!text_map_add(&map, SLICE("a"), &second));
    EXPECT(text_map_get(&map, SLICE("a")) == &first);
    EXPECT(text_map_add(&map, SLICE(""), &second));
    EXPECT(text_map_get(&map, SLICE("")) == &second);
    text_map_release(&map);
    EXPECT(!text_map_has(&map, SLICE("a")));
}

TEST("what fits in place is found after the table was made, and what came later too")
{
    struct text_map map = {0};
    for (int i = 0; i < MANY; i++) {
        EXPECT(text_map_add(&map, text_at(i), texts[i]));
        EXPECT_EQ(map.count, i + 1);
        EXPECT(!text_map_add(&map, text_at(i), &map));
        EXPECT(text_map_get(&map, text_at(0)) == texts[0]);
    }
    for (int i = 0; i < MANY; i++)
        EXPECT(text_map_get(&map, text_at(i)) == texts[i]);
    EXPECT(!text_map_has(&map, SLICE("t1000")));
    text_map_release(&map);
}
