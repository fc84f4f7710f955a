/* Containers as they are asked for: io.k8s.api.core.v1.
 *
 * A container and an ephemeral container share their fields but not their
 * rules: upstream keeps two Go types that must stay equal, and so do we. */
#include "core/kinds/schema_table.h"

/* --- Ports and environment --- */

FIELDS(container_port) = {
    FIELD(1, "name", STRING, 0, "Name of the port, unique in the pod; services may refer to it."),
    FIELD(2, "hostPort", INT32, 0, "Port of the node that leads to it; 0 for none."),
    FIELD(3, "containerPort", INT32, REQUIRED | ALWAYS, "Port inside the container."),
    FIELD(4, "protocol", STRING, 0, "Protocol of the port.", ENUM("SCTP", "TCP", "UDP"),
          DEFAULT_TEXT("TCP"), GO_TYPE("v1.Protocol")),
    FIELD(5, "hostIP", STRING, 0, "Address of the node to which hostPort is tied."),
};
TYPE(container_port, "ContainerPort", CORE_V1, "A port that a container listens on.");

FIELDS(config_map_env_source) = {
    INLINE(1, local_object_reference),
    FIELD(2, "optional", BOOL, POINTER, "Go on if the ConfigMap is missing."),
};
TYPE(config_map_env_source, "ConfigMapEnvSource", CORE_V1,
     "All keys of a ConfigMap as environment variables.");

FIELDS(secret_env_source) = {
    INLINE(1, local_object_reference),
    FIELD(2, "optional", BOOL, POINTER, "Go on if the Secret is missing."),
};
TYPE(secret_env_source, "SecretEnvSource", CORE_V1,
     "All keys of a Secret as environment variables.");

FIELDS(env_from_source) = {
    FIELD(1, "prefix", STRING, 0, "Put in front of each name."),
    FIELD(2, "configMapRef", OBJECT(config_map_env_source), 0, "ConfigMap to take them from."),
    FIELD(3, "secretRef", OBJECT(secret_env_source), 0, "Secret to take them from."),
};
TYPE(env_from_source, "EnvFromSource", CORE_V1, "Where many environment variables come from.");

FIELDS(object_field_selector) = {
    FIELD(1, "apiVersion", STRING, 0, "Version of the shape that fieldPath is written for.",
          DEFAULT_TEXT("v1")),
    FIELD(2, "fieldPath", STRING, REQUIRED | ALWAYS, "Path of the field."),
};
TYPE(object_field_selector, "ObjectFieldSelector", CORE_V1, "Picks a field of the pod.");

FIELDS(resource_field_selector) = {
    FIELD(1, "containerName", STRING, 0,
          "Container; needed in volumes, in variables it is the container itself."),
    FIELD(2, "resource", STRING, EXPECTED | ALWAYS, "Which one, such as limits.cpu."),
    FIELD(3, "divisor", QUANTITY, ALWAYS, "Unit in which it is given; absent or 0 means 1."),
};
TYPE(resource_field_selector, "ResourceFieldSelector", CORE_V1,
     "Picks a request or limit of a container.");

FIELDS(config_map_key_selector) = {
    INLINE(1, local_object_reference),
    FIELD(2, "key", STRING, REQUIRED | ALWAYS, "The key."),
    FIELD(3, "optional", BOOL, POINTER, "Go on if the ConfigMap or the key is missing."),
};
TYPE(config_map_key_selector, "ConfigMapKeySelector", CORE_V1, "Picks a key of a ConfigMap.");

FIELDS(secret_key_selector) = {
    INLINE(1, local_object_reference),
    FIELD(2, "key", STRING, REQUIRED | ALWAYS, "The key."),
    FIELD(3, "optional", BOOL, POINTER, "Go on if the Secret or the key is missing."),
};
TYPE(secret_key_selector, "SecretKeySelector", CORE_V1, "Picks a key of a Secret.");

FIELDS(file_key_selector) = {
    FIELD(1, "volumeName", STRING, REQUIRED | ALWAYS, "Volume that holds the file."),
    FIELD(2, "path", STRING, REQUIRED | ALWAYS, "Path of the file inside the volume."),
    FIELD(3, "key", STRING, REQUIRED | ALWAYS, "Name of the variable in the file."),
    FIELD(4, "optional", BOOL, POINTER, "Go on if the file or the variable is missing."),
};
TYPE(file_key_selector, "FileKeySelector", CORE_V1, "Picks a variable from a file in a volume.");

