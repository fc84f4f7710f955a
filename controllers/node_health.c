/* Rules: k8s.io/kubernetes pkg/controller/nodelifecycle (handleDisruption, ComputeZoneState). */
#include "controllers/node_health.h"

#define STALL_US INT64_C(1000000) /* A tick that is later by more was kept from running. */

void nodes_health_release(struct nodes_health *health)
{
    struct map_entry entry;
    size_t cursor = 0;
    while (map_next(&health->nodes, &cursor, &entry)) {
        struct node_health *node = entry.value;
        mem_free((char *)(uintptr_t)node->name.data);
        mem_free(node);
    }
    cursor = 0;
    while (map_next(&health->zones, &cursor, &entry)) {
        struct zone *zone = entry.value;
        mem_free((char *)(uintptr_t)zone->name.data);
        mem_free(zone);
    }
    map_release(&health->nodes);
    map_release(&health->zones);
}

struct node_health *nodes_health_get(struct nodes_health *health, struct slice name)
{
    return map_get(&health->nodes, name);
}

struct node_health *nodes_health_add(struct nodes_health *health, struct slice name,
                                     int64_t steady_us)
{
    struct node_health *node = mem_alloc(sizeof(*node));
    node->name = (struct slice){mem_copy_slice(name), name.size};
    node->heard_us = steady_us;
    map_set(&health->nodes, node->name, node);
    return node;
}

void nodes_health_remove(struct nodes_health *health, struct slice name)
{
    struct node_health *node = map_remove(&health->nodes, name);
    if (!node)
        return;
    mem_free((char *)(uintptr_t)node->name.data);
    mem_free(node);
}

static void hear_all(struct nodes_health *health, int64_t later_us, int64_t at_most_us)
{
    struct map_entry entry;
    size_t cursor = 0;
    while (map_next(&health->nodes, &cursor, &entry)) {
        struct node_health *node = entry.value;
        node->heard_us += later_us;
        if (node->heard_us > at_most_us)
            node->heard_us = at_most_us;
    }
}

void nodes_health_begin(struct nodes_health *health, int64_t steady_us)
{
    struct map_entry entry;
    size_t cursor = 0;
    int64_t late_us = health->tick_due_us > 0 ? steady_us - health->tick_due_us : 0;
    if (late_us > STALL_US)
        hear_all(health, late_us, steady_us);
    while (map_next(&health->zones, &cursor, &entry)) {
        struct zone *zone = entry.value;
        zone->ready = zone->not_ready = 0;
    }
    health->tick_due_us = steady_us + NODE_TICK_US;
}

static struct zone *zone_of(struct nodes_health *health, struct slice name)
{
    struct zone *zone = map_get(&health->zones, name);
    if (zone)
        return zone;
    zone = mem_alloc(sizeof(*zone));
    zone->name = (struct slice){mem_copy_slice(name), name.size};
    map_set(&health->zones, zone->name, zone);
    return zone;
}

void nodes_health_count(struct nodes_health *health, struct node_health *node, struct slice zone,
                        enum node_condition ready, bool is_counted)
{
    node->zone = zone_of(health, zone);
    node->is_counted = ready != NODE_CONDITION_TRUE;
    node->zone->ready += is_counted && ready == NODE_CONDITION_TRUE;
    node->zone->not_ready += is_counted && ready != NODE_CONDITION_TRUE;
}

static enum zone_state state_of(const struct zone *zone)
{
    int64_t total = zone->ready + zone->not_ready;
    if (zone->ready == 0 && zone->not_ready > 0)
        return ZONE_FULL_DISRUPTION;
    if (zone->not_ready > 2 && zone->not_ready * 100 >= total * ZONE_UNHEALTHY_PERCENT)
        return ZONE_PARTIAL_DISRUPTION;
    return ZONE_NORMAL;
}

bool nodes_health_end(struct nodes_health *health, int64_t steady_us)
{
    struct map_entry entry;
    size_t cursor = 0;
    bool has_any = false, all = true, was_all = health->is_all_disrupted;
    while (map_next(&health->zones, &cursor, &entry)) {
        struct zone *zone = entry.value;
        if (zone->ready + zone->not_ready == 0)
            continue;
        zone->state = state_of(zone);
        has_any = true;
        all = all && zone->state == ZONE_FULL_DISRUPTION;
    }
    health->is_all_disrupted = has_any && all;
    /* They are back: each has its whole grace again. */
    if (was_all && !health->is_all_disrupted)
        hear_all(health, INT64_MAX / 4, steady_us);
    return was_all != health->is_all_disrupted;
}

/* 0: no node of this zone. */
static int64_t rate_us(const struct zone *zone)
{
    if (zone->state != ZONE_PARTIAL_DISRUPTION)
        return ZONE_RATE_US;
    return zone->ready + zone->not_ready > ZONE_LARGE ? ZONE_RATE_SECONDARY_US : 0;
}

bool nodes_health_may_taint(struct nodes_health *health, struct node_health *node,
                            int64_t steady_us)
{
    if (health->is_all_disrupted || !node->is_counted || rate_us(node->zone) == 0 ||
        node->zone->next_us > steady_us)
        return false;
    node->zone->next_us = steady_us + rate_us(node->zone);
    return true;
}
