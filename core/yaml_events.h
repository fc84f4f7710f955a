/* libyaml behind a narrow door: text in, events with positions out. Only the
 * YAML modules include this. */
#ifndef CORE_YAML_EVENTS_H
#define CORE_YAML_EVENTS_H

#include "core/yaml.h"

enum yaml_step {
    YAML_STEP_STREAM_END,
    YAML_STEP_DOCUMENT_START,
    YAML_STEP_DOCUMENT_END,
    YAML_STEP_ALIAS,
    YAML_STEP_SCALAR,
    YAML_STEP_SEQUENCE_START,
    YAML_STEP_SEQUENCE_END,
    YAML_STEP_MAPPING_START,
    YAML_STEP_MAPPING_END,
};

enum yaml_style {
    YAML_STYLE_PLAIN,
    YAML_STYLE_SINGLE_QUOTED,
    YAML_STYLE_DOUBLE_QUOTED,
    YAML_STYLE_LITERAL,
    YAML_STYLE_FOLDED,
    YAML_STYLE_BLOCK, /* Of collections, and FLOW. */
    YAML_STYLE_FLOW,
};

struct yaml_event { /* Texts are borrowed until the next event. */
    enum yaml_step step;
    enum yaml_style style;
    struct slice text;   /* Of a scalar. */
    const char *anchor;  /* Given to this node, or named by an alias; else NULL. */
    const char *tag;     /* Long form; NULL when there is none. */
    bool implicit;       /* A scalar without a tag that is not quoted, or has the tag "!". */
    struct yaml_position start;
    struct yaml_position end; /* Just behind. */
};

struct yaml_events;

/* Borrows text, which is UTF-8. Line numbers start at line. */
struct yaml_events *yaml_events_create(struct slice text, uint32_t line);
void yaml_events_destroy(struct yaml_events *events);
/* On failure *event->start is where, and the status is "yaml: line 3: ... (column 7)". */
MUST_USE int yaml_events_next(struct yaml_events *events, struct yaml_event *event,
                              struct status *status);

/* Fails in the same words at a place of the caller's choice. Returns -1. */
int yaml_fail(struct status *status, struct yaml_position at, const char *format, ...)
    PRINTF_LIKE(3, 4);

static inline bool yaml_position_before(struct yaml_position a, struct yaml_position b)
{
    return a.line < b.line || (a.line == b.line && a.column < b.column);
}

/* yaml_parse() of a text that begins on some line of a file. */
MUST_USE int yaml_read_document(struct arena *arena, struct slice text, uint32_t line,
                                const struct yaml_options *options, struct yaml_document *document,
                                struct status *status);

/* A comment, and the tokens that it stands between. */
struct yaml_found_comment {
    struct yaml_comment comment; /* Its next is for lists of the owner. */
    bool own_line;       /* Nothing but blanks before it on its line. */
    bool before_entry;   /* The next token is a "-". */
    bool after_opening;  /* The token before it is "[" or "{". */
    bool after_comma;
    bool in_scalar;      /* In the first line of a "|" or ">" scalar. */
    struct yaml_position token_end; /* Of the token before it. */
};

struct yaml_found_comments {
    struct yaml_found_comment *all; /* In order, in the arena. */
    size_t count;
};

/* All comments of text, by a scan of its own. An error of the scanner ends it and
 * is left to yaml_events_next(), which will report it. */
MUST_USE int yaml_find_comments(struct arena *arena, struct slice text, uint32_t line,
                                struct yaml_found_comments *found, struct status *status);

#endif
