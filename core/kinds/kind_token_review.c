/* TokenReview: whose token is this? Answered, not stored. */
#include "core/kinds/kind.h"
#include "core/kinds/types.h"

const struct kind kind_token_review = {
    .group = "authentication.k8s.io",
    .version = "v1",
    .kind = "TokenReview",
    .resource = "tokenreviews",
    .singular = "tokenreview",
    .is_virtual = true,
    .verbs = VERB_CREATE,
    .schema = &type_token_review,
};
