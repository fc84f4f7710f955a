/* Field selectors: `spec.nodeName=n1,status.phase!=Running`.
 *
 * Parsing gives upstream's texts (k8s.io/apimachinery pkg/fields, and the
 * kinds' own for fields that they don't know). Fields of a kind are known by
 * their place in kind->fields, so matching reads the view. A zeroed selector
 * selects everything; a selector lives in the arena that made it. Pure. */
#ifndef CORE_KINDS_FIELD_SELECTOR_H
#define CORE_KINDS_FIELD_SELECTOR_H

#include <stdbool.h>
#include <stddef.h>

#include "core/kinds/kind.h"
#include "core/kinds/object.h"

enum { FIELD_OF_NAME = -1, FIELD_OF_NAMESPACE = -2 };

struct field_requirement {
    struct slice field; /* As it was written. */
    struct slice value;
    bool is_not; /* != */
    int index;   /* In kind->fields, or FIELD_OF_*. */
};

struct field_selector {
    struct field_requirement *requirements; /* All must hold; in order of their texts. */
    size_t count;
};

/* Fails with BAD_REQUEST: bad syntax, or a field that the kind can't select by. */
MUST_USE int field_selector_parse(struct arena *arena, const struct kind *kind, struct slice text,
                                  struct field_selector *selector, struct status *status);
bool field_selector_is_empty(const struct field_selector *selector);
bool field_selector_matches(const struct field_selector *selector, const struct object *object);
/* The value that a field must have by `=`; false when it is free. field is FIELD_OF_NAME or so. */
bool field_selector_exact(const struct field_selector *selector, int field, struct slice *value);

#endif
