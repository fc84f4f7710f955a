/* From events to a JSON tree.
 *
 * One pass, with frames of our own instead of the C stack: a value is put into
 * its collection when it is complete. An alias is a copy of the value that its
 * anchor names. go-yaml first builds a tree and then decodes it, counting steps;
 * the same steps are counted here, so that the same documents are refused for
 * "excessive aliasing". */
#include "core/yaml.h"

#include "core/yaml_events.h"
#include "core/yaml_notes.h"
#include "core/yaml_value.h"

#define DUPLICATES_LISTED 100 /* As in JSON. */
#define NODE_BYTES 72 /* About what a value costs besides its text. */

struct anchor {
    const char *name;
    const struct json *node; /* NULL while the value is being read. */
    struct yaml_value scalar; /* If it is one: it may become a key. */
    size_t steps;            /* go-yaml's decoding steps for the value. */
    size_t bytes;
    size_t height; /* 0 of a scalar. */
};

struct frame { /* A collection that is being read. */
    struct json *collection;
    struct yaml_event start; /* Without its texts. */
    struct anchor *anchor;
    struct yaml_note *note;
    size_t steps; /* The builder's counters when it began. */
    size_t bytes;
    size_t height;
    bool has_key; /* A mapping that waits for a value. */
    bool merges;  /* That value is for "<<". */
    struct slice key;
    struct yaml_position key_at;
    struct yaml_comment_list key_head;
};

struct builder {
    struct arena *arena;
    size_t depth_max;
    struct yaml_document *document;
    struct yaml_duplicate **last_duplicate;
    size_t duplicate_count;
    struct yaml_events *events;
    struct yaml_event event;
    struct status *status;
    struct frame *frames;
    size_t depth; /* Frames in use. */
    size_t capacity;
    struct map anchors; /* Name to struct anchor. */
    size_t steps;
    size_t alias_steps;
    size_t bytes;
    size_t alias_bytes;
    struct yaml_notes notes;
};

static struct frame *top(struct builder *b)
{
    return b->depth > 0 ? &b->frames[b->depth - 1] : NULL;
}

static bool is_mapping(const struct frame *frame)
{
    return frame && json_is(frame->collection, JSON_OBJECT);
}

static int fail(struct builder *b, const char *problem)
{
    return yaml_fail(b->status, b->event.start, "%s", problem);
}

/* go-yaml's measure against bombs: of up to 400,000 steps 99 % may come from
 * aliases, of 4,000,000 and more 10 %, and between these a share that falls. */
static double allowed_alias_share(size_t steps)
{
    const double low = 400000;
    const double high = 4000000;
    if ((double)steps <= low)
        return 0.99;
    if ((double)steps >= high)
        return 0.10;
    return 0.99 - 0.89 * ((double)steps - low) / (high - low);
}

static int count_steps(struct builder *b, size_t steps, size_t alias_steps)
{
    b->steps += steps;
    b->alias_steps += alias_steps;
    if (b->alias_steps > 100 && b->steps > 1000 &&
        (double)b->alias_steps / (double)b->steps > allowed_alias_share(b->steps))
        return fail(b, "document contains excessive aliasing");
    return 0;
}

static int count_alias_bytes(struct builder *b, size_t bytes)
{
    b->alias_bytes += bytes;
    if (b->alias_bytes > YAML_ALIAS_BYTES_MAX)
        return fail(b, "document contains excessive aliasing");
    return 0;
}

/* Anchors and aliases. */

/* The value that begins now has an anchor: later aliases mean it. */
static struct anchor *begin_anchor(struct builder *b)
{
    if (b->event.anchor == NULL)
        return NULL;
    struct anchor *anchor = ARENA_NEW(b->arena, struct anchor);
    anchor->name = arena_copy_text(b->arena, b->event.anchor);
    (void)map_set(&b->anchors, slice_of(anchor->name), anchor);
    return anchor;
}

/* An anchored scalar is complete. The text of its event does not live on. */
static void end_scalar_anchor(struct builder *b, struct anchor *anchor, const struct json *node,
                              struct yaml_value value, size_t bytes)
{
    value.text.data = arena_copy_slice(b->arena, value.text);
    *anchor = (struct anchor){anchor->name, node, value, 1, bytes, 0};
}

static int find_anchor(struct builder *b, const struct anchor **anchor)
{
    *anchor = map_get(&b->anchors, slice_of(b->event.anchor));
    if (*anchor == NULL)
        return yaml_fail(b->status, b->event.start, "unknown anchor '%s' referenced",
                         b->event.anchor);
    if ((*anchor)->node == NULL)
        return yaml_fail(b->status, b->event.start, "anchor '%s' value contains itself",
                         b->event.anchor);
    return 0;
}

