#include "core/bitmap.h"

#include "core/buffer.h"
#include "core/check.h"

#define WORD_BITS 64

static uint64_t bit_of(size_t number)
{
    return UINT64_C(1) << (number % WORD_BITS);
}

void bitmap_init(struct bitmap *bitmap, size_t size)
{
    size_t count = size / WORD_BITS + 1;
    *bitmap = (struct bitmap){.words = mem_alloc(count * sizeof(uint64_t)), .size = size};
}

void bitmap_release(struct bitmap *bitmap)
{
    mem_free(bitmap->words);
    *bitmap = (struct bitmap){0};
}

bool bitmap_has(const struct bitmap *bitmap, size_t number)
{
    PRE(number < bitmap->size);
    return (bitmap->words[number / WORD_BITS] & bit_of(number)) != 0;
}

bool bitmap_set(struct bitmap *bitmap, size_t number)
{
    if (bitmap_has(bitmap, number))
        return false;
    bitmap->words[number / WORD_BITS] |= bit_of(number);
    bitmap->held++;
    return true;
}

bool bitmap_clear(struct bitmap *bitmap, size_t number)
{
    if (!bitmap_has(bitmap, number))
        return false;
    bitmap->words[number / WORD_BITS] &= ~bit_of(number);
    bitmap->held--;
    return true;
}

size_t bitmap_find_clear(const struct bitmap *bitmap, size_t from, size_t to)
{
    PRE(to <= bitmap->size);
    while (from < to) {
        uint64_t word = ~bitmap->words[from / WORD_BITS] & (~UINT64_C(0) << (from % WORD_BITS));
        if (word) {
            size_t number = from / WORD_BITS * WORD_BITS + (size_t)__builtin_ctzll(word);
            return number < to ? number : to;
        }
        from = (from / WORD_BITS + 1) * WORD_BITS;
    }
    return to;
}
