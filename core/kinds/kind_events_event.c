/* Event of events.k8s.io: the newer shape of the same objects, with stricter rules.
 * Upstream: ValidateEventCreate, ValidateEventUpdate. */
#include "core/kinds/event_shape.h"
#include "core/kinds/field_path.h"
#include "core/kinds/meta.h"
#include "core/kinds/types.h"

extern const struct kind kind_event;

/* --- Rules --- */

static void check_series(const struct json *event, struct field_errors *errors)
{
    const struct json *series = json_get(event, "series");
    int64_t count = 0;
    if (!series)
        return;
    json_to_int64(json_get(series, "count"), &count);
    if (count < 2)
        path_invalid_text(errors, AT(NULL, "series.count"), SLICE(""), "should be at least 2");
    if (!json_get(series, "lastObservedTime"))
        path_required(errors, AT(NULL, "series.lastObservedTime"), NULL);
}
static void check_new(const struct json *event, struct field_errors *errors)
{
    static const struct {
        const char *name, *told;
    } old_fields[] = {
        {"deprecatedFirstTimestamp", "firstTimestamp"},
        {"deprecatedLastTimestamp", "lastTimestamp"},
        {"deprecatedCount", "count"},
    };
    struct slice type = json_string(json_get(event, "type"));
    const struct json *source = json_get(event, "deprecatedSource");
    check_series(event, errors);
    if (!json_get(event, "eventTime"))
        path_required(errors, AT(NULL, "eventTime"), NULL);
    if (!slice_is(type, "Normal") && !slice_is(type, "Warning"))
        path_invalid_text(errors, AT(NULL, "type"), SLICE(""), "has invalid value: " SLICE_FORMAT,
                          SLICE_ARGS(type));
    for (size_t i = 0; i < ARRAY_SIZE(old_fields); i++)
        if (json_get(event, old_fields[i].name))
            path_invalid_text(errors, AT(NULL, old_fields[i].told), SLICE(""), "needs to be unset");
    if (json_get(source, "component") || json_get(source, "host"))
        path_invalid_text(errors, AT(NULL, "source"), SLICE(""), "needs to be unset");
}
static void validate(const struct kind_context *context, const struct json *event,
                     struct field_errors *errors)
{
    (void)context;
    event_validate(&event_shape_events, event, errors);
    if (meta_resource_version(event).size == 0) /* It is new. */
        check_new(event, errors);
}

static bool same(const struct json *a, const struct json *b)
{
    return a && b ? json_equal(a, b) : !a && !b;
}
static void validate_update(const struct kind_context *context, const struct json *event,
                            const struct json *old, struct field_errors *errors)
{
    static const struct {
        const char *name, *told;
    } fixed[] = {
        {"regarding", "involvedObject"},
        {"reason", "reason"},
        {"note", "message"},
        {"deprecatedSource", "source"},
        {"deprecatedFirstTimestamp", "firstTimestamp"},
        {"deprecatedLastTimestamp", "lastTimestamp"},
        {"deprecatedCount", "count"},
        {"type", "type"},
        {"eventTime", "eventTime"},
        {"action", "action"},
        {"related", "related"},
        {"reportingController", "reportingController"},
        {"reportingInstance", "reportingInstance"},
    };
    (void)context;
    if (!same(json_get(event, "series"), json_get(old, "series")))
        check_series(event, errors);
    for (size_t i = 0; i < ARRAY_SIZE(fixed); i++)
        meta_validate_immutable(json_get(event, fixed[i].name), json_get(old, fixed[i].name),
                                fixed[i].told, errors);
}

/* --- Conversion --- */

static int to_stored(const struct kind_context *context, struct json *event, const struct json *old,
                     struct status *status)
{
    (void)old, (void)status;
    event_convert(context->arena, event, &event_shape_events, &event_shape_core);
    json_set_text(context->arena, event, "apiVersion", "v1");
    return 0;
}
static int from_stored(const struct kind_context *context, struct json *event,
                       struct status *status)
{
    (void)status;
    event_convert(context->arena, event, &event_shape_core, &event_shape_events);
    json_set_text(context->arena, event, "apiVersion", "events.k8s.io/v1");
    return 0;
}

static const struct kind_field fields[] = {
    {.path = "regarding.kind"},
    {.path = "regarding.namespace"},
    {.path = "regarding.name"},
    {.path = "regarding.uid"},
    {.path = "regarding.apiVersion"},
    {.path = "regarding.resourceVersion"},
    {.path = "regarding.fieldPath"},
    {.path = "reason"},
    {.path = "reportingController"},
    {.path = "type"},
    {.path = NULL},
};

const struct kind kind_events_event = {
    .group = "events.k8s.io",
    .version = "v1",
    .kind = "Event",
    .resource = "events",
    .singular = "event",
    .short_names = NAMES("ev"),
    .namespaced = true,
    .schema = &type_events_event,
    .columns = event_columns,
    .fields = fields,
    .field_error = "field label not supported: %s",
    .stored_as = &kind_event,
    .to_stored = to_stored,
    .from_stored = from_stored,
    .validate = validate,
    .validate_update = validate_update,
    .is_relaxed = event_is_relaxed,
};
