/* The node authorizer: a node reaches what its own pods need, and no more.
 *
 * Who is system:node:NAME in system:nodes may use its own Node and Lease, its
 * pods, and read those Secrets, ConfigMaps and claims, and make tokens for those
 * service accounts, that a pod bound to it names. Rules and reasons:
 * k8s.io/kubernetes plugin/pkg/auth/authorizer/node.
 *
 * Upstream keeps a graph of all references. Here the question is answered from
 * head: the pods of one node (api/pods_by_node.h) are looked through, and of
 * those only the ones whose body holds the name at all are parsed. */
#ifndef API_AUTHZ_NODE_H
#define API_AUTHZ_NODE_H

#include "api/authz.h"

/* The node a user is: true for who is in system:nodes by a node's name. */
bool user_is_node(const struct user *user, struct slice *node);

/* Allowed: true. Else *reason says why, or is "". arena is for reasons and what is parsed. */
bool authz_node_allows(struct api *api, const struct authz_attributes *attributes,
                       struct arena *arena, const char **reason);

#endif
