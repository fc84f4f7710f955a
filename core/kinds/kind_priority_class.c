/* PriorityClass: a priority with a name.
 *
 * Upstream: pkg/apis/scheduling/validation. Names that begin with system- are
 * those of the two classes that every cluster has. */
#include <inttypes.h>

#include "core/kinds/cell.h"
#include "core/kinds/field_path.h"
#include "core/kinds/kind.h"
#include "core/kinds/meta.h"
#include "core/kinds/types.h"

#define USER_VALUE_MAX 1000000000

static const struct {
    const char *name;
    int64_t value;
} system_classes[] = {
    {"system-node-critical", 2000001000},
    {"system-cluster-critical", 2000000000},
};

static int64_t value_of(const struct json *class)
{
    int64_t value = 0;
    json_to_int64(json_get(class, "value"), &value);
    return value;
}

/* Why this is not one of the two; NULL if it is. */
static const char *why_not_system(struct arena *arena, const struct json *class)
{
    const char *name = json_text(json_at(class, "metadata.name"));
    for (size_t i = 0; i < ARRAY_SIZE(system_classes); i++) {
        if (strcmp(name, system_classes[i].name) != 0)
            continue;
        if (value_of(class) != system_classes[i].value)
            return arena_format(arena, "value of %s PriorityClass must be %" PRId64, name,
                                system_classes[i].value);
        if (json_bool(json_get(class, "globalDefault")))
            return arena_format(arena, "globalDefault of %s PriorityClass must be false", name);
        return NULL;
    }
    return arena_format(arena, "%s is not a known system priority class", name);
}

static void prepare_for_create(const struct kind_context *context, struct json *class)
{
    meta_set_int(context->arena, class, "generation", 1);
}

static void validate(const struct kind_context *context, const struct json *class,
                     struct field_errors *errors)
{
    if (slice_starts_with(meta_name(class), SLICE("system-"))) {
        const char *why = why_not_system(context->arena, class);
        if (why)
            path_forbidden(errors, AT(AT(NULL, "metadata"), "name"),
                           "priority class names with 'system-' prefix are reserved for system use "
                           "only. error: %s",
                           why);
    } else if (value_of(class) > USER_VALUE_MAX) {
        path_forbidden(errors, AT(NULL, "value"),
                       "maximum allowed value of a user defined priority is %d", USER_VALUE_MAX);
    }
}

static void validate_update(const struct kind_context *context, const struct json *class,
                            const struct json *old, struct field_errors *errors)
{
    (void)context;
    if (value_of(class) != value_of(old))
        path_forbidden(errors, AT(NULL, "value"), "may not be changed in an update.");
    meta_validate_immutable(json_get(class, "preemptionPolicy"), json_get(old, "preemptionPolicy"),
                            "preemptionPolicy", errors);
}

static const struct kind_column columns[] = {
    COLUMN_NAME,
    CELL_AT("Value", "integer", "The priority; higher goes first.", "value"),
    CELL_AT("Global-Default", "boolean", "Whether pods that name no class get this one.",
            "globalDefault"),
    COLUMN_AGE,
    CELL_AT("PreemptionPolicy", "string", "Whether its pods may have others removed.",
            "preemptionPolicy"),
    {.name = NULL},
};

const struct kind kind_priority_class = {
    .group = "scheduling.k8s.io",
    .version = "v1",
    .kind = "PriorityClass",
    .resource = "priorityclasses",
    .singular = "priorityclass",
    .short_names = NAMES("pc"),
    .schema = &type_priority_class,
    .columns = columns,
    .prepare_for_create = prepare_for_create,
    .validate = validate,
    .validate_update = validate_update,
};