FIELDS(env_var_source) = {
    FIELD(1, "fieldRef", OBJECT(object_field_selector), ATOMIC, "A field of the pod."),
    FIELD(2, "resourceFieldRef", OBJECT(resource_field_selector), ATOMIC,
          "A request or limit of a container."),
    FIELD(3, "configMapKeyRef", OBJECT(config_map_key_selector), ATOMIC, "A key of a ConfigMap."),
    FIELD(4, "secretKeyRef", OBJECT(secret_key_selector), ATOMIC, "A key of a Secret."),
    FIELD(5, "fileKeyRef", OBJECT(file_key_selector), ATOMIC,
          "A variable in a file that another container wrote."),
};
TYPE(env_var_source, "EnvVarSource", CORE_V1,
     "Where the value of a variable comes from; exactly one.");

FIELDS(env_var) = {
    FIELD(1, "name", STRING, REQUIRED | ALWAYS, "Name of the variable."),
    FIELD(2, "value", STRING, 0, "Its value; $(NAME) is replaced by the variable NAME."),
    FIELD(3, "valueFrom", OBJECT(env_var_source), 0,
          "Where its value comes from, in place of value."),
};
TYPE(env_var, "EnvVar", CORE_V1, "One environment variable.");

/* --- Resources --- */

FIELDS(resource_claim) = {
    FIELD(1, "name", STRING, EXPECTED | ALWAYS, "Name of the claim in the pod's resourceClaims."),
    FIELD(2, "request", STRING, 0, "Request inside the claim; absent means all of it."),
};
TYPE(resource_claim, "ResourceClaim", CORE_V1, "Use of one of the pod's claims by a container.");

FIELDS(resource_requirements) = {
    MAP(1, "limits", QUANTITY, 0, "The most that it may use of each resource.",
        GO_TYPE("v1.ResourceList")),
    MAP(2, "requests", QUANTITY, 0,
        "What is set aside for it; a limit without a request counts as its request.",
        GO_TYPE("v1.ResourceList")),
    LIST(3, "claims", OBJECT(resource_claim), 0, "Claims of the pod that it uses.",
         MAP_KEYS("name")),
};
TYPE(resource_requirements, "ResourceRequirements", CORE_V1,
     "How much a container, or a whole pod, needs and may use.");

FIELDS(container_resize_policy) = {
    FIELD(1, "resourceName", STRING, EXPECTED | ALWAYS,
          "Resource that the policy is about: cpu or memory.", GO_TYPE("v1.ResourceName")),
    FIELD(2, "restartPolicy", STRING, EXPECTED | ALWAYS,
          "NotRequired: change it in place; RestartContainer: start anew.",
          GO_TYPE("v1.ResourceResizeRestartPolicy")),
};
TYPE(container_resize_policy, "ContainerResizePolicy", CORE_V1,
     "What a change of one resource means for the running container.");

FIELDS(container_restart_rule_on_exit_codes) = {
    FIELD(1, "operator", STRING, EXPECTED, "In or NotIn.",
          GO_TYPE("v1.ContainerRestartRuleOnExitCodesOperator")),
    LIST(2, "values", INT32, 0, "The exit codes.", SET),
};
TYPE(container_restart_rule_on_exit_codes, "ContainerRestartRuleOnExitCodes", CORE_V1,
     "A set of exit codes.");

FIELDS(container_restart_rule) = {
    FIELD(1, "action", STRING, EXPECTED, "What to do: Restart or RestartAllContainers.",
          GO_TYPE("v1.ContainerRestartRuleAction")),
    FIELD(2, "exitCodes", OBJECT(container_restart_rule_on_exit_codes), 0,
          "Exit codes for which the rule holds."),
};
TYPE(container_restart_rule, "ContainerRestartRule", CORE_V1,
     "What to do when a container ended in a certain way.");

/* --- Mounts --- */

