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

/* Before an update, as before a create (old NULL): what was given out and is not spoken of stays,
 * and clusterIP, for clients that know only it, leads the list. */
void service_keep_given(struct arena *arena, struct json *service, const struct json *old);
/* With the update: what only the old type had goes. */
void service_drop_of_old_type(struct json *service, const struct json *old);

#endif
