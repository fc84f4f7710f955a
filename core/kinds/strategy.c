/* Create and update. Deletion is in strategy_delete.c, options in strategy_options.c. */
#include "core/kinds/strategy.h"

#include "core/kinds/meta.h"

/* --- Parts of an object --- */

static bool has_status(const struct kind *kind)
{
    const struct kind_subresource *part = kind->subresources;
    for (; part && part->name; part++) {
        if (strcmp(part->name, "status") == 0)
            return true;
    }
    return false;
}

static void replace_member(struct arena *arena, struct json *object, const char *name,
                           const struct json *value)
{
    if (value)
        json_set(arena, object, name, json_copy(arena, value));
    else
        json_remove(object, name);
}

static void set_type(const struct kind *kind, struct arena *arena, struct json *object)
{
    const char *version = kind->group[0] == '\0'
                              ? kind->version
                              : arena_format(arena, "%s/%s", kind->group, kind->version);
    json_set_first(arena, object, "apiVersion", json_new_text(arena, version));
    json_set_first(arena, object, "kind", json_new_text(arena, kind->kind));
}

void strategy_set_defaults(const struct kind *kind, const struct kind_context *context,
                           struct json *object)
{
    schema_set_defaults(kind->schema, context->arena, object);
    if (kind->set_defaults)
        kind->set_defaults(context, object);
}

static int fail_invalid(const struct kind *kind, const struct json *object,
                        const struct field_errors *errors, struct status *status)
{
    return field_errors_status(errors, kind->group, kind->kind,
                               json_text(json_at(object, "metadata.name")), status);
}

static void validate(const struct kind *kind, const struct kind_context *context,
                     const struct json *object, struct field_errors *errors)
{
    meta_validate(json_get(object, "metadata"), kind->namespaced, kind->validate_name, "metadata",
                  errors);
    schema_validate(kind->schema, object, errors);
    if (kind->validate)
        kind->validate(context, object, errors);
}

/* --- Create --- */

int strategy_begin_create(const struct kind *kind, const struct kind_context *context,
                          struct slice namespace, struct json *object, struct status *status)
{
    static const char *const of_the_server[] = {"creationTimestamp", "uid", "deletionTimestamp",
                                                "deletionGracePeriodSeconds", "selfLink"};
    set_type(kind, context->arena, object);
    json_ensure_object(context->arena, object, "metadata");
    for (size_t i = 0; i < ARRAY_SIZE(of_the_server); i++)
        meta_remove(object, of_the_server[i]);
    if (!kind->namespaced)
    namespace.size = 0;
    return meta_match_namespace(context->arena, object, namespace, status);
}

static void fill_system_fields(const struct kind *kind, const struct kind_context *context,
                               struct random *random, struct json *object)
{
    char uid[UUID_TEXT_SIZE];
    struct slice prefix = json_string(json_at(object, "metadata.generateName"));
    random_uuid(random, uid);
    meta_set_text(context->arena, object, "uid", slice_of(uid));
    meta_set_time(context->arena, object, "creationTimestamp", context->now_us);
    if (kind->has_generation)
        meta_set_int(context->arena, object, "generation", 1);
    else
        meta_remove(object, "generation");
    if (prefix.size > 0 && meta_name(object).size == 0)
        meta_set_text(context->arena, object, "name",
                      slice_of(meta_generate_name(context->arena, prefix, random)));
}

int strategy_create(const struct kind *kind, const struct kind_context *context,
                    struct random *random, struct json *object, struct status *status)
{
    struct field_errors errors;
    int64_t revision;
    if (meta_revision(object, &revision, status)) { /* What is no number is dropped. */
        status_clear(status);
        revision = 0;
    }
    if (revision != 0) {
        status_fail(status, STATUS_INTERNAL_ERROR,
                    "resourceVersion should not be set on objects to be created");
        status->reason_hidden = true;
        return -1;
    }
    meta_remove(object, "resourceVersion");
    fill_system_fields(kind, context, random, object);
    if (has_status(kind) && !kind->creates_with_status && json_remove(object, "status"))
        json_ensure_object(context->arena, object, "status");
    if (kind->prepare_for_create)
        kind->prepare_for_create(context, object);
    field_errors_init(&errors, context->arena);
    validate(kind, context, object, &errors);
    return fail_invalid(kind, object, &errors, status);
}