static int copy_alias(struct builder *b, struct json **node, size_t *height)
{
    const struct anchor *anchor;
    if (find_anchor(b, &anchor) || count_steps(b, 1 + anchor->steps, anchor->steps) ||
        count_alias_bytes(b, anchor->bytes))
        return -1;
    if (b->depth + anchor->height > b->depth_max)
        return yaml_fail(b->status, b->event.start, "exceeded max depth of %zu", b->depth_max);
    *node = json_copy(b->arena, anchor->node);
    *height = anchor->height;
    b->bytes += anchor->bytes;
    return 0;
}

/* Duplicates. */

static const char *path_of(struct builder *b, struct slice key)
{
    struct buffer path;
    buffer_init(&path);
    for (size_t i = 0; i + 1 < b->depth; i++) {
        const struct frame *frame = &b->frames[i];
        if (is_mapping(frame))
            buffer_format(&path, "%s" SLICE_FORMAT, path.size ? "." : "", SLICE_ARGS(frame->key));
        else
            buffer_format(&path, "[%zu]", json_count(frame->collection));
    }
    buffer_format(&path, "%s" SLICE_FORMAT, path.size ? "." : "", SLICE_ARGS(key));
    const char *text = arena_copy_slice(b->arena, buffer_slice(&path));
    buffer_release(&path);
    return text;
}

static void add_duplicate(struct builder *b, struct slice key, struct yaml_position at, bool merged)
{
    if (b->duplicate_count++ >= DUPLICATES_LISTED)
        return;
    struct yaml_duplicate *duplicate = ARENA_NEW(b->arena, struct yaml_duplicate);
    duplicate->path = path_of(b, key);
    duplicate->key = key;
    duplicate->at = at;
    duplicate->merged = merged;
    *b->last_duplicate = duplicate;
    b->last_duplicate = &duplicate->next;
}

static void set_member(struct builder *b, struct frame *frame, struct slice key, struct json *node,
                       bool merged)
{
    if (json_get_slice(frame->collection, key))
        add_duplicate(b, key, frame->key_at, merged);
    (void)json_set_slice(b->arena, frame->collection, key, node);
}

/* Merge keys, in go-yaml's order: what is merged overrides what stood before it,
 * and what follows overrides what was merged; of a list the first wins. */

static int fail_merge(struct builder *b)
{
    return fail(b, "map merge requires map or sequence of maps as the value");
}

static int merge_members(struct builder *b, struct frame *frame, struct json *from)
{
    if (!json_is(from, JSON_OBJECT))
        return fail_merge(b);
    if (count_alias_bytes(b, json_count(from) * NODE_BYTES))
        return -1;
    for (struct json *member = json_first(from); member; member = json_first(from)) {
        struct slice key = json_key(member);
        json_detach(from, member);
        set_member(b, frame, key, member, true);
    }
    return 0;
}

static int merge(struct builder *b, struct frame *frame, struct json *value)
{
    if (!json_is(value, JSON_ARRAY))
        return merge_members(b, frame, value);
    while (json_count(value) > 0) {
        struct json *last = json_item(value, json_count(value) - 1);
        json_detach(value, last);
        if (merge_members(b, frame, last))
            return -1;
    }
    return 0;
}

/* Puts a complete value of some height where it belongs. */
static int place(struct builder *b, struct json *node, struct yaml_note *note, size_t height)
{
    struct frame *frame = top(b);
    if (frame == NULL) {
        b->document->root = node;
    } else {
        size_t above = height + 1;
        frame->height = frame->height > above ? frame->height : above;
    }
    if (note && is_mapping(frame))
        note->key_at = frame->key_at;
    if (is_mapping(frame)) {
        frame->has_key = false;
        if (frame->merges) {
            frame->merges = false;
            yaml_notes_dissolve(&b->notes, note);
            return merge(b, frame, node);
        }
        set_member(b, frame, frame->key, node, false);
    } else if (frame) {
        json_append(frame->collection, node);
    }
    if (note)
        yaml_notes_bind(&b->notes, note, node);
    return 0;
}

/* Events. */

static struct yaml_note *begin_note(struct builder *b)
{
    struct frame *frame = top(b);
    enum yaml_place where = frame == NULL         ? YAML_PLACE_ROOT
                            : is_mapping(frame) ? YAML_PLACE_MEMBER
                                                : YAML_PLACE_ITEM;
    struct yaml_comment_list head = {NULL, NULL};
    if (where == YAML_PLACE_MEMBER)
        head = frame->key_head;
    return yaml_notes_value(&b->notes, &b->event, where, head);
}

