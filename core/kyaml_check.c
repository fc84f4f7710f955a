/* Walks the events of each document and looks at what stands around them. */
#include "core/kyaml_check.h"

#include <stdlib.h>

#include "core/utf8.h"
#include "core/yaml_events.h"
#include "core/yaml_scalar.h"

struct level { /* A collection that is open. */
    bool mapping;
    bool flow;
    bool has_key; /* A mapping that waits for a value. */
    struct slice key; /* The plain key, in the arena; no data when it is quoted. */
    struct yaml_position key_at;
};

struct checker {
    struct arena *arena;
    struct kyaml_finding **findings; /* An array: sorted at the end. */
    size_t count;
    size_t capacity;
    struct slice text; /* Of the document, with the lines around it. */
    const char *line_start; /* A place in text, and its line; events come in order. */
    uint32_t line;
    struct level *levels;
    size_t depth;
    size_t level_capacity;
};

/* Findings. */

static void add(struct checker *c, enum kyaml_trap trap, struct yaml_position at,
                const char *message)
{
    if (c->count == KYAML_FINDINGS_MAX)
        return;
    if (c->count == c->capacity) {
        c->capacity = c->capacity ? c->capacity * 2 : 16;
        c->findings = mem_resize(c->findings, c->capacity * sizeof(struct kyaml_finding *));
    }
    struct kyaml_finding *finding = ARENA_NEW(c->arena, struct kyaml_finding);
    *finding = (struct kyaml_finding){.trap = trap, .at = at, .message = message};
    c->findings[c->count++] = finding;
}

static int compare_places(const void *a, const void *b)
{
    const struct kyaml_finding *x = *(struct kyaml_finding *const *)a;
    const struct kyaml_finding *y = *(struct kyaml_finding *const *)b;
    if (yaml_position_before(x->at, y->at))
        return -1;
    if (yaml_position_before(y->at, x->at))
        return 1;
    return (int)x->trap - (int)y->trap;
}

static struct kyaml_finding *link_sorted(struct checker *c)
{
    if (c->count > 0)
        qsort(c->findings, c->count, sizeof(struct kyaml_finding *), compare_places);
    struct kyaml_finding *first = NULL;
    for (size_t i = c->count; i > 0; i--) {
        c->findings[i - 1]->next = first;
        first = c->findings[i - 1];
    }
    return first;
}

/* The text around a place. */

/* The line of a place at or behind the last one asked for, with its break. Lines
 * that end otherwise than by \n or \r are none here: they are none to people. */
static struct slice line_of(struct checker *c, struct yaml_position at)
{
    const char *end = c->text.data + c->text.size;
    while (c->line < at.line && c->line_start < end) {
        const char *next = memchr(c->line_start, '\n', (size_t)(end - c->line_start));
        c->line_start = next ? next + 1 : end;
        c->line++;
    }
    return (struct slice){c->line_start, (size_t)(end - c->line_start)};
}

/* The byte of a place in its line. */
static size_t offset_of(struct slice line, struct yaml_position at)
{
    size_t offset = 0;
    size_t taken;
    for (uint32_t column = 1; column < at.column && offset < line.size; column++) {
        (void)utf8_decode(line.data + offset, line.size - offset, &taken);
        offset += taken;
    }
    return offset;
}

struct place {
    struct slice line;
    size_t offset;
    bool is_first; /* Nothing but blanks before it on its line. */
    bool has_tab;  /* One of the blanks right before it is a tab. */
};

static struct place place_of(struct checker *c, struct yaml_position at)
{
    struct place place = {.line = line_of(c, at)};
    place.offset = offset_of(place.line, at);
    size_t i = place.offset;
    for (; i > 0 && (place.line.data[i - 1] == ' ' || place.line.data[i - 1] == '\t'); i--)
        place.has_tab |= place.line.data[i - 1] == '\t';
    place.is_first = i == 0;
    return place;
}

/* Levels. */

static struct level *top(struct checker *c)
{
    return c->depth > 0 ? &c->levels[c->depth - 1] : NULL;
}

