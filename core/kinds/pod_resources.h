/* What a pod asks for and may use, summed over its containers; and its QoS class.
 *
 * Upstream: k8s.io/component-helpers resource (PodRequests, PodLimits) and
 * pkg/apis/core/v1/helper/qos. Init containers run one after the other, so the
 * largest of them counts; sidecars (init containers that restart) run beside
 * all that follow, so they are added to both. Pod-level amounts replace the
 * sum; overhead comes on top (KEP-753, KEP-2837, KEP-688). */
#ifndef CORE_KINDS_POD_RESOURCES_H
#define CORE_KINDS_POD_RESOURCES_H

#include "core/kinds/resource_list.h"

enum pod_amounts {
    POD_AMOUNTS_WANTED,   /* Of the spec alone. */
    POD_AMOUNTS_HELD,     /* While a resize is going, the larger of spec and status (KEP-1287);
                           * what cannot be resized counts as the status has it. */
    POD_AMOUNTS_SCORED,   /* As held, with 100m cpu and 200 Mi for a container that names none:
                           * so that scoring spreads those too. Requests only. */
};

/* list is zeroed or empty; names are borrowed from the pod. */
void pod_requests(const struct json *pod, enum pod_amounts amounts, struct resource_list *list);
void pod_limits(const struct json *pod, enum pod_amounts amounts, struct resource_list *list);
/* The sums over containers alone: no pod-level amounts, no overhead. */
void pod_container_requests(const struct json *spec, struct resource_list *list);
void pod_container_limits(const struct json *spec, struct resource_list *list);
/* cpu, memory or huge pages: what spec.resources may hold. */
bool pod_level_resource_is_supported(struct slice name);
/* An init container that runs beside the others. */
bool container_is_sidecar(const struct json *container);

/* "Guaranteed", "Burstable" or "BestEffort", computed from the spec. */
const char *pod_qos_class(const struct json *spec);

#endif
