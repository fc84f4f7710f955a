/* What a node may write: the plugin NodeRestriction (admission_node_restriction.c), and its part
 * for subresources that have code of their own, which admission does not see. */
#ifndef API_NODE_RESTRICTION_H
#define API_NODE_RESTRICTION_H

#include "api/request.h"

struct json;

/* Of pods/eviction and serviceaccounts/token, body being what was sent: a node evicts the pods that
 * are bound to it, and makes tokens for them. Nothing is asked of others. -1 and FORBIDDEN, or
 * NOT_FOUND where the pod is gone. */
MUST_USE int node_restriction_check(struct request *request, const struct json *body);

#endif
