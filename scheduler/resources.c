#include "scheduler/resources.h"

void resource_table_init(struct resource_table *table)
{
    *table = (struct resource_table){0};
    resource_place(table, SLICE("cpu"));
    resource_place(table, SLICE("memory"));
    resource_place(table, SLICE("ephemeral-storage"));
    resource_place(table, SLICE("pods"));
}

void resource_table_release(struct resource_table *table)
{
    for (int i = 0; i < table->count; i++)
        mem_free(table->names[i]);
    *table = (struct resource_table){0};
}

int resource_place(struct resource_table *table, struct slice name)
{
    for (int i = 0; i < table->count; i++)
        if (slice_is(name, table->names[i]))
            return i;
    if (table->count == RESOURCES_MAX)
        return RESOURCE_UNKNOWN;
    table->names[table->count] = mem_copy_slice(name);
    return table->count++;
}
