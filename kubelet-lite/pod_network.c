#include "kubelet-lite/pod_network.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

#include "core/kinds/ip_text.h"
#include "core/net/program.h"
#include "core/trace.h"
#include "kubelet-lite/netlink.h"
#include "kubelet-lite/network_rules.h"

#define NFT_TIMEOUT_US INT64_C(20000000)

struct pod_network {
    struct loop *loop;
    struct address_pool pool;
    struct network_rules rules;
    uint32_t gateway;          /* The range's first address: the host's end of every pair. */
    char *nft;                 /* NULL: there is none. */
    int process_namespace;     /* The network of the process itself. */
    /* Rules on their way. */
    struct program program;
    struct buffer text;
    struct list waiting;       /* ports_call: for the next run. */
    struct list served;        /* By the run under way. */
    struct message start;
    bool is_running, is_posted;
    /* Routes on their way: one set at a time, the newest wins. */
    struct task routing;
    struct netlink_route *routes;
    size_t route_count;
    struct ports_call *route_call;
    struct status route_status;
};

static bool read_range(const char *text, uint32_t *base, unsigned *bits)
{
    struct ip_address address;
    int prefix;
    if (!cidr_parse(slice_of(text), &address, &prefix) || address.is_v6)
        return false;
    uint32_t value = 0;
    for (int i = 0; i < 4; i++)
        value = value << 8 | address.bytes[i];
    *bits = (unsigned)prefix;
    *base = prefix == 0 ? 0 : value & (UINT32_MAX << (32 - prefix));
    return true;
}

static void start_rules(struct message *message);

struct pod_network *pod_network_open(struct loop *loop, const struct pod_network_options *options,
                                     struct status *status)
{
    uint32_t base;
    unsigned bits;
    struct buffer nft = {0};
    if (!read_range(options->range, &base, &bits) || bits < 8 || bits > 30) {
        status_fail(status, STATUS_BAD_REQUEST, "\"%s\" is no range for pods", options->range);
        return NULL;
    }
    int self = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    if (self < 0) {
        status_fail(status, STATUS_INTERNAL_ERROR, "/proc/self/ns/net: %s", strerror(errno));
        return NULL;
    }
    struct pod_network *network = mem_alloc(sizeof(*network));
    network->loop = loop;
    network->process_namespace = self;
    network->gateway = base + 1;
    network->start.deliver = start_rules;
    address_pool_init(&network->pool, base, bits);
    address_pool_hold(&network->pool, network->gateway);
    if (options->nft)
        buffer_append_text(&nft, options->nft);
    else
        program_find("nft", &nft);
    network->nft = nft.size > 0 ? buffer_take(&nft) : NULL;
    buffer_release(&nft);
    network_rules_init(&network->rules, options->range,
                       options->cluster_range ? options->cluster_range : options->range);
    list_init(&network->waiting);
    list_init(&network->served);
    status_init(&network->route_status);
    return network;
}

void pod_network_close(struct pod_network *network)
{
    if (!network)
        return;
    PRE(!network->is_running && !network->is_posted && !network->route_call);
    close(network->process_namespace);
    address_pool_release(&network->pool);
    network_rules_release(&network->rules);
    buffer_release(&network->text);
    status_release(&network->route_status);
    mem_free(network->routes);
    mem_free(network->nft);
    mem_free(network);
}

uint32_t pod_network_take_address(struct pod_network *network)
{
    return address_pool_take(&network->pool);
}

void pod_network_hold_address(struct pod_network *network, uint32_t address)
{
    address_pool_hold(&network->pool, address);
}

void pod_network_free_address(struct pod_network *network, uint32_t address)
{
    address_pool_free(&network->pool, address);
}

/* --- Interfaces --- */

static int join_host(const struct pod_network *network, struct netlink *host, const char *link,
                     uint32_t address, struct status *status)
{
    int index = netlink_index(host, link);
    const struct netlink_route route = {.to = address, .bits = 32, .index = index};
    return netlink_add_address(host, index, network->gateway, status) ||
           netlink_set_up(host, index, status) || netlink_add_route(host, &route, status);
}

