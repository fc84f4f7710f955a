#include "core/net/network.h"

#include <stdio.h>

#include "core/net/address.h"
#include "core/net/loop_private.h"
#include "core/net/stream_pair.h"

/* A cable is known to its place while either end is open. */
struct cable {
    struct stream *end; /* The dialer's. */
    struct list link;
};

struct place {
    char bound[STREAM_ADDRESS_SIZE];
    listener_accept_fn *accept; /* NULL: nobody listens. */
    void *context;
    bool cut;
    struct list cables;
    struct list link;
};

struct network {
    struct loop *loop;
    struct list places;
    uint16_t next_port;
    size_t chunk_max;
};

static void cable_gone(void *context)
{
    struct cable *cable = context;
    list_remove(&cable->link);
    mem_free(cable);
}

static void destroy(struct network *network)
{
    LIST_EACH(link, &network->places) {
        struct place *place = CONTAINER_OF(link, struct place, link);
        LIST_EACH(cable, &place->cables)
            cable_gone(CONTAINER_OF(cable, struct cable, link));
        mem_free(place);
    }
    mem_free(network);
}

struct network *network_of(struct loop *loop)
{
    PRE(loop_is_simulated(loop));
    if (loop->network)
        return loop->network;
    struct network *network = mem_alloc(sizeof(*network));
    network->loop = loop;
    network->next_port = 30000;
    list_init(&network->places);
    loop->network = network;
    loop->network_destroy = destroy;
    return network;
}

static struct place *find(struct network *network, const char *bound)
{
    LIST_EACH(link, &network->places) {
        struct place *place = CONTAINER_OF(link, struct place, link);
        if (strcmp(place->bound, bound) == 0)
            return place;
    }
    return NULL;
}

static struct place *ensure(struct network *network, const char *bound)
{
    struct place *place = find(network, bound);
    if (place)
        return place;
    place = mem_alloc(sizeof(*place));
    snprintf(place->bound, sizeof(place->bound), "%s", bound);
    list_init(&place->cables);
    list_push_back(&network->places, &place->link);
    return place;
}

int network_listen(struct network *network, const char *address, listener_accept_fn *accept,
                   void *context, char bound[STREAM_ADDRESS_SIZE], struct status *status)
{
    struct slice host;
    uint16_t port;
    if (address[0] != '/' && address_split(address, &host, &port, status))
        return -1;
    if (address[0] != '/' && port == 0)
        snprintf(bound, STREAM_ADDRESS_SIZE, SLICE_FORMAT ":%u", SLICE_ARGS(host),
                 (unsigned)network->next_port++);
    else
        snprintf(bound, STREAM_ADDRESS_SIZE, "%s", address);
    struct place *place = ensure(network, bound);
    if (place->accept)
        return status_fail(status, STATUS_ALREADY_EXISTS, "listen %s: address already in use",
                           bound);
    place->accept = accept;
    place->context = context;
    return 0;
}

void network_unlisten(struct network *network, const char *bound)
{
    struct place *place = find(network, bound);
    if (place)
        place->accept = NULL;
}

struct stream *network_connect(struct network *network, const char *address)
{
    struct place *place = find(network, address);
    struct stream_pair_options options = {.chunk_max = network->chunk_max};
    struct stream *near, *far;
    if (!place || !place->accept || place->cut)
        return NULL;
    stream_pair_open(network->loop, &options, &near, &far);
    struct cable *cable = mem_alloc(sizeof(*cable));
    cable->end = near;
    list_push_back(&place->cables, &cable->link);
    stream_pair_on_gone(near, cable_gone, cable);
    place->accept(place->context, far);
    return near;
}

void network_cut(struct network *network, const char *address)
{
    struct place *place = ensure(network, address);
    place->cut = true;
    LIST_EACH(link, &place->cables)
        stream_pair_break(CONTAINER_OF(link, struct cable, link)->end, "connection timed out");
}

void network_mend(struct network *network, const char *address)
{
    ensure(network, address)->cut = false;
}

void network_set_chunk_max(struct network *network, size_t chunk_max)
{
    network->chunk_max = chunk_max;
}
