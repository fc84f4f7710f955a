/* What the walks over a tree and its schema share: the place where one stands,
 * whose path is spelled only when there is something to say about it. */
#ifndef CORE_KINDS_SCHEMA_PRIVATE_H
#define CORE_KINDS_SCHEMA_PRIVATE_H

#include "core/kinds/schema.h"

/* One step from the root: to a member, or with .is_item to an item of a list. */
struct schema_place {
    const struct schema_place *parent; /* NULL above the root's members. */
    struct slice name;
    size_t index;
    bool is_item;
    const struct schema_type *in; /* The type that has the field; NULL for items and map keys. */
};

/* "spec.containers[0].name", as strict decoding writes it (map keys too: "data.x"). */
char *schema_strict_path(struct arena *arena, const struct schema_place *place);
/* "spec.containers[0].resources.limits[cpu]", as validation writes it. */
char *schema_field_path(struct arena *arena, const struct schema_place *place);
/* "spec.containers.VolumeSource.hostPath", as Go's decoder writes it. */
char *schema_go_path(struct arena *arena, const struct schema_place *place);
/* "Container", where the innermost field of the place stands; "" at the root. */
const char *schema_go_struct(const struct schema_place *place);
/* "[]v1.Container", "v1.Container" for one of its items, "map[string]string". */
char *schema_go_type(struct arena *arena, const struct schema_field *field, bool whole);
char *schema_go_type_name(struct arena *arena, const struct schema_type *type);

/* The type's own row of that name: not one of an embedded struct. */
const struct schema_field *schema_own_field(const struct schema_type *type, struct slice name);
/* What a walk over an object of the type could find to do. */
enum {
    SCHEMA_HAS_RULES = 1 << 0,    /* All the way down. */
    SCHEMA_HAS_DEFAULTS = 1 << 1, /* All the way down. */
    SCHEMA_HAS_REQUIRED = 1 << 2, /* In its own rows and those of embedded structs. */
};
unsigned schema_has(const struct schema_type *type);

/* Checks base64 as Go does and writes its canonical form; gives -1, or the offset of the byte
 * that is wrong. */
ptrdiff_t schema_read_base64(struct slice text, struct buffer *canonical);

/* The value that Go's zero of one value of this field prints as: "", 0, false, {}. NULL for
 * times, which print as null. */
struct json *schema_zero(struct arena *arena, const struct schema_field *field);

#endif
