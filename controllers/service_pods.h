/* Services and their pods: what a change concerns, and pods as endpoints. For the controllers
 * of Endpoints and EndpointSlices. */
#ifndef CONTROLLERS_SERVICE_PODS_H
#define CONTROLLERS_SERVICE_PODS_H

#include "controllers/controller.h"
#include "core/kinds/facts_pod.h"

/* An event() over services, pods, and objects with the label that names their service: adds the
 * keys of services. */
void service_pods_event(struct controller_event *event);

struct service_endpoint {
    const struct object *pod;
    struct facts_pod facts;
    bool is_ready, is_terminating; /* Condition Ready; deletionTimestamp. */
    const char *hostname;  /* Of a pod in the service's subdomain; else NULL. */
    struct json *ports;    /* Of the service, as this pod has them: EndpointPorts. */
};
struct service_pods {
    struct json *service;  /* NULL: there is none. */
    const struct object *object;
    bool has_selector;
    bool publishes_not_ready;
    bool is_headless;
    struct service_endpoint *endpoints; /* By IP. */
    size_t count;
};
/* The pods under reconcile->key's service that have an address and have not ended. All in the
 * arena. */
void service_pods_read(struct reconcile *reconcile, struct service_pods *pods);
/* {kind: Pod, namespace, name, uid} */
struct json *service_endpoint_reference(struct arena *arena,
                                        const struct service_endpoint *endpoint);
/* Copies the service's labels, and adds the one of headless services. */
struct json *service_pods_labels(struct arena *arena, const struct service_pods *pods);

#endif
