/* Budgets of disruption: whether one more pod may be evicted, and counting it.
 *
 * A budget says by its status how many pods may go now; who evicts one takes it off in the
 * transaction that removes the pod, so two evictions never share one. Kept up to date by the
 * disruption controller's hands. Rules: k8s.io/kubernetes pkg/registry/core/pod/storage/
 * eviction.go. */
#ifndef API_DISRUPTION_BUDGET_H
#define API_DISRUPTION_BUDGET_H

#include "api/plan.h"
#include "api/request.h"

/* Allows that the pod be evicted, and plans the change of its budget, if it has one; else -1 and
 * TOO_MANY_REQUESTS, FORBIDDEN or INTERNAL_ERROR. */
MUST_USE int disruption_budget_take(struct request *request, struct plan *plan,
                                    const struct json *pod);

#endif
