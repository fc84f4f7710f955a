/* Where a pod may go: affinity, tolerations, spreading, taints of nodes.
 * Upstream: validateAffinity and its neighbours in pkg/apis/core/validation. */
#ifndef CORE_KINDS_VALIDATE_PLACEMENT_H
#define CORE_KINDS_VALIDATE_PLACEMENT_H

#include "core/kinds/field_path.h"

/* affinity, tolerations, topologySpreadConstraints and nodeSelector of a pod's spec. */
void placement_validate(const struct json *spec, const struct field_path *path,
                        struct field_errors *errors);
void tolerations_validate(const struct json *tolerations, const struct field_path *path,
                          struct field_errors *errors);
void taints_validate(const struct json *taints, const struct field_path *path,
                     struct field_errors *errors);

#endif
