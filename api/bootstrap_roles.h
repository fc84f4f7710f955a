/* The roles that every cluster has, as tables: see bootstrap.h.
 *
 * Lists are texts with blanks between their items; "core" stands for the core
 * group, whose name is empty. Facts: k8s.io/kubernetes
 * plugin/pkg/auth/authorizer/rbac/bootstrappolicy. Where a controller of ours
 * patches what upstream's updates, its role allows both. */
#ifndef API_BOOTSTRAP_ROLES_H
#define API_BOOTSTRAP_ROLES_H

#include <stdbool.h>
#include <stddef.h>

#define READ "get list watch"
#define WRITE "create delete deletecollection patch update"

struct default_rule {
    const char *groups; /* NULL: of nonResourceURLs; */
    const char *items;  /* resources, or those URLs. */
    const char *verbs;  /* NULL: the end of a table. */
    const char *names;  /* resourceNames, or NULL. */
};

struct default_role {
    const char *name;      /* NULL: the end of a table. */
    const char *namespace; /* NULL: a ClusterRole. */
    const char *joins;     /* "view": its rules go into that role; or NULL. */
    bool is_made_of_others; /* Its rules are those of the roles that join it. */
    const struct default_rule *rules;
};

struct default_binding {
    const char *role;      /* Of the same name as the binding; NULL: the end of a table. */
    const char *namespace; /* NULL: a ClusterRoleBinding. */
    const char *kind;      /* "Group", "User", "ServiceAccount" (of kube-system). */
    const char *subjects;
    const char *name;      /* NULL: the role's. */
};

extern const struct default_role default_roles[];
extern const struct default_binding default_bindings[];
/* Each is bound to the service account of kube-system that its name ends with. */
extern const struct default_role default_controller_roles[];
/* What a node may do before its own objects are looked at: system:node. */
extern const struct default_rule default_node_rules[];

#endif
