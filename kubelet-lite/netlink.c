#include "kubelet-lite/netlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { MESSAGE_SIZE = 1024, ANSWER_SIZE = 32768 };

struct message {
    union {
        struct nlmsghdr header;
        char bytes[MESSAGE_SIZE];
    };
};

int netlink_open(struct netlink *netlink, struct status *status)
{
    const struct timeval patience = {.tv_sec = 5};
    struct sockaddr_nl address = {.nl_family = AF_NETLINK};
    netlink->sequence = 0;
    netlink->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (netlink->fd < 0 ||
        bind(netlink->fd, (const struct sockaddr *)&address, sizeof address) < 0 ||
        setsockopt(netlink->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) < 0)
        return status_fail(status, STATUS_INTERNAL_ERROR, "netlink: %s", strerror(errno));
    return 0;
}

void netlink_close(struct netlink *netlink)
{
    if (netlink->fd >= 0)
        close(netlink->fd);
    netlink->fd = -1;
}

/* --- Messages --- */

static void *begin(struct message *message, int type, int flags, size_t body_size)
{
    *message = (struct message){0};
    message->header.nlmsg_len = NLMSG_LENGTH((uint32_t)body_size);
    message->header.nlmsg_type = (uint16_t)type;
    message->header.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
    return NLMSG_DATA(&message->header);
}

static struct rtattr *add(struct message *message, int type, const void *data, size_t size)
{
    size_t at = NLMSG_ALIGN(message->header.nlmsg_len);
    struct rtattr *attribute = (struct rtattr *)(void *)(message->bytes + at);
    PRE(at + RTA_SPACE(size) <= MESSAGE_SIZE);
    attribute->rta_type = (unsigned short)type;
    attribute->rta_len = (unsigned short)RTA_LENGTH(size);
    if (size > 0)
        memcpy(RTA_DATA(attribute), data, size);
    message->header.nlmsg_len = (uint32_t)(at + RTA_SPACE(size));
    return attribute;
}

static void add_text(struct message *message, int type, const char *text)
{
    add(message, type, text, strlen(text) + 1);
}

static void add_ipv4(struct message *message, int type, uint32_t address)
{
    uint32_t wire = htonl(address);
    add(message, type, &wire, sizeof wire);
}

static struct rtattr *begin_nest(struct message *message, int type)
{
    return add(message, type, NULL, 0);
}

static void end_nest(struct message *message, struct rtattr *nest)
{
    nest->rta_len = (unsigned short)(message->bytes + message->header.nlmsg_len - (char *)nest);
}

/* --- Answers --- */

typedef void answer_fn(void *context, const struct nlmsghdr *answer);

/* Handles what came in one datagram; true when it was the last. */
static bool take(struct netlink *netlink, char *bytes, size_t size, answer_fn *each, void *context,
                 int *error)
{
    unsigned left = (unsigned)size;
    for (struct nlmsghdr *answer = (struct nlmsghdr *)(void *)bytes; NLMSG_OK(answer, left);
         answer = NLMSG_NEXT(answer, left)) {
        if (answer->nlmsg_seq != netlink->sequence)
            continue;
        if (answer->nlmsg_type == NLMSG_ERROR) {
            *error = -((const struct nlmsgerr *)NLMSG_DATA(answer))->error;
            return true;
        }
        if (answer->nlmsg_type == NLMSG_DONE)
            return true;
        if (each)
            each(context, answer);
    }
    return false;
}

static int ask(struct netlink *netlink, struct message *message, answer_fn *each, void *context)
{
    _Alignas(struct nlmsghdr) char bytes[ANSWER_SIZE];
    int error = 0;
    message->header.nlmsg_seq = ++netlink->sequence;
    if (send(netlink->fd, message, message->header.nlmsg_len, 0) < 0)
        return errno;
    for (;;) {
        ssize_t size = recv(netlink->fd, bytes, sizeof bytes, 0);
        if (size < 0 && errno != EINTR)
            return errno;
        if (size > 0 && take(netlink, bytes, (size_t)size, each, context, &error))
            return error;
    }
}

static int tell(struct netlink *netlink, struct message *message, const char *what,
                struct status *status)
{
    message->header.nlmsg_flags |= NLM_F_ACK;
    int error = ask(netlink, message, NULL, NULL);
    return error ? status_fail(status,
                               error == EEXIST                     ? STATUS_ALREADY_EXISTS
                               : error == ENODEV || error == ESRCH ? STATUS_NOT_FOUND
                                                                   : STATUS_INTERNAL_ERROR,
                               "%s: %s", what, strerror(error))
                 : 0;
}

/* --- Interfaces --- */

int netlink_add_pair(struct netlink *netlink, const char *name, const char *peer,
                     int peer_namespace, struct status *status)
{
    struct message message;
    const struct ifinfomsg empty = {0};
    begin(&message, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof(struct ifinfomsg));
    add_text(&message, IFLA_IFNAME, name);
    struct rtattr *info = begin_nest(&message, IFLA_LINKINFO);
    add_text(&message, IFLA_INFO_KIND, "veth");
    struct rtattr *data = begin_nest(&message, IFLA_INFO_DATA);
    struct rtattr *other = add(&message, VETH_INFO_PEER, &empty, sizeof empty);
    add_text(&message, IFLA_IFNAME, peer);
    add(&message, IFLA_NET_NS_FD, &peer_namespace, sizeof peer_namespace);
    end_nest(&message, other);
    end_nest(&message, data);
    end_nest(&message, info);
    return tell(netlink, &message, "add a pair of interfaces", status);
}

