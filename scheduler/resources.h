/* Amounts of resources as vectors: what pods ask for and nodes have.
 *
 * A name gets a place once, for the life of its table; cpu (in millis), memory,
 * ephemeral-storage (bytes) and pods (a count) have fixed places. At most
 * RESOURCES_MAX names are known; a further one fits nowhere, and says so. Pure. */
#ifndef SCHEDULER_RESOURCES_H
#define SCHEDULER_RESOURCES_H

#include <stdbool.h>
#include <stdint.h>

#include "core/buffer.h"

enum {
    RESOURCE_CPU,
    RESOURCE_MEMORY,
    RESOURCE_EPHEMERAL_STORAGE,
    RESOURCE_PODS,
    RESOURCE_EXTENDED, /* The first of the others. */
    RESOURCES_MAX = 24,
    RESOURCE_UNKNOWN = RESOURCES_MAX,
};

struct resource_table {
    char *names[RESOURCES_MAX];
    int count;
};

void resource_table_init(struct resource_table *table);
void resource_table_release(struct resource_table *table);
/* The place of a name, made when it is new; RESOURCE_UNKNOWN when the table is full. */
int resource_place(struct resource_table *table, struct slice name);

struct amounts {
    int64_t at[RESOURCES_MAX];
};

static inline void amounts_add(struct amounts *to, const struct amounts *amounts)
{
    for (int i = 0; i < RESOURCES_MAX; i++)
        to->at[i] += amounts->at[i];
}
static inline void amounts_subtract(struct amounts *from, const struct amounts *amounts)
{
    for (int i = 0; i < RESOURCES_MAX; i++)
        from->at[i] -= amounts->at[i];
}

#endif
