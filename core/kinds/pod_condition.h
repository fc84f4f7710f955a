/* Conditions of a pod, as the server itself sets them. Upstream: UpdatePodCondition in pkg/api/pod. */
#ifndef CORE_KINDS_POD_CONDITION_H
#define CORE_KINDS_POD_CONDITION_H

#include <stdint.h>

#include "core/json.h"

struct pod_condition {
    const char *type;
    const char *status;  /* "True", "False" */
    const char *reason;  /* NULL: none. */
    const char *message; /* NULL: none. */
};

/* Sets it, for the pod's present generation. The time of its last transition is now_us unless
 * its status stays. */
void pod_condition_set(struct arena *arena, struct json *pod, const struct pod_condition *condition,
                       int64_t now_us);
/* Whether the condition is there and True. */
bool pod_condition_is_true(const struct json *pod, const char *type);

#endif
