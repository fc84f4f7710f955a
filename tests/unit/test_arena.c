/* core/arena: many allocations, one end. */
#include "core/arena.h"

#include <stdalign.h>
#include <stdint.h>

#include "tests/harness/test.h"

TEST("memory of every size is zeroed, aligned and apart from the rest")
{
    struct arena arena;
    arena_init(&arena);
    EXPECT_EQ(arena.size, 0);
    unsigned char *memory[300];
    for (size_t i = 0; i < 300; i++) {
        size_t size = i * i % 20011;
        memory[i] = arena_alloc(&arena, size);
        EXPECT_EQ((uintptr_t)memory[i] % alignof(max_align_t), 0);
        for (size_t n = 0; n < size; n++)
            EXPECT_EQ(memory[i][n], 0);
        memset(memory[i], (int)(i % 251) + 1, size);
        (void)arena_format(&arena, "%zu", i); /* Leaves the next place odd. */
    }
    for (size_t i = 0; i < 300; i++)
        for (size_t n = 0; n < i * i % 20011; n++)
            EXPECT_EQ(memory[i][n], i % 251 + 1);
    arena_release(&arena);
    arena_release(&arena);
    arena_release(NULL);
}

TEST("a reset arena hands out zeroed memory again, and holds little")
{
    struct arena arena = {0};
    arena_reset(&arena);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 100; i++) {
            char *memory = arena_alloc(&arena, 1000);
            EXPECT_EQ(memory[0] | memory[500] | memory[999], 0);
            memset(memory, 1, 1000);
        }
        arena_reset(&arena);
        EXPECT(arena.size <= 64 * 1024);
    }
    (void)arena_alloc(&arena, 10 << 20);
    EXPECT(arena.size >= 10 << 20);
    arena_reset(&arena);
    EXPECT(arena.size <= 64 * 1024);
    arena_release(&arena);
}

TEST("one large piece does not end a block that is nearly empty")
{
    struct arena arena = {0};
    char *first = arena_alloc(&arena, 16);
    (void)arena_alloc(&arena, 1 << 20);
    char *next = arena_alloc(&arena, 16);
    EXPECT(next == first + 16);
    arena_release(&arena);
}

TEST("text is copied and formatted, short and long")
{
    struct arena arena = {0};
    EXPECT_TEXT(arena_copy_text(&arena, "abc"), "abc");
    EXPECT_EQ(memcmp(arena_copy_slice(&arena, SLICE("a\0b")), "a\0b", 4), 0);
    EXPECT_TEXT(arena_copy_slice(&arena, (struct slice){NULL, 0}), "");
    EXPECT_EQ(memcmp(arena_copy(&arena, "xy", 2), "xy", 2), 0);
    EXPECT_TEXT(arena_format(&arena, "%d-%s", 5, "x"), "5-x");
    for (int size = 250; size < 260; size++)
        EXPECT_EQ(strlen(arena_format(&arena, "%*d", size, 1)), size);
    EXPECT_EQ(strlen(arena_format(&arena, "%100000d", 1)), 100000);
    arena_release(&arena);
}

static char order[8];

static void note(void *thing)
{
    (void)strncat(order, thing, 1);
}

TEST("owned things end with the arena, last in first out")
{
    struct arena arena = {0};
    arena_own(&arena, "a", note);
    arena_own(&arena, "b", note);
    EXPECT_TEXT(order, "");
    arena_reset(&arena);
    EXPECT_TEXT(order, "ba");
    arena_own(&arena, "c", note);
    arena_release(&arena);
    EXPECT_TEXT(order, "bac");
}

TEST("an array whose size does not fit ends the process")
{
    struct arena arena = {0};
    EXPECT_DIES((void)ARENA_ARRAY(&arena, uint64_t, SIZE_MAX / 4));
    EXPECT_DIES((void)arena_alloc(&arena, SIZE_MAX - 8));
    arena_release(&arena);
}
