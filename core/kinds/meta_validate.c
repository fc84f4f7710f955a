/* The rules of metadata, with upstream's texts: k8s.io/apimachinery
 * pkg/api/validation/objectmeta.go and pkg/apis/meta/v1/validation. */
#include "core/kinds/meta.h"

#include <stdlib.h>

#include "core/kinds/schema.h"
#include "core/map.h"
#include "core/unicode.h"
#include "core/utf8.h"

#define FIELD_MANAGER_MAX 128
#define SUBRESOURCE_MAX 256
#define CONDITION_REASON_MAX 1024
#define CONDITION_MESSAGE_MAX (32 * 1024)

/* --- Helpers: paths and values --- */

static const char *child(struct field_errors *errors, const char *path, const char *name)
{
    size_t size = strlen(path), more = strlen(name) + 1;
    char *text = arena_alloc_raw(errors->arena, size + 1 + more, 1);
    memcpy(text, path, size);
    text[size] = '.';
    memcpy(text + size + 1, name, more);
    return text;
}
static const char *item(struct field_errors *errors, const char *path, size_t index)
{
    return arena_format(errors->arena, "%s[%zu]", path, index);
}
/* Never without data, so that it may be a key of a map. */
static struct slice text_at(const struct json *object, const char *name)
{
    struct slice text = json_string(json_get(object, name));
    return text.data ? text : SLICE("");
}
static const char *quoted(struct field_errors *errors, struct slice text)
{
    return field_value_text(errors->arena, text);
}
static void too_long(struct field_errors *errors, const char *path, size_t max)
{
    field_error_add(errors, FIELD_TOO_LONG, path, NULL, "may not be more than %zu bytes", max);
}

/* --- Names --- */

/* field is a child of path. */
static void validate_name(name_fn *check, struct slice name, bool is_prefix, const char *path,
                          const char *field, struct field_errors *errors)
{
    struct name_errors found = {.count = 0};
    check(name, is_prefix, &found);
    for (size_t i = 0; i < found.count; i++)
        field_error_add(errors, FIELD_INVALID, child(errors, path, field), quoted(errors, name),
                        "%s", found.texts[i]);
}

static void validate_names(const struct json *metadata, name_fn *check, const char *path,
                           struct field_errors *errors)
{
    struct slice prefix = text_at(metadata, "generateName"), name = text_at(metadata, "name");
    if (prefix.size > 0)
        validate_name(check, prefix, true, path, "generateName", errors);
    if (name.size > 0)
        validate_name(check, name, false, path, "name", errors);
    else
        field_error_add(errors, FIELD_REQUIRED, child(errors, path, "name"), NULL,
                        "name or generateName is required");
}

static void validate_namespace(const struct json *metadata, bool namespaced, const char *path,
                               struct field_errors *errors)
{
    struct slice namespace = text_at(metadata, "namespace");
    if (namespaced && namespace.size == 0)
        field_error_add(errors, FIELD_REQUIRED, child(errors, path, "namespace"), NULL, NULL);
    else if (namespaced)
        validate_name(name_dns_label, namespace, false, path, "namespace", errors);
    else if (namespace.size > 0)
        field_error_add(errors, FIELD_FORBIDDEN, child(errors, path, "namespace"), NULL,
                        "not allowed on this type");
}

/* --- Labels and annotations --- */

void meta_validate_labels(const struct json *labels, const char *path, struct field_errors *errors)
{
    JSON_EACH(label, labels) {
        name_validate(errors, path, json_key(label), name_check_qualified);
        name_validate(errors, path, json_string(label), name_check_label_value);
    }
}

/* Keys are qualified names of either case. */
static void validate_annotation_key(struct slice key, const char *path, struct field_errors *errors)
{
    struct name_errors found = {.count = 0};
    char *lower = arena_copy_slice(errors->arena, key);
    for (size_t i = 0; i < key.size; i++) {
        if (lower[i] >= 'A' && lower[i] <= 'Z')
            lower[i] = (char)(lower[i] - 'A' + 'a');
    }
    name_check_qualified((struct slice){lower, key.size}, &found);
    for (size_t i = 0; i < found.count; i++)
        field_error_add(errors, FIELD_INVALID, path, quoted(errors, key), "%s", found.texts[i]);
}

