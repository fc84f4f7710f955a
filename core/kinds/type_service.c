/* Services and where they lead: io.k8s.api.core.v1 and io.k8s.api.discovery.v1. */
#include "core/kinds/schema_table.h"

#define DISCOVERY_V1 "io.k8s.api.discovery.v1"

/* --- Services --- */

FIELDS(service_port) = {
    FIELD(1, "name", STRING, 0, "Name of the port; needed if there are several."),
    FIELD(2, "protocol", STRING, 0, "Protocol of the port.", ENUM("SCTP", "TCP", "UDP"),
          DEFAULT_TEXT("TCP"), GO_TYPE("v1.Protocol")),
    FIELD(6, "appProtocol", STRING, POINTER, "Protocol of the application, as a hint."),
    FIELD(3, "port", INT32, EXPECTED | ALWAYS, "Number of the port."),
    FIELD(4, "targetPort", INT_OR_STRING, ALWAYS,
          "Number or name of the pods' port; absent means port."),
    FIELD(5, "nodePort", INT32, 0, "Port that every node opens for it; 0 lets the server choose."),
};
TYPE(service_port, "ServicePort", CORE_V1, "A port of a service.");

FIELDS(client_ip_config) = {
    FIELD(1, "timeoutSeconds", INT32, POINTER, "Seconds since its last request."),
};
TYPE(client_ip_config, "ClientIPConfig", CORE_V1, "How long a client stays with its pod.");

FIELDS(session_affinity_config) = {
    FIELD(1, "clientIP", OBJECT(client_ip_config), 0, "By their address."),
};
TYPE(session_affinity_config, "SessionAffinityConfig", CORE_V1, "How clients stay with their pod.");

FIELDS(service_spec) = {
    LIST(1, "ports", OBJECT(service_port), MERGED, "Ports that it offers.", MERGE_KEY("port"),
         MAP_KEYS("port", "protocol")),
    MAP(2, "selector", STRING, ATOMIC,
        "Labels of the pods that it leads to; none means that somebody else says."),
    FIELD(3, "clusterIP", STRING, 0,
          "Address inside the cluster; None for none, empty lets the server choose."),
    LIST(18, "clusterIPs", STRING, 0, "Addresses inside the cluster; the first is clusterIP."),
    FIELD(4, "type", STRING, 0, "How it is offered.",
          ENUM("ClusterIP", "ExternalName", "LoadBalancer", "NodePort"), DEFAULT_TEXT("ClusterIP"),
          GO_TYPE("v1.ServiceType")),
    LIST(5, "externalIPs", STRING, 0, "Addresses of nodes, routed by others, that lead to it too."),
    FIELD(7, "sessionAffinity", STRING, 0, "Whether a client stays with its pod.",
          ENUM("ClientIP", "None"), DEFAULT_TEXT("None"), GO_TYPE("v1.ServiceAffinity")),
    FIELD(8, "loadBalancerIP", STRING, 0, "Address that is asked of the load balancer; old."),
    LIST(9, "loadBalancerSourceRanges", STRING, 0, "Clients that the load balancer lets through."),
    FIELD(10, "externalName", STRING, 0, "Name that it stands for; with ExternalName alone."),
    FIELD(11, "externalTrafficPolicy", STRING, 0,
          "Whether outside traffic stays on the node that it reached.", ENUM("Cluster", "Local"),
          GO_TYPE("v1.ServiceExternalTrafficPolicy")),
    FIELD(12, "healthCheckNodePort", INT32, 0,
          "Port at which load balancers ask nodes; only with policy Local."),
    FIELD(13, "publishNotReadyAddresses", BOOL, 0, "Lead to pods that are not ready too."),
    FIELD(14, "sessionAffinityConfig", OBJECT(session_affinity_config), 0,
          "How clients stay with their pod."),
    LIST(19, "ipFamilies", STRING, 0, "IPv4, IPv6 or both, in order.", GO_TYPE("v1.IPFamily")),
    FIELD(17, "ipFamilyPolicy", STRING, POINTER, "How many of the two families are asked for.",
          GO_TYPE("v1.IPFamilyPolicy")),
    FIELD(20, "allocateLoadBalancerNodePorts", BOOL, POINTER,
          "Whether a load balancer gets node ports."),
    FIELD(21, "loadBalancerClass", STRING, POINTER,
          "Which load balancer serves it; absent means the cluster's own."),
    FIELD(22, "internalTrafficPolicy", STRING, POINTER, "Whether inside traffic stays on its node.",
          ENUM("Cluster", "Local"), GO_TYPE("v1.ServiceInternalTrafficPolicy")),
    FIELD(23, "trafficDistribution", STRING, POINTER,
          "Which pods are preferred, such as those of the client's zone."),
};
TYPE(service_spec, "ServiceSpec", CORE_V1, "What is wanted of a service.");