FIELDS(volume_mount) = {
    FIELD(1, "name", STRING, REQUIRED | ALWAYS, "Name of the volume."),
    FIELD(2, "readOnly", BOOL, 0, "No writing through this mount."),
    FIELD(7, "recursiveReadOnly", STRING, POINTER,
          "Whether mounts below are read-only too: Disabled, IfPossible or Enabled.",
          GO_TYPE("v1.RecursiveReadOnlyMode")),
    FIELD(3, "mountPath", STRING, REQUIRED | ALWAYS, "Where it appears in the container."),
    FIELD(4, "subPath", STRING, 0, "Part of the volume to mount; empty means its root."),
    FIELD(5, "mountPropagation", STRING, POINTER,
          "How mounts made later pass between the node and the container.",
          ENUM("Bidirectional", "HostToContainer", "None"), GO_TYPE("v1.MountPropagationMode")),
    FIELD(6, "subPathExpr", STRING, 0,
          "As subPath, with $(NAME) replaced by environment variables."),
};
TYPE(volume_mount, "VolumeMount", CORE_V1, "Where a volume appears in a container.");

FIELDS(volume_device) = {
    FIELD(1, "name", STRING, REQUIRED | ALWAYS, "Name of a claim's volume in the pod."),
    FIELD(2, "devicePath", STRING, REQUIRED | ALWAYS, "Path of the device in the container."),
};
TYPE(volume_device, "VolumeDevice", CORE_V1, "Where a block volume appears in a container.");

/* --- Containers --- */

FIELDS(container) = {
    FIELD(1, "name", STRING, REQUIRED | ALWAYS,
          "Name of the container, unique in its pod; a DNS label."),
    FIELD(2, "image", STRING, 0, "Image to run; may be empty only in templates."),
    LIST(3, "command", STRING, 0,
         "Program and first arguments, in place of the image's entry point."),
    LIST(4, "args", STRING, 0, "Arguments, in place of the image's."),
    FIELD(5, "workingDir", STRING, 0, "Folder to start in, in place of the image's."),
    LIST(6, "ports", OBJECT(container_port), MERGED,
         "Ports that it listens on; a port not listed may still be used.",
         MERGE_KEY("containerPort"), MAP_KEYS("containerPort", "protocol")),
    LIST(19, "envFrom", OBJECT(env_from_source), 0,
         "Where many environment variables come from; env wins."),
    LIST(7, "env", OBJECT(env_var), MERGED, "Environment variables.", MERGE_KEY("name"),
         MAP_KEYS("name")),
    FIELD(8, "resources", OBJECT(resource_requirements), ALWAYS, "What it needs and may use."),
    LIST(23, "resizePolicy", OBJECT(container_resize_policy), 0,
         "What a change of its resources means while it runs."),
    FIELD(24, "restartPolicy", STRING, POINTER,
          "When it is started again; Always makes an init container a sidecar.",
          GO_TYPE("v1.ContainerRestartPolicy")),
    LIST(25, "restartPolicyRules", OBJECT(container_restart_rule), 0,
         "What to do when it ends in certain ways; the first that holds counts."),
    LIST(9, "volumeMounts", OBJECT(volume_mount), MERGED, "Where volumes appear in it.",
         MERGE_KEY("mountPath"), MAP_KEYS("mountPath")),
    LIST(21, "volumeDevices", OBJECT(volume_device), MERGED, "Where block volumes appear in it.",
         MERGE_KEY("devicePath"), MAP_KEYS("devicePath")),
    FIELD(10, "livenessProbe", OBJECT(probe), 0,
          "When it fails, the container is killed and started again."),
    FIELD(11, "readinessProbe", OBJECT(probe), 0, "When it fails, services send no requests."),
    FIELD(22, "startupProbe", OBJECT(probe), 0, "Until it has succeeded, the other probes wait."),
    FIELD(12, "lifecycle", OBJECT(lifecycle), 0,
          "What to do right after the start and before the stop."),
    FIELD(13, "terminationMessagePath", STRING, 0,
          "File whose text is told as the message when it ends.",
          DEFAULT_TEXT("/dev/termination-log")),
    FIELD(20, "terminationMessagePolicy", STRING, 0, "Where that message comes from.",
          ENUM("File", "FallbackToLogsOnError"), DEFAULT_TEXT("File"),
          GO_TYPE("v1.TerminationMessagePolicy")),
    FIELD(14, "imagePullPolicy", STRING, 0,
          "When to pull the image; Always if its tag is latest, else IfNotPresent.",
          ENUM("Always", "IfNotPresent", "Never"), GO_TYPE("v1.PullPolicy")),
    FIELD(15, "securityContext", OBJECT(security_context), 0,
          "Security settings, in place of the pod's."),
    FIELD(16, "stdin", BOOL, 0, "Keep standard input open."),
    FIELD(17, "stdinOnce", BOOL, 0, "Close standard input when the first client has left."),
    FIELD(18, "tty", BOOL, 0, "Give it a terminal; needs stdin."),
};
TYPE(container, "Container", CORE_V1, "One container of a pod.");

