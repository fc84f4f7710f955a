/* OpenAPI v3 documents of one group and version, from the schemas.
 *
 * kubectl reads two things in them: whether writes take fieldValidation (else
 * create -f refuses to work), and the schemas for `kubectl explain`. */
#ifndef API_OPENAPI_H
#define API_OPENAPI_H

#include <stdbool.h>

#include "core/buffer.h"
#include "core/kinds/registry.h"

/* path: "api/v1", "apis/scheduling.k8s.io/v1beta1". False: nothing is served there. */
bool openapi_append_group_version(const struct registry *registry, struct slice path,
                                  struct buffer *text);

#endif
