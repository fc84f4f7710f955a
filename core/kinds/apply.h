/* Server-side apply: who owns which field, and merging by ownership.
 *
 * metadata.managedFields has an entry per manager, operation, version and
 * subresource; each holds the set of fields that the manager set last (a
 * fieldset, core/kinds/fieldset.h). An update takes what it changed from all
 * others. An apply states all that its manager wants: it merges into the live
 * object, takes away what the manager applied last time and no longer wants and
 * nobody else owns, and conflicts where it would change what another owns,
 * unless it is forced. Rules: KEP-555 and sigs.k8s.io/structured-merge-diff v6.
 *
 * The entries come and go as the text of the list, `[...]`, empty when there is
 * none: that is how objects hold them (core/kinds/object.h). They are printed
 * in upstream's order, so equal ownership is equal text.
 *
 * When to call: where upstream does, on the defaulted object and before
 * mutating admission, so that what admission adds belongs to nobody. Sets of
 * an entry that names another version than the request's are taken as they
 * are; upstream converts the object to that version to compare. Pure; one
 * thread at a time. */
#ifndef CORE_KINDS_APPLY_H
#define CORE_KINDS_APPLY_H

#include <stdbool.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/buffer.h"
#include "core/json.h"
#include "core/kinds/schema.h"
#include "core/status.h"

#define APPLY_UPDATE_MANAGERS_MAX 10 /* More Update entries are merged into "ancient-changes". */

struct apply_writer {
    const struct schema_type *type; /* Of the kind in the request's version. */
    const char *api_version;        /* "apps/v1" */
    const char *kind;               /* "Deployment" */
    const char *manager;            /* fieldManager, or the first part of User-Agent. */
    const char *subresource;        /* "status"; "" or NULL for the object itself. */
    int64_t now_us;                 /* Wall clock. */
    /* Fields that this endpoint does not write whatever the body says, as paths
     * ("status", "metadata.labels"), NULL-terminated: upstream's GetResetFields. They and
     * what is in them are never owned through it. NULL: none. */
    const char *const *reset_fields;
};

/* After a create, update or patch: appends to managed (empty before) the entries
 * that object shall have. old is the live object, NULL on a create; live its
 * entries. What the request itself says in object's metadata.managedFields counts
 * as upstream has it (`[]` and `[{}]` forget all entries; a good list replaces
 * the live one; anything else, and any list through a subresource, is ignored)
 * and is removed from object. A write that changes no field gives back
 * the live entries unchanged, times included. Cannot fail: entries that nobody
 * can read are forgotten. */
void apply_update_managed_fields(const struct apply_writer *writer, struct arena *arena,
                                 const struct json *old, struct json *object, struct slice live,
                                 struct buffer *managed);

/* An apply patch. old is the live object without managedFields, NULL when there
 * is none yet; config the parsed body, already checked to be a decodable object of
 * the kind, but not defaulted. Gives *merged, a new tree (or a copy of old when
 * nothing changes), not yet defaulted, without managedFields; and its entries.
 * CONFLICT with a cause for each field unless force; BAD_REQUEST when config
 * names another version or has managedFields; 500, as upstream, when a list has
 * two items of one key. */
MUST_USE int apply_patch(const struct apply_writer *writer, bool force, struct arena *arena,
                         const struct json *old, const struct json *config, struct slice live,
                         struct json **merged, struct buffer *managed, struct status *status);

#endif