static int take_key_alias(struct builder *b, struct frame *frame)
{
    const struct anchor *anchor;
    if (find_anchor(b, &anchor) || count_steps(b, 2, 1))
        return -1;
    if (json_is(anchor->node, JSON_OBJECT) || json_is(anchor->node, JSON_ARRAY))
        return fail(b, "invalid map key: a mapping or sequence");
    struct yaml_value value = anchor->scalar;
    value.at = b->event.start;
    return yaml_value_key(b->arena, &value, &frame->key, b->status);
}

static bool is_merge_key(const struct yaml_event *event)
{
    return slice_is(event->text, "<<") &&
           (event->implicit || (event->tag && strcmp(event->tag, YAML_TAG_PREFIX "merge") == 0));
}

static int take_key(struct builder *b)
{
    struct frame *frame = top(b);
    const struct yaml_event *event = &b->event;
    frame->key_head = yaml_notes_key(&b->notes, event);
    frame->key_at = event->start;
    frame->has_key = true;
    if (event->step == YAML_STEP_ALIAS)
        return take_key_alias(b, frame);
    frame->merges = is_merge_key(event);
    if (frame->merges)
        return 0;
    struct anchor *anchor = begin_anchor(b);
    struct yaml_value value;
    if (count_steps(b, 1, 0) || yaml_value_resolve(b->arena, event, &value, b->status) ||
        yaml_value_key(b->arena, &value, &frame->key, b->status))
        return -1;
    b->bytes += value.text.size;
    if (anchor == NULL)
        return 0;
    struct json *node;
    if (yaml_value_node(b->arena, &value, &node, b->status))
        return -1;
    end_scalar_anchor(b, anchor, node, value, NODE_BYTES + value.text.size);
    return 0;
}

/* The null of a document without a value: its comments are the document's. */
static bool is_nothing(const struct builder *b)
{
    const struct yaml_event *event = &b->event;
    return b->depth == 0 && event->style == YAML_STYLE_PLAIN && event->text.size == 0 &&
           event->tag == NULL && event->anchor == NULL;
}

static int take_scalar(struct builder *b)
{
    struct frame *frame = top(b);
    if (frame && frame->merges)
        return fail_merge(b);
    struct yaml_note *note = is_nothing(b) ? NULL : begin_note(b);
    struct anchor *anchor = begin_anchor(b);
    struct yaml_value value;
    struct json *node;
    if (count_steps(b, 1, 0) || yaml_value_resolve(b->arena, &b->event, &value, b->status) ||
        yaml_value_node(b->arena, &value, &node, b->status))
        return -1;
    size_t bytes = NODE_BYTES + value.text.size;
    b->bytes += bytes;
    if (anchor)
        end_scalar_anchor(b, anchor, node, value, bytes);
    return place(b, node, note, 0);
}

static int take_alias(struct builder *b)
{
    struct yaml_note *note = begin_note(b);
    struct json *node = NULL;
    size_t height = 0;
    if (copy_alias(b, &node, &height))
        return -1;
    return place(b, node, note, height);
}

static int begin_collection(struct builder *b)
{
    if (b->depth == b->depth_max)
        return yaml_fail(b->status, b->event.start, "exceeded max depth of %zu", b->depth_max);
    if (count_steps(b, 1, 0))
        return -1;
    struct yaml_note *note = begin_note(b);
    struct anchor *anchor = begin_anchor(b);
    if (b->depth == b->capacity) {
        b->capacity = b->capacity ? b->capacity * 2 : 16;
        b->frames = mem_resize(b->frames, b->capacity * sizeof(*b->frames));
    }
    bool mapping = b->event.step == YAML_STEP_MAPPING_START;
    struct frame *frame = &b->frames[b->depth++];
    *frame = (struct frame){
        .collection = mapping ? json_new_object(b->arena) : json_new_array(b->arena),
        .start = {.step = b->event.step,
                  .style = b->event.style,
                  .start = b->event.start,
                  .end = b->event.end},
        .anchor = anchor,
        .note = note,
        .steps = b->steps - 1,
        .bytes = b->bytes,
    };
    b->bytes += NODE_BYTES;
    return 0;
}

/* A block sequence may stand at the column of its key; libyaml then gives its
 * start the width of the first "-". */
static bool is_indentless(const struct builder *b, const struct frame *frame)
{
    const struct frame *parent = b->depth > 0 ? &b->frames[b->depth - 1] : NULL;
    return frame->start.step == YAML_STEP_SEQUENCE_START && is_mapping(parent) &&
           parent->start.end.column + 1 == frame->start.end.column &&
           yaml_position_before(frame->start.start, frame->start.end);
}

