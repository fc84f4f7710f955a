/* Reading and writing of metadata. */
#include "core/kinds/meta.h"

#include "core/clock.h"

static const struct json *metadata_of(const struct json *object)
{
    return json_get(object, "metadata");
}
static struct slice text_of(const struct json *object, const char *field)
{
    return json_string(json_get(metadata_of(object), field));
}

/* --- Reading --- */

struct slice meta_name(const struct json *object)
{
    return text_of(object, "name");
}
struct slice meta_namespace(const struct json *object)
{
    return text_of(object, "namespace");
}
struct slice meta_uid(const struct json *object)
{
    return text_of(object, "uid");
}
struct slice meta_resource_version(const struct json *object)
{
    return text_of(object, "resourceVersion");
}
int64_t meta_generation(const struct json *object)
{
    int64_t generation = 0;
    json_to_int64(json_get(metadata_of(object), "generation"), &generation);
    return generation;
}
struct slice meta_label(const struct json *object, const char *key)
{
    return json_string(json_get(json_get(metadata_of(object), "labels"), key));
}
struct slice meta_annotation(const struct json *object, const char *key)
{
    return json_string(json_get(json_get(metadata_of(object), "annotations"), key));
}

static bool time_of(const struct json *object, const char *field, int64_t *wall_us)
{
    struct slice text = text_of(object, field);
    return text.size > 0 && time_parse(text, wall_us);
}
bool meta_created(const struct json *object, int64_t *wall_us)
{
    return time_of(object, "creationTimestamp", wall_us);
}
bool meta_deleted(const struct json *object, int64_t *wall_us)
{
    return time_of(object, "deletionTimestamp", wall_us);
}
bool meta_is_deleting(const struct json *object)
{
    return text_of(object, "deletionTimestamp").size > 0;
}
bool meta_grace_seconds(const struct json *object, int64_t *seconds)
{
    return json_to_int64(json_get(metadata_of(object), "deletionGracePeriodSeconds"), seconds);
}

static struct json *finalizers_of(const struct json *object)
{
    return json_get(metadata_of(object), "finalizers");
}
static struct json *find_finalizer(const struct json *object, const char *finalizer)
{
    JSON_EACH(item, finalizers_of(object)) {
        if (slice_is(json_string(item), finalizer))
            return item;
    }
    return NULL;
}
bool meta_has_finalizer(const struct json *object, const char *finalizer)
{
    return find_finalizer(object, finalizer) != NULL;
}
size_t meta_finalizer_count(const struct json *object)
{
    return json_count(finalizers_of(object));
}

const struct json *meta_controller(const struct json *object)
{
    JSON_EACH(owner, json_get(metadata_of(object), "ownerReferences")) {
        if (json_bool(json_get(owner, "controller")))
            return owner;
    }
    return NULL;
}

/* An unsigned decimal number that fits int64, as revisions do. */
int meta_revision(const struct json *object, int64_t *revision, struct status *status)
{
    struct slice text = meta_resource_version(object);
    *revision = 0;
    if (text.size == 0 || (slice_to_int64(text, revision) && text.data[0] != '-'))
        return 0;
    bool has_digits_only = true;
    for (size_t i = 0; i < text.size; i++)
        has_digits_only = has_digits_only && text.data[i] >= '0' && text.data[i] <= '9';
    status_fail(status, STATUS_INTERNAL_ERROR,
                "strconv.ParseUint: parsing \"" SLICE_FORMAT "\": %s", SLICE_ARGS(text),
                has_digits_only ? "value out of range" : "invalid syntax");
    status->reason_hidden = true; /* Upstream makes no Status of it. */
    return -1;
}

/* --- Writing --- */

static struct json *ensure_metadata(struct arena *arena, struct json *object)
{
    return json_ensure_object(arena, object, "metadata");
}

void meta_set_text(struct arena *arena, struct json *object, const char *field, struct slice value)
{
    json_set(arena, ensure_metadata(arena, object), field, json_new_string(arena, value));
}
void meta_set_time(struct arena *arena, struct json *object, const char *field, int64_t wall_us)
{
    char text[TIME_TEXT_SIZE];
    time_format(wall_us, text);
    meta_set_text(arena, object, field, slice_of(text));
}
void meta_set_int(struct arena *arena, struct json *object, const char *field, int64_t value)
{
    json_set_int(arena, ensure_metadata(arena, object), field, value);
}
void meta_set_revision(struct arena *arena, struct json *object, int64_t revision)
{
    if (revision == 0)
        meta_remove(object, "resourceVersion");
    else
        meta_set_text(arena, object, "resourceVersion",
                      slice_of(arena_format(arena, "%lld", (long long)revision)));
}
void meta_remove(struct json *object, const char *field)
{
    struct json *metadata = json_get(object, "metadata");
    if (metadata)
        json_remove(metadata, field);
}

void meta_add_finalizer(struct arena *arena, struct json *object, const char *finalizer)
{
    struct json *finalizers = finalizers_of(object);
    if (meta_has_finalizer(object, finalizer))
        return;
    if (!finalizers)
        finalizers =
            json_set(arena, ensure_metadata(arena, object), "finalizers", json_new_array(arena));
    json_append(finalizers, json_new_text(arena, finalizer));
}
void meta_remove_finalizer(struct json *object, const char *finalizer)
{
    struct json *item;
    while ((item = find_finalizer(object, finalizer)) != NULL)
        json_detach(finalizers_of(object), item);
    if (finalizers_of(object) && !json_first(finalizers_of(object)))
        meta_remove(object, "finalizers");
}

struct json *meta_detach_managed_fields(struct json *object)
{
    struct json *metadata = json_get(object, "metadata");
    struct json *managed = json_get(metadata, "managedFields");
    if (managed)
        json_detach(metadata, managed);
    return managed;
}

/* k8s.io/apiserver pkg/storage/names. */
char *meta_generate_name(struct arena *arena, struct slice base, struct random *random)
{
    char suffix[META_GENERATED_SUFFIX_SIZE + 1];
    random_name_suffix(random, suffix, META_GENERATED_SUFFIX_SIZE);
    base = slice_sub(base, 0, META_GENERATED_BASE_MAX);
    return arena_format(arena, SLICE_FORMAT "%s", SLICE_ARGS(base), suffix);
}

/* rest.EnsureObjectNamespaceMatchesRequestNamespace. */
int meta_match_namespace(struct arena *arena, struct json *object, struct slice namespace,
                         struct status *status)
{
    struct slice own = meta_namespace(object);
    if (slice_equal(own, namespace))
        return 0;
    if (own.size == 0) {
        meta_set_text(arena, object, "namespace", namespace);
        return 0;
    }
    if (namespace.size == 0) {
        meta_remove(object, "namespace");
        return 0;
    }
    return status_fail(status, STATUS_BAD_REQUEST,
                       "the namespace of the provided object does not match the namespace sent "
                       "on the request");
}
