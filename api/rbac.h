/* RBAC rules, compiled from Role, ClusterRole and binding objects. Pure.
 *
 * Objects come in and go one by one, each parsed once; nothing is made anew
 * because another changed. Bindings are found by whom they name in which
 * namespace, so a question costs a lookup for the user and for each of their
 * groups, twice (cluster and namespace), and then the rules of what is bound to
 * them. Rules: k8s.io/kubernetes pkg/registry/rbac/validation and
 * plugin/pkg/auth/authorizer/rbac. */
#ifndef API_RBAC_H
#define API_RBAC_H

#include "api/authz.h"
#include "api/rbac_cover.h"
#include "core/kinds/object.h"
#include "core/map.h"

struct rbac {
    struct map roles;      /* struct rbac_role by the object's key. */
    struct map bindings;   /* struct rbac_binding by the object's key. */
    struct map by_subject; /* struct rbac_subject by namespace and name. */
    struct buffer scratch; /* A key while it is looked up. */
};

void rbac_init(struct rbac *rbac);
void rbac_release(struct rbac *rbac);
/* Takes an object of rbac.authorization.k8s.io in, in the place of its former state; others are
 * none of its business. */
void rbac_put(struct rbac *rbac, const struct object *object);
void rbac_remove(struct rbac *rbac, struct slice key);

/* Does one PolicyRule allow it? */
bool rbac_rule_allows(const struct json *rule, const struct authz_attributes *attributes);

/* Allowed: reason is `RBAC: allowed by ClusterRoleBinding "b" of ClusterRole "r" to User "u"`.
 * Refused: reason is "" or says which role of a binding is missing. reason NULL: not wanted. */
bool rbac_allows(struct rbac *rbac, const struct authz_attributes *attributes, struct arena *arena,
                 const char **reason);
/* All rules that apply to the user in namespace. */
void rbac_rules_for(struct rbac *rbac, const struct user *user, struct slice namespace,
                    struct rbac_rule_list *rules);
/* The rules of a role (namespace empty: a ClusterRole); false when there is no such role. */
bool rbac_role_rules(struct rbac *rbac, struct slice namespace, struct slice name,
                     const struct json **rules);

#endif
