/* The steps that server-side apply is made of: sets of objects, differences of two,
 * merging and taking away. Upstream's words for them are in brackets. Pure. */
#ifndef CORE_KINDS_APPLY_PRIVATE_H
#define CORE_KINDS_APPLY_PRIVATE_H

#include "core/kinds/apply.h"
#include "core/kinds/apply_shape.h"
#include "core/kinds/fieldset.h"

/* What is in a value, as its author owns it [ToFieldSet]. */
struct fieldset *apply_set_of(struct arena *arena, const struct shape *shape,
                              const struct json *value);

/* What became of old [Compare]: fields that are new or have another value, and fields
 * that are gone. old is NULL where there was no object: an empty one, which has
 * the fields that are always written. An object that Go would print has them too,
 * though they are absent; is_merged says that the object has only what it shows. */
struct apply_change {
    struct fieldset *changed;
    struct fieldset *removed;
};
struct apply_change apply_compare(struct arena *arena, const struct schema_type *type,
                                  const struct json *old, const struct json *object,
                                  bool is_merged);

/* config laid over live; either may be NULL. A new tree, or NULL when nothing is left. */
struct json *apply_merge(struct arena *arena, const struct shape *shape, const struct json *live,
                         const struct json *config);
/* Takes the members of a set out of a value, in place [RemoveItems]. What is left empty by it
 * becomes null. */
void apply_remove(struct arena *arena, const struct shape *shape, struct json *value,
                  const struct fieldset *set);
/* A set in which structs that have members are members too [EnsureNamedFieldsAreMembers]. */
struct fieldset *apply_name_structs(struct arena *arena, const struct shape *shape,
                                    const struct fieldset *set);
/* What upstream says where config does not fit the schema; NULL when it does. */
const char *apply_check(struct arena *arena, const struct schema_type *type,
                        const struct json *config);

/* Adds all that is in a value to node, which stands for it: every node is a member. with_zeros
 * also what Go has and the tree does not show. */
void apply_set_whole(struct arena *arena, const struct shape *shape, const struct json *value,
                     bool with_zeros, struct fieldset *node);
/* Whether Go has a value where this field is absent: "", 0, {} or null. */
bool apply_has_zero(const struct schema_field *field);
size_t apply_count_zeros(const struct schema_type *type); /* Inline ones too. */
void apply_sort_names(struct slice *names, size_t count);

#endif