static int end_collection(struct builder *b)
{
    struct frame frame = b->frames[--b->depth];
    yaml_notes_end(&b->notes, frame.note, &frame.start, &b->event, is_indentless(b, &frame));
    if (frame.anchor)
        *frame.anchor = (struct anchor){
            .name = frame.anchor->name,
            .node = frame.collection,
            .steps = b->steps - frame.steps,
            .bytes = b->bytes - frame.bytes,
            .height = frame.height,
        };
    struct json *value = frame.collection;
    if (b->depth > 0 && top(b)->merges && b->anchors.count > 0) {
        /* Merging takes a value apart, and an anchor may name it or a part of it. */
        if (count_alias_bytes(b, b->bytes - frame.bytes))
            return -1;
        value = json_copy(b->arena, value);
    }
    return place(b, value, frame.note, frame.height);
}

static int take_event(struct builder *b)
{
    const struct frame *frame = top(b);
    bool key_is_due = is_mapping(frame) && !frame->has_key;
    switch (b->event.step) {
    case YAML_STEP_SCALAR: return key_is_due ? take_key(b) : take_scalar(b);
    case YAML_STEP_ALIAS: return key_is_due ? take_key(b) : take_alias(b);
    case YAML_STEP_MAPPING_START:
    case YAML_STEP_SEQUENCE_START:
        if (key_is_due)
            return fail(b, "invalid map key: a mapping or sequence");
        return begin_collection(b);
    default: return end_collection(b);
    }
}

static int next_event(struct builder *b)
{
    return yaml_events_next(b->events, &b->event, b->status);
}

static int read_document(struct builder *b)
{
    while (b->event.step != YAML_STEP_DOCUMENT_END)
        if (take_event(b) || next_event(b))
            return -1;
    return 0;
}

/* Whether something follows the document is only looked at: if it is bad, no
 * client would know. True when nothing does. */
static bool is_last(struct builder *b)
{
    if (b->event.step == YAML_STEP_STREAM_END)
        return true;
    struct status ignored;
    status_init(&ignored);
    bool last = yaml_events_next(b->events, &b->event, &ignored) == 0 &&
                b->event.step == YAML_STEP_STREAM_END;
    status_release(&ignored);
    if (!last)
        b->document->ignored_at = b->event.start;
    return last;
}

static int read_text(struct builder *b)
{
    if (next_event(b))
        return -1;
    if (b->event.step == YAML_STEP_DOCUMENT_START) {
        /* The document itself is a step of go-yaml's. */
        if (count_steps(b, 1, 0) || next_event(b) || read_document(b))
            return -1;
    }
    if (b->document->root == NULL)
        b->document->root = json_new_null(b->arena);
    struct yaml_position end = b->event.start;
    if (is_last(b))
        end.line = UINT32_MAX;
    b->document->foot = yaml_notes_foot(&b->notes, end);
    return 0;
}

int yaml_read_document(struct arena *arena, struct slice text, uint32_t line,
                       const struct yaml_options *options, struct yaml_document *document,
                       struct status *status)
{
    static const struct yaml_options defaults = {0};
    options = options ? options : &defaults;
    size_t size_max = options->size_max ? options->size_max : YAML_SIZE_MAX;
    *document = (struct yaml_document){.at = {line, 1}};
    if (text.size > size_max)
        return status_fail(status, STATUS_REQUEST_ENTITY_TOO_LARGE,
                           "yaml: document at line %u is larger than %zu bytes", line, size_max);
    struct builder b = {
        .arena = arena,
        .depth_max = options->depth_max ? options->depth_max : YAML_DEPTH_MAX,
        .document = document,
        .last_duplicate = &document->duplicates,
        .events = yaml_events_create(text, line),
        .status = status,
    };
    map_init_borrowing(&b.anchors);
    int failed = options->notes ? yaml_notes_init(&b.notes, arena, text, line, status) : 0;
    document->notes = b.notes.map;
    failed = failed ? failed : read_text(&b);
    if (failed)
        document->at = b.event.start;
    map_release(&b.anchors);
    yaml_events_destroy(b.events);
    mem_free(b.frames);
    return failed;
}

int yaml_parse(struct arena *arena, struct slice text, const struct yaml_options *options,
               struct yaml_document *document, struct status *status)
{
    return yaml_read_document(arena, text, 1, options, document, status);
}

const struct yaml_note *yaml_note_of(const struct yaml_document *document, const struct json *node)
{
    if (document->notes == NULL)
        return NULL;
    return map_get(document->notes, (struct slice){(const char *)&node, sizeof(node)});
}
