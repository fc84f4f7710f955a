/* ObjectMeta: what every stored object has, and the rules that all kinds share.
 *
 * Reading takes any tree and treats what is missing as empty. Rules and texts
 * are those of k8s.io/apimachinery pkg/api/validation (objectmeta.go) and of
 * k8s.io/apiserver pkg/registry/rest. Pure. */
#ifndef CORE_KINDS_META_H
#define CORE_KINDS_META_H

#include <stdbool.h>
#include <stdint.h>

#include "core/json.h"
#include "core/kinds/name.h"
#include "core/random.h"
#include "core/status.h"

#define META_ANNOTATIONS_SIZE_MAX (256 * 1024) /* Keys and values together. */
#define META_GENERATED_BASE_MAX 58             /* generateName is cut to this, */
#define META_GENERATED_SUFFIX_SIZE 5           /* and so many characters are added. */

#define FINALIZER_ORPHAN "orphan"
#define FINALIZER_FOREGROUND "foregroundDeletion"
#define FIELD_IS_IMMUTABLE_TEXT "field is immutable"

/* --- Reading --- */
struct slice meta_name(const struct json *object);
struct slice meta_namespace(const struct json *object);
struct slice meta_uid(const struct json *object);
struct slice meta_resource_version(const struct json *object);
int64_t meta_generation(const struct json *object);
struct slice meta_label(const struct json *object, const char *key);
struct slice meta_annotation(const struct json *object, const char *key);
/* Times in microseconds; false when absent. */
bool meta_created(const struct json *object, int64_t *wall_us);
bool meta_deleted(const struct json *object, int64_t *wall_us);
bool meta_is_deleting(const struct json *object);
/* deletionGracePeriodSeconds; false when absent. */
bool meta_grace_seconds(const struct json *object, int64_t *seconds);
bool meta_has_finalizer(const struct json *object, const char *finalizer);
size_t meta_finalizer_count(const struct json *object);
/* The owner reference with controller: true, or NULL. */
const struct json *meta_controller(const struct json *object);
/* Reads metadata.resourceVersion as a revision: 0 when it is empty or "0". -1, an untyped 500 and
 * `strconv.ParseUint: parsing "x": invalid syntax` when it is no number. */
MUST_USE int meta_revision(const struct json *object, int64_t *revision, struct status *status);

/* --- Writing --- */
void meta_set_text(struct arena *arena, struct json *object, const char *field, struct slice value);
void meta_set_time(struct arena *arena, struct json *object, const char *field, int64_t wall_us);
void meta_set_int(struct arena *arena, struct json *object, const char *field, int64_t value);
void meta_set_revision(struct arena *arena, struct json *object, int64_t revision);
void meta_remove(struct json *object, const char *field);
void meta_add_finalizer(struct arena *arena, struct json *object, const char *finalizer);
void meta_remove_finalizer(struct json *object, const char *finalizer);
/* Takes managedFields out of the tree; NULL when there was none. */
struct json *meta_detach_managed_fields(struct json *object);
/* The name that generateName and chance make: base cut to 58, and 5 characters. */
char *meta_generate_name(struct arena *arena, struct slice base, struct random *random);

/* --- Rules --- */
/* All of metadata, on create and on update. path is "metadata", or that of a template. */
void meta_validate(const struct json *metadata, bool namespaced, name_fn *validate_name,
                   const char *path, struct field_errors *errors);
/* What may not change; metadata of both is meant. */
void meta_validate_update(const struct json *metadata, const struct json *old, const char *path,
                          struct field_errors *errors);
/* Parts of it, for templates and selectors. */
void meta_validate_labels(const struct json *labels, const char *path, struct field_errors *errors);
void meta_validate_annotations(const struct json *annotations, const char *path,
                               struct field_errors *errors);
/* At most 128 bytes, all printable: the query's fieldManager too. */
void meta_validate_field_manager(struct slice manager, const char *path,
                                 struct field_errors *errors);
/* []metav1.Condition. */
void meta_validate_conditions(const struct json *conditions, const char *path,
                              struct field_errors *errors);
/* `path: Invalid value: <new>: field is immutable` unless both are the same. */
void meta_validate_immutable(const struct json *value, const struct json *old, const char *path,
                             struct field_errors *errors);
/* Metadata of a write has a namespace other than the URL's: 400. Fills an empty one; of a
 * cluster-scoped kind (namespace empty) it is dropped. */
MUST_USE int meta_match_namespace(struct arena *arena, struct json *object, struct slice namespace,
                                  struct status *status);

#endif
