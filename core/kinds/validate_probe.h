/* Probes and lifecycle handlers. Upstream: validateProbe, validateLifecycle. */
#ifndef CORE_KINDS_VALIDATE_PROBE_H
#define CORE_KINDS_VALIDATE_PROBE_H

#include "core/kinds/field_path.h"

/* The probes and the lifecycle of a container that may have them. spec is the pod's. */
void container_probes_validate(const struct json *container, const struct json *spec,
                               const struct field_path *path, struct field_errors *errors);

#endif
