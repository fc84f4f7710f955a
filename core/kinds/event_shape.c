/* See event_shape.h. */
#include "core/kinds/event_shape.h"

#include "core/kinds/cell.h"
#include "core/kinds/field_path.h"
#include "core/kinds/meta.h"

#define TEXT_MAX 128 /* Of action, reason and reportingInstance. */
#define NOTE_MAX 1024

const struct event_shape event_shape_core = {
    .regarding = "involvedObject",
    .note = "message",
    .controller = "reportingComponent",
    .source = "source",
    .first_time = "firstTimestamp",
    .last_time = "lastTimestamp",
    .count = "count",
};
const struct event_shape event_shape_events = {
    .regarding = "regarding",
    .note = "note",
    .controller = "reportingController",
    .source = "deprecatedSource",
    .first_time = "deprecatedFirstTimestamp",
    .last_time = "deprecatedLastTimestamp",
    .count = "deprecatedCount",
};

static struct slice text_at(const struct json *object, const char *name)
{
    return json_string(json_get(object, name));
}

/* --- Rules --- */

static void check_text(const struct json *event, const char *name, struct field_errors *errors)
{
    struct slice text = text_at(event, name);
    if (text.size == 0)
        path_required(errors, AT(NULL, name), NULL);
    if (text.size > TEXT_MAX)
        path_invalid_text(errors, AT(NULL, name), SLICE(""), "can have at most %d characters",
                          TEXT_MAX);
}
static bool fits_namespace(struct slice object, struct slice event, bool has_time)
{
    if (object.size == 0)
        return event.size == 0 || slice_is(event, "default") ||
               (has_time && slice_is(event, "kube-system"));
    return has_time || slice_equal(object, event);
}
void event_validate(const struct event_shape *shape, const struct json *event,
                    struct field_errors *errors)
{
    struct slice object = text_at(json_get(event, shape->regarding), "namespace");
    struct slice controller = text_at(event, shape->controller);
    bool has_time = json_get(event, "eventTime");
    if (!fits_namespace(object, meta_namespace(event), has_time))
        path_invalid_text(errors, AT(AT(NULL, "involvedObject"), "namespace"), object,
                          "does not match event.namespace");
    if (!has_time)
        return;
    if (controller.size == 0)
        path_required(errors, AT(NULL, shape->controller), NULL);
    path_check_name(errors, AT(NULL, shape->controller), controller, name_check_qualified);
    check_text(event, "reportingInstance", errors);
    check_text(event, "action", errors);
    check_text(event, "reason", errors);
    if (text_at(event, shape->note).size > NOTE_MAX)
        path_invalid_text(errors, AT(NULL, "message"), SLICE(""), "can have at most %d characters",
                          NOTE_MAX);
}

bool event_is_relaxed(struct slice namespace)
{
    (void)namespace;
    return true;
}

/* --- Conversion --- */

static void rename_member(struct arena *arena, struct json *event, const char *from, const char *to)
{
    struct json *value = json_get(event, from);
    if (!value || strcmp(from, to) == 0)
        return;
    json_detach(event, value);
    json_set(arena, event, to, value);
}
void event_convert(struct arena *arena, struct json *event, const struct event_shape *from,
                   const struct event_shape *to)
{
    rename_member(arena, event, from->regarding, to->regarding);
    rename_member(arena, event, from->note, to->note);
    rename_member(arena, event, from->controller, to->controller);
    rename_member(arena, event, from->source, to->source);
    rename_member(arena, event, from->first_time, to->first_time);
    rename_member(arena, event, from->last_time, to->last_time);
    rename_member(arena, event, from->count, to->count);
}

/* --- Columns: printEvent --- */

static const struct event_shape *shape_of(const struct json *event)
{
    return json_get(event, "regarding") ? &event_shape_events : &event_shape_core;
}
static const struct json *first_time(const struct json *event)
{
    const struct json *time = json_get(event, shape_of(event)->first_time);
    return time ? time : json_get(event, "eventTime");
}