void meta_validate_annotations(const struct json *annotations, const char *path,
                               struct field_errors *errors)
{
    size_t size = 0;
    JSON_EACH(annotation, annotations) {
        if (!name_is(json_key(annotation), name_check_qualified))
            validate_annotation_key(json_key(annotation), path, errors);
        size += json_key(annotation).size + json_string(annotation).size;
    }
    if (size > META_ANNOTATIONS_SIZE_MAX)
        too_long(errors, path, META_ANNOTATIONS_SIZE_MAX);
}

/* --- Owners and finalizers --- */

/* The version of "group/version" or "version"; empty where there is none. */
static struct slice version_of(struct slice api_version)
{
    ptrdiff_t slash = slice_find(api_version, '/');
    struct slice version =
        slash < 0 ? api_version : slice_sub(api_version, (size_t)slash + 1, api_version.size);
    return slice_find(version, '/') < 0 ? version : (struct slice){NULL, 0};
}

static void validate_owner(const struct json *owner, const char *path, struct field_errors *errors)
{
    static const char *const fields[] = {"kind", "name", "uid"};
    struct slice version = text_at(owner, "apiVersion");
    if (version_of(version).size == 0)
        field_error_add(errors, FIELD_INVALID, child(errors, path, "apiVersion"),
                        quoted(errors, version), "version must not be empty");
    for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
        if (text_at(owner, fields[i]).size == 0)
            field_error_add(errors, FIELD_INVALID, child(errors, path, fields[i]), "\"\"",
                            "must not be empty");
    }
    if (slice_is(version, "v1") && slice_is(text_at(owner, "kind"), "Event"))
        field_error_add(errors, FIELD_INVALID, path, schema_value_text(errors->arena, owner),
                        "/v1, Kind=Event is disallowed from being an owner");
}

static void validate_owners(const struct json *owners, const char *path,
                            struct field_errors *errors)
{
    const struct json *controller = NULL;
    JSON_EACH(owner, owners) {
        validate_owner(owner, path, errors);
        if (!json_bool(json_get(owner, "controller")))
            continue;
        if (controller)
            field_error_add(errors, FIELD_INVALID, path, schema_value_text(errors->arena, owners),
                            "Only one reference can have Controller set to true. Found \"true\" "
                            "in references for %s/%s and %s/%s",
                            json_text(json_get(controller, "kind")),
                            json_text(json_get(controller, "name")),
                            json_text(json_get(owner, "kind")), json_text(json_get(owner, "name")));
        else
            controller = owner;
    }
}

static bool is_standard_finalizer(struct slice name)
{
    return slice_is(name, "kubernetes") || slice_is(name, FINALIZER_ORPHAN) ||
           slice_is(name, FINALIZER_FOREGROUND);
}

static void validate_finalizers(const struct json *finalizers, const char *path,
                                struct field_errors *errors)
{
    bool orphans = false, deletes = false;
    size_t index = 0;
    JSON_EACH(finalizer, finalizers) {
        name_validate(errors, path, json_string(finalizer), name_check_qualified);
        orphans = orphans || slice_is(json_string(finalizer), FINALIZER_ORPHAN);
        deletes = deletes || slice_is(json_string(finalizer), FINALIZER_FOREGROUND);
    }
    if (orphans && deletes)
        field_error_add(errors, FIELD_INVALID, path, schema_value_text(errors->arena, finalizers),
                        "finalizer orphan and foregroundDeletion cannot be both set");
    JSON_EACH(finalizer, finalizers) {
        struct slice name = json_string(finalizer);
        if (slice_find(name, '/') < 0 && !is_standard_finalizer(name))
            field_error_add(errors, FIELD_INVALID, item(errors, path, index), quoted(errors, name),
                            "name is neither a standard finalizer name nor is it fully qualified");
        index++;
    }
}

/* --- Managed fields --- */

