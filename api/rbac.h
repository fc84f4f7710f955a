/* RBAC rules, compiled from Role, ClusterRole and binding objects. Pure.
 *
 * A compiled set answers one question in a walk over the bindings whose
 * subjects match. It is made anew when an object of the group changed; nothing
 * in it outlives its arena. Rules: k8s.io/kubernetes pkg/registry/rbac/validation
 * and pkg/apis/rbac/v1 evaluation helpers. */
#ifndef API_RBAC_H
#define API_RBAC_H

#include "api/authz.h"
#include "core/json.h"

struct rbac_rule {
    const struct json *rule; /* PolicyRule. */
    struct rbac_rule *next;
};

struct rbac_role {
    struct slice namespace; /* Empty: ClusterRole. */
    struct slice name;
    const struct json *rules;
};

struct rbac_binding {
    struct slice namespace; /* Empty: ClusterRoleBinding. */
    const struct json *subjects;
    const struct json *rules; /* Of the role it refers to; NULL when there is none. */
    struct slice role_kind;
    struct slice role_name;
};

struct rbac {
    struct arena arena;
    struct rbac_role *roles;
    size_t role_count;
    struct rbac_binding *bindings;
    size_t binding_count;
};

/* Does one PolicyRule allow it? */
bool rbac_rule_allows(const struct json *rule, const struct authz_attributes *attributes);
/* Does one subject of a binding (in its namespace) name the user? */
bool rbac_subject_matches(const struct json *subject, struct slice binding_namespace,
                          const struct user *user);
bool rbac_allows(const struct rbac *rbac, const struct authz_attributes *attributes);
/* Calls each() for every rule that applies to the user in namespace (reviews list them). */
void rbac_each_rule(const struct rbac *rbac, const struct user *user, struct slice namespace,
                    void (*each)(void *context, const struct json *rule), void *context);

/* Compiles from objects: roles and cluster roles first, then bindings. */
void rbac_init(struct rbac *rbac);
void rbac_release(struct rbac *rbac);
void rbac_compile(struct rbac *rbac, const struct json *const *roles, size_t role_count,
                  const struct json *const *bindings, size_t binding_count);

#endif
