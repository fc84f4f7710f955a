/* Which pods are on a node: an index over head, for who asks about nodes.
 *
 * It follows head and holds one pointer for each pod that has a node, nothing
 * of the pod itself: 8 bytes a pod. The objects are head's own, so the pointers
 * are good until the return to the loop. Thread: the loop's. */
#ifndef API_PODS_BY_NODE_H
#define API_PODS_BY_NODE_H

#include "store/store.h"

struct pods_by_node;
struct pods_by_node *pods_by_node_create(struct store *store);
void pods_by_node_stop(struct pods_by_node *index); /* Before the store is closed. */
void pods_by_node_destroy(struct pods_by_node *index); /* Takes NULL. */

/* The pods of a node on head, in no order; gives their number. */
size_t pods_by_node_get(const struct pods_by_node *index, struct slice node,
                        const struct object *const **pods);

#endif
