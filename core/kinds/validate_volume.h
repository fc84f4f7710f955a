/* Volumes of a pod, and paths inside them.
 * Upstream: ValidateVolumes in pkg/apis/core/validation. */
#ifndef CORE_KINDS_VALIDATE_VOLUME_H
#define CORE_KINDS_VALIDATE_VOLUME_H

#include "core/kinds/field_path.h"

/* metadata is the pod's; NULL in a template. */
void volumes_validate(const struct json *volumes, const struct json *metadata,
                      const struct field_path *path, struct field_errors *errors);

/* A path in a volume or on a node: no "..", */
void file_path_check_no_backsteps(struct slice file, const struct field_path *path,
                                  struct field_errors *errors);
/* and relative, */
void file_path_check_descends(struct slice file, const struct field_path *path,
                              struct field_errors *errors);
/* and without ".." at its beginning. */
void file_path_check_not_reserved(struct slice file, const struct field_path *path,
                                  struct field_errors *errors);

#endif
