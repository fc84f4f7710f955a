/* The OpenAPI v2 document: the same schemas as v3's, all kinds in one, without paths.
 *
 * kubectl reads it, as protobuf only, to check an object of a kind that v3 does not
 * list, and learns that there is no such kind; `kubectl explain --output
 * plaintext-openapiv2` and older clients read the schemas. */
#ifndef API_OPENAPI_V2_H
#define API_OPENAPI_V2_H

#include <stdbool.h>

#include "core/buffer.h"
#include "core/kinds/registry.h"

/* As JSON, or as the message openapi.v2.Document of google/gnostic-models. */
void openapi_v2_append(const struct registry *registry, bool as_protobuf, struct buffer *document);

#endif
