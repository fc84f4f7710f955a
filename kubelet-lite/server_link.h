/* The agent's link to its server: it dials, the server asks (api/node_links.h has the protocol).
 *
 *   happy path: connecting -> linked: each "dial" opens one more connection and gives it out
 *   a failure:  waiting, 1 s doubling to 30 s with jitter, then connecting again
 *
 * Thread: the loop's. */
#ifndef KUBELET_SERVER_LINK_H
#define KUBELET_SERVER_LINK_H

#include "core/client/client.h"
#include "core/net/stream.h"

struct server_link;

struct server_link_options {
    struct client *client;      /* A far one: its identity and its way. Borrowed. */
    const char *node_name;
    /* Takes a connection on which the server asks; early, borrowed, has come already. */
    void (*accept)(void *context, struct stream *stream, struct slice early);
    /* Pods that the API does not know may go, or must stay; told at each connecting. */
    void (*unknown_may_go)(void *context, bool may_go);
    void *context;
};

struct server_link *server_link_open(struct loop *loop, const struct server_link_options *options);
void server_link_close(struct server_link *link); /* Takes NULL. */
bool server_link_is_up(const struct server_link *link);

#endif
