/* The place of a field, spelled only when there is something to say about it.
 *
 * Validation walks objects that are nearly always right, so a path is a chain
 * of steps on the stack, and its text ("spec.containers[0].ports[1].hostPort")
 * is made by the error alone:
 *
 *     const struct field_path *ports = AT(container, "ports");
 *     path_forbidden(errors, AT_ITEM(ports, 1), "cannot be set on create");
 *
 * AT and its like give a step that lives as long as the block it stands in.
 * Texts of errors are those of k8s.io/apimachinery pkg/util/validation/field. */
#ifndef CORE_KINDS_FIELD_PATH_H
#define CORE_KINDS_FIELD_PATH_H

#include <stddef.h>
#include <stdint.h>

#include "core/json.h"
#include "core/kinds/name.h"
#include "core/status.h"

struct field_path {
    const struct field_path *parent; /* NULL at the root. */
    const char *name;                /* NULL: a step to an item or a key. */
    struct slice key;                /* data NULL: a step to an item. */
    size_t index;
};

#define AT(parent_, name_) \
    ((const struct field_path *)&(const struct field_path){.parent = (parent_), .name = (name_)})
#define AT_ITEM(parent_, index_) \
    ((const struct field_path *)&(const struct field_path){.parent = (parent_), .index = (index_)})
#define AT_KEY(parent_, key_) \
    ((const struct field_path *)&(const struct field_path){.parent = (parent_), .key = (key_)})

const char *path_text(struct arena *arena, const struct field_path *path);

/* One error each. A detail that is a format takes what follows it; NULL is none. */
void path_required(struct field_errors *errors, const struct field_path *path, const char *detail);
void path_forbidden(struct field_errors *errors, const struct field_path *path, const char *detail,
                    ...) PRINTF_LIKE(3, 4);
/* The value as JSON shows it (strings quoted as Go does, NULL as null), or the one given. */
void path_invalid(struct field_errors *errors, const struct field_path *path,
                  const struct json *value, const char *detail, ...) PRINTF_LIKE(4, 5);
void path_invalid_text(struct field_errors *errors, const struct field_path *path,
                       struct slice value, const char *detail, ...) PRINTF_LIKE(4, 5);
void path_invalid_int(struct field_errors *errors, const struct field_path *path, int64_t value,
                      const char *detail, ...) PRINTF_LIKE(4, 5);
void path_duplicate(struct field_errors *errors, const struct field_path *path, struct slice value);
void path_not_found(struct field_errors *errors, const struct field_path *path, struct slice value,
                    const char *detail);
/* supported ends with NULL and is told in its order. */
void path_not_supported(struct field_errors *errors, const struct field_path *path,
                        struct slice value, const char *const *supported);
void path_too_long(struct field_errors *errors, const struct field_path *path, size_t max);
void path_too_many(struct field_errors *errors, const struct field_path *path, size_t count,
                   size_t max);

/* What check finds wrong with text, as errors at path. */
void path_check_name(struct field_errors *errors, const struct field_path *path, struct slice text,
                     void (*check)(struct slice text, struct name_errors *errors));
/* The text must be one of supported. */
void path_check_choice(struct field_errors *errors, const struct field_path *path,
                       struct slice text, const char *const *supported);
/* Bounds with upstream's texts. value may be absent, which is accepted. */
void path_check_not_negative(struct field_errors *errors, const struct field_path *path,
                             const struct json *value);
void path_check_range(struct field_errors *errors, const struct field_path *path,
                      const struct json *value, int64_t min, int64_t max);

/* Whether text is one of choices, which end with NULL. */
bool text_is_one_of(struct slice text, const char *const *choices);

#endif