static void push(struct checker *c, const struct yaml_event *event)
{
    if (c->depth == c->level_capacity) {
        c->level_capacity = c->level_capacity ? c->level_capacity * 2 : 16;
        c->levels = mem_resize(c->levels, c->level_capacity * sizeof(*c->levels));
    }
    c->levels[c->depth++] = (struct level){
        .mapping = event->step == YAML_STEP_MAPPING_START,
        .flow = event->style == YAML_STYLE_FLOW,
    };
}

static bool is_key(const struct level *level)
{
    return level && level->mapping && !level->has_key;
}

/* A value is complete. */
static void end_value(struct checker *c)
{
    struct level *level = top(c);
    if (level)
        level->has_key = false;
}

/* Scalars. */

static void check_empty(struct checker *c, const struct yaml_event *event)
{
    const struct level *level = top(c);
    if (level == NULL || is_key(level))
        return;
    if (!level->mapping) {
        add(c, KYAML_TRAP_EMPTY, event->start, "the item is empty, which is read as null");
        return;
    }
    bool colon = level->flow && level->key.data && slice_find(level->key, ':') >= 0;
    if (colon)
        add(c, KYAML_TRAP_COLON, level->key_at,
            arena_format(c->arena, "all of " SLICE_FORMAT " is read as a key, with the value null",
                         SLICE_ARGS(level->key)));
    else
        add(c, KYAML_TRAP_EMPTY, level->key_at,
            arena_format(c->arena, "the value of %s is empty, which is read as null",
                         level->key.data ? level->key.data : "the key"));
}

/* "- " at the begin of one of the lines behind the first. */
static bool holds_item(struct slice text, uint32_t lines)
{
    struct slice line;
    (void)slice_split(&text, '\n', &line);
    for (; lines > 0 && slice_split(&text, '\n', &line); lines--)
        if (slice_starts_with(slice_trim(line), SLICE("- ")))
            return true;
    return false;
}

static void check_folded(struct checker *c, const struct yaml_event *event,
                         const struct place *place)
{
    const char *start = arena_copy_slice(c->arena, slice_sub(event->text, 0, 40));
    struct slice rest = slice_sub(place->line, place->offset, place->line.size);
    if (holds_item(rest, event->end.line - event->start.line))
        add(c, KYAML_TRAP_LIST, event->start,
            arena_format(c->arena, "the dash below is read as part of the text \"%s...\"", start));
    else
        add(c, KYAML_TRAP_FOLDED, event->start,
            arena_format(c->arena, "the lines are read as one text, \"%s...\"", start));
}

/* "name:web" and "-web" on a line of their own, where a key or an item was meant. */
static void check_missing_space(struct checker *c, const struct yaml_event *event)
{
    struct slice text = event->text;
    if (yaml_scalar_plain(text).type != YAML_TYPE_STRING)
        return;
    const char *copy = arena_copy_slice(c->arena, slice_sub(text, 0, 60));
    ptrdiff_t colon = slice_find(text, ':');
    bool has_value = colon > 0 && (size_t)colon + 1 < text.size && text.data[colon + 1] != '/';
    if (text.data[0] == '-' && text.size > 1 && text.data[1] != '-')
        add(c, KYAML_TRAP_DASH, event->start,
            arena_format(c->arena, "%s is read as text, not as an item", copy));
    else if (has_value)
        add(c, KYAML_TRAP_COLON, event->start,
            arena_format(c->arena, "%s is read as text, not as a key and a value", copy));
}

static void check_plain(struct checker *c, const struct yaml_event *event, bool key)
{
    if (event->text.size == 0) {
        check_empty(c, event);
        return;
    }
    struct place place = place_of(c, event->start);
    bool block = top(c) == NULL || !top(c)->flow;
    enum kyaml_trap trap;
    const char *message;
    if (key && slice_is(event->text, "<<"))
        add(c, KYAML_TRAP_MERGE, event->start, "<< merges another mapping into this one");
    else if (kyaml_trap_of_plain(c->arena, event->text, key, &trap, &message))
        add(c, trap, event->start, message);
    else if (event->start.line != event->end.line)
        check_folded(c, event, &place);
    else if (block && place.is_first && !key)
        check_missing_space(c, event);
}

