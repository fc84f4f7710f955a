#include "api/bootstrap_objects.h"

#include "core/check.h"

#define NAMESPACE(name_) {"", "v1", "Namespace", name_, "", ""}
#define PRIORITY_CLASS(name_, value_, description_)             \
    {"scheduling.k8s.io", "v1", "PriorityClass", name_, "",     \
     "\"value\":" value_ ",\"description\":\"" description_ "\""}
#define RBAC "rbac.authorization.k8s.io"
#define DEFAULTS ",\"labels\":{\"kubernetes.io/bootstrapping\":\"rbac-defaults\"}," \
                 "\"annotations\":{\"rbac.authorization.kubernetes.io/autoupdate\":\"true\"}"
#define CLUSTER_ROLE(name_, rules_) \
    {RBAC, "v1", "ClusterRole", name_, DEFAULTS, "\"rules\":[" rules_ "]"}
#define BINDING(name_, role_, kind_, subject_)                                               \
    {RBAC, "v1", "ClusterRoleBinding", name_, DEFAULTS,                                       \
     "\"roleRef\":{\"apiGroup\":\"" RBAC "\",\"kind\":\"ClusterRole\",\"name\":\"" role_      \
     "\"},\"subjects\":[{\"apiGroup\":\"" RBAC "\",\"kind\":\"" kind_ "\",\"name\":\"" subject_ \
     "\"}]"}
#define GROUP_BINDING(name_, role_, group_) BINDING(name_, role_, "Group", group_)
#define USER_BINDING(name_, role_, user_) BINDING(name_, role_, "User", user_)

/* A controller acts as a service account of kube-system. */
#define CONTROLLER_BINDING(name_)                                                             \
    {RBAC, "v1", "ClusterRoleBinding", "system:controller:" name_, DEFAULTS,                  \
     "\"roleRef\":{\"apiGroup\":\"" RBAC "\",\"kind\":\"ClusterRole\",\"name\":"            \
     "\"system:controller:" name_ "\"},\"subjects\":[{\"kind\":\"ServiceAccount\",\"name\":\""  \
     name_ "\",\"namespace\":\"kube-system\"}]"}

/* A rule: groups, resources and verbs as JSON strings. */
#define RULE(groups_, resources_, verbs_) \
    "{\"apiGroups\":[" groups_ "],\"resources\":[" resources_ "],\"verbs\":[" verbs_ "]}"
#define URLS(urls_) "{\"nonResourceURLs\":[" urls_ "],\"verbs\":[\"get\"]}"
#define READ "\"get\",\"list\",\"watch\""
#define ALL_WRITES "\"create\",\"delete\",\"deletecollection\",\"patch\",\"update\""
#define EVENT_WRITES "\"create\",\"patch\",\"update\""

#define NAMESPACED_THINGS                                                                   \
    "\"configmaps\",\"endpoints\",\"events\",\"limitranges\",\"namespaces\",\"pods\",\"pods/log\"," \
    "\"pods/status\",\"replicationcontrollers\",\"resourcequotas\",\"serviceaccounts\",\"services\""
#define EDITABLE_THINGS                                                                \
    "\"configmaps\",\"endpoints\",\"pods\",\"pods/attach\",\"pods/exec\",\"pods/portforward\"," \
    "\"pods/proxy\",\"pods/resize\",\"pods/eviction\",\"replicationcontrollers\",\"secrets\","   \
    "\"serviceaccounts\",\"services\""

#define VIEW_RULES                                                              \
    RULE("\"\"", NAMESPACED_THINGS, READ) ","                                   \
    RULE("\"scheduling.k8s.io\"", "\"workloads\",\"podgroups\",\"podgroups/status\"", READ) "," \
    RULE("\"events.k8s.io\"", "\"events\"", READ) ","                           \
    RULE("\"discovery.k8s.io\"", "\"endpointslices\"", READ)
#define EDIT_RULES                                                              \
    RULE("\"\"", EDITABLE_THINGS, READ "," ALL_WRITES) ","                      \
    RULE("\"scheduling.k8s.io\"", "\"workloads\",\"podgroups\"", ALL_WRITES) ","  \
    RULE("\"coordination.k8s.io\"", "\"leases\"", READ "," ALL_WRITES)

