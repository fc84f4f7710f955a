/* Cells of table rows. */
#include "core/kinds/column.h"

#include "core/clock.h"
#include "core/kinds/meta.h"

static const struct kind_column usual_columns[] = {COLUMN_NAME, COLUMN_AGE, {.name = NULL}};

const struct kind_column *column_all(const struct kind *kind)
{
    return kind->columns ? kind->columns : usual_columns;
}

static void append_zero(const struct kind_column *column, struct buffer *text)
{
    if (strcmp(column->type, "integer") == 0)
        buffer_append_byte(text, '0');
    else
        buffer_append_text(text, strcmp(column->type, "boolean") == 0 ? "false" : "\"\"");
}

static void append_cell(const struct kind_column *column, const struct kind_context *context,
                        const struct json *object, struct buffer *text)
{
    if (column->cell) {
        column->cell(context, object, text);
        return;
    }
    const struct json *value = json_at(object, column->path);
    if (!value || json_is(value, JSON_NULL))
        append_zero(column, text);
    else
        json_print(value, text);
}

void column_append_cells(const struct kind *kind, const struct kind_context *context,
                         const struct json *object, struct buffer *text)
{
    char before = '[';
    for (const struct kind_column *column = column_all(kind); column->name; column++) {
        buffer_append_byte(text, before);
        append_cell(column, context, object, text);
        before = ',';
    }
    buffer_append_byte(text, ']');
}

void column_append_age(const struct kind_context *context, const struct json *time,
                       struct buffer *text)
{
    char age[TIME_TEXT_SIZE];
    int64_t when;
    if (!time_parse(json_string(time), &when)) {
        buffer_append_text(text, "\"<unknown>\"");
        return;
    }
    duration_human(context->now_us - when, age);
    json_print_string(slice_of(age), text);
}

void column_cell_age(const struct kind_context *context, const struct json *object,
                     struct buffer *text)
{
    column_append_age(context, json_at(object, "metadata.creationTimestamp"), text);
}