static bool has_escape(struct slice text)
{
    for (size_t i = 0; i + 1 < text.size; i++)
        if (text.data[i] == '\\' && strchr("nrt\"\\0ux", text.data[i + 1]))
            return true;
    return false;
}

static void check_scalar(struct checker *c, const struct yaml_event *event, bool key)
{
    if (event->style == YAML_STYLE_PLAIN && event->tag == NULL)
        check_plain(c, event, key);
    if (event->style == YAML_STYLE_SINGLE_QUOTED && has_escape(event->text))
        add(c, KYAML_TRAP_BACKSLASH, event->start,
            "the backslashes between single quotes are read as they are");
    bool block_text = event->style == YAML_STYLE_LITERAL || event->style == YAML_STYLE_FOLDED;
    int32_t invisible = block_text ? kyaml_invisible_in(event->text) : 0;
    if (invisible)
        add(c, KYAML_TRAP_INVISIBLE, event->start,
            arena_format(c->arena, "the text holds the invisible character U+%04X",
                         (unsigned)invisible));
    struct level *level = top(c);
    if (key) {
        bool plain = event->style == YAML_STYLE_PLAIN;
        level->has_key = true;
        level->key_at = event->start;
        level->key = plain
                         ? (struct slice){arena_copy_slice(c->arena, event->text), event->text.size}
                         : (struct slice){NULL, 0};
    } else {
        end_value(c);
    }
}

/* Events. */

static void check_properties(struct checker *c, const struct yaml_event *event)
{
    if (event->tag) {
        size_t prefix = strlen("tag:yaml.org,2002:");
        bool standard = strncmp(event->tag, "tag:yaml.org,2002:", prefix) == 0;
        add(c, KYAML_TRAP_TAG, event->start,
            standard ? arena_format(c->arena, "the tag !!%s decides the type", event->tag + prefix)
                     : arena_format(c->arena, "the tag %s is dropped", event->tag));
    }
    if (event->anchor)
        add(c, KYAML_TRAP_ANCHOR, event->start,
            event->step == YAML_STEP_ALIAS
                ? arena_format(c->arena, "*%s is read as a copy of what &%s names", event->anchor,
                               event->anchor)
                : arena_format(c->arena, "&%s names the value for copies", event->anchor));
}

/* A tab in what is indentation, or between "key:" or "-" and the value. */
static void check_blanks(struct checker *c, const struct yaml_event *event)
{
    const struct level *level = top(c);
    bool begins_block = event->style == YAML_STYLE_BLOCK; /* Its first entry is looked at. */
    bool is_empty = event->step == YAML_STEP_SCALAR && event->style == YAML_STYLE_PLAIN &&
                    event->text.size == 0;
    if ((level && level->flow) || begins_block || is_empty)
        return;
    if (place_of(c, event->start).has_tab)
        add(c, KYAML_TRAP_TAB, event->start, "a tab stands before it");
}

static void check_pair(struct checker *c, const struct yaml_event *event)
{
    const struct level *level = top(c);
    if (event->step != YAML_STEP_MAPPING_START || level == NULL || !level->flow || level->mapping)
        return;
    struct place place = place_of(c, event->start);
    if (event->tag == NULL && event->anchor == NULL && place.offset < place.line.size &&
        place.line.data[place.offset] != '{')
        add(c, KYAML_TRAP_PAIR, event->start, "the pair is read as a mapping inside the list");
}

static void check_event(struct checker *c, const struct yaml_event *event)
{
    struct level *level = top(c);
    bool key = is_key(level);
    if (event->step == YAML_STEP_MAPPING_END || event->step == YAML_STEP_SEQUENCE_END) {
        c->depth--;
        end_value(c);
        return;
    }
    if (event->step != YAML_STEP_SCALAR && event->step != YAML_STEP_ALIAS &&
        event->step != YAML_STEP_MAPPING_START && event->step != YAML_STEP_SEQUENCE_START)
        return;
    check_properties(c, event);
    check_blanks(c, event);
    if (event->step == YAML_STEP_SCALAR) {
        check_scalar(c, event, key);
    } else if (event->step == YAML_STEP_ALIAS) {
        if (key)
            level->has_key = true;
        else
            end_value(c);
    } else {
        check_pair(c, event);
        push(c, event);
    }
}

