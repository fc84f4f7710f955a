/* Pods and their templates: io.k8s.api.core.v1, release 1.35.
 *
 * Containers, volumes, placement and security have files of their own. Newer
 * than 1.35 is only schedulingGroup (1.36), which the workload API of 1.37 needs. */
#include "core/kinds/schema_table.h"

/* --- What pods point at --- */

FIELDS(host_alias) = {
    FIELD(1, "ip", STRING, EXPECTED | ALWAYS, "Address that the names stand for."),
    LIST(2, "hostnames", STRING, 0, "Names for the address."),
};
TYPE(host_alias, "HostAlias", CORE_V1, "One line of the hosts file.");

FIELDS(pod_dns_config_option) = {
    FIELD(1, "name", STRING, 0, "Name of the option; required."),
    FIELD(2, "value", STRING, POINTER, "Its value, for options that take one."),
};
TYPE(pod_dns_config_option, "PodDNSConfigOption", CORE_V1, "One option of the resolver.");

FIELDS(pod_dns_config) = {
    LIST(1, "nameservers", STRING, 0, "Addresses of name servers, put behind those of the policy."),
    LIST(2, "searches", STRING, 0, "Search domains, put behind those of the policy."),
    LIST(3, "options", OBJECT(pod_dns_config_option), 0,
         "Options of the resolver; replace those of the policy that have the same name."),
};
TYPE(pod_dns_config, "PodDNSConfig", CORE_V1,
     "Settings of the resolver, added to those that the DNS policy gives.");

FIELDS(pod_os) = {
    FIELD(1, "name", STRING, REQUIRED | ALWAYS, "linux or windows.", GO_TYPE("v1.OSName")),
};
TYPE(pod_os, "PodOS", CORE_V1, "Operating system of a pod.");

FIELDS(pod_readiness_gate) = {
    FIELD(1, "conditionType", STRING, EXPECTED | ALWAYS, "Type of a condition in the pod's status.",
          GO_TYPE("v1.PodConditionType")),
};
TYPE(pod_readiness_gate, "PodReadinessGate", CORE_V1,
     "A condition that must be True before the pod counts as ready.");

FIELDS(pod_scheduling_gate) = {
    FIELD(1, "name", STRING, EXPECTED | ALWAYS, "Name of the gate; who set it removes it."),
};
TYPE(pod_scheduling_gate, "PodSchedulingGate", CORE_V1,
     "Holds a pod back from scheduling while it is present.");

FIELDS(workload_reference) = {
    FIELD(1, "name", STRING, EXPECTED | ALWAYS, "Name of the Workload, in the pod's namespace."),
    FIELD(2, "podGroup", STRING, EXPECTED | ALWAYS, "Name of the group inside the Workload."),
    FIELD(3, "podGroupReplicaKey", STRING, 0,
          "Tells replicas of the group apart; each replica is a group of its own."),
};
TYPE(workload_reference, "WorkloadReference", CORE_V1,
     "Names the group in a Workload that a pod belongs to (1.35's form).");

FIELDS(pod_scheduling_group) = {
    FIELD(1, "podGroupName", STRING, POINTER, "Name of the PodGroup, in the pod's namespace."),
};
TYPE(pod_scheduling_group, "PodSchedulingGroup", CORE_V1,
     "Names the group that a pod is scheduled with (the form since 1.36).");

FIELDS(pod_resource_claim) = {
    FIELD(1, "name", STRING, EXPECTED | ALWAYS, "Name of the claim inside the pod; a DNS label."),
    FIELD(3, "resourceClaimName", STRING, POINTER, "Existing ResourceClaim to use."),
    FIELD(4, "resourceClaimTemplateName", STRING, POINTER,
          "Template from which a ResourceClaim is made for this pod alone."),
};
TYPE(pod_resource_claim, "PodResourceClaim", CORE_V1,
     "A claim to devices that containers of the pod may use by name.");

/* --- What a pod asks for --- */

