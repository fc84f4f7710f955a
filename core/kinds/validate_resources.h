/* Requests and limits: names, amounts, and how they go together.
 * Upstream: validateResourceRequirements in pkg/apis/core/validation. */
#ifndef CORE_KINDS_VALIDATE_RESOURCES_H
#define CORE_KINDS_VALIDATE_RESOURCES_H

#include "core/kinds/field_path.h"
#include "core/kinds/text_map.h"

/* Of a container. claims holds the names of the pod's resourceClaims, list is that list. */
void container_resources_validate(const struct json *resources, const struct text_map *claims,
                                  const struct json *list, const struct field_path *path,
                                  struct field_errors *errors);
/* spec.resources of a pod (KEP-2837): amounts, and against the containers'. */
void pod_resources_validate(const struct json *spec, const struct field_path *spec_path,
                            struct field_errors *errors);

/* A map of amounts, each name checked by check. */
typedef void resource_name_fn(struct slice name, const struct field_path *path,
                              struct field_errors *errors);
resource_name_fn resource_name_validate;           /* Any resource. */
resource_name_fn container_resource_name_validate; /* What a container may ask for. */
/* Not negative; whole where the resource comes in whole units. */
void resource_amount_validate(struct slice name, const struct json *amount,
                              const struct field_path *path, struct field_errors *errors);

#endif
