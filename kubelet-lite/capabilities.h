/* Linux capabilities by name, and which of them a container gets. Pure. */
#ifndef KUBELET_CAPABILITIES_H
#define KUBELET_CAPABILITIES_H

#include "core/json.h"

/* What a container has, "CAP_..." ending with NULL: the usual set, changed by
 * securityContext.capabilities (may be NULL), or all where it is privileged. */
const char *const *capabilities_of(struct arena *arena, const struct json *changes,
                                   bool is_privileged);
/* Those of them that have their bit in held: nobody can give what he does not have. */
const char *const *capabilities_limit(struct arena *arena, const char *const *capabilities,
                                      uint64_t held);

#endif
