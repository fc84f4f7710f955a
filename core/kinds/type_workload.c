/* Workloads and pod groups: io.k8s.api.scheduling.v1beta1, release 1.37.
 *
 * This is the shape that is stored; type_workload_v1alpha1.c has 1.35's. */
#include "core/kinds/schema_table.h"

#define SCHEDULING_V1BETA1 "io.k8s.api.scheduling.v1beta1"

/* --- Policies --- */

EMPTY_TYPE(basic_scheduling_policy, "BasicSchedulingPolicy", SCHEDULING_V1BETA1,
           "Pods are placed one by one, as if they had no group.");

FIELDS(gang_scheduling_policy) = {
    FIELD(1, "minCount", INT32, REQUIRED | ALWAYS,
          "Fewest pods that must fit together; may change later."),
};
TYPE(gang_scheduling_policy, "GangSchedulingPolicy", SCHEDULING_V1BETA1,
     "Pods are placed together or not at all.");

FIELDS(pod_group_scheduling_policy) = {
    FIELD(1, "basic", OBJECT(basic_scheduling_policy), 0, "One by one."),
    FIELD(2, "gang", OBJECT(gang_scheduling_policy), 0, "Together or not at all."),
};
TYPE(pod_group_scheduling_policy, "PodGroupSchedulingPolicy", SCHEDULING_V1BETA1,
     "How the pods of a group are placed; exactly one.");

FIELDS(topology_constraint) = {
    FIELD(1, "key", STRING, REQUIRED | ALWAYS, "Node label whose equal values make a place."),
};
TYPE(topology_constraint, "TopologyConstraint", SCHEDULING_V1BETA1,
     "A place that all pods of the group must share.");

FIELDS(pod_group_scheduling_constraints) = {
    LIST(1, "topology", OBJECT(topology_constraint), 0, "Places to share; one at most."),
};
TYPE(pod_group_scheduling_constraints, "PodGroupSchedulingConstraints", SCHEDULING_V1BETA1,
     "Places that suit the group.");

FIELDS(pod_group_resource_claim) = {
    FIELD(1, "name", STRING, REQUIRED | ALWAYS, "Name of the claim inside the group; a DNS label."),
    FIELD(2, "resourceClaimName", STRING, POINTER, "Existing ResourceClaim to use."),
    FIELD(3, "resourceClaimTemplateName", STRING, POINTER,
          "Template from which a ResourceClaim is made for the group."),
};
TYPE(pod_group_resource_claim, "PodGroupResourceClaim", SCHEDULING_V1BETA1,
     "A claim to devices that the pods of a group share.");

EMPTY_TYPE(single_disruption_mode, "SingleDisruptionMode", SCHEDULING_V1BETA1,
           "Each pod may be removed alone.");

EMPTY_TYPE(all_disruption_mode, "AllDisruptionMode", SCHEDULING_V1BETA1,
           "The pods may only be removed all together.");

FIELDS(disruption_mode) = {
    FIELD(1, "single", OBJECT(single_disruption_mode), 0, "Pod by pod."),
    FIELD(2, "all", OBJECT(all_disruption_mode), 0, "All together."),
};
TYPE(disruption_mode, "DisruptionMode", SCHEDULING_V1BETA1,
     "How preemption may break the group up; exactly one.");

FIELDS(pod_group_template) = {
    FIELD(1, "name", STRING, REQUIRED | ALWAYS,
          "Name of the template, unique in the Workload; a DNS label."),
    FIELD(2, "schedulingPolicy", OBJECT(pod_group_scheduling_policy), EXPECTED | ALWAYS,
          "How its pods are placed."),
    FIELD(3, "schedulingConstraints", OBJECT(pod_group_scheduling_constraints), 0,
          "Places that suit it."),
    LIST(4, "resourceClaims", OBJECT(pod_group_resource_claim), MERGED | RETAIN_KEYS,
         "Devices that its pods share.", MERGE_KEY("name"), MAP_KEYS("name")),
    FIELD(5, "disruptionMode", OBJECT(disruption_mode), 0, "How preemption may break it up."),
    FIELD(6, "priorityClassName", STRING, 0, "PriorityClass that gives it its priority."),
    FIELD(7, "priority", INT32, POINTER, "Priority; higher goes first."),
    FIELD(8, "preemptionPolicy", STRING, POINTER,
          "Whether others of lower priority may be removed to make room.",
          ENUM("Never", "PreemptLowerPriority"), GO_TYPE("v1beta1.PreemptionPolicy")),
};
TYPE(pod_group_template, "PodGroupTemplate", SCHEDULING_V1BETA1,
     "A group of pods as a controller makes it.");

