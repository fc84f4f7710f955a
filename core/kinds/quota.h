/* What objects use of a namespace's quotas. Pure.
 *
 * One measure for both who count: admission, which adds what a write wants, and
 * the controller, which counts anew what is there. Pods count their requests and
 * limits until they have ended; services count ports; of everything else the
 * number counts, "count/RESOURCE.GROUP", and by an older name for a few.
 * Rules: k8s.io/kubernetes pkg/quota/v1/evaluator/core, k8s.io/apiserver
 * pkg/quota/v1/generic. */
#ifndef CORE_KINDS_QUOTA_H
#define CORE_KINDS_QUOTA_H

#include "core/kinds/facts_pod.h"
#include "core/kinds/kind.h"
#include "core/kinds/resource_list.h"

/* What objects of one resource come to. Zeroed is nothing. */
struct quota_sum {
    int64_t count;                /* All that are stored. */
    int64_t live;                 /* Pods that have not ended. */
    struct resource_list requests, limits; /* Of live pods. */
    int64_t node_ports, load_balancers;    /* Of services. */
};
void quota_sum_release(struct quota_sum *sum);
void quota_sum_add(struct quota_sum *sum, const struct kind *kind, const struct json *object,
                   int64_t now_us);
/* The same for a stored pod, without parsing it, unless it is overdue for its deletion. */
void quota_sum_add_pod(struct quota_sum *sum, const struct object *pod, int64_t now_us);

/* The amounts by the names that quotas use. Names live in arena, or where sum has them. */
void quota_amounts(struct arena *arena, const struct kind *kind, const struct quota_sum *sum,
                   struct resource_list *amounts);
/* Whether a quota's resource counts objects of this kind. */
bool quota_counts(const struct kind *kind, struct slice resource);
/* "pods" and "count/pods" stay with a pod that has ended; what else counts, does not. */
bool quota_is_pod(const struct kind *kind);

/* Which pods a quota with scopes counts. */
struct quota_scope {
    bool has_deadline, is_best_effort, reaches_namespaces; /* Affinity to other namespaces. */
    struct slice priority_class;
};
void quota_scope_of(const struct facts_pod *pod, struct quota_scope *scope);
/* spec is the quota's. Without scopes it counts all; with some, nothing but pods. */
bool quota_matches(const struct json *spec, const struct kind *kind,
                   const struct quota_scope *scope);

#endif
