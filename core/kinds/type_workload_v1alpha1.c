/* Workloads as 1.35 has them: io.k8s.api.scheduling.v1alpha1.
 *
 * Groups stand inside the Workload and pods point at them by workloadRef. */
#include "core/kinds/schema_table.h"

#define SCHEDULING_V1ALPHA1 "io.k8s.api.scheduling.v1alpha1"

EMPTY_TYPE(v1alpha1_basic_scheduling_policy, "BasicSchedulingPolicy", SCHEDULING_V1ALPHA1,
           "Pods are placed one by one, as if they had no group.");

FIELDS(v1alpha1_gang_scheduling_policy) = {
    FIELD(1, "minCount", INT32, EXPECTED | ALWAYS, "Fewest pods that must fit together."),
};
TYPE(v1alpha1_gang_scheduling_policy, "GangSchedulingPolicy", SCHEDULING_V1ALPHA1,
     "Pods are placed together or not at all.");

FIELDS(v1alpha1_pod_group_policy) = {
    FIELD(2, "basic", OBJECT(v1alpha1_basic_scheduling_policy), 0, "One by one."),
    FIELD(3, "gang", OBJECT(v1alpha1_gang_scheduling_policy), 0, "Together or not at all."),
};
TYPE(v1alpha1_pod_group_policy, "PodGroupPolicy", SCHEDULING_V1ALPHA1,
     "How the pods of a group are placed; exactly one.");

FIELDS(v1alpha1_pod_group) = {
    FIELD(1, "name", STRING, EXPECTED | ALWAYS,
          "Name of the group, unique in the Workload; a DNS label."),
    FIELD(3, "policy", OBJECT(v1alpha1_pod_group_policy), EXPECTED | ALWAYS,
          "How its pods are placed."),
};
TYPE(v1alpha1_pod_group, "PodGroup", SCHEDULING_V1ALPHA1, "A group of pods in a Workload.");

FIELDS(v1alpha1_typed_local_object_reference) = {
    FIELD(1, "apiGroup", STRING, 0, "Group of the kind; empty means the core group."),
    FIELD(2, "kind", STRING, REQUIRED | ALWAYS, "Kind of the object."),
    FIELD(3, "name", STRING, REQUIRED | ALWAYS, "Name of the object."),
};
TYPE(v1alpha1_typed_local_object_reference, "TypedLocalObjectReference", SCHEDULING_V1ALPHA1,
     "Names an object of any kind in the same namespace.");

FIELDS(v1alpha1_workload_spec) = {
    FIELD(1, "controllerRef", OBJECT(v1alpha1_typed_local_object_reference), 0,
          "Object that makes the pods, such as a Job."),
    LIST(2, "podGroups", OBJECT(v1alpha1_pod_group), EXPECTED, "The groups; one to eight.",
         MAP_KEYS("name")),
};
TYPE(v1alpha1_workload_spec, "WorkloadSpec", SCHEDULING_V1ALPHA1,
     "Which groups of pods make up a workload.");

FIELDS(v1alpha1_workload) = {
    OBJECT_FIELDS,
    FIELD(2, "spec", OBJECT(v1alpha1_workload_spec), EXPECTED | ALWAYS, "Its groups."),
};
TYPE(v1alpha1_workload, "Workload", SCHEDULING_V1ALPHA1,
     "Pods that do one job and are scheduled in groups.");
