/* Which system calls a container may make when it asks for RuntimeDefault. Pure. */
#ifndef KUBELET_SECCOMP_PROFILE_H
#define KUBELET_SECCOMP_PROFILE_H

#include "core/json.h"

/* linux.seccomp of an OCI configuration, resolved for this machine and these capabilities,
 * "CAP_..." ending with NULL. */
struct json *seccomp_default_profile(struct arena *arena, const char *const *capabilities);

#endif
