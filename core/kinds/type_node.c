/* Nodes: io.k8s.api.core.v1. */
#include "core/kinds/schema_table.h"

/* --- What is wanted --- */

FIELDS(config_map_node_config_source) = {
    FIELD(1, "namespace", STRING, EXPECTED | ALWAYS, "Namespace of the ConfigMap."),
    FIELD(2, "name", STRING, EXPECTED | ALWAYS, "Name of the ConfigMap."),
    FIELD(3, "uid", STRING, 0, "Its UID; only in the status."),
    FIELD(4, "resourceVersion", STRING, 0, "Its revision; only in the status."),
    FIELD(5, "kubeletConfigKey", STRING, EXPECTED | ALWAYS, "Key that holds the configuration."),
};
TYPE(config_map_node_config_source, "ConfigMapNodeConfigSource", CORE_V1,
     "A ConfigMap that configured a kubelet; no longer used.");

FIELDS(node_config_source) = {
    FIELD(2, "configMap", OBJECT(config_map_node_config_source), 0, "A ConfigMap."),
};
TYPE(node_config_source, "NodeConfigSource", CORE_V1,
     "Where a kubelet's configuration came from; no longer used.");

FIELDS(node_spec) = {
    FIELD(1, "podCIDR", STRING, 0, "Range of addresses for its pods."),
    LIST(7, "podCIDRs", STRING, MERGED, "Ranges of addresses for its pods; the first is podCIDR.",
         SET),
    FIELD(3, "providerID", STRING, 0, "Id that the cloud knows it by."),
    FIELD(4, "unschedulable", BOOL, 0, "No new pods, save those that tolerate it."),
    LIST(5, "taints", OBJECT(taint), 0, "Taints that keep pods away."),
    FIELD(6, "configSource", OBJECT(node_config_source), 0, "No longer used."),
    FIELD(2, "externalID", STRING, 0, "No longer used."),
};
TYPE(node_spec, "NodeSpec", CORE_V1, "What is wanted of a node.");

/* --- What is known --- */

FIELDS(node_condition) = {
    FIELD(1, "type", STRING, EXPECTED | ALWAYS, "What the condition is about, such as Ready.",
          GO_TYPE("v1.NodeConditionType")),
    FIELD(2, "status", STRING, EXPECTED | ALWAYS, "True, False or Unknown.",
          GO_TYPE("v1.ConditionStatus")),
    FIELD(3, "lastHeartbeatTime", TIME, 0, "When it was last reported."),
    FIELD(4, "lastTransitionTime", TIME, 0, "When status last changed."),
    FIELD(5, "reason", STRING, 0, "Why, as one word for programs."),
    FIELD(6, "message", STRING, 0, "Why, as a text for people."),
};
TYPE(node_condition, "NodeCondition", CORE_V1, "One aspect of a node's present state.");

FIELDS(node_address) = {
    FIELD(1, "type", STRING, EXPECTED | ALWAYS,
          "Hostname, InternalIP, ExternalIP, InternalDNS or ExternalDNS.",
          GO_TYPE("v1.NodeAddressType")),
    FIELD(2, "address", STRING, EXPECTED | ALWAYS, "The address."),
};
TYPE(node_address, "NodeAddress", CORE_V1, "An address of a node.");

FIELDS(daemon_endpoint) = {
    FIELD(1, "Port", INT32, EXPECTED | ALWAYS, "Number of the port."),
};
TYPE(daemon_endpoint, "DaemonEndpoint", CORE_V1, "A port that a program of the node listens on.");

FIELDS(node_daemon_endpoints) = {
    FIELD(1, "kubeletEndpoint", OBJECT(daemon_endpoint), ALWAYS, "The kubelet's."),
};
TYPE(node_daemon_endpoints, "NodeDaemonEndpoints", CORE_V1, "Ports of the node's programs.");

FIELDS(node_swap_status) = {
    FIELD(1, "capacity", INT64, POINTER, "Bytes of swap."),
};
TYPE(node_swap_status, "NodeSwapStatus", CORE_V1, "Swap of a node.");

FIELDS(node_system_info) = {
    FIELD(1, "machineID", STRING, EXPECTED | ALWAYS, "Id of the machine, from /etc/machine-id."),
    FIELD(2, "systemUUID", STRING, EXPECTED | ALWAYS, "Id of the machine, from its firmware."),
    FIELD(3, "bootID", STRING, EXPECTED | ALWAYS, "Id of this boot."),
    FIELD(4, "kernelVersion", STRING, EXPECTED | ALWAYS, "Version of the kernel."),
    FIELD(5, "osImage", STRING, EXPECTED | ALWAYS,
          "Name of the operating system, from /etc/os-release."),
    FIELD(6, "containerRuntimeVersion", STRING, EXPECTED | ALWAYS,
          "Name and version of the container runtime."),
    FIELD(7, "kubeletVersion", STRING, EXPECTED | ALWAYS, "Version of the kubelet."),
    FIELD(8, "kubeProxyVersion", STRING, EXPECTED | ALWAYS, "No longer told truly."),
    FIELD(9, "operatingSystem", STRING, EXPECTED | ALWAYS, "linux or windows."),
    FIELD(10, "architecture", STRING, EXPECTED | ALWAYS, "Architecture, such as amd64."),
    FIELD(11, "swap", OBJECT(node_swap_status), 0, "Swap of the node."),
};
TYPE(node_system_info, "NodeSystemInfo", CORE_V1, "What runs on a node.");

