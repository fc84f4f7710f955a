/* See validate_review.h. */
#include "core/kinds/validate_review.h"

void access_question_validate(const struct json *spec, struct field_errors *errors)
{
    const struct json *resource = json_get(spec, "resourceAttributes");
    const struct json *path = json_get(spec, "nonResourceAttributes");
    const struct field_path *at = AT(NULL, "spec");
    if (resource && path)
        path_invalid(errors, AT(at, "nonResourceAttributes"), path,
                     "cannot be specified in combination with resourceAttributes");
    if (!resource && !path)
        path_invalid(
            errors, AT(at, "resourceAttributes"), NULL,
            "exactly one of nonResourceAttributes or resourceAttributes must be specified");
}
void access_subject_validate(const struct json *spec, struct field_errors *errors)
{
    if (json_string(json_get(spec, "user")).size == 0 && !json_first(json_get(spec, "groups")))
        path_invalid_text(errors, AT(AT(NULL, "spec"), "user"), SLICE(""),
                          "at least one of user or group must be specified");
}
