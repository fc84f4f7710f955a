/* SelfSubjectRulesReview: what may I do? Answered, not stored. */
#include "core/kinds/kind.h"
#include "core/kinds/types.h"

const struct kind kind_self_subject_rules_review = {
    .group = "authorization.k8s.io",
    .version = "v1",
    .kind = "SelfSubjectRulesReview",
    .resource = "selfsubjectrulesreviews",
    .singular = "selfsubjectrulesreview",
    .is_virtual = true,
    .verbs = VERB_CREATE,
    .schema = &type_self_subject_rules_review,
};
