/* Content negotiation: which form of a reply the Accept header asks for.
 *
 * The first acceptable entry wins; q-values do not reorder, as upstream's. Our one
 * difference: protobuf is given only to who takes nothing else, since JSON is what
 * is stored and typed clients list both. Rules: k8s.io/apiserver pkg/endpoints/handlers/negotiation. Pure. */
#ifndef API_NEGOTIATE_H
#define API_NEGOTIATE_H

#include "api/request.h"

/* -1 and NOT_ACCEPTABLE when the header lists only what cannot be made. is_list: the
 * reply is a collection. can_transform: Table and PartialObjectMetadata are allowed. */
MUST_USE int negotiate(struct slice accept, const struct query_parameter *query, bool is_list,
                       bool can_transform, struct negotiated *negotiated, struct status *status);
/* The media of a body: JSON, YAML or protobuf; -1 and UNSUPPORTED_MEDIA_TYPE. */
MUST_USE int negotiate_body(struct slice content_type, enum media *media, struct status *status);
/* The type without its parameters, trimmed: "application/json". */
struct slice media_type(struct slice header);

#endif