static int join_pod(const struct pod_network *network, struct netlink *own, uint32_t address,
                    struct status *status)
{
    int index = netlink_index(own, "eth0");
    const struct netlink_route gateway = {.to = network->gateway, .bits = 32, .index = index};
    const struct netlink_route all = {
        .gateway = network->gateway, .index = index, .source = address};
    return netlink_add_address(own, index, address, status) || netlink_set_up(own, index, status) ||
           netlink_add_route(own, &gateway, status) || netlink_add_route(own, &all, status);
}

/* A socket in the process's own network, opened from a thread that is elsewhere. */
static int open_host(const struct pod_network *network, struct netlink *host, struct status *status)
{
    int here = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    if (here < 0 || setns(network->process_namespace, CLONE_NEWNET) < 0) {
        if (here >= 0)
            close(here);
        host->fd = -1;
        return status_fail(status, STATUS_INTERNAL_ERROR, "setns: %s", strerror(errno));
    }
    int failed = netlink_open(host, status);
    PRE(setns(here, CLONE_NEWNET) == 0); /* A thread that is lost elsewhere must not go on. */
    close(here);
    return failed;
}

int pod_network_join(const struct pod_network *network, const char *link, uint32_t address,
                     struct status *status)
{
    struct netlink host = {.fd = -1}, own = {.fd = -1};
    int failed = open_host(network, &host, status) || netlink_open(&own, status) ||
                 netlink_add_pair(&own, "eth0", link, network->process_namespace, status) ||
                 join_host(network, &host, link, address, status) ||
                 join_pod(network, &own, address, status);
    netlink_close(&host);
    netlink_close(&own);
    return failed ? status_wrap(status, "pod network") : 0;
}

int pod_network_leave(const char *link, struct status *status)
{
    struct netlink host = {.fd = -1};
    struct status own;
    status_init(&own);
    int failed = netlink_open(&host, &own) || netlink_delete_link(&host, link, &own);
    if (failed && own.reason == STATUS_NOT_FOUND)
        failed = 0;
    if (failed)
        status_copy(status, &own);
    status_release(&own);
    netlink_close(&host);
    return failed ? -1 : 0;
}

/* --- What the kernel allows --- */

static void *probe(void *context)
{
    struct status status;
    struct netlink own = {.fd = -1};
    char *why = context;
    status_init(&status);
    int self = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    if (unshare(CLONE_NEWNET) < 0)
        snprintf(why, 160, "a new network namespace: %s", strerror(errno));
    else if (netlink_open(&own, &status) ||
             netlink_add_pair(&own, "probe0", "probe1", self, &status))
        snprintf(why, 160, "%s", status.message);
    else if (netlink_delete_link(&own, "probe0", &status))
        snprintf(why, 160, "%s", status.message);
    netlink_close(&own);
    if (self >= 0)
        close(self);
    status_release(&status);
    return NULL;
}

bool pod_network_probe(char *why, size_t size)
{
    char text[160] = "";
    pthread_t thread;
    if (pthread_create(&thread, NULL, probe, text) == 0)
        pthread_join(thread, NULL);
    else
        snprintf(text, sizeof text, "no thread can be started");
    snprintf(why, size, "%s", text);
    return text[0] == '\0';
}

/* --- Rules --- */

static void answer_all(struct pod_network *network, const struct status *status)
{
    struct list *link;
    while ((link = list_pop_front(&network->served))) {
        struct ports_call *call = CONTAINER_OF(link, struct ports_call, link);
        if (!status_ok(status))
            status_copy(&call->status, status);
        call->done(call);
    }
}

static void post_start(struct pod_network *network)
{
    if (network->is_posted || network->is_running || list_is_empty(&network->waiting))
        return;
    network->is_posted = true;
    loop_post(network->loop, &network->start);
}

static void rules_stand(struct program *program)
{
    struct pod_network *network = CONTAINER_OF(program, struct pod_network, program);
    struct status status;
    status_init(&status);
    network->is_running = false;
    if (program_check(program, &status))
        status_wrap(&status, "nft");
    program_release(program);
    answer_all(network, &status);
    status_release(&status);
    post_start(network);
}

