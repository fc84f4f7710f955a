/* Controllers of pods that run on: io.k8s.api.apps.v1, and the older
 * ReplicationController of io.k8s.api.core.v1. */
#include "core/kinds/schema_table.h"

#define APPS_V1 "io.k8s.api.apps.v1"

/* --- ReplicationController --- */

FIELDS(replication_controller_condition) = {
    FIELD(1, "type", STRING, EXPECTED | ALWAYS, "What the condition is about.",
          GO_TYPE("v1.ReplicationControllerConditionType")),
    FIELD(2, "status", STRING, EXPECTED | ALWAYS, "True, False or Unknown.",
          GO_TYPE("v1.ConditionStatus")),
    FIELD(3, "lastTransitionTime", TIME, 0, "When status last changed."),
    FIELD(4, "reason", STRING, 0, "Why, as one word for programs."),
    FIELD(5, "message", STRING, 0, "Why, as a text for people."),
};
TYPE(replication_controller_condition, "ReplicationControllerCondition", CORE_V1,
     "One aspect of its present state.");

FIELDS(replication_controller_spec) = {
    FIELD(1, "replicas", INT32, POINTER, "How many pods are wanted.", DEFAULT("1")),
    FIELD(4, "minReadySeconds", INT32, 0,
          "Seconds that a pod must be ready before it counts as available.", DEFAULT("0")),
    MAP(2, "selector", STRING, ATOMIC, "Labels of its pods; absent means those of the template."),
    FIELD(3, "template", OBJECT(pod_template_spec), 0, "The pods that it makes."),
};
TYPE(replication_controller_spec, "ReplicationControllerSpec", CORE_V1, "What is wanted of it.");

FIELDS(replication_controller_status) = {
    FIELD(1, "replicas", INT32, EXPECTED | ALWAYS, "How many pods."),
    FIELD(2, "fullyLabeledReplicas", INT32, 0, "How many have all labels of the template."),
    FIELD(4, "readyReplicas", INT32, 0, "How many are ready."),
    FIELD(5, "availableReplicas", INT32, 0, "How many have been ready for minReadySeconds."),
    FIELD(3, "observedGeneration", INT64, 0, "metadata.generation that this was decided on."),
    LIST(6, "conditions", OBJECT(replication_controller_condition), MERGED,
         "Aspects of its present state.", MERGE_KEY("type"), MAP_KEYS("type")),
};
TYPE(replication_controller_status, "ReplicationControllerStatus", CORE_V1, "What is known of it.");

FIELDS(replication_controller) = {
    OBJECT_FIELDS,
    FIELD(2, "spec", OBJECT(replication_controller_spec), ALWAYS, "What is wanted."),
    FIELD(3, "status", OBJECT(replication_controller_status), ALWAYS, "What is known."),
};
TYPE(replication_controller, "ReplicationController", CORE_V1,
     "Keeps a number of pods running; old, Deployments replace it.");

/* --- Deployment --- */

FIELDS(rolling_update_deployment) = {
    FIELD(1, "maxUnavailable", INT_OR_STRING, POINTER,
          "Most pods, as number or percentage, that may be missing."),
    FIELD(2, "maxSurge", INT_OR_STRING, POINTER,
          "Most pods, as number or percentage, that may be too many."),
};
TYPE(rolling_update_deployment, "RollingUpdateDeployment", APPS_V1, "How fast pods are replaced.");

FIELDS(deployment_strategy) = {
    FIELD(1, "type", STRING, 0, "RollingUpdate, or Recreate: stop all old ones first.",
          GO_TYPE("v1.DeploymentStrategyType")),
    FIELD(2, "rollingUpdate", OBJECT(rolling_update_deployment), 0,
          "How fast; with RollingUpdate alone."),
};
TYPE(deployment_strategy, "DeploymentStrategy", APPS_V1, "How pods are replaced.");

