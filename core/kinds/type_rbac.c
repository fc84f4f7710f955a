/* Who may do what: io.k8s.api.rbac.v1. */
#include "core/kinds/schema_table.h"

#define RBAC_V1 "io.k8s.api.rbac.v1"

FIELDS(policy_rule) = {
    LIST(1, "verbs", STRING, EXPECTED, "What may be done; * means all."),
    LIST(2, "apiGroups", STRING, 0,
         "Groups of the resources; empty is the core group, * means all."),
    LIST(3, "resources", STRING, 0, "Resources, pods/log for subresources; * means all."),
    LIST(4, "resourceNames", STRING, 0, "Only objects of these names; empty means all."),
    LIST(5, "nonResourceURLs", STRING, 0,
         "Paths that are no resources; * at the end of a path stands for any rest."),
};
TYPE(policy_rule, "PolicyRule", RBAC_V1, "What may be done to which resources.");

FIELDS(aggregation_rule) = {
    LIST(1, "clusterRoleSelectors", OBJECT(label_selector), 0,
         "Selectors; rules of a role that any of them selects are taken in."),
};
TYPE(aggregation_rule, "AggregationRule", RBAC_V1, "Which ClusterRoles are put together.");

FIELDS(subject) = {
    FIELD(1, "kind", STRING, EXPECTED | ALWAYS, "User, Group or ServiceAccount."),
    FIELD(2, "apiGroup", STRING, 0, "Group of the kind; empty for ServiceAccount."),
    FIELD(3, "name", STRING, EXPECTED | ALWAYS, "Name of the subject."),
    FIELD(4, "namespace", STRING, 0, "Namespace of a ServiceAccount."),
};
TYPE(subject, "Subject", RBAC_V1, "Somebody who is given rights.");

FIELDS(role_ref) = {
    FIELD(1, "apiGroup", STRING, EXPECTED | ALWAYS, "Group of the role."),
    FIELD(2, "kind", STRING, EXPECTED | ALWAYS, "Role or ClusterRole."),
    FIELD(3, "name", STRING, EXPECTED | ALWAYS, "Name of the role."),
};
TYPE(role_ref, "RoleRef", RBAC_V1, "The role that is given.");

FIELDS(role) = {
    OBJECT_FIELDS,
    LIST(2, "rules", OBJECT(policy_rule), ALWAYS, "What it allows."),
};
TYPE(role, "Role", RBAC_V1, "Rights in one namespace.");

FIELDS(role_binding) = {
    OBJECT_FIELDS,
    LIST(2, "subjects", OBJECT(subject), 0, "Who is given it."),
    FIELD(3, "roleRef", OBJECT(role_ref), EXPECTED | ALWAYS | ATOMIC, "Which role; never changes."),
};
TYPE(role_binding, "RoleBinding", RBAC_V1, "Gives a role to somebody, in one namespace.");

FIELDS(cluster_role) = {
    OBJECT_FIELDS,
    LIST(2, "rules", OBJECT(policy_rule), ALWAYS, "What it allows."),
    FIELD(3, "aggregationRule", OBJECT(aggregation_rule), 0,
          "Makes the rules from other ClusterRoles."),
};
TYPE(cluster_role, "ClusterRole", RBAC_V1,
     "Rights in the whole cluster, or in whichever namespace it is given.");

FIELDS(cluster_role_binding) = {
    OBJECT_FIELDS,
    LIST(2, "subjects", OBJECT(subject), 0, "Who is given it."),
    FIELD(3, "roleRef", OBJECT(role_ref), EXPECTED | ALWAYS | ATOMIC, "Which role; never changes."),
};
TYPE(cluster_role_binding, "ClusterRoleBinding", RBAC_V1,
     "Gives a role to somebody, in the whole cluster.");
