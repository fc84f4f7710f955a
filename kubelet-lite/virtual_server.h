/* What virtual nodes answer where a kubelet would: logs, and why there is no more.
 *
 * A virtual pod's log is what its annotation virtual.coracle.dev/log declares, one for all its
 * containers. Commands and ports are refused: no process runs. Connections are pairs in memory,
 * so the server asks a virtual node just as it asks any other.
 *
 * Thread: the loop's. */
#ifndef KUBELET_VIRTUAL_SERVER_H
#define KUBELET_VIRTUAL_SERVER_H

#include "core/client/client.h"

struct virtual_server;

struct virtual_server *virtual_server_open(struct client *client); /* Near; borrowed. */
void virtual_server_close(struct virtual_server *server); /* Ends its connections. Takes NULL. */
/* A connection to it: the end that asks. */
struct stream *virtual_server_connect(struct virtual_server *server);

#endif