FIELDS(pod_spec) = {
    LIST(1, "volumes", OBJECT(volume), MERGED | RETAIN_KEYS, "Volumes that containers may mount.",
         MERGE_KEY("name"), MAP_KEYS("name")),
    LIST(20, "initContainers", OBJECT(container), MERGED,
         "Run one by one before the others; those that restart are sidecars.", MERGE_KEY("name"),
         MAP_KEYS("name")),
    LIST(2, "containers", OBJECT(container), REQUIRED | MERGED,
         "Containers that run side by side; at least one.", MERGE_KEY("name"), MAP_KEYS("name")),
    LIST(34, "ephemeralContainers", OBJECT(ephemeral_container), MERGED,
         "Containers added to a running pod for debugging, by their own subresource.",
         MERGE_KEY("name"), MAP_KEYS("name")),
    FIELD(3, "restartPolicy", STRING, 0, "When containers that ended are started again.",
          ENUM("Always", "OnFailure", "Never"), DEFAULT_TEXT("Always"),
          GO_TYPE("v1.RestartPolicy")),
    FIELD(4, "terminationGracePeriodSeconds", INT64, POINTER,
          "Seconds between the request to stop and the kill.", DEFAULT("30")),
    FIELD(5, "activeDeadlineSeconds", INT64, POINTER,
          "Seconds after its start at which the pod is failed."),
    FIELD(6, "dnsPolicy", STRING, 0, "Where the resolver's settings come from.",
          ENUM("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"),
          DEFAULT_TEXT("ClusterFirst"), GO_TYPE("v1.DNSPolicy")),
    MAP(7, "nodeSelector", STRING, ATOMIC, "Labels that a node must have to run the pod."),
    FIELD(8, "serviceAccountName", STRING, 0, "ServiceAccount as which the pod speaks to the API."),
    FIELD(9, "serviceAccount", STRING, 0,
          "Older name of serviceAccountName; the server keeps both equal."),
    FIELD(21, "automountServiceAccountToken", BOOL, POINTER,
          "Whether a token of the ServiceAccount is mounted."),
    FIELD(10, "nodeName", STRING, 0,
          "Node that runs the pod; set once, by the scheduler or by hand."),
    FIELD(11, "hostNetwork", BOOL, 0, "Use the node's network."),
    FIELD(12, "hostPID", BOOL, 0, "Use the node's process ids."),
    FIELD(13, "hostIPC", BOOL, 0, "Use the node's IPC."),
    FIELD(27, "shareProcessNamespace", BOOL, POINTER, "Let containers see each other's processes."),
    FIELD(14, "securityContext", OBJECT(pod_security_context), 0,
          "Security settings of the pod, and defaults for its containers.", DEFAULT("{}")),
    LIST(15, "imagePullSecrets", OBJECT(local_object_reference), MERGED | ATOMIC,
         "Secrets with which images are pulled.", MERGE_KEY("name"), MAP_KEYS("name")),
    FIELD(16, "hostname", STRING, 0, "Host name; absent means the pod's name."),
    FIELD(17, "subdomain", STRING, 0,
          "With it the full name is hostname.subdomain.namespace.svc and the cluster's domain."),
    FIELD(18, "affinity", OBJECT(affinity), 0,
          "Rules that attract the pod to nodes and pods, or keep it away from them."),
    FIELD(19, "schedulerName", STRING, 0, "Scheduler that places the pod.",
          DEFAULT_TEXT("default-scheduler")),
    LIST(22, "tolerations", OBJECT(toleration), 0, "Taints of nodes that the pod puts up with."),
    LIST(23, "hostAliases", OBJECT(host_alias), MERGED, "Lines added to the hosts file.",
         MERGE_KEY("ip"), MAP_KEYS("ip")),
    FIELD(24, "priorityClassName", STRING, 0, "PriorityClass that gives the pod its priority."),
    FIELD(25, "priority", INT32, POINTER,
          "Priority, computed from the class by the server; higher goes first."),
    FIELD(26, "dnsConfig", OBJECT(pod_dns_config), 0, "More settings of the resolver."),
    LIST(28, "readinessGates", OBJECT(pod_readiness_gate), 0,
         "Conditions that must be True besides those of the containers."),
    FIELD(29, "runtimeClassName", STRING, POINTER,
          "RuntimeClass that says which runtime runs the pod."),
    FIELD(30, "enableServiceLinks", BOOL, POINTER,
          "Whether environment variables describe the namespace's services."),
    FIELD(31, "preemptionPolicy", STRING, POINTER,
          "Whether pods of lower priority may be removed to make room.",
          ENUM("PreemptLowerPriority", "Never"), GO_TYPE("v1.PreemptionPolicy")),
    MAP(32, "overhead", QUANTITY, 0, "Resources that running the pod costs besides its containers.",
        GO_TYPE("v1.ResourceList")),
    LIST(33, "topologySpreadConstraints", OBJECT(topology_spread_constraint), MERGED,
         "How pods like this one should be spread; all must hold.", MERGE_KEY("topologyKey"),
         MAP_KEYS("topologyKey", "whenUnsatisfiable")),
    FIELD(35, "setHostnameAsFQDN", BOOL, POINTER,
          "Make the full name the host name that the kernel knows."),
    FIELD(36, "os", OBJECT(pod_os), 0, "Operating system that the containers need."),
    FIELD(37, "hostUsers", BOOL, POINTER, "false: run in a user namespace of its own."),
    LIST(38, "schedulingGates", OBJECT(pod_scheduling_gate), MERGED,
         "While there is any, the pod is not scheduled; may only be taken away.", MERGE_KEY("name"),
         MAP_KEYS("name")),
    LIST(39, "resourceClaims", OBJECT(pod_resource_claim), MERGED | RETAIN_KEYS,
         "Devices that must be set aside before the pod may start.", MERGE_KEY("name"),
         MAP_KEYS("name")),
    FIELD(40, "resources", OBJECT(resource_requirements), 0,
          "Resources of the pod as a whole, shared by its containers."),
    FIELD(41, "hostnameOverride", STRING, POINTER,
          "Host name as it stands, in place of hostname and subdomain."),
    FIELD(42, "workloadRef", OBJECT(workload_reference), 0,
          "Group in a Workload that the pod belongs to (1.35)."),
    FIELD(43, "schedulingGroup", OBJECT(pod_scheduling_group), 0,
          "Group that the pod is scheduled with (1.36 and later)."),
};
TYPE(pod_spec, "PodSpec", CORE_V1, "What is wanted of a pod.");

