/* What the two ways to make a label selector share. */
#ifndef CORE_KINDS_LABEL_SELECTOR_PRIVATE_H
#define CORE_KINDS_LABEL_SELECTOR_PRIVATE_H

#include "core/kinds/label_selector.h"

struct label_values { /* Grows in an arena. */
    struct slice *items;
    size_t count;
    size_t capacity;
};
void label_values_add(struct arena *arena, struct label_values *values, struct slice value);
void label_values_sort(struct label_values *values); /* And drops duplicates. */

/* A checked requirement, upstream's NewRequirement. Gives NULL, or the text of all that is
 * wrong with it. */
const char *label_requirement_make(struct arena *arena, struct slice key,
                                   enum label_operator relation, const struct label_values *values,
                                   struct label_requirement *requirement);
/* The messages of a failed check, joined by "; "; NULL when there are none. */
const char *label_key_error(struct arena *arena, struct slice key);
/* By key, keeping the order of equal ones. */
void label_requirements_sort(struct label_requirement *requirements, size_t count);

#endif
