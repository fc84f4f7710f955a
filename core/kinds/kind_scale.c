/* Scale: the size of anything that can be scaled; the body of its scale subresource. */
#include "core/kinds/cell.h"
#include "core/kinds/field_path.h"
#include "core/kinds/types.h"

static void validate(const struct kind_context *context, const struct json *scale,
                     struct field_errors *errors)
{
    (void)context;
    path_check_not_negative(errors, AT(AT(NULL, "spec"), "replicas"),
                            json_at(scale, "spec.replicas"));
}

static const struct kind_column columns[] = {
    COLUMN_NAME,
    CELL_AT("Desired", "integer", "How many are wanted.", "spec.replicas"),
    CELL_AT("Available", "integer", "How many there are.", "status.replicas"),
    COLUMN_AGE,
    {.name = NULL},
};

const struct kind kind_scale = {
    .group = "autoscaling",
    .version = "v1",
    .kind = "Scale",
    .resource = "scales",
    .singular = "scale",
    .namespaced = true,
    .is_unserved = true,
    .is_virtual = true,
    .verbs = VERB_GET | VERB_UPDATE | VERB_PATCH,
    .schema = &type_scale,
    .columns = columns,
    .validate = validate,
};
