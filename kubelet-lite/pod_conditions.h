/* The conditions of a pod that its node writes, in upstream's order and words:
 * pkg/kubelet/status/generate.go. Pure. */
#ifndef KUBELET_POD_CONDITIONS_H
#define KUBELET_POD_CONDITIONS_H

#include "kubelet-lite/pod_status.h"

/* Sets status.conditions to PodReadyToStartContainers, Initialized, Ready, ContainersReady and
 * PodScheduled, judged by the containers' statuses in status. */
void pod_conditions_set(struct arena *arena, const struct json *pod, struct json *status,
                        enum pod_phase phase, const struct pod_status_facts *facts);

struct json *pod_condition_find(const struct json *conditions, const char *type); /* Or NULL. */

#endif