FIELDS(ephemeral_container_common) = {
    FIELD(1, "name", STRING, REQUIRED | ALWAYS,
          "Name of the container, unique in its pod; a DNS label."),
    FIELD(2, "image", STRING, 0, "Image to run."),
    LIST(3, "command", STRING, 0,
         "Program and first arguments, in place of the image's entry point."),
    LIST(4, "args", STRING, 0, "Arguments, in place of the image's."),
    FIELD(5, "workingDir", STRING, 0, "Folder to start in, in place of the image's."),
    LIST(6, "ports", OBJECT(container_port), MERGED, "Not allowed here.",
         MERGE_KEY("containerPort"), MAP_KEYS("containerPort", "protocol")),
    LIST(19, "envFrom", OBJECT(env_from_source), 0,
         "Where many environment variables come from; env wins."),
    LIST(7, "env", OBJECT(env_var), MERGED, "Environment variables.", MERGE_KEY("name"),
         MAP_KEYS("name")),
    FIELD(8, "resources", OBJECT(resource_requirements), ALWAYS,
          "Not allowed here: it uses what the pod has left."),
    LIST(23, "resizePolicy", OBJECT(container_resize_policy), 0, "Not allowed here."),
    FIELD(24, "restartPolicy", STRING, POINTER, "Not allowed here.",
          GO_TYPE("v1.ContainerRestartPolicy")),
    LIST(25, "restartPolicyRules", OBJECT(container_restart_rule), 0, "Not allowed here."),
    LIST(9, "volumeMounts", OBJECT(volume_mount), MERGED, "Where volumes appear in it.",
         MERGE_KEY("mountPath"), MAP_KEYS("mountPath")),
    LIST(21, "volumeDevices", OBJECT(volume_device), MERGED, "Where block volumes appear in it.",
         MERGE_KEY("devicePath"), MAP_KEYS("devicePath")),
    FIELD(10, "livenessProbe", OBJECT(probe), 0, "Not allowed here."),
    FIELD(11, "readinessProbe", OBJECT(probe), 0, "Not allowed here."),
    FIELD(22, "startupProbe", OBJECT(probe), 0, "Not allowed here."),
    FIELD(12, "lifecycle", OBJECT(lifecycle), 0, "Not allowed here."),
    FIELD(13, "terminationMessagePath", STRING, 0,
          "File whose text is told as the message when it ends.",
          DEFAULT_TEXT("/dev/termination-log")),
    FIELD(20, "terminationMessagePolicy", STRING, 0, "Where that message comes from.",
          ENUM("File", "FallbackToLogsOnError"), DEFAULT_TEXT("File"),
          GO_TYPE("v1.TerminationMessagePolicy")),
    FIELD(14, "imagePullPolicy", STRING, 0,
          "When to pull the image; Always if its tag is latest, else IfNotPresent.",
          ENUM("Always", "IfNotPresent", "Never"), GO_TYPE("v1.PullPolicy")),
    FIELD(15, "securityContext", OBJECT(security_context), 0,
          "Security settings, in place of the pod's."),
    FIELD(16, "stdin", BOOL, 0, "Keep standard input open."),
    FIELD(17, "stdinOnce", BOOL, 0, "Close standard input when the first client has left."),
    FIELD(18, "tty", BOOL, 0, "Give it a terminal; needs stdin."),
};
TYPE(ephemeral_container_common, "EphemeralContainerCommon", CORE_V1,
     "What an ephemeral container has in common with the others.");

FIELDS(ephemeral_container) = {
    INLINE(1, ephemeral_container_common),
    FIELD(2, "targetContainerName", STRING, 0, "Container whose processes it sees."),
};
TYPE(ephemeral_container, "EphemeralContainer", CORE_V1,
     "A container added to a running pod, for a person who looks into it.");
