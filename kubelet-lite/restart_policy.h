/* Whether a container that has ended is started again, and when.
 *
 * Rules: pkg/api/v1/pod (ContainerShouldRestart), KEP-753 (sidecars), KEP-5307
 * (a container's own policy and rules); back-off as client-go's flowcontrol.Backoff
 * does it for the kubelet. Pure. */
#ifndef KUBELET_RESTART_POLICY_H
#define KUBELET_RESTART_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "core/json.h"

#define BACKOFF_FIRST_US INT64_C(10000000)    /* 10 s */
#define BACKOFF_MAX_US INT64_C(300000000)     /* 5 min */
#define BACKOFF_FORGET_US (2 * BACKOFF_MAX_US) /* A run this long starts the series anew. */

/* container is one of spec.containers or spec.initContainers. An init container that is no
 * sidecar and has ended well is done: not to be asked. */
bool restart_policy_restarts(const struct json *spec, const struct json *container,
                             int64_t exit_code);

/* How long to wait, since its end, before a container is started for the restarts + 2nd time:
 * the first restart comes at once, then 10 s, doubling to 5 min. */
int64_t restart_backoff_us(int64_t restarts);

#endif
