/* Authorization: may they. RBAC over the state in memory, on each request.
 *
 * Rules: rbac.authorization.k8s.io/v1 as upstream's plugin/pkg/auth/authorizer/rbac:
 * a user may do what some rule of some role bound to them allows; nothing is
 * denied by a rule. system:masters may do all. */
#ifndef API_AUTHZ_H
#define API_AUTHZ_H

#include "api/request.h"

/* What is asked, apart from any request: reviews ask it too. */
struct authz_attributes {
    const struct user *user;
    const char *verb;
    bool is_resource;
    const char *path;      /* Not a resource. */
    const char *group;
    const char *resource;
    const char *subresource; /* NULL: none. */
    struct slice namespace;
    struct slice name;
};

struct authz;
struct rbac;
struct authz *authz_create(struct api *api);
void authz_stop(struct api *api, struct authz *authz); /* Follows the store no longer. */
void authz_destroy(struct authz *authz);               /* Takes NULL. */
const struct rbac *authz_rules(struct api *api); /* Borrowed until the return to the loop. */

bool authz_allows(struct api *api, const struct authz_attributes *attributes);

/* `User "u" cannot list resource "pods" in API group "" in the namespace "n"` */
const char *authz_refusal(struct arena *arena, const struct authz_attributes *attributes);

/* The request's own question; -1 and FORBIDDEN (or UNAUTHORIZED for anonymous). */
MUST_USE int authorize(struct request *request);

#endif
