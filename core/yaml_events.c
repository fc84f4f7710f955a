/* libyaml's parser, with its errors turned into kubectl's words and with the
 * differences from go-yaml v2 turned into errors. */
#include "core/yaml_private.h"

#define DIRECTIVES_MAX 100 /* libyaml compares each with all before it. */

struct yaml_events {
    yaml_parser_t parser;
    yaml_event_t event;
    struct slice text;
    uint32_t line; /* Of the text's start. */
    size_t flow;   /* Brackets that are open. */
    uint64_t work; /* Their sum over all events. */
    struct yaml_cursor cursor;
};

void yaml_start_parser(struct yaml_parser_s *parser, struct slice text)
{
    if (!yaml_parser_initialize(parser))
        UNREACHABLE("out of memory");
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(parser, (const unsigned char *)(text.size ? text.data : ""),
                                 text.size);
}

struct yaml_events *yaml_events_create(struct slice text, uint32_t line)
{
    struct yaml_events *events = mem_alloc(sizeof(*events));
    events->text = yaml_skip_mark(text);
    events->line = line;
    events->cursor = (struct yaml_cursor){events->text.data, events->text.data, {line, 1}};
    if (events->text.size > 0)
        events->cursor.end += events->text.size;
    yaml_start_parser(&events->parser, events->text);
    return events;
}

void yaml_events_destroy(struct yaml_events *events)
{
    if (events == NULL)
        return;
    yaml_event_delete(&events->event);
    yaml_parser_delete(&events->parser);
    mem_free(events);
}

/* Errors. */

int yaml_fail(struct status *status, struct yaml_position at, const char *format, ...)
{
    struct buffer text;
    buffer_init(&text);
    va_list arguments;
    va_start(arguments, format);
    buffer_format_list(&text, format, arguments);
    va_end(arguments);
    status_fail(status, STATUS_BAD_REQUEST, "yaml: line %u: %s (column %u)", at.line, text.data,
                at.column);
    buffer_release(&text);
    return -1;
}

/* Of a byte that libyaml's reader does not like; all before it is good UTF-8. */
static struct yaml_position position_of_offset(struct slice text, size_t offset, uint32_t line)
{
    struct yaml_position at = {line, 1};
    for (size_t i = 0; i < offset && i < text.size; i++) {
        if (text.data[i] == '\n')
            at = (struct yaml_position){at.line + 1, 1};
        else if ((text.data[i] & 0xc0) != 0x80)
            at.column++;
    }
    return at;
}

static int fail_as_parser(struct yaml_events *events, struct yaml_position *at,
                          struct status *status)
{
    const yaml_parser_t *parser = &events->parser;
    if (parser->error == YAML_MEMORY_ERROR)
        UNREACHABLE("out of memory");
    const char *problem =
        parser->problem ? parser->problem : "unknown problem parsing YAML content";
    if (parser->error == YAML_READER_ERROR) {
        *at = position_of_offset(events->text, parser->problem_offset, events->line);
        return yaml_fail(status, *at, "%s", problem);
    }
    *at = yaml_position_of(parser->problem_mark, events->line);
    const char *context = parser->context;
    static const char while_parsing[] = "while parsing ";
    if (context == NULL || strncmp(context, while_parsing, sizeof(while_parsing) - 1) != 0 ||
        parser->context_mark.line == parser->problem_mark.line)
        return yaml_fail(status, *at, "%s", problem);
    return status_fail(status, STATUS_BAD_REQUEST,
                       "yaml: line %u: %s (column %u, in %s from line %u)", at->line, problem,
                       at->column, context + sizeof(while_parsing) - 1,
                       events->line + (uint32_t)parser->context_mark.line);
}

/* The text's own bytes. */

size_t yaml_break_size(const char *s, const char *end)
{
    size_t left = (size_t)(end - s);
    if (left >= 2 && s[0] == '\r' && s[1] == '\n')
        return 2;
    if (s[0] == '\r' || s[0] == '\n')
        return 1;
    if (left >= 2 && memcmp(s, "\xc2\x85", 2) == 0)
        return 2;
    if (left >= 3 && (memcmp(s, "\xe2\x80\xa8", 3) == 0 || memcmp(s, "\xe2\x80\xa9", 3) == 0))
        return 3;
    return 0;
}