int netlink_delete_link(struct netlink *netlink, const char *name, struct status *status)
{
    struct message message;
    begin(&message, RTM_DELLINK, 0, sizeof(struct ifinfomsg));
    add_text(&message, IFLA_IFNAME, name);
    return tell(netlink, &message, "delete an interface", status);
}

static void take_index(void *context, const struct nlmsghdr *answer)
{
    int *index = context;
    if (answer->nlmsg_type == RTM_NEWLINK)
        *index = ((const struct ifinfomsg *)NLMSG_DATA(answer))->ifi_index;
}

int netlink_index(struct netlink *netlink, const char *name)
{
    struct message message;
    int index = 0;
    begin(&message, RTM_GETLINK, NLM_F_ACK, sizeof(struct ifinfomsg));
    add_text(&message, IFLA_IFNAME, name);
    return ask(netlink, &message, take_index, &index) == 0 ? index : 0;
}

int netlink_set_up(struct netlink *netlink, int index, struct status *status)
{
    struct message message;
    struct ifinfomsg *body = begin(&message, RTM_NEWLINK, 0, sizeof *body);
    body->ifi_index = index;
    body->ifi_flags = body->ifi_change = IFF_UP;
    return tell(netlink, &message, "set an interface up", status);
}

int netlink_add_address(struct netlink *netlink, int index, uint32_t address, struct status *status)
{
    struct message message;
    struct ifaddrmsg *body =
        begin(&message, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, sizeof *body);
    *body = (struct ifaddrmsg){
        .ifa_family = AF_INET, .ifa_prefixlen = 32, .ifa_index = (uint32_t)index};
    add_ipv4(&message, IFA_LOCAL, address);
    add_ipv4(&message, IFA_ADDRESS, address);
    return tell(netlink, &message, "add an address", status);
}

/* --- Routes --- */

static void fill_route(struct message *message, struct rtmsg *body,
                       const struct netlink_route *route)
{
    *body = (struct rtmsg){
        .rtm_family = AF_INET,
        .rtm_dst_len = (unsigned char)route->bits,
        .rtm_table = RT_TABLE_MAIN,
        .rtm_protocol = NETLINK_ROUTES_OURS,
        .rtm_scope = route->gateway ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK,
        .rtm_type = RTN_UNICAST,
    };
    if (route->bits > 0)
        add_ipv4(message, RTA_DST, route->to);
    if (route->gateway)
        add_ipv4(message, RTA_GATEWAY, route->gateway);
    if (route->source)
        add_ipv4(message, RTA_PREFSRC, route->source);
    if (route->index)
        add(message, RTA_OIF, &route->index, sizeof route->index);
}

int netlink_add_route(struct netlink *netlink, const struct netlink_route *route,
                      struct status *status)
{
    struct message message;
    struct rtmsg *body = begin(&message, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, sizeof *body);
    fill_route(&message, body, route);
    return tell(netlink, &message, "add a route", status);
}

int netlink_delete_route(struct netlink *netlink, const struct netlink_route *route,
                         struct status *status)
{
    struct message message;
    struct rtmsg *body = begin(&message, RTM_DELROUTE, 0, sizeof *body);
    fill_route(&message, body, route);
    return tell(netlink, &message, "delete a route", status);
}

struct route_reader {
    void (*each)(void *context, const struct netlink_route *route);
    void *context;
};

static uint32_t ipv4_of(const struct rtattr *attribute)
{
    uint32_t wire;
    memcpy(&wire, RTA_DATA(attribute), sizeof wire);
    return ntohl(wire);
}

static void take_route(void *context, const struct nlmsghdr *answer)
{
    const struct route_reader *reader = context;
    const struct rtmsg *body = NLMSG_DATA(answer);
    struct netlink_route route = {.bits = body->rtm_dst_len};
    unsigned left = (unsigned)RTM_PAYLOAD(answer);
    if (answer->nlmsg_type != RTM_NEWROUTE || body->rtm_protocol != NETLINK_ROUTES_OURS)
        return;
    for (const struct rtattr *attribute = RTM_RTA(body); RTA_OK(attribute, left);
         attribute = RTA_NEXT(attribute, left)) {
        if (attribute->rta_type == RTA_DST)
            route.to = ipv4_of(attribute);
        else if (attribute->rta_type == RTA_GATEWAY)
            route.gateway = ipv4_of(attribute);
    }
    if (route.gateway)
        reader->each(reader->context, &route);
}

int netlink_each_route(struct netlink *netlink,
                       void (*each)(void *context, const struct netlink_route *route),
                       void *context, struct status *status)
{
    struct message message;
    struct route_reader reader = {each, context};
    struct rtmsg *body = begin(&message, RTM_GETROUTE, NLM_F_DUMP, sizeof *body);
    body->rtm_family = AF_INET;
    int error = ask(netlink, &message, take_route, &reader);
    return error ? status_fail(status, STATUS_INTERNAL_ERROR, "list routes: %s", strerror(error))
                 : 0;
}
