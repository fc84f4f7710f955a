/* Slices and growing bytes. */
#include "core/buffer.h"

#include <stdio.h>
#include <stdlib.h>

int slice_compare(struct slice a, struct slice b)
{
    size_t common = a.size < b.size ? a.size : b.size;
    int order = common > 0 ? memcmp(a.data, b.data, common) : 0;
    if (order != 0)
        return order;
    return (a.size > b.size) - (a.size < b.size);
}

bool slice_starts_with(struct slice text, struct slice prefix)
{
    return text.size >= prefix.size && slice_equal(slice_sub(text, 0, prefix.size), prefix);
}

bool slice_ends_with(struct slice text, struct slice suffix)
{
    return text.size >= suffix.size &&
           slice_equal(slice_sub(text, text.size - suffix.size, text.size), suffix);
}

struct slice slice_sub(struct slice text, size_t from, size_t to)
{
    if (to > text.size)
        to = text.size;
    if (from > to)
        from = to;
    if (text.data == NULL)
        return text;
    return (struct slice){text.data + from, to - from};
}

bool slice_split(struct slice *rest, char separator, struct slice *part)
{
    if (rest->data == NULL)
        return false;
    ptrdiff_t end = slice_find(*rest, separator);
    if (end < 0) {
        *part = *rest;
        *rest = (struct slice){NULL, 0};
        return true;
    }
    *part = slice_sub(*rest, 0, (size_t)end);
    *rest = slice_sub(*rest, (size_t)end + 1, rest->size);
    return true;
}

ptrdiff_t slice_find(struct slice text, char byte)
{
    const char *found = text.size > 0 ? memchr(text.data, byte, text.size) : NULL;
    return found ? found - text.data : -1;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

struct slice slice_trim(struct slice text)
{
    size_t from = 0;
    size_t to = text.size;
    while (from < to && is_blank(text.data[from]))
        from++;
    while (to > from && is_blank(text.data[to - 1]))
        to--;
    return slice_sub(text, from, to);
}

bool slice_to_int64(struct slice text, int64_t *value)
{
    bool negative = text.size > 0 && text.data[0] == '-';
    size_t i = negative ? 1 : 0;
    if (i == text.size)
        return false;
    int64_t sum = 0; /* Kept negative, whose range is wider by one. */
    for (; i < text.size; i++) {
        char c = text.data[i];
        if (c < '0' || c > '9')
            return false;
        if (__builtin_mul_overflow(sum, 10, &sum) || __builtin_sub_overflow(sum, c - '0', &sum))
            return false;
    }
    if (!negative && sum == INT64_MIN)
        return false;
    *value = negative ? sum : -sum;
    return true;
}

static void *memory_or_end(void *p)
{
    if (p == NULL)
        check_failed("memory", "there is none left", __FILE__, __LINE__);
    return p;
}

void *mem_alloc(size_t size)
{
    return memory_or_end(calloc(1, size > 0 ? size : 1));
}

void *mem_resize(void *p, size_t n)
{
    return memory_or_end(realloc(p, n > 0 ? n : 1));
}

void mem_free(void *p)
{
    free(p);
}

char *mem_copy_text(const char *text)
{
    return mem_copy_slice(slice_of(text));
}

char *mem_copy_slice(struct slice text)
{
    PRE(text.size < SIZE_MAX);
    char *copy = memory_or_end(malloc(text.size + 1));
    if (text.size > 0)
        memcpy(copy, text.data, text.size);
    copy[text.size] = '\0';
    return copy;
}

void buffer_init(struct buffer *buffer)
{
    *buffer = (struct buffer){0};
}

void buffer_release(struct buffer *buffer)
{
    if (buffer == NULL)
        return;
    mem_free(buffer->data);
    buffer_init(buffer);
}

void buffer_clear(struct buffer *buffer)
{
    buffer->size = 0;
    if (buffer->data)
        buffer->data[0] = '\0';
}

void buffer_reserve(struct buffer *buffer, size_t more)
{
    if (more < buffer->capacity - buffer->size) /* Less, not equal: the NUL needs a place. */
        return;
    PRE(more < SIZE_MAX / 2 - buffer->size);
    size_t wanted = buffer->size + more + 1;
    size_t capacity = buffer->capacity > 0 ? buffer->capacity : 64;
    while (capacity < wanted)
        capacity += capacity / 2 + 32;
    buffer->data = mem_resize(buffer->data, capacity);
    buffer->data[buffer->size] = '\0';
    buffer->capacity = capacity;
}

void buffer_append(struct buffer *buffer, const void *data, size_t size)
{
    buffer_reserve(buffer, size);
    if (size > 0)
        memcpy(buffer->data + buffer->size, data, size);
    buffer->size += size;
    buffer->data[buffer->size] = '\0';
}

void buffer_append_slice(struct buffer *buffer, struct slice text)
{
    buffer_append(buffer, text.data, text.size);
}

void buffer_append_text(struct buffer *buffer, const char *text)
{
    buffer_append(buffer, text, strlen(text));
}

void buffer_append_byte(struct buffer *buffer, char byte)
{
    buffer_append(buffer, &byte, 1);
}

void buffer_append_int(struct buffer *buffer, int64_t value)
{
    char digits[20]; /* -9223372036854775808 */
    char *end = digits + sizeof(digits);
    char *first = end;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do
        *--first = (char)('0' + rest % 10);
    while ((rest /= 10) > 0);
    if (value < 0)
        *--first = '-';
    buffer_append(buffer, first, (size_t)(end - first));
}

void buffer_format(struct buffer *buffer, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    buffer_format_list(buffer, format, arguments);
    va_end(arguments);
}

void buffer_format_list(struct buffer *buffer, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    buffer_reserve(buffer, 0);
    size_t room = buffer->capacity - buffer->size;
    int size = vsnprintf(buffer->data + buffer->size, room, format, arguments);
    PRE(size >= 0);
    if ((size_t)size >= room) {
        buffer_reserve(buffer, (size_t)size);
        (void)vsnprintf(buffer->data + buffer->size, (size_t)size + 1, format, again);
    }
    buffer->size += (size_t)size;
    va_end(again);
}

void buffer_consume(struct buffer *buffer, size_t size)
{
    PRE(size <= buffer->size);
    if (size == 0)
        return;
    buffer->size -= size;
    memmove(buffer->data, buffer->data + size, buffer->size + 1);
}

struct slice buffer_slice(const struct buffer *buffer)
{
    return (struct slice){buffer->data, buffer->size};
}

char *buffer_take(struct buffer *buffer)
{
    char *data = buffer->data ? buffer->data : mem_copy_text("");
    buffer_init(buffer);
    return data;
}
