/* Questions about access: what they must say. Upstream: pkg/apis/authorization/validation. */
#ifndef CORE_KINDS_VALIDATE_REVIEW_H
#define CORE_KINDS_VALIDATE_REVIEW_H

#include "core/kinds/field_path.h"

/* Either a resource or a path. */
void access_question_validate(const struct json *spec, struct field_errors *errors);
/* And of whom. */
void access_subject_validate(const struct json *spec, struct field_errors *errors);

#endif
