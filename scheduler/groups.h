/* Groups: the pods that wait for a node, by the unit that is decided.
 *
 * A pod without a PodGroup, or of one whose policy is basic, is a group of one. A
 * gang is one group: its members that wait, and a count of those that have a node.
 * All of it is derived from head in the step in which head changes.
 *
 *   INCOMPLETE  a gang with fewer than minCount members, or without its PodGroup
 *   QUEUED      in the queue, by priority, then age
 *   REFUSED     decided and refused; waits until room may have come
 *   IDLE        nobody in it waits
 *
 * Rules: KEP-4671, scheduling.k8s.io/v1beta1. Thread: the loop's. */
#ifndef SCHEDULER_GROUPS_H
#define SCHEDULER_GROUPS_H

#include "core/heap.h"
#include "core/kinds/object.h"
#include "core/list.h"
#include "core/map.h"
#include "scheduler/shape.h"

enum group_state { GROUP_INCOMPLETE, GROUP_QUEUED, GROUP_REFUSED, GROUP_IDLE };

struct waiting_pod {
    struct slice key;            /* Of the object. */
    const struct object *object; /* On head; a reference. */
    struct shape *shape;
    struct group *group;
    struct list link;            /* In group->pods, oldest first. */
    uint64_t told;               /* Hash of the refusal that its status tells; 0: none. */
};

struct group {
    struct slice key;            /* "NAMESPACE/pod/NAME" or "NAMESPACE/group/NAME"; owned. */
    bool is_gang;
    enum group_state state;
    struct list pods;            /* struct waiting_pod */
    size_t pod_count;
    size_t bound_count;          /* Members that have a node and are not finished. */
    int64_t min_count;           /* Of a gang. */
    int32_t priority;
    int64_t created_us;          /* Of the oldest member that waits. */
    bool never_preempts;
    const struct object *pod_group; /* A reference; NULL: none, or not a gang. */
    struct heap_node place;      /* In groups.queue while QUEUED. */
    struct list link;            /* In groups.refused while REFUSED. */
};

struct groups {
    const char *scheduler_name;  /* Whose pods are ours. */
    struct shapes shapes;
    struct map by_key;           /* -> struct group */
    struct map pods;             /* Object key -> struct waiting_pod */
    struct heap queue;
    struct list refused;
    const struct object *(*find)(void *context, struct slice key); /* An object on head. */
    void *context;
};

void groups_init(struct groups *groups, const char *scheduler_name,
                 struct resource_table *resources);
void groups_release(struct groups *groups);

/* The changes of head: old NULL: created; new NULL: deleted. */
void groups_pod_changed(struct groups *groups, const struct object *old, const struct object *new);
void groups_pod_group_changed(struct groups *groups, const struct object *old,
                              const struct object *new);
void groups_workload_changed(struct groups *groups, const struct object *old,
                             const struct object *new);

/* The next to decide, taken out of the queue (IDLE until it is put somewhere); NULL: none. */
struct group *groups_take(struct groups *groups);
void group_refuse(struct groups *groups, struct group *group);
void group_queue(struct groups *groups, struct group *group); /* Again. */
/* Room may have come: all that were refused are queued. */
void groups_wake(struct groups *groups);

#endif
