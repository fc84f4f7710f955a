/* A bump allocator: blocks that grow, filled from front to back.
 *
 * The newest block is the one being filled. An allocation that would waste
 * much of it gets a block of its own, which is put behind the newest, so that
 * one long string does not end a block that is nearly empty. */
#include "core/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define BLOCK_SIZE_MIN ((size_t)4096 - 64) /* With malloc's own bytes, one page. */
#define BLOCK_SIZE_MAX ((size_t)256 * 1024)
#define KEPT_SIZE_MAX ((size_t)64 * 1024) /* A reset keeps no more than this. */

struct arena_block {
    struct arena_block *older;
    size_t size; /* Of data. */
    alignas(max_align_t) char data[];
};

struct arena_owned {
    struct arena_owned *next;
    void *thing;
    void (*destroy)(void *thing);
};

void arena_init(struct arena *arena)
{
    *arena = (struct arena){0};
}

static void destroy_owned(struct arena *arena)
{
    while (arena->owned) {
        struct arena_owned *owned = arena->owned;
        arena->owned = owned->next;
        owned->destroy(owned->thing);
    }
}

static void free_blocks(struct arena_block *block)
{
    while (block) {
        struct arena_block *older = block->older;
        mem_free(block);
        block = older;
    }
}

void arena_release(struct arena *arena)
{
    if (arena == NULL)
        return;
    destroy_owned(arena);
    free_blocks(arena->blocks);
    arena_init(arena);
}

static void fill_from(struct arena *arena, struct arena_block *block)
{
    arena->next = block->data;
    arena->end = block->data + block->size;
}

void arena_reset(struct arena *arena)
{
    destroy_owned(arena);
    struct arena_block *kept = arena->blocks;
    if (kept == NULL)
        return;
    if (kept->size > KEPT_SIZE_MAX) {
        arena_release(arena);
        return;
    }
    free_blocks(kept->older);
    kept->older = NULL;
    arena->size = kept->size;
    fill_from(arena, kept);
}

static struct arena_block *new_block(struct arena *arena, size_t size)
{
    PRE(size < SIZE_MAX / 2);
    struct arena_block *block = mem_resize(NULL, sizeof(*block) + size);
    block->size = size;
    arena->size += size;
    return block;
}

void *arena_alloc_grow(struct arena *arena, size_t size)
{
    size_t next_size = arena->blocks ? arena->blocks->size * 2 : BLOCK_SIZE_MIN;
    if (next_size > BLOCK_SIZE_MAX)
        next_size = BLOCK_SIZE_MAX;
    if (arena->blocks && size > next_size / 4) {
        struct arena_block *own = new_block(arena, size);
        own->older = arena->blocks->older;
        arena->blocks->older = own;
        return own->data;
    }
    struct arena_block *block = new_block(arena, size > next_size ? size : next_size);
    block->older = arena->blocks;
    arena->blocks = block;
    fill_from(arena, block);
    arena->next += size;
    return block->data;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    void *memory = arena_alloc_raw(arena, size, alignof(max_align_t));
    memset(memory, 0, size);
    return memory;
}

void *arena_copy(struct arena *arena, const void *data, size_t size)
{
    void *copy = arena_alloc_raw(arena, size, alignof(max_align_t));
    if (size > 0)
        memcpy(copy, data, size);
    return copy;
}

char *arena_copy_text(struct arena *arena, const char *text)
{
    return arena_copy_slice(arena, slice_of(text));
}

char *arena_copy_slice(struct arena *arena, struct slice text)
{
    PRE(text.size < SIZE_MAX);
    char *copy = arena_alloc_raw(arena, text.size + 1, 1);
    if (text.size > 0)
        memcpy(copy, text.data, text.size);
    copy[text.size] = '\0';
    return copy;
}

char *arena_format(struct arena *arena, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = arena_format_list(arena, format, arguments);
    va_end(arguments);
    return text;
}

char *arena_format_list(struct arena *arena, const char *format, va_list arguments)
{
    char first_try[256];
    va_list again;
    va_copy(again, arguments);
    int size = vsnprintf(first_try, sizeof(first_try), format, arguments);
    PRE(size >= 0);
    char *text = arena_alloc_raw(arena, (size_t)size + 1, 1);
    if ((size_t)size < sizeof(first_try))
        memcpy(text, first_try, (size_t)size + 1);
    else
        (void)vsnprintf(text, (size_t)size + 1, format, again);
    va_end(again);
    return text;
}

void arena_own(struct arena *arena, void *thing, void (*destroy)(void *thing))
{
    struct arena_owned *owned = ARENA_NEW(arena, struct arena_owned);
    *owned = (struct arena_owned){.next = arena->owned, .thing = thing, .destroy = destroy};
    arena->owned = owned;
}