FIELDS(container_image) = {
    LIST(1, "names", STRING, ALWAYS, "Names that it is known by."),
    FIELD(2, "sizeBytes", INT64, 0, "Its size."),
};
TYPE(container_image, "ContainerImage", CORE_V1, "An image that the node holds.");

FIELDS(attached_volume) = {
    FIELD(1, "name", STRING, EXPECTED | ALWAYS, "Unique name of the volume.",
          GO_TYPE("v1.UniqueVolumeName")),
    FIELD(2, "devicePath", STRING, EXPECTED | ALWAYS, "Device by which it is reached."),
};
TYPE(attached_volume, "AttachedVolume", CORE_V1, "A volume that is attached to the node.");

FIELDS(node_config_status) = {
    FIELD(1, "assigned", OBJECT(node_config_source), 0, "Configuration that was to be used."),
    FIELD(2, "active", OBJECT(node_config_source), 0, "Configuration in use."),
    FIELD(3, "lastKnownGood", OBJECT(node_config_source), 0, "Configuration to fall back to."),
    FIELD(4, "error", STRING, 0, "What went wrong."),
};
TYPE(node_config_status, "NodeConfigStatus", CORE_V1,
     "How a kubelet's configuration stood; no longer used.");

FIELDS(node_runtime_handler_features) = {
    FIELD(1, "recursiveReadOnlyMounts", BOOL, POINTER,
          "Mounts that are read-only all the way down."),
    FIELD(2, "userNamespaces", BOOL, POINTER, "User namespaces."),
};
TYPE(node_runtime_handler_features, "NodeRuntimeHandlerFeatures", CORE_V1,
     "What a runtime handler can do.");

FIELDS(node_runtime_handler) = {
    FIELD(1, "name", STRING, ALWAYS, "Name of the handler; empty is the default one."),
    FIELD(2, "features", OBJECT(node_runtime_handler_features), 0, "What it can do."),
};
TYPE(node_runtime_handler, "NodeRuntimeHandler", CORE_V1,
     "One way in which the runtime runs pods.");

FIELDS(node_features) = {
    FIELD(1, "supplementalGroupsPolicy", BOOL, POINTER,
          "Strict groups, and the user in a container's status."),
};
TYPE(node_features, "NodeFeatures", CORE_V1, "What the runtime can do, whatever the handler.");

FIELDS(node_status) = {
    MAP(1, "capacity", QUANTITY, 0, "Resources that it has.", GO_TYPE("v1.ResourceList")),
    MAP(2, "allocatable", QUANTITY, 0, "Resources that pods may have; absent means capacity.",
        GO_TYPE("v1.ResourceList")),
    FIELD(3, "phase", STRING, 0, "No longer used.", GO_TYPE("v1.NodePhase")),
    LIST(4, "conditions", OBJECT(node_condition), MERGED, "Aspects of its present state.",
         MERGE_KEY("type"), MAP_KEYS("type")),
    LIST(5, "addresses", OBJECT(node_address), MERGED, "Addresses by which it is reached.",
         MERGE_KEY("type"), MAP_KEYS("type")),
    FIELD(6, "daemonEndpoints", OBJECT(node_daemon_endpoints), ALWAYS, "Ports of its programs."),
    FIELD(7, "nodeInfo", OBJECT(node_system_info), ALWAYS, "What runs on it."),
    LIST(8, "images", OBJECT(container_image), 0, "Images that it holds."),
    LIST(9, "volumesInUse", STRING, 0, "Volumes that its pods use.",
         GO_TYPE("v1.UniqueVolumeName")),
    LIST(10, "volumesAttached", OBJECT(attached_volume), 0, "Volumes that are attached to it."),
    FIELD(11, "config", OBJECT(node_config_status), 0, "No longer used."),
    LIST(12, "runtimeHandlers", OBJECT(node_runtime_handler), 0,
         "Ways in which its runtime runs pods."),
    FIELD(13, "features", OBJECT(node_features), 0, "What its runtime can do."),
    LIST(14, "declaredFeatures", STRING, 0,
         "Features that its kubelet declares, for the scheduler."),
};
TYPE(node_status, "NodeStatus", CORE_V1, "What is known of a node.");

/* --- The kind --- */

FIELDS(node) = {
    OBJECT_FIELDS,
    FIELD(2, "spec", OBJECT(node_spec), ALWAYS, "What is wanted of the node."),
    FIELD(3, "status", OBJECT(node_status), ALWAYS,
          "What is known of the node; written by its kubelet."),
};
TYPE(node, "Node", CORE_V1, "A machine that runs pods.");
