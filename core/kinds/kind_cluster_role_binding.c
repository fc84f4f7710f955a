/* ClusterRoleBinding: gives a ClusterRole to somebody, in the whole cluster. */
#include "core/kinds/rbac_rules.h"
#include "core/kinds/types.h"

const struct kind kind_cluster_role_binding = {
    .group = RBAC_GROUP,
    .version = "v1",
    .kind = "ClusterRoleBinding",
    .resource = "clusterrolebindings",
    .singular = "clusterrolebinding",
    .schema = &type_cluster_role_binding,
    .columns = rbac_binding_columns,
    .validate_name = name_path_segment,
    .set_defaults = rbac_default_binding,
    .validate = rbac_validate_cluster_role_binding,
    .validate_update = rbac_validate_binding_update,
};
