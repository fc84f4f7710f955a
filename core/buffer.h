/* Bytes: slices that point at them, and buffers that grow.
 *
 * A slice is a pointer and a size; it owns nothing, may hold any byte, NUL
 * included, and is not terminated. A buffer owns its bytes on the heap and
 * keeps a NUL behind the last one, so that buffer.data is also a C string.
 * Running out of memory ends the process (mem_alloc). Thread: any, one at a
 * time for one buffer. */
#ifndef CORE_BUFFER_H
#define CORE_BUFFER_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core/check.h"

struct slice {
    const char *data; /* Borrowed; NULL only when size is 0. */
    size_t size;
};

#define SLICE(literal) ((struct slice){"" literal, sizeof(literal) - 1})
#define SLICE_FORMAT "%.*s" /* For printf, with SLICE_ARGS. */
#define SLICE_ARGS(slice) (int)(slice).size, (slice).data ? (slice).data : ""

static inline struct slice slice_of(const char *text)
{
    return (struct slice){text, text ? strlen(text) : 0};
}
static inline bool slice_equal(struct slice a, struct slice b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}
static inline bool slice_is(struct slice a, const char *text)
{
    return slice_equal(a, slice_of(text));
}
/* Orders by bytes, a prefix first: Go's order of strings. */
int slice_compare(struct slice a, struct slice b);
bool slice_starts_with(struct slice text, struct slice prefix);
bool slice_ends_with(struct slice text, struct slice suffix);
/* Bytes from..to, clamped to the slice. */
struct slice slice_sub(struct slice text, size_t from, size_t to);
/* Takes the part before the next separator off *rest; false at the end. As Go's
 * strings.Split: "a," has the parts "a" and "", and "" has one. The end is
 * marked by rest->data NULL, so a slice without data has no part. */
bool slice_split(struct slice *rest, char separator, struct slice *part);
/* The index of a byte, or -1. */
ptrdiff_t slice_find(struct slice text, char byte);
struct slice slice_trim(struct slice text); /* Without spaces and tabs at both ends. */
/* Reads a whole decimal number, "-5" but not "+5"; false when it is not one or does not fit. */
bool slice_to_int64(struct slice text, int64_t *value);

/* Memory of the process's life: never NULL, ends the process when there is none. */
void *mem_alloc(size_t size);        /* Zeroed. */
void *mem_resize(void *p, size_t n); /* New bytes are not zeroed. */
void mem_free(void *p);
char *mem_copy_text(const char *text); /* Gives a copy. */
char *mem_copy_slice(struct slice text); /* Gives a copy with a NUL behind it. */

struct buffer {
    char *data; /* NULL while nothing was written. */
    size_t size;
    size_t capacity;
};

void buffer_init(struct buffer *buffer);
void buffer_release(struct buffer *buffer);  /* Safe on zeroed memory. */
void buffer_clear(struct buffer *buffer);    /* Keeps the memory. */
void buffer_reserve(struct buffer *buffer, size_t more);
void buffer_append(struct buffer *buffer, const void *data, size_t size);
void buffer_append_slice(struct buffer *buffer, struct slice text);
void buffer_append_text(struct buffer *buffer, const char *text);
void buffer_append_byte(struct buffer *buffer, char byte);
void buffer_append_int(struct buffer *buffer, int64_t value);
void buffer_format(struct buffer *buffer, const char *format, ...) PRINTF_LIKE(2, 3);
void buffer_format_list(struct buffer *buffer, const char *format, va_list arguments);
void buffer_consume(struct buffer *buffer, size_t size); /* Drops bytes from the front. */
struct slice buffer_slice(const struct buffer *buffer);  /* Borrowed until the next change. */
char *buffer_take(struct buffer *buffer);                /* Gives the bytes; never NULL. */

#endif