const struct bootstrap_object bootstrap_objects[] = {
    NAMESPACE("default"),
    NAMESPACE("kube-system"),
    NAMESPACE("kube-public"),
    NAMESPACE("kube-node-lease"),
    PRIORITY_CLASS("system-node-critical", "2000001000",
                   "Used for system critical pods that must not be moved from their current node."),
    PRIORITY_CLASS("system-cluster-critical", "2000000000",
                   "Used for system critical pods that must run in the cluster, but can be moved "
                   "to another node if necessary."),

    CLUSTER_ROLE("cluster-admin", RULE("\"*\"", "\"*\"",
                                       "\"*\"") ",{\"nonResourceURLs\":[\"*\"],\"verbs\":[\"*\"]}"),
    CLUSTER_ROLE("admin", VIEW_RULES "," EDIT_RULES "," RULE(
                              "\"" RBAC "\"", "\"roles\",\"rolebindings\"", READ "," ALL_WRITES)),
    CLUSTER_ROLE("edit", VIEW_RULES "," EDIT_RULES),
    CLUSTER_ROLE("view", VIEW_RULES),
    CLUSTER_ROLE(
        "system:discovery",
        URLS("\"/api\",\"/api/*\",\"/apis\",\"/apis/*\",\"/healthz\",\"/livez\",\"/openapi\","
             "\"/openapi/*\",\"/readyz\",\"/version\",\"/version/\"")),
    CLUSTER_ROLE("system:basic-user",
                 RULE("\"authorization.k8s.io\"",
                      "\"selfsubjectaccessreviews\",\"selfsubjectrulesreviews\"",
                      "\"create\"") "," RULE("\"authentication.k8s.io\"", "\"selfsubjectreviews\"",
                                             "\"create\"")),
    CLUSTER_ROLE("system:public-info-viewer",
                 URLS("\"/healthz\",\"/livez\",\"/readyz\",\"/version\",\"/version/\"")),
    CLUSTER_ROLE(
        "system:kube-scheduler",
        RULE("\"\",\"events.k8s.io\"", "\"events\"", EVENT_WRITES) "," RULE("\"\"", "\"nodes\",\"namespaces\"", READ) "," RULE(
            "\"\"", "\"pods\"",
            READ
            ",\"delete\"") "," RULE("\"\"", "\"bindings\",\"pods/binding\"",
                                    "\"create\"") "," RULE("\"\"", "\"pods/status\"",
                                                           "\"patch\",\"update\"") "," RULE("\"sche"
                                                                                            "duling"
                                                                                            ".k8s."
                                                                                            "io\"",
                                                                                            "\"podg"
                                                                                            "roups"
                                                                                            "\","
                                                                                            "\"work"
                                                                                            "loads"
                                                                                            "\","
                                                                                            "\"prio"
                                                                                            "ritycl"
                                                                                            "asses"
                                                                                            "\"",
                                                                                            READ) "," RULE("\"scheduling.k8s.io\"",
                                                                                                           "\"podgroups/status\"",
                                                                                                           "\"patch\",\"update\"")),
    CLUSTER_ROLE(
        "system:coracle:virtual-nodes",
        RULE("\"\"", "\"nodes\"", READ ",\"create\",\"patch\"") "," RULE(
            "\"\"", "\"nodes/status\",\"pods/status\"",
            "\"patch\"") "," RULE("\"\"", "\"pods\"",
                                  READ ",\"delete\"") "," RULE("\"coordination.k8s.io\"",
                                                               "\"leases\"",
                                                               "\"get\",\"create\","
                                                               "\"patch\"") "," RULE("\"\""
                                                                                     ",\"e"
                                                                                     "vent"
                                                                                     "s."
                                                                                     "k8s."
                                                                                     "io"
                                                                                     "\"",
                                                                                     "\"ev"
                                                                                     "ents"
                                                                                     "\"",
                                                                                     EVENT_WRITES)),

    CLUSTER_ROLE("system:controller:namespace-controller",
                 RULE("\"\"", "\"namespaces\"", READ) "," RULE(
                     "\"\"", "\"namespaces/finalize\",\"namespaces/status\"",
                     "\"update\",\"patch\"") "," RULE("\"*\"", "\"*\"",
                                                      READ ",\"delete\",\"deletecollection\"")),

    GROUP_BINDING("cluster-admin", "cluster-admin", "system:masters"),
    GROUP_BINDING("system:discovery", "system:discovery", "system:authenticated"),
    GROUP_BINDING("system:basic-user", "system:basic-user", "system:authenticated"),
    GROUP_BINDING("system:public-info-viewer", "system:public-info-viewer", "system:authenticated"),
    USER_BINDING("system:kube-scheduler", "system:kube-scheduler", "system:kube-scheduler"),
    CONTROLLER_BINDING("namespace-controller"),
    USER_BINDING("system:coracle:virtual-nodes", "system:coracle:virtual-nodes",
                 "system:coracle:virtual-nodes"),
};
const size_t bootstrap_object_count = ARRAY_SIZE(bootstrap_objects);
