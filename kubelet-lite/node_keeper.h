/* The Node of this machine in the API: registered, kept alive by its Lease, kept true by patch.
 *
 *   happy path: asking -> (creating) -> kept: a Lease every 10 s, a patch when something differs
 *   a failure:  any of them is asked again, 1 s doubling to 10 s: at the Lease's pace at the latest
 *
 * A Node that somebody deletes is made again. Labels that others have set stay; those that the
 * machine determines are the agent's. Rules: pkg/kubelet/kubelet_node_status.go, component-helpers
 * apimachinery/lease/controller.go.
 *
 * Thread: the loop's. */
#ifndef KUBELET_NODE_KEEPER_H
#define KUBELET_NODE_KEEPER_H

#include "core/client/client.h"
#include "core/json.h"
#include "kubelet-lite/node_status.h"

struct node_keeper;

struct node_keeper_options {
    struct client *client;         /* Borrowed. */
    const char *name;
    const struct json *labels;     /* A map of texts, or NULL; borrowed for good. */
    const struct json *annotations;
    const struct json *taints;     /* An array for the first registration, or NULL. */
    /* Fills the report as of now; what it points to lives until the next. */
    void (*report)(void *context, struct node_report *report);
    /* The Node as the API has it, when it was read or written; may be NULL. */
    void (*seen)(void *context, const struct json *node);
    void *context;
};

struct node_keeper *node_keeper_start(struct loop *loop, const struct node_keeper_options *options);
/* Calls under way are to be answered (client_remote_stop) before stopped() comes. */
void node_keeper_stop(struct node_keeper *keeper, void (*stopped)(void *context), void *context);
/* The report has changed: told now. */
void node_keeper_hurry(struct node_keeper *keeper);
/* It was registered, or found, at least once. */
bool node_keeper_is_registered(const struct node_keeper *keeper);

#endif
