/* SelfSubjectReview: who am I? Answered, not stored. */
#include "core/kinds/kind.h"
#include "core/kinds/types.h"

const struct kind kind_self_subject_review = {
    .group = "authentication.k8s.io",
    .version = "v1",
    .kind = "SelfSubjectReview",
    .resource = "selfsubjectreviews",
    .singular = "selfsubjectreview",
    .is_virtual = true,
    .verbs = VERB_CREATE,
    .schema = &type_self_subject_review,
};
