/* Authorization: may they. Over the state in memory, on each request.
 *
 * Asked in turn, as kube-apiserver does with Node,RBAC: system:masters may do
 * all; a node what authz_node.h says; everybody what some rule of some role
 * bound to them allows (rbac.h). Nothing is denied by a rule. Judged is head, so
 * that a write is never allowed by a right that an acknowledged write has taken
 * away. Rules: k8s.io/apiserver pkg/endpoints/filters/authorization.go.
 *
 * Thread: the loop's. */
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
    struct slice field_selector; /* Of a list or a watch; may be empty. */
};

struct authz;
struct rbac;
struct json;
struct pods_by_node;
struct authz *authz_create(struct api *api);
void authz_stop(struct api *api, struct authz *authz); /* Follows the store no longer. */
void authz_destroy(struct authz *authz);               /* Takes NULL. */
struct rbac *authz_rbac(struct api *api);
const struct pods_by_node *authz_pods_by_node(const struct api *api);
/* The PolicyRules that hold for every node, as an array. */
const struct json *authz_node_rules(const struct api *api);

bool authz_allows(struct api *api, const struct authz_attributes *attributes);
/* The same, with why: `RBAC: allowed by ...`, or what stands in the way; "" when there is nothing
 * to say. reason is constant or in the arena. */
bool authz_decide(struct api *api, const struct authz_attributes *attributes, struct arena *arena,
                  const char **reason);

/* `User "u" cannot list resource "pods" in API group "" in the namespace "n"` */
const char *authz_refusal(struct arena *arena, const struct authz_attributes *attributes);
/* Refuses as upstream does: `pods "p" is forbidden: User ...: reason`. */
int authz_forbid(struct arena *arena, const struct authz_attributes *attributes, const char *reason,
                 struct status *status);

/* What a request asks for itself. Slices are the request's. */
struct authz_attributes authz_attributes_of(const struct request *request);
/* The request's own question; -1 and FORBIDDEN. */
MUST_USE int authorize(struct request *request);

#endif
