/* Two streams that are each other's peer, in memory: for tests, for simulated
 * networks, and for parts of one process that speak as if they were far.
 *
 * Bytes travel by messages of the loop, so a simulated run is repeatable. At
 * most capacity bytes are under way in each direction; more is pending. */
#ifndef CORE_NET_STREAM_PAIR_H
#define CORE_NET_STREAM_PAIR_H

#include "core/net/stream.h"

struct stream_pair_options {
    size_t capacity;  /* 0: 64 KiB. */
    size_t chunk_max; /* Bytes of one on_read: 1 to this many, drawn from the
                         loop's randomness; 0: all there are. */
};

/* Gives both ends; each is closed by its owner. options may be NULL. */
void stream_pair_open(struct loop *loop, const struct stream_pair_options *options,
                      struct stream **a, struct stream **b);
/* Both ends break, as by a cut cable; on_error says why. */
void stream_pair_break(struct stream *end, const char *why);
/* Calls gone(context) when both ends are closed, before the memory is freed. */
void stream_pair_on_gone(struct stream *end, void (*gone)(void *context), void *context);

#endif
