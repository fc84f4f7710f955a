/* pods/attach: a container's own streams, by the pod's agent. */
#include "api/node_proxy.h"
#include "api/subresource.h"

static void serve(struct request *request)
{
    node_proxy_streams(request, "attach");
}

const struct subresource sub_attach = {.resource = "pods", .name = "attach", .serve = serve};