static void answer_without_nft(struct pod_network *network)
{
    struct status status;
    status_init(&status);
    if (network_rules_has_ports(&network->rules))
        status_fail(&status, STATUS_NOT_FOUND,
                    "host ports need the program nft (package nftables)");
    answer_all(network, &status);
    status_release(&status);
}

/* Packets go from one interface to another. */
static void allow_forwarding(void)
{
    int fd = open("/proc/sys/net/ipv4/ip_forward", O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, "1", 1) < 0)
        log_line(LOG_WARN, "pods cannot reach one another", "why=\"ip_forward: %s\"",
                 strerror(errno));
    if (fd >= 0)
        close(fd);
}

static void start_rules(struct message *message)
{
    struct pod_network *network = CONTAINER_OF(message, struct pod_network, start);
    struct list *link;
    network->is_posted = false;
    while ((link = list_pop_front(&network->waiting)))
        list_push_back(&network->served, link);
    allow_forwarding();
    if (!network->nft) {
        answer_without_nft(network);
        return;
    }
    buffer_clear(&network->text);
    network_rules_print(&network->rules, &network->text);
    const char *argv[] = {network->nft, "-f", "-", NULL};
    const struct program_options options = {
        .argv = argv, .input = buffer_slice(&network->text), .timeout_us = NFT_TIMEOUT_US};
    network->is_running = true;
    program_run(&network->program, network->loop, &options, rules_stand);
}

void pod_network_set_ports(struct pod_network *network, uint32_t address,
                           const struct port_mapping *ports, size_t count, struct ports_call *call)
{
    network_rules_set_ports(&network->rules, address, ports, count);
    list_push_back(&network->waiting, &call->link);
    post_start(network);
}

/* --- Routes to other nodes --- */

struct wanted_routes {
    struct pod_network *network;
    struct netlink netlink; /* For deleting: the list is read by another socket. */
};

static bool is_wanted(const struct pod_network *network, const struct netlink_route *route)
{
    for (size_t i = 0; i < network->route_count; i++)
        if (network->routes[i].to == route->to && network->routes[i].bits == route->bits)
            return true;
    return false;
}

static void drop_unwanted(void *context, const struct netlink_route *route)
{
    struct wanted_routes *wanted = context;
    struct pod_network *network = wanted->network;
    if (!is_wanted(network, route) && status_ok(&network->route_status) &&
        netlink_delete_route(&wanted->netlink, route, &network->route_status))
        status_wrap(&network->route_status, "routes");
}

static void set_routes(struct task *task)
{
    struct pod_network *network = CONTAINER_OF(task, struct pod_network, routing);
    struct status *status = &network->route_status;
    struct wanted_routes wanted = {network, {.fd = -1}};
    struct netlink listing = {.fd = -1};
    int failed = netlink_open(&wanted.netlink, status) || netlink_open(&listing, status) ||
                 netlink_each_route(&listing, drop_unwanted, &wanted, status);
    for (size_t i = 0; !failed && i < network->route_count; i++)
        failed = netlink_add_route(&wanted.netlink, &network->routes[i], status);
    netlink_close(&wanted.netlink);
    netlink_close(&listing);
}

static void routes_set(struct task *task)
{
    struct pod_network *network = CONTAINER_OF(task, struct pod_network, routing);
    struct ports_call *call = network->route_call;
    network->route_call = NULL;
    if (!status_ok(&network->route_status))
        status_copy(&call->status, &network->route_status);
    status_clear(&network->route_status);
    call->done(call);
}

void pod_network_set_routes(struct pod_network *network, const struct pod_route *routes,
                            size_t count, struct ports_call *call)
{
    PRE(!network->route_call);
    network->routes = mem_resize(network->routes, (count + 1) * sizeof(*network->routes));
    network->route_count = 0;
    for (size_t i = 0; i < count; i++) {
        struct netlink_route route = {.gateway = ipv4_parse(slice_of(routes[i].gateway))};
        if (route.gateway && read_range(routes[i].range, &route.to, &route.bits))
            network->routes[network->route_count++] = route;
    }
    network->route_call = call;
    network->routing = (struct task){.work = set_routes, .done = routes_set};
    loop_submit(network->loop, LANE_HOST, &network->routing);
}
