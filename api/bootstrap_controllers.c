/* Roles of controllers: see bootstrap_roles.h. */
#include "api/bootstrap_roles.h"

#define END_OF_RULES {NULL, NULL, NULL, NULL}
#define RULES(name_) static const struct default_rule name_[]
#define EVENTS {"core events.k8s.io", "events", "create patch update", NULL}
#define CHANGE "patch update"

RULES(certificate) = {
    {"certificates.k8s.io", "certificatesigningrequests", "delete " READ, NULL},
    {"certificates.k8s.io", "certificatesigningrequests/approval certificatesigningrequests/status",
     "update", NULL},
    {"certificates.k8s.io", "signers", "approve", "kubernetes.io/kube-apiserver-client-kubelet"},
    {"certificates.k8s.io", "signers", "sign",
     "kubernetes.io/kube-apiserver-client kubernetes.io/kube-apiserver-client-kubelet "
     "kubernetes.io/kubelet-serving"},
    {"authorization.k8s.io", "subjectaccessreviews", "create", NULL},
    EVENTS,
    END_OF_RULES,
};

RULES(clusterrole_aggregation) = {
    {"rbac.authorization.k8s.io", "clusterroles", "escalate patch update " READ, NULL},
    END_OF_RULES,
};

RULES(cronjob) = {
    {"batch", "cronjobs", "update " READ, NULL},
    {"batch", "jobs", "create delete patch update " READ, NULL},
    {"batch", "cronjobs/status", CHANGE, NULL},
    {"batch", "cronjobs/finalizers", "update", NULL},
    {"core", "pods", "delete list watch", NULL},
    EVENTS,
    END_OF_RULES,
};

RULES(daemon_set) = {
    {"apps", "daemonsets", READ, NULL},
    {"apps", "daemonsets/status", CHANGE, NULL},
    {"apps", "daemonsets/finalizers", "update", NULL},
    {"core", "nodes", "list watch", NULL},
    {"core", "pods", "create delete list patch watch", NULL},
    {"core", "pods/binding", "create", NULL},
    {"apps", "controllerrevisions", "create delete patch update " READ, NULL},
    EVENTS,
    END_OF_RULES,
};

RULES(deployment) = {
    {"apps", "deployments", "patch update " READ, NULL},
    {"apps", "deployments/status", CHANGE, NULL},
    {"apps", "deployments/finalizers", "update", NULL},
    {"apps", "replicasets", "create delete patch update " READ, NULL},
    {"core", "pods", "update " READ, NULL},
    EVENTS,
    END_OF_RULES,
};

RULES(disruption) = {
    {"apps", "deployments replicasets statefulsets", READ, NULL},
    {"core", "replicationcontrollers pods", READ, NULL},
    {"policy", "poddisruptionbudgets", READ, NULL},
    {"policy", "poddisruptionbudgets/status", CHANGE, NULL},
    {"core", "pods/status", CHANGE, NULL},
    {"*", "*/scale", "get", NULL},
    EVENTS,
    END_OF_RULES,
};

RULES(endpoint) = {
    {"core", "pods services", READ, NULL},
    {"core", "endpoints", "create delete update " READ, NULL},
    {"core", "endpoints/restricted", "create", NULL},
    EVENTS,
    END_OF_RULES,
};

RULES(endpoint_slice) = {
    {"core", "nodes pods services", READ, NULL},
    {"core", "services/finalizers", "update", NULL},
    {"discovery.k8s.io", "endpointslices", "create delete update " READ, NULL},
    EVENTS,
    END_OF_RULES,
};

RULES(endpoint_slice_mirroring) = {
    {"core", "endpoints services", READ, NULL},
    {"core", "services/finalizers endpoints/finalizers", "update", NULL},
    {"discovery.k8s.io", "endpointslices", "create delete update " READ, NULL},
    EVENTS,
    END_OF_RULES,
};

/* Ours alone: upstream's Events end with a lease of etcd. */
RULES(event_ttl) = {
    {"core", "events", "delete " READ, NULL},
    END_OF_RULES,
};

RULES(garbage_collector) = {
    {"*", "*", "delete patch update " READ, NULL},
    EVENTS,
    END_OF_RULES,
};

RULES(horizontal_pod_autoscaler) = {
    {"autoscaling", "horizontalpodautoscalers", READ, NULL},
    {"autoscaling", "horizontalpodautoscalers/status", CHANGE, NULL},
    {"*", "*/scale", "get update", NULL},
    {"core", "pods", "list watch", NULL},
    {"metrics.k8s.io", "pods", "list watch", NULL},
    EVENTS,
    END_OF_RULES,
};

RULES(job) = {
    {"batch", "jobs", "patch update " READ, NULL},
    {"batch", "jobs/status", CHANGE, NULL},
    {"batch", "jobs/finalizers", "update", NULL},
    {"core", "pods", "create delete list patch watch", NULL},
    EVENTS,
    END_OF_RULES,
};