/* --- What a pod has come to --- */

FIELDS(pod_condition) = {
    FIELD(1, "type", STRING, EXPECTED | ALWAYS,
          "What the condition is about, such as Ready or PodScheduled.",
          GO_TYPE("v1.PodConditionType")),
    FIELD(7, "observedGeneration", INT64, 0, "metadata.generation that this was decided on."),
    FIELD(2, "status", STRING, EXPECTED | ALWAYS, "True, False or Unknown.",
          GO_TYPE("v1.ConditionStatus")),
    FIELD(3, "lastProbeTime", TIME, 0, "When it was last looked at."),
    FIELD(4, "lastTransitionTime", TIME, 0, "When status last changed."),
    FIELD(5, "reason", STRING, 0, "Why, as one word for programs."),
    FIELD(6, "message", STRING, 0, "Why, as a text for people."),
};
TYPE(pod_condition, "PodCondition", CORE_V1, "One aspect of a pod's present state.");

FIELDS(host_ip) = {
    FIELD(1, "ip", STRING, EXPECTED | ALWAYS, "The address."),
};
TYPE(host_ip, "HostIP", CORE_V1, "An address of a node.");

FIELDS(pod_ip) = {
    FIELD(1, "ip", STRING, EXPECTED | ALWAYS, "The address."),
};
TYPE(pod_ip, "PodIP", CORE_V1, "An address of a pod.");

FIELDS(pod_resource_claim_status) = {
    FIELD(1, "name", STRING, EXPECTED | ALWAYS, "Name of the claim in spec.resourceClaims."),
    FIELD(2, "resourceClaimName", STRING, POINTER,
          "ResourceClaim made for it; absent if none was needed."),
};
TYPE(pod_resource_claim_status, "PodResourceClaimStatus", CORE_V1,
     "The ResourceClaim that stands for one of the pod's claims.");

FIELDS(container_extended_resource_request) = {
    FIELD(1, "containerName", STRING, EXPECTED | ALWAYS, "Container that asks for the resource."),
    FIELD(2, "resourceName", STRING, EXPECTED | ALWAYS, "The extended resource."),
    FIELD(3, "requestName", STRING, EXPECTED | ALWAYS, "Request in the claim that serves it."),
};
TYPE(container_extended_resource_request, "ContainerExtendedResourceRequest", CORE_V1,
     "Which request of a claim serves an extended resource of a container.");

FIELDS(pod_extended_resource_claim_status) = {
    LIST(1, "requestMappings", OBJECT(container_extended_resource_request), EXPECTED,
         "Which request of the claim serves which container."),
    FIELD(2, "resourceClaimName", STRING, EXPECTED | ALWAYS, "ResourceClaim made for it."),
};
TYPE(pod_extended_resource_claim_status, "PodExtendedResourceClaimStatus", CORE_V1,
     "Extended resources of the pod that devices of a claim serve.");

