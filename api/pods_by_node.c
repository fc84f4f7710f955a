#include "api/pods_by_node.h"

#include "core/kinds/facts_pod.h"
#include "core/map.h"

struct node_pods {
    const struct object **items;
    size_t count;
    size_t capacity;
};

struct pods_by_node {
    struct store *store;
    struct store_follower follower;
    struct map nodes; /* struct node_pods by name. */
};

static void remove_pod(struct pods_by_node *index, struct slice node, const struct object *pod)
{
    struct node_pods *pods = map_get(&index->nodes, node);
    for (size_t i = 0; pods && i < pods->count; i++)
        if (pods->items[i] == pod) {
            pods->items[i] = pods->items[--pods->count];
            break;
        }
    if (!pods || pods->count > 0)
        return;
    map_remove(&index->nodes, node);
    mem_free(pods->items);
    mem_free(pods);
}

static void add_pod(struct pods_by_node *index, struct slice node, const struct object *pod)
{
    struct node_pods *pods = map_get(&index->nodes, node);
    if (!pods) {
        pods = mem_alloc(sizeof(*pods));
        map_set(&index->nodes, node, pods);
    }
    if (pods->count == pods->capacity) {
        pods->capacity = pods->capacity * 2 + 4;
        pods->items = mem_resize(pods->items, pods->capacity * sizeof(const struct object *));
    }
    pods->items[pods->count++] = pod;
}

static void pod_changed(void *context, const struct object *old, const struct object *new)
{
    struct pods_by_node *index = context;
    struct facts_pod facts;
    if (facts_pod_of(old, &facts) && facts.node_name.size > 0)
        remove_pod(index, facts.node_name, old);
    if (facts_pod_of(new, &facts) && facts.node_name.size > 0)
        add_pod(index, facts.node_name, new);
}

struct pods_by_node *pods_by_node_create(struct store *store)
{
    struct pods_by_node *index = mem_alloc(sizeof(*index));
    index->store = store;
    map_init(&index->nodes);
    struct pin *pin = store_pin(store, HEAD);
    struct pin_cursor cursor;
    const struct object *pod = pin_first(pin, SLICE("/pods/"), SLICE(""), &cursor);
    for (; pod; pod = pin_next(&cursor))
        pod_changed(index, NULL, pod);
    pin_unref(pin);
    index->follower =
        (struct store_follower){.change = pod_changed, .context = index, .prefix = "/pods/"};
    store_follow(store, &index->follower);
    return index;
}

void pods_by_node_stop(struct pods_by_node *index)
{
    store_unfollow(index->store, &index->follower);
}

void pods_by_node_destroy(struct pods_by_node *index)
{
    struct map_entry entry;
    if (!index)
        return;
    for (size_t cursor = 0; map_next(&index->nodes, &cursor, &entry);) {
        mem_free(((struct node_pods *)entry.value)->items);
        mem_free(entry.value);
    }
    map_release(&index->nodes);
    mem_free(index);
}

size_t pods_by_node_get(const struct pods_by_node *index, struct slice node,
                        const struct object *const **pods)
{
    const struct node_pods *found = map_get(&index->nodes, node);
    *pods = found ? found->items : NULL;
    return found ? found->count : 0;
}