/* --- Groups of groups --- */

EMPTY_TYPE(composite_basic_scheduling_policy, "CompositeBasicSchedulingPolicy", SCHEDULING_V1BETA1,
           "Groups are placed one by one.");

FIELDS(composite_gang_scheduling_policy) = {
    FIELD(1, "minGroupCount", INT32, REQUIRED | ALWAYS, "Fewest groups that must fit together."),
};
TYPE(composite_gang_scheduling_policy, "CompositeGangSchedulingPolicy", SCHEDULING_V1BETA1,
     "Groups are placed together or not at all.");

FIELDS(composite_pod_group_scheduling_policy) = {
    FIELD(1, "basic", OBJECT(composite_basic_scheduling_policy), 0, "One by one."),
    FIELD(2, "gang", OBJECT(composite_gang_scheduling_policy), 0, "Together or not at all."),
};
TYPE(composite_pod_group_scheduling_policy, "CompositePodGroupSchedulingPolicy", SCHEDULING_V1BETA1,
     "How the groups in a group are placed; exactly one.");

FIELDS(composite_pod_group_scheduling_constraints) = {
    LIST(1, "topology", OBJECT(topology_constraint), 0, "Places to share; one at most."),
};
TYPE(composite_pod_group_scheduling_constraints, "CompositePodGroupSchedulingConstraints",
     SCHEDULING_V1BETA1, "Places that suit the group of groups.");

EMPTY_TYPE(single_composite_disruption_mode, "SingleCompositeDisruptionMode", SCHEDULING_V1BETA1,
           "Each group may be removed alone.");

EMPTY_TYPE(all_composite_disruption_mode, "AllCompositeDisruptionMode", SCHEDULING_V1BETA1,
           "The groups may only be removed all together.");

FIELDS(composite_disruption_mode) = {
    FIELD(1, "single", OBJECT(single_composite_disruption_mode), 0, "Group by group."),
    FIELD(2, "all", OBJECT(all_composite_disruption_mode), 0, "All together."),
};
TYPE(composite_disruption_mode, "CompositeDisruptionMode", SCHEDULING_V1BETA1,
     "How preemption may break the groups up; exactly one.");

FIELDS(composite_pod_group_template) = {
    FIELD(1, "name", STRING, REQUIRED | ALWAYS,
          "Name of the template, unique in the Workload; a DNS label."),
    FIELD(2, "schedulingPolicy", OBJECT(composite_pod_group_scheduling_policy), EXPECTED | ALWAYS,
          "How its groups are placed."),
    FIELD(3, "schedulingConstraints", OBJECT(composite_pod_group_scheduling_constraints), 0,
          "Places that suit it."),
    FIELD(4, "disruptionMode", OBJECT(composite_disruption_mode), 0,
          "How preemption may break it up."),
    FIELD(5, "priorityClassName", STRING, 0, "PriorityClass that gives it its priority."),
    FIELD(6, "priority", INT32, POINTER, "Priority; higher goes first."),
    FIELD(7, "preemptionPolicy", STRING, POINTER,
          "Whether others of lower priority may be removed to make room.",
          ENUM("Never", "PreemptLowerPriority"), GO_TYPE("v1beta1.PreemptionPolicy")),
    LIST(8, "podGroupTemplates", OBJECT(pod_group_template), 0, "Groups of pods in it.",
         MAP_KEYS("name")),
    LIST(9, "compositePodGroupTemplates", OBJECT(composite_pod_group_template), 0,
         "Groups of groups in it; four levels at most.", MAP_KEYS("name")),
};
TYPE(composite_pod_group_template, "CompositePodGroupTemplate", SCHEDULING_V1BETA1,
     "A group of groups as a controller makes it.");

/* --- Workload --- */

FIELDS(scheduling_typed_local_object_reference) = {
    FIELD(1, "apiGroup", STRING, 0, "Group of the kind; empty means the core group."),
    FIELD(2, "kind", STRING, REQUIRED | ALWAYS, "Kind of the object."),
    FIELD(3, "name", STRING, REQUIRED | ALWAYS, "Name of the object."),
};
TYPE(scheduling_typed_local_object_reference, "TypedLocalObjectReference", SCHEDULING_V1BETA1,
     "Names an object of any kind in the same namespace.");

