/* Bodies: bytes in, a checked tree in the version asked for out.
 *
 * JSON, YAML and protobuf; kind and apiVersion must be what the URL says, or
 * missing; unknown and duplicate fields are refused, warned of or dropped by
 * ?fieldValidation. Rules: k8s.io/apiserver handlers/create.go, apimachinery
 * runtime/serializer/json. */
#ifndef API_DECODE_H
#define API_DECODE_H

#include "api/request.h"

/* What a body must be. */
struct decode_target {
    const char *group;
    const char *version;
    const char *kind;
    const struct schema_type *schema;
};

/* Of the request's resource or subresource body. */
void decode_target_of(const struct request *request, struct decode_target *target);

MUST_USE int decode_body(struct request *request, const struct decode_target *target,
                         struct json **tree);
/* As decode_body, for options (DeleteOptions): apiVersion may be any group's. */
MUST_USE int decode_options(struct request *request, const struct decode_target *target,
                            struct json **tree);
/* One document as a tree; NULL and BAD_REQUEST. */
struct json *decode_yaml(struct arena *arena, struct slice text, struct json_duplicate **duplicates,
                         struct status *status);
/* Checks a tree as if it had come in. */
MUST_USE int decode_tree(struct request *request, const struct decode_target *target,
                         struct json *tree, const struct json_duplicate *duplicates);
/* The same of its fields alone: *why is what is wrong with them, or NULL when status says it. */
MUST_USE int decode_fields(struct request *request, const struct decode_target *target,
                           struct json *tree, const struct json_duplicate *duplicates,
                           const char **why);

#endif
