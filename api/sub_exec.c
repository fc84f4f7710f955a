/* pods/exec: a command in a container, by the pod's agent. Upstream: registry/core/pod/rest. */
#include "api/node_proxy.h"
#include "api/subresource.h"

static void serve(struct request *request)
{
    node_proxy_streams(request, "exec");
}

const struct subresource sub_exec = {.resource = "pods", .name = "exec", .serve = serve};
