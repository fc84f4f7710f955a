#include "kubelet-lite/network_rules.h"

#include "core/kinds/ip_text.h"
#include "kubelet-lite/address_pool.h"

struct network_rule {
    uint32_t address;
    struct port_mapping port;
    char host_ip[ADDRESS_TEXT_SIZE]; /* "": any of the host's. */
};

void network_rules_init(struct network_rules *rules, const char *range, const char *cluster_range)
{
    *rules = (struct network_rules){.range = mem_copy_text(range),
                                    .cluster_range = mem_copy_text(cluster_range)};
}

void network_rules_release(struct network_rules *rules)
{
    mem_free(rules->range);
    mem_free(rules->cluster_range);
    mem_free(rules->rules);
}

static void forget(struct network_rules *rules, uint32_t address)
{
    size_t kept = 0;
    for (size_t i = 0; i < rules->count; i++)
        if (rules->rules[i].address != address)
            rules->rules[kept++] = rules->rules[i];
    rules->count = kept;
}

void network_rules_set_ports(struct network_rules *rules, uint32_t address,
                             const struct port_mapping *ports, size_t count)
{
    forget(rules, address);
    for (size_t i = 0; i < count; i++) {
        uint32_t host_ip = ports[i].host_ip ? ipv4_parse(slice_of(ports[i].host_ip)) : 0;
        if (rules->count == rules->capacity) {
            rules->capacity = rules->capacity * 2 + 8;
            rules->rules = mem_resize(rules->rules, rules->capacity * sizeof(*rules->rules));
        }
        struct network_rule *rule = &rules->rules[rules->count++];
        *rule = (struct network_rule){.address = address, .port = ports[i]};
        rule->port.host_ip = NULL;
        if (host_ip)
            ipv4_print(host_ip, rule->host_ip);
    }
}

bool network_rules_has_ports(const struct network_rules *rules)
{
    return rules->count > 0;
}

static void print_port(const struct network_rule *rule, struct buffer *text)
{
    const char *protocol = rule->port.protocol == 'U'   ? "udp"
                           : rule->port.protocol == 'S' ? "sctp"
                                                        : "tcp";
    char address[ADDRESS_TEXT_SIZE];
    ipv4_print(rule->address, address);
    buffer_append_text(text, "    ");
    if (rule->host_ip[0])
        buffer_format(text, "ip daddr %s ", rule->host_ip);
    buffer_format(text, "%s dport %u dnat to %s:%u;\n", protocol, rule->port.host_port, address,
                  rule->port.container_port);
}

/* A pod that reaches itself by its host port must not see its own address as the caller's,
 * and what comes from 127.0.0.1 cannot leave with it. */
static void print_masquerade(const struct network_rules *rules, struct buffer *text)
{
    buffer_format(text,
                  "  chain postrouting {\n"
                  "    type nat hook postrouting priority srcnat;\n"
                  "    ip saddr %s ip daddr != %s masquerade;\n"
                  "    ct status dnat ip saddr %s ip daddr %s masquerade;\n"
                  "    ip saddr 127.0.0.0/8 ip daddr %s masquerade;\n"
                  "  }\n",
                  rules->range, rules->cluster_range, rules->range, rules->range, rules->range);
}

void network_rules_print(const struct network_rules *rules, struct buffer *text)
{
    /* The first line makes the second one safe where there was no table. */
    buffer_append_text(text, "table ip " NETWORK_RULES_TABLE "\n"
                             "delete table ip " NETWORK_RULES_TABLE "\n"
                             "table ip " NETWORK_RULES_TABLE " {\n"
                             "  chain host-ports {\n");
    for (size_t i = 0; i < rules->count; i++)
        print_port(&rules->rules[i], text);
    buffer_append_text(text, "  }\n"
                             "  chain prerouting {\n"
                             "    type nat hook prerouting priority dstnat;\n"
                             "    fib daddr type local jump host-ports;\n"
                             "  }\n"
                             "  chain output {\n"
                             "    type nat hook output priority -100;\n"
                             "    fib daddr type local jump host-ports;\n"
                             "  }\n");
    print_masquerade(rules, text);
    buffer_append_text(text, "}\n");
}