bool yaml_step_over(struct yaml_cursor *cursor)
{
    size_t size = yaml_break_size(cursor->next, cursor->end);
    if (size > 0) {
        cursor->next += size;
        cursor->at = (struct yaml_position){cursor->at.line + 1, 1};
        return true;
    }
    do
        cursor->next++;
    while (cursor->next < cursor->end && (*cursor->next & 0xc0) == 0x80);
    cursor->at.column++;
    return false;
}

/* The bytes of an event that is not before those asked for last. */
static struct slice source_of(struct yaml_events *events, const struct yaml_event *event)
{
    struct yaml_cursor *cursor = &events->cursor;
    while (cursor->next < cursor->end && yaml_position_before(cursor->at, event->start))
        yaml_step_over(cursor);
    const char *start = cursor->next;
    while (cursor->next < cursor->end && yaml_position_before(cursor->at, event->end))
        yaml_step_over(cursor);
    return (struct slice){start, (size_t)(cursor->next - start)};
}

static bool has_slash_escape(struct slice source)
{
    for (size_t i = 0; i + 1 < source.size; i++) {
        if (source.data[i] != '\\')
            continue;
        if (source.data[i + 1] == '/')
            return true;
        i++;
    }
    return false;
}

/* Differences from go-yaml. */

/* Lines before the first document that begin with "%". */
static size_t count_directives(struct slice text)
{
    size_t count = 0;
    struct slice line;
    while (slice_split(&text, '\n', &line)) {
        char first = line.size > 0 ? line.data[0] : '#';
        count += first == '%';
        if (first != '%' && first != '#')
            break;
    }
    return count;
}

static int check_start(struct yaml_events *events, struct yaml_position *at, struct status *status)
{
    struct slice text = events->text;
    *at = (struct yaml_position){events->line, 1};
    if (count_directives(text) > DIRECTIVES_MAX)
        return yaml_fail(status, *at, "more than %d directives", DIRECTIVES_MAX);
    /* libyaml skips this mark on any line, go-yaml sees text. */
    const char *mark = text.size > 0 ? memmem(text.data, text.size, "\n\xef\xbb\xbf", 4) : NULL;
    if (mark == NULL)
        return 0;
    *at = position_of_offset(text, (size_t)(mark + 1 - text.data), events->line);
    return yaml_fail(status, *at, "found a byte order mark inside the text");
}

/* What libyaml 0.2.5 reads and go-yaml v2 does not, or reads otherwise: YAML 1.2;
 * the escape "\/"; between brackets "?" in a plain scalar, where go-yaml sees a key
 * begin, and a tag with a comma right behind it, which it takes for a part of the
 * tag. */
static int check_differences(struct yaml_events *events, struct yaml_event *event,
                             struct status *status)
{
    if (event->step == YAML_STEP_DOCUMENT_START) {
        const yaml_version_directive_t *version =
            events->event.data.document_start.version_directive;
        if (version && version->minor != 1)
            return yaml_fail(status, event->start, "found incompatible YAML document");
    }
    if (event->step == YAML_STEP_SCALAR && event->style == YAML_STYLE_DOUBLE_QUOTED &&
        slice_find(event->text, '/') >= 0 && has_slash_escape(source_of(events, event)))
        return yaml_fail(status, event->start, "found unknown escape character");
    bool plain = event->step == YAML_STEP_SCALAR && event->style == YAML_STYLE_PLAIN;
    if (!plain || events->flow == 0)
        return 0;
    if (slice_find(event->text, '?') >= 0)
        return yaml_fail(status, event->start, "found '?' in a plain scalar between brackets");
    if (event->tag && event->text.size == 0)
        return yaml_fail(status, event->start, "found a tag without a value between brackets");
    return 0;
}

/* Events. */

