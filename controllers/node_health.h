/* Which nodes are heard of, zone by zone: what the node lifecycle controller remembers.
 *
 * A node is heard of when its Lease is renewed or its Ready condition gets a new heartbeat, at the
 * time when that is seen here: clocks of nodes do not matter. Time in which we ourselves did
 * not run counts for nobody: node_health_tick() notices that it is called late and gives all
 * nodes that time back. Pure but for the memory. */
#ifndef CONTROLLERS_NODE_HEALTH_H
#define CONTROLLERS_NODE_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#include "core/kinds/facts_node.h"
#include "core/map.h"

/* Upstream's defaults of 1.35. */
#define NODE_TICK_US INT64_C(5000000)            /* --node-monitor-period */
#define NODE_GRACE_US INT64_C(50000000)          /* --node-monitor-grace-period */
#define NODE_STARTUP_GRACE_US INT64_C(60000000)  /* --node-startup-grace-period */
#define ZONE_RATE_US INT64_C(10000000)           /* --node-eviction-rate 0.1 */
#define ZONE_RATE_SECONDARY_US INT64_C(100000000) /* --secondary-node-eviction-rate 0.01 */
enum {
    ZONE_LARGE = 50,        /* --large-cluster-size-threshold */
    ZONE_UNHEALTHY_PERCENT = 55, /* --unhealthy-zone-threshold */
};

enum zone_state { ZONE_INITIAL, ZONE_NORMAL, ZONE_PARTIAL_DISRUPTION, ZONE_FULL_DISRUPTION };

struct zone {
    struct slice name; /* Owned. */
    int64_t ready, not_ready; /* Counted in this tick. */
    enum zone_state state;
    int64_t next_us;   /* Steady: when the next node may get a NoExecute taint. */
};

struct node_health {
    struct slice name; /* Owned. */
    int64_t heard_us;  /* Steady. */
    struct zone *zone;
    bool is_counted;   /* In the last tick, as one that is not ready. */
};

struct nodes_health {
    struct map nodes; /* By name. */
    struct map zones;
    int64_t tick_due_us; /* Steady; 0: none is. */
    bool is_all_disrupted; /* No node at all is ready: nothing is evicted. */
};

void nodes_health_release(struct nodes_health *health);
struct node_health *nodes_health_get(struct nodes_health *health, struct slice name); /* Or NULL. */
/* Makes one that is heard of now. */
struct node_health *nodes_health_add(struct nodes_health *health, struct slice name,
                                     int64_t steady_us);
void nodes_health_remove(struct nodes_health *health, struct slice name);

/* A round over all nodes: begin, count each, end. The tick was to be at tick_due_us. */
void nodes_health_begin(struct nodes_health *health, int64_t steady_us);
/* zone: region and zone labels as one text. is_counted: false where the node has the label that
 * excludes it from disruption checks. */
void nodes_health_count(struct nodes_health *health, struct node_health *node, struct slice zone,
                        enum node_condition ready, bool is_counted);
/* Decides how fast zones may lose nodes. True when all nodes became lost, or stopped to be. */
bool nodes_health_end(struct nodes_health *health, int64_t steady_us);
/* Whether this node may get a NoExecute taint now; takes the zone's turn. Only what a tick has
 * counted as lost may, so that it is known how many others are. */
bool nodes_health_may_taint(struct nodes_health *health, struct node_health *node,
                            int64_t steady_us);

#endif
