/* Environment variables of a container. Upstream: ValidateEnv, ValidateEnvFrom. */
#ifndef CORE_KINDS_VALIDATE_ENVIRONMENT_H
#define CORE_KINDS_VALIDATE_ENVIRONMENT_H

#include "core/kinds/field_path.h"
#include "core/kinds/text_map.h"

/* env and envFrom of container; path is the container's, volumes are the pod's by name. */
void environment_validate(const struct json *container, const struct text_map *volumes,
                          const struct field_path *path, struct field_errors *errors);

#endif
