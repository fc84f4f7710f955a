/* pods/portforward: connections into a pod, by its agent. */
#include "api/node_proxy.h"
#include "api/subresource.h"
#include "core/client/request_text.h"
#include "core/kinds/meta.h"

static const char *find_target(struct request *request, struct slice *node)
{
    struct buffer text = {0};
    char separator = '?';
    const struct json *pod = node_proxy_pod(request);
    if (!pod)
        return NULL;
    *node = json_string(json_at(pod, "spec.nodeName"));
    if (node->size == 0) {
        status_fail(&request->status, STATUS_BAD_REQUEST,
                    "pod " SLICE_FORMAT " does not have a host assigned",
                    SLICE_ARGS(meta_name(pod)));
        return NULL;
    }
    buffer_format(&text, "/portForward/" SLICE_FORMAT "/" SLICE_FORMAT "/" SLICE_FORMAT,
                  SLICE_ARGS(meta_namespace(pod)), SLICE_ARGS(meta_name(pod)),
                  SLICE_ARGS(meta_uid(pod)));
    for (const struct query_parameter *q = request->query; q; q = q->next) {
        if (!slice_is(q->key, "ports"))
            continue;
        buffer_format(&text, "%cport=", separator);
        url_escape(q->value, &text);
        separator = '&';
    }
    const char *target = arena_copy_slice(&request->arena, buffer_slice(&text));
    buffer_release(&text);
    return target;
}

static void serve(struct request *request)
{
    struct slice node;
    const char *target = find_target(request, &node);
    if (target)
        node_proxy_upgrade(request, node, target);
    else
        request_fail(request);
}

const struct subresource sub_portforward = {
    .resource = "pods", .name = "portforward", .serve = serve};
