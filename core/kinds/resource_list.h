/* Amounts of resources by name: cpu, memory, nvidia.com/gpu. A v1.ResourceList.
 *
 * Names are borrowed from the tree that they were read from. Few are usual, and
 * the first ones are kept in place. */
#ifndef CORE_KINDS_RESOURCE_LIST_H
#define CORE_KINDS_RESOURCE_LIST_H

#include "core/json.h"
#include "core/kinds/quantity.h"
#include "core/map.h"

struct resource_amount {
    struct slice name;
    struct quantity amount;
};

#define RESOURCE_LIST_IN_PLACE 8

struct resource_list { /* Zeroed is empty. Not to be copied: items may point inside. */
    struct resource_amount *items;
    size_t count;
    size_t capacity;
    struct resource_amount in_place[RESOURCE_LIST_IN_PLACE];
    struct map places; /* By name, index + 1; once there are more than in_place holds. */
};

void resource_list_release(struct resource_list *list); /* Safe on zeroed memory; empties. */
/* The amount of name, or NULL. */
struct quantity *resource_list_get(struct resource_list *list, struct slice name);
void resource_list_set(struct resource_list *list, struct slice name,
                       const struct quantity *amount);

void resource_list_add_one(struct resource_list *list, struct slice name,
                           const struct quantity *amount);
/* json is a map of quantities, or NULL; what is no quantity is passed over. */
void resource_list_add_json(struct resource_list *list, const struct json *json);
void resource_list_max_json(struct resource_list *list, const struct json *json);
void resource_list_add(struct resource_list *list, const struct resource_list *more);
void resource_list_max(struct resource_list *list, const struct resource_list *other);

/* --- Names (pkg/apis/core/helper) --- */
bool resource_is_huge_page(struct slice name);     /* hugepages-2Mi */
bool resource_is_native(struct slice name);        /* No prefix, or one of kubernetes.io. */
bool resource_is_extended(struct slice name);      /* nvidia.com/gpu */
bool resource_is_overcommittable(struct slice name); /* Requests may be below limits. */
bool resource_is_whole(struct slice name);         /* Comes in whole units. */

#endif
