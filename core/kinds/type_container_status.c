/* What is known of containers: io.k8s.api.core.v1. */
#include "core/kinds/schema_table.h"

FIELDS(container_state_waiting) = {
    FIELD(1, "reason", STRING, 0, "Why, as one word for programs."),
    FIELD(2, "message", STRING, 0, "Why, as a text for people."),
};
TYPE(container_state_waiting, "ContainerStateWaiting", CORE_V1,
     "A container that does not run yet.");

FIELDS(container_state_running) = {
    FIELD(1, "startedAt", TIME, 0, "When it was last started."),
};
TYPE(container_state_running, "ContainerStateRunning", CORE_V1, "A container that runs.");

FIELDS(container_state_terminated) = {
    FIELD(1, "exitCode", INT32, EXPECTED | ALWAYS, "Exit code."),
    FIELD(2, "signal", INT32, 0, "Signal that ended it, if one did."),
    FIELD(3, "reason", STRING, 0, "Why, as one word for programs."),
    FIELD(4, "message", STRING, 0, "What it left in its termination message."),
    FIELD(5, "startedAt", TIME, 0, "When it was started."),
    FIELD(6, "finishedAt", TIME, 0, "When it ended."),
    FIELD(7, "containerID", STRING, 0, "The runtime's id, with the runtime's name before it."),
};
TYPE(container_state_terminated, "ContainerStateTerminated", CORE_V1,
     "A container that has ended.");

FIELDS(container_state) = {
    FIELD(1, "waiting", OBJECT(container_state_waiting), 0, "It does not run yet."),
    FIELD(2, "running", OBJECT(container_state_running), 0, "It runs."),
    FIELD(3, "terminated", OBJECT(container_state_terminated), 0, "It has ended."),
};
TYPE(container_state, "ContainerState", CORE_V1,
     "State of a container; one at most, none means waiting.");

FIELDS(volume_mount_status) = {
    FIELD(1, "name", STRING, EXPECTED | ALWAYS, "Name of the volume."),
    FIELD(2, "mountPath", STRING, EXPECTED | ALWAYS, "Where it appears in the container."),
    FIELD(3, "readOnly", BOOL, 0, "It cannot be written."),
    FIELD(4, "recursiveReadOnly", STRING, POINTER,
          "Whether mounts below are read-only too: Disabled or Enabled.",
          GO_TYPE("v1.RecursiveReadOnlyMode")),
};
TYPE(volume_mount_status, "VolumeMountStatus", CORE_V1, "How a volume was mounted in fact.");

FIELDS(linux_container_user) = {
    FIELD(1, "uid", INT64, EXPECTED | ALWAYS, "User id."),
    FIELD(2, "gid", INT64, EXPECTED | ALWAYS, "Group id."),
    LIST(3, "supplementalGroups", INT64, 0, "More group ids."),
};
TYPE(linux_container_user, "LinuxContainerUser", CORE_V1,
     "User of a container's first process on Linux.");

FIELDS(container_user) = {
    FIELD(1, "linux", OBJECT(linux_container_user), 0, "On Linux."),
};
TYPE(container_user, "ContainerUser", CORE_V1, "User of a container's first process.");

FIELDS(resource_health) = {
    FIELD(1, "resourceID", STRING, EXPECTED | ALWAYS, "Id of the device, as its driver names it.",
          GO_TYPE("v1.ResourceID")),
    FIELD(2, "health", STRING, 0, "Healthy, Unhealthy or Unknown.",
          GO_TYPE("v1.ResourceHealthStatus")),
};
TYPE(resource_health, "ResourceHealth", CORE_V1, "Health of one device.");

FIELDS(resource_status) = {
    FIELD(1, "name", STRING, EXPECTED | ALWAYS, "Resource, or claim:NAME or claim:NAME/REQUEST.",
          GO_TYPE("v1.ResourceName")),
    LIST(2, "resources", OBJECT(resource_health), 0, "The devices.", MAP_KEYS("resourceID")),
};
TYPE(resource_status, "ResourceStatus", CORE_V1,
     "Health of a container's devices of one resource.");

FIELDS(container_status) = {
    FIELD(1, "name", STRING, EXPECTED | ALWAYS, "Name of the container."),
    FIELD(2, "state", OBJECT(container_state), ALWAYS, "Its state now."),
    FIELD(3, "lastState", OBJECT(container_state), ALWAYS, "Its state before the last restart."),
    FIELD(4, "ready", BOOL, EXPECTED | ALWAYS, "Whether it may be sent requests."),
    FIELD(5, "restartCount", INT32, EXPECTED | ALWAYS, "How often it was started again."),
    FIELD(6, "image", STRING, EXPECTED | ALWAYS, "Image that runs, as the runtime names it."),
    FIELD(7, "imageID", STRING, EXPECTED | ALWAYS, "Id of that image."),
    FIELD(8, "containerID", STRING, 0, "The runtime's id, with the runtime's name before it."),
    FIELD(9, "started", BOOL, POINTER,
          "Whether the startup probe has succeeded and the start is over."),
    MAP(10, "allocatedResources", QUANTITY, 0, "Requests that the node has set aside for it.",
        GO_TYPE("v1.ResourceList")),
    FIELD(11, "resources", OBJECT(resource_requirements), 0, "Requests and limits in force."),
    LIST(12, "volumeMounts", OBJECT(volume_mount_status), MERGED, "How its volumes were mounted.",
         MERGE_KEY("mountPath"), MAP_KEYS("mountPath")),
    FIELD(13, "user", OBJECT(container_user), 0, "User of its first process."),
    LIST(14, "allocatedResourcesStatus", OBJECT(resource_status), MERGED, "Health of its devices.",
         MERGE_KEY("name"), MAP_KEYS("name")),
    FIELD(15, "stopSignal", STRING, POINTER, "Signal that asks it to stop.", GO_TYPE("v1.Signal")),
};
TYPE(container_status, "ContainerStatus", CORE_V1, "What is known of one container.");
