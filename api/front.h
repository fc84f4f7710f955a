/* The HTTP front: exchanges in, requests through api_serve(), replies out.
 *
 * One request at a time on a connection. A whole body is read first (3 MiB at
 * most); a watch is sent as chunks, and only while the peer takes them. Who asks
 * comes from the connection: a client certificate, or the local socket, whose
 * file mode lets only its owner in. Thread: the loop's. */
#ifndef API_FRONT_H
#define API_FRONT_H

#include "api/api.h"
#include "core/net/http_server.h"
#include "core/net/listener.h"

struct front;

/* limits may be NULL. */
struct front *front_create(struct api *api, const struct http_server_options *limits);
/* A stream whose other end is proved by its TLS certificate, or not at all. */
void front_accept(void *front, struct stream *stream);
/* A stream of the local socket: its user is the administrator. */
void front_accept_local(void *front, struct stream *stream);
/* Ends all connections; closed() when the last is gone, the front is freed then. */
void front_close(struct front *front, void (*closed)(void *context), void *context);

#endif