FIELDS(deployment_condition) = {
    FIELD(1, "type", STRING, EXPECTED | ALWAYS, "What the condition is about.",
          GO_TYPE("v1.DeploymentConditionType")),
    FIELD(2, "status", STRING, EXPECTED | ALWAYS, "True, False or Unknown.",
          GO_TYPE("v1.ConditionStatus")),
    FIELD(6, "lastUpdateTime", TIME, 0, "When it was last written."),
    FIELD(7, "lastTransitionTime", TIME, 0, "When status last changed."),
    FIELD(4, "reason", STRING, 0, "Why, as one word for programs."),
    FIELD(5, "message", STRING, 0, "Why, as a text for people."),
};
TYPE(deployment_condition, "DeploymentCondition", APPS_V1, "One aspect of its present state.");

FIELDS(deployment_spec) = {
    FIELD(1, "replicas", INT32, POINTER, "How many pods are wanted."),
    FIELD(2, "selector", OBJECT(label_selector), EXPECTED | ATOMIC,
          "Labels of its pods; never changes."),
    FIELD(3, "template", OBJECT(pod_template_spec), EXPECTED | ALWAYS, "The pods that it makes."),
    FIELD(4, "strategy", OBJECT(deployment_strategy), ALWAYS | RETAIN_KEYS,
          "How pods are replaced."),
    FIELD(5, "minReadySeconds", INT32, 0,
          "Seconds that a pod must be ready before it counts as available."),
    FIELD(6, "revisionHistoryLimit", INT32, POINTER,
          "How many old revisions are kept to go back to."),
    FIELD(7, "paused", BOOL, 0, "Do not act on changes of the template."),
    FIELD(9, "progressDeadlineSeconds", INT32, POINTER,
          "Seconds without progress after which it counts as failed."),
};
TYPE(deployment_spec, "DeploymentSpec", APPS_V1, "What is wanted of it.");

FIELDS(deployment_status) = {
    FIELD(1, "observedGeneration", INT64, 0, "metadata.generation that this was decided on."),
    FIELD(2, "replicas", INT32, 0, "How many pods."),
    FIELD(3, "updatedReplicas", INT32, 0, "How many have the newest template."),
    FIELD(7, "readyReplicas", INT32, 0, "How many are ready."),
    FIELD(4, "availableReplicas", INT32, 0, "How many have been ready for minReadySeconds."),
    FIELD(5, "unavailableReplicas", INT32, 0, "How many are still missing."),
    FIELD(9, "terminatingReplicas", INT32, POINTER, "How many are ending."),
    LIST(6, "conditions", OBJECT(deployment_condition), MERGED, "Aspects of its present state.",
         MERGE_KEY("type"), MAP_KEYS("type")),
    FIELD(8, "collisionCount", INT32, POINTER,
          "How often the hash in a name was taken; makes the next one differ."),
};
TYPE(deployment_status, "DeploymentStatus", APPS_V1, "What is known of it.");

FIELDS(deployment) = {
    OBJECT_FIELDS,
    FIELD(2, "spec", OBJECT(deployment_spec), ALWAYS, "What is wanted."),
    FIELD(3, "status", OBJECT(deployment_status), ALWAYS, "What is known."),
};
TYPE(deployment, "Deployment", APPS_V1,
     "Keeps pods running and replaces them when the template changes.");

/* --- ReplicaSet --- */

FIELDS(replica_set_condition) = {
    FIELD(1, "type", STRING, EXPECTED | ALWAYS, "What the condition is about.",
          GO_TYPE("v1.ReplicaSetConditionType")),
    FIELD(2, "status", STRING, EXPECTED | ALWAYS, "True, False or Unknown.",
          GO_TYPE("v1.ConditionStatus")),
    FIELD(3, "lastTransitionTime", TIME, 0, "When status last changed."),
    FIELD(4, "reason", STRING, 0, "Why, as one word for programs."),
    FIELD(5, "message", STRING, 0, "Why, as a text for people."),
};
TYPE(replica_set_condition, "ReplicaSetCondition", APPS_V1, "One aspect of its present state.");

