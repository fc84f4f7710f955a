/* A few words of rtnetlink(7): pairs of interfaces, addresses, routes. IPv4 in host order.
 *
 * A socket speaks to the network namespace in which its thread was when it was opened, also when
 * the thread has gone elsewhere since. Thread: any, one at a time; each call blocks for
 * the kernel's answer. */
#ifndef KUBELET_NETLINK_H
#define KUBELET_NETLINK_H

#include <stdbool.h>
#include <stdint.h>

#include "core/status.h"

struct netlink {
    int fd;
    uint32_t sequence;
};

#define NETLINK_ROUTES_OURS 0xC0 /* Who made a route: us (rt_protos). */

MUST_USE int netlink_open(struct netlink *netlink, struct status *status);
void netlink_close(struct netlink *netlink);

/* Makes name here and peer in another network namespace. */
MUST_USE int netlink_add_pair(struct netlink *netlink, const char *name, const char *peer,
                              int peer_namespace, struct status *status);
MUST_USE int netlink_delete_link(struct netlink *netlink, const char *name, struct status *status);
int netlink_index(struct netlink *netlink, const char *name); /* 0: there is none. */
MUST_USE int netlink_set_up(struct netlink *netlink, int index, struct status *status);
MUST_USE int netlink_add_address(struct netlink *netlink, int index, uint32_t address,
                                 struct status *status); /* As /32. */

struct netlink_route {
    uint32_t to;
    unsigned bits;      /* 0: everything. */
    uint32_t gateway;   /* 0: on the link itself. */
    int index;          /* Of the interface; 0: where the gateway is. */
    uint32_t source;    /* 0: none of its own. */
};
MUST_USE int netlink_add_route(struct netlink *netlink, const struct netlink_route *route,
                               struct status *status); /* In place of one that is there. */
MUST_USE int netlink_delete_route(struct netlink *netlink, const struct netlink_route *route,
                                  struct status *status);
/* Our routes by a gateway: calls each() for every one. */
MUST_USE int netlink_each_route(struct netlink *netlink,
                                void (*each)(void *context, const struct netlink_route *route),
                                void *context, struct status *status);

#endif
