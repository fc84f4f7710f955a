/* The index of a large object: a table of its members by key, so that a body
 * of a hundred thousand keys cannot make its readers quadratic. Small objects
 * have none; scanning a few members is faster. Open addressing as in map.c,
 * but in the arena of the tree. */
#include "core/json_private.h"
#include "core/map.h"

struct json_index {
    cJSON **slots; /* NULL: free. */
    size_t count;
    size_t capacity; /* A power of two. */
};

static struct json_index *index_of(const cJSON *object)
{
    return (struct json_index *)(void *)object->valuestring;
}

/* The slot that holds the member with key, or the free one where it belongs. */
static cJSON **find_slot(const struct json_index *index, struct slice key)
{
    size_t mask = index->capacity - 1;
    for (size_t i = (size_t)map_hash(key) & mask;; i = (i + 1) & mask) {
        cJSON **slot = &index->slots[i];
        if (*slot == NULL || slice_equal(node_key(*slot), key))
            return slot;
    }
}

static void fill(struct arena *arena, const cJSON *object, struct json_index *index)
{
    index->count = 0;
    index->capacity = JSON_MEMBERS_SCANNED;
    while (index->capacity < (size_t)object->valueint * 3)
        index->capacity *= 2;
    index->slots = ARENA_ARRAY(arena, cJSON *, index->capacity);
    for (cJSON *child = object->child; child; child = child->next, index->count++)
        *find_slot(index, node_key(child)) = child;
}

void json_index_add(struct arena *arena, cJSON *object, cJSON *member)
{
    struct json_index *index = index_of(object);
    if (index == NULL) {
        index = ARENA_NEW(arena, struct json_index);
        object->valuestring = (char *)index;
        fill(arena, object, index); /* The member is linked already. */
    } else if (index->count >= index->capacity / 4 * 3) {
        fill(arena, object, index);
    } else {
        *find_slot(index, node_key(member)) = member;
        index->count++;
    }
}

cJSON *json_index_find(const cJSON *object, struct slice key)
{
    return *find_slot(index_of(object), key);
}

void json_index_replace(cJSON *object, struct slice key, cJSON *member)
{
    *find_slot(index_of(object), key) = member;
}

/* What probed past the slot moves back, so that no grave stones are needed. */
void json_index_remove(cJSON *object, struct slice key)
{
    struct json_index *index = index_of(object);
    cJSON **slot = find_slot(index, key);
    if (*slot == NULL)
        return;
    size_t mask = index->capacity - 1;
    size_t gap = (size_t)(slot - index->slots);
    for (size_t i = (gap + 1) & mask; index->slots[i]; i = (i + 1) & mask) {
        size_t home = (size_t)map_hash(node_key(index->slots[i])) & mask;
        if (((i - home) & mask) >= ((i - gap) & mask)) {
            index->slots[gap] = index->slots[i];
            gap = i;
        }
    }
    index->slots[gap] = NULL;
    index->count--;
}
