/* Events, in both groups that serve them: io.k8s.api.core.v1 and
 * io.k8s.api.events.v1. Stored is the core shape. */
#include "core/kinds/schema_table.h"

#define EVENTS_V1 "io.k8s.api.events.v1"

/* --- core v1 --- */

FIELDS(event_source) = {
    FIELD(1, "component", STRING, 0, "Name of the program."),
    FIELD(2, "host", STRING, 0, "Node that it ran on."),
};
TYPE(event_source, "EventSource", CORE_V1, "Who reported an event (the old way).");

FIELDS(event_series) = {
    FIELD(1, "count", INT32, 0, "How often so far."),
    FIELD(2, "lastObservedTime", MICRO_TIME, 0, "When it was last seen."),
};
TYPE(event_series, "EventSeries", CORE_V1, "How often an event that goes on has been seen.");

FIELDS(event) = {
    OBJECT_FIELDS,
    FIELD(2, "involvedObject", OBJECT(object_reference), EXPECTED | ALWAYS | ATOMIC,
          "What it happened to."),
    FIELD(3, "reason", STRING, 0, "Why, as one word for programs."),
    FIELD(4, "message", STRING, 0, "What happened, as a text for people."),
    FIELD(5, "source", OBJECT(event_source), ALWAYS, "Who reported it (the old way)."),
    FIELD(6, "firstTimestamp", TIME, 0, "When it was first seen (the old way)."),
    FIELD(7, "lastTimestamp", TIME, 0, "When it was last seen (the old way)."),
    FIELD(8, "count", INT32, 0, "How often it was seen (the old way)."),
    FIELD(9, "type", STRING, 0, "Normal or Warning."),
    FIELD(10, "eventTime", MICRO_TIME, 0, "When it was first seen."),
    FIELD(11, "series", OBJECT(event_series), 0, "How often it was seen, if more than once."),
    FIELD(12, "action", STRING, 0, "What was done or failed, as one word for programs."),
    FIELD(13, "related", OBJECT(object_reference), ATOMIC,
          "Another object that has to do with it."),
    FIELD(14, "reportingComponent", STRING, ALWAYS,
          "Who reported it, such as kubernetes.io/kubelet."),
    FIELD(15, "reportingInstance", STRING, ALWAYS, "Which instance of that program."),
};
TYPE(event, "Event", CORE_V1, "Something that happened to an object, kept for a while.");

/* --- events.k8s.io/v1 --- */

FIELDS(events_event_series) = {
    FIELD(1, "count", INT32, EXPECTED | ALWAYS, "How often so far."),
    FIELD(2, "lastObservedTime", MICRO_TIME, EXPECTED, "When it was last seen."),
};
TYPE(events_event_series, "EventSeries", EVENTS_V1,
     "How often an event that goes on has been seen.");

FIELDS(events_event) = {
    OBJECT_FIELDS,
    FIELD(2, "eventTime", MICRO_TIME, EXPECTED, "When it was first seen; required."),
    FIELD(3, "series", OBJECT(events_event_series), 0, "How often it was seen, if more than once."),
    FIELD(4, "reportingController", STRING, 0, "Who reported it, such as kubernetes.io/kubelet."),
    FIELD(5, "reportingInstance", STRING, 0, "Which instance of that program."),
    FIELD(6, "action", STRING, 0, "What was done or failed, as one word for programs."),
    FIELD(7, "reason", STRING, 0, "Why, as one word for programs."),
    FIELD(8, "regarding", OBJECT(object_reference), ALWAYS | ATOMIC, "What it happened to."),
    FIELD(9, "related", OBJECT(object_reference), ATOMIC, "Another object that has to do with it."),
    FIELD(10, "note", STRING, 0, "What happened, as a text for people."),
    FIELD(11, "type", STRING, 0, "Normal or Warning."),
    FIELD(12, "deprecatedSource", OBJECT(event_source), ALWAYS, "Who reported it (the old way)."),
    FIELD(13, "deprecatedFirstTimestamp", TIME, 0, "When it was first seen (the old way)."),
    FIELD(14, "deprecatedLastTimestamp", TIME, 0, "When it was last seen (the old way)."),
    FIELD(15, "deprecatedCount", INT32, 0, "How often it was seen (the old way)."),
};
TYPE(events_event, "Event", EVENTS_V1, "Something that happened to an object, kept for a while.");
