/* Giving each comment a place.
 *
 * A comment on a line of its own belongs to the entry below it, or, when no
 * entry of that collection follows, to the collection's tail. A comment behind
 * something belongs to that: to the value on its left, to the bracket, or to the
 * value that "key:" or "-" on its left introduces. No comment is lost: what finds
 * no better place waits for the next entry, or for the foot. */
#include "core/yaml_notes.h"

/* Lists. */

static void list_add(struct yaml_comment_list *list, struct yaml_comment *comment)
{
    comment->next = NULL;
    if (list->last)
        list->last->next = comment;
    else
        list->first = comment;
    list->last = comment;
}

static struct yaml_comment *list_pop(struct yaml_comment_list *list)
{
    struct yaml_comment *comment = list->first;
    list->first = comment->next;
    if (list->first == NULL)
        list->last = NULL;
    return comment;
}

static struct yaml_comment_list list_take(struct yaml_comment_list *list)
{
    struct yaml_comment_list taken = *list;
    *list = (struct yaml_comment_list){NULL, NULL};
    return taken;
}

/* Appends all of more, which is empty then. */
static void list_join(struct yaml_comment_list *list, struct yaml_comment_list *more)
{
    if (list->last)
        list->last->next = more->first;
    else
        list->first = more->first;
    if (more->last)
        list->last = more->last;
    *more = (struct yaml_comment_list){NULL, NULL};
}

static const struct yaml_found_comment *found_of(const struct yaml_comment *comment)
{
    return CONTAINER_OF(comment, const struct yaml_found_comment, comment);
}

/* The life of all notes. */

static void release_map(void *map)
{
    map_release(map);
}

int yaml_notes_init(struct yaml_notes *notes, struct arena *arena, struct slice text, uint32_t line,
                    struct status *status)
{
    notes->wanted = true;
    notes->arena = arena;
    notes->map = ARENA_NEW(arena, struct map);
    map_init_borrowing(notes->map);
    arena_own(arena, notes->map, release_map);
    return yaml_find_comments(arena, text, line, &notes->found, status);
}

void yaml_notes_bind(struct yaml_notes *notes, struct yaml_note *note, const struct json *node)
{
    note->node = node;
    struct slice key = {(const char *)&note->node, sizeof(note->node)};
    (void)map_set(notes->map, key, note);
}

/* Sorting comments. */

/* A value has one comment behind it; an earlier one moves above. */
static void set_line(struct yaml_note *note, struct yaml_comment *comment)
{
    if (note->line)
        list_add(&note->head, note->line);
    note->line = comment;
}

static void sort_comment(struct yaml_notes *notes, struct yaml_found_comment *found)
{
    struct yaml_comment *comment = &found->comment;
    bool behind_last = notes->last && !yaml_position_before(notes->last_end, found->token_end);
    if (found->after_comma)
        behind_last = notes->last && notes->last_end.line == comment->at.line;
    if (found->own_line || (found->after_comma && !behind_last))
        list_add(&notes->head, comment);
    else if (found->after_opening && notes->opened)
        list_add(&notes->opened->open, comment);
    else if (behind_last)
        set_line(notes->last, comment);
    else
        list_add(&notes->open, comment);
}

static bool has_next(const struct yaml_notes *notes, struct yaml_position until)
{
    return notes->next < notes->found.count &&
           yaml_position_before(notes->found.all[notes->next].comment.at, until);
}

/* Sorts all comments before a position. */
static void sort_until(struct yaml_notes *notes, struct yaml_position until)
{
    while (has_next(notes, until))
        sort_comment(notes, &notes->found.all[notes->next++]);
}

/* Events. */

struct yaml_comment_list yaml_notes_key(struct yaml_notes *notes, const struct yaml_event *event)
{
    if (!notes->wanted)
        return (struct yaml_comment_list){NULL, NULL};
    sort_until(notes, event->end);
    struct yaml_comment_list head = list_take(&notes->head);
    list_join(&head, &notes->open);
    return head;
}

