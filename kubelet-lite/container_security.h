/* Who a container runs as and what it may, by its and its pod's securityContext. Pure.
 *
 * Upstream: pkg/kubelet/kuberuntime/security_context.go, pkg/securitycontext. */
#ifndef KUBELET_CONTAINER_SECURITY_H
#define KUBELET_CONTAINER_SECURITY_H

#include "core/json.h"
#include "kubelet-lite/runtime.h"

/* Fills user, groups, capabilities, privileges and seccomp of config. image_user: the image's
 * USER. profiles: the folder of Localhost profiles. Fails with the kubelet's text. */
MUST_USE int container_security_fill(const struct json *pod, const struct json *container,
                                     const char *image_user, const char *profiles,
                                     struct arena *arena, struct container_config *config,
                                     struct status *status);

#endif