int strategy_check_virtual(const struct kind *kind, const struct kind_context *context,
                           const struct json *object, struct status *status)
{
    struct field_errors errors;
    field_errors_init(&errors, context->arena);
    schema_validate(kind->schema, object, &errors);
    if (kind->validate)
        kind->validate(context, object, &errors);
    return fail_invalid(kind, object, &errors, status);
}

static bool is_generated(struct slice name, struct slice base)
{
    if (name.size != base.size + META_GENERATED_SUFFIX_SIZE || !slice_starts_with(name, base))
        return false;
    for (size_t i = base.size; i < name.size; i++) {
        if (!strchr("bcdfghjklmnpqrstvwxz2456789", name.data[i]))
            return false;
    }
    return true;
}

bool strategy_generate_name_again(const struct kind_context *context, struct random *random,
                                  struct json *object)
{
    static const char label[] = "kubernetes.io/metadata.name";
    struct slice prefix = json_string(json_at(object, "metadata.generateName"));
    struct slice base = slice_sub(prefix, 0, META_GENERATED_BASE_MAX);
    if (prefix.size == 0 || !is_generated(meta_name(object), base))
        return false;
    const char *name = meta_generate_name(context->arena, prefix, random);
    /* A namespace carries its name as a label too. */
    if (slice_equal(meta_label(object, label), meta_name(object)))
        json_set_text(context->arena, json_at(object, "metadata.labels"), label, name);
    meta_set_text(context->arena, object, "name", slice_of(name));
    return true;
}

/* --- Update --- */

int strategy_begin_update(const struct kind *kind, const struct kind_context *context,
                          struct slice namespace, struct slice name, struct json *object,
                          struct status *status)
{
    struct slice own = meta_name(object);
    set_type(kind, context->arena, object);
    if (own.size == 0)
        meta_set_text(context->arena, object, "name", name);
    else if (!slice_equal(own, name))
        return status_fail(status, STATUS_BAD_REQUEST,
                           "the name of the object (" SLICE_FORMAT
                           ") does not match the name on the URL (" SLICE_FORMAT ")",
                           SLICE_ARGS(own), SLICE_ARGS(name));
    if (!kind->namespaced)
    namespace.size = 0;
    return meta_match_namespace(context->arena, object, namespace, status);
}

/* The texts of k8s.io/apiserver pkg/storage (Preconditions.Check), key included. */
static int fail_other_uid(const struct kind *kind, struct arena *arena, const struct json *object,
                          const struct json *old, struct status *status)
{
    const char *name = json_text(json_at(old, "metadata.name"));
    const char *namespace = json_text(json_at(old, "metadata.namespace"));
    const char *why = arena_format(
        arena,
        "StorageError: invalid object, Code: 4, Key: /registry/%s/%s%s%s, ResourceVersion: 0, "
        "AdditionalErrorMsg: Precondition failed: UID in precondition: %s, UID in object meta: %s",
        kind->resource, namespace, namespace[0] ? "/" : "", name,
        json_text(json_at(object, "metadata.uid")), json_text(json_at(old, "metadata.uid")));
    return status_conflict(status, kind->group, kind->resource, name, why);
}

/* Upstream names the resource here, where it names the kind elsewhere. */
static int fail_no_revision(const struct kind *kind, struct arena *arena, const char *name,
                            struct status *status)
{
    struct field_errors errors;
    field_errors_init(&errors, arena);
    field_error_add(&errors, FIELD_INVALID, "metadata.resourceVersion", "0",
                    "must be specified for an update");
    return field_errors_status(&errors, kind->group, kind->resource, name, status);
}

int strategy_check_update(const struct kind *kind, const struct json *object,
                          const struct json *old, struct status *status)
{
    struct slice uid = meta_uid(object);
    int64_t revision, old_revision;
    const char *name = json_text(json_at(old, "metadata.name"));
    if (uid.size > 0 && !slice_equal(uid, meta_uid(old)))
        return fail_other_uid(kind, &status->arena, object, old, status);
    if (meta_revision(object, &revision, status) || meta_revision(old, &old_revision, status))
        return -1;
    if (revision == 0 && kind->update_needs_revision)
        return fail_no_revision(kind, &status->arena, name, status);
    if (revision != 0 && revision != old_revision)
        return status_conflict(status, kind->group, kind->resource, name, status_modified_text);
    return 0;
}

