/* Roles of people and of components: see bootstrap_roles.h. */
#include "api/bootstrap_roles.h"

#define END_OF_RULES {NULL, NULL, NULL, NULL}
#define RULES(name_) static const struct default_rule name_[]
#define EVENTS {"core events.k8s.io", "events", "create patch update", NULL}
#define TOKEN_REVIEWS {"authentication.k8s.io", "tokenreviews", "create", NULL}
#define ACCESS_REVIEWS {"authorization.k8s.io", "subjectaccessreviews", "create", NULL}

/* --- People --- */

RULES(cluster_admin) = {
    {"*", "*", "*", NULL},
    {NULL, "*", "*", NULL},
    END_OF_RULES,
};

RULES(to_admin) = {
    {"authorization.k8s.io", "localsubjectaccessreviews", "create", NULL},
    {"rbac.authorization.k8s.io", "rolebindings roles", READ " " WRITE, NULL},
    END_OF_RULES,
};

RULES(to_edit) = {
    {"core", "pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy", READ,
     NULL},
    {"core", "serviceaccounts", "impersonate", NULL},
    {"core", "pods pods/attach pods/exec pods/portforward pods/proxy", WRITE, NULL},
    {"core", "pods/resize", "get patch update", NULL},
    {"core", "pods/eviction", "create", NULL},
    {"core",
     "configmaps events persistentvolumeclaims replicationcontrollers replicationcontrollers/scale "
     "secrets serviceaccounts services services/proxy",
     WRITE, NULL},
    {"core", "serviceaccounts/token", "create", NULL},
    {"apps",
     "daemonsets deployments deployments/rollback deployments/scale replicasets replicasets/scale "
     "statefulsets statefulsets/scale",
     WRITE, NULL},
    {"autoscaling", "horizontalpodautoscalers", WRITE, NULL},
    {"batch", "cronjobs jobs", WRITE, NULL},
    {"policy", "poddisruptionbudgets", WRITE, NULL},
    {"networking.k8s.io", "ingresses networkpolicies", WRITE, NULL},
    {"coordination.k8s.io", "leases", READ " " WRITE, NULL},
    {"scheduling.k8s.io", "podgroups workloads", WRITE, NULL},
    END_OF_RULES,
};

RULES(to_view) = {
    {"core",
     "configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods "
     "replicationcontrollers replicationcontrollers/scale serviceaccounts services services/status",
     READ, NULL},
    {"core",
     "bindings events limitranges namespaces/status pods/log pods/status "
     "replicationcontrollers/status resourcequotas resourcequotas/status",
     READ, NULL},
    {"core", "namespaces", READ, NULL},
    {"discovery.k8s.io", "endpointslices", READ, NULL},
    {"events.k8s.io", "events", READ, NULL},
    {"apps",
     "controllerrevisions daemonsets daemonsets/status deployments deployments/scale "
     "deployments/status replicasets replicasets/scale replicasets/status statefulsets "
     "statefulsets/scale statefulsets/status",
     READ, NULL},
    {"autoscaling", "horizontalpodautoscalers horizontalpodautoscalers/status", READ, NULL},
    {"batch", "cronjobs cronjobs/status jobs jobs/status", READ, NULL},
    {"policy", "poddisruptionbudgets poddisruptionbudgets/status", READ, NULL},
    {"networking.k8s.io", "ingresses ingresses/status networkpolicies", READ, NULL},
    {"scheduling.k8s.io", "podgroups podgroups/status workloads", READ, NULL},
    END_OF_RULES,
};

RULES(basic_user) = {
    {"authorization.k8s.io", "selfsubjectaccessreviews selfsubjectrulesreviews", "create", NULL},
    {"authentication.k8s.io", "selfsubjectreviews", "create", NULL},
    END_OF_RULES,
};

RULES(discovery) = {
    {NULL,
     "/api /api/* /apis /apis/* /healthz /livez /openapi /openapi/* /readyz /version /version/",
     "get", NULL},
    END_OF_RULES,
};

RULES(public_info_viewer) = {
    {NULL, "/healthz /livez /readyz /version /version/", "get", NULL},
    END_OF_RULES,
};

RULES(monitoring) = {
    {NULL, "/healthz /healthz/* /livez /livez/* /metrics /metrics/slis /readyz /readyz/*", "get",
     NULL},
    END_OF_RULES,
};

RULES(issuer_discovery) = {
    {NULL, "/.well-known/openid-configuration /openid/v1/jwks", "get", NULL},
    END_OF_RULES,
};

/* --- Certificates --- */

#define APPROVER(name_, signer_)                                            \
    RULES(name_) = {                                                        \
        {"certificates.k8s.io", "signers", "approve", signer_},             \
        END_OF_RULES,                                                       \
    }
APPROVER(approve_client, "kubernetes.io/kube-apiserver-client");
APPROVER(approve_kubelet, "kubernetes.io/kube-apiserver-client-kubelet");
APPROVER(approve_serving, "kubernetes.io/kubelet-serving");

