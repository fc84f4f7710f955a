/* From a JSON tree to what the store keeps: key, view, body and splice. Pure. */
#ifndef CORE_KINDS_OBJECT_BUILD_H
#define CORE_KINDS_OBJECT_BUILD_H

#include "core/kinds/kind.h"
#include "core/kinds/object.h"

/* Makes an object with one reference. Sets metadata.resourceVersion in the tree; the tree
 * must have the shape that is stored (kind->stored_as) and a name. */
struct object *object_build(const struct kind *kind, struct arena *arena, struct json *tree,
                            int64_t revision);
/* As object_build(), but managedFields are given as text (`[...]`, or empty) in place of what
 * the tree has. */
struct object *object_build_managed(const struct kind *kind, struct arena *arena, struct json *tree,
                                    struct slice managed, int64_t revision);
/* The tree of an object, managedFields included. */
MUST_USE struct json *object_tree(struct arena *arena, const struct object *object,
                                  struct status *status);
/* The view alone: at opening, where VIEW_FORMAT has changed. */
void object_build_view(const struct kind *kind, const struct json *tree, struct buffer *view);
/* The key under which a kind's object is stored: that of the stored shape. */
void object_build_key(const struct kind *kind, struct slice namespace, struct slice name,
                      struct buffer *key);

#endif
