/* What each controller may do: the ClusterRole system:controller:NAME and its binding to the
 * service account NAME of kube-system, as upstream's controller roles
 * (plugin/pkg/auth/authorizer/rbac/bootstrappolicy) have them for what is served here. */
#include "api/bootstrap_objects.h"
#include "core/check.h"

#define RBAC "rbac.authorization.k8s.io"
#define DEFAULTS ",\"labels\":{\"kubernetes.io/bootstrapping\":\"rbac-defaults\"}," \
                 "\"annotations\":{\"rbac.authorization.kubernetes.io/autoupdate\":\"true\"}"
#define CONTROLLER(name_, rules_)                                                                \
    {RBAC, "v1", "ClusterRole", "system:controller:" name_, DEFAULTS, "\"rules\":[" rules_ "]"}, \
    {RBAC, "v1", "ClusterRoleBinding", "system:controller:" name_, DEFAULTS,                     \
     "\"roleRef\":{\"apiGroup\":\"" RBAC "\",\"kind\":\"ClusterRole\","                          \
     "\"name\":\"system:controller:" name_ "\"},"                                                \
     "\"subjects\":[{\"kind\":\"ServiceAccount\",\"name\":\"" name_                              \
     "\",\"namespace\":\"kube-system\"}]"}

/* A rule: lists of JSON strings. */
#define RULE(groups_, resources_, verbs_) \
    "{\"apiGroups\":[" groups_ "],\"resources\":[" resources_ "],\"verbs\":[" verbs_ "]}"
#define READ "\"get\",\"list\",\"watch\""
#define EVENTS RULE("\"\",\"events.k8s.io\"", "\"events\"", "\"create\",\"patch\",\"update\"")

const struct bootstrap_object bootstrap_controllers[] = {
    CONTROLLER("generic-garbage-collector",
               RULE("\"*\"", "\"*\"", READ ",\"patch\",\"update\",\"delete\"") "," EVENTS),
    CONTROLLER("recovery-controller", RULE("\"\"", "\"configmaps\"", READ ",\"create\"")),
};
const size_t bootstrap_controller_count = ARRAY_SIZE(bootstrap_controllers);
