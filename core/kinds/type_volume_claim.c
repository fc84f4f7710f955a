/* Claims to storage: io.k8s.api.core.v1. */
#include "core/kinds/schema_table.h"

FIELDS(persistent_volume_claim_volume_source) = {
    FIELD(1, "claimName", STRING, REQUIRED | ALWAYS, "Name of the claim, in the pod's namespace."),
    FIELD(2, "readOnly", BOOL, 0, "Mount it read-only."),
};
TYPE(persistent_volume_claim_volume_source, "PersistentVolumeClaimVolumeSource", CORE_V1,
     "What a PersistentVolumeClaim has got.");

FIELDS(volume_resource_requirements) = {
    MAP(1, "limits", QUANTITY, 0, "The most that it may use.", GO_TYPE("v1.ResourceList")),
    MAP(2, "requests", QUANTITY, 0, "What is needed at least.", GO_TYPE("v1.ResourceList")),
};
TYPE(volume_resource_requirements, "VolumeResourceRequirements", CORE_V1,
     "How much storage is needed.");

FIELDS(persistent_volume_claim_spec) = {
    LIST(1, "accessModes", STRING, 0, "How it must be usable, such as ReadWriteOnce.",
         GO_TYPE("v1.PersistentVolumeAccessMode")),
    FIELD(4, "selector", OBJECT(label_selector), ATOMIC, "Which volumes may be bound."),
    FIELD(2, "resources", OBJECT(volume_resource_requirements), ALWAYS, "How much is needed."),
    FIELD(3, "volumeName", STRING, 0, "Volume that is bound to the claim."),
    FIELD(5, "storageClassName", STRING, POINTER,
          "StorageClass that provides it; empty means none, absent the default."),
    FIELD(6, "volumeMode", STRING, POINTER, "Filesystem or Block.", DEFAULT_TEXT("Filesystem"),
          GO_TYPE("v1.PersistentVolumeMode")),
    FIELD(7, "dataSource", OBJECT(typed_local_object_reference), ATOMIC,
          "What it is filled from: a snapshot or another claim."),
    FIELD(8, "dataSourceRef", OBJECT(typed_object_reference), 0,
          "As dataSource, for any kind of object that a populator knows."),
    FIELD(9, "volumeAttributesClassName", STRING, POINTER,
          "VolumeAttributesClass that sets what may change later."),
};
TYPE(persistent_volume_claim_spec, "PersistentVolumeClaimSpec", CORE_V1,
     "What is wanted of storage.");

FIELDS(persistent_volume_claim_template) = {
    FIELD(1, "metadata", OBJECT(object_meta), ALWAYS, "Labels and annotations of the claim."),
    FIELD(2, "spec", OBJECT(persistent_volume_claim_spec), EXPECTED | ALWAYS,
          "What is wanted of it."),
};
TYPE(persistent_volume_claim_template, "PersistentVolumeClaimTemplate", CORE_V1,
     "A claim as it is made for a pod.");

FIELDS(ephemeral_volume_source) = {
    FIELD(1, "volumeClaimTemplate", OBJECT(persistent_volume_claim_template), 0,
          "The claim; its name is the pod's, a dash, and the volume's."),
};
TYPE(ephemeral_volume_source, "EphemeralVolumeSource", CORE_V1,
     "A claim made for the pod and removed with it.");

FIELDS(persistent_volume_claim_condition) = {
    FIELD(1, "type", STRING, EXPECTED | ALWAYS, "What the condition is about.",
          GO_TYPE("v1.PersistentVolumeClaimConditionType")),
    FIELD(2, "status", STRING, EXPECTED | ALWAYS, "True, False or Unknown.",
          GO_TYPE("v1.ConditionStatus")),
    FIELD(3, "lastProbeTime", TIME, 0, "When it was last looked at."),
    FIELD(4, "lastTransitionTime", TIME, 0, "When status last changed."),
    FIELD(5, "reason", STRING, 0, "Why, as one word for programs."),
    FIELD(6, "message", STRING, 0, "Why, as a text for people."),
};
TYPE(persistent_volume_claim_condition, "PersistentVolumeClaimCondition", CORE_V1,
     "One aspect of a claim's present state.");

FIELDS(modify_volume_status) = {
    FIELD(1, "targetVolumeAttributesClassName", STRING, 0, "Class that is being changed to."),
    FIELD(2, "status", STRING, EXPECTED | ALWAYS, "Pending, InProgress or Infeasible.",
          GO_TYPE("v1.PersistentVolumeClaimModifyVolumeStatus")),
};
TYPE(modify_volume_status, "ModifyVolumeStatus", CORE_V1,
     "How a change of the VolumeAttributesClass is going.");

FIELDS(persistent_volume_claim_status) = {
    FIELD(1, "phase", STRING, 0, "Pending, Bound or Lost.",
          GO_TYPE("v1.PersistentVolumeClaimPhase")),
    LIST(2, "accessModes", STRING, 0, "How the bound volume is usable.",
         GO_TYPE("v1.PersistentVolumeAccessMode")),
    MAP(3, "capacity", QUANTITY, 0, "Size of the bound volume.", GO_TYPE("v1.ResourceList")),
    LIST(4, "conditions", OBJECT(persistent_volume_claim_condition), MERGED,
         "Aspects of its present state.", MERGE_KEY("type"), MAP_KEYS("type")),
    MAP(5, "allocatedResources", QUANTITY, 0, "Size that was granted, while it grows.",
        GO_TYPE("v1.ResourceList")),
    MAP(7, "allocatedResourceStatuses", STRING, 0, "How growing is going, for each resource.",
        GO_TYPE("v1.ClaimResourceStatus")),
    FIELD(8, "currentVolumeAttributesClassName", STRING, POINTER, "Class that is in force."),
    FIELD(9, "modifyVolumeStatus", OBJECT(modify_volume_status), 0,
          "How a change of the class is going."),
};
TYPE(persistent_volume_claim_status, "PersistentVolumeClaimStatus", CORE_V1,
     "What is known of a claim.");

FIELDS(persistent_volume_claim) = {
    OBJECT_FIELDS,
    FIELD(2, "spec", OBJECT(persistent_volume_claim_spec), ALWAYS, "What is wanted."),
    FIELD(3, "status", OBJECT(persistent_volume_claim_status), ALWAYS, "What is known."),
};
TYPE(persistent_volume_claim, "PersistentVolumeClaim", CORE_V1, "A user's claim to storage.");
