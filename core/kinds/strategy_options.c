/* CreateOptions, UpdateOptions and PatchOptions: what k8s.io/apimachinery
 * pkg/apis/meta/v1/validation says about them. */
#include "core/kinds/meta.h"
#include "core/kinds/strategy.h"

void strategy_check_dry_run(const struct json *dry_run, struct field_errors *errors)
{
    JSON_EACH(value, dry_run) {
        if (slice_is(json_string(value), "All"))
            continue;
        field_error_add(errors, FIELD_NOT_SUPPORTED, "dryRun",
                        schema_value_text(errors->arena, dry_run), "supported values: \"All\"");
        return;
    }
}

static void check_field_validation(struct slice value, struct field_errors *errors)
{
    if (value.size == 0 || slice_is(value, "Ignore") || slice_is(value, "Warn") ||
        slice_is(value, "Strict"))
        return;
    field_error_add(errors, FIELD_NOT_SUPPORTED, "fieldValidation",
                    field_value_text(errors->arena, value),
                    "supported values: \"\", \"Ignore\", \"Strict\", \"Warn\"");
}

static void check_patch(const struct json *options, bool is_apply, struct field_errors *errors)
{
    if (is_apply && json_string(json_get(options, "fieldManager")).size == 0)
        field_error_add(errors, FIELD_REQUIRED, "fieldManager", NULL,
                        "is required for apply patch");
    if (!is_apply && json_get(options, "force"))
        field_error_add(errors, FIELD_FORBIDDEN, "force", NULL,
                        "may not be specified for non-apply patch");
}

int strategy_check_options(const char *type_name, const struct json *options, bool patch_is_apply,
                           struct arena *arena, struct status *status)
{
    struct field_errors errors;
    field_errors_init(&errors, arena);
    if (strcmp(type_name, "PatchOptions") == 0)
        check_patch(options, patch_is_apply, &errors);
    meta_validate_field_manager(json_string(json_get(options, "fieldManager")), "fieldManager",
                                &errors);
    strategy_check_dry_run(json_get(options, "dryRun"), &errors);
    check_field_validation(json_string(json_get(options, "fieldValidation")), &errors);
    return field_errors_status(&errors, "meta.k8s.io", type_name, "", status);
}