FIELDS(workload_spec) = {
    FIELD(1, "controllerRef", OBJECT(scheduling_typed_local_object_reference), 0,
          "Object that makes the pods, such as a Job."),
    LIST(2, "podGroupTemplates", OBJECT(pod_group_template), 0,
         "Groups of pods; may neither come nor go later.", MAP_KEYS("name")),
    LIST(3, "compositePodGroupTemplates", OBJECT(composite_pod_group_template), 0,
         "Groups of groups; in place of podGroupTemplates.", MAP_KEYS("name")),
};
TYPE(workload_spec, "WorkloadSpec", SCHEDULING_V1BETA1, "Which groups of pods make up a workload.");

FIELDS(workload) = {
    OBJECT_FIELDS,
    FIELD(2, "spec", OBJECT(workload_spec), EXPECTED | ALWAYS, "Its groups."),
};
TYPE(workload, "Workload", SCHEDULING_V1BETA1, "Pods that do one job and are scheduled in groups.");

/* --- PodGroup --- */

FIELDS(scheduling_workload_reference) = {
    FIELD(1, "workloadName", STRING, REQUIRED | ALWAYS, "Name of the Workload."),
    FIELD(2, "templateName", STRING, REQUIRED | ALWAYS, "Name of the template in it."),
};
TYPE(scheduling_workload_reference, "WorkloadReference", SCHEDULING_V1BETA1,
     "Names the template that a group was made from.");

FIELDS(pod_group_spec) = {
    FIELD(1, "parentCompositePodGroupName", STRING, POINTER, "Group of groups that it belongs to."),
    FIELD(2, "workloadRef", OBJECT(scheduling_workload_reference), 0,
          "Template that it was made from."),
    FIELD(3, "schedulingPolicy", OBJECT(pod_group_scheduling_policy), EXPECTED | ALWAYS,
          "How its pods are placed."),
    FIELD(4, "schedulingConstraints", OBJECT(pod_group_scheduling_constraints), 0,
          "Places that suit it."),
    LIST(5, "resourceClaims", OBJECT(pod_group_resource_claim), MERGED | RETAIN_KEYS,
         "Devices that its pods share.", MERGE_KEY("name"), MAP_KEYS("name")),
    FIELD(6, "disruptionMode", OBJECT(disruption_mode), 0, "How preemption may break it up.",
          DEFAULT("{\"single\":{}}")),
    FIELD(7, "priorityClassName", STRING, 0, "PriorityClass that gives it its priority."),
    FIELD(8, "priority", INT32, POINTER,
          "Priority, computed from the class by the server; higher goes first."),
    FIELD(9, "preemptionPolicy", STRING, POINTER,
          "Whether others of lower priority may be removed to make room.",
          ENUM("Never", "PreemptLowerPriority"), GO_TYPE("v1beta1.PreemptionPolicy")),
};
TYPE(pod_group_spec, "PodGroupSpec", SCHEDULING_V1BETA1, "What is wanted of a group of pods.");

FIELDS(pod_group_resource_claim_status) = {
    FIELD(1, "name", STRING, REQUIRED | ALWAYS, "Name of the claim in spec.resourceClaims."),
    FIELD(2, "resourceClaimName", STRING, POINTER, "ResourceClaim made for it."),
};
TYPE(pod_group_resource_claim_status, "PodGroupResourceClaimStatus", SCHEDULING_V1BETA1,
     "The ResourceClaim that stands for one of the group's claims.");

FIELDS(pod_group_status) = {
    LIST(1, "conditions", OBJECT(condition), MERGED,
         "Aspects of its present state, such as PodGroupInitiallyScheduled.", MERGE_KEY("type"),
         MAP_KEYS("type")),
    LIST(2, "resourceClaimStatuses", OBJECT(pod_group_resource_claim_status), MERGED | RETAIN_KEYS,
         "ResourceClaims made for spec.resourceClaims.", MERGE_KEY("name"), MAP_KEYS("name")),
};
TYPE(pod_group_status, "PodGroupStatus", SCHEDULING_V1BETA1, "What is known of a group of pods.");

FIELDS(pod_group) = {
    OBJECT_FIELDS,
    FIELD(2, "spec", OBJECT(pod_group_spec), EXPECTED | ALWAYS, "What is wanted of the group."),
    FIELD(3, "status", OBJECT(pod_group_status), ALWAYS,
          "What is known of the group; written by the scheduler."),
};
TYPE(pod_group, "PodGroup", SCHEDULING_V1BETA1, "Pods that are scheduled as one.");