static enum yaml_style scalar_style(yaml_scalar_style_t style)
{
    switch (style) {
    case YAML_SINGLE_QUOTED_SCALAR_STYLE: return YAML_STYLE_SINGLE_QUOTED;
    case YAML_DOUBLE_QUOTED_SCALAR_STYLE: return YAML_STYLE_DOUBLE_QUOTED;
    case YAML_LITERAL_SCALAR_STYLE: return YAML_STYLE_LITERAL;
    case YAML_FOLDED_SCALAR_STYLE: return YAML_STYLE_FOLDED;
    default: return YAML_STYLE_PLAIN;
    }
}

static void set_scalar(struct yaml_event *event, const yaml_event_t *raw)
{
    event->step = YAML_STEP_SCALAR;
    event->style = scalar_style(raw->data.scalar.style);
    event->text = (struct slice){(const char *)raw->data.scalar.value, raw->data.scalar.length};
    event->anchor = (const char *)raw->data.scalar.anchor;
    event->tag = (const char *)raw->data.scalar.tag;
    event->implicit = raw->data.scalar.plain_implicit;
}

static void set_sequence(struct yaml_events *events, struct yaml_event *event,
                         const yaml_event_t *raw)
{
    bool flow = raw->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
    event->step = YAML_STEP_SEQUENCE_START;
    event->style = flow ? YAML_STYLE_FLOW : YAML_STYLE_BLOCK;
    event->anchor = (const char *)raw->data.sequence_start.anchor;
    event->tag = (const char *)raw->data.sequence_start.tag;
    events->flow += flow || events->flow > 0;
}

static void set_mapping(struct yaml_events *events, struct yaml_event *event,
                        const yaml_event_t *raw)
{
    bool flow = raw->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE;
    event->step = YAML_STEP_MAPPING_START;
    event->style = flow ? YAML_STYLE_FLOW : YAML_STYLE_BLOCK;
    event->anchor = (const char *)raw->data.mapping_start.anchor;
    event->tag = (const char *)raw->data.mapping_start.tag;
    events->flow += flow || events->flow > 0;
}

static void set_event(struct yaml_events *events, struct yaml_event *event)
{
    const yaml_event_t *raw = &events->event;
    switch (raw->type) {
    case YAML_DOCUMENT_START_EVENT: event->step = YAML_STEP_DOCUMENT_START; break;
    case YAML_DOCUMENT_END_EVENT: event->step = YAML_STEP_DOCUMENT_END; break;
    case YAML_ALIAS_EVENT:
        event->step = YAML_STEP_ALIAS;
        event->anchor = (const char *)raw->data.alias.anchor;
        break;
    case YAML_SCALAR_EVENT: set_scalar(event, raw); break;
    case YAML_SEQUENCE_START_EVENT: set_sequence(events, event, raw); break;
    case YAML_MAPPING_START_EVENT: set_mapping(events, event, raw); break;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        event->step =
            raw->type == YAML_SEQUENCE_END_EVENT ? YAML_STEP_SEQUENCE_END : YAML_STEP_MAPPING_END;
        events->flow -= events->flow > 0;
        break;
    default: event->step = YAML_STEP_STREAM_END; break;
    }
}

int yaml_events_next(struct yaml_events *events, struct yaml_event *event, struct status *status)
{
    *event = (struct yaml_event){0};
    do {
        yaml_event_delete(&events->event);
        if (!yaml_parser_parse(&events->parser, &events->event))
            return fail_as_parser(events, &event->start, status);
        if (events->event.type == YAML_STREAM_START_EVENT &&
            check_start(events, &event->start, status))
            return -1;
    } while (events->event.type == YAML_STREAM_START_EVENT);
    event->start = yaml_position_of(events->event.start_mark, events->line);
    event->end = yaml_position_of(events->event.end_mark, events->line);
    set_event(events, event);
    events->work += events->flow;
    if (events->work > YAML_BRACKET_WORK_MAX)
        return yaml_fail_work(status, event->start);
    return check_differences(events, event, status);
}
