/* What pods are configured with: ConfigMaps, Secrets, ServiceAccounts, and the
 * namespaces that hold them. io.k8s.api.core.v1. */
#include "core/kinds/schema_table.h"

FIELDS(config_map) = {
    OBJECT_FIELDS,
    FIELD(4, "immutable", BOOL, POINTER, "Once true, nothing of it may change."),
    MAP(2, "data", STRING, 0, "Texts by name."),
    MAP(3, "binaryData", BYTES, 0, "Bytes by name; names differ from those in data."),
};
TYPE(config_map, "ConfigMap", CORE_V1, "Settings for pods to read.");

FIELDS(secret) = {
    OBJECT_FIELDS,
    FIELD(5, "immutable", BOOL, POINTER, "Once true, nothing of it may change."),
    MAP(2, "data", BYTES, 0, "Bytes by name."),
    MAP(4, "stringData", STRING, 0, "Texts by name, put into data on writing; never read back."),
    FIELD(3, "type", STRING, 0, "What it holds, such as kubernetes.io/tls; never changes.",
          DEFAULT_TEXT("Opaque"), GO_TYPE("v1.SecretType")),
};
TYPE(secret, "Secret", CORE_V1, "Settings for pods to read that not everybody may see.");

FIELDS(service_account) = {
    OBJECT_FIELDS,
    LIST(2, "secrets", OBJECT(object_reference), MERGED | ATOMIC,
         "Secrets that its pods may use; not where tokens are kept.", MERGE_KEY("name"),
         MAP_KEYS("name")),
    LIST(3, "imagePullSecrets", OBJECT(local_object_reference), 0,
         "Secrets with which its pods pull images."),
    FIELD(4, "automountServiceAccountToken", BOOL, POINTER,
          "Whether its pods get a token, unless they say otherwise."),
};
TYPE(service_account, "ServiceAccount", CORE_V1, "Who pods are when they speak to the API.");

FIELDS(namespace_condition) = {
    FIELD(1, "type", STRING, EXPECTED | ALWAYS, "What the condition is about.",
          GO_TYPE("v1.NamespaceConditionType")),
    FIELD(2, "status", STRING, EXPECTED | ALWAYS, "True, False or Unknown.",
          GO_TYPE("v1.ConditionStatus")),
    FIELD(4, "lastTransitionTime", TIME, 0, "When status last changed."),
    FIELD(5, "reason", STRING, 0, "Why, as one word for programs."),
    FIELD(6, "message", STRING, 0, "Why, as a text for people."),
};
TYPE(namespace_condition, "NamespaceCondition", CORE_V1,
     "One aspect of a namespace's present state.");

FIELDS(namespace_spec) = {
    LIST(1, "finalizers", STRING, 0, "Who must act before the namespace may be removed.",
         GO_TYPE("v1.FinalizerName")),
};
TYPE(namespace_spec, "NamespaceSpec", CORE_V1, "What is wanted of a namespace.");

FIELDS(namespace_status) = {
    FIELD(1, "phase", STRING, 0, "Active, or Terminating once its deletion was asked for.",
          GO_TYPE("v1.NamespacePhase")),
    LIST(2, "conditions", OBJECT(namespace_condition), MERGED, "What holds up its deletion.",
         MERGE_KEY("type"), MAP_KEYS("type")),
};
TYPE(namespace_status, "NamespaceStatus", CORE_V1, "What is known of a namespace.");

FIELDS(namespace) = {
    OBJECT_FIELDS,
    FIELD(2, "spec", OBJECT(namespace_spec), ALWAYS, "What is wanted of the namespace."),
    FIELD(3, "status", OBJECT(namespace_status), ALWAYS, "What is known of the namespace."),
};
TYPE(namespace, "Namespace", CORE_V1, "A space for names; most objects are in one.");
