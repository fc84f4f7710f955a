/* The typed view of an object: flat bytes that answer without parsing.
 *
 * A view is a run of entries, each a tag (1 byte), a size (varint) and bytes.
 * Entries stand in rising order of tag; a tag may repeat (labels, owners).
 * VIEW_FORMAT is stored in the log; when it differs, views are made anew from
 * the bodies at opening. Values of more than one part separate them by NUL.
 *
 * Pure; any thread. */
#ifndef CORE_KINDS_VIEW_H
#define CORE_KINDS_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "core/buffer.h"
#include "core/kinds/object.h"

#define VIEW_FORMAT 3 /* 2: facts of services; 3: selectors, pod IPs. */

enum view_tag {
    VIEW_UID = 1,          /* Text. */
    VIEW_CREATED = 2,      /* creationTimestamp, int64 microseconds. */
    VIEW_DELETED = 3,      /* deletionTimestamp, the same; absent while not deleting. */
    VIEW_GENERATION = 4,   /* int64. */
    VIEW_LABEL = 5,        /* key NUL value; sorted by key. */
    VIEW_OWNER = 6,        /* uid NUL flags(c=controller,b=blocks) NUL apiVersion NUL kind NUL name. */
    VIEW_FINALIZER = 7,    /* Text. */
    VIEW_FACTS = 8,        /* The kind's own encoding (struct kind, facts). */
    VIEW_FIELD = 32,       /* VIEW_FIELD + i: text of the kind's i-th selectable field. */
};

/* Walks entries; start with zeroed cursor. */
struct view_entry {
    uint8_t tag;
    struct slice value;
};
struct view_cursor {
    size_t offset;
};
bool view_next(struct slice view, struct view_cursor *cursor, struct view_entry *entry);
/* First entry with this tag; false when there is none. */
bool view_find(struct slice view, uint8_t tag, struct slice *value);
int64_t view_int(struct slice view, uint8_t tag, int64_t otherwise);
bool view_label(struct slice view, struct slice key, struct slice *value);
struct slice view_uid(const struct object *object);

/* The next of metadata.ownerReferences; start with a zeroed cursor. */
struct view_owner {
    struct slice uid;
    struct slice api_version;
    struct slice kind;
    struct slice name;
    bool is_controller;
    bool blocks_deletion;
};
bool view_next_owner(struct slice view, struct view_cursor *cursor, struct view_owner *owner);
bool view_has_finalizer(struct slice view, struct slice finalizer);

/* Writing, in rising order of tags. */
void view_append(struct buffer *view, uint8_t tag, struct slice value);
void view_append_int(struct buffer *view, uint8_t tag, int64_t value);

#endif
