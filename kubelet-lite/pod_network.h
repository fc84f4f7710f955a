/* The network of pods on this machine: addresses, interfaces, routes, host ports.
 *
 * A pod has one interface, eth0, with an address of the node's range as /32 and a default route
 * by the range's first address; its peer on the host holds that first address, and the host
 * a route to the pod by it. So pods reach each other, the node and Services by routing
 * alone; no bridge, hence no br_netfilter. Host ports and the masquerade of what leaves the
 * cluster are nftables rules in the one table "coracle-pods".
 *
 * Where the kernel refuses any of it, pod_network_probe() says so once, and pods use the host's.
 *
 * Thread: the loop's, but for pod_network_join and pod_network_leave, which block. */
#ifndef KUBELET_POD_NETWORK_H
#define KUBELET_POD_NETWORK_H

#include "core/net/loop.h"
#include "kubelet-lite/address_pool.h"
#include "kubelet-lite/runtime.h"

struct pod_network;

struct pod_network_options {
    const char *range;         /* Of this node's pods: "10.244.1.0/24" */
    const char *cluster_range; /* Of all pods: not masqueraded among themselves; NULL: range. */
    const char *nft;           /* The program; NULL: as found. */
};
struct pod_network *pod_network_open(struct loop *loop, const struct pod_network_options *options,
                                     struct status *status);
void pod_network_close(struct pod_network *network); /* Changes nothing on the machine. */

/* Blocks. Whether pods can have networks of their own here; if not, why is for people. */
bool pod_network_probe(char *why, size_t size);

uint32_t pod_network_take_address(struct pod_network *network); /* 0: all are taken. */
void pod_network_hold_address(struct pod_network *network, uint32_t address);
void pod_network_free_address(struct pod_network *network, uint32_t address);

/* Any thread, blocks: connects the calling thread's network namespace, which is new, to the
 * process's. link is the name of the host's end. */
MUST_USE int pod_network_join(const struct pod_network *network, const char *link, uint32_t address,
                              struct status *status);
/* Any thread, blocks: removes the host's end; good when it is not there. */
MUST_USE int pod_network_leave(const char *link, struct status *status);

/* Host ports of one pod, by its address; count 0 removes them. Rules follow soon, all that were
 * asked for together; done() is called when they stand. */
struct ports_call {
    void (*done)(struct ports_call *call);
    struct status status;
    struct list link;
};
void pod_network_set_ports(struct pod_network *network, uint32_t address,
                           const struct port_mapping *ports, size_t count, struct ports_call *call);

/* Routes to other nodes' pods; those of before that are not named go. */
struct pod_route {
    const char *range;   /* "10.244.2.0/24" */
    const char *gateway; /* The node's address. */
};
void pod_network_set_routes(struct pod_network *network, const struct pod_route *routes,
                            size_t count, struct ports_call *call);

#endif
