/* What updates and applies share of keeping managedFields. */
#ifndef CORE_KINDS_APPLY_WRITE_H
#define CORE_KINDS_APPLY_WRITE_H

#include "core/kinds/apply_private.h"
#include "core/kinds/managed_fields.h"

/* A set without what nobody owns: names, uid and the like. */
struct fieldset *apply_strip(struct arena *arena, const struct fieldset *set);
/* Without what this endpoint does not write. */
struct fieldset *apply_without_reset(const struct apply_writer *writer, struct arena *arena,
                                     struct fieldset *set);
/* The writer's entry, of now, without its set. */
struct managed_entry apply_entry(const struct apply_writer *writer, struct arena *arena,
                                 bool is_applied);
/* The entries of a live object; none when they cannot be read. */
void apply_read_live(struct managed_fields *managed, struct slice live);
/* Gives what an update changed to its writer, from all others. */
void apply_take(const struct apply_writer *writer, struct managed_fields *managed,
                const struct apply_change *change);

#endif
