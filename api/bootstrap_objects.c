#include "api/bootstrap_objects.h"

#include "core/check.h"

#define NAMESPACE(name_) {"v1", "Namespace", name_, ""}
#define PRIORITY_CLASS(name_, value_, description_)             \
    {"scheduling.k8s.io/v1", "PriorityClass", name_,            \
     "\"value\":" value_ ",\"description\":\"" description_ "\""}

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
};
const size_t bootstrap_object_count = ARRAY_SIZE(bootstrap_objects);
