/* Where pods go: selectors, affinity, taints, spreading. io.k8s.api.core.v1. */
#include "core/kinds/schema_table.h"

/* --- Nodes --- */

FIELDS(node_selector_requirement) = {
    FIELD(1, "key", STRING, EXPECTED | ALWAYS, "Label, or metadata.name as a field."),
    FIELD(2, "operator", STRING, EXPECTED | ALWAYS, "In, NotIn, Exists, DoesNotExist, Gt or Lt.",
          GO_TYPE("v1.NodeSelectorOperator")),
    LIST(3, "values", STRING, 0, "Values for In and NotIn; one number for Gt and Lt; none else."),
};
TYPE(node_selector_requirement, "NodeSelectorRequirement", CORE_V1,
     "One requirement on a node's label or field.");

FIELDS(node_selector_term) = {
    LIST(1, "matchExpressions", OBJECT(node_selector_requirement), 0, "Requirements on labels."),
    LIST(2, "matchFields", OBJECT(node_selector_requirement), 0,
         "Requirements on fields; only metadata.name."),
};
TYPE(node_selector_term, "NodeSelectorTerm", CORE_V1,
     "Requirements that must all hold; none at all selects no node.");

FIELDS(node_selector) = {
    LIST(1, "nodeSelectorTerms", OBJECT(node_selector_term), EXPECTED, "The terms; at least one."),
};
TYPE(node_selector, "NodeSelector", CORE_V1, "Selects nodes for which any of its terms holds.");

FIELDS(preferred_scheduling_term) = {
    FIELD(1, "weight", INT32, EXPECTED | ALWAYS, "Points for a node for which it holds, 1 to 100."),
    FIELD(2, "preference", OBJECT(node_selector_term), EXPECTED | ALWAYS | ATOMIC,
          "Which nodes; an empty one selects none."),
};
TYPE(preferred_scheduling_term, "PreferredSchedulingTerm", CORE_V1, "Nodes that are liked better.");

FIELDS(node_affinity) = {
    FIELD(1, "requiredDuringSchedulingIgnoredDuringExecution", OBJECT(node_selector), ATOMIC,
          "Nodes that it must have; later changes do not move it."),
    LIST(2, "preferredDuringSchedulingIgnoredDuringExecution", OBJECT(preferred_scheduling_term), 0,
         "Nodes that it likes; the sum of points counts."),
};
TYPE(node_affinity, "NodeAffinity", CORE_V1, "Which nodes a pod must have, and which it likes.");

/* --- Pods --- */

FIELDS(pod_affinity_term) = {
    FIELD(1, "labelSelector", OBJECT(label_selector), ATOMIC,
          "Which pods, by their labels; absent selects none."),
    LIST(2, "namespaces", STRING, 0,
         "Namespaces of those pods; with namespaceSelector none, none at all means the pod's own."),
    FIELD(3, "topologyKey", STRING, EXPECTED | ALWAYS,
          "Node label whose equal values make a place; required."),
    FIELD(4, "namespaceSelector", OBJECT(label_selector), ATOMIC,
          "More namespaces, by their labels; an empty one selects all."),
    LIST(5, "matchLabelKeys", STRING, 0,
         "Labels of the pod itself whose values the others must have too."),
    LIST(6, "mismatchLabelKeys", STRING, 0,
         "Labels of the pod itself whose values the others must not have."),
};
TYPE(pod_affinity_term, "PodAffinityTerm", CORE_V1,
     "Pods, and the topology in which they count as near.");

FIELDS(weighted_pod_affinity_term) = {
    FIELD(1, "weight", INT32, EXPECTED | ALWAYS, "Points for a node in such a place, 1 to 100."),
    FIELD(2, "podAffinityTerm", OBJECT(pod_affinity_term), EXPECTED | ALWAYS,
          "Which pods make the place."),
};
TYPE(weighted_pod_affinity_term, "WeightedPodAffinityTerm", CORE_V1,
     "Places that are liked better.");

FIELDS(pod_affinity) = {
    LIST(1, "requiredDuringSchedulingIgnoredDuringExecution", OBJECT(pod_affinity_term), 0,
         "Pods that must be near; all terms must hold in one place."),
    LIST(2, "preferredDuringSchedulingIgnoredDuringExecution", OBJECT(weighted_pod_affinity_term),
         0, "Pods that it likes near; the sum of points counts."),
};
TYPE(pod_affinity, "PodAffinity", CORE_V1, "Pods that a pod must be near to, or likes to be.");

