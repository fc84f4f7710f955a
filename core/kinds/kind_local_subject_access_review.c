/* LocalSubjectAccessReview: may they, in this namespace? Answered, not stored. */
#include "core/kinds/kind.h"
#include "core/kinds/meta.h"
#include "core/kinds/types.h"
#include "core/kinds/validate_review.h"

static void validate(const struct kind_context *context, const struct json *review,
                     struct field_errors *errors)
{
    const struct json *spec = json_get(review, "spec");
    const struct json *path = json_get(spec, "nonResourceAttributes");
    const struct json *resource = json_get(spec, "resourceAttributes");
    struct slice namespace = json_string(json_get(resource, "namespace"));
    const struct field_path *at = AT(NULL, "spec");
    (void)context;
    access_question_validate(spec, errors);
    access_subject_validate(spec, errors);
    if (resource && !slice_equal(namespace, meta_namespace(review)))
        path_invalid_text(errors, AT(AT(at, "resourceAttributes"), "namespace"), namespace,
                          "must match metadata.namespace");
    if (path)
        path_invalid(errors, AT(at, "nonResourceAttributes"), path,
                     "disallowed on this kind of request");
}

const struct kind kind_local_subject_access_review = {
    .group = "authorization.k8s.io",
    .version = "v1",
    .kind = "LocalSubjectAccessReview",
    .resource = "localsubjectaccessreviews",
    .singular = "localsubjectaccessreview",
    .namespaced = true,
    .is_virtual = true,
    .verbs = VERB_CREATE,
    .schema = &type_local_subject_access_review,
    .validate = validate,
};