FIELDS(replica_set_spec) = {
    FIELD(1, "replicas", INT32, POINTER, "How many pods are wanted."),
    FIELD(4, "minReadySeconds", INT32, 0,
          "Seconds that a pod must be ready before it counts as available."),
    FIELD(2, "selector", OBJECT(label_selector), EXPECTED | ATOMIC,
          "Labels of its pods; never changes."),
    FIELD(3, "template", OBJECT(pod_template_spec), ALWAYS, "The pods that it makes."),
};
TYPE(replica_set_spec, "ReplicaSetSpec", APPS_V1, "What is wanted of it.");

FIELDS(replica_set_status) = {
    FIELD(1, "replicas", INT32, EXPECTED | ALWAYS, "How many pods."),
    FIELD(2, "fullyLabeledReplicas", INT32, 0, "How many have all labels of the template."),
    FIELD(4, "readyReplicas", INT32, 0, "How many are ready."),
    FIELD(5, "availableReplicas", INT32, 0, "How many have been ready for minReadySeconds."),
    FIELD(7, "terminatingReplicas", INT32, POINTER, "How many are ending."),
    FIELD(3, "observedGeneration", INT64, 0, "metadata.generation that this was decided on."),
    LIST(6, "conditions", OBJECT(replica_set_condition), MERGED, "Aspects of its present state.",
         MERGE_KEY("type"), MAP_KEYS("type")),
};
TYPE(replica_set_status, "ReplicaSetStatus", APPS_V1, "What is known of it.");

FIELDS(replica_set) = {
    OBJECT_FIELDS,
    FIELD(2, "spec", OBJECT(replica_set_spec), ALWAYS, "What is wanted."),
    FIELD(3, "status", OBJECT(replica_set_status), ALWAYS, "What is known."),
};
TYPE(replica_set, "ReplicaSet", APPS_V1,
     "Keeps a number of pods running; mostly made by a Deployment.");

/* --- StatefulSet --- */

FIELDS(rolling_update_stateful_set_strategy) = {
    FIELD(1, "partition", INT32, POINTER, "Pods from this ordinal on are replaced."),
    FIELD(2, "maxUnavailable", INT_OR_STRING, POINTER,
          "Most pods, as number or percentage, that may be missing."),
};
TYPE(rolling_update_stateful_set_strategy, "RollingUpdateStatefulSetStrategy", APPS_V1,
     "Which pods are replaced, and how fast.");

FIELDS(stateful_set_update_strategy) = {
    FIELD(1, "type", STRING, 0, "RollingUpdate, or OnDelete: only when somebody deletes them.",
          GO_TYPE("v1.StatefulSetUpdateStrategyType")),
    FIELD(2, "rollingUpdate", OBJECT(rolling_update_stateful_set_strategy), 0,
          "Which, and how fast; with RollingUpdate alone."),
};
TYPE(stateful_set_update_strategy, "StatefulSetUpdateStrategy", APPS_V1, "How pods are replaced.");

FIELDS(claim_retention_policy) = {
    FIELD(1, "whenDeleted", STRING, 0, "When the StatefulSet is deleted: Retain or Delete.",
          GO_TYPE("v1.PersistentVolumeClaimRetentionPolicyType")),
    FIELD(2, "whenScaled", STRING, 0, "When it shrinks: Retain or Delete.",
          GO_TYPE("v1.PersistentVolumeClaimRetentionPolicyType")),
};
TYPE(claim_retention_policy, "StatefulSetPersistentVolumeClaimRetentionPolicy", APPS_V1,
     "What becomes of the claims.");

FIELDS(stateful_set_ordinals) = {
    FIELD(1, "start", INT32, ALWAYS, "Number of the first."),
};
TYPE(stateful_set_ordinals, "StatefulSetOrdinals", APPS_V1, "How pods are numbered.");

FIELDS(stateful_set_condition) = {
    FIELD(1, "type", STRING, EXPECTED | ALWAYS, "What the condition is about.",
          GO_TYPE("v1.StatefulSetConditionType")),
    FIELD(2, "status", STRING, EXPECTED | ALWAYS, "True, False or Unknown.",
          GO_TYPE("v1.ConditionStatus")),
    FIELD(3, "lastTransitionTime", TIME, 0, "When status last changed."),
    FIELD(4, "reason", STRING, 0, "Why, as one word for programs."),
    FIELD(5, "message", STRING, 0, "Why, as a text for people."),
};
TYPE(stateful_set_condition, "StatefulSetCondition", APPS_V1, "One aspect of its present state.");