void meta_validate_field_manager(struct slice manager, const char *path,
                                 struct field_errors *errors)
{
    size_t at = 0;
    if (manager.size > FIELD_MANAGER_MAX)
        too_long(errors, path, FIELD_MANAGER_MAX);
    while (at < manager.size) {
        size_t position = at, taken;
        int32_t character = utf8_decode(manager.data + at, manager.size - at, &taken);
        at += taken;
        if (character >= 0 && unicode_is_printable(character))
            continue;
        field_error_add(errors, FIELD_INVALID, path, quoted(errors, manager),
                        "invalid character U+%04X (at position %zu)",
                        (unsigned)(character < 0 ? UTF8_BAD : character), position);
    }
}

static void validate_managed(const struct json *entry, const char *path,
                             struct field_errors *errors)
{
    struct slice operation = text_at(entry, "operation"), type = text_at(entry, "fieldsType");
    if (!slice_is(operation, "Apply") && !slice_is(operation, "Update"))
        field_error_add(errors, FIELD_INVALID, child(errors, path, "operation"),
                        quoted(errors, operation), "must be `Apply` or `Update`");
    if (type.size > 0 && !slice_is(type, "FieldsV1"))
        field_error_add(errors, FIELD_INVALID, child(errors, path, "fieldsType"),
                        quoted(errors, type), "must be `FieldsV1`");
    meta_validate_field_manager(text_at(entry, "manager"), child(errors, path, "manager"), errors);
    if (text_at(entry, "subresource").size > SUBRESOURCE_MAX)
        too_long(errors, child(errors, path, "subresource"), SUBRESOURCE_MAX);
}

static void validate_all_managed(const struct json *entries, const char *path,
                                 struct field_errors *errors)
{
    size_t index = 0;
    JSON_EACH(entry, entries)
        validate_managed(entry, item(errors, path, index++), errors);
}

/* --- All of it --- */

void meta_validate(const struct json *metadata, bool namespaced, name_fn *validate_name_by,
                   const char *path, struct field_errors *errors)
{
    static const struct {
        const char *field;
        void (*validate)(const struct json *value, const char *path, struct field_errors *errors);
    } parts[] = {{"labels", meta_validate_labels},
                 {"annotations", meta_validate_annotations},
                 {"ownerReferences", validate_owners},
                 {"finalizers", validate_finalizers},
                 {"managedFields", validate_all_managed}};
    int64_t generation = 0;
    validate_names(metadata, validate_name_by ? validate_name_by : name_dns_subdomain, path,
                   errors);
    validate_namespace(metadata, namespaced, path, errors);
    if (json_to_int64(json_get(metadata, "generation"), &generation) && generation < 0)
        field_error_add(errors, FIELD_INVALID, child(errors, path, "generation"),
                        schema_value_text(errors->arena, json_get(metadata, "generation")),
                        "must be greater than or equal to 0");
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
        const struct json *value = json_get(metadata, parts[i].field);
        if (value)
            parts[i].validate(value, child(errors, path, parts[i].field), errors);
    }
}

/* --- Updates --- */

void meta_validate_immutable(const struct json *value, const struct json *old, const char *path,
                             struct field_errors *errors)
{
    if ((!value && !old) || (value && old && json_equal(value, old)))
        return;
    field_error_add(errors, FIELD_INVALID, path, schema_value_text(errors->arena, value),
                    FIELD_IS_IMMUTABLE_TEXT);
}

static int compare_slices(const void *a, const void *b)
{
    return slice_compare(*(const struct slice *)a, *(const struct slice *)b);
}

/* Adds what list has and old has not, sorted and each once, as Go's %#v of []string. */
static bool append_new(const struct json *list, const struct json *old, struct arena *arena,
                       struct buffer *text)
{
    struct slice *added = ARENA_ARRAY(arena, struct slice, json_count(list) + 1);
    size_t count = 0;
    struct map known;
    map_init_borrowing(&known);
    JSON_EACH(entry, old)
        map_set(&known, json_string(entry), entry);
    JSON_EACH(entry, list) {
        if (!map_set(&known, json_string(entry), entry))
            added[count++] = json_string(entry);
    }
    map_release(&known);
    qsort(added, count, sizeof *added, compare_slices);
    for (size_t i = 0; i < count; i++)
        buffer_format(text, "%s%s", i > 0 ? ", " : "", field_value_text(arena, added[i]));
    return count > 0;
}

