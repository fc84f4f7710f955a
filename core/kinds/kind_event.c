/* Event: something that happened to an object, in the shape that is stored.
 * kind_events_event.c serves the same objects in the newer one. */
#include "core/kinds/event_shape.h"
#include "core/kinds/types.h"

static void validate(const struct kind_context *context, const struct json *event,
                     struct field_errors *errors)
{
    (void)context;
    event_validate(&event_shape_core, event, errors);
}

static void append_source(const struct json *event, struct buffer *text)
{
    struct slice component = json_string(json_at(event, "source.component"));
    if (component.size == 0)
        component = json_string(json_get(event, "reportingComponent"));
    buffer_append_slice(text, component);
}

/* In the order of kind_events_event.c, whose fields are found by their place. */
static const struct kind_field fields[] = {
    {.path = "involvedObject.kind"},
    {.path = "involvedObject.namespace"},
    {.path = "involvedObject.name"},
    {.path = "involvedObject.uid"},
    {.path = "involvedObject.apiVersion"},
    {.path = "involvedObject.resourceVersion"},
    {.path = "involvedObject.fieldPath"},
    {.path = "reason"},
    {.path = "reportingComponent"},
    {.path = "type"},
    {.path = "source", .value = append_source},
    {.path = NULL},
};

const struct kind kind_event = {
    .group = "",
    .version = "v1",
    .kind = "Event",
    .resource = "events",
    .singular = "event",
    .short_names = NAMES("ev"),
    .namespaced = true,
    .schema = &type_event,
    .columns = event_columns,
    .fields = fields,
    .field_error = "field label not supported: %s",
    .validate = validate,
    .is_relaxed = event_is_relaxed,
};
