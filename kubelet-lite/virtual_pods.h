/* The pods of all virtual nodes: who is looked at when, and what is written of it.
 *
 * A pod is looked at (virtual_pod.h) when its object changes and when the moment has
 * come that the last look named. It has a struct here only while one of the two is
 * awaited or a write of it is under way; a pod that runs for ever costs nothing.
 *
 * Looks go by committed objects. After a write the pod is read anew and looked at
 * again only if its object is another one by then, so that a status the server keeps
 * in a form of its own is not written for ever.
 *
 * Thread: the loop's. */
#ifndef KUBELET_VIRTUAL_PODS_H
#define KUBELET_VIRTUAL_PODS_H

#include "core/heap.h"
#include "core/list.h"
#include "core/map.h"
#include "core/trace.h"
#include "kubelet-lite/address_pool.h"
#include "kubelet-lite/write_batch.h"

struct virtual_pods {
    struct client *client;
    struct trace *trace;
    double time_scale;
    struct map pods;            /* struct virtual_pod by key. */
    struct heap due;            /* Those that wait for a moment. */
    struct list changed;        /* Those to look at now. */
    struct address_pool addresses;
    struct arena scratch;       /* Of one look. */
    int64_t writes;
    /* The address of a virtual node that runs pods; NULL: there is none of that name. */
    const char *(*host_ip)(void *context, struct slice node_name);
    void *context;
};

void virtual_pods_init(struct virtual_pods *pods, struct client *client, struct trace *trace,
                       double time_scale);
void virtual_pods_release(struct virtual_pods *pods); /* No write may be under way. */

/* A pod was created or changed. Gives false when it is bound to a node that is not known. */
bool virtual_pods_changed(struct virtual_pods *pods, const struct object *object);
void virtual_pods_removed(struct virtual_pods *pods, const struct object *last);

bool virtual_pods_have_work(const struct virtual_pods *pods, int64_t now_us);
/* When the next pod is due, wall clock; INT64_MAX: none waits. */
int64_t virtual_pods_due_us(const struct virtual_pods *pods);
/* Looks at pods until the batch is full, nothing is left, or until_us (steady) has passed. */
void virtual_pods_fill(struct virtual_pods *pods, struct write_batch *batch, int64_t until_us);
write_ended_fn virtual_pods_ended; /* context is the struct virtual_pods. */

#endif
