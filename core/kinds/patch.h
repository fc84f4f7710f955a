/* Patches: three languages that change one JSON tree by another.
 *
 *   JSON patch        RFC 6902: a list of operations on JSON pointers
 *   merge patch       RFC 7386: a tree that is laid over the object; null removes
 *   strategic merge   a merge patch in which lists of the schema that have a
 *                     merge key merge item by item, with the directives $patch,
 *                     $retainKeys, $deleteFromPrimitiveList, $setElementOrder
 *
 * The fourth, server-side apply, is core/kinds/apply.h. Limits and error texts
 * are those of kube-apiserver v1.35. What a patch made is not checked against
 * the schema here: the caller decodes and validates it like any other body.
 *
 * Memory: the object is changed in place and may keep nothing of the patch but
 * copies; new nodes live in the arena. When a patch fails the object is half
 * changed and of no more use. Pure; one thread at a time. */
#ifndef CORE_KINDS_PATCH_H
#define CORE_KINDS_PATCH_H

#include "core/arena.h"
#include "core/json.h"
#include "core/kinds/schema.h"
#include "core/status.h"

#define PATCH_OPERATIONS_MAX 10000          /* More: 413. */
#define PATCH_COPIED_BYTES_MAX (3 << 20)    /* What all "copy" of one patch may copy. */

/* patch is the parsed body. *object may be another node afterwards (a patch
 * may replace the root). 400 for a patch that is none, 413 for too many
 * operations, 422 for an operation or test that fails. */
MUST_USE int patch_json(struct arena *arena, struct json **object, const struct json *patch,
                        struct status *status);

/* 400 when the patch is no object: what it would make could be no API object. */
MUST_USE int patch_merge(struct arena *arena, struct json *object, const struct json *patch,
                         struct status *status);

/* type is the object's. Built-in kinds only: upstream answers 415 for custom
 * resources. Unknown fields merge as plain maps do. 400 for a malformed
 * directive, 422 where the patch and the object do not fit together. */
MUST_USE int patch_strategic(const struct schema_type *type, struct arena *arena,
                             struct json *object, const struct json *patch, struct status *status);

/* A value as Go's %v prints it: map[a:1 b:[x y]]. */
const char *patch_go_text(struct arena *arena, const struct json *node);

#endif