RULES(nodeclient) = {
    {"certificates.k8s.io", "certificatesigningrequests/nodeclient", "create", NULL},
    END_OF_RULES,
};
RULES(selfnodeclient) = {
    {"certificates.k8s.io", "certificatesigningrequests/selfnodeclient", "create", NULL},
    END_OF_RULES,
};
RULES(node_bootstrapper) = {
    {"certificates.k8s.io", "certificatesigningrequests", "create " READ, NULL},
    END_OF_RULES,
};

/* --- Components --- */

RULES(auth_delegator) = {
    TOKEN_REVIEWS,
    ACCESS_REVIEWS,
    END_OF_RULES,
};

RULES(scheduler) = {
    EVENTS,
    {"coordination.k8s.io", "leases", "create", NULL},
    {"coordination.k8s.io", "leases", "get update", "kube-scheduler"},
    {"core", "nodes namespaces", READ, NULL},
    {"core", "pods", "delete " READ, NULL},
    {"core", "bindings pods/binding", "create", NULL},
    {"core", "pods/status", "patch update", NULL},
    {"core", "replicationcontrollers services persistentvolumeclaims persistentvolumes", READ,
     NULL},
    {"apps", "replicasets statefulsets", READ, NULL},
    {"policy", "poddisruptionbudgets", READ, NULL},
    {"storage.k8s.io", "csidrivers csinodes csistoragecapacities", READ, NULL},
    {"scheduling.k8s.io", "podgroups workloads priorityclasses", READ, NULL},
    {"scheduling.k8s.io", "podgroups/status", "patch update", NULL},
    TOKEN_REVIEWS,
    ACCESS_REVIEWS,
    END_OF_RULES,
};

RULES(controller_manager) = {
    EVENTS,
    {"coordination.k8s.io", "leases", "create", NULL},
    {"coordination.k8s.io", "leases", "get update", "kube-controller-manager"},
    {"core", "secrets serviceaccounts", "create update", NULL},
    {"core", "secrets", "delete", NULL},
    {"core", "configmaps namespaces secrets serviceaccounts", "get", NULL},
    TOKEN_REVIEWS,
    ACCESS_REVIEWS,
    {"*", "*", "list watch", NULL},
    {"core", "serviceaccounts/token", "create", NULL},
    END_OF_RULES,
};

RULES(node_proxier) = {
    {"core", "endpoints services", "list watch", NULL},
    {"core", "nodes", READ, NULL},
    EVENTS,
    {"discovery.k8s.io", "endpointslices", "list watch", NULL},
    END_OF_RULES,
};

RULES(node_problem_detector) = {
    {"core", "nodes", "get", NULL},
    {"core", "nodes/status", "patch", NULL},
    EVENTS,
    END_OF_RULES,
};

RULES(kubelet_api_admin) = {
    {"core", "nodes", READ, NULL},
    {"core", "nodes", "proxy", NULL},
    {"core",
     "nodes/configz nodes/healthz nodes/log nodes/metrics nodes/pods nodes/proxy nodes/stats", "*",
     NULL},
    END_OF_RULES,
};

RULES(virtual_nodes) = {
    {"core", "nodes", "create patch " READ, NULL},
    {"core", "nodes/status pods/status", "patch", NULL},
    {"core", "pods", "delete " READ, NULL},
    {"coordination.k8s.io", "leases", "get create patch", NULL},
    EVENTS,
    END_OF_RULES,
};

const struct default_rule default_node_rules[] = {
    {"authentication.k8s.io", "tokenreviews", "create", NULL},
    {"authorization.k8s.io", "localsubjectaccessreviews subjectaccessreviews", "create", NULL},
    {"core", "services", READ, NULL},
    {"core", "nodes", "create " READ, NULL},
    {"core", "nodes/status", "patch update", NULL},
    {"core", "nodes", "patch update", NULL},
    {"core", "events", "create patch update", NULL},
    {"core", "pods", READ, NULL},
    {"core", "pods", "create delete", NULL},
    {"core", "pods/status", "patch update", NULL},
    {"core", "pods/eviction", "create", NULL},
    {"core", "configmaps secrets", READ, NULL},
    {"core", "persistentvolumeclaims persistentvolumes", "get", NULL},
    {"core", "endpoints", "get", NULL},
    {"certificates.k8s.io", "certificatesigningrequests", "create " READ, NULL},
    {"coordination.k8s.io", "leases", "create delete get patch update", NULL},
    {"storage.k8s.io", "volumeattachments", "get", NULL},
    {"core", "serviceaccounts/token", "create", NULL},
    {"core", "persistentvolumeclaims/status", "get patch update", NULL},
    {"storage.k8s.io", "csidrivers", READ, NULL},
    {"storage.k8s.io", "csinodes", "create delete get patch update", NULL},
    {"node.k8s.io", "runtimeclasses", READ, NULL},
    END_OF_RULES,
};

/* --- In kube-system and kube-public: what reads and writes by name --- */

RULES(authentication_reader) = {
    {"core", "configmaps", READ, "extension-apiserver-authentication"},
    END_OF_RULES,
};
RULES(cluster_info_writer) = {
    {"core", "configmaps", READ, NULL},
    {"core", "configmaps", "update patch", "cluster-info"},
    EVENTS,
    END_OF_RULES,
};
RULES(secrets_reader) = {
    {"core", "secrets", READ, NULL},
    END_OF_RULES,
};
RULES(token_cleaner) = {
    {"core", "secrets", "delete " READ, NULL},
    EVENTS,
    END_OF_RULES,
};

