/* SelfSubjectAccessReview: may I? Answered, not stored. */
#include "core/kinds/kind.h"
#include "core/kinds/types.h"
#include "core/kinds/validate_review.h"

static void validate(const struct kind_context *context, const struct json *review,
                     struct field_errors *errors)
{
    (void)context;
    access_question_validate(json_get(review, "spec"), errors);
}

const struct kind kind_self_subject_access_review = {
    .group = "authorization.k8s.io",
    .version = "v1",
    .kind = "SelfSubjectAccessReview",
    .resource = "selfsubjectaccessreviews",
    .singular = "selfsubjectaccessreview",
    .is_virtual = true,
    .verbs = VERB_CREATE,
    .schema = &type_self_subject_access_review,
    .validate = validate,
};