static void validate_no_new_finalizers(const struct json *metadata, const struct json *old,
                                       const char *path, struct field_errors *errors)
{
    struct buffer names = {0};
    if (append_new(json_get(metadata, "finalizers"), json_get(old, "finalizers"), errors->arena,
                   &names))
        field_error_add(errors, FIELD_FORBIDDEN, child(errors, path, "finalizers"), NULL,
                        "no new finalizers can be added if the object is being deleted, found new "
                        "finalizers []string{%s}",
                        names.data);
    buffer_release(&names);
}

void meta_validate_update(const struct json *metadata, const struct json *old, const char *path,
                          struct field_errors *errors)
{
    static const char *const texts[] = {"name", "namespace", "uid"};
    static const char *const others[] = {"creationTimestamp", "deletionTimestamp",
                                         "deletionGracePeriodSeconds"};
    int64_t generation = 0, old_generation = 0;
    if (json_get(old, "deletionTimestamp"))
        validate_no_new_finalizers(metadata, old, path, errors);
    if (text_at(metadata, "resourceVersion").size == 0)
        field_error_add(errors, FIELD_INVALID, child(errors, path, "resourceVersion"), "\"\"",
                        "must be specified for an update");
    json_to_int64(json_get(metadata, "generation"), &generation);
    json_to_int64(json_get(old, "generation"), &old_generation);
    if (generation < old_generation)
        field_error_add(errors, FIELD_INVALID, child(errors, path, "generation"),
                        arena_format(errors->arena, "%lld", (long long)generation),
                        "must not be decremented");
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        struct slice text = text_at(metadata, texts[i]);
        if (!slice_equal(text, text_at(old, texts[i])))
            field_error_add(errors, FIELD_INVALID, child(errors, path, texts[i]),
                            quoted(errors, text), FIELD_IS_IMMUTABLE_TEXT);
    }
    for (size_t i = 0; i < ARRAY_SIZE(others); i++)
        meta_validate_immutable(json_get(metadata, others[i]), json_get(old, others[i]),
                                child(errors, path, others[i]), errors);
}

/* --- Conditions --- */

static void validate_condition(const struct json *condition, const char *path,
                               struct field_errors *errors)
{
    struct slice status = text_at(condition, "status"), reason = text_at(condition, "reason");
    int64_t generation = 0;
    name_validate(errors, child(errors, path, "type"), text_at(condition, "type"),
                  name_check_qualified);
    if (!slice_is(status, "True") && !slice_is(status, "False") && !slice_is(status, "Unknown"))
        field_error_add(errors, FIELD_NOT_SUPPORTED, child(errors, path, "status"),
                        quoted(errors, status),
                        "supported values: \"False\", \"True\", \"Unknown\"");
    if (json_to_int64(json_get(condition, "observedGeneration"), &generation) && generation < 0)
        field_error_add(errors, FIELD_INVALID, child(errors, path, "observedGeneration"),
                        arena_format(errors->arena, "%lld", (long long)generation),
                        "must be greater than or equal to zero");
    if (text_at(condition, "lastTransitionTime").size == 0)
        field_error_add(errors, FIELD_REQUIRED, child(errors, path, "lastTransitionTime"), NULL,
                        NULL);
    if (reason.size == 0)
        field_error_add(errors, FIELD_REQUIRED, child(errors, path, "reason"), NULL, NULL);
    else
        name_validate(errors, child(errors, path, "reason"), reason, name_check_condition_reason);
    if (reason.size > CONDITION_REASON_MAX)
        too_long(errors, child(errors, path, "reason"), CONDITION_REASON_MAX);
    if (text_at(condition, "message").size > CONDITION_MESSAGE_MAX)
        too_long(errors, child(errors, path, "message"), CONDITION_MESSAGE_MAX);
}

void meta_validate_conditions(const struct json *conditions, const char *path,
                              struct field_errors *errors)
{
    size_t index = 0;
    struct map types;
    map_init_borrowing(&types);
    JSON_EACH(condition, conditions) {
        const char *here = item(errors, path, index++);
        struct slice type = text_at(condition, "type");
        if (map_set(&types, type, condition))
            field_error_add(errors, FIELD_DUPLICATE, child(errors, here, "type"),
                            quoted(errors, type), NULL);
        validate_condition(condition, here, errors);
    }
    map_release(&types);
}
