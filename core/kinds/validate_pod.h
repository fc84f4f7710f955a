/* What a pod must look like, and what of it may change.
 *
 * Upstream: ValidatePodCreate, ValidatePodUpdate and their like in
 * pkg/apis/core/validation, with the rules and texts of 1.35. What the tables
 * say (required, one of a few) is not said again. */
#ifndef CORE_KINDS_VALIDATE_POD_H
#define CORE_KINDS_VALIDATE_POD_H

#include "core/kinds/field_path.h"
#include "core/kinds/kind.h"

/* For the kind's row. */
void pod_validate(const struct kind_context *context, const struct json *pod,
                  struct field_errors *errors);
void pod_validate_update(const struct kind_context *context, const struct json *pod,
                         const struct json *old, struct field_errors *errors);

/* The spec of a pod (metadata is its metadata) or of a template (metadata is NULL). */
void pod_spec_validate(const struct json *spec, const struct json *metadata,
                       const struct field_path *path, struct field_errors *errors);
/* A PodTemplateSpec: labels, annotations, spec. */
void pod_template_validate(const struct json *template, const struct field_path *path,
                           struct field_errors *errors);

/* Parts of pod_validate_update. */
void pod_validate_status_update(const struct json *pod, const struct json *old,
                                struct field_errors *errors);
void pod_validate_resize(const struct json *pod, const struct json *old,
                         struct field_errors *errors);

#endif