FIELDS(port_status) = {
    FIELD(1, "port", INT32, EXPECTED | ALWAYS, "Number of the port."),
    FIELD(2, "protocol", STRING, EXPECTED | ALWAYS, "Protocol of the port.",
          ENUM("SCTP", "TCP", "UDP"), GO_TYPE("v1.Protocol")),
    FIELD(3, "error", STRING, POINTER, "What is wrong, as one word for programs."),
};
TYPE(port_status, "PortStatus", CORE_V1, "How a port of a load balancer stands.");

FIELDS(load_balancer_ingress) = {
    FIELD(1, "ip", STRING, 0, "Its address."),
    FIELD(2, "hostname", STRING, 0, "Its name."),
    FIELD(3, "ipMode", STRING, POINTER,
          "VIP: sent as it is; Proxy: sent by the balancer in its own name.",
          GO_TYPE("v1.LoadBalancerIPMode")),
    LIST(4, "ports", OBJECT(port_status), 0, "How its ports stand."),
};
TYPE(load_balancer_ingress, "LoadBalancerIngress", CORE_V1, "A way into a load balancer.");

FIELDS(load_balancer_status) = {
    LIST(1, "ingress", OBJECT(load_balancer_ingress), 0, "Ways into it."),
};
TYPE(load_balancer_status, "LoadBalancerStatus", CORE_V1, "How a load balancer stands.");

FIELDS(service_status) = {
    FIELD(1, "loadBalancer", OBJECT(load_balancer_status), ALWAYS, "How its load balancer stands."),
    LIST(2, "conditions", OBJECT(condition), MERGED, "Aspects of its present state.",
         MERGE_KEY("type"), MAP_KEYS("type")),
};
TYPE(service_status, "ServiceStatus", CORE_V1, "What is known of a service.");

FIELDS(service) = {
    OBJECT_FIELDS,
    FIELD(2, "spec", OBJECT(service_spec), ALWAYS, "What is wanted of the service."),
    FIELD(3, "status", OBJECT(service_status), ALWAYS, "What is known of the service."),
};
TYPE(service, "Service", CORE_V1, "A lasting address for a changing set of pods.");

/* --- Endpoints --- */

FIELDS(endpoint_address) = {
    FIELD(1, "ip", STRING, EXPECTED | ALWAYS, "The address."),
    FIELD(3, "hostname", STRING, 0, "Name of this one."),
    FIELD(4, "nodeName", STRING, POINTER, "Node that it is on."),
    FIELD(2, "targetRef", OBJECT(object_reference), ATOMIC, "Object that has it, mostly a pod."),
};
TYPE(endpoint_address, "EndpointAddress", CORE_V1, "An address behind a service.");

FIELDS(endpoint_port) = {
    FIELD(1, "name", STRING, 0, "Name of the service's port."),
    FIELD(2, "port", INT32, EXPECTED | ALWAYS, "Number of the port."),
    FIELD(3, "protocol", STRING, 0, "Protocol of the port.", DEFAULT_TEXT("TCP"),
          GO_TYPE("v1.Protocol")),
    FIELD(4, "appProtocol", STRING, POINTER, "Protocol of the application, as a hint."),
};
TYPE(endpoint_port, "EndpointPort", CORE_V1, "A port behind a service.");

