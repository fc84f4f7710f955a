/* Scaling by number and by metric: io.k8s.api.autoscaling.v1 and v2. */
#include "core/kinds/schema_table.h"

#define AUTOSCALING_V1 "io.k8s.api.autoscaling.v1"

/* --- autoscaling/v1 --- */

FIELDS(scale_spec) = {
    FIELD(1, "replicas", INT32, 0, "How many."),
};
TYPE(scale_spec, "ScaleSpec", AUTOSCALING_V1, "How many are wanted.");

FIELDS(scale_status) = {
    FIELD(1, "replicas", INT32, EXPECTED | ALWAYS, "How many."),
    FIELD(2, "selector", STRING, 0, "Labels of the pods, as text."),
};
TYPE(scale_status, "ScaleStatus", AUTOSCALING_V1, "How many there are.");

FIELDS(scale) = {
    OBJECT_FIELDS,
    FIELD(2, "spec", OBJECT(scale_spec), ALWAYS, "How many are wanted."),
    FIELD(3, "status", OBJECT(scale_status), ALWAYS, "How many there are."),
};
TYPE(scale, "Scale", AUTOSCALING_V1, "The size of anything that can be scaled.");
