/* Notes: which value each position and comment belongs to. Driven by the reader
 * event by event; with no notes wanted (wanted false) every call does nothing. */
#ifndef CORE_YAML_NOTES_H
#define CORE_YAML_NOTES_H

#include "core/yaml_events.h"

struct yaml_notes {
    bool wanted;
    struct arena *arena; /* Borrowed. */
    struct map *map;     /* Lives in the arena. */
    struct yaml_found_comments found;
    size_t next;                   /* The first of found that has no place yet. */
    struct yaml_comment_list head; /* Stood on their own lines, wait for an entry. */
    struct yaml_comment_list open; /* Stood behind "key:" or "-", wait for the value. */
    struct yaml_note *opened;      /* The collection whose bracket opened last. */
    struct yaml_note *last;        /* The value that ended last, */
    struct yaml_position last_end; /* and where. */
};

MUST_USE int yaml_notes_init(struct yaml_notes *notes, struct arena *arena, struct slice text,
                             uint32_t line, struct status *status);

/* A key begins: gives the comments above it, which are its value's head. */
struct yaml_comment_list yaml_notes_key(struct yaml_notes *notes, const struct yaml_event *event);

enum yaml_place { YAML_PLACE_ROOT, YAML_PLACE_ITEM, YAML_PLACE_MEMBER };

/* A value begins, at event; head is what yaml_notes_key() gave. Gives its note,
 * NULL when no notes are wanted. */
struct yaml_note *yaml_notes_value(struct yaml_notes *notes, const struct yaml_event *event,
                                   enum yaml_place place, struct yaml_comment_list head);
/* A collection that began at start ends, at event. indentless: a block sequence at
 * the column of the key that holds it. */
void yaml_notes_end(struct yaml_notes *notes, struct yaml_note *note,
                    const struct yaml_event *start, const struct yaml_event *event,
                    bool indentless);
/* The document ends: gives the comments behind the value. */
struct yaml_comment_list yaml_notes_foot(struct yaml_notes *notes, struct yaml_position end);
/* The value of a merge key is gone: its comments wait for the next entry. */
void yaml_notes_dissolve(struct yaml_notes *notes, struct yaml_note *note);
/* The note is that of node, which is at last known. */
void yaml_notes_bind(struct yaml_notes *notes, struct yaml_note *note, const struct json *node);

#endif
