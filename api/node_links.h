/* Ways to the agents of nodes: they dial, the server uses what they have opened.
 *
 *   GET /coracle/v1/nodes/NAME/control      Upgrade: coracle-link; lines from the server:
 *       dial    one more connection is wanted
 *       keep    pods that the API does not know stay: the state may be older than what runs
 *       go      they may go
 *   GET /coracle/v1/nodes/NAME/connection   Upgrade: coracle-link; the server then speaks HTTP as
 *       the client, the agent answers: the kubelet's own paths (/containerLogs, /exec, ...)
 *
 * Only the node itself may open them, and the administrator. So an agent may sit behind NAT, needs
 * no port and no serving certificate, and what is spoken is as upstream's kubelet speaks it.
 * Nodes in this process (virtual ones) are reached without a dial.
 *
 * Thread: the loop's. */
#ifndef API_NODE_LINKS_H
#define API_NODE_LINKS_H

#include "api/request.h"
#include "core/list.h"
#include "core/net/http_client.h"

struct node_links;

struct node_links *node_links_create(struct api *api);
/* Ends all connections; what waits is told so. */
void node_links_stop(struct node_links *links);
void node_links_destroy(struct node_links *links); /* Takes NULL. */

struct nodes_in_process {
    bool (*has)(void *context, struct slice node);
    /* A connection to it; its end that asks. */
    struct stream *(*connect)(void *context, struct slice node);
    void *context;
};
void node_links_set_in_process(struct node_links *links, const struct nodes_in_process *nodes);

/* A client that speaks to the node's agent, borrowed; NULL: it is not connected. */
struct http_client *node_links_client(struct node_links *links, struct slice node);
/* Where splices are kept until node_links_stop(). */
struct list *node_links_splices(struct node_links *links);
/* Whoever waits for an agent's answer; told once, if the links stop before it has left the list.
 * Its call is over then. */
struct node_links_user {
    struct list link;
    void (*stopped)(struct node_links_user *user);
};
void node_links_join(struct node_links *links, struct node_links_user *user);

void node_links_serve(struct api *api, struct request *request); /* The route. */

#endif
