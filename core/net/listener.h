/* A listener accepts connections on addresses and gives them out as streams.
 *
 * In a simulated loop the addresses are names in the loop's own network
 * (network.h) and dial_open() on the same loop reaches them.
 *
 * At most connections_max streams that it accepted are open at once; more
 * peers wait in the kernel's queue. Thread: the loop's. */
#ifndef CORE_NET_LISTENER_H
#define CORE_NET_LISTENER_H

#include "core/net/stream.h"
#include "core/status.h"

struct listener;

/* Takes a new stream, which is connected and not yet reading. */
typedef void listener_accept_fn(void *context, struct stream *stream);

struct listener *listener_open(struct loop *loop, size_t connections_max);
/* address is "HOST:PORT" with a numeric host, "[::1]:6443", "localhost:6443" or
 * ":6443" (every address); port 0 lets the kernel choose. */
MUST_USE int listener_add_tcp(struct listener *listener, const char *address,
                              listener_accept_fn *accept, void *context, struct status *status);
/* A socket file of mode 0600, which is removed at the end. A file that is left
 * over from a process that ended is replaced; one in use is an error. */
MUST_USE int listener_add_unix(struct listener *listener, const char *path,
                               listener_accept_fn *accept, void *context, struct status *status);
/* The nth address as bound, "127.0.0.1:43111"; NULL when there is none. Borrowed. */
const char *listener_address(const struct listener *listener, size_t n);
size_t listener_connections(const struct listener *listener); /* Open now. */
/* Accepts no more; streams live on. Takes NULL. */
void listener_close(struct listener *listener);

#endif
