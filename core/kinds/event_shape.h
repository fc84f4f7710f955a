/* An event has two shapes, of core and of events.k8s.io, that differ in names.
 * What both share, rules and columns, goes by this table of names. */
#ifndef CORE_KINDS_EVENT_SHAPE_H
#define CORE_KINDS_EVENT_SHAPE_H

#include "core/kinds/kind.h"

struct event_shape {
    const char *regarding;   /* "involvedObject" */
    const char *note;        /* "message" */
    const char *controller;  /* "reportingComponent" */
    const char *source;
    const char *first_time;
    const char *last_time;
    const char *count;
};
extern const struct event_shape event_shape_core;
extern const struct event_shape event_shape_events;

/* The rules for both. Upstream: legacyValidateEvent. */
void event_validate(const struct event_shape *shape, const struct json *event,
                    struct field_errors *errors);
/* The columns of both, for their cells look at whichever names are there. */
extern const struct kind_column event_columns[];
/* Renames the members of event from one shape to the other. */
void event_convert(struct arena *arena, struct json *event, const struct event_shape *from,
                   const struct event_shape *to);
/* Events are many, and nothing is decided by them. */
bool event_is_relaxed(struct slice namespace);

#endif
