/* A binary heap in an array; each node knows its place in it. */
#include "core/heap.h"

#include "core/buffer.h"
#include "core/check.h"

void heap_init(struct heap *heap, heap_compare_fn *compare, void *context)
{
    *heap = (struct heap){.compare = compare, .context = context};
}

void heap_release(struct heap *heap)
{
    if (heap == NULL)
        return;
    mem_free(heap->nodes);
    heap->nodes = NULL;
    heap->count = 0;
    heap->capacity = 0;
}

static void place(struct heap *heap, size_t position, struct heap_node *node)
{
    heap->nodes[position] = node;
    node->position = position;
}

static bool comes_before(const struct heap *heap, size_t a, size_t b)
{
    return heap->compare(heap->nodes[a], heap->nodes[b], heap->context) < 0;
}

static void swap(struct heap *heap, size_t a, size_t b)
{
    struct heap_node *node = heap->nodes[a];
    place(heap, a, heap->nodes[b]);
    place(heap, b, node);
}

static void move_up(struct heap *heap, size_t position)
{
    while (position > 1 && comes_before(heap, position, position / 2)) {
        swap(heap, position, position / 2);
        position /= 2;
    }
}

static void move_down(struct heap *heap, size_t position)
{
    for (;;) {
        size_t child = position * 2;
        if (child > heap->count)
            return;
        if (child < heap->count && comes_before(heap, child + 1, child))
            child++;
        if (!comes_before(heap, child, position))
            return;
        swap(heap, position, child);
        position = child;
    }
}

static void settle(struct heap *heap, struct heap_node *node)
{
    move_up(heap, node->position);
    move_down(heap, node->position);
}

void heap_insert(struct heap *heap, struct heap_node *node)
{
    PRE(node->position == 0);
    if (heap->count + 1 >= heap->capacity) {
        heap->capacity = heap->capacity > 0 ? heap->capacity * 2 : 16;
        heap->nodes = mem_resize(heap->nodes, heap->capacity * sizeof(*heap->nodes));
    }
    heap->count++;
    place(heap, heap->count, node);
    move_up(heap, heap->count);
}

void heap_remove(struct heap *heap, struct heap_node *node)
{
    size_t position = node->position;
    if (position == 0)
        return;
    PRE(position <= heap->count && heap->nodes[position] == node);
    struct heap_node *last = heap->nodes[heap->count];
    heap->count--;
    node->position = 0;
    if (last == node)
        return;
    place(heap, position, last);
    settle(heap, last);
}

void heap_update(struct heap *heap, struct heap_node *node)
{
    PRE(node->position > 0 && node->position <= heap->count);
    PRE(heap->nodes[node->position] == node);
    settle(heap, node);
}

struct heap_node *heap_first(const struct heap *heap)
{
    return heap->count > 0 ? heap->nodes[1] : NULL;
}

struct heap_node *heap_pop(struct heap *heap)
{
    struct heap_node *first = heap_first(heap);
    if (first)
        heap_remove(heap, first);
    return first;
}

bool heap_contains(const struct heap_node *node)
{
    return node->position > 0;
}
