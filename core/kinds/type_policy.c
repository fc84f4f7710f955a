/* Bounds on disruption, and evictions that respect them: io.k8s.api.policy.v1. */
#include "core/kinds/schema_table.h"

#define POLICY_V1 "io.k8s.api.policy.v1"

FIELDS(eviction) = {
    OBJECT_FIELDS,
    FIELD(2, "deleteOptions", OBJECT(delete_options), 0, "How to delete it."),
};
TYPE(eviction, "Eviction", POLICY_V1, "Asks that a pod be removed, if budgets allow it.");

FIELDS(pod_disruption_budget_spec) = {
    FIELD(1, "minAvailable", INT_OR_STRING, POINTER,
          "Fewest pods, as number or percentage, that must stay."),
    FIELD(2, "selector", OBJECT(label_selector), ATOMIC | REPLACED,
          "Which pods; empty selects all of the namespace."),
    FIELD(3, "maxUnavailable", INT_OR_STRING, POINTER,
          "Most pods, as number or percentage, that may be gone."),
    FIELD(4, "unhealthyPodEvictionPolicy", STRING, POINTER,
          "When pods that are not ready may be removed.",
          GO_TYPE("v1.UnhealthyPodEvictionPolicyType")),
};
TYPE(pod_disruption_budget_spec, "PodDisruptionBudgetSpec", POLICY_V1, "How many pods must stay.");

FIELDS(pod_disruption_budget_status) = {
    FIELD(1, "observedGeneration", INT64, 0, "metadata.generation that this was decided on."),
    MAP(2, "disruptedPods", TIME, 0,
        "Pods whose eviction was granted and not yet seen, with the time of it."),
    FIELD(3, "disruptionsAllowed", INT32, EXPECTED | ALWAYS, "How many pods may be removed now."),
    FIELD(4, "currentHealthy", INT32, EXPECTED | ALWAYS, "How many pods are ready."),
    FIELD(5, "desiredHealthy", INT32, EXPECTED | ALWAYS, "How many pods must be ready."),
    FIELD(6, "expectedPods", INT32, EXPECTED | ALWAYS, "How many pods are counted."),
    LIST(7, "conditions", OBJECT(condition), MERGED, "Aspects of its present state.",
         MERGE_KEY("type"), MAP_KEYS("type")),
};
TYPE(pod_disruption_budget_status, "PodDisruptionBudgetStatus", POLICY_V1, "How a budget stands.");

FIELDS(pod_disruption_budget) = {
    OBJECT_FIELDS,
    FIELD(2, "spec", OBJECT(pod_disruption_budget_spec), ALWAYS, "How many must stay."),
    FIELD(3, "status", OBJECT(pod_disruption_budget_status), ALWAYS, "How it stands."),
};
TYPE(pod_disruption_budget, "PodDisruptionBudget", POLICY_V1,
     "Bounds how many pods of an application may be removed at once.");