FIELDS(pod_status) = {
    FIELD(17, "observedGeneration", INT64, 0,
          "metadata.generation that the kubelet last reported on."),
    FIELD(1, "phase", STRING, 0,
          "Where the pod is in its life: Pending, Running, Succeeded, Failed or Unknown.",
          GO_TYPE("v1.PodPhase")),
    LIST(2, "conditions", OBJECT(pod_condition), MERGED, "Aspects of its present state.",
         MERGE_KEY("type"), MAP_KEYS("type")),
    FIELD(3, "message", STRING, 0, "Why it is in this state, as a text for people."),
    FIELD(4, "reason", STRING, 0, "Why it is in this state, as one word for programs."),
    FIELD(11, "nominatedNodeName", STRING, 0,
          "Node where room is expected for the pod; another may still be chosen."),
    FIELD(5, "hostIP", STRING, 0, "Address of the node that runs the pod."),
    LIST(16, "hostIPs", OBJECT(host_ip), MERGED, "All addresses of that node; the first is hostIP.",
         MERGE_KEY("ip")),
    FIELD(6, "podIP", STRING, 0, "Address of the pod; empty until it has one."),
    LIST(12, "podIPs", OBJECT(pod_ip), MERGED, "All addresses of the pod; the first is podIP.",
         MERGE_KEY("ip"), MAP_KEYS("ip")),
    FIELD(7, "startTime", TIME, POINTER, "When the kubelet took the pod over."),
    LIST(10, "initContainerStatuses", OBJECT(container_status), 0, "State of each init container."),
    LIST(8, "containerStatuses", OBJECT(container_status), 0, "State of each container."),
    FIELD(9, "qosClass", STRING, 0,
          "Quality of service, from requests and limits: Guaranteed, Burstable or BestEffort.",
          GO_TYPE("v1.PodQOSClass")),
    LIST(13, "ephemeralContainerStatuses", OBJECT(container_status), 0,
         "State of each ephemeral container."),
    FIELD(14, "resize", STRING, 0, "No longer set; conditions tell how a resize is going.",
          GO_TYPE("v1.PodResizeStatus")),
    LIST(15, "resourceClaimStatuses", OBJECT(pod_resource_claim_status), MERGED | RETAIN_KEYS,
         "ResourceClaims made for spec.resourceClaims.", MERGE_KEY("name"), MAP_KEYS("name")),
    FIELD(18, "extendedResourceClaimStatus", OBJECT(pod_extended_resource_claim_status), 0,
          "ResourceClaim that serves extended resources."),
    MAP(19, "allocatedResources", QUANTITY, 0,
        "Requests that the node has set aside for the pod as a whole.", GO_TYPE("v1.ResourceList")),
    FIELD(20, "resources", OBJECT(resource_requirements), 0,
          "Requests and limits in force for the pod as a whole."),
};
TYPE(pod_status, "PodStatus", CORE_V1, "What is known of a pod; may lag behind.");

/* --- The kind --- */

FIELDS(pod) = {
    OBJECT_FIELDS,
    FIELD(2, "spec", OBJECT(pod_spec), ALWAYS, "What is wanted of the pod."),
    FIELD(3, "status", OBJECT(pod_status), ALWAYS,
          "What is known of the pod; written by the kubelet and the scheduler."),
};
TYPE(pod, "Pod", CORE_V1, "Containers that are placed on one node and share network and volumes.");

FIELDS(pod_template_spec) = {
    FIELD(1, "metadata", OBJECT(object_meta), ALWAYS, "Labels and annotations of the pods made."),
    FIELD(2, "spec", OBJECT(pod_spec), ALWAYS, "What is wanted of the pods made."),
};
TYPE(pod_template_spec, "PodTemplateSpec", CORE_V1, "A pod as a controller makes it.");

FIELDS(pod_template) = {
    OBJECT_FIELDS,
    FIELD(2, "template", OBJECT(pod_template_spec), ALWAYS, "The template."),
};
TYPE(pod_template, "PodTemplate", CORE_V1, "A stored template for pods.");

FIELDS(binding) = {
    OBJECT_FIELDS,
    FIELD(2, "target", OBJECT(object_reference), EXPECTED | ALWAYS | ATOMIC, "The node."),
};
TYPE(binding, "Binding", CORE_V1, "Ties a pod to the node that shall run it.");
