#include "kubelet-lite/node_server.h"
void node_ports_serve(struct node_request *request)
{
    node_request_fail(request, 501, "not yet");
}
