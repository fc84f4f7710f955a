/* An intrusive priority queue: timers, the scheduling queue.
 *
 * Elements embed a heap_node, so an element is found, moved and removed in
 * O(log n) without a search. The smallest, by the compare function, is first;
 * ties are in no stated order, so compare by something unique. */
#ifndef CORE_HEAP_H
#define CORE_HEAP_H

#include <stdbool.h>
#include <stddef.h>

struct heap_node {
    size_t position; /* 1 and up while in a heap, 0 when in none. */
};

/* Negative when a comes first. */
typedef int heap_compare_fn(const struct heap_node *a, const struct heap_node *b, void *context);

struct heap {
    struct heap_node **nodes; /* nodes[0] is unused. */
    size_t count;
    size_t capacity;
    heap_compare_fn *compare;
    void *context;
};

void heap_init(struct heap *heap, heap_compare_fn *compare, void *context);
void heap_release(struct heap *heap); /* Does not touch the elements. */
void heap_insert(struct heap *heap, struct heap_node *node);
void heap_remove(struct heap *heap, struct heap_node *node); /* Harmless if in no heap. */
void heap_update(struct heap *heap, struct heap_node *node); /* After its key changed. */
struct heap_node *heap_first(const struct heap *heap);       /* NULL when empty. */
struct heap_node *heap_pop(struct heap *heap);               /* NULL when empty. */
bool heap_contains(const struct heap_node *node);

#endif
