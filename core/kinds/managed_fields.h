/* metadata.managedFields: its entries, and their text.
 *
 * An entry is told apart by manager, operation, subresource and, of an update, by
 * version (an applier has one entry, whatever version it applied). The list is
 * printed in upstream's order: appliers, then updaters, each by time, manager,
 * version and subresource. Pure; texts are borrowed. */
#ifndef CORE_KINDS_MANAGED_FIELDS_H
#define CORE_KINDS_MANAGED_FIELDS_H

#include <stdbool.h>

#include "core/arena.h"
#include "core/json.h"
#include "core/kinds/fieldset.h"

struct managed_entry {
    struct slice manager;
    struct slice api_version;
    struct slice subresource; /* Empty: the object itself. */
    struct slice time;        /* RFC 3339; empty: none. */
    bool is_applied;          /* Operation Apply, not Update. */
    const struct fieldset *set;
};

struct managed_fields {
    struct arena *arena;
    struct managed_entry *entries;
    size_t count;
    size_t capacity;
};

void managed_fields_init(struct managed_fields *managed, struct arena *arena);
/* Reads a list in place of what was there; is_ours as for fieldset_read(). -1, and none, when
 * an entry cannot be read. */
int managed_fields_read(struct managed_fields *managed, const struct json *list, bool is_ours);
/* The entry with the identity of like, or NULL. */
struct managed_entry *managed_fields_find(const struct managed_fields *managed,
                                          const struct managed_entry *like);
/* Adds an entry that is not there yet. */
struct managed_entry *managed_fields_add(struct managed_fields *managed,
                                         const struct managed_entry *entry);
void managed_fields_remove(struct managed_fields *managed, struct managed_entry *entry);
void managed_fields_drop_empty(struct managed_fields *managed);
/* Merges the oldest updaters of each version into one "ancient-changes", until there
 * are not more than max. */
void managed_fields_cap(struct managed_fields *managed, size_t max);
/* The order of identities, upstream's order of their JSON. */
int managed_entry_compare(const struct managed_entry *a, const struct managed_entry *b);
/* Sorts, and appends `[...]`; nothing when there are no entries. */
void managed_fields_print(struct managed_fields *managed, struct buffer *text);

#endif
