/* The network of a simulated loop: names that listen, and cables between them.
 *
 * listener.c and dial.c use it in place of sockets. Tests use it to cut and
 * mend. Every connection is a pair in memory (stream_pair.h). */
#ifndef CORE_NET_NETWORK_H
#define CORE_NET_NETWORK_H

#include "core/net/listener.h"
#include "core/net/stream.h"

struct network;

struct network *network_of(struct loop *loop); /* Made on first use; the loop's. */
/* Puts a listener on an address; port 0 gives the next free one. Gives the
 * address as bound into bound. Fails with ALREADY_EXISTS. */
MUST_USE int network_listen(struct network *network, const char *address,
                            listener_accept_fn *accept, void *context,
                            char bound[STREAM_ADDRESS_SIZE], struct status *status);
void network_unlisten(struct network *network, const char *bound);
/* A stream to whoever listens there; NULL when nobody does or the way is cut. */
struct stream *network_connect(struct network *network, const char *address);

/* Breaks all connections to an address and refuses new ones, until mended. */
void network_cut(struct network *network, const char *address);
void network_mend(struct network *network, const char *address);
/* Bytes come in pieces of 1 to this many from now on, drawn by the seed; 0: whole. */
void network_set_chunk_max(struct network *network, size_t chunk_max);

#endif
