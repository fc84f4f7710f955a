/* What Role, ClusterRole and their bindings have in common: defaults, rules, columns.
 *
 * Upstream: pkg/apis/rbac/validation and pkg/printers. Pure. */
#ifndef CORE_KINDS_RBAC_RULES_H
#define CORE_KINDS_RBAC_RULES_H

#include "core/kinds/kind.h"

#define RBAC_GROUP "rbac.authorization.k8s.io"

void rbac_validate_role(const struct kind_context *context, const struct json *role,
                        struct field_errors *errors);
void rbac_validate_cluster_role(const struct kind_context *context, const struct json *role,
                                struct field_errors *errors);
void rbac_default_binding(const struct kind_context *context, struct json *binding);
void rbac_validate_role_binding(const struct kind_context *context, const struct json *binding,
                                struct field_errors *errors);
void rbac_validate_cluster_role_binding(const struct kind_context *context,
                                        const struct json *binding, struct field_errors *errors);
/* The role that is given never changes. */
void rbac_validate_binding_update(const struct kind_context *context, const struct json *binding,
                                  const struct json *old, struct field_errors *errors);

extern const struct kind_column rbac_role_columns[];
extern const struct kind_column rbac_binding_columns[];

#endif