FIELDS(stateful_set_spec) = {
    FIELD(1, "replicas", INT32, POINTER, "How many pods are wanted."),
    FIELD(2, "selector", OBJECT(label_selector), EXPECTED | ATOMIC,
          "Labels of its pods; never changes."),
    FIELD(3, "template", OBJECT(pod_template_spec), EXPECTED | ALWAYS, "The pods that it makes."),
    LIST(4, "volumeClaimTemplates", OBJECT(persistent_volume_claim), 0,
         "Claims made for each pod."),
    FIELD(5, "serviceName", STRING, ALWAYS, "Service that gives the pods their names."),
    FIELD(6, "podManagementPolicy", STRING, 0,
          "OrderedReady: one after the other; Parallel: all at once.",
          GO_TYPE("v1.PodManagementPolicyType")),
    FIELD(7, "updateStrategy", OBJECT(stateful_set_update_strategy), ALWAYS,
          "How pods are replaced."),
    FIELD(8, "revisionHistoryLimit", INT32, POINTER,
          "How many old revisions are kept to go back to."),
    FIELD(9, "minReadySeconds", INT32, 0,
          "Seconds that a pod must be ready before it counts as available."),
    FIELD(10, "persistentVolumeClaimRetentionPolicy", OBJECT(claim_retention_policy), 0,
          "What becomes of the claims."),
    FIELD(11, "ordinals", OBJECT(stateful_set_ordinals), 0, "How pods are numbered."),
};
TYPE(stateful_set_spec, "StatefulSetSpec", APPS_V1, "What is wanted of it.");

FIELDS(stateful_set_status) = {
    FIELD(1, "observedGeneration", INT64, 0, "metadata.generation that this was decided on."),
    FIELD(2, "replicas", INT32, EXPECTED | ALWAYS, "How many pods."),
    FIELD(3, "readyReplicas", INT32, 0, "How many are ready."),
    FIELD(4, "currentReplicas", INT32, 0, "How many have the revision currentRevision."),
    FIELD(5, "updatedReplicas", INT32, 0, "How many have the revision updateRevision."),
    FIELD(6, "currentRevision", STRING, 0, "Revision of pods not yet replaced."),
    FIELD(7, "updateRevision", STRING, 0, "Revision of pods already replaced."),
    FIELD(9, "collisionCount", INT32, POINTER,
          "How often the hash in a name was taken; makes the next one differ."),
    LIST(10, "conditions", OBJECT(stateful_set_condition), MERGED, "Aspects of its present state.",
         MERGE_KEY("type"), MAP_KEYS("type")),
    FIELD(11, "availableReplicas", INT32, ALWAYS, "How many have been ready for minReadySeconds."),
};
TYPE(stateful_set_status, "StatefulSetStatus", APPS_V1, "What is known of it.");

FIELDS(stateful_set) = {
    OBJECT_FIELDS,
    FIELD(2, "spec", OBJECT(stateful_set_spec), ALWAYS, "What is wanted."),
    FIELD(3, "status", OBJECT(stateful_set_status), ALWAYS, "What is known."),
};
TYPE(stateful_set, "StatefulSet", APPS_V1,
     "Keeps pods running that have lasting names and storage.");

/* --- DaemonSet --- */

FIELDS(rolling_update_daemon_set) = {
    FIELD(1, "maxUnavailable", INT_OR_STRING, POINTER,
          "Most nodes, as number or percentage, that may be without the pod."),
    FIELD(2, "maxSurge", INT_OR_STRING, POINTER,
          "Most nodes, as number or percentage, that may have the old pod and the new."),
};
TYPE(rolling_update_daemon_set, "RollingUpdateDaemonSet", APPS_V1, "How fast pods are replaced.");

