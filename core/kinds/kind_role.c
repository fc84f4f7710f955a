/* Role: rights in one namespace. They are judged in api/rbac.h. */
#include "core/kinds/rbac_rules.h"
#include "core/kinds/types.h"

const struct kind kind_role = {
    .group = RBAC_GROUP,
    .version = "v1",
    .kind = "Role",
    .resource = "roles",
    .singular = "role",
    .namespaced = true,
    .schema = &type_role,
    .columns = rbac_role_columns,
    .validate_name = name_path_segment,
    .validate = rbac_validate_role,
};
