/* Leases: io.k8s.api.coordination.v1. */
#include "core/kinds/schema_table.h"

#define COORDINATION_V1 "io.k8s.api.coordination.v1"

FIELDS(lease_spec) = {
    FIELD(1, "holderIdentity", STRING, POINTER, "Who holds it."),
    FIELD(2, "leaseDurationSeconds", INT32, POINTER,
          "Seconds after renewTime at which others may take it."),
    FIELD(3, "acquireTime", MICRO_TIME, POINTER, "When the holder got it."),
    FIELD(4, "renewTime", MICRO_TIME, POINTER, "When the holder last renewed it."),
    FIELD(5, "leaseTransitions", INT32, POINTER, "How often it changed hands."),
    FIELD(6, "strategy", STRING, POINTER, "How a holder is chosen, if that is coordinated.",
          GO_TYPE("v1.CoordinatedLeaseStrategy")),
    FIELD(7, "preferredHolder", STRING, POINTER, "Who should take it over."),
};
TYPE(lease_spec, "LeaseSpec", COORDINATION_V1, "Who holds a lease, and until when.");

FIELDS(lease) = {
    OBJECT_FIELDS,
    FIELD(2, "spec", OBJECT(lease_spec), ALWAYS, "Who holds it, and until when."),
};
TYPE(lease, "Lease", COORDINATION_V1, "Says that somebody is alive or in charge.");
