/* A request carried to the agent of the pod's node, and its answer carried back.
 *
 * Plain requests (logs) are answered as the bytes come, and only as fast as the client takes
 * them. Upgrades (exec, attach, port-forward) are carried with their headers; when the agent
 * agrees, both connections become one (core/net/splice.h), and the server does not look inside.
 * Upstream: pkg/registry/core/pod/rest, k8s.io/apimachinery pkg/util/proxy. */
#ifndef API_NODE_PROXY_H
#define API_NODE_PROXY_H

#include "core/json.h"
#include "api/request.h"

/* Ends the request, now or later. target is a path with its query, in the request's arena. */
void node_proxy_get(struct request *request, struct slice node, const char *target);
void node_proxy_upgrade(struct request *request, struct slice node, const char *target);

/* The pod asked for, parsed into the request's arena; NULL and NOT_FOUND. */
MUST_USE const struct json *node_proxy_pod(struct request *request);
/* The container that ?container names, or the only one; BAD_REQUEST with upstream's text. */
MUST_USE int node_proxy_container(struct request *request, const struct json *pod,
                                  struct slice *container);
/* exec and attach: WHAT/NAMESPACE/POD/UID/CONTAINER with the streams that are asked for. */
void node_proxy_streams(struct request *request, const char *what);

#endif