#define ROLE(name_, rules_) {name_, NULL, NULL, false, rules_}
#define JOINS(name_, whole_, rules_) {name_, NULL, whole_, false, rules_}
#define MADE_OF_OTHERS(name_, joins_) {name_, NULL, joins_, true, NULL}
#define IN(namespace_, name_, rules_) {name_, namespace_, NULL, false, rules_}
#define CERTIFICATES "system:certificates.k8s.io:"

const struct default_role default_roles[] = {
    ROLE("cluster-admin", cluster_admin),
    MADE_OF_OTHERS("admin", NULL),
    MADE_OF_OTHERS("edit", "admin"),
    MADE_OF_OTHERS("view", "edit"),
    JOINS("system:aggregate-to-admin", "admin", to_admin),
    JOINS("system:aggregate-to-edit", "edit", to_edit),
    JOINS("system:aggregate-to-view", "view", to_view),
    ROLE("system:basic-user", basic_user),
    ROLE("system:discovery", discovery),
    ROLE("system:public-info-viewer", public_info_viewer),
    ROLE("system:monitoring", monitoring),
    ROLE("system:service-account-issuer-discovery", issuer_discovery),
    ROLE(CERTIFICATES "kube-apiserver-client-approver", approve_client),
    ROLE(CERTIFICATES "kube-apiserver-client-kubelet-approver", approve_kubelet),
    ROLE(CERTIFICATES "kubelet-serving-approver", approve_serving),
    ROLE(CERTIFICATES "certificatesigningrequests:nodeclient", nodeclient),
    ROLE(CERTIFICATES "certificatesigningrequests:selfnodeclient", selfnodeclient),
    ROLE("system:node-bootstrapper", node_bootstrapper),
    ROLE("system:auth-delegator", auth_delegator),
    ROLE("system:kube-scheduler", scheduler),
    ROLE("system:kube-controller-manager", controller_manager),
    ROLE("system:node", default_node_rules),
    ROLE("system:node-proxier", node_proxier),
    ROLE("system:node-problem-detector", node_problem_detector),
    ROLE("system:kubelet-api-admin", kubelet_api_admin),
    ROLE("system:coracle:virtual-nodes", virtual_nodes),
    IN("kube-system", "extension-apiserver-authentication-reader", authentication_reader),
    IN("kube-system", "system:controller:bootstrap-signer", secrets_reader),
    IN("kube-system", "system:controller:token-cleaner", token_cleaner),
    IN("kube-public", "system:controller:bootstrap-signer", cluster_info_writer),
    {NULL, NULL, NULL, false, NULL},
};

#define BOOTSTRAPPERS "system:bootstrappers"

/* system:node is bound to nobody: nodes have their own authorizer (authz_node.h). The three that
 * let machines join are what kubeadm binds: who has a bootstrap token may ask, and is approved. */
const struct default_binding default_bindings[] = {
    {"cluster-admin", NULL, "Group", "system:masters", NULL},
    {"system:basic-user", NULL, "Group", "system:authenticated", NULL},
    {"system:discovery", NULL, "Group", "system:authenticated", NULL},
    {"system:public-info-viewer", NULL, "Group", "system:authenticated system:unauthenticated",
     NULL},
    {"system:monitoring", NULL, "Group", "system:monitoring", NULL},
    {"system:service-account-issuer-discovery", NULL, "Group", "system:serviceaccounts", NULL},
    {"system:kube-scheduler", NULL, "User", "system:kube-scheduler", NULL},
    {"system:kube-controller-manager", NULL, "User", "system:kube-controller-manager", NULL},
    {"system:node-proxier", NULL, "User", "system:kube-proxy", NULL},
    {"system:coracle:virtual-nodes", NULL, "User", "system:coracle:virtual-nodes", NULL},
    {"system:node-bootstrapper", NULL, "Group", BOOTSTRAPPERS, "system:coracle:node-bootstrapper"},
    {CERTIFICATES "certificatesigningrequests:nodeclient", NULL, "Group", BOOTSTRAPPERS,
     "system:coracle:node-autoapprove-bootstrap"},
    {CERTIFICATES "certificatesigningrequests:selfnodeclient", NULL, "Group", "system:nodes",
     "system:coracle:node-autoapprove-certificate-rotation"},
    {"extension-apiserver-authentication-reader", "kube-system", "User",
     "system:kube-controller-manager system:kube-scheduler",
     "system::extension-apiserver-authentication-reader"},
    {"system:controller:bootstrap-signer", "kube-system", "ServiceAccount", "bootstrap-signer",
     NULL},
    {"system:controller:token-cleaner", "kube-system", "ServiceAccount", "token-cleaner", NULL},
    {"system:controller:bootstrap-signer", "kube-public", "ServiceAccount", "bootstrap-signer",
     NULL},
    {NULL, NULL, NULL, NULL, NULL},
};
