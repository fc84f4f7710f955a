/* Dialling: a name or an address becomes a connected stream.
 *
 * Names are looked up by the system's resolver; each address it gives is tried
 * in turn. In a simulated loop the address is one of the loop's own network.
 * Thread: the loop's. done() is called once, never from inside dial_open(), and
 * the dial is gone then; after dial_close() it is not called. */
#ifndef CORE_NET_DIAL_H
#define CORE_NET_DIAL_H

#include "core/net/stream.h"
#include "core/status.h"

struct dial;

/* Takes stream, not yet reading; or it is NULL and status, borrowed, says why. */
typedef void dial_done_fn(void *context, struct stream *stream, const struct status *status);

/* address is "HOST:PORT", "[::1]:PORT" or the path of a unix socket ("/...").
 * Fails by done() with SERVICE_UNAVAILABLE, BAD_REQUEST or TIMEOUT. */
struct dial *dial_open(struct loop *loop, const char *address, int64_t timeout_us,
                       dial_done_fn *done, void *context);
/* The same by a TCP socket, which it takes, that another thread has made: in another network
 * namespace, say. Not on a simulated loop. */
struct dial *dial_open_socket(struct loop *loop, int socket, const char *address,
                              int64_t timeout_us, dial_done_fn *done, void *context);
void dial_close(struct dial *dial); /* Gives up; takes NULL. */

#endif
