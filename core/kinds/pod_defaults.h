/* Defaults of pods that depend on more than one field; the tables have the rest.
 * Upstream: pkg/apis/core/v1/defaults.go and conversion.go. */
#ifndef CORE_KINDS_POD_DEFAULTS_H
#define CORE_KINDS_POD_DEFAULTS_H

#include "core/kinds/kind.h"

/* Of a pod, and of the pod in a template. */
void pod_spec_set_defaults(struct arena *arena, struct json *spec);
/* Of a pod alone, after the former: templates leave these to the pods made from them. */
void pod_set_defaults(const struct kind_context *context, struct json *pod);
/* Rounds quantities up to thousandths, as every v1.ResourceList is. */
void resources_set_defaults(struct arena *arena, struct json *amounts);
/* "Always" for an image whose tag is latest or missing, else "IfNotPresent". */
const char *image_pull_policy(struct slice image);

#endif
