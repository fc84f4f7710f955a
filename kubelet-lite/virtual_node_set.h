/* The virtual nodes themselves: which there are, their statuses and their Leases.
 *
 * Each fill function adds writes to a batch until it is full or nothing is left, and
 * has a function for how they ended. Batches are of one sort, so that those of Leases
 * stay relaxed (store/store.h). Leases are renewed in rounds, oldest first.
 *
 * Thread: the loop's. */
#ifndef KUBELET_VIRTUAL_NODE_SET_H
#define KUBELET_VIRTUAL_NODE_SET_H

#include "core/list.h"
#include "core/map.h"
#include "core/trace.h"
#include "kubelet-lite/address_pool.h"
#include "kubelet-lite/write_batch.h"

struct virtual_node_set {
    struct client *client;
    struct trace *trace;
    const struct json *shape;    /* Of its own nodes; of others, what they lack. */
    int count;                   /* Of its own: virtual-0 and so on. */
    int registered;              /* Up to this one. */
    bool has_listed;             /* All nodes of before are known. */
    struct map by_name;
    struct list order;           /* All; those whose lease was renewed longest ago first. */
    struct list changed;         /* Those whose object is to be looked at. */
    int64_t lease_round;
    int64_t list_round;          /* To find out who is missing after a new list. */
    struct address_pool addresses;
};

void virtual_node_set_init(struct virtual_node_set *set, struct client *client, struct trace *trace,
                           const struct json *shape, int count);
void virtual_node_set_release(struct virtual_node_set *set); /* No write may be under way. */

/* A Node was created or changed. Gives true when from now on it runs pods and did not before. */
bool virtual_node_set_changed(struct virtual_node_set *set, const struct object *object);
void virtual_node_set_removed(struct virtual_node_set *set, struct slice name);
/* A list of all nodes begins; when it has ended, those that it did not have are forgotten. */
void virtual_node_set_list_begins(struct virtual_node_set *set);
void virtual_node_set_list_ends(struct virtual_node_set *set);
/* The address of a node that runs pods, or NULL. */
const char *virtual_node_set_address(const struct virtual_node_set *set, struct slice name);

bool virtual_node_set_must_register(const struct virtual_node_set *set);
void virtual_node_set_register(struct virtual_node_set *set, struct write_batch *batch);
write_ended_fn virtual_node_set_register_ended; /* context of all is the set. */

bool virtual_node_set_must_report(const struct virtual_node_set *set);
void virtual_node_set_report(struct virtual_node_set *set, struct write_batch *batch);
write_ended_fn virtual_node_set_report_ended;

bool virtual_node_set_must_renew(const struct virtual_node_set *set);
void virtual_node_set_renew(struct virtual_node_set *set, struct write_batch *batch);
write_ended_fn virtual_node_set_renew_ended;

#endif
