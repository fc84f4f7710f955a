/* core/heap: the smallest first, and any element found at once. */
#include "core/heap.h"

#include "core/random.h"
#include "tests/harness/test.h"

struct item {
    int key;
    struct heap_node node;
};

static int by_key(const struct heap_node *a, const struct heap_node *b, void *context)
{
    const struct item *x = (const void *)((const char *)a - offsetof(struct item, node));
    const struct item *y = (const void *)((const char *)b - offsetof(struct item, node));
    ++*(int *)context;
    return (x->key > y->key) - (x->key < y->key);
}

static int key_of(struct heap_node *node)
{
    return CONTAINER_OF(node, struct item, node)->key;
}

TEST("elements come out in order, whatever happened to them inside")
{
    enum { COUNT = 500 };
    static struct item items[COUNT];
    struct random_seeded random;
    random_seeded_init(&random, 1);
    struct heap heap;
    int compares = 0;
    heap_init(&heap, by_key, &compares);
    for (int round = 0; round < 20000; round++) {
        struct item *item = &items[random_below(&random.random, COUNT)];
        uint64_t what = random_below(&random.random, 4);
        if (!heap_contains(&item->node)) {
            item->key = (int)random_below(&random.random, 1000);
            heap_insert(&heap, &item->node);
        } else if (what == 0) {
            heap_remove(&heap, &item->node);
        } else {
            item->key = (int)random_below(&random.random, 1000);
            heap_update(&heap, &item->node);
        }
    }
    EXPECT(heap.count > COUNT / 2);
    EXPECT(compares > 0);
    int last = -1;
    for (struct heap_node *node; (node = heap_pop(&heap));) {
        EXPECT(key_of(node) >= last);
        EXPECT(!heap_contains(node));
        last = key_of(node);
    }
    heap_release(&heap);
}

TEST("an empty heap gives nothing, and removing what is in none does no harm")
{
    struct heap heap;
    int compares = 0;
    heap_init(&heap, by_key, &compares);
    EXPECT(heap_first(&heap) == NULL && heap_pop(&heap) == NULL);
    struct item item = {.key = 1};
    heap_remove(&heap, &item.node);
    heap_insert(&heap, &item.node);
    EXPECT(heap_first(&heap) == &item.node);
    EXPECT_DIES(heap_insert(&heap, &item.node));
    heap_remove(&heap, &item.node);
    EXPECT(heap_first(&heap) == NULL);
    EXPECT_DIES(heap_update(&heap, &item.node));
    heap_release(&heap);
    heap_release(&heap);
    heap_release(NULL);
}