static bool is_collection(const struct yaml_event *event)
{
    return event->step == YAML_STEP_MAPPING_START || event->step == YAML_STEP_SEQUENCE_START;
}

/* Gives a new item of a block sequence the comments above its "-"; those below
 * it are for what the item holds. */
static void take_item_head(struct yaml_notes *notes, struct yaml_note *note)
{
    struct yaml_comment_list all = list_take(&notes->head);
    while (all.first) {
        struct yaml_comment *comment = list_pop(&all);
        list_add(found_of(comment)->before_entry ? &note->head : &notes->head, comment);
    }
}

static void begin_collection(struct yaml_notes *notes, struct yaml_note *note,
                             const struct yaml_event *event)
{
    if (event->style == YAML_STYLE_BLOCK)
        sort_until(notes, event->end); /* Between an anchor and the first entry. */
    else
        notes->opened = note;
    list_join(&note->open, &notes->open);
}

static void take_scalar(struct yaml_notes *notes, struct yaml_note *note,
                        const struct yaml_event *event)
{
    notes->last = note;
    notes->last_end = event->end;
    while (notes->open.first)
        set_line(note, list_pop(&notes->open));
    while (has_next(notes, event->end)) /* In its header, or behind its tag. */
        set_line(note, &notes->found.all[notes->next++].comment);
}

struct yaml_note *yaml_notes_value(struct yaml_notes *notes, const struct yaml_event *event,
                                   enum yaml_place place, struct yaml_comment_list head)
{
    if (!notes->wanted)
        return NULL;
    struct yaml_note *note = ARENA_NEW(notes->arena, struct yaml_note);
    note->at = event->start;
    note->head = head;
    sort_until(notes, event->start);
    bool block = is_collection(event) && event->style == YAML_STYLE_BLOCK;
    if (place == YAML_PLACE_ROOT) /* Behind "---". */
        list_join(&notes->head, &notes->open);
    if (place == YAML_PLACE_ITEM && block)
        take_item_head(notes, note);
    else if (place == YAML_PLACE_ROOT || !block)
        list_join(&note->head, &notes->head);
    if (is_collection(event))
        begin_collection(notes, note, event);
    else
        take_scalar(notes, note, event);
    return note;
}

/* Takes comments as long as they stand no further left than column. */
static void take_block_tail(struct yaml_notes *notes, struct yaml_note *note, uint32_t column)
{
    while (notes->head.first && notes->head.first->at.column >= column)
        list_add(&note->tail, list_pop(&notes->head));
}

void yaml_notes_end(struct yaml_notes *notes, struct yaml_note *note,
                    const struct yaml_event *start, const struct yaml_event *event, bool indentless)
{
    if (!notes->wanted)
        return;
    sort_until(notes, event->start);
    if (start->style == YAML_STYLE_FLOW) {
        list_join(&note->tail, &notes->head);
        list_join(&note->tail, &notes->open);
        notes->last = note;
        notes->last_end = event->end;
    } else if (!indentless) {
        take_block_tail(notes, note, start->end.column); /* An anchor may stand before it. */
    }
}

struct yaml_comment_list yaml_notes_foot(struct yaml_notes *notes, struct yaml_position end)
{
    if (!notes->wanted)
        return (struct yaml_comment_list){NULL, NULL};
    sort_until(notes, end);
    struct yaml_comment_list foot = list_take(&notes->head);
    list_join(&foot, &notes->open);
    return foot;
}

void yaml_notes_dissolve(struct yaml_notes *notes, struct yaml_note *note)
{
    if (!notes->wanted)
        return;
    list_join(&notes->head, &note->head);
    list_join(&notes->head, &note->open);
    if (note->line)
        list_add(&notes->head, note->line);
    list_join(&notes->head, &note->tail);
    note->line = NULL;
    if (notes->last == note)
        notes->last = NULL;
}