/* Documents. */

/* Looks at the events of one part of a file, up to an error or to until. */
static void check_events(struct checker *c, struct slice text, uint32_t line,
                         struct yaml_position until)
{
    c->text = text;
    c->line_start = text.data;
    c->line = line;
    c->depth = 0;
    struct yaml_events *events = yaml_events_create(text, line);
    struct yaml_event event;
    struct status status;
    status_init(&status);
    while (yaml_events_next(events, &event, &status) == 0 && event.step != YAML_STEP_STREAM_END &&
           (until.line == 0 || yaml_position_before(event.start, until)))
        check_event(c, &event);
    status_release(&status);
    yaml_events_destroy(events);
}

static void check_duplicates(struct checker *c, const struct yaml_document *document)
{
    for (const struct yaml_duplicate *d = document->duplicates; d; d = d->next)
        if (!d->merged)
            add(c, KYAML_TRAP_DUPLICATE, d->at,
                arena_format(c->arena, "%s is given again, and the last one is read", d->path));
}

/* JSON has no places for its duplicates, but it is YAML too. */
static void check_json(struct checker *c, struct slice text, uint32_t line,
                       const struct yaml_document *document)
{
    struct yaml_document again;
    struct status status;
    status_init(&status);
    bool read = document->duplicates &&
                yaml_read_document(c->arena, text, line, NULL, &again, &status) == 0;
    check_duplicates(c, read ? &again : document);
    status_release(&status);
}

static void check_document(struct checker *c, struct slice text, uint32_t line,
                           const struct yaml_document *document)
{
    if (document->is_json) {
        check_json(c, text, line, document);
        return;
    }
    check_events(c, text, line, document->ignored_at);
    check_duplicates(c, document);
    if (document->ignored_at.line)
        add(c, KYAML_TRAP_IGNORED, document->ignored_at,
            "the document ended above, and this is dropped");
}

/* An error says what libyaml missed; two causes are so common that they are named. */
static void check_error(struct checker *c, const struct yaml_document *document,
                        const struct status *status)
{
    struct place place = place_of(c, document->at);
    struct slice rest = slice_sub(place.line, place.offset, place.line.size);
    struct slice around = slice_sub(place.line, place.offset - (place.offset > 0), place.line.size);
    const char *message = arena_copy_text(c->arena, status->message);
    if (slice_starts_with(rest, SLICE("\t"))) {
        add(c, KYAML_TRAP_TAB, document->at, message);
        return;
    }
    if (slice_starts_with(rest, SLICE("{{")) || slice_starts_with(around, SLICE("{{")))
        message = arena_format(c->arena, "%s; is this a template that was not filled in?", message);
    add(c, KYAML_TRAP_ERROR, document->at, message);
}

struct kyaml_finding *kyaml_check(struct arena *arena, struct slice text)
{
    struct checker c = {.arena = arena};
    struct yaml_stream stream;
    struct yaml_document document;
    struct status status;
    status_init(&status);
    yaml_stream_init(&stream, text);
    for (;;) {
        struct slice before = stream.rest;
        uint32_t line = stream.line;
        int result = yaml_stream_next(&stream, arena, NULL, &document, &status);
        if (result == 1) {
            size_t size = before.size - stream.rest.size;
            check_document(&c, slice_sub(before, 0, size), line, &document);
            continue;
        }
        if (result < 0) {
            struct yaml_position behind = {document.at.line, document.at.column + 1};
            check_events(&c, before, line, behind);
            check_error(&c, &document, &status);
        }
        break;
    }
    status_release(&status);
    struct kyaml_finding *findings = link_sorted(&c);
    mem_free(c.findings);
    mem_free(c.levels);
    return findings;
}
