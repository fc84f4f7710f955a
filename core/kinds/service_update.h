/* What an update of a Service means where it is silent about what was given out.
 *
 * A Service's fields hang together: addresses, node ports and their like are
 * given out by the server, and a client that sends its first text again does
 * not mean to take them back; a change of type takes along what only the old
 * type had. Upstream: patchAllocatedValues, normalizeClusterIPs,
 * dropTypeDependentFields. */
#ifndef CORE_KINDS_SERVICE_UPDATE_H
#define CORE_KINDS_SERVICE_UPDATE_H

#include "core/kinds/kind.h"

/* Brings the service of an update in line with old, the stored one. */
void service_update(struct arena *arena, struct json *service, const struct json *old);
/* A list of one text. */
struct json *service_list_of_one(struct arena *arena, struct slice text);

#endif
