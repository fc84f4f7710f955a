#include "scheduler/shape.h"

void shapes_init(struct shapes *shapes, struct resource_table *resources)
{
    map_init_borrowing(&shapes->by_key);
    shapes->resources = resources;
}

static void destroy(struct shape *shape)
{
    mem_free((char *)(uintptr_t)shape->key.data);
    arena_release(&shape->arena);
    mem_free(shape);
}

void shapes_release(struct shapes *shapes)
{
    size_t cursor = 0;
    struct map_entry entry;
    while (map_next(&shapes->by_key, &cursor, &entry))
        destroy(entry.value);
    map_release(&shapes->by_key);
}

static void append_key(struct buffer *key, const struct facts_pod *facts)
{
    buffer_append_int(key, facts->request_cpu_millis);
    buffer_append_byte(key, ' ');
    buffer_append_int(key, facts->request_memory);
    buffer_append_byte(key, ' ');
    buffer_append_int(key, facts->request_ephemeral);
    const struct slice *parts[] = {&facts->requests, &facts->host_ports, &facts->placement,
                                   &facts->node_name};
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
        buffer_append_byte(key, '\0');
        buffer_append_slice(key, *parts[i]);
    }
}

void pod_amounts(struct resource_table *table, const struct facts_pod *facts,
                 struct amounts *amounts, bool *has_unknown)
{
    *amounts = (struct amounts){0};
    amounts->at[RESOURCE_CPU] = facts->request_cpu_millis;
    amounts->at[RESOURCE_MEMORY] = facts->request_memory;
    amounts->at[RESOURCE_EPHEMERAL_STORAGE] = facts->request_ephemeral;
    amounts->at[RESOURCE_PODS] = 1;
    struct slice rest = facts->requests;
    struct facts_resource resource;
    while (facts_take_resource(&rest, &resource)) {
        int place = resource_place(table, resource.name);
        if (place != RESOURCE_UNKNOWN)
            amounts->at[place] += resource.amount;
        else if (resource.amount > 0)
            *has_unknown = true;
    }
}

static struct shape *create(struct shapes *shapes, const struct facts_pod *facts, struct slice key)
{
    struct shape *shape = mem_alloc(sizeof(*shape));
    shape->key = (struct slice){mem_copy_slice(key), key.size};
    shape->flags = facts->flags;
    arena_init(&shape->arena);
    pod_amounts(shapes->resources, facts, &shape->requests, &shape->has_unknown_resource);
    struct arena *arena = &shape->arena;
    shape->host_ports =
        (struct slice){arena_copy_slice(arena, facts->host_ports), facts->host_ports.size};
    if (facts->placement.size == 0)
        return shape;
    struct status status;
    status_init(&status);
    struct json *placement = json_parse(arena, facts->placement, NULL, &status);
    shape->node_selector = json_get(placement, "nodeSelector");
    shape->affinity = json_get(placement, "affinity");
    shape->tolerations = json_get(placement, "tolerations");
    status_release(&status);
    return shape;
}

struct shape *shape_take(struct shapes *shapes, const struct facts_pod *facts)
{
    struct buffer key = {0};
    append_key(&key, facts);
    struct shape *shape = map_get(&shapes->by_key, buffer_slice(&key));
    if (!shape) {
        shape = create(shapes, facts, buffer_slice(&key));
        map_set(&shapes->by_key, shape->key, shape);
    }
    buffer_release(&key);
    shape->users++;
    return shape;
}

void shape_drop(struct shapes *shapes, struct shape *shape)
{
    if (!shape || --shape->users > 0)
        return;
    map_remove(&shapes->by_key, shape->key);
    destroy(shape);
}