FIELDS(daemon_set_update_strategy) = {
    FIELD(1, "type", STRING, 0, "RollingUpdate, or OnDelete: only when somebody deletes them.",
          GO_TYPE("v1.DaemonSetUpdateStrategyType")),
    FIELD(2, "rollingUpdate", OBJECT(rolling_update_daemon_set), 0,
          "How fast; with RollingUpdate alone."),
};
TYPE(daemon_set_update_strategy, "DaemonSetUpdateStrategy", APPS_V1, "How pods are replaced.");

FIELDS(daemon_set_condition) = {
    FIELD(1, "type", STRING, EXPECTED | ALWAYS, "What the condition is about.",
          GO_TYPE("v1.DaemonSetConditionType")),
    FIELD(2, "status", STRING, EXPECTED | ALWAYS, "True, False or Unknown.",
          GO_TYPE("v1.ConditionStatus")),
    FIELD(3, "lastTransitionTime", TIME, 0, "When status last changed."),
    FIELD(4, "reason", STRING, 0, "Why, as one word for programs."),
    FIELD(5, "message", STRING, 0, "Why, as a text for people."),
};
TYPE(daemon_set_condition, "DaemonSetCondition", APPS_V1, "One aspect of its present state.");

FIELDS(daemon_set_spec) = {
    FIELD(1, "selector", OBJECT(label_selector), EXPECTED | ATOMIC,
          "Labels of its pods; never changes."),
    FIELD(2, "template", OBJECT(pod_template_spec), EXPECTED | ALWAYS, "The pods that it makes."),
    FIELD(3, "updateStrategy", OBJECT(daemon_set_update_strategy), ALWAYS,
          "How pods are replaced."),
    FIELD(4, "minReadySeconds", INT32, 0,
          "Seconds that a pod must be ready before it counts as available."),
    FIELD(6, "revisionHistoryLimit", INT32, POINTER,
          "How many old revisions are kept to go back to."),
};
TYPE(daemon_set_spec, "DaemonSetSpec", APPS_V1, "What is wanted of it.");

FIELDS(daemon_set_status) = {
    FIELD(1, "currentNumberScheduled", INT32, EXPECTED | ALWAYS,
          "Nodes that should have the pod and have it."),
    FIELD(2, "numberMisscheduled", INT32, EXPECTED | ALWAYS,
          "Nodes that should not have the pod and have it."),
    FIELD(3, "desiredNumberScheduled", INT32, EXPECTED | ALWAYS, "Nodes that should have the pod."),
    FIELD(4, "numberReady", INT32, EXPECTED | ALWAYS, "Nodes whose pod is ready."),
    FIELD(5, "observedGeneration", INT64, 0, "metadata.generation that this was decided on."),
    FIELD(6, "updatedNumberScheduled", INT32, 0, "Nodes whose pod has the newest template."),
    FIELD(7, "numberAvailable", INT32, 0, "Nodes whose pod has been ready for minReadySeconds."),
    FIELD(8, "numberUnavailable", INT32, 0, "Nodes whose pod is missing or has not."),
    FIELD(9, "collisionCount", INT32, POINTER,
          "How often the hash in a name was taken; makes the next one differ."),
    LIST(10, "conditions", OBJECT(daemon_set_condition), MERGED, "Aspects of its present state.",
         MERGE_KEY("type"), MAP_KEYS("type")),
};
TYPE(daemon_set_status, "DaemonSetStatus", APPS_V1, "What is known of it.");

FIELDS(daemon_set) = {
    OBJECT_FIELDS,
    FIELD(2, "spec", OBJECT(daemon_set_spec), ALWAYS, "What is wanted."),
    FIELD(3, "status", OBJECT(daemon_set_status), ALWAYS, "What is known."),
};
TYPE(daemon_set, "DaemonSet", APPS_V1, "Keeps one pod running on every node that suits it.");

/* --- ControllerRevision --- */

FIELDS(controller_revision) = {
    OBJECT_FIELDS,
    FIELD(2, "data", ANY, 0, "The state; never changes."),
    FIELD(3, "revision", INT64, EXPECTED | ALWAYS, "Number of the state."),
};
TYPE(controller_revision, "ControllerRevision", APPS_V1,
     "An old state of a DaemonSet or StatefulSet.");