static void cell_last_seen(const struct kind_context *context, const struct json *event,
                           struct buffer *text)
{
    const struct json *series = json_get(event, "series");
    const struct json *time = json_get(event, shape_of(event)->last_time);
    if (series)
        time = json_get(series, "lastObservedTime");
    else if (!time)
        time = first_time(event);
    column_append_age(context, time, text);
}
static void cell_object(const struct kind_context *context, const struct json *event,
                        struct buffer *text)
{
    (void)context;
    const struct json *object = json_get(event, shape_of(event)->regarding);
    struct slice name = text_at(object, "name");
    struct buffer cell = {0};
    buffer_append_slice(&cell, text_at(object, "kind"));
    for (size_t i = 0; i < cell.size; i++)
        if (cell.data[i] >= 'A' && cell.data[i] <= 'Z')
            cell.data[i] = (char)(cell.data[i] - 'A' + 'a');
    if (name.size > 0)
        buffer_format(&cell, "/" SLICE_FORMAT, SLICE_ARGS(name));
    json_print_string(buffer_slice(&cell), text);
    buffer_release(&cell);
}
static void cell_subobject(const struct kind_context *context, const struct json *event,
                           struct buffer *text)
{
    (void)context;
    json_print_string(text_at(json_get(event, shape_of(event)->regarding), "fieldPath"), text);
}
static void cell_source(const struct kind_context *context, const struct json *event,
                        struct buffer *text)
{
    (void)context;
    const struct event_shape *shape = shape_of(event);
    struct slice component = text_at(json_get(event, shape->source), "component");
    struct slice host = text_at(json_get(event, shape->source), "host");
    struct buffer cell = {0};
    if (component.size == 0)
        component = text_at(event, shape->controller);
    if (host.size == 0)
        host = text_at(event, "reportingInstance");
    buffer_append_slice(&cell, component);
    if (host.size > 0)
        buffer_format(&cell, ", " SLICE_FORMAT, SLICE_ARGS(host));
    json_print_string(buffer_slice(&cell), text);
    buffer_release(&cell);
}
static void cell_message(const struct kind_context *context, const struct json *event,
                         struct buffer *text)
{
    (void)context;
    struct slice message = text_at(event, shape_of(event)->note);
    while (message.size > 0 && strchr(" \t\n\v\f\r", message.data[message.size - 1]))
        message.size--;
    while (message.size > 0 && strchr(" \t\n\v\f\r", message.data[0]))
        message = slice_sub(message, 1, message.size);
    json_print_string(message, text);
}
static void cell_first_seen(const struct kind_context *context, const struct json *event,
                            struct buffer *text)
{
    column_append_age(context, first_time(event), text);
}
static void cell_count(const struct kind_context *context, const struct json *event,
                       struct buffer *text)
{
    (void)context;
    int64_t count = 0;
    if (json_get(event, "series"))
        json_to_int64(json_at(event, "series.count"), &count);
    else if (!json_to_int64(json_get(event, shape_of(event)->count), &count) || count == 0)
        count = 1;
    buffer_append_int(text, count);
}

const struct kind_column event_columns[] = {
    CELL("Last Seen", "string", "Time since it was last seen.", cell_last_seen),
    CELL_AT("Type", "string", "Normal or Warning.", "type"),
    CELL_AT("Reason", "string", "Why, as one word.", "reason"),
    CELL("Object", "string", "What it happened to.", cell_object),
    CELL_WIDE("Subobject", "string", "Which part of it.", cell_subobject),
    CELL_WIDE("Source", "string", "Who reported it.", cell_source),
    CELL("Message", "string", "What happened.", cell_message),
    CELL_WIDE("First Seen", "string", "Time since it was first seen.", cell_first_seen),
    CELL_WIDE("Count", "string", "How often it was seen.", cell_count),
    {.name = "Name",
     .type = "string",
     .format = "name",
     .priority = 1,
     .doc = "Name, unique in its namespace.",
     .path = "metadata.name"},
    {.name = NULL},
};
