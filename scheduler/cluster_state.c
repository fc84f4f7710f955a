#include "scheduler/cluster_state.h"

#include "core/kinds/view.h"
#include "scheduler/shape.h"

void cluster_state_init(struct cluster_state *state)
{
    *state = (struct cluster_state){0};
    resource_table_init(&state->resources);
    map_init_borrowing(&state->by_name);
}

static void destroy_node(struct node_info *node)
{
    for (size_t i = 0; i < node->port_count; i++)
        mem_free(node->ports[i].ip);
    mem_free(node->ports);
    object_unref(node->object);
    mem_free((char *)(uintptr_t)node->name.data);
    mem_free(node);
}

void cluster_state_release(struct cluster_state *state)
{
    size_t cursor = 0;
    struct map_entry entry;
    while (map_next(&state->by_name, &cursor, &entry))
        destroy_node(entry.value);
    map_release(&state->by_name);
    mem_free(state->nodes);
    for (int i = 0; i < RESOURCES_MAX; i++)
        mem_free(state->reasons[i]);
    resource_table_release(&state->resources);
}

/* The texts of refusals, for the names that the table has got since. */
static void make_reasons(struct cluster_state *state)
{
    for (int i = 0; i < state->resources.count; i++) {
        if (state->reasons[i])
            continue;
        struct buffer text = {0};
        buffer_format(&text, "Insufficient %s", state->resources.names[i]);
        state->reasons[i] = buffer_take(&text);
    }
}

static struct node_info *node_of(struct cluster_state *state, struct slice name)
{
    struct node_info *node = map_get(&state->by_name, name);
    if (node)
        return node;
    node = mem_alloc(sizeof(*node));
    node->name = (struct slice){mem_copy_slice(name), name.size};
    map_set(&state->by_name, node->name, node);
    return node;
}

/* A node that has no object and that no pod speaks of is forgotten. */
static void forget_if_empty(struct cluster_state *state, struct node_info *node)
{
    if (node->object || node->pod_count > 0)
        return;
    map_remove(&state->by_name, node->name);
    destroy_node(node);
}

const struct node_info *cluster_state_node(const struct cluster_state *state, struct slice name)
{
    return map_get(&state->by_name, name);
}

/* --- Nodes --- */

static void list_node(struct cluster_state *state, struct node_info *node)
{
    if (state->node_count == state->node_capacity) {
        state->node_capacity = state->node_capacity * 2 + 16;
        state->nodes = mem_resize(state->nodes, state->node_capacity * sizeof(*state->nodes));
    }
    node->place = state->node_count;
    state->nodes[state->node_count++] = node;
}

static void unlist_node(struct cluster_state *state, struct node_info *node)
{
    struct node_info *last = state->nodes[--state->node_count];
    state->nodes[node->place] = last;
    last->place = node->place;
}

static void read_node(struct cluster_state *state, struct node_info *node)
{
    struct slice bytes;
    struct facts_node facts;
    node->allocatable = (struct amounts){0};
    node->taints = (struct slice){0};
    if (!view_find(object_view(node->object), VIEW_FACTS, &bytes) ||
        !facts_node_read(bytes, &facts))
        return;
    node->is_unschedulable = facts.is_unschedulable;
    node->taints = facts.taints;
    node->allocatable.at[RESOURCE_CPU] = facts.cpu_millis;
    node->allocatable.at[RESOURCE_MEMORY] = facts.memory;
    node->allocatable.at[RESOURCE_EPHEMERAL_STORAGE] = facts.ephemeral;
    node->allocatable.at[RESOURCE_PODS] = facts.pods;
    struct facts_resource resource;
    while (facts_take_resource(&facts.resources, &resource)) {
        int place = resource_place(&state->resources, resource.name);
        if (place != RESOURCE_UNKNOWN)
            node->allocatable.at[place] = resource.amount;
    }
    make_reasons(state);
}

void cluster_state_node_changed(struct cluster_state *state, const struct object *old,
                                const struct object *new)
{
    struct node_info *node = node_of(state, key_name(object_key(new ? new : old)));
    bool was_there = node->object != NULL;
    object_unref(node->object);
    node->object = new ? object_ref(new) : NULL;
    if (new)
        read_node(state, node);
    if (new && !was_there)
        list_node(state, node);
    if (!new &&was_there)
        unlist_node(state, node);
    forget_if_empty(state, node);
}

/* --- Host ports --- */

static bool is_any_address(struct slice ip)
{
    return ip.size == 0 || slice_is(ip, "0.0.0.0");
}

static bool port_meets(const struct port_use *use, const struct facts_port *port)
{
    struct slice ip = slice_of(use->ip);
    return use->port == port->port && use->protocol == port->protocol &&
           (is_any_address(ip) || is_any_address(port->ip) || slice_equal(ip, port->ip));
}

bool node_has_port(const struct node_info *node, const struct facts_port *port)
{
    for (size_t i = 0; i < node->port_count; i++)
        if (port_meets(&node->ports[i], port))
            return true;
    return false;
}

static struct port_use *same_port(struct node_info *node, const struct facts_port *port)
{
    for (size_t i = 0; i < node->port_count; i++)
        if (node->ports[i].port == port->port && node->ports[i].protocol == port->protocol &&
            slice_is(port->ip, node->ports[i].ip))
            return &node->ports[i];
    return NULL;
}

static void use_port(struct node_info *node, const struct facts_port *port)
{
    struct port_use *use = same_port(node, port);
    if (use) {
        use->users++;
        return;
    }
    if (node->port_count == node->port_capacity) {
        node->port_capacity = node->port_capacity * 2 + 4;
        node->ports = mem_resize(node->ports, node->port_capacity * sizeof(*node->ports));
    }
    node->ports[node->port_count++] =
        (struct port_use){port->port, port->protocol, mem_copy_slice(port->ip), 1};
}

static void free_port(struct node_info *node, const struct facts_port *port)
{
    struct port_use *use = same_port(node, port);
    PRE(use != NULL);
    if (--use->users > 0)
        return;
    mem_free(use->ip);
    *use = node->ports[--node->port_count];
}

/* --- Pods --- */

static bool read_pod(const struct object *pod, struct facts_pod *facts)
{
    return facts_pod_of(pod, facts) && facts->node_name.size > 0 && facts->phase != POD_SUCCEEDED &&
           facts->phase != POD_FAILED;
}

static void count_pod(struct cluster_state *state, const struct facts_pod *facts, bool comes)
{
    struct node_info *node = node_of(state, facts->node_name);
    struct amounts amounts;
    bool has_unknown = false;
    pod_amounts(&state->resources, facts, &amounts, &has_unknown);
    make_reasons(state);
    struct slice ports = facts->host_ports;
    struct facts_port port;
    while (facts_pod_take_port(&ports, &port)) {
        if (comes)
            use_port(node, &port);
        else
            free_port(node, &port);
    }
    if (comes) {
        amounts_add(&node->taken, &amounts);
        node->pod_count++;
    } else {
        amounts_subtract(&node->taken, &amounts);
        node->pod_count--;
        forget_if_empty(state, node);
    }
}

void cluster_state_pod_changed(struct cluster_state *state, const struct object *old,
                               const struct object *new)
{
    struct facts_pod facts;
    /* The new one first, so that a node is not forgotten between the two. */
    if (read_pod(new, &facts))
        count_pod(state, &facts, true);
    if (read_pod(old, &facts))
        count_pod(state, &facts, false);
}