FIELDS(endpoint_subset) = {
    LIST(1, "addresses", OBJECT(endpoint_address), 0, "Addresses that are ready."),
    LIST(2, "notReadyAddresses", OBJECT(endpoint_address), 0, "Addresses that are not."),
    LIST(3, "ports", OBJECT(endpoint_port), 0, "Ports of them all."),
};
TYPE(endpoint_subset, "EndpointSubset", CORE_V1, "Addresses that share the same ports.");

FIELDS(endpoints) = {
    OBJECT_FIELDS,
    LIST(2, "subsets", OBJECT(endpoint_subset), 0, "The addresses."),
};
TYPE(endpoints, "Endpoints", CORE_V1,
     "Addresses behind a service; old, EndpointSlices replace it.");

/* --- Slices --- */

FIELDS(slice_endpoint_port) = {
    FIELD(1, "name", STRING, POINTER, "Name of the service's port.", DEFAULT_TEXT("")),
    FIELD(2, "protocol", STRING, POINTER, "Protocol of the port.", DEFAULT_TEXT("TCP"),
          GO_TYPE("v1.Protocol")),
    FIELD(3, "port", INT32, POINTER, "Number of the port."),
    FIELD(4, "appProtocol", STRING, POINTER, "Protocol of the application, as a hint."),
};
TYPE(slice_endpoint_port, "EndpointPort", DISCOVERY_V1, "A port of the slice's endpoints.");

FIELDS(endpoint_conditions) = {
    FIELD(1, "ready", BOOL, POINTER, "New connections are welcome."),
    FIELD(2, "serving", BOOL, POINTER, "It answers, though it may be ending."),
    FIELD(3, "terminating", BOOL, POINTER, "It is ending."),
};
TYPE(endpoint_conditions, "EndpointConditions", DISCOVERY_V1,
     "Whether an endpoint may be used; absent means that it may.");

FIELDS(for_zone) = {
    FIELD(1, "name", STRING, EXPECTED | ALWAYS, "Name of the zone."),
};
TYPE(for_zone, "ForZone", DISCOVERY_V1, "A zone that should use an endpoint.");

FIELDS(for_node) = {
    FIELD(1, "name", STRING, EXPECTED | ALWAYS, "Name of the node."),
};
TYPE(for_node, "ForNode", DISCOVERY_V1, "A node that should use an endpoint.");

FIELDS(endpoint_hints) = {
    LIST(1, "forZones", OBJECT(for_zone), 0, "Zones that should."),
    LIST(2, "forNodes", OBJECT(for_node), 0, "Nodes that should."),
};
TYPE(endpoint_hints, "EndpointHints", DISCOVERY_V1, "Who should use an endpoint.");

FIELDS(endpoint) = {
    LIST(1, "addresses", STRING, EXPECTED, "Its addresses; clients may use the first alone.", SET),
    FIELD(2, "conditions", OBJECT(endpoint_conditions), ALWAYS, "Whether it may be used."),
    FIELD(3, "hostname", STRING, POINTER, "Name of this one."),
    FIELD(4, "targetRef", OBJECT(object_reference), ATOMIC, "Object that it is, mostly a pod."),
    MAP(5, "deprecatedTopology", STRING, 0, "Labels of its node, from older versions."),
    FIELD(6, "nodeName", STRING, POINTER, "Node that it is on."),
    FIELD(7, "zone", STRING, POINTER, "Zone that it is in."),
    FIELD(8, "hints", OBJECT(endpoint_hints), 0, "Who should use it."),
};
TYPE(endpoint, "Endpoint", DISCOVERY_V1, "One pod or other target behind a service.");

FIELDS(endpoint_slice) = {
    OBJECT_FIELDS,
    FIELD(4, "addressType", STRING, EXPECTED | ALWAYS,
          "Kind of the addresses: IPv4, IPv6 or FQDN; never changes.", GO_TYPE("v1.AddressType")),
    LIST(2, "endpoints", OBJECT(endpoint), EXPECTED, "The endpoints; 1000 at most."),
    LIST(3, "ports", OBJECT(slice_endpoint_port), ALWAYS, "Ports of them all."),
};
TYPE(endpoint_slice, "EndpointSlice", DISCOVERY_V1, "Some of the endpoints behind a service.");