/* What an update cannot change is taken from old, as rest.BeforeUpdate does. */
static void keep_metadata(struct arena *arena, struct json *object, const struct json *old)
{
    struct json *metadata = json_ensure_object(arena, object, "metadata");
    const struct json *before = json_get(old, "metadata");
    if (meta_uid(object).size == 0)
        replace_member(arena, metadata, "uid", json_get(before, "uid"));
    if (json_get(before, "creationTimestamp"))
        replace_member(arena, metadata, "creationTimestamp", json_get(before, "creationTimestamp"));
    if (json_get(before, "deletionTimestamp"))
        replace_member(arena, metadata, "deletionTimestamp", json_get(before, "deletionTimestamp"));
    if (!json_get(metadata, "deletionGracePeriodSeconds"))
        replace_member(arena, metadata, "deletionGracePeriodSeconds",
                       json_get(before, "deletionGracePeriodSeconds"));
    replace_member(arena, metadata, "generation", json_get(before, "generation"));
    replace_member(arena, metadata, "selfLink", NULL);
    if (json_string(json_get(metadata, "resourceVersion")).size == 0)
        replace_member(arena, metadata, "resourceVersion", json_get(before, "resourceVersion"));
}

static bool is_outside_generation(struct slice name)
{
    return slice_is(name, "metadata") || slice_is(name, "status") || slice_is(name, "apiVersion") ||
           slice_is(name, "kind");
}
static bool same_members(const struct json *a, const struct json *b)
{
    JSON_EACH(member, a) {
        const struct json *other = json_get_slice(b, json_key(member));
        if (!is_outside_generation(json_key(member)) && (!other || !json_equal(member, other)))
            return false;
    }
    JSON_EACH(member, b) {
        if (!is_outside_generation(json_key(member)) && !json_get_slice(a, json_key(member)))
            return false;
    }
    return true;
}

static void count_generation(const struct kind *kind, struct arena *arena, struct json *object,
                             const struct json *old)
{
    int64_t generation = meta_generation(old);
    if (!kind->has_generation || meta_generation(object) != generation)
        return;
    if (!same_members(object, old))
        meta_set_int(arena, object, "generation", generation + 1);
}

int strategy_update(const struct kind *kind, const struct kind_context *context,
                    struct json **object, const struct json *old, struct status *status)
{
    const struct kind_subresource *part = context->subresource;
    struct arena *arena = context->arena;
    struct field_errors errors;
    if (part && part->reset) {
        struct json *changed = json_copy(arena, old);
        part->reset(context, changed, *object);
        *object = changed;
    } else if (has_status(kind)) {
        replace_member(arena, *object, "status", json_get(old, "status"));
    }
    keep_metadata(arena, *object, old);
    if (kind->prepare_for_update)
        kind->prepare_for_update(context, *object, old);
    count_generation(kind, arena, *object, old);
    field_errors_init(&errors, arena);
    validate(kind, context, *object, &errors);
    meta_validate_update(json_get(*object, "metadata"), json_get(old, "metadata"), "metadata",
                         &errors);
    schema_validate_update(kind->schema, *object, old, &errors);
    if (kind->validate_update)
        kind->validate_update(context, *object, old, &errors);
    return fail_invalid(kind, *object, &errors, status);
}

bool strategy_has_finalizers(const struct json *object)
{
    return meta_finalizer_count(object) > 0 || json_first(json_at(object, "spec.finalizers"));
}

/* registry.ShouldDeleteDuringUpdate. */
bool strategy_update_deletes(const struct json *object, const struct json *old)
{
    int64_t grace = 0;
    bool waits = meta_grace_seconds(old, &grace) && grace != 0;
    return !strategy_has_finalizers(object) && meta_is_deleting(old) && !waits;
}

void strategy_reset_status(const struct kind_context *context, struct json *object,
                           const struct json *update)
{
    replace_member(context->arena, object, "metadata", json_get(update, "metadata"));
    replace_member(context->arena, object, "status", json_get(update, "status"));
}

void strategy_drop_reset(const struct kind *kind, const struct kind_context *context,
                         struct json *config)
{
    const struct kind_subresource *part = context->subresource;
    if (!part) {
        if (has_status(kind))
            json_remove(config, "status");
    } else if (part->drop_reset) {
        part->drop_reset(config);
    } else {
        json_remove(config, "spec");
    }
}
