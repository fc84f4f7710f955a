/* Containers of a pod: those that run, those that run first, those for debugging.
 * Upstream: validateContainers and its like in pkg/apis/core/validation. */
#ifndef CORE_KINDS_VALIDATE_CONTAINER_H
#define CORE_KINDS_VALIDATE_CONTAINER_H

#include "core/kinds/field_path.h"

/* All three lists of spec. */
void containers_validate(const struct json *spec, const struct field_path *path,
                         struct field_errors *errors);

#endif
