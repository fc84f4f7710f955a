/* Which numbers are held, with the edges of words and of the whole. */
#include "core/bitmap.h"
#include "tests/harness/test.h"

TEST("a number is held once, and free again after it was given back")
{
    struct bitmap bitmap;
    bitmap_init(&bitmap, 130);
    static const size_t edges[] = {0, 63, 64, 127, 128, 129};
    for (size_t i = 0; i < ARRAY_SIZE(edges); i++) {
        EXPECT(!bitmap_has(&bitmap, edges[i]));
        EXPECT(bitmap_set(&bitmap, edges[i]));
        EXPECT(!bitmap_set(&bitmap, edges[i]));
    }
    EXPECT_EQ(bitmap.held, ARRAY_SIZE(edges));
    EXPECT(bitmap_clear(&bitmap, 64));
    EXPECT(!bitmap_clear(&bitmap, 64));
    EXPECT(!bitmap_has(&bitmap, 64) && bitmap_has(&bitmap, 63));
    EXPECT_EQ(bitmap.held, ARRAY_SIZE(edges) - 1);
    bitmap_release(&bitmap);
}

TEST("a search gives the first free number between its bounds, or the upper bound")
{
    struct bitmap bitmap;
    bitmap_init(&bitmap, 200);
    for (size_t i = 10; i < 190; i++)
        bitmap_set(&bitmap, i);
    EXPECT_EQ(bitmap_find_clear(&bitmap, 0, 200), 0);
    EXPECT_EQ(bitmap_find_clear(&bitmap, 9, 200), 9);
    EXPECT_EQ(bitmap_find_clear(&bitmap, 10, 200), 190);
    EXPECT_EQ(bitmap_find_clear(&bitmap, 10, 190), 190);
    EXPECT_EQ(bitmap_find_clear(&bitmap, 10, 100), 100);
    EXPECT_EQ(bitmap_find_clear(&bitmap, 200, 200), 200);
    bitmap_clear(&bitmap, 128);
    EXPECT_EQ(bitmap_find_clear(&bitmap, 10, 200), 128);
    EXPECT_EQ(bitmap_find_clear(&bitmap, 10, 128), 128);
    bitmap_release(&bitmap);
}
