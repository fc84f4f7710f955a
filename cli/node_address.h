/* The address by which others reach this machine. */
#ifndef CLI_NODE_ADDRESS_H
#define CLI_NODE_ADDRESS_H

#include "core/arena.h"

/* The one that reaches the server, "HOST:PORT"; where that is this machine itself, its first other
 * one; "127.0.0.1" when there is none. Nothing is sent. */
const char *node_address_find(struct arena *arena, const char *server);

#endif