FIELDS(pod_anti_affinity) = {
    LIST(1, "requiredDuringSchedulingIgnoredDuringExecution", OBJECT(pod_affinity_term), 0,
         "Pods that must not be near."),
    LIST(2, "preferredDuringSchedulingIgnoredDuringExecution", OBJECT(weighted_pod_affinity_term),
         0, "Pods that it likes away; the sum of points counts."),
};
TYPE(pod_anti_affinity, "PodAntiAffinity", CORE_V1,
     "Pods that a pod must be away from, or likes to be.");

FIELDS(affinity) = {
    FIELD(1, "nodeAffinity", OBJECT(node_affinity), 0, "Which nodes."),
    FIELD(2, "podAffinity", OBJECT(pod_affinity), 0, "Which pods to be near to."),
    FIELD(3, "podAntiAffinity", OBJECT(pod_anti_affinity), 0, "Which pods to be away from."),
};
TYPE(affinity, "Affinity", CORE_V1, "Rules that attract a pod to nodes and pods, or keep it away.");

/* --- Taints --- */

FIELDS(taint) = {
    FIELD(1, "key", STRING, EXPECTED | ALWAYS, "Name of the taint."),
    FIELD(2, "value", STRING, 0, "Its value."),
    FIELD(3, "effect", STRING, EXPECTED | ALWAYS, "NoSchedule, PreferNoSchedule or NoExecute.",
          GO_TYPE("v1.TaintEffect")),
    FIELD(4, "timeAdded", TIME, POINTER, "When it was put on the node."),
};
TYPE(taint, "Taint", CORE_V1, "Keeps pods that do not tolerate it away from a node.");

FIELDS(toleration) = {
    FIELD(1, "key", STRING, 0, "Name of the taint; empty with Exists means all."),
    FIELD(2, "operator", STRING, 0, "Exists: any value; Equal: this value. Absent means Equal.",
          GO_TYPE("v1.TolerationOperator")),
    FIELD(3, "value", STRING, 0, "Value of the taint."),
    FIELD(4, "effect", STRING, 0, "Effect of the taint; empty means all.",
          ENUM("NoSchedule", "PreferNoSchedule", "NoExecute"), GO_TYPE("v1.TaintEffect")),
    FIELD(5, "tolerationSeconds", INT64, POINTER,
          "Seconds that a NoExecute taint is put up with; absent means for ever."),
};
TYPE(toleration, "Toleration", CORE_V1, "Taints that a pod puts up with.");

/* --- Spreading --- */

FIELDS(topology_spread_constraint) = {
    FIELD(1, "maxSkew", INT32, EXPECTED | ALWAYS,
          "Largest difference between the fullest place and the emptiest."),
    FIELD(2, "topologyKey", STRING, EXPECTED | ALWAYS,
          "Node label whose equal values make a place."),
    FIELD(3, "whenUnsatisfiable", STRING, EXPECTED | ALWAYS, "Whether it is a must or a wish.",
          ENUM("DoNotSchedule", "ScheduleAnyway"), GO_TYPE("v1.UnsatisfiableConstraintAction")),
    FIELD(4, "labelSelector", OBJECT(label_selector), ATOMIC, "Which pods are counted."),
    FIELD(5, "minDomains", INT32, POINTER,
          "Fewest places; while there are fewer, the emptiest counts as 0."),
    FIELD(6, "nodeAffinityPolicy", STRING, POINTER,
          "Whether only nodes that the pod may have are counted; absent means Honor.",
          ENUM("Honor", "Ignore"), GO_TYPE("v1.NodeInclusionPolicy")),
    FIELD(7, "nodeTaintsPolicy", STRING, POINTER,
          "Whether taints decide which nodes are counted; absent means Ignore.",
          ENUM("Honor", "Ignore"), GO_TYPE("v1.NodeInclusionPolicy")),
    LIST(8, "matchLabelKeys", STRING, 0,
         "Labels of the pod itself whose values the counted pods must have too."),
};
TYPE(topology_spread_constraint, "TopologySpreadConstraint", CORE_V1,
     "How evenly matching pods must be spread over places.");
