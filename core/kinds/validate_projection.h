/* What becomes a file in a volume: keys, fields of the pod, tokens.
 * Upstream: validateProjectionSources in pkg/apis/core/validation. */
#ifndef CORE_KINDS_VALIDATE_PROJECTION_H
#define CORE_KINDS_VALIDATE_PROJECTION_H

#include "core/kinds/field_path.h"

void projected_volume_validate(const struct json *source, const struct field_path *path,
                               struct field_errors *errors);
void key_to_path_validate(const struct json *item, const struct field_path *path,
                          struct field_errors *errors);
void downward_file_validate(const struct json *file, const struct field_path *path,
                            struct field_errors *errors);
/* Permission bits. */
void file_mode_check(const struct json *mode, const struct field_path *path,
                     struct field_errors *errors);

/* A field of the pod as a value: of environment variables, and of files. */
void env_field_selector_validate(const struct json *selector, const struct field_path *path,
                                 struct field_errors *errors);
void file_field_selector_validate(const struct json *selector, const struct field_path *path,
                                  struct field_errors *errors);
/* A request or limit of a container as a value. */
void resource_selector_validate(const struct json *selector, bool needs_container,
                                const struct field_path *path, struct field_errors *errors);

#endif
