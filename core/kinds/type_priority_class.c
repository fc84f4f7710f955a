/* Priority classes: io.k8s.api.scheduling.v1. */
#include "core/kinds/schema_table.h"

#define SCHEDULING_V1 "io.k8s.api.scheduling.v1"

FIELDS(priority_class) = {
    OBJECT_FIELDS,
    FIELD(2, "value", INT32, EXPECTED | ALWAYS, "The priority; higher goes first, never changes."),
    FIELD(3, "globalDefault", BOOL, 0, "Whether pods that name no class get this one."),
    FIELD(4, "description", STRING, 0, "When this class should be used, as a text for people."),
    FIELD(5, "preemptionPolicy", STRING, POINTER,
          "Whether its pods may have others removed to make room.",
          ENUM("PreemptLowerPriority", "Never"), DEFAULT_TEXT("PreemptLowerPriority"),
          GO_TYPE("v1.PreemptionPolicy")),
};
TYPE(priority_class, "PriorityClass", SCHEDULING_V1, "A priority with a name.");
