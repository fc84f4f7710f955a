/* Sets of fields of one object: FieldsV1 as a tree.
 *
 * A path is a run of steps; each step is a kind and a text:
 *
 *     f:spec               the member "spec" of a map or struct
 *     k:{"name":"web"}     the item of a list that has these keys (by name)
 *     v:"x"                the item of a set with this value
 *     i:0                  the item at this index
 *
 * A node is a step; it may be a member of the set, have nodes below it, or both. In
 * JSON a node is a member of its parent's object: "f:a":{} is a member without
 * children, "f:a":{".":{},...} one with children, "f:a":{"f:b":{}} has children and is
 * none. Children stand in order: f before k before v before i, names by bytes,
 * keys and values as values (80 before 443). A node that is no member and has no
 * children does not exist, but for the root, whose membership means nothing.
 *
 * Operations give new trees that may share nodes with their arguments, which are
 * never changed. Memory: the arena; texts are borrowed. Pure. */
#ifndef CORE_KINDS_FIELDSET_H
#define CORE_KINDS_FIELDSET_H

#include <stdbool.h>

#include "core/arena.h"
#include "core/buffer.h"
#include "core/json.h"

struct fieldset {
    char kind;         /* 'f', 'k', 'v', 'i'; 0: the root. */
    bool is_member;
    struct slice text; /* Without the kind: spec, {"name":"web"} */
    struct fieldset *first;
    struct fieldset *last;
    struct fieldset *next; /* Sibling. */
};

static inline bool fieldset_is_empty(const struct fieldset *node)
{
    return node->first == NULL && !node->is_member;
}

/* Builds: appends a copy of node, which must come behind all children of parent; does
 * nothing when it is empty. */
static inline void fieldset_append(struct arena *arena, struct fieldset *parent,
                                   const struct fieldset *node)
{
    if (fieldset_is_empty(node))
        return;
    struct fieldset *copy = arena_alloc_raw(arena, sizeof(*copy), _Alignof(struct fieldset));
    *copy = *node;
    copy->next = NULL;
    if (parent->last)
        parent->last->next = copy;
    else
        parent->first = copy;
    parent->last = copy;
}
/* Adds a path of member names ("metadata.labels") as a member. */
void fieldset_add_path(struct arena *arena, struct fieldset *root, const char *path);

/* The set that a JSON object says; steps of an unknown kind are left out. NULL when a
 * step cannot be read. is_ours: we printed it, so its steps are canonical and in order. */
struct fieldset *fieldset_read(struct arena *arena, const struct json *json, bool is_ours);
/* Appends the JSON object. */
void fieldset_print(const struct fieldset *root, struct buffer *text);

/* Appends a value as it stands in a step. */
void fieldset_print_value(const struct json *value, struct buffer *text);
/* The order of keys and values: numbers before texts before booleans before the rest. */
int fieldset_compare_values(const struct json *a, const struct json *b);
/* Both are one step deep: the order of two siblings, and a child by its step. */
int fieldset_compare(struct arena *arena, const struct fieldset *a, const struct fieldset *b);
const struct fieldset *fieldset_find(struct arena *arena, const struct fieldset *parent, char kind,
                                     struct slice text);

struct fieldset *fieldset_union(struct arena *arena, const struct fieldset *a,
                                const struct fieldset *b);
struct fieldset *fieldset_intersection(struct arena *arena, const struct fieldset *a,
                                       const struct fieldset *b);
/* The members of a that b does not have. */
struct fieldset *fieldset_difference(struct arena *arena, const struct fieldset *a,
                                     const struct fieldset *b);
/* Without what is below a member of b too. */
struct fieldset *fieldset_difference_below(struct arena *arena, const struct fieldset *a,
                                           const struct fieldset *b);

/* Appends one step as conflicts show it: `.spec`, `[name="web"]`. */
void fieldset_append_path(struct arena *arena, const struct fieldset *node, struct buffer *path);
/* Calls visit with the path of every member as conflicts show it,
 * `.spec.containers[name="web"].image`: a node's own members before what is below them. */
void fieldset_each_path(struct arena *arena, const struct fieldset *root,
                        void (*visit)(void *context, const char *path,
                                      const struct fieldset *member),
                        void *context);

#endif
