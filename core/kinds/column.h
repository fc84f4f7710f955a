/* The cells of a table row, as `kubectl get` prints them, from kind->columns.
 *
 *     static const struct kind_column columns[] = {
 *         COLUMN_NAME,
 *         {.name = "Data", .type = "integer", .format = "", .doc = "...", .cell = count_data},
 *         COLUMN_AGE,
 *         {.name = NULL},
 *     };
 *
 * A column with a path shows the value there: "", 0 or false where it is
 * absent. Pure. */
#ifndef CORE_KINDS_COLUMN_H
#define CORE_KINDS_COLUMN_H

#include "core/kinds/kind.h"

#define COLUMN_NAME                                                     \
    {                                                                   \
        .name = "Name", .type = "string", .format = "name",             \
        .doc = "Name, unique in its namespace.", .path = "metadata.name" \
    }
#define COLUMN_AGE                                                              \
    {                                                                           \
        .name = "Age", .type = "string", .format = "",                          \
        .doc = "Time since it was created.", .cell = column_cell_age            \
    }

/* The kind's columns, or Name and Age. Ends with name NULL. */
const struct kind_column *column_all(const struct kind *kind);
/* Appends `["web",1,"5m"]`: a cell for each column. */
void column_append_cells(const struct kind *kind, const struct kind_context *context,
                         const struct json *object, struct buffer *text);

/* For cells of kinds. */
void column_cell_age(const struct kind_context *context, const struct json *object,
                     struct buffer *text);
/* Appends "5m", quoted, for a time in an object; "<unknown>" when it is absent. */
void column_append_age(const struct kind_context *context, const struct json *time,
                       struct buffer *text);

#endif
