/* The nftables rules of a node's pods as text: host ports, and whose address leaves. Pure.
 *
 * All of them are one table that is replaced as a whole, so what stands is what is wanted. */
#ifndef KUBELET_NETWORK_RULES_H
#define KUBELET_NETWORK_RULES_H

#include "kubelet-lite/runtime.h"

#define NETWORK_RULES_TABLE "coracle-pods"

struct network_rule;
struct network_rules {
    char *range, *cluster_range;
    struct network_rule *rules;
    size_t count, capacity;
};

void network_rules_init(struct network_rules *rules, const char *range, const char *cluster_range);
void network_rules_release(struct network_rules *rules);
/* The host ports of the pod at an address, in place of those it had. */
void network_rules_set_ports(struct network_rules *rules, uint32_t address,
                             const struct port_mapping *ports, size_t count);
bool network_rules_has_ports(const struct network_rules *rules);
/* Appends one transaction for `nft -f -`. */
void network_rules_print(const struct network_rules *rules, struct buffer *text);

#endif
