/* ClusterRole: rights in the whole cluster, or wherever a RoleBinding gives them. */
#include "core/kinds/rbac_rules.h"
#include "core/kinds/types.h"

const struct kind kind_cluster_role = {
    .group = RBAC_GROUP,
    .version = "v1",
    .kind = "ClusterRole",
    .resource = "clusterroles",
    .singular = "clusterrole",
    .schema = &type_cluster_role,
    .columns = rbac_role_columns,
    .validate_name = name_path_segment,
    .validate = rbac_validate_cluster_role,
};