/* Ours alone: upstream's API server writes default/kubernetes by itself. */
RULES(kubernetes_service) = {
    {"core", "services endpoints", "create update " READ, NULL},
    {"core", "endpoints/restricted", "create", NULL},
    {"discovery.k8s.io", "endpointslices", "create update " READ, NULL},
    END_OF_RULES,
};

RULES(namespace) = {
    {"core", "namespaces", "delete " READ, NULL},
    {"core", "namespaces/finalize namespaces/status", CHANGE, NULL},
    {"*", "*", "delete deletecollection " READ, NULL},
    END_OF_RULES,
};

RULES(node) = {
    {"core", "nodes", "delete patch update " READ, NULL},
    {"core", "nodes/status pods/status", CHANGE, NULL},
    {"core", "pods", "delete " READ, NULL},
    {"coordination.k8s.io", "leases", READ, NULL},
    EVENTS,
    END_OF_RULES,
};

RULES(pod_garbage_collector) = {
    {"core", "pods", "delete list watch", NULL},
    {"core", "nodes", READ, NULL},
    {"core", "pods/status", "patch", NULL},
    END_OF_RULES,
};

/* Ours alone: what waits for an operator's word after a loss. */
RULES(recovery) = {
    {"core", "configmaps", "create " READ, NULL},
    END_OF_RULES,
};

RULES(replica_set) = {
    {"apps", "replicasets", "update " READ, NULL},
    {"apps", "replicasets/status", CHANGE, NULL},
    {"apps", "replicasets/finalizers", "update", NULL},
    {"core", "pods", "create delete list patch watch", NULL},
    EVENTS,
    END_OF_RULES,
};

RULES(replication) = {
    {"core", "replicationcontrollers", "update " READ, NULL},
    {"core", "replicationcontrollers/status", CHANGE, NULL},
    {"core", "replicationcontrollers/finalizers", "update", NULL},
    {"core", "pods", "create delete list patch watch", NULL},
    EVENTS,
    END_OF_RULES,
};

RULES(resource_quota) = {
    {"*", "*", "list watch", NULL},
    {"core", "resourcequotas/status", CHANGE, NULL},
    EVENTS,
    END_OF_RULES,
};

RULES(root_ca_cert_publisher) = {
    {"core", "configmaps", "create update", NULL},
    {"core", "configmaps namespaces", READ, NULL},
    EVENTS,
    END_OF_RULES,
};

RULES(service_account) = {
    {"core", "serviceaccounts", "create " READ, NULL},
    {"core", "namespaces", READ, NULL},
    EVENTS,
    END_OF_RULES,
};

RULES(stateful_set) = {
    {"core", "pods", "create delete patch update " READ, NULL},
    {"apps", "statefulsets", READ, NULL},
    {"apps", "statefulsets/status", CHANGE, NULL},
    {"apps", "statefulsets/finalizers", "update", NULL},
    {"apps", "controllerrevisions", "create delete patch update " READ, NULL},
    {"core", "persistentvolumeclaims", "create delete update " READ, NULL},
    {"core", "pods/finalizers", "update", NULL},
    EVENTS,
    END_OF_RULES,
};

RULES(ttl_after_finished) = {
    {"batch", "jobs", "delete " READ, NULL},
    EVENTS,
    END_OF_RULES,
};

#define OF(name_, rules_) {"system:controller:" name_, NULL, NULL, false, rules_}

const struct default_role default_controller_roles[] = {
    OF("certificate-controller", certificate),
    OF("clusterrole-aggregation-controller", clusterrole_aggregation),
    OF("cronjob-controller", cronjob),
    OF("daemon-set-controller", daemon_set),
    OF("deployment-controller", deployment),
    OF("disruption-controller", disruption),
    OF("endpoint-controller", endpoint),
    OF("endpointslice-controller", endpoint_slice),
    OF("endpointslicemirroring-controller", endpoint_slice_mirroring),
    OF("event-ttl-controller", event_ttl),
    OF("generic-garbage-collector", garbage_collector),
    OF("horizontal-pod-autoscaler", horizontal_pod_autoscaler),
    OF("job-controller", job),
    OF("kubernetes-service-controller", kubernetes_service),
    OF("namespace-controller", namespace),
    OF("node-controller", node),
    OF("pod-garbage-collector", pod_garbage_collector),
    OF("recovery-controller", recovery),
    OF("replicaset-controller", replica_set),
    OF("replication-controller", replication),
    OF("resourcequota-controller", resource_quota),
    OF("root-ca-cert-publisher", root_ca_cert_publisher),
    OF("service-account-controller", service_account),
    OF("statefulset-controller", stateful_set),
    OF("ttl-after-finished-controller", ttl_after_finished),
    {NULL, NULL, NULL, false, NULL},
};
