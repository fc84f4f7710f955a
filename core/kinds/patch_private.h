/* What the files of patch.h share: failing in upstream's ways. */
#ifndef CORE_KINDS_PATCH_PRIVATE_H
#define CORE_KINDS_PATCH_PRIVATE_H

#include "core/kinds/patch.h"

/* "array", "object", "string", "number", "bool": Go's decoder on a value it cannot use. */
const char *patch_kind_text(const struct json *node);
/* 400: before + "json: cannot unmarshal array into Go value of type map[string]interface {}".
 * 0 when the patch is an object. */
MUST_USE int patch_check_object(const struct json *patch, const char *before,
                                struct status *status);
/* 422 with the one text that upstream has for all that cannot be applied. */
int patch_fail_unprocessable(struct status *status);
/* Upstream's plain errors: 500 without a reason. */
int patch_fail_plain(struct status *status, const char *format, ...) PRINTF_LIKE(2, 3);

/* --- Strategic merge --- */

struct strategic {
    struct arena *arena;
    struct status *status;
};

/* Lays patch over object, both of type (NULL: unknown, plain maps). patch is used up. */
MUST_USE int strategic_merge_object(struct strategic *strategic, const struct schema_type *type,
                                    struct json *object, struct json *patch);
/* Takes $patch directives out of a value that is new; false: the value itself is one. */
bool strategic_drop_directives(struct json *value);
bool strategic_has_directive(const struct json *value);

/* Merges two lists of a field; patch may hold only what to delete. *merged is a new list. */
MUST_USE int strategic_merge_list(struct strategic *strategic, const struct schema_field *field,
                                  struct json *list, struct json *patch, bool deletes,
                                  struct json **merged);
/* The same for a list with $setElementOrder; list or patch may be NULL, not both. */
MUST_USE int strategic_order_list(struct strategic *strategic, const struct schema_field *field,
                                  struct json *list, struct json *patch, struct json *order,
                                  struct json **merged);

#endif
