/* Namespace: a room for names. It ends in two steps: DELETE marks it Terminating,
 * and when a controller has emptied it and taken "kubernetes" off spec.finalizers
 * by /finalize, it is removed.
 *
 * Upstream: pkg/registry/core/namespace, ValidateNamespace*. */
#include "core/kinds/column.h"
#include "core/kinds/kind.h"
#include "core/kinds/meta.h"
#include "core/kinds/strategy.h"
#include "core/kinds/types.h"

#define NAME_LABEL "kubernetes.io/metadata.name"

/* --- Create --- */

static void set_name_label(struct arena *arena, struct json *object)
{
    struct slice name = meta_name(object);
    if (name.size == 0)
        return;
    struct json *metadata = json_ensure_object(arena, object, "metadata");
    struct json *labels = json_ensure_object(arena, metadata, "labels");
    json_set(arena, labels, NAME_LABEL, json_new_string(arena, name));
}

static void set_defaults(const struct kind_context *context, struct json *object)
{
    struct arena *arena = context->arena;
    struct json *status = json_ensure_object(arena, object, "status");
    set_name_label(arena, object);
    if (!json_get(status, "phase"))
        json_set_text(arena, status, "phase", "Active");
}

static void prepare_for_create(const struct kind_context *context, struct json *object)
{
    struct arena *arena = context->arena;
    struct json *spec = json_ensure_object(arena, object, "spec");
    struct json *finalizers = json_get(spec, "finalizers");
    bool has_own = false;
    set_name_label(arena, object); /* A generated name is known only now. */
    json_set(arena, object, "status", json_new_object(arena));
    json_set_text(arena, json_get(object, "status"), "phase", "Active");
    if (!finalizers)
        finalizers = json_set(arena, spec, "finalizers", json_new_array(arena));
    JSON_EACH(finalizer, finalizers)
        has_own = has_own || slice_is(json_string(finalizer), "kubernetes");
    if (!has_own)
        json_append(finalizers, json_new_text(arena, "kubernetes"));
}

/* --- Update --- */

static bool is_part(const struct kind_context *context, const char *name)
{
    return context->subresource && strcmp(context->subresource->name, name) == 0;
}

/* Only /finalize may change spec.finalizers, which is all that spec has. */
static void prepare_for_update(const struct kind_context *context, struct json *object,
                               const struct json *old)
{
    const struct json *spec = json_get(old, "spec");
    if (!is_part(context, "finalize") && spec)
        json_set(context->arena, object, "spec", json_copy(context->arena, spec));
}

static void reset_finalize(const struct kind_context *context, struct json *object,
                           const struct json *update)
{
    static const char *const fields[] = {"metadata", "spec"};
    for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
        const struct json *value = json_get(update, fields[i]);
        if (value)
            json_set(context->arena, object, fields[i], json_copy(context->arena, value));
    }
}

static void prepare_for_delete(const struct kind_context *context, struct json *object)
{
    struct json *status = json_ensure_object(context->arena, object, "status");
    json_set_text(context->arena, status, "phase", "Terminating");
    meta_remove(object, "deletionGracePeriodSeconds"); /* It has none, not one of 0. */
}

/* --- Rules --- */

static void validate(const struct kind_context *context, const struct json *object,
                     struct field_errors *errors)
{
    (void)context;
    JSON_EACH(finalizer, json_at(object, "spec.finalizers")) {
        struct slice name = json_string(finalizer);
        name_validate(errors, "spec.finalizers", name, name_check_qualified);
        if (slice_find(name, '/') < 0 && !slice_is(name, "kubernetes") &&
            !slice_is(name, FINALIZER_ORPHAN) && !slice_is(name, FINALIZER_FOREGROUND))
            field_error_add(errors, FIELD_INVALID, "spec.finalizers",
                            field_value_text(errors->arena, name),
                            "name is neither a standard finalizer name nor is it fully qualified");
    }
}

static void validate_update(const struct kind_context *context, const struct json *object,
                            const struct json *old, struct field_errors *errors)
{
    struct slice phase = json_string(json_at(object, "status.phase"));
    bool is_deleting = meta_is_deleting(object);
    (void)old;
    if (!is_part(context, "status") || slice_is(phase, is_deleting ? "Terminating" : "Active"))
        return;
    field_error_add(errors, FIELD_INVALID, "status.Phase", field_value_text(errors->arena, phase),
                    "may only be '%s' if `deletionTimestamp` is %s",
                    is_deleting ? "Terminating" : "Active", is_deleting ? "not empty" : "empty");
}

static const struct kind_column columns[] = {
    COLUMN_NAME,
    {.name = "Status",
     .type = "string",
     .format = "",
     .doc = "Active or Terminating.",
     .path = "status.phase"},
    COLUMN_AGE,
    {.name = NULL},
};

static const struct kind_field fields[] = {
    {.path = "status.phase"},
    {.path = NULL},
};

static const struct kind_subresource subresources[] = {
    {.name = "finalize", .verbs = VERB_UPDATE, .reset = reset_finalize},
    {.name = "status",
     .verbs = VERB_GET | VERB_UPDATE | VERB_PATCH,
     .reset = strategy_reset_status},
    {.name = NULL},
};

const struct kind kind_namespace = {
    .group = "",
    .version = "v1",
    .kind = "Namespace",
    .resource = "namespaces",
    .singular = "namespace",
    .short_names = NAMES("ns"),
    /* No deletecollection: upstream has none. */
    .verbs = VERBS_ALL & ~VERB_DELETE_COLLECTION,
    .schema = &type_namespace,
    .subresources = subresources,
    .columns = columns,
    .fields = fields,
    .field_error = "field label not supported: %s",
    .validate_name = name_dns_label,
    .set_defaults = set_defaults,
    .prepare_for_create = prepare_for_create,
    .prepare_for_update = prepare_for_update,
    .prepare_for_delete = prepare_for_delete,
    .validate = validate,
    .validate_update = validate_update,
};
